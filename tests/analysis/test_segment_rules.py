import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from sklearn.metrics import adjusted_rand_score

from shared.analysis.cluster_vote import cluster_vote, standardised
from shared.analysis.portfolio import portfolio
from shared.analysis.segment_rules import (
    Finding,
    discover_segments,
    discovered_against_imposed,
    nearest_centre,
)
from shared.loading.errors import NotSupportedByData

MEASURES = ["recency_days", "frequency", "monetary"]


def base_of(values):
    frame = pd.DataFrame(values, columns=MEASURES)
    ids = [f"c{i:04}" for i in range(len(frame))]
    return frame.assign(customer_id=ids, segment=np.where(frame["monetary"] > 400, "Big", "Small"))


def three_kinds(rng, n=900, spread=0.25):
    """Plant regulars, occasional buyers and big spenders of long ago, far apart on all measures."""
    centres = np.log([[5, 20, 2000], [60, 6, 150], [300, 2, 900]])
    kind = rng.choice(3, n, p=[0.3, 0.4, 0.3])
    values = np.exp(centres[kind] + spread * rng.normal(size=(n, 3)))
    values[:, :2] = np.maximum(1, values[:, :2].round())
    return base_of(values), kind


def one_cloud(rng, n, once=0.0):
    """Draw one cloud of log R, F and M; a share of the customers ordered once, whatever else."""
    covariance = [[1.9, -0.65, -0.65], [-0.65, 0.8, 0.85], [-0.65, 0.85, 1.55]]
    values = np.exp(rng.multivariate_normal([3.9, 0.95, 6.55], covariance, n))
    values[:, 0] = np.ceil(values[:, 0])
    values[:, 1] = np.where(rng.random(n) < once, 1, 2 + (3 * values[:, 1]).round())
    return base_of(values)


@pytest.fixture(scope="module")
def kinds():
    return three_kinds(np.random.default_rng(1))


@pytest.fixture(scope="module")
def found(kinds):
    return discover_segments(kinds[0])


@pytest.fixture(scope="module")
def online_retail(public_client):
    client = public_client("online_retail")
    return portfolio(client.order_lines, snapshot_date=client.snapshot_date).customers


def test_three_planted_kinds_are_found_and_described_by_rules(kinds, found):
    discovered = found.assignments["discovered_segment"]

    assert found.finding is Finding.NATURAL
    assert adjusted_rand_score(kinds[1], discovered) >= 0.95
    assert found.fidelity.value >= 0.95
    assert found.described


def test_segments_are_numbered_by_money(found):
    assert found.profiles["segment"].tolist() == ["D1", "D2", "D3"]
    assert found.profiles["monetary"].is_monotonic_decreasing
    assert found.profiles["monetary"].tolist() == pytest.approx([2000, 900, 150], rel=0.1)


def test_customers_and_revenue_of_the_segments_sum_to_those_of_the_base(kinds, found):
    assert found.profiles["customers"].sum() == len(kinds[0])
    assert found.profiles["customer_share"].sum() == pytest.approx(1)
    assert found.profiles["revenue"].sum() == pytest.approx(kinds[0]["monetary"].sum(), abs=0.01)
    assert found.profiles["revenue_share"].sum() == pytest.approx(1)


def test_every_customer_meets_exactly_one_rule_and_the_condition_says_the_same(kinds, found):
    customers = kinds[0]
    met = [customers.eval(rule.replace("AND", "and")) for rule in found.rules["rule"]]

    assert (np.sum(met, axis=0) == 1).all()
    assert [int(m.sum()) for m in met] == found.rules["customers"].tolist()


def test_the_bounds_of_the_rules_can_be_said(found):
    whole = found.rules.filter(regex="^(recency_days|frequency)_").stack()
    money = found.rules.filter(regex="^monetary_").stack()

    assert (whole % 1 == 0).all()
    assert all(float(f"{bound:.3g}") == bound for bound in money)


def test_neither_the_order_of_the_customers_nor_their_names_matter(kinds, found):
    customers = kinds[0]
    mixed = customers.sample(frac=1, random_state=3)
    renamed = mixed.assign(customer_id=mixed["customer_id"].str[::-1])

    again = discover_segments(renamed)

    assert again.fidelity == found.fidelity
    assert_frame_equal(again.rules, found.rules, check_exact=True)
    assert_frame_equal(again.profiles, found.profiles, check_exact=True)
    back = again.assignments.assign(customer_id=lambda t: t["customer_id"].str[::-1])
    assert_frame_equal(
        back.sort_values("customer_id", ignore_index=True),
        found.assignments.sort_values("customer_id", ignore_index=True),
    )


