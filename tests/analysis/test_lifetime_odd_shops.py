"""Lifetime value of shops that are small, odd or public: words and a verdict, never a crash."""

from dataclasses import replace
from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from ibis import _
from studied_lifetimes import (
    everything_said,
    fields,
    shop,
    studied,
)

from shared.analysis import lifetime_backtest_answers as test_says
from shared.analysis import lifetime_segment_answers as segments_say
from shared.analysis.lifetime_actions import lifetime_actions
from shared.analysis.lifetime_headlines import headlines, lifetime_verdict, totals
from shared.analysis.lifetime_results import lifetime_metrics, lifetime_tables
from shared.analysis.verdicts import Level
from shared.loading.errors import NotSupportedByData


@pytest.mark.parametrize(("repeats", "level"), [(99, Level.CARE), (140, None)])
def test_under_100_repeat_customers_the_page_is_read_with_care(repeats, level):
    lines, snapshot = shop(5, n=900)
    study = studied(few_repeaters(lines, snapshot, repeats), snapshot)

    verdict = lifetime_verdict(study)
    said = [reason.template for reason in verdict.reasons]
    assert study.repeaters == repeats
    assert any("came back" in text for text in said) == (repeats < 100)
    if level:
        assert verdict.level is level


def test_a_history_under_three_median_gaps_is_read_with_care():
    lines, snapshot = shop(6)
    rare = replace(studied(lines, snapshot), median_gap_days=400.0)
    often = replace(rare, median_gap_days=rare.history_days / 3)

    for study, short in ((rare, True), (often, False)):
        said = [reason.template for reason in lifetime_verdict(study).reasons]
        assert any("median gaps" in text for text in said) == short


@pytest.mark.parametrize("repeats", [0, 29])
def test_under_30_repeat_customers_the_historical_value_is_all_there_is(repeats):
    lines, snapshot = shop(5, n=900)
    study = studied(few_repeaters(lines, snapshot, repeats), snapshot)

    verdict = lifetime_verdict(study)
    assert verdict.level is Level.UNSUPPORTED
    assert isinstance(study.ahead, NotSupportedByData)
    assert [name for name, _ in headlines(study)] == ["once", "past", "fifth"]
    assert lifetime_actions(study) == []
    for reason in everything_said(study):
        assert fields(reason.template) <= set(reason.values)
    assert set(lifetime_tables(study)) >= {"customers", "three_values"}
    assert "clv" not in lifetime_tables(study)["customers"]
    assert "expected_revenue" not in lifetime_metrics(study)
    assert list(totals(study)) == ["Customers", "of them came back"]
    with pytest.raises(NotSupportedByData):
        _unused = study.forecast


def test_three_customers_still_have_a_page():
    study = studied(made({"a": ["2024-01-01"], "b": ["2024-02-01", "2024-03-01"],
                          "c": ["2024-05-01"]}), date(2024, 7, 1))  # fmt: skip

    assert lifetime_verdict(study).level is Level.UNSUPPORTED
    assert everything_said(study)


def test_refunds_that_eat_up_everything_give_no_negative_value():
    lines, snapshot = shop(7)
    frame = lines.to_pandas()
    back = frame.sample(frac=0.3, random_state=1).assign(
        line_value=lambda f: -1.5 * f["line_value"], is_refund=True
    )
    both = pd.concat([frame.assign(is_refund=False), back], ignore_index=True)
    study = studied(ibis.memtable(both), snapshot)

    assert (study.outlook.customers["clv"] >= 0).all()
    assert np.isfinite(study.outlook.customers["clv"]).all()


def test_a_single_heavy_buyer_breaks_nothing():
    lines, snapshot = shop(8)
    frame = lines.to_pandas()
    days = pd.date_range(frame["order_date"].min().normalize(), periods=700, freq="D")
    days = days[days < pd.Timestamp(snapshot)]
    heavy = pd.DataFrame({"customer_id": "whale", "order_id": [f"w{i}" for i in range(len(days))],
                          "order_date": days, "product_id": "P1", "quantity": 1.0,
                          "line_value": 5000.0})  # fmt: skip
    study = studied(ibis.memtable(pd.concat([frame, heavy], ignore_index=True)), snapshot)

    if not isinstance(study.ahead, NotSupportedByData):
        value = study.outlook.customers.set_index("customer_id")["clv"]
        assert np.isfinite(value).all()
        assert value["whale"] == value.max()
    assert any("One customer" in r.template for r in lifetime_verdict(study).reasons) or (
        lifetime_verdict(study).level is Level.UNSUPPORTED
    )


def test_without_prices_items_stand_for_money():
    lines, snapshot = shop(9)
    study = studied(lines.drop("line_value").mutate(quantity=_.quantity * 3), snapshot)

    assert (study.what, study.margin.basis) == ("items bought", "items bought")
    assert any("no prices" in r.template for r in lifetime_verdict(study).reasons)
    assert everything_said(study)
    with pytest.raises(NotSupportedByData, match="no prices"):
        segments_say.worth(study)


@pytest.mark.datasets
def test_apparel_says_on_the_page_that_its_model_is_a_fall_back(datasets):
    rows = pd.read_csv(datasets / "apparel" / "apparelTrans.csv", dtype={"Id": str})
    lines = ibis.memtable(
        pd.DataFrame({"customer_id": rows["Id"], "order_date": pd.to_datetime(rows["Date"]),
                      "order_id": [f"o{i}" for i in range(len(rows))], "quantity": 1.0,
                      "line_value": rows["Price"]})
    )  # fmt: skip
    first, last = pd.to_datetime(rows["Date"]).min(), pd.to_datetime(rows["Date"]).max()
    end = first + pd.Timedelta(weeks=40)
    study = studied(lines, (last + pd.Timedelta(days=1)).date(), calibration_end=str(end.date()))

    test = study.tested
    assert test.ladder.model.name == "MBG/NBD"
    said = test_says.ladder_said(test.ladder, when="In the backtest")
    assert "It is a fall-back: first failed BG/NBD" in said.template
    assert test.ratio.value == pytest.approx(0.783, rel=0.02)


def few_repeaters(lines, snapshot, repeats):
    """Keep so many repeat customers whole, of all others the first order alone."""
    frame = lines.to_pandas().sort_values("order_date")
    days = frame.groupby("customer_id")["order_date"].agg(lambda d: d.dt.normalize().nunique())
    back = days[days > 1].index[:repeats]
    first = ~frame.duplicated("customer_id")
    return ibis.memtable(frame[frame["customer_id"].isin(back) | first])


def made(days):
    rows = [(name, f"{name}{i}", pd.Timestamp(day), 10.0 + i)
            for name, when in days.items() for i, day in enumerate(when)]  # fmt: skip
    columns = ["customer_id", "order_id", "order_date", "line_value"]
    return ibis.memtable(pd.DataFrame(rows, columns=columns).assign(quantity=1.0))
