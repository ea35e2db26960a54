"""Average effects of a campaign: on responses and money, by arm and by segment."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm
from scipy.stats import t as student

from shared.analysis.intervals import Estimate, wilson
from shared.analysis.multiple_testing import (
    false_discovery_q,
    reading,
    share_difference,
)
from shared.analysis.uplift_campaign import Campaign

OUTCOME, VALUE = "responded", "value"
LEAST_IN_ARM = 10  # customers of a segment in an arm, below which it is pooled with others
SMALL = "Small segments together"
POWER = 0.8


def share_effect(
    responses: float, treated: int, control_responses: float, control: int
) -> tuple[Estimate, float]:
    """Estimate treated less control response rate, with the p-value of no difference.

    Returns
    -------
    Estimate
        In shares of 1, Newcombe's interval; n counts both arms.
    float
        Two-sided, of the difference over its standard error under equal rates.
    """
    effect = share_difference(int(responses), treated, int(control_responses), control)
    pooled = (responses + control_responses) / max(treated + control, 1)
    error = np.sqrt(pooled * (1 - pooled) * (1 / max(treated, 1) + 1 / max(control, 1)))
    p = 2 * norm.sf(abs(effect.value) / error) if error > 0 else 1.0
    return _of_customers(effect), float(p)


def mean_effect(treated: np.ndarray, control: np.ndarray) -> tuple[Estimate, float]:
    """Estimate the difference of two means with Welch's interval and p-value; NaN if one is empty.

    References
    ----------
    Welch, B. L. (1947). The generalization of Student's problem when several different population
    variances are involved.
    """
    n = len(treated) + len(control)
    if min(len(treated), len(control)) < 2:
        return Estimate(np.nan, np.nan, np.nan, n, "money", of="customers"), np.nan
    parts = np.array([treated.var(ddof=1) / len(treated), control.var(ddof=1) / len(control)])
    gap, error = treated.mean() - control.mean(), np.sqrt(parts.sum())
    if error == 0:
        return Estimate(gap, gap, gap, n, "money", of="customers"), float(gap == 0)
    freedom = parts.sum() ** 2 / (
        parts[0] ** 2 / (len(treated) - 1) + parts[1] ** 2 / (len(control) - 1)
    )
    half = student.ppf(0.975, freedom) * error
    p = float(2 * student.sf(abs(gap) / error, freedom))
    return Estimate(float(gap), float(gap - half), float(gap + half), n, "money",
                    of="customers"), p  # fmt: skip


def average_effects(campaign: Campaign) -> pd.DataFrame:
    """Estimate the effect of every arm on every outcome.

    Returns
    -------
    pd.DataFrame
        One row per outcome and arm: `outcome`, `arm`, `unit` (share, number or money), `treated`,
        `control`, `treated_rate`, `control_rate` (means where the unit is no share), `uplift`,
        `low`, `high` (95 %), `p`, `q` (Benjamini-Hochberg over the table), `finding`,
        `detectable` (smallest uplift found at 1 % in 80 of 100 such campaigns; shares only).
    """
    outcomes = [(OUTCOME, "share", campaign.rows["outcome"])]
    if campaign.has_value:
        outcomes.append((VALUE, "money", campaign.rows["value"]))
    for name in campaign.further.columns:
        column = campaign.further[name]
        unit = "share" if column.dropna().isin([0, 1]).all() else "number"
        outcomes.append((str(name), unit, column))
    rows = [_effect(campaign, arm, *one) for one in outcomes for arm in campaign.arms]
    table = pd.DataFrame(rows)
    q = false_discovery_q(table["p"].to_numpy(float))
    return table.assign(q=q, finding=[str(reading(value)) for value in q])


def detectable_uplift(rate: float, treated: int, control: int, *, level: float = 0.99) -> float:
    """Give the smallest uplift that a campaign of this size finds in 80 of 100 cases.

    Parameters
    ----------
    rate : float
        Response rate without the campaign.
    treated, control : int
        Customers in the arms.
    level : float
        One less the level of the test; the page says "found" at 1 %.

    References
    ----------
    Cohen, J. (1988). Statistical power analysis for the behavioral sciences.
    """
    reach = norm.ppf(0.5 + level / 2) + norm.ppf(POWER)
    return float(reach * np.sqrt(rate * (1 - rate) * (1 / treated + 1 / control)))


def segment_effects(
    group: Sequence[object], treated: np.ndarray, outcome: np.ndarray
) -> tuple[pd.DataFrame, float]:
    """Estimate the effect in each segment, and test whether the segments differ.

    Parameters
    ----------
    group : sequence
        Segment of each customer; segments with fewer than 10 customers in an arm are pooled.
    treated, outcome : np.ndarray
        1 or 0 per customer.

    Returns
    -------
    pd.DataFrame
        One row per segment, the largest effect first: `segment`, `treated`, `control`,
        `treated_rate`, `control_rate`, `uplift`, `low`, `high`, `q` (of no effect), `finding`,
        `q_rest` (of the same effect as in all others), `against_rest`.
    float
        p-value of equal effects in all segments (Cochran's Q).
    """
    # A segment of three customers shows nothing, and would show who they are.
    names = _pooled(pd.Series(np.asarray(group, dtype=object)), treated)
    rows = []
    for name in sorted(names.unique(), key=str):
        inside = (names == name).to_numpy()
        own = _rates(inside, treated, outcome)
        if min(own["treated"], own["control"]) < LEAST_IN_ARM:
            continue
        rest = _rates(~inside, treated, outcome)
        rows.append({"segment": str(name), **own, "p_rest": _gap_p(own, rest)})
    table = pd.DataFrame(rows).sort_values(["uplift", "segment"], ascending=[False, True])
    table = table.reset_index(drop=True)
    q, q_rest = (false_discovery_q(table[c].to_numpy(float)) for c in ("p", "p_rest"))
    weights = 1 / table["variance"].to_numpy()
    middle = (weights * table["uplift"]).sum() / weights.sum()
    statistic = float((weights * (table["uplift"] - middle) ** 2).sum())
    differ = float(chi2.sf(statistic, len(table) - 1)) if len(table) > 1 else float("nan")
    told = table.assign(
        q=q, finding=[str(reading(x)) for x in q],
        q_rest=q_rest, against_rest=[str(reading(x)) for x in q_rest],
    )  # fmt: skip
    return told.drop(columns=["p", "p_rest", "variance"]), differ


def rates_of(treated: np.ndarray, outcome: np.ndarray) -> dict[str, float]:
    """Count both arms and their response rates, with Wilson's intervals and the difference."""
    return _rates(np.ones(len(treated), bool), treated, outcome)


def _rates(inside: np.ndarray, treated: np.ndarray, outcome: np.ndarray) -> dict[str, float]:
    arm, seen = treated[inside] == 1, outcome[inside]
    n1, n0 = int(arm.sum()), int((~arm).sum())
    k1, k0 = float(seen[arm].sum()), float(seen[~arm].sum())
    effect, p = share_effect(k1, n1, k0, n0)
    rate1, rate0 = wilson(k1, n1), wilson(k0, n0)
    # Half a response more on each side: an arm without any has no variance of its own.
    s1, s0 = (k1 + 0.5) / (n1 + 1), (k0 + 0.5) / (n0 + 1)
    return {
        "treated": n1, "control": n0,
        "treated_rate": rate1.value, "treated_low": rate1.low, "treated_high": rate1.high,
        "control_rate": rate0.value, "control_low": rate0.low, "control_high": rate0.high,
        "uplift": effect.value, "low": effect.low, "high": effect.high, "p": p,
        "variance": s1 * (1 - s1) / max(n1, 1) + s0 * (1 - s0) / max(n0, 1),
    }  # fmt: skip


def _gap_p(own: dict[str, float], rest: dict[str, float]) -> float:
    if not min(rest["treated"], rest["control"]):
        return float("nan")
    gap = own["uplift"] - rest["uplift"]
    return float(2 * norm.sf(abs(gap) / np.sqrt(own["variance"] + rest["variance"])))


def _pooled(names: pd.Series, treated: np.ndarray) -> pd.Series:
    counts = pd.crosstab(names, treated).reindex(columns=[0, 1], fill_value=0).min(axis=1)
    small = counts.index[counts < LEAST_IN_ARM]
    return names.where(~names.isin(small), SMALL)


def _effect(
    campaign: Campaign, arm: str, name: str, unit: str, values: pd.Series
) -> dict[str, object]:
    known = values.notna()
    one, other = (
        values[known & (campaign.rows["arm"] == which)].to_numpy(float)
        for which in (arm, campaign.control)
    )
    if unit == "share":
        effect, p = share_effect(one.sum(), len(one), other.sum(), len(other))
    else:
        effect, p = mean_effect(one, other)
    rate = other.mean() if len(other) else np.nan
    detectable = np.nan
    if unit == "share" and len(one) and len(other):
        # An observed 0 % or 100 % has no spread of its own, and would promise to find anything.
        least = 1 / (len(other) + 2)
        tempered = float(np.clip(rate, least, 1 - least))
        detectable = detectable_uplift(tempered, len(one), len(other))
    return {
        "outcome": name, "arm": arm, "unit": unit, "treated": len(one), "control": len(other),
        "treated_rate": one.mean() if len(one) else np.nan, "control_rate": rate,
        "uplift": effect.value, "low": effect.low, "high": effect.high, "p": p,
        "detectable": detectable,
    }  # fmt: skip


def _of_customers(effect: Estimate) -> Estimate:
    return Estimate(effect.value, effect.low, effect.high, effect.n, effect.unit, of="customers")
