"""Notebooks in processes of their own: one run of all the ways in which one can end."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from tiny_suite import TinySuite

from shared.delivery.environment import kernel_environment
from shared.delivery.execute import Job, Limits, execute
from shared.delivery.processes import Tree

pytestmark = pytest.mark.slow
WAYS = {
    "01_fine": "",
    "02_error": "1 / 0",
    "03_killed": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "04_hangs": "import time; time.sleep(600)",
    "05_unsupported": (
        "from shared.loading.errors import NotSupportedByData\n"
        "raise NotSupportedByData('3 customers', 'at least 50')"
    ),
    "06_greedy": "kept = [bytearray(os.urandom(1)) * 10**8 for _ in range(30)]",
    "07_talks": "print('x' * 100_000_000)",
    "08_leaves": "os._exit(0)",
}


def environment(folder):
    roots = {"data": folder, "outputs": folder, "snapshot": folder, "work": folder}
    return kernel_environment(**roots, engine="duckdb")


def job(suite, name, cell, folder):
    return Job(name, suite.notebook(name, cell), "python3", {"client_name": "acme"}, folder / name)


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    folder = tmp_path_factory.mktemp("execute")
    suite = TinySuite(folder / "suite")
    jobs = [job(suite, name, cell, folder / "work") for name, cell in WAYS.items()]
    before = set(Path("/tmp").glob("crm-*"))
    executions = execute(
        jobs,
        limits=Limits(cell_seconds=8, notebook_seconds=60, memory_bytes=2 * 1024**3),
        workers=2,
        environment=environment(folder),
    )
    assert set(Path("/tmp").glob("crm-*")) <= before
    return executions


def test_a_notebook_that_runs_through_is_done(ended):
    assert ended["01_fine"].status == "done"
    assert ended["01_fine"].seconds > 0


def test_a_failing_cell_is_named_without_a_value(ended):
    assert ended["02_error"].detail == "code cell 4: ZeroDivisionError"
    assert "division" in ended["02_error"].traceback


@pytest.mark.parametrize("name", ["03_killed", "08_leaves"])
def test_a_lost_kernel_is_a_failed_report_and_seen_within_ten_seconds(ended, name):
    assert ended[name].status == "failed"
    assert "was lost" in ended[name].reason
    assert ended[name].seconds < 20


def test_a_cell_that_hangs_is_stopped_and_named(ended):
    assert ended["04_hangs"].reason == (
        "it was stopped after 8 seconds, under the heading “What of 04_hangs?”"
    )


def test_data_that_cannot_carry_the_analysis_are_no_failure(ended):
    execution = ended["05_unsupported"]

    assert (execution.status, execution.reason) == ("unsupported", "3 customers")
    assert execution.needs == "at least 50"


def test_too_much_memory_ends_one_notebook_with_one_line(ended):
    assert ended["06_greedy"].reason.startswith("it needed more than the 1.0 GB of memory")


def test_a_hundred_megabytes_of_print_are_capped_and_said(ended):
    assert ended["07_talks"].status == "done"
    assert ended["07_talks"].warnings == ("code cell 4 printed 100 MB, of which the first is kept",)


def test_no_process_outlives_an_interrupted_run(tmp_path):
    suite = TinySuite(tmp_path / "suite")
    seen = []

    def stop(name, event):
        seen.extend(psutil.Process().children(recursive=True))
        if event["kind"] == "cell" and event["done"] == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        execute(
            [job(suite, "01_hangs", WAYS["04_hangs"], tmp_path)],
            limits=Limits(),
            workers=1,
            environment=environment(tmp_path),
            watch=stop,
        )

    assert len({process.pid for process in seen}) >= 2
    assert not [process for process in seen if process.is_running()]


def test_a_tree_is_killed_though_its_root_died_first():
    program = (
        "import subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "time.sleep(60)"
    )
    root = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)
    tree = Tree(root.pid)
    while len(tree.members) < 2:
        tree.look()
        time.sleep(0.05)
    os.kill(root.pid, 9)
    root.wait()

    tree.kill()
    assert not [member for member in tree.members.values() if member.is_running()]
