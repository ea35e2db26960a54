"""What `new` proposes where names alone do not tell: values are looked at, or the line is asked."""

import pytest

from shared.loading.config import load_config
from shared.loading.errors import ConfigError, DataRefused

SALES = (
    "Beleg-Nr.;Belegdatum;Kd.-Nr.;Art.-Nr. ;Menge (Stk);VK-Preis netto (EUR);Status\n"
    "1;25.12.2023;00123;85123;6;2,55;abgeschlossen\n"
    "2;26.12.2023;00124;85123;1;2,55;storniert\n"
    "3;27.12.2023;00124;22752;2;1,05;abgeschlossen\n"
)
LONG = "The dress is lovely and fits, but the seam came apart after a week, number "


def lines_of(page, key):
    return [line.strip() for line in page.splitlines() if line.strip().startswith(f"{key}:")]


def test_units_and_abbreviations_need_no_edit_and_name_the_currency(new):
    decide, page, folder = new(umsatz_csv=SALES)

    table = load_config(folder).tables["order_lines"]
    assert decide == []
    assert list(table.columns) == [
        "customer_id", "order_id", "order_date", "product_id", "quantity", "unit_price",
    ]  # fmt: skip
    assert lines_of(page, "currency") == ["currency: EUR  # from VK-Preis netto (EUR)"]


def test_texts_with_stars_are_reviews_and_no_order_lines_whatever_the_text_is_called(new):
    rows = "".join(
        f"0{i % 7};p{i % 5};{i % 28 + 1}.01.2024;{1 + i % 5};{LONG}{i}\n" for i in range(60)
    )
    _, page, folder = new(bewertungen_csv="Kundennummer;Artikelnummer;Datum;Sterne;Was\n" + rows)

    tables = load_config(folder).tables
    assert list(tables) == ["reviews"]
    assert tables["reviews"].columns["text"] == "Was"
    assert "text: Was  # assumed: the only long texts" in page


def test_the_one_column_of_dates_is_taken_and_of_two_the_meant_one_is_asked(new):
    head = "session;Kunden-ID;Los;Quelle;Seiten"
    rows = [f"s{i};0{i % 9};2024-01-{i % 28 + 1:02d} 10:00:00;SEO;{i % 4}" for i in range(40)]
    _, page, _ = new(besuche_csv="\n".join([head, *rows]) + "\n")
    assert "started_at: Los  # assumed: the only dates" in page

    two = [f"{row};2024-02-{i % 28 + 1:02d}" for i, row in enumerate(rows)]
    decide, _, _ = new(besuche_csv="\n".join([f"{head};Stand", *two]) + "\n", slug="beta")
    assert [line.split("  ", 1)[1] for line in decide] == [
        "started_at: DECIDE  # one of Los, Stand"
    ]


def test_a_duration_that_is_no_number_is_left_out(new):
    rows = "".join(f"s{i};0{i % 9};2024-01-{i % 28 + 1:02d};00:0{i % 9}:10\n" for i in range(40))
    _, page, folder = new(besuche_csv="session;Kunden-ID;Beginn;Dauer\n" + rows)

    assert "duration_seconds" not in load_config(folder).tables["web_sessions"].columns
    assert "# Dauer holds no numbers" in page


def test_amounts_that_no_name_explains_are_asked_and_not_passed_over(new):
    rows = "".join(f"{i};c{i % 9};2024-01-{i % 28 + 1:02d};{i}.50;0.{i % 3}\n" for i in range(40))
    decide, _, _ = new(orders_csv="Order No;Client;Date;Worth;Share\n" + rows)

    (line,) = decide
    assert "line_value: DECIDE  # one of Worth; the line's total" in line
    assert "delete this line" in line


def test_a_file_without_known_names_is_asked_column_by_column_if_it_could_be_orders(new):
    rows = "".join(f"x{i % 9};{i};2024-01-{i % 28 + 1:02d};g{i % 4};{i}.50\n" for i in range(40))
    decide, page, folder = new(abc_csv="wer;lfd;wann;was;wieviel\n" + rows)

    keys = [line.split("  ")[1].partition(":")[0] for line in decide]
    assert keys == ["customer_id", "order_id", "product_id", "line_value"]
    assert "order_date: wann  # assumed: the only dates" in page
    assert "if they are none, delete this table" in page
    with pytest.raises(ConfigError, match="DECIDE"):
        load_config(folder)


def test_a_file_without_dates_is_still_refused(new):
    with pytest.raises(DataRefused, match="fits none"):
        new(abc_csv="wer;was\n" + "".join(f"x{i % 9};g{i % 4}\n" for i in range(40)))


def test_ids_that_differ_only_in_space_are_asked_with_what_merging_would_do(new):
    blanks = SALES.replace(";00124;22752", ";00124  ;22752")
    decide, _, _ = new(umsatz_csv=blanks)

    (line,) = decide
    assert "merge_ids: DECIDE  # 2 ids of Kd.-Nr. differ from another one only in space" in line
    assert "3 customers, 2 if merged; case_and_space or keep" in line


def test_product_ids_that_differ_only_in_case_are_remarked_on_but_not_asked(new):
    rows = SALES.replace("85123;6", "85123a;6").replace("85123;1", "85123A;1")
    decide, page, _ = new(umsatz_csv=rows)

    assert decide == []
    assert "# 2 ids of Art.-Nr. differ from another one only in case" in page


@pytest.mark.parametrize("word", ["storniert", "Cancelled", "canceled", "annulée", "İptal",
                                  "отменён", "Refunded", "returned"])  # fmt: skip
def test_rows_that_a_column_calls_cancelled_are_proposed_to_be_left_out(new, word):
    decide, page, folder = new(umsatz_csv=SALES.replace("storniert", word))

    assert decide == []
    assert load_config(folder).tables["order_lines"].rules.leave_out == {"Status": (word,)}
    assert "assumed: 1 line of sales is called so" in page


def test_credit_notes_are_refunds_and_not_proposed_to_be_left_out(new):
    rows = SALES.replace("85123;1;2,55;storniert", "85123;-1;2,55;storniert")
    _, page, folder = new(umsatz_csv=rows)

    assert load_config(folder).tables["order_lines"].rules.leave_out == {}
    assert "refunds: net" in page


def test_orders_keep_their_table_when_another_file_could_be_read_as_orders_too(new):
    reviews = "".join(
        f"0{i % 7};p{i % 5};{i % 28 + 1}.01.2024;{1 + i % 5};{LONG}{i}\n" for i in range(60)
    )
    other = "".join(f"x{i % 9};{i};2024-01-{i % 28 + 1:02d};g{i % 4}\n" for i in range(40))
    _, page, _ = new(
        a_csv="wer;lfd;wann;was\n" + other,
        b_csv="Kundennummer;Artikelnummer;Datum;Sterne;Text\n" + reviews,
        c_csv=SALES,
    )

    assert lines_of(page, "order_id") == ['order_id: "Beleg-Nr."']
    assert "# a.csv fits no further table: wer, lfd, wann, was" in page


def test_another_amount_that_could_be_meant_stands_beside_the_one_that_was_taken(new):
    rows = "".join(f"{i};c{i % 9};2024-01-{i % 28 + 1:02d};{i}.50;{i}.90\n" for i in range(40))
    decide, page, _ = new(orders_csv="Order No;Client;Date;Net amount;Amount (brutto)\n" + rows)

    assert decide == []
    (line,) = lines_of(page, "line_value")
    assert line == "line_value: Net amount  # assumed: Amount (brutto) could be meant too"
