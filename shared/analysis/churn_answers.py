"""What the page says of churn: the rate per period, its formula in numbers, and the forecast."""

from dataclasses import replace

import pandas as pd

from shared.analysis.churn_forecast import ChurnForecast, ForecastBacktest
from shared.analysis.periods import period_noun
from shared.analysis.retention_churn import pooled_churn
from shared.analysis.study_parts import known
from shared.analysis.survival import SurvivalStudy
from shared.analysis.survival_words import answer
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

POOLED_PERIODS = 12
LARGE_INTAKE = 1.5  # times the usual number of customers who come in a period
LARGE_PART = 1 / 4  # of the losses of a period, from which one intake drives them


def churn_rate(study: SurvivalStudy) -> Reason:
    """Answer: what are retention and churn rate per period?"""
    rates = known(study.rates)
    told = rates[rates["churn_rate"].notna()].tail(POOLED_PERIODS)
    noun = period_noun(study.settings.period)
    churn = replace(
        pooled_churn(rates, most=POOLED_PERIODS), of=f"customers at the start of a {noun}"
    )
    shares = told["churn_rate"]
    calm, worst = told.iloc[int(shares.argmin())], told.iloc[int(shares.argmax())]
    template = (
        "{churn} of the customers are lost per {noun} and {kept:share} are kept, over the last "
        "{n:count} {n:{noun}|{noun}s}"
    )
    if len(told) > 1:
        template += (
            ": {typical:share} in the median {noun}, {low:share} in {calm} and {high:share} in "
            "{worst}"
        )
    return Reason(
        template.replace("{noun}", noun),
        {"churn": churn, "kept": 1 - churn.value, "n": len(told),
         "typical": float(shares.median()), "low": float(calm["churn_rate"]),
         "calm": calm["period"], "high": float(worst["churn_rate"]), "worst": worst["period"]},
    )  # fmt: skip


def large_intake(study: SurvivalStudy) -> Reason | None:
    """Say which large intake drives the losses of the last period; None where none does."""
    rates = known(study.rates)
    last, came = rates.iloc[-1], rates.set_index("period")[["won", "returned"]].sum(axis=1)
    begun = last["lost_came_in"]
    if pd.isna(begun) or begun not in came.index:
        return None
    usual, gone = float(came.median()), int(last["lost_of_start"])
    share = last["lost_that_came"] / gone if gone else 0.0
    if came[begun] < LARGE_INTAKE * usual or share < LARGE_PART:
        return None
    return Reason(
        "{some:count} of the {gone:count} customers lost in {period} had come in {begun}, when "
        "{came:count} came instead of the usual {usual:count}. A campaign or a season that wins "
        "many at once loses many at once, a window later.",
        {"some": int(last["lost_that_came"]), "gone": gone, "period": last["period"],
         "begun": begun, "came": int(came[begun]), "usual": usual},
    )  # fmt: skip


def lost_when(study: SurvivalStudy) -> Reason:
    """Say in which period a loss counts: that is later than the last order."""
    return Reason(
        "A loss counts in the period in which the silence reaches {window:days}: whoever is lost "
        "in {period} ordered last that long before.",
        {"window": study.clock.window, "period": known(study.rates)["period"].iloc[-1]},
    )


def base_moves(study: SurvivalStudy) -> Reason:
    """Write the formula of the last period out with its numbers."""
    row = known(study.rates).iloc[-1]
    return Reason(
        "{period}: {start:count} customers at the start + {won:count} won + {returned:count} came "
        "back - {lost:count} lost = {end:count} at the end. Churn rate = {gone:count} / "
        "{start:count} = {churn:share.1}. Of {before:count} who bought in the period before, "
        "{again:count} bought again: {repurchase:share.1}.",
        {"period": row["period"], "start": int(row["start"]), "won": int(row["won"]),
         "returned": int(row["returned"]), "lost": int(row["lost"]), "end": int(row["end"]),
         "gone": int(row["lost_of_start"]), "churn": float(row["churn_rate"]),
         "before": float(row["bought_before"]), "again": float(row["bought_again"]),
         "repurchase": float(row["repurchase_rate"])},
    )  # fmt: skip


