"""What a duration counts and what a consultant sets."""

from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from shared.loading.errors import NotSupportedByData

UNIT_DAYS = {"days": 1.0, "weeks": 7.0, "months": 30.4375}
# How far the hazard looks to either side, and the time over which it is told.
SMOOTHING = {"days": 30, "weeks": 6, "months": 3}
PER = {"days": (30, "per 30 days"), "weeks": (4, "per 4 weeks"), "months": (1, "per month")}
Result = TypeVar("Result")
Part: TypeAlias = Result | NotSupportedByData


@dataclass(frozen=True)
class Clock:
    """What a duration counts.

    Attributes
    ----------
    unit : str
        "days", "weeks" or "months".
    since : str
        From when on, in words.
    window : int
        Days of silence after which a customer is lost; 0 where the client says who left.
    """

    unit: str
    since: str
    window: int

    @property
    def noun(self) -> str:
        """One step: day, week or month."""
        return self.unit.removesuffix("s")

    def of_days(self, days: float) -> float:
        """Turn days into this unit, whole steps."""
        return float(max(round(days / UNIT_DAYS[self.unit]), 1))


@dataclass(frozen=True)
class Settings:
    """What a consultant sets on the page; see the notebook's parameters."""

    churn_after_days: int = 0
    churn_quantile: float = 0.95
    group_by: str = ""
    landmark_days: int = 90
    compare_days: int = 365
    period: str = "M"
    due_weeks: int = 4
    step_in_days: int = 14
    time_unit: str = "days"
    placebo: bool = False

    @property
    def columns(self) -> list[str]:
        """The columns of `group_by`, in the order given."""
        return [name.strip() for name in self.group_by.split(",") if name.strip()]
