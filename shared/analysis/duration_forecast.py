"""Leaving, read from durations alone: the churn rate by age, and who is expected to leave next."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from shared.analysis.intervals import Estimate
from shared.analysis.survival_curve import Curve, Z, survival_curve
from shared.loading.errors import NotSupportedByData

LEAST_CUSTOMERS, LEAST_EVENTS = 40, 10
EVERYBODY = "All customers"


@dataclass(frozen=True)
class DurationForecast:
    """Every customer still there, with the probability of leaving in the time ahead.

    Attributes
    ----------
    customers : pd.DataFrame
        Most likely to leave first: `customer_id`, `group`, `duration`, `probability` and
        `uncertainty` (its standard error).
    groups : pd.DataFrame
        `band` (the group), `customers`, `expected` (to leave), `low`, `high` (95 %).
    expected : Estimate
        Customers expected to leave.
    ahead : float
        Time looked ahead, in the unit of the durations.
    unknown : int
        Customers still there without a forecast: nobody of their group was followed so long, or
        fewer than ten of it have left.
    """

    customers: pd.DataFrame
    groups: pd.DataFrame
    expected: Estimate
    ahead: float
    unknown: int


def forecast_durations(frame: pd.DataFrame, *, by: str = "", ahead: float) -> DurationForecast:
    """Forecast who leaves next from the survival of the group: 1 - S(age + ahead) / S(age).

    Parameters
    ----------
    frame : pd.DataFrame
        As from `lifespans_from_durations`, with the column `by` if one is named.
    by : str
        Column that names the group; "" takes all customers together.
    ahead : float
        Time to look ahead, in the unit of the durations.

    Raises
    ------
    NotSupportedByData
        With fewer than 40 customers still there whose future ages anybody has reached.
    """
    names = frame[by].astype(str) if by else pd.Series(EVERYBODY, index=frame.index)
    parts = []
    for name, rows in frame.groupby(names.to_numpy(), sort=True):
        curve = survival_curve(rows["duration"].to_numpy(), rows["observed"].to_numpy(bool))
        there = rows[~rows["observed"].astype(bool)]
        scored = _scored(there, curve, ahead).assign(group=str(name))
        # A curve of no or few losses would promise that nobody leaves.
        few = curve.events < LEAST_EVENTS
        parts.append(scored.assign(probability=np.nan) if few else scored)
    scored = pd.concat(parts)
    known = scored[scored["probability"].notna()]
    if len(known) < LEAST_CUSTOMERS:
        raise NotSupportedByData(
            f"{len(known):,} customers still there in groups that have lost {LEAST_EVENTS} and "
            "were followed for longer",
            f"at least {LEAST_CUSTOMERS} such customers",
        )
    groups = [
        (name, len(rows), expected_losses(rows, shared_by="group"))
        for name, rows in known.groupby("group", sort=True)
    ]
    table = pd.DataFrame(
        [(name, n, total.value, total.low, total.high) for name, n, total in groups],
        columns=["band", "customers", "expected", "low", "high"],
    )
    columns = ["customer_id", "group", "duration", "probability", "uncertainty"]
    customers = known[columns].sort_values(
        ["probability", "customer_id"], ascending=[False, True], ignore_index=True
    )
    expected = expected_losses(known, shared_by="group")
    return DurationForecast(customers, table, expected, ahead, len(scored) - len(known))


def churn_by_age(curve: Curve, *, step: float) -> pd.DataFrame:
    """Give retention and churn of each stretch of age: churn rate = 1 - S(end) / S(start).

    Returns
    -------
    pd.DataFrame
        `begins`, `ends`, `start` (customers followed at its start), `lost`, `retention_rate`,
        `churn_rate`, `low`, `high` (95 %); whole stretches with ten customers at risk at the end.
    """
    table, reach = curve.table, curve.mean_until
    ages = np.arange(0, reach + 1e-9, step)
    survival, greenwood = _steps(table)
    rows = []
    for begin, end in pairwise(ages):
        at, to = (int(np.searchsorted(table["day"], age, side="right")) for age in (begin, end))
        kept = survival[to] / survival[at] if survival[at] else np.nan
        error = kept * np.sqrt(max(greenwood[to] - greenwood[at], 0.0))
        low, high = 1 - min(kept + Z * error, 1.0), 1 - max(kept - Z * error, 0.0)
        lost = int(table["events"].iloc[at:to].sum())
        start = int(curve.at_risk_on(np.array([begin + 1e-9]))[0])
        rows.append((begin, end, start, lost, kept, 1 - kept, low, high))
    names = ["begins", "ends", "start", "lost", "retention_rate", "churn_rate", "low", "high"]
    return pd.DataFrame(rows, columns=names)


def _scored(there: pd.DataFrame, curve: Curve, ahead: float) -> pd.DataFrame:
    """Read the curve at each age and further on; blank beyond the last age that was followed."""
    survival, greenwood = _steps(curve.table)
    age = there["duration"].to_numpy(float)
    now = np.searchsorted(curve.table["day"], age, side="right")
    then = np.searchsorted(curve.table["day"], age + ahead, side="right")
    with np.errstate(divide="ignore", invalid="ignore"):
        kept = survival[then] / survival[now]
    error = kept * np.sqrt(np.maximum(greenwood[then] - greenwood[now], 0.0))
    seen = age + ahead <= curve.table["day"].iloc[-1]
    return there.assign(
        probability=np.where(seen, 1 - kept, np.nan), uncertainty=np.where(seen, error, np.nan)
    )


def _steps(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Give survival and Greenwood's sum before the first age and after each."""
    survival = np.append(1.0, table["survival"].to_numpy(float))
    square = survival[1:] ** 2
    rough = np.divide(table["variance"].to_numpy(float), square, out=np.zeros(len(table)),
                      where=square > 0)  # fmt: skip
    return survival, np.append(0.0, rough)


def expected_losses(rows: pd.DataFrame, *, shared_by: str) -> Estimate:
    """Add up probabilities; chance and the estimate's own error make the interval.

    Errors of customers of one curve are added, not averaged out: they miss together.

    Parameters
    ----------
    rows : pd.DataFrame
        `probability`, `uncertainty` (its standard error) and the column that names the curve.
    shared_by : str
        That column.
    """
    p = rows["probability"]
    shared = rows.groupby(shared_by)["uncertainty"].sum().to_numpy()
    half = Z * float(np.sqrt((p * (1 - p)).sum() + (shared**2).sum()))
    value, n = float(p.sum()), len(rows)
    return Estimate(
        value, max(value - half, 0.0), min(value + half, float(n)), n, "count", of="customers"
    )
