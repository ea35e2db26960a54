"""What the model takes for granted: independence of spend, random timing, gaps."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr, spearmanr

from shared.analysis.lifetime_checks import (
    median_gap_days,
    spend_independence,
    timing_regularity,
)
from shared.analysis.multiple_testing import Finding
from shared.loading.errors import NotSupportedByData

AS_OF = date(2024, 7, 1)


def spenders(seed, *, slope=0.0, n=600):
    rng = np.random.default_rng(seed)
    x = rng.geometric(0.3, n)
    return pd.DataFrame({"frequency": x, "monetary_value": rng.lognormal(3, 0.6, n) * x**slope})


def timed_lines(shape, *, seed=0, customers=500, orders=8):
    """Customers with a rate of their own and gamma gaps of a given shape."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2, 100, customers) + 100
    gaps = rng.gamma(shape, 1 / shape, (customers, orders)) * rate[:, None]
    days = gaps.cumsum(axis=1)
    owner = np.repeat(np.arange(customers), orders)
    moment = pd.Timestamp("1990-01-01") + pd.to_timedelta(days.ravel(), unit="D")
    return ibis.memtable(
        pd.DataFrame({"customer_id": owner.astype(str), "order_date": moment.round("s")})
    )


def test_correlations_are_those_of_scipy():
    base = spenders(1)
    got = spend_independence(base)

    assert got.pearson.value == pytest.approx(pearsonr(*base.to_numpy().T).statistic)
    assert got.spearman.value == pytest.approx(spearmanr(*base.to_numpy().T).statistic)
    assert got.pearson.low < got.pearson.value < got.pearson.high


def test_spend_that_follows_frequency_is_found_and_sized():
    got = spend_independence(spenders(2, slope=0.4))

    assert got.finding is Finding.DIFFERS
    assert got.effect.low > 1
    assert got.table["mean_spend"].iloc[-1] > got.table["mean_spend"].iloc[0]


def test_independent_spend_is_called_so_in_nearly_all_draws():
    found = [spend_independence(spenders(seed)).finding for seed in range(30)]

    assert sum(one is Finding.DIFFERS for one in found) <= 1


@pytest.mark.datasets
def test_cdnow_correlates_as_published(datasets):
    rows = pd.read_csv(datasets / "cdnow" / "cdnow_customers_summary_with_transactions.csv")
    base = rows.rename(columns={"x": "frequency", "zbar": "monetary_value"})

    got = spend_independence(base)

    assert got.pearson.n == 946
    assert got.pearson.value == pytest.approx(0.114, abs=0.001)
    assert got.spearman.value == pytest.approx(0.206, abs=0.001)
    assert got.p == pytest.approx(1.5e-10, rel=0.05)


def test_classes_of_orders_count_every_repeat_customer_and_join_small_ones():
    base = spenders(3)
    got = spend_independence(base).table

    assert got["customers"].sum() == len(base)
    assert (got["customers"] >= 10).all()
    assert got["orders"].iloc[-1].endswith("+")


@pytest.mark.parametrize("base", [spenders(1, n=30), spenders(1).assign(frequency=1)])
def test_too_few_or_all_alike_is_no_test(base):
    with pytest.raises(NotSupportedByData, match="too few"):
        spend_independence(base)


@pytest.mark.parametrize(("shape", "kind"), [(1.0, "random"), (3.0, "regular"), (0.5, "in bursts")])
def test_planted_regularity_is_recovered(shape, kind):
    got = timing_regularity(timed_lines(shape), snapshot_date=AS_OF)

    assert got.kind == kind
    # Orders of one day count as one, which takes the shortest gaps off a burst.
    assert got.k.low - 0.05 < shape < got.k.high
    assert got.k.n == 500


def test_the_order_of_rows_does_not_change_the_regularity():
    lines = timed_lines(2.0)
    mixed = ibis.memtable(lines.to_pandas().sample(frac=1, random_state=3))

    assert timing_regularity(mixed, snapshot_date=AS_OF) == timing_regularity(
        lines, snapshot_date=AS_OF
    )


def test_two_orders_each_tell_nothing_of_regularity():
    with pytest.raises(NotSupportedByData, match="three days"):
        timing_regularity(timed_lines(1.0, orders=2), snapshot_date=AS_OF)


def test_the_median_gap_counts_days_between_order_days():
    days = {"ana": ["2024-01-01", "2024-01-01", "2024-01-11"],
            "ben": ["2024-01-01", "2024-01-03", "2024-02-02"]}  # fmt: skip
    lines = ibis.memtable(
        pd.DataFrame([(name, pd.Timestamp(day)) for name, all_ in days.items() for day in all_],
                     columns=["customer_id", "order_date"])
    )  # fmt: skip

    assert median_gap_days(lines, snapshot_date=AS_OF) == 10
    once = lines.filter(lines.order_date < pd.Timestamp("2024-01-02"))
    assert np.isnan(median_gap_days(once, snapshot_date=AS_OF))
