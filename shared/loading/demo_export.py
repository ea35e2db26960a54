"""How the demo shop's accounting system exports orders: its headers, its number format, its mess."""

import csv
import gzip
import io
from pathlib import Path

import numpy as np
import pandas as pd

from shared.loading.demo_catalogue import CATEGORIES, Catalogue
from shared.loading.demo_orders import GUEST, timestamp
from shared.loading.demo_truth import SEED

HEADER = (
    "Invoice No", "Line", "Invoice Date", "Customer No", "Article No", "Article", "Product Group",
    "Qty", "Unit Price", "Discount", "Unit Cost", "Sales Channel", "Promotion", "Country",
)  # fmt: skip
PRODUCT_HEADER = ("article_no", "article", "product_group", "list_price", "unit_cost", "stock",
                  "reorderable")  # fmt: skip
DELIVERY, SAMPLE, TEST = "SHIP-STD", "SMP-100", "TEST-ITEM"
CREDIT_NOTE = "CN"
DELIVERY_FEE, FREE_DELIVERY_FROM = 4.90, 35.0
NO_COST = ("PA-910", "KI-809", "SY-409")
TEST_ORDERS, REPEATED_LINES = 6, 14
_SAMPLE_SHARE = 0.02
_CLOCK, _DATE, _QTY, _PRICE = 0, 2, 7, 8
# Each broken line: which field, and what stands there instead.
_BROKEN = (
    (_DATE, "31/02/2025 10:15"), (_DATE, "00/00/0000 00:00"), (_DATE, ""), (_DATE, "2025-13-08"),
    (_DATE, "30/06/2062 11:42"), (_QTY, "n/a"), (_QTY, "-"), (_QTY, "3 pcs"), (_PRICE, "#REF!"),
    (_PRICE, "#N/A"), (_PRICE, "see offer"),
)  # fmt: skip
_TORN = 3  # lines with a semicolon too many; as many again break off in the middle

Row = list[str]


def invoice_numbers(orders: pd.DataFrame) -> list[str]:
    """Number the orders through each year, such as 25-001234."""
    years = [timestamp(minute).year for minute in orders["minute"]]
    counts = pd.Series(years).groupby(years).cumcount() + 1
    return [f"{year % 100}-{count:06d}" for year, count in zip(years, counts, strict=True)]


def order_export(
    orders: pd.DataFrame, lines: pd.DataFrame, refunds: pd.DataFrame, ids: list[str],
    catalogue: Catalogue,
) -> list[Row]:  # fmt: skip
    """Return the export line by line, in the order in which invoices were written.

    Lines that are no purchase are in it as well: delivery fees, free samples, test invoices,
    credit notes, lines sent twice, and a few that are broken.
    """
    rng = np.random.default_rng([SEED, 9])
    invoices = invoice_numbers(orders)
    dated = [
        (int(orders["minute"][order]), invoices[order], row)
        for order, row in _purchase_rows(orders, lines, invoices, ids, catalogue)
    ]
    dated += _service_rows(orders, lines, invoices, ids, rng)
    dated += _credit_notes(orders, lines, refunds, ids, catalogue)
    dated += _test_invoices(int(orders["minute"].iloc[-1]), rng)
    dated.sort(key=lambda entry: (entry[0], entry[1], int(entry[2][1])))
    rows = [row for _, _, row in dated]
    return _broken_up(_repeated(rows, rng), rng)


def product_rows(catalogue: Catalogue, prices: np.ndarray) -> list[Row]:
    """Return the shop's product list with today's prices; three costs are not known."""
    return [
        [
            product_id, catalogue.name[i], CATEGORIES[catalogue.category[i]], f"{prices[i]:.2f}",
            _cost(catalogue, i), str(catalogue.stock[i]), "yes" if catalogue.repeatable[i] else "no",
        ]  # fmt: skip
        for i, product_id in enumerate(catalogue.product_id)
    ]


