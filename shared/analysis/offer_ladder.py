"""Lists filled step by step: what one method leaves open, the next one fills."""

from collections.abc import Callable, Mapping

import numpy as np

from shared.analysis.offer_models import AGAIN, LADDER, OWN, RECENT, Scorer, top_products

# From scores, what is blocked and the method: the best products and what they are worth.
Pick = Callable[[np.ndarray, np.ndarray, str], tuple[np.ndarray, np.ndarray]]


def fill_lists(
    scorers: Mapping[str, Scorer],
    rows: np.ndarray,
    blocked: np.ndarray,
    *,
    method: str,
    k: int,
    pick: Pick | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fill the lists of some customers by a method, and where it has no answer by the ladder.

    Lists are tried on the past and delivered by the same steps: what is judged is what is given.

    Parameters
    ----------
    scorers : mapping of str to callable
        As of `fit_models`.
    rows : np.ndarray
        Positions of the customers.
    blocked : np.ndarray of bool
        What must not be offered, a row for each of them.
    method : str
        The first step; behind it come those of `LADDER`.
    k : int
        Length of a list.
    pick : callable, optional
        Chooses the products of a step; by score unless given.

    Returns
    -------
    tuple of np.ndarray
        Positions of the products, -1 where too few may be offered; what `pick` says they are
        worth, NaN there; and the step that filled each line, "" there.
    """
    size = min(k, blocked.shape[1])
    chosen = np.full((len(rows), k), -1)
    worth = np.full((len(rows), k), np.nan)
    source = np.full((len(rows), k), "", dtype=object)
    taken = blocked.copy()
    for step in dict.fromkeys([method, *LADDER]):
        if step not in scorers or (chosen[:, :size] >= 0).all():
            continue
        scores = np.asarray(scorers[step](rows))
        # A score of nothing is no answer: the next step of the ladder gives one.
        barred = taken | (scores <= 0)
        best, found = pick(scores, barred, step) if pick else top_products(scores, barred, k=k)
        # Behind the own products of a customer the same step goes on with what sells.
        own = np.take_along_axis(scores, np.maximum(best, 0), axis=1) > OWN
        named = np.where(own | (step != AGAIN), step, RECENT)
        for place in range(min(size, best.shape[1])):
            _put((chosen, worth, source), (best[:, place], found[:, place], named[:, place]))
        filled = np.nonzero(chosen >= 0)
        taken[filled[0], chosen[filled]] = True
    return chosen, worth, source


def _put(lists: tuple[np.ndarray, ...], one: tuple[np.ndarray, ...]) -> None:
    """Put one product of each customer into the first free place of the list."""
    free = lists[0] < 0
    rows = np.flatnonzero((one[0] >= 0) & free.any(axis=1))
    place = free[rows].argmax(axis=1)
    for kept, new in zip(lists, one, strict=True):
        kept[rows, place] = new[rows]
