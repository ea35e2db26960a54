"""Whom to contact and whom to leave in peace: lists, what marks them, and what is wasted."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.analysis.intervals import Estimate
from shared.analysis.multiple_testing import Finding, reading
from shared.analysis.uplift_cells import cell
from shared.analysis.uplift_effects import LEAST_IN_ARM, share_effect
from shared.analysis.uplift_ranking import Contrast, Ranking, place_share
from shared.loading.errors import NotSupportedByData

TOP_SHARE = 0.2
MOST_DRIVERS = 6


@dataclass(frozen=True)
class Harm:
    """Customers whom the campaign is predicted to drive away, and what happened to them.

    Attributes
    ----------
    share : float
        Share of the customers with a predicted uplift below 0.
    customers : int
        How many they are in the campaign.
    effect : Estimate
        Their average effect on the test half.
    treated_rate, control_rate : float
        Their response rates.
    p : float
        Of no effect.
    finding : Finding
        What that allows to say.
    """

    share: float
    customers: int
    effect: Estimate
    treated_rate: float
    control_rate: float
    p: float
    finding: Finding

    @property
    def is_found(self) -> bool:
        """Whether it is shown that the campaign loses these customers."""
        return self.finding == Finding.DIFFERS and self.effect.value < 0


@dataclass(frozen=True)
class SureThings:
    """What went to customers who would have responded anyway.

    Attributes
    ----------
    contacted : int
        Customers contacted.
    low, high : int
        How many of them can be sure things (bounds from the response rates of both arms).
    share_low, share_high : float
        The same as shares of those contacted.
    each : float
        Spent on one of them: the contact, and the discount on what was bought.
    money_low, money_high : float
        Spent on all of them.
    cost, discount : float
        The two parts of `each`.
    """

    contacted: int
    low: int
    high: int
    share_low: float
    share_high: float
    each: float
    money_low: float
    money_high: float
    cost: float
    discount: float


def harm_of(
    score: np.ndarray, treated: np.ndarray, outcome: np.ndarray, *, share: float, base: int
) -> Harm:
    """Measure the effect on those predicted to respond less if contacted.

    Parameters
    ----------
    score, treated, outcome : np.ndarray
        Of customers that the model has not seen.
    share : float
        Share of all customers with a score below 0.
    base : int
        All customers.

    Raises
    ------
    NotSupportedByData
        If fewer than 10 of them are in an arm.
    """
    inside = score < 0
    arm, seen = treated[inside] == 1, outcome[inside]
    if min(arm.sum(), (~arm).sum()) < LEAST_IN_ARM:
        raise NotSupportedByData(
            "hardly any customer of the test half is predicted to respond less if contacted: too "
            "few to measure",
            f"at least {LEAST_IN_ARM} such customers in each arm",
        )
    effect, p = share_effect(seen[arm].sum(), int(arm.sum()), seen[~arm].sum(), int((~arm).sum()))
    return Harm(share, round(share * base), effect, float(seen[arm].mean()),
                float(seen[~arm].mean()), p, reading(p))  # fmt: skip


def sure_things(
    bounds: pd.DataFrame, contrast: Contrast, *, discount: float = 0.0, contact_cost: float = 0.0
) -> SureThings:
    """Bound what contacting customers who would have responded anyway has cost.

    Parameters
    ----------
    bounds : pd.DataFrame
        As from `type_bounds`.
    contrast : Contrast
        The customers.
    discount : float
        Share off the price that the campaign gave; 0 where it gave none.
    contact_cost : float
        Of a contact, where the export has no cost.
    """
    treated = contrast.treated == 1
    n = int(treated.sum())
    low, high = (cell(bounds, "Sure Things", c) for c in ("low", "high"))
    costs = contrast.cost[treated & ~np.isnan(contrast.cost)]
    cost = float(costs.mean()) if len(costs) else contact_cost
    spent = contrast.value[treated & (contrast.outcome == 1)]
    spent = spent[~np.isnan(spent)]
    # What was paid is what the discount has left: the discount is on the price before it.
    given = discount / (1 - discount) * float(spent.mean()) if len(spent) else 0.0
    each = cost + given
    return SureThings(n, round(n * low), round(n * high), low, high, each, n * low * each,
                      n * high * each, cost, given)  # fmt: skip


def drivers(score: np.ndarray, table: pd.DataFrame) -> pd.DataFrame:
    """Tell what marks the fifth with the highest predicted uplift from the fifth with the lowest.

    Returns
    -------
    pd.DataFrame
        One row per feature or level, the largest difference first: `feature`, `top` and `bottom`
        (mean, or share with the level), `difference` (in standard deviations of all), `is_share`.
    """
    place = place_share(score)
    top, bottom = place < TOP_SHARE, place >= 1 - TOP_SHARE
    rows = []
    for name in table.columns:
        column = table[name]
        if column.dtype.kind in "biuf":
            pieces = [(str(name), column.to_numpy(float), False)]
        else:
            texts = column.astype(object).where(column.notna(), "blank").astype(str)
            common = texts.value_counts().sort_index().sort_values(ascending=False, kind="stable")
            pieces = [(f"{name}: {level}", (texts == level).to_numpy(float), True)
                      for level in common.index[:8]]  # fmt: skip
        for label, values, is_share in pieces:
            spread = np.nanstd(values)
            if not spread > 0 or np.isnan(values[top]).all() or np.isnan(values[bottom]).all():
                continue
            high, low = np.nanmean(values[top]), np.nanmean(values[bottom])
            share = is_share or set(np.unique(values[~np.isnan(values)])) <= {0.0, 1.0}
            rows.append((label, high, low, (high - low) / spread, share))
    frame = pd.DataFrame(rows, columns=["feature", "top", "bottom", "difference", "is_share"])
    # An export often brings a column that is also computed here: the same thing once.
    frame = frame.drop_duplicates(["top", "bottom", "difference"], keep="last", ignore_index=True)
    order = frame["difference"].abs().sort_values(ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True)


def customer_list(
    ranking: Ranking, contrast: Contrast, ids: pd.Series, types: np.ndarray, *, keep: np.ndarray
) -> pd.DataFrame:
    """List customers by predicted uplift, the highest first.

    Returns
    -------
    pd.DataFrame
        `customer_id`, `predicted_uplift`, `chance_without`, `chance_with` and `predicted_type`
        ("predicted like": nobody's type is ever seen).
    """
    frame = pd.DataFrame(
        {
            "customer_id": ids.to_numpy()[contrast.at],
            "predicted_uplift": ranking.score,
            "chance_without": ranking.without,
            "chance_with": ranking.with_it,
            "predicted_type": types,
        }
    )[keep]
    return frame.sort_values(
        ["predicted_uplift", "customer_id"], ascending=[False, True], ignore_index=True
    )
