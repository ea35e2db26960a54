"""What a notebook reads of the delivery before, and that this counts as its data."""

import json
from dataclasses import replace

import pytest
from tiny_suite import LINES, TinySuite

from shared.delivery.catalogue import catalogue
from shared.delivery.fingerprint import fingerprint
from shared.loading.earlier import earlier_table, table_path

NAME = "11_personas"
SHOWS = """\
from shared.loading.earlier import earlier_table
before = earlier_table("11_personas", "customers")
said = "none" if before is None else ", ".join(before["customer_id"])
show("finding-2", "finding", f"<p>before: {said}</p>")
"""


def write(delivery, text="customer_id,persona\n007,NA\n008,\n"):
    path = table_path(delivery, NAME, "assignments")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def suite(tmp_path):
    suite = TinySuite(tmp_path)
    path = suite.notebook(NAME, SHOWS)
    content = json.loads(path.read_text())
    content["metadata"]["report"]["earlier"] = ["customers"]
    path.write_text(json.dumps(content))
    return suite


def test_an_earlier_table_is_read_as_text_and_a_blank_is_blank(tmp_path, monkeypatch):
    monkeypatch.delenv("CRM_EARLIER", raising=False)
    assert earlier_table(NAME, "assignments") is None
    monkeypatch.setenv("CRM_EARLIER", str(tmp_path))
    assert earlier_table(NAME, "assignments") is None
    write(tmp_path)

    got = earlier_table(NAME, "assignments")

    assert got["customer_id"].tolist() == ["007", "008"]
    assert got["persona"].isna().tolist() == [False, True]


def test_what_is_read_of_the_delivery_before_counts_as_data(suite, tmp_path):
    report = replace(
        next(r for r in catalogue(suite.notebooks) if r.path), earlier=("assignments",)
    )

    def prints(report, before):
        return fingerprint(report, {}, snapshot="s", look="l", versions={}, before=before)

    alone = prints(report, None)
    assert prints(report, tmp_path) == alone  # it has no such table
    write(tmp_path)
    first = prints(report, tmp_path)
    assert first != alone
    assert prints(replace(report, earlier=()), tmp_path) == alone
    write(tmp_path, "customer_id,persona\n007,B\n")
    assert prints(report, tmp_path) not in (first, alone)


@pytest.mark.slow
def test_the_second_delivery_reads_the_first_and_a_rerun_executes_nothing(suite):
    suite.client()
    assert suite.run("acme").returncode == 0
    suite.client(lines=LINES + "ben,5,2024-04-01,tea,1,4.00\n")
    assert suite.run("acme").returncode == 0

    first, second = sorted((suite.outputs / "acme").glob("20*"))
    assert "before: none" in (first / f"{NAME}.html").read_text()
    assert "before: 007" in (second / f"{NAME}.html").read_text()
    assert "unchanged" in suite.run("acme").stdout
