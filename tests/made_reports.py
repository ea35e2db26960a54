"""A client and a report that need no files, and an executed notebook made by hand."""

import datetime as dt
from types import SimpleNamespace

import matplotlib as mpl
import matplotlib.pyplot as plt
import nbformat
import pytest
from nbformat import v4

from shared.loading.brand import Brand
from shared.plots import theme
from shared.plots.locales import Wording
from shared.report import Report

FIRST, LAST = dt.date(2010, 1, 4), dt.date(2011, 11, 30)


def make_client(**changes):
    """A client as `load_client` gives it, as far as the report looks."""
    lines = SimpleNamespace(
        table="order_lines", rows_in=1000, rows_used=900, first=FIRST, last=LAST,
        set_aside=(SimpleNamespace(reason="cancelled", kind="rule", rows=100, money=0.0),),
        customers=4338, notes=(SimpleNamespace(code="N-1", text="5 lines are repeated", rows=5),),
    )  # fmt: skip
    note = SimpleNamespace(
        table="order_lines", first=FIRST, last=LAST, rows=900, customers=4338,
        left_out={"cancelled": 100},
    )  # fmt: skip
    facts = {
        "slug": "acme", "name": "Acme", "currency": "EUR", "locale": "en_GB",
        "timezone": "UTC", "snapshot_date": dt.date(2011, 12, 10), "brand": Brand(),
        "tables": {"order_lines": None}, "has_money": True,
        "intake": SimpleNamespace(tables={"order_lines": lines}), "source": lambda _: note,
        "config": SimpleNamespace(label="data/acme/client.yaml", parameters={}),
    }  # fmt: skip
    return SimpleNamespace(**{**facts, **changes})


@pytest.fixture
def client():
    return make_client()


@pytest.fixture
def report(client):
    # No notebook has this stem, so that no parameters are read.
    return Report("example", client)


@pytest.fixture(autouse=True)
def _clean_charts():
    with mpl.rc_context():
        yield
    plt.close("all")
    theme._current = Wording()


@pytest.fixture
def bars():
    """Draw bars by label: the smallest finished chart."""

    def draw(labels=("a", "b"), *, title="2 bars stand here", source="Orders, n = 2", size=None):
        _, ax = plt.subplots(figsize=size, layout="constrained")
        ax.bar(list(labels), range(1, len(labels) + 1))
        return theme.finish(ax, title=title, source=source)

    return draw


def shown(id_, kind, html):
    """A marked output."""
    mark = {"report": {"id": id_, "kind": kind}}
    return v4.new_output("display_data", data={"text/html": html}, metadata=mark)


def write_notebook(cells, path):
    nbformat.write(v4.new_notebook(cells=cells), path)
    return path
