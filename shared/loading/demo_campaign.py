"""What the demo shop recorded of its randomised mailing: arm, outcome, value, what was known before."""

import numpy as np
import pandas as pd

from shared.loading.demo_orders import DAY_MINUTES, Timeline, day_number
from shared.loading.demo_truth import MAILING

HEADER = ("customer_id", "campaign_id", "arm", "assigned_at", "outcome", "outcome_value",
          "treatment_cost", "email_opens_90d", "orders_before", "days_since_last_order")  # fmt: skip
START = day_number(MAILING.assigned_on)


def campaign_rows(timeline: Timeline, order_values: pd.Series, ids: list[str]) -> list[list[str]]:
    """Return one row per eligible customer.

    Parameters
    ----------
    timeline : Timeline
        The orders, with the mailing's effect in them.
    order_values : pd.Series
        Euros per order after discounts, indexed like the orders.
    ids : list of str
        Customer ids by position.
    """
    orders = timeline.orders.assign(
        day=timeline.orders["minute"] // DAY_MINUTES, value=order_values
    )
    inside = orders[orders["day"].between(START, START + MAILING.window_days - 1)]
    bought = inside.groupby("customer")["value"].sum()
    before = orders[orders["day"] < START].groupby("customer")["day"].agg(["size", "max"])
    mailed_at = f"{MAILING.assigned_on.isoformat()} 06:30"
    rows = []
    for customer, treated, opens, _ in timeline.mailing.itertuples(index=False):
        value = bought.get(customer, np.nan)
        rows.append(
            [
                ids[customer], MAILING.campaign_id, "mailing" if treated else "control", mailed_at,
                str(int(value > 0)), "0.00" if np.isnan(value) else f"{value:.2f}",
                f"{MAILING.cost * treated:.2f}", str(opens), str(before.at[customer, "size"]),
                str(START - before.at[customer, "max"]),
            ]
        )  # fmt: skip
    return rows


def responder_shares(timeline: Timeline) -> dict[str, float]:
    """Return the true share of each kind of responder, and the effect that follows from them."""
    kinds = timeline.mailing["responder"].value_counts(normalize=True)
    shares = {f"share_{kind}": round(float(kinds[kind]), 4) for kind in sorted(kinds.index)}
    return shares | {"average_effect": round(float(kinds["P"] - kinds["D"]), 4)}
