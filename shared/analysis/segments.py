"""Segments: the map of eleven names over all cells of R, F and M, and what to tell each group."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product

from shared.loading.errors import ConfigError

# Cells are R, F, M scores, 5 best. The order of the segments is the order of every display, and no
# promise of who buys most: on planted activity it keeps .86 of the order of purchase rates (rank
# correlation), that of the segments' mean weighted score .98. A page measures both on its client.
SEGMENTS: dict[str, tuple[str, ...]] = {
    name: tuple(cells.split())
    for name, cells in {
        "Champions": "555 554 545 544 455 454 445",
        "Loyal": "543 444 435 355 354 345 344 335",
        "Potential Loyalist": "553 552 551 542 541 533 532 531 453 452 451 442 441 433 432 431 423 "
        "353 352 351 342 341 333 323",
        "New": "512 511 422 421 412 411 311",
        "Promising": "525 524 523 522 521 515 514 513 425 424 415 414 413 315 314 313",
        "Need Attention": "535 534 443 434 343 334 325 324",
        "About To Sleep": "331 321 312 251 241 231 221 213",
        "At Risk": "255 254 253 252 245 244 243 242 235 234 225 224 153 152 145 143 142 135 134 "
        "133 125 124",
        "Cannot Lose": "215 214 155 154 144 115 114 113",
        "Hibernating": "332 322 233 232 223 222 212 211 132 123 122",
        "Lost": "151 141 131 121 112 111",
    }.items()
}

MESSAGES = {
    "Champions": "Thank them by service: free delivery, priority, early access; no discount",
    "Loyal": "Invite them to the programme, ask for reviews and referrals, offer the next tier",
    "Potential Loyalist": "Recommend what fits the last order; give a reason for the next one",
    "New": "Few orders, the last one lately: make the next order easy, and bring it early",
    "Promising": "Show the range: they come often enough to learn what else there is",
    "Need Attention": "Remind them in time, with an offer made from what they bought",
    "About To Sleep": "Write on the due date: what is new since the last order",
    "At Risk": "Write in person, ask what went wrong, make returning easy",
    "Cannot Lose": "Call or visit: they spent much and are silent; win them back at once",
    "Hibernating": "Keep in cheap channels, with the bestsellers of the season",
    "Lost": "One last message; then save the budget",
}

_CELLS = re.compile(r"[1-5*]{3}")


def parse_segment_map(text: str) -> dict[str, tuple[str, ...]]:
    """Read a map of segments from the text of a parameter; no text is the map of eleven.

    Parameters
    ----------
    text : str
        Segments in the order of display, such as "Best: 55* 54*; Silent: 1** 2**; Others: …":
        R, F and M from 1 to 5, 5 best; a star stands for any score, and "rest" for the cells that
        no segment before it has.

    Raises
    ------
    ConfigError
        If a part has no name or no cells, a name comes twice, or a cell is in no segment or in
        several; cells that do not exist are listed with the latter.
    """
    if not text.strip():
        return SEGMENTS
    parts = [part.partition(":") for part in text.split(";") if part.strip()]
    names = [name.strip() for name, _colon, _cells in parts]
    wrong = [name for name, (_n, _c, cells) in zip(names, parts, strict=True)
             if not name or not cells.strip() or names.count(name) > 1]  # fmt: skip
    if wrong:
        raise ConfigError(
            "E-PARA-05",
            "segment_map",
            "a segment needs a name of its own, a colon and its cells",
            found=", ".join(sorted(set(wrong))) or "a part without a name",
            fix='write "Best: 55* 54*; Silent: 1** 2**; Others: rest"',
        )
    segment_map: dict[str, tuple[str, ...]] = {}
    for name, (_n, _c, cells) in zip(names, parts, strict=True):
        taken = {cell for listed in segment_map.values() for cell in listed}
        segment_map[name] = _cells_of(cells, taken)
    segment_by_cell(segment_map)
    return segment_map


def segment_by_cell(
    segment_map: Mapping[str, Sequence[str]] = SEGMENTS, *, scores: int = 5
) -> dict[str, str]:
    """Turn a map of segments into a look-up by cell, after checking that it is a partition.

    Parameters
    ----------
    segment_map : mapping of str to sequence of str
        Cells of each segment, such as "545": R, F and M from 1 to 5, every cell exactly once.
    scores : int
        Number of scores a measure has. With 3 or 4 the segments stay: scores are spread over 1 to
        5, best on best, and the cells in between do not occur.

    Returns
    -------
    dict of str to str
        Segment of each of the `scores` cubed cells, in the order of the cells.

    Raises
    ------
    ConfigError
        If cells are in no segment, in several, or not cells at all; all are listed.
    """
    faults = partition_faults(segment_map)
    if faults:
        raise ConfigError(
            "E-PARA-05",
            "segment_map",
            "the map of segments is no partition of the cells of R, F and M",
            found="\n".join(f"{what}: {_abridged(cells)}" for what, cells in faults.items()),
            fix="put each of the cells 111 to 555 into one segment, and into one only",
        )
    by_cell = {cell: segment for segment, cells in segment_map.items() for cell in cells}
    levels = {str(score): str(spread_to_five(score, scores)) for score in range(1, scores + 1)}
    return {
        "".join(cell): by_cell["".join(levels[score] for score in cell)]
        for cell in product(levels, repeat=3)
    }


def partition_faults(segment_map: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """List the cells in no segment, in several, and the names of cells that do not exist."""
    wanted = {"".join(cell) for cell in product("12345", repeat=3)}
    listed = Counter(cell for cells in segment_map.values() for cell in cells)
    faults = {
        "in no segment": wanted - set(listed),
        "in several": {cell for cell, times in listed.items() if times > 1},
        "no such cell": set(listed) - wanted,
    }
    return {what: sorted(cells) for what, cells in faults.items() if cells}


def spread_to_five(score: int, scores: int) -> int:
    """Spread scores of 1 to 3 or 4 over 1 to 5, rounding to the nearest."""
    steps = scores - 1
    return 1 + (8 * (score - 1) + steps) // (2 * steps)


def _cells_of(text: str, taken: set[str]) -> tuple[str, ...]:
    """Spell out the cells of a segment: stars, and the rest of what is not taken yet."""
    every = ["".join(cell) for cell in product("54321", repeat=3)]
    listed: list[str] = []
    for word in text.split():
        if word == "rest":
            listed += [cell for cell in every if cell not in taken and cell not in listed]
        elif _CELLS.fullmatch(word):
            pattern = re.compile(word.replace("*", "."))
            listed += [cell for cell in every if pattern.fullmatch(cell)]
        else:
            listed.append(word)
    return tuple(dict.fromkeys(listed))


def _abridged(cells: list[str]) -> str:
    shown = " ".join(cells[:12])
    return f"{shown} and {len(cells) - 12} more" if len(cells) > 12 else shown
