"""The customers whose personas are looked for: by orders, by one row each, or by answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

import ibis
import numpy as np
import pandas as pd
from ibis import _

from shared.analysis.column_words import plain
from shared.analysis.customer_level import client_money_noun
from shared.analysis.customer_profile import customer_profile
from shared.analysis.customer_summary import EXACT
from shared.analysis.personas_behaviour import customer_behaviour
from shared.analysis.personas_features import SENSITIVE
from shared.loading.errors import ConfigError, NotSupportedByData

# How a customer behaves; what happens within a visit and what is in the basket describe only.
USUAL = ("discounted_lines", "refunded_lines", "units_per_line", "products_per_order")
USUAL_WEB = ("visits_per_month", "minutes_per_visit")
# Of the profile: what is no behaviour of its own kind, or a score made of other columns.
NO_FEATURES = ("r_score", "f_score", "m_score", "periods_in_stage", "recoveries")
ANSWER_COLUMNS = ("outcome", "observed_at", "customer_id")
BORN = ("birth_year", "year_birth")
LEAST_VALUES = 3


@dataclass(frozen=True)
class PersonaBase:
    """Who is looked at, and what is known of each.

    Attributes
    ----------
    customers : pd.DataFrame
        Index `customer_id`; one numeric column per possible feature, for all customers.
    labels : dict of str to (str, str)
        What a feature is called on the page, and how it is written.
    usual : tuple of str
        Features that count unless a consultant asks for others, the most telling first.
    eligible : pd.Series of bool
        Who has enough orders for a share of them to mean something.
    attributes : pd.DataFrame
        What the client told of the customers beside their behaviour, numbers only.
    money, gap_days, channel : pd.Series or None
        Net revenue, days between orders, and main channel of each customer; None where unknown.
    categories : dict of str to str
        Features that tell what is bought, and the category of each.
    nominal : dict of str to dict
        Of each category of customers that counts, the columns that hold it, and their values.
    what : str
        What the money is: "revenue" or "items bought"; "" where none is known.
    noun : str
        "customers", or "persons" who answered.
    least_orders : int
        Orders that an eligible customer has at least; 0 where orders are not known.
    """

    customers: pd.DataFrame
    labels: dict[str, tuple[str, str]]
    usual: tuple[str, ...]
    eligible: pd.Series
    attributes: pd.DataFrame
    money: pd.Series | None = None
    gap_days: pd.Series | None = None
    channel: pd.Series | None = None
    categories: dict[str, str] = field(default_factory=dict)
    nominal: dict[str, dict[str, str]] = field(default_factory=dict)
    what: str = ""
    noun: str = "customers"
    least_orders: int = 0

    def label(self, feature: str) -> str:
        """Give the words for a feature."""
        return self.labels.get(feature, (plain(feature), ""))[0]

    def spec(self, feature: str) -> str:
        """Say how a feature is written."""
        return self.labels.get(feature, ("", "number"))[1]


def persona_base(
    tables: Mapping[str, ibis.Table],
    *,
    snapshot_date: date,
    least_orders: int = 3,
    sentiment: pd.Series | None = None,
) -> PersonaBase:
    """Gather what is known of each customer from whichever table the client supplied.

    Parameters
    ----------
    tables : mapping of str to ibis.Table
        `order_lines` that name customers; else `customer_rfm`; else `responses`.
    snapshot_date : datetime.date
        As of when.
    least_orders : int
        Shares of one or two orders are chance: who ordered less often is not placed.
    sentiment : pd.Series, optional
        Mean sentiment by `customer_id`, -2 to +2, where texts were scored.

    Raises
    ------
    NotSupportedByData
        If none of the tables tells of customers.
    """
    lines = tables.get("order_lines")
    if lines is not None and "customer_id" in lines.columns:
        return _by_orders(
            tables, snapshot_date=snapshot_date, least_orders=least_orders, sentiment=sentiment
        )
    if "customer_rfm" in tables:
        return _by_summary(tables["customer_rfm"].to_pandas(), snapshot_date)
    if "responses" in tables:
        return _by_answers(tables["responses"].to_pandas(), snapshot_date)
    raise NotSupportedByData(
        "no table tells of customers", "order_lines with customer_id, customer_rfm or responses"
    )


def relabelled(base: PersonaBase, text: str) -> PersonaBase:
    """Call features by a consultant's words, such as "MntFruits: Fruit; Recency: Silence".

    Raises
    ------
    ConfigError
        If a column is not known, or has no words.
    """
    labels = dict(base.labels)
    for entry in filter(str.strip, text.split(";")):
        feature, _colon, words = map(str.strip, entry.partition(":"))
        if feature not in base.customers or not words:
            raise ConfigError(
                "E-PARA-75", "labels", f"{entry.strip()!r} names no feature of this client",
                found=text, fix="write column: words, with ; between them",
            )  # fmt: skip
        labels[feature] = (words, base.spec(feature))
    return replace(base, labels=labels)


def _by_orders(
    tables: Mapping[str, ibis.Table],
    *,
    snapshot_date: date,
    least_orders: int,
    sentiment: pd.Series | None,
) -> PersonaBase:
    behaviour = customer_behaviour(tables, snapshot_date=snapshot_date)
    profile = customer_profile(tables, snapshot_date=snapshot_date).customers
    profile = profile.set_index("customer_id").reindex(behaviour.customers.index)
    columns = behaviour.customers.drop(columns=["orders", "lines"])
    if sentiment is not None:
        columns["mean_sentiment"] = sentiment.reindex(columns.index)
    metrics = profile.select_dtypes("number").drop(columns=list(NO_FEATURES), errors="ignore")
    more = metrics.drop(columns=[c for c in metrics if c in columns or metrics[c].isna().all()])
    usual = [name for name in USUAL if name in columns]
    # The share of the largest channel, the last of them, is what the others leave.
    usual += list(behaviour.channels)[:-1]
    usual += [name for name in USUAL_WEB if name in columns]
    voiced = {
        "mean_sentiment": ("Mood of their texts", "number.1"),
        "mean_rating": ("Stars given", "number.1"),
    }
    return PersonaBase(
        customers=pd.concat([columns, more], axis=1).astype("float64"),
        labels={**behaviour.labels, **voiced},
        usual=tuple(usual),
        eligible=behaviour.customers["orders"] >= least_orders,
        attributes=_attributes(tables, columns.index, snapshot_date, sentiment),
        money=profile["monetary"],
        gap_days=profile["median_gap_days"],
        channel=_main_channel(columns, behaviour.channels),
        categories=behaviour.categories,
        what=client_money_noun(tables),
        least_orders=least_orders,
    )


def _main_channel(columns: pd.DataFrame, channels: dict[str, str]) -> pd.Series | None:
    if not channels:
        return None
    most = columns[list(channels)].dropna().idxmax(axis=1)
    return most.map(channels).reindex(columns.index)


def _attributes(
    tables: Mapping[str, ibis.Table], ids: pd.Index, day: date, sentiment: pd.Series | None
) -> pd.DataFrame:
    """Give what customers told, to a survey, in stars or in words, and who they are."""
    made = pd.DataFrame(index=ids)
    if "customers" in tables:
        table = tables["customers"].to_pandas().drop_duplicates("customer_id")
        numbers = table.set_index("customer_id").select_dtypes("number")
        numbers = numbers.drop(columns=["acquisition_cost"], errors="ignore")
        if "birth_year" in numbers:
            numbers["age"] = day.year - numbers.pop("birth_year")
        made = numbers.reindex(ids)
    reviews = tables.get("reviews")
    if reviews is not None and {"customer_id", "rating", "written_at"} <= set(reviews.columns):
        told = reviews.filter(_.written_at < datetime.combine(day, time()))
        stars = told.group_by("customer_id").aggregate(stars=_.rating.cast(EXACT).mean())
        by_customer = stars.to_pandas().set_index("customer_id")["stars"]
        made = made.assign(mean_rating=by_customer.astype("float64").reindex(ids))
    if sentiment is not None:
        made = made.assign(mean_sentiment=sentiment.reindex(ids))
    return made.astype("float64")


def one_each(rows: pd.DataFrame) -> pd.DataFrame:
    """Give one row per customer by id; rows without an id are numbered from 1."""
    if "customer_id" not in rows.columns:
        ids = [str(number) for number in range(1, len(rows) + 1)]
        return rows.set_index(pd.Index(ids, name="customer_id"))
    return rows.drop_duplicates("customer_id").set_index("customer_id").sort_index()


def _by_summary(customers: pd.DataFrame, snapshot_date: date) -> PersonaBase:
    table = one_each(customers)
    recency = (pd.Timestamp(snapshot_date) - pd.to_datetime(table["last_order_date"])).dt.days
    made = pd.DataFrame(
        {
            "recency_days": recency,
            "frequency": table["frequency"],
            "mean_spend": table["monetary"] / table["frequency"].where(table["frequency"] > 0),
        }
    )
    extra = _numbers(table.drop(columns=["frequency", "monetary"]))
    labels = {
        "recency_days": ("Days since the last order", "days"),
        "frequency": ("Orders", "number.1"),
        "mean_spend": ("Mean order", "money"),
    }
    features = pd.concat([made, extra], axis=1).astype("float64")
    return PersonaBase(
        customers=features,
        labels=labels,
        usual=tuple(features.columns),
        eligible=pd.Series(True, index=features.index),
        attributes=_personal(extra, snapshot_date),
        money=table["monetary"],
        what="revenue",
    )


def _by_answers(rows: pd.DataFrame, day: date) -> PersonaBase:
    table = one_each(rows)
    numbers = _numbers(table.drop(columns=list(ANSWER_COLUMNS), errors="ignore"))
    if numbers.empty:
        raise NotSupportedByData("no column holds numbers", "numbers that describe behaviour")
    many = [str(c) for c in numbers if numbers[c].nunique() >= LEAST_VALUES]
    return PersonaBase(
        customers=numbers.astype("float64"),
        labels={str(c): (plain(str(c)), "number.1") for c in numbers},
        usual=tuple(many),
        eligible=pd.Series(True, index=numbers.index),
        attributes=_personal(numbers, day),
        noun="persons",
    )


def _numbers(table: pd.DataFrame) -> pd.DataFrame:
    kept = table.select_dtypes([np.number, bool])
    return kept.astype("float64")


def _personal(numbers: pd.DataFrame, day: date) -> pd.DataFrame:
    personal = numbers[[c for c in numbers if str(c).lower() in SENSITIVE]]
    born = [c for c in personal if str(c).lower() in BORN]
    ages = [(day.year - personal[column]).rename("age") for column in born]
    return pd.concat([personal.drop(columns=born), *ages], axis=1)
