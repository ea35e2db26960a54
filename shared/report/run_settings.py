"""What one run alone was told by `--set`: the page and the index say it, since figures differ."""

import os
from collections.abc import Mapping
from typing import Any

from shared.report.findings import STAGED, plain_value
from shared.report.notebooks import notebook_of
from shared.report.parameters import check_values, declared_parameters

CLIENT_NAME = "client_name"


def run_settings(stem: str, running: Mapping[str, object], config: Any) -> str:
    """Write the values that neither the notebook nor client.yaml gives, such as "period = Q".

    Parameters
    ----------
    stem : str
        Such as "cohort".
    running : mapping
        The values that the report ran with.
    config : ClientConfig
        Its `parameters` hold what client.yaml sets.

    Returns
    -------
    str
        "" where the run had none of its own.
    """
    notebook = notebook_of(stem)
    if notebook is None:
        return ""
    declared = declared_parameters(notebook)
    given = {name: setting.given for name, setting in config.parameters.get(stem, {}).items()}
    usual = {parameter.name: parameter.default for parameter in declared}
    usual |= check_values(declared, given, place=f"{config.label} {stem}")
    own = {
        name: plain_value(value)
        for name, value in running.items()
        if name in usual and name != CLIENT_NAME and plain_value(value) != plain_value(usual[name])
    }
    return ", ".join(f"{name} = {_written(value)}" for name, value in own.items())


def delivered_settings(stem: str, running: Mapping[str, object], client: Any) -> str:
    """Give the same inside a delivery; a notebook run by hand tells of its cell in another way."""
    return run_settings(stem, running, client.config) if os.environ.get(STAGED) else ""


def _written(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
