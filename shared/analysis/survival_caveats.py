"""The limits of this client's data for the page on survival."""

from shared.analysis.membership_effect import MembershipEffect
from shared.analysis.survival import SurvivalStudy
from shared.analysis.survival_curve import Curve
from shared.analysis.survival_words import answer
from shared.analysis.verdicts import Reason

SHORT_TAIL = 10


def survival_caveats(study: SurvivalStudy) -> list[Reason]:
    """List what this client's data do to the page, each as a template with values."""
    limits = [
        *_lost_and_back(study),
        *_older(study),
        *_tail(study),
        *_members(study),
        *_groups(study),
    ]
    return [*limits, _exits(study)]


def _lost_and_back(study: SurvivalStudy) -> list[Reason]:
    if not study.has_orders:
        return []
    return [
        Reason(
            "Being lost is a judgement: after {days:days} of silence a customer counts as lost. "
            "{back} of the {n:count} silences that long were ended by an order.",
            {"days": study.clock.window, "back": study.came_back, "n": study.came_back.n},
        ),
        Reason(
            "The last {days:days} before {date:date} can confirm no loss of a customer who ordered "
            "in them: such customers count as still there, not as lost.",
            {"days": study.clock.window, "date": study.snapshot_date},
        ),
    ]


def _older(study: SurvivalStudy) -> list[Reason]:
    frame = study.frame
    possibly, older = int(frame["possibly_older"].sum()), int(frame["older"].sum())
    found = []
    if possibly and isinstance(study.settled, Curve):
        median = study.settled.median
        template = (
            "{n:count} of {all:count} customers ordered first in the first {days:days} of the data "
            "and may be older: their clock would start too late. Without them "
        ) + (
            "half of the customers are lost after {median:time}."
            if median.days is not None
            else "half is not reached within {followed:time}."
        )
        found.append(
            answer(template, study, n=possibly, all=study.customers, days=study.clock.window,
                   median=median.days, followed=median.followed)
        )  # fmt: skip
    if older:
        found.append(
            Reason(
                "{n:count} customers registered before the data begin: they are counted from the "
                "day on which they could first be seen.",
                {"n": older},
            )
        )
    return found


def _tail(study: SurvivalStudy) -> list[Reason]:
    table = study.curve.table
    beyond = table[table["day"] > study.curve.mean_until]
    if beyond.empty:
        return []
    return [
        answer(
            "Beyond {until:time} fewer than {least:count} customers are followed; no line is drawn "
            "there.",
            study, until=study.curve.mean_until, least=SHORT_TAIL,
        )
    ]  # fmt: skip


def _members(study: SurvivalStudy) -> list[Reason]:
    found = study.members
    if not isinstance(found, MembershipEffect):
        return []
    counts = found.counts
    limits = found.set_apart
    limits.append(
        answer(
            "On the landmark, {noun} {day:count}, {members:count} members and {others:count} "
            "others were still customers; {left:count} customers were not, or too new to tell.",
            study, day=found.landmark_day, members=counts["landmark_members"],
            others=counts["landmark_standard"], left=counts["left_before_landmark"],
        )
    )  # fmt: skip
    return limits


def _groups(study: SurvivalStudy) -> list[Reason]:
    return [note for compared in study.compared.values() for note in compared.notes][:4]


def _exits(study: SurvivalStudy) -> Reason:
    if study.has_orders:
        return Reason(
            "Why a customer left is not in the data: a move, a death and a change of supplier "
            "count alike."
        )
    return Reason(
        "Every way of leaving counts alike, and whoever has not left is taken to leave later at "
        "the same rate as those of the same age who are still there."
    )
