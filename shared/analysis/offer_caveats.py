"""The limits of this client's data for the page on the next offer."""

from shared.analysis.next_offer import NextOffer
from shared.analysis.offer_products import REPEATED_SHARE, repeated_share
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

MOST_NAMED = 5


def next_offer_caveats(study: NextOffer) -> list[Reason]:
    """List what this client's data do to the page, each as a template with values."""
    return [
        *_placebo(study),
        *_silent(study),
        *_repeatable(study),
        *_services(study),
        *_not_offered(study),
        *_costs(study),
        *_small_sellers(study),
        *_strangers(study),
        *_low_rated(study),
        *_late(study),
    ]


def _placebo(study: NextOffer) -> list[Reason]:
    if not study.shuffled:
        return []
    return [Reason("Who bought what was shuffled within each week: this page is a test, and "
                   "every win on it is chance.")]  # fmt: skip


def _silent(study: NextOffer) -> list[Reason]:
    ev = study.evaluation
    return [
        Reason(
            "Hit rates are of the {n:count} customers who bought something that could be offered "
            "in the {days:days} held out, of {base:count} known before; orders gained are per "
            "1,000 of all of these.",
            {"n": ev.customers, "days": study.base.holdout_days, "base": ev.base_customers},
        )
    ]


def _repeatable(study: NextOffer) -> list[Reason]:
    products, again = study.base.products, study.repeatable
    if products["repeatable"].notna().any():
        return [
            Reason(
                "{n:count} of {all:count} products are offered again to those who have them, as "
                "the client marks them; the others are not.",
                {"n": int(again.sum()), "all": len(products)},
            )
        ]
    share = repeated_share(study.base.pairs)
    usual = "so products are offered again" if again.any() else "so no owned product is offered"
    return [
        Reason(
            "Which products are used up is not known. {share:share.1} of purchases repeat an "
            f"earlier one of the same product (the rule: at least {{rule:share}}), {usual}. Set "
            "repeatable if that is wrong.",
            {"share": share, "rule": REPEATED_SHARE},
        )
    ]


def _services(study: NextOffer) -> list[Reason]:
    if study.services.empty:
        return []
    return [
        Reason(
            "{names} {n:is|are} no choice of the customer: neither counted nor offered.",
            {"names": ", ".join(study.services.head(MOST_NAMED)), "n": len(study.services)},
        )
    ]


def _not_offered(study: NextOffer) -> list[Reason]:
    offering = study.offering
    reasons = []
    if study.base.products["stock"].isna().all():
        reasons.append(Reason("Stock is not known: a list may hold what has run out."))
    elif offering.out_of_stock:
        reasons.append(
            Reason("{n:count} {n:product is|products are} out of stock and offered to nobody; the "
                   "comparison with bestsellers does not know the stock of then.",
                   {"n": offering.out_of_stock})
        )  # fmt: skip
    if offering.stale:
        reasons.append(
            Reason("{n:count} {n:product|products} without a sale for a year {n:is|are} not "
                   "offered.", {"n": offering.stale})
        )  # fmt: skip
    return reasons


def _costs(study: NextOffer) -> list[Reason]:
    if study.offering.value_is == "revenue":
        return [Reason("Unit costs are not known: offers are valued by the price of one unit, and "
                       "what remains is less.")]  # fmt: skip
    if study.offering.value_is == "orders":
        return [Reason("The export has no prices: offers are not valued, and moves in price are "
                       "not known.")]  # fmt: skip
    return []


def _small_sellers(study: NextOffer) -> list[Reason]:
    if not study.base.left_out:
        return []
    return [
        Reason(
            "{n:count} products with the fewest buyers, {share:share.1} of purchases, are not "
            "modelled and offered to nobody.",
            {"n": study.base.left_out, "share": study.base.left_out_share},
        )
    ]


def _strangers(study: NextOffer) -> list[Reason]:
    if not study.strangers:
        return []
    return [
        Reason(
            "{n:count} known people have bought nothing yet that could be offered: they get recent "
            "bestsellers, without a chance, for nothing is known of such people.",
            {"n": study.strangers},
        )
    ]


def _low_rated(study: NextOffer) -> list[Reason]:
    """Name what customers rate below its group: a list that offers it may disappoint."""
    low, lines = study.low_rated, study.lists
    low = low[low["product_id"].isin(lines["offer"])]
    if low.empty:
        return []
    held = lines[lines["offer"].isin(low["product_id"])]["customer_id"].nunique()
    first = low.iloc[0]
    return [
        Reason(
            "{names} {n:has|have} fewer stars than other products of the same group "
            "({stars:number.1} against {others:number.1}"
            + (" for the first" if len(low) > 1 else "")
            + ", beyond chance) and {n:is|are} on {held:count} of {all:count} lists: "
            "never_products takes {n:it|them} off.",
            {"names": ", ".join(low["product_name"].head(MOST_NAMED)), "n": len(low),
             "stars": float(first["stars"]), "others": float(first["others"]), "held": held,
             "all": lines["customer_id"].nunique()},
        )
    ]  # fmt: skip


def _late(study: NextOffer) -> list[Reason]:
    short = study.lists[~study.lists["eligible"]]["customer_id"].nunique()
    reasons = []
    if short:
        reasons.append(
            Reason("{n:count} {n:customer has|customers have} a shorter list, for want of products "
                   "that may be offered.", {"n": short})
        )  # fmt: skip
    if isinstance(study.new_evaluation, NotSupportedByData):
        reasons.append(Reason("Nobody bought a product new to them in the hold-out: how well new "
                              "products are chosen is not known."))  # fmt: skip
    return reasons
