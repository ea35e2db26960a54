"""What the intake says of rows: counts that add up, values and cells quoted, the right remedy."""

import pytest
from small_client import COLUMNS, HEADER, csv_of, many, orders, taken, write_client

from shared.loading.config import load_config
from shared.loading.counts import describe_intake
from shared.loading.errors import ConfigError, DataRefused
from shared.loading.intake import take_in

REVIEWS = """\
  reviews:
    source: reviews.txt
    columns: {review_id: Id, written_at: Written, text: Text}
"""


def with_reviews(root, *days, top=""):
    """Take in the clean orders, which end on 2 March 2024, and a review of each of these days."""
    folder = write_client(root, orders(), top=top)
    lines = [f"r{i},{day},good tea" for i, day in enumerate(days)]
    (folder / "reviews.txt").write_text("\n".join(["Id,Written,Text", *lines]) + "\n")
    settings = folder / "client.yaml"
    settings.write_text(settings.read_text() + REVIEWS)
    return take_in(load_config(folder), root / "snapshot").intake


def refused(root, files, **settings):
    """Give the message of a client that is refused."""
    with pytest.raises(DataRefused) as caught:
        taken(root, files, **settings)
    return str(caught.value)


@pytest.mark.parametrize("top", ["", "snapshot_date: 2024-03-03"])
def test_rows_of_any_table_from_the_snapshot_date_on_are_set_aside_and_counted(tmp_path, top):
    days = ["2024-03-02 23:59:00", "2024-03-03 00:00:00", "2024-04-01 10:00:00"]
    reviews = with_reviews(tmp_path, *days, top=top).tables["reviews"]

    assert (reviews.rows_in, reviews.rows_used) == (3, 1)
    assert [(s.reason, s.kind, s.rows) for s in reviews.set_aside] == [
        ("after_snapshot", "rule", 2)
    ]
    said = {note.code: f"{note.text}; {note.hint}" for note in reviews.notes}
    assert bool(said) is not bool(top)
    if said:
        assert said["after_last_order"].startswith("2 rows are dated after the last order and are")
        assert "snapshot_date: 2024-04-02 keeps them" in said["after_last_order"]


def test_a_table_that_only_begins_after_the_last_order_is_refused_with_the_date_that_keeps_it(
    tmp_path,
):
    with pytest.raises(DataRefused) as caught:
        with_reviews(tmp_path, "2024-05-01 10:00:00", "2024-05-02 10:00:00")

    assert "no row is left of 2" in str(caught.value)
    assert "snapshot_date: 2024-05-03" in str(caught.value)


def test_rows_dropped_by_a_key_are_told_apart_from_those_equal_in_every_column(tmp_path):
    key = "duplicates: drop, duplicate_key: [order_id, product_id]"
    again = ("ben,2,2024-01-20,tea,1,3.50", "cat,3,2024-02-03,cup,4,7.50")
    got = taken(tmp_path, orders(*again), rules=key)
    same = taken(tmp_path / "same", orders(again[0]), rules=key)

    assert got.left_out() == {"duplicate": 2}
    want = "2 rows repeat an earlier order line, 1 of them in every column: all 2 set aside"
    assert got.notes()["repeated_rows"] == want
    want = "1 row repeats an earlier order line in every column: set aside"
    assert same.notes()["repeated_rows"] == want


def test_files_that_overlap_in_time_are_told_of_where_a_key_drops_the_repeats(tmp_path):
    first = orders("dan,6,2024-03-02,tea,1,3.50")["orders.csv"]
    second = csv_of(["dan,6,2024-03-02,tea,1,3.50", "eve,7,2024-03-09,tea,1,3.50"])["orders.csv"]
    key = "duplicates: drop, duplicate_key: [order_id, product_id]"
    got = taken(tmp_path, {"a.csv": first, "b.csv": second}, rules=key)

    assert got.left_out() == {"duplicate": 1}
    want = "1 row stands in two files and is counted once: "
    assert got.notes()["overlap"] == f"{want}the files overlap from 2024-03-02 to 2024-03-02"


def test_one_repeated_row_is_said_in_the_singular(tmp_path):
    got = taken(tmp_path, orders("ben,2,2024-01-20,tea,1,3.50"))

    assert got.notes()["repeated_rows"] == "1 row repeats an earlier one in every column: kept"


