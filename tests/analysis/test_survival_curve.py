import ibis
import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from lifelines.utils import median_survival_times
from pandas.testing import assert_frame_equal
from planted_lifespans import jumping_hazard, membership

from shared.analysis.lifespans import lifespans_from_durations
from shared.analysis.risk_sets import risk_table
from shared.analysis.survival_curve import mean_up_to, shift_back, survival_curve
from shared.loading.errors import NotSupportedByData


@pytest.fixture
def freireich(datasets):
    """Give weeks in remission of 42 patients under 6-MP or placebo."""
    return pd.read_csv(
        datasets / "survival" / "gehan.dat", sep=r"\s+", names=["group", "weeks", "event"]
    )


@pytest.fixture
def waltons(datasets):
    return pd.read_csv(datasets / "survival" / "waltons_dataset.csv")


def telco(datasets):
    """Read the subscribers as the page does: through the canonical table `durations`."""
    raw = pd.read_csv(next((datasets / "telco_churn").glob("*.csv")))
    table = raw.rename(columns={"customerID": "customer_id", "tenure": "duration"})
    table["event_observed"] = (table["Churn"] == "Yes").astype(int)
    return lifespans_from_durations(ibis.memtable(table), keep=("Contract", "Partner"))


def of(frame, **options):
    return survival_curve(frame["duration"].to_numpy(), frame["observed"].to_numpy(), **options)


def everything_is_a_number(curve):
    return (
        np.isfinite(curve.table.to_numpy(dtype=float)).all()
        and np.isfinite(
            [curve.restricted_mean.value, curve.restricted_mean.low, curve.restricted_mean.high]
        ).all()
    )


def test_a_hand_made_curve_takes_the_censored_off_after_the_losses_of_their_day():
    curve = survival_curve(np.array([1, 2, 2, 3, 4]), np.array([True, True, False, False, True]))

    table = curve.table.set_index("day")
    assert table["at_risk"].tolist() == [5, 5, 4, 2, 1]
    assert table["events"].tolist() == [0, 1, 1, 0, 1]
    assert table["censored"].tolist() == [0, 0, 1, 1, 0]
    assert table["survival"].tolist() == pytest.approx([1, 4 / 5, 3 / 5, 3 / 5, 0])
    assert curve.median.days == 4
    assert curve.restricted_mean.value == pytest.approx(1 + 0.8 + 0.6 + 0.6)


@pytest.mark.datasets
def test_the_trial_of_freireich_has_its_published_medians_and_shares(freireich):
    curves = {
        group: survival_curve(rows["weeks"].to_numpy(), rows["event"].to_numpy())
        for group, rows in freireich.groupby("group")
    }

    assert {curve.median.days for curve in curves.values()} == {23, 8}
    assert sorted(round(curve.at(10).value, 3) for curve in curves.values()) == [0.381, 0.753]


@pytest.mark.datasets
def test_the_flies_of_walton_have_their_published_medians(waltons):
    medians = {
        group: survival_curve(rows["T"].to_numpy(), rows["E"].to_numpy()).median
        for group, rows in waltons.groupby("group")
    }

    assert medians["control"].days == 58
    assert medians["miR-137"].days == 26
    assert medians["control"].low <= 58 <= medians["control"].high


@pytest.mark.datasets
def test_subscribers_by_contract_have_their_published_figures(datasets):
    frame = telco(datasets)
    curves = {name: of(rows, unit="months") for name, rows in frame.groupby("Contract")}

    monthly = curves.pop("Month-to-month")
    assert monthly.median.days == 35
    assert monthly.median.estimate().unit == "number"
    assert monthly.at(12).value == pytest.approx(0.7031, abs=5e-5)
    assert monthly.at(24).value == pytest.approx(0.5859, abs=5e-5)
    for curve in curves.values():
        assert curve.median.days is None
        assert curve.median.estimate() is None
        assert curve.median.followed == 72
        assert 0 < curve.median.active.low < curve.median.active.value < 1


@pytest.mark.parametrize("seed", range(3))
def test_shares_bounds_and_medians_are_those_of_lifelines(seed):
    frame = membership(seed, customers=300, whole_days=True)

    curve = of(frame)

    fit = KaplanMeierFitter().fit(frame["duration"], frame["observed"])
    table = curve.table.set_index("day")
    some = table.index[table["survival"] < 1]
    assert table["survival"].to_numpy() == pytest.approx(
        fit.survival_function_["KM_estimate"].to_numpy()
    )
    bounds = fit.confidence_interval_.loc[some].to_numpy()
    assert table.loc[some, ["low", "high"]].to_numpy() == pytest.approx(bounds)
    low, high = median_survival_times(fit.confidence_interval_).iloc[0]
    assert (curve.median.low, curve.median.days, curve.median.high) == (
        low,
        fit.median_survival_time_,
        high,
    )


def test_customers_who_could_only_be_seen_later_are_not_at_risk_before():
    rng = np.random.default_rng(4)
    life, entry = np.ceil(rng.exponential(200, 900)), np.floor(rng.uniform(0, 150, 900))
    entry[::2] = 0
    seen = life > entry
    life, entry = life[seen], entry[seen]

    curve = survival_curve(life, np.ones(len(life), dtype=bool), entry=entry)

    fit = KaplanMeierFitter().fit(life, np.ones(len(life)), entry=entry)
    got = curve.table.set_index("day")["survival"]
    want = fit.survival_function_["KM_estimate"]
    assert got.to_numpy() == pytest.approx(want.loc[got.index].to_numpy())
    naive = survival_curve(life, np.ones(len(life), dtype=bool))
    assert naive.at(100).value > curve.at(100).value + 0.05
    assert curve.at(100).low < np.exp(-100 / 200) < curve.at(100).high


