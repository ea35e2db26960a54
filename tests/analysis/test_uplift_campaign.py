from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from planted_campaigns import SNAPSHOT, planted

from shared.analysis.uplift_campaign import read_campaign
from shared.analysis.uplift_features import campaign_features, encoded
from shared.loading.errors import NotSupportedByData

DAY = pd.Timestamp("2025-01-10 08:00")


def rows(*given, columns="customer_id arm treatment outcome assigned_at"):
    return ibis.memtable(pd.DataFrame(given, columns=columns.split()))


def six(**columns):
    frame = pd.DataFrame(
        {"customer_id": list("abcdef"), "arm": ["mail", "none"] * 3, "outcome": [1, 0, 0, 1, 1, 0],
         "assigned_at": DAY}
    )  # fmt: skip
    return ibis.memtable(frame.assign(**columns))


def read(table, **options):
    return read_campaign(table, snapshot_date=SNAPSHOT, **options)


def test_the_control_is_named_by_the_treatment_flag_or_by_the_parameter():
    flagged = read(six(treatment=[1, 0] * 3))
    named = read(six(), control_arm="none")

    assert (flagged.control, flagged.arms) == (named.control, named.arms) == ("none", ("mail",))
    assert flagged.rows["outcome"].sum() == 3


@pytest.mark.parametrize(
    ("table", "options", "match"),
    [
        (six(), {}, "no arm is known to have got nothing"),
        (six(), {"control_arm": "nobody"}, "there is no arm nobody"),
        (six(treatment=1), {}, "no arm is known to have got nothing"),
        (six(treatment=[1, 0] * 3).drop("arm").mutate(treatment=1), {}, "no control group"),
        (six(treatment=[1, 0] * 3).drop("arm").mutate(treatment=0), {}, "no control group|nobody"),
    ],
)
def test_without_a_control_group_nothing_is_said(table, options, match):
    with pytest.raises(NotSupportedByData, match=match):
        read(table, **options)


def test_who_was_in_two_arms_is_left_out_and_who_came_twice_counts_once_by_the_first():
    later = DAY + pd.Timedelta(days=3)
    table = rows(
        ("ana", "mail", 1, 1, DAY), ("ana", "none", 0, 0, DAY),
        ("ben", "mail", 1, 0, DAY), ("ben", "mail", 1, 1, later),
        ("cat", "none", 0, 1, DAY), ("dan", "mail", 1, 1, DAY),
        ("eve", None, None, 1, DAY), ("fay", "none", 0, None, DAY),
    )  # fmt: skip

    got = read(table)
    kept = got.rows.set_index("customer_id")["outcome"]
    assert kept.to_dict() == {"ben": 0.0, "cat": 1.0, "dan": 1.0}
    assert got.counted == {"no_arm": 1, "no_outcome": 1, "window_open": 0, "two_arms": 1,
                           "assigned_again": 1}  # fmt: skip


def test_repeated_rows_of_different_people_stay():
    table = ibis.memtable(
        pd.DataFrame({"customer_id": [str(i) for i in range(8)], "treatment": [1, 0] * 4,
                      "outcome": [1, 0] * 4, "age": 30})
    )  # fmt: skip

    assert read(table).n == 8


def test_customers_whose_window_is_not_over_are_left_out():
    late = pd.Timestamp(SNAPSHOT) - pd.Timedelta(days=5)
    table = six(treatment=[1, 0] * 3, assigned_at=[DAY, DAY, DAY, DAY, late, late])

    got = read(table, window_days=21)
    assert (got.n, got.counted["window_open"]) == (4, 2)
    assert read(table, window_days=5).n == 6


def test_the_last_campaign_is_taken_unless_one_is_named():
    table = six(treatment=[1, 0] * 3, campaign_id=["old"] * 2 + ["new"] * 4,
                assigned_at=[DAY - pd.Timedelta(days=90)] * 2 + [DAY] * 4)  # fmt: skip

    assert (read(table).name, read(table).n) == ("new", 4)
    assert read(table, campaign_id="old").n == 2
    with pytest.raises(NotSupportedByData, match="no campaign other"):
        read(table, campaign_id="other")
    undated = table.drop("assigned_at")
    with pytest.raises(NotSupportedByData, match="which was last is not known"):
        read(undated)


def orders(*given):
    frame = pd.DataFrame(given, columns=["customer_id", "order_date", "line_value"])
    made = frame.assign(order_id=frame.index.astype(str), quantity=1.0, product_id="p")
    return ibis.memtable(made.astype({"order_date": "datetime64[us]"}))


