"""For which reason each metric of the profile may be blank, and when a figure is flagged."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from shared.analysis.profile_blanks import Rules
from shared.analysis.profile_classes import CLASSES, PREDICTIONS, STAGES
from shared.analysis.profile_measures import LEAST_ORDERS
from shared.analysis.profile_money import MOST_ORDERS, TREND_ORDERS
from shared.analysis.profile_sources import PRICED
from shared.analysis.profile_stability import LEAST_MONTHS, LEAST_PERIODS, LEAST_SLOPE_PERIODS


@dataclass(frozen=True)
class Supplied:
    """What the profile had to be computed from.

    Attributes
    ----------
    columns : frozenset of str
        Known columns, as in `Sources.known`.
    refunds : bool
        Whether any refund is known.
    interactions : bool
        Whether there is a source of interactions beside the orders.
    stages, predictions, sentiment : bool
        Whether these were handed over.
    web_begins : bool
        Whether the web sessions begin inside the 28 days.
    """

    columns: frozenset[str]
    refunds: bool
    interactions: bool
    stages: bool
    predictions: bool
    sentiment: bool
    web_begins: bool


def blank_rules(measured: pd.DataFrame, supplied: Supplied) -> dict[str, Rules]:
    """List the reasons of each metric that can be blank; the first that holds is given."""
    no_price = ("no_price", PRICED not in supplied.columns)
    no_category = ("no_category", measured["distinct_categories"].isna())
    no_product = ("no_product", measured["positions"].isna())
    no_gross = ("no_gross", True)
    few_periods = ("few_periods", measured["periods"] < LEAST_PERIODS)
    few_for_slope = ("few_periods", measured["periods"] < LEAST_SLOPE_PERIODS)
    no_model = ("no_model", not supplied.predictions)
    no_stages = ("no_stages", (not supplied.stages) | measured["lifecycle_stage"].isna())
    return {
        "asleep_share": [("young", True)],
        "median_gap_days": [("one_date", True)],
        "gap_cv": [("few_gaps", True)],
        "margin": [no_price, ("no_cost", True)],
        "order_value_trend": [("few_orders", measured["frequency"] < TREND_ORDERS), no_gross],
        "top_category_share": [no_category, no_gross],
        "discount_share": [
            no_price, ("no_discount", "discount" not in supplied.columns), no_gross,
        ],
        "refund_rate": [("no_refund", not supplied.refunds), no_gross],
        "positions_per_order": [no_product],
        "units_per_order": [("no_quantity", True)],
        "distinct_products": [no_product],
        "distinct_categories": [no_category],
        "category_entropy": [no_category, no_gross],
        "repeat_product_share": [no_product, ("few_orders", measured["frequency"] < LEAST_ORDERS)],
        "price_tier": [
            no_price, ("no_unit_price", "unit_price" not in supplied.columns), no_product,
            no_category, ("small_category", True),
        ],
        "new_product_rate": [no_product, ("not_lately", True)],
        "spend_cv": [few_periods, no_gross],
        "active_period_share": [("few_periods", True)],
        "seasonality_index": [("few_months", measured["months"] < LEAST_MONTHS), no_gross],
        "spend_slope": [few_for_slope, no_gross],
        **{name: [("no_scores", True)] for name in CLASSES},
        "xyz_class": [few_periods, no_gross],
        **{name: [("no_stages", True)] for name in STAGES},
        "previous_stage": [no_stages, ("not_yet", True)],
        "expected_next_order_date": [("no_gap", True)],
        **{name: [no_model, ("not_predicted", True)] for name in PREDICTIONS},
        "first_channel": [("no_channel", True)],
        "last_channel": [("no_channel", True)],
        "web_visits_28d": [("no_web", True)],
        "mean_sentiment": [("no_voice", not supplied.sentiment), ("no_text", True)],
    }  # fmt: skip


def flag_codes(measured: pd.DataFrame, supplied: Supplied) -> Mapping[str, pd.Series]:
    """Give the flag of each figure that stands for less than its name says."""
    everyone = pd.Series(True, index=measured.index)
    flagged = {
        "days_since_last_interaction": ("orders_only", everyone & (not supplied.interactions)),
        "order_value_trend": ("last_200_orders", measured["frequency"] > MOST_ORDERS),
        "expected_order_value": (
            "base_mean", measured["expected_order_value"].notna() & measured["frequency"].eq(1),
        ),
        "web_visits_28d": ("web_begins", everyone & supplied.web_begins),
    }  # fmt: skip
    return {
        name: pd.Series(code, index=measured.index, dtype="object").where(holds, None)
        for name, (code, holds) in flagged.items()
    }
