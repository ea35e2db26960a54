"""Segment placements: where does every customer stand as of several days, from one scan?"""

from collections.abc import Iterator, Sequence
from datetime import date

import ibis
import numpy as np
import pandas as pd
from ibis import _

from shared.analysis.abc import CLASSES, abc_classes
from shared.analysis.abc_xyz import Cuts
from shared.analysis.activity import interaction_days
from shared.analysis.customer_summary import money
from shared.analysis.periods import EPOCH, day_number, ends_passed
from shared.analysis.profile_classes import CUTS
from shared.analysis.rfm_scores import (
    ELEVEN,
    IMPORTANCE,
    MEASURES,
    CutPoints,
    Scoring,
    cut_points,
    name_segments,
    score_customers,
)
from shared.loading.errors import NotSupportedByData
from shared.loading.schema import require_columns

ORDER = ["customer_id", "order_id", "is_refund"]
MILLIONTHS = 1_000_000
SUMMED = ("orders", "money", "positions")


def placements(
    order_lines: ibis.Table,
    *,
    ends: Sequence[date],
    scoring: Scoring = ELEVEN,
) -> pd.DataFrame:
    """Place every customer as of several days, each from the orders before that day alone.

    Returns
    -------
    pd.DataFrame
        One row per day and customer with an order before it: `period_end`, `customer_id`,
        `last_day`, `recency_days`, `frequency`, `monetary`, `positions` (distinct products, summed
        over orders; blank unless `standings` was asked for them), `period_orders` and
        `period_revenue` (of the time since the day before in `ends`; blank for the first day),
        `r_score`, `f_score`, `m_score`, `segment`, `abc_class`, `priority` (scores weighted
        3 : 2 : 1) and `standing` (percentile ranks weighted likewise, 0 to 1; the mean of a base
        is 0.5 whatever its ties).

    Raises
    ------
    NotSupportedByData
        If there is no order before the last day.
    """
    summed = standings(order_lines, ends=ends, contacts=scoring.contacts)
    return place_all(summed, ends=ends, scoring=scoring)


def standings(
    order_lines: ibis.Table,
    *,
    ends: Sequence[date],
    positions: bool = False,
    contacts: ibis.Table | None = None,
) -> pd.DataFrame:
    """Sum up each customer's orders before each of several days, in one scan of the engine.

    Parameters
    ----------
    order_lines : ibis.Table
        As for `customer_summary`.
    ends : sequence of datetime.date
        The days, ascending: each sees the orders before it.
    positions : bool
        Whether to count the distinct products of each order, which doubles the time.
    contacts : ibis.Table, optional
        As in `Scoring`, where the customers are scored on any interaction.

    Returns
    -------
    pd.DataFrame
        One row per day and customer with an order: `end_number` (place of the day in `ends`),
        `customer_id`, `last_day` (days since 1970), `frequency`, `monetary`,
        `positions`, and `period_orders`, `period_revenue` (since the day before; blank for the
        first day); with contacts also the columns of `interaction_days`.
    """
    counted = positions and "product_id" in order_lines.columns
    seen = _by_first_end(order_lines, ends, positions=counted).to_pandas()
    everyone = pd.Index(seen["customer_id"].drop_duplicates().sort_values(), name="customer_id")
    seen = seen.assign(
        place=everyone.get_indexer(seen["customer_id"]),
        # Whole millionths add up exactly in any order, up to nine thousand million.
        money=np.rint(seen["money"].astype("float64") * MILLIONTHS),
    )
    whole = pd.concat(_running_sums(seen, everyone, ends=len(ends)), ignore_index=True)
    if not counted:
        whole["positions"] = np.nan
    whole = whole.astype({"frequency": "int64", "last_day": "int64"})
    if contacts is None:
        return whole
    active = interaction_days(order_lines, contacts, ends=ends)
    return whole.merge(active, on=["end_number", "customer_id"], validate="one_to_one")


def place_all(
    summed: pd.DataFrame,
    *,
    ends: Sequence[date],
    scoring: Scoring = ELEVEN,
    class_cuts: Cuts = CUTS,
) -> pd.DataFrame:
    """Score and name the rows of `standings`, by the cut points of each day."""
    number = summed["end_number"].to_numpy()
    aged = summed.assign(recency_days=_day_numbers(ends)[number] - summed["last_day"])
    bases = {ends[k]: aged[number == k] for k in range(len(ends)) if (number == k).any()}
    placed = [
        place(base, cut_points(base, scoring), class_cuts=class_cuts).assign(
            period_end=pd.Timestamp(end)
        )
        for end, base in bases.items()
    ]
    if not placed:
        raise NotSupportedByData(f"no order before {ends[-1]}", "orders of customers")
    whole = pd.concat(placed, ignore_index=True).drop(columns="end_number")
    whole.insert(0, "period_end", whole.pop("period_end"))
    return whole


