"""Matched groups: which group of now is which of then, and did it grow beyond noise?"""

from collections.abc import Mapping

import pandas as pd
from scipy.optimize import linear_sum_assignment

from shared.analysis.change_since import change, movements
from shared.analysis.intervals import wilson
from shared.analysis.small_cells import withheld

DISSOLVED = 0.5


def match_groups(then: pd.Series, now: pd.Series) -> dict[str, str]:
    """Find the groups of then that live on, by the customers who were placed at both dates.

    The assignment with the largest sum of Jaccard indices pairs them; a pair counts where the two
    share more than half of all who were in either of them. At half or less the group of then has
    dissolved.

    Parameters
    ----------
    then, now : pd.Series
        Name of each customer's group, index `customer_id`; blank where not placed.

    Returns
    -------
    dict of str to str
        The name of now to the name of then. A group of now that is not in it is new, one of then
        that is not in it is gone.

    References
    ----------
    Kuhn (1955), *The Hungarian method for the assignment problem*; Hennig (2008), *Dissolution
    point and isolation robustness*, for the half.
    """
    both = pd.concat([then.rename("then"), now.rename("now")], axis=1, join="inner").dropna()
    counts = pd.crosstab(both["then"], both["now"])
    met = counts.to_numpy(dtype=float)
    jaccard = met / (met.sum(axis=1, keepdims=True) + met.sum(axis=0) - met)
    pairs = zip(*linear_sum_assignment(-jaccard), strict=True)
    return {
        str(counts.columns[column]): str(counts.index[row])
        for row, column in sorted(pairs)
        if jaccard[row, column] > DISSOLVED
    }


def groups_compared(
    then: pd.Series, now: pd.Series, *, matched: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Compare how many customers each group had and has.

    Parameters
    ----------
    then, now : pd.Series
        As for `match_groups`; the customers who were not placed count in the shares.
    matched : mapping of str to str, optional
        As from `match_groups`; left out, a group is known by its name.

    Returns
    -------
    pd.DataFrame
        One row per group, those of now first, the largest first: `group`, `then_called` (blank for
        a new one), `customers_then`, `customers_now` (blank where it was or is not there, and
        under 10 withheld with what would give them away), `share_then`, `share_now`, `moved` (an
        `Estimate` of the difference of the shares) and `movement` ("new", "gone", "withheld", or
        as `movements` reads all those compared).
    """
    before, after = then.value_counts(), now.value_counts()
    if matched is None:
        matched = {str(name): str(name) for name in after.index if name in before.index}
    rows = [(str(name), matched.get(str(name), "")) for name in sorted(after.index)]
    rows += [("", str(name)) for name in sorted(before.index) if name not in matched.values()]
    table = pd.DataFrame(rows, columns=["group", "then_called"])
    table["customers_then"] = table["then_called"].map(before).astype("float64")
    table["customers_now"] = table["group"].map(after).astype("float64")
    order = ["customers_now", "customers_then"]
    table = table.sort_values(order, ascending=False, kind="stable", ignore_index=True)
    return _moved(_few_withheld(table), len(then), len(now))


def _few_withheld(table: pd.DataFrame) -> pd.DataFrame:
    """Blank small counts; at either date one that alone is blank takes the next one with it."""
    whole = pd.Series(0, index=table.index)
    few = {
        column: withheld(table[column].fillna(0), [whole])
        for column in ("customers_then", "customers_now")
    }
    hidden = few["customers_then"] | few["customers_now"]
    blank = {column: table[column].mask(few[column]) for column in few}
    return table.assign(**blank, hidden=hidden)


def _moved(table: pd.DataFrame, n_then: int, n_now: int) -> pd.DataFrame:
    table["share_then"] = table["customers_then"] / n_then
    table["share_now"] = table["customers_now"] / n_now
    compared = table[["customers_then", "customers_now"]].notna().all(axis=1) & ~table["hidden"]
    moved = [
        change(wilson(row["customers_then"], n_then), wilson(row["customers_now"], n_now))
        for row in table[compared].to_dict("records")
    ]
    table["moved"] = pd.Series(moved, index=table.index[compared], dtype=object)
    table["movement"] = pd.Series(movements(moved), index=table.index[compared], dtype=object)
    came = table["then_called"] == ""
    left = table["group"] == ""
    for what, rows in (("new", came), ("gone", left), ("withheld", table["hidden"])):
        table["movement"] = table["movement"].mask(rows, what)
    return table.drop(columns="hidden")
