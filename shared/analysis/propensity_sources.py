"""Sources and drivers: which data does the score use, and what moves it?"""

import numpy as np
import pandas as pd
from scipy.stats import norm

from shared.analysis.multiple_testing import false_discovery_q, reading
from shared.analysis.propensity_auc import auc_estimate, auc_gain
from shared.analysis.propensity_evaluation import Tested
from shared.analysis.propensity_examples import Examples, splits
from shared.analysis.propensity_models import LOGISTIC, Fitted, fit_logistic

HALF_WIDTHS = 1.959963984540054
REASONS = 3
UNCLEAR = "depends on the others"
WEAK = 0.05  # of a logit: what moves a score less is no reason


def source_table(examples: Examples, tested: Tested) -> pd.DataFrame:
    """Measure what each source of data adds to the readable model, on rows it never saw.

    Returns
    -------
    pd.DataFrame
        `source`, `columns` (number of features), `covered` (share of rows with anything known or
        above 0), `auc_alone`, `auc_without`, `adds` (AUC with it less AUC without it) with `low`
        and `high` (DeLong, 95 %), `q` (Benjamini-Hochberg) and `finding`. What two sources both
        know counts for neither. With one source there is nothing to leave out: `adds` is blank.
    """
    full = tested.raw[LOGISTIC]  # before calibration, as those it is compared with
    names = list(dict.fromkeys(examples.source[str(n)] for n in examples.features.columns))
    rows = []
    for source in names:
        own = [str(n) for n in examples.features.columns if examples.source[str(n)] == source]
        rest = [str(n) for n in examples.features.columns if str(n) not in own]
        alone = auc_estimate(_scores(examples, tested, own), tested.outcome)
        row = {"source": source, "columns": len(own), "covered": _covered(examples, own, tested),
               "auc_alone": alone.value}  # fmt: skip
        if rest:
            without = _scores(examples, tested, rest)
            gain = auc_gain(full, without, tested.outcome, person=tested.who)
            row |= {"auc_without": auc_estimate(without, tested.outcome).value}
            row |= {"adds": gain.value, "low": gain.low, "high": gain.high}
            row |= {"p": _p_value(gain.value, gain.high)}
        rows.append(row)
    table = pd.DataFrame(rows).reindex(
        columns=["source", "columns", "covered", "auc_alone", "auc_without", "adds", "low", "high",
                 "p"]
    )  # fmt: skip
    q = false_discovery_q(table["p"].to_numpy(float))
    table = table.assign(q=q, finding=[str(reading(value)) for value in q])
    return table.sort_values("adds", ascending=False, kind="stable", ignore_index=True)


def driver_table(examples: Examples, models: dict[str, Fitted], tested: Tested) -> pd.DataFrame:
    """List what moves the readable score, strongest first: associations, not effects.

    Returns
    -------
    pd.DataFrame
        `feature`, `source`, `strength` (standard deviation of its part of the logit),
        `direction` ("more with more", "less with more", "by category", or "depends on the others"
        where the weight and the column alone point in different ways), `odds_ratio` (per
        standard deviation of a number, after the logarithm where one is taken; blank for a
        category), `agreeing` (splits in which the direction was the same) and `splits`.
    """
    model = models[LOGISTIC]
    rows = examples.features.iloc[tested.rows]
    parts = model.contributions(rows)
    weights = dict(zip(model.encoder.owners, model.weights, strict=True))
    table = []
    for name in model.features:
        is_number = name in model.encoder.middle
        weight = _number_weight(model, name)
        agreeing = [np.sign(_number_weight(m[LOGISTIC], name)) == np.sign(weight)
                    for m in tested.models]  # fmt: skip
        way = _way(weight, rows[name], tested.outcome) if is_number else "by category"
        table.append(
            {"feature": name, "source": examples.source.get(name, ""),
             "strength": float(parts[name].std(ddof=0)) if name in weights else 0.0,
             "direction": way,
             "odds_ratio": float(np.exp(weight)) if is_number else np.nan,
             "agreeing": int(np.sum(agreeing)) if is_number else len(tested.models),
             "splits": len(tested.models)}
        )  # fmt: skip
    return pd.DataFrame(table).sort_values(
        ["strength", "feature"], ascending=[False, True], kind="stable", ignore_index=True
    )


