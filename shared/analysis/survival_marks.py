"""Curves of survival read for a chart: its lines, medians, the numbers behind it, its alt text."""

import numpy as np
import pandas as pd

from shared.analysis.survival import SurvivalStudy
from shared.analysis.survival_curve import Curve
from shared.analysis.survival_words import answer
from shared.analysis.verdicts import Reason

MARKS = 10  # rows of the numbers behind a curve
STEPS = (1, 2, 3, 5, 6, 10, 12, 15, 20, 30, 50, 60, 90, 100, 120, 180, 200, 300, 365, 730)
MOST_NAMED = 3  # lines of the alt text


def medians_of(curves: dict[str, Curve], *, begin: float = 0.0) -> pd.DataFrame:
    """Give the day by which half of each group have left; blank where it is not reached."""
    days = [curve.median.days for curve in curves.values()]
    later = [None if day is None else day + begin for day in days]
    return pd.DataFrame({"group": list(curves), "median": pd.Series(later, dtype="float64")})


def stacked(curves: dict[str, Curve], *, begin: float = 0.0) -> pd.DataFrame:
    """Put the curves below each other, each as far as ten customers are at risk."""
    parts = [
        curve.drawn().assign(group=name, duration=curve.drawn()["day"] + begin)
        for name, curve in curves.items()
    ]
    return pd.concat(parts, ignore_index=True)


def marks(curves: dict[str, Curve], *, begin: float = 0.0) -> pd.DataFrame:
    """Read the curves at a few even ages."""
    last = max((float(curve.drawn()["day"].max()) for curve in curves.values()), default=0.0)
    ages = np.arange(0, last + 1e-9, even_step(last))
    rows = []
    for name, curve in curves.items():
        reach = float(curve.drawn()["day"].max())
        for age, left in zip(ages, curve.at_risk_on(ages), strict=True):
            share = curve.at(age)
            if age <= reach and share is not None:
                rows.append((name, age + begin, int(left), share.value, share.low, share.high))
    names = ["group", "duration", "at_risk", "survival", "low", "high"]
    return pd.DataFrame(rows, columns=names)


def even_step(last: float) -> int:
    """Find the round step that gives at most ten marks."""
    return next((step for step in STEPS if last / step <= MARKS), STEPS[-1])


def lines_alt(study: SurvivalStudy, data: pd.DataFrame, chart: str) -> Reason:
    """Say where the lines are on the last day that all have; every number stands in the data."""
    named = list(dict.fromkeys(data["group"]))[:MOST_NAMED]
    there = data[data["group"].isin(named)]
    day = float(there.groupby("group")["duration"].max().min())
    shares = there[there["duration"] == day].set_index("group")["survival"]
    parts = [f"{{name_{i}}} {{share_{i}:share.1}}" for i in range(len(named))]
    values: dict[str, object] = {"day": day}
    for i, name in enumerate(named):
        values |= {f"name_{i}": str(name), f"share_{i}": float(shares[name])}
    told = ", ".join(parts)
    return answer(f"{chart}, with 95% bands: at {{noun}} {{day:count}} {told}.", study, **values)
