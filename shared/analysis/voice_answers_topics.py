"""Which topic and which department has most complaints, and whether the next has fewer at all."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from scipy.stats import binomtest

from shared.analysis.intervals import exact, wilson
from shared.analysis.multiple_testing import SETTLED
from shared.analysis.verdicts import Reason
from shared.analysis.voice_study import VoiceStudy


def complained(study: VoiceStudy) -> Reason:
    """Answer: what do customers complain about most, and what pleases them most?"""
    if study.topics.empty:
        none = exact(0, n=study.n, unit="count", of="texts")
        text = "No text speaks of a topic of the list: {n} of {all:count}"
        return Reason(text, {"n": none, "all": study.n})
    worst = study.topics.iloc[0]
    best = study.topics.sort_values(["praise", "topic"], ascending=[False, True]).iloc[0]
    values = {"worst": worst["topic"], "best": best["topic"],
              "share": wilson(int(worst["complaints"]), study.n, of="texts"),
              "praised": float(best["praise_share"])}  # fmt: skip
    if worst["topic"] == best["topic"]:
        return Reason(
            "Customers speak most of {worst}: {share} of the texts complain of it, and "
            "{praised:share} praise it", values,
        )  # fmt: skip
    template = "Customers complain most of {worst}, in {share} of the texts"
    if second := _as_many(study, worst, "complaints", sign=-1):
        values |= {"too": second["topic"], "too_share": float(second["complaint_share"])}
        template += " ({too}, with {too_share:share.1}, may be as bad)"
    template += ", and are most pleased with {best}, praised in {praised:share}"
    if second := _as_many(study, best, "praise", sign=1):
        values |= {"liked": second["topic"], "liked_share": float(second["praise_share"])}
        template += " ({liked}, with {liked_share:share}, may be as liked)"
    return Reason(template, values)


def routed(study: VoiceStudy) -> Reason:
    """Answer: which department owns the complaints?"""
    table = study.departments
    total = study.mentions.loc[study.mentions["feeling"] < 0, "review_id"].nunique()
    if not total:
        none = exact(0, n=study.n, unit="count", of="texts")
        text = "No complaint can be routed to a department: {n} of {all:count} texts"
        return Reason(text, {"n": none, "all": study.n})
    top = table.iloc[0]
    share = wilson(int(top["complaints"]), total, of="texts with a complaint")
    values = {"department": str(top["department"]).capitalize(), "share": share,
              "terms": ", ".join(str(top["terms"]).split(", ")[:3])}  # fmt: skip
    template = "{department} owns {share} of the complaints that can be routed, gathered at {terms}"
    if len(table) > 1 and table["complaints"].iloc[1]:
        second = table.iloc[1]
        values |= {"next": second["department"], "next_share": second["complaints"] / total}
        template += "; next is {next} with {next_share:share}"
    return Reason(template, values)


def _as_many(
    study: VoiceStudy, first: pd.Series, column: str, *, sign: int
) -> Mapping[str, Any] | None:
    """Find the next topic, where it is not settled that it has fewer texts than the first.

    A text may speak of both, so that only those which speak of one of the two can tell.

    References
    ----------
    McNemar, Q. (1947). Sampling error of the difference between correlated proportions.
    """
    others = study.topics[study.topics["topic"] != first["topic"]]
    others = others.sort_values([column, "topic"], ascending=[False, True])
    if others.empty or not others[column].iloc[0]:
        return None
    second = others.iloc[0]
    felt = study.mentions[sign * study.mentions["feeling"] > 0]
    one, two = (set(felt.loc[felt["topic"] == row["topic"], "review_id"])
                for row in (first, second))  # fmt: skip
    alone, other = len(one - two), len(two - one)
    p = float(binomtest(alone, alone + other).pvalue) if alone + other else 1.0
    return second.to_dict() if p >= SETTLED else None
