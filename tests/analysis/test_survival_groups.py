import ibis
import numpy as np
import pandas as pd
import pytest
from draws import DRAWS
from lifelines.statistics import logrank_test, multivariate_logrank_test
from planted_lifespans import membership, with_hazard

from shared.analysis.lifespans import lifespans_from_durations
from shared.analysis.log_rank import log_rank
from shared.analysis.multiple_testing import Finding
from shared.analysis.survival_curve import survival_curve
from shared.analysis.survival_groups import compare_groups, curves_cross
from shared.loading.errors import NotSupportedByData
from shared.plots.locales import Wording
from shared.report.sentences import write


def frame_of(groups, *, window=0):
    """Make a frame of lifespans from {group: (durations, observed)}."""
    parts = [
        pd.DataFrame({"duration": durations + window, "observed": observed, "group": name})
        for name, (durations, observed) in groups.items()
    ]
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(customer_id=frame.index.astype(str), entry=0.0)


def lives(seed, mean, n=300):
    rng = np.random.default_rng([*np.atleast_1d(seed), int(mean)])
    life, followed = np.ceil(rng.exponential(mean, n)), np.floor(rng.uniform(200, 600, n))
    return np.minimum(life, followed), life <= followed


def crossing(seed, n=600):
    """Draw two groups: one leaves in the first 120 days, the other afterwards."""
    day = np.arange(1, 800)
    return {
        "early": with_hazard(seed, np.where(day <= 120, 0.006, 0.0015), customers=n),
        "late": with_hazard(seed + 1000, np.where(day <= 120, 0.002, 0.0035), customers=n),
    }


def test_two_customers_each_are_tested_as_by_hand():
    # Day 1: 1 of 4 lost, a share 2/4 expected in a; day 2: 1 of 3, 1/3; day 3: 1 of 2, 0.
    test = log_rank(np.array([1, 2, 3, 4]), np.ones(4), np.array(["a", "a", "b", "b"]))

    table = test.table.set_index("group")
    assert table.loc["a", "expected"] == pytest.approx(1 / 2 + 1 / 3)
    spread = 1 / 4 + 2 / 9
    assert test.chi2 == pytest.approx((2 - 5 / 6) ** 2 / spread)
    assert test.df == 1


@pytest.mark.datasets
def test_the_published_log_rank_tests_are_reproduced(datasets):
    trial = pd.read_csv(
        datasets / "survival" / "gehan.dat", sep=r"\s+", names=["group", "weeks", "event"]
    )
    flies = pd.read_csv(datasets / "survival" / "waltons_dataset.csv")

    freireich = log_rank(trial["weeks"].to_numpy(), trial["event"].to_numpy(), trial["group"])
    waltons = log_rank(flies["T"].to_numpy(), flies["E"].to_numpy(), flies["group"].to_numpy())

    assert freireich.chi2 == pytest.approx(16.793, abs=5e-4)
    assert freireich.p == pytest.approx(4.2e-5, abs=5e-7)
    assert waltons.chi2 == pytest.approx(122.249, abs=5e-4)


@pytest.mark.datasets
def test_subscribers_by_contract_and_partner_are_compared_as_published(datasets):
    raw = pd.read_csv(next((datasets / "telco_churn").glob("*.csv")))
    table = raw.rename(columns={"customerID": "customer_id", "tenure": "duration"})
    table["event_observed"] = (table["Churn"] == "Yes").astype(int)
    frame = lifespans_from_durations(ibis.memtable(table), keep=("Contract", "Partner"))

    contract = compare_groups(frame, "Contract", unit="months", day=24)
    partner = compare_groups(frame, "Partner", unit="months")

    assert contract.test.chi2 == pytest.approx(2352.87, abs=0.005)
    assert partner.test.chi2 == pytest.approx(423.54, abs=0.005)
    rows = contract.table.set_index("group")
    assert rows.index.tolist() == ["Two year", "One year", "Month-to-month"]
    assert rows.loc["Month-to-month", "median"] == 35
    assert rows["median"].isna().sum() == 2
    assert rows.loc["Month-to-month", "survival"] == pytest.approx(0.5859, abs=5e-5)
    assert (contract.pairs["finding"] == Finding.DIFFERS).all()
    assert contract.notes == ()


@pytest.mark.parametrize(
    ("weights", "name"),
    [("equal", None), ("early", "peto"), ("late", "fleming-harrington")],
)
def test_tests_of_three_groups_are_those_of_lifelines(weights, name):
    frame = frame_of({"a": lives(0, 150), "b": lives(0, 200), "c": lives(0, 260)})

    got = log_rank(
        frame["duration"].to_numpy(),
        frame["observed"].to_numpy(),
        frame["group"].to_numpy(),
        weights=weights,
    )

    extra = {"p": 0, "q": 1} if weights == "late" else {}
    want = multivariate_logrank_test(
        frame["duration"], frame["group"], frame["observed"], weightings=name, **extra
    )
    assert got.df == 2
    assert got.chi2 == pytest.approx(want.test_statistic, rel=1e-6)
    assert got.p == pytest.approx(want.p_value, rel=1e-5)


