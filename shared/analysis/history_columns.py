"""Labels and units of the tables of movement, proof and boundary."""

import pandas as pd


def history_columns(what: str) -> dict[str, tuple[str, str]]:
    """Name the columns of the history of segments, and how each is written."""
    return {
        "period": ("Period", "month"),
        "segment": ("Segment", "text"),
        "customers": ("Customers", "count"),
        "customer_share": ("Share of customers", "share"),
        "orders_per_customer": ("Orders so far", "number"),
        "order_rate": ("Orders in the period", "number"),
        "mean_order_value": ("Mean order", "money"),
        "positions_per_order": ("Products per order", "number"),
        "revenue": (f"{what.capitalize()} so far", "money"),
    }


def transition_columns(shares: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Name the columns of a matrix of moves after `reset_index`, and how each is written."""
    return {"from": ("From", "text")} | {str(name): (str(name), "share") for name in shares}


def holdout_columns() -> dict[str, tuple[str, str]]:
    """Name the columns of the proof, and how each is written."""
    return {
        "segment": ("Segment", "text"),
        "customers": ("Customers then", "count"),
        "share": ("Bought", "share"),
        "low": ("From", "share"),
        "high": ("To", "share"),
        "spend_per_customer": ("Per customer", "money"),
        "spend_low": ("From", "money"),
        "spend_high": ("To", "money"),
        "finding": ("Against all others", "text"),
    }


def risk_columns(what: str) -> dict[str, tuple[str, str]]:
    """Name the columns of the revenue at risk, and how each is written."""
    return {
        "segment": ("Segment", "text"),
        "members_now": ("Customers at period end", "count"),
        "revenue_now": (f"{what.capitalize()} in the period", "money"),
        "lost_share": ("Share lost", "share"),
        "revenue_at_risk": ("At risk", "money"),
        "at_risk_low": ("From", "money"),
        "at_risk_high": ("To", "money"),
    }


def boundary_columns() -> dict[str, tuple[str, str]]:
    """Name the columns of the customers on a boundary by segment, and how each is written."""
    return {
        "segment": ("Segment", "text"),
        "customers": ("Customers", "count"),
        "on_boundary": ("On a boundary", "count"),
        "share": ("Share", "share"),
        "low": ("From", "share"),
        "high": ("To", "share"),
    }
