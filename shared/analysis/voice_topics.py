"""Topics: what the texts are about, part by part, and how each part feels about it."""

from collections import Counter

import numpy as np
import pandas as pd

from shared.analysis.intervals import wilson
from shared.analysis.voice_taxonomy import Taxonomy

NO_TOPIC = "no topic found"
SIGNED = 0.1  # scores closer to 0 carry no feeling


def topic_mentions(scored: pd.DataFrame, clauses: pd.DataFrame, taxonomy: Taxonomy) -> pd.DataFrame:
    """Find the topics of each text and the feeling of the parts that speak of them.

    A text that says "the coffee is great but the parcel came late" praises the one and complains
    of the other. Where the parts on a topic carry no feeling, the text's own counts if the topic
    is the only one it speaks of.

    Parameters
    ----------
    scored : pd.DataFrame
        One row per text: `review_id`, `text`, `language`, `score`, `sentiment` (blank if not
        scored).
    clauses : pd.DataFrame
        One row per part of a text: `review_id`, `text`, `score` (-1 to 1). A text without parts
        is one part.
    taxonomy : Taxonomy
        As from `load_taxonomy`.

    Returns
    -------
    pd.DataFrame
        One row per text and topic: `review_id`, `topic`, `department`, `term` (that was met),
        `polarity` (mean score of the parts, -1 to 1), `feeling` (-1 complaint, 0, +1 praise).
    """
    known = scored[scored["sentiment"].notna()]
    rest = whole_texts(known, without=set(clauses["review_id"]))
    given = [frame for frame in (clauses[["review_id", "text", "score"]], rest) if len(frame)]
    parts = pd.concat(given) if given else rest
    language = dict(zip(known["review_id"], known["language"], strict=True))
    parts = parts[parts["review_id"].isin(language) & parts["score"].notna()]
    met: dict[tuple[str, str], tuple[str, list[float]]] = {}
    for review, text, score in zip(parts["review_id"], parts["text"], parts["score"], strict=True):
        for topic, term in taxonomy.topics_in(str(text), language[review]).items():
            met.setdefault((review, topic), (term, []))[1].append(float(score))
    return _felt(met, known, taxonomy)


def whole_texts(scored: pd.DataFrame, *, without: set[str] | None = None) -> pd.DataFrame:
    """Take each scored text as one part: `review_id`, `text`, `score`."""
    known = scored[scored["score"].notna() & ~scored["review_id"].isin(without or set())]
    return known[["review_id", "text", "score"]].reset_index(drop=True)


def topic_table(
    mentions: pd.DataFrame, *, texts: int, by: str = "topic", topics: dict[str, str] | None = None
) -> pd.DataFrame:
    """Count complaints and praise by topic or by department, with shares of all scored texts.

    Parameters
    ----------
    mentions : pd.DataFrame
        As from `topic_mentions`.
    texts : int
        Texts with a sentiment, with a topic or without one.
    by : str
        "topic" or "department".
    topics : dict of str to str, optional
        Department of each topic, added to a table by topic.

    Returns
    -------
    pd.DataFrame
        Most complaints first: the group, `texts` that mention it, `complaints`, `praise` (a text
        may be neither), `polarity`, `complaint_share`, `low`, `high`, `praise_share`,
        `praise_low`, `praise_high` (of all scored texts, Wilson 95 %), and `negative_share` (of
        the texts that mention it). A text with two topics counts in both.
    """
    per_text = mentions.groupby(["review_id", by], sort=False)["feeling"].agg(["min", "max"])
    polarity = mentions.groupby([by], sort=False)["polarity"].mean()
    flags = per_text.assign(complaint=per_text["min"] < 0, praise=per_text["max"] > 0)
    counted = flags.groupby(by, sort=False).agg(
        texts=("min", "size"), complaints=("complaint", "sum"), praise=("praise", "sum")
    )
    table = counted.assign(polarity=polarity).reset_index()
    table = table.sort_values(["complaints", "texts", by], ascending=[False, False, True])
    table = table.reset_index(drop=True)
    for name, prefix in (("complaints", ""), ("praise", "praise_")):
        shares = [wilson(int(count), texts) for count in table[name]]
        share = "complaint_share" if name == "complaints" else "praise_share"
        table[share] = [one.value for one in shares]
        table[f"{prefix}low"] = [one.low for one in shares]
        table[f"{prefix}high"] = [one.high for one in shares]
    table["negative_share"] = table["complaints"] / table["texts"]
    if topics is not None and by == "topic":
        table.insert(1, "department", table["topic"].map(topics))
    return table


def complaints_of(mentions: pd.DataFrame, *, by: str = "topic") -> pd.DataFrame:
    """List each text once per topic or department that it complains of."""
    felt = mentions[mentions["feeling"] < 0]
    return felt[["review_id", by]].drop_duplicates().reset_index(drop=True)


def _felt(
    met: dict[tuple[str, str], tuple[str, list[float]]], known: pd.DataFrame, taxonomy: Taxonomy
) -> pd.DataFrame:
    whole = dict(zip(known["review_id"], known["score"].astype(float), strict=True))
    topics = Counter(review for review, _topic in met)
    rows = []
    for (review, topic), (term, scores) in met.items():
        felt = [score for score in scores if abs(score) >= SIGNED]
        alone = whole[review] if topics[review] == 1 else 0.0
        polarity = float(np.mean(felt)) if felt else alone
        rows.append((review, topic, taxonomy.departments[topic], term, polarity))
    table = pd.DataFrame(rows, columns=["review_id", "topic", "department", "term", "polarity"])
    table = table.astype({"polarity": float})
    sign = np.sign(table["polarity"].where(table["polarity"].abs() >= SIGNED, 0.0))
    return table.assign(feeling=sign.astype("int64"))
