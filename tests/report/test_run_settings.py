"""Values that a run alone was given are told on its page and on the index; others are not."""

from types import SimpleNamespace

from shared.delivery.index_reports import report_row
from shared.delivery.results import ReportResult
from shared.loading.config import Setting
from shared.plots.locales import Wording
from shared.report.notebooks import parameter_values
from shared.report.run_settings import run_settings

UK = Wording("en_GB", "GBP")


def config(**given):
    settings = {name: Setting(value, 1) for name, value in given.items()}
    return SimpleNamespace(label="data/acme/client.yaml", parameters={"cohort": settings})


def ran(**given):
    return parameter_values("cohort", {"client_name": "acme", **given})


def test_only_what_neither_the_notebook_nor_the_client_sets_is_told():
    assert run_settings("cohort", ran(), config()) == ""
    assert run_settings("cohort", ran(period="Q"), config(period="Q")) == ""
    assert run_settings("cohort", ran(period="Q"), config()) == "period = Q"
    assert run_settings("cohort", ran(), config(period="Q")) == "period = M"


def test_the_index_says_that_a_page_was_made_with_values_of_one_run():
    client = SimpleNamespace(config=config())

    def status(values):
        findings = {"parameters": values}
        result = ReportResult("04", "cohort", "?", "delivered", findings=findings, page="04.html")
        return report_row(result, UK, client)["status"]

    assert status(ran(period="Q")) == "Made with period = Q, set for this run alone."
    assert status(ran()) == ""
