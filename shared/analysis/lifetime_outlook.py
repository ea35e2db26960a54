"""The outlook: everything about the future of today's customers that needs a model."""

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import pandas as pd

from shared.analysis.lifetime_forecast import Forecast, Horizon, forecast_base
from shared.analysis.lifetime_heatmap import HeatMap, heat_map
from shared.analysis.lifetime_margin import Margin
from shared.analysis.lifetime_models import alive_table, all_models, refitted_models
from shared.analysis.lifetime_newcomers import Newcomers, newcomers
from shared.analysis.lifetime_next_order import next_orders, order_calendar
from shared.analysis.lifetime_ranks import rank_matrix, rank_moves, tier_table, with_ranks
from shared.analysis.lifetime_segments import idle_assets, segment_values
from shared.analysis.lifetime_spend import Spend, spend_per_order
from shared.analysis.lifetime_without_leaving import choose_model, model_name
from shared.analysis.model_ladder import Ladder
from shared.analysis.portfolio import Portfolio
from shared.analysis.purchase_model import PurchaseModel
from shared.analysis.repeat_summary import weighted_rows

PAST = ["customer_id", "segment", "recency_days", "first_order_date", "last_order_date",
        "frequency", "monetary"]  # fmt: skip


@dataclass(frozen=True)
class Outlook:
    """What the model says of the months ahead.

    Attributes
    ----------
    ladder : Ladder
        The model chosen and the steps to it.
    models : dict of str to PurchaseModel
        Every model that can be believed, the chosen one included.
    refitted : list of PurchaseModel
        The chosen one with parameters moved by chance.
    parameters_move : bool
        Whether these do differ; if not, intervals hold the chance of single customers alone.
    alive : pd.DataFrame
        As from `alive_table`.
    spend : Spend
        Money per order.
    forecast : Forecast
        Orders and cash flow.
    customers : pd.DataFrame
        One row per customer, most valuable first: past, forecast, ranks, tier, `is_idle`, and
        dates of the next order.
    tiers, ranks, moves, segments, idle, calendar : pd.DataFrame
        As from `tier_table`, `rank_matrix`, `rank_moves`, `segment_values`, `idle_assets` and
        `order_calendar`.
    heat : HeatMap
        Expected orders by frequency and recency.
    newcomers : Newcomers
        Who is not in the figure.
    """

    ladder: Ladder
    models: dict[str, PurchaseModel]
    refitted: list[PurchaseModel]
    parameters_move: bool
    alive: pd.DataFrame
    spend: Spend
    forecast: Forecast
    customers: pd.DataFrame
    tiers: pd.DataFrame
    ranks: pd.DataFrame
    moves: pd.DataFrame
    segments: pd.DataFrame
    idle: pd.DataFrame
    calendar: pd.DataFrame
    heat: HeatMap
    newcomers: Newcomers


def outlook(
    summary: pd.DataFrame,
    base: Portfolio,
    *,
    horizon: Horizon,
    margin: Margin,
    unit_days: float,
    refits: int,
    tier_cuts: Sequence[float],
    idle_chance: float,
    age_shown: int = 0,
    listed: ibis.Table | None = None,
) -> Outlook:
    """Fit on all orders and look ahead.

    Parameters
    ----------
    summary : pd.DataFrame
        As from `repeat_summary`, in a fixed order.
    base : Portfolio
        Gives segments and what was spent so far.
    horizon, margin, refits, tier_cuts, idle_chance, age_shown
        As in `study_lifetime_value`.
    unit_days : float
        Days in one unit of time.
    listed : ibis.Table, optional
        The client's customers, with `acquisition_cost`.

    Raises
    ------
    NotSupportedByData
        If fewer than 30 customers came back, or no model can be believed.
    """
    rows = weighted_rows(summary)
    ladder = choose_model(rows)
    models = all_models(rows, ladder.model)
    refitted, moving = refitted_models(rows, ladder.model, refits=refits)
    spend = spend_per_order(summary, refits=refits)
    segments = base.customers.set_index("customer_id")["segment"].reindex(summary["customer_id"])
    forecast = forecast_base(
        ladder.model, spend, summary, horizon=horizon, models=refitted, share_kept=margin.share,
        groups=segments,
    )  # fmt: skip
    dates = next_orders(
        ladder.model, summary, snapshot_date=base.snapshot_date, unit_days=unit_days
    )
    customers = _customers(base, summary, forecast, dates)
    customers["is_idle"] = customers["chance_to_order"] < idle_chance
    customers = with_ranks(customers, tier_cuts=tier_cuts)
    return Outlook(
        ladder=ladder,
        models=models,
        refitted=refitted,
        parameters_move=moving,
        alive=alive_table(models, summary, horizon=horizon.length, chosen=model_name(ladder.model)),
        spend=spend,
        forecast=forecast,
        customers=customers.sort_values(["clv", "customer_id"], ascending=[False, True]),
        tiers=tier_table(customers),
        ranks=rank_matrix(customers),
        moves=rank_moves(customers),
        segments=segment_values(customers, forecast.group_bounds),
        idle=idle_assets(customers),
        calendar=order_calendar(ladder.model, summary, unit_days=unit_days),
        heat=heat_map(
            ladder.model, summary, horizon=horizon.length, horizon_months=horizon.months,
            age=float(age_shown),
        ),
        newcomers=newcomers(
            ladder.model, refitted, spend, summary, horizon=horizon, share_kept=margin.share,
            listed=listed,
        ),
    )  # fmt: skip


def _customers(
    base: Portfolio, summary: pd.DataFrame, forecast: Forecast, dates: pd.DataFrame
) -> pd.DataFrame:
    """Join past, forecast and dates; whoever has no purchase day by the summary has no future."""
    past = base.customers[PAST].rename(columns={"frequency": "orders"})
    lived = summary[["customer_id", "frequency", "recency", "T", "monetary_value"]]
    table = past.merge(lived, on="customer_id", how="right", validate="one_to_one")
    table = table.merge(forecast.customers, on="customer_id", validate="one_to_one")
    table = table.merge(dates, on="customer_id", validate="one_to_one")
    once = (table["frequency"] == 0) | ~(table["monetary_value"] > 0)
    return table.assign(spend_is_mean_of_all=once)
