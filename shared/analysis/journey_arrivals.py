"""Arrivals: through which channel did visitors come, what did they do, and did sales follow?"""

from datetime import datetime, time, timedelta

import ibis
import pandas as pd
from ibis import _

from shared.analysis.attribution_paths import DAY_SECONDS, NOT_RECORDED, Journeys
from shared.analysis.journey_clusters import (
    clustered_means,
    clustered_shares,
    with_findings,
    withheld,
)
from shared.analysis.journey_timeline import stacked
from shared.analysis.trimmed import trimmed
from shared.loading.errors import NotSupportedByData
from shared.loading.schema import require_columns

MOST_ROWS = 12
SHARES = {"cart_adds": "cart", "bounced": "bounce"}
MEANS = {"pages": "pages", "duration_seconds": "seconds", "product_views": "product_views"}


def arrivals(web_sessions: ibis.Table, journeys: Journeys, *, window_days: int) -> pd.DataFrame:
    """Compare visits by the channel that they came through: behaviour, and conversion after them.

    A visit converted if the customer's next conversion follows its start within `window_days`;
    where a further visit of the customer began before that conversion, the later visit has it.
    Visits whose window was not over on the snapshot date, or that began before the first
    conversion that is known, count for behaviour alone.

    Parameters
    ----------
    web_sessions : ibis.Table
        `customer_id`, `started_at`, `channel`; `pages`, `duration_seconds`, `product_views`,
        `cart_adds`, `bounced` if known.
    journeys : Journeys
        From `journeys_of`: whose conversions are used.
    window_days : int
        How long after the start of a visit a conversion counts.

    Returns
    -------
    pd.DataFrame
        One row per channel, most visits first: `channel`, `n` visits, `customers`; of the visits
        whose window is over: `judged`, `converted`, `share`, `low`, `high`, `difference` to all
        other channels with bounds, `p`, `q`, `finding`; and for each measure that is known
        `pages`, `seconds`, `product_views` (means), `cart`, `bounce` (shares of visits with a
        product put into the basket, and left after one page), each with `_low`, `_high` and
        `_finding` (adjusted over all channels and measures together). Figures of fewer than 10
        visits or customers are blank.

    Raises
    ------
    NotSupportedByData
        If visits have no channel, or no visit lies far enough back.
    """
    require_columns(web_sessions, ["customer_id", "started_at", "channel"], analysis="Arrivals")
    known = web_sessions.filter(_.customer_id.notnull()).mutate(
        channel=trimmed(_.channel).nullif("").fill_null(NOT_RECORDED)
    )
    visits = known.group_by("channel").aggregate(n=_.count(), customers=_.customer_id.nunique())
    counted = visits.to_pandas().sort_values(["n", "channel"], ascending=[False, True])
    judged = clustered_shares(
        _followed(known, journeys, window_days=window_days), by=["channel"], success="followed"
    )
    if judged.empty:
        raise NotSupportedByData(
            f"no visit began {window_days} days before the snapshot date", "older visits"
        )
    judged = judged.drop(columns="customers").rename(
        columns={"n": "judged", "successes": "converted"}
    )
    table = counted.merge(judged, on="channel", how="left", validate="one_to_one")
    figures = ["converted", "share", "low", "high", "difference", "difference_low",
               "difference_high"]  # fmt: skip
    table = withheld(table, figures)
    for name, measured in _measures(known).items():
        columns = {"value": name, "low": f"{name}_low", "high": f"{name}_high",
                   "finding": f"{name}_finding"}  # fmt: skip
        part = measured[["channel", *columns]].rename(columns=columns)
        table = withheld(
            table.merge(part, on="channel", how="left", validate="one_to_one"),
            [name, f"{name}_low", f"{name}_high"],
        )
    return table


def _followed(visits: ibis.Table, journeys: Journeys, *, window_days: int) -> ibis.Table:
    """Tell of each visit that is old enough whether the next thing within the window is a sale."""
    closed = datetime.combine(journeys.snapshot_date, time()) - timedelta(days=window_days)
    starts = visits.select(
        "customer_id", "channel", at=_.started_at, is_sale=ibis.literal(0, "int64")
    )
    sales = journeys.conversions.select(
        "customer_id", at=_.converted_at, sold_at=_.converted_at, is_sale=ibis.literal(1, "int64")
    )
    # Of visits at one instant, the last by the name of its channel is the later one.
    turn = [_.at, _.is_sale, _.channel]
    # Only the very next thing counts: behind a later visit, that visit has the sale.
    ahead = ibis.window(group_by="customer_id", order_by=turn)
    told = stacked([starts, sales]).mutate(next_sale=_.sold_at.lead().over(ahead))
    waited = _.next_sale.epoch_seconds() - _["at"].epoch_seconds()
    return told.filter(
        (_.is_sale == 0) & (_["at"] < closed) & (_["at"] >= journeys.tracked_from)
    ).mutate(followed=(waited <= window_days * DAY_SECONDS).fill_null(False).ifelse(1, 0))


def _measures(visits: ibis.Table) -> dict[str, pd.DataFrame]:
    """Estimate each measure of behaviour by channel; findings are adjusted over all of them."""
    made = {}
    for column, name in {**MEANS, **SHARES}.items():
        if column not in visits.columns:
            continue
        if column in SHARES:
            rows = visits.mutate(flag=(visits[column].cast("float64") > 0).ifelse(1, 0))
            rows = rows.filter(rows[column].notnull())
            part = clustered_shares(rows, by=["channel"], success="flag")
            made[name] = part.rename(columns={"share": "value"})
        else:
            part = clustered_means(visits, by=["channel"], value=column)
            made[name] = part.rename(columns={"mean": "value"})
    return _adjusted({name: part for name, part in made.items() if len(part)})


def _adjusted(measured: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    if not measured:
        return {}
    together = with_findings(pd.concat(measured.values(), keys=measured, names=["measure"]))
    # One family of tests: five measures of seven channels are thirty-five chances to be wrong.
    measures = together.index.get_level_values("measure")
    return {name: together[measures == name].reset_index(drop=True) for name in measured}
