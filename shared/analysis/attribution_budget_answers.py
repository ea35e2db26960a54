"""What the attribution page says about money: cost, return and where more of it brings less."""

import pandas as pd

from shared.analysis.attribution_study import AttributionStudy
from shared.analysis.intervals import Estimate
from shared.analysis.study_parts import known
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData


def budget(study: AttributionStudy) -> Reason:
    """Say which paid channel brings most for its cost, and which least."""
    paid = _paid(study)
    if study.paths.has_value:
        order = paid.sort_values(["return_on_cost", "channel"], ascending=[False, True])
        best, worst = order.iloc[0], order.iloc[-1]
        template = "For each {one:money.0} that it cost, {a} is credited with {value:money.2} of "
        template += "revenue" + (", {b} with {least:money.2}" if len(paid) > 1 else "")
        return Reason(
            template + ": averages, not what the next {one:money.0} brings.",
            {"value": _return(best), "a": best["channel"], "b": worst["channel"], "one": 1.0,
             "least": float(worst["return_on_cost"])},
        )  # fmt: skip
    order = paid.sort_values(["cost_per_conversion", "channel"])
    best, worst = order.iloc[0], order.iloc[-1]
    template = "A credited sale through {a} costs {value:money.2}"
    template += ", through {b} {most:money.2}" if len(paid) > 1 else ""
    bounds = (best["cost_per_conversion"], best["cost_low"], best["cost_high"])
    return Reason(
        template + ".",
        {"value": _estimate(best, bounds, unit="money"), "a": best["channel"],
         "b": worst["channel"], "most": float(worst["cost_per_conversion"])},
    )  # fmt: skip


def budget_title(study: AttributionStudy) -> Reason:
    """Say in a title which channel takes most of the cost, and what it is credited with."""
    top = _paid(study).iloc[0]
    return Reason(
        "{a} takes {cost:share} of the cost and is credited with {credit:share} of the sales",
        {"a": top["channel"], "cost": float(top["cost_share"]),
         "credit": float(top["credit_share"])},
    )  # fmt: skip


def saturating(study: AttributionStudy) -> Reason:
    """Warn that the next unit of cost brings less, measured where months allow it."""
    warning = (
        "These are averages. The next unit of cost brings less, because those who are easily won "
        "come first; raise in steps of a tenth and look at what is added. "
    )
    if isinstance(study.saturation, NotSupportedByData):
        return Reason(
            warning + "How much less, these data cannot tell: {why}.",
            {"why": study.saturation.reason},
        )
    flat = study.saturation[study.saturation["reading"] == "flattening"]
    if flat.empty:
        return Reason(
            warning + "Over {months:count} months no channel is shown to flatten.",
            {"months": int(study.saturation["months"].max())},
        )
    row = flat.sort_values("elasticity").iloc[0]
    return Reason(
        warning + "{a} shows it: in months with 10% more cost, credited sales were higher "
        "by {more:number.1}% only.",
        {"a": row["channel"], "more": 10 * float(row["elasticity"])},
    )


def _paid(study: AttributionStudy) -> pd.DataFrame:
    table = known(study.returns)
    paid = table[(table["cost"] > 0) & ~table["rare"]]
    if paid.empty:
        raise NotSupportedByData("no channel with a cost has enough sales",
                                 "costs of channels with 30 sales or more")  # fmt: skip
    return paid


def _return(row: pd.Series) -> Estimate:
    return _estimate(row, (row["return_on_cost"], row["low"], row["high"]), unit="money")


def _estimate(row: pd.Series, bounds: tuple[float, float, float], *, unit: str) -> Estimate:
    value, low, high = (float(bound) for bound in bounds)
    of = f"contacts through {row['channel']}"
    return Estimate(value, low, high, int(row["contacts"]), unit, of=of)
