"""How the tables of the page on customers' voice are headed and written."""

from typing import Any

Columns = dict[Any, tuple[str, str]]

LEVELS: Columns = {
    "sentiment": ("Sentiment", "count"), "texts": ("Texts", "count"),
    "share": ("Share", "share.1"), "low": ("low", "share.1"), "high": ("high", "share.1"),
}  # fmt: skip
QUALITY: Columns = {
    "what": ("Agreement with the stars", "text"), "value": ("Value", "number"),
    "low": ("low", "number"), "high": ("high", "number"), "n": ("Texts", "count"),
}  # fmt: skip
METHODS: Columns = {
    "language": ("Language", "text"), "method": ("Reading by", "text"), "texts": ("Texts", "count"),
    "kappa": ("Weighted kappa", "number"), "complaint_recall": ("Low stars found", "share"),
    "used": ("Used", "text"), "why": ("Why", "text"),
}  # fmt: skip
TOPICS: Columns = {
    "topic": ("Topic", "text"), "department": ("Department", "text"), "texts": ("Texts", "count"),
    "complaints": ("Complaints", "count"), "complaint_share": ("Complain", "share.1"),
    "low": ("low", "share.1"), "high": ("high", "share.1"), "praise": ("Praise", "count"),
    "praise_share": ("Are pleased", "share.1"),
}  # fmt: skip
DEPARTMENTS: Columns = {
    "department": ("Department", "text"), "complaints": ("Complaints", "count"),
    "routed": ("Share of complaints", "share"), "urgent": ("Urgent", "count"),
    "topics": ("Topics", "text"), "terms": ("Words", "text"),
}  # fmt: skip
CLOUD: Columns = {
    "term": ("Word", "text"), "complaints": ("Complaining texts", "count"),
    "praise": ("Praising texts", "count"), "language": ("Language", "text"),
    "department": ("Department", "text"),
}  # fmt: skip
INCIDENTS: Columns = {
    "topic": ("Topic", "text"), "kind": ("Course", "text"), "first_day": ("From", "date"),
    "last_day": ("to", "date"), "complaints": ("Complaints", "count"),
    "texts": ("of texts", "count"), "share": ("Share then", "share.1"),
    "usual_share": ("otherwise", "share.1"), "q": ("Chance alone (q)", "number.3"),
}  # fmt: skip
CHART: Columns = {
    "topic": ("Topic", "text"), "start": ("From", "date"), "texts": ("Texts", "count"),
    "complaints": ("Complaints", "count"), "share": ("Share", "share.1"),
    "expected": ("Expected", "share.1"), "limit": ("Limit", "share.1"),
}  # fmt: skip
EVENT: Columns = {
    "phase": ("Phase", "text"), "first_day": ("From", "date"), "last_day": ("to", "date"),
    "texts": ("Texts", "count"), "mean": ("Mean sentiment", "number"), "low": ("low", "number"),
    "high": ("high", "number"), "negative_share": ("Negative", "share"),
}  # fmt: skip
WISHES: Columns = {
    "wish": ("Wish", "text"), "texts": ("Texts", "count"), "share": ("Of texts with one", "share"),
    "low": ("low", "share"), "high": ("high", "share"), "with_words": ("Said beside it", "text"),
}  # fmt: skip
REPEAT: Columns = {
    "topic": ("Complained of", "text"), "complainers": ("Complainers", "count"),
    "share": ("Buy again", "share"), "other_share": ("Others", "share"),
    "difference": ("Matched difference, points", "number.1"),
    "difference_low": ("low", "number.1"), "difference_high": ("high", "number.1"),
    "reading": ("Reading", "text"),
}  # fmt: skip


def verbatim_columns(*, quotes: bool) -> Columns:
    """Head the texts to read; their words only where quotes are on."""
    columns: Columns = {
        "topic": ("Topic", "text"), "feeling": ("Says", "text"), "review_id": ("Text", "text"),
        "language": ("Language", "text"), "sentiment": ("Sentiment", "count"),
    }  # fmt: skip
    return columns | ({"quote": ("Words, redacted", "text")} if quotes else {})


def launch_columns(measure: str) -> Columns:
    """Head the comparison of a launch by what is compared: stars or sentiment."""
    what = "Mean stars" if measure == "stars" else "Mean sentiment"
    return {
        "group": ("Texts on", "text"), "texts": ("Texts", "count"), "mean": (what, "number"),
        "low": ("low", "number"), "high": ("high", "number"),
        "negative_share": ("Negative", "share"),
    }  # fmt: skip