def forecast_said(study: SurvivalStudy) -> Reason:
    """Answer: who is forecast to churn?"""
    forecast: ChurnForecast = known(study.forecast)
    high = forecast.bands[forecast.bands["band"] == "high"].iloc[0]
    return Reason(
        "{expected} of {n:count} customers are expected to be lost within {window:days}; "
        "{high:count} of all {n:count} are at high risk",
        {"expected": forecast.expected, "n": len(forecast.customers),
         "high": int(high["customers"]), "window": forecast.window_days},
    )  # fmt: skip


def forecast_judged(study: SurvivalStudy) -> Reason:
    """Add to `forecast_said` what became of the same forecast one window ago."""
    said, test = forecast_said(study), study.backtest
    if isinstance(test, NotSupportedByData):
        return Reason(said.template + "; it could not be tried on earlier losses", said.values)
    held = "held" if test.is_inside else "failed"
    return Reason(
        said.template + f"; tried one window earlier it {held}: {{then:count}} expected, "
        "{actual:count} lost",
        {**said.values, "then": test.expected.value, "actual": test.actual},
    )


def forecast_tried(study: SurvivalStudy) -> Reason:
    """Say how the same forecast would have done one window ago."""
    if isinstance(study.backtest, NotSupportedByData):
        return Reason(
            "The forecast could not be tried one window earlier: {why}.",
            {"why": study.backtest.reason},
        )
    test: ForecastBacktest = study.backtest
    template = (
        "Made on {day:date} with the data of then, the same forecast expected {expected} losses "
        "({low:count} to {high:count}); there were {actual:count}. "
    )
    if test.is_inside:
        template += "The actual number lies inside the interval. "
    else:
        side = "more" if test.actual > test.expected.value else "fewer"
        template += f"There were {side} than the interval allows: read the total as a direction. "
    template += (
        "Customer by customer the probabilities miss by {brier:number.3} (Brier score)"
        + (", better than" if test.brier < test.brier_same else ", no better than")
        + " {same:number.3} for giving everybody the share that was lost."
    )
    return Reason(
        template,
        {"day": test.as_of, "expected": test.expected, "low": test.expected.low,
         "high": test.expected.high, "actual": test.actual, "brier": test.brier,
         "same": test.brier_same},
    )  # fmt: skip


def churn_at_age(study: SurvivalStudy) -> Reason:
    """Answer from durations: what are retention and churn rate by age?"""
    table = known(study.age_rates)
    if table.empty:
        raise NotSupportedByData(
            "nobody was followed for a whole stretch of age", "longer durations, or a smaller "
            "compare_days",
        )  # fmt: skip
    first, last = table.iloc[0], table.iloc[-1]
    return answer(
        "There is no calendar in durations, so rates go by age. Of those there at the start, "
        "{churn:share.1} leave by {noun} {end:count} and {kept:share.1} stay; of those still there "
        "at {noun} {begins:count}, {late:share.1} leave by {noun} {ends:count}. Churn rate = 1 - "
        "share still there at the end of a stretch / share at its start. It allows for customers "
        "whose follow-up ends within the stretch; lost / followed at the start would be too low.",
        study, churn=float(first["churn_rate"]), kept=float(first["retention_rate"]),
        end=float(first["ends"]), late=float(last["churn_rate"]), begins=float(last["begins"]),
        ends=float(last["ends"]),
    )  # fmt: skip


def leaving_said(study: SurvivalStudy) -> Reason:
    """Answer from durations: who is forecast to churn?"""
    found = known(study.leaving)
    return answer(
        "{expected} of {n:count} customers are expected to leave within the next {ahead:time}",
        study, expected=found.expected, n=len(found.customers), ahead=found.ahead,
    )  # fmt: skip


def leaving_limits(study: SurvivalStudy) -> Reason:
    """Say whom the forecast leaves out and that it could not be tried."""
    found = known(study.leaving)
    return answer(
        "Each customer gets the share of customers of the same group and age who left within "
        "{ahead:time}. {unknown:count} have no forecast: nobody was followed for so long, or too "
        "few of their group have left. Without dates the forecast cannot be tried on the past.",
        study, ahead=found.ahead, unknown=found.unknown,
    )  # fmt: skip


def rates_explained(study: SurvivalStudy) -> list[Reason]:
    """Write the last period out, say when a loss counts, and what drives the last ones."""
    driven = large_intake(study)
    said = [base_moves(study), lost_when(study)]
    return said if driven is None else [*said, driven]
