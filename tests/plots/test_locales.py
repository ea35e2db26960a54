"""Numbers, money and dates read as the client's country writes them."""

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest

from shared.analysis.intervals import Estimate, exact, wilson
from shared.plots.locales import Wording, plural

NBSP = "\u00a0"
UK, TR, RU = Wording("en_GB", "EUR"), Wording("tr", "TRY"), Wording("ru", "RUB")


def test_a_share_has_its_sign_where_the_locale_puts_it():
    assert [w.share(0.123, 1) for w in (UK, TR, RU)] == ["12.3%", "%12,3", f"12,3{NBSP}%"]


def test_thousands_and_decimals_follow_the_locale():
    assert [w.number(148337.76) for w in (UK, TR, RU)] == [
        "148,337.76", "148.337,76", f"148{NBSP}337,76",
    ]  # fmt: skip


def test_money_shows_cents_only_where_they_matter():
    assert UK.money(99.5) == "€99.50"
    assert UK.money(8911407.904) == "€8,911,408"
    assert TR.money(148337.76, digits=2) == "₺148.337,76"
    assert UK.money(0) == "€0"
    assert UK.money(8911407.904, compact=True) == "€8.91M"
    assert [UK.money(x, compact=True) for x in (1_200, 1_250)] == ["€1.2K", "€1.25K"]
    assert [UK.money(x, compact=True) for x in (999_999, 1_234_567)] == ["€1M", "€1.23M"]


def test_a_currency_of_letters_stands_off_the_number():
    assert Wording("en_GB", "TRY").money(1200) == f"TRY{NBSP}1,200"


def test_without_prices_money_counts_items():
    words = Wording("en_GB", "EUR", "items")
    assert [words.money(n) for n in (1, 38765)] == ["1 item", "38,765 items"]


@pytest.mark.parametrize("unknown", [None, float("nan"), pd.NaT, pd.NA, math.inf, np.nan])
@pytest.mark.parametrize("spec", ["count", "number", "share", "money", "days", "ratio", "date"])
def test_what_is_not_known_is_blank(unknown, spec):
    assert UK.format(unknown, spec) == ""


def test_a_small_share_never_reads_as_zero_and_zero_never_as_minus_zero():
    assert UK.share(0.0004) == "0.04%"
    assert UK.share(0) == "0%"
    assert UK.number(-0.001) == "0.00"


def test_days_take_the_word_that_goes_with_the_number():
    assert [UK.days(n) for n in (1, 45)] == ["1 day", "45 days"]


def test_dates_and_periods_read_as_in_the_country():
    assert UK.date(dt.date(2011, 12, 9)) == "9 Dec 2011"
    assert TR.date("2011-12-09") == "9 Ara 2011"
    assert UK.month("2011-12") == "Dec 2011"
    assert UK.month(pd.Period("2011Q4")) == "Q4 2011"
    assert UK.month(pd.Period("2011", freq="Y")) == "2011"
    assert UK.month(pd.Period("2011-12-05", freq="W")) == "week of 5 Dec 2011"


def test_a_value_is_written_by_its_own_type_unless_a_spec_says_otherwise():
    assert UK.format(4338) == "4,338"
    assert UK.format(np.int64(4338)) == "4,338"
    assert UK.format(1.5) == "1.50"
    assert UK.format(pd.Timestamp("2011-12-09 10:00")) == "9 Dec 2011"
    assert UK.format(pd.Period("2011-12")) == "Dec 2011"
    assert UK.format("00123") == "00123"
    assert UK.format(0.345, "share.1") == "34.5%"
    assert UK.format(wilson(1500, 4338)) == "35%"


def test_a_share_below_a_tenth_keeps_a_decimal_with_its_bounds():
    estimate = wilson(32, 1000)
    assert (UK.format(estimate), UK.interval(estimate)) == ("3.2%", "2.3% to 4.5%")


def test_an_interval_is_written_in_the_unit_of_its_value():
    assert UK.interval(wilson(1500, 4338)) == "33% to 36%"
    assert UK.interval(Estimate(1345.2, 1200, 1400, 9, "money")) == "€1,200 to €1,400"
    assert UK.interval(Estimate(52.4, 49, 57, 9, "days")) == "49 to 57 days"
    assert UK.interval(exact(12, n=12, unit="count")) == ""
    assert UK.interval(wilson(0, 0)) == ""


def test_bounds_take_the_decimals_that_a_sentence_gives_the_value():
    more = Estimate(8.507, 6.051, 10.96, 3362, "number")

    assert UK.interval(more, "number.1") == "6.1 to 11.0"
    assert UK.interval(wilson(1500, 4338), "share.1") == "33.2% to 36.0%"
    assert UK.interval(wilson(1500, 4338), "share") == "33% to 36%"
    assert UK.interval(Estimate(192.723, 180.946, 204.643, 9, "money"), "money.2")[:7] == "€180.95"
    # A bound that would become a zero keeps its own decimals: the interval leaves 0 out.
    assert UK.interval(Estimate(34, 0.31, 68, 9, "number"), "number.0") == "0.31 to 68.00"


def test_an_unknown_spec_and_a_text_as_number_are_refused():
    with pytest.raises(ValueError, match="no way to write"):
        UK.format(1, "percent")
    with pytest.raises(TypeError, match="is text"):
        UK.format("007", "count")


def test_no_locale_needs_the_narrow_space_that_dejavu_lacks():
    assert "\u202f" not in Wording("fr", "EUR").money(148337.76)


def test_plurals_choose_by_number():
    forms = {"one": "customer", "other": "customers"}
    assert [plural(forms, n) for n in (0, 1, 2)] == ["customers", "customer", "customers"]


@pytest.mark.parametrize("locale", ["de_DE", "it_IT"])
def test_a_language_without_a_short_form_for_thousands_writes_them_out(locale):
    words = Wording(locale, "EUR")

    assert words.money(1219.78325153374, compact=True) == "1.220\N{NO-BREAK SPACE}€"
    assert words.count(12_345, compact=True) == "12.345"
    assert words.money(5_000_000, compact=True)[:2] == "5\N{NO-BREAK SPACE}"
