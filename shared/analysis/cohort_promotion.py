"""Promotions: do the customers they won last, or did they come for one bargain?"""

from datetime import date, datetime, time

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy.stats import norm

from shared.analysis.cohort_activity import Cohorts
from shared.analysis.cohort_members import DAY_ZERO, NOT_RECORDED
from shared.analysis.cohort_payback import acquisition_costs
from shared.analysis.customer_summary import EXACT, money
from shared.analysis.intervals import Estimate, wilson
from shared.analysis.multiple_testing import (
    false_discovery_q,
    reading,
    share_difference,
    share_p_value,
)
from shared.analysis.periods import step_days
from shared.analysis.promotions import Promotion, chosen_promotions, labelled_customers, won_by
from shared.analysis.trimmed import trimmed
from shared.loading.errors import NotSupportedByData

FOLLOW_UPS_DAYS = (180, 90, 60, 30)
OBSERVED_SHARE = 0.8
ALWAYS_ON_SHARE = 0.5  # of the history; a campaign that wins customers longer has no neighbours
ALWAYS_ON = "always on"
Z = float(norm.ppf(0.975))


def compare_promotions(
    lines: ibis.Table,
    cohorts: Cohorts,
    *,
    customers: ibis.Table | None = None,
    promotion: str = "",
    least: int = 50,
) -> pd.DataFrame:
    """Set the customers of each promotion against those won around it, followed equally long.

    Neighbours are all others who first bought from one step of age before the promotion's first
    new customer to one step after its last, without the customers of other promotions. A campaign
    that won customers over more than half of the history is always on: it is no promotion, its
    customers may be neighbours, and it has none itself. Everyone is followed for the same number
    of days from the own first order; who cannot be followed that long counts on neither side.

    Parameters
    ----------
    lines : ibis.Table
        Order lines, with `worth` as from `valued_lines` (else their money counts).
    cohorts : Cohorts
        From `follow_cohorts`, whatever the cohorts are formed by.
    customers : ibis.Table, optional
        Where `acquisition_campaign` stands; else `campaign` of the first order is read.
    promotion : str
        A campaign, a month such as 2011-11, or days such as 2011-11-21 to 2011-11-28; empty
        compares every campaign.
    least : int
        Promotions and neighbourhoods with fewer customers are not tested.

    Returns
    -------
    pd.DataFrame
        One row per promotion: `promotion`, `customers`, `left_out` (too young), `neighbours`,
        `followup_days`, shares `came_back` and `neighbours_back` with bounds, `difference` with
        bounds, `worth` and `neighbours_worth` per customer, both `_after_cost` where acquisition
        costs are known, `worth_difference` with bounds, `p`, `q`, `finding`.

    Raises
    ------
    NotSupportedByData
        If the export names no campaign and none is given by its days, or none has neighbours.
    """
    labelled, end_day = labelled_customers(lines, cohorts, customers)
    chosen = chosen_promotions(labelled, promotion)
    since = labelled.first_day.min().to_pyarrow().as_py()
    longest = int(ALWAYS_ON_SHARE * (end_day - int(since or 0)))
    labelled = _with_costs(_mark_promoted(labelled, longest=longest), customers)
    followed = _customer_days(lines, labelled, before=cohorts.before)
    reach = max(step_days(cohorts.period), 30)
    rows = [
        _compare(
            followed, labelled, one, end_day=end_day, reach=reach, least=least, longest=longest
        )
        for one in chosen
    ]
    table = pd.DataFrame([row for row in rows if row])
    if table.empty:
        raise NotSupportedByData(
            "no promotion has customers who could be followed for a month",
            f"{FOLLOW_UPS_DAYS[-1]} days of orders after the promotion",
        )
    if table["difference"].isna().all():
        raise NotSupportedByData(
            "nobody was won around a promotion without one, as campaigns ran most of the time",
            "a month, or days, to take as the promotion",
        )
    q = false_discovery_q(table["p"].to_numpy(dtype=float))
    always_on = table.pop("is_always_on")
    findings = pd.Series([reading(value) for value in q], dtype=object)
    return table.assign(q=q, finding=findings.mask(always_on, ALWAYS_ON))


