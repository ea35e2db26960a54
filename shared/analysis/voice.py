"""What customers say: the texts themselves, cleaned and counted, and how far they can be read."""

import html
import re
from dataclasses import dataclass
from datetime import date, datetime, time

import ibis
import numpy as np
import pandas as pd
from ibis import _

from shared.analysis.verdicts import Reason, Verdict, judge
from shared.analysis.voice_topics_words import WORD, folded
from shared.loading.errors import NotSupportedByData
from shared.loading.schema import require_columns

LEAST_TEXTS, ENOUGH_TEXTS, ENOUGH_GROUP = 30, 100, 30
LEAST_KAPPA, LEAST_PRECISION, MOST_UNREAD, MOST_NEUTRAL = 0.4, 0.5, 0.2, 0.5
COPIED_WORDS = 12  # nobody writes a dozen words exactly as another did
KEPT = ("written_at", "customer_id", "product_id", "rating", "language", "source")
SCALES = (5.0, 7.0, 10.0, 100.0)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Texts:
    """The texts of one page.

    Attributes
    ----------
    frame : pd.DataFrame
        One row per text that says something: `review_id`, `text` (markup off), `written_at`,
        `customer_id`, `product_id`, `rating`, `language`, `source`, and `words`. What the client
        did not supply is blank. By date, then id.
    counted : dict of str to int
        `given`, and of these set aside `empty` (nothing or only spaces), `wordless` (emoji, marks
        or figures only) and `duplicates`; of those kept `one_word`, `markup`, `undated` and
        `bad_rating` (off the scale, now blank).
    scale : float
        The highest rating there can be; blank without ratings.
    """

    frame: pd.DataFrame
    counted: dict[str, int]
    scale: float

    @property
    def has_dates(self) -> bool:
        """Whether most texts are dated."""
        return bool(self.frame["written_at"].notna().mean() > 0.5)


def read_texts(reviews: ibis.Table, *, before: date) -> Texts:
    """Fetch the texts, take markup off, and set aside what says nothing or was said before.

    A text is a duplicate if its customer wrote the same words before, or if it has a dozen words
    or more and anybody did.

    Parameters
    ----------
    reviews : ibis.Table
        One row per text, with `review_id` and `text`; further columns of the schema are used.
    before : date
        First day that is left out.

    Raises
    ------
    NotSupportedByData
        With fewer than 30 texts that hold a word.
    """
    require_columns(reviews, ["review_id", "text"], analysis="What customers say")
    frame = _fetched(reviews, before)
    raw = frame["text"].fillna("").astype(str)
    text = raw.map(_plain)
    words = text.map(lambda said: len(WORD.findall(said)))
    frame = frame.assign(text=text, words=words)
    empty, wordless = text == "", (text != "") & (words == 0)
    copied = _copied(frame) & ~empty & ~wordless
    kept = frame[~(empty | wordless | copied)]
    rating, scale, bad = _on_scale(kept["rating"])
    counted = {
        "given": len(frame), "empty": int(empty.sum()), "wordless": int(wordless.sum()),
        "duplicates": int(copied.sum()), "one_word": int((kept["words"] == 1).sum()),
        "markup": int((text != raw.str.replace(_SPACE, " ", regex=True).str.strip()).sum()),
        "undated": int(kept["written_at"].isna().sum()), "bad_rating": bad,
    }  # fmt: skip
    if len(kept) < LEAST_TEXTS:
        raise NotSupportedByData(
            f"{len(kept)} of {len(frame)} texts hold a word that can be read",
            f"at least {LEAST_TEXTS} texts with words",
        )
    return Texts(kept.assign(rating=rating).reset_index(drop=True), counted, scale)


