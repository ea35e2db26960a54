"""A list of offers for every customer: ranked, explained, in stock, and never empty by accident."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from shared.analysis.offer_calibration import ChanceCurve
from shared.analysis.offer_evaluation import BATCH, Evaluation, owned_for_good
from shared.analysis.offer_ladder import fill_lists
from shared.analysis.offer_matrix import History, OfferBase, known_on
from shared.analysis.offer_models import (
    LADDER,
    RECENT,
    Models,
    fit_models,
    top_products,
)
from shared.analysis.offer_reasons import reasons_of
from shared.loading.errors import ConfigError, NotSupportedByData

SOLD_WITHIN_DAYS = 365
TOO_FEW = "no further product may be offered: owned, out of stock or not allowed"
RANKINGS = ("chance", "value")
DEEPER = 3  # lists this many times as long are made before they are ranked by value


@dataclass(frozen=True)
class Offering:
    """Everything that lists are made from, as of the snapshot date.

    Attributes
    ----------
    base : OfferBase
        Customers, products and purchases.
    history : History
        All that is known.
    models : Models
        Fitted on it.
    method : str
        By which offers are made: the one that beat the bestsellers, else the bestsellers.
    curves : dict of str to ChanceCurve
        What scores are worth, by method.
    repeatable, offerable : np.ndarray of bool
        Whether an owned product may be offered again; whether a product may be offered at all.
    out_of_stock, stale : int
        Products not offered because none is left, or none was sold for a year.
    """

    base: OfferBase
    history: History
    models: Models
    method: str
    curves: dict[str, ChanceCurve]
    repeatable: np.ndarray
    offerable: np.ndarray
    out_of_stock: int
    stale: int

    @property
    def value_is(self) -> str:
        """What an offer is valued by: margin, revenue where costs are unknown, or orders."""
        for column, noun in (("margin", "margin"), ("price", "revenue")):
            if self.base.products[column].notna().mean() >= 0.95:
                return noun
        return "orders"

    @property
    def values(self) -> np.ndarray:
        """What one purchase of each product is worth; the mean stands in for an unknown one."""
        column = {"margin": "margin", "revenue": "price", "orders": ""}[self.value_is]
        if not column:
            return np.ones(len(self.base.products))
        worth = self.base.products[column]
        return worth.fillna(worth.mean()).to_numpy(dtype=float)

    def scores(self, rows: np.ndarray, method: str = "") -> tuple[np.ndarray, np.ndarray]:
        """Give scores of some customers for every product, and what must not be offered."""
        return np.asarray(self.models.scorers[method or self.method](rows)), self.blocked(rows)

    def blocked(self, rows: np.ndarray) -> np.ndarray:
        """Say of some customers what must not be offered."""
        owned = owned_for_good(self.history.bought[rows], self.repeatable)
        return (owned.toarray() > 0) | ~self.offerable


def prepare_offers(
    base: OfferBase,
    evaluation: Evaluation,
    *,
    repeatable: np.ndarray,
    allowed: np.ndarray | None = None,
    factors: int = 32,
    also: Collection[str] = (),
) -> Offering:
    """Fit the chosen method on all that is known, and decide what may be offered now.

    Parameters
    ----------
    base, repeatable, allowed, factors
        As for `evaluate`.
    evaluation : Evaluation
        From `evaluate`, which chose the method.
    also : collection of str
        Further methods that are needed later.

    Raises
    ------
    NotSupportedByData
        If no product may be offered.
    """
    history = known_on(base, cut=False)
    stock = base.products["stock"].to_numpy(dtype=float)
    last_sold = base.pairs.groupby("product")["last_day"].max().reindex(base.products.index)
    stale = (history.day - last_sold.to_numpy(dtype=float)) > SOLD_WITHIN_DAYS
    empty = stock <= 0
    offerable = ~empty & ~stale
    if allowed is not None:
        offerable &= allowed
    if not offerable.any():
        raise NotSupportedByData(
            "no product may be offered: all are out of stock, unsold for a year, or not allowed",
            "stock, or a wider only_products",
        )
    models = fit_models(
        history, base.products, repeatable=repeatable, factors=factors,
        window_days=base.window_days, methods={evaluation.best, *LADDER, *also},
    )  # fmt: skip
    method = evaluation.best if evaluation.best in models.scorers else evaluation.baseline
    return Offering(base, history, models, method, evaluation.curves, repeatable, offerable,
                    int(empty.sum()), int((stale & ~empty).sum()))  # fmt: skip


def offer_lists(
    offering: Offering, *, k: int = 10, rank_by: str = "chance", cold: pd.Index | None = None
) -> pd.DataFrame:
    """Make the list of every customer, by a ladder of methods where the first one has no answer.

    The ladder: the chosen method; bestsellers of the customer's own categories; recent
    bestsellers; all-time bestsellers. A customer without a purchase begins at the third step.

    Parameters
    ----------
    offering : Offering
        From `prepare_offers`.
    k : int
        Length of a list.
    rank_by : str
        "chance" of a purchase, or "value": chance times margin.
    cold : pd.Index, optional
        Ids of known people who have not bought anything.

    Returns
    -------
    pd.DataFrame
        k rows per customer: `customer_id`, `rank`, `offer` (product id), `product_name`,
        `propensity` (chance of a purchase within the length of the hold-out), `margin` (of one
        unit; blank where the cost is unknown), `expected_value` (chance times margin, or
        revenue, or orders), `source` (the step of the ladder), `eligible` and `reason`. A row
        that could not be filled has a blank offer, is not eligible and says why.
    """
    if rank_by not in RANKINGS:
        raise ConfigError(
            "E-PARA-32", "rank_by", f"{rank_by!r} is no ranking", fix="chance or value"
        )
    everyone = len(offering.base.customers)
    parts = []
    for start in range(0, everyone, BATCH):
        rows = np.arange(start, min(start + BATCH, everyone))
        parts.append(_lists_of(offering, rows, k=k, rank_by=rank_by))
    made = pd.concat(parts, ignore_index=True) if parts else _no_lines()
    made["customer_id"] = offering.base.customers.to_numpy()[made["customer"]]
    strangers = pd.Index([], dtype=object) if cold is None else cold.difference(
        offering.base.customers)  # fmt: skip
    if len(strangers):
        made = pd.concat([made, _for_strangers(offering, strangers, k=k)], ignore_index=True)
    return _described(made, offering)


def _lists_of(offering: Offering, rows: np.ndarray, *, k: int, rank_by: str) -> pd.DataFrame:
    """Fill the lists of a batch of customers, step by step of the ladder."""
    chosen, chance, source = fill_lists(
        offering.models.scorers, rows, offering.blocked(rows), method=offering.method, k=k,
        pick=partial(_best, offering, k=k, rank_by=rank_by),
    )  # fmt: skip
    at = np.arange(1, k + 1)
    return pd.DataFrame(
        {
            "customer": np.repeat(rows, k),
            "rank": np.tile(at, len(rows)),
            "product": chosen.ravel(),
            "propensity": chance.ravel(),
            "source": source.ravel(),
        }
    )


def _best(
    offering: Offering,
    scores: np.ndarray,
    blocked: np.ndarray,
    method: str,
    *,
    k: int,
    rank_by: str,
) -> tuple[np.ndarray, np.ndarray]:
    """Give the products of a step and their chances, ranked by chance or by expected value."""
    deep = k * DEEPER if rank_by == "value" else k
    best, found = top_products(scores, blocked, k=deep)
    chance = offering.curves[method].of(found)
    if rank_by == "value":
        worth = np.where(best >= 0, chance * offering.values[np.maximum(best, 0)], -np.inf)
        order = np.argsort(-worth, axis=1, kind="stable")[:, :k]
        best, chance = (np.take_along_axis(part, order, axis=1) for part in (best, chance))
    return best, chance


def _for_strangers(offering: Offering, ids: pd.Index, *, k: int) -> pd.DataFrame:
    """Offer recent bestsellers to people without a purchase."""
    sales = np.asarray(offering.models.scorers[RECENT](np.array([0])))
    best, found = top_products(sales, ~offering.offerable[None, :] | (sales <= 0), k=k)
    best = np.pad(best[0], (0, k - len(best[0])), constant_values=-1)
    found = np.pad(found[0], (0, k - len(found[0])), constant_values=np.nan)
    return pd.DataFrame(
        {
            "customer": -1,
            "customer_id": np.repeat(ids.to_numpy(), k),
            "rank": np.tile(np.arange(1, k + 1), len(ids)),
            "product": np.tile(best, len(ids)),
            "propensity": np.nan,
            "source": np.where(np.tile(best, len(ids)) >= 0, RECENT, ""),
        }
    )


def _no_lines() -> pd.DataFrame:
    names = ["customer", "rank", "product", "propensity", "source"]
    return pd.DataFrame(columns=names).astype({"customer": int, "product": int})


def _described(made: pd.DataFrame, offering: Offering) -> pd.DataFrame:
    products = offering.base.products
    filled = made["product"] >= 0
    at = made["product"].clip(lower=0)
    made["offer"] = products["product_id"].to_numpy()[at]
    made["product_name"] = products["product_name"].to_numpy()[at]
    made["margin"] = products["margin"].to_numpy(dtype=float)[at].round(2)
    made["propensity"] = made["propensity"].astype("float64").round(4)
    made["expected_value"] = (made["propensity"] * offering.values[at]).round(4)
    made["reason"] = reasons_of(made, offering.history, products, offering.models.cosines)
    made["eligible"] = filled
    blank = ["offer", "product_name", "margin"]
    made[blank] = made[blank].where(filled, None)
    made.loc[~filled, ["source", "reason"]] = ["", TOO_FEW]
    order = ["customer_id", "rank", "offer", "product_name", "propensity", "margin",
             "expected_value", "source", "eligible", "reason"]  # fmt: skip
    return made[order]
