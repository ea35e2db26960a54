import os
import re
import subprocess
import sys
from subprocess import PIPE

import pytest

from shared.delivery.lock import OWNER, client_lock
from shared.loading.errors import EnvironmentFault

HOLD = (
    "import sys; from pathlib import Path; from shared.delivery.lock import client_lock\n"
    "with client_lock(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
)


def test_a_second_run_is_told_who_holds_the_lock_and_since_when(tmp_path):
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(EnvironmentFault) as caught, client_lock(tmp_path):
            pass
        other.stdin.close()

    assert re.search(rf"process {other.pid} since 20\d\d-\d\d-\d\d \d\d:", str(caught.value))
    assert caught.value.exit_code == 4


def test_the_lock_of_a_dead_process_is_ignored(tmp_path):
    (tmp_path / OWNER).write_text('{"pid": 99999999, "since": "yesterday"}')

    with client_lock(tmp_path):
        assert f'"pid": {os.getpid()}' in (tmp_path / OWNER).read_text()
    assert not (tmp_path / OWNER).exists()
