"""Ladder of models: which model of purchases can be believed, and what failed before it?"""

from typing import NamedTuple

import pandas as pd

from shared.analysis.likelihood_fit import FitFailed
from shared.analysis.purchase_fit import PurchaseModel, best_log_likelihood, fit_purchase_model
from shared.analysis.purchase_histories import histories
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

FEWEST_REPEAT_BUYERS = 30
PENALISERS = (0.001, 0.01, 0.1)
# Half of chi-square's 95 % point: a penalty that costs more has left what the data allow.
MOST_COST = 1.92


class Step(NamedTuple):
    """One rung: the model, its penaliser (0 for none) and what came of it, in words."""

    name: str
    penaliser: float
    outcome: Reason


class Ladder(NamedTuple):
    """The first model that can be believed, and every step up to it, the last one included."""

    model: PurchaseModel
    steps: list[Step]


def fit_ladder(rows: pd.DataFrame) -> Ladder:
    """Try BG/NBD, BG/NBD with a penaliser and MBG/NBD, and stop at the first to be believed.

    A penalised fit is believed only where its likelihood lies within 1.92 log units of the
    highest one, the 95 % region of a parameter: beyond, the penaliser speaks and not the customers.

    Parameters
    ----------
    rows : pd.DataFrame
        `frequency`, `recency`, `T` and `weight` as `weighted_rows` gives them, or one row per
        customer without `weight`.

    Raises
    ------
    NotSupportedByData
        If fewer than 30 customers bought again, or no step can be believed: what is left is the
        historical value.
    """
    known = histories(rows)
    repeat_buyers = round(known.repeat_buyers)
    if repeat_buyers < FEWEST_REPEAT_BUYERS:
        raise NotSupportedByData(
            f"{repeat_buyers} of {round(known.n)} customers bought again",
            needs=f"at least {FEWEST_REPEAT_BUYERS} customers with a repeat purchase",
        )
    steps: list[Step] = []
    model = _climb(rows, steps)
    if model is None:
        raise NotSupportedByData(
            f"no model of purchases fits: {_tried_in_words(steps)}",
            needs="more customers with repeat purchases, or a longer history",
        )
    return Ladder(model, steps)


def _climb(rows: pd.DataFrame, steps: list[Step]) -> PurchaseModel | None:
    """Write down every step taken and give the model it ended at."""
    model = _tried(rows, "BG/NBD", steps)
    if model is None:
        highest = best_log_likelihood(rows, name="BG/NBD")
        for penaliser in PENALISERS:
            model = _tried(rows, "BG/NBD", steps, penaliser=penaliser, highest=highest)
            if model is not None:
                return model
    return model or _tried(rows, "MBG/NBD", steps)


def _tried(
    rows: pd.DataFrame,
    name: str,
    steps: list[Step],
    *,
    penaliser: float = 0.0,
    highest: float | None = None,
) -> PurchaseModel | None:
    try:
        model = fit_purchase_model(rows, name=name, penaliser=penaliser)
    except FitFailed as failure:
        steps.append(Step(name, penaliser, _first(failure)))
        return None
    cost = 0.0 if highest is None else highest - model.log_likelihood
    if cost > MOST_COST:
        template = "the penaliser costs {cost:number.1} units of log-likelihood, more than it may"
        steps.append(Step(name, penaliser, Reason(template, {"cost": cost})))
        return None
    steps.append(Step(name, penaliser, Reason("fits")))
    return model


def _first(failure: FitFailed) -> Reason:
    return failure.reasons[0]


def _tried_in_words(steps: list[Step]) -> str:
    """Say what was tried in words that need no statistician."""
    names = list(dict.fromkeys(step.name for step in steps))
    return (
        f"{' and '.join(names)} were tried, {len(steps)} fits from several starts each, and none "
        "tells these customers apart: they are too few, or order too much alike"
    )
