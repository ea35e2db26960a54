"""What to do with lifetime value: at most five actions with segment, size and money."""

import pandas as pd

from shared.analysis.actions import Action
from shared.analysis.intervals import Estimate
from shared.analysis.lifetime_margin import REVENUE
from shared.analysis.lifetime_next_order import SOON_DAYS
from shared.analysis.lifetime_segment_answers import corrected
from shared.analysis.lifetime_value import LifetimeStudy
from shared.analysis.lifetime_without_leaving import NO_LEAVING
from shared.analysis.multiple_testing import Finding
from shared.loading.errors import NotSupportedByData

FEWEST = 10  # customers worth a campaign of their own
EVEN = 0.5


def lifetime_actions(study: LifetimeStudy) -> list[Action]:
    """Derive the actions; without a model there are none."""
    if isinstance(study.ahead, NotSupportedByData):
        return []
    return [*_keep(study), *_move_budget(study), *_stop_idle(study), *_due(study), *_cap(study)]


def _keep(study: LifetimeStudy) -> list[Action]:
    top = study.outlook.tiers.iloc[0]
    n = int(top["customers"])
    if n < FEWEST:
        return []
    total = study.forecast.value.value
    held, low, high = (total * float(top[name]) for name in ("value_share", "low", "high"))
    value = Estimate(held, low, high, n, "money", of="customers")
    return [
        Action(
            "Give the {size:count} customers of the top tier service that they would miss: a lost "
            "one takes along {mean:money}" + _unspent(study) + ", counted over {months:count} "
            "months; all of them {money:money}.",
            "Top tier", n, value,
            {"mean": float(top["mean_value"]), "months": study.horizon.months}, _to_come(study),
        )
    ]  # fmt: skip


def _move_budget(study: LifetimeStudy) -> list[Action]:
    if study.outlook.ladder.model.method == NO_LEAVING:
        return []  # to this model silence says little: it would send money after the lost
    table = corrected(study)
    rising = table[(table["finding"] == Finding.DIFFERS) & (table["shift"] > 0)]
    rising = rising[rising["customers"] >= FEWEST]
    if rising.empty:
        return []
    row = rising.iloc[int(rising["shift"].argmax())]
    tried = not isinstance(study.backtest, NotSupportedByData)
    after = ", corrected by what the backtest missed" if tried else ""
    pays = (
        "up to {worth:money} a customer pays within {months:count} months."
        if study.margin.is_profit
        else "one brings {worth:money} of revenue within {months:count} months, before the cost of "
        "goods."
        if study.margin.basis == REVENUE
        else "one brings {worth:money} within {months:count} months."
    )
    return [
        Action(
            "Move budget towards {segment}: {size:count} customers with {past:share} of past money "
            "and {future:share} of the value to come" + after + "; " + pays,
            str(row["segment"]), int(row["customers"]), _value(row),
            {"past": float(row["past_share"]), "future": float(row["value_share"]),
             "worth": float(row["value_per_customer"]), "months": study.horizon.months},
            _to_come(study),
        )
    ]  # fmt: skip


def _stop_idle(study: LifetimeStudy) -> list[Action]:
    table = study.outlook.idle
    n = int(table["idle"].sum())
    if n < FEWEST:
        return []
    return [
        Action(
            "Take {size:count} idle customers out of paid campaigns, or try one last "
            "win-back with a "
            "held-out group: they once brought {past:money}, and {money:money} is "
            "expected of them.",
            "Idle assets", n, float(table["idle_value"].sum()),
            {"past": float(table["idle_past_value"].sum())}, _to_come(study),
        )
    ]  # fmt: skip


def _due(study: LifetimeStudy) -> list[Action]:
    customers = study.outlook.customers
    likely = customers[customers["chance_within_30_days"] > EVEN]
    if len(likely) < FEWEST:
        return []
    return [
        Action(
            "Give no discount untried to the {size:count} customers who will likely order within "
            "{days:days} (a chance above {even:share}) and bring {money:money} in {months:count} "
            "months: only a test with a random hold-out tells whether one adds anything.",
            "Ordering soon", len(likely), float(likely["clv"].sum()),
            {"even": EVEN, "days": SOON_DAYS, "months": study.horizon.months}, _to_come(study),
        )
    ]  # fmt: skip


def _cap(study: LifetimeStudy) -> list[Action]:
    new = study.outlook.newcomers
    if new.won < FEWEST or not study.margin.is_profit:
        return []  # revenue is no limit of what may be spent
    return [
        Action(
            "Cap what winning a customer may cost at {worth:money}, what one brings within "
            "{months:count} months; the {size:count} won in the last {months:count} months are "
            "worth {money:money} at that rate.",
            "New customers", new.won, new.worth.value * new.won,
            {"worth": new.worth.value, "months": study.horizon.months}, "value of a first half-year"
            if study.horizon.months == 6 else "value of the first months",
        )
    ]  # fmt: skip


def _unspent(study: LifetimeStudy) -> str:
    """Say of a value that it is revenue, of which the cost of goods is still to be paid."""
    return " of revenue, before the cost of goods" if study.margin.basis == REVENUE else ""


def _to_come(study: LifetimeStudy) -> str:
    return "revenue to come" if study.margin.basis == REVENUE else "value to come"


def _value(row: pd.Series) -> Estimate:
    low, high = float(row["value_low"]), float(row["value_high"])
    return Estimate(float(row["value"]), low, high, int(row["customers"]), "money", of="customers")
