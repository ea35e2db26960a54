"""What a report leaves behind for others to read: findings.json and the full tables."""

import datetime as dt
import json
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from shared.analysis.intervals import Estimate
from shared.plots.locales import is_blank
from shared.report.elements import Element
from shared.report.mistakes import ReportMistake
from shared.report.sentences import Sentence
from shared.report.tables import write_csv

ROOT = Path(__file__).resolve().parents[2]
STAGED = "CRM_REPORT_DIR"  # in the environment of a delivery: where its notebooks export to
MOST_FINDINGS = 5
MOST_ACTIONS = 5


def check_story(elements: list[Element]) -> None:
    """Refuse a page without one verdict, with no or too many findings, or too many actions.

    Raises
    ------
    ValueError
        Naming the first of these that is wrong.
    """
    counted = {kind: sum(e.kind == kind for e in elements) for kind in _LIMITS}
    for kind, (fewest, most) in _LIMITS.items():
        if not fewest <= counted[kind] <= most:
            raise ReportMistake(
                f"a page has {fewest} to {most} elements of kind {kind}, this one {counted[kind]}"
            )


def check_links(linked: Iterable[str], tables: Iterable[str], *, stem: str) -> None:
    """Refuse a page that links to a table which is not exported."""
    promised = set(linked) - {table_address(stem, name) for name in tables}
    if promised:
        raise ReportMistake(f"the page links to {', '.join(sorted(promised))}: export it")


_LIMITS = {"verdict": (1, 1), "finding": (1, MOST_FINDINGS), "action": (0, MOST_ACTIONS)}


def findings_record(
    report: str,
    elements: list[Element],
    *,
    metrics: Mapping[str, float | Estimate],
    parameters: Mapping[str, object],
    tables: list[str],
) -> dict[str, Any]:
    """Gather everything a page says, as plain values.

    `said` holds every computed sentence of the page beside the findings, so that each number a
    reader meets can be looked up.
    """
    verdict = next(element for element in elements if element.kind == "verdict")
    return {
        "report": report,
        "verdict": verdict.facts["level"],
        "why": " ".join(verdict.said),
        "findings": [_finding(e) for e in elements if e.kind == "finding"],
        "actions": [_action(e) for e in elements if e.kind == "action"],
        "metrics": {name: plain_value(_point(value)) for name, value in metrics.items()},
        "parameters": {name: plain_value(value) for name, value in parameters.items()},
        "tables": tables,
        "said": [
            {"id": element.id, "kind": element.kind, **_said(sentence)}
            for element in elements
            for sentence in element.said
            if element.kind not in ("finding", "action")
        ],
    }


def write_findings(record: Mapping[str, Any], path: Path) -> None:
    """Write the record in one step, so that a reader finds all of it or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(record, ensure_ascii=False, indent=2, allow_nan=False)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(text + "\n", encoding="utf-8", newline="\n")
    unfinished.replace(path)


def write_tables(tables: Mapping[str, pd.DataFrame], folder: Path, *, stem: str) -> list[str]:
    """Write each table as CSV; give the addresses that a page links to."""
    names = [table_address(stem, name) for name in tables]
    for address, frame in zip(names, tables.values(), strict=True):
        write_csv(frame, folder / address)
    return names


def table_address(stem: str, name: str) -> str:
    """Where the page finds a table, relative to itself."""
    return f"tables/{stem}/{name.removesuffix('.csv')}.csv"


def export_folder(slug: str) -> Path:
    """Where a report exports to: the delivery's staging folder, or the consultant's drafts."""
    staged = os.environ.get(STAGED)
    if staged:
        return Path(staged)
    return Path(os.environ.get("CRM_OUTPUTS") or ROOT / "outputs") / slug / "drafts"


def plain_value(value: object) -> Any:
    """Turn a value into what JSON holds; what is not known becomes null."""
    if isinstance(value, Estimate):
        return {name: plain_value(part) for name, part in vars(value).items()}
    if is_blank(value):
        return None
    if isinstance(value, np.generic):
        return plain_value(value.item())
    if isinstance(value, bool | int | float):
        return value if not isinstance(value, float) or math.isfinite(value) else None
    if isinstance(value, list | tuple):
        return [plain_value(part) for part in value]
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _point(value: object) -> object:
    return value.value if isinstance(value, Estimate) else value


def _said(sentence: Sentence) -> dict[str, Any]:
    values = {name: plain_value(value) for name, value in sentence.values.items()}
    return {"sentence": str(sentence), "values": values}


def _finding(element: Element) -> dict[str, Any]:
    sentence = element.said[0]
    estimate = sentence.estimate
    bounds = {name: plain_value(getattr(estimate, name)) for name in ("n", "low", "high")}
    n_of = estimate.of if estimate else ""
    return {"id": element.id, **_said(sentence), **bounds, "n_of": n_of}


def _action(element: Element) -> dict[str, Any]:
    facts = {name: plain_value(_point(value)) for name, value in element.facts.items()}
    return {"id": element.id, **_said(element.said[0]), **facts}
