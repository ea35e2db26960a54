"""How a table writes its amounts: which sign is the decimal one, proven by all values or asked."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from shared.loading.engine import literal, parquet, quoted
from shared.loading.questions import Undecided
from shared.loading.raw_table import RawTable
from shared.loading.schema import NUMERIC_KINDS
from shared.loading.text_values import trimmed

_SPACES = " \u00a0\u2007\u2009\u202f"
_AMOUNT = f"[0-9.,]([0-9.,'’{_SPACES}]*[0-9.,])?"  # without sign, currency, percent
# What each way of writing looks like, once spaces and apostrophes between digits are taken out.
_SHAPES = {
    "point": (
        r"\d{1,3}(,\d{3})+\.\d*",  # 1,234.56
        r"\d*\.(\d{1,2}|\d{4,})",  # 12.5
        r"(0+|\d{4,}|)\.\d{3}",  # 0.125 and 1234.567
        r"\d{1,3}(,\d{3}){2,}",  # 1,234,567
    ),
    "comma": (
        r"\d{1,3}(\.\d{3})+,\d*",
        r"\d*,(\d{1,2}|\d{4,})",
        r"(0+|\d{4,}|),\d{3}",
        r"\d{1,3}(\.\d{3}){2,}",
    ),
    "three_after_point": (r"[1-9]\d{0,2}\.\d{3}",),  # 1.234: a thousand or not
    "three_after_comma": (r"[1-9]\d{0,2},\d{3}",),
}


@dataclass(frozen=True)
class _Evidence:
    """How many rows are written in each way, with an example of those that could be either."""

    point: int = 0
    comma: int = 0
    three_after_point: int = 0
    three_after_comma: int = 0
    spaces: int = 0
    apostrophes: int = 0
    column: str = ""
    example: str = ""

    def __add__(self, other: "_Evidence") -> "_Evidence":
        undecided = self if self.example else other
        return _Evidence(
            self.point + other.point,
            self.comma + other.comma,
            self.three_after_point + other.three_after_point,
            self.three_after_comma + other.three_after_comma,
            self.spaces + other.spaces,
            self.apostrophes + other.apostrophes,
            undecided.column,
            undecided.example,
        )


def resolve_decimals(
    engine: duckdb.DuckDBPyConnection,
    raw: RawTable,
    kinds: Mapping[str, str],
    decimal: str | None,
    thousands: str | None,
    *,
    place: str,
) -> tuple[str, str]:
    """Find the decimal and the thousands sign of a table, looking at all its numbers.

    Parameters
    ----------
    engine : duckdb.DuckDBPyConnection
        Where the values are looked at.
    raw : RawTable
        The table as text.
    kinds : mapping of str to str
        Client's column to schema kind; "number", "money" and "integer" are looked at.
    decimal, thousands : str, optional
        What client.yaml declares; it is taken as it is.
    place : str
        File named in messages.

    Returns
    -------
    tuple of str
        Decimal sign and thousands sign, "" where thousands are not set apart.

    Raises
    ------
    Undecided
        If all that is known is values such as 1.234, or if both signs are used as decimal.
    """
    if decimal is None and thousands in (".", ","):
        decimal = "," if thousands == "." else "."
    if decimal is not None and thousands is not None:
        return decimal, thousands
    seen = _gather(engine, raw, kinds)
    if decimal is None:
        decimal = _decide(seen, place)
    return decimal, _thousands(seen, decimal) if thousands is None else thousands


def _gather(
    engine: duckdb.DuckDBPyConnection, raw: RawTable, kinds: Mapping[str, str]
) -> _Evidence:
    types = dict(
        engine.execute(
            f"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM {parquet(raw.path)})"
        ).fetchall()
    )
    seen = _Evidence()
    for column, kind in kinds.items():
        if kind in NUMERIC_KINDS and types.get(column) == "VARCHAR":
            seen += _evidence(engine, raw, column)
    return seen


def _evidence(engine: duckdb.DuckDBPyConnection, raw: RawTable, column: str) -> _Evidence:
    core = f"regexp_extract({trimmed(quoted(column))}, {literal(_AMOUNT)}, 0)"
    tests = {
        name: " OR ".join(f"regexp_full_match(c, {literal(p)})" for p in patterns)
        for name, patterns in _SHAPES.items()
    }
    sums = ", ".join(f"coalesce(sum(n) FILTER ({test}), 0)" for test in tests.values())
    unclear = f"({tests['three_after_point']} OR {tests['three_after_comma']})"
    row = engine.execute(
        f"SELECT {sums}, "
        f"coalesce(sum(n) FILTER (regexp_matches(t, '\\d[{_SPACES}]\\d{{3}}')), 0), "
        f"coalesce(sum(n) FILTER (regexp_matches(t, '\\d[''’]\\d{{3}}')), 0), "
        f"min(c) FILTER ({unclear}) FROM (SELECT t, n, "
        f"regexp_replace(t, '[''’{_SPACES}]', '', 'g') AS c FROM "
        f"(SELECT {core} AS t, count(*) AS n FROM {parquet(raw.path)} GROUP BY t))"
    ).fetchone() or (0,) * 7  # fmt: skip
    point, comma, three_after_point, three_after_comma, spaces, apostrophes, example = row
    if column in raw.typed_columns:
        # Cells of a workbook were numbers: the point in their text is ours.
        return _Evidence(point=int(point + three_after_point))
    return _Evidence(
        int(point),
        int(comma),
        int(three_after_point),
        int(three_after_comma),
        int(spaces),
        int(apostrophes),
        column if example else "",
        example or "",
    )


def _decide(seen: _Evidence, place: str) -> str:
    if seen.point and seen.comma:
        raise Undecided(
            "E-FILE-71",
            place,
            "both signs are used as the decimal sign",
            found=f'{seen.point} rows only fit decimal "." (12.5)\n'
            f'{seen.comma} rows only fit decimal "," (12,5)',
            fix='the one that is right, in client.yaml: format: {decimal: ","}; rows that do not '
            "fit are then set aside",
            key="decimal",
            choices=(".", ",") if seen.point >= seen.comma else (",", "."),
        )
    if seen.point or seen.comma:
        return "." if seen.point else ","
    if seen.three_after_point and seen.three_after_comma:
        rows = seen.three_after_point, seen.three_after_comma
        found = f"{rows[0]} rows have three digits after a point, {rows[1]} after a comma"
    elif seen.example:
        digits = seen.example.replace(",", ".")
        whole = digits.replace(".", "")
        sign = "." if "." in seen.example else ","
        found = (
            f'"{seen.example}" is {digits} if "{sign}" is the decimal sign\n'
            f'"{seen.example}" is {whole} if "{sign}" sets thousands apart'
        )
    else:
        return "."
    raise Undecided(
        "E-FILE-70",
        f"{place}:{seen.column}",
        "amounts can be read in two ways",
        found=found,
        fix='the one that is right, in client.yaml: format: {decimal: "."}, or decimal: ","',
        key="decimal",
        choices=(".", ","),
        column=seen.column,
    )


def _thousands(seen: _Evidence, decimal: str) -> str:
    """Name the sign between thousands: the other of point and comma unless blanks are seen."""
    if seen.spaces or seen.apostrophes:
        return " " if seen.spaces >= seen.apostrophes else "'"
    return "," if decimal == "." else "."
