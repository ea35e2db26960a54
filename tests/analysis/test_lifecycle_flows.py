from datetime import date, timedelta

import ibis
import numpy as np
import pandas as pd
import pytest
from ibis import _
from pandas.testing import assert_frame_equal

from shared.analysis.intervals import wilson
from shared.analysis.lifecycle import (
    MAY_BECOME,
    STAGES,
    closed_gaps,
    customer_stages,
    gap_quantile,
    stage_thresholds,
)
from shared.analysis.lifecycle_customers import latest_stages
from shared.analysis.lifecycle_flows import (
    NOT_YET,
    flow_history,
    flow_matrix,
    follow_stages,
    stage_matrix,
)
from shared.loading.errors import NotSupportedByData

GIVEN = {"g1_days": 45, "g2_days": 90}


def order_lines(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "order_date"])
    return ibis.memtable(frame.assign(order_date=pd.to_datetime(frame["order_date"])))


def random_lines(seed, *, customers=250, days=500):
    """Make a base that comes and goes: four orders a head on average, over 500 days."""
    rng = np.random.default_rng(seed)
    who = rng.integers(0, customers, 4 * customers)
    first = rng.integers(0, days, customers)[who]
    when = first + rng.exponential(60, len(who)).astype(int)
    kept = when < days
    dates = pd.Timestamp("2023-01-10") + pd.to_timedelta(when[kept], unit="D")
    return order_lines(*zip([f"c{i:03d}" for i in who[kept]], dates, strict=True))


@pytest.fixture(scope="module")
def retail_life(online_retail_bought):
    return follow_stages(
        online_retail_bought, snapshot_date=date(2011, 12, 10), periods=24, g1_days=58, g2_days=155
    )


@pytest.mark.datasets
def test_online_retail_has_the_published_gaps_and_thresholds(online_retail_bought):
    gaps = closed_gaps(online_retail_bought, before=date(2011, 12, 10))
    thresholds = stage_thresholds(online_retail_bought, before=date(2011, 12, 10), period="M")

    assert gaps["gaps"].sum() == 12_425
    assert [gap_quantile(gaps, percent=percent) for percent in (75, 95)] == [58, 155]
    assert (thresholds.g1_days, thresholds.g2_days, thresholds.gaps) == (58, 155, 12_425)


@pytest.mark.datasets
def test_online_retail_has_the_published_stages_and_flows(retail_life):
    counts = retail_life.counts()
    november = flow_matrix(retail_life.flows, period=pd.Period("2011-11", "M"))
    flows = november.set_index(["from_stage", "to_stage"])["customers"]
    ever = flow_matrix(retail_life.flows).set_index(["from_stage", "to_stage"])["customers"]

    assert counts.to_dict() == {
        "new": 323, "one_order": 596, "one_order_asleep": 717, "recovered": 177,
        "active": 1631, "falling_asleep": 565, "asleep": 288,
    }  # fmt: skip
    assert counts.sum() == 4297
    assert flows["active"].to_dict() == {"active": 1142, "falling_asleep": 282}
    assert flows["falling_asleep"][["active", "asleep", "recovered"]].tolist() == [179, 96, 10]
    assert flows["asleep", "recovered"] == 52
    assert ever["active", "falling_asleep"] == 1945


@pytest.mark.datasets
def test_online_retail_hatches_the_first_155_days_and_says_the_share_with_its_interval(retail_life):
    row = flow_history(retail_life.flows).iloc[-1]

    assert retail_life.settled_from == date(2011, 5, 5)
    assert [str(period) for period in retail_life.unsettled] == [
        "2010-12", "2011-01", "2011-02", "2011-03", "2011-04", "2011-05",
    ]  # fmt: skip
    want = wilson(282, 1424)
    assert row[["share", "low", "high"]].tolist() == [want.value, want.low, want.high]