def test_customers_who_enter_late_are_no_evidence_for_the_time_before():
    rng = np.random.default_rng(0)
    life = np.ceil(rng.exponential(200, 1200))
    late = np.arange(1200) % 2 == 1
    entry = np.where(late, 150.0, 0.0)
    seen = life > entry
    life, entry, group = life[seen], entry[seen], np.where(late, "late", "all")[seen]

    naive = log_rank(life, np.ones(len(life)), group)
    corrected = log_rank(life, np.ones(len(life)), group, entry=entry)

    assert naive.p < 1e-10
    assert corrected.p > 0.05


def test_curves_that_cross_are_seen_and_tested_with_weights():
    frame = frame_of(crossing(0))

    comparison = compare_groups(frame, "group")

    (pair,) = comparison.pairs.to_dict("records")
    assert 200 < pair["crosses_on"] < 500
    assert pair["weighted_p"] < 1e-6
    assert pair["p"] > 0.05  # equal weights let early and late differences cancel
    assert pair["q"] == pair["weighted_p"]
    assert pair["finding"] == Finding.DIFFERS


def test_curves_of_which_one_is_always_higher_do_not_cross():
    first, second = (survival_curve(*lives(0, mean, 800)) for mean in (150, 250))

    assert curves_cross(first, second) is None
    assert curves_cross(first, first) is None


def test_groups_too_small_empty_or_without_a_loss_are_named_and_never_a_nan():
    nobody = (np.arange(100.0, 160), np.zeros(60, dtype=bool))
    frame = frame_of({"many": lives(0, 150), "three": lives(1, 150, 3), "stay": nobody})
    frame.loc[0, "group"] = None

    found = compare_groups(frame, "group")

    said = {note.values["group"]: note.template for note in found.notes}
    assert set(said) == {"three", "stay", "not known"}
    assert "too few to compare" in said["three"]
    assert "nobody of" in said["stay"]
    texts = [str(write(note.template, note.values, Wording())) for note in found.notes]
    assert "three: 3 customers, too few to compare (10)." in texts
    assert found.table["group"].tolist() == ["stay", "many"]
    stay = found.table.iloc[0]
    assert (stay["events"], np.isnan(stay["median"])) == (0, True)
    assert 0 <= found.test.p < 0.01
    assert np.isfinite(
        found.pairs[["chi2", "p", "q", "difference", "low", "high"]].to_numpy()
    ).all()


def test_when_nobody_left_at_all_there_is_a_comparison_but_no_test():
    stay = (np.arange(1.0, 61), np.zeros(60, dtype=bool))

    found = compare_groups(frame_of({"a": stay, "b": stay}), "group")

    assert (found.test.chi2, found.test.p) == (None, None)
    assert found.table["finding"].tolist() == [Finding.TOO_FEW] * 2


def test_one_group_or_an_unknown_column_is_not_supported():
    frame = frame_of({"a": lives(0, 150), "b": lives(0, 150, 4)})

    with pytest.raises(NotSupportedByData, match="1 of the groups by group"):
        compare_groups(frame, "group")
    with pytest.raises(NotSupportedByData, match="groups by city"):
        compare_groups(frame, "city")


def test_groups_are_read_on_the_clock_of_the_last_order():
    groups = {"a": lives(0, 150), "b": lives(0, 250)}

    plain = compare_groups(frame_of(groups), "group", day=100)
    confirmed = compare_groups(frame_of(groups, window=60), "group", window=60, day=100)

    pd.testing.assert_frame_equal(plain.table, confirmed.table)
    pd.testing.assert_frame_equal(plain.pairs, confirmed.pairs)


def test_a_group_not_followed_for_the_window_is_named_instead_of_drawn():
    young = (np.arange(1.0, 51), np.zeros(50, dtype=bool))
    frame = frame_of({"a": lives(0, 150), "b": lives(0, 250)}, window=60)
    frame = pd.concat([frame, frame_of({"young": young})], ignore_index=True)

    found = compare_groups(frame, "group", window=60)

    assert set(found.curves) == {"a", "b"}
    assert found.notes[0].values["followed"] == 0


def test_only_the_largest_groups_are_kept_apart():
    groups = {f"g{i:02}": lives(i, 200, 20 + i) for i in range(15)}
    frame = frame_of(groups).sample(frac=1, random_state=1)

    found = compare_groups(frame, "group", most=12)

    assert len(found.table) == 12
    assert found.table["customers"].sum() == len(frame)
    assert "other" in set(found.table["group"])


@pytest.mark.slow
def test_groups_that_are_alike_are_seldom_said_to_differ():
    alarms = []
    for seed in range(DRAWS * 2):
        frame = frame_of({name: lives([seed, i], 200, 150) for i, name in enumerate("abcd")})
        alarms.append((compare_groups(frame, "group").pairs["finding"] == Finding.DIFFERS).any())

    assert np.mean(alarms) <= 0.05


def test_two_groups_of_members_give_the_statistic_of_lifelines():
    frame = membership(5, customers=600, whole_days=True)
    member = frame["membership_day"].notna()

    got = log_rank(frame["duration"].to_numpy(), frame["observed"].to_numpy(), member.to_numpy())

    sides = [frame[member], frame[~member]]
    want = logrank_test(
        *(side["duration"] for side in sides), *(side["observed"] for side in sides)
    )
    assert got.chi2 == pytest.approx(want.test_statistic)
