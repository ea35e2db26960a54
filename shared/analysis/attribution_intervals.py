"""Uncertainty of attribution: how far would credit and ranks move with other journeys?"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import norm

from shared.analysis.attribution import RARE, Paths
from shared.analysis.attribution_chain import (
    States,
    chain_of,
    fitted_chain,
    normalised,
    quick_effects,
    removal_effects,
    states_of,
)
from shared.analysis.attribution_rules import MODELS, RULES, credit, share_matrix
from shared.analysis.multiple_testing import (
    false_discovery_q,
    reading,
    share_difference,
    share_p_value,
)

DRAWS, FEWER_DRAWS = 400, 200
HEAVY_STATES = 400
DIGITS = 9  # of credit and effects, by which channels rank; more are chance of the sums


@dataclass(frozen=True)
class Resampled:
    """Credit of all models in as many redrawn sets of journeys.

    Attributes
    ----------
    credit : dict of str to np.ndarray
        By model: draws by channels, in conversions.
    removal : np.ndarray
        Removal effects: draws by channels.
    totals : np.ndarray
        Conversions of each draw.
    """

    credit: dict[str, np.ndarray]
    removal: np.ndarray
    totals: np.ndarray


def resampled(paths: Paths, *, memory: int = 1, draws: int = 0, seed: int = 0) -> Resampled:
    """Draw customers with all of their journeys anew, or journeys, and compute every model.

    Parameters
    ----------
    paths : Paths
        The distinct paths.
    memory : int
        Of the chain.
    draws : int
        Sets of journeys; 0 takes 400, or 200 where the chain has many states.
    seed : int
        Of the draws, so that two runs agree.

    References
    ----------
    Efron, B. and Tibshirani, R. J. (1993). An introduction to the bootstrap.
    """
    states = states_of(paths, memory=memory)
    draws = draws or (DRAWS if len(states.channel) <= HEAVY_STATES else FEWER_DRAWS)
    rules = [r for r in RULES if r != "time_decay" or paths.decay is not None]
    stacked = np.hstack([share_matrix(paths, rule) for rule in rules])
    rng = np.random.default_rng(seed)
    k = len(paths.channels)
    by_rule, removal, totals = [], [], []
    for _draw in range(draws):
        sold, lost = _redrawn(paths, rng)
        if sold.sum() == 0:
            continue
        totals.append(sold.sum())
        by_rule.append(sold @ stacked)
        removal.append(_effects(states, sold, lost, channels=k))
    told = np.array(by_rule)
    credited = {rule: told[:, i * k : (i + 1) * k] for i, rule in enumerate(rules)}
    credited["markov"] = np.array(
        [normalised(effects, n) for effects, n in zip(removal, totals, strict=True)]
    )
    return Resampled(credited, np.array(removal), np.array(totals))


def credit_table(paths: Paths, drawn: Resampled, *, memory: int = 1) -> pd.DataFrame:
    """Give the credit of each channel by each model, that of the chain with its interval.

    Returns
    -------
    pd.DataFrame
        As from `credit`, with `low` and `high` of `markov` (95 %, in conversions) and `rare`
        (fewer than 30 conversions with the channel on their path), the most credit first.
    """
    table = credit(paths, memory=memory)
    low, high = np.quantile(drawn.credit["markov"], [0.025, 0.975], axis=0)
    place = list(table.columns).index("removal_effect")
    table.insert(place + 1, "low", low)
    table.insert(place + 2, "high", high)
    table["rare"] = table["conversions"] < RARE
    return table.sort_values(["markov", "channel"], ascending=[False, True], ignore_index=True)


def model_intervals(paths: Paths, drawn: Resampled, credited: pd.DataFrame) -> pd.DataFrame:
    """Give the share of all conversions by channel and model, with 95 % intervals.

    Returns
    -------
    pd.DataFrame
        `channel`, `model`, `share`, `low`, `high`, `rank` (1 earns most); models without figures
        are left out.
    """
    places = {name: k for k, name in enumerate(paths.channels)}
    rows = []
    for model in MODELS:
        if model not in drawn.credit:
            continue
        shares = drawn.credit[model] / drawn.totals[:, None]
        low, high = np.quantile(shares, [0.025, 0.975], axis=0)
        ranks = credited[model].round(DIGITS).rank(ascending=False, method="min").astype(int)
        for name, value, rank in zip(credited["channel"], credited[model], ranks, strict=True):
            k = places[name]
            rows.append((name, model, value / paths.total, low[k], high[k], rank))
    return pd.DataFrame(rows, columns=["channel", "model", "share", "low", "high", "rank"])


def removal_table(paths: Paths, drawn: Resampled, *, memory: int = 1) -> pd.DataFrame:
    """Give what the chain loses without each channel, with interval and rank.

    Returns
    -------
    pd.DataFrame
        `channel`, `removal_effect` (share of conversions), `low`, `high` (95 %), `rank`,
        `rank_low`, `rank_high` (95 %), `first_share` (of the redrawn sets of journeys in which it
        ranks first), `by_presence` (the effect if every path converted alike: what being met
        often does alone), `conversions_lost`, `value_lost` (money; NaN without), `rare`. Largest
        effect first.
    """
    k = len(paths.channels)
    chain = fitted_chain(paths, memory=memory)
    effects = removal_effects(chain, channels=k)
    low, high = np.quantile(drawn.removal, [0.025, 0.975], axis=0)
    ranks = (-drawn.removal).argsort(axis=1, kind="stable").argsort(axis=1) + 1
    worth = (
        removal_effects(chain, channels=k, worth=True) if paths.has_value else np.full(k, np.nan)
    )
    table = pd.DataFrame(
        {
            "channel": paths.channels,
            "removal_effect": effects,
            "low": low,
            "high": high,
            "rank": (-effects.round(DIGITS)).argsort(kind="stable").argsort() + 1,
            "rank_low": np.quantile(ranks, 0.025, axis=0, method="lower").astype(int),
            "rank_high": np.quantile(ranks, 0.975, axis=0, method="higher").astype(int),
            "first_share": (ranks == 1).mean(axis=0),
            "by_presence": _by_presence(paths, memory=memory),
            "conversions_lost": effects * paths.total,
            "value_lost": worth * (float(paths.value.sum()) if paths.has_value else np.nan),
            "rare": paths.conversions @ paths.held < RARE,
        }
    )
    return table.sort_values(["rank", "channel"], ignore_index=True)


def against_last_touch(paths: Paths, drawn: Resampled, credited: pd.DataFrame) -> pd.DataFrame:
    """Compare what the chain credits with what last touch does, channel by channel.

    Returns
    -------
    pd.DataFrame
        `channel`, `last_touch`, `markov` (shares of conversions), `difference`, `low`, `high`
        (95 %, from the same redrawn journeys), `q` (Benjamini and Hochberg), `finding`,
        `lowest`, `highest` (share over all models), `lowest_model`, `highest_model`.
    """
    moved = (drawn.credit["markov"] - drawn.credit["last_touch"]) / drawn.totals[:, None]
    places = [paths.channels.index(name) for name in credited["channel"]]
    low, high = np.quantile(moved, [0.025, 0.975], axis=0)[:, places]
    error = moved.std(axis=0)[places]
    shares = credited[["last_touch", "markov"]] / paths.total
    difference = (shares["markov"] - shares["last_touch"]).to_numpy()
    p = np.where(error > 0, 2 * norm.sf(np.abs(difference) / np.where(error > 0, error, 1)), 1.0)
    q = false_discovery_q(p)
    known = [m for m in MODELS if m in drawn.credit]
    each = credited[known] / paths.total
    return pd.DataFrame(
        {
            "channel": credited["channel"], **shares, "difference": difference, "low": low,
            "high": high, "q": q, "finding": [reading(x).value for x in q],
            "lowest": each.min(axis=1), "highest": each.max(axis=1),
            "lowest_model": each.idxmin(axis=1), "highest_model": each.idxmax(axis=1),
        }
    )  # fmt: skip


def presence(paths: Paths) -> pd.DataFrame:
    """Compare the journeys that met a channel with those that did not: which convert more often?

    Returns
    -------
    pd.DataFrame
        `channel`, `journeys`, `conversion` (share of them), `others` (share of the rest),
        `difference`, `low`, `high` (95 %), `q` (Fisher's exact test, Benjamini and Hochberg),
        `finding`. If the outcome has nothing to do with the path, none differs.
    """
    journeys = paths.conversions + paths.nulls
    rows, p = [], []
    for k, name in enumerate(paths.channels):
        met = paths.held[:, k]
        n, sold = int(journeys[met].sum()), int(paths.conversions[met].sum())
        rest, gone = int(journeys.sum()) - n, int(paths.total) - sold
        gap = share_difference(sold, n, gone, rest)
        p.append(share_p_value(sold, n, gone, rest))
        rows.append((name, n, sold / n if n else np.nan, gone / rest if rest else np.nan,
                     gap.value, gap.low, gap.high))  # fmt: skip
    columns = ["channel", "journeys", "conversion", "others", "difference", "low", "high"]
    q = false_discovery_q(np.array(p))
    return pd.DataFrame(rows, columns=columns).assign(q=q, finding=[reading(x).value for x in q])


def _redrawn(paths: Paths, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw customers with replacement, or journeys where those are all that is known."""
    if paths.owners is not None:
        each = paths.owners.customers
        drawn = rng.multinomial(int(each.sum()), each / each.sum()).astype(float)
        return paths.owners.sold @ drawn, paths.owners.lost @ drawn
    cells = np.concatenate([paths.conversions, paths.nulls])
    drawn = rng.multinomial(int(cells.sum()), cells / cells.sum()).astype(float)
    return drawn[: len(paths.lengths)], drawn[len(paths.lengths) :]


def _effects(states: States, sold: np.ndarray, lost: np.ndarray, *, channels: int) -> np.ndarray:
    """Fit the chain to redrawn journeys; a channel that none of them met has effect 0."""
    chain = chain_of(states, sold, lost, np.zeros_like(sold))
    return quick_effects(chain, channels=channels)


def _by_presence(paths: Paths, *, memory: int) -> np.ndarray:
    """Give the removal effects if each path converted like all: what being met often does."""
    journeys = paths.conversions + paths.nulls
    rate = paths.total / journeys.sum()
    alike = replace(paths, conversions=rate * journeys, nulls=(1 - rate) * journeys,
                    value=np.zeros_like(journeys))  # fmt: skip
    return removal_effects(fitted_chain(alike, memory=memory), channels=len(paths.channels))
