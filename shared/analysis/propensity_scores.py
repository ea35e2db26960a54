"""Scores: one row per person, with probability, tenth, band and reasons."""

import numpy as np
import pandas as pd

from shared.analysis.propensity_calibration import Calibration
from shared.analysis.propensity_evaluation import Tested
from shared.analysis.propensity_examples import Examples
from shared.analysis.propensity_lists import BAND_NAMES, BANDS, TENTHS, ranked
from shared.analysis.propensity_models import LOGISTIC, Fitted
from shared.analysis.propensity_sources import reasons_of


def score_table(
    models: dict[str, Fitted],
    calibration: Calibration,
    frame: pd.DataFrame,
    *,
    chosen: str,
    names: dict[str, str],
    unclear: frozenset[str] = frozenset(),
) -> pd.DataFrame:
    """Score the customers of today by the recipe that was tested.

    Parameters
    ----------
    models, calibration
        As from `fit_for_use`.
    frame : pd.DataFrame
        Features of today, index `customer_id`.
    chosen : str
        The model that is used; reasons are always those of the readable one.
    names : dict of str to str
        What people call a feature.
    unclear : frozenset of str
        Features that are no reasons, as from `unclear_drivers`.

    Returns
    -------
    pd.DataFrame
        Best first: `customer_id`, `score_0_to_100` (the probability times 100), `propensity`
        (calibrated probability), `score` (raw), `decile` (1 best), `band`, `reasons`.
    """
    raw = models[chosen].score(frame)
    reasons = reasons_of(models[LOGISTIC], frame, names, unclear)
    return _table(frame.index.to_numpy(object), calibration.of(raw), raw, reasons)


def tested_scores(examples: Examples, tested: Tested, *, unclear: frozenset[str]) -> pd.DataFrame:
    """Give the tested rows of a labelled table, each scored by a model that never saw it.

    Columns and `unclear` as of `score_table`, with the `outcome` that is known.
    """
    reasons = np.full(len(tested.rows), "", dtype=object)
    for number, models in enumerate(tested.models):
        here = np.flatnonzero(tested.fold == number)
        frame = examples.features.iloc[tested.rows[here]]
        reasons[here] = reasons_of(models[LOGISTIC], frame, {}, unclear)
    raw = tested.raw[tested.chosen]
    return _table(tested.person, tested.score, raw, reasons, outcome=tested.outcome)


def _table(
    person: np.ndarray, propensity: np.ndarray, raw: np.ndarray, reasons: np.ndarray,
    outcome: np.ndarray | None = None,
) -> pd.DataFrame:  # fmt: skip
    order = ranked(propensity, person, raw)
    n = len(order)
    table = pd.DataFrame(
        {
            "customer_id": person[order],
            "score_0_to_100": np.round(100 * propensity[order], 1),
            "propensity": propensity[order],
            "score": raw[order],
            "decile": np.arange(n) * TENTHS // max(n, 1) + 1,
            "band": np.array(BAND_NAMES, dtype=object)[np.digitize(propensity[order], BANDS[1:-1])],
            "reasons": reasons[order],
        }
    )
    return table if outcome is None else table.assign(outcome=outcome[order])
