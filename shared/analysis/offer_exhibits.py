"""What stands behind each chart and table of the page on the next offer, with labels and words."""

from typing import Any

import pandas as pd

from shared.analysis.exhibit import Exhibit
from shared.analysis.multiple_testing import LEANING
from shared.analysis.next_offer import NextOffer
from shared.analysis.offer_answers import (
    beating,
    belonging,
    following,
    pricing,
)
from shared.analysis.offer_models import BESTSELLERS, METHOD_NAMES
from shared.analysis.offer_segments import source_table
from shared.analysis.offer_stock_answers import falling_due
from shared.analysis.offer_transitions import Transitions
from shared.analysis.study_parts import known
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

Columns = dict[Any, tuple[str, str]]
LEAST_Q = 0.001
Q_LABEL = f"q-value (from {LEAST_Q})"


def hit_rates(study: NextOffer) -> Exhibit:
    """Give the hit rate of every method, best first."""
    table = study.evaluation.table
    data = table.assign(name=table["method"].map(METHOD_NAMES), wins=study.evaluation.wins)
    best, worst = data.iloc[0], data.iloc[-1]
    alt = Reason(
        "Dots with 95% intervals for {n:count} methods: the share of customers whose list of "
        "{k:count} held something they bought later runs from {low:share.1} ({worst}) to "
        "{high:share.1} ({best}).",
        {"n": len(data), "k": study.evaluation.k, "low": float(worst["hit_rate"]),
         "worst": worst["name"], "high": float(best["hit_rate"]), "best": best["name"]},
    )  # fmt: skip
    columns: Columns = {
        "name": ("Method", "text"), "customers": ("Customers", "count"),
        "hit_rate": (f"Hit rate at {study.evaluation.k}", "share.1"),
        "hit_rate_low": ("Low", "share.1"), "hit_rate_high": ("High", "share.1"),
        "recall": ("Recall", "share.1"), "ndcg": ("NDCG", "number.3"),
        "coverage": ("Range covered", "share.1"), "top_share": ("Of the top ten", "share.1"),
        "gained_per_1000": ("Orders gained per 1,000", "number.1"), "finding": ("Verdict", "text"),
    }  # fmt: skip
    return Exhibit((beating(study), alt), data, columns)


def measures(study: NextOffer) -> tuple[pd.DataFrame, Columns]:
    """Give the table of all measures, each with its interval, of the lists allowed to repeat."""
    ev = study.evaluation
    rows = []
    for method in ev.table["method"]:
        row: dict[str, object] = {"method": METHOD_NAMES[method]}
        for name in ("hit_rate", "recall", "ndcg", "coverage", "top_share"):
            row[name] = ev.estimate(method, name)
        row["gained"] = ev.estimate(method, "gained_per_1000")
        rows.append(row)
    columns: Columns = {
        "method": ("Method", "text"), "hit_rate": ("Hit rate", "share.1"),
        "recall": ("Recall", "share.1"), "ndcg": ("NDCG", "number.2"),
        "coverage": ("Range offered", "share.1"), "top_share": ("Top ten sellers", "share.1"),
        "gained": ("Orders gained per 1,000", "number.1"),
    }  # fmt: skip
    return pd.DataFrame(rows), columns


def sources(study: NextOffer) -> tuple[pd.DataFrame, Columns]:
    """Give the lines of all lists by the step of the ladder that filled them."""
    what = {"margin": "Margin expected, one unit each", "orders": "Orders expected",
            "revenue": "Revenue expected, one unit each"}  # fmt: skip
    columns: Columns = {
        "source": ("Filled by", "text"), "lines": ("Lines", "count"),
        "customers": ("Customers", "count"), "chance": ("Mean chance", "share.1"),
        "expected_value": (what[study.offering.value_is], value_spec(study)),
    }  # fmt: skip
    return source_table(study.lists), columns


def value_spec(study: NextOffer) -> str:
    """Say how the value of an offer is written."""
    return "count" if study.offering.value_is == "orders" else "money"


