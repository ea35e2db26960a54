"""The five wings import only from those before them; analysis draws nothing."""

import ast
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[1] / "shared"
WINGS = ["loading", "analysis", "plots", "report", "delivery"]
MODULES = sorted(p for wing in WINGS for p in (SHARED / wing).rglob("*.py"))


def imported_modules(path):
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
    return names


@pytest.mark.parametrize("wing", WINGS)
def test_a_wing_imports_only_from_those_before_it(wing):
    later = {f"shared.{name}" for name in WINGS[WINGS.index(wing) + 1 :]}
    found = {
        f"{path.name}: {name}"
        for path in (SHARED / wing).rglob("*.py")
        for name in imported_modules(path)
        if any(name == module or name.startswith(f"{module}.") for module in later)
    }

    assert not found


def test_analysis_draws_nothing_and_shows_nothing():
    forbidden = ("matplotlib", "seaborn", "IPython")
    found = [
        f"{path.name}: {name}"
        for path in (SHARED / "analysis").rglob("*.py")
        for name in imported_modules(path)
        if name.startswith(forbidden)
    ]

    assert not found


def test_no_module_is_named_for_nothing():
    assert not [p.name for p in MODULES if p.stem in {"utils", "helpers", "common", "misc"}]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_every_public_function_is_documented(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    public = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]

    assert not [node.name for node in public if not ast.get_docstring(node)]
