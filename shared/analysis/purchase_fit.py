"""Fits of repeat-purchase models: the parameters, how sure they are, and when to refuse them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from shared.analysis.beta_geometric import BetaGeometric
from shared.analysis.likelihood_fit import (
    FitFailed,
    Objective,
    Optimum,
    covariance,
    doubts,
    search,
    settle,
)
from shared.analysis.pareto_nbd import ParetoNbd
from shared.analysis.purchase_histories import Histories, histories
from shared.analysis.verdicts import Reason

MODELS: Mapping[str, BetaGeometric | ParetoNbd] = {
    "BG/NBD": BetaGeometric(at_once=False),
    "MBG/NBD": BetaGeometric(at_once=True),
    "Pareto/NBD": ParetoNbd(),
}
# Threads of linear algebra wait for each other: on a busy machine a fit took 40 times as long.
alone = threadpool_limits.wrap(limits=1, user_api="blas")
THINNED, TOO_UNSURE = 3_000, 1.0
SMALLEST, SMALLEST_TIME, LARGEST = 2e-3, 1e-6, 500.0


@dataclass(frozen=True)
class PurchaseModel:
    """A fitted model of repeat purchases.

    Attributes
    ----------
    name : str
        "BG/NBD", "MBG/NBD" or "Pareto/NBD".
    parameters : dict of str to float
        `r`, `alpha`, `a`, `b`, or `r`, `alpha`, `s`, `beta`; `alpha` and `beta` in units of time.
    log_likelihood : float
        Summed over customers, without the penalty.
    n : int
        Customers.
    standard_errors : dict of str to float
        Of the parameters, by the delta method.
    penaliser : float
        Weight of the sum of squared parameters added to the mean negative log-likelihood.
    covariance : np.ndarray
        Of the logarithms of the parameters, in their order.
    method : str
        "maximum likelihood", "penalised maximum likelihood", "bootstrap" or "drawn".
    """

    name: str
    parameters: dict[str, float]
    log_likelihood: float
    n: int
    standard_errors: dict[str, float]
    penaliser: float
    covariance: np.ndarray = field(repr=False, compare=False)
    method: str = "maximum likelihood"

    @property
    def values(self) -> np.ndarray:
        """The parameters as an array, in their order."""
        return np.array(list(self.parameters.values()))


@alone
def fit_purchase_model(
    rows: pd.DataFrame,
    *,
    name: str = "BG/NBD",
    penaliser: float = 0.0,
    start: Mapping[str, float] | None = None,
) -> PurchaseModel:
    """Fit a model by maximum likelihood, from several starts, and refuse what cannot be believed.

    Parameters
    ----------
    rows : pd.DataFrame
        `frequency`, `recency`, `T` and `weight` as `weighted_rows` gives them, or one row per
        customer without `weight`.
    name : str
        "BG/NBD", "MBG/NBD" or "Pareto/NBD".
    penaliser : float
        0 for none; .001 to .1 keep the parameters small.
    start : mapping of str to float, optional
        Parameters to begin from, beside the model's own starts.

    Returns
    -------
    PurchaseModel
        Parameters in the units of `rows`.

    Raises
    ------
    FitFailed
        If the likelihood has no maximum that the customers can tell, with the reasons in words.
    ValueError
        If a history is blank or impossible, such as a last purchase after the age.
    """
    known = histories(rows)
    if known.n == 0 or known.T.max() <= 0:
        raise FitFailed(Reason("no customer has been observed for any time"))
    if known.repeat_buyers == 0:
        raise FitFailed(Reason("no customer bought twice"))
    optimum = _optimum(known, name=name, penaliser=penaliser, start=start)
    found = doubts(optimum) + _out_of_range(name, optimum)
    if found:
        raise FitFailed(*found)
    method = "penalised maximum likelihood" if penaliser else "maximum likelihood"
    return _model(name, optimum, known, penaliser=penaliser, method=method)


@alone
def best_log_likelihood(rows: pd.DataFrame, *, name: str) -> float:
    """Give the highest log-likelihood found, whether or not the parameters can be believed."""
    known = histories(rows)
    logs = _optimum(known, name=name, penaliser=0.0, start=None).logs
    return MODELS[name].log_likelihood(_to_values(name, logs, _unit(known)), known)[0]


@alone
def bootstrap_models(
    rows: pd.DataFrame, model: PurchaseModel, *, refits: int = 200, seed: int = 0
) -> list[PurchaseModel]:
    """Refit a model to customers drawn with replacement: what chance does to its parameters.

    Parameters
    ----------
    rows : pd.DataFrame
        What `model` was fitted on.
    model : PurchaseModel
        Its parameters are where each refit begins.
    refits : int
        Number of refits. For bases of several 100,000 distinct histories `drawn_models` gives
        nearly the same at once.
    seed : int
        Seed of the drawing.

    Returns
    -------
    list of PurchaseModel
        A refit that found no maximum is left out, so that there may be fewer than `refits`.

    Raises
    ------
    FitFailed
        If more than half of the refits found no maximum.
    """
    known = histories(rows)
    unit, rng = _unit(known), np.random.default_rng(seed)
    scaled = known.in_units(unit)
    begin, share = _to_logs(model.name, model.parameters, unit), known.weight / known.n
    refitted = []
    for _ in range(refits):
        weight = rng.multinomial(int(known.n), share).astype(float)
        objective = _objective(model.name, scaled.reweighted(weight), model.penaliser)
        end = search(objective, [begin])
        value, gradient = objective(end)
        if np.abs(gradient).max() < 1e-3 and np.isfinite(value):
            blank = np.full((4, 4), np.nan)
            optimum = Optimum(end, value, gradient, blank)
            drawn = known.reweighted(weight)
            refitted.append(
                _model(model.name, optimum, drawn, penaliser=model.penaliser, method="bootstrap")
            )
    if 2 * len(refitted) < refits:
        raise FitFailed(Reason("most refits on resampled customers found no maximum"))
    return refitted


def drawn_models(model: PurchaseModel, *, draws: int = 200, seed: int = 0) -> list[PurchaseModel]:
    """Draw models from the normal distribution of the log-parameters: a quick `bootstrap_models`.

    Raises
    ------
    FitFailed
        If a parameter is so unsure that no normal distribution describes it.
    """
    if not np.sqrt(np.diag(model.covariance)).max() < TOO_UNSURE:
        raise FitFailed(Reason("the parameters are too unsure to be drawn; refit instead"))
    rng = np.random.default_rng(seed)
    logs = rng.multivariate_normal(np.log(model.values), model.covariance, size=draws)
    names = list(model.parameters)
    return [
        replace(
            model,
            parameters=dict(zip(names, map(float, np.exp(one)), strict=True)),
            log_likelihood=float("nan"),
            method="drawn",
        )
        for one in logs
    ]


def _optimum(
    known: Histories, *, name: str, penaliser: float, start: Mapping[str, float] | None
) -> Optimum:
    """Search from several starts, in the fit's own unit of time."""
    unit = _unit(known)
    scaled = known.in_units(unit)
    starts = [np.log(values) for values in MODELS[name].starts]
    if start is not None:
        starts.append(_to_logs(name, start, unit))
    objective = _objective(name, scaled, penaliser)
    if len(known.T) <= THINNED:
        return settle(objective, search(objective, starts))
    # Several starts on a part of the histories, the best one on all: many starts on all of a
    # million customers would take a minute.
    begin = search(_objective(name, scaled.thinned(THINNED), penaliser), starts)
    near = [begin] if start is None else [begin, starts[-1]]
    return settle(objective, min(near, key=lambda logs: objective(logs)[0]))


