"""Baskets of the profile: how many products an order, how dear, and how often something new?"""

from datetime import datetime, time, timedelta

import ibis
from ibis import _

from shared.analysis.profile_sources import Sources, exact

LATELY_DAYS = 90
LEAST_PRODUCTS = 5
TIERS = "decimal(38, 12)"


def basket_metrics(sources: Sources) -> ibis.Table:
    """Measure what metrics 25, 27 and 30 to 32 need over the positions, in the engine.

    A position is one product in one order. The first position of a product is new, every later
    one repeats it, whichever of two orders of one moment is taken for the first.

    Returns
    -------
    ibis.Table
        One row per `customer` who bought a known product: `positions`, `distinct_products`,
        `repeated_share`, `price_tier` and `new_product_rate`; the latter is blank where
        nothing was bought in the last 90 days.
    """
    since = datetime.combine(sources.snapshot_date, time()) - timedelta(days=LATELY_DAYS)
    products = (
        _positions(sources)
        .group_by("customer", "product_id")
        .aggregate(
            positions=_.count(),
            first_at=_.bought_at.min(),
            lately=_.count(where=_.bought_at >= since),
        )
    )
    tiers = price_tiers(sources.lines)
    placed = products.left_join(tiers, "product_id").drop("product_id_right")
    sums = placed.group_by("customer").aggregate(
        distinct_products=_.count(),
        positions=_.positions.sum(),
        lately=_.lately.sum(),
        new=_.count(where=_.first_at >= since),
        tiers=(_.positions * _.price_tier).cast(TIERS).sum().cast("float64"),
        tiered=_.positions.sum(where=_.price_tier.notnull()),
    )
    return sums.select(
        "customer", "positions", "distinct_products",
        repeated_share=(_.positions - _.distinct_products) / _.positions,
        price_tier=_.tiers / _.tiered.nullif(0),
        new_product_rate=_.new / _.lately.nullif(0),
    )  # fmt: skip


def positions(sources: Sources) -> ibis.Table:
    """Count the `positions` of each `customer` who bought a known product."""
    return _positions(sources).group_by("customer").aggregate(positions=_.count())


def _positions(sources: Sources) -> ibis.Table:
    return (
        sources.lines.filter(_.product_id.notnull())
        .group_by("customer", "order_id", "product_id")
        .aggregate(bought_at=_.order_date.min())
    )


def price_tiers(lines: ibis.Table) -> ibis.Table:
    """Place each product among those of its category: 0 is the cheapest, 1 the dearest.

    The price of a product is its mean `unit_price` over the units bought; equal prices share the
    middle of their places. Categories with fewer than 5 priced products are left out. A product
    sold under several categories stands in the one that most of its lines carry.

    Returns
    -------
    ibis.Table
        `product_id` and `price_tier`.
    """
    priced = lines.filter(_.category.notnull() & _.unit_price.notnull() & (_.quantity > 0))
    by_category = (
        priced.filter(_.product_id.notnull())
        .group_by("product_id", "category")
        .aggregate(
            lines=_.count(),
            paid=exact(_.quantity * _.unit_price).sum(),
            units=exact(_.quantity).sum(),
        )
    )
    most = ibis.window(group_by="product_id", order_by=[ibis.desc("lines"), "category"])
    products = (
        by_category.mutate(place=ibis.row_number().over(most))
        .group_by("product_id")
        .aggregate(
            category=_.category.max(where=_.place == 0), paid=_.paid.sum(), units=_.units.sum()
        )
        # Rounded, or the last digit of a division would part equal prices.
        .mutate(price=(_.paid.cast("float64") / _.units.cast("float64").nullif(0)).round(6))
    )
    cheaper = ibis.rank().over(ibis.window(group_by="category", order_by="price"))
    tied = _.count().over(ibis.window(group_by=["category", "price"]))
    size = _.count().over(ibis.window(group_by="category"))
    ranked = products.mutate(cheaper=cheaper, tied=tied, size=size)
    return ranked.filter(_.size >= LEAST_PRODUCTS).select(
        "product_id", price_tier=(_.cheaper + (_.tied - 1) / 2) / (_.size - 1)
    )
