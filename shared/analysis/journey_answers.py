"""What the page says of stages, pain points and what a better stage may be worth, in words."""

import pandas as pd

from shared.analysis.intervals import Estimate
from shared.analysis.journey_clusters import LEAST_CELL
from shared.analysis.journey_contact_answers import (
    arrivals_so_what,
    arrivals_title,
    behaviour_title,
    click_share,
    clicks_so_what,
    clicks_title,
    frequency_so_what,
    frequency_title,
    reach_so_what,
)
from shared.analysis.journey_pain import EVERYWHERE, LOW_ANSWER, read_rows
from shared.analysis.journey_rows import difference_of, highest, share_of
from shared.analysis.journey_satisfaction import lowest_stage, range_used
from shared.analysis.journey_segments import Segments
from shared.analysis.journey_study import JourneyStudy
from shared.analysis.multiple_testing import Finding
from shared.analysis.study_parts import known
from shared.analysis.verdicts import Reason

__all__ = [
    "arrivals_so_what",
    "arrivals_title",
    "behaviour_title",
    "click_share",
    "clicks_so_what",
    "clicks_title",
    "complaints_answer",
    "frequency_so_what",
    "frequency_title",
    "gains_answer",
    "journey_headlines",
    "later_answer",
    "misleading_answer",
    "pain_answer",
    "reach_so_what",
    "satisfaction_answer",
    "segments_answer",
    "stage_answers",
    "stages_title",
]


def stages_title(study: JourneyStudy) -> Reason:
    """Answer: where does the journey lose most, and where are people least satisfied?"""
    table = known(study.stages)
    worst = highest(table, "drop_off")
    lost = Estimate(float(worst["drop_off"]), 1 - float(worst["high"]), 1 - float(worst["low"]),
                    int(worst["journeys"]), "share", of=study.noun)  # fmt: skip
    values: dict[str, object] = {"stage": worst["stage"], "lost": lost, "noun": study.noun}
    lowest = _lowest(study)
    if lowest is None:
        return Reason(
            "No stage loses more of its {noun} than {stage}: {lost} go no further", values
        )
    values |= {"least": lowest["stage"], "mean": float(lowest["mean"])}
    values |= scale(study)
    return Reason(
        "No stage loses more of its {noun} than {stage}, {lost}; satisfaction, from "
        "{lowest:number.0} to {highest:number.0}, is lowest at {least}: {mean:number.1}",
        values,
    )


def scale(study: JourneyStudy) -> dict[str, object]:
    """Give the lowest and the highest answer seen, between which a mean is to be read."""
    low, high = range_used(known(study.funnel).touches, column="satisfaction")
    return {"lowest": low, "highest": high}


def satisfaction_answer(study: JourneyStudy) -> Reason:
    """Say at which stage people are least satisfied, or that no stage stands out."""
    table = known(study.satisfaction)
    low = lowest_stage(table)
    if low is None:
        return Reason(
            "{n:count} {n:answer is|answers are} too few to compare stages.",
            {"n": int(table["n"].sum())},
        )
    mean = Estimate(float(low["mean"]), float(low["low"]), float(low["high"]), int(low["n"]),
                    "number", of="answers")  # fmt: skip
    values = {"stage": low["stage"], "mean": mean, "gap": abs(float(low["difference"]))}
    if low["finding"] != Finding.DIFFERS:
        return Reason(
            "Satisfaction is much alike at all stages; the lowest mean, {mean:number.1}, is that "
            "of {stage}.", values,
        )  # fmt: skip
    return Reason(
        "Satisfaction is lowest at {stage}: {mean:number.1} on average, {gap:number.1} below the "
        "other stages.",
        values,
    )


