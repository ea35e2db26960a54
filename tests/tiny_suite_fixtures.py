"""Tiny suites on which faults of operation and environment are tried.

The runs that several tests look at are made once, also where several workers run the tests.
"""

import json
import os
import shutil
from subprocess import CompletedProcess

import pytest
from tiny_suite import TinySuite

SECRET = "s3cr3t-7f3a"
DONE = "done.json"


@pytest.fixture
def suite(tmp_path):
    """One client, one notebook, nothing delivered yet."""
    made = TinySuite(tmp_path)
    made.client()
    made.notebook("04_cohort")
    return made


@pytest.fixture(scope="session")
def plain(once):
    """One client, one notebook, delivered; not to be touched."""

    def make(folder):
        made = TinySuite(folder)
        made.client()
        made.notebook("04_cohort")
        assert made.run("acme").returncode == 0

    return TinySuite(once("tiny-plain", make))


@pytest.fixture(scope="session")
def abroad(once):
    """The same in another language and time zone, with a home and temporary files of its own."""

    def make(folder):
        places = {"HOME": folder / "home", "TMPDIR": folder / "tmp"}
        for place in places.values():
            place.mkdir()
        private = {name: str(place) for name, place in places.items()}
        private |= {"XDG_CACHE_HOME": str(folder / "home" / "cache")}
        _process(folder, LANG="C", LC_ALL="C", TZ="Pacific/Kiritimati", **private)

    return TinySuite(once("tiny-abroad", make))


@pytest.fixture(scope="session")
def cut_off(once):
    """The same on a cp1254 console, without network, home and display."""
    bare = "env --unset=DISPLAY --unset=XDG_RUNTIME_DIR --unset=USER"
    if os.geteuid() == 0 and shutil.which("unshare"):
        bare = f"unshare --net {bare}"
    console = {"PYTHONIOENCODING": "cp1254", "PYTHONUTF8": "0", "HOME": "/nonexistent"}
    return TinySuite(once("tiny-cut-off", lambda folder: _process(folder, bare, **console)))


@pytest.fixture
def delivered(plain, tmp_path):
    """A copy of that delivery, to be touched."""
    return plain.copy(tmp_path)


@pytest.fixture(scope="session")
def undisturbed(once):
    """A delivery of two reports that nothing disturbed, to be compared with."""

    def make(folder):
        made = TinySuite(folder)
        made.client()
        made.notebook("01_portfolio")
        made.notebook("04_cohort", "import time; time.sleep(1)")
        assert made.run("acme", "--jobs", "1").returncode == 0

    return TinySuite(once("tiny-undisturbed", make))


@pytest.fixture
def two_delivered(undisturbed, tmp_path):
    """A copy of that delivery, to be touched."""
    return undisturbed.copy(tmp_path)


@pytest.fixture
def two(two_delivered):
    """The same client and notebooks, nothing delivered yet."""
    shutil.rmtree(two_delivered.outputs)
    return two_delivered


@pytest.fixture(scope="session")
def mixed(once):
    """One run in which every notebook ends in another way; `done` is the finished process."""

    def make(folder):
        made = TinySuite(folder)
        made.client()
        for name, (cell, options) in WAYS.items():
            made.notebook(name, cell, **options)
        done = made.process("acme", CRM_CELL_SECONDS="20", DB_PW=SECRET)
        facts = {"returncode": done.returncode, "stdout": done.stdout, "stderr": done.stderr}
        (made.data.parent / DONE).write_text(json.dumps(facts), encoding="utf-8")

    made = TinySuite(once("tiny-mixed", make))
    facts = json.loads((made.data.parent / DONE).read_text(encoding="utf-8"))
    made.done, made.secret = CompletedProcess([], **facts), SECRET
    return made


def _process(folder, before="", **environment):
    made = TinySuite(folder)
    made.client()
    made.notebook("04_cohort")
    done = made.process("acme", before=before, **environment)
    assert done.returncode == 0, done.stderr


WAYS = {
    "01_portfolio": ("", {}),
    "02_lifetime_value": (
        "raise ValueError(f\"cannot read {Path.home()}/ana@example.com, {os.environ['DB_PW']}\")",
        {"question": "What will they bring?"},
    ),
    "03_survival": ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", {}),
    "04_cohort": (
        "from shared.loading.errors import NotSupportedByData\n"
        "raise NotSupportedByData('3 customers <b>', 'at least 50 customers')",
        {},
    ),
    "05_basket": ("import time; time.sleep(600)", {"question": "What is bought together?"}),
    "06_propensity": (
        "import warnings\n"
        "class ConvergenceWarning(UserWarning): pass\n"
        "warnings.warn(f'the fit did not converge, see {Path.home()}/fit.log', ConvergenceWarning)",
        {},
    ),
    "07_uplift": ("", {"tables": [["campaign"]]}),
    "08_attribution": ("print('x' * 100_000_000)", {}),
}
