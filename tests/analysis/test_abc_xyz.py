from datetime import date
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from shared.analysis.abc import product_revenue
from shared.analysis.abc_xyz import (
    NOT_RATED,
    Cuts,
    abc_xyz_table,
    abc_xyz_tables,
    cross_classes,
    spend_variation,
)
from shared.analysis.abc_xyz_answers import steadiness
from shared.analysis.customer_summary import customer_summary
from shared.loading.client import load_client
from shared.loading.errors import ConfigError, NotSupportedByData
from shared.plots.locales import Wording
from shared.report.sentences import write

SNAPSHOT = date(2024, 7, 1)
COLUMNS = ["customer_id", "order_id", "order_date", "product_id", "line_value", "is_refund"]
LINES = pd.DataFrame(
    [
        ("ana", "A1", "2024-01-10", "P1", 20.0, False),
        ("ana", "A1", "2024-01-10", "P2", 5.0, False),
        ("ana", "A2", "2024-02-09", "P1", 10.0, False),
        ("ana", "A3", "2024-04-19", "P1", 27.0, False),
        ("ana", "A3", "2024-04-19", "P3", 8.0, False),
        ("ana", "A4", "2024-05-19", "P2", 10.0, False),
        ("ana", "C1", "2024-05-25", "P3", -8.0, True),
        ("ben", "B1", "2024-04-02", "P1", 10.0, False),
        ("ben", "B2", "2024-05-02", "P1", 10.0, False),
        ("ben", "B3", "2024-06-30", "P1", 10.0, False),
        ("cat", "K1", "2024-05-31", "P2", 500.0, False),
        (None, "G1", "2024-06-01", "P2", 40.0, False),
    ],
    columns=COLUMNS,
).astype({"order_date": "datetime64[ns]"})


def variation(frame=LINES, *, member="customer_id", **options):
    got = spend_variation(
        ibis.memtable(frame), member=member, **{"snapshot_date": SNAPSHOT, **options}
    )
    return got.to_pandas().set_index(member).sort_index()


def test_steadiness_of_the_hand_made_customer_is_that_of_the_catalogue():
    got = variation()

    # 25, 10, 0, 35, 10, 0 from January to June; the refund of May is no buying.
    assert got.loc["ana", "spend_cv"] == pytest.approx(0.9601, abs=5e-5)
    assert got.loc["ana", "periods"] == 6
    assert got.loc["ana", "active_periods"] == 4
    assert got.loc["ana", "mean_spend"] == pytest.approx(80 / 6)


def test_equal_spend_in_every_period_varies_by_exactly_nothing():
    assert variation().loc["ben", "spend_cv"] == 0.0


def test_under_three_complete_periods_there_is_no_steadiness():
    got = variation()

    assert got.loc["cat", "periods"] == 2
    assert np.isnan(got.loc["cat", "spend_cv"])


def test_a_period_that_is_not_over_does_not_count():
    got = variation(snapshot_date=date(2024, 6, 20))

    assert got.loc["ana", "periods"] == 5
    assert got.loc["ben", "periods"] == 2


def test_all_periods_of_the_data_can_count_for_everybody():
    got = variation(since_first_order=False)

    assert got["periods"].tolist() == [6, 6, 6]
    # One of six periods holds everything: the variation is the square root of five.
    assert got.loc["cat", "spend_cv"] == pytest.approx(np.sqrt(5))


def test_products_count_lines_without_a_customer():
    got = variation(member="product_id")

    assert got.loc["P2", "mean_spend"] == pytest.approx((5 + 10 + 500 + 40) / 6)


def test_without_prices_items_are_counted():
    frame = LINES.drop(columns="line_value").assign(quantity=2.0)

    assert variation(frame).loc["ben", "mean_spend"] == 2.0


def test_the_order_of_rows_and_the_names_of_customers_change_nothing():
    renamed = LINES.assign(customer_id="x" + LINES["customer_id"]).sample(frac=1, random_state=1)

    got = variation(renamed).rename(index=lambda name: name[1:])

    assert_frame_equal(got, variation(), check_names=False)


