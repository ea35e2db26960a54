"""What the page answers about segments, and about the plain formula: templates and values."""

import pandas as pd

from shared.analysis.intervals import Estimate, wilson
from shared.analysis.lifetime_correction import corrected_segments
from shared.analysis.lifetime_margin import ITEMS
from shared.analysis.lifetime_small_cells import shown_idle
from shared.analysis.lifetime_value import LifetimeStudy
from shared.analysis.lifetime_without_leaving import NO_LEAVING
from shared.analysis.multiple_testing import Finding
from shared.analysis.small_cells import FEWEST
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

Said = tuple[Reason, Reason]
SIZED = 30  # customers of a segment whose own share says something


def gain(row: pd.Series) -> Estimate:
    """Give what a segment gains from past to future share, in percentage points."""
    shift, low, high = (100 * float(row[name]) for name in ("shift", "low", "high"))
    return Estimate(shift, low, high, int(row["customers"]), "number", of="customers")


def rising(study: LifetimeStudy) -> Said:
    """Answer: which profiles rise, and so to which should the budget move?"""
    table = study.outlook.segments
    found = table[table["finding"] == Finding.DIFFERS]
    alt = Reason(
        "Each segment's share of past {what} and of the value to come: {best} holds "
        "{share:share} of the value to come, the most of all.",
        {"what": study.what, "best": table["segment"].iloc[int(table["value_share"].argmax())],
         "share": float(table["value_share"].max())},
    )  # fmt: skip
    up, down = found[found["shift"] > 0], found[found["shift"] < 0]
    if up.empty:
        return Reason(
            "None of {tested:count} tested segments holds more of the future than of the past",
            {"tested": int(table["q"].notna().sum())},
        ), alt
    best = up.iloc[int(up["shift"].argmax())]
    values: dict[str, object] = {
        "gain": gain(best), "segment": best["segment"], "past": float(best["past_share"]),
        "future": float(best["value_share"]), "what": study.what,
    }  # fmt: skip
    template = (
        "The segment {segment} brought {past:share} of {what} so far and holds "
        "{future:share} of the "
        "value to come, {gain:number.1} points more"
    )
    if len(down):
        worst = down.iloc[int(down["shift"].argmin())]
        template += "; {fallen} falls from {had:share} to {has:share}"
        values |= {"fallen": worst["segment"], "had": float(worst["past_share"]),
                   "has": float(worst["value_share"])}  # fmt: skip
    return Reason(template, values), alt


def corrected(study: LifetimeStudy) -> pd.DataFrame:
    """Give the segments, corrected by what the backtest missed; as they are where there is none."""
    if isinstance(study.backtest, NotSupportedByData):
        return study.outlook.segments
    return corrected_segments(study.outlook, study.backtest)


def rises_corrected(study: LifetimeStudy, segment: object) -> bool:
    """Tell whether a segment still holds more of the future once it is corrected."""
    row = _row_of(corrected(study), segment)
    return bool(row["finding"] == Finding.DIFFERS and row["shift"] > 0)


def _row_of(table: pd.DataFrame, segment: object) -> pd.Series:
    return table[table["segment"] == segment].iloc[0]


def corrected_said(study: LifetimeStudy) -> list[Reason]:
    """Say what becomes of the segment that rises most once the backtest's miss is taken off."""
    values = rising(study)[0].values
    if "gain" not in values or isinstance(study.backtest, NotSupportedByData):
        return []
    row = _row_of(corrected(study), values["segment"])
    rest = (
        "which is still more than it brought."
        if rises_corrected(study, values["segment"])
        else "no clear gain over what it brought: move no budget on the forecast alone."
    )
    table = corrected(study)
    most = table.iloc[int(table["shift"].argmax())]
    other = most["segment"] != values["segment"] and most["finding"] == Finding.DIFFERS
    then = " Most then rises {most}, from {had:share} to {has:share}." if other else ""
    return [
        Reason(
            "The backtest missed some customers more than others. Corrected by what it missed "
            "for as many orders, {segment} holds {held:share} of the value to come, " + rest + then,
            {"segment": values["segment"], "held": float(row["value_share"]),
             "most": most["segment"], "had": float(most["past_share"]),
             "has": float(most["value_share"])},
        )
    ]  # fmt: skip


def loyal(study: LifetimeStudy) -> Reason:
    """Answer: which segments carry long-term loyalty and lifetime value?"""
    table = study.outlook.segments
    value = table.sort_values("value", ascending=False).iloc[0]
    chance = table[table["customers"] >= 10].sort_values("chance_to_order", ascending=False)
    most = (chance if len(chance) else table).iloc[0]
    template = (
        "{value} carry the most value to come, {amount:money} or {share:share} of it; the "
        "most loyal "
        "are {loyal}, of whom {chance:share} are expected to order within {months:count} months."
    )
    if value["segment"] == most["segment"]:
        template = (
            "{value} carry the most value to come, {amount:money} or {share:share} of it, "
            "and are the "
            "most loyal: {chance:share} are expected to order within {months:count} months."
        )
    if study.outlook.ladder.model.method == NO_LEAVING:
        template += (
            " Customers are not seen to leave here, so that the model trusts the silent as much as "
            "others: move no budget on its word alone."
        )
    return Reason(
        template,
        {"value": value["segment"], "amount": float(value["value"]),
         "share": float(value["value_share"]), "loyal": most["segment"],
         "chance": float(most["chance_to_order"]), "months": study.horizon.months},
    )  # fmt: skip


