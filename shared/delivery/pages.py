"""From what the notebooks left to the pages of a delivery, none of them less than whole."""

import contextlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from shared.delivery.execute import Execution, Job
from shared.delivery.executed import delivered_copy, read_executed, warnings_of, write_notebook
from shared.delivery.plan import Former, Step
from shared.delivery.reasons import nothing_exported
from shared.delivery.verify import VERDICTS, findings_of, page_faults

INDEX = "index.html"
FAILED = ".failed"
Record = dict[str, Any]
_MADE_NEW = (".html", ".pdf")
_PARTS = ("{name}.html", "findings/{name}.json", "notebooks/{name}.ipynb")


def take_finished(job: Job, built: Path) -> Record:
    """Move what a finished notebook exported into the delivery being built.

    A report counts as finished when its last cell wrote whole findings; the executed notebook
    alone proves nothing.
    """
    findings = findings_of(job.exported / "findings" / f"{job.name}.json")
    if findings is None:
        return nothing_exported()
    notebook = read_executed(job.executed)
    warned = warnings_of(notebook)
    write_notebook(delivered_copy(notebook, warned), built / "notebooks" / f"{job.name}.ipynb")
    _move(job.exported / "findings" / f"{job.name}.json", built)
    if (job.exported / "tables" / job.name).is_dir():
        _move(job.exported / "tables" / job.name, built)
    warnings = [f"{w.kind}: {w.text}" for w in warned]
    return {**_ended_as("delivered"), "warnings": warnings, **_said(findings)}


def write_unsupported(job: Job, execution: Execution, built: Path) -> Record:
    """Write the findings of a report that the data cannot carry: the verdict and why."""
    said = {
        "report": job.name,
        "verdict": VERDICTS[-1],
        "why": execution.reason,
        "needs": execution.needs,
        "findings": [],
        "actions": [],
        "metrics": {},
        "parameters": dict(job.parameters),
        "tables": [],
    }
    path = built / "findings" / f"{job.name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(said, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    reasons = {"reason": execution.reason, "needs": execution.needs}
    return {**_ended_as("unsupported"), **reasons, **_said(said)}


def carry_over(name: str, former: Former, built: Path) -> Record:
    """Copy a report of an earlier delivery: findings, tables and notebook; the page is made new."""
    record = former.records[name]
    for file in record["files"]:
        # A page links to its neighbours, which another run may have added or withdrawn.
        if Path(file).suffix in _MADE_NEW:
            continue
        target = built / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(former.folder / file, target)
    # What went wrong belongs to the run in which it did, not to the page that is carried over.
    own = {key: value for key, value in record.items() if key not in ("failed", "detail")}
    return {**own, "status": record["own_status"], "stale": ""}


def keep_failed_copy(job: Job, client_folder: Path) -> Path | None:
    """Keep the half-run notebook of a failed report for the consultant, outside the delivery."""
    if not job.executed.is_file():
        return None
    kept = client_folder / FAILED / f"{job.name}.ipynb"
    # A help for the consultant: that it cannot be kept must not fail the other reports.
    try:
        kept.parent.mkdir(exist_ok=True)
        shutil.move(job.executed, kept)
    except OSError:
        return None
    return kept


def drop_failed_copy(job: Job, client_folder: Path) -> None:
    """Remove what an earlier failure of a report left."""
    with contextlib.suppress(OSError):
        (client_folder / FAILED / f"{job.name}.ipynb").unlink(missing_ok=True)
        (client_folder / FAILED).rmdir()


def render_pages(
    steps: Sequence[Step], records: Mapping[str, Record], built: Path, client: Any, *, code: bool
) -> dict[str, list[str]]:
    """Render every report that has a page; give the faults of those that are not whole."""
    from shared.report.page import frame_of

    frame = frame_of(client)
    with_page = [step for step in steps if has_page(records[step.report.name])]
    faults = {}
    for place, step in enumerate(with_page):
        record = records[step.report.name]
        # A page of an earlier run keeps its own date and row counts, which its numbers rest on.
        own = record.setdefault("frame", {"as_of": frame.as_of, "footer": list(frame.footer)})
        dated = replace(frame, as_of=own["as_of"], footer=tuple(own["footer"]))
        around = _navigation(with_page, place)
        found = _render(step, record, built, frame=dated, navigation=around, code=code)
        if found:
            faults[step.report.name] = found
    return faults


def withdraw(name: str, built: Path) -> None:
    """Take everything of a report out of the delivery being built."""
    for file in files_of(name, built):
        (built / file).unlink()
    shutil.rmtree(built / "tables" / name, ignore_errors=True)


def files_of(name: str, built: Path) -> list[str]:
    """List the files of one report by their address in the delivery."""
    parts = [*_PARTS, "{name}.pdf", "notebooks/{name}.html"]
    single = [built / part.format(name=name) for part in parts]
    tables = sorted((built / "tables" / name).rglob("*"))
    files = [path for path in [*single, *tables] if path.is_file()]
    return [path.relative_to(built).as_posix() for path in files]


def has_page(record: Record) -> bool:
    """Tell whether a report has a page of its own in this delivery."""
    return record["status"] in ("delivered", "unsupported", "kept")


def _render(
    step: Step, record: Record, built: Path, *, frame: Any, navigation: Any, code: bool
) -> list[str]:
    from shared.report import page

    name = step.report.name
    out = built / f"{name}.html"
    around = {"frame": frame, "navigation": navigation}
    # Never from the half-run notebook: whatever it had shown so far is not to be relied on.
    if record["own_status"] == "unsupported":
        assert step.report.path is not None
        why = {"reason": record["reason"], "needs": record["needs"]}
        shown = page.render_unsupported(step.report.path, out, **why, **around)
        return [] if "verdict" in shown else ["the verdict is not on the page"]
    executed = built / "notebooks" / f"{name}.ipynb"
    title = record["headline"] or step.report.question
    page.render(executed, out, title=title, **around)
    if code:
        shown_code = executed.with_suffix(".html")
        page.render(executed, shown_code, title=title, frame=frame, show_code=True)
    findings = findings_of(built / "findings" / f"{name}.json") or {}
    return page_faults(read_executed(executed), out.read_text(encoding="utf-8"), findings)


def _navigation(steps: Sequence[Step], place: int) -> list[tuple[str, str]]:
    links = [("Index", INDEX)]
    if place > 0:
        before = steps[place - 1].report
        links.insert(0, (f"Previous: {before.question}", f"{before.name}.html"))
    if place + 1 < len(steps):
        after = steps[place + 1].report
        links.append((f"Next: {after.question}", f"{after.name}.html"))
    return links


def _ended_as(status: str) -> Record:
    return {"status": status, "own_status": status, "reason": "", "needs": "", "stale": ""}


def _said(findings: Mapping[str, Any]) -> Record:
    sentences = [finding["sentence"] for finding in findings["findings"]]
    return {"verdict": findings["verdict"], "headline": sentences[0] if sentences else ""}


def _move(path: Path, built: Path) -> None:
    target = built / path.parent.name / path.name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(path, target)
