"""Return: what does a channel bring for what it costs, and does more money still bring more?"""

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy.stats import t as student

from shared.analysis.attribution_paths import KEY, OPEN, Journeys
from shared.analysis.customer_summary import exact_sum
from shared.loading.errors import NotSupportedByData
from shared.loading.schema import require_columns

LEAST_MONTHS, LEAST_SPREAD = 12, 1.3  # months with cost, and largest over smallest cost
STEADY = 0.9  # elasticity from which conversions rise about in step with cost
RISING, FLATTENING, UNTOLD = "in step", "flattening", "not settled"


def channel_costs(journeys: Journeys) -> pd.DataFrame:
    """Sum what contacts cost by channel, on the journeys that are over.

    Returns
    -------
    pd.DataFrame
        `channel`, `contacts`, `priced` (contacts with a cost, 0 included), `cost` (money).

    Raises
    ------
    NotSupportedByData
        If no contact has a cost above 0.
    """
    touches = _over(journeys)
    table = (
        touches.group_by("channel")
        .aggregate(contacts=_.count(), priced=_.cost.count(), cost=exact_sum(_.cost.fill_null(0)))
        .order_by("channel")
        .to_pandas()
    )
    if table["cost"].sum() <= 0:
        raise NotSupportedByData("no contact has a cost", "touchpoints with cost")
    return table


def channel_returns(costs: pd.DataFrame, credited: pd.DataFrame) -> pd.DataFrame:
    """Set what each channel is credited with against what it costs.

    Parameters
    ----------
    costs : pd.DataFrame
        From `channel_costs`.
    credited : pd.DataFrame
        From `credit_table`.

    Returns
    -------
    pd.DataFrame
        `channel`, `contacts`, `cost`, `cost_share` (of all cost), `conversions` (credited by the
        chain), `credit_share`, `value` (money; NaN without), `cost_per_conversion`, `cost_low`,
        `cost_high` (money; 95 %, from the interval of the credit), `return_on_cost` (value per
        unit of cost; NaN for a channel without cost), `low`, `high`, `last_touch_return`, `rare`.
        Most cost first.
    """
    table = costs.merge(credited, on="channel", validate="one_to_one")
    table = table.sort_values(["cost", "channel"], ascending=[False, True], ignore_index=True)
    cost = table["cost"].where(table["cost"] > 0)
    has_value = "markov_value" in table
    value = table["markov_value"] if has_value else pd.Series(np.nan, table.index)
    last = table["last_touch_value"] if has_value else pd.Series(np.nan, table.index)
    scale = table["markov"].where(table["markov"] > 0)
    return pd.DataFrame(
        {
            "channel": table["channel"],
            "contacts": table["contacts"],
            "cost": table["cost"],
            "cost_share": table["cost"] / table["cost"].sum(),
            "conversions": table["markov"],
            "credit_share": table["markov"] / table["markov"].sum(),
            "value": value,
            "cost_per_conversion": cost / scale,
            "cost_low": cost / table["high"].where(table["high"] > 0),
            "cost_high": cost / table["low"].where(table["low"] > 0),
            "return_on_cost": value / cost,
            "low": value / cost * table["low"] / scale,
            "high": value / cost * table["high"] / scale,
            "last_touch_return": last / cost,
            "rare": table["rare"],
        }
    )


def saturation(journeys: Journeys) -> pd.DataFrame:
    """Compare months: does a channel earn in step with what is spent on it?

    The conversions of the journeys that ended in a month are shared linearly among their
    contacts, and the logarithm of a channel's share is set against that of its cost in the month.
    Months differ in much else, so that this warns and proves nothing.

    Returns
    -------
    pd.DataFrame
        `channel`, `months`, `elasticity` (conversions rise by so many per cent with 1 % of cost),
        `low`, `high` (95 %), `reading`, by the 99 % interval: "flattening" if it lies below 0.9,
        "in step" if it reaches 0.9 and lies above 0, else "not settled". Channels with a cost in
        fewer than twelve months, or hardly different ones, are left out.

    Raises
    ------
    NotSupportedByData
        If that leaves none.
    """
    months = _by_month(journeys)
    rows = []
    known = months[(months["cost"] > 0) & (months["credit"] > 0)]
    for channel, seen in known.groupby("channel", sort=True):
        x, y = np.log(seen["cost"].to_numpy()), np.log(seen["credit"].to_numpy())
        if len(seen) < LEAST_MONTHS or np.ptp(x) < np.log(LEAST_SPREAD):
            continue
        slope, error = _slope(x, y)
        near, far = (student.ppf(p, len(x) - 2) * error for p in (0.975, 0.995))
        reading = UNTOLD
        if slope + far < STEADY:
            reading = FLATTENING
        elif slope - far > 0:
            reading = RISING
        rows.append((channel, len(seen), slope, slope - near, slope + near, reading))
    if not rows:
        raise NotSupportedByData(
            f"no channel has different costs in {LEAST_MONTHS} complete months or more",
            "a longer history of contacts with cost",
        )
    columns = ["channel", "months", "elasticity", "low", "high", "reading"]
    return pd.DataFrame(rows, columns=columns)


def _slope(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Fit a line by least squares; give its slope and the standard error of it."""
    centred = x - x.mean()
    slope = float(centred @ y / (centred @ centred))
    rest = y - y.mean() - slope * centred
    return slope, float(np.sqrt(rest @ rest / (len(x) - 2) / (centred @ centred)))


def _by_month(journeys: Journeys) -> pd.DataFrame:
    """Sum cost and linear credit by channel and complete month in which the journey ended."""
    over = _over(journeys)
    own = ibis.window(group_by=KEY)
    told = over.mutate(
        month=_.touched_at.max().over(own).truncate("M"),
        credit=(_.conversions / _.touched_at.count().over(own)),
    )
    first = journeys.tracked_from.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    last = journeys.snapshot_date.replace(day=1)
    whole = told.filter((_.month > first) & (_.month.date() < last))
    return (
        whole.group_by("channel", "month")
        .aggregate(cost=exact_sum(_.cost.fill_null(0)), credit=exact_sum(_.credit, decimals=12))
        .order_by("channel", "month")
        .to_pandas()
    )


def _over(journeys: Journeys) -> ibis.Table:
    require_columns(journeys.touches, ["cost"], analysis="Return per channel")
    return journeys.touches.filter(_.outcome != OPEN)
