"""The answers of the page on the next offer: templates with the values that go into them."""

import pandas as pd

from shared.analysis.intervals import Estimate, wilson
from shared.analysis.multiple_testing import Finding
from shared.analysis.next_offer import NextOffer
from shared.analysis.offer_models import METHOD_PHRASES, PEERS
from shared.analysis.offer_price_moves import WHOLE_RANGE
from shared.analysis.offer_stock_answers import coming_true
from shared.analysis.offer_transitions import OTHERS, Transitions
from shared.analysis.study_parts import known
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

NOTABLE = 0.2  # a rank correlation below it is of no use for a single customer
NO_WIN = "Personalisation does not beat bestsellers"


def headlines(study: NextOffer) -> list[tuple[str, Reason]]:
    """Choose the findings that open the page, each with a name that stays."""
    chosen = [("beats", beating(study)), ("gained", gaining(study))]
    if study.repeatable.any() and not isinstance(study.new_evaluation, NotSupportedByData):
        chosen.append(("new", beating_with_new(study)))
    if study.affinity["q"].notna().any():
        chosen.append(("together", belonging(study)))
    if not isinstance(study.due, NotSupportedByData):
        chosen.append(("due", coming_true(study)))
    return [(name, Reason(said.template + ".", said.values)) for name, said in chosen]


def beating(study: NextOffer) -> Reason:
    """Answer: do lists made for each customer beat the bestsellers?"""
    ev = study.evaluation
    personal = ev.estimate(study.method, "hit_rate")
    bestsellers = ev.estimate(ev.baseline, "hit_rate")
    values: dict[str, object] = {"method": METHOD_PHRASES[study.method], "k": ev.k}
    if study.personal_wins:
        return Reason(
            "Personal offers beat bestsellers: of those who bought again, {rate} bought something "
            "from their own list of {k} ({method}), {base:share} from the bestsellers",
            {"rate": personal, "base": bestsellers.value, **values},
        )
    values |= {"rate": bestsellers, "base": personal.value}
    return Reason(
        f"{NO_WIN}: of those who bought again, {{rate}} bought one of the {{k}} bestsellers, "
        "{base:share} something from the best list of their own ({method})", values)  # fmt: skip


def gaining(study: NextOffer) -> Reason:
    """Answer: how many orders does the personal list gain per 1,000 customers?"""
    gained, method = study.gained, METHOD_PHRASES[study.method]
    values = {"gained": gained, "method": method, "thousand": 1000,
              "days": study.base.holdout_days}  # fmt: skip
    if study.personal_wins:
        return Reason(
            "Per {thousand:count} customers, lists of their own ({method}) meet {gained:number.0} "
            "more orders than the bestsellers within {days:days}", values)  # fmt: skip
    side = "fewer" if gained.value < 0 else "more"
    settled = " (not more than chance)" if gained.low <= 0 <= gained.high else ""
    values["gained"] = Estimate(
        abs(gained.value), *_sides(gained), gained.n, "number", gained.level, gained.of
    )
    return Reason(
        "Per {thousand:count} customers, the best list of their own ({method}) meets "
        f"{{gained:number.0}} {side} orders than the bestsellers within {{days:days}}{settled}",
        values,
    )


def beating_with_new(study: NextOffer) -> Reason:
    """Answer: and with products that are new to the customer?"""
    ev = known(study.new_evaluation)
    values: dict[str, object] = {"base": ev.estimate(ev.baseline, "hit_rate").value, "k": ev.k}
    if ev.wins.any():
        values |= {"rate": ev.estimate(ev.best, "hit_rate"),
                   "method": METHOD_PHRASES[ev.best]}  # fmt: skip
        return Reason(
            "Among products new to the customer, the best list comes from {method}: {rate} of "
            "those who bought something new found it on that list of {k}, {base:share} among the "
            "bestsellers",
            values,
        )
    values = {"rate": ev.estimate(ev.baseline, "hit_rate"), "k": ev.k}
    return Reason(
        "For products new to the customer nothing beats the bestsellers: {rate} of those who "
        "bought something new found it among the {k} that sell best", values)  # fmt: skip


