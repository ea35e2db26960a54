"""Labels and units of the tables on lifetime value, on the page and behind its charts."""

import pandas as pd

Columns = dict[str, tuple[str, str]]


def backtest_columns() -> Columns:
    """Name the columns of the table of the backtest."""
    return {
        "way": ("Forecast by", "text"),
        "predicted": ("Predicted orders", "count"),
        "actual": ("Placed", "count"),
        "ratio": ("Predicted by placed", "share.1"),
        "mean_absolute_error": ("Error per customer", "number.3"),
    }


def tracking_columns() -> Columns:
    """Name the columns of the running totals."""
    return {
        "week": ("Week", "number.0"),
        "week_ends": ("Ends", "date"),
        "actual": ("Placed", "count"),
        "expected": ("Expected", "count"),
    }


def by_orders_columns() -> Columns:
    """Name the columns of orders in the days held out by orders before."""
    return {
        "orders": ("Repeat orders before", "text"),
        "customers": ("Customers", "count"),
        "actual": ("Placed per customer", "number"),
        "low": ("from", "number"),
        "high": ("to", "number"),
        "predicted": ("Predicted", "number"),
    }


def cash_flow_columns(what: str) -> Columns:
    """Name the columns of the cash flow."""
    return {
        "starts": ("From", "date"),
        "orders": ("Orders", "count"),
        "orders_low": ("from", "count"),
        "orders_high": ("to", "count"),
        "revenue": (what.capitalize(), "money"),
        "revenue_low": ("from", "money"),
        "revenue_high": ("to", "money"),
        "value": ("Value today", "money"),
    }


def heat_columns(unit: str) -> Columns:
    """Name the columns of the cells of the heat map."""
    return {
        "frequency_low": ("Repeat orders from", "count"),
        "frequency_high": ("to", "count"),
        "recency_low": (f"{unit.capitalize()}s to the last order from", "number.0"),
        "recency_high": ("to", "number.0"),
        "expected_orders": ("Orders expected", "number"),
        "customers": ("Customers of any age", "count"),
    }


def heat_rows(cells: pd.DataFrame) -> pd.DataFrame:
    """Give the cells whose customers are counted, top right first, as shown on the page."""
    held = cells[cells["customers"] > 0]
    return held.sort_values(["column", "band"], ascending=False)


def calendar_columns() -> Columns:
    """Name the columns of expected next orders."""
    return {
        "days": ("Within", "days"),
        "customers": ("Customers", "count"),
        "low": ("from", "count"),
        "high": ("to", "count"),
        "share": ("Share", "share"),
    }


def tier_columns() -> Columns:
    """Name the columns of the tiers."""
    return {
        "tier": ("Tier", "text"),
        "customers": ("Customers", "count"),
        "value": ("Value to come", "money"),
        "value_share": ("Share of value", "share"),
        "mean_value": ("Per customer", "money"),
        "lowest_value": ("Tier begins at", "money"),
        "mean_past_value": ("So far, each", "money"),
        "chance_to_order": ("Expected to order", "share"),
    }


def distribution_columns() -> Columns:
    """Name the columns of the distribution of value."""
    return {
        "value_from": ("Value from", "money"),
        "value_to": ("to", "money"),
        "tier": ("Tier", "text"),
        "customers": ("Customers (blank: withheld)", "count"),
    }


def distribution_rows(distribution: pd.DataFrame) -> pd.DataFrame:
    """Give the steps and tiers that have customers, the greatest value first."""
    held = distribution[distribution["customers"].ne(0)]
    return held.sort_values("value_from", ascending=False, kind="stable")


def rank_columns() -> Columns:
    """Name the columns of the matrix of fifths."""
    return {
        "fifth_now": ("Fifth so far", "count"),
        "fifth_future": ("Fifth by value to come", "count"),
        "customers": ("Customers (blank: withheld)", "count"),
        "share": ("Share of the row", "share"),
    }


def move_columns() -> Columns:
    """Name the columns of who moves up and down."""
    return {
        "move": ("Move", "text"),
        "customers": ("Customers", "count"),
        "customer_share": ("Share", "share"),
        "orders": ("Median orders", "number.1"),
        "recency_days": ("Median silence", "days"),
        "mean_past_value": ("So far, each", "money"),
        "mean_value": ("To come, each", "money"),
    }


def segment_columns(what: str) -> Columns:
    """Name the columns of value by segment."""
    return {
        "segment": ("Segment", "text"),
        "customers": ("Customers", "count"),
        "past_share": (f"Share of {what} so far", "share"),
        "value_share": ("Share of value to come", "share"),
        "value": ("Value to come", "money"),
        "chance_to_order": ("Expected to order", "share"),
        "finding": ("Shift", "text"),
    }


def worth_columns() -> Columns:
    """Name the columns of the value of one customer by segment."""
    return {
        "segment": ("Segment", "text"),
        "customers": ("Customers", "count"),
        "value_per_customer": ("Value per customer", "money"),
        "per_customer_low": ("from", "money"),
        "per_customer_high": ("to", "money"),
    }


def idle_columns(what: str) -> Columns:
    """Name the columns of idle assets."""
    return {
        "segment": ("Segment", "text"),
        "customers": ("Customers", "count"),
        "idle": ("Idle", "count"),
        "idle_share": ("Share", "share"),
        "past_value": (f"{what.capitalize()} so far", "money"),
        "idle_past_value": ("of it by the idle", "money"),
        "idle_value": ("Expected of the idle", "money"),
    }


def three_value_columns() -> Columns:
    """Name the columns of formula, historical and predictive value."""
    return {
        "way": ("Way", "text"),
        "span": ("Time", "text"),
        "per_customer": ("Per customer", "money"),
        "low": ("from", "money"),
        "high": ("to", "money"),
        "total": ("All customers", "money"),
    }


def step_columns() -> Columns:
    """Name the columns of the way from revenue to value."""
    return {
        "step": ("Step", "text"),
        "amount": ("Amount", "money"),
        "share": ("Share of the first row", "share"),
    }


def alive_columns() -> Columns:
    """Name the columns of the models side by side."""
    return {
        "model": ("Model", "text"),
        "log_likelihood": ("Log-likelihood", "number.1"),
        "behind": ("Behind the best", "number.1"),
        "alive": ("Customers alive", "count"),
        "expected_orders": ("Orders expected", "count"),
    }


def spend_columns() -> Columns:
    """Name the columns of spend by orders."""
    return {
        "orders": ("Repeat orders", "text"),
        "customers": ("Customers", "count"),
        "mean_spend": ("Spend per order", "money"),
        "low": ("from", "money"),
        "high": ("to", "money"),
    }
