import multiprocessing
import os
import re

import pytest

from shared.delivery.lock import OWNER, client_lock
from shared.loading.errors import EnvironmentFault


def hold(folder, held, leave):
    with client_lock(folder):
        held.set()
        leave.wait(30)


def test_a_second_run_is_told_who_holds_the_lock_and_since_when(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    held, leave = spawn.Event(), spawn.Event()
    other = spawn.Process(target=hold, args=(tmp_path, held, leave))
    other.start()
    try:
        assert held.wait(30)
        with pytest.raises(EnvironmentFault) as caught, client_lock(tmp_path):
            pass
    finally:
        leave.set()
        other.join()

    assert re.search(rf"process {other.pid} since 20\d\d-\d\d-\d\d \d\d:", str(caught.value))
    assert caught.value.exit_code == 4


def test_the_lock_of_a_dead_process_is_ignored(tmp_path):
    (tmp_path / OWNER).write_text('{"pid": 99999999, "since": "yesterday"}')

    with client_lock(tmp_path):
        assert f'"pid": {os.getpid()}' in (tmp_path / OWNER).read_text()
    assert not (tmp_path / OWNER).exists()
