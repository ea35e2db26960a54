"""Verbatims: which texts to read for each topic, with their words only where quotes are allowed."""

import pandas as pd

from shared.analysis.voice_redaction import redact

PER_TOPIC = 2
SHORTEST, LONGEST = 5, 45  # words of a text that is worth quoting
COLUMNS = ["topic", "department", "feeling", "review_id", "written_at", "language", "sentiment",
           "quote"]  # fmt: skip


def verbatims(
    scored: pd.DataFrame,
    mentions: pd.DataFrame,
    *,
    quotes: bool = False,
    keep: tuple[str, ...] = (),
    per_topic: int = PER_TOPIC,
) -> pd.DataFrame:
    """Choose for each topic the texts that complain and praise most plainly.

    Parameters
    ----------
    scored : pd.DataFrame
        One row per text: `review_id`, `text`, `words`, `written_at`, `language`, `sentiment`.
    mentions : pd.DataFrame
        As from `topic_mentions`.
    quotes : bool
        Whether the words are given, with what could tell who wrote them blacked out; else `quote`
        is blank and the text can be looked up by its `review_id`.
    keep : tuple of str
        Names of products and brands, which may stay.
    per_topic : int
        Texts per topic and feeling.

    Returns
    -------
    pd.DataFrame
        `topic`, `department`, `feeling` ("complaint" or "praise"), `review_id`, `written_at`,
        `language`, `sentiment`, `quote`.
    """
    felt = mentions[mentions["feeling"] != 0]
    texts = scored[["review_id", "text", "words", "written_at", "language", "sentiment"]]
    frame = felt.merge(texts, on="review_id")
    frame = frame[frame["words"].between(SHORTEST, LONGEST)]
    frame = frame.assign(
        strength=frame["polarity"].abs(), agrees=frame["sentiment"].astype(int) * frame["feeling"]
    )
    frame = frame.sort_values(
        ["topic", "feeling", "agrees", "strength", "review_id"],
        ascending=[True, True, False, False, True], kind="stable",
    ).drop_duplicates(["topic", "feeling", "text"])  # fmt: skip
    chosen = frame.groupby(["topic", "feeling"], sort=False).head(per_topic)
    said = [
        redact(text, keep=keep, language=language) if quotes else ""
        for text, language in zip(chosen["text"], chosen["language"], strict=True)
    ]
    kinds = chosen["feeling"].map({-1: "complaint", 1: "praise"})
    return chosen.assign(feeling=kinds, quote=said)[COLUMNS].reset_index(drop=True)
