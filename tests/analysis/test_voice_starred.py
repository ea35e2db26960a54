import numpy as np
import pandas as pd
import pytest
from draws import DRAWS, FEW

from shared.analysis import voice_starred
from shared.analysis.voice_quality import agreement, methods_compared, starred
from shared.analysis.voice_sentiment import score_texts
from shared.analysis.voice_sentiment_levels import level_of
from shared.analysis.voice_starred import starred_scores
from shared.loading.errors import NotSupportedByData

GOOD, BAD = ["mila", "zuna", "poro", "keti"], ["vark", "trob", "gnus", "drel"]
OTHER = ["alo", "beru", "cino", "dapa", "emi", "fori", "gula", "hena", "isto", "jami"]


def invented(n, *, told=True, seed=0):
    """Write texts in a language of nobody, whose words tell the stars, or do not."""
    rng = np.random.default_rng(seed)
    stars = rng.choice([1, 2, 3, 4, 5], n, p=[0.12, 0.13, 0.15, 0.25, 0.35])
    texts = []
    for star in stars:
        words = list(rng.choice(OTHER, 8))
        praised = rng.random(6) < (star - 1) / 4
        words += list(np.where(praised, rng.choice(GOOD, 6), rng.choice(BAD, 6)))
        texts.append(" ".join(rng.permutation(words)))
    if not told:
        stars = rng.permutation(stars)
    return pd.DataFrame({"review_id": [f"R{i}" for i in range(n)], "text": texts,
                         "language": "zz", "rating": stars.astype(float)})  # fmt: skip


def scores(frame):
    return starred_scores(frame["text"], frame["rating"], np.zeros((len(frame), 0)))


@pytest.fixture(scope="module")
def told():
    return invented(320)


@pytest.fixture(scope="module")
def clothing(datasets):
    path = datasets / "clothing_reviews" / "womens_clothing_reviews_subset.csv"
    raw = pd.read_csv(path)
    given = pd.DataFrame({"review_id": raw.index.astype(str), "text": raw["ReviewText"],
                          "rating": raw["Rating"].astype(float)})  # fmt: skip
    return score_texts(given, language="en").assign(rating=given["rating"])


def test_a_language_of_nobody_is_read_by_its_stars(told):
    scored = score_texts(told, language="").assign(rating=told["rating"])
    rows = agreement(scored).set_index("measure")

    assert (scored["method"] == "learnt from stars").all()
    assert rows.at["kappa", "low"] > 0.4
    table = methods_compared(scored)
    assert table["why"].tolist() == ["the only one: no word list for the language"]


def test_without_enough_stars_a_language_without_word_list_is_not_scored():
    scored = score_texts(invented(150), language="")

    assert scored["sentiment"].isna().all()
    assert (scored["method"] == "").all()
    assert scored["why_not"].str.startswith("no lexicon for the language").all()


@pytest.mark.slow
def test_stars_that_the_words_do_not_tell_teach_nothing():
    drawn = (invented(240, told=False, seed=seed) for seed in range(DRAWS))
    read = [score_texts(frame, language="")["sentiment"].notna().any() for frame in drawn]

    assert sum(read) <= FEW


@pytest.mark.slow
def test_stars_that_the_words_tell_are_learnt():
    drawn = (invented(240, seed=seed) for seed in range(DRAWS))
    read = [score_texts(frame, language="")["sentiment"].notna().all() for frame in drawn]

    assert sum(read) >= DRAWS - FEW


def test_every_starred_text_is_asked_once_of_a_model_that_was_not_taught_it(told, monkeypatch):
    asked, original = [], voice_starred._predict

    def watched(corpus, train, ask):
        assert not set(train) & set(ask)
        asked.extend(ask)
        return original(corpus, train, ask)

    monkeypatch.setattr(voice_starred, "_predict", watched)
    scores(told)

    assert sorted(asked) == list(range(told["text"].nunique()))


