"""What the page answers about the months ahead: templates and values."""

from shared.analysis.intervals import Estimate
from shared.analysis.lifetime_margin import ITEMS
from shared.analysis.lifetime_value import LifetimeStudy
from shared.analysis.lifetime_without_leaving import NO_LEAVING
from shared.analysis.verdicts import Reason

Said = tuple[Reason, Reason]


def cash_flow(study: LifetimeStudy) -> Said:
    """Answer: how many orders and how much money in the months ahead?"""
    flow, forecast = study.forecast.cash_flow, study.forecast
    values: dict[str, object] = {
        "revenue": forecast.revenue,
        "orders": forecast.orders,
        "what": study.what,
        "n": len(study.summary),
        "months": forecast.horizon.months,
        "low": float(flow["revenue"].min()),
        "high": float(flow["revenue"].max()),
    }
    return (
        Reason(
            "Today's {n:count} customers are expected to place {orders} orders worth {revenue} in "
            "the next {months:count} {months:month|months}",
            values,
        ),
        Reason(
            "Bars of the {what} expected in each of {months:count} months, from {low:money} to "
            "{high:money}, with intervals.",
            values,
        ),
    )


def totals_said(study: LifetimeStudy) -> Reason:
    """Give both totals their intervals, and say what these hold."""
    forecast = study.forecast
    values: dict[str, object] = {
        "orders": forecast.orders, "orders_low": forecast.orders.low,
        "orders_high": forecast.orders.high, "revenue": forecast.revenue,
        "low": forecast.revenue.low, "high": forecast.revenue.high, "refits": forecast.refits,
    }  # fmt: skip
    template = (
        "The 95% interval runs from {orders_low:count} to {orders_high:count} orders and from "
        "{low:money} to {high:money}"
    )
    if study.outlook.parameters_move:
        template += (
            ": it joins the doubt about the model's parameters ({refits:count} fits to resampled "
            "customers) with the chance in what each single customer does."
        )
    else:
        template += ": it holds the chance in what each single customer does, not the parameters'."
    return Reason(template, values)


def bars_said(study: LifetimeStudy) -> Reason:
    """Say why the months differ, and that no season makes them differ."""
    why = (
        "The bars fall because some of these customers will leave."
        if leaving(study)
        else "Customers are not seen to leave, so that the bars differ by the days of their month "
        "alone."
    )
    return Reason(
        why + " They follow no season: the model knows none, and November or December stand as "
        "any other month.",
        {},
    )


def leaving(study: LifetimeStudy) -> bool:
    """Tell whether customers are seen to leave, so that the model heeds silence."""
    return study.outlook.ladder.model.method != NO_LEAVING


def as_last_time(study: LifetimeStudy) -> Reason:
    """Carry the miss of the backtest over to the forecast; raises where there was no backtest."""
    test, revenue = study.tested, study.forecast.revenue
    values: dict[str, object] = {
        "corrected": study.forecast.orders.value / test.ratio.value,
        "money": revenue.value * test.revenue_actual / test.revenue_predicted.value,
    }
    return Reason(
        "Should the forecast be off as it was in the backtest, it would be {corrected:count} "
        "orders worth {money:money}.",
        values,
    )


def newcomers_said(study: LifetimeStudy) -> Reason:
    """Say that customers yet to be won are not in the figure, and how many joined lately."""
    new = study.outlook.newcomers
    return Reason(
        "Customers won during these months are not in the figure: {won:count} joined in the "
        "{months:count} months before.",
        {"won": new.won, "months": study.horizon.months},
    )


def heat_map(study: LifetimeStudy) -> Said:
    """Answer: how often does each customer come back, and who has detached?"""
    heat = study.outlook.heat
    cells = heat.cells
    most = cells.iloc[int(cells["column"].argmax())]
    values: dict[str, object] = {
        "best": heat.best, "worst": heat.worst, "once": heat.once, "months": heat.horizon_months,
        "age": heat.age, "unit": study.unit_noun, "frequency": float(most["frequency"]),
        "low": float(cells["expected_orders"].min()),
        "high": float(cells["expected_orders"].max()),
    }  # fmt: skip
    template = (
        "Top right, frequent and here until lately: {best:number.1} orders in {months:count} "
        "months. Bottom left, bought once: {once:number}. "
    )
    if not leaving(study):
        template = (
            "Customers are not seen to leave, so that silence lowers nothing: {best:number.1} "
            "orders in {months:count} months for the most frequent, {once:number} for whoever "
            "bought once"
        )
    elif heat.worst < heat.once:
        template += "The worst corner is bottom right, frequent but long silent: {worst:number}"
    else:
        template += "Bottom right, frequent but long silent: {worst:number}"
    return Reason(template, values), _heat_alt(values)


