"""Parameters of the portfolio page: rules of scoring and days of silence, read and checked."""

import re
from collections.abc import Mapping

import ibis

from shared.analysis.activity import contact_days
from shared.analysis.rfm_scores import Scoring, parse_own_cuts
from shared.analysis.segments import parse_segment_map
from shared.loading.errors import ConfigError

_DAYS = re.compile(r"\s*\d{1,4}(?:\s+\d{1,4})?\s*")


def parse_scoring(
    tables: Mapping[str, ibis.Table],
    *,
    scores: int,
    own_cuts: str,
    money: str,
    segment_map: str,
    activity: str = "purchase",
) -> Scoring:
    """Read the rules of scoring from the parameters of the page.

    Parameters
    ----------
    tables : mapping of str to ibis.Table
        The client's tables, in which interactions are looked for where they count.
    scores, own_cuts, money, segment_map
        As in `Scoring`; cuts and map are texts of a parameter.
    activity : str
        What recency and frequency count: "purchase" orders, "any" the days with an interaction.

    Raises
    ------
    ConfigError
        As `parse_own_cuts` and `parse_segment_map` do.
    NotSupportedByData
        If any interaction is to count, and the client supplied none but orders.
    """
    cuts = parse_own_cuts(own_cuts, scores=scores)
    contacts = contact_days(tables) if activity == "any" else None
    return Scoring(scores, money, cuts, parse_segment_map(segment_map), contacts)


def parse_stage_days(text: str) -> tuple[int, int]:
    """Read the days of silence that mean falling asleep and asleep; no text learns both.

    Parameters
    ----------
    text : str
        Such as "58 155"; the second may be left out, or 0 stand for one that the data tell.

    Returns
    -------
    (int, int)
        The two days; 0 is learnt from the data.

    Raises
    ------
    ConfigError
        If the text is anything but one or two whole numbers.
    """
    if not text.strip():
        return 0, 0
    if not _DAYS.fullmatch(text):
        raise ConfigError(
            "E-PARA-08",
            "stage_days",
            "these are not one or two whole numbers of days",
            found=text,
            fix='write "58 155": falling asleep after 58 days of silence, asleep after 155',
        )
    first, *second = map(int, text.split())
    return first, second[0] if second else 0
