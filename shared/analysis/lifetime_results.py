"""What the lifetime study leaves behind: its full tables and its plain numbers."""

from collections.abc import Mapping

import pandas as pd

from shared.analysis.intervals import Estimate
from shared.analysis.lifetime_backtest import Backtest
from shared.analysis.lifetime_checks import Independence, Regularity
from shared.analysis.lifetime_formula import PlainFormula
from shared.analysis.lifetime_formula_answers import values_table
from shared.analysis.lifetime_models import parameter_table
from shared.analysis.lifetime_outlook import Outlook
from shared.analysis.lifetime_ranks import leaders_kept, value_distribution
from shared.analysis.lifetime_small_cells import (
    shown_cells,
    shown_distribution,
    shown_idle,
    shown_ranks,
)
from shared.analysis.lifetime_spend import Spend
from shared.analysis.lifetime_value import LifetimeStudy
from shared.analysis.purchase_model import PurchaseModel

CUSTOMER_COLUMNS = [
    "customer_id", "segment", "tier", "rank_now", "rank_future", "rank_change", "orders",
    "monetary", "first_order_date", "last_order_date", "frequency", "recency", "T",
    "monetary_value", "probability_alive", "chance_to_order", "expected_orders",
    "expected_spend", "spend_is_mean_of_all", "expected_revenue", "clv", "is_idle",
    "chance_within_30_days", "chance_within_year", "next_order_date",
    "next_order_from", "next_order_until",
]  # fmt: skip
NAMES = {"r": "bgnbd_r", "alpha": "bgnbd_alpha", "a": "bgnbd_a", "b": "bgnbd_b"}


def lifetime_tables(study: LifetimeStudy) -> dict[str, pd.DataFrame]:
    """Give every table of the page by the name of its file; what was not computed is missing."""
    tables: dict[str, pd.DataFrame] = {}
    if isinstance(study.backtest, Backtest):
        tables |= {
            "backtest": study.backtest.table,
            "tracking": study.backtest.tracking,
            "backtest_by_orders": study.backtest.by_orders,
        }
    if isinstance(study.ahead, Outlook):
        ahead = study.ahead
        tables |= {
            "cash_flow": ahead.forecast.cash_flow,
            "customers": ahead.customers[CUSTOMER_COLUMNS],
            "tiers": ahead.tiers,
            "value_distribution": shown_distribution(value_distribution(ahead.customers)),
            "rank_matrix": shown_ranks(ahead.ranks),
            "rank_moves": ahead.moves[ahead.moves["customers"] > 0],
            "segments": ahead.segments,
            "idle_assets": shown_idle(ahead.idle),
            "heat_map": shown_cells(ahead.heat),
            "next_orders": ahead.calendar,
            "models_compared": ahead.alive,
        }
    else:
        tables["customers"] = _past_only(study)
    models = model_tables(study)
    if len(models):
        tables["models"] = models
    if isinstance(study.formula, PlainFormula):
        tables["three_values"] = values_table(study)
    if isinstance(study.independence, Independence):
        tables["spend_by_orders"] = study.independence.table
    return tables


def model_tables(study: LifetimeStudy) -> pd.DataFrame:
    """List the parameters of all models, those of the backtest first."""
    parts = []
    if isinstance(study.backtest, Backtest):
        test = study.backtest
        parts.append(parameter_table(test.others, test.spend.model, refitted=test.refitted,
                                     fitted_on="calibration"))  # fmt: skip
    if isinstance(study.ahead, Outlook):
        ahead = study.ahead
        parts.append(parameter_table(ahead.models, ahead.spend.model, refitted=ahead.refitted,
                                     fitted_on="all orders"))  # fmt: skip
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def lifetime_metrics(study: LifetimeStudy) -> dict[str, float | Estimate]:
    """Give the plain numbers of the page for tests, the index and the next run.

    `bgnbd_`, `gg_` and `log_likelihood` are those of the backtest, whose orders end with
    `calibration_end`; `forecast_` those of all orders, which the forecast rests on. Where there
    was no backtest they agree.
    """
    numbers: dict[str, float | Estimate] = {
        "customers": len(study.base.customers),
        "repeat_customers": study.repeaters,
        "margin_share": study.margin.share,
        "revenue": float(study.base.customers["monetary"].sum()),
    }
    if isinstance(study.backtest, Backtest):
        numbers |= _of_fit(study.backtest.others, study.backtest.spend) | _of_test(study.backtest)
    if isinstance(study.ahead, Outlook):
        ahead = study.ahead
        fitted = _of_fit(ahead.models, ahead.spend)
        numbers = fitted | numbers | {f"forecast_{name}": value for name, value in fitted.items()}
        numbers |= _of_outlook(ahead)
    if isinstance(study.independence, Independence):
        numbers |= {
            "spend_pearson": study.independence.pearson,
            "spend_spearman": study.independence.spearman,
        }
    if isinstance(study.regularity, Regularity):
        numbers["timing_regularity"] = study.regularity.k
    return numbers


def _of_fit(models: Mapping[str, PurchaseModel], spend: Spend) -> dict[str, float | Estimate]:
    numbers: dict[str, float | Estimate] = {}
    if "BG/NBD" in models:
        model = models["BG/NBD"]
        numbers |= {NAMES[name]: value for name, value in model.parameters.items()}
        numbers["log_likelihood"] = model.log_likelihood
    if spend.model is not None:
        numbers |= {f"gg_{name}": value for name, value in spend.model.parameters.items()}
        numbers["gg_mean"] = spend.model.mean
        numbers["gg_customers"] = spend.model.n
    return numbers


def _of_test(test: Backtest) -> dict[str, float | Estimate]:
    return {
        "holdout_actual": test.actual,
        "holdout_predicted": test.predicted,
        "holdout_ratio": test.ratio,
        "holdout_days": test.holdout_days,
        "holdout_mean_absolute_error": float(
            test.table.loc[test.table["is_chosen"], "mean_absolute_error"].iloc[0]
        ),
        "holdout_revenue_actual": test.revenue_actual,
        "holdout_revenue_predicted": test.revenue_predicted,
        "backtest_passed": int(test.passed),
        "tracking_ratio": test.tracked,
    }


def _of_outlook(ahead: Outlook) -> dict[str, float | Estimate]:
    forecast, heat = ahead.forecast, ahead.heat
    return {
        "expected_orders": forecast.orders,
        "expected_revenue": forecast.revenue,
        "expected_value": forecast.value,
        "leaders_kept": leaders_kept(ahead.customers),
        "top_tier_share": float(ahead.tiers["value_share"].iloc[0]),
        "idle_customers": int(ahead.customers["is_idle"].sum()),
        "new_customer_worth": ahead.newcomers.worth,
        "ladder_steps": len(ahead.ladder.steps),
        "heat_best": heat.best,
        "heat_worst": heat.worst,
        "heat_once": heat.once,
    }


def _past_only(study: LifetimeStudy) -> pd.DataFrame:
    past = study.base.customers.rename(columns={"frequency": "orders"})
    ranks = past["monetary"].rank(method="min", ascending=False).astype("int64")
    columns = ["customer_id", "segment", "rank_now", "orders", "monetary", "first_order_date",
               "last_order_date"]  # fmt: skip
    return past.assign(rank_now=ranks)[columns].sort_values(["rank_now", "customer_id"])
