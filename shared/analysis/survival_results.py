"""What the survival study leaves behind: its full tables and its plain numbers."""

from collections.abc import Iterable

import pandas as pd

from shared.analysis.churn_forecast import ChurnForecast, ForecastBacktest
from shared.analysis.churn_window import ChurnWindow
from shared.analysis.duration_forecast import DurationForecast
from shared.analysis.intervals import Estimate
from shared.analysis.membership_effect import MembershipEffect
from shared.analysis.retention_churn import pooled_churn
from shared.analysis.survival import SurvivalStudy
from shared.analysis.survival_columns import medians_row
from shared.analysis.survival_curve import Curve

CURVE = ["curve", "day", "at_risk", "events", "censored", "survival", "low", "high"]
Numbers = dict[str, float | Estimate]


def survival_tables(study: SurvivalStudy) -> dict[str, pd.DataFrame]:
    """Give every table of the page by the name of its file; what was not computed is missing."""
    tables = {
        "curve": _curves(study),
        "stays": medians_table(study),
        "medians": medians_table(study, everything=True),
        "groups": _groups(study),
        "pairs": _pairs(study),
        "hazard": study.hazard,
        "critical_day": _critical(study),
    }
    if isinstance(study.members, MembershipEffect):
        tables["membership"] = membership_table(study.members)
    if isinstance(study.window, ChurnWindow):
        tables["churn_window"] = study.window.sensitivity
    if isinstance(study.due, pd.DataFrame):
        tables["due_list"] = study.due
    if isinstance(study.rates, pd.DataFrame):
        tables["retention_churn"] = study.rates
    if isinstance(study.forecast, ChurnForecast):
        tables["churn_forecast"] = study.forecast.customers
    if isinstance(study.leaving, DurationForecast):
        tables["churn_forecast"] = study.leaving.customers
    if isinstance(study.age_rates, pd.DataFrame):
        tables["retention_churn"] = study.age_rates
    if isinstance(study.backtest, ForecastBacktest):
        tables["churn_backtest"] = study.backtest.bands
    return tables | study.life.tables()


def medians_table(study: SurvivalStudy, *, everything: bool = False) -> pd.DataFrame:
    """Give median, restricted mean and who is still there, by curve; the CSV has all groups."""
    rows = [medians_row("All customers", study.curve)]
    if isinstance(study.returners, Curve) and study.has_orders:
        rows.append(medians_row("Who ordered again", study.returners))
    if isinstance(study.settled, Curve) and study.settled.customers < study.customers:
        rows.append(medians_row("Surely not older than the data", study.settled))
    if not everything:
        return pd.DataFrame(rows)
    for column, compared in study.compared.items():
        rows += [medians_row(f"{column}: {name}", curve) for name, curve in compared.curves.items()]
    return pd.DataFrame([_with_bounds(row) for row in rows])


def membership_table(found: MembershipEffect) -> pd.DataFrame:
    """Set the naive hazard ratio beside the corrected ones."""
    rows: Iterable[tuple[str, Estimate | None, float | None, str]] = (
        ("naive", found.naive, found.naive_p, "no: counts waiting days for members"),
        ("landmark", found.landmark, found.landmark_p, "split by membership on that day"),
        ("time-varying", found.time_varying, found.time_varying_p, "a member from joining on"),
    )  # fmt: skip
    kept = [
        (name, one.value, one.low, one.high, one.n, p, fair)
        for name, one, p, fair in rows
        if one is not None
    ]
    names = ["comparison", "hazard_ratio", "low", "high", "customers", "p", "is_fair"]
    return pd.DataFrame(kept, columns=names).assign(finding=str(found.verdict))


