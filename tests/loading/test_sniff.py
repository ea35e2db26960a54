"""What is not declared is proven by all values, or asked with both readings."""

import pytest
from raw_inputs import CSV, drop, read

from shared.loading.config import Format
from shared.loading.errors import DataRefused
from shared.loading.questions import Undecided
from shared.loading.sniff import resolve_formats


def resolved(tmp_path, values: list[str], kind: str, **format_):
    """Resolve a one-column table's formats."""
    text = "id;value\n" + "".join(f"{i};{value}\n" for i, value in enumerate(values))
    raw = read(drop(tmp_path, orders_csv=text.encode()))
    return resolve_formats(raw, {"value": kind}, Format(**format_))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found(tmp_path, delimiter):
    text = CSV.replace(b",", delimiter.encode())

    assert read(drop(tmp_path, orders_csv=text)).format.delimiter == delimiter


def test_a_file_that_two_delimiters_split_alike_is_asked(tmp_path):
    text = b"id;price,EUR\n1;2,50\n2;3,75\n"

    with pytest.raises(Undecided) as caught:
        read(drop(tmp_path, orders_csv=text))

    assert caught.value.choices in ((",", ";"), (";", ","))
    assert "comma" in caught.value.found
    assert "semicolon" in caught.value.found


def test_fixed_width_and_a_single_column_are_told_apart(tmp_path):
    fixed = b" 00004 0001 19970101  2   29.33\r\n 00004 0001 19970118  2   29.73\r\n"
    with pytest.raises(DataRefused, match="fixed width"):
        read(drop(tmp_path / "a", cd_txt=fixed))
    with pytest.raises(DataRefused, match="one single column"):
        read(drop(tmp_path / "b", ids_csv=b"customer_id\nA1\nA2\n"))
    assert read(drop(tmp_path / "c", ids_csv=b"id\nA1\n"), delimiter=",").header == ("id",)


def test_titles_above_the_header_are_refused_naming_the_row_to_declare(tmp_path):
    text = b"Sales report\n\n" + CSV
    with pytest.raises(DataRefused, match=r"header_row: 3"):
        read(drop(tmp_path / "a", orders_csv=text))

    raw = read(drop(tmp_path / "b", orders_csv=text), header_row=3)
    assert raw.files[0].first_row_number == 4


def test_a_header_that_no_row_agrees_with_is_refused(tmp_path):
    rows = b"".join(b"%d,2024-01-31,5,\n" % i for i in range(20))

    with pytest.raises(DataRefused, match="names 3 columns, but nearly all rows have 4 fields"):
        read(drop(tmp_path, orders_csv=b"order_id,order_date,amount\n" + rows))


def test_a_table_without_a_header_is_refused(tmp_path):
    with pytest.raises(DataRefused, match="no column names"):
        read(drop(tmp_path, orders_csv=b"1,2024-01-31,5\n2,2024-02-01,6\n"))


def test_one_byte_encodings_are_asked_with_a_word_in_each_reading(tmp_path):
    text = "ürün,tutar\nİade,5\nşapka,6\n".encode("cp1254")

    with pytest.raises(Undecided) as caught:
        read(drop(tmp_path, orders_csv=text))

    assert caught.value.choices[:3] == ("cp1252", "cp1254", "cp1251")
    assert "cp1254 (Turkish): ürün" in caught.value.found
    assert read(drop(tmp_path, orders_csv=text), encoding="cp1254").format.encoding == "cp1254"


def test_a_declared_encoding_that_does_not_fit_is_refused_with_the_row(tmp_path):
    text = "id,name\n1,Ana\n2,Müller\n"
    with pytest.raises(DataRefused, match=r"orders\.csv:3  holds bytes that are not utf-8"):
        read(drop(tmp_path / "a", orders_csv=text.encode("cp1252")), encoding="utf-8")
    with pytest.raises(DataRefused, match="valid UTF-8"):
        read(drop(tmp_path / "b", orders_csv=text.encode()), encoding="cp1252")


@pytest.mark.parametrize(
    ("values", "formats"),
    [
        (["2024-01-31", "2024-02-01 "], ("%Y-%m-%d",)),
        (["2024-01-02T03:04:05Z"], ("%Y-%m-%dT%H:%M:%S%z",)),
        (["2024-01-02 03:04:05+03:00"], ("%Y-%m-%d %H:%M:%S%z",)),
        (["13/2/2024 8:26"], ("%d/%m/%Y %H:%M",)),
        (["2/13/2024 8:26 AM"], ("%m/%d/%Y %I:%M %p",)),
        (["2024-01-02 03:04:05.0000000"], ("%Y-%m-%d %H:%M:%S.%f",)),
        (["13.02.24"], ("%d.%m.%y",)),
        (["20240213", "20240101"], ("%Y%m%d",)),
        (["20240213081500"], ("%Y%m%d%H%M%S",)),
        (["5 Jan 2024", "31 May 2024"], ("%d %b %Y",)),
        (["January 5, 2024"], ("%B %d, %Y",)),
        (["31.01.2024", "31.01.2024", "01.02.2024 10:00"], ("%d.%m.%Y", "%d.%m.%Y %H:%M")),
        (["", ""], ("%Y-%m-%d %H:%M:%S",)),
    ],
)
def test_dates_are_proven_by_their_values(tmp_path, values, formats):
    got = resolved(tmp_path, values, "timestamp")

    assert got.date_formats["value"] == formats


