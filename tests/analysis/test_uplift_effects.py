import ibis
import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, ttest_ind

from shared.analysis.multiple_testing import share_difference
from shared.analysis.uplift_campaign import read_campaign
from shared.analysis.uplift_deciles import trend, uplift_deciles
from shared.analysis.uplift_effects import (
    SMALL,
    average_effects,
    detectable_uplift,
    mean_effect,
    segment_effects,
    share_effect,
)
from shared.analysis.uplift_quadrants import (
    DOGS,
    LOST,
    PERSUADABLE,
    SURE,
    TYPES,
    predicted_types,
    quadrant_table,
    sampled_bounds,
    type_bounds,
)
from shared.analysis.uplift_ranking import Contrast
from shared.analysis.uplift_targets import drivers, harm_of, sure_things
from shared.loading.errors import NotSupportedByData


@pytest.fixture(scope="module")
def hillstrom(datasets):
    """Read the men's e-mail of the challenge as the suite does: rows are people."""
    raw = pd.read_csv(datasets / "hillstrom_men" / "hillstrom_men.csv.gz")
    frame = raw.rename(columns={"segment": "arm", "visit": "outcome", "spend": "outcome_value"})
    frame.insert(0, "customer_id", np.arange(1, len(frame) + 1).astype(str))
    return frame


@pytest.fixture(scope="module")
def effects(hillstrom):
    campaign = read_campaign(
        ibis.memtable(hillstrom), snapshot_date=pd.Timestamp("2008-03-20").date(),
        control_arm="No E-Mail", further=["conversion"],
    )  # fmt: skip
    assert (campaign.size("Mens E-Mail"), campaign.size("No E-Mail")) == (21_307, 21_306)
    return average_effects(campaign).set_index("outcome")


@pytest.mark.datasets
def test_published_visits_conversions_and_spend_of_the_mens_email(effects):
    visit, conversion, spend = (effects.loc[x] for x in ("responded", "conversion", "value"))

    assert round(visit["uplift"], 5) == 0.07659
    assert (round(visit["low"], 4), round(visit["high"], 4)) == (0.0700, 0.0832)
    assert (round(visit["treated_rate"], 6), round(visit["control_rate"], 6)) == (
        0.182757,
        0.106167,
    )
    assert (round(conversion["treated_rate"], 6), round(conversion["control_rate"], 6)) == (
        0.012531, 0.005726,
    )  # fmt: skip
    assert (round(spend["treated_rate"], 6), round(spend["control_rate"], 6)) == (
        1.422617,
        0.652789,
    )
    assert (effects["finding"] == "differs").all()


@pytest.mark.datasets
def test_repeated_rows_of_the_challenge_are_different_people_and_stay(hillstrom):
    assert int(hillstrom.drop(columns="customer_id").duplicated().sum()) == 4349
    campaign = read_campaign(
        ibis.memtable(hillstrom), snapshot_date=pd.Timestamp("2008-03-20").date(),
        control_arm="No E-Mail",
    )  # fmt: skip
    assert campaign.n == 42_613


def test_the_difference_of_shares_is_newcombes_and_its_test_the_pooled_one():
    effect, p = share_effect(56, 70, 48, 80)

    wanted = share_difference(56, 70, 48, 80)
    assert (effect.low, effect.high) == (wanted.low, wanted.high)
    # Newcombe (1998), table II, case a, method 10: .0524 to .3339.
    assert (round(effect.low, 4), round(effect.high, 4)) == (0.0524, 0.3339)
    pooled = 104 / 150
    z = 0.2 / np.sqrt(pooled * (1 - pooled) * (1 / 70 + 1 / 80))
    assert p == pytest.approx(2 * norm.sf(z))
    assert share_effect(0, 50, 0, 50)[1] == 1.0


def test_money_is_compared_as_by_welch():
    rng = np.random.default_rng(0)
    one, other = rng.gamma(1, 9, 300), rng.gamma(1, 5, 120)
    effect, p = mean_effect(one, other)
    library = ttest_ind(one, other, equal_var=False)

    assert p == pytest.approx(library.pvalue)
    wanted = library.confidence_interval()
    assert (effect.low, effect.high) == pytest.approx((wanted.low, wanted.high))
    assert np.isnan(mean_effect(one, other[:1])[0].value)


def test_the_detectable_uplift_is_found_in_eight_of_ten_campaigns():
    rng = np.random.default_rng(1)
    n, rate = 4000, 0.1
    gap = detectable_uplift(rate, n, n)
    treated = rng.binomial(n, rate + gap, 2000) / n
    control = rng.binomial(n, rate, 2000) / n
    pooled = (treated + control) / 2
    z = (treated - control) / np.sqrt(pooled * (1 - pooled) * 2 / n)

    assert (np.abs(z) > norm.ppf(0.995)).mean() == pytest.approx(0.8, abs=0.06)
    assert detectable_uplift(rate, 4 * n, 4 * n) == pytest.approx(gap / 2)


