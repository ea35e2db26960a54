from dataclasses import replace

import ibis
import numpy as np
import pandas as pd
import pytest
from draws import DRAWS
from planted_purchases import responses_of, simulated_logit

from shared.analysis.propensity_examples import splits
from shared.analysis.propensity_leakage import (
    Suspicion,
    audit_columns,
    column_auc,
    consecutive_auc,
    fold_table,
    forward_auc,
    mixed_auc,
)
from shared.analysis.propensity_responses import read_date, read_responses
from shared.loading.errors import NotSupportedByData


@pytest.fixture(scope="module")
def examples():
    return simulated_logit(2, rows=12_000)[0]


def with_column(examples, **columns):
    features = examples.features.assign(**columns)
    return type(examples)(**{**vars(examples), "features": features})


def test_honest_columns_are_not_suspected(examples):
    kept, audit = audit_columns(examples)

    assert len(audit.suspects) == 0
    assert list(kept.features) == list(examples.features)
    assert audit.auc_all == audit.auc_used


def test_a_column_equal_to_the_outcome_knows_the_answer_and_is_left_out(examples):
    kept, audit = audit_columns(with_column(examples, paid=examples.outcome.astype(float)))

    first = audit.table.iloc[0]
    assert (first["feature"], first["suspicion"], first["action"]) == (
        "paid", Suspicion.KNOWS, "left out",
    )  # fmt: skip
    assert "paid" not in kept.features
    assert audit.auc_all > 0.99 > 0.9 > audit.auc_used


def test_a_planted_leak_is_named_in_every_draw():
    for seed in range(DRAWS):
        examples, _p = simulated_logit(seed, rows=6000)
        noise = np.random.default_rng(seed).normal(0, 0.5, len(examples.outcome))
        kept, audit = audit_columns(with_column(examples, leak=examples.outcome + noise))

        assert audit.table["feature"].iloc[0] == "leak", seed
        assert "leak" not in kept.features


def test_a_leak_that_is_stamped_after_is_left_out_in_every_draw_however_weak():
    for seed in range(DRAWS):
        examples, _p = simulated_logit(seed, rows=3000)
        rng = np.random.default_rng(seed)
        table = responses_of(examples, dated=True).to_pandas()
        table["leak"] = table["outcome"] + rng.normal(0, 3, len(table))
        late = table["observed_at"] + pd.Timedelta(hours=2)
        table["leak_at"] = late.where(rng.random(len(table)) < 0.3, table["observed_at"])
        got = read_responses(ibis.memtable(table))
        _kept, audit = audit_columns(got.examples, stamped_after=got.stamped_after)

        assert set(got.stamped_after) == {"leak", "leak_at"}
        assert 0.2 < got.stamped_after["leak"] < 0.4
        assert {"leak", "leak_at"} <= set(audit.dropped)
        assert "leak" not in got.examples.features


def test_a_suspect_is_used_where_the_client_vouches_for_it(examples):
    leaking = with_column(examples, paid=examples.outcome.astype(float))
    kept, audit = audit_columns(leaking, trust=("paid",))

    assert "paid" in kept.features
    assert audit.trusted == ("paid",)
    assert audit.table["action"].iloc[0] == "used"


def test_features_made_from_events_before_the_moment_may_be_strong(examples):
    noise = np.random.default_rng(0).normal(0, 0.5, len(examples.outcome))
    strong = with_column(examples, visits=examples.outcome + noise)
    kept, audit = audit_columns(strong, by_construction=True)

    assert audit.table["auc_alone"].iloc[0] > 0.9
    assert len(audit.suspects) == 0
    certain = with_column(examples, paid=examples.outcome.astype(float))
    kept, audit = audit_columns(certain, by_construction=True)
    assert audit.suspects["feature"].tolist() == ["paid"]
    assert "paid" in kept.features


