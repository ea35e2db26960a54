"""What the page says about discovered segments: how many, which rules, how far to trust them."""

import pandas as pd

from shared.analysis.cluster_vote import STABLE
from shared.analysis.segment_rules import (
    ENOUGH_CUSTOMERS,
    FAITHFUL,
    Discovered,
    Finding,
    discovered_against_imposed,
)
from shared.analysis.verdicts import Reason

Said = tuple[Reason, Reason]
Columns = dict[str, tuple[str, str]]
MEASURE_WORDS = {"recency_days": "days since the last order", "frequency": "orders"}

TITLES = {
    Finding.NATURAL: "The base falls into {natural} natural clusters",
    Finding.ONE_CLOUD: "No natural clusters: one cloud of customers, cut into {clusters} bands",
    Finding.DISAGREEMENT: "No natural clusters: the criteria name {silhouette}, {gap} and "
    "{stability}, none convincingly",
    Finding.BY_DEFINITION: "No natural clusters, only one order against several: {clusters} bands",
    Finding.TOO_FEW: "{customers} customers are too few to tell clusters from chance",
}
LEADS = {
    Finding.NATURAL: "{natural} groups stand apart.",
    Finding.ONE_CLOUD: "The customers form one cloud: however it is cut into groups, no gap runs "
    "between them.",
    Finding.DISAGREEMENT: "No number of groups stands out.",
    Finding.BY_DEFINITION: "Only the customers who ordered once are set apart, and that by "
    "definition: all of them share one value, which makes no type of them.",
    Finding.TOO_FEW: "Under {enough} customers the vote is shown and no cluster is called natural.",
}
CONCLUSIONS = {
    Finding.NATURAL: ". Two of them agree, each group comes back when customers are drawn anew, "
    "and the gaps between them are wider than within one cloud.",
    Finding.ONE_CLOUD: ". Only the second can name 1; one cloud is cut at the same place each "
    "time, which looks stable to the third.",
    Finding.DISAGREEMENT: ": none of these numbers meets all that is asked of it.",
    Finding.BY_DEFINITION: ". Without those who ordered once, nothing of it is left.",
    Finding.TOO_FEW: ".",
}


def how_many(found: Discovered) -> Said:
    """Answer: how many segments does the base have when they are discovered?"""
    values = _values(found)
    return (
        Reason(TITLES[found.finding], values),
        Reason(
            "Three panels by number of clusters, 1 to {most}: silhouette is best at {silhouette}, "
            "the gap statistic stops at {gap}, stability is best at {stability}.",
            values,
        ),
    )


def vote_said(found: Discovered) -> Reason:
    """Say first what follows from the vote, then how each criterion votes, and why it follows."""
    votes = (
        " Of the three criteria that Method explains, silhouette names {silhouette}, the gap "
        "statistic {gap} and stability {stability}"
    )
    return Reason(LEADS[found.finding] + votes + CONCLUSIONS[found.finding], _values(found))


def segments_found(found: Discovered, what: str) -> Said:
    """Answer: what are the discovered segments like?"""
    first = found.profiles.iloc[0]
    values = {
        **_values(found),
        "segment": first["segment"],
        "share": float(first["customer_share"]),
        "held": float(first["revenue_share"]),
        "days": float(first["recency_days"]),
        "orders": float(first["frequency"]),
        "money": float(first["monetary"]),
        "what": what,
    }
    noun = "clusters" if found.finding is Finding.NATURAL else "bands"
    return (
        Reason(
            f"{{clusters}} {noun}: {{segment}}, {{share:share}} of customers, holds {{held:share}} "
            "of all {what}",
            values,
        ),
        Reason(
            "Medians with the middle half of the customers in {clusters} discovered segments, by "
            "recency, orders and {what}: {segment} has {days:days}, {orders:number.0} orders and "
            "{money:money} at the median.",
            values,
        ),
    )


def bands_said(found: Discovered) -> Reason:
    """Say what the segments are good for when they are no natural clusters, and why so many."""
    if found.finding is Finding.NATURAL:
        return Reason(
            "Treat the {clusters} segments as kinds of customers: few stand between them.",
            _values(found),
        )
    template = (
        "The {clusters} segments below are useful bands and not kinds of customers: neighbours on "
        "two sides of a border are alike. "
    )
    if len(found.profiles) in _stable(found):
        template += "All {clusters} come back when customers are drawn anew"
        highest = len(found.profiles) == max(_stable(found))
        template += ", and of no larger number can that be said." if highest else "."
    else:
        template += "Other customers of the same kind could move the borders."
    return Reason(template, _values(found))


