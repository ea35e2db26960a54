"""Three models: one column alone, a readable logistic regression, and boosted trees."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

BASELINE, LOGISTIC, BOOSTING = "one column", "logistic regression", "boosted trees"
LEAST_OF_A_LEVEL, MOST_LEVELS = 20, 20
OTHER, BLANK = "another one", "not known"
MOST_TRAINING_ROWS = 200_000  # more of them move no AUC by a thousandth
NARROW = 1e-9  # a spread below this is none


@dataclass(frozen=True)
class Encoder:
    """How a frame of features becomes numbers of like size, learnt from training rows alone.

    Attributes
    ----------
    middle, spread : dict of str to float
        Mean and standard deviation of each number, after the logarithm where one is taken.
    levels : dict of str to list of str
        Values that a category had often enough; any other, also one never seen, is "another one".
    blanks : tuple of str
        Numbers that were blank often enough to say something by it.
    logged : frozenset of str
        Numbers read on a log scale.
    """

    middle: dict[str, float]
    spread: dict[str, float]
    levels: dict[str, list[str]]
    blanks: tuple[str, ...]
    logged: frozenset[str]

    @property
    def owners(self) -> list[str]:
        """Which feature each encoded column belongs to."""
        numbers = list(self.middle) + list(self.blanks)
        return numbers + [name for name, levels in self.levels.items() for _ in levels]

    def encode(self, frame: pd.DataFrame) -> np.ndarray:
        """Give the encoded columns: numbers, marks of blanks, and levels of categories."""
        columns = [self._number(frame[name], name) for name in self.middle]
        columns += [frame[name].isna().to_numpy(float) for name in self.blanks]
        for name, levels in self.levels.items():
            text = as_levels(frame[name], levels)
            columns += [(text == level).astype(float) for level in levels]
        return np.column_stack(columns) if columns else np.zeros((len(frame), 0))

    def _number(self, column: pd.Series, name: str) -> np.ndarray:
        value = _scaled(column, logged=name in self.logged)
        return np.nan_to_num((value - self.middle[name]) / self.spread[name])


@dataclass(frozen=True)
class Fitted:
    """A model that gives a score to any frame with its features.

    Attributes
    ----------
    name : str
        Which of the three.
    features : tuple of str
        What it reads.
    encoder : Encoder
        Of its features.
    weights : np.ndarray
        Of the encoded columns; empty for trees.
    intercept : float
        Of the logistic regression.
    trees : HistGradientBoostingClassifier or None
        The trees.
    every : int
        It learnt from every so many of the rows it was given: all where it is 1.
    """

    name: str
    features: tuple[str, ...]
    encoder: Encoder
    weights: np.ndarray = field(repr=False)
    intercept: float
    trees: HistGradientBoostingClassifier | None = field(default=None, repr=False)
    every: int = 1

    def score(self, frame: pd.DataFrame) -> np.ndarray:
        """Give the raw probability of each row, before calibration."""
        if self.trees is not None:
            return np.asarray(self.trees.predict_proba(_for_trees(frame, self.encoder))[:, 1])
        return np.asarray(expit(self.encoder.encode(frame) @ self.weights + self.intercept))

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Give what each feature adds to the logit of each row, against an average customer."""
        parts = self.encoder.encode(frame) * self.weights
        owners = np.array(self.encoder.owners)
        sums = {name: parts[:, owners == name].sum(axis=1) for name in self.features}
        return pd.DataFrame(sums, index=frame.index)


def learn_encoder(frame: pd.DataFrame, *, logged: frozenset[str]) -> Encoder:
    """Learn from training rows how features become numbers; a constant one is left out."""
    middle, spread, levels, blanks = {}, {}, {}, []
    for name in frame.columns:
        column = frame[name]
        if not pd.api.types.is_numeric_dtype(column):
            counts = column.fillna(BLANK).astype(str).value_counts().sort_index()
            often = counts[counts >= LEAST_OF_A_LEVEL].nlargest(MOST_LEVELS)
            if len(often) > 1 or (len(often) == 1 and counts.sum() > often.sum()):
                levels[str(name)] = sorted(often.index)
            continue
        value = _scaled(column, logged=name in logged)
        known = value[~np.isnan(value)]
        if len(known) and known.std() > NARROW:
            middle[str(name)], spread[str(name)] = float(known.mean()), float(known.std())
        missing = int(np.isnan(value).sum())
        if LEAST_OF_A_LEVEL <= missing <= len(frame) - LEAST_OF_A_LEVEL:
            blanks.append(str(name))
    return Encoder(middle, spread, levels, _distinct_blanks(frame, blanks), logged)


