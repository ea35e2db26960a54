from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from draws import DRAWS, FEW
from hypothesis import given, settings
from hypothesis import strategies as st
from ibis import _
from pandas.testing import assert_frame_equal
from planted_cohorts import complete_counts, flat_retention, order_lines, random_shop

from shared.analysis.age_period_cohort import age_trend
from shared.analysis.cohort import (
    cohort_verdict,
    matrix,
    new_customers,
    pooled_curve,
    pooled_share,
    repeat_rate,
    retention_cells,
    small_cohorts,
    still_buying,
)
from shared.analysis.cohort_activity import cohort_sizes, follow_cohorts
from shared.analysis.cohort_attrition import attrition_steps, steepest_drop
from shared.analysis.intervals import wilson
from shared.analysis.verdicts import Level
from shared.loading.errors import NotSupportedByData

NAN = float("nan")


@pytest.fixture
def lines():
    """Ana buys two products in one order and is back in February; ben never; cat joins then."""
    return order_lines(
        [
            ("ana", "2024-01-05"),
            ("ana", "2024-01-05"),
            ("ben", "2024-01-31 23:59"),
            ("ana", "2024-02-01"),
            ("cat", "2024-02-29"),
            ("cat", "2024-03-01"),
        ]
    )


def positive(lines):
    return lines.filter(_.quantity > 0, _.unit_price > 0)


def reference(datasets, name):
    path = datasets / "online_retail" / f"reference_cohort_counts_{name}.csv"
    table = pd.read_csv(path, index_col=0).astype("float64")
    table.index = pd.PeriodIndex(table.index, freq="M", name="cohort")
    return table.set_axis(pd.RangeIndex(len(table.columns), name="period_index"), axis=1)


def counted_in_pandas(frame, *, freq, last):
    """Count cohorts the plain way, customer by customer."""
    period = frame["order_date"].dt.to_period(freq)
    frame = frame.assign(period=period)[period <= last]
    first = frame.groupby("customer_id")["period"].min()
    counts = {}
    for customer, own in frame.groupby("customer_id"):
        for active in set(own["period"]):
            key = first[customer], (active - first[customer]).n
            counts[key] = counts.get(key, 0) + 1
    cohorts = sorted(set(first))
    oldest = (last - cohorts[0]).n
    return pd.DataFrame(
        [
            [float(counts.get((c, k), 0)) if c + k <= last else NAN for k in range(oldest + 1)]
            for c in cohorts
        ],
        index=pd.PeriodIndex(cohorts, freq=freq, name="cohort"),
    ).rename_axis(columns="period_index")


def test_customers_are_counted_once_a_period_and_periods_to_come_are_blank(lines):
    got = complete_counts(lines, period="M", last_period="2024-03")

    want = pd.DataFrame(
        {0: [2.0, 1.0], 1: [1.0, 1.0], 2: [0.0, NAN]},
        index=pd.PeriodIndex(["2024-01", "2024-02"], freq="M", name="cohort"),
    ).rename_axis(columns="period_index")
    assert_frame_equal(got, want)


@pytest.mark.datasets
@pytest.mark.parametrize(
    ("name", "rule", "customers"),
    [("all_nonnull_customers", lambda lines: lines, 4372), ("positive_only", positive, 4338)],
)
def test_online_retail_equals_the_published_cohorts(online_retail, datasets, name, rule, customers):
    got = complete_counts(rule(online_retail), period="M", last_period="2011-12")
    running = follow_cohorts(
        rule(online_retail), period="M", last_period="2011-11", snapshot_date=date(2011, 12, 10)
    )
    so_far = matrix(retention_cells(running), "customers_so_far")

    assert_frame_equal(got, reference(datasets, name), check_column_type=False)
    assert_frame_equal(so_far, got)
    assert got[0].sum() == customers


@pytest.mark.datasets
def test_online_retail_pools_complete_cells_only(online_retail):
    cohorts = follow_cohorts(
        positive(online_retail), period="M", last_period="2011-11", snapshot_date=date(2011, 12, 10)
    )
    pooled = pooled_curve(retention_cells(cohorts)).set_index("period_index")

    assert pooled["retention"][[1, 6, 8, 11]].round(3).tolist() == [0.237, 0.287, 0.308, 0.503]
    assert pooled["cohorts"][11] == 1
    assert pooled["few_cohorts"].tolist() == [False] * 10 + [True] * 2
    assert pooled["at_risk"].max() == new_customers(cohorts).value == 4297
    assert cohort_verdict(cohorts).level is Level.RELIABLE