def place(base: pd.DataFrame, cuts: CutPoints, *, class_cuts: Cuts = CUTS) -> pd.DataFrame:
    """Add scores, `segment`, `abc_class`, `priority` and `standing` to one base of customers."""
    scored = score_customers(base, cuts)
    abc = abc_classes(base["monetary"], a=class_cuts.a, b=class_cuts.b)["abc_class"]
    weights = dict(zip(MEASURES, IMPORTANCE.values(), strict=True))
    columns = cuts.scoring.columns
    ranks = {measure: (base[columns[measure]].rank() - 0.5) / len(base) for measure in MEASURES}
    ranks["recency_days"] = 1 - ranks["recency_days"]
    total = sum(weights.values())
    return scored.assign(
        segment=name_segments(scored, cuts.scoring),
        abc_class=pd.Categorical(abc.reindex(base.index), categories=CLASSES),
        priority=sum(weight * scored[score] for score, weight in IMPORTANCE.items()),
        standing=sum(weight * ranks[measure] for measure, weight in weights.items()) / total,
    )


def _by_first_end(order_lines: ibis.Table, ends: Sequence[date], *, positions: bool) -> ibis.Table:
    """Sum up each customer's orders by the first of the days that sees them."""
    require_columns(
        order_lines, ["customer_id", "order_id", "order_date"], analysis="Segment history"
    )
    columns = order_lines.columns
    lines = order_lines.select(
        "customer_id",
        "order_id",
        is_refund=order_lines.is_refund if "is_refund" in columns else ibis.literal(False),
        product_id=order_lines.product_id if positions else ibis.null("string"),
        day=day_number(order_lines.order_date, since=EPOCH),
        seen_from=ends_passed(order_lines.order_date, ends),
        money=money(order_lines),
    ).filter(_.seen_from < len(ends))
    products = lines.group_by(*ORDER, "seen_from", "product_id").aggregate(
        day=_.day.min(), money=_.money.sum()
    )
    pieces = products.group_by(*ORDER, "seen_from").aggregate(
        day=_.day.min(),
        money=_.money.sum(),
        positions=_.count(where=_.product_id.notnull()),
    )
    # An order whose lines lie on both sides of an end is one order, from its first line on.
    begins = _.seen_from == _.seen_from.min().over(ibis.window(group_by=ORDER))
    counts = pieces.mutate(begins=begins).mutate(is_order=_.begins & ~_.is_refund)
    return counts.group_by("customer_id", "seen_from").aggregate(
        last_day=_.day.max(where=_.is_order),
        orders=_.count(where=_.is_order),
        money=_.money.sum().cast("float64"),
        positions=_.positions.sum(where=~_.is_refund) if positions else ibis.null("int64"),
    )


def _running_sums(seen: pd.DataFrame, everyone: pd.Index, *, ends: int) -> Iterator[pd.DataFrame]:
    """Carry each customer's sums from one day to the next."""
    sums = {name: np.zeros(len(everyone)) for name in SUMMED}
    last = np.full(len(everyone), -np.inf)
    for end in range(ends):
        new = seen[seen["seen_from"] == end]
        added = {name: np.zeros(len(everyone)) for name in SUMMED}
        for name in SUMMED:
            added[name][new["place"]] = new[name].astype("float64").fillna(0.0)
            sums[name] = sums[name] + added[name]
        last[new["place"]] = np.fmax(last[new["place"]], new["last_day"].astype("float64"))
        known = sums["orders"] > 0
        # What lies before the first day is no period: nobody knows when it began.
        blank = np.nan if end == 0 else 0.0
        yield pd.DataFrame(
            {
                "end_number": np.full(known.sum(), end),
                "customer_id": everyone[known],
                "last_day": last[known],
                "frequency": sums["orders"][known],
                "monetary": sums["money"][known] / MILLIONTHS,
                "positions": sums["positions"][known],
                "period_orders": added["orders"][known] + blank,
                "period_revenue": added["money"][known] / MILLIONTHS + blank,
            }
        )


def _day_numbers(ends: Sequence[date]) -> np.ndarray:
    return np.array([(end - EPOCH).days for end in ends])