def affinity(study: NextOffer) -> Exhibit:
    """Give the pairs of groups for the symmetric heat map."""
    data = _surest(study.affinity)
    shown = evident(data)
    alt = Reason(
        f"Heat map of {{groups:count}} {study.group_noun}s against each other: {{green:count}} of "
        "{pairs:count} pairs are green, the rest white for want of evidence",
        {"groups": len({*data["group"], *data["other_group"]}), "green": len(shown),
         "pairs": len(data)},
    )  # fmt: skip
    if len(shown):
        top = shown.iloc[int(shown["lift"].argmax())]
        alt = Reason(alt.template + "; the darkest is {first} with {second}, bought together "
                     "{lift:ratio.2} times as often as expected.",
                     {**alt.values, "first": top["group"], "second": top["other_group"],
                      "lift": float(top["lift"])})  # fmt: skip
    else:
        alt = Reason(alt.template + ".", alt.values)
    columns: Columns = {
        "group": ("First", "text"), "other_group": ("Second", "text"),
        "customers": ("Bought both", "count"), "expected": ("Expected", "number.1"),
        "lift": ("Times expected", "ratio"), "q": (Q_LABEL, "number.3"),
        "finding": ("Verdict", "text"),
    }  # fmt: skip
    return Exhibit((belonging(study), alt), data, columns)


def next_purchase(transitions: Transitions) -> Exhibit:
    """Give the moves between groups for the directed heat map."""
    data = transitions.table
    shown = evident(data[data["from_group"] != data["to_group"]])
    low = float(data["transition_probability"].min())
    high = float(data["transition_probability"].max())
    alt = Reason(
        "Heat map of what the next order holds, a row for the purchase before it: shares run from "
        "{low:share.1} to {high:share.1}, each row adds up to {all:share}, and {green:count} cells "
        "off the diagonal are green.",
        {"low": low, "high": high, "all": 1.0, "green": len(shown)},
    )
    columns: Columns = {
        "from_group": ("After", "text"), "to_group": ("Next", "text"),
        "customers": ("Customers", "count"),
        "transition_probability": ("Share of the next order", "share.1"),
        "base_share": ("Share of any order", "share.1"), "lift": ("Times as usual", "ratio"),
        "q": (Q_LABEL, "number.3"), "finding": ("Verdict", "text"),
    }  # fmt: skip
    return Exhibit((following(transitions), alt), _surest(data), columns)


def _surest(table: pd.DataFrame) -> pd.DataFrame:
    """Put the surest first, and write no q-value smaller than can be told apart."""
    shown = table.sort_values("z", ascending=False, ignore_index=True)
    return shown.assign(q=shown["q"].clip(lower=LEAST_Q))


def evident(table: pd.DataFrame) -> pd.DataFrame:
    """Keep what a heat map colours: a lift above 1 and a q-value under 5 %."""
    return table[(table["q"] < LEANING) & (table["lift"] > 1)]


def moves(study: NextOffer) -> tuple[pd.DataFrame, Columns]:
    """Give the surest moves between products, with their direction in price."""
    table = known(study.moves)
    shown = table[table["q"].notna()]
    if shown.empty:
        raise NotSupportedByData(
            "no move between two of the best-selling products was made by ten customers",
            "a longer history, or more customers",
        )
    columns: Columns = {
        "from_name": ("After", "text"), "to_name": ("Next", "text"),
        "direction": ("Direction", "text"), "customers": ("Customers", "count"),
        "lift": ("Times as usual", "ratio"), "q": (Q_LABEL, "number.3"),
        "finding": ("Verdict", "text"),
    }  # fmt: skip
    if not shown["direction"].any():
        del columns["direction"]  # neither prices nor categories are known
    return shown.assign(q=shown["q"].clip(lower=LEAST_Q)), columns


def prices(study: NextOffer) -> Exhibit:
    """Give the moves up and down in price by category."""
    data = known(study.prices)
    alt = Reason(
        "Bars of moves up, level and down in price for {n:count} {n:category|categories}: "
        + ("the share that goes up runs from {low:share.1} to {high:share.1}."
           if len(data) > 1 else "{low:share.1} go up, {down:share.1} down."),
        {"n": len(data), "low": float(data["up"].min()), "high": float(data["up"].max()),
         "down": float(data["down"].iloc[0])},
    )  # fmt: skip
    columns: Columns = {
        "category": ("Category", "text"), "customers": ("Customers", "count"),
        "up": ("Up", "share.1"), "same": ("Level", "share.1"), "down": ("Down", "share.1"),
        "net_up": ("Up less down, points", "number.1"), "net_up_low": ("Low", "number.1"),
        "net_up_high": ("High", "number.1"), "finding": ("Verdict", "text"),
    }  # fmt: skip
    points = {name: 100 * data[name] for name in ("net_up", "net_up_low", "net_up_high")}
    return Exhibit((pricing(data), alt), data.assign(**points), columns)


