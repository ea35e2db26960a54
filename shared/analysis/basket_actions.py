"""What to do about baskets: at most five actions with segment, size and money."""

import pandas as pd

from shared.analysis.actions import Action
from shared.analysis.basket_answers import of_what
from shared.analysis.basket_assortment_answers import replacements, share_spec
from shared.analysis.basket_study import BasketStudy
from shared.analysis.multiple_testing import Finding

BASKETS = {"unit": "basket|baskets"}


def basket_actions(study: BasketStudy) -> list[Action]:
    """Derive the actions from what was found; what is not robust leads to none."""
    if study.robust.empty:
        return [*_leave_alone(study), *_cover(study)]
    return [*_offer(study), *_place(study), *_bundle(study), *_order(study), *_cover(study)]


def _offer(study: BasketStudy) -> list[Action]:
    """Test the companion whose worth is highest for sure on those who buy the product alone."""
    row = study.companions.iloc[0]
    alone = int(row["baskets_a"] - row["together"])
    each = float(study.worth.table["basket_worth"].to_numpy()[int(row["item_b"])])
    return [
        Action(
            "Offer {b} at the checkout to every second buyer of {a}: {size:count} baskets so far "
            "held {a} without it. If {uptake:" + share_spec(study.uptake) + "} of them had taken "
            "it, that were {money:money}{what} more; the other half tells what the offer really "
            "adds.",
            f"Buyers of {study.label(row['item_a'])}", alone, study.uptake * alone * each,
            {"a": study.label(row["item_a"]), "b": study.label(row["item_b"]),
             "uptake": study.uptake, "what": of_what(study), **BASKETS},
            f"{_noun(study)} if {_percent(study.uptake)} take it",
        )
    ]  # fmt: skip


def _place(study: BasketStudy) -> list[Action]:
    """Put the pair with most co-purchases beyond chance side by side."""
    row = study.robust.iloc[0]
    held = study.baskets.items["baskets"]
    size = int(held[row["item_a"]] + held[row["item_b"]] - row["together"])
    per_basket = study.worth.table["basket_worth"]
    value = float(row["extra"]) * float(per_basket[row["item_a"]] + per_basket[row["item_b"]])
    return [
        Action(
            "Place {a} and {b} side by side, on the shelf and on each other's page: {size:count} "
            "baskets hold one of them, and the {extra:count} that hold both beyond what their size "
            "explains are worth {money:money}{what} at usual quantities. Compare with a shop or "
            "weeks without it.",
            f"{study.label(row['item_a'])} and {study.label(row['item_b'])}", size, value,
            {"a": study.label(row["item_a"]), "b": study.label(row["item_b"]),
             "extra": round(float(row["extra"])), "what": of_what(study), **BASKETS},
            f"{_noun(study)} in baskets beyond chance",
        )
    ]  # fmt: skip


def _bundle(study: BasketStudy) -> list[Action]:
    """Bundle the pair that gains most for sure at the planned discount; name the floor."""
    if not isinstance(study.bundles, pd.DataFrame):
        return []
    row = study.bundles.iloc[0]
    size = int(row["only_a"] + row["only_b"])
    names = {"a": study.label(row["item_a"]), "b": study.label(row["item_b"]), **BASKETS}
    if row["gain_low"] <= 0:
        return []
    return [
        Action(
            "Try {a} with {b} as a bundle at {price:money.2} and never below {floor:money.2}: "
            "{size:count} baskets held one of the two alone, and if {uptake:"
            + share_spec(study.uptake)
            + "} of them took both, the margin would have been {money:money} higher.",
            f"{names['a']} or {names['b']} alone", size, float(row["gain"]),
            {"price": float(row["bundle_price"]), "floor": float(row["floor_price"]),
             "uptake": study.uptake, **names},
            f"margin if {_percent(study.uptake)} take it",
        )
    ]  # fmt: skip


def _order(study: BasketStudy) -> list[Action]:
    """Stock the consumable by the sales of its core product."""
    if not isinstance(study.links, pd.DataFrame):
        return []
    found = study.links[study.links["finding"] == Finding.DIFFERS]
    if found.empty:
        return []
    row = found.iloc[0]
    held = study.baskets.items["baskets"]
    return [
        Action(
            "Order {b} when sales of {a} move: it follows by {lag:count} {lag:week|weeks}, about "
            "{more:count} baskets for 100; {size:count} baskets of {a} so far.",
            f"Stock of {study.label(row['consumable'])}", int(held[row["core"]]), None,
            {"a": study.label(row["core"]), "b": study.label(row["consumable"]),
             "lag": int(row["lag_weeks"]), "more": float(row["per_100"]), **BASKETS},
        )
    ]  # fmt: skip


def _cover(study: BasketStudy) -> list[Action]:
    """Offer one of two substitutes where the other is out of stock."""
    found = replacements(study)
    found = found[found["kind"] == "replace each other"]
    if found.empty:
        return []
    row = found.iloc[0]
    held, revenue = study.baskets.items["baskets"], study.worth.table["revenue"]
    size = int(held[row["item_a"]] + held[row["item_b"]] - row["together"])
    money = float(revenue[row["item_a"]] + revenue[row["item_b"]])
    return [
        Action(
            "Show {b} where {a} is out of stock, and the other way round; never discount both at "
            "once: {size:count} baskets hold one of the two.",
            f"{study.label(row['item_a'])} or {study.label(row['item_b'])}", size, money,
            {"a": study.label(row["item_a"]), "b": study.label(row["item_b"]), **BASKETS},
            "items so far" if study.worth.what == "items bought" else "revenue so far",
        )
    ]  # fmt: skip


def _leave_alone(study: BasketStudy) -> list[Action]:
    """Say that these data move no shelf."""
    return [
        Action(
            "Leave shelves and recommendations as they are on account of these data: in "
            f"{{size:count}} baskets of two or more {study.noun} no pair is robust. Only a "
            "test can find more.",
            f"Baskets of two or more {study.noun}", study.baskets.of_two, None,
            {**BASKETS},
        )
    ]  # fmt: skip


def _noun(study: BasketStudy) -> str:
    return "" if study.worth.what == "items bought" else study.worth.what


def _percent(share: float) -> str:
    return f"{100 * share:g}%"
