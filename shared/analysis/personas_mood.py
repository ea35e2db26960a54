"""Mood of personas: what each persona says in the words of its own reviews."""

from datetime import date

import ibis
import pandas as pd

from shared.analysis.intervals import wilson
from shared.analysis.personas import Personas
from shared.analysis.personas_profiles import SMALLEST, effect_sizes
from shared.analysis.small_cells import withheld
from shared.analysis.voice import read_texts
from shared.analysis.voice_study_reading import scored_texts
from shared.loading.errors import NotSupportedByData

MOOD = "mean_sentiment"
TOLD = ("mean", "mean_of_others", "effect", "low", "high")


def customer_mood(reviews: ibis.Table | None, *, snapshot_date: date) -> pd.Series:
    """Score the reviews as the voice report does, by their words, and take each customer's mean.

    Parameters
    ----------
    reviews : ibis.Table or None
        One row per text, with `review_id`, `text` and `customer_id`; None where not supplied.
    snapshot_date : datetime.date
        First day that is left out.

    Returns
    -------
    pd.Series
        `mean_sentiment`, -2 to +2, index `customer_id`; only customers with a text that could be
        read: who wrote nothing is missing, not neutral.

    Raises
    ------
    NotSupportedByData
        If no review names its customer, or under 30 hold a word.
    """
    if reviews is None or not {"customer_id", "text"} <= set(reviews.columns):
        raise NotSupportedByData("no review names its customer", "reviews with customer_id")
    scored = scored_texts(read_texts(reviews, before=snapshot_date), language="", lexicon=None)
    named = scored["customer_id"].fillna("") != ""
    known = scored[named & scored["sentiment"].notna()]
    mood = known.groupby("customer_id")["sentiment"].mean()
    return mood.astype("float64").rename(MOOD)


def mood_of_personas(mood: pd.Series, found: Personas, *, names: dict[int, str]) -> pd.DataFrame:
    """Tell the mood of each persona from the half that did not make it.

    Parameters
    ----------
    mood : pd.Series
        As from `customer_mood`.
    found : Personas
        Who belongs where.
    names : dict of int to str
        What the personas are called.

    Returns
    -------
    pd.DataFrame
        A row per persona: `persona`, `name`, `customers`, `wrote` (of them with a text that could
        be read; under 10 withheld with what would give it away), `coverage` (share who wrote; a
        Wilson interval in `coverage_low`, `coverage_high`), `n` (of those who wrote, the held-out
        half), `mean` and `mean_of_others` (-2 to +2), `effect` (Cohen's d against all others),
        `low`, `high` (95 %); blank where `n` is under 10.

    Raises
    ------
    NotSupportedByData
        If under two personas have 10 customers who wrote in the held-out half.
    """
    placed = found.assignments
    known = mood.reindex(placed.index).dropna()
    own = placed.loc[known.index]
    told = effect_sizes(
        known.to_frame(), known.to_numpy()[:, None], own["persona"], ~own["learnt"].to_numpy(bool)
    )
    told = told.set_index("persona")
    table = pd.DataFrame({"persona": list(names), "name": list(names.values())})
    table["customers"] = table["persona"].map(placed["persona"].value_counts()).astype(int)
    table["wrote"] = table["persona"].map(own["persona"].value_counts()).fillna(0).astype(int)
    table["n"] = table["persona"].map(told["n"]).fillna(0).astype(int)
    enough = table["n"] >= SMALLEST
    if enough.sum() < 2:
        raise NotSupportedByData(
            f"{len(known)} of those placed wrote a review that could be read",
            f"at least {2 * SMALLEST} of two personas",
        )
    for column in TOLD:
        table[column] = table["persona"].map(told[column]).where(enough)
    return _few_withheld(table)


def _few_withheld(table: pd.DataFrame) -> pd.DataFrame:
    shares = [
        wilson(wrote, all_) for wrote, all_ in zip(table["wrote"], table["customers"], strict=True)
    ]
    whole = pd.Series(0, index=table.index)
    hidden = withheld(table["wrote"], [whole]) | withheld(
        table["customers"] - table["wrote"], [whole]
    )
    table["coverage"] = [share.value for share in shares]
    table["coverage_low"] = [share.low for share in shares]
    table["coverage_high"] = [share.high for share in shares]
    counted = ["wrote", "coverage", "coverage_low", "coverage_high"]
    table[counted] = table[counted].astype("float64").mask(hidden)
    table["n"] = table["n"].astype("float64").where(table["n"] >= SMALLEST)
    return table
