"""Shares and means of rows that belong to customers: intervals that heed several rows of one."""

from collections.abc import Sequence
from typing import Any

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy.stats import norm, t

from shared.analysis.customer_summary import exact_sum
from shared.analysis.intervals import wilson
from shared.analysis.multiple_testing import (
    false_discovery_q,
    reading,
    share_difference,
    share_p_value,
)

LEAST_CELL = 10  # rows and customers; of smaller cells no figure is given
FEW = 30  # in a corner of the table; below it the exact test has a say
Z = float(norm.ppf(0.975))
DIFFERENCE = ("difference", "difference_low", "difference_high")
CLUSTER = "customer_id"
Cell = dict[Any, Any]


def clustered_shares(
    rows: ibis.Table, *, by: Sequence[str], success: str, within: Sequence[str] = ()
) -> pd.DataFrame:
    """Estimate the share of successes of each group, and how it differs from all other groups.

    Journeys of one customer are alike; taken for independent they would make intervals too
    narrow. The interval is Wilson's with n divided by the design effect of the customers.

    Parameters
    ----------
    rows : ibis.Table
        One row per case, with `customer_id`.
    by : sequence of str
        Columns that name the group, those of `within` among them; empty for one group of all rows.
    success : str
        Column of 0 and 1, or of booleans; null rows are left out.
    within : sequence of str
        Groups are compared with those that agree with them in these columns.

    Returns
    -------
    pd.DataFrame
        One row per group in the order of its names: `by`, `n` (rows), `customers`, `successes`,
        `share`, `low`, `high` (95 %); the same of all other groups together as `other_n`,
        `other_customers`, `other_share`, `other_low`, `other_high`; `difference`,
        `difference_low`, `difference_high` between the two, `p`, `q` (Benjamini-Hochberg over
        the rows), `finding` ("differs", "not settled", "no difference found", "too few
        customers"). A row with fewer than 10 rows or customers on a side is tested by nothing.

    References
    ----------
    Korn, E. L. and Graubard, B. I. (1998). Confidence intervals for proportions with small
    expected number of positive counts estimated from survey data.
    """
    cells, totals = _cells(rows, by=by, value=success, within=within)
    return shares_against_rest(cells, totals, by=by, within=within)


def shares_against_rest(
    cells: ibis.Table, totals: ibis.Table, *, by: Sequence[str], within: Sequence[str] = ()
) -> pd.DataFrame:
    """Estimate shares as `clustered_shares` does, of groups that may overlap.

    Parameters
    ----------
    cells : ibis.Table
        One row per customer and group: `customer_id`, `by`, `n` (rows) and `y` (successes).
    totals : ibis.Table
        One row per customer, and value of `within`: `nt` and `yt`, of all rows. The rest that a
        group is compared with is the total less the group.
    by, within
        As for `clustered_shares`.
    """
    groups = _moments(cells, totals, by=by, within=within)
    made = pd.DataFrame([_share(cell) for cell in groups.to_dict("records")])
    table = pd.concat([groups[[*by, "n", "customers"]], made], axis=1)
    return with_findings(table)


def clustered_means(
    rows: ibis.Table, *, by: Sequence[str], value: str, within: Sequence[str] = ()
) -> pd.DataFrame:
    """Estimate the mean of each group with Student's interval over customers.

    Parameters
    ----------
    rows, by, within
        As for `clustered_shares`.
    value : str
        Column of numbers; null rows are left out.

    Returns
    -------
    pd.DataFrame
        As from `clustered_shares`, with `mean` and `other_mean` (and its bounds) in the unit of
        the value in place of `successes` and shares; the bounds are blank for a group of one
        customer.
    """
    cells, totals = _cells(rows, by=by, value=value, within=within)
    groups = _moments(cells, totals, by=by, within=within)
    made = pd.DataFrame([_mean(cell) for cell in groups.to_dict("records")])
    table = pd.concat([groups[[*by, "n", "customers"]], made], axis=1)
    return with_findings(table)


def with_findings(table: pd.DataFrame) -> pd.DataFrame:
    """Add `q` and `finding` to a table with `p`; small cells are told by no test."""
    if table.empty:
        return table.assign(q=np.nan, finding="")
    p = table["p"].where(~_small(table))
    q = false_discovery_q(p.to_numpy(dtype=float))
    return table.assign(p=p, q=q, finding=[reading(value).value for value in q])


