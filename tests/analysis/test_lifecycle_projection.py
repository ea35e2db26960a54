from datetime import date

import numpy as np
import pandas as pd
import pytest
from draws import DRAWS
from pandas.testing import assert_frame_equal

from shared.analysis.lifecycle import MAY_BECOME, STAGES, Thresholds
from shared.analysis.lifecycle_flows import FLOWS, NOT_YET, Lifecycle, stage_counts
from shared.analysis.lifecycle_projection import project_stages, scatter_between_periods
from shared.loading.errors import NotSupportedByData

CHAIN = {
    "new": {"one_order": 0.6, "active": 0.3, "falling_asleep": 0.1},
    "one_order": {"one_order": 0.5, "one_order_asleep": 0.3, "active": 0.15, "recovered": 0.05},
    "one_order_asleep": {"one_order_asleep": 0.9, "recovered": 0.1},
    "recovered": {"active": 0.7, "falling_asleep": 0.3},
    "active": {"active": 0.7, "falling_asleep": 0.3},
    "falling_asleep": {"falling_asleep": 0.3, "asleep": 0.3, "active": 0.35, "recovered": 0.05},
    "asleep": {"asleep": 0.85, "recovered": 0.15},
}
START = dict(zip(STAGES, [300, 500, 700, 150, 1400, 500, 400], strict=True))


def lifecycle(months):
    """Make a lifecycle of flows by month, each a mapping of (from, to) to customers."""
    rows = []
    for i, flows in enumerate(months):
        period = pd.Period("2024-01", "M") + i
        rows += [(period, old, new, flows.get((old, new), 0)) for old, new in FLOWS]
    frame = pd.DataFrame(rows, columns=["period", "from_stage", "to_stage", "customers"])
    thresholds = Thresholds(58, 155, "M")
    return Lifecycle(thresholds, frame, stage_counts(frame), date(2023, 1, 1))


def walk(months, *, newcomers=300, seed=None, last=CHAIN):
    """Let a base walk through the chain: by expectation, or by chance with a seed."""
    rng = None if seed is None else np.random.default_rng(seed)
    counts, flows = dict(START), []
    for month in range(months):
        chain = last if month == months - 1 else CHAIN
        step = {(NOT_YET, "new"): newcomers}
        for old, ways in chain.items():
            n, shares = counts[old], list(ways.values())
            gone = n * np.array(shares) if rng is None else rng.multinomial(n, shares)
            step |= {(old, new): round(float(k)) for new, k in zip(ways, gone, strict=True)}
        counts = {s: sum(n for (_, new), n in step.items() if new == s) for s in STAGES}
        flows.append(step)
    return lifecycle(flows)


def test_the_flows_of_the_last_periods_are_applied_to_the_stages_of_today():
    month = {
        (NOT_YET, "new"): 10, ("new", "one_order"): 8, ("new", "active"): 2,
        ("one_order", "one_order"): 6, ("one_order", "active"): 2,
        ("active", "active"): 3, ("active", "falling_asleep"): 1,
        ("falling_asleep", "falling_asleep"): 1,
    }  # fmt: skip
    life = lifecycle([month] * 4)

    got = project_stages(life, ahead=2, draws=50)

    table = got.table.pivot(index="stage", columns="period", values="customers").loc[list(STAGES)]
    # Now: 10 new, 14 one order, 7 active, 2 falling asleep.
    assert table.iloc[:, 0].tolist() == pytest.approx(
        [10, 8 + 10.5, 0, 0, 2 + 3.5 + 5.25, 1.75 + 2, 0]
    )
    assert table.iloc[:, 1].tolist() == pytest.approx(
        [10, 8 + 18.5 * 0.75, 0, 0, 2 + 18.5 / 4 + 10.75 * 0.75, 10.75 / 4 + 3.75, 0]
    )
    assert (got.newcomers, got.flow_periods, got.customers) == (10, 4, 33)
    assert [str(period) for period in got.table["period"].unique()] == ["2024-05", "2024-06"]


def test_only_the_last_periods_asked_for_are_applied():
    quiet = {(NOT_YET, "new"): 10, ("active", "active"): 10, ("new", "active"): 10}
    sleepy = quiet | {("active", "active"): 5, ("active", "falling_asleep"): 5,
                      ("falling_asleep", "falling_asleep"): 1}  # fmt: skip
    months = [quiet, quiet, sleepy, sleepy, sleepy, sleepy]

    late = project_stages(lifecycle(months), ahead=1, flow_periods=3, draws=20)
    whole = project_stages(lifecycle(months), ahead=1, flow_periods=6, draws=20)

    active = [p.table.set_index("stage").loc["active", "customers"] for p in (late, whole)]
    assert active == pytest.approx([10 + 15 * 0.5, 10 + 15 * 40 / 60])
    assert (late.flow_periods, whole.flow_periods) == (3, 6)


