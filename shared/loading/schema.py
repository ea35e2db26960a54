"""The one vocabulary: canonical tables, their columns, types and what each is also called."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from shared.loading.column_synonyms import SYNONYMS
from shared.loading.errors import NotSupportedByData

if TYPE_CHECKING:
    import ibis

Kind = Literal["id", "text", "timestamp", "date", "number", "money", "integer", "flag"]
NUMERIC_KINDS = ("number", "money", "integer")
ROW_NUMBER = "#row"
CUSTOMER_DAY = "#customer_day"


@dataclass(frozen=True)
class Column:
    """One canonical column.

    Attributes
    ----------
    kind : str
        id and text stay text; timestamp and date are local to the client's time zone; money is a
        number in the client's currency; flag is 0 or 1.
    synonyms : tuple of str
        Names that exports use for it, lower case, letters and digits only.
    """

    kind: Kind
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableSchema:
    """One canonical table.

    Attributes
    ----------
    grain : str
        What one row is.
    columns : dict of str to Column
        All columns the suite knows; a client's table may carry further ones where `extras` is set.
    essential : tuple of tuple of str
        Alternatives: every column of at least one of them must be mapped.
    key : tuple of str
        Columns that identify a row where a rule asks to drop duplicates.
    extras : bool
        Whether unmapped columns are kept as attributes or features under their own names.
    clock : str
        The column that dates a row, "" if the table has none.
    """

    grain: str
    columns: dict[str, Column]
    essential: tuple[tuple[str, ...], ...]
    key: tuple[str, ...] = ()
    extras: bool = False
    clock: str = ""


def _names(words: str) -> tuple[str, ...]:
    return tuple(words.split())


CUSTOMER = Column("id", SYNONYMS["customer_id"])
PRODUCT = Column("id", SYNONYMS["product_id"])
PRODUCT_NAME = Column("text", SYNONYMS["product_name"])
CATEGORY = Column("text", SYNONYMS["category"])
CHANNEL = Column("text", SYNONYMS["channel"])
CAMPAIGN = Column("text", SYNONYMS["campaign"])
_LENGTHS = _names("tenuredays tenureweeks tenuremonths durationdays durationweeks durationmonths")

TABLES: dict[str, TableSchema] = {
    "order_lines": TableSchema(
        grain="product in an order",
        columns={
            "customer_id": CUSTOMER,
            "order_id": Column("id", SYNONYMS["order_id"]),
            "order_date": Column("timestamp", SYNONYMS["order_date"]),
            "product_id": PRODUCT,
            "quantity": Column("number", SYNONYMS["quantity"]),
            "unit_price": Column("money", SYNONYMS["unit_price"]),
            "line_value": Column("money", SYNONYMS["line_value"]),
            "discount": Column("money", SYNONYMS["discount"]),
            "unit_cost": Column("money", SYNONYMS["unit_cost"]),
            "product_name": PRODUCT_NAME,
            "category": CATEGORY,
            "channel": CHANNEL,
            "campaign": CAMPAIGN,
            "country": Column("text", SYNONYMS["country"]),
        },
        essential=(("customer_id", "order_date"), ("order_id", "product_id")),
        key=("order_id", "product_id"),
        clock="order_date",
    ),
    "customers": TableSchema(
        grain="customer",
        columns={
            "customer_id": CUSTOMER,
            "joined_on": Column("date", SYNONYMS["joined_on"]),
            "loyalty_joined_on": Column("date", ("loyaltyjoinedon", "membersince")),
            "birth_year": Column("integer", SYNONYMS["birth_year"]),
            "gender": Column("text", SYNONYMS["gender"]),
            "city": Column("text", SYNONYMS["city"]),
            "acquisition_channel": Column("text", ("acquisitionchannel",)),
            "acquisition_campaign": Column("text", ("acquisitioncampaign",)),
            "acquisition_cost": Column("money", ("acquisitioncost", "cac")),
        },
        essential=(("customer_id",),),
        key=("customer_id",),
        extras=True,
    ),
    "products": TableSchema(
        grain="product",
        columns={
            "product_id": PRODUCT,
            "product_name": PRODUCT_NAME,
            "category": CATEGORY,
            "unit_cost": Column("money", SYNONYMS["unit_cost"]),
            "stock": Column("number", SYNONYMS["stock"]),
            "repeatable": Column("flag", ("repeatable", "consumable")),
        },
        essential=(("product_id",),),
        key=("product_id",),
        extras=True,
    ),
    "web_sessions": TableSchema(
        grain="visit",
        columns={
            "customer_id": CUSTOMER,
            "session_id": Column("id", SYNONYMS["session_id"]),
            "started_at": Column("timestamp", SYNONYMS["started_at"]),
            "channel": CHANNEL,
            "pages": Column("integer", SYNONYMS["pages"]),
            "duration_seconds": Column("number", SYNONYMS["duration_seconds"]),
            "product_views": Column("integer", SYNONYMS["product_views"]),
            "cart_adds": Column("integer", SYNONYMS["cart_adds"]),
            "bounced": Column("flag", ("bounced", "bounce")),
        },
        essential=(("customer_id", "session_id", "started_at"),),
        key=("session_id",),
        clock="started_at",
    ),
    "touchpoints": TableSchema(
        grain="marketing contact",
        columns={
            "customer_id": CUSTOMER,
            "touched_at": Column("timestamp", ("touchedat", "timestamp", "eventtime")),
            "channel": CHANNEL,
            "kind": Column("text", ("kind", "eventtype", "type")),
            "campaign": CAMPAIGN,
            "cost": Column("money", ("cost", "spend")),
            "stage": Column("text", ("stage", "funnelstage", "event")),
            "satisfaction": Column("number", ("satisfaction", "csat")),
        },
        essential=(("customer_id", "touched_at", "channel"),),
        clock="touched_at",
    ),
    "conversions": TableSchema(
        grain="conversion",
        columns={
            "customer_id": CUSTOMER,
            "converted_at": Column("timestamp", ("convertedat", "conversiontime")),
            "conversion_value": Column("money", ("conversionvalue", "value")),
        },
        essential=(("customer_id", "converted_at"),),
        clock="converted_at",
    ),
    "campaign": TableSchema(
        grain="customer in a campaign",
        columns={
            "customer_id": CUSTOMER,
            "treatment": Column("flag", ("treatment", "treated")),
            "arm": Column("text", ("arm", "group", "variant", "segment")),
            "campaign_id": Column("id", ("campaignid", "campaign")),
            "assigned_at": Column("timestamp", ("assignedat", "sentat")),
            "outcome": Column("flag", ("outcome", "conversion", "converted", "response")),
            "outcome_value": Column("money", ("outcomevalue", "spend")),
            "treatment_cost": Column("money", ("treatmentcost",)),
        },
        essential=(("customer_id", "treatment"), ("customer_id", "arm")),
        extras=True,
        clock="assigned_at",
    ),
    "reviews": TableSchema(
        grain="text",
        columns={
            "review_id": Column("id", SYNONYMS["review_id"]),
            "written_at": Column("timestamp", SYNONYMS["written_at"]),
            "text": Column("text", SYNONYMS["text"]),
            "customer_id": CUSTOMER,
            "product_id": PRODUCT,
            "rating": Column("number", SYNONYMS["rating"]),
            "language": Column("text", SYNONYMS["language"]),
            "source": Column("text", ("source",)),
        },
        essential=(("review_id", "text"),),
        key=("review_id",),
        extras=True,
        clock="written_at",
    ),
    "customer_rfm": TableSchema(
        grain="customer",
        columns={
            "customer_id": CUSTOMER,
            "last_order_date": Column("date", ("lastorderdate", "lastpurchase")),
            "first_order_date": Column("date", ("firstorderdate",)),
            "frequency": Column("integer", ("frequency", "orders")),
            "monetary": Column("money", ("monetary", "totalspend")),
        },
        essential=(("customer_id", "last_order_date", "frequency", "monetary"),),
        key=("customer_id",),
        extras=True,
        clock="last_order_date",
    ),
    "durations": TableSchema(
        grain="customer",
        columns={
            "customer_id": CUSTOMER,
            "duration": Column("number", ("duration", "tenure", *_LENGTHS)),
            "event_observed": Column("flag", ("eventobserved", "churn", "churned")),
        },
        essential=(("customer_id", "duration", "event_observed"),),
        extras=True,
    ),
    "responses": TableSchema(
        grain="person or session, labelled",
        columns={
            "customer_id": CUSTOMER,
            "outcome": Column("flag", ("outcome", "response", "revenue", "purchased")),
            "observed_at": Column("timestamp", ("observedat",)),
        },
        essential=(("outcome",),),
        extras=True,
        clock="observed_at",
    ),
    "paths": TableSchema(
        grain="distinct channel path",
        columns={
            "path": Column("text", ("path", "channelpath")),
            "conversions": Column("integer", ("conversions", "totalconversions")),
            "conversion_value": Column("money", ("conversionvalue", "totalconversionvalue")),
            "nulls": Column("integer", ("nulls", "totalnull")),
        },
        essential=(("path", "conversions"),),
        key=("path",),
    ),
}

EARLIEST_YEAR = 1900


def require_columns(table: "ibis.Table", columns: list[str], *, analysis: str) -> None:
    """Raise `NotSupportedByData` naming every column that an analysis needs and the table lacks."""
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise NotSupportedByData(
            f"{analysis} needs {', '.join(missing)}, which this export does not have",
            f"map {', '.join(missing)} in client.yaml",
        )
