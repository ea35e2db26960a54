import pytest
from tiny_suite import TinySuite

from shared.delivery.catalogue import ELEVEN, catalogue, missing_tables
from shared.loading.errors import ConfigError


@pytest.fixture
def suite(tmp_path):
    return TinySuite(tmp_path)


def test_eleven_reports_are_listed_also_when_no_notebook_is_there(suite):
    reports = catalogue(suite.notebooks)

    assert [r.name for r in reports] == list(ELEVEN)
    assert not [r for r in reports if r.path]


def test_a_twelfth_notebook_needs_no_list_to_be_edited(suite):
    suite.notebook("12_weekday", question="When is bought?", tables=[["order_lines"]])

    report = catalogue(suite.notebooks)[-1]
    assert (report.number, report.stem, report.question) == ("12", "weekday", "When is bought?")
    assert report.tables == (("order_lines",),)


def test_one_supplied_alternative_is_enough(suite):
    suite.notebook("03_survival", tables=[["order_lines", "customers"], ["durations"]])
    report = next(r for r in catalogue(suite.notebooks) if r.path)

    assert missing_tables(report, ["durations"]) == ""
    assert missing_tables(report, ["order_lines"]) == "customers, or durations"
    assert missing_tables(report, []) == "order_lines and customers, or durations"


def test_a_broken_notebook_is_named(suite):
    suite.notebook("04_cohort").write_text("{")

    with pytest.raises(ConfigError, match=r"E-NOTE-01 04_cohort\.ipynb"):
        catalogue(suite.notebooks)
