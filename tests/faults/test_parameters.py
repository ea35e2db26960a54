"""Faults of parameters: refused with exit 2 before any kernel starts; the remedy works."""

import pytest

from shared.delivery import execute
from shared.delivery.commands import run_all

pytest_plugins = ["tiny_suite_fixtures"]


@pytest.fixture
def refused(suite, monkeypatch, capsys):
    """Run in this process what must be refused before anything starts; give the message."""
    monkeypatch.setenv("CRM_NOTEBOOKS", str(suite.notebooks))

    def no_start(*_):
        raise AssertionError("a notebook was started")

    monkeypatch.setattr(execute, "_start", no_start)

    def run(*arguments):
        roots = ["--data", str(suite.data), "--outputs", str(suite.outputs)]
        assert run_all(["acme", *arguments, *roots]) == 2
        message = capsys.readouterr().err
        assert len(message.splitlines()) <= 8
        assert not list((suite.outputs / "acme").glob("2*"))
        return message

    return run


@pytest.mark.parametrize(
    ("setting", "told"),
    [("cohort.share=5", "'5' is out of range"), ("cohort.share=many", "not of type float")],
)
def test_co01_a_value_out_of_range_is_told_with_name_value_and_range(refused, setting, told):
    message = refused("--set", setting)

    assert "cohort.share" in message
    assert told in message
    assert "0 to 1" in message


def test_co01_so_is_one_of_the_client_with_its_line(suite, refused):
    suite.client(more="parameters:\n  cohort: {share: 5}\n")

    message = refused()
    assert "client.yaml:11 cohort.share" in message
    assert "0 to 1" in message


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("--set", "kohort.share=0.1"), "did you mean cohort?"),
        (("--set", "cohort.shaer=0.1"), "did you mean share?"),
        (("--only", "chort"), "did you mean cohort?"),
        (("--engine", "duckbd"), "did you mean duckdb?"),
    ],
)
def test_co04_an_unknown_name_is_told_with_what_was_meant(refused, arguments, meant):
    assert meant in refused(*arguments)


def test_co04_a_setting_for_a_report_that_only_leaves_out_is_refused(suite, refused):
    suite.notebook("05_basket")

    message = refused("--only", "05", "--set", "cohort.share=0.1")
    assert "--set cohort.share  is for a report that --only leaves out" in message
    assert "add 04 to --only" in message


def test_co04_an_unknown_client_is_told_with_who_was_meant(suite, monkeypatch, capsys):
    monkeypatch.setenv("CRM_DATA", str(suite.data))

    assert run_all(["acmee"]) == 2
    assert "did you mean acme?" in capsys.readouterr().err


def test_co07_a_notebook_without_its_parameters_cell_stops_the_run_before_it_starts(suite, refused):
    suite.notebook("05_basket", parameters=None)

    message = refused()
    assert "05_basket.ipynb  the notebook has no cell tagged parameters" in message
    assert "tag its first code cell" in message


@pytest.mark.slow
def test_sp04_text_stays_text_from_the_command_line_and_from_the_client(suite):
    suite.client(more="parameters:\n  cohort: {code: 12:30, share: 1e-1}\n")

    assert suite.run("acme").returncode == 0
    page = (suite.delivered() / "04_cohort.html").read_text(encoding="utf-8")
    assert "code 12:30 share 0.1" in page

    assert suite.run("acme", "--set", "cohort.code=007").returncode == 0
    values = suite.manifest()["parameters"]["04_cohort"]
    assert values == {"client_name": "acme", "code": "007", "share": 0.1}
