"""How a column writes its dates: the one way that fits every value, or a question."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import combinations

import duckdb

from shared.loading.date_trials import (
    ISO_TIMESTAMP,
    Fit,
    candidates,
    counted,
    fits_of,
    gather_values,
    has_iso,
    one_value,
    plausible,
)
from shared.loading.engine import literal, parquet
from shared.loading.errors import DataRefused
from shared.loading.questions import Undecided
from shared.loading.raw_table import RawTable
from shared.loading.text_values import EXCEL_SERIAL, date_value, shape

_SERIALS = (20_000, 60_000)  # days from 1954 to 2064


def resolve_dates(
    engine: duckdb.DuckDBPyConnection,
    raw: RawTable,
    kinds: Mapping[str, str],
    declared: "str | Sequence[str] | Mapping[str, str | Sequence[str]] | None",
    *,
    place: str,
    max_loss: float,
) -> dict[str, tuple[str, ...]]:
    """Find for each date column the formats that its values are written in, trying all values.

    Parameters
    ----------
    engine : duckdb.DuckDBPyConnection
        Where the values are tried.
    raw : RawTable
        The table as text.
    kinds : mapping of str to str
        Client's column to schema kind; "timestamp" and "date" are looked at.
    declared : str, list or mapping, optional
        Format, formats in the order to try, or formats by client's column.
    place : str
        File named in messages.
    max_loss : float
        Share of a column's values that may fit no format.

    Returns
    -------
    dict of str to tuple of str
        Formats to try in order; columns of a native date type are left out.

    Raises
    ------
    Undecided
        If two orders of day and month fit equally, or both occur; if dates are serial numbers.
    DataRefused
        If more than `max_loss` of the values fit nothing, or formats that are needed side by side
        read some values as different days.
    """
    natives = column_types(engine, raw)
    resolved: dict[str, tuple[str, ...]] = {}
    for column in (c for c, kind in kinds.items() if kind in ("timestamp", "date")):
        if natives.get(column, "VARCHAR").startswith(("TIMESTAMP", "DATE")):
            continue
        if column in raw.typed_columns and has_iso(engine, raw, column):
            resolved[column] = (ISO_TIMESTAMP,)
            continue
        if not gather_values(engine, raw, column):
            resolved[column] = _declared_for(column, declared) or (ISO_TIMESTAMP,)
            continue
        resolved[column] = _resolve(
            engine, column, _declared_for(column, declared), place=place, max_loss=max_loss
        )
    return resolved


def column_types(engine: duckdb.DuckDBPyConnection, raw: RawTable) -> dict[str, str]:
    """Give the engine's type of each column of a raw table."""
    rows = engine.execute(f"DESCRIBE SELECT * FROM {parquet(raw.path)}").fetchall()
    return {name: kind for name, kind, *_ in rows}


def _resolve(
    engine: duckdb.DuckDBPyConnection,
    column: str,
    declared: tuple[str, ...],
    *,
    place: str,
    max_loss: float,
) -> tuple[str, ...]:
    where = f"{place}:{column}"
    fits = fits_of(engine, candidates(engine))
    if declared:
        _refuse_clash(engine, declared, where)
        _refuse_large_loss(engine, declared, fits, where=where, max_loss=max_loss, is_declared=True)
        return declared
    if not fits:
        raise _unreadable(engine, where)
    best = fits[0]
    for other in fits[1:]:
        _ask_if_it_reads_otherwise(engine, best, other, where=where, max_loss=max_loss)
    _refuse_large_loss(engine, best.formats, fits, where=where, max_loss=max_loss)
    return _in_use(engine, best.formats, "tried")


def _declared_for(
    column: str, declared: "str | Sequence[str] | Mapping[str, str | Sequence[str]] | None"
) -> tuple[str, ...]:
    chosen = declared.get(column) if isinstance(declared, Mapping) else declared
    return (chosen,) if isinstance(chosen, str) else tuple(chosen or ())


def _ask_if_it_reads_otherwise(
    engine: duckdb.DuckDBPyConnection, best: Fit, other: Fit, *, where: str, max_loss: float
) -> None:
    """Ask if another way fits as many rows with other dates, or rows that the best does not.

    Values that fit only the other way prove that both are in use, so that those which fit both
    could be either.
    """
    one, two = date_value("v", best.formats, "UTC"), date_value("v", other.formats, "UTC")
    differing = engine.execute(
        f"SELECT v, {one}, {two} FROM tried WHERE {plausible(best.formats)} AND "
        f"{plausible(other.formats)} AND {one} <> {two} ORDER BY v LIMIT 1"
    ).fetchone()
    if not differing:
        return
    only = f"{plausible(other.formats)} AND NOT {plausible(best.formats)}"
    rows_only_other = one_value(engine, f"SELECT coalesce(sum(n), 0) FROM tried WHERE {only}")
    if other.rows < best.rows and not rows_only_other:
        return
    if rows_only_other > max_loss * one_value(engine, "SELECT sum(n) FROM tried"):
        # Neither alone would do: to ask which is right would only put the refusal off.
        _refuse_clash(engine, (best.formats[0], other.formats[0]), where)
    raise _two_readings(where, differing, best, other, rows_only_other)


def _two_readings(
    where: str,
    example: tuple[str, datetime, datetime],
    best: Fit,
    other: Fit,
    rows_only_other: int,
) -> Undecided:
    value, one, two = example
    what = "dates can be read in two ways"
    if rows_only_other:
        fit = "row fits" if rows_only_other == 1 else "rows fit"
        what = f"dates are written in two ways ({rows_only_other} {fit} only the second)"
    first, second = _spelled(best.formats), _spelled(other.formats)
    return Undecided(
        "E-FILE-60",
        where,
        what,
        found=f'"{value}" is {_day(one)} as {first} ({best.rows} rows fit)\n'
        f'"{value}" is {_day(two)} as {second} ({other.rows} rows fit)',
        fix=f'the one that is right, in client.yaml: format: {{date: "{best.formats[0]}"}}',
        key="date",
        choices=(best.formats[0], other.formats[0]),
        column=where.rpartition(":")[2],
    )


