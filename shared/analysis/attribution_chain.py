"""The chain: how likely is a sale from where a customer stands, and without one of the channels?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.linalg import splu

from shared.analysis.attribution import Paths

START = -1  # stands in for what came before the first contact
TINY, SMALL = 64, 250  # states; up to here an inverse is faster than iterating, than sparse
MOST_MOVES, CLOSE = 2_000, 1e-11


@dataclass(frozen=True)
class States:
    """Where a path can stand, given how many contacts count, and which moves each path makes.

    Attributes
    ----------
    memory : int
        Contacts that a state remembers.
    histories : np.ndarray
        One row per state: the last `memory` channels, oldest first; -1 before the first contact.
    channel : np.ndarray
        The channel that a state stands on: the newest of its history.
    at, first_seen : np.ndarray
        The state of each step of `paths.steps`, and a step at which each state is seen.
    moves_from, moves_to : np.ndarray
        The states of each different move.
    moved, began, finished : scipy.sparse.csr_matrix
        How often each path (column) makes each move, and whether it begins and ends in each state.
    """

    memory: int
    histories: np.ndarray
    channel: np.ndarray
    at: np.ndarray
    first_seen: np.ndarray
    moves_from: np.ndarray
    moves_to: np.ndarray
    moved: sparse.csr_matrix
    began: sparse.csr_matrix
    finished: sparse.csr_matrix


@dataclass(frozen=True)
class Chain:
    """An absorbing Markov chain fitted to journeys.

    Attributes
    ----------
    start : np.ndarray
        Probability that a journey begins in each state.
    moves : scipy.sparse.csr_matrix
        Probability of each move between states.
    sale : np.ndarray
        Probability of a sale as the next thing; what rows lack to 1 ends in nothing.
    worth : np.ndarray
        Money that the next move brings on average: sale times mean value; NaN without money.
    channel : np.ndarray
        The channel of each state.
    """

    start: np.ndarray
    moves: sparse.csr_matrix
    sale: np.ndarray
    worth: np.ndarray
    channel: np.ndarray


def states_of(paths: Paths, *, memory: int) -> States:
    """List the states of all paths and the moves between them.

    Parameters
    ----------
    paths : Paths
        The distinct paths.
    memory : int
        Contacts that a state remembers, 1 or more.
    """
    position = np.arange(len(paths.steps)) - np.repeat(paths.first, paths.lengths)
    history = np.full((len(paths.steps), memory), START, dtype="int64")
    for back in range(memory):
        seen = position >= back
        history[seen, memory - 1 - back] = paths.steps[np.flatnonzero(seen) - back]
    base = len(paths.channels) + 1
    code = np.zeros(len(paths.steps), dtype="int64")
    for column in history.T:
        code = code * base + column + 1
    _codes, first_seen, state = np.unique(code, return_index=True, return_inverse=True)
    n, size = len(first_seen), len(paths.lengths)
    goes_on = np.ones(len(paths.steps), dtype=bool)
    goes_on[paths.last] = False
    here = np.flatnonzero(goes_on)
    pair, number = np.unique(state[here] * n + state[here + 1], return_inverse=True)
    ones, column = np.ones(len(here)), paths.path_of[here]
    each, all_paths = np.ones(size), np.arange(size)
    return States(
        memory=memory,
        histories=history[first_seen],
        channel=history[first_seen, -1],
        at=state,
        first_seen=first_seen,
        moves_from=pair // n,
        moves_to=pair % n,
        moved=sparse.csr_matrix((ones, (number, column)), shape=(len(pair), size)),
        began=sparse.csr_matrix((each, (state[paths.first], all_paths)), shape=(n, size)),
        finished=sparse.csr_matrix((each, (state[paths.last], all_paths)), shape=(n, size)),
    )


def chain_of(
    states: States, conversions: np.ndarray, nulls: np.ndarray, value: np.ndarray
) -> Chain:
    """Fit the chain to how many journeys of each path converted and how many did not."""
    journeys = conversions + nulls
    moved = states.moved @ journeys
    sold, lost = states.finished @ conversions, states.finished @ nulls
    n = len(states.channel)
    left = np.bincount(states.moves_from, weights=moved, minlength=n) + sold + lost
    each = np.divide(1.0, left, out=np.zeros(n), where=left > 0)
    share = moved * each[states.moves_from]
    return Chain(
        start=(states.began @ journeys) / journeys.sum(),
        moves=sparse.csr_matrix((share, (states.moves_from, states.moves_to)), shape=(n, n)),
        sale=sold * each,
        worth=(states.finished @ value) * each,
        channel=states.channel,
    )


def fitted_chain(paths: Paths, *, memory: int = 1) -> Chain:
    """Fit the chain of a memory to all journeys."""
    return chain_of(states_of(paths, memory=memory), paths.conversions, paths.nulls, paths.value)


def reached(chain: Chain, reward: np.ndarray, *, without: int | None = None) -> float:
    """Solve for what a journey brings on average, exactly: no journey is simulated.

    Parameters
    ----------
    chain : Chain
        The fitted chain.
    reward : np.ndarray
        What the next move brings: `chain.sale` for the probability of a sale, `chain.worth` for
        money.
    without : int, optional
        A channel that is switched off: who would have met it leaves without buying.
    """
    on = np.ones(len(chain.channel), bool) if without is None else chain.channel != without
    if not on.any():
        return 0.0
    moves = chain.moves[on][:, on]
    if len(reward) <= SMALL:
        solved = np.linalg.solve(np.eye(int(on.sum())) - moves.toarray(), reward[on])
    else:
        system = sparse.identity(int(on.sum()), format="csc") - moves.tocsc()
        solved = splu(system, permc_spec="COLAMD").solve(reward[on])
    return float(chain.start[on] @ solved)


def conversion_probability(chain: Chain) -> float:
    """Give the probability that a journey of the chain ends in a sale.

    It equals the observed share of journeys that converted, whatever the memory: as many
    journeys enter each state as leave it.
    """
    return reached(chain, chain.sale)


def removal_effects(chain: Chain, *, channels: int, worth: bool = False) -> np.ndarray:
    """Give the share of conversions, or of money, that the chain loses without each channel.

    Parameters
    ----------
    chain : Chain
        The fitted chain.
    channels : int
        How many there are; one on no path has effect 0.
    worth : bool
        Whether money counts in place of conversions; without any, all effects are 0.

    References
    ----------
    Anderl, E., Becker, I., von Wangenheim, F. and Schumann, J. H. (2016). Mapping the customer
    journey: lessons learned from graph-based online attribution modeling.
    """
    reward = chain.worth if worth else chain.sale
    if not (reward > 0).any():
        return np.zeros(channels)
    if len(chain.channel) <= SMALL:
        return _effects_of_inverse(chain, reward, channels=channels)
    whole = reached(chain, reward)
    met = set(chain.channel.tolist())
    left = [reached(chain, reward, without=k) if k in met else whole for k in range(channels)]
    return 1 - np.array(left) / whole


def quick_effects(chain: Chain, *, channels: int) -> np.ndarray:
    """Give removal effects to 9 digits, many times faster where there are many states.

    All channels are switched off side by side, and what a journey brings within n moves is summed
    up until no move adds anything. It serves redrawn journeys, never a figure on the page itself.
    """
    if len(chain.channel) <= TINY:
        return _effects_of_inverse(chain, chain.sale, channels=channels)
    on = chain.channel[:, None] != np.arange(-1, channels)[None, :]
    gain = on * chain.sale[:, None]
    ahead = gain
    for _step in range(MOST_MOVES):
        further = on * (chain.moves @ ahead) + gain
        done = np.abs(further - ahead).max() < CLOSE
        ahead = further
        if done:
            total = chain.start @ ahead
            return np.asarray(1 - total[1:] / total[0])
    return removal_effects(chain, channels=channels)


def _effects_of_inverse(chain: Chain, reward: np.ndarray, *, channels: int) -> np.ndarray:
    """Give all removal effects from one inverse.

    What is lost is the probability of first meeting the channel in each of its states, times what
    follows from there; the fundamental matrix holds both (Kemeny and Snell, 1960).
    """
    visits = np.linalg.inv(np.eye(len(chain.channel)) - chain.moves.toarray())
    ahead, times = visits @ reward, chain.start @ visits
    lost = np.zeros(channels)
    for k in range(channels):
        own = np.flatnonzero(chain.channel == k)
        if len(own):
            lost[k] = times[own] @ np.linalg.solve(visits[np.ix_(own, own)], ahead[own])
    return lost / (chain.start @ ahead)


def normalised(effects: np.ndarray, total: float) -> np.ndarray:
    """Turn removal effects, which do not sum to 1, into credit that sums to the total."""
    positive = np.clip(effects, 0, None)
    whole = positive.sum()
    return positive * (total / whole) if whole > 0 else np.zeros_like(positive)


def transitions(paths: Paths, *, memory: int = 1) -> pd.DataFrame:
    """Give the probability of each move, from the start, between channels and to the end.

    Returns
    -------
    pd.DataFrame
        `source`, `target`, `kind` ("start": from the start to a channel; "move"; "sale"; "end":
        to nothing), `journeys` (that made it, repeats counted) and `transition_probability`. For
        a memory above 1 a source is the last channels in order, oldest first. Sorted by source.
    """
    states = states_of(paths, memory=memory)
    journeys = paths.conversions + paths.nulls
    names = [_state_name(row, paths.channels) for row in states.histories]
    newest = [paths.channels[k] for k in states.channel]
    began, moved = states.began @ journeys, states.moved @ journeys
    sold, lost = states.finished @ paths.conversions, states.finished @ paths.nulls
    rows = [("", newest[k], "start", began[k]) for k in np.flatnonzero(began)]
    rows += [
        (names[i], newest[j], "move", n)
        for i, j, n in zip(states.moves_from, states.moves_to, moved, strict=True) if n
    ]  # fmt: skip
    rows += [(names[k], "", "sale", sold[k]) for k in np.flatnonzero(sold)]
    rows += [(names[k], "", "end", lost[k]) for k in np.flatnonzero(lost)]
    table = pd.DataFrame(rows, columns=["source", "target", "kind", "journeys"])
    table = table.groupby(["source", "target", "kind"])["journeys"].sum().reset_index()
    of_source = table.groupby("source")["journeys"].transform("sum")
    return table.assign(transition_probability=table["journeys"] / of_source)


def _state_name(history: np.ndarray, channels: tuple[str, ...]) -> str:
    return " > ".join(channels[k] for k in history if k != START)
