"""Tables keep ids as text, blanks blank, and text no spreadsheet would run."""

import csv
import io

import numpy as np
import pandas as pd
import pytest

from shared.analysis.intervals import wilson
from shared.plots.locales import Wording
from shared.report.tables import rows_note, table_markup, write_csv

UK = Wording("en_GB", "EUR")


def cells(html, tag="td"):
    """Text of the cells of a table, in order."""
    parts = [part.split(f"</{tag}>")[0] for part in html.split(f"<{tag}")[1:]]
    return [part.partition(">")[2] for part in parts]


def test_a_table_has_caption_scopes_and_a_box_that_takes_the_focus():
    html = table_markup(
        pd.DataFrame({"segment": ["a"], "customers": [3]}), caption="See", wording=UK
    )

    assert '<div class="scroll" tabindex="0" role="region" aria-label="See">' in html
    assert "<caption><span>See</span></caption>" in html
    assert '<th scope="col">Segment</th><th scope="col" class="num">Customers</th>' in html
    assert '<th scope="row">a</th><td class="num">3</td>' in html


def test_units_stand_in_the_head_and_digits_are_the_same_down_a_column():
    frame = pd.DataFrame(
        {"id": ["a", "b"], "revenue": [1234.5, 2.0], "share": [0.345, 0.02], "gap_days": [1.4, 30]}
    )
    html = table_markup(frame, caption="x", wording=UK)

    assert 'Revenue <span class="unit">€</span>' in html
    assert 'Gap days <span class="unit">days</span>' in html
    assert cells(html) == ["1,234", "34.5%", "1", "2", "2.0%", "30"]


def test_a_figure_among_words_is_not_broken_whatever_its_sign_or_currency():
    shown = ["-14 days", "\N{MINUS SIGN}14 days", "₺1.250,00", "£12", "a word"]
    frame = pd.DataFrame({"id": list("abcde"), "what": shown})
    html = table_markup(frame, caption="x", wording=UK)

    assert html.count('<td class="brief">') == 4
    assert "<td>a word</td>" in html


def test_money_stands_to_the_right_in_every_currency():
    html = table_markup(
        pd.DataFrame({"id": ["a"], "revenue": [-1250.5]}), caption="x", wording=Wording("tr", "TRY")
    )

    assert '<td class="num">-1.250</td>' in html or '<td class="num">-1.251</td>' in html


def test_a_long_head_is_marked_so_that_a_phone_gives_it_room():
    frame = pd.DataFrame({"id": ["a"], "x": [1.0]})
    columns = {"id": ("Id", "text"), "x": ("Standard deviations apart", "number.1")}
    html = table_markup(frame, caption="x", wording=UK, columns=columns)

    assert '<th scope="col" class="num long">Standard deviations apart</th>' in html
    assert '<th scope="col">Id</th>' in html


def test_what_has_not_happened_is_blank():
    frame = pd.DataFrame({"cohort": pd.PeriodIndex(["2011-01"], freq="M"), 1: [0.0], 2: [None]})
    html = table_markup(
        frame, caption="x", wording=UK,
        columns={"cohort": ("Cohort", "month"), 1: ("1", "share"), 2: ("2", "share")},
    )  # fmt: skip

    assert "Jan 2011</th>" in html
    assert cells(html) == ["0%", ""]


def test_an_estimate_carries_its_interval():
    html = table_markup(
        pd.DataFrame({"x": ["a"], "rate": [wilson(30, 100)]}), caption="x", wording=UK
    )
    assert cells(html) == ["30% <small>22% to 40%</small>"]


def test_a_named_index_becomes_a_column_and_a_nameless_one_goes():
    frame = pd.DataFrame({"n": [1]}, index=pd.Index(["a"], name="segment"))
    assert "Segment</th>" in table_markup(frame, caption="x", wording=UK)
    assert ">N</th>" in table_markup(frame.reset_index(drop=True), caption="x", wording=UK)


def test_names_from_data_are_escaped_everywhere():
    name = "<script>alert(1)</script>"
    html = table_markup(pd.DataFrame({name: [name]}), caption=name, wording=UK)
    assert "<script" not in html


def test_a_column_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="no column ghost"):
        table_markup(pd.DataFrame({"a": [1]}), caption="x", wording=UK, columns={"ghost": ("", "")})


def test_rows_left_out_are_counted_with_the_file_that_has_them():
    link = '<a href="tables/x/a.csv">tables/x/a.csv</a>'
    note = rows_note(12, 4338, link, UK)
    assert "12 of 4,338 rows shown." in note
    assert f"All 4,338 rows: {link}" in note
    assert rows_note(3, 3, "", UK) == ""
    assert "All 1 rows" not in rows_note(1, 1, link, UK)
    assert "No rows" in rows_note(0, 0, "", UK)
    part = rows_note(3, 3, link, UK, whole=False)
    assert "With more rows" in part
    assert "All 3 rows" not in part


def written(frame, tmp_path):
    write_csv(frame, tmp_path / "t" / "x.csv")
    data = (tmp_path / "t" / "x.csv").read_bytes()
    assert b"\r" not in data
    return list(csv.reader(io.StringIO(data.decode("utf-8"))))


def test_a_csv_keeps_ids_whole_blanks_empty_and_dates_short(tmp_path):
    frame = pd.DataFrame(
        {
            "id": ["00123", "İstanbul"], "n": [1.0, None], "x": [0.1, 2.5],
            "day": pd.to_datetime(["2011-12-09", None]),
            "month": pd.PeriodIndex(["2011-01", "2011-02"], freq="M"),
            "rate": [wilson(1, 2), wilson(0, 0)],
        }
    )  # fmt: skip
    assert written(frame, tmp_path) == [
        ["id", "n", "x", "day", "month", "rate"],
        ["00123", "1", "0.1", "2011-12-09", "2011-01", "0.5"],
        ["İstanbul", "", "2.5", "", "2011-02", ""],
    ]


def test_a_number_in_a_csv_keeps_the_digits_that_mean_something(tmp_path):
    values = [0.1 + 0.2, 1 / 3, 123456.78905, -2e7 / 7, 7.239754832790662e-142, 4.000000001, 0.0,
              np.nan, 1.5e-12, 0.00012345678]  # fmt: skip
    frame = pd.DataFrame({"x": values, "rate": [wilson(1, 3)] * 10})
    rows = written(frame, tmp_path)[1:]

    assert [row[0] for row in rows] == [
        "0.3", "0.333333", "123456.789", "-2857142.8571", "7.23975e-142", "4.0", "0.0",
        "", "1.5e-12", "0.000123457",
    ]  # fmt: skip
    assert rows[0][1] == "0.333333"


def test_cents_survive_in_a_csv_however_large_the_sum(tmp_path):
    frame = pd.DataFrame({"money": [9_747_747.93, 0.01, 12.5]})

    assert [row[0] for row in written(frame, tmp_path)[1:]] == ["9747747.93", "0.01", "12.5"]


FORMULAS = ["=1+1", "+A1", "-cmd", "@SUM(1)", "\t=1", "'=1", "''=1", "+1-1"]
HARMLESS = ["-5", "+90532", "1-2", "'tis", "a=b", "-1,234.5"]


def test_text_in_a_csv_is_never_a_formula_and_can_be_recovered(tmp_path):
    rows = written(pd.DataFrame({"text": FORMULAS + HARMLESS}), tmp_path)
    got = [row[0] for row in rows[1:]]

    assert got == [f"'{text}" for text in FORMULAS] + HARMLESS
    assert [text[1:] for text in got[: len(FORMULAS)]] == FORMULAS
