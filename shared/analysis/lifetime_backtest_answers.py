"""What the page says of the backtest and of the models: templates and values."""

import numpy as np
import pandas as pd
from scipy.stats import norm

from shared.analysis.intervals import Estimate
from shared.analysis.lifetime_backtest import CONSTANT, LAST, Backtest
from shared.analysis.lifetime_models import EQUALLY_LIKELY, equally_likely
from shared.analysis.lifetime_value import LifetimeStudy
from shared.analysis.lifetime_without_leaving import model_name
from shared.analysis.model_ladder import Ladder
from shared.analysis.multiple_testing import Finding, reading
from shared.analysis.verdicts import Reason

Said = tuple[Reason, Reason]
CLOSE = 0.1  # expected orders that hardly differ
SIDES = {-1: "under-forecasts", 1: "over-forecasts"}
WAYS = {
    CONSTANT: "the guess that each customer goes on at a constant rate",
    LAST: "the guess that all stays as in the period before",
}


def miss(test: Backtest) -> Estimate:
    """Give how far the forecast was off, as a share of what was ordered; positive either way."""
    side = np.sign(test.ratio.value - 1) or 1.0
    low, high = sorted(side * (bound - 1) for bound in (test.ratio.low, test.ratio.high))
    return Estimate(
        abs(test.ratio.value - 1), float(low), float(high), test.ratio.n, "share", of="customers"
    )


def miss_finding(test: Backtest) -> Finding:
    """Say whether the miss is more than chance between customers."""
    spread = (test.ratio.high - test.ratio.low) / (2 * norm.ppf(0.975))
    if not spread > 0:
        return Finding.TOO_FEW
    return reading(float(2 * norm.sf(abs(test.ratio.value - 1) / spread)))


def came_true(test: Backtest) -> Reason:
    """Answer: would the forecast have come true?"""
    values: dict[str, object] = {
        "miss": miss(test),
        "predicted": test.predicted.value,
        "actual": test.actual,
        "days": test.holdout_days,
        "name": model_name(test.ladder.model),
    }
    finding = miss_finding(test)
    if finding is Finding.DIFFERS:
        side = SIDES[-1 if test.ratio.value < 1 else 1]
        template = f"The model {side} the holdout by {{miss}}"
    elif finding is Finding.NOT_SETTLED:
        template = "The model misses the holdout by {miss}, more than chance at 5 % but not at 1 %"
        template = template.replace("5 %", "one in twenty").replace("1 %", "one in a hundred")
    else:
        template = "The model comes within {miss} of the holdout, no more than chance"
    template += ": {predicted:count} repeat orders expected in {days:days}, {actual:count} placed"
    return Reason(template, values)


def backtest_chart(test: Backtest) -> Said:
    """Give title and alt text of the chart of all ways."""
    alt = Reason(
        "Bars of the repeat orders that each way predicted for the days held out, from "
        "{low:count} to {high:count}, against {actual:count} that were placed.",
        {"low": float(test.table["predicted"].min()), "high": float(test.table["predicted"].max()),
         "actual": test.actual},
    )  # fmt: skip
    return came_true(test), alt


def against_naive(test: Backtest) -> Reason:
    """Say whether the model passes: nearer in total than both naive ways, and no worse each."""
    naive = test.table[test.table["is_naive"]]
    beaten = [WAYS[way] for way in naive.loc[naive["beaten"].astype(bool), "way"]]
    lost = [WAYS[way] for way in naive.loc[~naive["beaten"].astype(bool), "way"]]
    mine = test.table[test.table["is_chosen"]].iloc[0]
    values: dict[str, object] = {
        "error": float(mine["mean_absolute_error"]),
        "others": " and ".join(beaten) if beaten else " nor ".join(lost),
        "lost": " and ".join(lost),
        "mine": float(mine["ratio"]),
        "ratios": float(naive["ratio"].iloc[0]),
        "last": float(naive["ratio"].iloc[1]),
        "naive_error": float(naive["mean_absolute_error"].min()),
    }
    tail = (
        " The model comes to {mine:share} of what was placed, these guesses to {ratios:share} and "
        "{last:share}. For the single "
        "customer the model is off by {error:number} orders, the better guess by "
        "{naive_error:number}."
    )
    if test.passed:
        return Reason("Backtest passed: the model beats {others}." + tail, values)
    if beaten:
        return Reason("Backtest failed: the model beats {others}, but not {lost}." + tail, values)
    return Reason("Backtest failed: the model beats neither {others}." + tail, values)


