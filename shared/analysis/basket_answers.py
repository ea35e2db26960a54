"""What the basket page answers: templates and values for each of its questions."""

import numpy as np
import pandas as pd

from shared.analysis.basket import period_word
from shared.analysis.basket_assortment_answers import groups_settled, replacements, replacing
from shared.analysis.basket_pairs import Reading
from shared.analysis.basket_power import CLEAR_LIFT, OFTEN
from shared.analysis.basket_study import BasketStudy, with_extra
from shared.analysis.intervals import Estimate, exact, wilson
from shared.analysis.lift import ratio_interval
from shared.analysis.verdicts import Reason

HIGH_LIFT = 2
MOST_FINDINGS = 5


def headlines(study: BasketStudy) -> list[tuple[str, Reason]]:
    """Give the sentences that open the page, most important first, each with its name."""
    said = [("robust", robustness(study, explained=True))]
    if len(study.robust):
        said += [("place-together", placing(study)), ("companion", companion(study))]
        said.append(("companion-worth", companion_worth(study)))
    else:
        said += [("strongest", answer) for answer in strongest(study)]
        said += [("findable", answer) for answer in findable(study)]
        said += [("groups", answer) for answer in groups_settled(study)]
    replaced = replacements(study)
    if len(replaced):
        said.append(("replace", replacing(study)))
    said.append(("several", several(study)))
    return [(name, _sentence(answer)) for name, answer in said[:MOST_FINDINGS]]


def _sentence(answer: Reason) -> Reason:
    """Close an answer that is a chart's title elsewhere with a full stop."""
    return Reason(answer.template.removesuffix(".") + ".", answer.values)


def robustness(study: BasketStudy, *, explained: bool = False) -> Reason:
    """Answer: is a pair coincidence or a robust pattern? If asked, say what robust means."""
    # Pairs with postage and the like are nobody's choice: no chart or table of the page has them.
    table = study.pairs.table
    readings = table.loc[table["reading"] != Reading.SERVICE, "reading"].value_counts()
    robust, doubtful = (int(readings.get(r.value, 0)) for r in (Reading.ROBUST, Reading.DOUBTFUL))
    n = int(readings.sum())
    values: dict[str, object] = {
        "n": n, "least": study.pairs.least, "doubtful": doubtful,
        "robust": exact(robust, n=max(n, 1), unit="count", of="pairs"),
    }  # fmt: skip
    if not n:
        return Reason(
            f"No two {study.noun} are in {{least:count}} baskets together: none of {{n}} possible "
            "pairs can be judged",
            values | {"n": exact(study.pairs.tested, n=study.pairs.tested, unit="count",
                                 of="possible pairs")},
        )  # fmt: skip
    start = "Of {n:count} pairs that are in at least {least:count} baskets together, {robust} "
    if robust:
        meaning = (
            f": beyond chance, seen again in {period_word(study.baskets)}; {{doubtful:count}} "
            "{doubtful:is|are} doubtful, the others"
        )
        short = " and {doubtful:count} doubtful; the others"
        said = "{robust:is|are} robust" + (meaning if explained else short)
        return Reason(start + said + " may well be chance", values)
    return Reason(
        start + "are robust: as far as these baskets can show, chance and their size bring "
        "together what is bought together", values,
    )  # fmt: skip


def findable(study: BasketStudy) -> list[Reason]:
    """Say what would have been found, had it been there; nothing with fewer than two products."""
    power = study.power
    if power is None:
        return []
    text = (
        f"{{findable}} of {{n:count}} possible pairs of {study.noun} {{findable:is|are}} frequent "
        "enough that being together {lift:count} times as often as chance has it would have "
        "shown {often:share} of the time; "
    )
    values: dict[str, object] = {
        "findable": exact(power.findable, n=power.possible, unit="count", of="possible pairs"),
        "n": power.possible, "lift": CLEAR_LIFT, "often": OFTEN, "expected": power.expected,
        "a": study.label(power.item_a), "b": study.label(power.item_b), "least": power.least_lift,
    }  # fmt: skip
    if power.least_lift == power.least_lift:
        text += "the two most frequent, {a} and {b}, from {least:number.1} times on"
    else:
        text += (
            "even the two most frequent, {a} and {b}, are too rare: chance would "
            "give {expected:number.2} baskets with both"
        )
    return [Reason(text, values)]


