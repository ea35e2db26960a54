"""What to do about the next offer: at most five actions with segment, size and money."""

from shared.analysis.actions import Action
from shared.analysis.intervals import Estimate
from shared.analysis.next_offer import NextOffer
from shared.analysis.offer_answers import onward
from shared.analysis.offer_models import METHOD_NAMES, METHOD_PHRASES
from shared.analysis.offer_stock_answers import tells_who_buys
from shared.loading.errors import NotSupportedByData

FEWEST = 10  # customers worth a mailing of their own


def next_offer_actions(study: NextOffer) -> list[Action]:
    """Derive the actions from what was found; a finding that is not settled leads to none."""
    others = [*_due(study), *_up_sell(study), *_surplus(study), *_cross_sell(study)]
    # What comes without the action is no reason to take it first.
    others.sort(key=lambda act: (act.money_is.endswith(" or not"), -_amount(act.money)))
    return [*_lists(study), *others]


def _amount(money: float | Estimate | None) -> float:
    if money is None:
        return 0.0
    return money.value if isinstance(money, Estimate) else money


def _lists(study: NextOffer) -> list[Action]:
    """Show own lists where they win; else one list for all, which costs nothing."""
    size = len(study.base.customers)
    values = {"k": study.evaluation.k, "method": METHOD_PHRASES[study.method],
              "bestsellers": METHOD_NAMES[study.evaluation.baseline].lower()}  # fmt: skip
    if not study.personal_wins:
        limits = "" if study.repeatable.all() else ", leaving out what they own and do not use up"
        return [
            Action(
                f"Offer all {{size:count}} customers the same {{k:count}} {{bestsellers}}{limits}: "
                "lists of their own do no better here, and cost work.",
                "All customers", size, None, values,
            )
        ]  # fmt: skip
    return [
        Action(
            "Give each of {size:count} customers their own list of {k:count} ({method}) on the "
            "home page and at checkout, at full price, and hold out a random tenth to see what it "
            "adds.",
            "All customers", size, _worth(study), values,
            f"{study.offering.value_is} of orders met beyond bestsellers, one unit each",
        )
    ]  # fmt: skip


def _worth(study: NextOffer) -> Estimate | None:
    """Turn orders gained into money: each at the mean value of what lists are expected to sell."""
    if study.offering.value_is == "orders":
        return None
    filled = study.lists[study.lists["eligible"]]
    expected = float(filled["propensity"].sum())
    if not expected:
        return None
    each = float(filled["expected_value"].sum()) / expected * len(study.base.customers) / 1000
    gained = study.gained
    value, low, high = (each * side for side in (gained.value, gained.low, gained.high))
    return Estimate(value, low, high, gained.n, "money", gained.level, gained.of)


def _due(study: NextOffer) -> list[Action]:
    """Remind those whose consumable is due, where due dates come true."""
    due = study.due
    if isinstance(due, NotSupportedByData) or not tells_who_buys(due):
        return []
    soon = due.due[due.due["days_left"] < due.ahead_days]
    size = soon["customer_id"].nunique()
    if size < FEWEST:
        return []
    money = None if study.offering.value_is == "orders" else (
        float(soon["value"].sum()) * due.on_time.value)  # fmt: skip
    return [
        Action(
            "Remind {size:count} customers of the {n:count} consumables that are overdue or due "
            "within {days:days}: {share:share} of such were bought in that time.",
            "Consumables due", size, money,
            {"n": len(soon), "days": due.ahead_days, "share": due.on_time.value},
            f"{study.offering.value_is} if that share buys one unit, reminded or not",
        )
    ]  # fmt: skip


def _up_sell(study: NextOffer) -> list[Action]:
    table = study.up_selling
    if isinstance(table, NotSupportedByData) or len(table) < FEWEST:
        return []
    if not study.evaluation.tells_anything:
        return []
    first = table["segment"].value_counts()
    return [
        Action(
            "Offer {size:count} customers who still buy a dearer product of the kind they buy "
            "most, without a discount; the largest group among them is {first}.",
            "Up-sell", len(table), float(table["expected_gain"].sum()),
            {"first": str(first.index[0])},
            f"{study.offering.value_is} expected beyond the usual",
        )
    ]  # fmt: skip


def _surplus(study: NextOffer) -> list[Action]:
    """Move the surplus that the likeliest customers can take, and name the rest."""
    surplus = study.surplus
    if isinstance(surplus, NotSupportedByData) or not study.evaluation.tells_anything:
        return []
    size = surplus.customers["customer_id"].nunique()
    worst = surplus.table.iloc[0]
    return [
        Action(
            "Offer the {n:count} surplus products at full price to the {size:count} customers "
            "likeliest to want them, before any sale; stop buying {worst}, of which "
            "{units:count} units lie too long.",
            "Surplus stock", size, float(surplus.table["expected_value"].sum()),
            {"n": len(surplus.table), "worst": str(worst["product_name"]),
             "units": float(worst["surplus"])},
            f"{study.offering.value_is} expected, asked or not",
        )
    ]  # fmt: skip


def _cross_sell(study: NextOffer) -> list[Action]:
    """Offer the surest next group to those who bought the one before it lately."""
    if isinstance(study.transitions, NotSupportedByData):
        return []
    found = onward(study.transitions)
    if found.empty:
        return []
    row = found.iloc[0]
    return [
        Action(
            "Offer buyers of {first} something of {second} for the next order: {share:share} of "
            "the next order is that, {lift:ratio.1} times the usual. Of {size:count} who ordered "
            "again after it, {moved:count} took that way.",
            f"Buyers of {row['from_group']}", int(row["from_customers"]), None,
            {"first": row["from_group"], "second": row["to_group"],
             "share": float(row["transition_probability"]), "lift": float(row["lift"]),
             "moved": int(row["customers"])},
        )
    ]  # fmt: skip
