"""docs/evidence.md names tests: each of them exists, and is slow where the page says so."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
NAMED = re.findall(r"(\*slow\* )?`(tests/[\w/]+\.py)::(\w+)`", PAGE)


def functions(file: str) -> dict[str, ast.FunctionDef]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def marked_slow(file: str, name: str) -> bool:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    marks = [node.value for node in tree.body if isinstance(node, ast.Assign)
             and getattr(node.targets[0], "id", "") == "pytestmark"]  # fmt: skip
    return any(
        "mark.slow" in ast.unparse(m) for m in [*marks, *functions(file)[name].decorator_list]
    )


@pytest.mark.parametrize(("slow", "file", "name"), NAMED, ids=lambda value: value)
def test_a_test_that_the_page_names_exists_and_is_slow_where_it_says_so(slow, file, name):
    assert name in functions(file), f"{file} has no {name}"
    assert marked_slow(file, name) == bool(slow)


def test_every_line_of_a_table_names_a_test():
    rows = [line for line in PAGE.splitlines() if line.startswith("|") and "---" not in line]
    heads = [line for line in rows if line.endswith("test |")]
    assert len(rows) - len(heads) == len(NAMED)