def _unreadable(engine: duckdb.DuckDBPyConnection, where: str) -> DataRefused:
    number, low, high = engine.execute(
        "SELECT min(d), min(d), max(d) FROM (SELECT TRY_CAST(v AS DOUBLE) AS d FROM tried) "
        "HAVING count(d) = count(*)"
    ).fetchone() or (None, 0, 0)
    if number is not None and _SERIALS[0] <= low <= high <= _SERIALS[1]:
        day = one_value(engine, f"SELECT DATE '1899-12-30' + {int(low)}")
        return Undecided(
            "E-FILE-61",
            where,
            "holds numbers such as a spreadsheet keeps for dates",
            found=f"{low:g} is {_day(day)} as a spreadsheet's serial\n"
            f"{low:g} is {low:g} as a plain number, then this is not the date column",
            fix="in client.yaml: format: {date: excel_serial}, or map another column",
            key="date",
            choices=(EXCEL_SERIAL,),
            column=where.rpartition(":")[2],
        )
    look = one_value(
        engine, f"SELECT {shape('v')} AS s FROM tried GROUP BY s ORDER BY sum(n) DESC, s LIMIT 1"
    )
    return DataRefused(
        "E-FILE-62",
        where,
        "no date format known here fits",
        found=f"values look like {look} (9 for a digit, a for a letter)",
        fix='in client.yaml: format: {date: "%d/%m/%Y"}, with the letters of strptime',
    )


def _refuse_large_loss(
    engine: duckdb.DuckDBPyConnection,
    formats: tuple[str, ...],
    fits: list[Fit],
    *,
    where: str,
    max_loss: float,
    is_declared: bool = False,
) -> None:
    """Refuse, with both formats, when too many values are left over by the first."""
    value = date_value("v", formats, "UTC")
    rows, left = engine.execute(
        f"SELECT sum(n), sum(n) FILTER ({value} IS NULL) FROM tried"
    ).fetchone() or (0, 0)
    if not left or left <= max_loss * rows:
        return
    first = [r for (r,) in engine.execute(
        f"SELECT r FROM tried WHERE {value} IS NULL ORDER BY r LIMIT 5").fetchall()]  # fmt: skip
    # One that fits all values was meant: no list of two is needed, and nobody has to be asked.
    whole = [_in_use(engine, fit.formats, "tried") for fit in fits if fit.rows == rows][:1]
    other = whole[0] if whole else _best_for_the_rest(engine, value, fits)
    both = other if whole else (*formats, *(f for f in other if f not in formats))
    _refuse_clash(engine, both, where)
    listed = ", ".join(literal(f).replace("'", '"') for f in both)
    how = "the declared format" if is_declared else "the commonest format"
    which = f"all {rows:,} dates fit" if whole else "these fit"
    raise DataRefused(
        "E-FILE-63",
        where,
        f"{left} of {rows} dates do not fit {how} {_spelled(formats)}",
        found=f"first in rows {', '.join(map(str, first))}\n"
        + (f"{which} {_spelled(other)}" if other else "these fit no format known here"),
        fix=f"in client.yaml: format: {{date: {listed if len(both) == 1 else f'[{listed}]'}}}"
        if other
        else "correct the rows, or raise max_loss in client.yaml to set them aside",
    )


def _refuse_clash(engine: duckdb.DuckDBPyConnection, formats: tuple[str, ...], where: str) -> None:
    """Refuse formats side by side if some values are different days by two of them.

    In whatever order they are tried, the first would win, for rows written in the other way too.
    """
    for first, second in combinations(formats, 2):
        one, two = date_value("v", (first,), "UTC"), date_value("v", (second,), "UTC")
        rows, value, day, other_day = engine.execute(
            f"SELECT sum(n), min(v), arg_min({one}, v), arg_min({two}, v) FROM tried "
            f"WHERE {plausible((first,))} AND {plausible((second,))} AND {one} <> {two}"
        ).fetchone() or (0, "", None, None)
        if rows:
            raise DataRefused(
                "E-FILE-64",
                where,
                f"dates are written in two ways, and {rows} rows fit both with different days",
                found=f'"{value}" is {_day(day)} as {first}\n'
                f'"{value}" is {_day(other_day)} as {second}',
                fix="no list of formats tells such rows apart: ask the client to write all dates "
                "in one way, such as 2024-03-31",
            )


def _best_for_the_rest(
    engine: duckdb.DuckDBPyConnection, value: str, fits: list[Fit]
) -> tuple[str, ...]:
    rest = f"(SELECT * FROM tried WHERE {value} IS NULL)"
    found = [fit for fit in counted(engine, [f.formats for f in fits], rest) if fit.rows]
    best = max(found, key=lambda fit: fit.rows, default=Fit((), 0))
    return _in_use(engine, best.formats, rest)


def _in_use(
    engine: duckdb.DuckDBPyConnection, formats: tuple[str, ...], table: str
) -> tuple[str, ...]:
    """Keep the formats that some value is written in, the commonest first."""
    each = [fit for fit in counted(engine, [(f,) for f in formats], table) if fit.rows]
    return tuple(fit.formats[0] for fit in sorted(each, key=lambda fit: -fit.rows))


def _spelled(formats: tuple[str, ...]) -> str:
    return " or ".join(formats[:2])


def _day(value: date) -> str:
    return f"{value.day} {value:%B %Y}"