def interval_held(test: Backtest, what: str) -> Reason:
    """Say whether the prediction interval held what happened, in orders and in revenue."""
    values: dict[str, object] = {
        "low": test.predicted.low,
        "high": test.predicted.high,
        "actual": test.actual,
        "money": test.revenue_predicted,
        "money_low": test.revenue_predicted.low,
        "money_high": test.revenue_predicted.high,
        "spent": test.revenue_actual,
        "what": what,
    }
    held = "held" if test.inside else "did not hold"
    template = (
        f"The forecast's 95% interval, {{low:count}} to {{high:count}} orders, {held} the "
        f"{{actual:count}} "
        "placed. Of {what} it expected {money:money} ({money_low:money} to {money_high:money}); "
        "{spent:money} came."
    )
    if not test.inside:
        template += (
            " What changes from one period to the next, such as season and promotion, is in no "
            "interval: take the miss as the true margin of error."
        )
    return Reason(template, values)


def tracking_chart(test: Backtest) -> Said:
    """Answer: do expected repeat orders follow those placed, week by week?"""
    last = test.tracking.iloc[-1]
    values: dict[str, object] = {
        "share": test.tracked,
        "expected": float(last["expected"]),
        "actual": float(last["actual"]),
        "week": float(last["week"]),
    }
    return (
        Reason(
            "Since the first day the model expects {share:share.1} of the repeat orders placed by "
            "week {week:count}",
            values,
        ),
        Reason(
            "Two rising lines of repeat orders added up by week: expected {expected:count}, placed "
            "{actual:count} in the end.",
            values,
        ),
    )


def by_orders_chart(test: Backtest) -> Said:
    """Answer: for which customers is the forecast off?"""
    table = test.by_orders
    off = (table["predicted"] < table["low"]) | (table["predicted"] > table["high"])
    row = table.iloc[int((table["predicted"] - table["actual"]).abs().argmax())]
    values: dict[str, object] = {
        "off": int(off.sum()),
        "classes": len(table),
        "orders": row["orders"],
        "predicted": float(row["predicted"]),
        "actual": float(row["actual"]),
    }
    return (
        Reason(
            "In {off:count} of {classes:count} groups the forecast lies outside what the orders "
            "placed allow; with {orders} repeat orders before, {predicted:number.1} were expected "
            "and {actual:number.1} placed",
            values,
        ),
        Reason(
            "Dots of orders per customer in the days held out by repeat orders before: with "
            "{orders}, {predicted:number.1} predicted and {actual:number.1} placed.",
            values,
        ),
    )


def ladder_said(ladder: Ladder, *, when: str) -> Reason:
    """Tell which model was taken and what failed before it."""
    model, failed = ladder.model, ladder.steps[:-1]
    values: dict[str, object] = {"name": model_name(model), "n": model.n, "when": when}
    template = "{when} the model is {name}, fitted to {n:count} customers"
    if model.penaliser:
        template += " with penaliser {penaliser:number.3}"
        values["penaliser"] = model.penaliser
    if not failed:
        return Reason(template + "; it was the first one tried.", values)
    tried = []
    for i, step in enumerate(failed):
        # The words of a failed step come with their own values; numbered, they do not collide.
        words = step.outcome.template
        for name, value in step.outcome.values.items():
            words = words.replace(f"{{{name}", f"{{{name}_{i}")
            values[f"{name}_{i}"] = value
        penalised = f" with penaliser {step.penaliser:g}" if step.penaliser else ""
        tried.append(f"{step.name}{penalised} ({words})")
    template += ". It is a fall-back: first failed " + "; ".join(tried) + "."
    return Reason(template, values)