def filling(study: NextOffer) -> Reason:
    """Answer: what stands on the lists?"""
    filled = study.lists[study.lists["eligible"]]
    buyers = len(study.base.customers)
    others = (
        ", and so {others:has|have} {others:count} known {others:person|people} who bought nothing "
        "yet that could be offered"
    )
    return Reason(
        "{customers:count} customers have a list of {k:count}"
        + (others if study.strangers else "")
        + ". On average {expected:number.1} of a customer's {k:count} are bought within "
        "{days:days} if what followed earlier lists repeats; how much of that would be bought "
        "without the list, only a test can tell.",
        {"customers": buyers, "k": study.evaluation.k, "others": study.strangers,
         "expected": float(filled["propensity"].sum()) / max(buyers, 1),
         "days": study.base.holdout_days})  # fmt: skip


def belonging(study: NextOffer) -> Reason:
    """Answer: which groups of products belong to the same customers?"""
    table = study.affinity
    found = table[(table["finding"] == Finding.DIFFERS) & (table["lift"] > 1)]
    tested = int(table["q"].notna().sum())
    if not tested:
        raise NotSupportedByData(
            f"no two {study.group_noun}s are bought by the same 10 customers",
            "customers who buy from several of them",
        )
    if found.empty:
        return Reason(
            f"No pair of {study.group_noun}s is reliable: of {{pairs:count}} tested, {{share}} "
            "are bought by the same customers more than chance explains",
            {"pairs": tested, "share": wilson(0, tested, of="pairs")},
        )
    row = found.sort_values("z", ascending=False).iloc[0]
    return Reason(
        f"{{n:count}} of {{pairs:count}} pairs of {study.group_noun}s are reliable; the surest is "
        "{first} with {second}: {share} of the buyers of {first} have both, {lift:ratio.1} times "
        "as many as expected",
        {"n": len(found), "pairs": tested, "first": row["group"],
         "second": row["other_group"], "lift": float(row["lift"]),
         "share": wilson(int(row["customers"]), round(row["customers"] / row["share_of_group"]),
                         of="customers")},
    )  # fmt: skip


def following(transitions: Transitions) -> Reason:
    """Answer: what is bought next after a group, more than it is bought anyway?"""
    pick = onward(transitions)
    if pick.empty:
        return Reason(
            "After no purchase does another kind come next more than it sells anyway; "
            "{customers:count} customers were followed from order to order",
            {"customers": transitions.customers},
        )
    row = pick.iloc[0]
    return Reason(
        "After {first}, {second} comes next {lift:ratio.1} times as often as anyway: "
        "{share:share.1} of the next order against {base:share.1}",
        {"first": row["from_group"], "second": row["to_group"], "lift": float(row["lift"]),
         "share": float(row["transition_probability"]), "base": float(row["base_share"])},
    )  # fmt: skip


def onward(transitions: Transitions) -> pd.DataFrame:
    """List the moves to another group that are more than chance, the surest first."""
    table = transitions.table
    other = (table["from_group"] != table["to_group"]) & (table["to_group"] != OTHERS)
    found = other & (table["finding"] == Finding.DIFFERS) & (table["lift"] > 1)
    return table[found].sort_values("z", ascending=False, ignore_index=True)


def staying(transitions: Transitions) -> Reason:
    """Say how often the next purchase is of the same group."""
    table = transitions.table
    same = table[(table["from_group"] == table["to_group"]) & (table["from_group"] != OTHERS)]
    same = same[(same["finding"] == Finding.DIFFERS) & (same["lift"] > 1)]
    if same.empty:
        return Reason(
            "After no purchase does more of the same come next beyond its usual share; "
            "{customers:count} customers were followed. Every row adds up to all of the next "
            "order.",
            {"customers": transitions.customers},
        )
    row = same.sort_values("lift", ascending=False).iloc[0]
    return Reason(
        "Compared with its usual share, more of the same comes next most of all after {group}: "
        "{share:share.1} of the next order, {lift:ratio.1} times as much. Every row adds up to all "
        "of the next order.",
        {"group": row["from_group"], "share": float(row["transition_probability"]),
         "lift": float(row["lift"])},
    )  # fmt: skip


