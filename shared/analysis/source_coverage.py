"""Source coverage: how many of a client's customers does each kind of data tell about?"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import ibis
import pandas as pd
from ibis import _

from shared.loading.schema import TABLES

TRANSACTIONAL, BEHAVIOURAL = "transactional", "behavioural"
ATTITUDINAL, DESCRIPTIVE = "attitudinal", "descriptive"
KINDS = (TRANSACTIONAL, BEHAVIOURAL, ATTITUDINAL, DESCRIPTIVE)
# A column of a table is a source of its own where it tells something else than the table.
SOURCES = (
    (TRANSACTIONAL, "order_lines", ""),
    (TRANSACTIONAL, "customer_rfm", ""),
    (TRANSACTIONAL, "durations", ""),
    (TRANSACTIONAL, "responses", ""),
    (TRANSACTIONAL, "conversions", ""),
    (TRANSACTIONAL, "campaign", ""),
    (BEHAVIOURAL, "web_sessions", ""),
    (BEHAVIOURAL, "touchpoints", ""),
    (BEHAVIOURAL, "paths", ""),
    (ATTITUDINAL, "reviews", ""),
    (ATTITUDINAL, "reviews", "rating"),
    (ATTITUDINAL, "touchpoints", "satisfaction"),
    (DESCRIPTIVE, "customers", ""),
    (DESCRIPTIVE, "products", ""),
)
# Parts of a name by which an attribute tells what a customer thinks, not who the customer is.
_ATTITUDE = re.compile(
    r"attitude|satisf|opinion|interest|lifestyle|motiv|personality|preference|survey"
    r"|(^|_)(nps|csat|values?)(_|$)|memnuniyet|tutum|отношен|удовлетв",
    re.IGNORECASE,
)
COLUMNS = ["kind", "table", "column", "rows", "customers", "share", "first", "last"]


@dataclass(frozen=True)
class SourceCoverage:
    """What each source holds, and for how many of the customers that the reports are about.

    Attributes
    ----------
    base : int or None
        Different customers of `main`; None where it names none, and then nothing is covered.
    main : str
        The table that names the base: the orders, or else the first that names customers.
    table : pd.DataFrame
        One row per source that was supplied: `kind`, `table`, `column` ("" for all of it),
        `rows` (with a value in that column), `customers` (of the base; blank where the source
        names none), `share` of the base, `first` and `last` day (blank without dates).
    """

    base: int | None
    main: str
    table: pd.DataFrame


def source_coverage(tables: Mapping[str, ibis.Table]) -> SourceCoverage:
    """Count, in the engine, what the canonical tables tell about how many customers.

    Parameters
    ----------
    tables : mapping of str to ibis.Table
        Canonical tables by name.
    """
    supplied = [source for source in _sources(tables) if _has(tables, *source[1:])]
    named = [table for _, table, _ in supplied if "customer_id" in tables[table].columns]
    main = named[0] if named else ""
    everyone = _customers(tables[main]) if main else None
    base = int(everyone.count().execute()) if everyone is not None else None
    rows = [(*source, *_counted(tables, *source[1:], everyone, base)) for source in supplied]
    frame = pd.DataFrame(rows, columns=COLUMNS).astype({"customers": "Int64"})
    return SourceCoverage(base, main, frame)


def attitudes(customers: ibis.Table) -> list[str]:
    """Name the attributes of customers that tell what they think, judged by the column's name."""
    extras = [name for name in customers.columns if name not in TABLES["customers"].columns]
    return [name for name in extras if _ATTITUDE.search(name)]


def _sources(tables: Mapping[str, ibis.Table]) -> list[tuple[str, str, str]]:
    if "customers" not in tables:
        return list(SOURCES)
    told = [(ATTITUDINAL, "customers", name) for name in attitudes(tables["customers"])]
    place = next(i for i, source in enumerate(SOURCES) if source[0] == DESCRIPTIVE)
    return [*SOURCES[:place], *told, *SOURCES[place:]]


def _has(tables: Mapping[str, ibis.Table], table: str, column: str) -> bool:
    return table in tables and (not column or column in tables[table].columns)


def _customers(table: ibis.Table) -> ibis.Table:
    return table.filter(_.customer_id.notnull()).select("customer_id").distinct()


def _counted(
    tables: Mapping[str, ibis.Table],
    table: str,
    column: str,
    everyone: ibis.Table | None,
    base: int | None,
) -> tuple[int, int | None, float | None, date | None, date | None]:
    """Give rows, customers of the base, their share, first and last day of one source."""
    told = tables[table]
    if column:
        told = told.filter(told[column].notnull())
    rows = int(told.count().execute())
    customers = None
    if everyone is not None and "customer_id" in told.columns:
        customers = int(_customers(told).semi_join(everyone, "customer_id").count().execute())
    share = customers / base if customers is not None and base else None
    return rows, customers, share, *_days(told, TABLES[table].clock)


def _days(told: ibis.Table, clock: str) -> tuple[date | None, date | None]:
    if not clock or clock not in told.columns:
        return None, None
    found = told.aggregate(first=told[clock].min(), last=told[clock].max()).to_pandas().iloc[0]
    return _day(found["first"]), _day(found["last"])


def _day(moment: date | datetime | None) -> date | None:
    return None if moment is None or pd.isna(moment) else pd.Timestamp(moment).date()
