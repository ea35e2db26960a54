import ibis
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from shared.analysis.abc import abc_classes, abc_table, pareto_curve, product_revenue, top_share


def test_a_member_is_classed_by_the_share_before_it():
    got = abc_classes(pd.Series({"a": 80.0, "b": 10.0, "c": 5.0, "d": 5.0}))

    assert got["abc_class"].to_dict() == {"a": "A", "b": "B", "c": "B", "d": "B"}
    assert got["share_before"].tolist() == [0.0, 0.8, 0.9, 0.9]


def test_equal_members_share_a_class_even_across_a_cut():
    got = abc_classes(pd.Series([10.0] * 10))

    assert set(got["abc_class"]) == {"A"}


def test_what_is_not_positive_is_c_and_adds_nothing_to_the_shares():
    got = abc_classes(pd.Series({"a": 100.0, "b": 0.0, "c": -50.0}))

    assert got["abc_class"].to_dict() == {"a": "A", "b": "C", "c": "C"}


def test_a_base_without_revenue_is_all_c():
    got = abc_classes(pd.Series([0.0, -1.0]))

    assert set(got["abc_class"]) == {"C"}
    assert got["share_before"].isna().all()
    assert pd.isna(top_share(pd.Series([0.0, 0.0])).value)


def test_the_classes_sum_to_all_members_and_all_revenue():
    classes = abc_classes(pd.Series([60.0, 25.0, 8.0, 4.0, 2.0, 1.0, -3.0]))

    got = abc_table(classes)

    assert got["abc_class"].tolist() == ["A", "B", "C"]
    assert got["members"].tolist() == [2, 2, 3]
    assert got["revenue"].sum() == 97.0
    assert got["revenue_share"].sum() == pytest.approx(1)


@given(st.lists(st.integers(-5, 50), min_size=1, max_size=40))
def test_classes_never_improve_as_revenue_falls(values):
    got = abc_classes(pd.Series(values, dtype=float))

    assert got["abc_class"].is_monotonic_increasing
    assert got.groupby("revenue")["abc_class"].nunique().max() == 1


def test_the_curve_rises_from_nothing_to_all():
    curve = pareto_curve(abc_classes(pd.Series(range(1, 1001), dtype=float)), points=100)

    assert len(curve) == 101
    assert curve.iloc[0].tolist() == [0, 0]
    assert curve.iloc[-1].tolist() == [1, 1]
    assert curve["revenue_share"].is_monotonic_increasing


def test_the_top_share_of_equal_members_is_their_share_of_heads():
    got = top_share(pd.Series([3.0] * 50))

    assert (got.value, got.low, got.high) == pytest.approx((0.2, 0.2, 0.2))
    assert got.n == 50


def test_a_product_has_one_row_under_its_most_frequent_name_and_guests_count():
    table = ibis.memtable(
        pd.DataFrame(
            {
                "customer_id": ["ana", None, "ben", "ben"],
                "product_id": ["P1", "P1", "P1", "P2"],
                "product_name": ["Coffee", "Coffee", "Kaffee", None],
                "line_value": [10.0, 5.5, -2.5, 4.0],
            }
        )
    )

    got = product_revenue(table).to_pandas().sort_values("product_id", ignore_index=True)

    want = pd.DataFrame(
        {"product_id": ["P1", "P2"], "product_name": ["Coffee", None], "lines": [3, 1],
         "revenue": [13.0, 4.0]}
    )  # fmt: skip
    assert_frame_equal(got, want, check_dtype=False)
