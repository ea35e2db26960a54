"""The journey study: everything the page tells about contacts, visits and stages, computed once."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import ibis
import pandas as pd
from ibis import _

from shared.analysis.attribution_paths import Journeys, journeys_of
from shared.analysis.journey_arrivals import arrivals
from shared.analysis.journey_contacts import followed_by_conversion, post_click_view, unknown_kinds
from shared.analysis.journey_gains import later_orders, stage_gains
from shared.analysis.journey_pain import pain_points
from shared.analysis.journey_placebo import (
    SEED,
    shuffled_funnel,
    shuffled_journeys,
    shuffled_sides,
    shuffled_tables,
)
from shared.analysis.journey_reach import conversion_by_contacts, reach_table, read_plan
from shared.analysis.journey_satisfaction import (
    lowest_quarter,
    stage_complaints,
    stage_satisfaction,
)
from shared.analysis.journey_segments import NEW_OR_RETURNING, Segments, step_matrix, two_segments
from shared.analysis.journey_stages import (
    Funnel,
    Reached,
    funnel_of,
    stage_table,
    with_sales,
)
from shared.analysis.journey_visits import visits_of
from shared.analysis.study_parts import Frame, known, or_none, part
from shared.loading.errors import NotSupportedByData

Unit = Literal["journey", "visit"]
LEAST_JOURNEYS = 50  # below it nothing is said of journeys


@dataclass(frozen=True)
class JourneyStudy:
    """All results of the journey half; what the data cannot answer holds the reason instead.

    Attributes
    ----------
    contacts : Journeys
        The marketing contacts as journeys; with `unit` "visit", the visits as contacts.
    unit : str
        What passes through the stages: "journey" (a run of contacts) or "visit" (to the site).
    clicks, followed : pd.DataFrame or NotSupportedByData
        As from `post_click_view` and `followed_by_conversion`.
    unknown_kinds, touches : int
        Contacts that are neither click nor view; all contacts.
    reach, by_contacts, arrivals : pd.DataFrame or NotSupportedByData
        As from `reach_table`, `conversion_by_contacts` and `arrivals`.
    funnel : Funnel or NotSupportedByData
    stages, satisfaction, complaints, pain, gains, later : pd.DataFrame or NotSupportedByData
        As from the functions of these names.
    steps : pd.DataFrame or NotSupportedByData
        As from `step_matrix`, by stage.
    segments : Segments or NotSupportedByData
    window_days, later_days
        As given.
    low_satisfaction : float
        Answers at this figure or below are low: the lowest quarter of the scale that was used.
        NaN without answers.
    is_placebo : bool
        Whether outcomes, answers, arrivals and channels were dealt anew.
    """

    contacts: Journeys | NotSupportedByData
    unit: Unit
    clicks: Frame
    followed: Frame
    unknown_kinds: int
    touches: int
    reach: Frame
    by_contacts: Frame
    arrivals: Frame
    funnel: Funnel | NotSupportedByData
    stages: Frame
    satisfaction: Frame
    complaints: Frame
    pain: Frame
    gains: Frame
    later: Frame
    steps: Frame
    segments: Segments | NotSupportedByData
    window_days: int
    later_days: int
    low_satisfaction: float
    is_placebo: bool

    @property
    def noun(self) -> str:
        """What passes through the stages, in the plural."""
        return f"{self.unit}s"

    @property
    def contact_noun(self) -> str:
        """What reach and frequency count, in the plural."""
        return "visits" if self.unit == "visit" else "contacts"

    @property
    def source_table(self) -> str:
        """The table that frequency and stages rest on, for the line below a chart."""
        return "web_sessions" if self.unit == "visit" else "touchpoints"


def journey_study(
    journeys: Journeys | NotSupportedByData,
    *,
    tables: Mapping[str, ibis.Table],
    unit: Unit = "journey",
    stages: str = "",
    stage_reached: Reached = "deeper",
    window_days: int = 30,
    compare_by: str = NEW_OR_RETURNING,
    plan: str = "",
    later_days: int = 90,
    placebo: bool = False,
) -> JourneyStudy:
    """Compute everything that the journey half of the page says; no part costs another.

    Parameters
    ----------
    journeys : Journeys
        From `journeys_of` on `touchpoints`; or the reason why there are none, which every part
        then holds.
    tables : mapping of str to ibis.Table
        The client's tables: `touchpoints`; `web_sessions`, `reviews`, `customers` if supplied.
    unit : str
        "journey", or "visit": contacts are then sorted into the visits of `web_sessions`.
    stages : str
        As for `funnel_of`.
    stage_reached : str
        As `reached` for `funnel_of`.
    window_days : int
        How long before a conversion a click or view counts, after a visit a conversion, and
        after a journey a review.
    compare_by : str
        As for `two_segments`.
    plan : str
        As for `read_plan`.
    later_days : int
        As for `later_orders`.
    placebo : bool
        Whether to deal outcomes, answers, arrivals and channels anew: nothing may be found then.
    """
    # Each part of the page has its own thing that may be found, so each has its own draw.
    tables = shuffled_tables(tables) if placebo else tables
    touchpoints = part(_table, journeys, "touchpoints", tables=tables)
    sessions = part(_table, journeys, "web_sessions", tables=tables)
    contacts: Journeys | NotSupportedByData = journeys
    sides = part(_sides, journeys)
    if unit == "visit":
        sides = part(visits_of, sessions, touchpoints, journeys)
        contacts = part(_visits_as_contacts, sessions, journeys)
    if placebo:
        contacts, sides = part(shuffled_journeys, contacts), part(shuffled_sides, sides)
    exposed = part(_as_contacts, sessions) if unit == "visit" else touchpoints
    funnel = part(_funnel, sides, stages=stages, reached=stage_reached)
    funnel = part(shuffled_funnel, funnel) if placebo else funnel
    at_stages = part(stage_table, funnel)
    window = {"window_days": window_days}
    reviews = part(_table, journeys, "reviews", tables=tables)
    low_answer = or_none(part(lowest_quarter, touchpoints, column="satisfaction"))
    low = {"low_satisfaction": math.nan if low_answer is None else low_answer}
    return JourneyStudy(
        contacts=contacts,
        unit=unit,
        clicks=part(post_click_view, journeys, touchpoints, **window),
        followed=part(followed_by_conversion, journeys, touchpoints, **window),
        unknown_kinds=or_none(part(unknown_kinds, touchpoints)) or 0,
        touches=0 if isinstance(journeys, NotSupportedByData) else journeys.counts["touches"],
        reach=part(_reached, exposed, plan=plan),
        by_contacts=part(conversion_by_contacts, contacts),
        arrivals=part(arrivals, sessions, journeys, **window),
        funnel=funnel,
        stages=at_stages,
        satisfaction=part(stage_satisfaction, funnel),
        complaints=part(
            stage_complaints, funnel, reviews, part(lowest_quarter, reviews, column="rating"),
            **window,
        ),
        pain=part(pain_points, funnel, **low),
        gains=part(stage_gains, funnel, at_stages),
        later=part(later_orders, funnel, journeys, later_days=later_days, **low),
        steps=part(_steps, funnel, sides),
        segments=part(
            two_segments, funnel, part(all_conversions, tables), tables=tables,
            compare_by=compare_by, seed=SEED if placebo else None,
        ),
        window_days=window_days,
        later_days=later_days,
        **low,
        is_placebo=placebo,
    )  # fmt: skip


def all_conversions(tables: Mapping[str, ibis.Table]) -> ibis.Table:
    """Give the conversions of known customers, else their orders: customer and time.

    Raises
    ------
    NotSupportedByData
        If the client supplied neither.
    """
    if "conversions" in tables:
        table, clock = tables["conversions"], "converted_at"
    elif "orders" in tables:
        table, clock = tables["orders"], "order_date"
    else:
        raise NotSupportedByData("there are no conversions", "conversions, or orders")
    return table.filter(_.customer_id.notnull()).select("customer_id", converted_at=table[clock])


def _table(_journeys: Journeys, name: str, *, tables: Mapping[str, ibis.Table]) -> ibis.Table:
    if name not in tables:
        raise NotSupportedByData(f"the client supplied no {name}", f"the table {name}")
    return tables[name]


def _sides(journeys: Journeys) -> tuple[ibis.Table, ibis.Table]:
    return journeys.touches, journeys.journeys


def _funnel(sides: tuple[ibis.Table, ibis.Table], *, stages: str, reached: Reached) -> Funnel:
    funnel = funnel_of(*sides, stages=stages, reached=reached)
    n = int(funnel.journeys.count().execute())
    if n < LEAST_JOURNEYS:
        raise NotSupportedByData(
            f"{n} journeys whose outcome is known", f"at least {LEAST_JOURNEYS}"
        )
    return funnel


def _as_contacts(sessions: ibis.Table) -> ibis.Table:
    contacts = sessions.rename(touched_at="started_at")
    return contacts if "channel" in contacts.columns else contacts.mutate(
        channel=ibis.literal("visit")
    )  # fmt: skip


def _visits_as_contacts(sessions: ibis.Table, journeys: Journeys) -> Journeys:
    """Make journeys of visits: runs of visits up to a conversion."""
    sales = journeys.conversions
    made = journeys_of(
        _as_contacts(sessions), sales.select("customer_id", "converted_at", "conversion_value"),
        snapshot_date=journeys.snapshot_date, lookback_days=journeys.lookback_days,
    )  # fmt: skip
    return replace(made, has_value=journeys.has_value)


def _reached(exposed: ibis.Table, *, plan: str) -> pd.DataFrame:
    return reach_table(exposed, plan=read_plan(plan))


def _steps(funnel: Funnel, sides: tuple[ibis.Table, ibis.Table]) -> pd.DataFrame:
    return step_matrix(funnel.touches, sides[1], column="stage")


def stages_of(study: JourneyStudy) -> pd.DataFrame:
    """Give the stage table joined with satisfaction and complaints; blank where not known.

    A last row, "conversion", counts the journeys that converted after the last stage.
    """
    table = with_sales(known(study.stages))
    if isinstance(study.satisfaction, pd.DataFrame):
        answers = study.satisfaction.rename(columns={
            "n": "answers", "mean": "satisfaction", "low": "satisfaction_low",
            "high": "satisfaction_high", "finding": "satisfaction_finding",
        })  # fmt: skip
        names = ["answers", "satisfaction", "satisfaction_low", "satisfaction_high",
                 "satisfaction_finding"]  # fmt: skip
        table = table.merge(answers[["stage", *names]], on="stage", how="left")
    if isinstance(study.complaints, pd.DataFrame):
        told = study.complaints.rename(columns={
            "n": "reviews", "share": "complaint_share", "low": "complaint_low",
            "high": "complaint_high",
        })  # fmt: skip
        names = ["reviews", "complaint_share", "complaint_low", "complaint_high"]
        table = table.merge(told[["stage", *names]], on="stage", how="left")
    return table
