"""Mood of personas on planted reviews: what they write, how many wrote, and who wrote nothing."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from planted_personas import base_of, planted

from shared.analysis.personas import find_personas
from shared.analysis.personas_mood import customer_mood, mood_of_personas
from shared.loading.errors import NotSupportedByData

TODAY = date(2024, 7, 1)
GOOD, BAD = "The coffee is excellent, I love it.", "Terrible, the parcel arrived broken."


def reviews(customers, texts):
    return ibis.memtable(
        pd.DataFrame(
            {
                "review_id": [f"r{n}" for n in range(len(customers))],
                "customer_id": customers,
                "text": texts,
                "language": "en",
                "written_at": pd.Timestamp("2024-03-01"),
            }
        )
    )


def test_the_mood_of_a_customer_is_the_mean_of_all_that_could_be_read():
    customers = ["ana", "ana", "ben", None, *[f"c{n}" for n in range(40)]]
    texts = [
        GOOD,
        BAD + " Ana.",
        BAD,
        GOOD + " Anon.",
        *[f"{GOOD} {n} cups." for n in range(39)],
        "12",
    ]

    got = customer_mood(reviews(customers, texts), snapshot_date=TODAY)

    assert got["ben"] < 0 < got["c0"]
    assert got["ana"] == pytest.approx((got["c0"] + got["ben"]) / 2, abs=0.5)
    assert "c39" not in got.index  # a figure is no word: unknown, not neutral
    assert len(got) == 41


def test_without_reviews_of_customers_there_is_no_mood():
    for nothing in (None, reviews(["a"], [GOOD]).drop("customer_id"), reviews(["a"], [GOOD])):
        with pytest.raises(NotSupportedByData):
            customer_mood(nothing, snapshot_date=TODAY)


@pytest.fixture(scope="module")
def kinds():
    values, _ = planted(np.random.default_rng(1), customers=600)
    found = find_personas(base_of(values), k_max=4)
    return found, {n: f"kind {n}" for n in range(1, found.clusters + 1)}


def test_a_planted_mood_is_told_from_the_half_that_made_nothing(kinds):
    found, names = kinds
    rng = np.random.default_rng(2)
    persona = found.assignments["persona"]
    mood = pd.Series(np.where(persona == 1, -1.0, 1.0), persona.index) + rng.normal(size=600) / 2
    wrote = mood[rng.random(600) < 0.5]

    got = mood_of_personas(wrote, found, names=names).set_index("persona")

    assert got.at[1, "mean"] == pytest.approx(-1, abs=0.2)
    assert got.at[1, "high"] < -2
    assert (got.loc[2:, "low"] > 0).all()
    held = wrote.index.isin(found.assignments.index[~found.assignments["learnt"]])
    assert got["n"].sum() == held.sum()
    assert got["wrote"].sum() == len(wrote)
    assert got["coverage"].between(0.4, 0.6).all()


def test_noise_has_no_mood_of_its_own_and_few_writers_are_withheld(kinds):
    found, names = kinds
    persona = found.assignments["persona"]
    mood = pd.Series(np.random.default_rng(3).normal(size=600), persona.index)
    few = pd.concat([mood[persona == 1], mood[persona == 2], mood[persona == 4][:6]])

    got = mood_of_personas(few, found, names=names).set_index("persona")

    assert (got.loc[[1, 2], "low"] < 0.1).all()
    assert (got.loc[[1, 2], "high"] > -0.1).all()
    assert got.loc[[3, 4], ["n", "mean", "effect"]].isna().all(axis=None)
    # Six wrote; beside the total a second blank keeps them from being counted.
    assert got["wrote"].isna().sum() >= 2
    assert np.isnan(got.at[4, "wrote"])
    with pytest.raises(NotSupportedByData, match="could be read"):
        mood_of_personas(mood[persona == 1], found, names=names)
