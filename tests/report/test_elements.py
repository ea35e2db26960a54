"""In a kernel every element is displayed with its mark, and a cell run again replaces its own."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import v4

from shared.report import elements
from shared.report.elements import Element, Elements, block

SETUP = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from made_reports import make_client
from shared.report import Report
report = Report("example", make_client())
report.header()
"""


@pytest.fixture
def in_cell(monkeypatch):
    """Pretend that a cell runs for the n-th time."""

    def run(cell, turn):
        monkeypatch.setattr(elements, "_cell", lambda: (cell, turn))

    return run


def test_a_cell_that_runs_again_replaces_what_it_showed(in_cell):
    shown = Elements()
    for cell, turn in (("a", 1), ("b", 2), ("a", 3)):
        in_cell(cell, turn)
        for _ in range(2):
            shown.show(Element(shown.next_id("say", None), "say", "<p></p>"))

    assert sorted(element.id for element in shown) == ["say-1", "say-2", "say-3", "say-4"]
    assert {element.turn for element in shown} == {2, 3}


def test_a_block_carries_id_and_kind_and_escapes_its_attributes():
    html = block("div", "one", "say", "<p></p>", role='"x')
    assert html == ('<div class="report-output say" data-output="one" role="&quot;x"><p></p></div>')


@pytest.mark.slow
def test_outputs_of_a_kernel_carry_the_mark_and_the_style_does_not(tmp_path):
    notebook = v4.new_notebook(cells=[v4.new_code_cell(SETUP), v4.new_code_cell("report.say('A')")])
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    style, header, said = [output for cell in notebook.cells for output in cell.outputs]

    assert "<style>" in style["data"]["text/html"]
    assert "report" not in style["metadata"]
    assert header["metadata"]["report"] == {"id": "header", "kind": "header"}
    assert said["metadata"]["report"] == {"id": "say-1", "kind": "say"}
    assert said["output_type"] == "display_data"
    nbformat.validate(notebook)
