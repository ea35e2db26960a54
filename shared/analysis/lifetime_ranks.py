"""Ranks and tiers: who leads by future instead of past value, and where does the value sit?"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from shared.analysis.intervals import Estimate, wilson
from shared.analysis.portfolio import share_held

TIERS = ("Top", "High", "Middle", "Low")
FIFTHS = 5
LEADERS = 0.10
IDLE_UP = "up, but idle"
MOVES = ("up", "same fifth", "down", IDLE_UP)
STEP = 1  # fifths; among the idle, values near zero change places by less than anybody can see


def with_ranks(customers: pd.DataFrame, *, tier_cuts: Sequence[float]) -> pd.DataFrame:
    """Rank customers by what they brought and by what they will bring, and place them in tiers.

    Parameters
    ----------
    customers : pd.DataFrame
        One row per customer with `monetary` (money so far), `clv` (value to come) and `is_idle`.
    tier_cuts : sequence of float
        Three ascending shares of customers, best first, at which a tier ends.

    Returns
    -------
    pd.DataFrame
        The frame with `rank_now` and `rank_future` (1 is best, equal values share the better
        rank), `rank_change` (places won; negative for lost), `fifth_now`, `fifth_future` (1 is
        best), `move` ("up", "same fifth", "down"; "up, but idle" is an idle customer who rises by
        one fifth among others of hardly any value) and `tier`.
    """
    now, future = (
        customers[column].rank(method="min", ascending=False).astype("int64")
        for column in ("monetary", "clv")
    )
    fifth_now, fifth_future = _fifth(now), _fifth(future)
    step = fifth_now - fifth_future
    idle = customers["is_idle"] & (step > 0) & (step <= STEP)
    return customers.assign(
        rank_now=now,
        rank_future=future,
        rank_change=now - future,
        fifth_now=fifth_now,
        fifth_future=fifth_future,
        move=pd.Categorical(
            np.select([idle, step > 0, step == 0], [IDLE_UP, *MOVES[:2]], MOVES[2]), MOVES
        ),
        tier=_tiers(future, tier_cuts),
    )


def tier_table(customers: pd.DataFrame) -> pd.DataFrame:
    """Sum up the tiers, the best first.

    Returns
    -------
    pd.DataFrame
        `tier`, `customers`, `customer_share`, `lowest_value` and `mean_value` per customer,
        `value`, `value_share` with `low` and `high` (bootstrap over customers, membership held
        fixed), `past_value`, `mean_past_value` and `chance_to_order` (mean share who order at
        least once). A tier without a customer has blanks.
    """
    rows = []
    for tier in TIERS:
        inside = customers["tier"] == tier
        members = customers[inside]
        held = share_held(customers["clv"], inside)
        rows.append(
            {
                "tier": tier,
                "customers": len(members),
                "customer_share": len(members) / len(customers),
                "lowest_value": members["clv"].min(),
                "mean_value": members["clv"].mean(),
                "value": members["clv"].sum(),
                "value_share": held.value,
                "low": held.low,
                "high": held.high,
                "past_value": members["monetary"].sum(),
                "mean_past_value": members["monetary"].mean(),
                "chance_to_order": members["chance_to_order"].mean(),
            }
        )
    return pd.DataFrame(rows)


def value_distribution(customers: pd.DataFrame) -> pd.DataFrame:
    """Count customers by size of their future value and by tier, in steps of 1, 2, 5, 10 and so on.

    Returns
    -------
    pd.DataFrame
        `value_from`, `value_to`, `tier` and `customers`; the lowest step holds all values down
        to zero, for they have no place on a scale of ratios. Where nobody has a value there is one
        step, from 0 to 1.
    """
    value = customers["clv"].to_numpy()
    edges = _round_edges(value)
    step = np.clip(np.searchsorted(edges, value, side="right") - 1, 0, len(edges) - 2)
    counts = pd.crosstab(step, customers["tier"]).reindex(
        index=range(len(edges) - 1), columns=list(TIERS), fill_value=0
    )
    named = counts.rename_axis(index="step", columns="tier").reset_index()
    table = named.melt(id_vars="step", value_name="customers").sort_values(
        ["step", "tier"], kind="stable", ignore_index=True
    )
    table.insert(0, "value_from", edges[table["step"]])
    table.insert(1, "value_to", edges[table["step"] + 1])
    return table.drop(columns="step")


def rank_matrix(customers: pd.DataFrame) -> pd.DataFrame:
    """Count customers by their fifth now and their fifth by future value.

    Returns
    -------
    pd.DataFrame
        `fifth_now`, `fifth_future`, `customers` and `share` of the fifth now.
    """
    fifths = pd.MultiIndex.from_product(
        [range(1, FIFTHS + 1)] * 2, names=["fifth_now", "fifth_future"]
    )
    counts = customers.groupby(["fifth_now", "fifth_future"]).size().reindex(fifths, fill_value=0)
    table = counts.rename("customers").reset_index()
    total = table.groupby("fifth_now")["customers"].transform("sum")
    return table.assign(share=table["customers"] / total.where(total > 0))


def rank_moves(customers: pd.DataFrame) -> pd.DataFrame:
    """Describe who moves up, who stays and who moves down, by fifths of the base; then idle risers.

    Returns
    -------
    pd.DataFrame
        `move`, `customers`, `customer_share` (`low`, `high`), medians of `orders` and
        `recency_days`, `past_value`, `mean_past_value`, `value` and `mean_value`.
    """
    rows = []
    for move in MOVES:
        members = customers[customers["move"] == move]
        share = wilson(len(members), len(customers), of="customers")
        rows.append(
            {
                "move": move,
                "customers": len(members),
                "customer_share": share.value,
                "low": share.low,
                "high": share.high,
                "orders": members["orders"].median(),
                "recency_days": members["recency_days"].median(),
                "past_value": members["monetary"].sum(),
                "mean_past_value": members["monetary"].mean(),
                "value": members["clv"].sum(),
                "mean_value": members["clv"].mean(),
            }
        )
    return pd.DataFrame(rows)


def leaders_kept(customers: pd.DataFrame, *, share: float = LEADERS) -> Estimate:
    """Estimate which share of the leaders by past value also lead by future value.

    Equal values share a rank, so that a tie at the edge lets all or none of them in.
    """
    most = max(1, int(np.floor(share * len(customers))))
    leading = customers["rank_now"] <= most
    return wilson(
        int((leading & (customers["rank_future"] <= most)).sum()),
        int(leading.sum()),
        of="customers",
    )


def _fifth(rank: pd.Series) -> pd.Series:
    return ((rank - 1) * FIFTHS // max(len(rank), 1) + 1).astype("int64")


def _tiers(rank_future: pd.Series, cuts: Sequence[float]) -> pd.Categorical:
    ahead = (rank_future - 1) / max(len(rank_future), 1)
    places = np.searchsorted(np.asarray(cuts), ahead.to_numpy(), side="right")
    return pd.Categorical(np.array(TIERS)[places], categories=list(TIERS), ordered=True)


def _round_edges(value: np.ndarray) -> np.ndarray:
    """Give 0 and then round numbers from where the smallest twentieth ends to above the largest."""
    top = float(value.max())
    if not top > 0:
        return np.array([0.0, 1.0])
    first = max(float(np.quantile(value, 0.05)), top / 10_000)
    exponents = np.arange(np.floor(np.log10(first)), np.ceil(np.log10(top)) + 1)
    rounds = (np.array([1.0, 2.0, 5.0]) * 10.0 ** exponents[:, None]).ravel()
    below, above = rounds[rounds <= first], rounds[rounds > top]
    inner = rounds[(rounds > first) & (rounds <= top)]
    return np.array([0.0, *below[-1:], *inner, above[0]])
