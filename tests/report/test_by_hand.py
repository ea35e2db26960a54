"""A notebook run by hand says where client.yaml differs, and names files by their path."""

import ast
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from made_reports import make_client
from nbclient import NotebookClient
from nbformat import v4

from shared.loading.config import Setting
from shared.loading.errors import ConfigError
from shared.report import by_hand, notebooks
from shared.report.parameters import parameters_of

PARAMETERS = """\
client_name: str = "demo"  # folder below data/
discount: float = 0.0  # 0 to 0.95; discount of the offer
margin_share: float = 0.0  # 0 to 0.95; margin of revenue
planned: str = ""  # such as "1:1"; split that was planned
cuts: list = [0.8, 0.95]  # 2 ascending numbers from 0.5 to 0.99; where A and B end
"""
TESTS = Path(__file__).parents[1]
IN_A_KERNEL = f"""
import sys
sys.path.insert(0, {str(TESTS)!r})
from types import SimpleNamespace
from made_reports import make_client
from shared.loading.config import Setting
from shared.report import Report
given = {{"uplift": {{"discount": Setting("0.15", 3)}}}}
config = SimpleNamespace(label="client.yaml", parameters=given)
report = Report("uplift", make_client(config=config))
"""


def config(**values):
    settings = {name: Setting(value, 7) for name, value in values.items()}
    return SimpleNamespace(label="data/acme/client.yaml", parameters={"sale": settings})


@pytest.fixture(autouse=True)
def sale(tmp_path, monkeypatch):
    """Let a report of the stem `sale` have these parameters."""
    cell = v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
    text = v4.writes(v4.new_notebook(cells=[cell]))
    (tmp_path / "12_sale.ipynb").write_text(text, encoding="utf-8")
    monkeypatch.setattr(notebooks, "FOLDER", tmp_path)
    notebooks.notebook_of.cache_clear()
    yield
    notebooks.notebook_of.cache_clear()


@pytest.fixture
def in_jupyterlab(monkeypatch):
    """Pretend that a kernel runs without a delivery; give what it shows."""
    shown: list[str] = []
    monkeypatch.delenv("CRM_REPORT_DIR", raising=False)
    monkeypatch.setattr(by_hand, "shell", lambda: SimpleNamespace(user_ns={}))
    monkeypatch.setattr(by_hand, "_display", shown.append)
    return shown


def running(**changed):
    return notebooks.parameter_values("sale", changed)


def test_what_client_yaml_sets_otherwise_is_named_with_both_values():
    set_by_client = config(discount="0.15", margin_share="0.4", planned="")
    notice = by_hand.difference_notice("sale", running(), set_by_client)

    assert (
        "data/acme/client.yaml sets discount = 0.15 and margin_share = 0.4; "
        "this notebook runs on 0.0 and 0.0." in notice
    )
    assert "planned" not in notice


def test_nothing_is_said_where_the_values_are_equal():
    set_by_client = config(discount="0.15", cuts=("0.80", "0.95"))

    assert by_hand.difference_notice("sale", running(discount=0.15), set_by_client) == ""
    assert by_hand.difference_notice("basket", {}, set_by_client) == ""


def test_the_lines_to_paste_are_lines_of_a_parameters_cell_with_the_values_of_client_yaml():
    wanted = {"planned": 'a "quoted" plan', "cuts": ("0.7", "0.9"), "discount": "0.15"}
    notice = by_hand.difference_notice("sale", running(), config(**wanted))
    lines = notice.partition("<pre>")[2].partition("</pre>")[0].replace("&quot;", '"')

    declared = {p.name: p for p in parameters_of(PARAMETERS, place="")}
    pasted = {p.name: p for p in parameters_of(lines, place="")}
    assert {name: p.default for name, p in pasted.items()} == {
        "planned": 'a "quoted" plan', "cuts": [0.7, 0.9], "discount": 0.15,
    }  # fmt: skip
    assert all(pasted[name].help == declared[name].help for name in pasted)
    assert ast.parse(lines)


def test_a_mistake_in_client_yaml_is_refused_as_a_delivery_refuses_it():
    for wrong in (config(discount="2"), config(discont="0.1")):
        with pytest.raises(ConfigError, match=r"data/acme/client\.yaml sale\.disc"):
            by_hand.difference_notice("sale", running(), wrong)


def test_markup_in_a_value_is_shown_as_text():
    notice = by_hand.difference_notice("sale", running(), config(planned="<script>"))
    assert "<script" not in notice


def test_a_delivery_shows_no_notice(in_jupyterlab, monkeypatch, tmp_path):
    client = make_client(config=config(discount="0.15"))
    by_hand.tell_differences("sale", running(), client)
    assert "discount = 0.15" in in_jupyterlab.pop()

    monkeypatch.setenv("CRM_REPORT_DIR", str(tmp_path))
    by_hand.tell_differences("sale", running(), client)
    assert not in_jupyterlab


def test_by_hand_a_table_names_the_file_that_the_export_writes(
    in_jupyterlab, report, monkeypatch, tmp_path
):
    monkeypatch.setenv("CRM_OUTPUTS", str(tmp_path))
    report.table(pd.DataFrame({"a": [1]}), caption="x", file="rows")
    html = report.elements.of("table")[0].html

    assert "<a " not in html
    assert f"<code>{tmp_path}/acme/drafts/tables/example/rows.csv</code>" in html


@pytest.mark.slow
def test_in_a_kernel_the_notice_is_no_element_of_the_page(tmp_path, monkeypatch):
    def outputs():
        made = v4.new_notebook(cells=[v4.new_code_cell(IN_A_KERNEL)])
        NotebookClient(made, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
        return made.cells[0].outputs

    monkeypatch.delenv("CRM_REPORT_DIR", raising=False)
    (notice,) = outputs()
    assert "client.yaml sets discount = 0.15" in notice["data"]["text/html"]
    assert notice["metadata"] == {}
    assert "data-output" not in notice["data"]["text/html"]

    monkeypatch.setenv("CRM_REPORT_DIR", str(tmp_path))
    assert outputs() == []
