"""A source line is short and whole; the title block counts every row that was set aside."""

import datetime as dt
from types import SimpleNamespace

import pytest

from shared.plots.locales import Wording
from shared.report.intake_words import rows_line, source_sentence, title_block

UK = Wording("en_GB", "EUR")


@pytest.fixture
def note():
    def make(**changes):
        facts = {
            "table": "order_lines", "first": dt.date(2010, 1, 4), "last": dt.date(2011, 11, 30),
            "rows": 9, "customers": 4338, "left_out": {},
        }  # fmt: skip
        return SimpleNamespace(**{**facts, **changes})

    return make


def say(note, n=None, unit="customers"):
    return source_sentence(note, n=n, unit=unit, wording=UK)


def test_it_names_table_period_and_n(note):
    assert say(note()) == "Orders, Jan 2010 to Nov 2011, n = 4,338 customers"
    assert say(note(), n=7, unit="products") == "Orders, Jan 2010 to Nov 2011, n = 7 products"


def test_a_short_period_is_told_by_days(note):
    assert "4 Jan 2010 to 30 Jan 2010" in say(note(last=dt.date(2010, 1, 30)))


def test_a_table_without_dates_or_customers_says_what_it_has(note):
    assert say(note(table="paths", first=None, last=None, customers=None)) == "Channel paths"


def test_the_largest_reasons_are_named_and_the_rows_of_the_others_counted(note):
    left_out = {"bad_date": 1, "cancelled": 90, "refund": 20, "zero_price": 30, "no_customer": 7}
    assert say(note(left_out=left_out)).endswith(
        "; left out: cancelled orders, free of charge, refunds and 8 other rows"
    )
    assert say(note(left_out={"cancelled": 0})) == say(note())


def test_a_period_of_one_day_is_written_as_one_day(note):
    begin, end = dt.datetime(2026, 5, 18, 9), dt.datetime(2026, 5, 18, 17)

    assert ", 18 May 2026, n" in say(note(first=begin, last=end))
    assert ", 18 May 2026 to 19 May 2026, n" in say(
        note(first=begin, last=end + dt.timedelta(days=1))
    )


def test_the_title_block_escapes_what_data_may_hold(note):
    intake = SimpleNamespace(
        rows_in=10, rows_used=7, first=None, last=None, customers=None,
        set_aside=(SimpleNamespace(reason="no_customer", rows=3),),
        notes=(SimpleNamespace(text="<b>"),),
    )  # fmt: skip
    client = SimpleNamespace(
        name="A & <B>", snapshot_date=dt.date(2011, 12, 1),
        intake=SimpleNamespace(tables={"reviews": intake}),
    )  # fmt: skip
    html = title_block(client, ["reviews"], UK)

    assert "A &amp; &lt;B&gt;" in html
    assert "<b>" not in html
    assert "3: 3 without a customer" in html
    assert rows_line({"reviews": intake}, UK) == ["7 of 10 reviews used, 3 set aside"]
    assert rows_line({}, UK) == []
