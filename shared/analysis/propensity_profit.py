"""Profit: what contacting the likeliest costs per buyer, and where it stops paying."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.analysis.intervals import Estimate, wilson
from shared.analysis.propensity_lists import ranked

STEPS = 20  # of the curve: each a twentieth of the people
NORMAL = 1.959963984540054


@dataclass(frozen=True)
class ProfitCurve:
    """What contacting more and more people, the likeliest first, would have brought.

    Attributes
    ----------
    table : pd.DataFrame
        One row per twentieth: `contacted` (share), `n`, `bought`, `gain` (share of all buyers),
        `rate`, `low`, `high`, `cost`, `cost_per_buyer` with `cost_low` and `cost_high` (blank
        without a buyer), and `profit`, `profit_random` (blank without a margin).
    contact_cost, margin : float
        Per contact, and per buyer; NaN where the margin is not known.
    break_even : float
        Probability from which a contact pays: cost over margin.
    cut : Estimate
        Profit of contacting everybody above it; NaN without a margin.
    cut_n, cut_bought : int
        Tested rows above it, and buyers among them.
    everybody : Estimate
        Profit of contacting all.
    """

    table: pd.DataFrame
    contact_cost: float
    margin: float
    break_even: float
    cut: Estimate
    cut_n: int
    cut_bought: int
    everybody: Estimate

    @property
    def knows_margin(self) -> bool:
        """Whether profit can be said."""
        return bool(self.margin > 0)

    @property
    def best(self) -> pd.Series:
        """The row of the highest profit on the curve; without a margin that of a tenth."""
        place = self.table["profit"].to_numpy().argmax() if self.knows_margin else STEPS // 10 - 1
        return self.table.iloc[int(place)]


def profit_curve(
    propensity: np.ndarray,
    outcome: np.ndarray,
    person: np.ndarray,
    *,
    contact_cost: float,
    margin: float,
) -> ProfitCurve:
    """Add up cost and margin of the tested rows, the likeliest first.

    Every buyer counts, also one who would have bought without a contact: profit here is an upper
    bound, and only the order of people is what the score brings.

    Parameters
    ----------
    contact_cost : float
        Money per contact.
    margin : float
        Money that a buyer brings before that cost; NaN or 0 if not known.
    """
    order = ranked(propensity, person)
    n, hits = len(order), np.cumsum(outcome[order])
    counts = np.maximum(np.round(np.arange(1, STEPS + 1) / STEPS * n).astype(int), 1)
    bought = hits[counts - 1]
    shares = [wilson(int(b), int(k)) for b, k in zip(bought, counts, strict=True)]
    known = margin if margin > 0 else float("nan")
    per_buyer = [_per_buyer(contact_cost, s) for s in shares]
    table = pd.DataFrame(
        {
            "contacted": np.arange(1, STEPS + 1) / STEPS,
            "n": counts,
            "bought": bought,
            "gain": bought / max(int(hits[-1]), 1),
            "rate": [s.value for s in shares],
            "low": [s.low for s in shares],
            "high": [s.high for s in shares],
            "cost": contact_cost * counts,
            "cost_per_buyer": [c[0] for c in per_buyer],
            "cost_low": [c[1] for c in per_buyer],
            "cost_high": [c[2] for c in per_buyer],
            "profit": known * bought - contact_cost * counts,
            "profit_random": (known * hits[-1] / n - contact_cost) * counts,
        }
    )
    break_even = contact_cost / known
    above = propensity >= break_even if known > 0 else np.zeros(n, dtype=bool)
    return ProfitCurve(
        table=table,
        contact_cost=contact_cost,
        margin=known,
        break_even=break_even,
        cut=_profit(outcome[above], contact_cost, known),
        cut_n=int(above.sum()),
        cut_bought=int(outcome[above].sum()),
        everybody=_profit(outcome, contact_cost, known),
    )


def discount_bound(*, margin_share: float, discount: float) -> float:
    """Give the probability above which a discount cannot pay whatever it changes.

    Of those who buy anyway it takes discount off the price. At best everybody else is turned into
    a buyer: with margin m and discount d as shares of the price that needs p d <= (1 - p)(m - d),
    so p at most 1 - d / m.

    Parameters
    ----------
    margin_share, discount : float
        As shares of the price.

    Returns
    -------
    float
        0 where the discount eats the whole margin.
    """
    return max(0.0, 1 - discount / margin_share)


def needed_effect(propensity: float, *, margin_share: float, discount: float) -> float:
    """Give how many more of 1 must buy because of a discount before it pays.

    NaN where not even all of the others would do.
    """
    left = margin_share - discount
    needed = propensity * discount / left if left > 0 else float("inf")
    return needed if needed <= 1 - propensity else float("nan")


def _profit(outcome: np.ndarray, cost: float, margin: float) -> Estimate:
    """Sum margin and cost over rows that are taken as a sample of their kind."""
    n = len(outcome)
    if not n or not margin > 0:
        nan = float("nan")
        return Estimate(nan, nan, nan, n, "money", of="tested rows")
    value = margin * float(outcome.sum()) - cost * n
    half = NORMAL * margin * float(np.sqrt(n * np.var(outcome)))
    return Estimate(value, value - half, value + half, n, "money", of="tested rows")


def _per_buyer(cost: float, rate: Estimate) -> tuple[float, float, float]:
    if not rate.value > 0:
        return (float("nan"),) * 3
    return cost / rate.value, cost / rate.high, cost / rate.low
