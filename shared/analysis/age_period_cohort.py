"""Age, period, cohort: a bad calendar month told apart from customers who grow tired."""

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import f, norm, t

from shared.analysis.binomial_model import Fit, factors, fit_binomial, without_trend
from shared.analysis.cohort_activity import Cohorts
from shared.analysis.cohort_members import FIRST_ORDER
from shared.analysis.intervals import Estimate
from shared.analysis.multiple_testing import false_discovery_q, reading
from shared.analysis.periods import calendar_of, window_days
from shared.loading.errors import NotSupportedByData

LEAST_COHORTS, LEAST_FREEDOM = 4, 3
MOST_COHORTS = 52  # a year of weeks: the pattern of older ones says little about this year
Z = float(norm.ppf(0.975))


def activity_cells(cohorts: Cohorts) -> pd.DataFrame:
    """Give the complete cells of the last 52 periods of joining by age, age 0 left out.

    Returns
    -------
    pd.DataFrame
        `first_period`, `period_index`, `period` (number of the calendar period), `at_risk`,
        `customers`.

    Raises
    ------
    NotSupportedByData
        For day windows, which lie across calendar periods, or with fewer than four cohorts.
    """
    if window_days(cohorts.period):
        raise NotSupportedByData(
            "day windows since the first order lie across calendar periods",
            "periods of the calendar: months, quarters or weeks",
        )
    members = cohorts.members.groupby(["first_period", "windows"], as_index=False)[
        "customers"
    ].sum()
    members = members[members["windows"] > 1].tail(MOST_COHORTS)
    if len(members) < LEAST_COHORTS:
        raise NotSupportedByData(
            f"{len(members)} cohorts have been followed beyond their first {cohorts.period} period",
            f"at least {LEAST_COHORTS} cohorts",
        )
    grid = members.loc[members.index.repeat(members["windows"] - 1)]
    grid = grid.assign(period_index=grid.groupby("first_period").cumcount() + 1)
    active = cohorts.activity.groupby(["first_period", "period_index"])["customers"].sum()
    keys = pd.MultiIndex.from_frame(grid[["first_period", "period_index"]])
    return pd.DataFrame(
        {
            "first_period": grid["first_period"].to_numpy(),
            "period_index": grid["period_index"].to_numpy(),
            "period": (grid["first_period"] + grid["period_index"]).to_numpy(),
            "at_risk": grid["customers"].to_numpy(),
            "customers": active.reindex(keys).fillna(0).to_numpy(),
        }
    )


def calendar_effects(cohorts: Cohorts) -> pd.DataFrame:
    """Ask of each calendar period whether its cells lie off what is expected from age and cohort.

    Trends of age, calendar and joining cannot be told apart by any method; one period that
    leaves the pattern of all others can, and that is all that is tested.

    Returns
    -------
    pd.DataFrame
        `period`, `at_risk`, `active_share`, `expected_share` (from age and cohort, fitted on the
        other periods), `difference` with `low` and `high`, `p`, `q` and `finding`.
    """
    cells = activity_cells(cohorts)
    base = factors(cells, ["first_period", "period_index"])
    plain = fit_binomial(base, cells)
    rows = []
    for number, here in cells.groupby("period"):
        mark = (cells["period"] == number).to_numpy(dtype=float)
        design = np.column_stack([base, mark])
        fit = fit_binomial(design, cells, start=plain)
        # Only with one parameter more does the mark tell anything beyond age and cohort.
        tells = fit.rank > plain.rank and fit.freedom >= LEAST_FREEDOM
        rows.append((number, *_off_pattern(fit, base, mark, here, tells=tells)))
    names = ["active_share", "expected_share", "difference", "low", "high", "p"]
    effects = pd.DataFrame(rows, columns=["number", "at_risk", *names])
    freq = calendar_of(cohorts.period)
    effects.insert(
        0, "period", [pd.Period(ordinal=int(n), freq=freq) for n in effects.pop("number")]
    )
    q = false_discovery_q(effects["p"].to_numpy(dtype=float))
    return effects.assign(q=q, finding=[reading(value) for value in q])


def age_period_cohort(cohorts: Cohorts) -> pd.DataFrame:
    """Test age, calendar and cohort, each given the other two, by analysis of deviance.

    A straight trend of the calendar cannot be told from trends of age and cohort together, so
    the calendar is allowed every shape but a trend.

    Returns
    -------
    pd.DataFrame
        `effect` ("age", "period", "cohort"), `parameters`, `f`, `p` and `finding`.
    """
    cells = activity_cells(cohorts)
    parts = _three_effects(cells)
    full = _full_fit(cells)
    rows = []
    for effect in parts:
        level = np.ones((len(cells), 1))
        others = np.hstack([level, *(part for name, part in parts.items() if name != effect)])
        rows.append((effect, *_deviance_test(fit_binomial(others, cells), full)))
    tests = pd.DataFrame(rows, columns=["effect", "parameters", "f", "p"])
    return tests.assign(finding=[reading(p) for p in tests["p"]])


