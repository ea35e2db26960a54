"""The backtest: had the forecast been made earlier, would it have come true?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import numpy as np
import pandas as pd

from shared.analysis.intervals import Estimate, bootstrap
from shared.analysis.lifetime_forecast import forecast_base, one_step
from shared.analysis.lifetime_models import alive_table, all_models, refitted_models
from shared.analysis.lifetime_order_classes import orders_by_class
from shared.analysis.lifetime_spend import Spend, spend_per_order
from shared.analysis.lifetime_tracking import track_orders
from shared.analysis.lifetime_without_leaving import choose_model, model_name
from shared.analysis.model_ladder import Ladder
from shared.analysis.purchase_model import PurchaseModel, expected_purchases
from shared.analysis.repeat_summary import repeat_summary, weighted_rows
from shared.loading.errors import ConfigError, NotSupportedByData

CONSTANT, LAST = "Constant rate", "Same as last period"


@dataclass(frozen=True)
class Backtest:
    """A forecast made at an earlier date, and what then happened to the same customers.

    Attributes
    ----------
    table : pd.DataFrame
        `way` (models and the two naive ways), `is_chosen`, `is_naive`, `predicted`, `actual`,
        `ratio` (predicted by actual), `mean_absolute_error` (orders a customer) and `beaten`
        (whether the chosen model is nearer in total and no worse per customer; blank for models).
    ladder : Ladder
        The model chosen on the earlier data and the steps to it.
    calibration_end : date
        Last day the model knew.
    holdout_days : int
        Days after it that are predicted.
    customers : int
        Customers known then.
    actual : int
        Repeat orders they placed afterwards.
    predicted : Estimate
        What the model expected, with its prediction interval.
    ratio : Estimate
        Predicted by actual, with an interval by a bootstrap over customers.
    revenue_actual : float
        Money they spent afterwards, refunds netted.
    revenue_predicted : Estimate
        What was expected, with its prediction interval.
    spend : Spend
        Money per order as known then.
    others : dict of str to PurchaseModel
        Every model that can be believed on the earlier data, the chosen one included.
    alive : pd.DataFrame
        As from `alive_table`, on the earlier data.
    refitted : list of PurchaseModel
        The chosen model on customers drawn with replacement.
    tracking : pd.DataFrame
        `week`, `week_ends`, `actual` and `expected`: repeat orders since the first day, running
        totals.
    by_orders : pd.DataFrame
        `orders` (repeat orders known then), `customers`, `actual` and `predicted` per customer,
        `low` and `high` of the actual mean.
    """

    table: pd.DataFrame
    ladder: Ladder
    calibration_end: date
    holdout_days: int
    customers: int
    actual: int
    predicted: Estimate
    ratio: Estimate
    revenue_actual: float
    revenue_predicted: Estimate
    spend: Spend
    others: dict[str, PurchaseModel]
    alive: pd.DataFrame
    refitted: list[PurchaseModel]
    tracking: pd.DataFrame
    by_orders: pd.DataFrame

    @property
    def passed(self) -> bool:
        """Whether the model beats both naive ways."""
        return bool(self.table.loc[self.table["is_naive"], "beaten"].astype(bool).all())

    @property
    def inside(self) -> bool:
        """Whether the interval held what happened."""
        return self.predicted.low <= self.actual <= self.predicted.high

    @property
    def tracked(self) -> float:
        """Expected by actual repeat orders from the first day to the last."""
        last = self.tracking.iloc[-1]
        return float(last["expected"] / last["actual"]) if last["actual"] else float("nan")


def back_test(
    order_lines: ibis.Table,
    *,
    snapshot_date: date,
    calibration_end: date,
    unit_days: float,
    refits: int = 200,
    seed: int = 0,
) -> Backtest:
    """Fit on the orders up to a day, predict the rest, and compare with what happened.

    Parameters
    ----------
    order_lines : ibis.Table
        One row per product in an order.
    snapshot_date : date
        First day that is not in the data.
    calibration_end : date
        Last day that the models may know.
    unit_days : float
        Days in one unit of time.
    refits, seed : int
        Models behind the prediction interval, and the seed of their drawing.

    Raises
    ------
    NotSupportedByData
        If the customers of then are too few for a model, or placed no order afterwards.
    """
    # One order of customers whatever the engine gave: the same chance meets the same customer.
    known = (
        repeat_summary(
            order_lines, snapshot_date=snapshot_date, unit_days=unit_days, until=calibration_end
        )
        .order_by("customer_id")
        .to_pandas()
    )
    holdout_days = (snapshot_date - calibration_end).days - 1
    then = _later(known, order_lines, snapshot_date, calibration_end, holdout_days)
    rows = weighted_rows(known)
    ladder = choose_model(rows)
    ordered = then["actual"].to_numpy(dtype=float)
    if not ordered.sum():
        raise NotSupportedByData(
            f"none of the {len(known)} customers known then ordered again in the "
            f"{holdout_days} days held out",
            "orders after the day on which the backtest forecasts",
        )
    ahead = one_step(calibration_end, holdout_days, unit_days=unit_days)
    refitted, _sure = refitted_models(rows, ladder.model, refits=refits, seed=seed)
    spend = spend_per_order(known, refits=refits, seed=seed)
    told = forecast_base(ladder.model, spend, known, horizon=ahead, models=refitted, seed=seed)
    others = all_models(rows, ladder.model)
    expected = _ways(others, known, then, ahead.length)
    return Backtest(
        table=_compared(expected, ordered, chosen=model_name(ladder.model)),
        ladder=ladder,
        calibration_end=calibration_end,
        holdout_days=holdout_days,
        customers=len(known),
        actual=int(ordered.sum()),
        predicted=told.orders,
        ratio=_ratio(told.customers["expected_orders"].to_numpy(), ordered),
        revenue_actual=float(then["money"].sum()),
        revenue_predicted=told.revenue,
        spend=spend,
        others=others,
        alive=alive_table(others, known, horizon=ahead.length, chosen=model_name(ladder.model)),
        refitted=refitted,
        tracking=track_orders(
            order_lines, known, ladder.model, snapshot_date=snapshot_date, unit_days=unit_days
        ),
        by_orders=orders_by_class(
            known["frequency"].to_numpy(), ordered, told.customers["expected_orders"].to_numpy()
        ),
    )


def default_calibration_end(first: date, *, snapshot_date: date, months: int) -> date:
    """Choose the models' last day: the horizon before the snapshot, but not before half-time."""
    wanted = (pd.Timestamp(snapshot_date) - pd.DateOffset(months=months)).date()
    return max(wanted, first + (snapshot_date - first) / 2) - timedelta(days=1)


