"""Total rows at the foot of an export: they would double what they sum up."""

from shared.loading.engine import quoted
from shared.loading.errors import DataRefused
from shared.loading.opened_table import OpenedTable, rows_in_words
from shared.loading.rules import footer_test, marks_total
from shared.loading.schema import TABLES

TOTAL_WORDS = (
    "total", "totals", "grand total", "sub total", "subtotal", "sum", "toplam", "genel toplam",
    "ara toplam", "итого", "всего", "общий итог", "gesamt", "gesamtsumme", "summe", "endsumme",
    "totale", "totaal", "suma", "razem", "total general", "total général", "общо", "summa",
)  # fmt: skip
LAST_ROWS = 5
# What every true row of a table with dates and orders fills.
_FILLED = ("order_id", "order_date", "started_at", "touched_at", "converted_at", "last_order_date")


def refuse_totals(opened: OpenedTable) -> None:
    """Refuse a table in which a row says "Total": in a file's last rows, or in an id further up.

    Rows that client.yaml declares as footer are set aside and counted instead.
    """
    found = {*_totals_at_the_end(opened), *_totals_further_up(opened)}
    texts = _labels(opened, sorted(found))
    _refuse(opened, sorted(found), f'says "{texts[0]}"' if texts else "", texts)


def _totals_at_the_end(opened: OpenedTable) -> set[tuple[int, int]]:
    """Look at every text of the last rows, where a total row labels any column."""
    ends = opened.ask(f"SELECT __file, max(__row) FROM {opened.view} GROUP BY __file")
    last = " OR ".join(f"(__file = {file} AND __row > {row - LAST_ROWS})" for file, row in ends)
    return _labelled(opened, opened.texts, among=last)


def _totals_further_up(opened: OpenedTable) -> set[tuple[int, int]]:
    """Look at the ids of rows that leave a date or an order blank, as subtotals do.

    A product may be called "Total", but then its row is whole.
    """
    filled = [source for name, source in opened.columns.sources.items() if name in _FILLED]
    blank = [f"coalesce(regexp_full_match({quoted(c)}::VARCHAR, '\\s*'), true)" for c in filled]
    return _labelled(opened, _id_columns(opened), among=" OR ".join(blank))


def _labelled(opened: OpenedTable, columns: list[str], *, among: str) -> set[tuple[int, int]]:
    """Find the rows, among some, that say "Total" in one of the columns and are not declared."""
    if not columns or not among:
        return set()
    says = footer_test(columns, TOTAL_WORDS)
    declared = footer_test(opened.texts, opened.config.rules.footer)
    return _places(opened, opened.view, f"({among}) AND ({says}) AND NOT ({declared})")


def _labels(opened: OpenedTable, places: list[tuple[int, int]]) -> list[str]:
    """Give the cells that mark these rows as totals, as the client writes them."""
    found = dict.fromkeys(
        str(text).strip()
        for file, row in places
        for (text,) in opened.ask(
            f"SELECT list_filter([{', '.join(map(quoted, opened.texts))}], "
            f"lambda one: {marks_total('one', TOTAL_WORDS)})[1] FROM {opened.view} "
            f"WHERE __file = {file} AND __row = {row}"
        )
    )
    return list(found)


def refuse_sums(opened: OpenedTable, *, value: str | None, names: tuple[str, ...]) -> None:
    """Refuse a table whose last row lacks an id or a date and is the sum of all other rows.

    Parameters
    ----------
    value : str or None
        Column of the amount, `quantity` where there is no money.
    names : tuple of str
        Columns of the typed rows.
    """
    amount = value or ("quantity" if "quantity" in names else "")
    lacking = [c for c in _FILLED if c in names]
    if not amount or not lacking:
        return
    money = f"{quoted(amount)}::DECIMAL(38, 6)"
    blank = " OR ".join(f"{c} IS NULL" for c in lacking)
    ends = (
        f"SELECT __file, sum({money}) AS total, max(__row) AS __row, count(*) AS n "
        f"FROM {opened.rows} GROUP BY __file"
    )
    last = f"{opened.rows} JOIN ({ends}) USING (__file, __row)"
    is_sum = f"n > 2 AND {money} <> 0 AND abs(total - 2 * {money}) < 0.01"
    found = _places(opened, last, f"({blank}) AND {is_sum} AND reason IS DISTINCT FROM 'footer'")
    _refuse(opened, sorted(found), "is the sum of all other rows", [])


def _id_columns(opened: OpenedTable) -> list[str]:
    """Name the text columns that hold ids, and the first column, where a label often stands."""
    kinds = TABLES[opened.table].columns
    ids = [s for n, s in opened.columns.sources.items() if n in kinds and kinds[n].kind == "id"]
    return [c for c in dict.fromkeys([*opened.raw.header[:1], *ids]) if c in opened.texts]


def _refuse(opened: OpenedTable, found: list[tuple[int, int]], what: str, texts: list[str]) -> None:
    if not found:
        return
    places = [opened.place(*place) for place in found]
    many = len(found) > 1
    labels = dict.fromkeys(text.strip(" :") for text in texts)
    words = f"[{', '.join(labels)}]" if texts else "<the text of that row>"
    raise DataRefused(
        "E-DATA-32",
        places[0],
        f"row {found[0][1]} {what}: it would count twice what it sums up",
        found=f"{len(found)} such row{'s' * many}: {rows_in_words(places)}",
        fix=f"{opened.config.answer('rules.footer', words)}\n"
        f"or, where it is the last row, {opened.config.answer('format.footer_rows', '1')}",
    )


def _places(opened: OpenedTable, rows: str, test: str) -> set[tuple[int, int]]:
    return set(opened.ask(f"SELECT __file, __row FROM {rows} WHERE {test}"))