def test_a_month_that_is_not_over_is_said_once_for_all_tables(tmp_path):
    folder = write_client(tmp_path, orders())
    (folder / "visits.txt").write_text(
        "C,S,At\nana,1,2024-02-09 10:00:00\nana,2,2024-03-01 10:00:00\n"
    )
    settings = folder / "client.yaml"
    settings.write_text(
        settings.read_text() + "  web_sessions:\n    source: visits.txt\n"
        "    columns: {customer_id: C, session_id: S, started_at: At}\n"
    )
    intake = take_in(load_config(folder), tmp_path / "snapshot").intake

    said = "\n".join(describe_intake(intake))
    assert said.count("March 2024 is not over") == 1


def test_total_rows_are_quoted_with_their_file_and_the_footer_to_declare(tmp_path):
    total = "\n".join(["", "Summe:,,,,21,102.50"])
    files = {"a.csv": orders()["orders.csv"].strip() + total + "\n"}
    files["b.csv"] = csv_of(many())["orders.csv"].strip() + total + "\n"
    message = refused(tmp_path, files)

    assert 'row 8 says "Summe:"' in message
    assert "2 such rows: a.csv:8, b.csv:102" in message
    assert "footer: [Summe]" in message


def test_a_footer_that_is_a_group_is_told_to_be_a_list(tmp_path):
    folder = write_client(tmp_path, orders(), rules="footer: {Summe: 1}")
    with pytest.raises(ConfigError, match=r"footer is a list, not .* write footer: \[Summe\]"):
        load_config(folder)


def test_a_wrong_decimal_sign_is_told_with_values_and_the_sign_that_reads_them(tmp_path):
    lines = [f"c{i};{i};2024-01-05;tea;1;{i % 7},{50 + i % 40}" for i in range(40)]
    files = csv_of(lines, HEADER.replace(",", ";"))
    message = refused(tmp_path, files, format_='decimal: "."')

    assert 'such as "0,50" and' in message
    assert 'decimal: ",", which reads 40 of these 40' in message


def rated(root, *, rules=""):
    """Take in forty reviews with stars written as words."""
    lines = [f"r{i},good tea,{1 + i % 5} von 5" for i in range(39)] + ["r39,good tea,3"]
    files = {"reviews.csv": "\n".join(["Id,Text,Stars", *lines]) + "\n"}
    columns = {"review_id": "Id", "text": "Text", "rating": "Stars"}
    day = "snapshot_date: 2024-03-03"
    return taken(root, files, table="reviews", columns=columns, rules=rules, top=day)


def test_words_for_numbers_are_quoted_and_read_once_their_values_are_declared(tmp_path):
    with pytest.raises(DataRefused) as caught:
        rated(tmp_path)
    pairs = ", ".join(f'"{n} von 5": {n}' for n in range(1, 6))
    got = rated(tmp_path / "declared", rules=f"values: {{rating: {{{pairs}}}}}")

    assert 'such as "1 von 5" and "2 von 5"' in str(caught.value)
    assert 'values: {rating: {"1 von 5": <number>}}' in str(caught.value)
    ratings = [row["rating"] for row in got.rows("reviews")]
    assert ratings == [1 + i % 5 for i in range(39)] + [3]


def test_what_may_be_a_telephone_number_or_a_name_is_shown_as_its_shape(tmp_path):
    lines = [f"c{i},{i},2024-01-05,tea,1,Ana {'abcdefghij'[i % 10] * (i + 1)}" for i in range(40)]
    lines[0] = "c0,0,2024-01-05,tea,1,0170-1234567"
    message = refused(tmp_path, csv_of(lines))

    assert "Ana" not in message
    assert "1234567" not in message
    assert "aaa a" in message


def test_durations_written_as_a_clock_are_read_as_seconds(tmp_path):
    lines = [f"ana,{i},2024-01-0{i} 10:00:00,{d}" for i, d in enumerate(["00:06:40", "1:00:01"], 1)]
    files = {"visits.csv": "\n".join(["C,S,At,Dauer", *lines]) + "\n"}
    columns = {
        "customer_id": "C", "session_id": "S", "started_at": "At", "duration_seconds": "Dauer",
    }  # fmt: skip
    got = taken(tmp_path, files, table="web_sessions", columns=columns)

    assert [row["duration_seconds"] for row in got.rows("web_sessions")] == [400, 3601]


def test_a_wrong_date_format_is_told_which_one_fits_every_row(tmp_path):
    lines = [f"c{i},{i},{1 + i % 28:02d}.{1 + i % 12:02d}.2024,tea,1,2.50" for i in range(60)]
    message = refused(tmp_path, csv_of(lines), format_='date: "%m.%d.%Y"')

    assert "all 60 dates fit %d.%m.%Y" in message
    assert 'date: "%d.%m.%Y"' in message
    assert "ask the client" not in message
    assert COLUMNS["order_date"] in message