def _heat_alt(values: dict[str, object]) -> Reason:
    return Reason(
        "Heat map of the orders expected of a customer first seen {age:count} {unit}s "
        "ago, by repeat "
        "orders and by {unit}s from first to last order: from {low:number} to {high:number}.",
        values,
    )


def heat_map_note(study: LifetimeStudy) -> Reason:
    """Say for whom the map holds, and why it does not show who is alive."""
    heat = study.outlook.heat
    younger = float((study.summary["T"] < heat.age).mean())
    return Reason(
        "The map is for a customer whose first order was {age:count} {unit}s ago; the customers "
        "counted in it are of any age. {younger:share} of them are younger, and more is expected "
        "of a younger one with the same orders. The map shows expected orders, not the "
        "probability of being alive: some models call every one-time buyer alive, which would "
        "paint the bottom left green.",
        {"age": heat.age, "unit": study.unit_noun, "younger": younger},
    )


def each_customer(study: LifetimeStudy) -> Reason:
    """Answer: how often will each come back, and how much will each spend?"""
    customers, spend = study.outlook.customers, study.outlook.spend
    some = customers["expected_orders"] >= 1
    values: dict[str, object] = {
        "n": len(customers),
        "orders": float(customers["expected_orders"].mean()),
        "half": float(customers["expected_orders"].median()),
        "some": int(some.sum()),
        "mean": spend.base_mean,
        "low": float(customers["expected_spend"].quantile(0.1)),
        "high": float(customers["expected_spend"].quantile(0.9)),
        "months": study.horizon.months,
    }
    template = (
        "In {months:count} months a customer orders {orders:number.1} times on average; half are "
        "expected to order fewer than {half:number.1} times, and {some:count} of {n:count} once or "
        "more. "
    )
    if spend.model is None:
        return Reason(
            template + "An order is taken to bring {mean:money}, the mean of all orders.", values
        )
    template += (
        "An order brings {low:money} to {high:money} for eight customers in ten; whoever "
        "bought once is given the model's mean of those who came back, {mean:money}."
    )
    return Reason(per_order(template, study, "low", "high", "mean"), values)


def per_order(template: str, study: LifetimeStudy, *fields: str) -> str:
    """Write items per order with a decimal: whole items would make all orders alike."""
    if study.margin.basis != ITEMS:
        return template
    for name in fields:
        for spec in ("money.2", "money"):
            template = template.replace(f"{{{name}:{spec}}}", f"{{{name}:number.1}} items")
    return template


def next_orders(study: LifetimeStudy) -> Said:
    """Answer: when is each customer's next order expected?"""
    calendar = study.outlook.calendar
    first, last = calendar.iloc[0], calendar.iloc[-1]
    values: dict[str, object] = {
        "n": Estimate(float(first["customers"]), float(first["low"]), float(first["high"]),
                      len(study.summary), "count"),
        "days": int(first["days"]), "share": float(first["share"]), "later": int(last["days"]),
        "all": float(last["customers"]), "late": float(last["share"]),
    }  # fmt: skip
    return (
        Reason(
            "{n} customers, {share:share}, are expected to order within {days:days}; {late:share} "
            "within {later:days}",
            values,
        ),
        Reason(
            "Bars of customers expected to have ordered again, from {n} within {days:days} to "
            "{all:count} within {later:days}.",
            values,
        ),
    )


def next_order_note(study: LifetimeStudy) -> Reason:
    """Say what the dates of single customers are worth."""
    customers = study.outlook.customers
    known = customers["next_order_date"].notna()
    wait = customers.loc[known, "next_order_until"] - customers.loc[known, "next_order_from"]
    return Reason(
        "The file customers.csv dates the next order of {n:count} customers: even odds by that "
        "day, if they order within a year at all. The 95% interval of one customer is wide, "
        "{wait:days} in the middle of the base: plan by groups, not by single days. The lines in "
        "the bars hold chance alone: they take the model as known.",
        {"n": int(known.sum()), "wait": float(wait.dt.days.median())},
    )
