"""Value by segment: which carry the future, which are idle assets, and where the budget may go."""

import numpy as np
import pandas as pd
from scipy.stats import norm

from shared.analysis.intervals import wilson
from shared.analysis.multiple_testing import false_discovery_q, reading

FEWEST_TESTED = 30  # customers; the normal approximation of a share needs some


def segment_values(customers: pd.DataFrame, bounds: pd.DataFrame | None = None) -> pd.DataFrame:
    """Sum up past and future value by segment, and test where the two shares part.

    Parameters
    ----------
    customers : pd.DataFrame
        One row per customer: `segment` (categorical, in the order of display), `monetary`, `clv`,
        `expected_orders`, `expected_revenue`, `probability_alive`, `chance_to_order`.
    bounds : pd.DataFrame, optional
        `segment`, `value_low`, `value_high`: interval of each segment's value, as simulated.

    Returns
    -------
    pd.DataFrame
        One row per segment with customers: `segment`, `customers`, `expected_orders`,
        `expected_revenue`, `value`, `value_low`, `value_high`, `value_per_customer` (what may be
        spent on keeping one, at break-even) with `per_customer_low` and `per_customer_high`,
        `past_value`, `past_share`, `value_share`, `shift` (future less past share) with `low` and
        `high`, `p`, `q`, `finding`, and the means `probability_alive` and `chance_to_order`.
    """
    known = [s for s in customers["segment"].cat.categories if (customers["segment"] == s).any()]
    rows = [_segment_row(customers, segment) for segment in known]
    table = pd.DataFrame(rows)
    table["q"] = false_discovery_q(table["p"].to_numpy())
    table["finding"] = [reading(q) for q in table["q"]]
    if bounds is None:
        bounds = pd.DataFrame({"segment": known, "value_low": np.nan, "value_high": np.nan})
    table = table.merge(bounds, on="segment", how="left")
    for side in ("low", "high"):
        table[f"per_customer_{side}"] = table[f"value_{side}"] / table["customers"]
    return table


def _segment_row(customers: pd.DataFrame, segment: str) -> dict[str, object]:
    inside = (customers["segment"] == segment).to_numpy()
    members = customers[inside]
    past, future = customers["monetary"].clip(lower=0).to_numpy(), customers["clv"].to_numpy()
    past_share, future_share, error = _shares_apart(past, future, inside)
    shift = future_share - past_share
    testable = len(members) >= FEWEST_TESTED and error > 0
    reach = norm.ppf(0.975) * error
    return {
        "segment": segment,
        "customers": len(members),
        "expected_orders": members["expected_orders"].sum(),
        "expected_revenue": members["expected_revenue"].sum(),
        "value": members["clv"].sum(),
        "value_per_customer": members["clv"].mean(),
        "past_value": members["monetary"].sum(),
        "past_share": past_share,
        "value_share": future_share,
        "shift": shift,
        "low": shift - reach,
        "high": shift + reach,
        "p": float(2 * norm.sf(abs(shift) / error)) if testable else np.nan,
        "probability_alive": members["probability_alive"].mean(),
        "chance_to_order": members["chance_to_order"].mean(),
    }


def _shares_apart(
    past: np.ndarray, future: np.ndarray, inside: np.ndarray
) -> tuple[float, float, float]:
    """Give both shares of a segment and the standard error of their difference.

    The error is that of two ratio estimators over the same customers, linearised (Cochran, 1977,
    *Sampling Techniques*, chapter 6): what each customer adds to the difference.
    """
    past_total, future_total = past.sum() or np.nan, future.sum() or np.nan
    past_share = float(past[inside].sum() / past_total)
    future_share = float(future[inside].sum() / future_total)
    adds = (
        future * (inside - future_share) / future_total - past * (inside - past_share) / past_total
    )
    return past_share, future_share, float(np.sqrt((adds**2).sum()))


def idle_assets(customers: pd.DataFrame) -> pd.DataFrame:
    """Say which segments' value has decayed: customers who will hardly order again, by segment.

    Parameters
    ----------
    customers : pd.DataFrame
        As for `segment_values`, with `is_idle`.

    Returns
    -------
    pd.DataFrame
        One row per segment with customers: `segment`, `customers`, `idle`, `idle_share` with
        `low` and `high`, `past_value`, `idle_past_value` (what the idle ones once brought),
        `idle_past_share` of the segment's past value, and `idle_value` (what is expected of
        them still).
    """
    rows = []
    for segment in customers["segment"].cat.categories:
        members = customers[customers["segment"] == segment]
        if members.empty:
            continue
        idle = members[members["is_idle"]]
        share = wilson(len(idle), len(members), of="customers")
        past = members["monetary"].sum()
        rows.append(
            {
                "segment": segment,
                "customers": len(members),
                "idle": len(idle),
                "idle_share": share.value,
                "low": share.low,
                "high": share.high,
                "past_value": past,
                "idle_past_value": idle["monetary"].sum(),
                "idle_past_share": idle["monetary"].sum() / past if past > 0 else np.nan,
                "idle_value": idle["clv"].sum(),
            }
        )
    return pd.DataFrame(rows)
