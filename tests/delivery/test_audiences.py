import csv
import hashlib
import subprocess
import sys

import pytest

from shared.delivery.audiences import FOLDER, SCRIPT, write_audiences


@pytest.fixture
def delivery(tmp_path):
    for name in ("01_portfolio", "11_personas"):
        (tmp_path / "tables" / name).mkdir(parents=True)
    rows = [f"{i:05d},545,{'Champions' if i < 15 else 'At Risk'}" for i in range(20)]
    text = "\n".join(["customer_id,cell,segment", *rows])
    (tmp_path / "tables" / "01_portfolio" / "customers.csv").write_text(text, encoding="utf-8-sig")
    kinds = [f'{i:05d},"App buyers, brisk"' for i in range(12)] + ["00013,"]
    text = "\n".join(["customer_id,persona", *kinds])
    (tmp_path / "tables" / "11_personas" / "assignments.csv").write_text(text)
    return tmp_path


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_each_segment_and_persona_is_a_list_and_small_ones_are_not_written(delivery):
    written = write_audiences(delivery)

    assert [path.name for path in written] == [
        "segment_champions.csv", "persona_app_buyers_brisk.csv",
    ]  # fmt: skip
    champions = read(written[0])
    assert len(champions) == 15
    assert champions[0] == {
        "customer_id": "00000", "list": "Champions",
        "reason": "scores of recency, orders and money: 545",
    }  # fmt: skip


def test_without_such_tables_there_is_no_folder(tmp_path):
    assert write_audiences(tmp_path) == []
    assert not (tmp_path / FOLDER).exists()


def test_the_script_joins_and_hashes_as_platforms_ask(delivery, tmp_path):
    champions = write_audiences(delivery)[0]
    contacts = tmp_path / "contacts.csv"
    contacts.write_text(
        "customer_id;email;phone\n"
        "00000;  Ann@Example.ORG ;+44 7700 900123\n"
        "00001;;0044 7700 900124\n"
        "00002;not a mail;07700 900125\n"
        "00099;other@example.org;\n",
        encoding="utf-8-sig",
    )

    script, out = champions.with_name(SCRIPT), tmp_path / "audience.csv"
    said = subprocess.run(
        [sys.executable, "-I", str(script), str(champions), str(contacts), str(out)],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip

    def sha(text):
        return hashlib.sha256(text.encode()).hexdigest()

    assert read(out) == [
        {"email": sha("ann@example.org"), "phone": sha("+447700900123")},
        {"email": "", "phone": sha("+447700900124")},
    ]
    assert "15 customers wanted, 3 found in the contacts, 2 with an address; 12 not found" in said
