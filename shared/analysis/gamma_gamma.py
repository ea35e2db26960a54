"""Gamma-Gamma: what will a customer's orders be worth, given the few seen so far?"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma, gammaln
from threadpoolctl import threadpool_limits

from shared.analysis.likelihood_fit import (
    FitFailed,
    Objective,
    Optimum,
    covariance,
    doubts,
    search,
    settle,
)
from shared.analysis.verdicts import Reason

NAMES = ("p", "q", "gamma")
STARTS = ((6.0, 4.0, 3.0), (1.0, 2.0, 1.0), (20.0, 10.0, 0.5))
# As in purchase_fit: threads of linear algebra wait for each other on a busy machine.
alone = threadpool_limits.wrap(limits=1, user_api="blas")
THINNED, SMALLEST, LARGEST = 3_000, 1e-3, 1e6


@dataclass(frozen=True)
class SpendModel:
    """A fitted model of the value of an order.

    Attributes
    ----------
    p, q, gamma : float
        Orders of a customer vary with shape `p`, customers with shape `q` and scale `gamma`
        (`v` in some texts), `gamma` in money.
    n : int
        Customers it was fitted on: those with a repeat purchase of positive value.
    left_out : int
        Repeat customers whose mean is 0, negative or blank.
    standard_errors : dict of str to float
        Of `p`, `q` and `gamma`.
    log_likelihood : float
        Summed over customers.
    covariance : np.ndarray
        Of the logarithms of p, q and gamma.
    """

    p: float
    q: float
    gamma: float
    n: int
    left_out: int
    standard_errors: dict[str, float]
    log_likelihood: float
    covariance: np.ndarray = field(repr=False, compare=False)

    @property
    def parameters(self) -> dict[str, float]:
        """The parameters by name."""
        return {"p": self.p, "q": self.q, "gamma": self.gamma}

    @property
    def supported(self) -> bool:
        """Whether customers have a finite mean at all."""
        return self.q > 1

    @property
    def mean(self) -> float:
        """Mean value of an order over all customers, seen or not."""
        return self.p * self.gamma / (self.q - 1)


@dataclass(frozen=True)
class _Spending:
    x: np.ndarray
    money: np.ndarray
    left_out: int
    counts: np.ndarray
    index: np.ndarray

    def taken(self, rows: np.ndarray | slice) -> "_Spending":
        return _spending(self.x[rows], self.money[rows], self.left_out)


@alone
def fit_gamma_gamma(
    frequency: ArrayLike, money: ArrayLike, *, start: Mapping[str, float] | None = None
) -> SpendModel:
    """Fit the model by maximum likelihood on customers with a repeat purchase.

    Parameters
    ----------
    frequency : array-like
        Repeat purchases; customers with none are left out.
    money : array-like
        Mean value of the repeat purchases; customers with 0, less or a blank are left out and
        counted.
    start : mapping of str to float, optional
        Parameters to begin from, beside the model's own starts.

    Raises
    ------
    FitFailed
        If fewer than 10 customers are left, if they cannot tell the parameters, or if q is at
        most 1: customers' mean spend then has no finite mean and a one-time buyer's would come
        out negative.

    References
    ----------
    Fader, P. S. and Hardie, B. G. S. (2013). The Gamma-Gamma model of monetary value.
    """
    known = _usable(frequency, money)
    n = len(known.x)
    if n < 10:
        raise FitFailed(
            Reason("{n:count} {n:customer has|customers have} repeat spend above 0", {"n": n})
        )
    unit = float(known.money.mean())
    scaled = replace(known, money=known.money / unit)
    starts = [np.log(values) for values in STARTS]
    if start is not None:
        starts.append(_to_logs(start, unit))
    every = slice(None, None, 1 + (n - 1) // THINNED)
    begin = search(_objective(scaled.taken(every)), starts)
    optimum = settle(_objective(scaled), begin)
    found = _out_of_range(optimum) or doubts(optimum)
    if found:
        raise FitFailed(*found)
    return _model(optimum, known, unit=unit)


def expected_spend(spend: SpendModel, frequency: ArrayLike, money: ArrayLike) -> np.ndarray:
    """Expect the value of each customer's next order, given the mean of the repeat purchases.

    Between a customer's own mean and that of all: one-time buyers, and customers whose mean is
    0, negative or blank, get the mean of all.
    """
    x, mean = np.broadcast_arrays(
        np.atleast_1d(np.asarray(frequency, dtype=float)), np.asarray(money, dtype=float)
    )
    seen = (x > 0) & (mean > 0)
    x, total = np.where(seen, x, 0.0), np.where(seen, x * mean, 0.0)
    return spend.p * (spend.gamma + total) / (spend.p * x + spend.q - 1)


@alone
def bootstrap_spend(
    frequency: ArrayLike,
    money: ArrayLike,
    spend: SpendModel,
    *,
    refits: int = 200,
    seed: int = 0,
) -> list[SpendModel]:
    """Refit the model to customers drawn with replacement.

    A refit with q at most 1 or without a maximum is left out, so there may be fewer than `refits`.

    Raises
    ------
    FitFailed
        If more than half of the refits were left out.
    """
    known = _usable(frequency, money)
    unit, n = float(known.money.mean()), len(known.x)
    scaled = replace(known, money=known.money / unit)
    rng, begin = np.random.default_rng(seed), _to_logs(spend.parameters, unit)
    refitted = []
    for _ in range(refits):
        chosen = np.sort(rng.integers(0, n, n))
        objective = _objective(scaled.taken(chosen))
        end = search(objective, [begin])
        value, gradient = objective(end)
        if np.abs(gradient).max() < 1e-3 and np.exp(end[1]) > 1:
            optimum = Optimum(end, value, gradient, np.full((3, 3), np.nan))
            refitted.append(_model(optimum, known.taken(chosen), unit=unit))
    if 2 * len(refitted) < refits:
        raise FitFailed(Reason("most refits on resampled customers found no finite mean spend"))
    return refitted


def drawn_spend(spend: SpendModel, *, draws: int = 200, seed: int = 0) -> list[SpendModel]:
    """Draw models from the normal distribution of the log-parameters; q at most 1 is left out."""
    rng = np.random.default_rng(seed)
    begin = np.log(list(spend.parameters.values()))
    drawn = np.exp(rng.multivariate_normal(begin, spend.covariance, size=draws))
    blank = float("nan")
    return [
        replace(spend, p=float(p), q=float(q), gamma=float(gamma), log_likelihood=blank)
        for p, q, gamma in drawn[drawn[:, 1] > 1]
    ]


def _usable(frequency: ArrayLike, money: ArrayLike) -> _Spending:
    x, mean = np.asarray(frequency, dtype=float), np.asarray(money, dtype=float)
    repeats, positive = x > 0, np.isfinite(mean) & (mean > 0)
    keep = repeats & positive
    # Sorted, so that the same customers in another order give the same digits.
    order = np.lexsort((mean[keep], x[keep]))
    return _spending(x[keep][order], mean[keep][order], int((repeats & ~positive).sum()))


def _spending(x: np.ndarray, money: np.ndarray, left_out: int) -> _Spending:
    counts, index = np.unique(x, return_inverse=True)
    return _Spending(x, money, left_out, counts, index)


def _objective(known: _Spending) -> Objective:
    def objective(logs: np.ndarray) -> tuple[float, np.ndarray]:
        parameters = np.exp(logs)
        value, gradient = _log_likelihood(parameters, known)
        n = len(known.x)
        return -value / n, -gradient * parameters / n

    return objective


def _log_likelihood(parameters: np.ndarray, known: _Spending) -> tuple[float, np.ndarray]:
    p, q, gamma = parameters
    x, money, counts = known.x, known.money, known.counts
    customers = np.bincount(known.index, minlength=len(counts))
    shape, total = p * counts, gamma + x * money
    log_total, whole = np.log(total), p * x + q
    by_count = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(gamma)
    by_count += shape * np.log(counts)
    log_money = np.log(money)
    value = customers @ by_count + p * (x @ log_money) - log_money.sum() - whole @ log_total
    together = digamma(shape + q)
    slope_p = customers @ (counts * (together - digamma(shape) + np.log(counts)))
    slope_p += x @ (log_money - log_total)
    slope_q = customers @ (together - digamma(q) + np.log(gamma)) - log_total.sum()
    slope_gamma = len(x) * q / gamma - whole @ (1 / total)
    return float(value), np.array([slope_p, slope_q, slope_gamma])


def _to_logs(parameters: Mapping[str, float], unit: float) -> np.ndarray:
    p, q, gamma = (parameters[name] for name in NAMES)
    return np.log([p, q, gamma / unit])


def _out_of_range(optimum: Optimum) -> list[Reason]:
    p, q, gamma = np.exp(optimum.logs)
    if q <= 1:
        return [
            Reason(
                "q is {q:number}, at most 1: the mean spend of customers has no finite mean",
                {"q": float(q)},
            )
        ]
    return [
        Reason("{name} ran away to {value:number}", {"name": name, "value": float(value)})
        for name, value in (("p", p), ("q", q), ("gamma", gamma))
        if not SMALLEST < value < LARGEST
    ]


def _model(optimum: Optimum, known: _Spending, *, unit: float) -> SpendModel:
    p, q, gamma = np.exp(optimum.logs) * np.array([1.0, 1.0, unit])
    spread = covariance(optimum, n=len(known.x))
    errors = np.array([p, q, gamma]) * np.sqrt(np.diag(spread))
    return SpendModel(
        p=float(p),
        q=float(q),
        gamma=float(gamma),
        n=len(known.x),
        left_out=known.left_out,
        standard_errors=dict(zip(NAMES, map(float, errors), strict=True)),
        log_likelihood=_log_likelihood(np.array([p, q, gamma]), known)[0],
        covariance=spread,
    )
