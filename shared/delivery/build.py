"""Build one delivery beside the former one: run what changed, carry over the rest, seal it."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from shared.delivery import pages
from shared.delivery.disk import notebook_fault
from shared.delivery.environment import kernel_environment, require_kernel
from shared.delivery.execute import Execution, Job, Watch, execute
from shared.delivery.pages import Record
from shared.delivery.plan import Former, Step
from shared.delivery.processes import memory_bytes
from shared.delivery.progress import Progress
from shared.delivery.request import Request
from shared.delivery.settings import changed_values

REJECTS = "rejects"
OUT_OF_DATE = "Its data, settings or code have changed since."


@dataclass(frozen=True)
class Recipe:
    """All that goes into one client's delivery.

    Attributes
    ----------
    config : ClientConfig
        The client's settings, with the engine that this run uses.
    snapshot : Path
        The checked tables that every notebook of the run reads.
    intake : Intake
        What the snapshot counted.
    steps : tuple of Step
        What to do with each report.
    values : dict of str to dict
        All parameters of each built report.
    before : Former or None
        The latest delivery of an earlier date, which headlines are compared with.
    """

    request: Request
    config: Any
    snapshot: Path
    intake: Any
    steps: tuple[Step, ...]
    values: Mapping[str, Mapping[str, object]]
    before: Former | None = None

    @property
    def slug(self) -> str:
        """Give the client's folder name."""
        return str(self.config.slug)

    @property
    def name(self) -> str:
        """Name the client, and the slice where this is one."""
        part = self.intake.slice
        return f"{self.slug}, {part}" if part else self.slug

    @property
    def client_folder(self) -> Path:
        """Give the folder of the client's deliveries."""
        return self.request.outputs / self.config.home

    @property
    def date(self) -> str:
        """Give the date that the delivery is named after."""
        return str(self.intake.snapshot_date)


@dataclass(frozen=True)
class Built:
    """A delivery that is whole but for its manifest."""

    folder: Path
    records: dict[str, Record]
    executions: dict[str, Execution]


def build(recipe: Recipe, staging: Path, *, progress: Progress) -> Built:
    """Fill a staging folder with everything that the client receives, except the manifest.

    Raises
    ------
    EnvironmentFault
        If the kernel is missing or the disk is full: nothing is delivered then.
    """
    from shared.loading.client import open_client

    folder, work = staging / "delivery", staging / "work"
    folder.mkdir()
    jobs = {step.report.name: _job(step, recipe, work) for step in recipe.steps}
    executions = _execute(recipe, jobs, work, progress.event)
    records = {
        step.report.name: _record(step, recipe, folder, jobs, executions) for step in recipe.steps
    }
    client = open_client(recipe.config, recipe.snapshot)
    _copy_rejects(recipe, folder / REJECTS)
    progress.step("writing the pages and checking their numbers")
    _render(recipe, records, folder, client)
    progress.step("writing the index and the workbook")
    _write_index(recipe, records, folder, client)
    if recipe.request.pdf:
        progress.step("printing the pages")
        _print(folder)
    for name, record in records.items():
        record["files"] = pages.files_of(name, folder)
    return Built(folder, records, executions)


def _job(step: Step, recipe: Recipe, work: Path) -> Job:
    report, values = step.report, recipe.values.get(step.report.name, {})
    source = report.path or Path()
    changed = changed_values(report, values) if report.path else {}
    return Job(report.name, source, report.kernel, changed, work / report.name)


def _execute(
    recipe: Recipe, jobs: Mapping[str, Job], work: Path, watch: Watch
) -> dict[str, Execution]:
    request = recipe.request
    wanted = [jobs[step.report.name] for step in recipe.steps if step.action == "run"]
    # Before the first one starts: a missing kernel is a fault of the machine, not of a report.
    for kernel in {job.kernel for job in wanted}:
        require_kernel(kernel)
    executions = execute(
        wanted,
        limits=replace(
            request.limits, memory_bytes=min(request.limits.memory_bytes, memory_bytes())
        ),
        workers=request.jobs,
        environment=kernel_environment(
            data=request.data,
            outputs=request.outputs,
            snapshot=recipe.snapshot,
            work=work,
            engine=recipe.config.engine,
            earlier=recipe.before.folder if recipe.before else None,
        ),
        watch=watch,
    )
    # A full disk may have cut any file short, also one of a report that seems done.
    for name, execution in executions.items():
        if execution.disk_fault:
            raise notebook_fault(name, execution.disk_fault)
    return executions