def test_when_nobody_left_the_median_is_not_reached_and_nothing_is_infinite():
    curve = survival_curve(np.arange(1.0, 101), np.zeros(100, dtype=bool))

    median = curve.median
    assert (median.days, median.high, median.events) == (None, None, 0)
    assert median.followed == 91  # ten are left
    assert 0.6 < median.active.low < median.active.value == 1
    assert everything_is_a_number(curve)


def test_when_everybody_left_the_curve_ends_at_nought_with_numbers_for_bounds():
    curve = survival_curve(np.arange(1.0, 21), np.ones(20, dtype=bool))

    last = curve.table.iloc[-1]
    assert last["survival"] == pytest.approx(0, abs=1e-12)
    assert last["low"] == pytest.approx(0, abs=1e-12)
    assert 0 < last["high"] < 0.5
    assert everything_is_a_number(curve)


@pytest.mark.parametrize("n", [1, 3])
def test_one_or_three_customers_give_a_curve_that_is_never_drawn(n):
    curve = survival_curve(np.arange(1.0, n + 1), np.ones(n, dtype=bool))

    assert everything_is_a_number(curve)
    assert curve.drawn().empty


def test_a_median_may_be_reached_and_its_upper_bound_not():
    everybody = survival_curve(np.arange(1.0, 101), np.ones(100, dtype=bool)).median
    half = survival_curve(np.r_[np.arange(1.0, 61), np.full(59, 60.5)], np.arange(119) < 60).median

    assert (everybody.days, everybody.low, everybody.high) == (50, 40, 60)
    assert (half.days, half.high, half.estimate()) == (60, None, None)


def test_no_customer_and_negative_durations_are_refused():
    with pytest.raises(NotSupportedByData, match="Members: no customer"):
        survival_curve(np.array([]), np.array([], dtype=bool), label="Members")
    with pytest.raises(ValueError, match="2 durations are negative or no number"):
        survival_curve(np.array([3.0, -1.0, np.nan]), np.ones(3, dtype=bool))


def test_a_line_is_drawn_only_while_ten_are_at_risk():
    curve = survival_curve(np.arange(1.0, 31), np.ones(30, dtype=bool))

    drawn = curve.drawn()
    assert drawn["at_risk"].min() == 10
    assert len(drawn) == (curve.table["at_risk"] >= 10).sum()
    assert len(curve.drawn(least_at_risk=20)) < len(drawn)
    assert curve.at_risk_on(np.array([0, 1, 21, 30, 31])).tolist() == [30, 30, 10, 1, 0]


def test_shares_are_read_on_any_day_of_the_follow_up_and_on_none_beyond():
    curve = survival_curve(np.array([2.0, 5, 9]), np.ones(3, dtype=bool))

    assert curve.at(0).value == 1
    assert curve.at(4.9).value == pytest.approx(2 / 3)
    assert curve.at(5).value == pytest.approx(1 / 3)
    assert curve.at(9.1) is None
    assert curve.at(-1) is None


def test_read_on_the_last_order_one_time_buyers_leave_on_day_0():
    durations, observed = jumping_hazard(1, once=0.3, window=60)

    raw = survival_curve(durations, observed)
    curve = shift_back(raw, 60)

    assert raw.at(59).value == 1
    assert curve.table["day"].iloc[0] == 0
    assert curve.at(0).value == pytest.approx(0.7, abs=0.03)
    assert curve.at(100) == raw.at(160)
    assert curve.median.days == raw.median.days - 60
    assert curve.window == 60
    direct = survival_curve(durations - 60, observed)
    assert_frame_equal(curve.table, direct.table)
    assert curve.restricted_mean == direct.restricted_mean


def test_a_curve_is_not_shifted_over_losses_or_beyond_its_end():
    curve = survival_curve(np.array([5.0, 50, 80]), np.array([True, True, False]))

    with pytest.raises(ValueError, match="lost before 60 days"):
        shift_back(curve, 60)
    with pytest.raises(NotSupportedByData, match="nobody was followed for 60 days"):
        shift_back(survival_curve(np.array([5.0, 50]), np.zeros(2, dtype=bool)), 60)


@pytest.mark.slow
def test_intervals_of_the_mean_and_of_shares_cover_the_truth():
    mean, share, until = 300 * (1 - np.exp(-1)), np.exp(-0.5), 300
    covered = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        life, followed = rng.exponential(300, 250), rng.uniform(250, 700, 250)
        curve = survival_curve(np.minimum(life, followed), life <= followed)
        at = curve.at(150)
        value, error = mean_up_to(curve.table, until)
        covered.append((abs(value - mean) < 1.96 * error, at.low <= share <= at.high))

    assert (np.mean(covered, axis=0) > 0.91).all()
    assert (np.mean(covered, axis=0) < 0.99).all()


def test_the_order_of_the_customers_changes_nothing():
    frame = membership(0, customers=400, whole_days=True)
    entry = np.floor(frame["duration"] / 3).to_numpy() * (np.arange(400) % 2)
    shuffled = np.random.default_rng(1).permutation(400)

    tables = [
        risk_table(
            frame["duration"].to_numpy()[rows], frame["observed"].to_numpy()[rows], entry[rows]
        )
        for rows in (np.arange(400), shuffled)
    ]

    assert_frame_equal(*tables)
