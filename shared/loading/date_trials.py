"""Which ways of writing a date fit a column, and how many of its rows each."""

import re
from dataclasses import dataclass
from typing import Any

import duckdb

from shared.loading.engine import parquet, quoted
from shared.loading.raw_table import RawTable
from shared.loading.schema import EARLIEST_YEAR
from shared.loading.text_values import LATEST_YEAR, date_value, trimmed

ISO_TIMESTAMP = "%Y-%m-%d %H:%M:%S"
# Day first before month first only for the order in which a question lists them.
_NUMERIC_DATES = tuple(
    order.replace("/", separator)
    for order in ("%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y", "%y/%m/%d")
    for separator in ("-", "/", ".")
)
_NAMED_DATES = (
    "%d %b %Y", "%d-%b-%Y", "%d/%b/%Y", "%d.%b.%Y", "%d %b %y", "%d-%b-%y", "%d %B %Y", "%d-%B-%Y",
    "%d. %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y", "%Y-%b-%d", "%a %d %b %Y",
    "%a, %d %b %Y",
)  # fmt: skip
_COMPACT_DATES = ("%Y%m%d", "%d%m%Y", "%m%d%Y")
DATES = (*_NUMERIC_DATES, *_NAMED_DATES, *_COMPACT_DATES)
_COMPACT_TIMES = {12: "%H%M", 14: "%H%M%S"}
_TIME = re.compile(
    r"(?P<gap>, | |T)(?P<minute>\d{1,2}:\d\d)(?P<second>:\d\d)?(?P<part>\.\d+)?"
    r"(?P<half> ?[AaPp]\.?[Mm]\.?)?(?P<zone> ?(?:Z|[+-]\d\d:?\d\d|[A-Z]{3,4}))?$"
)
_SAMPLE_VALUES = 5_000
_SHAPES = 200


@dataclass(frozen=True)
class Fit:
    """One way of reading a column and how many of its rows fit."""

    formats: tuple[str, ...]
    rows: int


def gather_values(engine: duckdb.DuckDBPyConnection, raw: RawTable, column: str) -> bool:
    """Put the distinct values of a column, with their rows, into a table; False if all blank."""
    text = trimmed(quoted(column))
    engine.execute(
        "CREATE OR REPLACE TEMP TABLE tried AS SELECT v, count(*) AS n, min(r) AS r FROM "
        f"(SELECT {text} AS v, __row AS r FROM {parquet(raw.path)}) WHERE v IS NOT NULL GROUP BY v"
    )
    return bool(one_value(engine, "SELECT count(*) FROM tried"))


def has_iso(engine: duckdb.DuckDBPyConnection, raw: RawTable, column: str) -> bool:
    """Say whether a column of workbook cells holds dates; numbers there may be serials."""
    text = trimmed(quoted(column))
    sql = f"SELECT count(*) FROM {parquet(raw.path)} WHERE try_strptime({text}, '{ISO_TIMESTAMP}')"
    return bool(one_value(engine, f"{sql} IS NOT NULL"))


def candidates(engine: duckdb.DuckDBPyConnection) -> list[tuple[str, ...]]:
    """Combine every known date with the times of day that the values really carry."""
    shapes = engine.execute(
        "SELECT translate(v, '012345678', '999999999') AS shape FROM tried GROUP BY shape "
        f"ORDER BY sum(n) DESC, shape LIMIT {_SHAPES}"
    ).fetchall()
    times = list(dict.fromkeys(_time_format(shape) for (shape,) in shapes))
    combined = (
        tuple(date + time for time in times if time.startswith("%") <= (date in _COMPACT_DATES))
        for date in DATES
    )
    return [formats for formats in combined if formats]


def _time_format(shape: str) -> str:
    """Spell the time of day at the end of a value: "" where there is none."""
    if shape.isdigit():
        return _COMPACT_TIMES.get(len(shape), "")
    found = _TIME.search(shape)
    if not found:
        return ""
    half, zone = found["half"] or "", found["zone"] or ""
    clock = ("%I" if half else "%H") + ":%M" + (":%S" if found["second"] else "")
    clock += (".%f" if found["part"] else "") + (
        half[: half.startswith(" ")] + "%p" if half else ""
    )
    letters = "%Z" if zone.strip().isalpha() and zone.strip() != "Z" else "%z"
    return found["gap"] + clock + (zone[: zone.startswith(" ")] + letters if zone else "")


def fits_of(engine: duckdb.DuckDBPyConnection, candidates: list[tuple[str, ...]]) -> list[Fit]:
    """Count the rows that each candidate reads as a date of our time, most rows first."""
    values = one_value(engine, "SELECT count(*) FROM tried")
    step = max(values // _SAMPLE_VALUES, 1)
    sample = f"(SELECT * FROM tried WHERE rowid % {step} = 0)"
    likely = [fit.formats for fit in counted(engine, candidates, sample) if fit.rows]
    fits = [fit for fit in counted(engine, likely, "tried") if fit.rows]
    return sorted(_without_odd_years(engine, fits), key=lambda fit: -fit.rows)


def _without_odd_years(engine: duckdb.DuckDBPyConnection, fits: list[Fit]) -> list[Fit]:
    """Drop two-digit years in front where another reading of as many rows spans less time.

    Any 05/03/24 could be of 2005 too; but then the days of a shop spread over thirty years. Where
    all rows are of one day nothing tells: with hyphens, as in 24-01-05, both readings are kept.
    """
    spans = {fit: _span_days(engine, fit.formats) for fit in fits if "%y" in fit.formats[0]}
    in_front = {fit for fit in spans if fit.formats[0].startswith("%y")}

    def is_odd(fit: Fit) -> bool:
        """Tell whether a year at the end makes more of the rows' days."""
        longest = spans[fit] - fit.formats[0].startswith("%y-")
        return any(o.rows >= fit.rows and spans[o] <= longest for o in spans.keys() - in_front)

    return [fit for fit in fits if fit not in in_front or not is_odd(fit)]


def _span_days(engine: duckdb.DuckDBPyConnection, formats: tuple[str, ...]) -> int:
    value = date_value("v", formats, "UTC")
    span = f"date_diff('day', min({value}), max({value}))"
    return int(one_value(engine, f"SELECT {span} FROM tried WHERE {plausible(formats)}") or 0)


def counted(
    engine: duckdb.DuckDBPyConnection, candidates: list[tuple[str, ...]], table: str
) -> list[Fit]:
    """Count the rows of a table of values that each candidate reads as a date of our time."""
    if not candidates:
        return []
    sums = ", ".join(f"sum(CASE WHEN {plausible(c)} THEN n ELSE 0 END)" for c in candidates)
    counts = engine.execute(f"SELECT {sums} FROM {table}").fetchone()
    return [Fit(c, int(n or 0)) for c, n in zip(candidates, counts or (), strict=True)]


def plausible(formats: tuple[str, ...]) -> str:
    """Write the test that a value is a date of our time: 01/02/11 is not of the year 11."""
    value = date_value("v", formats, "UTC")
    return f"coalesce(year({value}) BETWEEN {EARLIEST_YEAR} AND {LATEST_YEAR}, false)"


def one_value(engine: duckdb.DuckDBPyConnection, sql: str) -> Any:
    """Ask for a single value."""
    row = engine.execute(sql).fetchone()
    return row[0] if row else 0
