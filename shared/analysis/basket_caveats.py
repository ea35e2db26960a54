"""The limits of this client's data for the page on baskets."""

from dataclasses import replace

from shared.analysis.basket import in_words
from shared.analysis.basket_exhibits import MOST_EXPORTED
from shared.analysis.basket_study import MOST_RULES, BasketStudy
from shared.analysis.verdicts import Reason

MOST_NAMED = 5


def basket_caveats(study: BasketStudy) -> list[Reason]:
    """List what this client's data do to the page, each as a template with values."""
    limits = [
        *_placebo(study),
        *_counted(study),
        *_large(study),
        *_services(study),
        *_names(study),
        *_unknown(study),
        *_searched(study),
        *_money(study),
    ]
    return [replace(limit, template=in_words(limit.template, study.baskets)) for limit in limits]


def _placebo(study: BasketStudy) -> list[Reason]:
    if not study.is_placebo:
        return []
    return [Reason("This is the placebo: the products were dealt to the baskets anew, at random.")]


def _counted(study: BasketStudy) -> list[Reason]:
    sizes = study.baskets.sizes
    total = int(sizes["baskets"].sum())
    single = int(sizes.loc[sizes["size"] == 1, "baskets"].sum())
    return [
        Reason(
            "{single:count} of {n:count} baskets hold one of the {items} only and can confirm no "
            "pair; they count in every share. Repeated lines of a basket count once, refunds not.",
            {"single": single, "n": total},
        )
    ]


def _large(study: BasketStudy) -> list[Reason]:
    counted = study.baskets.counted
    if not counted["large"]:
        return []
    return [
        Reason(
            "{n:count} {n:basket|baskets} of more than {most:count} {items} {n:is|are} set aside "
            "as wholesale, with {lines:count} {items} in {n:it|them}: each would make a pair of "
            "everything.",
            {"n": counted["large"], "most": study.baskets.max_items,
             "lines": counted["large_items"]},
        )
    ]  # fmt: skip


def _services(study: BasketStudy) -> list[Reason]:
    items = study.baskets.items
    services = items[items["is_service"]]
    left_out = study.baskets.counted["left_out"]
    said = []
    if len(services):
        names = ", ".join(services["label"].head(MOST_NAMED))
        said.append(
            Reason(
                "{names} {n:is|are} no choice of the customer: kept in the baskets ({held:count} "
                "of them) and in the rules, but in no pair that is shown or recommended.",
                {"names": names, "n": len(services), "held": int(services["baskets"].max())},
            )
        )
    if left_out:
        said.append(
            Reason("{n:count} {n:line|lines} of products named in leave_out are left out.",
                   {"n": left_out})
        )  # fmt: skip
    return said


def _names(study: BasketStudy) -> list[Reason]:
    counted, said = study.baskets.counted, []
    if counted["renamed"]:
        said.append(
            Reason(
                "{n:count} {n:product goes|products go} by more than one name; the most frequent "
                "one stands here.",
                {"n": counted["renamed"]},
            )
        )
    if counted["unnamed"]:
        said.append(
            Reason(
                "{n:count} {n:line has|lines have} no order or no product: in no basket.",
                {"n": counted["unnamed"]},
            )
        )
    if counted["rare"]:
        said.append(
            Reason(
                "{n:count} of {all:count} {items} {n:is|are} in fewer than {least:count} "
                "baskets and can make no pattern.",
                {"n": counted["rare"], "all": counted["kinds"],
                 "least": study.baskets.least},
            )
        )  # fmt: skip
    return said


def _unknown(study: BasketStudy) -> list[Reason]:
    said = []
    if not study.baskets.has_customers:
        said.append(
            Reason(
                "The baskets have no customers: a pair may rest on few people, and whether the "
                "same people buy both at different times is not known. A list of offers per "
                "customer would need customer_id."
            )
        )
    if study.baskets.split is None:
        said.append(
            Reason(
                "The baskets have no days: seasons and promotions may stand behind a pair, and "
                "confirmation in every second basket does not rule them out."
            )
        )
    else:
        names = [name for name in study.baskets.strata if name != "month"]
        text = "Common causes looked into: the month" + "".join(f", {name}" for name in names)
        said.append(Reason(text + ". What is not recorded, such as the place on a shelf, is not."))
    return said


def _searched(study: BasketStudy) -> list[Reason]:
    said = []
    if study.mined.cut_short:
        said.append(
            Reason(
                "Rules hold at most {n:count} {items}: longer ones could be too many to count. A "
                "higher min_support finds them.",
                {"n": study.mined.longest},
            )
        )
    if study.all_rules > MOST_RULES:
        said.append(
            Reason(
                "Of {n:count} rules the {most:count} with the highest lift were put to the test.",
                {"n": study.all_rules, "most": MOST_RULES},
            )
        )
    if study.pairs.least > study.baskets.least:
        said.append(
            Reason("Pairs in fewer than {n:count} baskets were not counted: there are too many.",
                   {"n": study.pairs.least})
        )  # fmt: skip
    pairs = len(study.pairs.table)
    if pairs > MOST_EXPORTED:
        said.append(
            Reason(
                "The file of pairs holds the first {most:count} of {n:count}: robust before "
                "doubtful ones, and these before chance.",
                {"most": MOST_EXPORTED, "n": pairs},
            )
        )
    return said


def _money(study: BasketStudy) -> list[Reason]:
    if study.worth.what == "revenue":
        return [Reason("Unit costs are not known, so money here is revenue, not margin.")]
    if study.worth.what == "items bought":
        return [Reason("The export has no prices: money here counts the items bought.")]
    return [
        Reason(
            "The margin of a basket is that of the usual number of units, so that one wholesale "
            "order does not speak for all."
        )
    ]
