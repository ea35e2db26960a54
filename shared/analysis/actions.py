"""Actions: what to do, for whom, how many they are, and the money it is about."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.analysis.intervals import Estimate


@dataclass(frozen=True)
class Action:
    """One thing to do: a template, and the segment, size and money it is about.

    `money_is` tells what the money is, such as "margin given away".
    """

    template: str
    segment: str
    size: int
    money: float | Estimate | None
    values: Mapping[str, object] = field(default_factory=dict)
    money_is: str = "revenue so far"
