"""The lifecycle as a page tells it: stages, flows and projection, or why there are none."""

from dataclasses import dataclass
from datetime import date

import ibis
import pandas as pd

from shared.analysis.intervals import Estimate, wilson
from shared.analysis.lifecycle_answers import ASLEEP, lifecycle_caveats
from shared.analysis.lifecycle_flows import (
    Lifecycle,
    flow_history,
    flow_matrix,
    follow_stages,
    stage_matrix,
)
from shared.analysis.lifecycle_projection import Projection, project_stages
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData


@dataclass(frozen=True)
class LifecycleStudy:
    """What a page says about the lifecycle; a part the data cannot carry holds the reason.

    Attributes
    ----------
    life : Lifecycle or NotSupportedByData
        Stages and flows.
    projection : Projection or NotSupportedByData
        The stages to come.
    """

    life: Lifecycle | NotSupportedByData
    projection: Projection | NotSupportedByData

    @property
    def followed(self) -> Lifecycle:
        """Stages and flows; raises `NotSupportedByData` where there are none."""
        if isinstance(self.life, NotSupportedByData):
            raise self.life
        return self.life

    @property
    def projected(self) -> Projection:
        """The stages to come; raises `NotSupportedByData` where they cannot be projected."""
        if isinstance(self.projection, NotSupportedByData):
            raise self.projection
        return self.projection

    def caveats(self) -> list[Reason]:
        """List the limits of the stages; none where there are no stages."""
        return lifecycle_caveats(self.life) if isinstance(self.life, Lifecycle) else []

    def tables(self) -> dict[str, pd.DataFrame]:
        """Give every table by the name of its file; what was not computed is missing."""
        tables: dict[str, pd.DataFrame] = {}
        if isinstance(self.life, Lifecycle):
            tables |= {
                "stages": self.life.stages,
                "stage_matrix": stage_matrix(self.life),
                "stage_flows": self.life.flows,
                "stage_flow_totals": flow_matrix(self.life.flows),
                "falling_asleep": flow_history(self.life.flows),
            }
        if isinstance(self.projection, Projection):
            tables["stage_projection"] = self.projection.table
            tables["stage_back_test"] = self.projection.back_test
        return tables

    def metrics(self) -> dict[str, float | Estimate]:
        """Give the plain numbers for tests, the index and the next run."""
        numbers: dict[str, float | Estimate] = {}
        if isinstance(self.life, Lifecycle):
            now, last = self.life.counts(), flow_history(self.life.flows).iloc[-1]
            total = int(now.sum())
            numbers |= {
                "falls_asleep_after_days": self.life.thresholds.g1_days,
                "asleep_after_days": self.life.thresholds.g2_days,
                "active_share": wilson(int(now["active"]), total),
                "asleep_share": wilson(int(now[list(ASLEEP)].sum()), total),
                "fell_asleep_share": wilson(int(last["customers"]), int(last["before"])),
            }
        if isinstance(self.projection, Projection):
            numbers |= {
                "projection_stages_inside": self.projection.inside,
                "projection_stages_tested": self.projection.tested,
            }
        return numbers


def study_lifecycle(
    order_lines: ibis.Table | None,
    *,
    snapshot_date: date,
    period: str = "M",
    periods: int = 12,
    g1_days: int = 0,
    g2_days: int = 0,
    ahead: int = 3,
) -> LifecycleStudy:
    """Follow the base through its stages and project them, as far as the data carry it.

    Parameters
    ----------
    order_lines : ibis.Table or None
        One row per product in an order, with `customer_id` and `order_date`; None where a client
        has no order lines, which is a reason like any other.
    snapshot_date : datetime.date
        The first day that is not in the data.
    period, periods : str, int
        As in `follow_stages`.
    g1_days, g2_days : int
        Own thresholds in days; 0 learns them from the data.
    ahead : int
        Periods to project.

    Raises
    ------
    ConfigError
        If the thresholds lie too close for the period.
    """
    if order_lines is None:
        refusal = NotSupportedByData(
            "the client supplied no order lines", "the orders of each customer with their dates"
        )
        return LifecycleStudy(refusal, refusal)
    try:
        life = follow_stages(
            order_lines,
            snapshot_date=snapshot_date,
            period=period,
            periods=periods,
            g1_days=g1_days or None,
            g2_days=g2_days or None,
        )
    except NotSupportedByData as refusal:
        return LifecycleStudy(refusal, refusal)
    try:
        return LifecycleStudy(life, project_stages(life, ahead=ahead))
    except NotSupportedByData as refusal:
        return LifecycleStudy(life, refusal)
