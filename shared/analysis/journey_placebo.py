"""The placebo: the same journeys, but outcomes, answers, arrivals and channels left to chance."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from zlib import crc32

import ibis
import numpy as np
from ibis import _

from shared.analysis.attribution_paths import OPEN, Journeys
from shared.analysis.journey_stages import KEY, Funnel

SEED = 0
OUTCOME = ("outcome", "converted_at", "conversions", "conversion_value")


def shuffled(
    table: ibis.Table, columns: Sequence[Sequence[str]], *, by: Sequence[str], seed: int = SEED
) -> ibis.Table:
    """Deal groups of columns anew among the rows, each group by a draw of its own.

    The rows are fetched to do it, so this is for looking at a method, not for the daily run.

    Parameters
    ----------
    table : ibis.Table
        Any table; columns that it lacks are passed over.
    columns : sequence of sequences of str
        Columns of one group stay together.
    by : sequence of str
        What the rows are sorted by before the draw, so that their order decides nothing.
    seed : int
        Of the draw.
    """
    rest = [name for name in table.columns if name not in by]
    frame = table.to_pandas().sort_values([*by, *rest], kind="stable", ignore_index=True)
    for group in columns:
        names = [name for name in group if name in table.columns]
        # A draw for each group: one draw for two of them would keep the two together.
        rng = np.random.default_rng([seed, crc32("/".join(group).encode())])
        drawn = rng.permutation(len(frame))
        for name in names:
            frame[name] = frame[name].take(drawn).to_numpy()
    return ibis.memtable(frame, schema=table.schema())


def shuffled_tables(tables: Mapping[str, ibis.Table]) -> dict[str, ibis.Table]:
    """Deal the kinds of contacts, the channels of visits and the ratings of reviews anew."""
    dealt = dict(tables)
    for name, column, by in (
        ("touchpoints", "kind", ("customer_id", "touched_at", "channel")),
        ("web_sessions", "channel", ("session_id",)),
        ("reviews", "rating", ("review_id",)),
    ):
        if name in tables and column in tables[name].columns:
            dealt[name] = shuffled(tables[name], [[column]], by=by)
    return dealt


def shuffled_journeys(journeys: Journeys) -> Journeys:
    """Deal the outcomes anew among the journeys that are over."""
    over = shuffled(journeys.journeys.filter(_.outcome != OPEN), [OUTCOME], by=KEY)
    return replace(journeys, journeys=over)


def shuffled_sides(sides: tuple[ibis.Table, ibis.Table]) -> tuple[ibis.Table, ibis.Table]:
    """Deal the answers anew among the contacts, and the outcomes among the journeys."""
    touches, journeys = sides
    if "satisfaction" in touches.columns:
        touches = shuffled(touches, [["satisfaction"]], by=(*KEY, "position"))
    return touches, shuffled(journeys.filter(_.outcome != OPEN), [OUTCOME], by=KEY)


def shuffled_funnel(funnel: Funnel) -> Funnel:
    """Give each journey one channel for all its stages, dealt anew among the journeys."""
    first = "channel_0"
    known = funnel.journeys.mutate(**{first: _[first].fill_null("(not recorded)")})
    dealt = shuffled(known, [[first]], by=KEY)
    everywhere = {f"channel_{k}": dealt[first] for k in range(len(funnel.stages))}
    return replace(funnel, journeys=dealt.mutate(**everywhere))
