"""How a change is written on the index: signed, shares in points, with its interval."""

from shared.analysis.intervals import Estimate
from shared.plots.locales import Wording
from shared.report.words import word


def written_change(by: Estimate, wording: Wording, *, with_unit: bool = True) -> str:
    """Write a difference, such as "+2.0 points (+0.4 to +3.6)"; a full count has no interval."""
    scale = 100 if by.unit == "share" else 1
    spec = {"share": "number.1", "ratio": "number.2"}.get(by.unit, by.unit)
    points = word("points") if with_unit and by.unit == "share" else ""

    def signed(x: float) -> str:
        """Write a difference with its sign."""
        return ("+" if x > 0 else "") + wording.format(scale * x, spec)

    written = f"{signed(by.value)} {points}".strip()
    if by.level < 1:
        written += f" ({word('from_to', low=signed(by.low), high=signed(by.high))})"
    return written
