import csv
import gzip
import hashlib
import hmac
import stat

import pytest

from shared.delivery.commands import shared_commands
from shared.loading.errors import ConfigError, DataRefused
from shared.loading.pseudonyms import pseudonym, pseudonymise_file, read_key

KEY = bytes(range(32))
ORDERS = """\
Customer ID;Name;E-Mail;Contact;Order;Ort;Betrag
00123;Ann Example;ann@example.org;+44 7700 900123;A1;Köln;12,50
 00123 ;Ann Example;ann@example.org;+44 7700 900123;A2;Köln;7,00
;;;;A3;"Bonn; Süd";3,00
00124;Bob;bob@example.org;;A4;Ulm;1,00
"""


@pytest.fixture
def orders(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS, encoding="utf-8")
    return path


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_a_pseudonym_is_the_first_half_of_the_keyed_hash_of_the_bare_id():
    """RFC 4231, test case 2: key "Jefe", data "what do ya want for nothing?"."""
    assert pseudonym("what do ya want for nothing?", b"Jefe") == "5bdcc146bf60754e6a042426089575c7"
    assert pseudonym("  x ", KEY) == hmac.new(KEY, b"x", hashlib.sha256).hexdigest()[:32]
    assert pseudonym("  ", KEY) == ""


def test_nobody_is_named_any_more_and_everything_else_is_as_it_was(orders, tmp_path):
    target = tmp_path / "out" / "orders.csv"

    made = pseudonymise_file(orders, target, KEY)

    rows = rows_of(target)
    assert made.rows == len(rows) == 4
    assert made.replaced == ("Customer ID",)
    assert made.dropped == ("Name", "E-Mail", "Contact")  # by the header, and by what stands in it
    assert rows[0]["Customer ID"] == rows[1]["Customer ID"] == pseudonym("00123", KEY)
    assert rows[2]["Customer ID"] == ""
    assert [row["Ort"] for row in rows] == ["Köln", "Köln", "Bonn; Süd", "Ulm"]
    assert [row["Betrag"] for row in rows] == ["12,50", "7,00", "3,00", "1,00"]


def test_columns_can_be_named_dropped_and_kept(orders, tmp_path):
    made = pseudonymise_file(
        orders, tmp_path / "new.csv", KEY,
        ids=["Customer ID", "Order"], drop=["Ort"], keep=["E-Mail"],
    )  # fmt: skip

    assert made.replaced == ("Customer ID", "Order")
    assert made.dropped == ("Name", "Contact", "Ort")


def test_the_key_is_made_once_for_its_owner_alone_and_used_again(tmp_path):
    path = tmp_path / "secret" / "pseudonyms.key"

    first, is_new = read_key(path)

    assert is_new
    assert len(first) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_key(path) == (first, False)
    path.write_text("not a key", encoding="utf-8")
    with pytest.raises(ConfigError, match="E-USE-21"):
        read_key(path)


def test_a_zipped_file_gives_the_same_pseudonyms(orders, tmp_path):
    packed = tmp_path / "orders.csv.gz"
    packed.write_bytes(gzip.compress(orders.read_bytes()))

    pseudonymise_file(orders, tmp_path / "a.csv", KEY)
    pseudonymise_file(packed, tmp_path / "b.csv", KEY)

    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_a_row_that_cannot_be_read_whole_is_refused_and_nothing_is_left(orders, tmp_path):
    orders.write_text(ORDERS + "00125;Carl;x;y;A5;Bremen;1;extra\n", encoding="utf-8")
    target = tmp_path / "out" / "new.csv"

    with pytest.raises(DataRefused, match="1 row with more or fewer fields"):
        pseudonymise_file(orders, target, KEY)

    assert not list(target.parent.iterdir())


def test_mistakes_are_told_before_anything_is_written(orders, tmp_path):
    with pytest.raises(ConfigError, match="did you mean Order"):
        pseudonymise_file(orders, tmp_path / "new.csv", KEY, ids=["Ordr"])
    with pytest.raises(ConfigError, match="E-USE-22"):
        pseudonymise_file(orders, orders, KEY)
    (tmp_path / "plain.csv").write_text("a;b\n1;2\n3;4\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="no column is known to hold the customer"):
        pseudonymise_file(tmp_path / "plain.csv", tmp_path / "new.csv", KEY)


def test_the_command_says_what_it_did_and_no_value(orders, tmp_path, capsys):
    arguments = [str(orders), str(tmp_path / "new.csv"), "--key", str(tmp_path / "k")]

    assert shared_commands(["pseudonymize", *arguments]) == 0

    said = capsys.readouterr().out
    assert "4 rows; hashed: Customer ID" in said
    assert "left out: Name, E-Mail, Contact" in said
    assert "made the key" in said
    assert "Ann" not in said
    assert shared_commands(["pseudonymize", *arguments]) == 2


def test_a_file_whose_encoding_is_open_asks_for_the_option_and_is_read_with_it(tmp_path, capsys):
    source = tmp_path / "kunden.csv"
    source.write_bytes("Kd.-Nr.;Art\n00012;Tüte\n00013;Küche\n".encode("cp1252"))
    arguments = [str(source), str(tmp_path / "new.csv"), "--key", str(tmp_path / "k")]
    arguments += ["--id", "Kd.-Nr."]

    assert shared_commands(["pseudonymize", *arguments]) == 3
    said = capsys.readouterr().err
    assert "--encoding cp1252" in said
    assert "client.yaml" not in said
    assert shared_commands(["pseudonymize", *arguments, "--encoding", "cp1252"]) == 0
    assert "Küche" in (tmp_path / "new.csv").read_text(encoding="utf-8")
    capsys.readouterr()
    assert shared_commands(["pseudonymize", *arguments, "--encoding", "cp12"]) == 2
    assert "--encoding" in capsys.readouterr().err