def survival_metrics(study: SurvivalStudy) -> Numbers:
    """Give the plain numbers of the page for tests, the index and the next run."""
    nan = float("nan")
    median, critical = study.curve.median, study.critical
    first = next(iter(study.compared.values()), None)
    members = study.members if isinstance(study.members, MembershipEffect) else None
    numbers: Numbers = {
        "customers": study.customers,
        "lost": study.curve.events,
        "median_days": nan if median.days is None else median.days,
        "restricted_mean": study.curve.restricted_mean,
        "restricted_until": study.curve.mean_until,
        "logrank_chi2": nan if first is None or first.test.chi2 is None else first.test.chi2,
        "logrank_p": nan if first is None or first.test.p is None else first.test.p,
        "hazard_ratio_naive": _or_nan(members.naive if members else None),
        "hazard_ratio_landmark": _or_nan(members.landmark if members else None),
        "hazard_ratio_adjusted": _or_nan(members.time_varying if members else None),
        "critical_day": _or_nan(critical.day),
        "churn_after_days": study.clock.window or nan,
    }
    if isinstance(study.due, pd.DataFrame):
        numbers["due_customers"] = len(study.due)
    if isinstance(study.rates, pd.DataFrame):
        numbers["churn_rate"] = pooled_churn(study.rates)
    if isinstance(study.forecast, ChurnForecast):
        numbers["forecast_lost"] = study.forecast.expected
    if isinstance(study.leaving, DurationForecast):
        numbers["forecast_lost"] = study.leaving.expected
    if isinstance(study.backtest, ForecastBacktest):
        numbers["forecast_tried_expected"] = study.backtest.expected
        numbers["forecast_tried_actual"] = study.backtest.actual
    return numbers | study.life.metrics()


def _curves(study: SurvivalStudy) -> pd.DataFrame:
    named = {"all": study.curve}
    if isinstance(study.members, MembershipEffect):
        found = study.members
        pairs = {
            "members from the landmark": found.landmark_members,
            "standard from the landmark": found.landmark_standard,
            "members, naive": found.naive_members,
            "standard, naive": found.naive_standard,
        }
        named |= {name: one for name, one in pairs.items() if one is not None}
    for column, compared in study.compared.items():
        named |= {f"{column}: {name}": one for name, one in compared.curves.items()}
    return pd.concat([_steps(one.table).assign(curve=name)[CURVE] for name, one in named.items()])


def _steps(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the days on which a curve falls, its first and its last.

    `censored` counts until the next day kept, so that who is at risk then is the number at risk
    less those lost and those censored.
    """
    kept = table["events"] > 0
    kept.iloc[[0, -1]] = True
    return table[kept].assign(censored=table["censored"].groupby(kept.cumsum()).sum().to_numpy())


def _groups(study: SurvivalStudy) -> pd.DataFrame:
    parts = [
        compared.table.drop(columns="median_said", errors="ignore").assign(
            grouped_by=column, day=compared.day, until=compared.until,
            logrank_chi2=compared.test.chi2, logrank_p=compared.test.p,
        )
        for column, compared in study.compared.items()
    ]  # fmt: skip
    if not parts:
        return pd.DataFrame(columns=["grouped_by", "group", "customers", "events"])
    table = pd.concat(parts, ignore_index=True)
    return table[["grouped_by", *table.columns.drop("grouped_by")]]


def _pairs(study: SurvivalStudy) -> pd.DataFrame:
    parts = [part.pairs.assign(grouped_by=name) for name, part in study.compared.items()]
    if not parts:
        return pd.DataFrame(columns=["grouped_by", "group", "other"])
    table = pd.concat(parts, ignore_index=True)
    return table[["grouped_by", *table.columns.drop("grouped_by")]]


def _critical(study: SurvivalStudy) -> pd.DataFrame:
    found, nan = study.critical, float("nan")
    day = found.day or Estimate(nan, nan, nan, 0, "number")
    row = {
        "day": day.value, "low": day.low, "high": day.high, "customers": day.n, "p": found.p,
        "rate_before": found.rate_before, "rate_after": found.rate_after,
        "peak_day": found.peak_day, "lost_on_day_0": found.step.value,
    }  # fmt: skip
    return pd.DataFrame([row])


def _with_bounds(row: dict[str, object]) -> dict[str, object]:
    """Put the bounds of each estimate into columns of their own."""
    wide: dict[str, object] = {}
    for name, value in row.items():
        wide[name] = value.value if isinstance(value, Estimate) else value
        if isinstance(value, Estimate):
            wide |= {f"{name}_low": value.low, f"{name}_high": value.high}
    return wide


def _or_nan(estimate: Estimate | None) -> float | Estimate:
    return float("nan") if estimate is None else estimate
