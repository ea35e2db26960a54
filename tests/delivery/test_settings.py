from types import SimpleNamespace

import pytest
from tiny_suite import TinySuite

from shared.delivery.catalogue import catalogue
from shared.delivery.settings import (
    changed_values,
    client_settings,
    command_line_settings,
    values_of,
)
from shared.loading.config import Setting
from shared.loading.errors import ConfigError


@pytest.fixture
def reports(tmp_path):
    suite = TinySuite(tmp_path)
    suite.notebook("04_cohort")
    return catalogue(suite.notebooks)


def config(**parameters):
    settings = {
        stem: {name: Setting(value, 14) for name, value in values.items()}
        for stem, values in parameters.items()
    }
    return SimpleNamespace(label="data/acme/client.yaml", parameters=settings)


def test_the_command_line_wins_over_the_client_who_wins_over_the_notebook(reports):
    cohort = next(r for r in reports if r.path)
    client = client_settings(config(cohort={"share": "0.2", "code": "010"}), reports)
    line = command_line_settings(["cohort.share=0.3"], reports)

    values = values_of(cohort, "acme", client, line)
    assert values == {"client_name": "acme", "code": "010", "share": 0.3}
    assert values_of(cohort, "acme") == {"client_name": "acme", "code": "007", "share": 0.5}


def test_only_values_that_differ_from_the_defaults_are_injected(reports):
    cohort = next(r for r in reports if r.path)

    line = command_line_settings(["cohort.share=0.5", "cohort.code=7"], reports)
    assert changed_values(cohort, values_of(cohort, "acme", line)) == {
        "client_name": "acme",
        "code": "7",
    }


def test_every_mistake_of_the_command_line_is_told_in_one_go(reports):
    with pytest.raises(ConfigError) as caught:
        command_line_settings(
            ["cohort.shar=1", "cohort.share=9", "kohort.share=1", "share=1", "basket.k=1"], reports
        )

    message = str(caught.value)
    assert "did you mean share?" in message
    assert "use 0 to 1" in message
    assert "did you mean cohort?" in message
    assert "write --set report.parameter=value" in message
    assert "05_basket is not part of this edition" in message


def test_a_mistake_of_the_client_is_told_with_its_line(reports):
    with pytest.raises(ConfigError, match=r"client\.yaml:14 cohort\.share"):
        client_settings(config(cohort={"share": "many"}), reports)


def test_settings_of_a_report_not_built_yet_wait_for_it(reports):
    assert client_settings(config(basket={"min_support": "0.01"}), reports) == {}


def test_the_client_is_never_a_setting(reports):
    with pytest.raises(ConfigError, match="name the client on the command line"):
        command_line_settings(["cohort.client_name=beta"], reports)


def test_what_may_be_set_is_named_without_the_client(reports):
    with pytest.raises(ConfigError, match="no such parameter") as caught:
        command_line_settings(["cohort.zzz=1"], reports)

    assert "it has " in str(caught.value)
    assert "client_name" not in str(caught.value)