def moving(moves: pd.DataFrame) -> Reason:
    """Caption the moves between products."""
    found = moves[moves["finding"] == Finding.DIFFERS]
    if found.empty:
        return Reason(
            "No move from one product to another is more than chance among {n:count} tested; the "
            "strongest of them, for orientation only",
            {"n": int(moves["q"].notna().sum())},
        )
    return Reason(
        "{n:count} of {tested:count} moves between products are more than chance; the surest",
        {"n": len(found), "tested": int(moves["q"].notna().sum())},
    )


def pricing(prices: pd.DataFrame) -> Reason:
    """Answer: do customers move up or down in price within a category?"""
    found = prices[prices["finding"] == Finding.DIFFERS]
    if found.empty:
        row = prices.iloc[0]
        open_ = " (not settled)" if (prices["finding"] == Finding.NOT_SETTLED).any() else ""
        where = "" if row["category"] == WHOLE_RANGE else "in {category} "
        return Reason(
            f"Customers drift neither up nor down in price beyond chance{open_}: {where}"
            "{up:share} of moves go up and {down:share} down",
            {"n": len(prices), "category": row["category"], "up": float(row["up"]),
             "down": float(row["down"])},
        )  # fmt: skip
    row = found.iloc[int(found["net_up"].abs().argmax())]
    side = "up" if row["net_up"] > 0 else "down"
    where = "" if row["category"] == WHOLE_RANGE else " in {category}"
    return Reason(
        f"Customers drift {side} in price{where}: {{up:share}} of moves go up, {{down:share}} down",
        {"category": row["category"], "up": float(row["up"]), "down": float(row["down"])},
    )


def resembling(study: NextOffer) -> Reason:
    """Answer: what do the most similar customers suggest?"""
    similar = known(study.similar)
    ev = study.new_evaluation
    values: dict[str, object] = {"n": len(similar.table), "slow": len(similar.slow)}
    template = (
        "Of {n:count} customers with peers, {slow:count} order less than half as often as the ten "
        "customers most like them"
    )
    if not isinstance(ev, NotSupportedByData) and PEERS in set(ev.table["method"]):
        row = ev.table[ev.table["method"] == PEERS].iloc[0]
        verdict = "more than" if row["difference"] > 0 else "less than"
        if row["finding"] != Finding.DIFFERS:
            verdict = "no more than chance apart from"
        template += (
            ". What peers have and the customer lacks was then bought by {rate:share}, "
            f"{verdict} the {{base:share}} of the bestsellers"
        )
        values |= {"rate": float(row["hit_rate"]),
                   "base": ev.estimate(ev.baseline, "hit_rate").value}  # fmt: skip
    return Reason(template + ".", values)


def keeping_pace(study: NextOffer) -> Reason:
    """Say whether peers buy at a similar pace."""
    similar = known(study.similar)
    rho = similar.pace
    if pd.isna(rho.value):
        return Reason("The customers are too young to compare how often they buy.", {})
    if rho.low > NOTABLE:
        return Reason(
            "Peers buy at a similar pace (rank correlation {rho:number.2}, at equal numbers of "
            "products): who is far slower than the peers buys elsewhere, or has room to grow.",
            {"rho": rho},
        )
    return Reason(
        "Peers tell little about the pace (rank correlation {rho:number.2}, at equal numbers of "
        "products).", {"rho": rho})  # fmt: skip


def _sides(gained: Estimate) -> tuple[float, float]:
    """Give the bounds of a loss as one of a size."""
    return (-gained.high, -gained.low) if gained.value < 0 else (gained.low, gained.high)
