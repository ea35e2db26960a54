"""Clients in, delivered folders out: each in turn, whatever becomes of the others."""

import time
import traceback
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from shared import __version__
from shared.delivery.build import Built, Recipe, build
from shared.delivery.deliver import put_in_place, recover, staging_folder
from shared.delivery.disk import disk_faults
from shared.delivery.fingerprint import fingerprint, look_of
from shared.delivery.interrupts import raise_if_interrupted
from shared.delivery.lock import client_lock
from shared.delivery.manifest import SEED, write_manifest
from shared.delivery.outcome import ClientOutcome, ReportLine
from shared.delivery.plan import Former, Step, former_deliveries, plan
from shared.delivery.progress import Progress
from shared.delivery.request import Request
from shared.delivery.settings import Settings, client_settings, values_of
from shared.loading.errors import EnvironmentFault, SuiteError

_SHOWN_AS = {"run": "delivered", "current": "delivered", "keep": "kept"}


def run_clients(names: Sequence[str], request: Request, progress: Progress) -> list[ClientOutcome]:
    """Deliver each client; one that is refused or fails does not hold up the next."""
    outcomes = []
    for number, name in enumerate(names, start=1):
        progress.client(name, number, len(names))
        started = time.monotonic()
        try:
            outcome = run_client(name, request, progress)
        except Exception as error:
            raise_if_interrupted()
            if request.debug:
                traceback.print_exc()
            outcome = _refused(name, error)
        finally:
            progress.close()
        # The whole message follows at the end; whoever watches a batch, or stops it, knows now.
        if outcome.error and len(names) > 1:
            progress.note(f"exit {outcome.exit_code}: {outcome.error.split(maxsplit=1)[0]}")
        outcomes.append(replace(outcome, seconds=time.monotonic() - started))
        outcomes += outcome.slices
    return outcomes


def _refused(name: str, error: Exception) -> ClientOutcome:
    if isinstance(error, MemoryError):
        what = "the memory that this run may use is not enough"
        error = EnvironmentFault("E-ENVI-02", name, what, fix="use a larger machine, or --jobs 1")
    if not isinstance(error, SuiteError):
        # Its text may quote the client's data, so only the kind is told.
        what = f"an error of the suite itself, {type(error).__name__}"
        error = SuiteError("E-RUN-01", name, what, fix="run again with --debug to see where")
    return ClientOutcome(name, error.exit_code, error=str(error))


def run_client(name: str, request: Request, progress: Progress) -> ClientOutcome:
    """Deliver one client.

    Raises
    ------
    SuiteError
        If nothing can be delivered: configuration, data or environment; the former delivery is
        as it was.
    """
    from shared.loading.config import load_config

    config = load_config(request.data / name)
    if request.engine:
        config = replace(config, engine=request.engine)
    settings = client_settings(config, request.reports)
    slices = _deliver_slices(config, request, settings, progress)
    return replace(_deliver(config, request, settings, progress), slices=slices)


def _deliver_slices(
    config: Any, request: Request, settings: Settings, progress: Progress
) -> tuple[ClientOutcome, ...]:
    """Deliver each slice before the whole, whose index leads to them; one that fails stops none."""
    if not config.slices:
        return ()
    from shared.loading.client import prepare_snapshot
    from shared.loading.counts import read_intake
    from shared.loading.slices import sliced, slices_of

    day = read_intake(prepare_snapshot(config, request.outputs)).snapshot_date
    outcomes = []
    for part in slices_of(config):
        progress.note(f"slice {part.label}")
        try:
            own = sliced(config, part, snapshot_date=day)
            outcomes.append(_deliver(own, request, settings, progress))
        except Exception as error:
            raise_if_interrupted()
            outcomes.append(_refused(f"{config.slug}, {part.label}", error))
    return tuple(outcomes)


def _deliver(
    config: Any, request: Request, settings: Settings, progress: Progress
) -> ClientOutcome:
    folder = request.outputs / config.home
    with disk_faults(folder), client_lock(folder):
        recover(folder)
        recipe = recipe_for(config, request, settings)
        progress.note(_came_in(recipe))
        # The index too is the same then, so that a rerun leaves every byte and time as it was.
        former = _unchanged(recipe)
        if former:
            progress.note("nothing has changed since it was delivered")
            return _nothing_to_do(recipe, former)
        with staging_folder(folder) as staging:
            started = datetime.now(UTC)
            clock = time.monotonic()
            built = build(recipe, staging, progress=progress)
            stamp = {
                "started": started.isoformat(timespec="seconds"),
                "seconds": round(time.monotonic() - clock, 3),
                "jobs": request.jobs,
                "reports": {n: round(e.seconds, 3) for n, e in built.executions.items()},
            }
            write_manifest(_facts(recipe, built) | {"run": stamp}, built.folder)
            put_in_place(built.folder, folder / recipe.date)
        return _outcome(recipe, built)