def similar(study: NextOffer) -> tuple[pd.DataFrame, Columns]:
    """Sum up peers by the group that customers buy most; ten customers or more."""
    table = known(study.similar).table
    table = table[table["favourite"].notna()]
    slow = table["orders_a_year"] < 0.5 * table["peers_orders_a_year"]
    grouped = (
        table.assign(slow=slow, same=table["favourite"] == table["peers_favourite"])
        .groupby("favourite")
        .agg(
            customers=("customer_id", "size"),
            same=("same", "mean"),
            own=("orders_a_year", "median"),
            peers=("peers_orders_a_year", "median"),
            slow=("slow", "sum"),
            suggestion=("suggested_name", lambda names: names.mode().iloc[0]),
        )
        .reset_index()
    )
    shown = grouped[grouped["customers"] >= 10].sort_values(
        ["customers", "favourite"], ascending=[False, True], ignore_index=True
    )
    columns: Columns = {
        "favourite": ("Buys most", "text"), "customers": ("Customers", "count"),
        "same": ("Whose peers do too", "share"), "own": ("Orders a year", "number.1"),
        "peers": ("Those of peers", "number.1"), "slow": ("Order under half of that", "count"),
        "suggestion": ("Suggested most", "text"),
    }  # fmt: skip
    return shown, columns


def surplus(study: NextOffer) -> tuple[pd.DataFrame, Columns]:
    """Give the surplus stock and what the likeliest customers would take."""
    table = known(study.surplus)
    columns: Columns = {
        "product_name": ("Product", "text"), "stock": ("Stock", "count"),
        "units_a_month": ("Sold in 30 days", "number.1"), "surplus": ("Surplus", "count"),
        "surplus_cost": (f"Surplus at {table.priced_at}", "money"),
        "offered_to": ("Offered to", "count"), "chance": ("Chance", "share.1"),
        "usual_chance": ("Of anybody", "share.1"), "expected_sales": ("Units expected", "number.0"),
        "share_moved": ("Of the surplus", "share"),
    }  # fmt: skip
    return table.table, columns


def due(study: NextOffer) -> Exhibit:
    """Give what falls due week by week."""
    data = known(study.due).weeks
    ahead = data[data["week"] > 0]
    alt = Reason(
        "Bars of consumables due: {overdue:count} overdue, then from {low:count} to {high:count} "
        "a week over {weeks:count} weeks.",
        {"overdue": int(data["due"].iloc[0]), "low": int(ahead["due"].min()),
         "high": int(ahead["due"].max()), "weeks": len(ahead)},
    )  # fmt: skip
    what = {"margin": "Margin of one unit each", "revenue": "Price of one unit each"}
    columns: Columns = {
        "week": ("Week (0: overdue)", "count"), "due": ("Due", "count"),
        "customers": ("Customers", "count"),
    }  # fmt: skip
    if study.offering.value_is in what:
        columns["value"] = (what[study.offering.value_is], "money")
    return Exhibit((falling_due(study), alt), data, columns)


def due_products(study: NextOffer) -> tuple[pd.DataFrame, Columns]:
    """Give the consumables by customers due."""
    columns: Columns = {
        "product_name": ("Consumable", "text"), "customers": ("Customers on a rhythm", "count"),
        "usual_gap_days": ("Usual gap", "days"), "due_soon": ("Due or overdue", "count"),
    }  # fmt: skip
    return known(study.due).products, columns


def segments(study: NextOffer) -> tuple[pd.DataFrame, Columns]:
    """Give the offers by RFM segment."""
    table = known(study.segments)
    columns: Columns = {"segment": ("Segment", "text"), "customers": ("Customers", "count")}
    if study.offering.method not in BESTSELLERS and table["own_offer"].notna().any():
        columns |= {
            "own_offer": ("Offered more than to others", "text"),
            "own_offer_share": ("On lists", "share"),
        }
    else:
        columns |= {
            "top_offer": ("Offered first", "text"),
            "top_offer_share": ("On lists", "share"),
        }
    if table["own_group"].notna().any():
        columns["own_group"] = ("Buys more than others of", "text")
    columns["expected_purchases"] = ("Offers bought", "number.2")
    if study.offering.value_is != "orders":
        what = f"{study.offering.value_is.capitalize()} a list, one unit each"
        columns["expected_value"] = (what, "money")
    if table["up_sell"].notna().any():
        columns |= {"up_sell": ("To up-sell", "count"), "up_sell_gain": ("Gain expected", "money")}
    return table, columns
