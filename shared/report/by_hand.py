"""A notebook that a consultant runs by hand: told where it differs from what a delivery says."""

import json
import os
from collections.abc import Iterable, Mapping
from html import escape
from textwrap import shorten
from typing import Any

from shared.loading.citations import shown_path
from shared.report.elements import shell
from shared.report.findings import STAGED, export_folder
from shared.report.notebooks import notebook_of
from shared.report.parameters import Parameter, check_values, declared_parameters
from shared.report.style_sheets import sheet
from shared.report.words import word

LONGEST_VALUE = 40  # letters of a value in the sentence; the line to paste has all of it


def is_by_hand() -> bool:
    """Tell whether a kernel runs that no delivery has started."""
    return shell() is not None and not os.environ.get(STAGED)


def tell_differences(stem: str, running: Mapping[str, object], client: Any) -> None:
    """Show, in a notebook run by hand, which values of client.yaml it does not run on.

    Nothing is shown where the values are equal, nor in a delivery, which puts them in. What is
    shown carries no mark, so that it is no element of the page.

    Parameters
    ----------
    stem : str
        Such as "uplift".
    running : mapping
        The notebook's values, checked.
    client : Client
        Its `config` holds what client.yaml sets.

    Raises
    ------
    ConfigError
        If client.yaml sets what the notebook does not have or does not allow.
    """
    if not is_by_hand():
        return
    _display(difference_notice(stem, running, client.config))


def show_style() -> None:
    """Let the report look in JupyterLab as on its page, which brings a style sheet of its own."""
    if shell() is not None:
        _display(f"<style>{sheet('elements.css')}</style>")


def difference_notice(stem: str, running: Mapping[str, object], config: Any) -> str:
    """Write which values of client.yaml a notebook does not run on, "" where it does on all."""
    notebook = notebook_of(stem)
    settings = config.parameters.get(stem, {})
    if notebook is None or not settings:
        return ""
    declared = {parameter.name: parameter for parameter in declared_parameters(notebook)}
    given = {name: setting.given for name, setting in settings.items()}
    wanted = check_values([*declared.values()], given, place=f"{config.label} {stem}")
    unlike = {name: value for name, value in wanted.items() if value != running[name]}
    if not unlike:
        return ""
    said = word(
        "by_hand",
        file=config.label,
        wanted=_joined(f"{name} = {_brief(value)}" for name, value in unlike.items()),
        running=_joined(_brief(running[name]) for name in unlike),
    )
    lines = "\n".join(_line(declared[name], value) for name, value in unlike.items())
    return (
        f"<style>{sheet('by_hand.css')}</style>"
        f'<div class="report-output by-hand"><p>{escape(said)}</p>'
        f"<p>{escape(word('by_hand_fix'))}</p><pre>{escape(lines)}</pre></div>"
    )


def table_link(address: str, slug: str) -> str:
    """Link to a table beside the page; by hand, name the file, for which no address would hold.

    JupyterLab reads an address from the folder that it was started in, which may be any.
    """
    if is_by_hand():
        return f"<code>{escape(shown_path(export_folder(slug) / address))}</code>"
    return f'<a href="{address}">{address}</a>'


def _joined(texts: Iterable[str]) -> str:
    *first, last = texts
    return f"{', '.join(first)} and {last}" if first else last


def _display(html: str) -> None:
    if html:
        from IPython.display import HTML, display

        display(HTML(html))


def _line(parameter: Parameter, value: object) -> str:
    return f"{parameter.name}: {parameter.kind} = {_literal(value)}  # {parameter.help}"


def _brief(value: object) -> str:
    return shorten(_literal(value), LONGEST_VALUE, placeholder=" …")


def _literal(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
