"""The attribution study: everything one page tells about channels, computed once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import ibis
import pandas as pd

from shared.analysis.attribution import (
    Paths,
    channels_per_journey,
    require_journeys,
    shuffled_outcomes,
)
from shared.analysis.attribution_assists import assists, feeds
from shared.analysis.attribution_chain import transitions
from shared.analysis.attribution_counting import paths_from_table, paths_of
from shared.analysis.attribution_intervals import (
    Resampled,
    against_last_touch,
    credit_table,
    model_intervals,
    presence,
    removal_table,
    resampled,
)
from shared.analysis.attribution_memory import Memory, memory_of
from shared.analysis.attribution_paths import Direct, Journeys, Repeats, journeys_of
from shared.analysis.attribution_return import channel_costs, channel_returns, saturation
from shared.analysis.multiple_testing import Finding
from shared.analysis.study_parts import Frame, part
from shared.loading.errors import NotSupportedByData

LONGEST = 4  # contacts that a memory is tried with
NO_NULLS = NotSupportedByData(
    "journeys that did not convert are not recorded, so every journey of the model converts "
    "whatever is switched off later on it",
    "paths with nulls, or the contacts of customers who did not buy",
)
NO_TIMES = NotSupportedByData(
    "paths were counted without customers, times and costs", "the table touchpoints"
)


@dataclass(frozen=True)
class AttributionStudy:
    """All results of one page; what the data cannot answer holds the reason instead.

    Attributes
    ----------
    journeys : Journeys or NotSupportedByData
        Customers' journeys in the engine; none where only counted paths were supplied.
    paths : Paths
        The distinct paths.
    memory : Memory
        As from `memory_of`.
    drawn : Resampled
        Credit in redrawn sets of journeys.
    credit, models, moved, presence, assists, transitions : pd.DataFrame
        As from `credit_table`, `model_intervals`, `against_last_touch`, `presence`, `assists` and
        `transitions` (of the memory used).
    moves : pd.DataFrame
        As from `transitions` of memory 1, which the map shows.
    removal, feeds, returns, saturation : pd.DataFrame or NotSupportedByData
        As from `removal_table`, `feeds`, `channel_returns` and `saturation`.
    lookback_days : int
    repeats, direct : str
        As given.
    is_placebo : bool
        Whether the outcomes were dealt anew to the journeys.
    """

    journeys: Journeys | NotSupportedByData
    paths: Paths
    memory: Memory
    drawn: Resampled
    credit: pd.DataFrame
    models: pd.DataFrame
    moved: pd.DataFrame
    presence: pd.DataFrame
    assists: pd.DataFrame
    transitions: pd.DataFrame
    moves: pd.DataFrame
    removal: Frame
    feeds: Frame
    returns: Frame
    saturation: Frame
    lookback_days: int
    repeats: Repeats
    direct: Direct
    is_placebo: bool

    @property
    def has_choice(self) -> bool:
        """Whether any journey met more than one channel; else there is nothing to share out."""
        return channels_per_journey(self.paths) > 0

    @property
    def has_structure(self) -> bool:
        """Whether journeys through some channel convert more or less often than others, at 1 %."""
        found = self.presence["finding"] == Finding.DIFFERS.value
        return self.paths.has_nulls and bool(found.any())


def study_attribution(
    tables: Mapping[str, ibis.Table],
    *,
    snapshot_date: date,
    memory: int = 0,
    lookback_days: int = 30,
    repeats: Repeats = "keep",
    direct: Direct = "channel",
    half_life_days: float = 7.0,
    placebo: bool = False,
) -> AttributionStudy:
    """Compute everything that the page says about channels.

    Parameters
    ----------
    tables : mapping of str to ibis.Table
        `touchpoints` with `conversions` or `orders`; or `paths`.
    snapshot_date, lookback_days
        As for `journeys_of`.
    memory : int
        Contacts that the chain remembers; 0 takes what describes unseen journeys best.
    repeats, direct, half_life_days
        As for `paths_of`.
    placebo : bool
        Whether to deal the outcomes anew to the journeys: nothing may then be found.

    Raises
    ------
    NotSupportedByData
        Below the gate of `require_journeys`, or without contacts.
    """
    journeys: Journeys | NotSupportedByData = NO_TIMES
    if "touchpoints" in tables:
        journeys = journeys_of(tables["touchpoints"], _sales(tables), snapshot_date=snapshot_date,
                               lookback_days=lookback_days)  # fmt: skip
        paths = paths_of(journeys, repeats=repeats, direct=direct, half_life_days=half_life_days)
    elif "paths" in tables:
        paths = paths_from_table(tables["paths"], repeats=repeats)
    else:
        raise NotSupportedByData("there are no contacts", "the table touchpoints, or paths")
    paths = shuffled_outcomes(paths) if placebo else paths
    require_journeys(paths)
    remembered = memory_of(paths, memory=memory, longest=LONGEST)
    drawn = resampled(paths, memory=remembered.used)
    credited = credit_table(paths, drawn, memory=remembered.used)
    returns = part(channel_returns, part(channel_costs, journeys), credited)
    return AttributionStudy(
        journeys=journeys,
        paths=paths,
        memory=remembered,
        drawn=drawn,
        credit=credited,
        models=model_intervals(paths, drawn, credited),
        moved=against_last_touch(paths, drawn, credited),
        presence=presence(paths),
        assists=assists(paths),
        transitions=transitions(paths, memory=remembered.used),
        moves=transitions(paths),
        removal=removal_table(paths, drawn, memory=remembered.used) if paths.has_nulls
        else NO_NULLS,
        feeds=part(feeds, paths),
        returns=returns,
        saturation=part(saturation, journeys),
        lookback_days=lookback_days,
        repeats=repeats,
        direct=direct,
        is_placebo=placebo,
    )  # fmt: skip


def _sales(tables: Mapping[str, ibis.Table]) -> ibis.Table:
    """Give the conversions; where none were supplied, every order is one."""
    for name in ("conversions", "orders"):
        if name in tables:
            return tables[name]
    raise NotSupportedByData("there is neither a conversion nor an order", "conversions or orders")
