"""Stages of the journey: how many reach each, and how many go on?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import ibis
import pandas as pd
from ibis import _

from shared.analysis.attribution_paths import CONVERTED, OPEN
from shared.analysis.journey_clusters import clustered_shares, withheld
from shared.analysis.trimmed import trimmed
from shared.loading.errors import NotSupportedByData
from shared.loading.schema import require_columns

Reached = Literal["deeper", "seen"]
KEY = ("customer_id", "journey")
SALE = "conversion"  # what the last stage leads to
MOST_STAGES = 8  # that are put in order by themselves; of more, somebody has to name the stages


@dataclass(frozen=True)
class Funnel:
    """The journeys with the stages that they reached, in the engine.

    Attributes
    ----------
    stages : tuple of str
        From the first to the last one before the conversion.
    is_given : bool
        Whether the client named them; else they are in the order in which journeys reach them.
    reached : str
        "deeper": a journey seen at a later stage has passed the earlier ones; "seen": only stages
        that it was seen at count.
    journeys : ibis.Table
        One row per journey whose outcome is known: `customer_id`, `journey`, `first_touch_at`,
        `last_touch_at`, `touches`, `conversions`, `conversion_value`, `converted` (0 or 1),
        `depth` (number of the deepest stage, from 0; -1 for none), `at_0`, `at_1` … (1 if the
        stage was reached) and `channel_0` … (channel of the first contact at that stage).
    touches : ibis.Table
        The contacts of all journeys, with `customer_id`, `journey`, `position` and `stage`.
    events : tuple of str
        What else stands in `stage`: things that happen on the way.
    open_journeys, unplaced : int
        Journeys whose outcome is not known yet; journeys that reached no stage.
    """

    stages: tuple[str, ...]
    is_given: bool
    reached: Reached
    journeys: ibis.Table
    touches: ibis.Table
    events: tuple[str, ...]
    open_journeys: int
    unplaced: int


def funnel_of(
    touches: ibis.Table, journeys: ibis.Table, *, stages: str = "", reached: Reached = "deeper"
) -> Funnel:
    """Find out which stages each journey reached, in the engine.

    Parameters
    ----------
    touches, journeys : ibis.Table
        As from `journeys_of` or `visits_of`.
    stages : str
        The stages in order, with ";" between them; other values of `stage` are events on the
        way. "": all values, in the order in which journeys reach them on average.
    reached : str
        As in `Funnel`.

    Raises
    ------
    NotSupportedByData
        If contacts have no stage, more than 8 stages have no stated order, or a stage that was
        named occurs nowhere.
    """
    require_columns(touches, ["stage"], analysis="The stages of the journey")
    known = touches.mutate(stage=trimmed(_.stage).nullif(""))
    found = _mean_places(known)
    if not found:
        raise NotSupportedByData("no contact has a stage", "the stage of contacts")
    order = stages_in_order(stages, found)
    # An open journey is no lost one: counted, it would make every stage look worse.
    over = journeys.filter(_.outcome != OPEN).mutate(
        converted=(_.outcome == CONVERTED).ifelse(1, 0)
    )
    placed = _with_stages(over, known, order, reached=reached).cache()
    counted = placed.aggregate(n=_.count(), without=(_.depth < 0).ifelse(1, 0).sum())
    counts = counted.to_pandas().iloc[0]
    return Funnel(
        stages=tuple(order),
        is_given=bool(stages.strip()),
        reached=reached,
        journeys=placed,
        touches=known,
        events=tuple(sorted(set(found) - set(order))),
        open_journeys=int(journeys.count().execute()) - int(counts["n"]),
        unplaced=int(counts["without"]),
    )


def stages_in_order(stages: str, found: dict[str, float]) -> list[str]:
    """Give the stages in order: those named, else all found by their mean place in journeys."""
    named = list(dict.fromkeys(part.strip() for part in stages.split(";") if part.strip()))
    unknown = [name for name in named if name not in found]
    if unknown:
        raise NotSupportedByData(
            f"no contact has the stage {unknown[0]!r}", "stages: some of the values of stage"
        )
    if named:
        return named
    if len(found) > MOST_STAGES:
        raise NotSupportedByData(
            f"contacts have {len(found)} different stages in no stated order",
            "the stages in order, as stages",
        )
    return sorted(found, key=lambda name: (found[name], name))


def stage_rows(funnel: Funnel) -> ibis.Table:
    """Give a row per journey and stage that it reached: `stage` (number), and whether it went on.

    Further columns: `customer_id`, `journey`, `went_on` (0 or 1: reached a later stage, or after
    the last stage converted), `converted`, `channel` (of the first contact at the stage).
    """
    last = len(funnel.stages) - 1
    rows = []
    for k in range(last + 1):
        went_on = (_.depth > k).ifelse(1, 0) if k < last else _.converted
        here = funnel.journeys.filter(_[f"at_{k}"] == 1)
        rows.append(
            here.select(
                *KEY, "converted", "first_touch_at", "last_touch_at", "conversion_value",
                went_on=went_on.cast("int64"), channel=_[f"channel_{k}"],
                stage=ibis.literal(k, "int64"),
            )
        )  # fmt: skip
    return ibis.union(*rows, distinct=False) if len(rows) > 1 else rows[0]


def stage_table(funnel: Funnel) -> pd.DataFrame:
    """Count the journeys at each stage and the share that goes on, with intervals.

    Returns
    -------
    pd.DataFrame
        One row per stage in order: `stage`, `journeys`, `customers`, `reached_share` (of all
        journeys), `went_on` (journeys that reached a later stage; after the last one, converted),
        `conversion` with `low` and `high`, `drop_off` (1 - conversion), `lost` (journeys),
        `converted` (journeys that ended in a conversion) and `to_sale` (their share) with
        `to_sale_low`, `to_sale_high`. Shares of fewer than 10 journeys or customers are blank.
    """
    rows = stage_rows(funnel)
    onwards = clustered_shares(rows, by=["stage"], success="went_on")
    sales = clustered_shares(rows, by=["stage"], success="converted")
    total = int(funnel.journeys.count().execute())
    table = pd.DataFrame(
        {
            "stage": [funnel.stages[int(k)] for k in onwards["stage"]],
            "journeys": onwards["n"],
            "n": onwards["n"],
            "customers": onwards["customers"],
            "reached_share": onwards["n"] / total,
            "went_on": onwards["successes"],
            "conversion": onwards["share"],
            "low": onwards["low"],
            "high": onwards["high"],
            "drop_off": 1 - onwards["share"],
            "lost": onwards["n"] - onwards["successes"],
            "converted": sales["successes"],
            "to_sale": sales["share"],
            "to_sale_low": sales["low"],
            "to_sale_high": sales["high"],
        }
    )
    figures = ["went_on", "conversion", "low", "high", "drop_off", "lost", "converted", "to_sale",
               "to_sale_low", "to_sale_high"]  # fmt: skip
    return withheld(table, figures).drop(columns="n")


def with_sales(stages: pd.DataFrame) -> pd.DataFrame:
    """Add the conversions that the last stage leads to as a row; nothing goes on from there."""
    last = stages.iloc[-1]
    if pd.isna(last["went_on"]):
        return stages
    share = last["reached_share"] * last["went_on"] / last["journeys"]
    row = {"stage": SALE, "journeys": int(last["went_on"]), "reached_share": share}
    return pd.concat([stages, pd.DataFrame([row])], ignore_index=True)


def _mean_places(touches: ibis.Table) -> dict[str, float]:
    """Give each value of `stage` its mean place in journeys, from 0 (first) to 1 (last)."""
    length = _.position.max().over(ibis.window(group_by=KEY))
    staged = touches.mutate(length=length).filter(_.stage.notnull())
    place = (_.position - 1) / (_.length - 1).nullif(0)
    # Whole millionths: a sum of floats would follow the order of the rows.
    rounded = (place.fill_null(0.5) * 1e6).round().cast("int64")
    means = staged.mutate(place=rounded).group_by("stage").aggregate(
        places=_.place.sum(), n=_.count()
    )  # fmt: skip
    frame = means.to_pandas()
    return dict(zip(frame["stage"], frame["places"] / frame["n"] / 1e6, strict=True))


def _with_stages(
    journeys: ibis.Table, touches: ibis.Table, order: Sequence[str], *, reached: Reached
) -> ibis.Table:
    rank = ibis.cases(*[(_.stage == name, k) for k, name in enumerate(order)], else_=-1)
    ranked = touches.mutate(rank=rank)
    seen = ranked.group_by(*KEY).aggregate(
        depth=_["rank"].max(),
        **{f"seen_{k}": (_["rank"] == k).ifelse(1, 0).max() for k in range(len(order))},
        **{
            f"channel_{k}": _.channel.argmin(
                _.position, where=(_["rank"] >= k) if reached == "deeper" else (_["rank"] == k)
            )
            for k in range(len(order))
        },
    )
    joined = journeys.left_join(seen, KEY)
    joined = joined.drop(*[name for name in joined.columns if name.endswith("_right")])
    # A visit without a contact has no row on the right.
    joined = joined.mutate(depth=_.depth.fill_null(-1))
    flags = {
        f"at_{k}": (_.depth >= k).ifelse(1, 0) if reached == "deeper" else _[f"seen_{k}"]
        for k in range(len(order))
    }
    flagged = joined.mutate(**flags)
    flagged = flagged.mutate(**{name: flagged[name].fill_null(0) for name in flags})
    return flagged.drop(*[f"seen_{k}" for k in range(len(order))])
