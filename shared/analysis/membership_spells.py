"""Membership spells: which part of a customer's time counts for the members, from which day on?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.analysis.proportional_hazards import HazardModel, hazard_model
from shared.analysis.survival_curve import Curve, shift_back, survival_curve
from shared.loading.errors import NotSupportedByData

LEAST_EVENTS = 10  # on either side, before a ratio is shown


@dataclass(frozen=True)
class MembershipSpells:
    """Each customer's time, cut where membership begins to count.

    Attributes
    ----------
    start, stop, observed, member : array
        One element per spell: from when to when, whether it ended with a loss, whether it counts
        for the members.
    ever : array of bool
        One element per customer: whether there is a day of joining, whenever it is.
    counts : dict of str to int
        As in `MembershipEffect.counts`.
    """

    start: np.ndarray
    stop: np.ndarray
    observed: np.ndarray
    member: np.ndarray
    ever: np.ndarray
    counts: dict[str, int]

    @classmethod
    def of(cls, frame: pd.DataFrame, window: int) -> "MembershipSpells":
        """Cut the time of each customer of `lifespans` at the day of joining."""
        stop, left = frame["duration"].to_numpy(dtype=float), frame["observed"].to_numpy(dtype=bool)
        entry, joined = frame["entry"].to_numpy(float), frame["membership_day"].to_numpy(float)
        ever = ~np.isnan(joined)
        at_once = ever & (joined <= 0)
        # Joining proves presence on that day, not for the window that follows it: read at the
        # last order, a member's loss is one whose last order came after joining.
        counts_from = np.where(at_once, 0.0, joined + window)
        never_counts = ever & ~at_once & (counts_from >= stop)
        cut = ever & ~at_once & ~never_counts
        start = np.concatenate([entry, np.maximum(counts_from, entry)[cut]])
        end = np.concatenate([np.where(cut, counts_from, stop), stop[cut]])
        event = np.concatenate([left & ~cut, left[cut]])
        member = np.concatenate([at_once, np.ones(int(cut.sum()), dtype=bool)])
        seen = (end > start) | (start <= 0)
        counts = {
            "customers": len(frame),
            "members": int(ever.sum()),
            "joined_at_start": int((joined == 0).sum()),
            "joined_before_start": int((joined < 0).sum()),
            "joined_after_loss": int((never_counts & left).sum()),
            "joined_too_late": int((never_counts & ~left).sum()),
            "member_events": int((event & member & seen).sum()),
            "standard_events": int((event & ~member & seen).sum()),
        }
        return cls(start[seen], end[seen], event[seen], member[seen], ever, counts)


@dataclass(frozen=True)
class Landmark:
    """Customers still there on the landmark day, split by membership on that day.

    Attributes
    ----------
    frame : pd.DataFrame
        These customers, with `duration` from the landmark on and `member`.
    model : HazardModel or None
        The ratio of members against standard customers; None with too few losses.
    members, standard : Curve or None
        None where nobody is left.
    counts : dict of str to int
        As in `MembershipEffect.counts`.
    """

    frame: pd.DataFrame
    model: HazardModel | None
    members: Curve | None
    standard: Curve | None
    counts: dict[str, int]

    @classmethod
    def of(cls, frame: pd.DataFrame, day: int, *, window: int, unit: str) -> "Landmark":
        """Take the customers of `lifespans` who are still there on a day."""
        begin = day + window
        there = frame[(frame["duration"] > begin) & (frame["entry"] <= begin)]
        there = there.assign(
            duration=there["duration"] - begin, entry=0.0, member=there["membership_day"] <= day
        )
        curves = [
            group_curve(group, label, window=0, unit=unit) if len(group) else None
            for group, label in (
                (there[there["member"]], "Members"),
                (there[~there["member"]], "Standard customers"),
            )
        ]
        model = member_model(there["duration"], there["observed"], there["member"], there["entry"])
        counts = {
            "landmark_members": int(there["member"].sum()),
            "landmark_standard": int((~there["member"]).sum()),
            "left_before_landmark": len(frame) - len(there),
        }
        return cls(there, model, curves[0], curves[1], counts)


def group_curve(group: pd.DataFrame, label: str, *, window: int, unit: str) -> Curve:
    """Estimate the curve of some customers, read on the clock of the last order."""
    curve = survival_curve(
        group["duration"].to_numpy(), group["observed"].to_numpy(),
        entry=group["entry"].to_numpy(), label=label, unit=unit,
    )  # fmt: skip
    return shift_back(curve, window)


def member_model(
    stop: pd.Series | np.ndarray,
    observed: pd.Series | np.ndarray,
    member: pd.Series | np.ndarray,
    start: pd.Series | np.ndarray,
) -> HazardModel | None:
    """Fit the hazard ratio of membership; None where either side has fewer than ten losses."""
    left, side = np.asarray(observed, dtype=bool), np.asarray(member, dtype=bool)
    if min((left & side).sum(), (left & ~side).sum()) < LEAST_EVENTS:
        return None
    try:
        return hazard_model(
            np.asarray(stop, dtype=float), left, {"member": side},
            start=np.asarray(start, dtype=float),
        )  # fmt: skip
    except NotSupportedByData:
        return None