def test_equal_customers_share_a_segment(found, kinds):
    twice = pd.concat([kinds[0], kinds[0].assign(customer_id=lambda t: "x" + t["customer_id"])])

    labels = discover_segments(twice).assignments["discovered_segment"].to_numpy()

    assert (labels[: len(labels) // 2] == labels[len(labels) // 2 :]).all()


def test_a_little_more_data_gives_the_same_segments(kinds, found):
    more, _ = three_kinds(np.random.default_rng(8), n=9)
    again = discover_segments(pd.concat([kinds[0], more]))

    labels = again.assignments["discovered_segment"][: len(kinds[0])]

    assert adjusted_rand_score(found.assignments["discovered_segment"], labels) >= 0.9


def test_a_cloud_has_bands_and_no_natural_clusters():
    found = discover_segments(one_cloud(np.random.default_rng(2), 1000))

    assert found.finding is Finding.ONE_CLOUD
    assert len(found.profiles) == found.vote.clusters >= 2


def test_customers_who_ordered_once_are_a_band_by_definition_and_no_type():
    base = one_cloud(np.random.default_rng(3), 1500, once=0.5)

    found = discover_segments(base)

    assert found.vote.natural  # the vote alone is fooled by the value that half of them share
    assert found.finding is Finding.BY_DEFINITION
    assert found.profiles["once_share"].max() == 1.0


def test_kinds_stay_natural_beside_customers_who_ordered_once(kinds):
    once = one_cloud(np.random.default_rng(4), 100, once=1.0)
    far = once.assign(recency_days=900 + np.arange(100) % 90, monetary=8.0 + np.arange(100) % 5)

    found = discover_segments(pd.concat([kinds[0], far]))

    assert found.finding is Finding.NATURAL
    assert found.vote.clusters == 4


def test_where_nearly_everybody_ordered_once_the_vote_goes_without_orders():
    rng = np.random.default_rng(5)
    base, _ = three_kinds(rng)
    base["frequency"] = np.where(np.arange(len(base)) < 20, 2, 1)

    assert discover_segments(base, clusters=3).finding is Finding.NATURAL


def test_the_number_of_segments_can_be_imposed(kinds):
    found = discover_segments(kinds[0], clusters=2)

    assert found.profiles["segment"].tolist() == ["D1", "D2"]
    assert found.vote.clusters == 3


def test_under_500_customers_there_are_bands_only():
    few, many = (three_kinds(np.random.default_rng(6), n=n)[0] for n in (499, 500))

    assert discover_segments(few).finding is Finding.TOO_FEW
    assert discover_segments(many).finding is Finding.NATURAL


def test_under_fifty_customers_with_money_nothing_is_discovered():
    base, _ = three_kinds(np.random.default_rng(6), n=60)

    discover_segments(base.assign(monetary=np.where(np.arange(60) < 10, -1.0, base["monetary"])))
    with pytest.raises(NotSupportedByData, match="49 customers with positive money"):
        discover_segments(base.assign(monetary=np.where(np.arange(60) < 11, 0, base["monetary"])))


def test_customers_who_are_all_alike_have_no_segments():
    alike = base_of([[10, 1, 20.0]] * 600)

    with pytest.raises(NotSupportedByData, match="alike in recency, orders and money"):
        discover_segments(alike)


def test_a_measure_that_does_not_vary_is_left_out():
    base = one_cloud(np.random.default_rng(7), 600, once=1.0)

    found = discover_segments(base, clusters=2)

    assert found.left_out == ("frequency",)
    assert found.rules[["frequency_above", "frequency_up_to"]].isna().all(axis=None)
    assert found.profiles["frequency"].tolist() == [1.0, 1.0]


def test_who_has_no_positive_money_joins_the_poorest_and_changes_no_border(kinds, found):
    poor = kinds[0].iloc[:5].assign(customer_id=list("vwxyz"), monetary=[-50.0, 0, 0, 0, 0])
    poor[["recency_days", "frequency"]] = [60, 6]

    again = discover_segments(pd.concat([kinds[0], poor]))

    assert again.without_money == 5
    assert again.assignments["discovered_segment"].tolist()[-5:] == ["D3"] * 5
    before = found.assignments["discovered_segment"].tolist()
    assert again.assignments["discovered_segment"].tolist()[:-5] == before


def test_discovered_and_imposed_segments_cross_to_all_customers(kinds, found):
    cross = discovered_against_imposed(kinds[0], found).set_index("segment")

    assert cross.loc["Big"].sum() == (kinds[0]["monetary"] > 400).sum()
    assert cross.sum().tolist() == found.profiles["customers"].tolist()
    big = kinds[0]["segment"] == "Big"
    want = adjusted_rand_score(big, found.assignments["discovered_segment"])
    assert found.likeness == pytest.approx(want)


def test_the_nearest_centre_is_the_nearest():
    points = np.array([[0.0, 0.0], [3.0, 4.0], [1.0, 0.0]])

    assert nearest_centre(points, np.array([[0.0, 0.0], [3.0, 3.0]])).tolist() == [0, 1, 0]


@pytest.mark.datasets
def test_the_criteria_disagree_on_a_public_retailer(online_retail):
    logs = standardised(np.log(online_retail[MEASURES].to_numpy(dtype=float)))

    vote = cluster_vote(logs)

    # Published for this base: silhouette 2 (.43); Jaccard over .86 up to 4 and .69 at 5. The
    # published gap of 6 takes the range of the data for its box, which a few odd customers set.
    by_number = vote.table.set_index("clusters")
    assert len(online_retail) == vote.sampled == 4338
    assert vote.silhouette == 2
    assert by_number.loc[2, "silhouette"] == pytest.approx(0.43, abs=0.005)
    assert (by_number.loc[2:4, "stability"] > 0.86).all()
    assert by_number.loc[5, "stability"] < 0.75
    assert vote.gap == 1
    assert not vote.natural


@pytest.mark.datasets
def test_a_public_retailer_has_bands_that_rules_do_not_describe(online_retail):
    found = discover_segments(online_retail)
    halves = discover_segments(online_retail, clusters=2)

    # Published: .936 with two segments, .876 with four; here the rounded rules are what is checked.
    assert found.finding is Finding.ONE_CLOUD
    assert len(found.profiles) == 4
    assert halves.fidelity.value == pytest.approx(0.936, abs=0.02)
    assert found.fidelity.value == pytest.approx(0.866, abs=0.02)
    assert (halves.described, found.described) == (True, False)
