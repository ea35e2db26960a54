"""Lists by score: tenths, bands, who is above 80, and how often such scores came true."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.analysis.intervals import Estimate, wilson

SURE = 0.80
BANDS = (0.0, 1 / 3, 2 / 3, 1.0)
BAND_NAMES = ("below 33", "33 to 66", "above 66")
TENTHS = 10
FEWEST_TO_JUDGE = 30
LIST_SIZES = (30, 50, 100, 200, 500, 1000)
TOO_FEW, COUNTED = "too few to judge", "counted"


@dataclass(frozen=True)
class SureList:
    """What became of those whom the score put above 80.

    Attributes
    ----------
    rate : Estimate
        Share of them that bought, each person counted once; NaN where there is none.
    promised : float
        Their mean score as a probability.
    reading : str
        "counted", or "too few to judge" below 30 people.
    best : Estimate
        The best precision that a list of at least 30 reaches.
    best_size : int
        People on that list.
    highest : float
        The highest probability given to anybody.
    """

    rate: Estimate
    promised: float
    reading: str
    best: Estimate
    best_size: int
    highest: float


def ranked(propensity: np.ndarray, person: np.ndarray, raw: np.ndarray | None = None) -> np.ndarray:
    """Order rows by score, best first; equal ones by a hash of the person, which no order moves."""
    ids = pd.Series(person, dtype=object).astype(str).to_numpy()
    chance = pd.util.hash_array(ids, categorize=False)
    second = propensity if raw is None else raw
    return np.lexsort((np.arange(len(chance)), chance, -second, -propensity))


def deciles(propensity: np.ndarray, outcome: np.ndarray, person: np.ndarray) -> pd.DataFrame:
    """Cut the tested rows into ten equal groups by score, 1 the best.

    Returns
    -------
    pd.DataFrame
        `decile`, `n`, `propensity` (mean), `bought`, `rate`, `low`, `high` (Wilson 95 %), `lift`
        (rate over the base rate), `gain` (share of all buyers in this group and better ones).
    """
    order = ranked(propensity, person)
    group = np.arange(len(order)) * TENTHS // max(len(order), 1)
    rows = pd.DataFrame(
        {"decile": group + 1, "propensity": propensity[order], "outcome": outcome[order]}
    )
    table = rows.groupby("decile").agg(
        n=("outcome", "size"), propensity=("propensity", "mean"), bought=("outcome", "sum")
    )
    shares = [wilson(b, n) for b, n in zip(table["bought"], table["n"], strict=True)]
    buyers = max(int(outcome.sum()), 1)
    return table.assign(
        rate=[s.value for s in shares],
        low=[s.low for s in shares],
        high=[s.high for s in shares],
        lift=[s.value / float(np.mean(outcome)) for s in shares],
        gain=table["bought"].cumsum() / buyers,
    ).reset_index()


def bands(propensity: np.ndarray, outcome: np.ndarray, today: np.ndarray) -> pd.DataFrame:
    """Count the bands of the score, below 33, to 66 and above: tested rows and people of today.

    Returns
    -------
    pd.DataFrame
        `band`, `today` (people now), `n` (tested), `bought`, `rate`, `low`, `high` (Wilson 95 %;
        blank without a tested row).
    """
    tested, now = (np.digitize(p, BANDS[1:-1]) for p in (propensity, today))
    rows = []
    for place, name in enumerate(BAND_NAMES):
        here = tested == place
        share = wilson(int(outcome[here].sum()), int(here.sum()))
        rows.append({"band": name, "today": int((now == place).sum()), "n": int(here.sum()),
                     "bought": int(outcome[here].sum()), "rate": share.value, "low": share.low,
                     "high": share.high})  # fmt: skip
    return pd.DataFrame(rows)


def sure_list(
    propensity: np.ndarray, outcome: np.ndarray, person: np.ndarray, moment: np.ndarray
) -> SureList:
    """Look up what those above 80 did later, each person once: the first time above 80.

    Parameters
    ----------
    moment : np.ndarray
        Order of a person's rows in time.
    """
    above = np.flatnonzero(propensity > SURE)
    first = pd.DataFrame({"person": person[above], "moment": moment[above], "row": above})
    first = first.sort_values(["moment", "row"]).drop_duplicates("person")
    rows = first["row"].to_numpy()
    rate = wilson(int(outcome[rows].sum()), len(rows), of="people above 80")
    size, best = _best_precision(propensity, outcome, person)
    return SureList(
        rate=rate,
        promised=float(propensity[rows].mean()) if len(rows) else float("nan"),
        reading=COUNTED if len(rows) >= FEWEST_TO_JUDGE else TOO_FEW,
        best=best,
        best_size=size,
        highest=float(np.max(propensity)),
    )


def _best_precision(
    propensity: np.ndarray, outcome: np.ndarray, person: np.ndarray
) -> tuple[int, Estimate]:
    order = ranked(propensity, person)
    hits = np.cumsum(outcome[order])
    sizes = [size for size in LIST_SIZES if size <= len(order)] or [len(order)]
    size = max(sizes, key=lambda k: (hits[k - 1] / k, k))
    return size, wilson(int(hits[size - 1]), size, of="rows at the top")