@pytest.mark.datasets
def test_online_retail_has_one_row_per_customer_that_adds_up_to_the_stages(
    online_retail_bought, retail_life
):
    latest = latest_stages(
        online_retail_bought, thresholds=retail_life.thresholds, snapshot_date=date(2011, 12, 10)
    )
    settled = latest[latest["periods_in_stage"] > 0]

    assert len(latest) == latest["customer_id"].nunique() == 4338
    assert settled["lifecycle_stage"].value_counts().to_dict() == retail_life.counts().to_dict()
    assert set(latest.loc[latest["periods_in_stage"] == 0, "lifecycle_stage"]) == {"new"}
    flows = flow_matrix(retail_life.flows)
    recovered = flows.loc[flows["to_stage"] == "recovered", "customers"].sum()
    assert latest["recoveries"].sum() == recovered


@pytest.mark.parametrize("period", ["M", "Q", "W"])
def test_flows_conserve_customers_and_the_thirty_others_count_0(period):
    life = follow_stages(
        random_lines(3), snapshot_date=date(2024, 5, 20), period=period, periods=60,
        g1_days=95, g2_days=190,
    )  # fmt: skip
    flows, stages = life.flows, life.stages.set_index(["period", "stage"])["customers"]

    possible = {(NOT_YET, "new"), *((a, b) for a in STAGES for b in MAY_BECOME[a])}
    taken = flows.groupby("period")[["from_stage", "to_stage"]].apply(
        lambda rows: set(rows.itertuples(index=False, name=None))
    )
    assert len(taken) > 4
    assert all(pairs == possible for pairs in taken)
    for before, now in zip(taken.index, taken.index[1:], strict=False):
        here = flows[flows["period"] == now]
        left = here[here["from_stage"] != NOT_YET].groupby("from_stage")["customers"].sum()
        assert left.reindex(STAGES).tolist() == stages[before].tolist()
        assert here.groupby("to_stage")["customers"].sum()[list(STAGES)].tolist() == (
            stages[now].reindex(STAGES).tolist()
        )
    total = stages.groupby("period").sum()
    new = flows[flows["from_stage"] == NOT_YET].groupby("period")["customers"].sum()
    assert total.diff().dropna().tolist() == new.iloc[1:].tolist()


def test_every_stage_stands_in_every_period_with_0_where_it_is_empty():
    lines = order_lines(("ana", "2024-01-10"), ("ana", "2024-02-20"), ("ben", "2024-02-03"))

    life = follow_stages(lines, snapshot_date=date(2024, 4, 1), **GIVEN)

    table = life.stages.pivot(index="stage", columns="period", values="customers")
    assert table.loc[list(STAGES)].to_numpy().tolist() == [
        [1, 1, 0],  # new
        [0, 0, 1],  # one order: ben
        [0, 0, 0],
        [0, 0, 0],
        [0, 1, 1],  # active: ana
        [0, 0, 0],
        [0, 0, 0],
    ]


def test_the_stage_matrix_has_counts_and_shares_of_all_who_had_ordered_by_then():
    lines = order_lines(("ana", "2024-01-10"), ("ana", "2024-02-20"), ("ben", "2024-02-03"))

    got = stage_matrix(follow_stages(lines, snapshot_date=date(2024, 4, 1), **GIVEN))

    assert list(got.columns) == [
        "period", "customers", *STAGES, *(f"{stage}_share" for stage in STAGES), "is_settled"
    ]  # fmt: skip
    assert got["period"].astype(str).tolist() == ["2024-01", "2024-02", "2024-03"]
    assert got["customers"].tolist() == [1, 2, 2]
    assert got["active_share"].tolist() == [0, 0.5, 0.5]
    # 10 January and 90 days are 9 April: until then nobody knows who is truly new.
    assert got["is_settled"].tolist() == [False, False, False]


