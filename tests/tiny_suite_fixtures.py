"""Tiny suites on which faults of operation and environment are tried."""

import pytest
from tiny_suite import TinySuite

SECRET = "s3cr3t-7f3a"


@pytest.fixture
def suite(tmp_path):
    """One client, one notebook, nothing delivered yet."""
    made = TinySuite(tmp_path)
    made.client()
    made.notebook("04_cohort")
    return made


@pytest.fixture(scope="session")
def plain(tmp_path_factory):
    """One client, one notebook, delivered; not to be touched."""
    made = TinySuite(tmp_path_factory.mktemp("plain"))
    made.client()
    made.notebook("04_cohort")
    assert made.run("acme").returncode == 0
    return made


@pytest.fixture
def delivered(plain, tmp_path):
    """A copy of that delivery, to be touched."""
    return plain.copy(tmp_path)


@pytest.fixture(scope="session")
def mixed(tmp_path_factory):
    """One run in which every notebook ends in another way; `done` is the finished process."""
    made = TinySuite(tmp_path_factory.mktemp("mixed"))
    made.client()
    made.notebook("01_portfolio")
    made.notebook(
        "02_lifetime_value",
        "raise ValueError(f\"cannot read {Path.home()}/ana@example.com, {os.environ['DB_PW']}\")",
        question="What will they bring?",
    )
    made.notebook("03_survival", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    made.notebook(
        "04_cohort",
        "from shared.loading.errors import NotSupportedByData\n"
        "raise NotSupportedByData('3 customers <b>', 'at least 50 customers')",
    )
    made.notebook("05_basket", "import time; time.sleep(600)", question="What is bought together?")
    made.notebook(
        "06_propensity",
        "import warnings\n"
        "class ConvergenceWarning(UserWarning): pass\n"
        "warnings.warn(f'the fit did not converge, see {Path.home()}/fit.log', ConvergenceWarning)",
    )
    made.notebook("07_uplift", tables=[["campaign"]])
    made.notebook("08_attribution", "print('x' * 100_000_000)")
    made.done = made.process("acme", CRM_CELL_SECONDS="10", DB_PW=SECRET)
    made.secret = SECRET
    return made


def pytest_itemcollected(item):
    """Keep the tests of one long run together, so that several workers do not repeat it."""
    for fixture in ("mixed", "undisturbed"):
        if fixture in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group(fixture))
