"""Slices: each value of a column alone, and together again the whole."""

import datetime as dt

import pytest
from small_client import COLUMNS, write_client

from shared.delivery.commands import shared_commands
from shared.loading.config import load_config
from shared.loading.counts import read_intake
from shared.loading.errors import ConfigError, DataRefused
from shared.loading.intake import take_in
from shared.loading.slices import Slice, sliced, slices_of

HEADER = "Customer,Invoice,Date,Product,Quantity,Price,Country"
LINES = """\
ana,1,2024-01-05,tea,1,4.00,UK
ana,1,2024-01-05,cup,2,3.00,UK
ben,2,2024-01-20,tea,1,4.00,DE
cat,3,2024-02-03,cup,1,3.00, UK
dan,4,2024-02-09,cup,1,2.00,
eve,5,2024-03-01,tea,9,4.00,FR
"""
SLICES = "slices:\n  country: [UK, DE]\n"
DAY = dt.date(2024, 3, 2)


def config_of(root, more=SLICES):
    files = {"orders.csv": f"{HEADER}\n{LINES}"}
    folder = write_client(root, files, columns={**COLUMNS, "country": "Country"}, top=more.strip())
    return load_config(folder)


def test_slices_are_read_in_the_order_of_the_file(tmp_path):
    config = config_of(tmp_path)

    assert list(slices_of(config)) == [Slice("country", "UK"), Slice("country", "DE")]
    assert Slice("country", "Great Britain").folder == "slices/country-great-britain"
    assert config.home == "acme"


def test_the_slices_and_the_rest_sum_to_the_whole(tmp_path):
    config = config_of(tmp_path)
    whole = take_in(config, tmp_path / "whole").intake.tables["order_lines"]
    parts = []
    for part in slices_of(config):
        own = sliced(config, part, snapshot_date=DAY)
        snapshot = take_in(own, tmp_path / part.value)
        assert read_intake(snapshot.folder).slice == part.label
        assert own.home == f"acme/slices/country-{part.value.lower()}"
        parts.append(snapshot.intake.tables["order_lines"])

    uk, de = parts
    assert (uk.rows_used, de.rows_used, whole.rows_used) == (3, 1, 6)
    assert (uk.money_used, de.money_used) == (13.0, 4.0)
    # France, and the line without a country, are in neither.
    assert whole.money_used == pytest.approx(13 + 4 + 2 + 36)
    assert {s.reason: s.rows for s in uk.set_aside} == {"other_slice": 3}
    assert uk.rows_in == uk.rows_used + sum(s.rows for s in uk.set_aside)


def test_a_slice_has_a_snapshot_of_its_own(tmp_path):
    config = config_of(tmp_path)
    own = sliced(config, Slice("country", "UK"), snapshot_date=DAY)
    keys = {take_in(c, tmp_path / str(i)).intake.key for i, c in enumerate((config, own))}

    assert len(keys) == 2


def test_mistakes_name_the_line_and_what_was_meant(tmp_path):
    with pytest.raises(ConfigError, match="no mapped column of order_lines; did you mean country"):
        config_of(tmp_path / "a", "slices:\n  countri: [UK]\n")
    with pytest.raises(ConfigError, match=r"slices[.]country is a list of values"):
        config_of(tmp_path / "b", "slices:\n  country: UK\n")


def test_a_value_that_nobody_has_leaves_no_row_and_is_refused(tmp_path):
    config = config_of(tmp_path)
    with pytest.raises(DataRefused, match='no row has the country "XX"'):
        take_in(sliced(config, Slice("country", "XX"), snapshot_date=DAY), tmp_path / "x")


def test_a_slice_that_no_row_is_of_is_refused_by_its_column_with_the_nearest_value(tmp_path):
    config = config_of(tmp_path, "slices:\n  country: [Uk, Germany]\n")
    messages = []
    for part in slices_of(config):
        with pytest.raises(DataRefused) as caught:
            take_in(sliced(config, part, snapshot_date=DAY), tmp_path / part.value)
        messages.append(str(caught.value))

    assert 'orders.csv:Country  no row has the country "Uk"' in messages[0]
    assert 'client.yaml line 4: did you mean "UK"?' in messages[0]
    assert '3 other values; the commonest are\n         "UK": 3 rows' in messages[1]


def test_check_takes_every_slice_in_and_ends_with_the_code_of_one_that_is_refused(tmp_path, capsys):
    config_of(tmp_path, "slices:\n  country: [UK, Germany]\n")
    roots = ["--data", str(tmp_path / "data"), "--outputs", str(tmp_path / "outputs")]

    assert shared_commands(["check", "acme", *roots]) == 3
    said = capsys.readouterr()
    assert "slice country UK: rows used: order_lines 3" in said.out
    assert "slice country Germany: refused" in said.out
    assert 'no row has the country "Germany"' in said.err