def test_later_data_change_neither_thresholds_nor_stages_nor_flows():
    lines = random_lines(4)
    cut = pd.Timestamp("2024-02-01").to_pydatetime()

    early = follow_stages(lines.filter(_.order_date < cut), snapshot_date=date(2024, 2, 1),
                          periods=4)  # fmt: skip
    later = follow_stages(lines, snapshot_date=date(2024, 5, 1), periods=7)

    assert later.thresholds == early.thresholds
    shown = later.flows["period"] <= pd.Period("2024-01", "M")
    assert shown.sum() < len(later.flows)
    assert_frame_equal(early.flows, later.flows[shown])


def test_estimated_thresholds_leave_as_many_periods_before_the_first_one_shown():
    life = follow_stages(random_lines(5), snapshot_date=date(2024, 5, 20), periods=36)

    shown = life.stages["period"].unique()
    assert [str(shown[0]), str(shown[-1])] == ["2023-09", "2024-04"]  # 16 complete months
    assert life.thresholds.estimated_before == date(2023, 9, 1)


def test_a_period_that_is_still_running_is_not_shown():
    lines = order_lines(("ana", "2024-01-10"), ("ben", "2024-02-03"), ("cat", "2024-03-02"))

    life = follow_stages(lines, snapshot_date=date(2024, 3, 20), **GIVEN)

    assert (str(life.last), life.counts().sum()) == ("2024-02", 2)


@pytest.mark.parametrize(
    ("snapshot", "found"),
    [("2024-02-15", "1 complete month of orders"), ("2024-01-20", "0 complete months")],
)
def test_a_single_month_of_history_is_not_supported(snapshot, found):
    lines = order_lines(("ana", "2024-01-10"), ("ana", "2024-01-12"), ("ben", "2024-01-19"))

    with pytest.raises(NotSupportedByData, match=found) as refusal:
        follow_stages(lines, snapshot_date=date.fromisoformat(snapshot), **GIVEN)
    assert refusal.value.needs.startswith("at least 2")


def test_one_order_per_customer_is_not_supported_without_given_thresholds():
    days = [date(2023, 1, 1) + timedelta(days=i) for i in range(300)]
    lines = order_lines(*[(f"c{i}", day) for i, day in enumerate(days)])

    with pytest.raises(NotSupportedByData, match="only 0 pauses"):
        follow_stages(lines, snapshot_date=date(2023, 11, 1))
    life = follow_stages(lines, snapshot_date=date(2023, 11, 1), periods=10, **GIVEN)

    assert life.counts()[["recovered", "active", "falling_asleep", "asleep"]].sum() == 0
    assert life.counts().sum() == 300
    assert flow_history(life.flows)["share"].isna().all()


def test_a_flow_over_the_months_counts_what_a_person_can_count():
    """Ten customers, counted by hand: six fall asleep in March, three of them come back."""
    january = [(f"c{i}", f"2024-01-{10 + i}") for i in range(10)]
    february = [(f"c{i}", f"2024-02-{10 + i}") for i in range(10)]
    april = [(f"c{i}", f"2024-04-{10 + i}") for i in range(3)]
    lines = order_lines(*january, *february, *april)

    life = follow_stages(lines, snapshot_date=date(2024, 5, 1), **GIVEN)

    # 1 April is 51 days after 10 February and 42 after 19 February: c0 to c5 are over 45.
    asleep = flow_history(life.flows)
    back = flow_history(life.flows, from_stage="falling_asleep", to_stage="active")
    assert asleep[["before", "customers"]].to_numpy().tolist() == [[0, 0], [0, 0], [10, 6], [4, 4]]
    assert back[["before", "customers"]].to_numpy().tolist() == [[0, 0], [0, 0], [0, 0], [6, 3]]


def test_customers_x_periods_stay_in_the_engine():
    stages = customer_stages(
        random_lines(6),
        thresholds=stage_thresholds(random_lines(6), before=date(2023, 9, 1), period="M"),
        last_period=pd.Period("2024-03", "M"),
    )

    assert isinstance(stages, ibis.Table)
    assert stages.columns == ("customer_id", "period", "stage", "previous_stage")
