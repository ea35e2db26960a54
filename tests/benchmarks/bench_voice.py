"""Time the scoring of reviews beside TextBlob and VADER alone; a script, never a test.

python tests/benchmarks/bench_voice.py --texts 100000
python tests/benchmarks/bench_voice.py --texts 100000 --detect --stars
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))
from golden_sentences import DEVELOPMENT, HELD_OUT
from own_process import measured

from shared.analysis.voice_sentiment import score_texts

SENTENCES = [s.text for s in (*DEVELOPMENT, *HELD_OUT) if len(s.text) > 10]


def main() -> None:
    """Print seconds and highest memory of each way, and the ratios to the first."""
    asked = _arguments()
    ways = {"this suite, word lists": score_listed, "TextBlob.sentiment alone": score_textblob,
            "VADER alone": score_vader}  # fmt: skip
    if asked.detect:
        ways["this suite, language detected"] = score_detected
    if asked.stars:
        ways["this suite, learnt from stars"] = score_starred
    seconds = {name: measured(name, way, asked.texts, asked.seed) for name, way in ways.items()}
    own = seconds["this suite, word lists"]
    for name, taken in seconds.items():
        print(f"  {name}: {asked.texts / taken:,.0f} texts a second, {taken / own:.2f} times")


def make_reviews(texts: int, seed: int) -> pd.DataFrame:
    """Draw reviews of one to six sentences, no two alike, with stars that follow their mood."""
    rng = np.random.default_rng(seed)
    signs = np.array([s.sign for s in (*DEVELOPMENT, *HELD_OUT) if len(s.text) > 10])
    drawn = [rng.integers(0, len(SENTENCES), rng.integers(1, 7)) for _ in range(texts)]
    written = [" ".join(SENTENCES[i] for i in some) + f" Bought {place} days ago."
               for place, some in enumerate(drawn)]  # fmt: skip
    mood = np.array([signs[some].mean() for some in drawn]) + rng.normal(0, 0.4, texts)
    return pd.DataFrame({"review_id": np.arange(texts).astype(str), "text": written,
                         "rating": np.clip(np.round(3.4 + 1.8 * mood), 1, 5)})  # fmt: skip


def score_listed(frame: pd.DataFrame) -> int:
    """Score by word lists, the language given."""
    return int(score_texts(frame[["review_id", "text"]], language="en")["score"].notna().sum())


def score_detected(frame: pd.DataFrame) -> int:
    """Score by word lists, the language of every text detected."""
    return int(score_texts(frame[["review_id", "text"]], language="")["score"].notna().sum())


def score_starred(frame: pd.DataFrame) -> int:
    """Score by word lists and by six models of the stars, and choose."""
    return int(score_texts(frame, language="en")["score"].notna().sum())


def score_textblob(frame: pd.DataFrame) -> int:
    """Take the polarity of each text."""
    from textblob import TextBlob

    return len([TextBlob(text).sentiment.polarity for text in frame["text"]])


def score_vader(frame: pd.DataFrame) -> int:
    """Take the compound score of each text."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyser = SentimentIntensityAnalyzer()
    return len([analyser.polarity_scores(text)["compound"] for text in frame["text"]])


def _ready(texts: int, seed: int) -> tuple[pd.DataFrame]:
    frame = make_reviews(texts, seed)
    ways: list[Callable[[pd.DataFrame], int]] = [score_listed, score_textblob, score_vader]
    for way in ways:  # imports and word lists are read before the clock starts, of all alike
        way(frame.head(5))
    return (frame,)


for _way in (score_listed, score_detected, score_starred, score_textblob, score_vader):
    _way.before = _ready  # type: ignore[attr-defined]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--detect", action="store_true", help="also with detection of language")
    parser.add_argument("--stars", action="store_true", help="also with stars to learn from")
    return parser.parse_args()


if __name__ == "__main__":
    main()
