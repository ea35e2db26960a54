"""How the demo shop's accounting system exports orders: headers, number format, mess."""

import csv
import gzip
import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from shared.loading.demo.catalogue import CATEGORIES, Catalogue
from shared.loading.demo.orders import GUEST, entries, timestamp
from shared.loading.demo.truth import SEED

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
_DATE, _QTY, _PRICE = 2, 7, 8
# Each broken line: which field, and what stands there instead.
_BROKEN = (
    (_DATE, "31/02/2025 10:15"), (_DATE, "00/00/0000 00:00"), (_DATE, ""), (_DATE, "2025-13-08"),
    (_DATE, "30/06/2062 11:42"), (_QTY, "n/a"), (_QTY, "-"), (_QTY, "3 pcs"), (_PRICE, "#REF!"),
    (_PRICE, "#N/A"), (_PRICE, "see offer"),
)  # fmt: skip
_TORN = 3  # lines with a semicolon too many; as many again break off in the middle

Row = list[str]


class Invoice(NamedTuple):
    """What all lines of one order share."""

    number: str
    minute: int
    customer_id: str
    channel: str
    country: str


class Article(NamedTuple):
    """A line's article as the export writes it."""

    product_id: str
    name: str
    group: str
    cost: str


def invoices_of(orders: pd.DataFrame, ids: list[str]) -> list[Invoice]:
    """Give each order its number of the year, such as 25-001234."""
    counts: dict[int, int] = {}
    invoices = []
    for customer, minute, channel, country in entries(
        orders, "customer", "minute", "channel", "country"
    ):
        year = timestamp(minute).year % 100
        counts[year] = counts.get(year, 0) + 1
        who = "" if customer == GUEST else ids[customer]
        invoices.append(Invoice(f"{year}-{counts[year]:06d}", minute, who, channel, country))
    return invoices


def order_export(
    invoices: list[Invoice], lines: pd.DataFrame, refunds: pd.DataFrame, catalogue: Catalogue
) -> list[Row]:
    """Return the export line by line, in the order in which invoices were written.

    Lines that are no purchase are in it as well: delivery fees, free samples, test invoices,
    credit notes, lines sent twice, and a few that are broken.
    """
    rng = np.random.default_rng([SEED, 9])
    articles = [_article(catalogue, i) for i in range(len(catalogue.product_id))]
    dated = _purchases(invoices, lines, articles)
    dated += _services(invoices, lines, rng)
    dated += _credit_notes(invoices, lines, refunds, articles)
    dated += _test_invoices(invoices[-1].minute, rng)
    dated.sort(key=lambda entry: (entry[0].minute, entry[0].number, int(entry[1][1])))
    return _broken_up(_repeated([row for _, row in dated], rng), rng)


def product_rows(catalogue: Catalogue, prices: np.ndarray) -> list[Row]:
    """Return the shop's product list with today's prices; three costs are not known."""
    rows = []
    for i, price in enumerate(prices.tolist()):
        product_id, name, group, cost = _article(catalogue, i)
        again = "yes" if catalogue.repeatable[i] else "no"
        rows.append([product_id, name, group, f"{price:.2f}", cost.replace(",", "."),
                     str(catalogue.stock[i]), again])  # fmt: skip
    return rows


def write_csv(
    path: Path, table: tuple[tuple[str, ...], list[Row]], *, delimiter: str, encoding: str
) -> None:
    """Write a header and its rows, gzipped without a time stamp where the name ends in .gz."""
    header, rows = table
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


def _purchases(
    invoices: list[Invoice], lines: pd.DataFrame, articles: list[Article]
) -> list[tuple[Invoice, Row]]:
    numbered = lines.assign(number=lines.groupby("order").cumcount() + 1)
    return [
        (
            invoices[order],
            _row(invoices[order], number, articles[product],
                 money=(quantity, price, discount), campaign=campaign),
        )
        for order, number, product, quantity, price, discount, campaign in entries(
            numbered, "order", "number", "product", "quantity", "price", "discount", "campaign"
        )
    ]  # fmt: skip


