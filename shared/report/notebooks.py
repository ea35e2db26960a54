"""Where a report's notebook lies, the number it carries and the parameters it runs with."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from shared.report.elements import shell
from shared.report.parameters import check_values, declared_parameters

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"


@lru_cache
def notebook_of(stem: str) -> Path | None:
    """Find the notebook of a stem, such as 04_cohort.ipynb for "cohort"."""
    return next(iter(sorted(FOLDER.glob(f"[0-9][0-9]_{stem}.ipynb"))), None)


def numbered_stem(stem: str) -> str:
    """Give the stem with its notebook's number, as the delivery names its files."""
    notebook = notebook_of(stem)
    return notebook.stem if notebook else stem


def parameter_values(stem: str, given: Mapping[str, object] | None) -> dict[str, object]:
    """Give the values that a report runs with, each checked against its notebook's own range.

    Parameters
    ----------
    stem : str
        Of the notebook; without one, whatever is given counts.
    given : mapping or None
        Values outside a kernel; None reads those of the running notebook.
    """
    notebook = notebook_of(stem)
    if notebook is None:
        return dict(given or {})
    declared = declared_parameters(notebook)
    values = {parameter.name: parameter.default for parameter in declared}
    if given is not None:
        values |= given
    elif (running := shell()) is not None:
        values |= {name: running.user_ns[name] for name in values if name in running.user_ns}
    return check_values(declared, values, place=stem)
