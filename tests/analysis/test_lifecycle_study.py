from datetime import date, timedelta

import ibis
import numpy as np
import pandas as pd
import pytest

from shared.analysis.intervals import Estimate
from shared.analysis.lifecycle_answers import lifecycle_caveats
from shared.analysis.lifecycle_flows import Lifecycle
from shared.analysis.lifecycle_projection import Projection
from shared.analysis.lifecycle_study import study_lifecycle
from shared.loading.errors import ConfigError, NotSupportedByData

START = date(2023, 1, 10)


def order_lines(rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "order_date"])
    return ibis.memtable(frame.assign(order_date=pd.to_datetime(frame["order_date"])))


@pytest.fixture(scope="module")
def lines():
    rng = np.random.default_rng(8)
    days = rng.integers(0, 480, 1500)
    return order_lines(
        [(f"c{i % 300:03d}", START + timedelta(days=int(day))) for i, day in enumerate(days)]
    )


def test_a_base_with_history_has_every_table_and_number(lines):
    study = study_lifecycle(lines, snapshot_date=date(2024, 5, 4))

    assert isinstance(study.life, Lifecycle)
    assert isinstance(study.projection, Projection)
    assert set(study.tables()) == {
        "stages", "stage_matrix", "stage_flows", "stage_flow_totals", "falling_asleep",
        "stage_projection", "stage_back_test",
    }  # fmt: skip
    assert [r.template for r in study.caveats()] == [
        r.template for r in lifecycle_caveats(study.life)
    ]
    numbers = study.metrics()
    counts = study.life.counts()
    assert numbers["falls_asleep_after_days"] == study.life.thresholds.g1_days
    assert isinstance(numbers["active_share"], Estimate)
    assert numbers["active_share"].value == counts["active"] / counts.sum()
    asleep = counts["asleep"] + counts["one_order_asleep"]
    assert numbers["asleep_share"].value == asleep / counts.sum()
    assert numbers["projection_stages_tested"] == 6


def test_few_periods_give_stages_and_say_why_there_is_no_projection(lines):
    study = study_lifecycle(lines, snapshot_date=date(2023, 5, 1), g1_days=31, g2_days=62)

    assert isinstance(study.life, Lifecycle)
    assert isinstance(study.projection, NotSupportedByData)
    assert study.projection.reason == "flows between stages are known for 3 months only"
    assert study.followed is study.life
    assert "stage_projection" not in study.tables()
    assert "projection_stages_tested" not in study.metrics()


def test_a_single_month_gives_one_reason_for_everything_and_no_tables(lines):
    study = study_lifecycle(lines, snapshot_date=date(2023, 2, 10))

    assert isinstance(study.life, NotSupportedByData)
    assert study.projection is study.life
    assert study.tables() == study.metrics() == {}
    assert study.caveats() == []
    for part in ("followed", "projected"):
        with pytest.raises(NotSupportedByData, match="1 complete month of orders"):
            getattr(study, part)


def test_day_windows_are_read_as_months_and_weeks_and_quarters_as_they_are(lines):
    got = {
        period: study_lifecycle(lines, snapshot_date=date(2024, 5, 4), period=period).life
        for period in ("30D", "W", "Q")
    }

    assert {period: (str(life.last), life.noun) for period, life in got.items()} == {
        "30D": ("2024-04", "month"),
        "W": ("2024-04-22/2024-04-28", "week"),
        "Q": ("2024Q1", "quarter"),
    }


def test_thresholds_too_close_stop_the_run_instead_of_being_mended(lines):
    with pytest.raises(ConfigError, match="lie too close"):
        study_lifecycle(lines, snapshot_date=date(2024, 5, 4), g1_days=60, g2_days=80)