def test_without_a_column_of_outcomes_an_order_within_the_window_counts():
    lines = orders(
        ("a", DAY - pd.Timedelta(hours=1), 5.0),  # before the assignment: no outcome of it
        ("b", DAY, 7.0), ("b", DAY + pd.Timedelta(days=20), 1.0),
        ("c", DAY + pd.Timedelta(days=21), 9.0),  # the window is over
        ("d", DAY + pd.Timedelta(days=2), 2.5),
    )  # fmt: skip
    table = six(treatment=[1, 0] * 3).drop("outcome")

    got = read(table, order_lines=lines)
    kept = got.rows.set_index("customer_id")
    assert got.outcome == "orders"
    assert kept["outcome"].to_dict() == {"a": 0, "b": 1, "c": 0, "d": 1, "e": 0, "f": 0}
    assert kept.loc[["b", "d"], "value"].tolist() == [8.0, 2.5]
    with pytest.raises(NotSupportedByData, match="what the customers did afterwards"):
        read(table)


def test_a_value_alone_tells_who_responded_and_another_column_can_be_asked_for():
    table = six(
        treatment=[1, 0] * 3, outcome_value=[3.0, 0, 0, 0, 0, 1.0], visit=[1, 1, 1, 0, 0, 0]
    )

    assert read(table.drop("outcome")).rows["outcome"].sum() == 2
    assert read(table, outcome="visit").rows["outcome"].sum() == 3
    with pytest.raises(NotSupportedByData, match="no column visits"):
        read(table, outcome="visits")


def test_neither_the_order_of_the_rows_nor_the_ids_change_what_is_read():
    made = planted(0, n=400).table().to_pandas()
    first = read(ibis.memtable(made))
    shuffled = made.sample(frac=1, random_state=1)
    renamed = shuffled.assign(customer_id="z" + shuffled["customer_id"].str[::-1])

    for other in (read(ibis.memtable(shuffled)), read(ibis.memtable(renamed))):
        assert first.rows.drop(columns="customer_id").equals(other.rows.drop(columns="customer_id"))
        assert first.features.equals(other.features)


def test_the_placebo_deals_the_arms_anew_and_keeps_everything_else():
    table = planted(0, n=400).table()
    real, dealt = read(table), read(table, placebo=True)

    assert real.rows["outcome"].equals(dealt.rows["outcome"])
    assert real.features.equals(dealt.features)
    assert real.size("treated") == dealt.size("treated")
    assert not real.rows["arm"].equals(dealt.rows["arm"])


def features_of(table, **tables):
    return campaign_features(read(table), tables=tables)


def test_columns_that_only_responders_have_are_outcomes_and_no_features():
    made = planted(1, n=1000)
    spent = np.where(made.outcome == 1, 9.5, 0.0)
    got = features_of(made.table(spent=spent, coupon=np.where(made.outcome == 1, "used", "no"),
                                 city=["Cork", "Galway"] * 500, ref=np.arange(1000).astype(str),
                                 one=1))  # fmt: skip

    assert got.left_out == {
        "spent": "an outcome",
        "coupon": "an outcome",
        "ref": "an id or free text",
        "one": "the same for everybody",
    }
    assert {"x1", "x6", "city"} <= set(got.table.columns)


def test_orders_and_customers_after_the_day_of_the_campaign_are_not_looked_at():
    table = six(treatment=[1, 0] * 3, age=[20, 30, 40, 50, 60, 70])
    before = [("a", DAY - pd.Timedelta(days=9), 5.0), ("b", DAY - pd.Timedelta(days=40), 8.0)]
    after = [("a", DAY + pd.Timedelta(days=1), 500.0), ("c", DAY + pd.Timedelta(days=3), 1.0)]
    customers = ibis.memtable(
        pd.DataFrame({"customer_id": list("abcdef"), "gender": ["f", "m"] * 3,
                      "loyalty_joined_on": [DAY.date(), date(2025, 2, 1)] + [date(2024, 1, 1)] * 4,
                      "mood_after": range(6)})
    )  # fmt: skip

    one = features_of(table, order_lines=orders(*before, *after), customers=customers)
    other = features_of(table, order_lines=orders(*before), customers=customers)
    pd.testing.assert_frame_equal(one.table, other.table)
    pd.testing.assert_series_equal(one.segment, other.segment)
    assert "mood_after" not in one.table
    assert one.table["days_since_loyalty_joined"].isna().sum() == 2
    assert sorted(one.table["frequency"]) == [0, 0, 0, 0, 1, 1]


def test_blanks_are_filled_and_marked_and_rare_levels_taken_together():
    table = pd.DataFrame({"age": [1.0, 2.0, np.nan, 3.0] * 100,
                          "town": ["A"] * 200 + ["B"] * 199 + ["C"]})  # fmt: skip
    matrix, columns, source = encoded(table)

    assert columns == ["age", "age: blank", "town: A", "town: B"]
    assert source == ["age", "age", "town", "town"]
    assert np.isfinite(matrix).all()
    assert matrix[:, 0].mean() == pytest.approx(0, abs=1e-12)