def unclear_drivers(drivers: pd.DataFrame) -> frozenset[str]:
    """Name the features whose weight and own effect point in different ways: no reasons."""
    return frozenset(drivers.loc[drivers["direction"] == UNCLEAR, "feature"])


def reasons_of(
    model: Fitted, frame: pd.DataFrame, names: dict[str, str],
    unclear: frozenset[str] = frozenset(),
) -> np.ndarray:  # fmt: skip
    """Write for each row up to three features that move its score most, with their values.

    Parameters
    ----------
    model : Fitted
        The readable model.
    frame : pd.DataFrame
        Rows to explain.
    names : dict of str to str
        What people call a feature; its own name where it is missing.
    unclear : frozenset of str
        Features that are no reasons, as from `unclear_drivers`.

    Returns
    -------
    array of str
        Such as "+ visits in 7 days: 4; - days since the last order: 210"; + raises the score
        against an average row, - lowers it. Empty where nothing moves it.
    """
    parts = model.contributions(frame).drop(columns=list(unclear), errors="ignore")
    values = parts.to_numpy()
    if not values.size:
        return np.full(len(frame), "", dtype=object)
    most = np.argsort(-np.abs(values), axis=1, kind="stable")[:, :REASONS]
    strings = {j: _written(frame[name], names.get(name, name))
               for j, name in enumerate(parts.columns) if (most == j).any()}  # fmt: skip
    said = []
    for row, columns in enumerate(most):
        told = [("+ " if values[row, j] > 0 else "- ") + strings[j][row]
                for j in columns if abs(values[row, j]) >= WEAK]  # fmt: skip
        said.append("; ".join(told))
    return np.array(said, dtype=object)


def _written(column: pd.Series, name: str) -> list[str]:
    if pd.api.types.is_numeric_dtype(column):
        return [f"{name}: " + ("not known" if pd.isna(v) else f"{v:,.0f}" if abs(v) >= 10
                else f"{v:.2g}") for v in column]  # fmt: skip
    return [f"{name}: {'not known' if pd.isna(v) else v}" for v in column]


def _number_weight(model: Fitted, name: str) -> float:
    place = list(model.encoder.middle).index(name) if name in model.encoder.middle else -1
    return float(model.weights[place]) if place >= 0 else 0.0


def _way(weight: float, column: pd.Series, outcome: np.ndarray) -> str:
    """Say which way a number points, if it does so in company and alone."""
    known = column.notna().to_numpy()
    alone = auc_estimate(column[known].to_numpy(float), outcome[known]).value - 0.5
    if not alone * weight > 0:
        return UNCLEAR
    return "more with more" if weight > 0 else "less with more"


def _scores(examples: Examples, tested: Tested, names: list[str]) -> np.ndarray:
    """Score the tested rows by the readable model on some features, split by split."""
    score = np.empty(len(examples.outcome))
    for split in splits(examples):
        model = fit_logistic(
            examples.features.iloc[split.training][names], examples.outcome[split.training],
            logged=examples.logged,
        )  # fmt: skip
        score[split.test] = model.score(examples.features.iloc[split.test][names])
    return score[tested.rows]


def _covered(examples: Examples, names: list[str], tested: Tested) -> float:
    rows = examples.features.iloc[tested.rows][names]
    if "never_seen_online" in rows:
        return float((rows["never_seen_online"] == 0).mean())
    return float((rows.notna() & (rows != 0)).any(axis=1).mean())


def _p_value(value: float, high: float) -> float:
    spread = (high - value) / HALF_WIDTHS
    return float(2 * norm.sf(abs(value) / spread)) if spread > 0 else float("nan")
