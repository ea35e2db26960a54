"""Clicks and views: which conversions followed a click, which a mere view, which neither?"""

from datetime import datetime, time, timedelta

import ibis
import pandas as pd
from ibis import _

from shared.analysis.attribution_paths import DAY_SECONDS, Journeys
from shared.analysis.customer_summary import exact_sum
from shared.analysis.intervals import wilson
from shared.analysis.journey_clusters import clustered_shares, withheld
from shared.analysis.journey_timeline import stacked
from shared.analysis.trimmed import trimmed
from shared.loading.errors import NotSupportedByData
from shared.loading.schema import require_columns

CLICK, VIEW, NEITHER = "after a click", "after a view only", "neither"
CLICK_KINDS = ("click", "visit", "clicked", "open", "opened")
VIEW_KINDS = ("impression", "view", "viewed", "seen", "delivered", "sent")


def post_click_view(
    journeys: Journeys, touchpoints: ibis.Table, *, window_days: int
) -> pd.DataFrame:
    """Keep conversions after a click, after a mere view, and after neither apart.

    A conversion is post-click if the customer clicked (or visited) within `window_days` before
    it, else post-view if an ad was shown to the customer in that time, else neither.

    Parameters
    ----------
    journeys : Journeys
        From `journeys_of`: whose conversions are used, from the first contact on.
    touchpoints : ibis.Table
        `customer_id`, `touched_at`, `kind`.
    window_days : int
        How long before a conversion a contact counts.

    Returns
    -------
    pd.DataFrame
        Three rows: `group` ("after a click", "after a view only", "neither"), `conversions`,
        `share` with `low`, `high` (Wilson), `value` (blank where conversions have no value),
        `value_share`, `mean_value`. Conversions and value sum to all of them.

    Raises
    ------
    NotSupportedByData
        If no contact says whether it was a click or a view, or there is no conversion.
    """
    sides = _sides(touchpoints)
    nearest = _last_before(journeys, sides)
    window = window_days * DAY_SECONDS
    clicked = (_.since_click <= window).fill_null(False)
    viewed = (_.since_view <= window).fill_null(False)
    groups = nearest.mutate(
        group=ibis.cases((clicked, CLICK), (viewed, VIEW), else_=NEITHER)
    ).group_by("group").aggregate(
        conversions=_.conversions.sum(), value=exact_sum(_.conversion_value),
        valued=_.conversion_value.count(),
    )  # fmt: skip
    counts = groups.to_pandas().set_index("group").reindex([CLICK, VIEW, NEITHER])
    table = counts[["conversions"]].fillna(0).astype("int64").reset_index()
    total = int(table["conversions"].sum())
    if not total:
        raise NotSupportedByData(
            "there is no sale since the first contact", "conversions or orders"
        )
    shares = [wilson(n, total) for n in table["conversions"]]
    table = table.assign(
        share=[s.value for s in shares], low=[s.low for s in shares], high=[s.high for s in shares]
    )
    return _valued(table, counts["value"].to_numpy(), has_value=journeys.has_value)


def followed_by_conversion(
    journeys: Journeys, touchpoints: ibis.Table, *, window_days: int
) -> pd.DataFrame:
    """Give the share of clicks, and of views, that a conversion follows within `window_days`.

    Contacts whose window was not over on the snapshot date are left out.

    Returns
    -------
    pd.DataFrame
        As from `clustered_shares`, one row per `side` ("click", "view"): `n` contacts, `share`
        that were followed, and `difference` to the other side. Figures of fewer than 10
        contacts or customers are blank.
    """
    first_open = datetime.combine(journeys.snapshot_date, time()) - timedelta(days=window_days)
    sides = _sides(touchpoints).filter(_.touched_at < first_open)
    window = ibis.window(group_by="customer_id", order_by=[_.at, _.is_sale], rows=(0, None))
    contacts = sides.select(
        "customer_id", "side", at=_.touched_at, is_sale=ibis.literal(0, "int64")
    )
    sales = journeys.conversions.select(
        "customer_id", at=_.converted_at, sold_at=_.converted_at, is_sale=ibis.literal(1, "int64")
    )
    ahead = stacked([contacts, sales]).mutate(next_at=_.sold_at.min().over(window))
    waited = _.next_at.epoch_seconds() - _.at.epoch_seconds()
    told = ahead.filter(_.is_sale == 0).mutate(
        followed=(waited <= window_days * DAY_SECONDS).fill_null(False).ifelse(1, 0)
    )
    table = clustered_shares(told, by=["side"], success="followed")
    if table.empty:
        raise NotSupportedByData(
            f"no click or view lies {window_days} days before the snapshot date", "older contacts"
        )
    figures = ["successes", "share", "low", "high", "difference", "difference_low",
               "difference_high"]  # fmt: skip
    return withheld(table, figures)


