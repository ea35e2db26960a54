"""What limits the attribution page: the method, and what is known of this client's data."""

import pandas as pd

from shared.analysis.attribution import rare_channels
from shared.analysis.attribution_memory_answers import changes_channel
from shared.analysis.attribution_paths import Journeys
from shared.analysis.attribution_study import AttributionStudy
from shared.analysis.verdicts import Reason

MOST_NAMED = 6
FEW_CHANGE = 0.1  # share of journeys with several channels below which little can be shared


def attribution_caveats(study: AttributionStudy) -> list[Reason]:
    """Give the known limits, the gravest first."""
    said = [*_placebo(study), *_one_channel(study), *_rare(study), *_states(study)]
    if isinstance(study.journeys, Journeys):
        said += [*_untouched(study, study.journeys), *_open(study, study.journeys),
                 *_times(study.journeys), *_set_aside(study.journeys),
                 *_several(study.journeys)]  # fmt: skip
    return [*said, *_costless(study), *_repeats(study)]


def _placebo(study: AttributionStudy) -> list[Reason]:
    if not study.is_placebo:
        return []
    return [
        Reason(
            "This is a placebo run: the outcomes were dealt anew to the journeys, and nothing "
            "said here is a finding."
        )
    ]


def _one_channel(study: AttributionStudy) -> list[Reason]:
    share = changes_channel(study)
    if share.value >= FEW_CHANGE:
        return []
    template = "Only {share:share.1} of the journeys met" if share.value else "No journey met"
    return [
        Reason(
            template + " more than one channel; people who change device or refuse cookies look "
            "like several.",
            {"share": share},
        )
    ]


def _rare(study: AttributionStudy) -> list[Reason]:
    names = rare_channels(study.paths)
    if not names:
        return []
    return [
        Reason(
            "{n:count} {n:channel stands|channels stand} on the paths of fewer than 30 "
            "sales and {n:is|are} marked rare: {names}{more}.",
            {"n": len(names), "names": ", ".join(names[:MOST_NAMED]),
             "more": " …" if len(names) > MOST_NAMED else ""},
        )
    ]  # fmt: skip


def _states(study: AttributionStudy) -> list[Reason]:
    row = study.memory.table[study.memory.table["used"]].iloc[0]
    if row["parameters"] * 10 < study.paths.journeys:
        return []
    return [
        Reason(
            "A memory of {used:count} has {parameters:count} free figures for {n:count} journeys: "
            "it repeats these journeys more than it describes them.",
            {"used": int(row["memory"]), "parameters": int(row["parameters"]),
             "n": study.paths.journeys},
        )
    ]  # fmt: skip


def _untouched(study: AttributionStudy, journeys: Journeys) -> list[Reason]:
    total = journeys.counts["conversions"]
    without = total - study.paths.total
    said = []
    if without > 0:
        said.append(
            Reason(
                "{n:count} of {all:count} sales have no contact in the {days:count} days "
                "before them that no earlier sale used, and are credited to no channel.",
                {"n": without, "all": total, "days": journeys.lookback_days},
            )
        )
    if journeys.counts["earlier_conversions"]:
        said.append(
            Reason(
                "{n:count} sales before the first contact on {day:date} are left out; those "
                "in the {days:count} days after it may have had contacts that nobody recorded.",
                {"n": journeys.counts["earlier_conversions"], "days": journeys.lookback_days,
                 "day": journeys.tracked_from.date()},
            )
        )  # fmt: skip
    return said


def _open(study: AttributionStudy, journeys: Journeys) -> list[Reason]:
    is_open = journeys.journeys.outcome == "open"
    n = int(journeys.journeys.filter(is_open).count().execute())
    if not n:
        return []
    total, over = study.paths.total, study.paths.journeys
    return [
        Reason(
            "{n:count} journeys with a contact in the last {days:count} days are still open and "
            "left out, the sales of these days are not: {share:share.1} of journeys convert so, "
            "and {least:share.1} if no open one did.",
            {"n": n, "days": journeys.lookback_days, "share": total / over,
             "least": total / (over + n)},
        )
    ]  # fmt: skip


def _times(journeys: Journeys) -> list[Reason]:
    said = []
    if journeys.counts["tied"]:
        said.append(
            Reason(
                "{n:count} contacts share customer and instant with one through another channel; "
                "they stand in the order of the channels' names.",
                {"n": journeys.counts["tied"]},
            )
        )
    if journeys.by_day:
        said.append(
            Reason("Sales are dated by day: contacts of the same day count as before them.")
        )
    return said


def _set_aside(journeys: Journeys) -> list[Reason]:
    counts = journeys.counts
    said = []
    if counts["too_old"]:
        said.append(
            Reason(
                "{n:count} contacts lie more than {days:count} days before the sale of their "
                "journey and are left out.",
                {"n": counts["too_old"], "days": journeys.lookback_days},
            )
        )
    if counts["no_customer"]:
        said.append(
            Reason(
                "{n:count} contacts have no customer and stand on no path.",
                {"n": counts["no_customer"]},
            )
        )
    if counts["not_recorded"]:
        said.append(
            Reason(
                "{n:count} contacts have no channel and count as one of their own.",
                {"n": counts["not_recorded"]},
            )
        )
    return said


def _several(journeys: Journeys) -> list[Reason]:
    customers = journeys.journeys.group_by("customer_id").aggregate(n=lambda t: t.count())
    mean = float(customers.n.mean().execute())
    if mean < 1.5:
        return []
    return [
        Reason(
            "A customer has {mean:number.1} journeys on average. Intervals of credit and removal "
            "draw customers with all of theirs; tests of single channels take journeys as "
            "independent.", {"mean": mean},
        )
    ]  # fmt: skip


def _costless(study: AttributionStudy) -> list[Reason]:
    """Say which channels have contacts and no cost: nothing is known to be free."""
    if not isinstance(study.returns, pd.DataFrame):
        return []
    names = sorted(study.returns.loc[study.returns["cost"] <= 0, "channel"])
    if not names:
        return []
    return [
        Reason(
            "No cost is recorded for {names}{more}: that is not to say they are free.",
            {"names": ", ".join(names[:MOST_NAMED]),
             "more": " …" if len(names) > MOST_NAMED else ""},
        )
    ]  # fmt: skip


def _repeats(study: AttributionStudy) -> list[Reason]:
    words = {
        "keep": "Several contacts in a row through one channel are each counted.",
        "collapse": "Several contacts in a row through one channel are counted as one.",
    }
    said = [Reason(words[study.repeats])]
    if study.direct == "override" and isinstance(study.journeys, Journeys):
        said.append(Reason("Direct visits are left out of every journey that has another contact."))
    return said
