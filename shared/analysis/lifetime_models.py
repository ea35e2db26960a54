"""The models of purchases side by side: parameters with intervals, and whom each calls alive."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pandas as pd

from shared.analysis.gamma_gamma import SpendModel
from shared.analysis.lifetime_history import history_of
from shared.analysis.lifetime_without_leaving import NO_LEAVING, model_name
from shared.analysis.likelihood_fit import FitFailed
from shared.analysis.purchase_model import (
    MODELS,
    PurchaseModel,
    bootstrap_models,
    drawn_models,
    expected_purchases,
    fit_purchase_model,
    p_alive,
)

LEVEL = 0.95
MOST_REFITTED = 20_000  # distinct histories; above, refitting takes longer than a reader waits
RUN_AWAY = 1_000  # times the estimate: a bound beyond says that there is none
LEAVING = ("a", "b")
EQUALLY_LIKELY = 2.0  # log units: models with as many parameters that the data cannot tell apart


def all_models(rows: pd.DataFrame, chosen: PurchaseModel) -> dict[str, PurchaseModel]:
    """Fit the other models beside the chosen one; one that cannot be believed is left out.

    They stand by the names that the page gives them.
    """
    fitted = {chosen.name: chosen}
    for name in MODELS:
        if name not in fitted:
            with suppress(FitFailed):
                fitted[name] = fit_purchase_model(rows, name=name)
    return {model_name(fitted[name]): fitted[name] for name in MODELS if name in fitted}


def refitted_models(
    rows: pd.DataFrame, model: PurchaseModel, *, refits: int, seed: int = 0
) -> tuple[list[PurchaseModel], bool]:
    """Let chance move the parameters: refits of resampled customers, or draws of a large base.

    Returns
    -------
    list of PurchaseModel
        As many as asked, or a few less.
    bool
        Whether the parameters do move; False where neither way works, and the model itself is
        repeated: intervals then hold the chance of single customers alone.
    """
    if len(rows) <= MOST_REFITTED:
        with suppress(FitFailed):
            return _edge_kept(bootstrap_models(rows, model, refits=refits, seed=seed), model), True
    with suppress(FitFailed):
        return _edge_kept(drawn_models(model, draws=refits, seed=seed), model), True
    return [model] * refits, False


def _edge_kept(refits: list[PurchaseModel], model: PurchaseModel) -> list[PurchaseModel]:
    """Let nobody leave in the refits either, where nobody does in the model."""
    if model.method != NO_LEAVING:
        return refits
    edge = {name: model.parameters[name] for name in LEAVING}
    return [replace(refit, parameters={**refit.parameters, **edge}) for refit in refits]


def parameter_table(
    models: Mapping[str, PurchaseModel],
    spend: SpendModel | None,
    *,
    refitted: Sequence[PurchaseModel] = (),
    fitted_on: str,
) -> pd.DataFrame:
    """List every model's parameters with intervals.

    Parameters
    ----------
    models : mapping of str to PurchaseModel
        By name.
    spend : SpendModel or None
        The model of spend, if there is one.
    refitted : sequence of PurchaseModel
        Refits of one of the models: its intervals are theirs; the others' come from their
        standard errors on the scale of logarithms.
    fitted_on : str
        Which orders the models have seen, such as "calibration".

    Returns
    -------
    pd.DataFrame
        `model`, `parameter`, `value`, `low`, `high` (blank where there is none),
        `log_likelihood`, `customers`, `penaliser` and `fitted_on`. Times are in units of the
        fit.
    """
    rows = []
    for model in models.values():
        mine = [refit.parameters for refit in refitted if refit.name == model.name]
        for name, value in model.parameters.items():
            if model.method == NO_LEAVING and name in LEAVING:
                mine = []  # at the edge by construction
            low, high = _bounds(value, model.standard_errors[name], [m[name] for m in mine])
            rows.append((model_name(model), name, value, low, high, model.log_likelihood, model.n,
                         model.penaliser))  # fmt: skip
    if spend is not None:
        for name, value in spend.parameters.items():
            low, high = _bounds(value, spend.standard_errors[name], [])
            rows.append(("Gamma-Gamma", name, value, low, high, spend.log_likelihood, spend.n, 0.0))
    columns = ["model", "parameter", "value", "low", "high", "log_likelihood", "customers",
               "penaliser"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).assign(fitted_on=fitted_on)


def alive_table(
    models: Mapping[str, PurchaseModel],
    summary: pd.DataFrame,
    *,
    horizon: float,
    chosen: str,
) -> pd.DataFrame:
    """Set the models beside each other: how likely they are, and what they say of the customers.

    Returns
    -------
    pd.DataFrame
        `model`, `is_chosen`, `log_likelihood`, `behind` (log units behind the best), `alive` (sum
        of the probabilities), `alive_share`, `expected_orders` over the horizon.
    """
    history = history_of(summary)
    table = pd.DataFrame(
        [
            {
                "model": name,
                "is_chosen": name == chosen,
                "log_likelihood": model.log_likelihood,
                "alive": p_alive(model, *history).sum(),
                "expected_orders": expected_purchases(model, *history, horizon).sum(),
            }
            for name, model in models.items()
        ]
    )
    table.insert(3, "behind", table["log_likelihood"].max() - table["log_likelihood"])
    table.insert(5, "alive_share", table["alive"] / len(summary))
    return table


def equally_likely(table: pd.DataFrame) -> pd.DataFrame:
    """Give the pair of equally likely models that disagree most on who is alive, or no row.

    All three models have four parameters, so that likelihoods compare as they are.
    """
    mine = table[table["is_chosen"]]
    near = (table["log_likelihood"] - mine["log_likelihood"].iloc[0]).abs() < EQUALLY_LIKELY
    rivals = table[near & ~table["is_chosen"]]
    if rivals.empty:
        return rivals
    gap = (rivals["alive"] - mine["alive"].iloc[0]).abs()
    return pd.concat([mine, rivals.iloc[[int(gap.argmax())]]])


def _bounds(value: float, error: float, refits: list[float]) -> tuple[float, float]:
    if refits:
        low, high = np.quantile(refits, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        return float(low), float(high) if high < RUN_AWAY * value else float("nan")
    if not (np.isfinite(error) and value > 0):
        return float("nan"), float("nan")
    reach = np.exp(1.96 * error / value)
    return float(value / reach), float(value * reach)
