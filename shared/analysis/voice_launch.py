"""A launch in its customers' words: better or worse received than what it can be compared with?"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy.stats import t

from shared.analysis.intervals import Estimate
from shared.analysis.multiple_testing import LEANING, SETTLED, share_difference
from shared.analysis.voice import ENOUGH_GROUP
from shared.loading.errors import NotSupportedByData

LEAST_GROUP = 10
SETTLING_DAYS = 90  # products seen in the first days of the data are not new
NEW_DAYS = 366
RATED = 0.8  # share of texts with stars from which these are compared


class Reception(StrEnum):
    """How a launch was received; the value is the wording on the page."""

    GOOD = "better received than"
    POOR = "in need of revision: received worse than"
    ALIKE = "received no differently from"
    OPEN = "not settled against"


@dataclass(frozen=True)
class Launch:
    """A new product, or a day, and what it is compared with.

    Attributes
    ----------
    name : str
        The product, or "" where all texts before and after a day are compared.
    product_id : str
        Its id, or "".
    day : date
        First day of the launch.
    chosen_by_data : bool
        Whether nobody named it: it is the product that came last.
    compared_with : str
        In words: "other products of Syrups since then".
    measure : str
        "stars" or "sentiment".
    table : pd.DataFrame
        Two rows, the launch first: `group`, `texts`, `mean`, `low`, `high`, `negative` (texts
        below 0), `negative_share`.
    difference : Estimate
        Mean of the launch less that of the others, Welch 95 %.
    negative_difference : Estimate
        Share of texts below 0, launch less others, Newcombe 95 %.
    p_value : float
        Of the difference of means.
    """

    name: str
    product_id: str
    day: date
    chosen_by_data: bool
    compared_with: str
    measure: str
    table: pd.DataFrame
    difference: Estimate
    negative_difference: Estimate
    p_value: float

    @property
    def reception(self) -> Reception:
        """Say how the launch was received, at 1 %."""
        if self.p_value < SETTLED:
            return Reception.GOOD if self.difference.value > 0 else Reception.POOR
        return Reception.OPEN if self.p_value < LEANING else Reception.ALIKE

    @property
    def is_small(self) -> bool:
        """Whether one of the two groups has fewer than 30 texts."""
        return bool(self.table["texts"].min() < ENOUGH_GROUP)


def launch_perception(
    scored: pd.DataFrame,
    *,
    products: pd.DataFrame,
    first_days: dict[str, date],
    launch_date: str = "",
    product_id: str = "",
) -> Launch:
    """Compare the texts on a launch with those on comparable products at the same time.

    With a day and no product, texts after it are compared with as long a time before it. With
    neither, the product that came last is taken.

    Parameters
    ----------
    scored : pd.DataFrame
        One row per text: `written_at`, `product_id`, `rating`, `sentiment` (blank is left out).
    products : pd.DataFrame
        `product_id`, `product_name`, `category`, as far as known; may be empty.
    first_days : dict of str to date
        First day on which each product was sold, or else reviewed.
    launch_date : str
        ISO day; empty takes the product's first day.
    product_id : str
        Empty finds the newest product.

    Raises
    ------
    NotSupportedByData
        Without dates or products, or with fewer than 10 texts on a side.
    """
    known = scored[scored["sentiment"].notna() & scored["written_at"].notna()]
    if known.empty:
        raise NotSupportedByData("the texts are not dated", "a date for each text (written_at)")
    chosen = "" if launch_date and not product_id else product_id
    by_data = not launch_date and not product_id
    if by_data:
        chosen = newest_product(known, first_days)
    day = _day(launch_date, chosen, first_days)
    own, others, compared = _groups(known, chosen, day, products)
    for name, group in (("the launch", own), ("its comparison", others)):
        if len(group) < LEAST_GROUP:
            raise NotSupportedByData(
                f"{len(group)} texts on {name}", f"at least {LEAST_GROUP} texts on either side"
            )
    named = products.set_index("product_id")["product_name"] if len(products) else pd.Series()
    name = str(named.get(chosen, chosen)) if chosen else ""
    return compared_groups(
        own, others, name=name, product_id=chosen, day=day, by_data=by_data, compared=compared
    )


def compared_groups(
    own: pd.DataFrame, others: pd.DataFrame, *, name: str, product_id: str, day: date,
    by_data: bool, compared: str,
) -> Launch:  # fmt: skip
    """Compare two groups of texts: means by stars where most have them, else by sentiment."""
    rated = min(own["rating"].notna().mean(), others["rating"].notna().mean()) >= RATED
    column = "rating" if rated else "sentiment"
    own, others = (group[group[column].notna()] for group in (own, others))
    values = [group[column].astype(float).to_numpy() for group in (own, others)]
    difference, p_value = welch(values[0], values[1])
    negative = [int((group["sentiment"] < 0).sum()) for group in (own, others)]
    rows = []
    for group, shown, count in zip(
        (name or f"since {day}", compared), values, negative, strict=True
    ):
        mean = mean_of(shown)
        rows.append((group, len(shown), mean.value, mean.low, mean.high, count))
    columns = ["group", "texts", "mean", "low", "high", "negative"]
    table = pd.DataFrame(rows, columns=columns)
    sizes = [len(own), len(others)]
    return Launch(
        name=name, product_id=product_id, day=day, chosen_by_data=by_data, compared_with=compared,
        measure="stars" if rated else "sentiment",
        table=table.assign(negative_share=[c / n for c, n in zip(negative, sizes, strict=True)]),
        difference=difference, p_value=p_value,
        negative_difference=share_difference(negative[0], sizes[0], negative[1], sizes[1]),
    )  # fmt: skip


def newest_product(known: pd.DataFrame, first_days: dict[str, date]) -> str:
    """Find the product that came last, with enough texts to tell; ties by id.

    Raises
    ------
    NotSupportedByData
        If no product came new within the time of the texts.
    """
    counts = known.loc[known["product_id"] != "", "product_id"].value_counts()
    if counts.empty:
        raise NotSupportedByData("the texts name no product", "product_id, or launch_date")
    first, last = min(first_days.values()), known["written_at"].max().date()
    since = max(first + timedelta(days=SETTLING_DAYS), last - timedelta(days=NEW_DAYS))
    for least in (ENOUGH_GROUP, LEAST_GROUP):
        new = [
            (first_days[p], p) for p, n in counts.items()
            if n >= least and p in first_days and first_days[p] >= since
        ]  # fmt: skip
        if new:
            return str(max(new)[1])
    raise NotSupportedByData(
        f"no product that came new within the last year has {LEAST_GROUP} texts",
        "a newer product with texts, or launch_date",
    )


def first_days(lines: ibis.Table | None, known: pd.DataFrame) -> dict[str, date]:
    """Give the first day of each product: sold, or where no sale is known, written about."""
    days: dict[str, date] = {}
    about = known[(known["product_id"] != "") & known["written_at"].notna()]
    for product, moment in about.groupby("product_id")["written_at"].min().items():
        days[str(product)] = moment.date()
    if lines is not None and {"product_id", "order_date"} <= set(lines.columns):
        sold = lines.filter(_.product_id.notnull()).group_by("product_id")
        frame = sold.aggregate(first=_.order_date.min()).to_pandas()
        days |= {str(p): pd.Timestamp(d).date() for p, d in frame.itertuples(index=False)}
    return days


def welch(a: np.ndarray, b: np.ndarray) -> tuple[Estimate, float]:
    """Estimate the difference of two means, first less second, at 95 %, and its p-value.

    References
    ----------
    Welch, B. L. (1947). The generalization of "Student's" problem when several different
    population variances are involved.
    """
    n = len(a) + len(b)
    value = float(a.mean() - b.mean())
    parts = np.array([a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)])
    se = float(np.sqrt(parts.sum()))
    if se == 0:
        return Estimate(value, value, value, n, "number", of="texts"), 0.0 if value else 1.0
    freedom = parts.sum() ** 2 / (parts**2 / [len(a) - 1, len(b) - 1]).sum()
    half = float(t.ppf(0.975, freedom)) * se
    p_value = float(2 * t.sf(abs(value) / se, freedom))
    return Estimate(value, value - half, value + half, n, "number", of="texts"), p_value


def mean_of(values: np.ndarray, *, of: str = "texts") -> Estimate:
    """Estimate a mean with Student's interval at 95 %; blank bounds for a single value."""
    n = len(values)
    if n == 0:
        return Estimate(np.nan, np.nan, np.nan, 0, "number", of=of)
    mean = float(values.mean())
    half = float(t.ppf(0.975, n - 1) * values.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan
    return Estimate(mean, mean - half, mean + half, n, "number", of=of)


def _day(launch_date: str, product: str, first_days: dict[str, date]) -> date:
    if launch_date:
        try:
            return date.fromisoformat(launch_date)
        except ValueError:
            raise NotSupportedByData(
                f"launch_date is {launch_date!r}, which is no day", "a day such as 2026-03-02"
            ) from None
    if product not in first_days:
        raise NotSupportedByData(f"no text and no sale of product {product}", "product_id")
    return first_days[product]


def _groups(
    known: pd.DataFrame, product: str, day: date, products: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    since = known["written_at"] >= datetime.combine(day, time())
    if not product:
        length = known["written_at"].max() - pd.Timestamp(day)
        before = known["written_at"] >= pd.Timestamp(day) - length
        return known[since], known[before & ~since], "as long a time before"
    own, rest = known[since & (known["product_id"] == product)], known["product_id"] != product
    category = _category(product, products)
    if category:
        alike = set(products.loc[products["category"] == category, "product_id"])
        others = known[since & rest & known["product_id"].isin(alike)]
        if len(others) >= ENOUGH_GROUP:
            return own, others, f"other {category}"
    return own, known[since & rest], "all other products"


def _category(product: str, products: pd.DataFrame) -> str:
    if "category" not in products.columns:
        return ""
    own = products.loc[products["product_id"] == product, "category"].dropna()
    return str(own.iloc[0]) if len(own) else ""