def fit_logistic(
    frame: pd.DataFrame,
    outcome: np.ndarray,
    *,
    logged: frozenset[str],
    name: str = LOGISTIC,
    class_weight: str | None = None,
) -> Fitted:
    """Fit a ridge-penalised logistic regression, the readable model.

    Parameters
    ----------
    frame, outcome
        Training rows; of more than 200,000 every second, third and so on is taken.
    logged : frozenset of str
        Numbers read on a log scale.
    name : str
        What it is called.
    class_weight : str, optional
        Only to show what "balanced" weights do: they lift every probability. Never used otherwise.
    """
    features, every = tuple(map(str, frame.columns)), thinned(len(frame))
    frame, outcome = frame.iloc[::every], outcome[::every]
    encoder = learn_encoder(frame, logged=logged)
    encoded = encoder.encode(frame)
    if not encoded.shape[1]:
        share = float(np.clip(np.mean(outcome), NARROW, 1 - NARROW))
        constant = float(np.log(share / (1 - share)))
        return Fitted(name, features, encoder, np.zeros(0), constant, every=every)
    model = LogisticRegression(solver="newton-cholesky", max_iter=200, class_weight=class_weight)
    model.fit(encoded, outcome)
    weights, intercept = model.coef_[0], float(model.intercept_[0])
    return Fitted(name, features, encoder, weights, intercept, every=every)


def fit_boosting(frame: pd.DataFrame, outcome: np.ndarray, *, logged: frozenset[str]) -> Fitted:
    """Fit boosted trees, which find bends and joint effects that the readable model cannot."""
    every = thinned(len(frame))
    frame, outcome = frame.iloc[::every], outcome[::every]
    encoder = learn_encoder(frame, logged=logged)
    trees = HistGradientBoostingClassifier(
        learning_rate=0.1, max_iter=100, max_leaf_nodes=15, min_samples_leaf=40,
        l2_regularization=1.0, early_stopping=True, validation_fraction=0.15,
        n_iter_no_change=8, random_state=0,
    )  # fmt: skip
    trees.fit(_for_trees(frame, encoder), outcome)
    features = tuple(map(str, frame.columns))
    return Fitted(BOOSTING, features, encoder, np.zeros(0), 0.0, trees, every)


def thinned(rows: int) -> int:
    """Say which of so many training rows are taken: 1 for all, 2 for every second, and so on."""
    return max(1, -(-rows // MOST_TRAINING_ROWS))


def fit_all(
    frame: pd.DataFrame, outcome: np.ndarray, *, alone: str, logged: frozenset[str],
    names: Iterable[str] = (BASELINE, LOGISTIC, BOOSTING),
) -> dict[str, Fitted]:  # fmt: skip
    """Fit the models asked for.

    Parameters
    ----------
    alone : str
        The one column of the simplest score; "" gives everybody the same score.
    """
    fits = {
        BASELINE: lambda: fit_logistic(
            frame[[alone] if alone else []], outcome, logged=logged, name=BASELINE
        ),
        LOGISTIC: lambda: fit_logistic(frame, outcome, logged=logged),
        BOOSTING: lambda: fit_boosting(frame, outcome, logged=logged),
    }
    # One thread: on a busy machine several wait for one another longer than they work.
    with threadpool_limits(1):
        return {name: fits[name]() for name in names}


def as_levels(column: pd.Series, levels: list[str]) -> np.ndarray:
    """Read a category: a value that training did not know is another one, blank is not known."""
    text = column.astype(object).where(column.notna(), BLANK).astype(str)
    return text.where(text.isin(levels), OTHER).to_numpy()


def _scaled(column: pd.Series, *, logged: bool) -> np.ndarray:
    value = column.to_numpy(float, na_value=np.nan)
    value = np.where(np.isfinite(value), value, np.nan)
    return np.asarray(np.sign(value) * np.log1p(np.abs(value)) if logged else value)


def _distinct_blanks(frame: pd.DataFrame, blanks: list[str]) -> tuple[str, ...]:
    """Keep one of the features that are blank in the same rows."""
    rows = {name: np.packbits(frame[name].isna().to_numpy()).tobytes() for name in blanks}
    first = {marks: name for name, marks in reversed(rows.items())}
    return tuple(name for name in blanks if first[rows[name]] == name)


def _for_trees(frame: pd.DataFrame, encoder: Encoder) -> np.ndarray:
    """Give numbers as they are, blanks included, and levels by their place."""
    columns = [_scaled(frame[name], logged=False) for name in encoder.middle]
    columns += [frame[name].isna().to_numpy(float) for name in encoder.blanks]
    for name, levels in encoder.levels.items():
        text = as_levels(frame[name], levels)
        columns += [(text == level).astype(float) for level in levels]
    return np.column_stack(columns) if columns else np.zeros((len(frame), 1))
