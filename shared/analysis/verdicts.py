"""How far a report can be trusted: three verdicts and the gates that decide between them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """The three verdicts a page can open with; the value is the wording on the page."""

    RELIABLE = "can be relied on"
    CARE = "read with care"
    UNSUPPORTED = "not supported by this data"


@dataclass(frozen=True)
class Reason:
    """A sentence yet to be written: a template and its values, formatted by the report.

    Verdicts carry their reasons this way, and analyses their answers, titles and caveats.
    """

    template: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """A level with the reasons that lowered it; no reason when it can be relied on."""

    level: Level
    reasons: tuple[Reason, ...] = ()


def judge(reasons: list[Reason]) -> Verdict:
    """Give the verdict "read with care" if anything speaks against relying on the data."""
    return Verdict(Level.CARE if reasons else Level.RELIABLE, tuple(reasons))
