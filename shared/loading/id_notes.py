"""Ids that differ in nothing but case and space: how many, and what keeping them apart does."""

from shared.loading.counts import Note
from shared.loading.engine import quoted
from shared.loading.opened_table import ROWS_SHOWN, OpenedTable, rows_in_words
from shared.loading.schema import TABLES
from shared.loading.table_intake import TypedTable
from shared.loading.text_values import trimmed


def alike_ids(typed: TypedTable) -> list[Note]:
    """Say how many ids differ from another in nothing but case and space; none is shown.

    Those of customers come first: each such pair makes two customers of one.
    """
    sources = [(name, s) for name, s in _ids(typed.opened) if _alike_count(typed.opened, s)]
    sources.sort(key=lambda pair: pair[0] != "customer_id")
    return [_note(typed, name, source) for name, source in sources]


def alike_among(ids: str) -> str:
    """Write the ids of a query, in its column `id`, that another one differs from so little."""
    return (
        f"SELECT id, {trimmed('id')} AS bare FROM ({ids}) WHERE {trimmed('id')} IS NOT NULL "
        f"QUALIFY count(*) OVER (PARTITION BY upper({trimmed('id')})) > 1"
    )


def in_what(count: int, bare: int, plain: int) -> str:
    """Name what ids differ in: `bare` is how many are left without space, `plain` without case."""
    if bare == plain:
        return "space"
    return "case" if count == bare else "case or space"


def _note(typed: TypedTable, name: str, source: str) -> Note:
    opened = typed.opened
    alike = alike_among(_distinct(opened, source))
    ((count, bare, plain),) = opened.ask(
        f"SELECT count(*), count(DISTINCT bare), count(DISTINCT upper(bare)) FROM ({alike})"
    )
    found = opened.ask(
        f"SELECT min((__file, __row)) AS place FROM {opened.view} WHERE {quoted(source)}::VARCHAR "
        f"IN (SELECT id FROM ({alike})) GROUP BY {quoted(source)} ORDER BY place"
    )
    rows = [opened.place(*place) for (place,) in found[:ROWS_SHOWN]]
    differing = in_what(count, bare, plain)
    text = f"{count:,} values of {source} differ from another one only in {differing}"
    hint = f"first in {rows_in_words(rows)}"
    if typed.merges_ids:
        return Note("alike_ids", f"{text}: merged by rule", count, hint)
    text += _effect(typed) if name == "customer_id" else ": kept apart"
    if opened.config.rules.merge_ids is None:
        hint += "; rules: merge_ids: case_and_space joins them, keep keeps them apart"
    return Note("alike_ids", text, count, hint)


def _effect(typed: TypedTable) -> str:
    """Say how many customers there are, and how many there would be."""
    ((apart, merged),) = typed.opened.ask(
        f"SELECT count(DISTINCT customer_id), count(DISTINCT upper({trimmed('customer_id')})) "
        f"FROM {typed.opened.rows} WHERE reason IS NULL"
    )
    if apart == merged:
        return ": kept apart"
    return f" and are kept apart: {apart:,} customers instead of {merged:,}"


def _alike_count(opened: OpenedTable, source: str) -> int:
    ((count,),) = opened.ask(f"SELECT count(*) FROM ({alike_among(_distinct(opened, source))})")
    return int(count)


def _distinct(opened: OpenedTable, source: str) -> str:
    return f"SELECT DISTINCT {quoted(source)}::VARCHAR AS id FROM {opened.view}"


def _ids(opened: OpenedTable) -> list[tuple[str, str]]:
    schema = TABLES[opened.table].columns
    sources = opened.columns.sources.items()
    return [(n, s) for n, s in sources if n in schema and schema[n].kind == "id"]
