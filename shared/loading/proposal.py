"""A first client.yaml for a new client: what its files show, what is assumed, what to decide."""

import re
import tempfile
from pathlib import Path

from shared.loading.citations import shown_path
from shared.loading.column_names import letters, yaml_text
from shared.loading.config import FILE
from shared.loading.engine import connect, disk_faults
from shared.loading.errors import ConfigError, DataRefused
from shared.loading.proposal_mapping import map_drop
from shared.loading.proposal_match import TableMatch
from shared.loading.proposal_reading import Drop, read_drops, resolve
from shared.loading.proposal_rules import Line, currency_of, locale_of, rules_for
from shared.loading.questions import Undecided
from shared.loading.schema import TABLES
from shared.loading.yaml_lines import DECIDE

# Windows keeps some names for devices: a folder of that name could not be opened there.
_SLUG = re.compile(r"(?!(?i:con|prn|aux|nul|com\d|lpt\d)$)[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
LONGEST_LIST = 70
READ_THERE = "read there at every run; beside this file its name alone is enough"
TIME_UNITS = ("days", "weeks", "months")  # of a table of durations, as report 03 counts them


def propose_client(slug: str, files: list[Path], data_root: Path) -> list[str]:
    """Look at a new client's files and write data/<slug>/client.yaml.

    Parameters
    ----------
    slug : str
        The client's folder below `data_root`; made if it is not there.
    files : list of Path
        Files or folders of Parquet. Files with the same columns become one table.
    data_root : Path
        Folder of all clients.

    Returns
    -------
    list of str
        The lines that say DECIDE, each with its number: nothing runs before they are filled in.

    Raises
    ------
    ConfigError
        If the client has a client.yaml already, or the name is no folder name.
    DataRefused
        If a file cannot be read whatever is declared, or none fits a table of the suite.
    """
    folder = data_root.absolute() / slug
    label = shown_path(folder / FILE)
    if not _SLUG.fullmatch(slug):
        raise ConfigError(
            "E-CONF-53", slug, "is no name for a client's folder", fix="letters, digits, _ and -"
        )
    if (folder / FILE).exists():
        raise ConfigError(
            "E-CONF-54",
            label,
            "is there already and is not overwritten",
            fix="choose another name, or move the file away",
        )
    with (
        tempfile.TemporaryDirectory(prefix="crm-new-") as scratch,
        connect(Path(scratch)) as engine,
    ):
        drops = read_drops(files, folder, Path(scratch), engine)
        page = _page(slug, _served(drops), drops)
    with disk_faults(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE).write_text(page, encoding="utf-8")
    return [
        f"{label}:{number}  {line.strip()}"
        for number, line in enumerate(page.splitlines(), start=1)
        if DECIDE in line.partition("#")[0]
    ]


def _served(drops: list[Drop]) -> list[tuple[TableMatch, Drop]]:
    """Give each table to the file that fits it best, the first of equals."""
    found = [(match, drop) for drop in drops for match in map_drop(drop)]
    served: dict[str, tuple[TableMatch, Drop]] = {}
    for match, drop in sorted(found, key=lambda pair: len(pair[0].decide)):
        if match.table not in served:
            served[match.table] = match, resolve(drop, match.kinds)
    if not served:
        header = drops[0].raw.header
        raise DataRefused(
            "E-FILE-90",
            Path(drops[0].sources[0]).name,
            "fits none of the suite's tables",
            found=f"columns {_shortened(list(header))}",
            fix=f"write client.yaml by hand, after data/demo; tables: {', '.join(TABLES)}",
        )
    order = [match.table for match, _ in found]
    return sorted(served.values(), key=lambda pair: order.index(pair[0].table))


def _page(slug: str, served: list[tuple[TableMatch, Drop]], drops: list[Drop]) -> str:
    resolved = [drop for _, drop in served]
    name = yaml_text(slug.replace("_", " ").replace("-", " ").capitalize())
    currency = currency_of(served)
    lines = [
        "# Proposed by `python -m shared new` from the files below. What is assumed stands beside",
        f"# its line: check it. Nothing runs while a line says {DECIDE}.",
        _line(Line("name", name, "as the reports shall call the client")),
        _line(currency),
        _line(locale_of(currency.value)),
        _line(_timezone(resolved)),
        *_snapshot_date([match for match, _ in served]),
        "tables:",
    ]
    for match, drop in served:
        lines += _table(match, drop)
    used = {(source, drop.format.sheet) for _, drop in served for source in drop.sources}
    lines += [
        f"  # {_named(drop)} fits no further table: {_shortened(list(drop.raw.header))}"
        for drop in drops
        if not used.issuperset((source, drop.format.sheet) for source in drop.sources)
    ]
    lines += _parameters([match for match, _ in served])
    return "\n".join(lines) + "\n"


def _named(drop: Drop) -> str:
    name = Path(drop.sources[0]).name
    return f"sheet {drop.format.sheet} of {name}" if drop.format.sheet else name


def _timezone(drops: list[Drop]) -> Line:
    formats = [f for drop in drops for fs in drop.raw.date_formats.values() for f in fs]
    if any("%z" in f or "%Z" in f for f in formats):
        return Line("timezone", DECIDE, "dates carry an offset; in which zone does a day begin?")
    return Line("timezone", "UTC", "assumed: times are taken as they are written")


def _snapshot_date(matches: list[TableMatch]) -> list[str]:
    """Ask as of when the reports speak where no column tells."""
    if any(TABLES[m.table].clock in {*m.columns, *m.decide} for m in matches):
        return []
    why = "the day of the export: no column says as of when the rows are"
    return [_line(Line("snapshot_date", DECIDE, why))]


def _parameters(matches: list[TableMatch]) -> list[str]:
    """Ask for the unit of a table of durations: in days or months, its numbers look alike."""
    theirs = next((m.columns["duration"] for m in matches if m.table == "durations"), None)
    if theirs is None:
        return []
    known = next((unit for unit in TIME_UNITS if unit[:-1] in letters(theirs)), None)
    why = f"assumed from {theirs}" if known else f"what {theirs} counts: {', '.join(TIME_UNITS)}"
    line = Line("time_unit", known or DECIDE, why)
    return ["parameters:", "  survival:", f"    {_line(line)}"]


def _table(match: TableMatch, drop: Drop) -> list[str]:
    sources = [yaml_text(source) for source in drop.sources]
    source = sources[0] if len(sources) == 1 else f"[{', '.join(sources)}]"
    lines = [f"  {match.table}:  # one row per {TABLES[match.table].grain}"]
    far = any(Path(s).is_absolute() for s in drop.sources)
    lines.append(f"    {_line(Line('source', source, READ_THERE if far else ''))}")
    if format_lines := _format(drop):
        lines += ["    format:", *(f"      {_line(line)}" for line in format_lines)]
    lines.append("    columns:")
    lines += [f"      {_line(line)}" for line in _columns(match)]
    lines += [f"      # {remark}" for remark in _remarks(match, drop)]
    if rules := rules_for(match, drop):
        lines += ["    rules:"] if any(rule.key for rule in rules) else []
        lines += [f"      {_line(rule)}" for rule in rules]
    return lines


def _columns(match: TableMatch) -> list[Line]:
    decided = [
        Line(name, yaml_text(theirs), match.notes.get(name, ""))
        for name, theirs in match.columns.items()
    ]
    asked = [
        Line(
            name,
            DECIDE,
            "; ".join(filter(None, [f"one of {', '.join(likely)}", match.notes.get(name)])),
        )
        for name, likely in match.decide.items()
    ]
    return decided + asked


def _remarks(match: TableMatch, drop: Drop) -> list[str]:
    if TABLES[match.table].extras:
        return [*match.left_out, "all other columns are kept as attributes"]
    no_money = match.table == "order_lines" and not {"unit_price", "line_value"} & set(
        match.columns
    )
    remarks = [*match.left_out, *(["no price in the file: items are counted"] if no_money else [])]
    rest = [c for c in drop.raw.header if c not in match.columns.values()]
    return [*remarks, *([f"not mapped: {_shortened(rest)}"] if rest else [])]


def _format(drop: Drop) -> list[Line]:
    """Write down what was found, so that the next export is held to it, and what was not."""
    lines = []
    for key in ("encoding", "sheet", "delimiter", "header_row", "decimal"):
        value, question = getattr(drop.format, key), drop.questions.get(key)
        if question is not None and key == "header_row":
            lines.append(Line(key, str(value), "assumed: titles stand above it"))
        elif question is not None:
            lines.append(Line(key, DECIDE, _asked(question)))
        elif key == "sheet" and value:
            lines.append(Line(key, yaml_text(value)))
        elif key == "delimiter" and drop.raw.format.delimiter:
            lines.append(Line(key, _quoted(drop.raw.format.delimiter)))
        elif key == "decimal" and drop.raw.decimal == ",":
            lines.append(Line(key, '","', "proven by the amounts"))
    return lines + _date(drop)


def _date(drop: Drop) -> list[Line]:
    question = drop.questions.get("date")
    if question is not None:
        return [Line("date", DECIDE, _asked(question))]
    columns = {c: fs for c, fs in drop.raw.date_formats.items() if c not in drop.raw.typed_columns}
    formats = list(dict.fromkeys(f for fs in columns.values() for f in fs))
    if not formats:
        return []
    written = [f'"{f}"' for f in formats]
    value = written[0] if len(written) == 1 else f"[{', '.join(written)}]"
    return [Line("date", value, f"fits {', '.join(columns)}")]


def _asked(question: DataRefused) -> str:
    """Put a question and its readings on one line."""
    readings = "; ".join(question.found.splitlines())
    told = f"{question.what}: {readings}" if readings else question.what
    return told if isinstance(question, Undecided) else f"{told}; {question.fix}"


def _line(line: Line) -> str:
    comment = f"  # {line.why}" if line.why else ""
    return f"{line.key}: {line.value}{comment}" if line.key else f"# {line.why}"


def _quoted(delimiter: str) -> str:
    return '"\\t"' if delimiter == "\t" else f'"{delimiter}"'


def _shortened(names: list[str]) -> str:
    shown = ""
    for i, name in enumerate(names):
        if len(shown) + len(name) > LONGEST_LIST:
            return f"{shown} and {len(names) - i} more"
        shown += f", {name}" if shown else name
    return shown