def withheld(table: pd.DataFrame, figures: Sequence[str]) -> pd.DataFrame:
    """Blank the figures of cells with fewer than 10 rows or customers; `n` stays.

    What speaks of the other groups is blanked too, and so is the difference where it is they that
    are few.
    """
    if table.empty:
        return table
    own = [name for name in figures if name in table]
    of_others = [name for name in table if str(name).startswith("other_") and
                 name not in {"other_n", "other_customers"}]  # fmt: skip
    kept = table.astype(dict.fromkeys([*own, *of_others], "float64"))
    few = (table["n"] < LEAST_CELL) | (table["customers"] < LEAST_CELL)
    kept.loc[few, [*own, *of_others]] = np.nan
    apart = [name for name in (*DIFFERENCE, *of_others) if name in kept]
    kept.loc[_small(table), apart] = np.nan
    return kept


def _small(table: pd.DataFrame) -> pd.Series:
    small = (table["n"] < LEAST_CELL) | (table["customers"] < LEAST_CELL)
    if "other_n" in table:
        # No other group at all is nothing to compare with, and nothing to hide.
        few = (table["other_n"] < LEAST_CELL) | (table["other_customers"] < LEAST_CELL)
        small |= few & (table["other_n"] > 0)
    return small


def _cells(
    rows: ibis.Table, *, by: Sequence[str], value: str, within: Sequence[str]
) -> tuple[ibis.Table, ibis.Table]:
    """Sum rows up to customers: by group, and in total."""
    known = rows.filter(rows[value].notnull())
    number = known[value].cast("int64") if known[value].type().is_boolean() else known[value]
    # Two steps: customers in the engine, then a handful of sums, so that millions of rows fit.
    summed = known.mutate(y_=number).group_by(CLUSTER, *by).aggregate(
        n=_.count().cast("float64"), y=exact_sum(_.y_)
    )  # fmt: skip
    cells = summed.cache()  # read twice, and what lies before it may be a long way
    totals = cells.group_by(CLUSTER, *within).aggregate(nt=exact_sum(_.n), yt=exact_sum(_.y))
    return cells, totals


def _moments(
    cells: ibis.Table, totals: ibis.Table, *, by: Sequence[str], within: Sequence[str]
) -> pd.DataFrame:
    """Sum counts and successes of customers and their products by group, in the engine."""
    per = cells.join(totals, [CLUSTER, *within])
    groups = (per.group_by(*by) if by else per).aggregate(
        customers=_.count(), nn=exact_sum(_.n * _.n), ny=exact_sum(_.n * _.y),
        yy=exact_sum(_.y * _.y), n_nt=exact_sum(_.n * _.nt), n_yt=exact_sum(_.n * _.yt),
        y_nt=exact_sum(_.y * _.nt), y_yt=exact_sum(_.y * _.yt),
        alone=(_.n == _.nt).ifelse(1, 0).sum(), y=exact_sum(_.y), n=exact_sum(_.n),
    )  # fmt: skip
    whole = (totals.group_by(*within) if within else totals).aggregate(
        all_customers=_.count(), tt=exact_sum(_.nt * _.nt), ts=exact_sum(_.nt * _.yt),
        ss=exact_sum(_.yt * _.yt), all_n=exact_sum(_.nt), all_y=exact_sum(_.yt),
    )  # fmt: skip
    frame, wholes = groups.to_pandas(), whole.to_pandas()
    frame = frame[frame["customers"] > 0]
    # Groups of one `within` share the whole that they are compared with.
    how = {"on": list(within)} if within else {"how": "cross"}
    frame = frame.merge(wholes, **how)
    if by:
        frame = frame.sort_values(list(by), ignore_index=True)
    return frame.astype({"n": "int64", "customers": "int64"})


def _share(cell: Cell) -> dict[str, float]:
    rest = _rest(cell)
    share, low, high = _wilson(cell)
    other, other_low, other_high = _wilson(rest)
    found = _difference(cell)
    n, y, other_n, other_y = (round(x) for x in (cell["n"], cell["y"], rest["n"], rest["y"]))
    if other_n and min(y, n - y, other_y, other_n - other_y) < FEW:
        _be_careful(found, y, n, other_y, other_n)
    return {
        "successes": y, "share": share, "low": low, "high": high, **_others(rest),
        "other_share": other, "other_low": other_low, "other_high": other_high, **found,
    }  # fmt: skip