@pytest.mark.parametrize("period", ["M", "Q", "W"])
def test_the_engine_agrees_with_pandas(period):
    rng = np.random.default_rng(5)
    n = 4000
    frame = pd.DataFrame(
        {
            "customer_id": rng.integers(0, 90, n).astype(str),
            "order_date": pd.Timestamp("2023-01-01")
            + pd.to_timedelta(rng.integers(0, 540, n), unit="D"),
            "line_value": rng.integers(1, 9000, n) / 100,
        }
    )
    last = pd.Period(SNAPSHOT, freq=period) - 1
    spend = frame.assign(period=frame["order_date"].dt.to_period(period)).query("period <= @last")
    every = pd.period_range(spend["period"].min(), last, freq=period)
    wide = spend.pivot_table(
        index="customer_id", columns="period", values="line_value", aggfunc="sum"
    ).reindex(columns=every)
    since = wide.apply(lambda row: row[row.first_valid_index() :].fillna(0), axis=1)
    want = since.std(axis=1, ddof=0) / since.mean(axis=1)

    got = variation(frame, period=period)["spend_cv"]

    assert got.to_numpy() == pytest.approx(want[got.index].to_numpy(), abs=1e-9)


def classes_of(frame=LINES, **cuts):
    known = frame[frame["customer_id"].notna()]
    return cross_classes(
        known.groupby("customer_id")["line_value"].sum(), variation(frame), cuts=Cuts(**cuts)
    )


def test_a_member_on_the_mark_is_in_the_steadier_class():
    cv = variation().loc["ana", "spend_cv"]

    assert classes_of(x=0.1, y=cv).loc["ana", "xyz_class"] == "Y"
    assert classes_of(x=0.1, y=cv - 1e-9).loc["ana", "xyz_class"] == "Z"
    assert classes_of().loc["ben", "xyz_class"] == "X"


def test_the_matrix_counts_every_member_once_those_not_rated_included():
    table = abc_xyz_table(classes_of())

    assert len(table) == 12
    assert table["members"].sum() == 3
    assert table["revenue"].sum() == pytest.approx(72 + 30 + 500)
    assert table["revenue_share"].sum() == pytest.approx(1)
    of = table.set_index(["abc_class", "xyz_class"])["members"]
    assert of["A", NOT_RATED] == 1  # cat, with all that money in two periods


def test_small_cells_and_cells_of_one_member_hide_their_money_and_cannot_be_worked_out():
    sizes = {"X": 3, "Y": 20, "Z": 30}
    classes = pd.DataFrame(
        {
            "abc_class": "A",
            "xyz_class": np.repeat(list(sizes), list(sizes.values())),
            "revenue": 10.0,
        }
    )
    classes.loc[len(classes) - 1, "revenue"] = 1e4  # one of the thirty is nearly all of Z

    table = abc_xyz_table(classes, of_people=True).set_index(["abc_class", "xyz_class"])

    hidden = table.loc["A", "revenue_share"].isna()
    # Y goes with X, whose count the class would tell; Z is nearly all one member's.
    assert hidden.to_dict() == {"X": True, "Y": True, "Z": True, NOT_RATED: False}
    assert table.loc["A", "members"].isna().tolist() == [True, True, False, False]
    few = abc_xyz_table(classes.assign(revenue=10.0), of_people=True)
    assert few["revenue"].isna().tolist()[:3] == [True, True, False]  # Y hides X
    assert few["members"].isna().tolist()[:3] == [True, True, False]  # and its count too
    assert few["members"].iloc[2] == 30
    title, alt = (str(write(r.template, r.values, Wording())) for r in
                  steadiness(classes, members="customers"))  # fmt: skip
    assert title == "Fewer than 10 A customers buy steadily (X)"
    assert not {"3", "20", "33", "50"} & set(alt.split())
    goods = abc_xyz_tables({"products": classes})
    assert goods["members"].tolist()[:3] == [3, 20, 30]
    assert goods["revenue"].notna().all()  # products are no persons


def test_the_answer_tells_no_count_that_the_matrix_withholds_for_another_row():
    sizes = {("A", "X"): 50, ("A", "Y"): 21, ("A", "Z"): 17, ("A", NOT_RATED): 30,
             ("B", "X"): 40, ("B", "Y"): 41, ("B", "Z"): 42, ("B", NOT_RATED): 5,
             ("C", "X"): 60, ("C", "Y"): 61, ("C", "Z"): 62, ("C", NOT_RATED): 90}  # fmt: skip
    places = [place for place, size in sizes.items() for _member in range(size)]
    classes = pd.DataFrame(places, columns=["abc_class", "xyz_class"]).assign(revenue=10.0)

    table = abc_xyz_table(classes, of_people=True)
    title, alt = (str(write(r.template, r.values, Wording())) for r in
                  steadiness(classes, members="customers"))  # fmt: skip

    of_a = table[table["abc_class"] == "A"]
    assert of_a["members"].isna().any()
    assert title == (
        "How steadily A customers buy is withheld: another cell has fewer than 10 customers"
    )
    assert not {"50", "21", "17", "30", "88"} & set(alt.replace(",", "").split())