def alive_said(study: LifetimeStudy) -> list[Reason]:
    """Disclose what the models make of who is still a customer: it hangs on the model."""
    ahead = study.outlook
    said = [_pair(ahead.alive, len(study.summary), when="On all orders")]
    if not isinstance(study.backtest, Exception):
        test = study.tested
        said.append(_pair(test.alive, test.customers, when="On the orders of the backtest"))
    known = [pair for pair in said if pair is not None]
    equal = [pair for pair in known if "equally likely" in pair.template]
    return [*(equal or known)[:1], *_better_fit(ahead.alive), *_alone(study)]


def _alone(study: LifetimeStudy) -> list[Reason]:
    """Say so where no second model can be set beside the first."""
    alive = study.outlook.alive
    if len(alive) > 1:
        return []
    return [
        Reason(
            "No other model can be fitted to all orders, so that nothing confirms or denies what "
            "{name} says: {alive:count} of {n:count} customers are alive.",
            {"name": alive["model"].iloc[0], "alive": float(alive["alive"].iloc[0]),
             "n": len(study.summary)},
        )
    ]  # fmt: skip


def _better_fit(alive: pd.DataFrame) -> list[Reason]:
    """Say so where another model fits better than the one the ladder took first."""
    mine, best = alive[alive["is_chosen"]].iloc[0], alive.iloc[int(alive["behind"].argmin())]
    if mine["behind"] < EQUALLY_LIKELY:
        return []
    return [
        Reason(
            "{better} fits all orders better than {name}, by {gap:number.1} log units; it expects "
            "{other:count} orders, {name} {orders:count}. The ladder takes the first model that "
            "can be believed.",
            {"better": best["model"], "name": mine["model"], "gap": float(mine["behind"]),
             "other": float(best["expected_orders"]), "orders": float(mine["expected_orders"])},
        )
    ]  # fmt: skip


def _pair(alive: pd.DataFrame, customers: int, *, when: str) -> Reason | None:
    pair = equally_likely(alive)
    equal = not pair.empty
    if not equal:
        others = alive[~alive["is_chosen"]]
        if others.empty:
            return None
        mine = alive[alive["is_chosen"]]
        gap = (others["alive"] - mine["alive"].iloc[0]).abs()
        pair = pd.concat([mine, others.iloc[[int(gap.argmax())]]])
    first, second = pair.iloc[0], pair.iloc[1]
    values: dict[str, object] = {
        "when": when, "one": first["model"], "other": second["model"], "n": customers,
        "mine": float(first["alive"]), "theirs": float(second["alive"]),
        "gap": abs(float(first["log_likelihood"] - second["log_likelihood"])),
        "better": first["model"] if first["log_likelihood"] >= second["log_likelihood"]
        else second["model"],
        "most": EQUALLY_LIKELY,
        "orders": float(first["expected_orders"]), "other_orders": float(second["expected_orders"]),
    }  # fmt: skip
    how = (
        "two equally likely models disagree on who is alive ({gap:number.1} log units apart)"
        if equal
        else "the models disagree on who is alive, and {better} fits better by {gap:number.1} log "
        "units"
    )
    apart = abs(float(first["expected_orders"] / second["expected_orders"]) - 1)
    orders = "Expected orders hardly differ," if apart < CLOSE else "Expected orders differ less,"
    return Reason(
        f"{{when}} {how}: of {{n:count}} customers {{one}} calls {{mine:count}} alive, {{other}} "
        "{theirs:count}. " + orders + " {orders:count} against "
        "{other_orders:count}, so read the orders and not the probability of being alive.",
        values,
    )
