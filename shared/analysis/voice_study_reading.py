"""How the voice study reads its texts: scores of texts and parts, and their check by the stars."""

from pathlib import Path
from typing import Any

import pandas as pd

from shared.analysis.study_parts import part
from shared.analysis.voice import Texts
from shared.analysis.voice_quality import agreement, methods_compared, sample_to_label
from shared.analysis.voice_sentiment import score_clauses, score_texts
from shared.loading.errors import NotSupportedByData


def scored_texts(texts: Texts, *, language: str, lexicon: Path | None) -> pd.DataFrame:
    """Give each text its language, score and sentiment, beside what was supplied with it."""
    given = texts.frame[["review_id", "text", "language", "rating"]]
    scores = score_texts(given, language=language, lexicon=lexicon)
    frame = texts.frame.drop(columns="language").reset_index(drop=True)
    added = scores.drop(columns="review_id").reset_index(drop=True)
    return pd.concat([frame, added], axis=1)


def checks(scored: pd.DataFrame) -> dict[str, Any]:
    """Compare with the stars, or draw texts for somebody to label where there are none."""
    quality = part(agreement, scored)
    unchecked = isinstance(quality, NotSupportedByData)
    sample = sample_to_label(scored) if unchecked else pd.DataFrame()
    return {"quality": quality, "methods": methods_compared(scored), "sample": sample}


def sign_is_no_better(quality: pd.DataFrame) -> bool:
    """Tell whether the sign is right no more often than if every text were called positive."""
    rows = quality[quality["language"] == ""].set_index("measure")[["value", "low"]]
    return float(rows["low"]["sign_accuracy"]) <= float(rows["value"]["always_positive"])


def scored_clauses(scored: pd.DataFrame, *, lexicon: Path | None) -> pd.DataFrame:
    """Score the parts of each text that has a sentiment."""
    known = scored[scored["sentiment"].notna()]
    parts = score_clauses(known[["review_id", "text", "language"]], language="", lexicon=lexicon)
    return parts.loc[parts["score"].notna(), ["review_id", "text", "score"]]
