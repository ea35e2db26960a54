"""Evaluation: scores of people by models that never saw them, on a window later than theirs."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score

from shared.analysis.intervals import Estimate
from shared.analysis.propensity_auc import auc_estimate, auc_gain
from shared.analysis.propensity_calibration import (
    Calibration,
    calibrate,
    calibration_error,
    calibration_slope,
)
from shared.analysis.propensity_examples import (
    CALIBRATION,
    TEST,
    Examples,
    Split,
    check_parts,
    people_groups,
    splits,
)
from shared.analysis.propensity_models import (
    BASELINE,
    BOOSTING,
    LOGISTIC,
    Fitted,
    fit_all,
)

MODELS = (BASELINE, LOGISTIC, BOOSTING)  # in the order of preference


@dataclass(frozen=True)
class Tested:
    """What the models said of people they never saw, and what those people did.

    Attributes
    ----------
    rows : np.ndarray
        Tested rows of the examples, in order.
    person, outcome : np.ndarray
        Of these rows.
    propensity : dict of str to np.ndarray
        Calibrated probability by each model.
    raw : dict of str to np.ndarray
        The same before calibration.
    chosen : str
        The model that is used.
    alone : str
        The one column of the simplest score; "" where there is none.
    models : list of dict of str to Fitted
        Of each split.
    fold : np.ndarray
        Split that each row was tested in.
    calibrations : list of str
        How the chosen model was calibrated in each split.
    repeats : bool
        Whether people have several rows among them.
    """

    rows: np.ndarray = field(repr=False)
    person: np.ndarray = field(repr=False)
    outcome: np.ndarray = field(repr=False)
    propensity: dict[str, np.ndarray] = field(repr=False)
    raw: dict[str, np.ndarray] = field(repr=False)
    chosen: str
    alone: str
    models: list[dict[str, Fitted]] = field(repr=False)
    fold: np.ndarray = field(repr=False)
    calibrations: list[str]
    repeats: bool

    @property
    def score(self) -> np.ndarray:
        """Calibrated probability by the model that is used."""
        return self.propensity[self.chosen]

    @property
    def who(self) -> np.ndarray | None:
        """Whose rows these are, where people repeat; None where each has one."""
        return self.person if self.repeats else None

    def auc(self, model: str = "", *, level: float = 0.95) -> Estimate:
        """Estimate the AUC of a model, by default the one that is used."""
        score = self.propensity[model or self.chosen]
        return auc_estimate(score, self.outcome, person=self.who, level=level)

    def gain(self, model: str, other: str) -> Estimate:
        """Estimate by how much one model's AUC exceeds another's."""
        a, b = self.propensity[model], self.propensity[other]
        return auc_gain(a, b, self.outcome, person=self.who)


def evaluate(
    examples: Examples, *, least_gain: float = 0.01, models: tuple[str, ...] = MODELS
) -> Tested:
    """Fit, calibrate and test all models on every split; choose on the calibration rows.

    Parameters
    ----------
    examples : Examples
        Rows with their outcome.
    least_gain : float
        AUC that a model has to add before a simpler one is given up.
    models : tuple of str
        Which to try, in the order of preference.
    """
    alone = examples.recency or best_column(examples)
    parts = [_tested_split(examples, split, alone, models) for split in splits(examples)]
    chosen = _choose(parts, models, least_gain)
    rows = np.concatenate([p.test for p in parts])
    order = np.argsort(rows, kind="stable")
    propensity = {
        name: np.concatenate([p.calibration[name].of(p.raw[name]) for p in parts])[order]
        for name in models
    }
    raw = {name: np.concatenate([p.raw[name] for p in parts])[order] for name in models}
    fold = np.concatenate([np.full(len(p.test), i) for i, p in enumerate(parts)])[order]
    rows = rows[order]
    person = examples.person[rows]
    return Tested(
        rows=rows,
        person=person,
        outcome=examples.outcome[rows],
        propensity=propensity,
        raw=raw,
        chosen=chosen,
        alone=alone,
        models=[p.models for p in parts],
        fold=fold,
        calibrations=[p.calibration[chosen].kind for p in parts],
        repeats=len(pd.unique(person)) < len(person),
    )


def best_column(examples: Examples) -> str:
    """Name the number whose order alone tells most, on the rows not kept for the test."""
    split = next(splits(examples))
    rows = np.concatenate([split.training, split.calibration])
    outcome = examples.outcome[rows]
    best, strongest = "", 0.0
    for name in sorted(map(str, examples.features.columns)):
        column = examples.features[name].iloc[rows]
        if not pd.api.types.is_numeric_dtype(column):
            continue
        filled = column.fillna(column.median())
        found = auc_estimate(filled.to_numpy(float), outcome).value
        if abs(found - 0.5) > strongest:
            best, strongest = name, abs(found - 0.5)
    return best


def measures(tested: Tested, model: str = "") -> dict[str, Any]:
    """Measure a model on the tested rows: order, calibration and both together.

    Returns
    -------
    dict
        `auc` and `calibration_slope` with interval; `pr_auc` (average precision), `brier`,
        `brier_skill` (share of the base rate's Brier score that is gone), `calibration_error`,
        `base_rate`.
    """
    p, outcome = tested.propensity[model or tested.chosen], tested.outcome
    base = float(np.mean(outcome))
    brier = float(np.mean((p - outcome) ** 2))
    return {
        "auc": tested.auc(model),
        "pr_auc": float(average_precision_score(outcome, p)) if outcome.any() else float("nan"),
        "brier": brier,
        "brier_skill": 1 - brier / (base * (1 - base)) if 0 < base < 1 else float("nan"),
        "calibration_slope": calibration_slope(p, outcome),
        "calibration_error": calibration_error(p, outcome),
        "base_rate": base,
    }


def fit_for_use(examples: Examples, tested: Tested) -> tuple[dict[str, Fitted], Calibration]:
    """Fit the chosen recipe once more on the newest rows, one window later than in the test.

    A fifth of the people calibrates on the newest window, the others teach on all that is older;
    without time a fifth calibrates and the others teach.
    """
    held = people_groups(examples.person) == 0
    older = examples.part >= CALIBRATION if examples.timed else np.ones(len(held), dtype=bool)
    learn = np.flatnonzero(older & ~held)
    bend = np.flatnonzero((examples.part == TEST) & held)
    models = fit_all(
        examples.features.iloc[learn], examples.outcome[learn], alone=tested.alone,
        logged=examples.logged, names=sorted({LOGISTIC, tested.chosen}),
    )  # fmt: skip
    raw = models[tested.chosen].score(examples.features.iloc[bend])
    return models, calibrate(raw, examples.outcome[bend])


@dataclass(frozen=True)
class _Part:
    """One split: its models, what they said of the rows kept back, and of those tested."""

    models: dict[str, Fitted]
    test: np.ndarray
    raw: dict[str, np.ndarray]
    held: dict[str, np.ndarray]
    held_outcome: np.ndarray
    calibration: dict[str, Calibration]


def _tested_split(examples: Examples, split: Split, alone: str, names: tuple[str, ...]) -> _Part:
    check_parts(examples, split)
    models = fit_all(
        examples.features.iloc[split.training], examples.outcome[split.training],
        alone=alone, logged=examples.logged, names=names,
    )  # fmt: skip
    held, later = (examples.features.iloc[rows] for rows in (split.calibration, split.test))
    scores = {name: model.score(held) for name, model in models.items()}
    outcome = examples.outcome[split.calibration]
    return _Part(
        models=models,
        test=split.test,
        raw={name: model.score(later) for name, model in models.items()},
        held=scores,
        held_outcome=outcome,
        calibration={name: calibrate(score, outcome) for name, score in scores.items()},
    )


def _choose(parts: list[_Part], models: tuple[str, ...], least_gain: float) -> str:
    """Prefer the simpler model unless the next adds the margin on the calibration rows."""
    outcome = np.concatenate([p.held_outcome for p in parts])
    reached = {
        name: auc_estimate(np.concatenate([p.held[name] for p in parts]), outcome).value
        for name in models
    }
    chosen = models[0]
    for name in models[1:]:
        if reached[name] >= reached[chosen] + least_gain:
            chosen = name
    return chosen
