"""What a run does with each report: execute it, carry it over, or say why it is not there."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from shared.delivery.catalogue import Notebook, missing_tables
from shared.delivery.deliver import deliveries
from shared.delivery.manifest import delivered_files, read_manifest, sha256_of

Action = Literal["run", "current", "keep", "missing_data", "not_asked", "not_built"]
PAGES = ("delivered", "unsupported", "kept")  # what a record can be carried over from


@dataclass(frozen=True)
class Former:
    """An earlier delivery whose manifest is whole, and what can be taken from it.

    Attributes
    ----------
    records : dict of str to dict
        By report: how it ended, its fingerprint and its own date; only those whose files are
        untouched.
    """

    folder: Path
    manifest: dict[str, Any]
    records: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Step:
    """One report of a run.

    Attributes
    ----------
    action : str
        "run"; "current": carried over unchanged; "keep": carried over although its data, settings
        or code changed since; or why there is no page.
    missing : str
        The tables that were not supplied.
    former : Former or None
        The delivery that its page can be carried over from.
    """

    report: Notebook
    action: Action
    fingerprint: str = ""
    missing: str = ""
    former: Former | None = None


def former_delivery(folder: Path) -> Former | None:
    """Read a delivered folder; None if it is not there, incomplete or its manifest was edited."""
    manifest = read_manifest(folder)
    if manifest is None:
        return None
    files = delivered_files(folder)
    touched = {
        name
        for name, sha256 in manifest["outputs"].items()
        if name not in files or sha256_of(files[name]) != sha256
    }
    records = {
        name: record
        for name, record in manifest["reports"].items()
        if record["status"] in PAGES and not touched & set(record["files"])
    }
    return Former(folder, {**manifest, "touched": sorted(touched)}, records)


def former_deliveries(client_folder: Path, date: str) -> list[Former]:
    """Read the delivery of the same date, then the latest one before it."""
    earlier = [folder for folder in deliveries(client_folder) if folder.name < date][-1:]
    found = [former_delivery(folder) for folder in (client_folder / date, *earlier)]
    return [former for former in found if former]


def plan(
    reports: Sequence[Notebook],
    *,
    supplied: Collection[str],
    fingerprints: Mapping[str, str],
    only: Collection[str],
    formers: Sequence[Former],
    date: str,
    force: bool,
) -> list[Step]:
    """Decide for every report of the suite, in their order."""
    steps = []
    for report in reports:
        missing = missing_tables(report, supplied)
        print_ = fingerprints.get(report.name, "")
        asked = not only or report.name in only
        former = _former_with(report.name, formers, date, asked)
        action = _action(report, missing, print_, former, asked=asked, force=force and asked)
        steps.append(Step(report, action, print_, missing, former))
    return steps


def _action(
    report: Notebook,
    missing: str,
    fingerprint: str,
    former: Former | None,
    *,
    asked: bool,
    force: bool,
) -> Action:
    if report.path is None:
        return "not_built"
    if missing:
        return "missing_data"
    record = former.records[report.name] if former else None
    if record and record["fingerprint"] == fingerprint and not force:
        return "current"
    if asked:
        return "run"
    return "keep" if record else "not_asked"


def _former_with(name: str, formers: Sequence[Former], date: str, asked: bool) -> Former | None:
    for former in formers:
        # Another date's page stands in only for a report that was not asked for this time: a
        # failed run must not pass off last quarter's page as this quarter's.
        if name in former.records and (former.folder.name == date or not asked):
            return former
    return None