def _services(
    invoices: list[Invoice], lines: pd.DataFrame, rng: np.random.Generator
) -> list[tuple[Invoice, Row]]:
    """Add a delivery fee to small orders and a free sample to a few."""
    value = (lines["quantity"] * lines["price"] - lines["discount"]).groupby(lines["order"]).sum()
    luck = rng.random(len(invoices)).tolist()
    delivery = Article(DELIVERY, "Standard delivery", "Delivery", "")
    sample = Article(SAMPLE, "Taster sachet 30 g", "Samples", "")
    rows = []
    for invoice, worth, chance in zip(invoices, value.tolist(), luck, strict=True):
        if worth < FREE_DELIVERY_FROM and invoice.channel != "Phone":
            rows.append((invoice, _row(invoice, 90, delivery, money=(1, DELIVERY_FEE, 0.0))))
        if chance < _SAMPLE_SHARE:
            rows.append((invoice, _row(invoice, 91, sample, money=(1, 0.0, 0.0))))
    return rows


def _credit_notes(
    invoices: list[Invoice], lines: pd.DataFrame, refunds: pd.DataFrame, articles: list[Article]
) -> list[tuple[Invoice, Row]]:
    """Write one credit note per line sent back: negative quantity, its share of the discount."""
    bought = list(entries(lines, "order", "product", "quantity", "price", "discount", "campaign"))
    rows = []
    for number, (line, minute, back) in enumerate(
        entries(refunds, "line", "minute", "quantity"), start=1
    ):
        order, product, quantity, price, discount, campaign = bought[line]
        note = invoices[order]._replace(number=f"{CREDIT_NOTE}-{number:05d}", minute=minute)
        money = (-back, price, -round(discount * back / quantity, 2))
        rows.append((note, _row(note, 1, articles[product], money=money, campaign=campaign)))
    return rows


def _test_invoices(last_minute: int, rng: np.random.Generator) -> list[tuple[Invoice, Row]]:
    test = Article(TEST, "Do not ship", "Test", "")
    invoices = [
        Invoice(f"TEST-{number:04d}", minute, "", "Web", "Ireland")
        for number, minute in enumerate(rng.integers(0, last_minute, TEST_ORDERS).tolist(), start=1)
    ]
    return [(invoice, _row(invoice, 1, test, money=(1, 1.0, 0.0))) for invoice in invoices]


def _row(
    invoice: Invoice,
    line: int,
    article: Article,
    *,
    money: tuple[int, float, float],
    campaign: str = "",
) -> Row:
    quantity, price, discount = money
    return [
        invoice.number, str(line), f"{timestamp(invoice.minute):%d/%m/%Y %H:%M}",
        invoice.customer_id, article.product_id, article.name, article.group, str(quantity),
        _euros(price), _euros(discount), article.cost, invoice.channel, campaign, invoice.country,
    ]  # fmt: skip


def _article(catalogue: Catalogue, i: int) -> Article:
    product_id = catalogue.product_id[i]
    cost = "" if product_id in NO_COST else _euros(catalogue.unit_cost[i])
    return Article(product_id, catalogue.name[i], CATEGORIES[catalogue.category[i]], cost)


def _repeated(rows: list[Row], rng: np.random.Generator) -> list[Row]:
    """Send a few lines twice, as a restarted export does."""
    twice = set(rng.choice(len(rows), REPEATED_LINES, replace=False).tolist())
    return [row for i, row in enumerate(rows) for _ in range(1 + (i in twice))]


def _broken_up(rows: list[Row], rng: np.random.Generator) -> list[Row]:
    """Put broken lines between the good ones: nothing good is lost."""
    faults: list[tuple[int, str] | str] = [*_BROKEN, *("wide", "short") * _TORN]
    places = np.sort(rng.choice(np.arange(1000, len(rows)), len(faults), replace=False)).tolist()
    out, done = [], 0
    for place, which in zip(places, rng.permutation(len(faults)).tolist(), strict=True):
        out += [*rows[done:place], _broken(rows[place], faults[which])]
        done = place
    return out + rows[done:]


def _broken(row: Row, fault: tuple[int, str] | str) -> Row:
    if fault == "wide":
        return [*row[:5], "Gift box", " with ribbon", *row[6:]]
    if isinstance(fault, str):
        return row[:6]
    field, text = fault
    return [*row[:field], text, *row[field + 1 :]]


def _euros(amount: float) -> str:
    """Write money the German way: 1.234,50."""
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))