def age_steps(cohorts: Cohorts) -> dict[int, float]:
    """Test the step from each age to the next, cohort and calendar held fixed.

    Returns
    -------
    dict of int to float
        p-value of the step by the age it starts from.
    """
    cells = activity_cells(cohorts)
    fit = _full_fit(cells)
    ages = np.sort(cells["period_index"].unique())
    steps = {}
    for place in range(len(ages) - 1):
        # The first age is the base of the factor: its effect is zero by definition.
        contrast = np.zeros(len(fit.coefficients))
        contrast[place + 1] = 1.0
        if place:
            contrast[place] = -1.0
        error = np.sqrt(contrast @ fit.covariance @ contrast)
        steps[int(ages[place])] = float(
            2 * t(fit.freedom).sf(abs(contrast @ fit.coefficients) / error)
        )
    return steps


def age_trend(cohorts: Cohorts) -> Estimate:
    """Mean change of the share who buy from one age to the next, within cohorts.

    Only its sign and its interval (99 %, the level of a verdict) are meant to be read: a trend
    with age and a trend of the calendar look the same inside cohorts.
    """
    cells = activity_cells(cohorts)
    design = np.column_stack([factors(cells, ["first_period"]), cells["period_index"]])
    fit = fit_binomial(design, cells)
    weights = cells["at_risk"].to_numpy(dtype=float)
    p = expit(design @ fit.coefficients)
    scale = float(np.sum(weights * p * (1 - p)) / weights.sum())
    slope, error = fit.coefficients[-1], np.sqrt(fit.covariance[-1, -1])
    half = t(max(fit.freedom, 1)).ppf(0.995) * error
    value, low, high = (float(scale * x) for x in (slope, slope - half, slope + half))
    n = int(cells.groupby("first_period")["at_risk"].first().sum())
    return Estimate(value, low, high, n, "share", level=0.99, of="customers")


def projected_cells(cohorts: Cohorts, *, ahead: int) -> pd.DataFrame:
    """Project the share who will buy, for cells that have not ended, from age and cohort alone.

    Returns
    -------
    pd.DataFrame
        `cohort`, `period_index`, `projected`, `low`, `high` for `ahead` steps beyond each
        cohort's last complete one; ages that no cohort has reached are left out. Cohorts by a
        trait and day windows are not projected: their cells fill up customer by customer. Nor is
        anything with fewer than four cohorts.
    """
    nothing = pd.DataFrame(columns=["cohort", "period_index", "projected", "low", "high"])
    if not ahead or cohorts.cohort_by != FIRST_ORDER:
        return nothing
    try:
        cells = activity_cells(cohorts)
    except NotSupportedByData:
        return nothing
    keys = ["first_period", "period_index"]
    fit = fit_binomial(factors(cells, keys), cells)
    last = cells.groupby("first_period")["period_index"].max()
    known = set(cells["period_index"])
    todo = [(c, k + s) for c, k in last.items() for s in range(1, ahead + 1) if k + s in known]
    targets = pd.DataFrame(todo, columns=keys)
    design = factors(targets, keys, levels_of=cells)
    centre = design @ fit.coefficients
    sizes = cells.groupby("first_period")["at_risk"].first()
    n, p = sizes.loc[targets["first_period"]].to_numpy(dtype=float), expit(centre)
    # Both the model's uncertainty and the luck of so many customers.
    unsure = np.einsum("ij,jk,ik->i", design, fit.covariance, design)
    half = Z * np.sqrt(unsure + fit.dispersion / (n * p * (1 - p)))
    freq = calendar_of(cohorts.period)
    cohort = [pd.Period(ordinal=int(n), freq=freq) for n in targets["first_period"]]
    bounds = {"projected": centre, "low": centre - half, "high": centre + half}
    shares = {name: expit(value) for name, value in bounds.items()}
    return pd.DataFrame({"cohort": cohort, "period_index": targets["period_index"], **shares})


def _three_effects(cells: pd.DataFrame) -> dict[str, np.ndarray]:
    return {
        "age": factors(cells, ["period_index"]),
        "period": without_trend(cells, "period"),
        "cohort": factors(cells, ["first_period"])[:, 1:],
    }


def _full_fit(cells: pd.DataFrame) -> Fit:
    full = fit_binomial(np.hstack(list(_three_effects(cells).values())), cells)
    if full.freedom < LEAST_FREEDOM:
        raise NotSupportedByData(
            "too few cells to hold age, calendar and cohort apart", "a longer history"
        )
    return full


def _deviance_test(small: Fit, full: Fit) -> tuple[int, float, float]:
    parameters = full.rank - small.rank
    if not parameters:
        return parameters, float("nan"), float("nan")
    ratio = max(small.deviance - full.deviance, 0.0) / parameters / full.dispersion
    return parameters, float(ratio), float(f.sf(ratio, parameters, full.freedom))


def _off_pattern(
    fit: Fit, base: np.ndarray, mark: np.ndarray, here: pd.DataFrame, *, tells: bool
) -> tuple[float, ...]:
    n = here["at_risk"].to_numpy(dtype=float)
    share = float(here["customers"].sum() / n.sum())
    if not tells:
        return (int(n.sum()), share, *[float("nan")] * 5)
    inside = mark > 0
    centre = base[inside] @ fit.coefficients[:-1]
    effect, error = fit.coefficients[-1], float(np.sqrt(fit.covariance[-1, -1]))
    law = t(fit.freedom)
    expected = float(np.sum(n * expit(centre)) / n.sum())
    bounds = [
        float(np.sum(n * expit(centre + effect + side * law.ppf(0.975) * error)) / n.sum())
        - expected
        for side in (-1, 1)
    ]
    p = float(2 * law.sf(abs(effect) / error)) if error else float("nan")
    return (int(n.sum()), share, expected, share - expected, *bounds, p)