def test_the_projection_keeps_every_customer_and_adds_the_new_ones():
    life = walk(8, seed=1)

    got = project_stages(life, ahead=4, draws=100)

    totals = got.table.groupby("period")["customers"].sum()
    assert totals.tolist() == pytest.approx([got.customers + 300 * k for k in (1, 2, 3, 4)])


def test_new_customers_are_an_assumption_without_an_interval_and_are_not_tried():
    got = project_stages(walk(8, seed=1), draws=100)

    new = got.table[got.table["stage"] == "new"]
    assert new["customers"].tolist() == [300, 300, 300]
    assert new[["low", "high"]].isna().all(axis=None)
    assert got.back_test.set_index("stage")["is_inside"].isna()["new"]
    assert got.tested == 6


def test_the_back_test_knows_nothing_of_the_period_it_is_tried_on():
    honest = project_stages(walk(8, seed=2), draws=100).back_test
    asleep = CHAIN | {"active": {"active": 0.1, "falling_asleep": 0.9}}
    other = project_stages(walk(8, seed=2, last=asleep), draws=100).back_test

    columns = ["stage", "before", "customers", "low", "high"]
    assert_frame_equal(honest[columns], other[columns])
    assert honest["actual"].tolist() != other["actual"].tolist()


@pytest.mark.slow
def test_a_chain_that_stays_the_same_is_inside_the_interval_as_often_as_promised():
    results = [project_stages(walk(8, seed=seed), ahead=1, draws=200) for seed in range(2 * DRAWS)]

    inside, tested = sum(r.inside for r in results), sum(r.tested for r in results)
    assert tested == 6 * len(results)
    assert 0.92 <= inside / tested <= 0.99


def test_a_break_in_the_flows_shows_in_the_back_test():
    asleep = CHAIN | {"active": {"active": 0.4, "falling_asleep": 0.6}}

    got = project_stages(walk(8, seed=3, last=asleep), draws=300).back_test.set_index("stage")

    assert not got.loc["active", "is_inside"]
    assert not got.loc["falling_asleep", "is_inside"]
    assert got.loc["asleep", "is_inside"]


def test_flows_that_vary_between_periods_widen_the_interval():
    def wobbling(strength):
        months = []
        for i in range(8):
            lost = 300 + (strength if i % 2 else -strength)
            months.append({(NOT_YET, "new"): 50, ("new", "active"): 50,
                           ("active", "active"): 1000 - lost, ("active", "falling_asleep"): lost,
                           ("falling_asleep", "falling_asleep"): 1})  # fmt: skip
        table = project_stages(lifecycle(months), ahead=1, draws=400).table.set_index("stage")
        return float(table.loc["active", "high"] - table.loc["active", "low"])

    calm, wild = wobbling(0), wobbling(100)

    # sqrt(n p q (1 + n / n of the flows)) x 2 x 1.96, with 750 active now and 6000 behind it.
    assert calm == pytest.approx(2 * 1.96 * np.sqrt(750 * 0.21 * (1 + 750 / 6000)), rel=0.15)
    assert wild > 4 * calm


def test_scatter_is_1_where_periods_agree_and_a_chi_square_by_hand_where_not():
    same = np.zeros((3, 7, 7), dtype=int)
    same[:, 4, 4], same[:, 4, 5] = 70, 30
    apart = same.copy()
    apart[0, 4, 4:6], apart[2, 4, 4:6] = [90, 10], [50, 50]

    assert scatter_between_periods(same).tolist() == [1.0] * 7
    # Expected 70 and 30: off by 20 in two periods, over (3 - 1) x (2 - 1) degrees of freedom.
    want = (2 * 20**2 / 70 + 2 * 20**2 / 30) / 2
    assert scatter_between_periods(apart)[4] == pytest.approx(want)


def test_two_runs_agree_to_the_last_digit():
    first, second = (project_stages(walk(8, seed=4), draws=100) for _ in range(2))

    assert_frame_equal(first.table, second.table)
    assert_frame_equal(first.back_test, second.back_test)


@pytest.mark.parametrize(("months", "found"), [(1, "for 1 month only"), (3, "for 3 months only")])
def test_too_few_periods_are_not_projected(months, found):
    with pytest.raises(NotSupportedByData, match=found) as refusal:
        project_stages(walk(months))
    assert refusal.value.needs == "at least 4: 3 to learn from and one to try it on"


def test_a_stage_that_nobody_was_seen_to_go_on_from_is_not_guessed():
    month = {(NOT_YET, "new"): 10, ("new", "active"): 10, ("active", "active"): 10}
    newly = month | {("active", "falling_asleep"): 3}

    with pytest.raises(NotSupportedByData, match="go on from the stage Falling asleep"):
        project_stages(lifecycle([month, month, month, month, newly]))


def test_the_planted_chain_obeys_the_possible_flows():
    assert {stage: set(ways) for stage, ways in CHAIN.items()} == {
        stage: set(may) for stage, may in MAY_BECOME.items()
    }
