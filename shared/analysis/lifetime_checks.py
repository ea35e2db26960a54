"""What the model takes for granted: is it so in these data, and how much hangs on it?"""

from dataclasses import dataclass
from datetime import date

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy.stats import norm, pearsonr, spearmanr

from shared.analysis.intervals import Estimate, bootstrap
from shared.analysis.multiple_testing import Finding, reading
from shared.analysis.periods import day_number
from shared.analysis.purchases import purchases
from shared.analysis.win_back import order_gaps
from shared.loading.errors import NotSupportedByData

CLASSES = ((1, 1), (2, 2), (3, 4), (5, 9), (10, None))
FEWEST_PAIRS = 50
FEWEST_IN_CLASS = 10
SOME_MONDAY = date(2000, 1, 3)


@dataclass(frozen=True)
class Independence:
    """How spend per order goes with the number of orders, among repeat customers.

    Attributes
    ----------
    pearson, spearman : Estimate
        Correlations of repeat purchases and their mean value, with Fisher's interval.
    p : float
        p-value of Spearman's correlation.
    table : pd.DataFrame
        `orders` (class of repeat purchases), `customers`, `mean_spend`, `low`, `high`; a class of
        fewer than 10 customers is joined to the one before.
    effect : Estimate
        Mean spend of the most frequent class by that of the least, as a ratio.
    """

    pearson: Estimate
    spearman: Estimate
    p: float
    table: pd.DataFrame
    effect: Estimate

    @property
    def finding(self) -> Finding:
        """Whether the two go together by more than chance."""
        return reading(self.p)


@dataclass(frozen=True)
class Regularity:
    """How regular the time between orders is: 1 at random, more is steadier, less is in bursts.

    Attributes
    ----------
    k : Estimate
        Shape of the gaps, a ratio; n counts customers with two gaps or more.
    """

    k: Estimate

    @property
    def kind(self) -> str:
        """Name the timing: random unless the interval lies off 1 by more than a fifth."""
        if self.k.low > 1.2:
            return "regular"
        return "in bursts" if self.k.high < 0.8 else "random"


def spend_independence(summary: pd.DataFrame) -> Independence:
    """Test whether frequent customers spend more per order, and size the difference.

    Parameters
    ----------
    summary : pd.DataFrame
        `frequency` and `monetary_value`, one row per customer, as from `repeat_summary`.

    Raises
    ------
    NotSupportedByData
        If fewer than 50 customers came back and paid, or all alike.

    References
    ----------
    Fader, P. S. and Hardie, B. G. S. (2013). The Gamma-Gamma model of monetary value.
    """
    paid = summary[(summary["frequency"] > 0) & (summary["monetary_value"] > 0)]
    alike = paid["frequency"].nunique() < 2 or paid["monetary_value"].nunique() < 2
    if len(paid) < FEWEST_PAIRS or alike:
        raise NotSupportedByData(
            f"{len(paid)} repeat customers with positive spend are too few, or too much alike, to "
            "set spend against frequency",
            f"at least {FEWEST_PAIRS} customers who came back",
        )
    x = paid["frequency"].to_numpy(dtype=float)
    spend = paid["monetary_value"].to_numpy(dtype=float)
    ranks = spearmanr(x, spend)
    table, codes = _by_class(x, spend)
    return Independence(
        pearson=_fisher(float(pearsonr(x, spend).statistic), len(x)),
        spearman=_fisher(float(ranks.statistic), len(x)),
        p=float(ranks.pvalue),
        table=table,
        effect=_ratio_of_ends(codes, spend),
    )