def test_a_column_whose_blanks_know_the_answer_is_found(examples):
    filled = np.where(examples.outcome == 1, 5.0, np.nan)
    _kept, audit = audit_columns(with_column(examples, refund=filled))

    assert audit.table["feature"].iloc[0] == "refund"
    assert audit.table["auc_alone"].iloc[0] == 1


def test_a_category_is_judged_by_other_rows_than_its_own(examples):
    names = np.char.mod("n%05d", np.arange(len(examples.outcome))).astype(object)

    assert column_auc(with_column(examples, name=names), "name") < 0.55


def test_values_seen_only_at_the_test_are_counted(examples):
    words = np.where(np.arange(len(examples.outcome)) >= len(examples.outcome) // 2, "new", "old")
    _kept, audit = audit_columns(with_column(examples, word=words.astype(object)))

    assert audit.table.set_index("feature").at["word", "unseen"] == 1


def test_stamps_before_the_outcome_become_days_before_it():
    examples, _p = simulated_logit(3, rows=3000)
    table = responses_of(examples, dated=True).to_pandas()
    table["joined_on"] = table["observed_at"] - pd.Timedelta(days=10)
    table["joined_on"] -= pd.to_timedelta(np.arange(len(table)) % 5, unit="D")
    got = read_responses(ibis.memtable(table)).examples

    assert got.features["joined_on"].between(9.99, 14.01).all()


@pytest.mark.parametrize(
    ("texts", "first"),
    [
        (["2014-03-31", "2013-01-02"], "2014-03-31"),
        (["31-03-2014", "02-01-2013"], "2014-03-31"),
        (["03/31/2014", "01/02/2013"], "2014-03-31"),
        (["2024-05-01 10:30", "2024-05-02 23:59"], "2024-05-01 10:30"),
    ],
)
def test_dates_are_read_where_one_way_fits_all(texts, first):
    assert read_date(pd.Series(texts)).iloc[0] == pd.Timestamp(first)


@pytest.mark.parametrize("texts", [["01-02-2014", "03-04-2013"], ["soon", "later"], ["12", "13"]])
def test_dates_of_two_readings_and_other_texts_are_none(texts):
    assert read_date(pd.Series(texts)) is None


def test_rows_with_a_date_are_split_by_it_and_others_by_a_hash_of_the_id():
    examples, _p = simulated_logit(4, rows=3000)
    dated = read_responses(responses_of(examples, dated=True)).examples
    plain = read_responses(responses_of(examples)).examples

    (by_time,) = list(splits(dated))
    assert by_time.training.max() < by_time.calibration.min()
    assert by_time.calibration.max() < by_time.test.min()
    assert len(by_time.test) == pytest.approx(600, abs=2)
    tested = np.concatenate([split.test for split in splits(plain)])
    assert sorted(tested) == list(range(3000))


def test_nobody_is_in_two_parts_of_a_split():
    rng = np.random.default_rng(5)
    examples, _p = simulated_logit(5, rows=2000)
    people = np.char.mod("p%03d", rng.integers(0, 300, 2000)).astype(object)
    repeated = type(examples)(**{**vars(examples), "person": people})

    for split in splits(repeated):
        parts = [set(people[rows]) for rows in (split.training, split.calibration, split.test)]
        assert not (parts[0] & parts[1])
        assert not (parts[0] & parts[2])
        assert not (parts[1] & parts[2])


def test_repeated_rows_of_different_people_stay_and_are_counted():
    examples, _p = simulated_logit(6, rows=1000)
    frame = responses_of(examples).to_pandas()
    twice = pd.concat([frame, frame.assign(customer_id=frame["customer_id"] + "b")])
    got = read_responses(ibis.memtable(twice))

    assert len(got.examples.outcome) == 2000
    assert got.repeated == 1000


def test_rows_of_a_file_keep_their_place_and_other_ids_have_none():
    examples, _p = simulated_logit(7, rows=1200)
    frame = responses_of(examples).to_pandas().sample(frac=1, random_state=0)
    frame["customer_id"] = [f"responses#{i + 1}" for i in frame.index]
    got = read_responses(ibis.memtable(frame))

    assert got.place.tolist() == list(range(1, 1201))
    assert read_responses(responses_of(examples)).place is None


def test_the_order_of_the_rows_changes_nothing_that_is_read():
    examples, _p = simulated_logit(8, rows=1000)
    frame = responses_of(examples).to_pandas()
    a = read_responses(ibis.memtable(frame)).examples
    b = read_responses(ibis.memtable(frame.sample(frac=1, random_state=1))).examples

    pd.testing.assert_frame_equal(a.features, b.features)
    assert (a.person == b.person).all()


def test_names_and_constant_columns_are_no_features():
    examples, _p = simulated_logit(9, rows=1000)
    names = [f"name {i}" for i in range(1000)]
    got = read_responses(responses_of(examples, full_name=names, same=3.0, empty=None))

    assert set(got.left_out) == {"full_name", "same", "empty"}


@pytest.fixture(scope="module")
def shoppers(datasets):
    frame = pd.read_csv(datasets / "online_shoppers" / "online_shoppers_intention.csv")
    frame["outcome"] = frame.pop("Revenue").astype(int)
    frame["customer_id"] = [f"responses#{i + 1}" for i in range(len(frame))]
    return read_responses(ibis.memtable(frame))


@pytest.mark.datasets
def test_page_values_is_named_and_left_out(shoppers):
    kept, audit = audit_columns(shoppers.examples)

    assert audit.suspects["feature"].tolist() == ["PageValues"]
    assert audit.table["auc_alone"].iloc[0] == pytest.approx(0.863, abs=0.001)
    assert "PageValues" not in kept.features
    mixed = mixed_auc(shoppers.examples), mixed_auc(kept)
    assert mixed == pytest.approx((0.89, 0.74), abs=0.01)


@pytest.mark.datasets
def test_stretches_of_the_file_give_a_lower_auc_than_random_folds(shoppers):
    kept = shoppers.examples.without(["PageValues"])

    for examples in (shoppers.examples, kept):
        assert consecutive_auc(examples, shoppers.place) < mixed_auc(examples) - 0.003
    assert shoppers.repeated == 125


@pytest.mark.datasets
def test_no_column_of_ifood_is_suspected_and_its_auc_is_that_published(datasets):
    frame = pd.read_csv(datasets / "ifood" / "marketing_campaign.csv", sep="\t", dtype={"ID": str})
    frame = frame.rename(columns={"ID": "customer_id", "Response": "outcome"})
    got = read_responses(ibis.memtable(frame))
    _kept, audit = audit_columns(got.examples)

    assert len(audit.suspects) == 0
    assert {"Z_CostContact", "Z_Revenue"} <= set(got.left_out)
    assert got.examples.recency == "Recency"
    assert got.examples.features["Dt_Customer"].max() > 600
    bare = got.examples.without(["Dt_Customer"])
    assert mixed_auc(bare) == pytest.approx(0.868, abs=0.012)


def test_stretches_learn_forward_and_a_drift_of_the_file_shows():
    examples, _p = simulated_logit(5, rows=6000)
    place = np.arange(6000)
    turned = np.where(place < 3000, 1, -1) * examples.features["x1"]  # the file turns half way
    drifting = with_column(examples, x1=turned)

    assert forward_auc(examples, place) == pytest.approx(consecutive_auc(examples, place), abs=0.03)
    assert forward_auc(drifting, place) < mixed_auc(drifting)


def test_a_file_in_the_order_of_the_outcome_has_no_stretches_to_compare(examples):
    place = np.argsort(np.argsort(examples.outcome, kind="stable"))

    with pytest.raises(NotSupportedByData, match="order of the outcome"):
        fold_table(replace(examples, timed=False), replace(examples, timed=False), place=place)
