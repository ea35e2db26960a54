"""Names of columns as words of a sentence."""

import re


def plain(column: str) -> str:
    """Write a column's name as words."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column.replace("_", " ")).strip()
    first, *rest = apart.split() or [column]
    return " ".join([first[:1].upper() + first[1:], *map(lower_first, rest)])


def lower_first(words: str) -> str:
    """Write words within a sentence, names such as iOS or IBAN left as they are."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]
