"""A part of a study: what was computed, or the reason why the data cannot carry it."""

import math
from collections.abc import Callable, Sequence
from string import Formatter
from typing import Any, TypeVar

import pandas as pd

from shared.analysis.intervals import Estimate
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

Result = TypeVar("Result")
Frame = pd.DataFrame | NotSupportedByData


def part(compute: Callable[..., Result], *data: Any, **options: Any) -> Result | NotSupportedByData:
    """Compute one part of a page; a part that the data cannot carry costs no other part.

    Parameters
    ----------
    compute : callable
        Gives the part; `NotSupportedByData` that it raises is the result.
    data : object
        What it is computed from; one that is itself such a reason is handed on.
    options : object
        Handed to `compute`.
    """
    for given in data:
        if isinstance(given, NotSupportedByData):
            return given
    try:
        return compute(*data, **options)
    except NotSupportedByData as reason:
        return reason


def known(result: Result | NotSupportedByData) -> Result:
    """Give a part, or raise the reason why there is none."""
    if isinstance(result, NotSupportedByData):
        raise result
    return result


def or_none(result: Result | NotSupportedByData) -> Result | None:
    """Give a part, or None where there is none."""
    return None if isinstance(result, NotSupportedByData) else result


def frames(**named: Frame) -> dict[str, pd.DataFrame]:
    """Keep the tables that there are, by the names of their files."""
    return {name: table for name, table in named.items() if isinstance(table, pd.DataFrame)}


def is_known(answer: Reason) -> bool:
    """Tell whether every figure that a sentence names is known."""
    named = [name for _text, name, _spec, _how in Formatter().parse(answer.template) if name]
    values = [answer.values[name] for name in named]
    figures = [value.value if isinstance(value, Estimate) else value for value in values]
    return not any(isinstance(figure, float) and math.isnan(figure) for figure in figures)


def sayable(answers: Sequence[Reason]) -> list[Reason]:
    """Keep the sentences whose figures are known; what is not known is not said.

    Raises
    ------
    NotSupportedByData
        If that leaves none.
    """
    said = [answer for answer in answers if is_known(answer)]
    if not said:
        raise NotSupportedByData("a figure of the answer is not known", "money above refunds")
    return said
