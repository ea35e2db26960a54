import subprocess
import sys

PROGRAM = """
import sys
from shared.delivery.idle_imports import leave_out_idle_imports
leave_out_idle_imports()
import nbformat
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
nbformat.validate(notebook)
notebook.cells[0].outputs = "none"
try:
    nbformat.validate(notebook)
except nbformat.ValidationError:
    print("lark" in sys.modules)
"""


def test_notebooks_are_validated_without_building_the_grammar_of_iris():
    line = [sys.executable, "-W", "error", "-c", PROGRAM]
    done = subprocess.run(line, capture_output=True, text=True, check=False)

    assert done.stdout.split() == ["False"], done.stderr
