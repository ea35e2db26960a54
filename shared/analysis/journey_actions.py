"""What to do about the journey: mend the pain point, or the stage where a channel falls behind."""

import pandas as pd

from shared.analysis.actions import Action
from shared.analysis.intervals import Estimate
from shared.analysis.journey_clusters import LEAST_CELL
from shared.analysis.journey_pain import LOW_ANSWER, read_rows
from shared.analysis.journey_satisfaction import lowest_stage
from shared.analysis.journey_study import JourneyStudy
from shared.analysis.multiple_testing import Finding
from shared.loading.errors import NotSupportedByData

MONEY_IS = "value of these sales if they went on like the others"


def journey_actions(study: JourneyStudy) -> list[Action]:
    """Derive at most two actions from what was found; what is not found leads to none."""
    return [*_mend(study), *_catch_up(study)][:2]


def _mend(study: JourneyStudy) -> list[Action]:
    """Mend the event that goes with most lost conversions, or ask where satisfaction is lowest."""
    if isinstance(study.pain, pd.DataFrame):
        rows = read_rows(study.pain)
        found = rows[(rows["finding"] == Finding.DIFFERS) & (rows["difference"] < 0)]
        if len(found):
            row = found.iloc[0]
            return [
                Action(
                    "Mend {event} at {stage}, for every second visitor first where that can be "
                    "done: {size:count} {noun} met it, and about {lost:count} fewer sales "
                    "are associated with it.",
                    f"{study.noun.capitalize()} with {row['event']}", int(row["n"]),
                    _worth(study, row, "lost"),
                    {"event": row["event"], "stage": row["stage"], "noun": study.noun,
                     "lost": float(row["lost"]), "unit": _unit(study)},
                    MONEY_IS,
                )
            ]  # fmt: skip
    # Without a found event, low satisfaction says where to ask, not what to mend: no money.
    return _ask(study)


def _ask(study: JourneyStudy) -> list[Action]:
    """Ask those who answered low at the stage with the lowest satisfaction, where they are ten."""
    if not isinstance(study.satisfaction, pd.DataFrame) or not isinstance(study.pain, pd.DataFrame):
        return []
    low = lowest_stage(study.satisfaction)
    if low is None or low["finding"] != Finding.DIFFERS:
        return []
    here = (study.pain["event"] == LOW_ANSWER) & (study.pain["stage"] == low["stage"])
    answered = study.pain.loc[here & (study.pain["n"] >= LEAST_CELL), "n"]
    if answered.empty:
        return []
    return [
        Action(
            "Ask those who answered low at {stage} what went wrong, before anything is changed "
            "there: {size:count} {noun} have such an answer.",
            f"{study.noun.capitalize()} with a low answer at {low['stage']}",
            int(answered.iloc[0]), None,
            {"stage": low["stage"], "noun": study.noun, "unit": _unit(study)},
        )
    ]  # fmt: skip


def _catch_up(study: JourneyStudy) -> list[Action]:
    """Look after the channel whose journeys fall behind most at a stage."""
    if not isinstance(study.gains, pd.DataFrame):
        return []
    found = study.gains[(study.gains["finding"] == Finding.DIFFERS) & study.gains["gained"].notna()]
    if found.empty:
        return []
    row = found.iloc[0]
    return [
        Action(
            "Give visitors through {channel} at {stage} a page of their own and compare: "
            "{size:count} {noun} so far, {share:share.0} of which go on. At the rate of the other "
            "channels that would be {gained:count} more sales.",
            f"{row['channel']} at {row['stage']}", int(row["n"]), _worth(study, row, "gained"),
            {"channel": row["channel"], "stage": row["stage"], "noun": study.noun,
             "share": float(row["share"]), "gained": float(row["gained"]), "unit": _unit(study)},
            MONEY_IS,
        )
    ]  # fmt: skip


def _worth(study: JourneyStudy, row: pd.Series, column: str) -> Estimate | None:
    """Price further conversions at the mean value of a conversion; None without money."""
    each = mean_value(study)
    if each is None:
        return None
    value, low, high = (float(row[column + end]) for end in ("", "_low", "_high"))
    return Estimate(
        value * each, max(low, 0.0) * each, high * each, int(row["n"]), "money", of=study.noun
    )


def mean_value(study: JourneyStudy) -> float | None:
    """Give the mean value of a conversion; None where conversions have no value."""
    if isinstance(study.contacts, NotSupportedByData) or not study.contacts.has_value:
        return None
    sales = study.contacts.conversions
    sums = sales.aggregate(
        value=sales.conversion_value.cast("decimal(38, 6)").sum().cast("float64"),
        n=sales.conversions.sum(),
    ).to_pandas().iloc[0]  # fmt: skip
    return float(sums["value"]) / float(sums["n"]) if sums["n"] else None


def _unit(study: JourneyStudy) -> str:
    return f"{study.unit}|{study.noun}"
