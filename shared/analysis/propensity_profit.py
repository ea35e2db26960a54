"""Profit: what contacting the likeliest costs per buyer, and where it stops paying."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from shared.analysis.intervals import Estimate, wilson
from shared.analysis.propensity_lists import ranked

STEPS = 20  # of the curve: each a twentieth of the people
BANDS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
FEWEST = 10  # people in a band that is shown
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
    spared : Estimate
        What leaving out everybody below that probability saves; NaN where nobody is below.
    """

    table: pd.DataFrame
    contact_cost: float
    margin: float
    break_even: float
    cut: Estimate
    cut_n: int
    cut_bought: int
    everybody: Estimate
    spared: Estimate

    @property
    def all_are_worth_it(self) -> bool:
        """Whether contacting all pays, and leaving anybody out is not known to gain."""
        return bool(self.everybody.low > 0 and not self.spared.low > 0)

    @property
    def knows_margin(self) -> bool:
        """Whether profit can be said."""
        return bool(self.margin > 0)


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
        spared=_reversed(_profit(outcome[~above], contact_cost, known)),
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


def discount_table(propensity: np.ndarray, *, margin_share: float, discount: float) -> pd.DataFrame:
    """Give how many of 1 a discount must move to pay, by bands of the score.

    Returns
    -------
    pd.DataFrame
        `low`, `high` (of the band), `n`, `needed` (at the band's mean; blank where none could
        pay). A band of fewer than 10 people is joined with the next.
    """
    counts = np.bincount(np.digitize(propensity, BANDS[1:-1]), minlength=len(BANDS) - 1)
    edges, n = [BANDS[-1]], 0
    for place in range(len(counts) - 1, -1, -1):
        n += int(counts[place])
        if n >= FEWEST:
            edges, n = [*edges, BANDS[place]], 0
    edges[-1 if len(edges) > 1 else 1 :] = [BANDS[0]]  # what is left over joins the lowest
    edges = edges[::-1]
    place = np.digitize(propensity, edges[1:-1])
    held = [propensity[place == number] for number in range(len(edges) - 1)]
    needed = [
        needed_effect(float(p.mean()), margin_share=margin_share, discount=discount)
        if len(p)
        else float("nan")
        for p in held
    ]
    return pd.DataFrame(
        {"low": edges[:-1], "high": edges[1:], "n": [len(p) for p in held], "needed": needed}
    )


def _reversed(profit: Estimate) -> Estimate:
    return replace(profit, value=-profit.value, low=-profit.high, high=-profit.low)


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
