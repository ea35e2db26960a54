"""Rows that do not count because a column says so, and ids that two spellings make two of."""

import pytest
from small_client import HEADER, csv_of, many, orders, taken

from shared.loading.counts import describe_intake
from shared.loading.errors import DataRefused

WITH_STATUS = csv_of(
    [*(f"{line},done" for line in many()), "c1,900,2024-01-04,tea,1,9.00, Cancelled",
     "c2,901,2024-01-05,tea,2,4.00,returned", "c3,902,2024-01-05,tea,-1,4.00,returned"],
    f"{HEADER},Status",
)  # fmt: skip


def test_rows_are_left_out_by_the_value_of_a_column_that_is_not_mapped(tmp_path):
    rules = "leave_out: {Status: [cancelled, Returned]}, refunds: net"
    got = taken(tmp_path, WITH_STATUS, rules=rules)

    assert got.left_out() == {"left_out": 3}
    assert got.lines.rows_in == got.lines.rows_used + 3
    assert got.lines.money_in == pytest.approx(got.lines.money_used + 9.0 + 8.0 - 4.0)
    assert {row["reason"] for row in got.rejects()} == {"left_out"}
    told = describe_intake(got.intake)
    assert any("3  left out on request (rule), money 13.00" in line for line in told)
    assert "cancelled_but_used" not in got.notes()


def test_a_mapped_column_may_be_called_by_its_canonical_name(tmp_path):
    got = taken(tmp_path, orders(), rules="leave_out: {product_id: [cup], Customer: [cat]}")

    assert got.left_out() == {"left_out": 3}


def test_a_row_with_an_error_stays_an_error_though_it_would_be_left_out(tmp_path):
    bad = csv_of([*(f"{line},x" for line in many()), "c1,900,2024-01-04,tea,1,abc,gone"],
                 f"{HEADER},Status")  # fmt: skip
    got = taken(tmp_path, bad, rules="leave_out: {Status: [gone]}")

    assert got.left_out() == {"bad_number": 1}


def test_a_column_that_the_file_does_not_have_is_refused_with_the_one_that_is_meant(tmp_path):
    with pytest.raises(DataRefused) as caught:
        taken(tmp_path, WITH_STATUS, rules="leave_out: {Statsu: [cancelled]}, refunds: net")

    message = str(caught.value)
    assert "orders.csv:Statsu  is named by leave_out" in message
    assert "did you mean Status?" in message
    assert "client.yaml line" in message


def test_lines_that_a_column_calls_cancelled_and_that_count_are_noted_with_the_rule(tmp_path):
    got = taken(tmp_path, WITH_STATUS, rules="refunds: net")

    note = "2 lines that say Cancelled, returned in Status count as sales"
    assert got.notes()["cancelled_but_used"] == note
    assert "leave_out: {Status: [Cancelled, returned]}" in got.hints()["cancelled_but_used"]


def test_a_column_of_many_different_remarks_is_no_state(tmp_path):
    lines = [f"{line},cancelled by {i}" for i, line in enumerate(many())]
    got = taken(tmp_path, csv_of(lines, f"{HEADER},Remark"))

    assert "cancelled_but_used" not in got.notes()


def test_ids_that_differ_in_space_are_the_first_note_and_say_what_they_do(tmp_path):
    files = orders('"ana ",6,2024-03-04,tea,1,3.50', "zoe,7,2024-03-04,TEA,1,3.50", *many(3))
    got = taken(tmp_path, files)
    kept = taken(tmp_path / "kept", files, rules="merge_ids: keep")

    assert got.lines.notes[0].text == (
        "2 values of Customer differ from another one only in space and are kept apart: "
        "8 customers instead of 7"
    )
    assert "merge_ids: case_and_space" in got.lines.notes[0].hint
    assert got.lines.notes[1].text == (
        "2 values of Product differ from another one only in case: kept apart"
    )
    assert "merge_ids" not in kept.lines.notes[0].hint
    assert kept.lines.customers == 8
