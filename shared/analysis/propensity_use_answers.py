"""What the score is good for: no discounts by itself, but fewer contacts per buyer."""

import pandas as pd

from shared.analysis.intervals import Estimate, wilson
from shared.analysis.propensity import PropensityStudy
from shared.analysis.propensity_day import DayAhead, visitors_of
from shared.analysis.propensity_profit import ProfitCurve, discount_bound
from shared.analysis.propensity_words import doers, goal, people
from shared.analysis.study_parts import known
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

TOP = 0.10
VISITORS = "who had been on the site in the 24 hours before"


def discount_answer(study: PropensityStudy) -> Reason:
    """Say that a propensity does not answer the question of the discount, and what does."""
    buyers, n = visitors(study)
    if n:
        return Reason(
            "A score cannot tell: it says who buys, not who buys because of a discount. Of "
            "{n:count} " + _counted(study) + " " + VISITORS + ", {share} ordered within {ahead} "
            "anyway: to these it would be a gift. Whether it moves the others only a test with a "
            "random hold-out tells.",
            {"share": wilson(buyers, n, of="visitors"), "n": n, "ahead": ahead(study)},
        )  # fmt: skip
    return Reason(
        "A score cannot tell: it says who " + doing(study) + ", not who does so because of a "
        "discount. {share} of the tested " + people(study) + " did so anyway. Whether a discount "
        "moves the others only a test with a random hold-out tells.",
        {"share": wilson(int(study.tested.outcome.sum()), len(study.tested.outcome),
                         of=people(study))},
    )  # fmt: skip


def _counted(study: PropensityStudy) -> str:
    """Name tested rows with a visit: customers, or each once for every day of the test."""
    days = isinstance(study.day, DayAhead) or study.tested.repeats
    return "customers, counted once on each tested day," if days else "customers"


def guarded_rule(study: PropensityStudy) -> Reason:
    """Print the rule that does no harm until a test has been made."""
    bound = bound_of(study)
    return Reason(
        "Until then, a guarded rule: no discount of {discount:share} above a score of "
        "{bound:number.0} for " + goal(study) + ", where it could not pay even if it made "
        "everybody buy (margin {margin:share} of the price); below it, only for a random tenth, "
        "with the rest as comparison.",
        {"discount": study.settings.discount, "bound": 100 * bound,
         "margin": known(study.money).margin_share},
    )  # fmt: skip


def bound_of(study: PropensityStudy) -> float:
    """Give the probability above which the discount cannot pay.

    Raises
    ------
    NotSupportedByData
        Where margins are not known.
    """
    money = known(study.money)
    if not money.margin_share > 0:
        raise NotSupportedByData(
            "unit costs are not known, so the score above which a discount cannot pay is not known",
            "the cost of each product, mapped to unit_cost",
        )
    return discount_bound(margin_share=money.margin_share, discount=study.settings.discount)


def cheaper(study: PropensityStudy) -> Reason:
    """Say what a buyer costs when only the likeliest are contacted, against contacting all."""
    row, everybody = first_tenth(study), study.profit.table.iloc[-1]
    return Reason(
        "Contacting only the likeliest tenth costs {each:money.2} per " + doers(study)[:-1]
        + " instead of {all:money.2} (at {cost:money.2} a contact) and reaches {gain:share} of "
        "the " + doers(study) + ".",
        {"each": Estimate(row["cost_per_buyer"], row["cost_low"], row["cost_high"],
                          int(row["n"]), "money", of=f"{people(study)} in the tenth"),
         "all": float(everybody["cost_per_buyer"]), "cost": study.profit.contact_cost,
         "gain": float(row["gain"])},
    )  # fmt: skip


def first_tenth(study: PropensityStudy) -> pd.Series:
    """Give the row of the profit curve at one tenth contacted."""
    table = study.profit.table
    return table.iloc[int((table["contacted"] - TOP).abs().to_numpy().argmin())]


def best_cut(study: PropensityStudy) -> Reason:
    """Say down to which score a contact pays, and what that would have brought."""
    curve = study.profit
    if not curve.knows_margin:
        raise NotSupportedByData(
            "what a buyer brings is not known, so no cut can be called the best",
            "unit costs in the orders, or the margin of a buyer",
        )
    values = {"cut": 100 * curve.break_even, "n": curve.cut_n, "profit": curve.cut,
              "low": curve.cut.low, "high": curve.cut.high, "all": curve.everybody,
              "share": curve.cut_n / len(study.tested.rows), "margin": curve.margin,
              "cost": curve.contact_cost, **_saved_or_lost(curve)}  # fmt: skip
    if not curve.cut_n:
        return Reason("At {cost:money.2} a contact and {margin:money.2} a buyer nobody's score "
                      "reaches {cut:number.1}: no contact pays.", values)  # fmt: skip
    return Reason(
        "A contact pays from a score of {cut:number.1} on ({cost:money.2} a contact, "
        "{margin:money.2} a buyer): {share:share} of the tested " + people(study) + ", "
        "{profit:money} ({low:money} to {high:money}) against {all:money} for contacting all. "
        + _spared(curve) + "Every buyer is counted, also who would have bought without a contact: "
        "an upper bound.", values,
    )  # fmt: skip


def _spared(curve: ProfitCurve) -> str:
    if not curve.spared.n:
        return ""
    verb = "costs" if curve.spared.value < 0 else "saves"
    found = (
        f"Leaving the others out {verb} {{moved:money.0}} ({{least:money.0}} to {{most:money.0}})"
    )
    if curve.spared.low > 0:
        return found + ". "
    return found + ": not settled, at this cost the score says whom first, not whom to leave out. "


def _saved_or_lost(curve: ProfitCurve) -> dict[str, float]:
    """Give what leaving people out saves, or what it costs, with its bounds."""
    spared = curve.spared
    if spared.value < 0:
        return {"moved": -spared.value, "least": -spared.high, "most": -spared.low}
    return {"moved": spared.value, "least": spared.low, "most": spared.high}


def visitors(study: PropensityStudy) -> tuple[int, int]:
    """Count who bought of those on the site in the day before, on the shortest horizon there is."""
    if isinstance(study.day, DayAhead):
        n, buyers = study.day.visitors
        return buyers, n
    n, buyers = visitors_of(study.examples, study.tested)
    return buyers, n


def ahead(study: PropensityStudy) -> str:
    """Say how far the visitors are followed."""
    no_day = isinstance(study.day, NotSupportedByData)
    return study.settings.horizon.words if no_day else "24 hours"


def doing(study: PropensityStudy) -> str:
    """Say what people do, in the present."""
    return "buys" if study.has_orders else "responds"
