"""Two groups of journeys side by side: where they stand after each step, and where they part."""

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import pandas as pd
from ibis import _

from shared.analysis.attribution_paths import CONVERTED, OPEN
from shared.analysis.journey_clusters import (
    DIFFERENCE,
    LEAST_CELL,
    clustered_shares,
    with_findings,
    withheld,
)
from shared.analysis.journey_placebo import shuffled
from shared.analysis.journey_stages import KEY, Funnel, stage_rows
from shared.loading.errors import NotSupportedByData
from shared.loading.schema import require_columns

NEW_OR_RETURNING = "new_returning"
NEW, RETURNING = "new", "returning"
STEPS = 8
WHOLE_WAY = "start to sale"
ENDED, SOLD = "ended", "converted"
FIGURES = ["successes", "share", "low", "high", *DIFFERENCE]


@dataclass(frozen=True)
class Segments:
    """Two groups of journeys, and how their funnels differ.

    Attributes
    ----------
    names : tuple of str
        The first and the second group.
    sizes : tuple of int
        Their journeys.
    funnel : pd.DataFrame
        One row for the whole way to a conversion and one per stage: `stage`, `n`
        and `other_n` journeys of the two groups, `share` and `other_share` that go on, with
        bounds, `difference` (first less second) with bounds, `p`, `q`, `finding`.
    left_out : int
        Journeys of neither group.
    """

    names: tuple[str, str]
    sizes: tuple[int, int]
    funnel: pd.DataFrame
    left_out: int


def step_matrix(touches: ibis.Table, journeys: ibis.Table, *, column: str) -> pd.DataFrame:
    """Give the share of journeys that stand at each stage (or channel) at each step.

    Parameters
    ----------
    touches, journeys : ibis.Table
        As from `journeys_of` or `visits_of`; open journeys are left out.
    column : str
        "stage" or "channel".

    Returns
    -------
    pd.DataFrame
        Index the values of `column`, then "converted" and "ended"; columns steps from 1; shares
        that sum to 1 in every column. Blank stages are "(none)". Values that fewer than 10
        journeys show at any step are added to "(other)"; cells of 1 to 9 journeys are blank.
    """
    over = journeys.filter(_.outcome != OPEN).select(*KEY, "outcome", contacts=_.touches)
    over = over.filter(_.contacts > 0)
    placed = touches.filter(_.position <= STEPS).select(*KEY, "position", what=_[column])
    placed = placed.mutate(what=_.what.fill_null("(none)"))
    at_step = placed.join(over, KEY).group_by("position", "what").aggregate(n=_.count())
    ended = over.group_by("outcome", "contacts").aggregate(n=_.count()).to_pandas()
    counts = at_step.to_pandas().pivot(index="what", columns="position", values="n")
    counts = counts.reindex(columns=range(1, STEPS + 1)).fillna(0)
    total = int(ended["n"].sum())
    if not total:
        raise NotSupportedByData("no journey with a contact is over", "older contacts")
    # A stage that a handful saw would give these few away.
    rare = counts.max(axis=1) < LEAST_CELL
    if rare.any():
        counts = pd.concat([counts[~rare], counts[rare].sum().to_frame("(other)").T])
    for name, chosen in (
        (SOLD, ended["outcome"] == CONVERTED),
        (ENDED, ended["outcome"] != CONVERTED),
    ):
        part = ended[chosen]
        counts.loc[name] = [
            float(part.loc[part["contacts"] < step, "n"].sum()) for step in counts.columns
        ]
    return (_without_small(counts) / total).rename_axis(index=column, columns="step")


def _without_small(counts: pd.DataFrame) -> pd.DataFrame:
    """Blank cells of 1 to 9, and a second one in a column whose sum would give back the first."""
    few = counts.gt(0) & counts.lt(LEAST_CELL)
    for step in counts.columns[few.sum() == 1]:
        others = counts.loc[counts[step].gt(0) & ~few[step], step]
        if len(others):
            few.loc[others.idxmin(), step] = True
    return counts.mask(few)


