"""How far the forecast missed on earlier data, in orders and in money, and who did better."""

from shared.analysis.lifetime_backtest import Backtest
from shared.analysis.lifetime_backtest_answers import WAYS, miss_finding
from shared.analysis.lifetime_value import LifetimeStudy
from shared.analysis.multiple_testing import Finding
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

LARGE_MISS = 0.10
SIDES = {True: "under-forecasts", False: "over-forecasts"}


def money_miss(test: Backtest) -> float:
    """Give the money expected less the money that came, as a share of the latter.

    NaN where the money that came lies within the forecast's 95 % interval, or none came.
    """
    came, expected = test.revenue_actual, test.revenue_predicted
    if came <= 0 or expected.low <= came <= expected.high:
        return float("nan")
    return expected.value / came - 1


def missed(test: Backtest, what: str) -> list[Reason]:
    """Say of each side by how much the holdout was missed, where that is a tenth or more."""
    off = {"money_off": money_miss(test)}
    if miss_finding(test) is Finding.DIFFERS:
        off = {"off": test.ratio.value - 1, **off}
    large = {name: value for name, value in off.items() if abs(value) >= LARGE_MISS}
    words = {"off": "{off:share} in orders", "money_off": "{money_off:share} in {what}"}
    reasons = []
    for under, verb in SIDES.items():
        here = {name: abs(value) for name, value in large.items() if (value < 0) is under}
        if here:
            said = " and ".join(words[name] for name in here)
            values = {**here, "what": what}
            reasons.append(Reason(f"The model {verb} the holdout by {said}.", values))
    return reasons


def came_in_money(test: Backtest, what: str) -> Reason:
    """Say what of the money expected came, to stand beside the orders."""
    off = money_miss(test)
    values = {
        "money": test.revenue_predicted.value, "spent": test.revenue_actual, "what": what,
        "money_off": abs(off),
    }  # fmt: skip
    template = "; {money:money} of {what} expected, {spent:money} came"
    if abs(off) >= LARGE_MISS:
        template += ", a miss of {money_off:share}"
    return Reason(template, values)


def corrected_money(study: LifetimeStudy) -> Reason:
    """Say what the forecast would be with the miss of the backtest, where that is a tenth or more.

    An empty sentence where it is less, or nothing could be tried.
    """
    test = study.backtest
    if isinstance(test, NotSupportedByData) or not abs(money_miss(test)) >= LARGE_MISS:
        return Reason("", {})
    like_then = study.forecast.revenue.value * test.revenue_actual / test.revenue_predicted.value
    return Reason("; off as in the backtest, {like_then:money}", {"like_then": like_then})


def outdone(test: Backtest) -> list[Reason]:
    """Say of each naive way that was not beaten whether it was nearer in total or per customer."""
    mine = test.table[test.table["is_chosen"]].iloc[0]
    naive = test.table[test.table["is_naive"]]
    reasons = []
    for _, row in naive[~naive["beaten"].astype(bool)].iterrows():
        nearer = abs(row["ratio"] - 1) <= abs(mine["ratio"] - 1)
        closer = row["mean_absolute_error"] < mine["mean_absolute_error"]
        total = "in total ({theirs:share} of what was placed, the model {mine:share})"
        each = "per customer (off by {other:number} orders, the model by {error:number})"
        told = (
            f"nearer than the model {total} and {each}" if nearer and closer
            else f"nearer than the model {total}, though not per customer" if nearer
            else f"nearer than the model {each}, though not {total}"
        )  # fmt: skip
        values = {
            "way": WAYS[row["way"]], "theirs": float(row["ratio"]), "mine": float(mine["ratio"]),
            "other": float(row["mean_absolute_error"]), "error": float(mine["mean_absolute_error"]),
        }  # fmt: skip
        reasons.append(Reason(f"In the backtest {{way}} was {told}.", values))
    return reasons