def test_cuts_in_the_wrong_order_are_refused():
    with pytest.raises(ConfigError, match=r"E-PARA-06 xyz_x, xyz_y"):
        Cuts(x=1.0, y=0.5)
    with pytest.raises(ConfigError, match=r"E-PARA-06 abc_a, abc_b"):
        Cuts(a=0.95, b=0.95)


def test_a_single_month_of_history_rates_nobody_and_says_what_it_needs():
    june = LINES[LINES["order_date"] >= "2024-06-01"]
    classes = classes_of(june)

    assert set(classes["xyz_class"]) == {NOT_RATED}
    assert abc_xyz_table(classes)["members"].sum() == 1
    with pytest.raises(NotSupportedByData, match="no customer has 3 complete months"):
        steadiness(classes, members="customers")


def test_no_complete_period_at_all_leaves_everybody_not_rated():
    june = LINES[LINES["order_date"] >= "2024-06-01"]
    got = cross_classes(pd.Series({"ben": 10.0}), variation(june, snapshot_date=date(2024, 6, 30)))
    every = variation(june, snapshot_date=date(2024, 6, 30), since_first_order=False)

    assert got["xyz_class"].tolist() == [NOT_RATED]
    assert every.empty


def test_money_that_nets_to_nothing_has_no_steadiness():
    frame = LINES.assign(line_value=LINES["line_value"].where(LINES["customer_id"] != "ben", 0.0))
    odd = LINES.assign(line_value=LINES["line_value"].where(LINES["customer_id"] != "ben", -3.0))

    assert np.isnan(variation(frame).loc["ben", "spend_cv"])
    assert classes_of(odd).loc["ben", ["abc_class", "xyz_class"]].tolist() == ["C", NOT_RATED]


def test_the_answer_is_a_sentence_with_the_figures_of_the_table():
    classes = classes_of()

    title, alt = (str(write(r.template, r.values, Wording())) for r in
                  steadiness(classes, members="customers"))  # fmt: skip

    assert title == (
        "No A among the customers is rated: 1 of 3 have under 3 complete months behind them"
    )
    assert "1 customers with under 3 complete months are not rated" in alt


@pytest.fixture(scope="module")
def retail(datasets, tmp_path_factory):
    clients = Path(__file__).parents[1] / "clients"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRM_DATASETS", str(datasets))
        yield load_client("online_retail", data=clients, outputs=tmp_path_factory.mktemp("out"))


@pytest.mark.datasets
@pytest.mark.slow
def test_online_retail_has_its_published_classes(retail):
    every = spend_variation(
        retail.order_lines, snapshot_date=retail.snapshot_date, since_first_order=False
    ).to_pandas()
    revenue = customer_summary(retail.order_lines, snapshot_date=retail.snapshot_date).to_pandas()
    revenue = revenue.set_index("customer_id")["monetary"]
    every = every.set_index("customer_id")

    # Twelve complete months for everybody: textbook cuts leave nobody but Z.
    assert every["spend_cv"].min() == pytest.approx(0.256, abs=5e-4)
    textbook = cross_classes(revenue, every, cuts=Cuts(x=0.10, y=0.25))
    assert textbook["xyz_class"].value_counts().to_dict() == {"Z": 4297, NOT_RATED: 41}
    wide = cross_classes(revenue, every)["xyz_class"].value_counts().to_dict()
    assert wide == {"X": 34, "Y": 283, "Z": 3980, NOT_RATED: 41}


@pytest.mark.datasets
@pytest.mark.slow
def test_online_retail_from_each_members_first_month(retail):
    options = {"snapshot_date": retail.snapshot_date}
    customers = spend_variation(retail.order_lines, **options).to_pandas()
    revenue = customer_summary(retail.order_lines, **options).to_pandas()
    products = spend_variation(retail.product_lines, member="product_id", **options).to_pandas()
    sold = product_revenue(retail.product_lines).to_pandas().set_index("product_id")["revenue"]

    buyers = cross_classes(
        revenue.set_index("customer_id")["monetary"], customers.set_index("customer_id")
    )
    goods = cross_classes(sold, products.set_index("product_id"))

    found = [c["xyz_class"].value_counts().to_dict() for c in (buyers, goods)]
    assert found == [
        {"X": 79, "Y": 575, "Z": 2962, NOT_RATED: 722},
        {"X": 599, "Y": 1204, "Z": 1705, NOT_RATED: 157},
    ]
    assert abc_xyz_table(buyers)["members"].sum() == 4338
    by_abc = abc_xyz_table(goods).groupby("abc_class")["members"].sum()
    assert by_abc["A"] == 777