def write_csv(
    path: Path, header: tuple[str, ...], rows: list[Row], *, delimiter: str = ",",
    encoding: str = "utf-8",
) -> None:  # fmt: skip
    """Write a table, gzipped without a time stamp where the name ends in .gz."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    content = text.getvalue().encode(encoding)
    if path.suffix == ".gz":
        packed = io.BytesIO()
        with gzip.GzipFile("", "wb", compresslevel=9, fileobj=packed, mtime=0) as file:
            file.write(content)
        content = packed.getvalue()
    path.write_bytes(content)


def _purchase_rows(
    orders: pd.DataFrame, lines: pd.DataFrame, invoices: list[str], ids: list[str],
    catalogue: Catalogue,
) -> list[tuple[int, Row]]:  # fmt: skip
    number = (lines.groupby("order").cumcount() + 1).tolist()
    rows = []
    for line, entry in enumerate(lines.itertuples(index=False)):
        order, product, quantity, price, discount, campaign = entry
        row = [
            *_head(orders, order, invoices[order], number[line], ids),
            *_article(catalogue, product),
            str(quantity), _euros(price), _euros(discount), _euros(_cost(catalogue, product)),
            orders["channel"][order], campaign, orders["country"][order],
        ]  # fmt: skip
        rows.append((order, row))
    return rows


def _head(orders: pd.DataFrame, order: int, invoice: str, line: int, ids: list[str]) -> Row:
    customer = orders["customer"][order]
    who = "" if customer == GUEST else ids[customer]
    return [invoice, str(line), _local(orders["minute"][order]), who]


def _service_rows(
    orders: pd.DataFrame, lines: pd.DataFrame, invoices: list[str], ids: list[str],
    rng: np.random.Generator,
) -> list[tuple[int, str, Row]]:  # fmt: skip
    """Add a delivery fee to small orders and a free sample to a few."""
    value = (lines["quantity"] * lines["price"] - lines["discount"]).groupby(lines["order"]).sum()
    luck = rng.random(len(orders))
    rows = []
    for order, minute in enumerate(orders["minute"]):
        extra = []
        if value.get(order, 0.0) < FREE_DELIVERY_FROM and orders["channel"][order] != "Phone":
            extra.append((90, [DELIVERY, "Standard delivery", "Delivery"], DELIVERY_FEE))
        if luck[order] < _SAMPLE_SHARE:
            extra.append((91, [SAMPLE, "Taster sachet 30 g", "Samples"], 0.0))
        for line, article, price in extra:
            row = [*_head(orders, order, invoices[order], line, ids), *article, "1", _euros(price),
                   "0,00", "", orders["channel"][order], "", orders["country"][order]]  # fmt: skip
            rows.append((int(minute), invoices[order], row))
    return rows


def _credit_notes(
    orders: pd.DataFrame, lines: pd.DataFrame, refunds: pd.DataFrame, ids: list[str],
    catalogue: Catalogue,
) -> list[tuple[int, str, Row]]:  # fmt: skip
    """Write one credit note per line sent back: negative quantity, its share of the discount."""
    rows = []
    for number, (line, minute, quantity) in enumerate(refunds.itertuples(index=False), start=1):
        order, product, bought, price, discount, campaign = lines.iloc[line]
        note = f"{CREDIT_NOTE}-{number:05d}"
        head = _head(orders, order, note, 1, ids)
        head[_DATE] = _local(minute)
        rows.append(
            (
                int(minute),
                note,
                [
                    *head, *_article(catalogue, product), str(-quantity), _euros(price),
                    _euros(-round(discount * quantity / bought, 2)),
                    _euros(_cost(catalogue, product)), orders["channel"][order], campaign,
                    orders["country"][order],
                ],
            )
        )  # fmt: skip
    return rows


def _test_invoices(last_minute: int, rng: np.random.Generator) -> list[tuple[int, str, Row]]:
    rows = []
    for number, minute in enumerate(rng.integers(0, last_minute, TEST_ORDERS), start=1):
        invoice = f"TEST-{number:04d}"
        rows.append(
            (int(minute), invoice, [invoice, "1", _local(minute), "", TEST, "Do not ship", "Test",
                                    "1", "1,00", "0,00", "", "Web", "", "Ireland"])
        )  # fmt: skip
    return rows


def _repeated(rows: list[Row], rng: np.random.Generator) -> list[Row]:
    """Send a few product lines twice, as a restarted export does."""
    twice = set(rng.choice(len(rows), REPEATED_LINES, replace=False).tolist())
    return [row for i, row in enumerate(rows) for _ in range(1 + (i in twice))]


def _broken_up(rows: list[Row], rng: np.random.Generator) -> list[Row]:
    """Put broken lines between the good ones: nothing good is lost."""
    size = len(_BROKEN) + 2 * _TORN
    places = np.sort(rng.choice(np.arange(1000, len(rows)), size, replace=False)).tolist()
    faults = [*_BROKEN, *((_CLOCK, "wide"), (_CLOCK, "short")) * _TORN]
    order = rng.permutation(size).tolist()
    out, done = [], 0
    for place, which in zip(places, order, strict=True):
        out += rows[done:place]
        out.append(_break(list(rows[place]), *faults[which]))
        done = place
    return out + rows[done:]


def _break(row: Row, field: int, fault: str) -> Row:
    if fault == "wide":
        return [*row[:5], "Gift box", " with ribbon", *row[6:]]
    if fault == "short":
        return row[:6]
    row[field] = fault
    return row


def _article(catalogue: Catalogue, product: int) -> Row:
    return [catalogue.product_id[product], catalogue.name[product],
            CATEGORIES[catalogue.category[product]]]  # fmt: skip


def _cost(catalogue: Catalogue, product: int) -> str:
    known = catalogue.product_id[product] not in NO_COST
    return f"{catalogue.unit_cost[product]:.2f}" if known else ""


def _euros(amount: float | str) -> str:
    """Write money the German way: 1.234,50."""
    if amount == "":
        return ""
    return f"{float(amount):,.2f}".translate(str.maketrans(",.", ".,"))


def _local(minute: int) -> str:
    return timestamp(minute).strftime("%d/%m/%Y %H:%M")
