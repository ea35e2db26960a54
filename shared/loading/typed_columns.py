"""Text to typed values in the engine: how each kind of column is read, and why a row cannot be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.loading.engine import literal, quoted
from shared.loading.schema import EARLIEST_YEAR, NUMERIC_KINDS, ROW_NUMBER, Kind
from shared.loading.text_values import (
    LATEST_YEAR,
    MISSING,
    Reading,
    date_value,
    number_value,
    trimmed,
)

LARGEST_NUMBER = 1e12
YES = ("1", "true", "yes", "y", "t", "1.0")
NO = ("0", "false", "no", "n", "f", "0.0")
_NUMBER_TYPE = re.compile(r"U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL.*")


@dataclass(frozen=True)
class TypedColumn:
    """One column to read.

    Attributes
    ----------
    name : str
        Canonical name, or the client's own for an attribute.
    kind : str
        As in the schema.
    source : str
        The client's column, or "#row".
    native : str
        DuckDB type of the raw column; VARCHAR for text files.
    required : bool
        Whether a blank sets the row aside.
    reading : Reading
        How its text is read.
    merge : bool
        Whether ids that differ in case and space alone are one.
    """

    name: str
    kind: Kind
    source: str
    native: str = "VARCHAR"
    required: bool = False
    reading: Reading = field(default_factory=Reading)
    merge: bool = False


def typed_select(
    columns: list[TypedColumn],
    *,
    raw: str,
    table: str,
    timezone: str,
    footer: str = "false",
    currency: str = "",
) -> str:
    """Write the one query that reads every column of a raw table.

    Parameters
    ----------
    raw : str
        The raw table in the engine.
    table : str
        Canonical name, which numbered rows carry.
    timezone : str
        Of the client; instants become its local time.
    footer : str
        Test of a raw row that the client declares to be a total.
    currency : str
        Expression for the currency of a raw row, passed on as `__currency`.

    Returns
    -------
    str
        A query with `__file`, `__row`, each column by its name, and `__error`: the first reason
        why the row cannot be read with the client's column after a bar, NULL for a sound row.
    """
    numbered = list(enumerate(columns))
    place = "__file, __row, __footer" + (", __currency" if currency else "")
    extra = f"({footer}) AS __footer" + (f", {currency} AS __currency" if currency else "")
    texts = ", ".join(f"{_text(c, table)} AS t{i}" for i, c in numbered)
    values = ", ".join(f"t{i}, {_value(c, f't{i}', timezone)} AS v{i}" for i, c in numbered)
    named = ", ".join(f"{_final(c, f'v{i}')} AS {quoted(c.name)}" for i, c in numbered)
    errors = [e for i, c in numbered if (e := _error(c, f"t{i}", f"v{i}"))]
    first = f"coalesce({', '.join(errors)}, NULL)" if errors else "NULL::VARCHAR"
    return (
        f"SELECT {place.replace(', __footer', '')}, {named}, "
        f"CASE WHEN __footer THEN 'footer' ELSE {first} END AS __error FROM "
        f"(SELECT {place}, {values} FROM (SELECT __file, __row, {extra}, {texts} FROM {raw}))"
    )


def is_number_type(native: str) -> bool:
    """Say whether a type of the engine is a number."""
    return _NUMBER_TYPE.fullmatch(native) is not None


def _text(column: TypedColumn, table: str) -> str:
    """Give a column its raw form: trimmed text, or the native value of a typed source."""
    if column.source == ROW_NUMBER:
        return f"{literal(table)} || '#' || row_number() OVER (ORDER BY __file, __row)"
    sql = quoted(column.source)
    if column.kind == "id":
        return _id_text(sql, column.native)
    if column.native in {"VARCHAR", "BOOLEAN"}:
        return trimmed(sql)
    if column.kind in {"timestamp", "date"} and column.native.startswith(("TIMESTAMP", "DATE")):
        return sql
    return sql if is_number_type(column.native) and not _is_date(column) else trimmed(sql)


def _id_text(sql: str, native: str) -> str:
    if native in {"DOUBLE", "FLOAT"}:
        whole = f"CASE WHEN {sql} = floor({sql}) AND abs({sql}) < 1e15 THEN {sql}::BIGINT END"
        return f"CASE WHEN isfinite({sql}) THEN coalesce(({whole})::VARCHAR, {sql}::VARCHAR) END"
    # Surrounding space stays: whether "A1" and "A1 " are one id is the client's to say.
    return f"CASE WHEN {trimmed(sql)} NOT IN {_in(MISSING)} THEN {sql}::VARCHAR END"


def _value(column: TypedColumn, text: str, timezone: str) -> str:
    if column.reading.values and column.kind not in NUMERIC_KINDS:
        return _mapped(text, column.reading.values)
    if column.kind in {"id", "text"}:
        merged = f"upper({trimmed(text)})"
        return merged if column.kind == "id" and column.merge else f"{text}::VARCHAR"
    if column.kind == "flag":
        return _flag(text)
    if _is_date(column):
        return _date(column, text, timezone)
    native = is_number_type(column.native)
    number = f"{text}::DOUBLE" if native else number_value(text, column.reading)
    if column.reading.values:
        # Words stand for numbers, and a plain number beside them for itself.
        return f"coalesce({_mapped(text, column.reading.values)}, {number})"
    return number


def _date(column: TypedColumn, text: str, timezone: str) -> str:
    if column.native == "TIMESTAMP WITH TIME ZONE":
        return f"({text} AT TIME ZONE {literal(timezone)})"
    if column.native.startswith(("TIMESTAMP", "DATE")):
        return f"TRY_CAST({text} AS TIMESTAMP)"
    return date_value(text, column.reading.dates, timezone)


def _final(column: TypedColumn, value: str) -> str:
    """Give a value its stored type; what is not a number is a blank where a blank may be."""
    if column.kind == "date":
        return f"{value}::DATE"
    if column.kind in NUMERIC_KINDS:
        number = f"CASE WHEN abs({value}) <= {LARGEST_NUMBER} THEN {value} END"
        return f"({number})::BIGINT" if column.kind == "integer" else number
    return value


def _error(column: TypedColumn, text: str, value: str) -> str:
    """Write the reason why a value sets its row aside: '' where it never does."""
    if column.kind == "text" and not column.reading.values:
        return ""
    if column.kind == "id":
        tests = [f"WHEN contains(upper({text}), 'E+') AND {_is_mangled(text)} THEN 'mangled_id'"]
        noun = "id"
    elif column.kind == "flag" or (column.reading.values and column.kind not in NUMERIC_KINDS):
        tests, noun = [f"WHEN {value} IS NULL THEN 'bad_flag'"], "flag"
    elif _is_date(column):
        tests, noun = _date_errors(value), "date"
    else:
        tests, noun = _number_errors(column, value), "number"
    blank = f"THEN 'missing_{noun}'" if column.required else "THEN NULL"
    missing = f"{text} IS NULL"
    if noun in {"number", "flag"}:
        missing += f" OR {text}::VARCHAR IN {_in(_missing_words(column))}"
    reason = f"CASE WHEN {missing} {blank} {' '.join(tests)} END"
    return f"({reason}) || {literal('|' + column.source)}"


def _missing_words(column: TypedColumn) -> tuple[str, ...]:
    """Give the words for a blank; an amount that says NaN is no blank but a broken amount."""
    return tuple(w for w in MISSING if not (column.required and w.lower() == "nan"))


def _date_errors(value: str) -> list[str]:
    return [
        f"WHEN {value} IS NULL OR NOT isfinite({value}) THEN 'bad_date'",
        f"WHEN year({value}) < {EARLIEST_YEAR} THEN 'before_{EARLIEST_YEAR}'",
        f"WHEN year({value}) > {LATEST_YEAR} THEN 'after_{LATEST_YEAR}'",
    ]


def _number_errors(column: TypedColumn, value: str) -> list[str]:
    tests = [
        f"WHEN {value} IS NULL THEN 'bad_number'",
        f"WHEN NOT isfinite({value}) OR abs({value}) > {LARGEST_NUMBER} THEN 'not_finite'",
    ]
    if column.kind == "integer":
        tests.append(f"WHEN {value} <> floor({value}) THEN 'bad_number'")
    return tests


def _is_mangled(text: str) -> str:
    return f"regexp_full_match({trimmed(text)}, '[0-9][.,]?[0-9]*[eE][+][0-9]+')"


def _is_date(column: TypedColumn) -> bool:
    return column.kind in {"timestamp", "date"}


def _in(words: tuple[str, ...]) -> str:
    return f"({', '.join(map(literal, words))})"


def _mapped(text: str, values: Mapping[str, float]) -> str:
    cases = " ".join(
        f"WHEN {literal(str(word).strip().lower())} THEN {number}"
        for word, number in values.items()
    )
    return f"CASE lower({text}::VARCHAR) {cases} END"


def _flag(text: str) -> str:
    return (
        f"CASE WHEN lower({text}::VARCHAR) IN {_in(YES)} THEN 1 "
        f"WHEN lower({text}::VARCHAR) IN {_in(NO)} THEN 0 END"
    )
