"""The answers on stock, due dates, segments and up-sell: templates with their values."""

from shared.analysis.multiple_testing import LEANING, SETTLED
from shared.analysis.next_offer import NextOffer
from shared.analysis.offer_models import BESTSELLERS
from shared.analysis.offer_replenishment import Replenishment
from shared.analysis.study_parts import known
from shared.analysis.verdicts import Reason


def surplus_caption(study: NextOffer) -> Reason:
    """Caption the table of surplus stock."""
    surplus = known(study.surplus)
    table = surplus.table
    return Reason(
        "{n:count} {n:product lies|products lie} longer than allowed, {cost:money} at "
        f"{surplus.priced_at}; the {{reach:count}} likeliest customers of each are expected to "
        "take {sales:count} units at full price in {days:days}, asked or not",
        {"n": len(table), "cost": float(table["surplus_cost"].sum()),
         "reach": int(table["offered_to"].max()), "sales": float(table["expected_sales"].sum()),
         "days": study.base.holdout_days},
    )  # fmt: skip


def surplus_moved(study: NextOffer) -> Reason:
    """Say where the likeliest customers are enough and where they are not."""
    surplus = known(study.surplus)
    table = surplus.table
    short = table[table["share_moved"] < 0.5]
    return Reason(
        "Of {enough:count} of {n:count} products these customers take at least half of the "
        "surplus: ask them before any discount. {short:count} need another way, above all {first}, "
        "of whose surplus they take {share:share.1}." if len(short) else
        "Of all {n:count} products these customers take at least half of the surplus: ask them "
        "before any discount.",
        {"enough": len(table) - len(short), "n": len(table), "short": len(short),
         "first": short["product_name"].iloc[0] if len(short) else "",
         "share": float(short["share_moved"].iloc[0]) if len(short) else 0.0},
    )  # fmt: skip


def falling_due(study: NextOffer) -> Reason:
    """Answer: when are consumables due again?"""
    due = known(study.due)
    soon = due.due[due.due["days_left"] < due.ahead_days]
    return Reason(
        "{customers:count} customers are due for {n:count} consumables within {days:days}, "
        "{overdue:count} of these overdue already" + ("" if tells_who_buys(due) else
                                                        f"; but {_doubt(due)}"),
        {"customers": soon["customer_id"].nunique(), "n": len(soon), "days": due.ahead_days,
         "overdue": int((soon["days_left"] < 0).sum())},
    )  # fmt: skip


def tells_who_buys(due: Replenishment) -> bool:
    """Say whether consumables due were bought more often than the others, at 1 %."""
    return due.p < SETTLED and due.difference.value > 0


def coming_true(study: NextOffer) -> Reason:
    """Answer: did due dates come true in the hold-out?"""
    due = known(study.due)
    values = {"share": due.on_time, "others": due.others.value, "days": due.ahead_days}
    if not (due.on_time.n and due.others.n):
        return Reason(f"Of consumables due, {{share}} were bought within {{days:days}}: "
                      f"{_doubt(due)}", values)  # fmt: skip
    if tells_who_buys(due):
        return Reason("Due dates tell who buys: {share} of consumables due were bought within "
                      "{days:days}, {others:share} of those not yet due", values)  # fmt: skip
    return Reason(f"Of consumables due, {{share}} were bought within {{days:days}}, of those not "
                  f"yet due {{others:share}}: {_doubt(due)}", values)  # fmt: skip


def _doubt(due: Replenishment) -> str:
    """Say how sure due dates are where they do not tell who buys."""
    if not (due.on_time.n and due.others.n):
        return "too few dates were put to the test to say whether they come true"
    if due.p < LEANING:
        return "whether due dates come true is not settled"
    return "due dates tell little here"


def offering_segments(study: NextOffer) -> Reason:
    """Caption the table of RFM segments."""
    segments = known(study.segments)
    best = segments.iloc[int(segments["expected_purchases"].argmax())]
    if study.offering.method in BESTSELLERS:
        return Reason(
            "Every RFM segment is offered bestsellers; at most {expected:number.2} of the "
            "{k:count} are bought within {days:days}",
            {"expected": float(best["expected_purchases"]), "k": study.evaluation.k,
             "days": study.base.holdout_days},
        )  # fmt: skip
    return Reason(
        "What to offer each RFM segment: {segment} are expected to buy {expected:number.2} of the "
        "{k:count} products offered within {days:days}, more than any other",
        {"segment": best["segment"], "expected": float(best["expected_purchases"]),
         "k": study.evaluation.k, "days": study.base.holdout_days},
    )  # fmt: skip


def up_selling(study: NextOffer) -> Reason:
    """Answer: whom to contact for an up-sell?"""
    table = known(study.up_selling)
    first = table["category"].value_counts()
    return Reason(
        "Contact {n:count} customers who still buy for an up-sell, {share:count} of them in "
        "{category}; if all are offered the dearer product, {gain:money} of {what} beyond the "
        "usual is expected in {days:days}.",
        {"n": len(table), "share": int(first.iloc[0]), "category": str(first.index[0]),
         "gain": float(table["expected_gain"].sum()), "what": study.offering.value_is,
         "days": study.base.holdout_days},
    )  # fmt: skip


def came_true(study: NextOffer) -> Reason:
    """Say below the chart whether due dates came true."""
    said = coming_true(study)
    return Reason(f"{said.template}.", said.values)
