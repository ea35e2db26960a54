"""Behaviour measured on a hand-made shop, and the three ways to tell of customers."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest

from shared.analysis.personas_base import persona_base, relabelled
from shared.analysis.personas_behaviour import customer_behaviour
from shared.analysis.personas_study import study_personas
from shared.loading.errors import ConfigError, NotSupportedByData

TODAY = date(2024, 7, 1)
LINES = """\
customer_id,order_id,order_date,product_id,quantity,line_value,discount,channel,category,is_refund
ana,1,2024-01-05,tea,2,8,0,Web,Drinks,false
ana,1,2024-01-05,cup,1,3,1,Web,Ware,false
ana,2,2024-03-05,tea,3,12,0,App,Drinks,false
ana,3,2024-03-09,tea,1,-4,0,App,Drinks,true
ben,4,2024-05-05,cup,5,15,2,App,Ware,false
,5,2024-05-06,cup,1,3,0,App,Ware,false
ben,6,2024-07-01,cup,9,27,0,App,Ware,false
"""


def shop(**more):
    lines = pd.read_csv(pd.io.common.StringIO(LINES), parse_dates=["order_date"])
    lines["order_id"] = lines["order_id"].astype(str)
    tables = {"order_lines": ibis.memtable(lines)}
    return tables | {name: ibis.memtable(frame) for name, frame in more.items()}


def test_a_hand_made_shop_is_measured_to_the_last_figure():
    got = customer_behaviour(shop(), snapshot_date=TODAY)

    ana, ben = (got.customers.loc[name] for name in ("ana", "ben"))
    assert list(got.customers.index) == ["ana", "ben"]  # a guest is nobody
    assert ana[["orders", "lines"]].tolist() == [2, 3]
    assert ana["discounted_lines"] == pytest.approx(1 / 3)
    assert ana["refunded_lines"] == pytest.approx(1 / 3)
    assert ana["units_per_line"] == 2
    assert ana["products_per_order"] == 1.5
    assert ana[["channel_web", "channel_app"]].tolist() == pytest.approx([2 / 3, 1 / 3])
    assert ana[["category_drinks", "category_ware"]].tolist() == pytest.approx([2 / 3, 1 / 3])
    # The order of 1 July is not known yet.
    assert ben[["orders", "units_per_line", "refunded_lines", "channel_app"]].tolist() == [
        1,
        5,
        0,
        1,
    ]
    assert got.labels["channel_web"] == ("Bought by Web", "share")


def test_visits_are_those_of_the_web_data_and_nobody_seen_is_no_visit():
    sessions = pd.DataFrame(
        {
            "customer_id": ["ana", "ana", "zoe"],
            "session_id": ["1", "2", "3"],
            "started_at": pd.to_datetime(["2024-05-02", "2024-06-01", "2024-06-02"]),
            "duration_seconds": [60.0, 180.0, 10.0],
        }
    )

    got = customer_behaviour(shop(web_sessions=sessions), snapshot_date=TODAY).customers

    assert got.loc["ana", "visits_per_month"] == pytest.approx(2 / 60 * 30)
    assert got.loc["ana", "minutes_per_visit"] == 2
    assert got.loc["ben", "visits_per_month"] == 0
    assert np.isnan(got.loc["ben", "minutes_per_visit"])


def test_without_discounts_channels_or_refunds_these_stay_unknown():
    plain = (
        shop()["order_lines"].drop("discount", "channel", "category").filter(lambda t: ~t.is_refund)
    )

    got = customer_behaviour({"order_lines": plain}, snapshot_date=TODAY)

    assert got.customers[["discounted_lines", "refunded_lines"]].isna().all(axis=None)
    assert not got.channels
    assert not got.categories


def test_two_channels_of_one_column_name_stay_two():
    lines = shop()["order_lines"].mutate(
        channel=ibis.cases((ibis._.channel == "Web", "web!"), else_="Web?")
    )

    got = customer_behaviour({"order_lines": lines}, snapshot_date=TODAY)

    assert sorted(got.channels.values()) == ["Web?", "web!"]
    assert len(got.channels) == 2


def test_nobody_before_the_date_is_refused():
    with pytest.raises(NotSupportedByData, match="no order before"):
        customer_behaviour(shop(), snapshot_date=date(2020, 1, 1))


def test_the_base_keeps_attributes_of_the_person_out_of_the_features():
    people = pd.DataFrame(
        {"customer_id": ["ana", "ben"], "birth_year": [1980, 1990], "trust": [3.0, 5.0],
         "acquisition_cost": [4.0, 2.0], "city": ["Cork", "Ulm"]}
    )  # fmt: skip

    texts = pd.DataFrame(
        {"customer_id": ["ben", "ben", "ben"], "rating": [1.0, 4.0, 5.0],
         "written_at": pd.to_datetime(["2024-05-01", "2024-06-01", "2024-07-01"])}
    )  # fmt: skip

    base = persona_base(shop(customers=people, reviews=texts), snapshot_date=TODAY, least_orders=2)

    assert base.eligible.tolist() == [True, False]
    assert base.attributes.columns.tolist() == ["trust", "age", "mean_rating"]
    assert base.attributes.at["ben", "mean_rating"] == 2.5  # that of today is not known yet
    assert base.attributes["age"].tolist() == [44, 34]
    assert not {"age", "trust", "city"} & set(base.usual)
    assert base.money.sum() == pytest.approx(34)
    assert base.channel.tolist() == ["Web", "App"]


def test_one_row_per_customer_is_enough():
    rng = np.random.default_rng(0)
    kind = np.arange(600) % 2
    table = pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(600)],
            "last_order_date": pd.Timestamp("2024-06-30") - pd.to_timedelta(
                1 + kind * 200 + rng.integers(0, 30, 600), unit="D"),
            "frequency": 2 + kind * 18 + rng.integers(0, 3, 600),
            "monetary": rng.gamma(2, 50, 600) * (1 + 19 * kind),
            "visits": 5 + 20.0 * kind + rng.normal(size=600),
            "returns": 0.1 + 0.3 * kind + rng.normal(size=600) * 0.02,
        }
    )  # fmt: skip

    study = study_personas({"customer_rfm": ibis.memtable(table)}, snapshot_date=TODAY, k_max=4)

    assert study.found.natural
    assert study.found.clusters == 2
    assert study.table["revenue"].sum() == pytest.approx(table["monetary"].sum(), abs=0.01)
    assert isinstance(study.drift, NotSupportedByData)
    assert study.described


def test_answers_are_enough_and_the_outcome_takes_no_part():
    rng = np.random.default_rng(1)
    table = pd.DataFrame(rng.lognormal(0, 1, (700, 6)), columns=list("abcdef"))
    table = table.assign(outcome=np.arange(700) % 2, Year_Birth=rng.integers(1940, 2000, 700))

    study = study_personas({"responses": ibis.memtable(table)}, snapshot_date=TODAY, k_max=4)

    assert not study.found.natural
    assert study.noun == "band"
    assert "outcome" not in study.base.customers
    assert "Year_Birth" in study.found.features.left_out["feature"].tolist()
    assert study.base.noun == "persons"
    assert study.base.attributes["age"].equals(
        2024.0 - table["Year_Birth"].set_axis(study.base.customers.index)
    )


def test_features_are_called_by_a_consultants_words():
    base = persona_base(shop(), snapshot_date=TODAY)

    got = relabelled(base, "units_per_line: Pieces of each; refunded_lines: Sent back: all")

    assert got.label("units_per_line") == "Pieces of each"
    assert got.label("refunded_lines") == "Sent back: all"
    assert got.spec("refunded_lines") == base.spec("refunded_lines")
    for wrong in ("units: Pieces", "units_per_line", "units_per_line:"):
        with pytest.raises(ConfigError, match="E-PARA-75"):
            relabelled(base, wrong)