@pytest.mark.parametrize(
    ("period", "last"), [("M", "2024-02"), ("Q", "2023Q4"), ("W", "2024-02-11")]
)
def test_counts_equal_those_of_plain_pandas(period, last):
    lines = random_shop(3, customers=120)

    got = complete_counts(lines, period=period, last_period=last)

    want = counted_in_pandas(lines.to_pandas(), freq=period, last=pd.Period(last, freq=period))
    assert_frame_equal(got, want, check_column_type=False)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 1000), last=st.sampled_from(["2023-04", "2023-09", "2024-02"]))
def test_order_of_rows_names_of_customers_and_split_orders_change_nothing(seed, last):
    frame = random_shop(seed, customers=40).to_pandas()
    shuffled = frame.sample(frac=1, random_state=seed)
    renamed = shuffled.assign(customer_id="x" + shuffled["customer_id"].str[::-1])
    split = pd.concat([renamed, renamed.iloc[::2]])

    got = complete_counts(ibis.memtable(split), period="M", last_period=last)

    assert_frame_equal(got, complete_counts(ibis.memtable(frame), period="M", last_period=last))


def test_blank_cells_are_the_pairs_whose_window_ends_after_the_data():
    lines = random_shop(4)
    last = pd.Period("2024-01", freq="M")
    cohorts = follow_cohorts(
        lines, period="M", last_period=str(last), snapshot_date=date(2024, 2, 20)
    )

    cells = retention_cells(cohorts)

    ends = [c + k for c, k in zip(cells["cohort"], cells["period_index"], strict=True)]
    ends_after = [end > last for end in ends]
    assert cells["retention"].isna().tolist() == ends_after
    running = [end == last + 1 for end in ends]
    assert (cells["observation"] == "partly").tolist() == running
    assert (cells["observation"] == "not yet").sum() == sum(ends_after) - sum(running)
    assert cells.loc[cells["observation"] == "not yet", "customers_so_far"].isna().all()


def test_a_running_period_is_kept_and_marked_and_changes_no_complete_cell(lines):
    whole = follow_cohorts(lines, period="M", last_period="2024-02")
    running = follow_cohorts(
        lines, period="M", last_period="2024-02", snapshot_date=date(2024, 3, 2)
    )

    cells = retention_cells(running)
    complete = cells[cells["observation"] == "complete"].reset_index(drop=True)

    assert running.running
    assert not whole.running
    known = retention_cells(whole).dropna(subset="retention").reset_index(drop=True)
    assert_frame_equal(complete, known, check_dtype=False)
    partly = cells[cells["observation"] == "partly"]
    assert partly["customers_so_far"].tolist() == [0.0, 1.0]


def test_an_earlier_last_period_leaves_later_orders_out(lines):
    cohorts = follow_cohorts(
        lines, period="M", last_period="2024-01", snapshot_date=date(2024, 3, 2)
    )

    assert not cohorts.running
    assert cohort_sizes(cohorts).sum() == 2


def test_a_thousand_january_customers_give_their_number_survivors_and_wilson_interval():
    rows = [(f"c{i}", "2024-01-15") for i in range(1000)]
    rows += [(f"c{i}", "2024-07-20") for i in range(230)]
    rows += [(f"c{i}", "2024-03-20") for i in range(200, 600)]
    cohorts = follow_cohorts(order_lines(rows), period="M", last_period="2024-07")

    (row,) = still_buying(retention_cells(cohorts), 6).to_dict("records")

    interval = wilson(230, 1000)
    assert (row["cohort_size"], row["customers"], row["retention"]) == (1000, 230, 0.23)
    assert (row["low"], row["high"]) == (interval.low, interval.high)
    assert (round(row["low"], 4), round(row["high"], 4)) == (0.2050, 0.2571)


def test_flat_retention_stays_flat_and_nothing_is_said_to_decay():
    cohorts = follow_cohorts(
        flat_retention(1), period="M", last_period="2024-11", snapshot_date=date(2024, 12, 11)
    )

    pooled = pooled_curve(retention_cells(cohorts)).set_index("period_index")["retention"]

    assert len(pooled) == 11
    assert pooled[1:].between(0.27, 0.33).all()
    assert steepest_drop(attrition_steps(cohorts)) is None
    trend = age_trend(cohorts)
    assert trend.low < 0 < trend.high


