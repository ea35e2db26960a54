"""Every notebook has the anatomy that the guide promises; no kernel is started."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
from copied_report import written
from papermill.inspection import inspect_notebook

from shared.report.parameters import declared_parameters

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("[0-9][0-9]_*.ipynb"))
COPIED = Path("the report to copy of CONTRIBUTING.md")
ROOT = Path(__file__).parents[2]
TYPED_IN_FIGURE = re.compile(r"\d\s?%|[€$£₺₽]\s?\d|\d\s?[€₺₽]|\d\s(?:EUR|USD|GBP|TRY|RUB)\b")


@pytest.fixture(params=[*NOTEBOOKS, COPIED], ids=lambda path: path.stem)
def path(request, tmp_path):
    return written(tmp_path) if request.param is COPIED else request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tagged(notebook, tag):
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def test_there_is_a_notebook():
    assert NOTEBOOKS


def test_it_opens_with_a_business_question(notebook):
    assert notebook.cells[0].cell_type == "markdown"
    assert re.match(r"# .+\?", notebook.cells[0].source)


def test_parameters_setup_and_export_stand_where_they_should(notebook):
    cells = code_cells(notebook)
    for tag, cell in (("parameters", cells[0]), ("setup", cells[1]), ("export", cells[-1])):
        assert tagged(notebook, tag) == [cell]


def test_papermill_sees_every_parameter(path, notebook):
    assigned = {
        node.target.id
        for node in ast.parse(tagged(notebook, "parameters")[0].source).body
        if isinstance(node, ast.AnnAssign)
    }

    assert set(inspect_notebook(str(path))) == assigned
    assert {p.name for p in declared_parameters(path)} == assigned
    assert 4 <= len(assigned) <= 14


def test_every_parameter_is_a_literal_with_a_range_and_an_effect(path):
    for parameter in declared_parameters(path):
        assert parameter.help, parameter.name
        assert ";" in parameter.help or parameter.name == "client_name", parameter.name


def test_it_defines_nothing_and_fits_the_screen(notebook):
    lines = [cell.source.splitlines() for cell in code_cells(notebook)]
    nodes = [n for cell in code_cells(notebook) for n in ast.walk(ast.parse(cell.source))]

    assert not [n for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef | ast.Lambda)]
    assert 8 <= len(lines) <= 32
    assert max(map(len, lines)) <= 20


def test_no_figure_is_typed_into_prose(notebook):
    before_method = []
    for cell in notebook.cells:
        if cell.source.startswith("## Method"):
            break
        if cell.cell_type == "markdown":
            before_method.append(cell.source)

    assert not TYPED_IN_FIGURE.search("\n".join(before_method))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_three_files_share_its_name(path):
    stem = path.stem.partition("_")[2]

    for file in (f"shared/analysis/{stem}.py", f"shared/plots/{stem}.py"):
        assert (ROOT / file).is_file(), file
    assert (ROOT / "tests" / "analysis" / f"test_{stem}.py").is_file()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_index_of_questions_lists_it(path):
    question = nbformat.read(path, as_version=4).cells[0].source.splitlines()[0].removeprefix("# ")

    assert question in (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")


def test_it_holds_no_output(notebook):
    assert not [c for c in code_cells(notebook) if c.outputs or c.execution_count]
