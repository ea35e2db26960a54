"""Several arms: what each brings after its cost, and does choosing per customer beat the best?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from shared.analysis.intervals import Estimate
from shared.analysis.multiple_testing import false_discovery_q, reading
from shared.analysis.uplift_campaign import Campaign
from shared.analysis.uplift_cells import estimate_of
from shared.analysis.uplift_effects import mean_effect
from shared.analysis.uplift_learners import fit_chances
from shared.analysis.uplift_money import campaign_money
from shared.analysis.uplift_policy import PER
from shared.analysis.uplift_ranking import contrast_of, held_out
from shared.loading.errors import NotSupportedByData


@dataclass(frozen=True)
class ArmPolicy:
    """Arms compared after their costs.

    Attributes
    ----------
    table : pd.DataFrame
        One row per treated arm, the best first: `arm`, `treated`, `cost` per contact, `net`
        (money per 1,000 customers against the control), `low`, `high`, `q`, `finding`,
        `q_best` and `against_best` (against the best arm).
    best : str
        The arm that brings most.
    own : Estimate
        What choosing the arm, or none, for each customer brings per 1,000 over the best single
        rule, on the test half.
    """

    table: pd.DataFrame
    best: str
    own: Estimate


def arm_policy(
    campaign: Campaign,
    matrix: np.ndarray,
    *,
    margin_share: float = 0.0,
    response_worth: float = 0.0,
    contact_cost: float = 0.0,
    discount: float = 0.0,
    seed: int = 0,
) -> ArmPolicy:
    """Compare several arms by money after costs, and a rule that chooses for each customer.

    Raises
    ------
    NotSupportedByData
        If there is one arm beside the control, or money is not known.
    """
    if len(campaign.arms) < 2:
        raise NotSupportedByData("the campaign has one arm beside the control", "several arms")
    rows = campaign.rows
    arm = rows["arm"].to_numpy()
    treated = (arm != campaign.control).astype(int)
    money = campaign_money(
        rows["value"].to_numpy(float), rows["outcome"].to_numpy(float), treated,
        rows["cost"].to_numpy(float), margin_share=margin_share, response_worth=response_worth,
        contact_cost=contact_cost, discount=discount,
    )  # fmt: skip
    # Money, not responses: a dear offer may move most and still bring least.
    control = money.net[arm == campaign.control]
    found = []
    for name in campaign.arms:
        effect, p = mean_effect(money.net[arm == name], control)
        costs = rows.loc[arm == name, "cost"].dropna()
        cost = float(costs.mean()) if len(costs) else contact_cost
        found.append((name, int((arm == name).sum()), cost,
                      *[PER * x for x in (effect.value, effect.low, effect.high)], p))  # fmt: skip
    names = ["arm", "treated", "cost", "net", "low", "high", "p"]
    table = pd.DataFrame(found, columns=names).sort_values(
        ["net", "arm"], ascending=[False, True], ignore_index=True
    )
    best = str(table["arm"].iloc[0])
    against = [np.nan] + [mean_effect(money.net[arm == best], money.net[arm == other])[1]
                          for other in table["arm"].iloc[1:]]  # fmt: skip
    q = false_discovery_q(table["p"].to_numpy(float))
    q_best = false_discovery_q(np.array(against))
    told = table.assign(
        q=q, finding=[str(reading(x)) for x in q], q_best=q_best,
        against_best=["the best", *[str(reading(x)) for x in q_best[1:]]],
    )  # fmt: skip
    own = _own_choice(campaign, matrix, money.net, told, seed=seed)
    return ArmPolicy(told.drop(columns="p"), best, own)


def _own_choice(
    campaign: Campaign, matrix: np.ndarray, net: np.ndarray, table: pd.DataFrame, *, seed: int
) -> Estimate:
    """Choose for each customer the arm of the highest predicted net, learnt on one half."""
    arm = campaign.rows["arm"].to_numpy()
    codes = np.array([campaign.control, *campaign.arms])
    number = np.searchsorted(np.sort(codes), arm)
    is_test = np.zeros(len(arm), bool)
    for code in np.unique(number):
        members = np.flatnonzero(number == code)
        is_test[members] = held_out(np.zeros(len(members), int), share=0.5, seed=seed)
    predicted = {campaign.control: np.zeros(int(is_test.sum()))}
    averages = {campaign.control: 0.0}
    for name in campaign.arms:
        one = contrast_of(campaign, matrix, arm=name)
        learn = ~is_test[one.at]
        if one.outcome[learn].min() == one.outcome[learn].max():
            raise NotSupportedByData("an arm without responses cannot be learnt from")
        with threadpool_limits(1):
            chances = fit_chances(one.x[learn], one.treated[learn], one.outcome[learn])
            without, with_it = chances(matrix[is_test])
        seen = net[one.at][learn & (one.treated == 0)]
        responded = one.outcome[learn & (one.treated == 0)] == 1
        worth = float(seen[responded].mean()) if responded.any() else 0.0
        cost = float(table.loc[table["arm"] == name, "cost"].iloc[0])
        predicted[name] = (with_it - without) * worth - cost
        averages[name] = float(net[one.at][learn & (one.treated == 1)].mean() - seen.mean())
    names = list(predicted)
    chosen = np.array(names)[np.argmax(np.column_stack(list(predicted.values())), axis=1)]
    single = max(averages, key=lambda name: averages[name])
    return _difference(chosen, np.full(len(chosen), single), arm[is_test], net[is_test])


def _difference(rule: np.ndarray, other: np.ndarray, arm: np.ndarray, net: np.ndarray) -> Estimate:
    """Estimate the gain of one rule over another, by inverse propensity."""
    parts = []
    for choice in (rule, other):
        weight = np.zeros(len(arm))
        for name in np.unique(choice):
            hit = (choice == name) & (arm == name)
            weight[hit] = 1 / (arm == name).mean()
        parts.append(weight * (net - net.mean()))
    gap = parts[0] - parts[1]
    value, half = float(gap.mean()), float(1.96 * gap.std(ddof=1) / np.sqrt(len(gap)))
    return estimate_of(value, value - half, value + half, n=len(gap), unit="money", scale=PER)
