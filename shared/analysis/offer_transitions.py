"""What follows what: between which products do customers move from one order to the next?"""

from dataclasses import dataclass
from datetime import date

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy.stats import norm

from shared.analysis.multiple_testing import false_discovery_q, reading
from shared.analysis.purchases import purchases
from shared.loading.errors import NotSupportedByData

OTHERS = "All others"
ALIKE = 0.10  # a price that differs by less is the same level
LEAST_MOVES = 10  # customers behind a move that is tested
KINDS = ("up in price", "down in price", "same price level", "cross-sell")


@dataclass(frozen=True)
class Transitions:
    """Moves between groups of products, from one order date to the next.

    Attributes
    ----------
    table : pd.DataFrame
        One row per pair of groups: `from_group`, `to_group`, `customers` (who made the move),
        `transition_probability` (chance that a product of the next order is of that group, given
        one of the first; sums to 1 over `to_group`), `base_share` (the same whatever came
        before), `lift` (their ratio), `q` (one-sided, Benjamini and Hochberg) and `finding`.
    customers : int
        Customers with two order dates or more.
    """

    table: pd.DataFrame
    customers: int

    def matrix(self, column: str = "transition_probability") -> pd.DataFrame:
        """Give a column as a matrix of `from_group` by `to_group`, in the order of the table."""
        order = list(self.table["to_group"].unique())
        wide = self.table.pivot(index="from_group", columns="to_group", values=column)
        return wide.loc[[g for g in order if g in wide.index], order]

    def strongest(self, names: pd.Series, *, most: int = 10) -> "Transitions":
        """Keep the groups between which the surest moves lie, by their names; the rest is one.

        Of many single products few follow each other: of any ten the map would be white.
        """
        table = self.table
        moves = table[(table["from_group"] != table["to_group"]) & table["q"].notna()]
        surest = moves.sort_values("z", ascending=False)[["from_group", "to_group"]].to_numpy()
        shown = [g for g in table["to_group"].unique() if g != OTHERS]
        chosen = list(dict.fromkeys([*surest.ravel(), *shown]))[:most]
        rows = table[table["from_group"].isin(chosen)]
        inside = rows["to_group"].isin(chosen)
        shares = ["transition_probability", "base_share"]
        rest = rows[~inside].groupby("from_group", sort=False)[shares].sum().reset_index()
        rest = rest[rest["base_share"] > 0].assign(to_group=OTHERS, finding="")
        rest["lift"] = rest["transition_probability"] / rest["base_share"]
        kept = pd.concat([rows[inside], rest]).astype({"customers": "Int64"})
        place = pd.Series(range(len(shown)), index=shown)
        kept = kept.sort_values(["from_group", "to_group"], ignore_index=True,
                                key=lambda groups: groups.map(place))  # fmt: skip
        for side in ("from_group", "to_group"):
            kept[side] = kept[side].map(names).fillna(kept[side])
        return Transitions(kept, self.customers)


def follow_groups(
    order_lines: ibis.Table, groups: pd.DataFrame, *, snapshot_date: date
) -> Transitions:
    """Follow each customer from one order date to the next, in the engine.

    A product of the first order and one of the next are drawn at random; each order counts
    the same, and so does each customer, however often they buy.

    Parameters
    ----------
    order_lines : ibis.Table
        One row per product in an order, with `customer_id`, `product_id` and `order_date`.
    groups : pd.DataFrame
        `product_id` and `group_name`, in the order of display; products in no row, or with
        None, are all others.
    snapshot_date : datetime.date
        The first day that is not in the data.

    Raises
    ------
    NotSupportedByData
        If fewer than 50 customers ordered on two days.
    """
    named = groups.dropna(subset="group_name").drop_duplicates("product_id")
    order = [*dict.fromkeys(named["group_name"]), OTHERS]
    lines = purchases(order_lines, before=snapshot_date, analysis="What follows what")
    parts = _weighted_moves(_shares_of_orders(lines, named))
    found = parts.to_pandas()
    customers = int(found["all_customers"].max()) if len(found) else 0
    if customers < 50:
        raise NotSupportedByData(
            f"{customers} customers ordered on two days or more", "at least 50 such customers"
        )
    table = _tested(_filled(found, order))
    return Transitions(table, customers)


