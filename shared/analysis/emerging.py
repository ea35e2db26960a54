"""Emerging customers: what separates those who could become Champions from those who are?"""

from collections.abc import Sequence
from datetime import date

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy.stats import mannwhitneyu

from shared.analysis.intervals import Estimate
from shared.analysis.multiple_testing import Finding, false_discovery_q, reading
from shared.analysis.named_groups import mean_orders
from shared.analysis.portfolio import Portfolio
from shared.analysis.portfolio_actions import BEST, EMERGING
from shared.analysis.purchases import purchases
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

LEAST_CUSTOMERS = 20
# Measure: label, unit, and why it has to differ, if it has to: then there is nothing to test.
MEASURES = {
    "frequency": ("Orders", "number", "by definition"),
    "recency_days": ("Days since the last order", "days", "by definition"),
    "mean_order": ("Mean order", "money", "money makes the segments"),
    "categories": ("Categories bought from", "number", "grows with orders"),
    "positions": ("Products in an order", "number", ""),
    "order_categories": ("Categories in an order", "number", ""),
}


def baskets(order_lines: ibis.Table, *, snapshot_date: date) -> ibis.Table:
    """Measure each customer's baskets, in the engine.

    Returns
    -------
    ibis.Table
        `customer_id` and, where the lines name a product, `positions` (mean number of distinct
        products in an order); where they carry a category, `order_categories` (the same for
        categories) and `categories` (different ones ever bought from).
    """
    lines = purchases(order_lines, before=snapshot_date, analysis="Baskets")
    counted = {
        measure: lines[column].nunique()
        for measure, column in (("positions", "product_id"), ("order_categories", "category"))
        if column in lines.columns
    }
    by_order = lines.group_by("customer_id", "order_id").aggregate(orders=_.count(), **counted)
    means = {measure: by_order[measure].mean() for measure in counted}
    per_customer = by_order.group_by("customer_id").aggregate(orders=_.count(), **means)
    per_customer = per_customer.drop("orders")
    if "category" not in lines.columns:
        return per_customer
    ever = lines.group_by("customer_id").aggregate(categories=_.category.nunique())
    return per_customer.left_join(ever, "customer_id").drop("customer_id_right")


def what_separates(
    base: Portfolio,
    order_lines: ibis.Table | None = None,
    *,
    emerging: Sequence[str] = EMERGING,
    best: Sequence[str] = BEST,
    draws: int = 500,
) -> pd.DataFrame:
    """Compare the medians of emerging customers with those of the best.

    Parameters
    ----------
    base : Portfolio
        The placed customers.
    order_lines : ibis.Table, optional
        For positions and categories; without it these rows are missing.
    emerging, best : sequence of str
        The segments on either side.
    draws : int
        Resamples for the intervals.

    Returns
    -------
    pd.DataFrame
        One row per measure: `measure`, `unit`, `emerging` and `best` (medians), `difference`
        (best less emerging) with `low` and `high` (95 % bootstrap), `q` (Mann-Whitney test,
        Benjamini-Hochberg; blank for a measure that has to differ because the segments are made
        from it or it grows with the orders) and `finding`, which then says why.

    Raises
    ------
    NotSupportedByData
        If either side has fewer than 20 customers.
    """
    customers = base.customers.assign(mean_order=mean_orders(base))
    if order_lines is not None:
        extra = baskets(order_lines, snapshot_date=base.snapshot_date).to_pandas()
        customers = customers.merge(extra, on="customer_id", how="left", validate="one_to_one")
    sides = [customers[customers["segment"].isin(side)] for side in (emerging, best)]
    for side, names in zip(sides, (emerging, best), strict=True):
        if len(side) < LEAST_CUSTOMERS:
            raise NotSupportedByData(
                f"{len(side)} customers are {' or '.join(names)}",
                f"at least {LEAST_CUSTOMERS} emerging and {LEAST_CUSTOMERS} of the best",
            )
    present = [measure for measure in MEASURES if measure in customers.columns]
    table = pd.DataFrame([_compared(measure, *sides, draws=draws) for measure in present])
    tested = table["p"].mask(table["why"] != "")
    q = false_discovery_q(tested.to_numpy(dtype=float))
    found = [_finding(row, value) for row, value in zip(table.to_dict("records"), q, strict=True)]
    return table.drop(columns=["p", "why"]).assign(q=q, finding=found)


