"""What stands behind the charts of the assortment: bundles, groups, substitutes, stock."""

from typing import Any

import pandas as pd

from shared.analysis.basket_assortment_answers import following, groups_met, replacements
from shared.analysis.basket_exhibits import (
    LEAST_Q,
    MOST_MARKS,
    MOST_ROWS,
    PAIR,
    Columns,
    Exhibit,
    Q,
    named_sides,
    with_rest,
)
from shared.analysis.basket_groups import APART, CROSS_SELL, OPEN
from shared.analysis.basket_items import shortened
from shared.analysis.basket_study import BasketStudy
from shared.analysis.intervals import Estimate
from shared.analysis.study_parts import known
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData


def priced(study: BasketStudy) -> Exhibit:
    """Give the bundles with cost, floor and list price."""
    if isinstance(study.bundles, NotSupportedByData):
        raise study.bundles
    data = named_sides(study.bundles.head(8), study)
    row = data.iloc[0]
    title = Reason(
        "{a} with {b} can go down to {floor:money.2}, {off:share} below {list:money.2}, before the "
        "margin of today is lost",
        {"a": row["product_a"], "b": row["product_b"], "floor": float(row["floor_price"]),
         "off": float(row["deepest_discount"]), "list": float(row["list_price"])},
    )  # fmt: skip
    alt = Reason(
        "Bars from cost to list price, one per bundle, with the floor marked: {a} with {b} costs "
        "{cost:money.2}, lists at {list:money.2} and has its floor at {floor:money.2}.",
        {**title.values, "cost": float(row["cost"])},
    )
    columns: Columns = {
        **PAIR, "together": ("Together", "count"), "only_a": ("First alone", "count"),
        "only_b": ("Second alone", "count"), "list_price": ("List price", "money.2"),
        "cost": ("Cost", "money.2"), "floor_price": ("Floor", "money.2"),
        "deepest_discount": ("Off at most", "share.1"),
        "break_even_uptake": ("Uptake that repays the discount", "share.1"),
        "gain": ("Gain as planned", "money"),
    }  # fmt: skip
    return Exhibit((title, alt), data, columns)


def group_map(study: BasketStudy) -> Exhibit:
    """Give all pairs of groups; the chart draws the clearest of each reading."""
    if isinstance(study.groups, NotSupportedByData):
        raise study.groups
    data = drawn_groups(study)
    top, last = data.iloc[0], data.iloc[-1]
    alt = Reason(
        "Points with intervals around 1 for {n:count} of {all:count} pairs of groups: from "
        "{high:ratio} for {a} and {b} down to {low:ratio} for {c} and {d}.",
        {"n": len(data), "all": len(study.groups), "high": float(top["size_lift"]),
         "a": top["group_a"], "b": top["group_b"],
         "low": float(last["size_lift"]), "c": last["group_a"], "d": last["group_b"]},
    )  # fmt: skip
    columns: Columns = {
        "group_a": ("Group", "text"), "group_b": ("and", "text"),
        "together": ("Together", "count"), "expected": ("Expected", "count"),
        "size_lift": ("Times expected", "ratio"), "size_low": ("low", "ratio"),
        "size_high": ("high", "ratio"), "reading": ("Reading", "text"),
    }  # fmt: skip
    return Exhibit((groups_met(study), alt), study.groups, columns)


def drawn_groups(study: BasketStudy) -> pd.DataFrame:
    """Choose the pairs of groups that are drawn: the clearest of each reading, all of a few."""
    table = known(study.groups)
    if len(table) <= MOST_MARKS:
        return table.sort_values("size_lift", ascending=False, ignore_index=True)
    above = table[(table["reading"] == OPEN) & (table["size_lift"] > 1)].head(3)
    apart = table[table["reading"] == APART].sort_values("size_high").head(3)
    data = pd.concat([table[table["reading"] == CROSS_SELL].head(4), above, apart])
    data = pd.concat([table.head(5), table.tail(5)]) if data.empty else data
    return data.sort_values("size_lift", ascending=False, ignore_index=True)


def substitute_table(study: BasketStudy) -> tuple[pd.DataFrame, Columns, int]:
    """Give the products that replace each other."""
    data = named_sides(replacements(study).head(MOST_ROWS), study)
    ratios = [
        Estimate(r["size_lift"], r["size_low"], r["size_high"], int(r["together"]), "ratio")
        for _, r in data.iterrows()
    ]
    data = data.assign(ratio=pd.Series(ratios, dtype=object), q=data["q"].clip(lower=LEAST_Q))
    columns: Columns = {
        **PAIR, "together": ("Together", "count"), "expected": ("Expected", "count"),
        "ratio": ("Times expected", "ratio"), "yule_q": ("Yule's Q", "number.2"), **Q,
    }  # fmt: skip
    if study.baskets.has_customers:
        columns["customer_lift"] = ("Lift over customers", "ratio")
    return with_rest(data, len(study.substitutes)), columns, len(data)


def stock(study: BasketStudy) -> Exhibit:
    """Give the weeks of the closest link, the consumable's moved back by its lag."""
    if isinstance(study.links, NotSupportedByData):
        raise study.links
    row = study.links.iloc[0]
    data = moved_weeks(study).iloc[::-1].reset_index()
    alt = Reason(
        "Two lines by week, the second moved back by its lag: baskets with the first run from "
        "{low:number.1} to {high:number.1} off their usual number.",
        {"low": float(data["core"].min()), "high": float(data["core"].max())},
    )
    columns: Columns = {
        "week": ("Week", "month"),
        "core": (shortened(study.label(row["core"]), longest=30), "number.1"),
        "consumable": (shortened(study.label(row["consumable"]), longest=30) + ", moved back",
                       "number.1"),
    }  # fmt: skip
    return Exhibit((following(study), alt), data, columns)


def moved_weeks(study: BasketStudy) -> pd.DataFrame:
    """Give all weeks of the closest link, the consumable's sales moved back by the lag."""
    assert isinstance(study.links, pd.DataFrame)
    assert isinstance(study.weeks, pd.DataFrame)
    weeks = study.weeks.set_axis(["core", "consumable"], axis=1)
    lag = int(study.links["lag_weeks"].iloc[0])
    return weeks.assign(consumable=weeks["consumable"].shift(-lag))


def stock_words(study: BasketStudy) -> dict[str, Any]:
    """Give what the chart of the closest link is drawn from."""
    assert isinstance(study.links, pd.DataFrame)
    row = study.links.iloc[0]
    return {
        "core": study.label(row["core"]), "consumable": study.label(row["consumable"]),
        "lag_weeks": int(row["lag_weeks"]),
    }  # fmt: skip