def recipe_for(config: Any, request: Request, settings: dict[str, dict[str, object]]) -> Recipe:
    """Take the client's data in and decide what to do with each report."""
    from shared.loading.client import prepare_snapshot
    from shared.loading.counts import read_intake

    snapshot = prepare_snapshot(config, request.outputs)
    intake = read_intake(snapshot)
    built = [report for report in request.reports if report.path]
    values = {r.name: values_of(r, config.slug, settings, request.settings) for r in built}
    date = str(intake.snapshot_date)
    formers = former_deliveries(request.outputs / config.home, date)
    before = next((former for former in formers if former.folder.name < date), None)
    print_of = partial(
        fingerprint,
        snapshot=intake.key,
        look=look_of(config, config.engine),
        versions=request.versions,
        before=before.folder if before else None,
    )
    prints = {r.name: print_of(r, values[r.name]) for r in built}
    steps = plan(
        request.reports,
        supplied=intake.tables,
        fingerprints=prints,
        only=request.only,
        formers=formers,
        date=date,
        force=request.force,
    )
    return Recipe(request, config, snapshot, intake, tuple(steps), values, before)


def _came_in(recipe: Recipe) -> str:
    tables = recipe.intake.tables.values()
    counts = [f"{t.table} {t.rows_used:,} of {t.rows_in:,}" for t in tables]
    return f"data as of {recipe.date}, rows used: {', '.join(counts)}"


def _facts(recipe: Recipe, built: Built) -> dict[str, Any]:
    intake = asdict(recipe.intake)
    tables = {name: _plain(table) for name, table in intake["tables"].items()}
    return {
        "suite": __version__,
        "client": recipe.slug,
        **({"slice": recipe.intake.slice} if recipe.intake.slice else {}),
        "snapshot_date": recipe.date,
        "snapshot": recipe.intake.key,
        "engine": recipe.config.engine,
        "seed": SEED,
        "inputs": [
            {"table": name, **file} for name, table in tables.items() for file in table["files"]
        ],
        "intake": tables,
        "missing_tables": list(recipe.intake.missing),
        "parameters": {name: dict(values) for name, values in recipe.values.items()},
        "versions": recipe.request.versions,
        "options": _options(recipe),
        "reports": {n: _without(r, "copy", "traceback") for n, r in built.records.items()},
        "warnings": {n: r["warnings"] for n, r in built.records.items() if r.get("warnings")},
    }


def _unchanged(recipe: Recipe) -> Former | None:
    """Give the standing delivery if this run would only build the very same again."""
    found = former_deliveries(recipe.client_folder, recipe.date)
    former = next((f for f in found if f.folder.name == recipe.date), None)
    if former is None or former.manifest["touched"]:
        return None
    if any(step.action == "run" for step in recipe.steps):
        return None
    would_be = {step.report.name: _SHOWN_AS.get(step.action, step.action) for step in recipe.steps}
    stands = {name: _shown(record) for name, record in former.manifest["reports"].items()}
    same = (
        would_be == stands
        and former.manifest["options"] == _options(recipe)
        and former.manifest["snapshot"] == recipe.intake.key
    )
    return former if same else None


def _shown(record: dict[str, Any]) -> str:
    return "delivered" if record["status"] == "unsupported" else record["status"]


def _options(recipe: Recipe) -> dict[str, Any]:
    request = recipe.request
    options: dict[str, Any] = {"pdf": request.pdf, "show_code": request.show_code}
    wanted = {column: list(values) for column, values in recipe.config.slices.items()}
    return options | ({"slices": wanted} if wanted else {})


def _nothing_to_do(recipe: Recipe, former: Former) -> ClientOutcome:
    lines = []
    for step in recipe.steps:
        record = former.manifest["reports"][step.report.name]
        status = "unchanged" if step.action == "current" else record["status"]
        headline, verdict = _headline(record), _verdict(record)
        lines.append(ReportLine(step.report.name, status, headline=headline, verdict=verdict))
    return ClientOutcome(recipe.name, 0, former.folder, tuple(lines))


def _outcome(recipe: Recipe, built: Built) -> ClientOutcome:
    lines = tuple(_line(step, built) for step in recipe.steps)
    failed = any(record.get("failed") for record in built.records.values())
    folder = recipe.client_folder / recipe.date
    return ClientOutcome(recipe.name, int(failed), folder, lines, executed=len(built.executions))


def _line(step: Step, built: Built) -> ReportLine:
    name = step.report.name
    record, execution = built.records[name], built.executions.get(name)
    status = "unchanged" if step.action == "current" else record["status"]
    return ReportLine(
        name,
        "failed" if record.get("failed") else status,
        seconds=execution.seconds if execution else 0,
        headline=_headline(record),
        detail=record["detail"] if record.get("failed") else "",
        copy=record.get("copy", ""),
        traceback=execution.traceback if execution else "",
        verdict=_verdict(record),
    )


def _headline(record: dict[str, Any]) -> str:
    return record.get("stale") or record.get("reason") or record.get("headline") or ""


def _verdict(record: dict[str, Any]) -> str:
    return "" if record.get("stale") else record.get("verdict") or ""


def _plain(table: dict[str, Any]) -> dict[str, Any]:
    days = {key: str(table[key]) if table[key] else None for key in ("first", "last")}
    return {**table, **days}


def _without(record: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in keys}