def segments_of(seed, gaps, *, n=1500):
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(len(gaps)), n)
    treated = rng.integers(0, 2, len(group))
    outcome = rng.random(len(group)) < 0.1 + treated * np.asarray(gaps)[group]
    return np.char.add("s", group.astype(str)), treated, outcome.astype(int)


def test_the_segment_that_gains_most_is_found_and_the_others_are_not_called_best():
    table, p = segment_effects(*segments_of(0, [0.15, 0.03, 0.03, 0.03, 0.03]))

    assert p < 0.001
    assert table["segment"].iloc[0] == "s0"
    assert table["against_rest"].iloc[0] == "differs"
    # Beside such a segment another may differ too: it gains less than the rest.
    above = table["uplift"] > table["uplift"].mean()
    assert table.loc[above & (table["against_rest"] == "differs"), "segment"].tolist() == ["s0"]
    assert table["uplift"].is_monotonic_decreasing


def test_of_equal_segments_none_is_found_to_be_better():
    found = 0
    for seed in range(40):
        table, p = segment_effects(*segments_of(seed, [0.05] * 8, n=400))
        found += int((table["against_rest"] == "differs").any()) + int(p < 0.01)

    assert found <= 3


def test_small_segments_are_pooled_and_order_and_names_change_nothing():
    group, treated, outcome = segments_of(2, [0.05, 0.02])
    group = group.astype(object)
    group[:6], group[6:14] = "tiny", "small"
    table, _p = segment_effects(group, treated, outcome)
    assert set(table["segment"]) == {"s0", "s1"}
    group[:60] = np.repeat([f"few{i}" for i in range(10)], 6)
    assert SMALL in set(segment_effects(group, treated, outcome)[0]["segment"])

    order = np.random.default_rng(0).permutation(len(group))
    group, treated, outcome = segments_of(2, [0.05, 0.02])
    one = segment_effects(group, treated, outcome)
    other = segment_effects(group[order], treated[order], outcome[order])
    pd.testing.assert_frame_equal(one[0], other[0])
    assert one[1] == pytest.approx(other[1])


def test_deciles_count_everybody_and_the_tenth_stands_first():
    rng = np.random.default_rng(3)
    score = rng.normal(size=4000)
    treated = rng.integers(0, 2, 4000)
    outcome = (rng.random(4000) < 0.2 + 0.15 * treated * (score > 0.5)).astype(int)
    found = uplift_deciles(score, treated, outcome)

    assert found.table["decile"].tolist() == list(range(10, 0, -1))
    assert found.table[["treated", "control"]].to_numpy().sum() == 4000
    assert found.table["predicted"].is_monotonic_decreasing
    assert found.slope > 0
    assert found.trend_p < 0.001
    top = score >= np.quantile(score, 0.9)
    assert found.table["treated_rate"].iloc[0] == outcome[top & (treated == 1)].mean()


def test_equal_scores_fall_into_one_decile():
    score = np.repeat([3.0, 2.0, 1.0], [500, 1000, 500])
    rng = np.random.default_rng(4)
    found = uplift_deciles(score, rng.integers(0, 2, 2000), rng.integers(0, 2, 2000))

    assert found.table[["treated", "control"]].sum(axis=1).tolist() == [500, 1000, 500]


def test_small_arms_are_read_in_fewer_groups_and_never_below_ten():
    rng = np.random.default_rng(5)
    score, outcome = rng.normal(size=1000), rng.integers(0, 2, 1000)
    treated = np.ones(1000, dtype=int)
    treated[rng.permutation(1000)[:60]] = 0
    found = uplift_deciles(score, treated, outcome)

    assert 2 <= len(found.table) <= 5
    assert found.table["control"].min() >= 10
    assert found.table["control"].sum() == 60
    few = np.where(np.cumsum(1 - treated) > 15, 1, treated)
    with pytest.raises(NotSupportedByData, match="too small to be read in groups"):
        uplift_deciles(score, few, outcome)


def test_a_trend_by_hand():
    slope, p = trend(np.array([1.0, 2, 3]), np.array([0.0, 0.1, 0.2]), np.full(3, 0.02))

    assert slope == pytest.approx(0.1)
    assert p == pytest.approx(2 * norm.sf(0.1 / np.sqrt(0.02 / 2)))


def test_the_published_bounds_of_the_four_types():
    got = type_bounds(0.18, 0.11).round(10)

    assert got.loc[PERSUADABLE].tolist() == [0.07, 0.18]
    assert got.loc[DOGS].tolist() == [0.0, 0.11]
    assert got.loc[SURE].tolist() == [0.0, 0.11]
    assert got.loc[LOST].tolist() == [0.71, 0.82]


def test_every_mixture_of_types_lies_within_the_bounds_and_reaches_them():
    rng = np.random.default_rng(5)
    for _ in range(200):
        shares = dict(zip(TYPES, rng.dirichlet(np.ones(4)), strict=True))
        with_it = shares[PERSUADABLE] + shares[SURE]
        without = shares[SURE] + shares[DOGS]
        bounds = type_bounds(with_it, without)
        for name in TYPES:
            assert bounds.at[name, "low"] - 1e-12 <= shares[name] <= bounds.at[name, "high"] + 1e-12
    assert type_bounds(1.0, 0.0).loc[PERSUADABLE].tolist() == [1.0, 1.0]