def voice_verdict(
    *,
    texts: int,
    scored: int,
    kappa: float,
    precision: float,
    unread: float,
    neutral: float,
    groups: list[Reason],
    no_better: bool = False,
) -> Verdict:
    """Tell how far the page can be relied on.

    Parameters
    ----------
    texts, scored : int
        Texts kept, and of these with a sentiment.
    kappa : float
        Weighted agreement with the client's own stars; blank without stars.
    precision : float
        Share of the texts read as negative that have low stars; blank without stars.
    unread : float
        Share of the texts in a language that is not read.
    neutral : float
        Share of the scored texts at 0.
    groups : list of Reason
        What is wrong with a group that is compared.
    no_better : bool
        Whether the sign is right no more often than if every text were called positive.

    Raises
    ------
    NotSupportedByData
        With fewer than 30 texts scored.
    """
    if scored < LEAST_TEXTS:
        raise NotSupportedByData(
            f"{scored} of {texts} texts could be given a sentiment",
            f"at least {LEAST_TEXTS} texts with more than stop words, in a language with a lexicon "
            "or with stars to learn from",
        )
    reasons = []
    if scored < ENOUGH_TEXTS:
        reasons.append(Reason("Only {n:count} texts have a sentiment.", {"n": scored}))
    if np.isnan(kappa):
        reasons.append(
            Reason("There are no stars to check the sentiment against: its error is not known.")
        )
    elif kappa < LEAST_KAPPA:
        reasons.append(
            Reason("Sentiment and stars agree weakly: a weighted kappa of {kappa:number}.",
                   {"kappa": kappa})
        )  # fmt: skip
    if precision < LEAST_PRECISION:
        reasons.append(
            Reason("Of the texts read as negative only {share:share} have one or two stars: "
                   "complaints are counted too often.", {"share": precision})
        )  # fmt: skip
    if no_better:
        reasons.append(
            Reason("The sign of the sentiment is right no more often than if every text were "
                   "called positive.")
        )  # fmt: skip
    if unread > MOST_UNREAD:
        reasons.append(
            Reason("{share:share} of the texts are in languages that are not read.",
                   {"share": unread})
        )  # fmt: skip
    if neutral > MOST_NEUTRAL:
        reasons.append(
            Reason("{share:share} of the scored texts are neutral, which often means that they "
                   "were not understood.", {"share": neutral})
        )  # fmt: skip
    return judge([*reasons, *groups])


def _fetched(reviews: ibis.Table, before: date) -> pd.DataFrame:
    given = [name for name in KEPT if name in reviews.columns]
    if "written_at" in given:
        moment = datetime.combine(before, time())
        reviews = reviews.filter(_.written_at.isnull() | (_.written_at < moment))
    frame = reviews.select("review_id", "text", *given).to_pandas()
    frame = frame.reindex(columns=["review_id", "text", *KEPT])
    frame["written_at"] = pd.to_datetime(frame["written_at"]).astype("datetime64[us]")
    frame["rating"] = pd.to_numeric(frame["rating"], errors="coerce")
    for name in ("customer_id", "product_id", "language", "source"):
        frame[name] = frame[name].astype(object).where(frame[name].notna(), "").astype(str)
    return frame.sort_values(["written_at", "review_id"], kind="stable", ignore_index=True)


def _plain(text: str) -> str:
    """Take markup off and undo its escapes; "a < b" is no markup."""
    return _SPACE.sub(" ", _TAG.sub(" ", html.unescape(_TAG.sub(" ", text)))).strip()


def _copied(frame: pd.DataFrame) -> pd.Series:
    """Mark each text but the first of those that are alike."""
    said = frame["text"].map(lambda text: folded(text, ""))
    by_same = frame.assign(said=said).duplicated(["customer_id", "said"])
    long = (frame["words"] >= COPIED_WORDS) & said.duplicated()
    return (by_same & (frame["customer_id"] != "")) | long


def _on_scale(rating: pd.Series) -> tuple[pd.Series, float, int]:
    """Find the scale that nearly all ratings are on, and blank what is off it."""
    given = rating.dropna()
    if given.empty:
        return rating, float("nan"), 0
    scale = next((s for s in SCALES if (given <= s).mean() >= 0.98), float(given.max()))
    off = rating.notna() & ~rating.between(0, scale)
    return rating.mask(off), scale, int(off.sum())