def unknown_kinds(touchpoints: ibis.Table) -> int:
    """Count the contacts of which nobody says whether they were clicks or views."""
    if "kind" not in touchpoints.columns:
        return int(touchpoints.count().execute())
    known = _kind(touchpoints).isin([*CLICK_KINDS, *VIEW_KINDS]).fill_null(False)
    return int(touchpoints.filter(~known).count().execute())


def _kind(touchpoints: ibis.Table) -> ibis.Column:
    return trimmed(touchpoints.kind).lower()


def _sides(touchpoints: ibis.Table) -> ibis.Table:
    """Keep the contacts that are clicks or views, and say which."""
    require_columns(touchpoints, ["kind"], analysis="Clicks against views")
    kind = _kind(touchpoints)
    side = ibis.cases((kind.isin(CLICK_KINDS), "click"), (kind.isin(VIEW_KINDS), "view"))
    told = touchpoints.mutate(side=side).filter(_.side.notnull() & _.customer_id.notnull())
    # With clicks alone, every other conversion would wrongly read as "neither".
    seen = set(told.side.as_table().distinct().to_pandas().iloc[:, 0])
    if seen != {"click", "view"}:
        lacking = "clicks" if seen == {"view"} else "views"
        raise NotSupportedByData(
            f"no contact is one of {lacking}", "kind of contacts: impression, click or visit"
        )
    return told.select("customer_id", "touched_at", "side")


def _last_before(journeys: Journeys, sides: ibis.Table) -> ibis.Table:
    """Add to each conversion the seconds since the customer's last click and last view."""
    contacts = sides.select(
        "customer_id", at=_.touched_at, is_sale=ibis.literal(0, "int64"),
        clicked_at=(_.side == "click").ifelse(_.touched_at, ibis.null("timestamp")),
        viewed_at=(_.side == "view").ifelse(_.touched_at, ibis.null("timestamp")),
    )  # fmt: skip
    sales = journeys.conversions.select(
        "customer_id", at=_.converted_at, is_sale=ibis.literal(1, "int64"),
        conversions=_.conversions.cast("int64"),
        conversion_value=_.conversion_value.cast("float64"),
    )  # fmt: skip
    # A sale sorts behind a contact of the same instant: what is dated alike came before it.
    so_far = ibis.cumulative_window(group_by="customer_id", order_by=["at", "is_sale"])
    together = stacked([contacts, sales]).mutate(
        clicked_at=_.clicked_at.max().over(so_far), viewed_at=_.viewed_at.max().over(so_far)
    )
    return together.filter(_.is_sale == 1).mutate(
        since_click=_["at"].epoch_seconds() - _.clicked_at.epoch_seconds(),
        since_view=_["at"].epoch_seconds() - _.viewed_at.epoch_seconds(),
    )


def _valued(table: pd.DataFrame, values: object, *, has_value: bool) -> pd.DataFrame:
    if not has_value:
        return table.assign(value=float("nan"), value_share=float("nan"), mean_value=float("nan"))
    value = pd.Series(values).fillna(0.0)
    total = float(value.sum())
    return table.assign(
        value=value,
        value_share=value / total if total else float("nan"),
        mean_value=(value / table["conversions"].where(table["conversions"] > 0)),
    )
