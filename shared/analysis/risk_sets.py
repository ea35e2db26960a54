"""Risk sets: how many customers were still there on each day, how many left, how many went on?"""

import numpy as np
import pandas as pd


def risk_table(
    durations: np.ndarray, observed: np.ndarray, entry: np.ndarray | None = None
) -> pd.DataFrame:
    """Count who could leave, who left and who was last seen on each day that somebody's time ends.

    Parameters
    ----------
    durations : array of float
        Time until the customer left or was last seen; 0 or more.
    observed : array of bool
        Whether the customer left.
    entry : array of float, optional
        Time from which the customer could be seen leaving; counted from the day after. 0 is the
        start itself. Customers who end no later than they enter tell nothing and are left out.

    Returns
    -------
    pd.DataFrame
        One row per distinct duration, ascending: `day`, `at_risk`, `events`, `censored`.

    Raises
    ------
    ValueError
        If a duration is negative or not a finite number.
    """
    days, left, start = checked_times(durations, observed, entry)
    distinct, place = np.unique(days, return_inverse=True)
    events = np.bincount(place, weights=left, minlength=len(distinct)).astype("int64")
    ends = np.bincount(place, minlength=len(distinct))
    late = np.sort(start[start > 0])
    still = len(days) - np.concatenate([[0], ends.cumsum()[:-1]]).astype("int64")
    waiting = len(late) - np.searchsorted(late, distinct, side="left")
    return pd.DataFrame(
        {"day": distinct, "at_risk": still - waiting, "events": events, "censored": ends - events}
    )


def checked_times(
    durations: np.ndarray, observed: np.ndarray, entry: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give durations, events and entries as plain arrays, without those who end before they enter.

    Raises
    ------
    ValueError
        If a duration is negative or not a finite number: libraries compute a curve from these too.
    """
    days = np.asarray(durations, dtype="float64")
    left = np.asarray(observed).astype(bool)
    wrong = int((~np.isfinite(days) | (days < 0)).sum())
    if wrong:
        raise ValueError(f"{wrong} durations are negative or no number")
    start = np.zeros(len(days)) if entry is None else np.asarray(entry, dtype="float64")
    seen = (start <= 0) | (days > start)
    return days[seen], left[seen], start[seen]
