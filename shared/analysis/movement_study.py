"""The history of the segments as a page tells it: moves, drift, then and now, or why not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import ibis
import pandas as pd

from shared.analysis.abc_xyz import Cuts
from shared.analysis.profile_classes import CUTS
from shared.analysis.profile_page import ThenAndNow, then_and_now
from shared.analysis.rfm_scores import Scoring
from shared.analysis.same_season import SameSeason, same_season
from shared.analysis.segment_history import History, history_table, segment_history
from shared.analysis.segment_movement import Drift, base_drift, drift_steps
from shared.analysis.segment_transitions import SteadyState, steady_state, transitions
from shared.analysis.study_parts import Frame, frames, part
from shared.loading.errors import NotSupportedByData


@dataclass(frozen=True)
class MovementStudy:
    """What a page says about the past of the segments; a part may hold the reason why not.

    Attributes
    ----------
    past : History
        Every customer's place at each period end.
    table, moves, steps : pd.DataFrame
        As from `history_table`, `transitions` and `drift_steps`.
    drift : Drift
        Where the base drifts.
    steady : SteadyState
        Where the flows would lead.
    both : ThenAndNow
        The customer profiles of the first and of the last period end shown.
    year : SameSeason
        Orders of the last period against those of the same period a year earlier.
    """

    past: History | NotSupportedByData
    table: Frame
    moves: Frame
    steps: Frame
    drift: Drift | NotSupportedByData
    steady: SteadyState | NotSupportedByData
    both: ThenAndNow | NotSupportedByData
    year: SameSeason | NotSupportedByData

    def tables(self) -> dict[str, pd.DataFrame]:
        """Give every table by the name of its file; what was not computed is missing."""
        steady = self.steady.table if isinstance(self.steady, SteadyState) else self.steady
        both = self.both.profiles if isinstance(self.both, ThenAndNow) else self.both
        return frames(
            history=self.table,
            transitions=self.moves,
            drift=self.steps,
            steady_state=steady,
            profile_history=both,
        )


def study_movement(
    order_lines: ibis.Table | NotSupportedByData,
    tables: Mapping[str, ibis.Table],
    *,
    snapshot_date: date,
    period: str,
    periods: int,
    scoring: Scoring,
    cuts: Cuts = CUTS,
) -> MovementStudy:
    """Follow the customers from period end to period end, as far as the data carry it.

    Parameters
    ----------
    order_lines : ibis.Table or NotSupportedByData
        Lines of known customers, or why there are none.
    tables : mapping of str to ibis.Table
        What else the profiles of then and now can use.
    snapshot_date, period, periods, scoring, cuts
        As for `segment_history`.
    """
    past = part(
        segment_history, order_lines, snapshot_date=snapshot_date, period=period, periods=periods,
        scoring=scoring, cuts=cuts,
    )  # fmt: skip
    moves = part(transitions, past)
    both = part(_both, past, order_lines, tables, scoring=scoring, cuts=cuts)
    return MovementStudy(
        past,
        part(history_table, past),
        moves,
        part(drift_steps, past),
        part(base_drift, past),
        part(steady_state, past, moves),
        both,
        part(_year, past, order_lines),
    )


def _year(past: History, order_lines: ibis.Table) -> SameSeason:
    return same_season(order_lines, past)


def _both(
    past: History,
    order_lines: ibis.Table,
    tables: Mapping[str, ibis.Table],
    *,
    scoring: Scoring,
    cuts: Cuts,
) -> ThenAndNow:
    return then_and_now(
        order_lines, tables, ends=past.ends, period=past.period, scoring=scoring, cuts=cuts
    )
