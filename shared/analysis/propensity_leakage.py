"""Leakage: which columns know the answer, or were recorded only after it?"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from shared.analysis.propensity_auc import auc_estimate
from shared.analysis.propensity_examples import Examples, check_parts, splits
from shared.analysis.propensity_models import BLANK, fit_logistic
from shared.loading.errors import NotSupportedByData

KNOWS, STRONG, CARRIES = 0.90, 0.80, 0.05
NEARLY_CERTAIN = 0.99  # of a column made from what was before the moment, which may be strong
WORTH_A_FIT = 0.70  # a column weaker than this alone cannot be what the score stands on
FOLDS = 5
SMOOTHING = 20  # rows of the base rate that every level of a category starts with


class Suspicion(StrEnum):
    """What a column is suspected of; the value is the wording on the page."""

    STAMPED = "recorded after the outcome"
    KNOWS = "knows the answer"
    CARRIES = "the score stands and falls with it"
    CLEAR = "no suspicion"


@dataclass(frozen=True)
class Audit:
    """What the audit of all columns found.

    Attributes
    ----------
    table : pd.DataFrame
        One row per column, the most suspicious first: `feature`, `source`, `suspicion`, `action`,
        `auc_alone` (of the column by itself, 0.5 to 1), `auc_without` (of the readable model
        without it), `auc_drop`, `stamped_after` (share of rows recorded later; 0 for what was
        made from earlier events), `unseen` (share of tested rows with a value that training did
        not have); blank where not measured.
    auc_all, auc_used : float
        Of the readable model with all columns that are not stamped after, and with those used.
    dropped : tuple of str
        Columns that the model does not use.
    trusted : tuple of str
        Suspicious columns that are used because the parameter says so.
    """

    table: pd.DataFrame
    auc_all: float
    auc_used: float
    dropped: tuple[str, ...]
    trusted: tuple[str, ...]

    @property
    def suspects(self) -> pd.DataFrame:
        """The columns with a suspicion."""
        return self.table[self.table["suspicion"] != Suspicion.CLEAR]


def audit_columns(
    examples: Examples,
    *,
    stamped_after: dict[str, float] | None = None,
    trust: tuple[str, ...] = (),
    by_construction: bool = False,
) -> tuple[Examples, Audit]:
    """Audit every column and leave out the suspicious ones.

    A column **knows the answer** if it alone has an AUC of 0.90; the score **stands and falls**
    with a column if that has 0.80 alone and the model loses 0.05 without it. Stamps after the
    outcome need no such measure.

    Parameters
    ----------
    examples : Examples
        Rows with their features; a column stamped after is not among them any more.
    stamped_after : dict of str to float, optional
        As from `read_responses`.
    trust : tuple of str
        Columns to use though they are suspicious.
    by_construction : bool
        Whether all columns were made from events before the moment: strong ones are to be expected,
        so that only an AUC of 0.99 is named, and none is left out.

    Returns
    -------
    Examples, Audit
        The rows without the columns left out.
    """
    stamped = stamped_after or {}
    check_parts(examples, next(splits(examples)))
    alone = {str(n): column_auc(examples, str(n)) for n in examples.features.columns}
    full = _model_auc(examples)
    without = {
        name: _model_auc(examples.without([name]))
        for name, auc in alone.items()
        if auc >= WORTH_A_FIT and len(alone) > 1
    }
    suspicion = {
        name: _suspicion(auc, full - without.get(name, full), honest=by_construction)
        for name, auc in alone.items()
    }
    found = [name for name, kind in suspicion.items() if kind != Suspicion.CLEAR]
    kept = tuple(n for n in found if by_construction or n in trust)
    dropped = [name for name in found if name not in kept]
    cleaned = examples.without(dropped)
    rows = [
        {"feature": name, "source": examples.source.get(name, ""), "suspicion": suspicion[name],
         "action": "left out" if name in dropped else "used", "auc_alone": alone[name],
         "auc_without": without.get(name, np.nan),
         "auc_drop": full - without[name] if name in without else np.nan,
         "stamped_after": 0.0 if by_construction else np.nan, "unseen": _unseen(examples, name)}
        for name in alone
    ]  # fmt: skip
    rows += [
        {"feature": name, "source": "", "suspicion": Suspicion.STAMPED, "action": "left out",
         "auc_alone": np.nan, "auc_without": np.nan, "auc_drop": np.nan, "stamped_after": share,
         "unseen": np.nan}
        for name, share in stamped.items()
    ]  # fmt: skip
    table = _most_suspicious_first(pd.DataFrame(rows))
    used = _model_auc(cleaned) if dropped else full
    return cleaned, Audit(table, full, used, (*stamped, *dropped), kept)


def column_auc(examples: Examples, name: str) -> float:
    """Give the AUC of one column by itself, turned so that it is at least 0.5.

    Blanks are a value of their own where that tells more; a category is judged by the rates of its
    levels among other rows, never its own.
    """
    column, outcome = examples.features[name], examples.outcome
    if not pd.api.types.is_numeric_dtype(column):
        return auc_estimate(_rates_elsewhere(column, outcome), outcome).value
    value = column.to_numpy(float)
    blank = np.isnan(value)
    filled = np.where(blank, np.nanmedian(value), value) if not blank.all() else blank * 1.0
    found = [auc_estimate(filled, outcome).value]
    if blank.any() and not blank.all():
        found.append(auc_estimate(blank.astype(float), outcome).value)
        for extreme in (-np.inf, np.inf):
            found.append(auc_estimate(np.where(blank, extreme, value), outcome).value)
    return max(max(a, 1 - a) for a in found)


def consecutive_auc(examples: Examples, place: np.ndarray, *, folds: int = FOLDS) -> float:
    """Give the AUC of the readable model when the folds are stretches of the file."""
    return _pooled_auc(examples, np.argsort(np.argsort(place)) * folds // len(place))


def forward_auc(examples: Examples, place: np.ndarray, *, folds: int = FOLDS) -> float:
    """Give the same where each stretch but the first is scored by what stands before it alone."""
    return _pooled_auc(examples, np.argsort(np.argsort(place)) * folds // len(place), forward=True)


def mixed_auc(examples: Examples, *, folds: int = FOLDS, seed: int = 0) -> float:
    """Give the AUC of the readable model when the folds are drawn at random."""
    drawn = np.random.default_rng(seed).permutation(len(examples.outcome))
    return _pooled_auc(examples, drawn * folds // len(drawn))


def _pooled_auc(examples: Examples, fold: np.ndarray, *, forward: bool = False) -> float:
    score = np.empty(len(fold))
    for number in np.unique(fold)[int(forward) :]:
        here = fold == number
        learn = fold < number if forward else ~here
        if len(np.unique(examples.outcome[learn])) < 2:
            raise NotSupportedByData(
                "the file is in the order of the outcome, so its stretches cannot be compared",
                "the rows in the order in which they happened",
            )
        model = fit_logistic(
            examples.features[learn], examples.outcome[learn], logged=examples.logged
        )
        score[here] = model.score(examples.features[here])
    tested = fold >= int(forward)
    return auc_estimate(score[tested], examples.outcome[tested]).value


def _model_auc(examples: Examples) -> float:
    """Fit the readable model on the first split and give its AUC on the rows kept from it."""
    split = next(splits(examples))
    model = fit_logistic(
        examples.features.iloc[split.training], examples.outcome[split.training],
        logged=examples.logged,
    )  # fmt: skip
    score = model.score(examples.features.iloc[split.test])
    return auc_estimate(score, examples.outcome[split.test]).value


def _suspicion(alone: float, drop: float, *, honest: bool) -> Suspicion:
    if honest:
        return Suspicion.KNOWS if alone >= NEARLY_CERTAIN else Suspicion.CLEAR
    if alone >= KNOWS:
        return Suspicion.KNOWS
    return Suspicion.CARRIES if alone >= STRONG and drop >= CARRIES else Suspicion.CLEAR


def _rates_elsewhere(column: pd.Series, outcome: np.ndarray) -> np.ndarray:
    """Give each row the rate of its level among the other folds, drawn towards the base rate."""
    text = column.astype(object).where(column.notna(), BLANK).astype(str).to_numpy()
    fold = np.random.default_rng(0).permutation(len(text)) % FOLDS
    base, rate = float(np.mean(outcome)), np.empty(len(text))
    for number in range(FOLDS):
        here = fold == number
        seen = pd.Series(outcome[~here]).groupby(text[~here]).agg(["sum", "size"])
        level = (seen["sum"] + SMOOTHING * base) / (seen["size"] + SMOOTHING)
        rate[here] = pd.Series(text[here]).map(level).fillna(base).to_numpy()
    return rate


def _unseen(examples: Examples, name: str) -> float:
    """Give the share of tested rows with a category that training rows do not have."""
    column = examples.features[name]
    if pd.api.types.is_numeric_dtype(column):
        return float("nan")
    split = next(splits(examples))
    known = set(column.iloc[split.training].dropna())
    tested = column.iloc[split.test].dropna()
    return float((~tested.isin(known)).mean()) if len(tested) else float("nan")


def _most_suspicious_first(table: pd.DataFrame) -> pd.DataFrame:
    rank = {kind: place for place, kind in enumerate(Suspicion)}
    order = table.assign(rank=table["suspicion"].map(rank)).sort_values(
        ["rank", "auc_drop", "auc_alone", "feature"], ascending=[True, False, False, True],
        kind="stable", ignore_index=True,
    )  # fmt: skip
    return order.drop(columns="rank")


def fold_table(everything: Examples, used: Examples, *, place: np.ndarray | None) -> pd.DataFrame:
    """Compare random folds with stretches of the file, with all columns and with those used.

    Raises
    ------
    NotSupportedByData
        If the rows have dates, which split them better, or no place in a file.
    """
    if everything.timed:
        raise NotSupportedByData("the rows have dates and are split by them", "nothing more")
    if place is None:
        raise NotSupportedByData("the place of a row in the file is not known", 'ids as "#row"')
    pairs = [
        ("folds drawn at random", mixed_auc(everything), mixed_auc(used)),
        ("stretches of the file", consecutive_auc(everything, place), consecutive_auc(used, place)),
        ("learnt from earlier stretches", forward_auc(everything, place), forward_auc(used, place)),
    ]
    return pd.DataFrame(pairs, columns=["folds", "auc_all", "auc_used"])
