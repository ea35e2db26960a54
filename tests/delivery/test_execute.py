"""Notebooks in processes of their own: how they end, and that nothing of them is left."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from unittest import mock

import psutil
import pytest
from processes_left import reaped, still_running
from tiny_suite import TinySuite

from shared.delivery.environment import kernel_environment
from shared.delivery.execute import Job, Limits, execute
from shared.delivery.processes import Tree

pytestmark = pytest.mark.slow
WAYS = {
    "01_fine": "",
    "02_greedy": "kept = [bytes([i]) * 10**8 for i in range(40)]",
    "03_leaves": "import os; os._exit(0)",
    "04_engine": "from shared.loading import engine\n"
    "assert engine.memory_limit_bytes() == int(0.4 * 1024**3)",
}


def environment(folder):
    roots = {"data": folder, "outputs": folder, "snapshot": folder, "work": folder}
    return kernel_environment(**roots, engine="duckdb", earlier=None)


def job(suite, name, cell, folder):
    return Job(name, suite.notebook(name, cell), "python3", {"client_name": "acme"}, folder / name)


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    folder = tmp_path_factory.mktemp("execute")
    suite = TinySuite(folder / "suite")
    jobs = [job(suite, name, cell, folder / "work") for name, cell in WAYS.items()]
    times = {}
    with tempfile.TemporaryDirectory(prefix="t-") as sockets:
        with mock.patch.object(tempfile, "tempdir", sockets):
            executions = execute(
                jobs,
                limits=Limits(notebook_seconds=180, memory_bytes=2 * 1024**3),
                workers=2,
                environment=environment(folder),
                watch=lambda name, event: times.setdefault((name, event["kind"]), []).append(
                    time.monotonic()
                ),
            )
        assert not list(Path(sockets).iterdir())
    return executions, times


def test_a_notebook_that_runs_through_is_done(ended):
    executions, _ = ended

    assert executions["01_fine"].status == "done"
    assert executions["01_fine"].seconds > 0


def test_too_much_memory_ends_one_notebook_with_one_line(ended):
    executions, _ = ended

    assert executions["02_greedy"].reason.startswith("it needed more than the 1.0 GB of memory")


def test_the_engine_of_a_notebook_stays_below_what_the_notebook_may_take(ended):
    executions, _ = ended

    assert executions["04_engine"].status == "done", executions["04_engine"].detail


def test_a_kernel_that_leaves_without_an_error_has_failed_all_the_same(ended):
    executions, times = ended

    assert executions["03_leaves"].status == "failed"
    assert "was lost" in executions["03_leaves"].reason
    died, seen = times["03_leaves", "cell"][-1], times["03_leaves", "ended"][0]
    assert seen - died < 60  # and not only when its time was over


def test_no_process_outlives_an_interrupted_run(tmp_path):
    suite = TinySuite(tmp_path / "suite")
    seen = []

    def stop(name, event):
        seen.extend(psutil.Process().children(recursive=True))
        if event["kind"] == "cell" and event["done"] == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        execute(
            [job(suite, "01_hangs", "import time; time.sleep(600)", tmp_path)],
            limits=Limits(),
            workers=1,
            environment=environment(tmp_path),
            watch=stop,
        )

    assert len({process.pid for process in seen}) >= 2
    assert not still_running(seen)


def test_a_tree_is_killed_though_its_root_died_first():
    program = (
        "import subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "time.sleep(60)"
    )
    with reaped(subprocess.Popen([sys.executable, "-c", program], start_new_session=True)) as root:
        tree = Tree(root.pid)
        while len(tree.members) < 2:
            assert root.poll() is None
            tree.look()
            time.sleep(0.05)
        root.kill()
        root.wait()

        tree.kill()
    assert not still_running(tree.members.values())
