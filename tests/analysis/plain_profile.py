"""The customer profile computed the slow and plain way: one customer after the other."""

from itertools import combinations, pairwise

import numpy as np
import pandas as pd


def plain_profile(lines, *, snapshot_date, g1_days):
    """Compute metrics 1 to 36 of every customer by loops and pandas, from their definitions."""
    today = pd.Timestamp(snapshot_date)
    lines = lines[lines["order_date"] < today]
    bought = lines[~lines["is_refund"]]
    tiers = _tiers(bought)
    has_refunds = lines["is_refund"].any()
    rows = {}
    for customer in sorted(bought["customer_id"].unique()):
        theirs = bought[bought["customer_id"] == customer]
        back = lines[lines["is_refund"] & (lines["customer_id"] == customer)]
        orders = (
            theirs.groupby("order_id")
            .agg(at=("order_date", "min"), gross=("line_value", "sum"), units=("quantity", "sum"))
            .sort_values(["at", "gross"])
        )
        days = orders["at"].dt.normalize()
        rows[customer] = {
            **_recency(days, today, g1_days),
            **_frequency(days, today),
            **_money(theirs, back, orders, today, has_refunds),
            **_basket(theirs, orders, tiers, today),
            **_stability(orders, today),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _gaps(days):
    return np.diff(np.sort(days.unique())).astype("timedelta64[D]").astype(int)


def _recency(days, today, g1):
    recency, age = (today - days.max()).days, (today - days.min()).days
    asleep = sum(max(0, gap - g1) for gap in [*_gaps(days), recency])
    return {
        "recency_days": recency,
        "days_since_first_order": age,
        "days_since_last_interaction": recency,
        "sleep_days": max(0, recency - g1),
        "interaction_span_days": (days.max() - days.min()).days,
        "asleep_share": asleep / age if age >= g1 else np.nan,
    }


def _frequency(days, today):
    gaps = _gaps(days)
    months = sorted(days.dt.to_period("M").unique())
    streak = best = 1
    for before, after in pairwise(months):
        streak = streak + 1 if after == before + 1 else 1
        best = max(best, streak)
    return {
        "frequency": len(days),
        "order_days": days.nunique(),
        "active_periods": len(months),
        "longest_active_streak": best,
        "longest_gap_days": max([*gaps, (today - days.max()).days]),
        "median_gap_days": np.median(gaps) if len(gaps) else np.nan,
        "gap_cv": np.std(gaps) / np.mean(gaps) if len(gaps) >= 3 else np.nan,
        "orders_per_active_period": len(days) / len(months),
    }


def _money(theirs, back, orders, today, has_refunds):
    gross, value = theirs["line_value"].sum(), orders["gross"].to_numpy()
    net = gross + back["line_value"].sum()
    both = pd.concat([theirs, back])
    last = today.to_period("M") - 1
    slopes = [(value[j] - value[i]) / (j - i) for i, j in combinations(range(len(value)), 2)]
    parts = theirs.groupby("category")["line_value"].sum()
    discount = theirs["discount"].sum()
    trend = np.median(slopes) / np.median(value) if len(value) >= 4 else np.nan
    return {
        "monetary": net,
        "margin": net - (both["quantity"] * both["unit_cost"]).sum(),
        "average_order_value": gross / len(value),
        "median_order_value": np.median(value),
        "largest_order_value": value.max(),
        "order_value_trend": trend,
        "revenue_last_period": both.loc[
            both["order_date"].dt.to_period("M") == last, "line_value"
        ].sum(),
        "top_category_share": parts.max() / gross,
        "discount_share": discount / (gross + discount),
        "refund_rate": -back["line_value"].sum() / gross if has_refunds else np.nan,
    }


def _basket(theirs, orders, tiers, today):
    since = today - pd.Timedelta(days=90)
    seen, positions, repeated, late, new = set(), [], 0, 0, 0
    for order_id, row in orders.iterrows():
        for product in theirs.loc[theirs["order_id"] == order_id, "product_id"].unique():
            positions.append(product)
            repeated += product in seen
            if row["at"] >= since:
                late, new = late + 1, new + (product not in seen)
            seen.add(product)
    parts = theirs.groupby("category")["line_value"].sum() / theirs["line_value"].sum()
    known = [tiers[product] for product in positions if product in tiers]
    return {
        "positions_per_order": len(positions) / len(orders),
        "units_per_order": orders["units"].mean(),
        "distinct_products": len(seen),
        "distinct_categories": len(parts),
        "category_entropy": -(parts * np.log(parts)).sum(),
        "repeat_product_share": repeated / len(positions) if len(orders) > 1 else np.nan,
        "price_tier": np.mean(known) if known else np.nan,
        "new_product_rate": new / late if late else np.nan,
    }


def _tiers(bought):
    places = {}
    for _, products in bought.groupby("category"):
        price = products.groupby("product_id")["unit_price"].mean()
        if len(price) < 5:
            continue
        for product, paid in price.items():
            below, equal = (price < paid).sum(), (price == paid).sum()
            places[product] = (below + (equal - 1) / 2) / (len(price) - 1)
    return places


def _stability(orders, today):
    month = orders["at"].dt.to_period("M")
    complete = pd.period_range(month.min(), today.to_period("M") - 1)
    spend = orders.groupby(month)["gross"].sum().reindex(complete, fill_value=0.0).to_numpy()
    n = len(spend)
    quarter = orders.groupby(orders["at"].dt.quarter)["gross"].sum()
    mean = spend.mean() if n else np.nan
    # A base that bought nothing but in the running month has no spend to vary.
    slope = np.polyfit(np.arange(n), spend, 1)[0] / mean if n >= 6 else np.nan
    return {
        "spend_cv": spend.std() / mean if n >= 3 else np.nan,
        "active_period_share": month[month < today.to_period("M")].nunique() / n if n else np.nan,
        "seasonality_index": quarter.max() / quarter.sum() / 0.25 if n >= 24 else np.nan,
        "spend_slope": slope,
    }
