"""Pain points: which mishap or bad answer goes with journeys that end, within the stage reached?"""

import ibis
import pandas as pd
from ibis import _

from shared.analysis.journey_clusters import (
    CLUSTER,
    DIFFERENCE,
    clustered_shares,
    shares_against_rest,
    with_findings,
    withheld,
)
from shared.analysis.journey_stages import KEY, Funnel, stage_rows
from shared.loading.errors import NotSupportedByData

HOME_SHARE = 0.6  # of the journeys with an event: had reached its home stage before it
EVERYWHERE = "all"
LOW_ANSWER = "low satisfaction"
OWN = ["successes", "share", "low", "high", *DIFFERENCE]
NAMES = {
    "successes": "with_converted", "share": "with_share", "low": "with_low", "high": "with_high",
    "other_n": "without_n", "other_customers": "without_customers",
    "other_share": "without_share", "other_low": "without_low", "other_high": "without_high",
}  # fmt: skip


def pain_points(funnel: Funnel, *, low_satisfaction: float) -> pd.DataFrame:
    """Compare journeys with an event to those without, among all and within each stage reached.

    An event late on the way is met by those who came far; among all journeys it looks harmless
    or even good. So a row is read (`is_home`) only at the deepest stage that six in ten journeys
    with the event had reached before it. A low answer is compared with the other answers given
    at the same stage.

    Parameters
    ----------
    funnel : Funnel
        From `funnel_of`.
    low_satisfaction : float
        Answers at this figure or below are low, in the units of the question.

    Returns
    -------
    pd.DataFrame
        One row per `event` and `stage` ("all" journeys, or a stage): `n` and `customers` (with the
        event), `without_n`, `with_converted`, `with_share`, `with_low`, `with_high`,
        `without_share`, `without_low`, `without_high`, `difference` (with less without) and its
        bounds, `p`, `q` (over the rows that are read), `finding`, `is_home`, `lost` (conversions
        fewer than if journeys with the event converted like the others, at the same stage),
        `lost_low`, `lost_high`. Figures of cells under 10 are blank.

    Raises
    ------
    NotSupportedByData
        If `stage` names no event beside the stages and nobody answered how satisfied they were.
    """
    parts = [_events(funnel)] if funnel.events else []
    if "satisfaction" in funnel.touches.columns:
        parts.append(_answers(funnel, low_satisfaction))
    made = [part for part in parts if len(part)]
    if not made:
        raise NotSupportedByData(
            "no contact tells of a mishap or how satisfied the customer was",
            "further values of stage, such as an error page, or satisfaction",
        )
    table = pd.concat(made, ignore_index=True)
    home = with_findings(table[table["is_home"]])
    table = table.drop(columns=["q", "finding"]).join(home[["q", "finding"]])
    shown = withheld(table, OWN).rename(columns=NAMES)
    shown = shown.drop(columns="without_customers").fillna({"finding": ""})
    return shown.assign(
        lost=-shown["difference"] * shown["n"],
        lost_low=-shown["difference_high"] * shown["n"],
        lost_high=-shown["difference_low"] * shown["n"],
    )


def read_rows(pain: pd.DataFrame) -> pd.DataFrame:
    """Give the rows that are read, those that cost most conversions first."""
    rows = pain[pain["is_home"] & pain["difference"].notna()]
    return rows.sort_values(["lost", "event", "stage"], ascending=[False, True, True])


def _events(funnel: Funnel) -> pd.DataFrame:
    """Compare journeys with each event to all others, among all and at each stage."""
    met = funnel.touches.filter(_.stage.isin(list(funnel.events))).group_by(*KEY, "stage")
    met = met.aggregate(met_at=_.touched_at.min()).rename(event="stage").cache()
    # Beside the stages, all journeys: to show how the plain comparison misleads.
    everywhere = funnel.journeys.select(*KEY, "converted", place=ibis.literal(-1, "int64"))
    at_stages = stage_rows(funnel).select(*KEY, "converted", place=_.stage)
    rows = ibis.union(everywhere, at_stages, distinct=False)
    totals = rows.group_by(CLUSTER, "place").aggregate(
        nt=_.count().cast("float64"), yt=_.converted.sum().cast("float64")
    )
    cells = rows.join(met.drop("met_at"), KEY).group_by(CLUSTER, "event", "place").aggregate(
        n=_.count().cast("float64"), y=_.converted.sum().cast("float64")
    )  # fmt: skip
    table = shares_against_rest(cells, totals, by=["event", "place"], within=["place"])
    homes = _homes(funnel, met)
    home = [homes[event] for event in table["event"]]
    return _named(table.assign(is_home=(table["place"] == home) & (table["place"] >= 0)), funnel)


def _homes(funnel: Funnel, met: ibis.Table) -> dict[str, int]:
    """Give the deepest stage that most journeys with an event had reached before it; -1 for none.

    "Before" is by the clock: a stage counts from its first contact, or from the first one at a
    later stage where `reached` is "deeper".
    """
    names = list(funnel.stages)
    rank = ibis.cases(*[(_.stage == name, k) for k, name in enumerate(names)], else_=-1)
    earlier = funnel.touches.select(*KEY, "touched_at", rank=rank).join(met, KEY)
    earlier = earlier.filter(_.touched_at <= _.met_at)
    is_at = (lambda k: _["rank"] >= k) if funnel.reached == "deeper" else (lambda k: _["rank"] == k)
    seen = {f"s{k}": is_at(k).ifelse(1, 0).max() for k in range(len(names))}
    flags = earlier.group_by(*KEY, "event").aggregate(**seen)
    shares = flags.group_by("event").aggregate(**{name: flags[name].mean() for name in seen})
    frame = shares.to_pandas().set_index("event")
    return {
        str(event): max([k for k in range(len(names)) if row[f"s{k}"] >= HOME_SHARE], default=-1)
        for event, row in frame.iterrows()
    }


def _answers(funnel: Funnel, low_satisfaction: float) -> pd.DataFrame:
    """Compare journeys with a low answer at a stage to those with other answers there."""
    rank = ibis.cases(*[(_.stage == name, k) for k, name in enumerate(funnel.stages)])
    given = funnel.touches.mutate(place=rank.cast("int64")).filter(
        _.satisfaction.notnull() & _.place.notnull()
    )
    # Of several answers at a stage the lowest speaks: one bad moment may end a journey.
    lowest = given.group_by(*KEY, "place").aggregate(least=_.satisfaction.min())
    rows = lowest.join(funnel.journeys.select(*KEY, "converted"), KEY).select(
        *KEY, "converted", "place", met=(_.least <= low_satisfaction).ifelse(1, 0)
    )
    table = clustered_shares(rows, by=["place", "met"], success="converted", within=["place"])
    chosen = table[(table["met"] == 1) & (table["other_n"] > 0)].drop(columns="met")
    chosen.insert(0, "event", LOW_ANSWER)
    return _named(chosen.reset_index(drop=True).assign(is_home=True), funnel)


def _named(table: pd.DataFrame, funnel: Funnel) -> pd.DataFrame:
    names = {-1: EVERYWHERE, **dict(enumerate(funnel.stages))}
    stage = [names[int(place)] for place in table["place"]]
    named = table.drop(columns="place")
    named.insert(1, "stage", stage)
    return named