def separates_said(table: pd.DataFrame) -> list[Reason]:
    """Answer: what separates the emerging from those already there?"""
    rows = {row["key"]: row for row in table.to_dict("records")}
    orders, spend = rows["frequency"], rows["mean_order"]
    said = [
        Reason(
            "At the median, Champions and Loyal have placed {many:count} orders of {large:money}, "
            "the emerging {few:count} of {small:money}. Orders, silence and money make the "
            "segments, so that these differ by definition.",
            {"many": orders["best"], "few": orders["emerging"], "large": spend["best"],
             "small": spend["emerging"]},
        )
    ]  # fmt: skip
    beyond = [row for row in rows.values() if not np.isnan(row["q"])]
    clear = [row for row in beyond if row["finding"] == Finding.DIFFERS]
    said += [_beyond(row) for row in clear]
    if len(clear) < len(beyond):
        names = " and ".join(row["measure"].lower() for row in beyond if row not in clear)
        said.append(Reason("No settled difference in {names}.", {"names": names}))
    return said


def separates_columns() -> dict[str, tuple[str, str]]:
    """Name the columns of the table of differences; the units differ from row to row."""
    return {
        "measure": ("Median of", "text"),
        "emerging": ("Emerging", "number.1"),
        "best": ("Champions and Loyal", "number.1"),
        "difference": ("Difference", "number.1"),
        "low": ("Low", "number.1"),
        "high": ("High", "number.1"),
        "finding": ("Reading", "text"),
    }


def median_difference(
    values: np.ndarray, others: np.ndarray, *, unit: str, draws: int = 500, seed: int = 0
) -> Estimate:
    """Estimate a difference of medians, first minus second, both sides resampled on their own."""
    rng = np.random.default_rng(seed)
    drawn = [
        np.median(rng.choice(values, len(values))) - np.median(rng.choice(others, len(others)))
        for _draw in range(draws)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    value = float(np.median(values) - np.median(others))
    return Estimate(value, float(low), float(high), len(values) + len(others), unit)


def _compared(
    measure: str, emerging: pd.DataFrame, best: pd.DataFrame, *, draws: int
) -> dict[str, object]:
    label, unit, why = MEASURES[measure]
    few, many = (side[measure].dropna().to_numpy(dtype=float) for side in (emerging, best))
    gap = median_difference(many, few, unit=unit, draws=draws)
    return {
        "key": measure,
        "measure": label,
        "unit": unit,
        "emerging": float(np.median(few)),
        "best": float(np.median(many)),
        "difference": gap.value,
        "low": gap.low,
        "high": gap.high,
        "n": gap.n,
        "why": why,
        "p": float(mannwhitneyu(few, many).pvalue),
    }


def _finding(row: dict, q: float) -> str:
    if row["why"]:
        return str(row["why"])
    # The test asks for ranks, the table shows medians: say "differs" only where both agree.
    same = row["low"] <= 0 <= row["high"]
    found = reading(q)
    return str(Finding.NOT_SETTLED if same and found == Finding.DIFFERS else found)


def _beyond(row: dict) -> Reason:
    values = {
        "gap": Estimate(row["difference"], row["low"], row["high"], row["n"], row["unit"]),
        "measure": row["measure"],
        "best": row["best"],
        "emerging": row["emerging"],
        "low": row["low"],
        "high": row["high"],
    }
    spec = {"number": "number.1"}.get(row["unit"], row["unit"])
    return Reason(
        f"{{measure}}: {{best:{spec}}} at the median of Champions and Loyal, "
        f"{{emerging:{spec}}} among the emerging, a difference of {{gap:{spec}}} "
        f"({{low:{spec}}} to {{high:{spec}}}).",
        values,
    )