def _record(
    step: Step,
    recipe: Recipe,
    folder: Path,
    jobs: Mapping[str, Job],
    executions: Mapping[str, Execution],
) -> Record:
    name = step.report.name
    if step.action == "run":
        return _run_record(step, recipe, folder, jobs[name], executions[name])
    if step.action in ("current", "keep"):
        assert step.former is not None
        record = pages.carry_over(name, step.former, folder)
        stale = step.action == "keep"
        return record | ({"status": "kept", "stale": OUT_OF_DATE} if stale else {})
    return {"status": step.action, "reason": _why_not(step)}


def _run_record(step: Step, recipe: Recipe, folder: Path, job: Job, execution: Execution) -> Record:
    record: Record = {"status": "failed", "reason": execution.reason, "detail": execution.detail}
    if execution.status == "done":
        record = pages.take_finished(job, folder)
    elif execution.status == "unsupported":
        record = pages.write_unsupported(job, execution, folder)
    if record["status"] == "failed":
        kept = pages.keep_failed_copy(job, recipe.client_folder)
        return _failed(step, folder, record, str(kept or ""))
    # A copy of an earlier failure would be taken for one of this run.
    pages.drop_failed_copy(job, recipe.client_folder)
    made_from = {
        "fingerprint": step.fingerprint,
        "as_of": recipe.date,
        "parameters": dict(recipe.values[step.report.name]),
    }
    warnings = [*execution.warnings, *record.get("warnings", [])]
    return record | made_from | {"warnings": warnings}


def _failed(step: Step, folder: Path, record: Record, copy: str) -> Record:
    """Put the former page of the same date in a failed report's place, and mark it."""
    failed = {"failed": True, "detail": record["detail"], "copy": copy}
    if step.former is None:
        return {**record, **failed}
    former = pages.carry_over(step.report.name, step.former, folder)
    stale = f"The latest run failed: {record['reason']}."
    return {**former, **failed, "status": "kept", "stale": stale}


def _why_not(step: Step) -> str:
    if step.action != "missing_data":
        return ""
    return f"needs {step.missing}"


def _copy_rejects(recipe: Recipe, into: Path) -> None:
    """Hand over the rows that were set aside, with their line numbers, of each table with any."""
    for name, table in recipe.intake.tables.items():
        if table.set_aside:
            into.mkdir(exist_ok=True)
            shutil.copyfile(recipe.snapshot / REJECTS / f"{name}.csv", into / f"{name}.csv")


def _render(recipe: Recipe, records: dict[str, Record], folder: Path, client: Any) -> None:
    """Render until every page that stands is whole; each one withdrawn changes the links."""
    while True:
        faults = pages.render_pages(
            recipe.steps, records, folder, client, code=recipe.request.show_code
        )
        # A page that is withdrawn leaves links to it on the others: render them all again.
        if not faults:
            return
        for name, found in faults.items():
            pages.withdraw(name, folder)
            records[name] = {
                "status": "failed",
                "failed": True,
                "reason": "a part of its page was lost",
                "detail": "; ".join(found),
            }


def _write_index(
    recipe: Recipe,
    records: Mapping[str, Record],
    folder: Path,
    client: Any,
) -> None:
    from shared.delivery.audiences import write_audiences
    from shared.delivery.endings import report_results
    from shared.delivery.index import render_index
    from shared.delivery.missing_sources import missing_sources
    from shared.delivery.since_last import since_last
    from shared.delivery.slice_index import delivered_slices, whole_of
    from shared.delivery.workbook import write_workbook

    sheets = {step.report.name: step.report.workbook for step in recipe.steps}
    has_tables = any(folder.glob("tables/*/*"))
    workbook = write_workbook(folder, recipe.slug, sheets).name if has_tables else None
    audiences = len(write_audiences(folder))
    columns = {name: table.columns for name, table in client.tables.items()}
    told = report_results(recipe.steps, records, folder, supplied=recipe.intake.tables)
    since = since_last(recipe.before, told, folder)
    slices = delivered_slices(recipe.config, recipe.client_folder, date=recipe.date)
    render_index(
        client,
        told,
        folder,
        missing=missing_sources(recipe.steps, columns, folder),
        workbook=workbook,
        since=since,
        audiences=audiences,
        slices=slices,
        whole=whole_of(recipe.config, date=recipe.date),
    )


def _print(folder: Path) -> None:
    from shared.delivery.pdf import find_browser, print_page

    browser = find_browser()
    for page in sorted(folder.glob("*.html")):
        print_page(browser, page)