def complaints_answer(study: JourneyStudy) -> Reason:
    """Say after which stage low ratings are more frequent, or that none stands out."""
    table = known(study.complaints)
    # As the table beside the chart counts: without cells too small to be shown.
    shown = table[table["share"].notna()]
    n = int((shown if len(shown) else table)["n"].sum())
    values: dict[str, object] = {"n": n, "days": study.window_days, "noun": study.noun}
    if shown.empty:
        return Reason(
            "Complaints: {n:count} rated {n:review|reviews} within {days:days} of {noun} are too "
            "few to compare stages.", values,
        )  # fmt: skip
    found = shown[(shown["finding"] == Finding.DIFFERS) & (shown["difference"] > 0)]
    if found.empty:
        return Reason(
            "Complaints: of {n:count} rated reviews within {days:days} of {noun}, low ratings are "
            "not found more often after one stage than after others.", values,
        )  # fmt: skip
    row = highest(found, "share")
    return Reason(
        "Complaints: low ratings are most frequent after {noun} that ended at {stage}, {share} of "
        "{m:count} reviews within {days:days}.",
        values | {"stage": row["stage"], "share": share_of(row, of="reviews"), "m": int(row["n"])},
    )


def pain_answer(study: JourneyStudy) -> Reason:
    """Name the pain point that goes with most lost conversions, or say that none is found."""
    rows = read_rows(known(study.pain))
    found = rows[(rows["finding"] == Finding.DIFFERS) & (rows["difference"] < 0)]
    if rows.empty:
        return Reason(
            "No event or low answer was met by {n:count} {noun} or more of those at its stage, so "
            "that no pain point can be looked for.", {"n": LEAST_CELL, "noun": study.noun},
        )  # fmt: skip
    if found.empty:
        return Reason(
            "No pain point is found: of {n:count} {n:event or low answer|events or low answers}, "
            "each compared within the stage reached, none goes with fewer sales beyond "
            "chance.",
            {"n": len(rows)},
        )
    row = found.iloc[0]
    bad = Estimate(float(row["with_share"]), float(row["with_low"]), float(row["with_high"]),
                   int(row["n"]), "share", of=study.noun)  # fmt: skip
    return Reason(
        "Pain point at {stage}: {bad:share.1} of {noun} with {event} convert, against "
        "{good:share.1} of the others that came as far.",
        {"stage": row["stage"], "bad": bad, "noun": study.noun, "event": row["event"],
         "good": float(row["without_share"])},
    )  # fmt: skip


def misleading_answer(study: JourneyStudy) -> Reason | None:
    """Tell of a pain point that looks harmless, or good, until compared within its stage."""
    pain = known(study.pain)
    whole = pain[pain["stage"] == EVERYWHERE].set_index("event")
    for row in read_rows(pain).to_dict("records"):
        if row["event"] not in whole.index or row["event"] == LOW_ANSWER:
            continue
        all_of = whole.loc[row["event"]]
        if row["finding"] != Finding.NOTHING and all_of["difference"] > row["difference"] / 5:
            return Reason(
                "Among all {noun} it would not show: {with_all:share.1} of those with {event} "
                "convert, {without_all:share.1} without. Who meets it has come far already.",
                {"noun": study.noun, "event": row["event"],
                 "with_all": float(all_of["with_share"]),
                 "without_all": float(all_of["without_share"])},
            )  # fmt: skip
    return None


def stage_answers(study: JourneyStudy) -> list[Reason]:
    """Give what is to be said below the funnel: satisfaction, complaints and pain points."""
    said: list[Reason | None] = []
    if isinstance(study.satisfaction, pd.DataFrame):
        said.append(satisfaction_answer(study))
    if isinstance(study.complaints, pd.DataFrame):
        said.append(complaints_answer(study))
    if isinstance(study.pain, pd.DataFrame):
        said += [pain_answer(study), misleading_answer(study)]
    return [answer for answer in said if answer is not None]


