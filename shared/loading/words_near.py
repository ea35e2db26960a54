"""Which known word a misspelt one is meant to be: within two letters, case aside."""

from collections.abc import Iterable

from shared.loading.errors import mask_secrets

MOST_LETTERS = 2
LONGEST_SHOWN = 60


def near(word: str, choices: Iterable[str]) -> str | None:
    """Find the choice that a word is meant to be, None if none is within two letters.

    Words of four letters or fewer may differ in one letter, words of two in none: otherwise every
    short word would be near every other.
    """
    wanted = word.strip().casefold()
    best, least = None, MOST_LETTERS + 1
    for choice in choices:
        known = choice.casefold()
        if abs(len(wanted) - len(known)) >= least:
            continue
        letters = _letters_apart(wanted, known)
        if letters < least and letters <= _allowed(min(len(wanted), len(known))):
            best, least = choice, letters
    return best


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Give "; did you mean X?" for the end of a message, "" if nothing is near."""
    found = near(word, choices)
    return f"; did you mean {found}?" if found else ""


def quote(text: str) -> str:
    """Show a text in a message: in quotes, on one line, cut where it is long, no password."""
    text = mask_secrets(text)  # before the cut, after which no address would be recognised
    short = text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
    return '"' + "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in short) + '"'


def _allowed(length: int) -> int:
    return 0 if length < 3 else 1 if length < 5 else MOST_LETTERS


def _letters_apart(one: str, other: str) -> int:
    """Count letters inserted, left out, replaced or swapped with their neighbour."""
    row = list(range(len(other) + 1))
    above = row
    for i, a in enumerate(one, start=1):
        before, above, row = above, row, [i]
        for j, b in enumerate(other, start=1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
    return row[-1]
