import pytest
from tiny_suite import TinySuite

from shared.delivery.catalogue import catalogue
from shared.delivery.request import (
    clients_in,
    limits_from_environment,
    require_clients,
    selected_reports,
)
from shared.loading.errors import ConfigError


@pytest.fixture
def suite(tmp_path):
    return TinySuite(tmp_path)


@pytest.fixture
def reports(suite):
    for name in ("01_portfolio", "04_cohort"):
        suite.notebook(name)
    return catalogue(suite.notebooks)


@pytest.mark.parametrize("text", ["04", "4", "cohort", "04_cohort", " 04 , "])
def test_a_report_goes_by_its_number_or_stem(reports, text):
    assert selected_reports([text], reports) == {"04_cohort"}


def test_all_misspelt_reports_are_told_in_one_go(reports):
    with pytest.raises(ConfigError) as caught:
        selected_reports(["kohort,portfolo", "05"], reports)

    message = str(caught.value)
    assert "--only kohort  is no report; did you mean cohort?" in message
    assert "did you mean portfolio?" in message
    assert "05_basket is not part of this edition" in message


def test_a_client_is_a_folder_with_a_client_yaml(suite):
    suite.client("acme")
    (suite.data / "notes").mkdir()

    assert clients_in(suite.data) == ["acme"]
    assert require_clients(["acme", "acme"], suite.data) == ["acme"]
    for name in ("acmee", "data/acme", "acme/"):
        with pytest.raises(ConfigError, match="did you mean acme"):
            require_clients([name], suite.data)


def test_a_folder_without_a_client_yaml_is_told_how_to_get_one(suite):
    (suite.data / "notes").mkdir(parents=True)

    with pytest.raises(ConfigError, match=r"notes  has no client\.yaml") as caught:
        require_clients(["notes"], suite.data)
    assert caught.value.fix == "python -m shared new notes FILE"


def test_a_long_list_of_clients_says_how_many_it_leaves_out(suite):
    for number in range(7):
        suite.client(f"shop{number}")

    with pytest.raises(ConfigError, match=r"shop4 and 2 more; or python -m shared new"):
        require_clients(["zzzzzzzz"], suite.data)


@pytest.mark.parametrize("name", ["../acme", "acme/", ".", ""])
def test_a_name_that_leaves_the_data_folder_is_no_client(suite, name):
    suite.client("acme")

    with pytest.raises(ConfigError):
        require_clients([name], suite.data)


def test_limits_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("CRM_CELL_SECONDS", "7")
    assert limits_from_environment().cell_seconds == 7

    monkeypatch.setenv("CRM_CELL_SECONDS", "soon")
    with pytest.raises(ConfigError, match="CRM_CELL_SECONDS"):
        limits_from_environment()
