"""Memory: how many contacts back does it matter, and does the path tell who buys?"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import norm

from shared.analysis.attribution import Paths
from shared.analysis.attribution_chain import States, states_of
from shared.analysis.intervals import Estimate
from shared.analysis.multiple_testing import SETTLED

MOST_STATES = 20_000  # of a chain that is tried without having been asked for
PRIOR = 50.0  # journeys that the shorter memory is worth where the longer one has seen few


@dataclass(frozen=True)
class Memory:
    """What was found about the memory of journeys.

    Attributes
    ----------
    table : pd.DataFrame
        One row per memory: `memory`, `states`, `parameters`, `log_likelihood` (of all journeys),
        `bic` (lower is better; it asks for more journeys before it believes in a longer memory),
        `held_out` (log-likelihood per unseen journey; higher is better),
        `auc`, `low`, `high` (of telling by its path which unseen journey converts; .5 is a coin),
        `p` (that the AUC is .5 or less), `auc_seen` (the same of the journeys it was fitted to,
        which flatters long memories), `unseen` (journeys), `used`.
    chosen : int
        The shortest memory that is not shown to describe unseen journeys worse than the best one,
        at 5 %, one-sided.
    used : int
        Memory of the page: the chosen one, unless one was given.
    """

    table: pd.DataFrame
    chosen: int
    used: int

    @property
    def auc(self) -> Estimate:
        """Out-of-sample AUC of the memory used."""
        row = self._row
        return Estimate(float(row["auc"]), float(row["low"]), float(row["high"]),
                        int(row["unseen"]), "number", of="unseen journeys")  # fmt: skip

    @property
    def predicts(self) -> bool:
        """Whether the path tells who buys better than a coin, at 1 %."""
        return bool(self._row["p"] < SETTLED)

    @property
    def _row(self) -> pd.Series:
        return self.table[self.table["memory"] == self.used].iloc[0]


def memory_of(paths: Paths, *, memory: int = 0, longest: int = 4, seed: int = 0) -> Memory:
    """Fit chains of each memory and choose one.

    Half of the journeys, drawn at random, are kept unseen; the other half is fitted.

    Parameters
    ----------
    paths : Paths
        The distinct paths.
    memory : int
        The memory that the page is to use; 0 takes the chosen one.
    longest : int
        Longest memory to try.
    seed : int
        Of the draw of unseen journeys.

    References
    ----------
    Katz, R. W. (1981). On some criteria for estimating the order of a Markov chain. Vuong,
    Q. H. (1989). Likelihood ratio tests for model selection and non-nested hypotheses.
    """
    seen, unseen = _halves(paths, seed)
    weights = np.concatenate([unseen.conversions, unseen.nulls])
    rows: list[dict[str, float]] = []
    logs: list[np.ndarray] = []
    shares, shorter = _pooled(paths, seen), np.zeros(len(paths.steps), dtype="int64")
    for order in range(1, max(longest, memory) + 1):
        states = states_of(paths, memory=order)
        if len(states.channel) > MOST_STATES and order > max(memory, 1):
            break
        shares = _shares(states, seen, prior=shares[shorter[states.first_seen]])
        shorter = states.at
        logs.append(_path_logs(paths, states, shares, seen))
        rows.append(_row(paths, states, shares, unseen) | {
            "held_out": float(logs[-1] @ weights / max(weights.sum(), 1))})  # fmt: skip
    table = pd.DataFrame(rows)
    chosen = _shortest_as_good(logs, weights)
    used = memory or chosen
    return Memory(table.assign(used=table["memory"] == used), chosen, used)


def path_auc(score: np.ndarray, sold: np.ndarray, lost: np.ndarray) -> Estimate:
    """Estimate how often a converting journey has the higher score of two, ties counting half.

    Parameters
    ----------
    score : np.ndarray
        One score per path.
    sold, lost : np.ndarray
        Journeys of each path that converted, and that did not.

    References
    ----------
    DeLong, E. R., DeLong, D. M. and Clarke-Pearson, D. L. (1988). Comparing the areas under two
    or more correlated receiver operating characteristic curves.
    """
    _levels, number = np.unique(score, return_inverse=True)
    won, gone = (np.bincount(number, weights=part) for part in (sold, lost))
    n_won, n_gone = won.sum(), gone.sum()
    n = int(n_won + n_gone)
    if n_won < 2 or n_gone < 2:
        return Estimate(np.nan, np.nan, np.nan, n, "number")
    below = (np.cumsum(gone) - gone / 2) / n_gone
    above = 1 - (np.cumsum(won) - won / 2) / n_won
    auc = float(won @ below / n_won)
    variance = (won @ (below - auc) ** 2 / n_won) / (n_won - 1)
    variance += (gone @ (above - auc) ** 2 / n_gone) / (n_gone - 1)
    half = norm.ppf(0.975) * np.sqrt(variance)
    return Estimate(auc, max(0.0, auc - half), min(1.0, auc + half), n, "number")


def _halves(paths: Paths, seed: int) -> tuple[Paths, Paths]:
    """Split the journeys of each path, not the paths, into two halves at random."""
    rng = np.random.default_rng(seed)
    sold = rng.binomial(paths.conversions.astype("int64"), 0.5).astype(float)
    lost = rng.binomial(paths.nulls.astype("int64"), 0.5).astype(float)
    rest = {"conversions": paths.conversions - sold, "nulls": paths.nulls - lost}
    return replace(paths, conversions=sold, nulls=lost), replace(paths, **rest)


def _row(paths: Paths, states: States, shares: np.ndarray, unseen: Paths) -> dict[str, float]:
    likelihood, moves = log_likelihood(paths, states)
    # From each state: any channel, a sale or nothing, less one; and the start.
    parameters = len(states.channel) * (len(paths.channels) + 1) + len(paths.channels) - 1
    ends = shares[states.at[paths.last]]
    score = ends[:, -2] / (ends[:, -2] + ends[:, -1])
    auc = path_auc(score, unseen.conversions, unseen.nulls)
    error = (auc.high - auc.value) / norm.ppf(0.975)
    p = float(norm.sf((auc.value - 0.5) / error)) if error > 0 else np.nan
    return {
        "memory": states.memory, "states": len(states.channel), "parameters": parameters,
        "log_likelihood": likelihood, "bic": parameters * float(np.log(moves)) - 2 * likelihood,
        "auc": auc.value, "low": auc.low, "high": auc.high, "p": p, "unseen": auc.n,
        "auc_seen": _fitted_auc(paths, states),
    }  # fmt: skip


def _fitted_auc(paths: Paths, states: States) -> float:
    """Give the AUC of each end's own share of sales, on the journeys that it is the share of."""
    sold, lost = states.finished @ paths.conversions, states.finished @ paths.nulls
    share = sold / np.maximum(sold + lost, 1)
    return path_auc(share[states.at[paths.last]], paths.conversions, paths.nulls).value