def high_lifts(study: BasketStudy) -> Reason:
    """Say how little a high lift proves in these data."""
    table = study.pairs.table
    table = table[table["reading"] != Reading.SERVICE]
    high = table[table["lift"] > HIGH_LIFT]
    failed = int((high["reading"] == Reading.CHANCE).sum())
    if high.empty:
        top = table["lift"].max()
        return Reason(
            "No pair of {n:count} is together more than {lift} times as often as chance has it; "
            "the highest lift is {top:ratio}.",
            {"n": len(table), "lift": HIGH_LIFT, "top": float(top)},
        )
    return Reason(
        "A high lift alone proves little: of {n:count} pairs that are together more than {lift} "
        "times as often as chance has it, {failed:count} may well be chance, mostly pairs of rare "
        f"{study.noun}. {{robust:count}} {{robust:is|are}} robust.",
        {"n": len(high), "lift": HIGH_LIFT, "failed": failed,
         "robust": int((high["reading"] == Reading.ROBUST).sum())},
    )  # fmt: skip


def placing(study: BasketStudy) -> Reason:
    """Answer: which products belong side by side?"""
    row = study.robust.iloc[0]
    together = int(row["together"])
    expected = together / float(row["size_lift"])
    sides = ratio_interval(np.array([together]), np.array([expected]))
    times, low, high = (float(side[0]) for side in sides)
    return Reason(
        "{a} and {b} share most baskets beyond chance: {together:count}, where basket sizes alone "
        "would give {expected:count} ({times} times)",
        {"a": study.label(row["item_a"]), "b": study.label(row["item_b"]), "expected": expected,
         "together": together,
         "times": Estimate(times, low, high, together, "ratio", of="baskets with both")},
    )  # fmt: skip


def strongest(study: BasketStudy) -> list[Reason]:
    """Say how strong the strongest pair is, where none is robust; nothing without a pair."""
    table = study.pairs.table
    table = table[table["reading"] != Reading.SERVICE]
    if table.empty:
        return []
    row = table.iloc[int(table["low"].argmax())]
    return [
        Reason(
            "The pair that stands out most, {a} and {b}, is together {lift} times as often as "
            "chance has it; at its basket sizes {size:ratio} times",
            {"a": study.label(row["item_a"]), "b": study.label(row["item_b"]),
             "lift": lift_estimate(row), "size": float(row["size_lift"])},
        )
    ]  # fmt: skip


def companion(study: BasketStudy) -> Reason:
    """Answer: what to recommend to a buyer of A?"""
    row = study.companions.iloc[0]
    return Reason(
        "Of baskets with {a}, {share} hold {b} too; {base:share} would by chance at their sizes",
        {"a": study.label(row["item_a"]), "b": study.label(row["item_b"]),
         "share": wilson(int(row["together"]), int(row["baskets_a"]), of="baskets"),
         "base": float(row["base"])},
    )  # fmt: skip


def companion_worth(study: BasketStudy) -> Reason:
    """Say what the companion goes with in money."""
    row = study.companions.iloc[0]
    value, low, high = (float(row[c]) for c in ("worth_per_1000", "worth_low", "worth_high"))
    worth = Estimate(value, low, high, int(row["baskets_a"]), "money", of="baskets")
    return Reason(
        "A thousand baskets with {a} go with {worth}" + of_what(study) + " from {b} beyond chance; "
        "what recommending it would add, only a test can tell",
        {"a": study.label(row["item_a"]), "b": study.label(row["item_b"]), "worth": worth},
    )