def _unit(known: Histories) -> float:
    """Measure time so that the oldest customer is 1 old, as the archived library lifetimes does.

    The penaliser then means the same in days and in weeks.
    """
    return float(known.T.max())


def _to_logs(name: str, parameters: Mapping[str, float], unit: float) -> np.ndarray:
    """Give the logarithms of parameters, those that are times in the fit's own unit."""
    kind = MODELS[name]
    values = np.array([parameters[key] for key in kind.names], dtype=float)
    return np.log(np.where(kind.times, values / unit, values))


def _to_values(name: str, logs: np.ndarray, unit: float) -> np.ndarray:
    return np.exp(logs) * np.where(MODELS[name].times, unit, 1.0)


def _objective(name: str, scaled: Histories, penaliser: float) -> Objective:
    """Give the mean negative log-likelihood with its penalty, by the log-parameters."""
    kind, n = MODELS[name], scaled.n

    def objective(logs: np.ndarray) -> tuple[float, np.ndarray]:
        parameters = np.exp(logs)
        value, gradient = kind.log_likelihood(parameters, scaled)
        penalty = penaliser * float(parameters @ parameters)
        return penalty - value / n, 2 * penaliser * parameters**2 - gradient * parameters / n

    return objective


def _out_of_range(name: str, optimum: Optimum) -> list[Reason]:
    """Name the parameters that ran away, such as an alpha of 10,000 times the oldest age."""
    kind = MODELS[name]
    return [
        Reason("{name} ran away to {value:number}", {"name": key, "value": float(value)})
        for key, value, is_time in zip(kind.names, np.exp(optimum.logs), kind.times, strict=True)
        if not (SMALLEST_TIME if is_time else SMALLEST) < value < LARGEST
    ]


def _model(
    name: str, optimum: Optimum, known: Histories, *, penaliser: float, method: str
) -> PurchaseModel:
    kind = MODELS[name]
    values = _to_values(name, optimum.logs, _unit(known))
    spread = covariance(optimum, n=known.n)
    errors = values * np.sqrt(np.diag(spread))
    return PurchaseModel(
        name=name,
        parameters=dict(zip(kind.names, map(float, values), strict=True)),
        log_likelihood=kind.log_likelihood(values, known)[0],
        n=round(known.n),
        standard_errors=dict(zip(kind.names, map(float, errors), strict=True)),
        penaliser=penaliser,
        covariance=spread,
        method=method,
    )