def test_sampling_error_only_widens_the_bounds():
    table = sampled_bounds((0.18, 0.16, 0.20), (0.11, 0.10, 0.12))

    assert (table["outer_low"] <= table["low"]).all()
    assert (table["outer_high"] >= table["high"]).all()
    assert table.at[PERSUADABLE, "outer_low"] == pytest.approx(0.16 - 0.12)
    assert table.at[PERSUADABLE, "outer_high"] == pytest.approx(0.20)


def test_predicted_types_lie_on_the_right_side_of_the_thresholds():
    without = np.array([0.1, 0.4, 0.1, 0.4, 0.1])
    with_it = np.array([0.2, 0.41, 0.11, 0.3, 0.16])

    got = predicted_types(without, with_it, moved=0.05, likely=0.3)
    assert got.tolist() == [PERSUADABLE, SURE, LOST, DOGS, PERSUADABLE]
    assert predicted_types(without, with_it, moved=0.2, likely=0.3).tolist() == [
        LOST, SURE, LOST, SURE, LOST,
    ]  # fmt: skip


def test_the_quadrants_add_up_and_small_ones_show_no_rate():
    rng = np.random.default_rng(6)
    types = np.repeat([PERSUADABLE, SURE, LOST, DOGS], [400, 300, 290, 10])
    treated = rng.integers(0, 2, 1000)
    treated[-10:] = 1
    outcome = rng.integers(0, 2, 1000)
    table = quadrant_table(
        types, treated, outcome, 5.0 * outcome, bounds=sampled_bounds((0.5,) * 3, (0.5,) * 3),
        base=5000,
    ).set_index("type")  # fmt: skip

    assert table["customers"].tolist() == [2000, 1500, 1450, 50]
    assert table["share"].sum() == pytest.approx(1)
    assert table[["treated", "control"]].sum().sum() == 990
    assert table.loc[DOGS, ["treated", "control", "uplift"]].isna().all()
    assert np.isnan(table.at[DOGS, "money"])
    arm = types == PERSUADABLE
    gap = outcome[arm & (treated == 1)].mean() - outcome[arm & (treated == 0)].mean()
    assert table.at[PERSUADABLE, "money"] == pytest.approx(5 * gap * 2000)


def contrast(n=1000, *, cost=0.5, value=20.0):
    treated = np.repeat([1, 0], n // 2)
    outcome = np.tile([1, 0, 0, 0, 0], n // 5)
    return Contrast("mail", np.arange(n), np.zeros((n, 1)), treated, outcome,
                    value * outcome, np.where(treated == 1, cost, np.nan))  # fmt: skip


def test_what_went_to_sure_things_is_contacts_and_discounts_by_hand():
    # 500 contacted, at most 11 % sure things: 55. Each cost .50 and a fifth off 25, of which 20 was
    # paid: 5.
    got = sure_things(type_bounds(0.18, 0.11), contrast(), discount=0.2)

    assert (got.contacted, got.low, got.high) == (500, 0, 55)
    assert (got.cost, got.discount) == pytest.approx((0.5, 5.0))
    assert got.money_high == pytest.approx(55 * 5.5)
    assert sure_things(type_bounds(0.18, 0.11), contrast()).money_high == pytest.approx(27.5)


def test_harm_is_found_where_it_is_and_nobody_is_accused_where_it_is_not():
    rng = np.random.default_rng(7)
    score = rng.normal(size=4000)
    treated = rng.integers(0, 2, 4000)
    harmed = (rng.random(4000) < 0.3 - 0.1 * treated * (score < 0)).astype(int)
    even = (rng.random(4000) < 0.3).astype(int)

    found = harm_of(score, treated, harmed, share=0.5, base=8000)
    assert found.is_found
    assert found.customers == 4000
    assert found.effect.high < 0
    assert not harm_of(score, treated, even, share=0.5, base=8000).is_found
    with pytest.raises(NotSupportedByData, match="too few to measure"):
        harm_of(score + 9, treated, even, share=0.0, base=8000)


def test_drivers_name_what_the_top_and_the_bottom_differ_in():
    rng = np.random.default_rng(8)
    table = pd.DataFrame({"noise": rng.normal(size=2000), "opens": rng.poisson(2, 2000),
                          "town": rng.choice(["A", "B"], 2000)})  # fmt: skip
    score = table["opens"] + 0.5 * (table["town"] == "A") + 0.01 * rng.normal(size=2000)
    got = drivers(score.to_numpy(), table)

    again = drivers(score.to_numpy(), table.assign(mails_opened=table["opens"]))
    assert got["feature"].iloc[0] == "opens"
    assert list(again["feature"]).count("opens") + list(again["feature"]).count("mails_opened") == 1
    assert got["feature"].iloc[-1] == "noise"
    assert got.set_index("feature").at["town: A", "difference"] > 0