def log_likelihood(paths: Paths, states: States) -> tuple[float, float]:
    """Give the log-likelihood of all journeys under their own fit, and the moves it rests on."""
    journeys = paths.conversions + paths.nulls
    began, moved = states.began @ journeys, states.moved @ journeys
    sold, lost = states.finished @ paths.conversions, states.finished @ paths.nulls
    left = np.bincount(states.moves_from, weights=moved, minlength=len(sold)) + sold + lost
    starts = np.bincount(states.channel, weights=began)
    whole = sum(_times_log(part) for part in (starts, moved, sold, lost))
    return whole - _times_log(left) - _times_log(journeys.sum(keepdims=True)), float(left.sum())


def _times_log(counts: np.ndarray) -> float:
    positive = counts[counts > 0]
    return float(positive @ np.log(positive))


def _pooled(paths: Paths, seen: Paths) -> np.ndarray:
    """Give one row of shares for all: what comes next if nothing is remembered."""
    journeys = seen.conversions + seen.nulls
    counts = np.bincount(paths.steps, weights=journeys[paths.path_of]).astype(float)
    counts -= np.bincount(paths.steps[paths.first], weights=journeys, minlength=len(counts))
    counts = np.concatenate([counts, [seen.conversions.sum(), seen.nulls.sum()]]) + 0.5
    return counts[None, :] / counts.sum()


def _shares(states: States, seen: Paths, *, prior: np.ndarray) -> np.ndarray:
    """Estimate what follows each state from seen journeys, leaning on the shorter memory.

    A history that is seldom seen says little: its shares are drawn towards those of the memory
    one shorter as far as `PRIOR` journeys would draw them (MacKay and Peto, 1995).
    """
    counts = np.zeros(prior.shape)
    moved = states.moved @ (seen.conversions + seen.nulls)
    np.add.at(counts, (states.moves_from, states.channel[states.moves_to]), moved)
    counts[:, -2] = states.finished @ seen.conversions
    counts[:, -1] = states.finished @ seen.nulls
    return (counts + PRIOR * prior) / (counts.sum(axis=1, keepdims=True) + PRIOR)


def _path_logs(paths: Paths, states: States, shares: np.ndarray, seen: Paths) -> np.ndarray:
    """Give the log-probability of each path with a sale at its end, then of each without."""
    began = np.bincount(paths.steps[paths.first], weights=seen.conversions + seen.nulls,
                        minlength=len(paths.channels)) + 0.5  # fmt: skip
    inner = np.ones(len(paths.steps), dtype=bool)
    inner[paths.last] = False
    here = np.flatnonzero(inner)
    steps = np.log(shares[states.at[here], paths.steps[here + 1]])
    walked = np.log(began / began.sum())[paths.steps[paths.first]]
    walked = walked + np.bincount(paths.path_of[here], weights=steps, minlength=len(walked))
    ends = np.log(shares[states.at[paths.last]])
    return np.concatenate([walked + ends[:, -2], walked + ends[:, -1]])


def _shortest_as_good(logs: list[np.ndarray], weights: np.ndarray) -> int:
    """Give the shortest memory whose loss against the best is no more than chance (Vuong)."""
    n = max(weights.sum(), 1.0)
    best = int(np.argmax([log @ weights for log in logs]))
    for order, log in enumerate(logs, 1):
        loss = logs[best] - log
        mean = loss @ weights / n
        error = np.sqrt(max((loss - mean) ** 2 @ weights, 0.0)) / n
        if mean <= norm.ppf(0.95) * error:
            return order
    return best + 1