def test_dates_that_read_both_ways_are_asked_with_both_readings(tmp_path):
    with pytest.raises(Undecided) as caught:
        resolved(tmp_path, ["03/04/2024", "05/06/2024"], "date")

    assert '"03/04/2024" is 3 April 2024 as %d/%m/%Y (2 rows fit)' in caught.value.found
    assert '"03/04/2024" is 4 March 2024 as %m/%d/%Y (2 rows fit)' in caught.value.found
    declared = resolved(tmp_path, ["03/04/2024"], "date", date="%m/%d/%Y")
    assert declared.date_formats["value"] == ("%m/%d/%Y",)


def test_dates_that_read_the_same_both_ways_need_no_question(tmp_path):
    got = resolved(tmp_path, ["03/03/2024", "05/05/2024"], "date")

    assert len(got.date_formats["value"]) == 1


def test_both_orders_of_day_and_month_in_one_column_are_never_settled_by_majority(tmp_path):
    values = ["25/12/2024"] * 50 + ["01/02/2024"] * 48 + ["12/25/2024"]

    with pytest.raises(Undecided, match="1 row fits only the second"):
        resolved(tmp_path, values, "timestamp")


def test_two_orders_of_day_and_month_that_are_both_common_are_refused_however_declared(tmp_path):
    values = ["25/12/2024"] * 5 + ["01/02/2024"] * 4 + ["12/25/2024"] * 5

    for declared in (None, "%d/%m/%Y", ("%d/%m/%Y", "%m/%d/%Y"), ("%m/%d/%Y", "%d/%m/%Y")):
        with pytest.raises(DataRefused, match="4 rows fit both with different days") as caught:
            resolved(tmp_path, values, "date", date=declared)
        assert "no list of formats" in caught.value.fix


def test_formats_side_by_side_that_never_read_a_value_as_different_days_are_kept(tmp_path):
    declared = ("%d/%m/%Y", "%m/%d/%Y")
    values = ["25/12/2024", "12/25/2024", "03/03/2024"]

    assert resolved(tmp_path, values, "date", date=declared).date_formats["value"] == declared


def test_dates_in_no_known_form_are_refused_by_their_shape_not_their_value(tmp_path):
    with pytest.raises(DataRefused) as caught:
        resolved(tmp_path, ["5 Ocak 2024"], "timestamp")

    assert "9 aaaa 9999" in caught.value.found
    assert "Ocak" not in str(caught.value)


@pytest.mark.parametrize(
    ("values", "signs"),
    [
        (["12.50", "7"], (".", ",")),
        (["12,50", "1.234"], (",", ".")),
        (["1,234.56", "1,234"], (".", ",")),
        (["1.234.567"], (",", ".")),
        (["0.125"], (".", ",")),
        (["1234.567"], (".", ",")),
        (["1 234,50"], (",", " ")),
        (["1'234.50"], (".", "'")),
        (["€ 12,50", "-3,00 €"], (",", ".")),
        (["5", "n.a.", ""], (".", ",")),
    ],
)
def test_decimal_and_thousands_signs_are_proven_by_their_values(tmp_path, values, signs):
    got = resolved(tmp_path, values, "money")

    assert (got.decimal, got.thousands) == signs


def test_three_digits_after_the_only_sign_are_asked_with_both_readings(tmp_path):
    with pytest.raises(Undecided) as caught:
        resolved(tmp_path, ["1.234", "5"], "money")

    assert '"1.234" is 1.234 if "." is the decimal sign' in caught.value.found
    assert '"1.234" is 1234 if "." sets thousands apart' in caught.value.found
    assert resolved(tmp_path, ["1.234"], "money", decimal=",").thousands == "."


def test_two_decimal_signs_in_one_table_are_asked(tmp_path):
    with pytest.raises(Undecided, match="both signs"):
        resolved(tmp_path, ["12.50", "12,50"], "number")


@pytest.mark.datasets
def test_superstore_dates_are_month_first(datasets, tmp_path):
    raw = read(drop(tmp_path), str(datasets / "superstore" / "sample_superstore.csv"))

    got = resolve_formats(raw, {"Order Date": "timestamp", "Sales": "money"}, Format())

    assert got.date_formats == {"Order Date": ("%m/%d/%Y",)}
    assert (got.decimal, raw.format.encoding) == (".", "utf-8-sig")