@pytest.mark.slow
def test_flat_retention_stays_flat_in_nine_of_ten_draws():
    flat = decays = 0
    for seed in range(DRAWS // 2):
        cohorts = follow_cohorts(
            flat_retention(seed), period="M", last_period="2024-11",
            snapshot_date=date(2024, 12, 11),
        )  # fmt: skip
        pooled = pooled_curve(retention_cells(cohorts)).set_index("period_index")["retention"]
        flat += pooled[1:].between(0.27, 0.33).all()
        decays += steepest_drop(attrition_steps(cohorts)) is not None
        decays += age_trend(cohorts).high < 0

    assert flat >= 0.9 * (DRAWS // 2)
    assert decays <= FEW


def test_zero_filling_would_have_invented_a_decay():
    cohorts = follow_cohorts(flat_retention(2), period="M", last_period="2024-11")
    cells = retention_cells(cohorts)
    pooled, counts = pooled_curve(cells), matrix(cells, "customers")

    honest = [pooled_share(pooled, age).value for age in (1, 10)]
    zero_filled = counts.fillna(0).sum() / counts[0].sum()

    assert min(honest) > 0.27
    assert zero_filled[10] < 0.05


def test_shares_pool_by_customers_and_never_as_a_mean_of_percentages():
    rows = [(f"a{i}", "2024-01-01") for i in range(90)] + [
        (f"b{i}", "2024-02-01") for i in range(10)
    ]
    rows += [(f"b{i}", "2024-03-01") for i in range(10)]
    cohorts = follow_cohorts(order_lines(rows), period="M", last_period="2024-03")
    cells = retention_cells(cohorts)
    pooled = pooled_curve(cells)

    next_month = pooled_share(pooled, 1)

    assert (next_month.value, next_month.n) == (0.10, 100)
    assert matrix(cells)[1].tolist() == [0.0, 1.0]
    assert np.isnan(pooled_share(pooled, 9).value)


def test_on_or_after_counts_who_is_seen_later_and_relative_who_was_active_before():
    rows = [("a", "2024-01-01"), ("a", "2024-04-01"), ("b", "2024-01-01"), ("b", "2024-02-01"),
            ("b", "2024-03-01"), ("c", "2024-01-01")]  # fmt: skip
    cohorts = follow_cohorts(order_lines(rows), period="M", last_period="2024-04")

    got = {
        name: matrix(retention_cells(cohorts, definition=name), "customers").iloc[0].tolist()
        for name in ("active", "on_or_after", "relative")
    }
    of = matrix(retention_cells(cohorts, definition="relative"), "at_risk").iloc[0].tolist()

    assert got == {"active": [3, 1, 1, 1], "on_or_after": [3, 2, 2, 1], "relative": [3, 1, 1, 0]}
    assert of == [3, 3, 1, 1]


def test_without_an_order_in_a_complete_period_nothing_is_supported(lines):
    with pytest.raises(NotSupportedByData, match="no order in a complete period"):
        follow_cohorts(lines, period="M", last_period="2023-12")
    with pytest.raises(NotSupportedByData, match="needs order_date"):
        follow_cohorts(lines.drop("order_date"), period="M", last_period="2024-01")


@pytest.mark.parametrize(
    ("customers", "months", "expected"),
    [(49, 4, None), (50, 1, None), (50, 4, Level.CARE), (99, 3, Level.CARE), (100, 2, Level.CARE),
     (100, 3, Level.RELIABLE)],
)  # fmt: skip
def test_gates_stand_at_fifty_and_a_hundred_buyers_and_at_three_periods(
    customers, months, expected
):
    rows = [(f"c{i}", "2024-01-05") for i in range(customers)] + [("c0", f"2024-{months:02}-05")]
    cohorts = follow_cohorts(order_lines(rows), period="M", last_period=f"2024-{months:02}")

    if expected is None:
        with pytest.raises(NotSupportedByData, match="first-time buyers in"):
            cohort_verdict(cohorts)
    else:
        assert cohort_verdict(cohorts).level is expected


def test_small_cohorts_are_named_and_repeat_buyers_counted(lines):
    cohorts = follow_cohorts(lines, period="M", last_period="2024-03")

    assert small_cohorts(cohorts, least=2).index.astype(str).tolist() == ["2024-02"]
    assert (repeat_rate(cohorts).value, repeat_rate(cohorts).n) == (2 / 3, 3)
    assert pooled_share(pooled_curve(retention_cells(cohorts)), 1).n == 3
