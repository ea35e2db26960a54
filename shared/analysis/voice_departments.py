"""Departments: who owns which complaints, at which words they gather, and how urgent they are."""

import pandas as pd

from shared.analysis.intervals import wilson
from shared.analysis.voice_topics import topic_table

MOST_TERMS = 5


def department_table(
    mentions: pd.DataFrame, scored: pd.DataFrame, *, topics: dict[str, str]
) -> pd.DataFrame:
    """Route the complaints: how many belong to each department, in which words.

    Parameters
    ----------
    mentions : pd.DataFrame
        As from `topic_mentions`.
    scored : pd.DataFrame
        One row per text with `review_id` and `sentiment`; blank is left out.
    topics : dict of str to str
        Department of each topic.

    Returns
    -------
    pd.DataFrame
        As from `topic_table` by department, with `share_of_complaints` (of the texts with a
        complaint that has a department; `route_low`, `route_high`), `urgent` (complaints in texts
        at -2), `topics` and `terms` (most frequent first). Departments without a mention are
        listed with 0.
    """
    known = scored[scored["sentiment"].notna()]
    table = topic_table(mentions, texts=len(known), by="department")
    absent = [
        name for name in dict.fromkeys(topics.values()) if name not in set(table["department"])
    ]
    complaints = mentions[mentions["feeling"] < 0]
    routed = complaints["review_id"].nunique()
    worst = set(known.loc[known["sentiment"] == -2, "review_id"])
    shares = [wilson(int(count), routed) for count in table["complaints"]]
    table = table.assign(
        share_of_complaints=[one.value for one in shares],
        route_low=[one.low for one in shares],
        route_high=[one.high for one in shares],
        urgent=[_urgent(complaints, name, worst) for name in table["department"]],
        topics=[_most(complaints, name, "topic") for name in table["department"]],
        terms=[_most(complaints, name, "term") for name in table["department"]],
    )
    rest = pd.DataFrame(
        {"department": absent, "texts": 0, "complaints": 0, "praise": 0, "urgent": 0}
    )
    rest = rest.assign(topics="", terms="")
    return pd.concat([table, rest], ignore_index=True) if absent else table


def _urgent(complaints: pd.DataFrame, department: str, worst: set[str]) -> int:
    own = complaints.loc[complaints["department"] == department, "review_id"]
    return len(set(own) & worst)


def _most(complaints: pd.DataFrame, department: str, column: str) -> str:
    own = complaints.loc[complaints["department"] == department, column].value_counts()
    ordered = sorted(own.items(), key=lambda item: (-int(item[1]), str(item[0])))
    return ", ".join(str(name) for name, _count in ordered[:MOST_TERMS])
