"""The next offer: what to offer each customer, and does that beat offering the bestsellers?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import numpy as np
import pandas as pd
from ibis import _

from shared.analysis.intervals import Estimate
from shared.analysis.offer_evaluation import Evaluation, evaluate, models_at_cut
from shared.analysis.offer_lists import Offering, offer_lists, prepare_offers
from shared.analysis.offer_matrix import OfferBase, read_purchases
from shared.analysis.offer_measures import RANDOM
from shared.analysis.offer_overstock import Overstock, overstock
from shared.analysis.offer_placebo import shuffled_products
from shared.analysis.offer_products import Repeatable, bought_again
from shared.analysis.offer_relations import related
from shared.analysis.offer_replenishment import Replenishment, replenishment
from shared.analysis.offer_rules import allowed_products
from shared.analysis.offer_segments import segment_offers, up_sell
from shared.analysis.offer_similar import SimilarCustomers
from shared.analysis.offer_stars import rated_below
from shared.analysis.offer_transitions import Transitions
from shared.analysis.portfolio import portfolio
from shared.analysis.product_names import service_products
from shared.analysis.study_parts import or_none, part
from shared.analysis.verdicts import Reason, Verdict, judge
from shared.loading.errors import NotSupportedByData

LEAST_RETURNING, ENOUGH_RETURNING, ENOUGH_PRODUCTS = 50, 500, 50
ENOUGH_JUDGED = 200  # customers who bought in the hold-out
MOST_LOST = 0.05  # of purchases, of products beyond those modelled


@dataclass(frozen=True)
class NextOffer:
    """All results of the page; what the data cannot answer holds the reason instead.

    Attributes
    ----------
    base : OfferBase
        Customers, products and their purchases.
    repeatable : np.ndarray of bool
        Products that may be offered to who has them.
    evaluation : Evaluation
        Of lists that may hold own products again, where they are repeatable.
    new_evaluation : Evaluation or NotSupportedByData
        Of lists of products new to the customer.
    offering : Offering
        What lists are made from.
    lists : pd.DataFrame
        As from `offer_lists`.
    group_is : str
        What a group of products is: "category" or "product".
    affinity : pd.DataFrame
        As from `group_affinity`.
    transitions, moves, prices, similar, surplus, due, up_selling, segments
        As from `follow_groups`, `moves_between_products`, `price_moves`, `similar_customers`,
        `overstock`, `replenishment`, `up_sell` and `segment_offers`, or the reason why not.
    strangers : int
        Known people without a purchase, who get a list too.
    low_rated : pd.DataFrame
        As from `rated_below`; empty where nobody gave stars.
    services : pd.Series
        As from `service_products`: names of what is neither counted nor offered.
    shuffled : bool
        Whether who bought what was shuffled first, as a test of the page.
    """

    base: OfferBase
    repeatable: np.ndarray
    evaluation: Evaluation
    new_evaluation: Evaluation | NotSupportedByData
    offering: Offering
    lists: pd.DataFrame
    group_is: str
    affinity: pd.DataFrame
    transitions: Transitions | NotSupportedByData
    moves: pd.DataFrame | NotSupportedByData
    prices: pd.DataFrame | NotSupportedByData
    similar: SimilarCustomers | NotSupportedByData
    surplus: Overstock | NotSupportedByData
    due: Replenishment | NotSupportedByData
    up_selling: pd.DataFrame | NotSupportedByData
    segments: pd.DataFrame | NotSupportedByData
    strangers: int
    low_rated: pd.DataFrame
    services: pd.Series
    shuffled: bool

    @property
    def personal_wins(self) -> bool:
        """Whether any personal method beats the bestsellers by more than chance."""
        return bool(self.evaluation.wins.any())

    @property
    def method(self) -> str:
        """The personal method to speak of: the one that wins, else the one with most hits."""
        table = self.evaluation.table
        personal = table[table["q"].notna()]
        return self.evaluation.best if self.personal_wins else str(personal["method"].iloc[0])

    @property
    def gained(self) -> Estimate:
        """Orders won over the bestsellers per 1,000 customers by that method."""
        return self.evaluation.estimate(self.method, "gained_per_1000")

    @property
    def group_noun(self) -> str:
        """What a group is called on the page."""
        return "product group" if self.group_is == "category" else "product"


def study_next_offer(
    order_lines: ibis.Table,
    *,
    tables: Mapping[str, ibis.Table],
    snapshot_date: date,
    k: int = 10,
    holdout_days: int = 91,
    window_days: int = 45,
    repeatable: Repeatable = "auto",
    group_by: str = "auto",
    rank_by: str = "chance",
    only_products: str = "",
    never_products: str = "",
    cover_days: int = 180,
    ahead_days: int = 28,
    shuffle_seed: int = 0,
) -> NextOffer:
    """Compute everything that the page on the next offer says.

    Parameters
    ----------
    order_lines : ibis.Table
        One row per product in an order, lines with a customer only.
    tables : mapping of str to ibis.Table
        Where `products`, `customers` and `reviews` stand, if the client has them.
    snapshot_date, holdout_days, window_days
        As for `read_purchases`.
    k, rank_by
        As for `offer_lists`.
    repeatable, group_by
        As for `bought_again` and `groups_of`.
    only_products, never_products : str
        As for `allowed_products`.
    cover_days, ahead_days : int
        As for `overstock` and `replenishment`.
    shuffle_seed : int
        Above 0, who bought what is shuffled first: then no offer may win.

    Raises
    ------
    NotSupportedByData
        If customers are not known, under 50 of them came back, or nothing can be judged.
    """
    products = tables.get("products")
    services, lines = _merchandise(order_lines, products)
    if shuffle_seed:
        lines = shuffled_products(lines, seed=shuffle_seed).cache()
    base = read_purchases(
        lines, products=products, snapshot_date=snapshot_date, holdout_days=holdout_days,
        window_days=window_days,
    )  # fmt: skip
    _refuse_too_few(base)
    again = bought_again(base.products, base.pairs, repeatable)
    allowed = allowed_products(base.products, only=only_products, never=never_products)
    models = models_at_cut(base, repeatable=again)
    options: dict[str, Any] = {"allowed": allowed, "k": k, "models": models}
    evaluation = evaluate(base, repeatable=again, **options)
    fresh = evaluation if not again.any() else part(
        evaluate, base, repeatable=np.zeros_like(again), **options)  # fmt: skip
    offering = prepare_offers(
        base, evaluation, repeatable=again, allowed=allowed,
        also=[fresh.best] if isinstance(fresh, Evaluation) else [],
    )  # fmt: skip
    cold = _known_people(tables.get("customers"), order_lines)
    lists = offer_lists(offering, k=k, rank_by=rank_by, cold=cold)
    placed = part(_segments, order_lines, snapshot_date=snapshot_date)
    up_selling = part(_up_selling, offering, placed, fresh)
    return NextOffer(
        base=base,
        repeatable=again,
        evaluation=evaluation,
        new_evaluation=fresh,
        offering=offering,
        lists=lists,
        **related(lines, offering, base.products[allowed], group_by=group_by),
        surplus=part(
            overstock, lines, offering, cover_days=cover_days, new=_new_method(fresh)
        ),
        due=part(
            replenishment, base, repeatable=again & allowed, values=offering.values,
            ahead_days=ahead_days,
        ),
        up_selling=up_selling,
        segments=part(segment_offers, offering, lists, placed, up_selling=or_none(up_selling)),
        strangers=lists["customer_id"].nunique() - len(base.customers),
        low_rated=rated_below(base.products, tables.get("reviews")),
        services=services,
        shuffled=bool(shuffle_seed),
    )  # fmt: skip


def next_offer_verdict(study: NextOffer) -> Verdict:
    """Judge whether customers, products and the hold-out are enough to rely on the page."""
    base = study.base
    judged = study.evaluation.customers
    doubts: list[tuple[bool, str, dict[str, object]]] = [
        (base.returning < ENOUGH_RETURNING, "Only {n:count} customers ordered on two days or more: "
         "{enough:count} make the comparison steady.",
         {"n": base.returning, "enough": ENOUGH_RETURNING}),
        (len(base.products) < ENOUGH_PRODUCTS, "Only {n:count} products were bought: with fewer "
         "than {enough:count} a list of offers is most of the range.",
         {"n": len(base.products), "enough": ENOUGH_PRODUCTS}),
        (judged < ENOUGH_JUDGED, "Only {n:count} customers bought in the hold-out of {days:days}: "
         "{enough:count} are needed to tell methods apart.",
         {"n": judged, "enough": ENOUGH_JUDGED, "days": base.holdout_days}),
        (base.left_out_share > MOST_LOST, "{share:share} of all purchases are of {n:count} "
         "products that sell too little to be modelled.",
         {"share": base.left_out_share, "n": base.left_out}),
        (not study.evaluation.tells_anything, "Even the best list does no better than products "
         "drawn at random, {list:share.1} against {random:share.1}: nothing here tells what a "
         "customer buys next.",
         {"list": study.evaluation.estimate(study.evaluation.best, "hit_rate").value,
          "random": study.evaluation.estimate(RANDOM, "hit_rate").value}),
        (study.shuffled, "Who bought what was shuffled, to test the page: nothing here is about "
         "the client.", {}),
    ]  # fmt: skip
    return judge([Reason(template, values) for doubt, template, values in doubts if doubt])


def _merchandise(lines: ibis.Table, products: ibis.Table | None) -> tuple[pd.Series, ibis.Table]:
    """Leave out postage, carrier bags and the like, which nobody chooses; name them."""
    if "product_id" not in lines.columns:
        return pd.Series(dtype=object), lines
    services = service_products(lines, products)
    if services.empty:
        return services, lines
    return services, lines.filter(~_.product_id.isin(list(services.index)))


def _refuse_too_few(base: OfferBase) -> None:
    if base.returning < LEAST_RETURNING:
        raise NotSupportedByData(
            f"{base.returning} customers ordered on two days or more",
            f"at least {LEAST_RETURNING} such customers, better {ENOUGH_RETURNING}, and "
            f"{ENOUGH_PRODUCTS} products",
        )


def _known_people(customers: ibis.Table | None, order_lines: ibis.Table) -> pd.Index:
    """List everybody by id: whoever bought nothing but postage is a customer too."""
    tables = [order_lines] if customers is None else [order_lines, customers]
    ids = [table.select("customer_id").distinct().to_pandas() for table in tables]
    return pd.Index(pd.concat(ids)["customer_id"].dropna().unique())


def _segments(lines: ibis.Table, *, snapshot_date: date) -> pd.Series:
    """Give the RFM segment of each customer, as on the page about the portfolio."""
    placed = portfolio(lines, snapshot_date=snapshot_date).customers
    return placed.set_index("customer_id")["segment"]


def _new_method(fresh: Evaluation | NotSupportedByData) -> tuple[str, Any] | None:
    if isinstance(fresh, NotSupportedByData):
        return None
    return fresh.best, fresh.curves[fresh.best]


def _up_selling(offering: Offering, placed: pd.Series, fresh: Evaluation) -> pd.DataFrame:
    return up_sell(offering, placed, method=fresh.best, curve=fresh.curves[fresh.best])