def _mean(cell: Cell) -> dict[str, float]:
    rest = _rest(cell)
    mean, low, high = _student(cell)
    other, other_low, other_high = _student(rest)
    return {
        "mean": mean, "low": low, "high": high, **_others(rest), "other_mean": other,
        "other_low": other_low, "other_high": other_high, **_difference(cell),
    }  # fmt: skip


def _others(rest: Cell) -> dict[str, float]:
    return {"other_n": round(rest["n"]), "other_customers": round(rest["customers"])}


def _rest(cell: Cell) -> Cell:
    """Give the moments of all others: of the total less the group."""
    return {
        "n": cell["all_n"] - cell["n"],
        "y": cell["all_y"] - cell["y"],
        "customers": cell["all_customers"] - cell["alone"],
        "nn": cell["tt"] - 2 * cell["n_nt"] + cell["nn"],
        "ny": cell["ts"] - cell["n_yt"] - cell["y_nt"] + cell["ny"],
        "yy": cell["ss"] - 2 * cell["y_yt"] + cell["yy"],
    }


def _wilson(cell: Cell) -> tuple[float, float, float]:
    """Estimate a share with its interval at the effective number of rows."""
    n = cell["n"]
    if not n:
        return float("nan"), float("nan"), float("nan")
    share = cell["y"] / n
    if share in (0, 1):  # no spread to see how alike a customer's rows are: each counts once
        seen = cell["customers"]
    else:
        effect = _variance(cell, share) / (share * (1 - share) / (n - 1))
        seen = 1.0 if np.isnan(effect) else n / max(effect, 1.0)
    interval = wilson(share * seen, seen)
    return share, interval.low, interval.high


def _student(cell: Cell) -> tuple[float, float, float]:
    if not cell["n"]:
        return float("nan"), float("nan"), float("nan")
    mean, clusters = cell["y"] / cell["n"], cell["customers"]
    half = float("nan")
    if clusters > 1:
        half = float(t.ppf(0.975, clusters - 1)) * float(np.sqrt(_variance(cell, mean)))
    return mean, mean - half, mean + half


def _variance(cell: Cell, mean: float) -> float:
    """Linearise the ratio of two sums over customers (Taylor); NaN for a single customer."""
    if cell["customers"] < 2:
        return float("nan")
    squares = cell["yy"] - 2 * mean * cell["ny"] + mean**2 * cell["nn"]
    return float(max(squares, 0.0) / cell["n"] ** 2 * cell["customers"] / (cell["customers"] - 1))


def _difference(cell: Cell) -> dict[str, float]:
    """Compare a group with all others; a customer who has rows in both is heeded."""
    n, others = cell["n"], cell["all_n"] - cell["n"]
    if not others or cell["all_customers"] < 2:
        return dict.fromkeys((*DIFFERENCE, "p"), float("nan"))
    mean, mean_others = cell["y"] / n, (cell["all_y"] - cell["y"]) / others
    a, b = 1 / n + 1 / others, -(mean / n + mean_others / others)
    c, d = -1 / others, mean_others / others
    squares = (
        a * a * cell["yy"] + b * b * cell["nn"] + 2 * a * b * cell["ny"]
        + 2 * a * (c * cell["y_yt"] + d * cell["y_nt"])
        + 2 * b * (c * cell["n_yt"] + d * cell["n_nt"])
        + c * c * cell["ss"] + d * d * cell["tt"] + 2 * c * d * cell["ts"]
    )  # fmt: skip
    if squares <= 1e-12 * a * a * cell["yy"]:  # what is left of sums that cancel out
        squares = 0.0
    small = cell["all_customers"] / (cell["all_customers"] - 1)
    error = float(np.sqrt(squares * small))
    value = mean - mean_others
    if error > 0:
        p = float(2 * norm.sf(abs(value) / error))
    else:
        p = float(abs(value) <= 1e-9 * max(abs(mean), abs(mean_others)))
    bounds = (value, value - Z * error, value + Z * error, p)
    return dict(zip((*DIFFERENCE, "p"), bounds, strict=True))


def _be_careful(found: dict[str, float], *counts: int) -> None:
    """Where counts are small, take the wider interval and the larger p of two methods."""
    other = share_difference(*counts)
    found["p"] = float(np.nanmax([found["p"], share_p_value(*counts)]))
    found["difference_low"] = float(np.nanmin([found["difference_low"], other.low]))
    found["difference_high"] = float(np.nanmax([found["difference_high"], other.high]))