def follow_products(
    order_lines: ibis.Table, products: pd.DataFrame, *, snapshot_date: date, most: int = 30
) -> Transitions:
    """Follow the most sold products, each by itself, as `follow_groups` does.

    Parameters
    ----------
    order_lines, snapshot_date
        As for `follow_groups`.
    products : pd.DataFrame
        `product_id`, most sold first.
    most : int
        How many products are followed; the groups are their ids.
    """
    ids = products["product_id"].head(most)
    groups = pd.DataFrame({"product_id": ids, "group_name": ids})
    return follow_groups(order_lines, groups, snapshot_date=snapshot_date)


def moves_between_products(followed: Transitions, products: pd.DataFrame) -> pd.DataFrame:
    """List the moves between products, with their direction in price.

    Parameters
    ----------
    followed : Transitions
        From `follow_products`.
    products : pd.DataFrame
        `product_id`, `product_name`, `category` and `price`.

    Returns
    -------
    pd.DataFrame
        Moves to another product, the surest first: `from_product`, `to_product` (ids),
        `from_name`, `to_name`, `direction` (one of `KINDS`; blank where a price is unknown and
        the category the same), `price_ratio` and the columns of `Transitions.table`.
    """
    known = products.set_index("product_id")
    table = followed.table
    inside = (table["from_group"] != OTHERS) & (table["to_group"] != OTHERS)
    moves = table[inside & (table["from_group"] != table["to_group"])].rename(
        columns={"from_group": "from_product", "to_group": "to_product"}
    )
    for side in ("from", "to"):
        moves[f"{side}_name"] = moves[f"{side}_product"].map(known["product_name"])
    ratio = moves["to_product"].map(known["price"]) / moves["from_product"].map(known["price"])
    moves = moves.assign(price_ratio=ratio, direction=_direction(ratio, moves, known["category"]))
    # A lift on few customers is loud: the score of the test weighs both.
    return moves.sort_values(["z", "from_product", "to_product"], ascending=[False, True, True],
                             ignore_index=True)  # fmt: skip


def _direction(ratio: pd.Series, moves: pd.DataFrame, category: pd.Series) -> np.ndarray:
    before, after = (moves[name].map(category) for name in ("from_product", "to_product"))
    crossing = before.notna() & after.notna() & (before != after)
    conditions = [crossing, ratio > 1 + ALIKE, ratio < 1 / (1 + ALIKE), ratio.notna()]
    kinds = ["cross-sell", "up in price", "down in price", "same price level"]
    return np.select(conditions, kinds, "")


def _shares_of_orders(lines: ibis.Table, named: pd.DataFrame) -> ibis.Table:
    """Give, for each customer and order date, the share of its products in each group."""
    days = lines.select("customer_id", "product_id", day=lines.order_date.date()).distinct()
    look_up = ibis.memtable(named[["product_id", "group_name"]].astype(str))
    grouped = days.left_join(look_up, "product_id").select(
        "customer_id", "day", group_name=_.group_name.fill_null(OTHERS)
    )
    counted = grouped.group_by("customer_id", "day", "group_name").aggregate(n=_.count())
    whole = counted.n.sum().over(group_by=[counted.customer_id, counted.day])
    return counted.mutate(part=counted.n.cast("float64") / whole.cast("float64"))


