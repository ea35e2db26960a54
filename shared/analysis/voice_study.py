"""The voice study: everything one page tells about what customers say, computed once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from math import fsum
from pathlib import Path
from typing import Any, Literal

import ibis
import pandas as pd

from shared.analysis.intervals import Estimate, exact
from shared.analysis.study_parts import Frame, or_none, part
from shared.analysis.verdicts import Reason, Verdict
from shared.analysis.voice import Texts, read_texts, voice_verdict
from shared.analysis.voice_departments import department_table
from shared.analysis.voice_event import Event, event_mood
from shared.analysis.voice_incidents import Incidents, incidents
from shared.analysis.voice_launch import Launch, first_days, launch_perception
from shared.analysis.voice_placebo import shuffled_voice
from shared.analysis.voice_repeat import Repeat, repeat_link
from shared.analysis.voice_sentiment_levels import sentiment_levels
from shared.analysis.voice_study_reading import (
    checks,
    scored_clauses,
    scored_texts,
    sign_is_no_better,
)
from shared.analysis.voice_study_sources import (
    beside,
    customer_worth,
    product_names,
    shop_names,
    words_of_feeling,
)
from shared.analysis.voice_taxonomy import Taxonomy, load_taxonomy
from shared.analysis.voice_topics import complaints_of, topic_mentions, topic_table, whole_texts
from shared.analysis.voice_verbatims import verbatims
from shared.analysis.voice_wishes import wishes
from shared.analysis.voice_words import complaining_texts, word_counts
from shared.loading.errors import NotSupportedByData


@dataclass(frozen=True)
class VoiceStudy:
    """All results of one page; what the data cannot answer holds the reason instead.

    Attributes
    ----------
    texts : Texts
        As from `read_texts`.
    scored : pd.DataFrame
        `texts.frame` with the `language` found, `score`, `sentiment`, `method`, `complaints` and
        `why_not`.
    levels : pd.DataFrame
        As from `sentiment_levels`.
    taxonomy : Taxonomy
        As from `load_taxonomy`.
    mentions, topics, departments, words, wishes, verbatims : pd.DataFrame
        As from the functions of these names.
    complaining : int
        Texts with a part that complains.
    worth : pd.Series
        Revenue so far of each customer who wrote; empty without prices.
    polar, names : set of str
        Words of feeling and names, left out of the cloud.
    methods : pd.DataFrame
        As from `methods_compared`.
    sample : pd.DataFrame
        As from `sample_to_label`; empty where there are stars.
    quality, incidents, event, launch, repeat
        As from `agreement`, `incidents`, `event_mood`, `launch_perception` and `repeat_link`; or
        why there is none.
    snapshot_date : date
        First day that is not in the data.
    quotes, is_placebo : bool
        As given.
    """

    texts: Texts
    scored: pd.DataFrame
    levels: pd.DataFrame
    taxonomy: Taxonomy
    mentions: pd.DataFrame
    topics: pd.DataFrame
    departments: pd.DataFrame
    words: pd.DataFrame
    wishes: pd.DataFrame
    verbatims: pd.DataFrame
    complaining: int
    worth: pd.Series
    polar: frozenset[str]
    names: frozenset[str]
    quality: Frame
    methods: pd.DataFrame
    sample: pd.DataFrame
    incidents: Incidents | NotSupportedByData
    event: Event | NotSupportedByData
    launch: Launch | NotSupportedByData
    repeat: Repeat | NotSupportedByData
    snapshot_date: date
    quotes: bool
    is_placebo: bool

    @property
    def known(self) -> pd.DataFrame:
        """The texts with a sentiment."""
        return self.scored[self.scored["sentiment"].notna()]

    @property
    def n(self) -> int:
        """Number of texts with a sentiment."""
        return len(self.known)

    def measure(self, name: str) -> float:
        """Give one measure of agreement with the stars; blank without stars."""
        if isinstance(self.quality, NotSupportedByData):
            return float("nan")
        rows = self.quality
        own = rows[(rows["measure"] == name) & (rows["language"] == "")]
        return float(own["value"].iloc[0]) if len(own) else float("nan")

    def spent_by(self, texts: Collection[str]) -> float | None:
        """Sum the revenue so far of the customers behind some texts; None where it is not known."""
        if self.worth.empty:
            return None
        own = self.known[self.known["review_id"].isin(set(texts))]
        customers = sorted(set(own["customer_id"]) - {""})
        return fsum(self.worth.reindex(customers).dropna())

    @property
    def is_no_better(self) -> bool:
        """Whether the sign is right no more often than if every text were called positive."""
        if isinstance(self.quality, NotSupportedByData):
            return False
        return sign_is_no_better(self.quality)

    @property
    def coverage(self) -> Estimate:
        """Share of the texts that have a sentiment."""
        return exact(self.n / len(self.scored), n=len(self.scored), unit="share", of="texts")

    @property
    def unread(self) -> float:
        """Share of the texts in a language that is not read."""
        why = self.scored["why_not"].astype(str)
        return float((why.str.contains("language") & self.scored["sentiment"].isna()).mean())

    @property
    def verdict(self) -> Verdict:
        """Tell how far the page can be relied on."""
        neutral = float((self.known["sentiment"] == 0).mean()) if self.n else 0.0
        return voice_verdict(
            texts=len(self.scored), scored=self.n, kappa=self.measure("kappa"),
            precision=self.measure("complaint_precision"), no_better=self.is_no_better,
            unread=self.unread, neutral=neutral, groups=small_groups(self),
        )  # fmt: skip


def study_voice(
    reviews: ibis.Table,
    *,
    tables: Mapping[str, ibis.Table],
    snapshot_date: date,
    client: str = "",
    folder: Path | None = None,
    language: str = "",
    lexicon: str = "",
    taxonomy: str = "",
    brand_words: str = "",
    launch_date: str = "",
    product_id: str = "",
    event_days: str = "",
    period: Literal["W", "M"] = "W",
    follow_up_days: int = 90,
    quotes: bool = False,
    placebo: bool = False,
) -> VoiceStudy:
    """Compute everything that the page on customers' voice says.

    Parameters
    ----------
    reviews : ibis.Table
        One row per text; only `review_id` and `text` are needed.
    tables : mapping of str to ibis.Table
        Where `orders`, `order_lines` and `products` stand, if the client has them.
    snapshot_date : date
        First day that is not in the data.
    client : str
        The client's name, never shown as a word of customers.
    folder : Path, optional
        The client's folder, where `lexicon` and `taxonomy` are looked for.
    language : str
        For texts whose language is not given; empty finds it.
    lexicon, taxonomy : str
        Names of files in the client's folder; empty takes the suite's own.
    brand_words : str
        Words to leave out of the cloud, with ";" between them.
    launch_date, product_id
        As for `launch_perception`.
    event_days : str
        As for `event_mood`.
    period : str
        "W" or "M", as for `incidents`.
    follow_up_days : int
        As for `repeat_link`.
    quotes : bool
        As for `verbatims`.
    placebo : bool
        Whether to deal feelings and dates anew: the page must then find nothing.

    Raises
    ------
    NotSupportedByData
        With fewer than 30 texts that hold a word.
    """
    texts = read_texts(reviews, before=snapshot_date)
    scored = scored_texts(texts, language=language, lexicon=beside(folder, lexicon))
    checked = checks(scored)
    clauses = scored_clauses(scored, lexicon=beside(folder, lexicon))
    if placebo:
        scored = shuffled_voice(scored)
        clauses = whole_texts(scored)
    terms = load_taxonomy(beside(folder, taxonomy))
    mentions = topic_mentions(scored, clauses, terms)
    products = product_names(tables)
    names = frozenset(shop_names(products, client, brand_words, terms))
    polar = words_of_feeling(scored)
    given: dict[str, Any] = {"snapshot_date": snapshot_date}
    counted = _counted(scored, clauses, mentions, terms, names=names, polar=polar, quotes=quotes)
    charts = part(_charts, scored, mentions, topics=terms.departments, period=period, **given)
    return VoiceStudy(
        texts=texts, scored=scored, levels=sentiment_levels(scored), taxonomy=terms,
        mentions=mentions, **counted, complaining=complaining_texts(clauses),
        worth=customer_worth(reviews, tables.get("orders")),
        polar=polar, names=names, **checked, incidents=charts,
        event=part(event_mood, scored, or_none(charts), days=event_days),
        launch=part(launch_perception, scored, products=products,
                    first_days=first_days(tables.get("order_lines"), scored),
                    launch_date=launch_date, product_id=product_id),
        repeat=part(_repeat, reviews, tables, scored, mentions, follow_up_days=follow_up_days,
                    **given),
        snapshot_date=snapshot_date, quotes=quotes, is_placebo=placebo,
    )  # fmt: skip


def small_groups(study: VoiceStudy) -> list[Reason]:
    """Name the comparisons of the page in which a group has fewer than 30 members."""
    said = []
    for shown, what in (
        (study.launch, "The launch is judged by fewer than 30 texts on a side."),
        (study.repeat, "Buying again is compared with fewer than 30 customers on a side."),
        (study.event, "The disruption is judged by fewer than 30 texts in one of its phases."),
    ):
        if not isinstance(shown, NotSupportedByData) and shown.is_small:
            said.append(Reason(what))
    return said


def _counted(
    scored: pd.DataFrame, clauses: pd.DataFrame, mentions: pd.DataFrame, terms: Taxonomy, *,
    names: frozenset[str], polar: frozenset[str], quotes: bool,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    n = int(scored["sentiment"].notna().sum())
    return {
        "topics": topic_table(mentions, texts=n, topics=terms.departments),
        "departments": department_table(mentions, scored, topics=terms.departments),
        "words": word_counts(scored, clauses, mentions, terms, names=names),
        "wishes": wishes(scored, names=names, polar=polar),
        "verbatims": verbatims(scored, mentions, quotes=quotes, keep=tuple(sorted(names))),
    }


def _charts(
    scored: pd.DataFrame, mentions: pd.DataFrame, *, topics: dict[str, str], snapshot_date: date,
    period: Literal["W", "M"],
) -> Incidents:  # fmt: skip
    dated = scored.loc[scored["sentiment"].notna(), ["review_id", "written_at"]]
    return incidents(
        dated, complaints_of(mentions), topics=topics, snapshot_date=snapshot_date, period=period
    )


def _repeat(
    reviews: ibis.Table, tables: Mapping[str, ibis.Table], scored: pd.DataFrame,
    mentions: pd.DataFrame, *, snapshot_date: date, follow_up_days: int,
) -> Repeat:  # fmt: skip
    orders = tables.get("orders")
    if orders is None:
        raise NotSupportedByData(
            "the orders of the people who wrote are not known", "their orders (order_lines)"
        )
    return repeat_link(
        reviews, orders, scored, complaints_of(mentions), snapshot_date=snapshot_date,
        follow_up_days=follow_up_days,
    )  # fmt: skip
