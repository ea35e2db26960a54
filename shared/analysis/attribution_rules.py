"""Rules of attribution: how do first touch, last touch and their like share the same sales?"""

import numpy as np
import pandas as pd

from shared.analysis.attribution import Paths
from shared.analysis.attribution_chain import fitted_chain, normalised, removal_effects

RULES = ("first_touch", "last_touch", "last_non_direct", "linear", "position", "time_decay",
         "shapley")  # fmt: skip
MODELS = (*RULES, "markov")
MODEL_NAMES = {
    "first_touch": "First touch",
    "last_touch": "Last touch",
    "last_non_direct": "Last but direct",
    "linear": "Linear",
    "position": "Position",
    "time_decay": "Time decay",
    "shapley": "Shapley",
    "markov": "Markov chain",
}
ENDS = 0.4  # of a sale to the first and to the last contact, by position; the rest between them


def shares(paths: Paths, rule: str) -> np.ndarray:
    """Give the share of each path's sales that each of its steps earns by a rule.

    Parameters
    ----------
    paths : Paths
        The distinct paths.
    rule : str
        "first_touch", "last_touch", "linear"; "last_non_direct": the last contact that is not
        direct, the last one where all are; "position": 40 % to the first and the last contact
        each, the rest to those between, half and half where there are two; "time_decay": what
        the age of the contact leaves; "shapley": each channel of the path gets the same, which
        is the Shapley value if a set of channels is worth the sales that needed no other.

    Returns
    -------
    np.ndarray
        One share per step, summing to 1 over each path; NaN for all where contacts have no times.

    References
    ----------
    Shapley, L. S. (1953). A value for n-person games. Zhao, K., Mahboobi, S. H. and Bagheri,
    S. R. (2018). Shapley value methods for attribution modeling in online advertising.
    """
    size, first, last = len(paths.steps), paths.first, paths.last
    if rule == "time_decay":
        if paths.decay is None:
            return np.full(size, np.nan)
        sold = paths.conversions[paths.path_of]
        return np.divide(paths.decay, sold, out=np.zeros(size), where=sold > 0)
    share = np.zeros(size)
    if rule == "first_touch":
        share[first] = 1
    elif rule == "last_touch":
        share[last] = 1
    elif rule == "last_non_direct":
        share[_last_but_direct(paths)] = 1
    elif rule == "linear":
        share = 1 / np.repeat(paths.lengths, paths.lengths)
    elif rule == "position":
        share = _by_position(paths)
    elif rule == "shapley":
        met = paths.path_of * len(paths.channels) + paths.steps
        _pairs, number, times = np.unique(met, return_inverse=True, return_counts=True)
        share = 1 / (times[number] * np.repeat(paths.held.sum(axis=1), paths.lengths))
    else:
        raise ValueError(f"no rule is called {rule!r}; there are {', '.join(RULES)}")
    return share


def share_matrix(paths: Paths, rule: str) -> np.ndarray:
    """Give the share of each path's sales (row) that each channel (column) earns by a rule."""
    matrix = np.zeros((len(paths.lengths), len(paths.channels)))
    np.add.at(matrix, (paths.path_of, paths.steps), shares(paths, rule))
    return matrix


def credit(paths: Paths, *, memory: int = 1) -> pd.DataFrame:
    """Share all conversions among the channels, by each rule and by the chain.

    Parameters
    ----------
    paths : Paths
        The distinct paths.
    memory : int
        Memory of the chain.

    Returns
    -------
    pd.DataFrame
        `channel`, `conversions` (those with the channel on their path), `journeys` (all with
        it), a column per model in conversions, each summing to all conversions on a path (NaN
        where contacts have no times or journeys without a sale are not recorded),
        `removal_effect`, and where conversions have a value `<model>_value` in money.
    """
    journeys = paths.conversions + paths.nulls
    table = pd.DataFrame({"channel": paths.channels})
    table["conversions"] = paths.conversions @ paths.held
    table["journeys"] = journeys @ paths.held
    for rule in RULES:
        table[rule] = _credited(paths, rule)
    effects = removal_effects(fitted_chain(paths, memory=memory), channels=len(paths.channels))
    table["markov"] = normalised(effects, paths.total)
    table["removal_effect"] = effects
    if paths.has_value:
        table = pd.concat([table, credit_of_value(paths, memory=memory)], axis=1)
    return table


def credit_of_value(paths: Paths, *, memory: int = 1) -> pd.DataFrame:
    """Share what the conversions were worth among the channels: a column `<model>_value` each."""
    table = pd.DataFrame(index=range(len(paths.channels)))
    for rule in RULES:
        if rule == "time_decay":
            known = paths.decay_value is not None
            each = paths.decay_value if known else np.full(len(paths.steps), np.nan)
            table["time_decay_value"] = np.bincount(
                paths.steps, weights=each, minlength=len(paths.channels)
            )
        else:
            table[f"{rule}_value"] = paths.value @ share_matrix(paths, rule)
    chain = fitted_chain(paths, memory=memory)
    effects = removal_effects(chain, channels=len(paths.channels), worth=True)
    table["markov_value"] = normalised(effects, float(paths.value.sum()))
    return table


def _credited(paths: Paths, rule: str) -> np.ndarray:
    if rule == "time_decay" and paths.decay is not None:
        return np.bincount(paths.steps, weights=paths.decay, minlength=len(paths.channels))
    return np.asarray(paths.conversions @ share_matrix(paths, rule))


def _last_but_direct(paths: Paths) -> np.ndarray:
    place = np.arange(len(paths.steps))
    usable = ~np.isin(paths.steps, paths.direct)
    latest = np.maximum.reduceat(np.where(usable, place, -1), paths.first)
    return np.where(latest >= 0, latest, paths.last)


def _by_position(paths: Paths) -> np.ndarray:
    lengths = np.repeat(paths.lengths, paths.lengths)
    between = np.divide(1 - 2 * ENDS, lengths - 2, out=np.zeros(len(lengths)), where=lengths > 2)
    share = between
    ends = np.where(paths.lengths == 1, 1.0, np.where(paths.lengths == 2, 0.5, ENDS))
    share[paths.first] = ends
    share[paths.last] = ends
    return share
