"""Comparisons of survival: by segment, channel, year or a column of the client's own."""

from dataclasses import replace
from datetime import date
from typing import Any

import ibis
import numpy as np
import pandas as pd

from shared.analysis.multiple_testing import false_discovery_q, reading
from shared.analysis.study_parts import known
from shared.analysis.survival_clock import Clock, Part, Settings
from shared.analysis.survival_groups import GroupComparison, compare_groups
from shared.analysis.survival_segments import channel_column, with_trait

# Customers of a group; in smaller ones the test calls chance a difference too often.
LEAST = 30
ENOUGH_EVENTS = 30  # losses of a group that make its curve steady
USUAL = ("acquisition_campaign", "country")  # compared where nobody asks for other groups


def usual_columns(lines: ibis.Table, customers: ibis.Table | None) -> list[str]:
    """List the columns worth comparing that this client has."""
    known = {*lines.columns, *(customers.columns if customers is not None else ())}
    return [column for column in USUAL if column in known]


def shuffled(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """Deal a column out anew among the customers: whatever it is found to do then is chance."""
    rng = np.random.default_rng(len(frame))
    return frame.assign(**{column: rng.permutation(frame[column].to_numpy())})


def by_segment(
    scored: Part[tuple[pd.DataFrame, date]], *, window: int, placebo: bool = False
) -> GroupComparison:
    """Compare the segments of `segment_lifespans` on the clock of the last order.

    It is read a window before the end of the follow-up: later losses are not confirmed yet.
    """
    frame, _ = known(scored)
    frame = shuffled(frame, "segment") if placebo else frame
    day = float(frame["duration"].max()) - window
    # Whoever never orders after the day of the scores has left on day 0, not before it.
    read = frame.assign(duration=frame["duration"].clip(lower=window))
    return compare_groups(read, "segment", window=window, day=day, least=LEAST)


def by_channel(
    frame: pd.DataFrame,
    lines: ibis.Table,
    clock: Clock,
    settings: Settings,
    *,
    snapshot_date: date,
    customers: ibis.Table | None,
) -> GroupComparison:
    """Compare the channels through which customers came, as far as anything names them."""
    column = channel_column(lines, customers)
    traits = {"snapshot_date": snapshot_date, "customers": customers}
    return by_trait(frame, lines, clock, settings, column=column, **traits)


def by_trait(
    frame: pd.DataFrame,
    lines: ibis.Table,
    clock: Clock,
    settings: Settings,
    *,
    column: str,
    **traits: Any,
) -> GroupComparison:
    """Compare the groups of a column of the customers or of their first order."""
    return by_column(with_trait(frame, lines, column=column, **traits), column, clock, settings)


def by_column(
    frame: pd.DataFrame, column: str, clock: Clock, settings: Settings
) -> GroupComparison:
    """Compare the groups of a column at the age asked for, or the last that all large ones reach.

    A group that lost few says little about any age, so that it does not hold the others back.
    """
    frame = shuffled(frame, column) if settings.placebo and column in frame else frame
    options: dict[str, Any] = {"window": clock.window, "unit": clock.unit, "least": LEAST}
    day = clock.of_days(settings.compare_days)
    found = compare_groups(frame, column, day=day, **options)
    large = [one.mean_until for one in found.curves.values() if one.events >= ENOUGH_EVENTS]
    longest = sorted(one.mean_until for one in found.curves.values())
    reached = min(large) if len(large) > 1 else longest[-2]
    return found if day <= reached else compare_groups(frame, column, day=reached, **options)


def judged_together(
    *families: dict[str, Part[GroupComparison]],
) -> list[dict[str, Part[GroupComparison]]]:
    """Correct the tests of all comparisons of a page at once: many families are many tests."""
    made = {
        (place, name): one
        for place, family in enumerate(families)
        for name, one in family.items()
        if isinstance(one, GroupComparison)
    }
    judged = [dict(family) for family in families]
    if not made:
        return judged
    p_values = pd.concat([one.table["p"] for one in made.values()], keys=range(len(made)))
    q_values = pd.Series(false_discovery_q(p_values.to_numpy(dtype=float)), p_values.index)
    for number, ((place, name), one) in enumerate(made.items()):
        q = q_values.loc[number].to_numpy()
        table = one.table.assign(q=q, finding=[str(reading(value)) for value in q])
        judged[place][name] = replace(one, table=table)
    return judged
