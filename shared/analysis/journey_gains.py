"""What a better stage may be worth: weak channels at a stage, and orders after a bad answer."""

from datetime import datetime, time, timedelta

import ibis
import pandas as pd
from ibis import _

from shared.analysis.attribution_paths import DAY_SECONDS, Journeys
from shared.analysis.journey_clusters import (
    DIFFERENCE,
    FEW,
    clustered_means,
    clustered_shares,
    with_findings,
    withheld,
)
from shared.analysis.journey_stages import Funnel, stage_rows
from shared.loading.errors import NotSupportedByData
from shared.loading.schema import require_columns

LOW, OTHER = "low", "other"


def stage_gains(funnel: Funnel, stages: pd.DataFrame) -> pd.DataFrame:
    """Ask what each stage would gain if one channel's journeys went on like those of the others.

    Returns
    -------
    pd.DataFrame
        One row per `stage` and `channel` (of the first contact at the stage): `n` journeys,
        `customers`, `share` that goes on with bounds, `difference` to the other channels with
        bounds, `p`, `q` (over all rows), `finding`, `to_sale` (share of the journeys that go on
        from here which convert in the end), `gained`, `gained_low`, `gained_high`: further
        conversions if the difference were closed, where the channel is behind (blank where it
        leads). The most gained first. Figures of cells under 10 are blank.

    Raises
    ------
    NotSupportedByData
        If all journeys come through one channel.
    """
    rows = stage_rows(funnel).filter(_.channel.notnull())
    table = clustered_shares(rows, by=["stage", "channel"], success="went_on", within=["stage"])
    if table["channel"].nunique() < 2:
        raise NotSupportedByData("all journeys come through one channel", "two channels")
    table["stage"] = [funnel.stages[int(k)] for k in table["stage"]]
    # Who is brought one stage further still has to pass the others.
    onward = (stages["converted"] / stages["went_on"]).set_axis(stages["stage"])
    table["to_sale"] = table["stage"].map(onward)
    figures = ["successes", "share", "low", "high", "difference", "difference_low",
               "difference_high"]  # fmt: skip
    table = withheld(table, figures)
    behind = table["difference"] < 0
    for name, bound in (("", ""), ("_low", "_high"), ("_high", "_low")):
        gain = -table[f"difference{bound}"] * table["n"] * table["to_sale"]
        table[f"gained{name}"] = gain.where(behind)
    return table.sort_values(
        ["gained", "stage", "channel"], ascending=[False, True, True], ignore_index=True
    )


def later_orders(
    funnel: Funnel, journeys: Journeys, *, low_satisfaction: float, later_days: int
) -> pd.DataFrame:
    """Compare what customers buy after a low answer at a stage and after another answer.

    Each customer counts once per stage, by the first answer there; looked at are the conversions
    within `later_days` after the day that followed the answer, so that the journey's own
    conversion, which mostly comes the same day, is left out. Answers whose time was not over on
    the snapshot date are left out.

    Returns
    -------
    pd.DataFrame
        One row per `stage` with both kinds of answers: `n` (customers with a low answer),
        `other_n`, `share` (low: bought again) and `other_share` with their bounds, `difference`
        with bounds, `p`, `q`, `finding`; `value`, `other_value` (money per customer in that time,
        blank without), `value_difference` with bounds. Figures of cells under 10 are blank.

    Raises
    ------
    NotSupportedByData
        If there is no answer, or none is old enough.
    """
    require_columns(funnel.touches, ["satisfaction"], analysis="Satisfaction and later orders")
    told = _answered(funnel, journeys, low_satisfaction, later_days=later_days).cache()
    cells = {"by": ["place", "answer"], "within": ["place"]}
    table = clustered_shares(told, success="again", **cells)
    if table.empty or not ((table["answer"] == LOW) & (table["other_n"] > 0)).any():
        raise NotSupportedByData(
            f"no stage has both low and other answers {later_days} days before the snapshot date",
            "satisfaction of more contacts",
        )
    values = clustered_means(told, value="value", **cells)
    money = {name: f"value_{name}" for name in DIFFERENCE}
    values = values.rename(columns={"mean": "value", "other_mean": "other_value", **money})
    table = pd.concat([table, values[["value", "other_value", *money.values()]]], axis=1)
    table = table[(table["answer"] == LOW) & (table["other_n"] > 0)].reset_index(drop=True)
    table.insert(0, "stage", [funnel.stages[int(k)] for k in table["place"]])
    figures = ["successes", "share", "low", "high", *DIFFERENCE]
    table = withheld(with_findings(table), figures).drop(columns=["place", "answer"])
    # Money is skewed: of fewer customers a single order decides the mean.
    few = (table["n"] < FEW) | (table["other_n"] < FEW) | (not journeys.has_value)
    table.loc[few, ["value", "other_value", *money.values()]] = float("nan")
    return table


def _answered(
    funnel: Funnel, journeys: Journeys, low_satisfaction: float, *, later_days: int
) -> ibis.Table:
    """Give each customer's first answer per stage with the conversions that came later."""
    rank = ibis.cases(*[(_.stage == name, k) for k, name in enumerate(funnel.stages)])
    closed = datetime.combine(journeys.snapshot_date, time()) - timedelta(days=later_days + 1)
    first = ibis.row_number().over(
        ibis.window(group_by=["customer_id", "place"], order_by=["touched_at", "satisfaction"])
    )
    answers = funnel.touches.mutate(place=rank.cast("int64")).filter(
        _.satisfaction.notnull() & _.place.notnull() & (_.touched_at < closed)
    )
    answers = answers.mutate(turn=first).filter(_.turn == 0).select(
        "customer_id", "place", "touched_at",
        answer=(_.satisfaction <= low_satisfaction).ifelse(LOW, OTHER),
    )  # fmt: skip
    sales = journeys.conversions.select("customer_id", "converted_at", "conversion_value")
    pairs = answers.join(sales, "customer_id")
    waited = pairs.converted_at.epoch_seconds() - pairs.touched_at.epoch_seconds()
    inside = (waited > DAY_SECONDS) & (waited <= (later_days + 1) * DAY_SECONDS)
    bought = pairs.filter(inside).group_by("customer_id", "place").aggregate(
        value=_.conversion_value.cast("decimal(38, 6)").sum().cast("float64")
    )  # fmt: skip
    joined = answers.left_join(bought.mutate(found=ibis.literal(1)), ["customer_id", "place"])
    return joined.select(
        "customer_id", "place", "answer", again=_.found.fill_null(0), value=_.value.fill_null(0.0)
    )
