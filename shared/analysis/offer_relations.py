"""What goes with what and comes after what: groups, products, prices and similar customers."""

from typing import Any

import ibis
import pandas as pd

from shared.analysis.offer_affinity import group_affinity
from shared.analysis.offer_lists import Offering
from shared.analysis.offer_price_moves import price_moves
from shared.analysis.offer_products import groups_of, told_apart
from shared.analysis.offer_similar import similar_customers
from shared.analysis.offer_transitions import (
    Transitions,
    follow_groups,
    follow_products,
    moves_between_products,
)
from shared.analysis.study_parts import part


def related(
    lines: ibis.Table, offering: Offering, allowed: pd.DataFrame, *, group_by: str
) -> dict[str, Any]:
    """Relate groups of products, products and customers to each other.

    Parameters
    ----------
    lines : ibis.Table
        Purchases, as for `read_purchases`.
    offering : Offering
        From `prepare_offers`.
    allowed : pd.DataFrame
        Products that may be offered.
    group_by : str
        As for `groups_of`. Of single products the transitions are those between the ten that
        follow each other most.

    Returns
    -------
    dict
        `group_is`, `affinity`, `transitions`, `moves`, `prices` and `similar` of `NextOffer`.
    """
    base, end = offering.base, offering.base.snapshot_date
    groups, group_is = groups_of(allowed, group_by=group_by)
    groups = groups.reindex(base.products.index)
    groups = groups.where(groups.notna(), None)
    named = pd.DataFrame({"product_id": base.products["product_id"], "group_name": groups})
    followed = part(follow_products, lines, allowed, snapshot_date=end)
    if group_is == "category":
        transitions = part(follow_groups, lines, named, snapshot_date=end)
    else:
        transitions = part(_strongest, followed, allowed)
    return {
        "group_is": group_is,
        "affinity": group_affinity(offering.history, groups),
        "transitions": transitions,
        "moves": part(moves_between_products, followed, allowed),
        "prices": part(price_moves, lines, base.products, snapshot_date=end),
        "similar": part(similar_customers, base, offering.history, groups, pace=base.pace),
    }


def _strongest(followed: Transitions, products: pd.DataFrame) -> Transitions:
    names = told_apart(products["product_name"], products["product_id"])
    return followed.strongest(names.set_axis(products["product_id"]))
