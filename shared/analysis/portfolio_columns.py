"""Labels and units of the portfolio's tables, on the page and behind its charts."""


def segment_columns(what: str) -> dict[str, tuple[str, str]]:
    """Name the columns of the table of segments, and how each is written."""
    return {
        "segment": ("Segment", "text"),
        "customers": ("Customers", "count"),
        "revenue": (what.capitalize(), "money"),
        "revenue_share": (f"Share of {what}", "share"),
        "mean_spend": ("Mean per customer", "money"),
        "median_recency_days": ("Median silence", "days"),
    }


def due_columns(what: str) -> dict[str, tuple[str, str]]:
    """Name the columns of the table of due states, and how each is written."""
    return {
        "segment": ("Segment", "text"),
        "customers": ("Customers", "count"),
        "overdue": ("Past their date", "count"),
        "due_soon": ("Due soon", "count"),
        "due_later": ("Later", "count"),
        "median_gap_days": ("Median from last order to due date", "days"),
        "overdue_revenue": (f"{what.capitalize()} of those past their date", "money"),
    }


def class_columns(members: str, what: str) -> dict[str, tuple[str, str]]:
    """Name the columns of the table of A, B and C, and how each is written."""
    return {
        "abc_class": ("ABC class", "text"),
        "members": (members.capitalize(), "count"),
        "member_share": (f"Share of {members}", "share"),
        "revenue": (what.capitalize(), "money"),
        "revenue_share": (f"Share of {what}", "share"),
    }


def grid_columns(what: str, x_axis: str, *, by_orders: bool = True) -> dict[str, tuple[str, str]]:
    """Name the columns of the grid, and how each is written."""
    x, spec = {
        "frequency": ("Orders" if by_orders else "Active days", "count"),
        "monetary": (what.capitalize(), "money"),
    }[x_axis]
    return {
        "r_score": ("Recency score", "count"),
        "x_score": (f"{x} score", "count"),
        "recency_low": ("Silence from", "days"),
        "recency_high": ("Silence to", "days"),
        "x_low": (f"{x} from", spec),
        "x_high": (f"{x} to", spec),
        "customers": ("Customers", "count"),
        "mean_spend": ("Mean per customer", "money"),
    }
