"""What the demo shop recorded of its randomised mailing: arm, outcome, value, features."""

import pandas as pd

from shared.loading.demo.orders import DAY_MINUTES, Timeline, day_number, entries
from shared.loading.demo.truth import MAILING

HEADER = (
    "customer_id", "campaign_id", "arm", "assigned_at", "outcome", "outcome_value",
    "treatment_cost", "email_opens_90d", "orders_before", "days_since_last_order",
)  # fmt: skip
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
    sums = inside.groupby("customer")["value"].sum()
    bought: dict[int, float] = dict(zip(sums.index.tolist(), sums.tolist(), strict=True))
    before = orders[orders["day"] < START].groupby("customer")["day"].agg(["size", "max"])
    history = dict(zip(before.index.tolist(), entries(before, "size", "max"), strict=True))
    mailed_at = f"{MAILING.assigned_on.isoformat()} 06:30"
    rows = []
    for customer, treated, opens in entries(timeline.mailing, "customer", "treated", "opens"):
        count, last_day = history[customer]
        rows.append(
            [
                ids[customer], MAILING.campaign_id, "mailing" if treated else "control", mailed_at,
                str(int(customer in bought)), f"{bought.get(customer, 0.0):.2f}",
                f"{MAILING.cost * treated:.2f}", str(opens), str(count), str(START - last_day),
            ]
        )  # fmt: skip
    return rows


def responder_shares(timeline: Timeline) -> dict[str, float]:
    """Return the true share of each kind of responder, and the effect that follows from them."""
    kinds = timeline.mailing["responder"].value_counts(normalize=True)
    shares = {f"share_{kind}": round(float(kinds[kind]), 4) for kind in sorted(kinds.index)}
    return shares | {"average_effect": round(float(kinds["P"] - kinds["D"]), 4)}
