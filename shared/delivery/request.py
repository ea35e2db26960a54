"""What was asked for: which clients, which reports, and how to run them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shared.delivery.catalogue import ROOT, Notebook
from shared.delivery.execute import Limits
from shared.loading.errors import ConfigError, join_errors
from shared.loading.words_near import near

CLIENT_FILE = "client.yaml"
ENGINES = ("duckdb", "spark")
MOST_LISTED = 5


@dataclass(frozen=True)
class Request:
    """One call of the command line, checked as far as no client is needed.

    Attributes
    ----------
    data, outputs : Path
        Roots of the clients' folders and of their deliveries.
    reports : tuple of Notebook
        All reports of the suite, built or not.
    only : frozenset of str
        Names of the reports to run, such as "04_cohort"; empty for all.
    settings : dict of str to dict
        Values of `--set` by stem; they win over `client.yaml`.
    engine : str
        Wins over the `engine` of `client.yaml`, "" to leave it.
    versions : dict of str to str
        Installed version of every direct dependency.
    """

    data: Path
    outputs: Path
    reports: tuple[Notebook, ...]
    only: frozenset[str] = frozenset()
    settings: dict[str, dict[str, object]] = field(default_factory=dict)
    engine: str = ""
    jobs: int = 1
    limits: Limits = field(default_factory=Limits)
    versions: dict[str, str] = field(default_factory=dict)
    force: bool = False
    show_code: bool = False
    pdf: bool = False
    debug: bool = False


def require_engine(text: str) -> str:
    """Give back the name of an engine, or refuse one that no client could have."""
    if text and text not in ENGINES and not text.startswith("spark://"):
        close = near(text, ENGINES)
        fix = f"did you mean {close}?" if close else f"use {' or '.join(ENGINES)}"
        raise ConfigError("E-USE-09", f"--engine {text}", "is no engine", fix=fix)
    return text


def data_root(given: str | None = None) -> Path:
    """Give the folder of the clients: the option, `CRM_DATA`, or the suite's `data`."""
    return Path(given or os.environ.get("CRM_DATA") or ROOT / "data").absolute()


def outputs_root(given: str | None = None) -> Path:
    """Give the folder of the deliveries: the option, `CRM_OUTPUTS`, or the suite's `outputs`."""
    return Path(given or os.environ.get("CRM_OUTPUTS") or ROOT / "outputs").absolute()


def clients_in(data: Path) -> list[str]:
    """List the clients of a data folder: its folders with a `client.yaml`."""
    return sorted(path.parent.name for path in data.glob(f"*/{CLIENT_FILE}"))


def require_clients(names: Sequence[str], data: Path) -> list[str]:
    """Give the named clients once each, in the order named, or refuse those that do not exist."""
    known = clients_in(data)
    wrong = [_no_client(name, known, data) for name in dict.fromkeys(names) if name not in known]
    if wrong:
        raise join_errors(wrong)
    return list(dict.fromkeys(names))


def _no_client(name: str, known: Sequence[str], data: Path) -> ConfigError:
    if name in (path.name for path in data.glob("*") if path.is_dir()):
        what, fix = f"has no {CLIENT_FILE} in {data / name}", f"python -m shared new {name} FILE"
        return ConfigError("E-USE-01", name, what, fix=fix)
    last = Path(name).name
    close = last if last in known else near(name, known)
    more = f" and {len(known) - MOST_LISTED} more" if len(known) > MOST_LISTED else ""
    here = f"{data} has {', '.join(known[:MOST_LISTED]) or 'no client yet'}{more}"
    fix = f"did you mean {close}?" if close else f"{here}; or python -m shared new NAME FILE"
    return ConfigError("E-USE-01", name, "is no client", fix=fix)


def selected_reports(texts: Sequence[str], reports: Sequence[Notebook]) -> frozenset[str]:
    """Read `--only 04,basket`: numbers, stems or both; every mistake is told in one go."""
    chosen, wrong = set(), []
    for text in [part.strip() for group in texts for part in group.split(",") if part.strip()]:
        try:
            chosen.add(require_built(text, reports, place=f"--only {text}").name)
        except ConfigError as error:
            wrong.append(error)
    if wrong:
        raise join_errors(wrong)
    return frozenset(chosen)


def require_settings_used(
    settings: dict[str, dict[str, object]], only: frozenset[str], reports: Sequence[Notebook]
) -> None:
    """Refuse `--set` for a report that `--only` leaves out: it would do nothing, in silence."""
    unused = [r for r in reports if only and r.name not in only and r.stem in settings]
    wrong = [
        ConfigError(
            "E-USE-10",
            f"--set {report.stem}.{next(iter(settings[report.stem]))}",
            "is for a report that --only leaves out",
            fix=f"add {report.number} to --only, or leave the setting out",
        )
        for report in unused
    ]
    if wrong:
        raise join_errors(wrong)


def report_named(text: str, reports: Sequence[Notebook]) -> Notebook | None:
    """Find a report by "04", "4", "cohort" or "04_cohort"."""
    for report in reports:
        if text in (report.number, report.stem, report.name, str(int(report.number))):
            return report
    return None


def require_built(text: str, reports: Sequence[Notebook], *, place: str) -> Notebook:
    """Give the report of that name, or refuse a name that is unknown or not built yet."""
    report = report_named(text, reports)
    if report is None:
        stems = [r.stem for r in reports]
        close = near(text, [*stems, *(r.name for r in reports)])
        fix = f"did you mean {close}?" if close else f"use {', '.join(r.name for r in reports)}"
        raise ConfigError("E-USE-02", place, "is no report", fix=fix)
    if report.path is None:
        what = f"the report {report.name} is not part of this edition"
        raise ConfigError("E-USE-03", place, what, fix="leave it out")
    return report


def limits_from_environment() -> Limits:
    """Give the limits of time: `CRM_CELL_SECONDS`, `CRM_NOTEBOOK_SECONDS`, or the defaults."""
    given = {}
    for field_name in ("cell_seconds", "notebook_seconds"):
        name = f"CRM_{field_name.upper()}"
        text = os.environ.get(name, "")
        if text and not (text.isdigit() and int(text)):
            raise ConfigError("E-USE-08", name, "is no number of seconds", fix="use 1 or more")
        if text:
            given[field_name] = int(text)
    return Limits(**given)