def test_the_cut_points_of_a_model_come_from_its_training_texts_alone(told, monkeypatch):
    seen, original = [], voice_starred._fit

    def watched(features, stars):
        seen.append(features.shape[0])
        return original(features, stars)

    monkeypatch.setattr(voice_starred, "_fit", watched)
    scores(told)

    outer = seen[3::4]
    assert len(outer) == 5
    assert max(seen) == max(outer) < len(told)  # no model, inside or out, was taught all texts


def test_copies_of_a_text_are_held_back_together(told):
    lie = told.iloc[[0]].assign(text=" ".join([BAD[0]] * 8), rating=5.0)
    copies = pd.concat([told, *[lie] * 30], ignore_index=True)
    copies["text"] = [f"{text}{'!' * (place % 7)}" for place, text in enumerate(copies["text"])]
    found = scores(copies)

    assert (found[-30:] == found.iloc[-1]).all()
    assert found.iloc[-1] < 0  # a model that had seen one copy would call the others praise


def test_a_text_without_stars_is_scored_by_the_model_of_all(told):
    more = pd.concat([told, told.head(1).assign(text=" ".join(GOOD * 3), rating=np.nan),
                      told.head(1).assign(text="", rating=5.0)], ignore_index=True)  # fmt: skip
    found = scores(more)

    assert found.iloc[-2] > 0.1
    assert np.isnan(found.iloc[-1])
    pd.testing.assert_series_equal(found[:-2], scores(told), check_names=False)


def test_levels_are_spread_as_the_stars_are(told):
    levels = level_of(scores(told)).value_counts(normalize=True)
    stars = told["rating"].value_counts(normalize=True)

    for star in range(1, 6):
        assert levels.get(star - 3, 0) == pytest.approx(stars[star], abs=0.1)


def test_order_and_ids_change_no_score(told):
    mixed = told.sample(frac=1, random_state=5)

    pd.testing.assert_series_equal(scores(mixed).sort_index(), scores(told), check_names=False)


def test_fewer_than_two_hundred_starred_texts_or_no_blame_are_refused():
    with pytest.raises(NotSupportedByData, match="199 different texts"):
        scores(invented(199))
    praised = invented(260)
    praised["rating"] = praised["rating"].clip(lower=4)
    with pytest.raises(NotSupportedByData, match="0 with one or two"):
        scores(praised)


def test_clothing_reviews_agree_better_than_textblob_does(clothing):
    rows = agreement(clothing).set_index("measure")

    assert rows.at["kappa", "n"] == 1499
    assert rows.at["kappa", "low"] > 0.310  # upper bound of TextBlob's .271
    assert rows.at["kappa", "value"] == pytest.approx(0.735, abs=0.02)
    assert rows.at["always_positive", "value"] == pytest.approx(0.872, abs=0.001)


def test_more_low_star_clothing_reviews_are_found_than_textblob_finds(clothing):
    rows = agreement(clothing).set_index("measure")

    assert rows.at["complaint_recall", "n"] == 166
    assert rows.at["complaint_recall", "low"] > 0.235
    assert rows.at["balanced_accuracy", "low"] > 0.5


def test_word_lists_alone_beat_textblob_on_clothing_reviews(clothing):
    lists = agreement(clothing, level="lexicon_sentiment").set_index("measure")

    assert lists.at["kappa", "low"] > 0.310
    assert lists.at["complaint_recall", "low"] > 0.235


def test_half_of_the_clothing_reviews_that_no_rule_was_written_by_agree_as_well(clothing):
    odd = clothing[clothing["review_id"].astype(int) % 2 == 1]
    lists = agreement(odd, level="lexicon_sentiment").set_index("measure")

    assert lists.at["kappa", "value"] > 0.6


def test_the_better_method_is_used_on_clothing_reviews_and_both_are_shown(clothing):
    table = methods_compared(clothing).set_index("method")

    assert table["used"].to_dict() == {"word lists": False, "learnt from stars": True}
    assert table.at["learnt from stars", "kappa"] > table.at["word lists", "kappa"]
    assert len(starred(clothing)) == 1499