def _by_class(x: np.ndarray, spend: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
    starts = [low for low, _high in CLASSES]
    codes = np.searchsorted(starts, x, side="right") - 1
    while len(set(codes)) > 1 and (codes == codes.max()).sum() < FEWEST_IN_CLASS:
        codes[codes == codes.max()] = np.unique(codes)[-2]
    rows = []
    last = codes.max()
    for code in np.unique(codes):
        inside = spend[codes == code]
        low, high = CLASSES[code]
        error = (
            norm.ppf(0.975) * inside.std(ddof=1) / np.sqrt(len(inside))
            if len(inside) > 1
            else np.nan
        )
        name = f"{low}+" if code == last else f"{low}" if low == high else f"{low}–{high}"
        rows.append(
            (name, len(inside), inside.mean(), inside.mean() - error, inside.mean() + error)
        )
    return pd.DataFrame(rows, columns=["orders", "customers", "mean_spend", "low", "high"]), codes


def _ratio_of_ends(codes: np.ndarray, spend: np.ndarray) -> Estimate:
    first, last = codes.min(), codes.max()

    def ratio(rows: np.ndarray) -> float:
        drawn, money = codes[rows], spend[rows]
        few, many = money[drawn == first], money[drawn == last]
        return float(many.mean() / few.mean()) if len(few) and len(many) else float("nan")

    if first == last:
        return Estimate(np.nan, np.nan, np.nan, len(spend), "ratio")
    return bootstrap(ratio, len(spend), unit="ratio", of="customers")


def _fisher(r: float, n: int) -> Estimate:
    """Give a correlation with the interval of Fisher's z (Fisher, 1921)."""
    z, reach = np.arctanh(np.clip(r, -0.999999, 0.999999)), norm.ppf(0.975) / np.sqrt(n - 3)
    return Estimate(r, float(np.tanh(z - reach)), float(np.tanh(z + reach)), n, "number")


def timing_regularity(order_lines: ibis.Table, *, snapshot_date: date) -> Regularity:
    """Estimate how regular orders follow one another, from the last two gaps of each customer.

    The model draws orders at random in time, which gives k = 1. A share of the first gap in the
    two has variance 1 / (4 (2 k + 1)), whatever the customer's own rate.

    Raises
    ------
    NotSupportedByData
        If fewer than 50 customers ordered on three days, or too few of their gaps differ to tell
        an upper bound.

    References
    ----------
    Wheat, R. D. and Morrison, D. G. (1990). Estimating purchase regularity with two interpurchase
    times.
    """
    lines = purchases(order_lines, before=snapshot_date, analysis="Regularity of timing")
    days = lines.select(
        "customer_id", day=day_number(lines.order_date, since=SOME_MONDAY)
    ).distinct()
    latest = ibis.row_number().over(ibis.window(group_by="customer_id", order_by=ibis.desc("day")))
    last_three = days.mutate(place=latest).filter(_.place < 3)
    gaps = (
        last_three.group_by("customer_id")
        .aggregate(
            last=_.day.max(), first=_.day.min(), middle=_.day.sum(where=_.place == 1), n=_.count()
        )
        .filter(_.n == 3)
        .select(one=_.middle - _.first, both=_.last - _.first)
        .group_by("one", "both")
        .aggregate(customers=_.count())
        .order_by("one", "both")
        .to_pandas()
    )
    n = int(gaps["customers"].sum())
    if n < FEWEST_PAIRS:
        raise NotSupportedByData(
            f"{n} customers ordered on three days or more", f"at least {FEWEST_PAIRS} of them"
        )
    return Regularity(_shape(gaps))


def _shape(gaps: pd.DataFrame) -> Estimate:
    share = (gaps["one"] / gaps["both"]).to_numpy(dtype=float)
    weight = gaps["customers"].to_numpy(dtype=float)
    n = weight.sum()
    # The mean is one half by symmetry, so that the spread is taken around it; the whole days of
    # the calendar add nothing that matters unless gaps are a few days long.
    squares = (share - 0.5) ** 2
    spread = float(weight @ squares / n)
    error = float(np.sqrt(weight @ (squares - spread) ** 2 / n / n))

    def k(variance: float) -> float:
        return (1 - 4 * variance) / (8 * variance)

    reach = norm.ppf(0.975) * error
    # Gaps that are all alike would give a shape of millions, and an interval upside down.
    if spread <= reach:
        raise NotSupportedByData(
            f"nearly all of {n:,.0f} customers paused equally long twice",
            "customers whose pauses differ",
        )
    return Estimate(k(spread), k(spread + reach), k(spread - reach), int(n), "ratio")


def median_gap_days(order_lines: ibis.Table, *, snapshot_date: date) -> float:
    """Give the median days between two order days of one customer; NaN where nobody has two."""
    median = order_gaps(order_lines, snapshot_date=snapshot_date).gap_days.median().to_pandas()
    return float("nan") if pd.isna(median) else float(median)
