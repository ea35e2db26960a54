"""What limits the journey half of the page, of this client's data, in words."""

import pandas as pd

from shared.analysis.journey_answers import scale
from shared.analysis.journey_clusters import LEAST_CELL
from shared.analysis.journey_stages import Funnel
from shared.analysis.journey_study import JourneyStudy
from shared.analysis.study_parts import known
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

CARE_JOURNEYS, CARE_CONVERSIONS = 1000, 100
MOST_NAMED = 6


def journey_reasons(study: JourneyStudy) -> list[Reason]:
    """Give what asks for care with the stages: few journeys, or few conversions."""
    if isinstance(study.funnel, NotSupportedByData) or study.unit == "journey":
        return []
    counted = study.funnel.journeys.aggregate(
        n=study.funnel.journeys.count(), sold=study.funnel.journeys.converted.sum()
    )
    row = counted.to_pandas().iloc[0]
    said = []
    if row["n"] < CARE_JOURNEYS:
        said.append(Reason("Only {n:count} {noun}.", {"n": int(row["n"]), "noun": study.noun}))
    if row["sold"] < CARE_CONVERSIONS:
        said.append(
            Reason("Only {n:count} {noun} with a sale.",
                   {"n": int(row["sold"]), "noun": study.noun})
        )  # fmt: skip
    return said


def journey_caveats(study: JourneyStudy) -> list[Reason]:
    """Give the limits that this client's data set to what the page says of the journey."""
    return [
        *_placebo(study), *_kinds(study), *_uncredited(study), *_stages(study), *_answers(study),
        *_withheld(study),
    ]  # fmt: skip


def _placebo(study: JourneyStudy) -> list[Reason]:
    if not study.is_placebo:
        return []
    return [
        Reason(
            "Placebo: outcomes, arrivals, answers, channels and groups of customers were dealt "
            "anew among the {noun}; whatever is called found here would be found by chance.",
            {"noun": study.noun},
        )
    ]


def _kinds(study: JourneyStudy) -> list[Reason]:
    if isinstance(study.clicks, NotSupportedByData) or not study.unknown_kinds:
        return []
    return [
        Reason(
            "{n:count} of {all:count} contacts are neither click nor view by their kind; they "
            "count for neither.",
            {"n": study.unknown_kinds, "all": study.touches},
        )
    ]


def _uncredited(study: JourneyStudy) -> list[Reason]:
    """Name the channels of visits that no contact came through: no model can credit them."""
    if isinstance(study.arrivals, NotSupportedByData) or study.unit == "visit":
        return []
    met = set(known(study.contacts).touches.select("channel").distinct().to_pandas()["channel"])
    visits = study.arrivals.set_index("channel")["n"]
    alone = visits[~visits.index.isin(met)]
    if alone.empty:
        return []
    names = ", ".join(sorted(alone.index)[:MOST_NAMED])
    return [
        Reason(
            "{share:share.0} of the visits came through {names}{more}, of which no contact tells: "
            "they stand on no path and are given no credit.",
            {"share": float(alone.sum() / visits.sum()), "names": names,
             "more": " …" if len(alone) > MOST_NAMED else ""},
        )
    ]  # fmt: skip


def _stages(study: JourneyStudy) -> list[Reason]:
    if isinstance(study.funnel, NotSupportedByData):
        return []
    funnel: Funnel = study.funnel
    said = []
    if not funnel.is_given:
        said.append(
            Reason(
                "The order of the stages, {stages}, is that in which journeys reach them on "
                "average; another one can be set.",
                {"stages": ", ".join(funnel.stages)},
            )
        )
    if funnel.unplaced:
        said.append(
            Reason(
                "{n:count} {noun} reached no stage and stand in no row of the funnel.",
                {"n": funnel.unplaced, "noun": study.noun},
            )
        )
    if isinstance(study.stages, pd.DataFrame) and (skipped := _sold_early(funnel, study.stages)):
        said.append(
            Reason(
                "{n:count} {noun} converted without having been seen at {stage}: the last row of "
                "the funnel leaves them out.",
                {"n": skipped, "noun": study.noun, "stage": funnel.stages[-1]},
            )
        )
    # Of journeys of contacts the half on channels says so.
    if funnel.open_journeys and study.unit == "visit":
        said.append(
            Reason(
                "{n:count} {noun} were still open on the snapshot date and are left out of the "
                "stages and of the chart by frequency.",
                {"n": funnel.open_journeys, "noun": study.noun},
            )
        )
    return said


def _answers(study: JourneyStudy) -> list[Reason]:
    if not isinstance(study.satisfaction, pd.DataFrame):
        return []
    n = int(study.satisfaction["n"].sum())
    return [
        Reason(
            "Satisfaction rests on {n:count} answers, {share:share.0} of the contacts; who answers "
            "may be more or less content than who does not. Answers go from {lowest:number.0} "
            "to {highest:number.0}; those of {low:number.1} or less are called low.",
            {"n": n, "share": n / max(study.touches, 1), "low": study.low_satisfaction,
             **scale(study)},
        )
    ]  # fmt: skip


def _sold_early(funnel: Funnel, stages: pd.DataFrame) -> int:
    last = stages["went_on"].iloc[-1]
    return 0 if pd.isna(last) else int(funnel.journeys.converted.sum().execute() - last)


def _withheld(study: JourneyStudy) -> list[Reason]:
    """Count the cells that are too small to be shown."""
    cells = {
        "share": [study.by_contacts, study.arrivals, study.gains, study.complaints, study.later],
        "with_share": [study.pain],
        "reach": [study.reach],
        "mean": [study.satisfaction],
        "conversion": [study.stages],
    }
    blank = sum(
        int(table[column].isna().sum())
        for column, tables in cells.items()
        for table in tables
        if isinstance(table, pd.DataFrame)
    )
    if not blank:
        return []
    return [
        Reason(
            "{n:count} {n:row|rows} of the tables on the journey rest on fewer than {least:count} "
            "cases or customers and are withheld.",
            {"n": blank, "least": LEAST_CELL},
        )
    ]
