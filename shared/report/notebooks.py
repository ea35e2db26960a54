"""Where a report's notebook lies, and the number it carries."""

from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"


@lru_cache
def notebook_of(stem: str) -> Path | None:
    """Find the notebook of a stem, such as 04_cohort.ipynb for "cohort"."""
    return next(iter(sorted(FOLDER.glob(f"[0-9][0-9]_{stem}.ipynb"))), None)


def numbered_stem(stem: str) -> str:
    """Give the stem with its notebook's number, as the delivery names its files."""
    notebook = notebook_of(stem)
    return notebook.stem if notebook else stem