def worth(study: LifetimeStudy) -> Said:
    """Answer: how much may be spent on keeping a customer of each segment?

    Raises
    ------
    NotSupportedByData
        If the export has no prices: items say nothing of what may be spent.
    """
    if study.margin.basis == ITEMS:
        raise NotSupportedByData(
            "the export has no prices, and items bought say nothing of what may be spent",
            "the price or the value of each line",
        )
    table = study.outlook.segments
    best = table.iloc[int(table["value_per_customer"].argmax())]
    least = table.iloc[int(table["value_per_customer"].argmin())]
    values: dict[str, object] = {
        "best": best["segment"],
        "most": Estimate(best["value_per_customer"], best["per_customer_low"],
                         best["per_customer_high"], int(best["customers"]), "money",
                         of="customers"),
        "worst": least["segment"], "least": float(least["value_per_customer"]),
        "months": study.horizon.months,
    }  # fmt: skip
    title = (
        "Keeping a customer is worth at most {most} in {months:count} months in the segment "
        "{best}, {least:money} in {worst}"
        if study.margin.is_profit
        else "A customer of the segment {best} brings {most} of revenue in {months:count} months, "
        "before the cost of goods; one of {worst} {least:money}"
    )
    return (
        Reason(title, values),
        Reason(
            "Bars of the value to come of one customer by segment, from {least:money} for {worst} "
            "to {most:money} for {best}, with intervals.",
            values,
        ),
    )


def winning(study: LifetimeStudy) -> Reason:
    """Answer: how much may be spent on winning a customer?"""
    new = study.outlook.newcomers
    values: dict[str, object] = {
        "worth": new.worth, "low": new.worth.low, "high": new.worth.high,
        "months": study.horizon.months, "orders": new.repeat_orders, "cost": new.cost,
    }  # fmt: skip
    template = (
        "These are upper limits: all of it may go only where the customer would otherwise be lost "
        "for certain. Winning a new one breaks even within {months:count} months at {worth} "
        "({low:money} to {high:money}): the first order and {orders:number.1} more."
    )
    if not study.margin.is_profit:
        template = (
            "This is no limit of what may be spent: that is less, by the cost of goods, which is "
            "not known. A new customer brings {worth} of revenue within {months:count} months "
            "({low:money} to {high:money}), before the cost of goods: the first order and "
            "{orders:number.1} more."
        )
    if new.cost == new.cost:
        template += " Winning one has cost {cost:money} on average, where the cost is known."
    return Reason(template, values)


def idle(study: LifetimeStudy) -> Said:
    """Answer: which segments' value has decayed into idle assets?

    Raises
    ------
    NotSupportedByData
        If the model sees nobody leave and so calls nobody idle: that would be no finding.
    """
    table, customers = study.outlook.idle, study.outlook.customers
    n, total = int(table["idle"].sum()), int(table["customers"].sum())
    if not n and study.outlook.ladder.model.method == NO_LEAVING:
        raise NotSupportedByData(
            "customers are not seen to leave here, so that the model expects orders of the longest "
            "silent too and cannot tell who is idle",
            "a longer history, in which leaving shows",
        )
    values: dict[str, object] = {
        "share": wilson(n, total, of="customers"), "n": n,
        "past": float(table["idle_past_value"].sum()),
        "part": float(table["idle_past_value"].sum() / customers["monetary"].sum()),
        "months": study.horizon.months, "chance": study.idle_chance, "what": study.what,
    }  # fmt: skip
    if not n:
        return (
            Reason("No customer is an idle asset: nobody's chance to order within {months:count} "
                   "months is under {chance:share}", values),
            Reason("Bars of past {what} by segment; {n:count} customers in them are idle by a "
                   "chance under {chance:share}.", values),
        )  # fmt: skip
    title = (
        "{n:count} customers, {share}, are idle assets: they brought {past:money}, {part:share} "
        "of all {what} so far"
    )
    alt = "Bars of past {what} by segment, the part of the {n:count} idle customers hatched"
    known = shown_idle(table)
    sized = known[(known["customers"] >= SIZED) & (known["idle"] >= FEWEST)]
    sized = sized[sized["idle_past_share"].notna()]
    if len(sized):
        worst = sized.sort_values(["idle_past_share", "idle_past_value"]).iloc[-1]
        values |= {"segment": worst["segment"], "idle": int(worst["idle"]),
                   "lost": float(worst["idle_past_value"]),
                   "decayed": float(worst["idle_past_share"])}  # fmt: skip
        title += "; most decayed is {segment}, where the idle brought {decayed:share} of the {what}"
        alt += ": {idle:count} of them in {segment}, who brought {lost:money}"
    return Reason(title, values), Reason(alt + ".", values)


def idle_note(study: LifetimeStudy) -> Reason:
    """Say what idle means here, and what is still expected of them."""
    table = study.outlook.idle
    if not table["idle"].sum():
        return Reason(
            "Idle is who will order within {months:count} months with a chance under "
            "{chance:share}.",
            {"months": study.horizon.months, "chance": study.idle_chance},
        )
    return Reason(
        "Idle is who will order within {months:count} months with a chance under {chance:share}. "
        "All {n:count} of them together are expected to bring {value:money}.",
        {"months": study.horizon.months, "chance": study.idle_chance,
         "n": int(table["idle"].sum()), "value": float(table["idle_value"].sum())},
    )  # fmt: skip
