"""Membership: do members stay longer once the time they had to survive to join is accounted for?"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from shared.analysis.intervals import Estimate
from shared.analysis.log_rank import log_rank
from shared.analysis.membership_spells import (
    Landmark,
    MembershipSpells,
    group_curve,
    member_model,
)
from shared.analysis.multiple_testing import LEANING, SETTLED
from shared.analysis.proportional_hazards import HazardModel
from shared.analysis.survival_curve import Curve, Median
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData


class Association(StrEnum):
    """What the corrected comparison allows a page to say; never that a programme works."""

    LONGER = "associated with staying longer"
    SHORTER = "associated with leaving sooner"
    NOT_SETTLED = "not settled"
    NOTHING = "no evidence"
    TOO_FEW = "too few customers"


@dataclass(frozen=True)
class MembershipEffect:
    """Members against standard customers: the naive comparison and the two corrected ones.

    Hazard ratios below 1 mean that members leave at a lower rate. All are `Estimate`s in "ratio"
    whose n is customers, or None where one side has too few losses to estimate it.

    Attributes
    ----------
    naive : Estimate or None
        Hazard ratio of whoever ever joined against the others: misleading, members had to stay
        until they joined.
    naive_p : float or None
        Log-rank p-value of that comparison.
    naive_members, naive_standard : Curve
        The naive curves, on the clock of the reading; their `median` is the naive median.
    landmark_day : int
        Day on which everybody still a customer is split by membership then.
    landmark : Estimate or None
        Hazard ratio from the landmark on.
    landmark_p : float or None
        Its Wald p-value.
    landmark_members, landmark_standard : Curve or None
        Curves of both groups from the landmark on; their day 0 is the landmark. None where a group
        has nobody left then.
    time_varying : Estimate or None
        Cox hazard ratio with membership from the day of joining: the adjusted figure.
    time_varying_p : float or None
        Its Wald p-value.
    proportional_p : float or None
        Test whether that ratio is the same at all ages; below .01 it is an average only.
    counts : dict of str to int
        `customers`; `members` (ever joined), of them `joined_at_start` (on the day of the first
        order), `joined_before_start` (both are members from the start), `joined_after_loss` (after
        the last order: standard throughout) and `joined_too_late` (within the window before the
        snapshot: standard, since no loss could follow yet); `member_events` and `standard_events`
        (losses by membership at the last order); `landmark_members`, `landmark_standard` and
        `left_before_landmark` (or not followed as long).
    verdict : Association
        From the time-varying ratio at 1 %.
    """

    naive: Estimate | None
    naive_p: float | None
    naive_members: Curve
    naive_standard: Curve
    landmark_day: int
    landmark: Estimate | None
    landmark_p: float | None
    landmark_members: Curve | None
    landmark_standard: Curve | None
    time_varying: Estimate | None
    time_varying_p: float | None
    proportional_p: float | None
    counts: dict[str, int]
    verdict: Association

    @property
    def naive_medians(self) -> tuple[Median, Median]:
        """Give the medians of the naive curves, members first."""
        return self.naive_members.median, self.naive_standard.median

    @property
    def warning(self) -> Reason:
        """Say that the naive figure must not be believed."""
        return _warning(self)

    @property
    def set_apart(self) -> list[Reason]:
        """Name memberships that count otherwise, and what the ratio averages over."""
        return _set_apart(self)


def membership_effect(
    frame: pd.DataFrame,
    *,
    landmark_day: int,
    window: int = 0,
    unit: str = "days",
) -> MembershipEffect:
    """Compare members with standard customers, naively and free of immortal time.

    On the clock of confirmation the event stands `window` days after the last order. Membership is
    therefore read at the last order too: it counts from `membership_day + window` on, so that
    joining at the till, which proves that the customer is still there, gives no head start.

    Parameters
    ----------
    frame : pd.DataFrame
        As from `lifespans` or `lifespans_from_durations`: `customer_id`, `duration`, `observed`,
        `entry` and `membership_day` (blank for never).
    landmark_day : int
        Age on the clock of the reading at which the landmark comparison starts.
    window : int
        The churn window behind `duration`; 0 for durations that the client measured.
    unit : str
        What a duration counts, for the sentences.

    Returns
    -------
    MembershipEffect

    Raises
    ------
    NotSupportedByData
        If the column is missing, or nobody or everybody is a member.

    References
    ----------
    Suissa, S. (2008). Immortal time bias in pharmacoepidemiology.
    Anderson, J. R., Cain, K. C. and Gelber, R. D. (1983). Analysis of survival by tumor response.
    """
    _require_both(frame)
    spells = MembershipSpells.of(frame, window)
    naive_members, naive_standard = (
        group_curve(frame[side], label, window=window, unit=unit)
        for side, label in ((spells.ever, "Members"), (~spells.ever, "Standard customers"))
    )
    naive = member_model(frame["duration"], frame["observed"], spells.ever, frame["entry"])
    naive_p = log_rank(
        frame["duration"].to_numpy(), frame["observed"].to_numpy(), spells.ever,
        entry=frame["entry"].to_numpy(),
    ).p  # fmt: skip
    landmark = Landmark.of(frame, landmark_day, window=window, unit=unit)
    varying = member_model(spells.stop, spells.observed, spells.member, spells.start)
    return MembershipEffect(
        naive=_ratio(naive, len(frame)),
        naive_p=naive_p,
        naive_members=naive_members,
        naive_standard=naive_standard,
        landmark_day=landmark_day,
        landmark=_ratio(landmark.model, len(landmark.frame)),
        landmark_p=_p(landmark.model),
        landmark_members=landmark.members,
        landmark_standard=landmark.standard,
        time_varying=_ratio(varying, len(frame)),
        time_varying_p=_p(varying),
        proportional_p=float(varying.proportional_p[0]) if varying else None,
        counts=spells.counts | landmark.counts,
        verdict=_association(varying),
    )


def _require_both(frame: pd.DataFrame) -> None:
    if "membership_day" not in frame.columns or frame["membership_day"].isna().all():
        raise NotSupportedByData(
            "nobody has a day of joining a programme", "loyalty_joined_on in the table customers"
        )
    if frame["membership_day"].notna().all():
        raise NotSupportedByData("everybody joined the programme", "customers who did not, too")


def _ratio(model: HazardModel | None, n: int) -> Estimate | None:
    return model.ratio("member", n=n) if model else None


def _p(model: HazardModel | None) -> float | None:
    return float(model.p[0]) if model else None


def _association(model: HazardModel | None) -> Association:
    if model is None:
        return Association.TOO_FEW
    if model.p[0] >= LEANING:
        return Association.NOTHING
    if model.p[0] >= SETTLED:
        return Association.NOT_SETTLED
    return Association.LONGER if model.coefficients[0] < 0 else Association.SHORTER


def _warning(found: MembershipEffect) -> Reason:
    if found.naive is None or found.time_varying is None:
        return Reason(
            "Set side by side, members seem to stay longer in any case: they had to stay until "
            "they joined."
        )
    misled = abs(np.log(found.naive.value)) > abs(np.log(found.time_varying.value))
    return Reason(
        "Set side by side, members seem to leave at {naive} times the rate of the others. "
        + ("That is misleading: " if misled else "That comparison is not fair either: ")
        + "whoever left early had no time to join, so members are those who stayed. Counted from "
        "the day of joining it is {ratio}.",
        {"naive": found.naive, "ratio": found.time_varying},
    )


def _set_apart(found: MembershipEffect) -> list[Reason]:
    """Name memberships that began at the first order, before it, or too late to matter."""
    templates = {
        "joined_before_start": "{n:count} {n:membership|memberships} began before the first order "
        "in the data: counted from that order on.",
        "joined_at_start": "{n:count} {n:membership|memberships} began on the day of the first "
        "order: counted from the start.",
        "joined_after_loss": "{n:count} {n:membership|memberships} began after what was the last "
        "order: whoever was lost by then counts as a standard customer.",
        "joined_too_late": "{n:count} {n:membership|memberships} began too shortly before the end "
        "of the data for a loss to follow: until then these are standard customers.",
    }
    said = [
        Reason(template, {"n": found.counts[key]})
        for key, template in templates.items()
        if found.counts[key]
    ]
    if found.proportional_p is not None and found.proportional_p < SETTLED:
        said.append(
            Reason("The ratio is not the same at all ages, so read it as an average over them.")
        )
    return said