def came_back(row: pd.Series, *, neighbours: bool = False) -> Estimate:
    """Give a promotion's share of customers who came back, or that of its neighbours."""
    if neighbours:
        n, share = int(row["neighbours"]), row["neighbours_back"]
    else:
        n, share = int(row["customers"]), row["came_back"]
    return wilson(round(share * n) if n else 0, n, of="customers")


def worth_difference(row: pd.Series) -> Estimate:
    """Give what a promotion's customer brought beyond a neighbour: mean, interval and n."""
    value, low, high = (float(row[f"worth_difference{side}"]) for side in ("", "_low", "_high"))
    n = int(row["customers"] + row["neighbours"])
    return Estimate(value, low, high, n, "money", of="customers")


def _mark_promoted(labelled: ibis.Table, *, longest: int) -> ibis.Table:
    """Mark who was won by a campaign that is not always on."""
    named = (labelled.campaign != NOT_RECORDED) & (trimmed(labelled.campaign) != "")
    per_campaign = ibis.window(group_by="campaign")
    days = (
        labelled.first_day.max().over(per_campaign)
        - labelled.first_day.min().over(per_campaign)
        + 1
    )
    return labelled.mutate(promoted=(named & (days <= longest)).fill_null(ibis.literal(False)))


def _with_costs(labelled: ibis.Table, customers: ibis.Table | None) -> ibis.Table:
    """Add what it cost to win each customer, NULL where that is not known."""
    try:
        costs = acquisition_costs(customers)
    except NotSupportedByData:
        return labelled.mutate(cost=ibis.literal(None).cast(EXACT))
    return labelled.left_join(costs, "customer_id").select(*labelled.columns, "cost")


def _customer_days(lines: ibis.Table, labelled: ibis.Table, *, before: date) -> ibis.Table:
    """Give one row per customer and day with whether it holds an order, and its worth."""
    lines = lines.filter(_.order_date < datetime.combine(before, time()))
    worth = lines.worth if "worth" in lines.columns else money(lines)
    refund = lines.is_refund if "is_refund" in lines.columns else ibis.literal(False)
    day = lines.order_date.date().delta(ibis.literal(DAY_ZERO), unit="day").cast("int64")
    bought = refund.ifelse(0, 1)
    return (
        lines.select("customer_id", day=day, worth=worth, bought=bought)
        .join(labelled, "customer_id")
        .mutate(age_days=_.day - _.first_day)
        .group_by("customer_id", "campaign", "first_day", "promoted", "cost", "age_days")
        .aggregate(bought=_.bought.max(), worth=_.worth.sum().cast(EXACT))
    )


def _compare(
    followed: ibis.Table,
    labelled: ibis.Table,
    promotion: Promotion,
    *,
    end_day: int,
    reach: int,
    least: int,
    longest: int,
) -> dict[str, object]:
    """Compare one promotion with its neighbours; empty if nobody could be followed."""
    days, left_out = _follow_up(labelled, promotion, end_day=end_day)
    if not days:
        return {}
    near = followed.filter(
        _.first_day >= promotion.first_day - reach,
        _.first_day <= promotion.last_day + reach,
        _.first_day <= end_day - 1 - days,
    )
    near = near.mutate(won=won_by(near, promotion))
    always_on = promotion.last_day - promotion.first_day + 1 > longest
    near = near.filter(near.won if always_on else near.won | ~near.promoted)
    sides, after_cost = _sum_sides(near, days=days)
    (n, back, worth, squares), (m, others, others_worth, others_squares) = sides
    if not n:
        return {}
    gap, money_gap = (
        share_difference(back, n, others, m),
        _mean_gap((worth, squares, n), (others_worth, others_squares, m)),
    )
    own, theirs = wilson(back, n), wilson(others, m)
    enough = min(n, m) >= least
    return {
        "promotion": promotion.name, "customers": n, "left_out": left_out, "neighbours": m,
        "followup_days": days,
        "came_back": own.value, "low": own.low, "high": own.high,
        "neighbours_back": theirs.value, "neighbours_low": theirs.low,
        "neighbours_high": theirs.high,
        "difference": gap.value, "difference_low": gap.low, "difference_high": gap.high,
        "worth": worth / n, "neighbours_worth": others_worth / m if m else np.nan,
        "worth_difference": money_gap[0], "worth_difference_low": money_gap[1],
        "worth_difference_high": money_gap[2],
        "worth_after_cost": after_cost[0], "neighbours_worth_after_cost": after_cost[1],
        "p": share_p_value(back, n, others, m) if enough else np.nan, "is_always_on": always_on,
    }  # fmt: skip


