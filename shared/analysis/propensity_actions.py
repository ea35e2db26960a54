"""What to do with the scores: at most five actions with segment, size and money."""

import numpy as np
import pandas as pd

from shared.analysis.actions import Action
from shared.analysis.propensity import PropensityStudy
from shared.analysis.propensity_lists import SURE
from shared.analysis.propensity_names import name_of
from shared.analysis.propensity_use_answers import bound_of
from shared.analysis.propensity_words import deed, doers, people
from shared.analysis.study_parts import part
from shared.loading.errors import NotSupportedByData


def propensity_actions(study: PropensityStudy) -> list[Action]:
    """Derive the actions; a score that finds nothing leads to none but looking for better data."""
    if study.finds_nothing:
        return _leave(study)
    return [*_ask(study), *_contact(study), *_serve(study), *_test(study)]


def _contact(study: PropensityStudy) -> list[Action]:
    """Contact those whose score pays, of today's people; of a labelled table, people like them."""
    curve = study.profit
    if curve.all_are_worth_it:
        return _contact_all(study)
    if curve.knows_margin:
        chosen = study.today >= curve.break_even
        money = float((study.today[chosen] * curve.margin - curve.contact_cost).sum())
        cut, money_is = curve.break_even, "expected profit, all buyers counted"
    else:
        chosen = study.scores["decile"].to_numpy() == 1
        cut = float(study.scores.loc[chosen, "propensity"].min())
        money, money_is = curve.contact_cost * int(chosen.sum()), "cost of the contacts"
    size = int(chosen.sum())
    if not size:
        return []
    site_only, values = _site_only(study, chosen)
    whom = (
        "Contact the {size:count} with a score of {cut:number.1} or more" + site_only
        if study.has_orders
        else "Contact whoever scores {cut:number.1} or more, as {size:count} rows of the table do"
    )
    return [
        Action(
            whom + ", the likeliest first, and keep a random tenth of them without a contact: "
            "only that shows what it adds.",
            f"Likely to {deed(study)}", size, money,
            {"cut": 100 * cut, "unit": _unit(study), **values}, money_is,
        )
    ]  # fmt: skip


def _contact_all(study: PropensityStudy) -> list[Action]:
    """Contact all, in the order of the score: at this cost none is known to be too much."""
    curve, size = study.profit, len(study.today)
    money = float((study.today * curve.margin - curve.contact_cost).sum())
    site_only, values = _site_only(study, np.ones(size, dtype=bool))
    whom = "all {size:count}" if study.has_orders else "whoever is like the {size:count} rows"
    return [
        Action(
            "If a contact costs {cost:money.2}, nobody need be left out: contact "
            + whom + site_only + ", the likeliest first as far as a budget goes, and keep a random "
            "tenth without a contact: only that shows what it adds.",
            f"All {people(study)}", size, money,
            {"cost": curve.contact_cost, "unit": _unit(study), **values},
            "expected profit, all buyers counted",
        )
    ]  # fmt: skip


def _site_only(study: PropensityStudy, chosen: np.ndarray) -> tuple[str, dict[str, int]]:
    """Say how many of those chosen have no order yet: other pages count customers with one."""
    n = int(study.no_order[chosen].sum())
    return (", {site_only:count} of them known from the site only" if n else ""), {"site_only": n}


def _serve(study: PropensityStudy) -> list[Action]:
    """Serve those who buy anyway; do not discount."""
    bound = part(bound_of, study)
    floor = min(bound, SURE) if not isinstance(bound, NotSupportedByData) else SURE
    chosen = study.today > floor
    size = int(chosen.sum())
    if not size or not study.has_orders:
        return []
    words = "Give no discount to the {size:count} with a score above {floor:number.0}: serve them "
    values = {"floor": 100 * floor, "discount": study.settings.discount, "unit": _unit(study)}
    if isinstance(study.money, NotSupportedByData):
        return [Action(words + "well instead.", "Buy anyway", size, None, values)]
    # Those who buy anyway are mostly larger buyers: the mean order of all would be too little.
    orders = pd.Series(study.own_order[chosen]).fillna(study.money.value)
    worth = study.settings.discount * float(orders.sum())
    words += "well instead. {discount:share} off one order of each would cost {money:money}."
    return [Action(words, "Buy anyway", size, worth, values, "discount saved")]


def _test(study: PropensityStudy) -> list[Action]:
    """Test the discount on a random tenth."""
    size = round(len(study.today) / 10)
    return [
        Action(
            "Before any instant discount, give it to a random {size:count} and to nobody else for "
            "one period: only such a test tells whom it moves.",
            "A random tenth",
            size,
            None,
            {"unit": _unit(study)},
        )
    ]


def _ask(study: PropensityStudy) -> list[Action]:
    """Ask the client when suspicious columns are recorded."""
    names = [name_of(str(n)) for n in study.audit.dropped]
    if not names:
        return []
    return [
        Action(
            "Ask how and when {names} is recorded, before anybody is scored with it: {size:count} "
            "rows rest on the answer. What was known at the moment of the decision can be used.",
            "Everybody scored",
            len(study.today),
            None,
            {"names": ", ".join(names[:3]), "unit": _unit(study)},
        )
    ]


def _leave(study: PropensityStudy) -> list[Action]:
    return [
        Action(
            "Select nobody by this score: among {size:count} " + people(study) + " it orders "
            + doers(study) + " no better than chance. Record visits and contacts with their time.",
            f"All {people(study)}", len(study.today), None, {"unit": _unit(study)},
        )
    ]  # fmt: skip


def _unit(study: PropensityStudy) -> str:
    return "customer|customers" if study.has_orders else "row|rows"