def to_day(text: str, *, first: date, snapshot_date: date) -> date:
    """Read the day on which the calibration ends, such as 1997-09-30.

    Raises
    ------
    ConfigError
        If the text is no day, or leaves nothing on one of its sides.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not first <= day < snapshot_date - timedelta(days=1):
        raise ConfigError(
            "E-PARA-13",
            "calibration_end",
            f"{text!r} is no day with orders on both sides",
            fix=f"a day such as {first + (snapshot_date - first) / 2}, from {first} on and before "
            f"{snapshot_date - timedelta(days=1)}",
        )
    return day


def _later(
    known: pd.DataFrame,
    order_lines: ibis.Table,
    snapshot_date: date,
    calibration_end: date,
    holdout_days: int,
) -> pd.DataFrame:
    """Count repeat orders and money after the calibration, and orders in as many days before."""
    now, before = (
        repeat_summary(order_lines, snapshot_date=snapshot_date, until=until)
        .select("customer_id", "frequency", "total_value")
        .to_pandas()
        .set_index("customer_id")
        for until in (
            snapshot_date - timedelta(days=1), calibration_end - timedelta(days=holdout_days)
        )
    )  # fmt: skip
    had, ids = known["frequency"].to_numpy(), known["customer_id"]
    return pd.DataFrame(
        {
            "actual": ids.map(now["frequency"]).to_numpy() - had,
            "money": ids.map(now["total_value"]).to_numpy() - known["total_value"].to_numpy(),
            "before": had - ids.map(before["frequency"]).fillna(0).to_numpy(),
        }
    )


def _ways(
    models: Mapping[str, PurchaseModel],
    known: pd.DataFrame,
    then: pd.DataFrame,
    ahead: float,
) -> dict[str, np.ndarray]:
    """Give each customer's expected orders by every model and by the two naive ways."""
    x, recency, age = (known[name].to_numpy(dtype=float) for name in ("frequency", "recency", "T"))
    rate = np.divide(x, age, out=np.zeros(len(x)), where=age > 0)
    return {
        **{name: expected_purchases(m, x, recency, age, ahead) for name, m in models.items()},
        CONSTANT: rate * ahead,
        LAST: then["before"].to_numpy(dtype=float),
    }


def _compared(
    expected: Mapping[str, np.ndarray], ordered: np.ndarray, *, chosen: str
) -> pd.DataFrame:
    actual = ordered.sum()
    table = pd.DataFrame(
        [
            {
                "way": way,
                "is_chosen": way == chosen,
                "is_naive": way in (CONSTANT, LAST),
                "predicted": values.sum(),
                "actual": actual,
                "ratio": values.sum() / actual,
                "mean_absolute_error": np.abs(values - ordered).mean(),
            }
            for way, values in expected.items()
        ]
    )
    mine = table[table["is_chosen"]].iloc[0]
    nearer = (mine["predicted"] - actual) ** 2 < (table["predicted"] - actual) ** 2
    no_worse = mine["mean_absolute_error"] <= table["mean_absolute_error"]
    beaten = (nearer & no_worse).astype(object).where(table["is_naive"], None)
    return table.assign(beaten=beaten)


def _ratio(predicted: np.ndarray, ordered: np.ndarray) -> Estimate:
    def ratio(rows: np.ndarray) -> float:
        total = ordered[rows].sum()
        return float(predicted[rows].sum() / total) if total else float("nan")

    return bootstrap(ratio, len(ordered), unit="ratio", of="customers")
