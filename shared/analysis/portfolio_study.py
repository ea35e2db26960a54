"""The portfolio study: everything one page tells about the customer base, computed once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import pandas as pd

from shared.analysis.abc_xyz import Cuts
from shared.analysis.activity import activity_table
from shared.analysis.behaviour_types import BehaviourTypes, behaviour_types
from shared.analysis.campaign_response import CampaignResponse, campaign_response
from shared.analysis.class_study import ClassStudy, study_classes
from shared.analysis.customer_level import (
    client_due_dates,
    client_money_noun,
    client_portfolio,
    customer_lines,
)
from shared.analysis.customer_profile import Profile, profile_summary
from shared.analysis.emerging import what_separates
from shared.analysis.history_answers import unproven
from shared.analysis.lifecycle_study import LifecycleStudy, study_lifecycle
from shared.analysis.movement_study import MovementStudy, study_movement
from shared.analysis.named_groups import group_flags, group_table
from shared.analysis.portfolio import Portfolio, portfolio_verdict, segment_table
from shared.analysis.portfolio_answers import discount, stayed
from shared.analysis.profile_page import client_profile, segment_medians
from shared.analysis.rfm_grid import rfm_grid
from shared.analysis.rfm_scores import Scoring
from shared.analysis.segment_boundary import Boundary, segment_boundary
from shared.analysis.segment_holdout import Holdout, last_periods
from shared.analysis.segment_rules import (
    Discovered,
    discover_segments,
    discovered_against_imposed,
)
from shared.analysis.study_parts import Frame, or_none, part
from shared.analysis.verdicts import Reason, Verdict, judge
from shared.analysis.win_back import due_by_segment, due_calendar
from shared.loading.errors import NotSupportedByData


@dataclass(frozen=True)
class PortfolioStudy:
    """All results of one page; what the data cannot answer holds the reason instead.

    Attributes
    ----------
    what : str
        What the money is: "revenue" or "items bought".
    period, x_axis, discount_share
        As given to `study_portfolio`.
    verdict : Verdict
        How far the page can be trusted.
    activity : pd.DataFrame
        As from `activity_table`; not supported where recency and frequency count orders.
    base : Portfolio
        The placed customers.
    listed : ibis.Table or None
        The client's list of customers.
    segments, flags, groups, grid, due, calendar, states, separates : pd.DataFrame
        As from `segment_table`, `group_flags`, `group_table`, `rfm_grid`, `due_dates`,
        `due_calendar`, `due_by_segment` and `what_separates`.
    discount, stayed : Reason
        What a discount to the Champions would cost, and whether they stay Champions.
    response, found, types, proof, edge
        As from `campaign_response`, `discover_segments`, `behaviour_types`, `last_periods` and
        `segment_boundary`.
    classes, life, movement
        A, B, C and X, Y, Z; the lifecycle; the past of the segments.
    profile, summary
        As from `client_profile` and `profile_summary`.
    medians, against : pd.DataFrame
        As from `segment_medians` and `discovered_against_imposed`.
    """

    what: str
    period: str
    x_axis: str
    discount_share: float
    verdict: Verdict
    activity: Frame
    base: Portfolio | NotSupportedByData
    listed: ibis.Table | None
    segments: Frame
    flags: Frame
    groups: Frame
    grid: Frame
    due: Frame
    calendar: Frame
    states: Frame
    discount: Reason | NotSupportedByData
    stayed: Reason | NotSupportedByData
    separates: Frame
    response: CampaignResponse | NotSupportedByData
    found: Discovered | NotSupportedByData
    types: BehaviourTypes | NotSupportedByData
    proof: Holdout | NotSupportedByData
    edge: Boundary | NotSupportedByData
    classes: ClassStudy
    life: LifecycleStudy
    movement: MovementStudy
    profile: Profile | NotSupportedByData
    summary: Frame
    medians: Frame
    against: Frame

    @property
    def customers(self) -> int | None:
        """Customers with an order; None where the data name no customer."""
        return len(self.base.customers) if isinstance(self.base, Portfolio) else None


def study_portfolio(
    tables: Mapping[str, ibis.Table],
    *,
    snapshot_date: date,
    scoring: Scoring,
    period: str = "M",
    x_axis: str = "frequency",
    history_periods: int = 6,
    due_within_days: int = 28,
    abc_cuts: Sequence[float] = (0.80, 0.95),
    xyz_cuts: Sequence[float] = (0.50, 1.00),
    stage_days: tuple[int, int] = (0, 0),
    discount_share: float = 0.10,
) -> PortfolioStudy:
    """Compute everything that the page on the portfolio says.

    Parameters
    ----------
    tables : mapping of str to ibis.Table
        The client's tables: `order_lines`, or `customer_rfm`; what else there is, is used.
    snapshot_date : datetime.date
        The first day that is not in the data.
    scoring : Scoring
        How customers are scored and named.
    period : str
        "M", "Q" or "W".
    x_axis : str
        As for `rfm_grid`.
    history_periods : int
        How far back segments are followed.
    due_within_days : int
        Messages that fall due so soon stand in the calendar.
    abc_cuts, xyz_cuts : sequence of float
        Two marks each, as in `Cuts`.
    stage_days : (int, int)
        Silence that means falling asleep, and asleep; 0 learns it from the data.
    discount_share : float
        The blanket discount that service would replace.

    Raises
    ------
    NotSupportedByData
        If fewer than 50 customers have an order, or neither a customer nor a product is known.
    """
    what = client_money_noun(tables)
    as_of: dict[str, Any] = {"snapshot_date": snapshot_date}
    rules: dict[str, Any] = as_of | {"scoring": scoring}
    base = part(client_portfolio, tables, **rules)
    cuts = Cuts(*abc_cuts, *xyz_cuts)
    classes = study_classes(tables, base, **as_of, period=period, cuts=cuts)
    lines = part(customer_lines, tables)
    proof = part(last_periods, lines, snapshot_date, period=period, scoring=scoring)
    verdict = _verdict(base, classes, proof, has_money=what == "revenue")
    life = _life(lines, **as_of, period=period, days=stage_days)
    profile = part(client_profile, lines, tables, base, life, period=period, cuts=cuts)
    flags, due = part(group_flags, base, period=period), part(client_due_dates, tables, base)
    # Without order days a customer has no rhythm: the reason is told instead of blank dates.
    dated = lines if isinstance(lines, NotSupportedByData) else due
    found = part(_discovered, base)
    return PortfolioStudy(
        what=what,
        period=period,
        x_axis=x_axis,
        discount_share=discount_share,
        verdict=verdict,
        activity=part(_activity, lines, tables, **rules),
        base=base,
        listed=tables.get("customers"),
        segments=part(segment_table, base),
        flags=flags,
        groups=part(group_table, base, flags, what=what),
        grid=part(rfm_grid, base, x_axis=x_axis),
        due=due,
        calendar=part(due_calendar, dated, **as_of, within_days=due_within_days),
        states=part(due_by_segment, dated, within_days=due_within_days),
        discount=part(_discount, base, lines, tables, discount_share=discount_share),
        stayed=part(stayed, base, lines, period=period, history_periods=history_periods),
        separates=part(what_separates, base, or_none(lines)),
        response=part(campaign_response, part(_campaign, tables), lines, **rules),
        found=found,
        types=part(_types, profile),
        proof=proof,
        edge=part(segment_boundary, lines, **rules),
        classes=classes,
        life=life,
        movement=study_movement(
            lines, tables, **rules, period=period, periods=history_periods, cuts=cuts
        ),
        profile=profile,
        summary=part(profile_summary, profile),
        medians=part(_medians, profile, base),
        against=part(_against, base, found),
    )


def _verdict(
    base: Portfolio | NotSupportedByData,
    classes: ClassStudy,
    proof: Holdout | NotSupportedByData,
    *,
    has_money: bool,
) -> Verdict:
    """Judge the base; without one, products alone carry a page that says so."""
    if isinstance(base, Portfolio):
        doubts = unproven(proof) if isinstance(proof, Holdout) else []
        return portfolio_verdict(base, has_money=has_money, unproven=doubts)
    if isinstance(classes.products, NotSupportedByData):
        raise base
    return judge([Reason("Only products are classed here: {why}.", {"why": base.reason})])


def _life(
    lines: ibis.Table | NotSupportedByData,
    *,
    snapshot_date: date,
    period: str,
    days: tuple[int, int],
) -> LifecycleStudy:
    if isinstance(lines, NotSupportedByData):
        return LifecycleStudy(lines, lines)
    g1, g2 = days
    return study_lifecycle(
        lines, snapshot_date=snapshot_date, period=period, g1_days=g1, g2_days=g2
    )


def _discount(
    base: Portfolio,
    order_lines: ibis.Table,
    tables: Mapping[str, ibis.Table],
    *,
    discount_share: float,
) -> Reason:
    known = {**tables, "order_lines": order_lines}
    return discount(base, known, discount_share=discount_share)


def _activity(
    order_lines: ibis.Table,
    tables: Mapping[str, ibis.Table],
    *,
    snapshot_date: date,
    scoring: Scoring,
) -> pd.DataFrame:
    if scoring.contacts is None:
        raise NotSupportedByData("recency and frequency count orders", "the parameter activity")
    return activity_table(order_lines, tables, snapshot_date=snapshot_date)


def _campaign(tables: Mapping[str, ibis.Table]) -> ibis.Table:
    if "campaign" not in tables:
        raise NotSupportedByData("the client supplied no campaign", "the table campaign")
    return tables["campaign"]


def _discovered(base: Portfolio) -> Discovered:
    return discover_segments(base.customers)


def _types(profile: Profile) -> BehaviourTypes:
    return behaviour_types(profile.customers)


def _medians(profile: Profile, base: Portfolio) -> pd.DataFrame:
    return segment_medians(profile.customers, segments=base.segments)


def _against(base: Portfolio, found: Discovered) -> pd.DataFrame:
    return discovered_against_imposed(base.customers, found)
