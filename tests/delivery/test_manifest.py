import json

import pytest

from shared.delivery.manifest import NAME, read_manifest, write_manifest
from shared.delivery.verify import delivery_faults


@pytest.fixture
def delivery(tmp_path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "index.html").write_text("index")
    (tmp_path / "tables" / "a.csv").write_text("a")
    write_manifest({"client": "acme"}, tmp_path)
    return tmp_path


def test_a_delivery_left_alone_has_no_fault(delivery):
    assert delivery_faults(delivery) == []
    assert set(read_manifest(delivery)["outputs"]) == {"index.html", "tables/a.csv"}


def test_a_changed_a_missing_and_a_foreign_file_are_named(delivery):
    (delivery / "index.html").write_text("other")
    (delivery / "tables" / "a.csv").unlink()
    (delivery / "tables" / "b.csv").write_text("b")

    assert delivery_faults(delivery) == [
        "index.html  was changed after the delivery",
        "tables/a.csv  missing: the delivery is incomplete",
        "tables/b.csv  is not part of the delivery",
    ]


def test_an_edited_manifest_is_seen_though_it_agrees_with_the_files(delivery):
    content = json.loads((delivery / NAME).read_text())
    content["client"] = "beta"
    (delivery / NAME).write_text(json.dumps(content))

    assert delivery_faults(delivery) == ["run.json  was changed after the delivery"]
    assert read_manifest(delivery) is None


def test_what_a_file_manager_leaves_is_no_fault(delivery):
    (delivery / ".DS_Store").write_bytes(b"x")

    assert delivery_faults(delivery) == []