def _follow_up(labelled: ibis.Table, promotion: Promotion, *, end_day: int) -> tuple[int, int]:
    """Choose the longest follow-up that most customers of a promotion have behind them."""
    own = labelled.filter(won_by(labelled, promotion))
    counted = own.aggregate(
        total=_.count(),
        **{f"d{days}": (_.first_day <= end_day - 1 - days).sum() for days in FOLLOW_UPS_DAYS},
    ).to_pandas()
    total = int(counted["total"].iloc[0])
    for days in FOLLOW_UPS_DAYS:
        known = int(counted[f"d{days}"].fillna(0).iloc[0])
        if total and known >= OBSERVED_SHARE * total:
            return days, total - known
    return 0, total


def _sum_sides(
    near: ibis.Table, *, days: int
) -> tuple[list[tuple[int, int, float, float]], list[float]]:
    """Count both sides: customers, those who came back on a later day, worth, its squares.

    Beside them, the mean worth after acquisition cost, where most customers have one.
    """
    inside = near.filter(_.age_days >= 0, _.age_days <= days)
    people = inside.group_by("customer_id", "won").aggregate(
        back=((_.age_days > 0) & (_.bought > 0)).cast("int64").max(),
        worth=_.worth.sum().cast("float64"),
        cost=_.cost.max(),
    )
    sides = (
        people.mutate(square=(_.worth * _.worth).cast("decimal(38, 4)"))
        .group_by("won")
        .aggregate(
            n=_.count(),
            back=_.back.sum(),
            worth=_.worth.cast(EXACT).sum().cast("float64"),
            squares=_.square.sum().cast("float64"),
            costed=_.cost.count(),
            cost=_.cost.sum().cast("float64"),
        )
        .to_pandas()
        .set_index("won")
        .reindex([True, False])
        .astype("float64")
        .fillna(0)
    )
    known = sides["n"].gt(0) & (sides["costed"] >= OBSERVED_SHARE * sides["n"])
    after_cost = (sides["worth"] / sides["n"] - sides["cost"] / sides["costed"]).where(
        known & sides["costed"].gt(0)
    )
    counted = [(int(s.n), int(s.back), float(s.worth), float(s.squares))
               for s in sides.itertuples()]  # fmt: skip
    return counted, after_cost.tolist()


def _mean_gap(
    one: tuple[float, float, int], other: tuple[float, float, int]
) -> tuple[float, float, float]:
    """Difference of two means with its 95 % interval, from sums and sums of squares."""
    if min(one[2], other[2]) < 2:
        return np.nan, np.nan, np.nan
    means = [total / n for total, _squares, n in (one, other)]
    spread = [
        max(squares / n - mean**2, 0) / (n - 1)
        for (_total, squares, n), mean in zip((one, other), means, strict=True)
    ]
    gap, half = means[0] - means[1], Z * float(np.sqrt(sum(spread)))
    return gap, gap - half, gap + half
