import ibis
import numpy as np
import pandas as pd
import pytest
from draws import DRAWS, FEW
from pandas.testing import assert_frame_equal
from scipy.stats import t

from shared.analysis.intervals import wilson
from shared.analysis.journey_clusters import (
    LEAST_CELL,
    clustered_means,
    clustered_shares,
    shares_against_rest,
    withheld,
)
from shared.analysis.journey_rows import difference_of, share_of
from shared.analysis.multiple_testing import SETTLED


def rows(frame):
    return ibis.memtable(frame)


def alike(seed, *, customers=150, gap=0.0):
    """Draw rows of customers who each have a rate of their own, in two groups."""
    rng = np.random.default_rng(seed)
    counts = 1 + rng.poisson(3, customers)
    rate = rng.beta(2, 3, customers).repeat(counts)
    group = (np.arange(customers) % 2).repeat(counts)
    done = rng.random(len(rate)) < rate + gap * group
    ids = [f"c{i}" for i in np.arange(customers).repeat(counts)]
    return pd.DataFrame({"customer_id": ids, "group": group, "done": done.astype(int)})


def test_with_one_row_per_customer_the_interval_is_wilsons():
    frame = pd.DataFrame({"customer_id": [f"c{i}" for i in range(40)], "done": [1] * 12 + [0] * 28})

    got = clustered_shares(rows(frame), by=[], success="done").iloc[0]

    want = wilson(12, 40)
    assert got["share"] == want.value
    assert (got["low"], got["high"]) == pytest.approx((want.low, want.high), rel=1e-9)
    assert (got["n"], got["customers"], got["successes"]) == (40, 40, 12)
    assert np.isnan(got["difference"])


def test_repeating_each_customer_narrows_no_interval():
    frame = alike(1)
    once = clustered_shares(rows(frame), by=["group"], success="done")
    five = clustered_shares(rows(pd.concat([frame] * 5)), by=["group"], success="done")

    assert list(five["n"]) == [5 * n for n in once["n"]]
    for name in ("share", "difference", "difference_low", "p"):
        assert five[name].to_numpy() == pytest.approx(once[name].to_numpy(), rel=1e-9)
    for name in ("low", "high"):
        assert five[name].to_numpy() == pytest.approx(once[name].to_numpy(), abs=0.001)


def test_the_difference_agrees_with_sums_of_influences_by_hand():
    frame = alike(2, gap=0.1)
    frame["group"] = np.random.default_rng(0).integers(0, 3, len(frame))  # customers in several
    got = clustered_shares(rows(frame), by=["group"], success="done").set_index("group").loc[1]

    here = (frame["group"] == 1).to_numpy()
    y, n = frame["done"].to_numpy(), len(frame)
    mean, other = y[here].mean(), y[~here].mean()
    influence = np.where(here, (y - mean) / here.sum(), -(y - other) / (n - here.sum()))
    summed = pd.Series(influence).groupby(frame["customer_id"]).sum()
    error = np.sqrt((summed**2).sum() * len(summed) / (len(summed) - 1))
    assert got["difference"] == pytest.approx(mean - other, rel=1e-12)
    half = (got["difference_high"] - got["difference_low"]) / 2
    assert half == pytest.approx(1.959964 * error, rel=1e-6)
    assert got["other_share"] == pytest.approx(other, rel=1e-12)


def test_the_row_order_changes_no_digit():
    frame = alike(3, gap=0.2).assign(money=lambda f: f["done"] * 0.1 + 0.7)
    mixed = frame.sample(frac=1, random_state=4)

    for function, options in ((clustered_shares, {"success": "done"}),
                              (clustered_means, {"value": "money"})):  # fmt: skip
        first, second = (function(rows(f), by=["group"], **options) for f in (frame, mixed))
        assert_frame_equal(first, second, check_exact=True)


def test_groups_are_compared_within_what_they_share():
    frame = pd.concat([alike(5).assign(place=0), alike(6, gap=0.3).assign(place=1)])

    both = clustered_shares(
        rows(frame), by=["place", "group"], success="done", within=["place"]
    ).set_index(["place", "group"])

    for place in (0, 1):
        alone = clustered_shares(rows(frame[frame["place"] == place]), by=["group"], success="done")
        for name in ("share", "low", "difference", "difference_high", "other_share", "p"):
            assert both.loc[place][name].to_numpy() == pytest.approx(alone[name].to_numpy())
    assert (both["n"] + both["other_n"]).groupby("place").nunique().eq(1).all()