def fidelity_said(found: Discovered) -> Reason:
    """Answer: do readable rules describe the discovered segments? The finding of this question."""
    template = (
        "Rules of at most three questions put {fidelity} of the customers held out into their own "
        "segment"
    )
    template += (
        ", so the rules describe the segments."
        if found.described
        else ". That is under {faithful:share}: the rules do not describe the segments, and the "
        "file discovered.csv says who belongs where."
    )
    return Reason(template, _values(found))


def compared(customers: pd.DataFrame, found: Discovered) -> Reason:
    """Say how much the discovered segments are like the imposed ones."""
    first = str(found.profiles["segment"].iloc[0])
    cross = discovered_against_imposed(customers, found).set_index("segment")[first]
    values = {
        "likeness": found.likeness,
        "first": first,
        "n": int(cross.sum()),
        "inside": int(cross.max()),
        "segment": str(cross.idxmax()),
    }
    return Reason(
        "The discovered segments are like the imposed ones to {likeness:number} on a scale on "
        "which 1 is the same and 0 is chance (adjusted Rand index). Of the {n} customers in "
        "{first}, {inside} are in the segment {segment}.",
        values,
    )


def discovered_caveats(found: Discovered) -> list[Reason]:
    """List what limits the discovered segments of this client."""
    left_out = " and ".join(MEASURE_WORDS.get(m, "money") for m in found.left_out)
    values = {**_values(found), "left_out": left_out, "without": found.without_money}
    known = {
        "Everybody has the same {left_out}, so the discovered segments cannot differ in it.": bool(
            found.left_out
        ),
        "{without} {without:customer has|customers have} no positive money after refunds and "
        "{without:takes|take} no part in finding the segments; each joins the segment nearest to "
        "the smallest amount.": found.without_money > 0,
        "The vote on the number of segments was held on {sampled} of {customers} customers, drawn "
        "at random.": found.vote.sampled < found.vote.customers,
        "Only {different} of these customers differ from one another, so that no more than {most} "
        "segments could be tried.": found.vote.is_cut_short,
        "With fewer than {enough} customers the discovered segments are bands only: read them "
        "with care.": found.finding is Finding.TOO_FEW,
    }
    return [Reason(template, values) for template, holds in known.items() if holds]


def discovered_metrics(found: Discovered) -> dict[str, float]:
    """Give the figures of the discovered segments for the findings file."""
    return {
        "discovered_segments": float(len(found.profiles)),
        "natural_clusters": float(found.finding is Finding.NATURAL),
        "rule_fidelity": found.fidelity.value,
        "discovered_likeness": found.likeness,
    }


def vote_columns() -> Columns:
    """Name the columns of the vote, and how each is written."""
    return {
        "clusters": ("Clusters", "count"),
        "silhouette": ("Silhouette", "number"),
        "gap": ("Gap", "number"),
        "gap_error": ("Standard error of the gap", "number"),
        "stability": ("Stability, least stable cluster", "number"),
        "mean_stability": ("Stability, mean", "number"),
        "chosen_by": ("Chosen by", "text"),
    }


def profile_columns(what: str) -> Columns:
    """Name the columns of the discovered segments, and how each is written."""
    return {
        "segment": ("Discovered", "text"),
        "customers": ("Customers", "count"),
        "customer_share": ("Share of customers", "share"),
        "revenue": (what.capitalize(), "money"),
        "revenue_share": (f"Share of {what}", "share"),
        "recency_days": ("Median silence", "days"),
        "frequency": ("Median orders", "number.0"),
        "monetary": (f"Median {what}", "money"),
        "once_share": ("Ordered once", "share"),
    }


def rule_columns(what: str) -> Columns:
    """Name the columns of the rules, and how each is written."""
    return {
        "segment": ("Discovered", "text"),
        "recency_days_above": ("Silent for more than", "days"),
        "recency_days_up_to": ("Silent for at most", "days"),
        "frequency_above": ("More orders than", "count"),
        "frequency_up_to": ("Orders at most", "count"),
        "monetary_above": (f"{what.capitalize()} above", "money"),
        "monetary_up_to": (f"{what.capitalize()} at most", "money"),
        "customers": ("Customers", "count"),
        "customer_share": ("Share of customers", "share"),
        "fidelity": ("Right, of those held out", "share"),
    }


def _stable(found: Discovered) -> list[int]:
    table = found.vote.table
    return table.loc[table["stability"] >= STABLE, "clusters"].tolist()


def _values(found: Discovered) -> dict[str, object]:
    vote = found.vote
    return {
        "fidelity": found.fidelity,
        "clusters": len(found.profiles),
        "natural": vote.clusters,
        "silhouette": vote.silhouette,
        "gap": vote.gap,
        "stability": vote.stability,
        "most": vote.tried,
        "different": vote.different,
        "customers": vote.customers,
        "sampled": vote.sampled,
        "enough": ENOUGH_CUSTOMERS,
        "faithful": FAITHFUL,
    }
