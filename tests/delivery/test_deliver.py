import errno
import os

import pytest

from shared.delivery import deliver
from shared.delivery.deliver import deliveries, put_in_place, recover, staging_folder
from shared.delivery.disk import disk_faults, notebook_fault
from shared.delivery.reasons import DISK_FULL
from shared.loading.errors import EnvironmentFault


@pytest.fixture
def former(tmp_path):
    place = tmp_path / "2024-03-11"
    place.mkdir()
    (place / "page.html").write_text("old")
    return place


def built(folder, text="new"):
    made = folder / "delivery"
    made.mkdir()
    (made / "page.html").write_text(text)
    return made


def test_the_first_delivery_appears_by_rename(tmp_path):
    with staging_folder(tmp_path) as staging:
        put_in_place(built(staging), tmp_path / "2024-03-11")

    assert [p.name for p in tmp_path.iterdir()] == ["2024-03-11"]


@pytest.mark.parametrize("exchange", [True, False], ids=["one step", "two renames"])
def test_a_new_delivery_takes_the_place_of_the_former(tmp_path, former, monkeypatch, exchange):
    if not exchange:
        monkeypatch.setattr(deliver, "_exchanged", lambda *_: False)
    with staging_folder(tmp_path) as staging:
        put_in_place(built(staging), former)

    assert (former / "page.html").read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["2024-03-11"]


@pytest.mark.parametrize("kill_at", [1, 2])
def test_a_swap_killed_half_way_gives_old_or_new_at_the_next_start(
    tmp_path, former, monkeypatch, kill_at
):
    monkeypatch.setattr(deliver, "_exchanged", lambda *_: False)
    renames, rename = [], type(former).rename

    def counted(self, target):
        renames.append(self)
        if len(renames) == kill_at + 1:
            raise KeyboardInterrupt
        return rename(self, target)

    staging = tmp_path / ".staging-1"
    staging.mkdir()
    made = built(staging)
    monkeypatch.setattr(type(former), "rename", counted)
    if kill_at == 1:
        with pytest.raises(KeyboardInterrupt):
            put_in_place(made, former)
    else:
        monkeypatch.setattr(deliver, "remove", lambda _: None)
        put_in_place(made, former)
    monkeypatch.undo()

    recover(tmp_path)
    assert (former / "page.html").read_text() == ("old" if kill_at == 1 else "new")
    assert [p.name for p in tmp_path.iterdir()] == ["2024-03-11"]


def test_staging_is_gone_after_a_failure_and_that_of_a_dead_run_at_the_next_start(tmp_path):
    (tmp_path / ".staging-99999999").mkdir()
    seen = []

    def build():
        with staging_folder(tmp_path):
            seen.extend(p.name for p in tmp_path.iterdir())
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        build()
    assert seen == [f".staging-{os.getpid()}"]
    assert not list(tmp_path.iterdir())


def test_deliveries_are_the_dated_folders_in_order(tmp_path):
    for name in ("2024-03-11", "2023-12-01", "drafts", ".snapshots"):
        (tmp_path / name).mkdir()

    assert [p.name for p in deliveries(tmp_path)] == ["2023-12-01", "2024-03-11"]


def test_a_full_disk_is_seen_inside_the_error_of_a_library(tmp_path):
    class FileCreateError(Exception):
        pass

    def write():
        with disk_faults(tmp_path):
            raise FileCreateError(OSError(errno.EDQUOT, "quota", "book.xlsx"))

    with pytest.raises(EnvironmentFault, match=r"book\.xlsx  the disk is full"):
        write()


def test_any_other_error_stays_what_it_is(tmp_path):
    def write():
        with disk_faults(tmp_path):
            raise KeyError("x")

    with pytest.raises(KeyError):
        write()


def test_a_fault_of_the_machine_met_by_a_notebook_keeps_its_own_words():
    own = EnvironmentFault("E-ENVI-03", "engine: spark", "pyspark is not installed", fix="pip …")

    assert str(notebook_fault("04_cohort", str(own))) == str(own)
    assert "E-ENVI-01 04_cohort  the disk is full" in str(notebook_fault("04_cohort", DISK_FULL))
