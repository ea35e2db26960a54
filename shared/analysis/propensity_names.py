"""What people call the features that are made from orders, visits and customers."""

FEATURE_NAMES = {
    "recency_days": "days since the last order",
    "orders": "orders so far",
    "orders_90d": "orders in 90 days",
    "tenure_days": "days since the first order",
    "mean_order_value": "mean order value",
    "mean_gap_days": "usual days between orders",
    "days_since_visit": "days since the last visit",
    "visits_1d": "visits in 1 day",
    "visits_7d": "visits in 7 days",
    "visits_28d": "visits in 28 days",
    "cart_adds_7d": "put into the basket in 7 days",
    "cart_adds_28d": "put into the basket in 28 days",
    "product_views_7d": "product pages in 7 days",
    "never_seen_online": "never seen on the site",
    "age": "age",
    "gender": "gender",
    "city": "city",
    "acquisition_channel": "channel that won the customer",
    "member": "member of the loyalty programme",
}


def name_of(feature: str) -> str:
    """Say what people call a feature; a client's own column keeps its name."""
    return FEATURE_NAMES.get(feature, feature)