def _weighted_moves(shares: ibis.Table) -> ibis.Table:
    """Weigh every move so that each customer counts once, and sum what a robust test needs."""
    days = shares.select("customer_id", "day").distinct()
    dated = days.mutate(
        next_day=days.day.lead().over(group_by=days.customer_id, order_by=days.day)
    ).filter(_.next_day.notnull())
    moves_of = dated.group_by("customer_id").aggregate(moves=_.count())
    first = shares.inner_join(dated, ["customer_id", "day"]).select(
        "customer_id", "next_day", from_group=_.group_name, first_part=_.part
    )
    second = shares.select("customer_id", next_day=_.day, to_group=_.group_name, next_part=_.part)
    weights = (
        first.inner_join(second, ["customer_id", "next_day"])
        .inner_join(moves_of, "customer_id")
        .group_by("customer_id", "from_group", "to_group")
        .aggregate(w=_fine(_.first_part * _.next_part / _.moves.cast("float64")))
    )
    leaving = _fine(weights.w, each=[weights.customer_id, weights.from_group])
    everyone = moves_of.count().as_scalar()
    return (
        weights.mutate(leaving=leaving)
        .group_by("from_group", "to_group")
        .aggregate(
            customers=_.count(),
            weight=_fine(_.w),
            squares=_fine(_.w * _.w),
            products=_fine(_.w * _.leaving),
        )
        .mutate(all_customers=everyone)
        .left_join(_leaving(weights), "from_group")
        .drop("from_group_right")
    )


def _fine(column: ibis.Column, *, each: list[ibis.Column] | None = None) -> ibis.Column:
    """Sum shares exactly, or the last digits would follow the order of the rows."""
    total = column.cast("decimal(38, 15)").sum()
    return (total.over(group_by=each) if each else total).cast("float64")


def _leaving(weights: ibis.Table) -> ibis.Table:
    each = weights.group_by("customer_id", "from_group").aggregate(v=_fine(_.w))
    return each.group_by("from_group").aggregate(
        from_customers=_.count(), leaving_squares=_fine(_.v * _.v)
    )


def _filled(found: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    """Put 0 where nobody moved, and keep the groups that anybody left or entered."""
    seen = set(found["from_group"]) | set(found["to_group"])
    names = [name for name in order if name in seen]
    leavers = [name for name in names if name in set(found["from_group"])]
    cells = pd.MultiIndex.from_product([leavers, names], names=["from_group", "to_group"])
    wide = found.set_index(["from_group", "to_group"]).reindex(cells).reset_index()
    by_group = found.drop_duplicates("from_group").set_index("from_group")
    for name in ("from_customers", "leaving_squares"):
        wide[name] = wide["from_group"].map(by_group[name])
    counts = ["customers", "weight", "squares", "products"]
    wide[counts] = wide[counts].fillna(0.0)
    return wide.astype({"customers": "int64"})


def _tested(table: pd.DataFrame) -> pd.DataFrame:
    """Test whether a group follows another more than it follows anything, by a robust score.

    The residual of a customer is its weight of the move less its weight of the first group times
    the share of the next; their squares, summed over customers, give the variance.
    """
    total = table["weight"].sum()
    leaving = table.groupby("from_group")["weight"].transform("sum")
    base = table.groupby("to_group")["weight"].transform("sum") / total
    probability = table["weight"] / leaving
    residual = table["weight"] - base * leaving
    variance = (
        table["squares"] - 2 * base * table["products"] + base**2 * table["leaving_squares"]
    ).clip(lower=0)
    z = residual / np.sqrt(variance.where(variance > 0))
    enough = (table["customers"] >= LEAST_MOVES) & (table["to_group"] != OTHERS)
    p = pd.Series(norm.sf(z), table.index).where(enough & (table["from_group"] != OTHERS))
    # That customers buy the same again is another question than where they move.
    q, stays = np.empty(len(p)), (table["from_group"] == table["to_group"]).to_numpy()
    for family in (stays, ~stays):
        q[family] = false_discovery_q(p.to_numpy()[family])
    tested = table.assign(
        transition_probability=probability, base_share=base, lift=probability / base, z=z, p=p, q=q,
        finding=[str(reading(value)) for value in q],
    )  # fmt: skip
    order = ["from_group", "to_group", "customers", "from_customers", "transition_probability",
             "base_share", "lift", "z", "p", "q", "finding"]  # fmt: skip
    return tested[order]
