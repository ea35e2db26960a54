"""Is it whole? A page against its notebook, a delivery against its manifest."""

import json
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from shared.delivery.manifest import NAME, delivered_files, read_manifest, sha256_of

MARK = "report"  # the key of an output's metadata that lets it onto the page
VERDICTS = ("can be relied on", "read with care", "not supported by this data")


def marked_outputs(notebook: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the outputs of a notebook that belong on its page."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if MARK in output.get("metadata", {}):
                yield output


def page_faults(notebook: dict[str, Any], page: str, findings: dict[str, Any]) -> list[str]:
    """Compare what a notebook put out, what it said it put out, and what its page shows.

    Lost output is found both ways: an element that `findings.json` names and the notebook lacks
    was lost on its way from the kernel, one that the page lacks was dropped by the template.
    """
    made = Counter(output["metadata"][MARK]["id"] for output in marked_outputs(notebook))
    shown = _Ids(page).found
    said = {e["id"] for part in ("findings", "actions", "said") for e in findings.get(part, [])}
    faults = []
    for what, missing in (
        ("lost before the page", said - set(made)),
        ("not on the page", set((made - shown).elements())),
        ("on the page but not in the notebook", set((shown - made).elements())),
    ):
        if missing:
            faults.append(f"{len(missing)} {what}: {', '.join(sorted(missing)[:5])}")
    if not made:
        faults.append("no output at all")
    if "<script" in page.lower():
        faults.append("a script on the page")
    return faults


def findings_of(path: Path) -> dict[str, Any] | None:
    """Read a report's findings; None unless they are whole: strict JSON with a known verdict."""

    def no_number(name: str) -> float:
        """Refuse NaN and Infinity, which JSON does not know."""
        raise ValueError(name)

    try:
        findings = json.loads(path.read_text(encoding="utf-8"), parse_constant=no_number)
    except (OSError, ValueError):
        return None
    whole = isinstance(findings, dict) and findings.get("verdict") in VERDICTS
    return findings if whole and isinstance(findings.get("metrics"), dict) else None


def delivery_faults(folder: Path) -> list[str]:
    """Compare a delivered folder with its manifest; an empty list if nothing was touched."""
    if not (folder / NAME).is_file():
        return [f"{NAME}  missing: the delivery is incomplete"]
    manifest = read_manifest(folder)
    if manifest is None:
        return [f"{NAME}  was changed after the delivery"]
    files = delivered_files(folder)
    faults = []
    for name, sha256 in manifest["outputs"].items():
        if name not in files:
            faults.append(f"{name}  missing: the delivery is incomplete")
        elif sha256_of(files[name]) != sha256:
            faults.append(f"{name}  was changed after the delivery")
    faults += [
        f"{name}  is not part of the delivery" for name in files.keys() - manifest["outputs"]
    ]
    return sorted(faults)


class _Ids(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: Counter[str] = Counter()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """Count the ids of outputs."""
        for name, value in attrs:
            if name == "data-output" and value:
                self.found[value] += 1
