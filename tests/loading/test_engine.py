"""How much memory the embedded engine takes: its part of the machine, container or notebook."""

import psutil
import pytest
from small_client import orders, write_client

from shared.loading import engine, load_client
from shared.loading.engine import MOST_BYTES, connect, memory_limit_bytes

MIB = 1024**2


@pytest.fixture(autouse=True)
def _a_machine_of_its_own(monkeypatch):
    """Leave out what this machine, its container and its environment allow."""
    monkeypatch.delenv("CRM_NOTEBOOK_BYTES", raising=False)
    monkeypatch.setattr(engine, "_CGROUP_LIMITS", ())
    memory = psutil.virtual_memory()._replace(total=4000 * MIB)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)


def limit_of(connection):
    return connection.execute("SELECT current_setting('memory_limit')").fetchone()[0]


def test_an_engine_takes_six_tenths_of_the_machine_and_never_more_than_six_gigabytes(monkeypatch):
    assert memory_limit_bytes() == 2400 * MIB

    large = psutil.virtual_memory()._replace(total=64_000 * MIB)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: large)
    assert memory_limit_bytes() == MOST_BYTES == 6144 * MIB


def test_a_container_counts_as_the_machine_where_it_is_limited(monkeypatch, tmp_path):
    limited, unlimited = tmp_path / "memory.max", tmp_path / "memory.limit_in_bytes"
    limited.write_text(f"{1000 * MIB}\n")
    unlimited.write_text("max\n")
    files = (str(limited), str(unlimited), str(tmp_path / "missing"))
    monkeypatch.setattr(engine, "_CGROUP_LIMITS", files)

    assert memory_limit_bytes() == 600 * MIB


@pytest.mark.parametrize(("part", "limit"), [(1000, 400), (100_000, 2400)])
def test_the_engine_of_a_notebook_takes_four_tenths_of_the_notebooks_part(monkeypatch, part, limit):
    monkeypatch.setenv("CRM_NOTEBOOK_BYTES", str(part * MIB))

    assert memory_limit_bytes() == limit * MIB


def test_no_part_of_a_notebook_is_the_whole_machine(monkeypatch):
    monkeypatch.setenv("CRM_NOTEBOOK_BYTES", "")

    assert memory_limit_bytes() == 2400 * MIB


def test_the_engines_of_an_intake_and_of_a_clients_tables_are_held_to_that_limit(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("CRM_NOTEBOOK_BYTES", str(500 * MIB))
    write_client(tmp_path, orders())
    client = load_client("acme", data=tmp_path / "data", outputs=tmp_path / "outputs")

    with connect(tmp_path) as taking_in:
        assert limit_of(taking_in) == "190.7 MiB"  # 200 MB
    assert limit_of(client.tables["order_lines"].get_backend().con) == "190.7 MiB"


def test_what_does_not_fit_is_spilled_to_the_folder_and_answered_all_the_same(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("CRM_NOTEBOOK_BYTES", str(100 * MIB))  # 40 MB for the engine

    with connect(tmp_path / "spill") as small:
        small.execute("SET threads = 1")
        # More than that limit, and every row is needed before the first can be given.
        rows = small.execute(
            "SELECT * FROM (SELECT range AS n, md5(range::varchar) AS name FROM range(1_000_000)) "
            "ORDER BY name"
        )
        first = rows.fetchone()
        spilled = list((tmp_path / "spill").iterdir())

    assert first[1].startswith("0000")
    assert spilled