def two_segments(
    funnel: Funnel,
    conversions: ibis.Table,
    *,
    tables: Mapping[str, ibis.Table],
    compare_by: str = NEW_OR_RETURNING,
    seed: int | None = None,
) -> Segments:
    """Compare the funnels of two groups of journeys, stage by stage.

    Parameters
    ----------
    funnel : Funnel
        From `funnel_of`.
    conversions : ibis.Table
        All conversions that are known, those before the first contact too: `customer_id` and
        `converted_at`.
    tables : mapping of str to ibis.Table
        Where `customers` stands, for an attribute.
    compare_by : str
        "new_returning" (had the customer converted before the journey began?), or a column of
        `customers`, whose two most frequent values are compared.
    seed : int, optional
        Deals the groups anew among the journeys: a placebo.

    Raises
    ------
    NotSupportedByData
        If there is no such column, or only one group.
    """
    grouped = _grouped(funnel, conversions, tables=tables, compare_by=compare_by)
    if seed is not None:
        grouped = shuffled(grouped, [["segment"]], by=KEY, seed=seed)
    counts = grouped.group_by("segment").aggregate(n=_.count()).to_pandas()
    counts = counts[counts["segment"].notna()].sort_values(
        ["n", "segment"], ascending=[False, True]
    )
    if len(counts) < 2:
        raise NotSupportedByData("all journeys belong to one group", "two groups of customers")
    names = [str(name) for name in counts["segment"].head(2)]
    names = [NEW, RETURNING] if set(names) == {NEW, RETURNING} else names
    sizes = counts.set_index("segment")["n"]
    chosen = grouped.filter(_.segment.isin(names))
    whole = chosen.select(
        "customer_id", "segment", done=_.converted.cast("int64"), stage=ibis.literal(-1, "int64")
    )
    rows = stage_rows(funnel).join(chosen.select(*KEY, "segment"), KEY)
    rows = rows.select("customer_id", "segment", done=_.went_on, stage=_.stage)
    table = clustered_shares(
        ibis.union(whole, rows, distinct=False), by=["stage", "segment"], success="done",
        within=["stage"],
    )  # fmt: skip
    table = table[table["segment"] == names[0]].reset_index(drop=True)
    labels = {-1: WHOLE_WAY, **dict(enumerate(funnel.stages))}
    table["stage"] = [labels[int(k)] for k in table["stage"]]
    table = with_findings(table)
    total = int(grouped.count().execute())
    first, second = (int(sizes[name]) for name in names)
    return Segments(
        names=(names[0], names[1]),
        sizes=(first, second),
        funnel=withheld(table, FIGURES).drop(columns="segment"),
        left_out=total - first - second,
    )


def _grouped(
    funnel: Funnel,
    conversions: ibis.Table,
    *,
    tables: Mapping[str, ibis.Table],
    compare_by: str,
) -> ibis.Table:
    journeys = funnel.journeys.select(*KEY, "converted", "first_touch_at")
    if compare_by == NEW_OR_RETURNING:
        firsts = conversions.group_by("customer_id").aggregate(first_at=_.converted_at.min())
        joined = journeys.left_join(firsts, "customer_id")
        before = (joined.first_at < joined.first_touch_at).fill_null(False)
        return joined.select(*KEY, "converted", segment=before.ifelse(RETURNING, NEW))
    if "customers" not in tables:
        raise NotSupportedByData("the client supplied no customers", f"customers with {compare_by}")
    customers = tables["customers"]
    require_columns(customers, [compare_by], analysis="Two groups of journeys")
    named = customers.select("customer_id", segment=customers[compare_by].cast("string"))
    one = named.filter(_.segment.notnull()).group_by("customer_id").aggregate(
        segment=_.segment.min()
    )  # fmt: skip
    joined = journeys.left_join(one, "customer_id")
    return joined.select(*KEY, "converted", "segment")
