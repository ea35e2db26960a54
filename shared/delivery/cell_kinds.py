"""What the columns of a table hold, and how a spreadsheet shows it."""

import csv
import re
from collections.abc import Callable, Sequence
from pathlib import Path

# The value stays whole in the cell; this is how it is shown.
NUMBER_FORMATS = {
    "date": "yyyy-mm-dd",
    "whole": "#,##0",
    "share": "0.0%",
    "decimal": "#,##0.00",
    "number": "General",
}
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_WHOLE = re.compile(r"-?(0|[1-9]\d*)(\.0)?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_ID = re.compile(r"(^|_)id(_|$)")
_SHARE = re.compile(r"(^|_)(share|rate|probability|propensity|chance)(_|$)")
_YEAR = re.compile(r"(^|_)year(_|$)")
_TINY = re.compile(r"(^|_)[pq](_|$)")  # of a test: two decimals would show nothing
_PRODUCTS = {"offer", "suggestion", "from_product", "to_product"}  # that hold the id of a product
_TRUTHS = ("True", "False")


def cell_kinds(table: Path, head: Sequence[str], places: Sequence[int]) -> list[str]:
    """Give the columns one kind each, such as "whole" if every value is a whole number.

    Parameters
    ----------
    table : Path
        A CSV file with a head.
    head : sequence of str
        The names of the columns wanted.
    places : sequence of int
        Where each of them stands in the file.

    Returns
    -------
    list of str
        "text", "truth", or one of `NUMBER_FORMATS`; ids stay text.
    """
    possible = [_possible(name) for name in head]
    with table.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows, None)
        for row in rows:
            for place, kinds in zip(places, possible, strict=True):
                if value := row[place]:
                    kinds -= {kind for kind in kinds if not _FITS[kind](value)}
    return [_narrowest(kinds) for kinds in possible]


def is_id(name: str) -> bool:
    """Tell whether a column holds ids by its name."""
    return name in _PRODUCTS or _ID.search(name) is not None


def _possible(name: str) -> set[str]:
    if is_id(name):
        return set()
    if _TINY.search(name) or _YEAR.search(name):
        return {"date", "truth", "number"}
    return {"date", "truth", "whole", "decimal", *({"share"} if _SHARE.search(name) else ())}


def _narrowest(kinds: set[str]) -> str:
    """Take the kind that says most; of a column without any value none is known."""
    order = ("date", "truth", "share", "whole", "decimal", "number")
    left = [kind for kind in order if kind in kinds]
    return "text" if "date" in kinds and len(left) > 1 else next(iter(left), "text")


def _is_share(value: str) -> bool:
    return _is_number(value) and abs(float(value)) <= 1


def _is_number(value: str) -> bool:
    return _NUMBER.fullmatch(value) is not None


_FITS: dict[str, Callable[[str], bool]] = {
    "date": lambda value: _DATE.fullmatch(value) is not None,
    "truth": lambda value: value in _TRUTHS,
    "share": _is_share,
    "whole": lambda value: _WHOLE.fullmatch(value) is not None,
    "decimal": _is_number,
    "number": _is_number,
}
