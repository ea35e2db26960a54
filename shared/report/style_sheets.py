"""The style sheets of the page, read from the template's folder."""

from functools import lru_cache
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parent / "template"


@lru_cache
def sheet(name: str) -> str:
    """Give the text of a style sheet, such as "elements.css"."""
    return (TEMPLATE / name).read_text(encoding="utf-8").strip()
