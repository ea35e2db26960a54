"""Parts of a page: computed, or the reason why the data cannot carry them."""

from collections.abc import Callable
from typing import Any, TypeVar

from shared.loading.errors import NotSupportedByData

Result = TypeVar("Result")


def or_reason(
    compute: Callable[..., Result], *data: object, **options: Any
) -> Result | NotSupportedByData:
    """Compute one part of the page; a part that the data cannot carry costs no other part."""
    try:
        return compute(*data, **options)
    except NotSupportedByData as reason:
        return reason


def supported(part: Result | NotSupportedByData) -> Result:
    """Give a part of the page, or raise the reason why there is none."""
    if isinstance(part, NotSupportedByData):
        raise part
    return part
