"""Do offers made for each customer beat the bestsellers, judged on purchases made later?"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from shared.analysis.intervals import Estimate, wilson
from shared.analysis.multiple_testing import Finding
from shared.analysis.offer_calibration import ChanceCurve, chance_curve
from shared.analysis.offer_ladder import fill_lists
from shared.analysis.offer_matrix import OfferBase, bought_later, known_on
from shared.analysis.offer_measures import (
    RANDOM,
    Lists,
    compare_with_bestsellers,
    measure_lists,
    random_hit_rate,
)
from shared.analysis.offer_models import (
    AGAIN,
    BESTSELLERS,
    LADDER,
    Models,
    Scorer,
    fit_models,
)
from shared.loading.errors import NotSupportedByData

BATCH = 512  # customers whose scores are held at once
TOP_SELLERS = 10


@dataclass(frozen=True)
class Evaluation:
    """How each method did on what customers bought in the hold-out.

    Attributes
    ----------
    table : pd.DataFrame
        One row per method, best first: `method`, what `measure_lists` gives for the customers who
        bought later, and what `compare_with_bestsellers` gives; blank where it gives nothing.
    curves : dict of str to ChanceCurve
        What scores are worth, of the best method and of those behind it on the ladder.
    baseline : str
        The list to beat: of recent and all-time bestsellers the one with more hits, which favours
        the bestsellers.
    base_customers : int
        Customers known at the cut.
    k : int
        Length of a list.
    """

    table: pd.DataFrame
    curves: dict[str, ChanceCurve]
    baseline: str
    base_customers: int
    k: int

    @property
    def best(self) -> str:
        """The method to offer by: the best that beats the bestsellers, else these."""
        won = self.table[self.wins]
        return str(won["method"].iloc[0]) if len(won) else self.baseline

    @property
    def wins(self) -> pd.Series:
        """Which methods beat the bestsellers by more than chance."""
        return (self.table["finding"] == Finding.DIFFERS) & (self.table["difference"] > 0)

    @property
    def tells_anything(self) -> bool:
        """Whether the list that is used does better than products drawn at random."""
        used = self.table[self.table["method"] == self.best].iloc[0]
        # At 1 %, as for any other finding: the list is the best of several.
        low = wilson(float(used["hits"]), float(used["customers"]), level=0.99).low
        return low > self.estimate(RANDOM, "hit_rate").value

    @property
    def customers(self) -> int:
        """Customers who bought in the hold-out something that could have been offered."""
        return int(self.table["customers"].iloc[0])

    def estimate(self, method: str, measure: str) -> Estimate:
        """Give a measure of a method with its interval; `gained_per_1000` is of all customers."""
        row = self.table[self.table["method"] == method].iloc[0]
        value, low, high = (float(row[measure + end]) for end in ("", "_low", "_high"))
        if measure == "gained_per_1000":
            return Estimate(value, low, high, self.base_customers, "number", of="customers")
        return Estimate(value, low, high, self.customers, "share", of="customers")


def evaluate(
    base: OfferBase,
    *,
    repeatable: np.ndarray,
    allowed: np.ndarray | None = None,
    k: int = 10,
    factors: int = 32,
    models: Models | None = None,
    seed: int = 0,
) -> Evaluation:
    """Fit on what was known at the cut, offer, and compare with what was bought afterwards.

    The split is one day for all customers: a random split would let the future teach the past,
    and there is none here. Stock is not looked at, for that of the cut is not known.

    Parameters
    ----------
    base : OfferBase
        From `read_purchases`.
    repeatable : np.ndarray of bool
        Whether an owned product may be offered again, as from `bought_again`.
    allowed : np.ndarray of bool, optional
        Products that may be offered; all unless given.
    k : int
        Length of a list.
    factors : int
        As for `fit_models`.
    models : Models, optional
        From `models_at_cut`, where they are fitted already.
    seed : int
        Of the intervals.

    Raises
    ------
    NotSupportedByData
        If no customer known at the cut bought anything later that could have been offered.
    """
    history = known_on(base, cut=True)
    offerable = history.popularity > 0
    if allowed is not None:
        offerable &= allowed
    known = np.flatnonzero(np.diff(history.counts.indptr))
    owned = owned_for_good(history.bought, repeatable)[known]
    later = bought_later(base)[known]
    wanted = (later - later.multiply(owned)).tocsr()
    wanted.eliminate_zeros()
    asked = np.diff(wanted.indptr) > 0
    if not asked.any() or not offerable.any():
        raise NotSupportedByData(
            "no customer known before the hold-out bought anything in it that could be offered",
            "a longer history, or more holdout_days",
        )
    models = models or models_at_cut(base, repeatable=repeatable, factors=factors)
    scorers = {name: scorer for name, scorer in models.scorers.items()
               if name != AGAIN or repeatable.any()}  # fmt: skip
    sellers = np.argsort(-history.popularity, kind="stable")[:TOP_SELLERS]
    measures: list[dict[str, object]] = []
    hits: dict[str, np.ndarray] = {}
    made = _lists(scorers, known[asked], owned[asked], wanted[asked], offerable, k=k)
    for method, lists in made.items():
        found = measure_lists(lists, products=len(base.products), sellers=sellers)
        measures.append({"method": method, **found})
        hits[method] = np.asarray(lists.bought.any(axis=1))
    chance = random_hit_rate(wanted[asked], owned[asked], offerable, k=k)
    table = pd.DataFrame([*measures, {"method": RANDOM, **chance}])
    baseline = max(BESTSELLERS, key=lambda name: int(hits[name].sum()))
    compared = compare_with_bestsellers(
        hits, baseline=baseline, base_customers=len(known), seed=seed
    )
    table = table.merge(compared, on="method", how="left").sort_values(
        ["hit_rate", "method"], ascending=[False, True], ignore_index=True
    )
    judged = Evaluation(table, {}, baseline, len(known), k)
    for method in {judged.best, *LADDER} & set(scorers):
        judged.curves[method] = chance_curve(
            scorers[method], known, owned=owned, wanted=wanted, offerable=offerable
        )
    return judged


def models_at_cut(
    base: OfferBase,
    *,
    repeatable: np.ndarray,
    factors: int = 32,
    methods: Collection[str] | None = None,
) -> Models:
    """Fit the methods, or some of them, on what was known at the cut."""
    return fit_models(
        known_on(base, cut=True), base.products, repeatable=repeatable, factors=factors,
        window_days=base.window_days, methods=methods,
    )  # fmt: skip


def owned_for_good(bought: csr_matrix, repeatable: np.ndarray) -> csr_matrix:
    """Keep of what customers have only what is not bought again: it must not be offered."""
    owned = bought.copy()
    owned.data = np.where(repeatable[owned.indices], 0.0, 1.0)
    owned.eliminate_zeros()
    return owned


def _lists(
    scorers: Mapping[str, Scorer],
    known: np.ndarray,
    owned: csr_matrix,
    wanted: csr_matrix,
    offerable: np.ndarray,
    *,
    k: int,
) -> dict[str, Lists]:
    """Make the list of every customer by each method, as it is delivered, batch by batch."""
    parts: dict[str, list[np.ndarray]] = {method: [] for method in scorers}
    for start in range(0, len(known), BATCH):
        here = slice(start, start + BATCH)
        blocked = (owned[here].toarray() > 0) | ~offerable
        for method in scorers:
            best, _, _ = fill_lists(scorers, known[here], blocked, method=method, k=k)
            parts[method].append(best)
    return {method: _met(np.concatenate(found), wanted) for method, found in parts.items()}


def _met(best: np.ndarray, wanted: csr_matrix) -> Lists:
    """Look up which products of each list were bought."""
    rows = np.arange(len(best))[:, None]
    bought = np.asarray(wanted[rows, np.maximum(best, 0)].todense()) > 0
    return Lists(best, bought & (best >= 0), np.diff(wanted.indptr))