def test_a_group_and_its_rest_make_the_whole():
    frame = alike(7)
    cells = (
        rows(frame[frame["group"] == 1])
        .group_by("customer_id")
        .aggregate(n=ibis._.count().cast("float64"), y=ibis._.done.sum().cast("float64"))
    )
    totals = (
        rows(frame)
        .group_by("customer_id")
        .aggregate(nt=ibis._.count().cast("float64"), yt=ibis._.done.sum().cast("float64"))
    )

    got = shares_against_rest(cells, totals, by=[]).iloc[0]
    want = clustered_shares(rows(frame), by=["group"], success="done").set_index("group").loc[1]

    for name in ("n", "share", "low", "high", "other_n", "other_share", "other_low", "difference"):
        assert got[name] == pytest.approx(want[name], rel=1e-9), name


def test_a_mean_with_one_row_per_customer_has_students_interval():
    values = np.array([1.0, 2.5, 4.0, 4.5, 9.0])
    frame = pd.DataFrame({"customer_id": list("abcde"), "value": values})

    got = clustered_means(rows(frame), by=[], value="value").iloc[0]

    half = t.ppf(0.975, 4) * values.std(ddof=1) / np.sqrt(5)
    assert got["mean"] == pytest.approx(4.2)
    assert got["high"] - got["mean"] == pytest.approx(half, rel=1e-9)


def test_small_cells_are_tested_by_nothing_and_withheld():
    small = pd.DataFrame(
        {"customer_id": [f"c{i}" for i in range(30)], "done": [0, 1] * 15,
         "group": ["few"] * (LEAST_CELL - 1) + ["many"] * (31 - LEAST_CELL)}
    )  # fmt: skip
    table = clustered_shares(rows(small), by=["group"], success="done")

    got = withheld(table, ["share", "low", "high", "difference"]).set_index("group")

    assert got.loc["few", ["share", "low", "difference", "p"]].isna().all()
    assert got.loc["few", "n"] == LEAST_CELL - 1
    assert (got["finding"] == "too few customers").all()
    # The others' share stays; the rest of it, which is the small cell, does not.
    assert got.loc["many", "share"] > 0
    assert got.loc["many", ["other_share", "difference"]].isna().all()


def test_no_success_and_all_successes_keep_honest_bounds():
    frame = pd.DataFrame({"customer_id": ["a", "a", "b", "b"] * 5, "done": 0})
    got = clustered_shares(rows(frame), by=[], success="done").iloc[0]

    # 20 rows of two customers say no more than two customers.
    assert (got["share"], got["low"]) == (0, 0)
    assert got["high"] == pytest.approx(wilson(0, 2).high)


def test_nulls_are_left_out_and_an_empty_table_gives_no_row():
    frame = pd.DataFrame({"customer_id": ["a", "b", "c"], "done": [1, None, 0]})
    schema = ibis.schema({"customer_id": "string", "done": "int64"})

    assert (
        clustered_shares(ibis.memtable(frame, schema=schema), by=[], success="done").loc[0, "n"]
        == 2
    )
    none = ibis.memtable(frame.head(0).assign(group="a"), schema={**schema, "group": "string"})
    assert clustered_shares(none, by=["group"], success="done").empty
    assert clustered_shares(none, by=[], success="done").empty


def test_a_row_reads_as_an_estimate():
    row = clustered_shares(rows(alike(8)), by=["group"], success="done").iloc[0]

    share, gap = share_of(row, of="visits"), difference_of(row, of="visits")
    assert (share.value, share.of, share.n) == (row["share"], "visits", row["n"])
    assert gap.low < gap.value < gap.high


def drawn(**options):
    """Estimate all draws in one go: each is compared within itself."""
    frame = pd.concat([alike(seed, **options).assign(seed=seed) for seed in range(DRAWS)])
    got = clustered_shares(rows(frame), by=["seed", "group"], success="done", within=["seed"])
    return got[got["group"] == 0]


@pytest.mark.slow
def test_intervals_cover_the_truth_and_noise_is_not_found():
    got = drawn(customers=120)

    covered = ((got["low"] <= 0.4) & (got["high"] >= 0.4)).sum()
    apart = ((got["difference_low"] <= 0) & (got["difference_high"] >= 0)).sum()
    assert 0.9 * DRAWS <= covered <= DRAWS
    assert apart >= 0.9 * DRAWS
    assert (got["p"] < SETTLED).sum() <= FEW


@pytest.mark.slow
def test_a_planted_difference_is_found():
    assert (drawn(customers=400, gap=0.2)["p"] < SETTLED).sum() >= 0.9 * DRAWS
