"""A report's parameter values: the notebook's default, client.yaml, --set; the last one wins."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.delivery.catalogue import Notebook
from shared.delivery.request import require_built
from shared.loading.errors import ConfigError, join_errors
from shared.report.parameters import check_values, declared_parameters

CLIENT_PARAMETER = "client_name"

Settings = dict[str, dict[str, object]]
Given = tuple[str, str, str, object]  # where it is written, report, parameter, value


def require_parameters(reports: Sequence[Notebook]) -> None:
    """Refuse, before anything runs, notebooks whose parameters cell is missing or unreadable."""
    wrong = []
    for report in reports:
        try:
            if report.path:
                declared_parameters(report.path)
        except ConfigError as error:
            wrong.append(error)
    if wrong:
        raise join_errors(wrong)


def command_line_settings(texts: Sequence[str], reports: Sequence[Notebook]) -> Settings:
    """Read `--set basket.min_support=0.02` against the notebooks' own parameters."""
    given: list[Given] = []
    wrong = []
    for text in texts:
        target, equals, value = text.partition("=")
        stem, dot, name = target.strip().partition(".")
        if equals and dot and name:
            given.append(("--set", stem, name, value))
        else:
            what, fix = "is no setting", "write --set report.parameter=value"
            wrong.append(ConfigError("E-USE-04", f"--set {text}", what, fix=fix))
    return _checked(given, reports, wrong)


def client_settings(config: Any, reports: Sequence[Notebook]) -> Settings:
    """Check the `parameters` of a `client.yaml`; those of reports not built yet wait for them."""
    # One client.yaml serves all eleven reports, also while some are still to be built.
    waiting = {report.stem for report in reports if report.path is None}
    given = [
        (f"{config.label}:{setting.line}", stem, name, setting.given)
        for stem, settings in config.parameters.items()
        if stem not in waiting
        for name, setting in settings.items()
    ]
    return _checked(given, reports, [])


def values_of(report: Notebook, client: str, *layers: Settings) -> dict[str, object]:
    """Give all parameters of a report: its defaults, then each layer over the one before."""
    assert report.path is not None
    values = {p.name: p.default for p in declared_parameters(report.path)}
    if CLIENT_PARAMETER in values:
        values[CLIENT_PARAMETER] = client
    for layer in layers:
        values |= layer.get(report.stem, {})
    return values


def changed_values(report: Notebook, values: Mapping[str, object]) -> dict[str, object]:
    """Give the values that differ from the notebook's defaults: what is injected."""
    assert report.path is not None
    # papermill shows injected values in a cell of their own: defaults would only repeat there.
    defaults = {p.name: p.default for p in declared_parameters(report.path)}
    return {name: value for name, value in values.items() if value != defaults[name]}


def _checked(
    given: Sequence[Given], reports: Sequence[Notebook], wrong: list[ConfigError]
) -> Settings:
    checked: Settings = {}
    for place, stem, name, value in given:
        # All mistakes in one go: a run that stops at each of five costs five runs.
        try:
            report = require_built(stem, reports, place=f"{place} {stem}.{name}")
            checked.setdefault(report.stem, {}).update(_one(report, name, value, place))
        except ConfigError as error:
            wrong.append(error)
    if wrong:
        raise join_errors(wrong)
    return checked


def _one(report: Notebook, name: str, value: object, place: str) -> dict[str, object]:
    assert report.path is not None
    if name == CLIENT_PARAMETER:
        what, fix = "is set by the run", "name the client on the command line"
        raise ConfigError("E-USE-05", f"{place} {report.stem}.{name}", what, fix=fix)
    # What a mistyped name is compared with are the parameters that may be set.
    parameters = [p for p in declared_parameters(report.path) if p.name != CLIENT_PARAMETER]
    return check_values(parameters, {name: value}, place=f"{place} {report.stem}")
