import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import balanced_accuracy_score, cohen_kappa_score

from shared.analysis.voice_quality import (
    agreement,
    kappa_difference,
    methods_compared,
    sample_to_label,
    weighted_kappa,
)
from shared.loading.errors import NotSupportedByData

RNG = np.random.default_rng(1)
STARS = RNG.integers(1, 6, 400)
MOOD = (STARS - 3 + RNG.integers(-1, 2, 400)).clip(-2, 2)


def scored(stars=STARS, mood=MOOD, language="en"):
    levels = pd.array(mood, dtype="Int8")
    return pd.DataFrame({
        "review_id": [f"R{i:04}" for i in range(len(stars))], "language": language,
        "rating": np.asarray(stars, dtype=float), "sentiment": levels, "method": "word lists",
        "lexicon_sentiment": levels, "starred_sentiment": pd.array([pd.NA] * len(stars), "Int8"),
    })  # fmt: skip


def measured(frame):
    return agreement(frame).query("language == ''").set_index("measure")


def test_kappa_is_that_of_scikit_learn_and_lies_in_its_interval():
    kappa = weighted_kappa(STARS - 3, MOOD)

    assert kappa.value == pytest.approx(
        cohen_kappa_score(STARS - 3, MOOD, weights="quadratic"), abs=1e-12
    )
    assert kappa.low < kappa.value < kappa.high
    assert kappa.n == 400


def test_kappa_by_hand_of_a_two_by_two_table():
    one = np.repeat([-2, -2, 2, 2], [20, 5, 10, 15])
    other = np.repeat([-2, 2, -2, 2], [20, 5, 10, 15])

    assert weighted_kappa(one, other).value == pytest.approx(0.4)  # Cohen (1960): .7 against .5


def test_kappa_of_one_level_only_is_blank_and_of_perfect_agreement_one():
    assert np.isnan(weighted_kappa(np.full(50, 2), np.full(50, 2)).value)
    assert weighted_kappa(STARS - 3, STARS - 3).value == 1


def test_each_measure_counts_what_it_says():
    stars = np.repeat([1, 2, 3, 4, 5], 10)
    mood = np.repeat([-2, 1, 0, 1, 0], 10)
    rows = measured(scored(stars, mood))

    assert rows.at["sign_accuracy", "value"] == pytest.approx(20 / 40)  # a mood of 0 is wrong
    assert rows.at["always_positive", "value"] == pytest.approx(20 / 40)
    assert rows.at["complaint_recall", "value"] == pytest.approx(10 / 20)
    assert rows.at["complaint_precision", "value"] == 1
    assert rows["n"].to_dict() == {"sign_accuracy": 40, "always_positive": 40, "kappa": 50,
                                   "complaint_recall": 20, "complaint_precision": 10,
                                   "balanced_accuracy": 40}  # fmt: skip


def test_who_calls_all_positive_finds_no_complaint_and_gets_half_of_the_balanced_accuracy():
    stars = np.repeat([1, 5], [13, 87])
    rows = measured(scored(stars, np.full(100, 2)))

    assert rows.at["sign_accuracy", "value"] == rows.at["always_positive", "value"] == 0.87
    assert rows.at["complaint_recall", "value"] == 0
    assert rows.at["balanced_accuracy", "value"] == 0.5
    assert rows.at["kappa", "value"] == 0
    assert np.isnan(rows.at["complaint_precision", "value"])


def test_balanced_accuracy_is_that_of_scikit_learn_where_no_mood_is_neutral():
    mood = np.where(MOOD == 0, 1, MOOD)
    clear = STARS != 3
    wanted = balanced_accuracy_score(STARS[clear] > 3, mood[clear] > 0)

    assert measured(scored(mood=mood)).at["balanced_accuracy", "value"] == pytest.approx(wanted)


def test_shuffled_moods_agree_no_better_than_chance():
    kappas = [weighted_kappa(STARS - 3, np.random.default_rng(seed).permutation(MOOD))
              for seed in range(20)]  # fmt: skip

    assert sum(kappa.low > 0 for kappa in kappas) <= 2


def test_fewer_than_thirty_stars_carry_no_measure_and_thirty_do():
    with pytest.raises(NotSupportedByData, match="29 scored texts have stars"):
        agreement(scored().head(29))
    assert len(agreement(scored().head(30))) == 6
    with pytest.raises(NotSupportedByData, match="0 scored texts"):
        agreement(scored().drop(columns="rating"))


def test_languages_stand_beside_all_where_there_are_several():
    frame = pd.concat([scored(language="en"), scored(language="tr").head(40),
                       scored(language="de").head(20)])  # fmt: skip

    assert agreement(frame)["language"].unique().tolist() == ["", "en", "tr"]


def test_a_difference_of_kappas_is_paired():
    better = np.where(RNG.random(400) < 0.8, STARS - 3, MOOD)
    value, low, high = kappa_difference(STARS - 3, better, MOOD)

    assert low > 0
    assert value == pytest.approx(
        weighted_kappa(STARS - 3, better).value - weighted_kappa(STARS - 3, MOOD).value
    )
    assert kappa_difference(STARS - 3, MOOD, MOOD) == (0, 0, 0)
    assert high > value


def test_order_of_the_texts_changes_no_measure():
    frame = scored()

    pd.testing.assert_frame_equal(agreement(frame), agreement(frame.sample(frac=1, random_state=3)))


def test_methods_compared_names_the_one_used():
    table = methods_compared(scored())

    assert table["method"].tolist() == ["word lists"]
    assert table["used"].tolist() == [True]
    assert table["why"].tolist() == ["the only one: too few stars to learn from"]


def test_the_sample_to_label_is_even_over_levels_and_the_same_at_every_run():
    frame = scored(mood=np.repeat([-2, 0, 2], [5, 195, 200]))
    sample = sample_to_label(frame, texts=45)
    drawn = frame.set_index("review_id")["sentiment"][sample["review_id"]].value_counts()

    assert drawn.to_dict() == {-2: 5, 0: 20, 2: 20}
    assert sample["level_by_reader"].eq("").all()
    shuffled = frame.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(sample, sample_to_label(shuffled, texts=45))
    assert len(sample_to_label(frame)) == 200