def segments_answer(study: JourneyStudy) -> Reason:
    """Say where two groups of journeys part."""
    segments: Segments = known(study.segments)
    first, second = segments.names
    table = segments.funnel[segments.funnel["difference"].notna()]
    found = table[table["finding"] == Finding.DIFFERS]
    values: dict[str, object] = {"first": first, "second": second, "n": segments.sizes[0],
                                 "m": segments.sizes[1], "noun": study.noun}  # fmt: skip
    if found.empty:
        return Reason(
            "{n:count} {noun} of {first} customers and {m:count} of {second} ones differ at no "
            "stage beyond chance.", values,
        )  # fmt: skip
    row = highest(found.assign(apart=found["difference"].abs()), "apart")
    return Reason(
        "They part most at {stage}: {share:share.1} of {noun} of {first} customers go on, against "
        "{other:share.1} of those of {second} customers.",
        values | {"stage": row["stage"], "share": share_of(row, of=study.noun),
                  "other": float(row["other_share"])},
    )  # fmt: skip


def gains_answer(study: JourneyStudy) -> Reason:
    """Say where closing a gap between channels would be worth most conversions."""
    table = known(study.gains)
    found = table[(table["finding"] == Finding.DIFFERS) & table["gained"].notna()]
    if found.empty:
        return Reason(
            "At no stage does a channel fall behind the others beyond chance ({n:count} {n:pair "
            "was|pairs were} compared).", {"n": int(table["p"].notna().sum())},
        )  # fmt: skip
    row = found.iloc[0]
    gained = Estimate(float(row["gained"]), max(float(row["gained_low"]), 0.0),
                      float(row["gained_high"]), int(row["n"]), "count", of=study.noun)  # fmt: skip
    return Reason(
        "If {noun} through {channel} went on from {stage} as often as the others, {gained:count} "
        "({low:count} to {high:count}) more sales would be expected; the channel's visitors "
        "may differ.",
        {"noun": study.noun, "channel": row["channel"], "stage": row["stage"], "gained": gained,
         "low": gained.low, "high": gained.high},
    )  # fmt: skip


def later_answer(study: JourneyStudy) -> Reason:
    """Say whether customers with a low answer buy less afterwards."""
    table = known(study.later)
    shown = table[table["share"].notna() & table["difference"].notna()]
    values: dict[str, object] = {"days": study.later_days, "n": int(table["n"].sum())}
    if shown.empty:
        return Reason(
            "{n:count} customers with a low answer are too few to see what they bought in the "
            "{days:days} afterwards.", values,
        )  # fmt: skip
    found = shown[shown["finding"] == Finding.DIFFERS]
    row = (found if len(found) else shown).sort_values("n", ascending=False).iloc[0]
    gap = difference_of(row, of="customers")
    values |= {"stage": row["stage"], "share": share_of(row, of="customers"),
               "other": float(row["other_share"]), "gap": gap, "low": gap.low,
               "high": gap.high}  # fmt: skip
    said = (
        "After a low answer at {stage} {share:share.1} of customers buy again within {days:days}, "
        "after another answer {other:share.1}: a difference of {gap:number.1} points "
        "({low:number.1} to {high:number.1})"
    )
    if found.empty:
        return Reason(said + ", which is no more than chance. That a better stage would reduce "
                      "churn is not shown.", values)  # fmt: skip
    return Reason(said + ", associated with the answer. Only a trial at this stage would tell "
                  "whether mending it keeps customers.", values)  # fmt: skip


def journey_headlines(study: JourneyStudy) -> list[tuple[str, Reason]]:
    """Give at most one finding for the top of the page: the pain point, else the leak."""
    if isinstance(study.pain, pd.DataFrame):
        answer = pain_answer(study)
        if "bad" in answer.values:
            return [("journey_pain", answer)]
    if isinstance(study.stages, pd.DataFrame):
        title = stages_title(study)
        return [("journey_leak", Reason(title.template + ".", title.values))]
    return []


def _lowest(study: JourneyStudy) -> pd.Series | None:
    if not isinstance(study.satisfaction, pd.DataFrame):
        return None
    low = lowest_stage(study.satisfaction)
    return low if low is not None and low["finding"] == Finding.DIFFERS else None
