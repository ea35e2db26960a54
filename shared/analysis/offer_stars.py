"""Which products do customers rate below the others of their group?"""

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy.stats import ttest_ind_from_stats

from shared.analysis.multiple_testing import SETTLED, false_discovery_q

SUMS = ["ratings", "total", "squares"]
LEAST_RATINGS = 10  # of a product, and of the others of its group


def rated_below(products: pd.DataFrame, reviews: ibis.Table | None) -> pd.DataFrame:
    """Find products with fewer stars than the others of their group, by more than chance.

    Parameters
    ----------
    products : pd.DataFrame
        As from `product_facts`; where categories are not known, all products are one group.
    reviews : ibis.Table, optional
        With `product_id` and `rating`; without them nothing is found.

    Returns
    -------
    pd.DataFrame
        `product_id`, `product_name`, `ratings`, `stars`, `others` (mean of the group without it)
        and `q` (Welch's test, Benjamini and Hochberg over the products tested), below 1 %; the
        most ratings first.
    """
    rated = _rated(products, reviews)
    rest = rated.groupby("category")[SUMS].transform("sum") - rated[SUMS]
    tested = (rated["ratings"] >= LEAST_RATINGS) & (rest["ratings"] >= LEAST_RATINGS)
    own, others = _moments(rated[tested]), _moments(rest[tested])
    p = ttest_ind_from_stats(*own, *others, equal_var=False).pvalue
    q = false_discovery_q(np.nan_to_num(p, nan=1.0))
    table = rated[tested].assign(stars=own[0], others=others[0], q=q)
    found = table[(table["q"] < SETTLED) & (table["stars"] < table["others"])]
    order = ["product_id", "product_name", "ratings", "stars", "others", "q"]
    return found.sort_values(["ratings", "product_id"], ascending=[False, True],
                             ignore_index=True)[order]  # fmt: skip


def _rated(products: pd.DataFrame, reviews: ibis.Table | None) -> pd.DataFrame:
    """Count and sum up the stars of each product."""
    named = products[["product_id", "product_name", "category"]].fillna({"category": ""})
    if reviews is None or not {"product_id", "rating"} <= set(reviews.columns):
        return named.head(0).assign(ratings=0, total=0.0, squares=0.0)
    stars = reviews.filter(_.rating.notnull()).mutate(stars=_.rating.cast("float64"))
    sums = stars.group_by("product_id").aggregate(
        ratings=_.count(), total=_.stars.sum(), squares=(_.stars * _.stars).sum()
    )
    return named.merge(sums.to_pandas(), on="product_id")


def _moments(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give mean, standard deviation and number from counts and sums."""
    n, total, squares = table[SUMS].to_numpy(dtype=float).T
    return total / n, np.sqrt(np.maximum(squares - total**2 / n, 0) / (n - 1)), n
