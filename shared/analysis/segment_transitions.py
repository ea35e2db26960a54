"""Segment transitions: who moved between which segments, and where would that lead?"""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import connected_components

from shared.analysis.abc import CLASSES
from shared.analysis.intervals import Estimate, wilson
from shared.analysis.segment_history import History
from shared.loading.errors import NotSupportedByData

NOT_YET = "Not yet a customer"
POOLED = "all"
KINDS = {"segment": "segment", "abc": "abc_class"}
LEAST_ROW = 30
DRAWS = 1000


@dataclass(frozen=True)
class SteadyState:
    """The mix to which the pooled flows lead if they stay as they are, newcomers left out.

    Attributes
    ----------
    table : pd.DataFrame
        One row per segment that occurs: `segment`, `share_now`, `steady_share`, `low`, `high`.
    moves : int
        Observed steps of one customer over one period, behind the flows.
    first : Estimate
        Steady share of the first segment of the map.
    until : datetime.date
        The last period end: `share_now` is of that day.
    """

    table: pd.DataFrame
    moves: int
    first: Estimate
    until: date


def transitions(history: History) -> pd.DataFrame:
    """Count who went from where to where, from each period end to the next and pooled.

    Returns
    -------
    pd.DataFrame
        `kind` ("segment" or "abc"), `period` (the later one as text, "all" for the sum of all
        steps), `from`, `to`, `customers`, `share` (of the customers in `from`), `low` and `high`
        (Wilson, 95 %). Every pair is there; the shares of an empty row are blank. Customers whose
        first order lies between the two ends come from "Not yet a customer" and enter no other
        row. The pooled rows count a customer once per step, so that their intervals are a little
        too narrow where the same customers repeat the same step.
    """
    parts = [
        _step(history, kind=kind, before=before, after=after)
        for kind in KINDS
        for before, after in pairwise(history.ends)
    ]
    steps = pd.concat(parts, ignore_index=True)
    pooled = steps.groupby(["kind", "from", "to"], sort=False, as_index=False)["customers"].sum()
    counted = pd.concat([steps, pooled.assign(period=POOLED)], ignore_index=True)
    counted = counted[["kind", "period", "from", "to", "customers"]]
    row_total = counted.groupby(["kind", "period", "from"])["customers"].transform("sum")
    bounds = [
        (share.value, share.low, share.high)
        for share in map(wilson, counted["customers"], row_total)
    ]
    return counted.assign(**pd.DataFrame(bounds, columns=["share", "low", "high"]))


def transition_matrix(
    moves: pd.DataFrame, *, kind: str = "segment", period: str = POOLED, values: str = "share"
) -> pd.DataFrame:
    """Lay out one matrix: rows from, columns to, in the order of display; newcomers last.

    Rows and columns that nobody was in are left out.
    """
    chosen = moves[(moves["kind"] == kind) & (moves["period"] == period)]
    names = chosen["to"].drop_duplicates().tolist()
    counts = chosen.pivot(index="from", columns="to", values="customers")
    matrix = chosen.pivot(index="from", columns="to", values=values)
    rows = [name for name in [*names, NOT_YET] if counts.loc[name].sum() > 0]
    columns = [name for name in names if counts[name].sum() + counts.loc[name].sum() > 0]
    return matrix.loc[rows, columns]


