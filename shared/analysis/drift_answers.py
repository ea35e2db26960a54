"""What the drift of the base answers: places, orders, season and where it would lead, in words."""

from dataclasses import replace

import pandas as pd

from shared.analysis.intervals import Estimate
from shared.analysis.multiple_testing import Finding
from shared.analysis.periods import CALENDAR
from shared.analysis.same_season import PERIODS_A_YEAR, SameSeason
from shared.analysis.segment_movement import Drift
from shared.analysis.segment_transitions import SteadyState
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

NOT_SETTLED = " That is not settled: it may be chance."


def drift(found: Drift, year: SameSeason | NotSupportedByData, *, period: str) -> list[Reason]:
    """Answer: where does the base drift? By place in the base, by orders, and by season."""
    said = [_moved(found), _ordered(found, period=period)]
    first, last = (pd.Period(end, freq=period) - 1 for end in (found.since, found.until))
    if (last.ordinal - first.ordinal) % PERIODS_A_YEAR[period] == 0:
        return said  # both lie in the same season
    return [*said, _season(first, last, year, noun=CALENDAR[period])]


def steady(found: SteadyState) -> Reason:
    """Answer: where would the flows lead if nothing changed and nobody joined?"""
    top = found.table.iloc[0]
    return Reason(
        "If the flows stayed as they are and nobody joined, {share} ({low:share} to {high:share}) "
        "of the customers would in the end be {segment}; on {until:date} it was {now:share}. "
        "Scores are relative, and newcomers made room for these flows: this reads the present, it "
        "forecasts nothing.",
        {
            "share": found.first,
            "low": found.first.low,
            "high": found.first.high,
            "segment": top["segment"],
            "now": top["share_now"],
            "until": found.until,
        },
    )


def _moved(found: Drift) -> Reason:
    points = _points(found.standing)
    place = {
        Finding.NOTHING: "On the whole they kept their place.",
        Finding.TOO_FEW: "They are too few to say whether they kept their place.",
    }.get(
        found.standing_finding,
        "On the whole they lost {fall} places of 100 to those who joined later."
        if found.standing.value < 0
        else "On the whole they gained {rise} places of 100 over those who joined later.",
    )
    said = (
        "Of the {customers} customers of {since:date}, {up} have a higher score on {until:date}, "
        "{down} a lower one, {stayed} the same. In a steady base more fall than rise: silence "
        "lowers a score step by step, one order lifts it at once. " + place
    )
    doubt = NOT_SETTLED if found.standing_finding is Finding.NOT_SETTLED else ""
    return Reason(said + doubt, {**vars(found), "fall": _turned(points), "rise": points})


def _ordered(found: Drift, *, period: str) -> Reason:
    said = (
        "Those of them who had joined before it ordered {rate_then:number} times in the first "
        "{noun} shown"
    )
    said += {
        Finding.NOTHING: " and {rate_now:number} times in the last: no drift beyond chance.",
        Finding.TOO_FEW: "; they are too few to compare with the last.",
    }.get(
        found.rate_finding,
        " and {rate_now:number} times in the last: the same customers buy "
        + ("less." if found.rate_change.value < 0 else "more."),
    )
    doubt = NOT_SETTLED if found.rate_finding is Finding.NOT_SETTLED else ""
    return Reason(said + doubt, {**vars(found), "noun": CALENDAR[period]})


def _season(
    first: pd.Period, last: pd.Period, year: SameSeason | NotSupportedByData, *, noun: str
) -> Reason:
    values = {"noun": noun, "first": first, "last": last}
    said = "Between {first:month} and {last:month} the season may differ"
    if isinstance(year, NotSupportedByData):
        why = " and cannot be told from drift here: {why}."
        return Reason(said + why, {**values, "why": year.reason})
    said += (
        ". Against the same {noun} a year earlier, the {customers} {customers:customer|customers} "
        "who had joined before that ordered {rate_then:number} times then and {rate_now:number} "
        "times in {last:month}"
    )
    said += {
        Finding.NOTHING: ": no drift beyond chance.",
        Finding.TOO_FEW: "; they are too few to compare.",
    }.get(year.finding, ": they buy " + ("less." if year.change.value < 0 else "more."))
    doubt = NOT_SETTLED if year.finding is Finding.NOT_SETTLED else ""
    return Reason(said + doubt, {**vars(year), **values})


def _points(share: Estimate) -> Estimate:
    return replace(
        share, value=100 * share.value, low=100 * share.low, high=100 * share.high, unit="number"
    )


def _turned(estimate: Estimate) -> Estimate:
    return replace(estimate, value=-estimate.value, low=-estimate.high, high=-estimate.low)