def several(study: BasketStudy) -> Reason:
    """Say how many baskets can hold a pair at all."""
    total = int(study.baskets.sizes["baskets"].sum())
    more = total - int(study.baskets.sizes.set_index("size")["baskets"].get(1, 0))
    return Reason(
        f"{{share}} of {{n:count}} baskets hold more than one of the {study.noun}",
        {"share": wilson(more, total, of="baskets"), "n": total},
    )


def no_robust_pair(study: BasketStudy) -> Reason:
    """Say under a question that no pair is robust, and how near the nearest came."""
    # Without the pairs that no chart or table of the page has: the headline counts the same.
    table = study.pairs.table[study.pairs.table["reading"] != Reading.SERVICE]
    if table.empty:
        return Reason(
            f"No pair is robust, so none is shown: no two {study.noun} are in {{least:count}} "
            "baskets together.",
            {"least": study.pairs.least},
        )
    doubtful = table[table["reading"] == Reading.DOUBTFUL]
    if doubtful.empty:
        return Reason(
            "No pair is robust, so none is shown: of {n:count} pairs the smallest q-value is "
            "{q:number.2}, and below {level} a pair would be worth a second look.",
            {"n": len(table), "q": float(table["q"].min()), "level": 0.05},
        )
    row = with_extra(doubtful).iloc[0]
    return Reason(
        "No pair is robust, so none is shown. The nearest is {a} with {b} ({together:count} "
        "baskets, lift {lift:ratio}): {why}.",
        {"a": study.label(row["item_a"]), "b": study.label(row["item_b"]), "why": row["why"],
         "together": int(row["together"]), "lift": float(row["lift"])},
    )  # fmt: skip


def rules_found(study: BasketStudy) -> Reason:
    """Say how many rules reach the thresholds, or which thresholds would find one."""
    values: dict[str, object] = {
        "support": study.min_support, "confidence": study.min_confidence,
        "n": study.all_rules, "robust": len(study.robust_rules),
        "redundant": int(study.rules["redundant"].sum()),
    }  # fmt: skip
    if study.all_rules:
        return Reason(
            "{n:count} {n:rule reaches|rules reach} a support of {support:share.2} and a "
            "confidence of {confidence:share}; {robust:count} {robust:is|are} robust, and "
            "{redundant:count} say no more than a shorter one.", values,
        )  # fmt: skip
    near = study.nearest
    text = "No rule reaches a support of {support:share.2} and a confidence of {confidence:share}."
    if near["confidence"] == near["confidence"]:
        text += " At this support the first would come at a confidence of {near:share.1}."
        values["near"] = near["confidence"]
    if near["support"] == near["support"]:
        text += " At this confidence the first would come at a support of {often:share.2}."
        values["often"] = near["support"]
    if "near" not in values and near["support_any"] == near["support_any"]:
        text += " The most frequent pair has a support of {any:share.2}."
        values["any"] = near["support_any"]
    return Reason(text, values)


def confirmed_in(study: BasketStudy) -> Reason:
    """Say in what pairs were confirmed."""
    text = "Pairs are confirmed in " + period_word(study.baskets)
    if study.baskets.split is None:
        return Reason(text + ", as the baskets have no days.")
    return Reason(
        text + ", from {day:date} on: {later:count} of {n:count} baskets.",
        {"day": study.baskets.split, "later": study.baskets.later_n, "n": study.baskets.n},
    )


def lift_estimate(row: pd.Series) -> Estimate:
    """Give the lift of a pair with its interval; n is the baskets with both."""
    lift, low, high = (float(row[c]) for c in ("lift", "low", "high"))
    return Estimate(lift, low, high, int(row["together"]), "ratio", of="baskets with both")


def of_what(study: BasketStudy) -> str:
    """Say what the money is of; "5 items" says already what is counted."""
    return "" if study.worth.what == "items bought" else f" of {study.worth.what}"