def steady_state(history: History, moves: pd.DataFrame, *, seed: int = 0) -> SteadyState:
    """Follow the pooled flows between segments to the mix that they leave unchanged.

    Newcomers are left out on purpose: the figure says where the customers who are there would end
    up among themselves. With newcomers the mix would hold more of the segments that they enter. It
    is a reading of the present flows, no forecast. The interval draws every row of the matrix
    anew from a multinomial distribution with the observed counts.

    Raises
    ------
    NotSupportedByData
        If only one segment occurs, a row has under 30 moves, some segments cannot be reached from
        others, so that the mix would depend on where one begins, or nobody ordered twice, so that
        only the cut points move.

    References
    ----------
    Kemeny, J. G. and Snell, J. L. (1960). Finite Markov Chains.
    """
    table = transition_matrix(moves, values="customers").drop(index=NOT_YET, errors="ignore")
    counts = table.reindex(index=table.columns, fill_value=0)
    _check_chain(counts)
    if history.at(history.ends[-1])["frequency"].max() < 2:
        raise NotSupportedByData("nobody ordered twice", "customers who can come back")
    n = counts.to_numpy(dtype=float)
    rng = np.random.default_rng(seed)
    drawn = np.stack([rng.multinomial(int(row.sum()), row / row.sum(), DRAWS) for row in n], axis=1)
    # A draw may cut the chain in two; half a move per observed pair keeps it whole.
    drawn = np.where(n > 0, np.maximum(drawn, 0.5), 0.0)
    steady = stationary(n / n.sum(axis=1, keepdims=True))
    low, high = np.quantile(
        stationary(drawn / drawn.sum(axis=2, keepdims=True)), [0.025, 0.975], axis=0
    )
    now = history.at(history.ends[-1])["segment"].value_counts(normalize=True)
    result = pd.DataFrame(
        {
            "segment": counts.index,
            "share_now": now.reindex(counts.index).to_numpy(),
            "steady_share": steady,
            "low": np.minimum(low, steady),
            "high": np.maximum(high, steady),
        }
    )
    top = result.iloc[0]
    first = Estimate(top["steady_share"], top["low"], top["high"], int(n.sum()), "share")
    return SteadyState(result, int(n.sum()), first, history.ends[-1])


def stationary(matrix: np.ndarray) -> np.ndarray:
    """Solve p = p P for one or several transition matrices with one closed class each."""
    size = matrix.shape[-1]
    # The equations are dependent: the last one gives way to "the shares add up to 1".
    system = np.swapaxes(matrix, -1, -2) - np.eye(size)
    system[..., -1, :] = 1.0
    right = np.zeros((*matrix.shape[:-2], size, 1))
    right[..., -1, 0] = 1.0
    return np.asarray(np.linalg.solve(system, right)[..., 0])


def _step(history: History, *, kind: str, before: date, after: date) -> pd.DataFrame:
    column = KINDS[kind]
    names = list(history.segments if kind == "segment" else CLASSES)
    now = history.at(after)[column]
    then = history.at(before)[column].reindex(now.index)
    # Nobody leaves the base, so that every row total is the count of the earlier end.
    # The codes are bytes: eleven segments squared do not fit into one.
    code = then.cat.codes.to_numpy(dtype="int64")
    code[code < 0] = len(names)
    cells = np.bincount(code * len(names) + now.cat.codes.to_numpy(dtype="int64"),
                        minlength=(len(names) + 1) * len(names))  # fmt: skip
    pairs = pd.MultiIndex.from_product([[*names, NOT_YET], names], names=["from", "to"])
    counted = pd.DataFrame({"customers": cells}, index=pairs).reset_index()
    return counted.assign(kind=kind, period=str(history.name(after)))


def _check_chain(counts: pd.DataFrame) -> None:
    if len(counts) < 2:
        raise NotSupportedByData(
            f"{len(counts)} segment with customers in it", "customers in at least two segments"
        )
    thin = [f"{name} ({n})" for name, n in counts.sum(axis=1).items() if n < LEAST_ROW]
    if thin:
        raise NotSupportedByData(
            f"under {LEAST_ROW} moves out of {', '.join(thin)}",
            "more customers or more periods behind the flows",
        )
    classes, _ = connected_components(counts.to_numpy() > 0, connection="strong")
    if classes > 1:
        raise NotSupportedByData(
            f"the flows fall into {classes} parts that do not all lead back to one another",
            "periods long enough for customers to come back from every segment",
        )
