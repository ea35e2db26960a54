"""A parameters cell is a schema: types, ranges and choices are read from it and enforced."""

import json

import pytest

from shared.loading.errors import ConfigError
from shared.report.parameters import check_value, check_values, declared_parameters, parameters_of

CELL = """client_name: str = "demo"  # folder below data/
period: str = "M"  # M, Q or W; length of a cohort
last_period: str = ""  # such as 2011-11; empty for the last complete one
age: int = 1  # 1 to 12 periods; when "came back" is judged
share: float = 0.5  # 0.1 to 0.9 of 1; how much
drift: int = -3  # -10 to 10; either way
strict: bool = False  # refuse what is rare
names: list = ["a"]  # columns to show
cuts: list = [0.8, 0.95]  # 2 ascending numbers from 0.5 to 1; where classes end
x_axis: str = ""  # empty, frequency or monetary; horizontal
"""


@pytest.fixture
def cell():
    return {p.name: p for p in parameters_of(CELL, place="04_cohort.ipynb")}


def test_names_kinds_and_defaults_are_read(cell):
    assert [(p.name, p.kind, p.default) for p in cell.values()][:5] == [
        ("client_name", "str", "demo"),
        ("period", "str", "M"),
        ("last_period", "str", ""),
        ("age", "int", 1),
        ("share", "float", 0.5),
    ]


def test_the_comment_states_range_unit_and_choices(cell):
    assert (cell["age"].low, cell["age"].high, cell["age"].unit) == (1, 12, "periods")
    assert (cell["drift"].low, cell["drift"].high) == (-10, 10)
    assert cell["period"].choices == ("M", "Q", "W")
    assert cell["x_axis"].choices == ("", "frequency", "monetary")
    assert cell["client_name"].choices == cell["last_period"].choices == ()
    assert cell["age"].help == '1 to 12 periods; when "came back" is judged'


@pytest.mark.parametrize(
    ("name", "given", "want"),
    [
        ("age", 12, 12), ("age", "12", 12), ("share", 0.9, 0.9), ("share", "1e-1", 0.1),
        ("period", "Q", "Q"), ("last_period", "2011-11", "2011-11"), ("strict", "yes", True),
        ("strict", True, True), ("names", "a, b", ["a", "b"]), ("client_name", "007", "007"),
        ("cuts", "0.5,1", [0.5, 1.0]), ("cuts", [0.7, 0.9], [0.7, 0.9]),
    ],
)  # fmt: skip
def test_a_fitting_value_comes_back_in_its_type(cell, name, given, want):
    got = check_value(cell[name], given)

    assert got == want
    assert type(got) is type(want)


@pytest.mark.parametrize(
    ("name", "given", "code", "allowed"),
    [
        ("age", 0, "E-PARA-03", "1 to 12 periods"), ("age", 13, "E-PARA-03", "1 to 12 periods"),
        ("age", "x", "E-PARA-02", "1 to 12"), ("age", True, "E-PARA-02", "1 to 12"),
        ("age", 1.5, "E-PARA-02", "1 to 12"), ("share", float("nan"), "E-PARA-03", "0.1 to 0.9"),
        ("period", "D", "E-PARA-03", "M, Q or W"), ("client_name", 7, "E-PARA-02", "folder"),
        ("names", 3, "E-PARA-02", "columns"), ("strict", "maybe", "E-PARA-02", "refuse"),
        ("cuts", [0.9], "E-PARA-03", "2 asc"), ("cuts", [0.9, 0.8], "E-PARA-03", "2 ascending"),
        ("cuts", [0.4, 0.8], "E-PARA-03", "from 0.5"), ("cuts", "a, b", "E-PARA-02", "numbers"),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused_with_name_value_and_range(cell, name, given, code, allowed):
    with pytest.raises(ConfigError) as refused:
        check_value(cell[name], given)

    message = str(refused.value)
    assert message.startswith(f"{code} {name}  {given!r}")
    assert allowed in message
    assert refused.value.exit_code == 2


@pytest.mark.parametrize("given", ["[0.6, 0.9]", "0.6 0.9", "0.9,0.6"])
def test_a_list_that_is_not_typed_as_one_is_shown_how(cell, given):
    with pytest.raises(ConfigError, match=r"write 0\.80,0\.95: 2 ascending numbers"):
        check_value(cell["cuts"], given)


def test_all_mistakes_are_told_at_once_with_the_name_that_was_meant(cell):
    with pytest.raises(ConfigError) as refused:
        check_values(list(cell.values()), {"age": 0, "perid": "Q"}, place="cohort")

    message = str(refused.value)
    assert "E-PARA-03 cohort.age" in message
    assert "E-PARA-04 cohort.perid" in message
    assert "did you mean period?" in message


@pytest.mark.parametrize("line", ["a = 1", "a: int = 2 * 3", "a: Path = 1", "import os"])
def test_a_line_that_is_no_typed_literal_is_refused(line):
    with pytest.raises(ConfigError, match="E-PARA-01"):
        parameters_of(line, place="x.ipynb")


def test_a_notebook_without_the_tag_is_refused(tmp_path):
    path = tmp_path / "x.ipynb"
    cells = [{"cell_type": "code", "metadata": {}, "source": ["a: int = 1"]}]
    path.write_text(json.dumps({"cells": cells}))

    with pytest.raises(ConfigError, match="E-PARA-01"):
        declared_parameters(path)
    cells[0]["metadata"]["tags"] = ["parameters"]
    path.write_text(json.dumps({"cells": cells}))
    assert [p.name for p in declared_parameters(path)] == ["a"]
