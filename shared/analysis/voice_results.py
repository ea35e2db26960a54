"""What the page on customers' voice leaves behind: tables and plain numbers."""

import pandas as pd

from shared.analysis.intervals import Estimate, exact
from shared.analysis.study_parts import frames, or_none
from shared.analysis.voice_answers_quality import measured
from shared.analysis.voice_incidents import Kind
from shared.analysis.voice_study import VoiceStudy
from shared.loading.errors import NotSupportedByData

SENTIMENT = ["review_id", "written_at", "language", "score", "sentiment", "method", "why_not",
             "topics", "complaints"]  # fmt: skip


def voice_tables(study: VoiceStudy) -> dict[str, pd.DataFrame]:
    """Give the full tables by the names of their files; no text but the quotes that are on."""
    launch, event, repeat = (
        or_none(getattr(study, part)) for part in ("launch", "event", "repeat")
    )
    charts = or_none(study.incidents)
    sample = {"sample_to_label": study.sample} if len(study.sample) else {}
    methods = {"methods": study.methods} if len(study.methods) else {}
    return (
        methods
        | sample
        | frames(
            sentiment=sentiment_rows(study),
            levels=study.levels,
            topics=study.topics,
            departments=study.departments,
            words=study.words,
            incidents=charts.table if charts else _nothing(study.incidents),
            incident_weeks=charts.weeks if charts else _nothing(study.incidents),
            event=event.table if event else _nothing(study.event),
            launch=launch.table if launch else _nothing(study.launch),
            repeat=repeat.table if repeat else _nothing(study.repeat),
            wishes=study.wishes,
            quality=study.quality
            if isinstance(study.quality, pd.DataFrame)
            else _nothing(study.quality),
            verbatims=study.verbatims,
        )
    )


def sentiment_rows(study: VoiceStudy) -> pd.DataFrame:
    """Give each text's sentiment and topics, without its words."""
    mentions = study.mentions
    topics = mentions.groupby("review_id")["topic"].agg("; ".join)
    negative = mentions[mentions["feeling"] < 0]
    complaints = negative.groupby("review_id")["topic"].agg("; ".join)
    table = study.scored.drop(columns="complaints", errors="ignore")
    table = table.assign(
        topics=table["review_id"].map(topics).fillna(""),
        complaints=table["review_id"].map(complaints).fillna(""),
    )
    return table[[column for column in SENTIMENT if column in table.columns]]


def voice_metrics(study: VoiceStudy) -> dict[str, float | Estimate]:
    """Give the plain numbers of the page for tests, the index and the next run."""
    nan, n = float("nan"), study.n
    charts, launch, repeat, event = (
        or_none(getattr(study, part)) for part in ("incidents", "launch", "repeat", "event")
    )
    rated = isinstance(study.quality, pd.DataFrame)
    sentiment = study.known["sentiment"].astype(float)
    topics = charts.table["topic"].nunique() if charts else 0
    return {
        "reviews": study.texts.counted["given"],
        "duplicates": study.texts.counted["duplicates"],
        "scored": n,
        "unread_share": study.unread,
        "sign_accuracy": measured(study, "sign_accuracy") if rated else nan,
        "kappa": measured(study, "kappa") if rated else nan,
        "complaint_recall": measured(study, "complaint_recall") if rated else nan,
        "mean_sentiment": float(sentiment.mean()) if n else nan,
        "negative_share": float((sentiment < 0).mean()) if n else nan,
        "urgent": int((sentiment == -2).sum()),
        "complaints": int(study.mentions.loc[study.mentions["feeling"] < 0, "review_id"].nunique()),
        "marking_words": int((study.words["marks"] == "complaints").sum()),
        "chronic_topics": (
            exact(charts.chronic_topics, n=max(topics, 1), unit="count") if charts else nan
        ),
        "isolated_topics": charts.of_kind(Kind.ISOLATED)["topic"].nunique() if charts else nan,
        "launch_difference": launch.difference if launch else nan,
        "event_fall": event.fall if event else nan,
        "repeat_difference": repeat.difference() if repeat else nan,
        "wishes": int(study.wishes["texts"].sum()) if len(study.wishes) else 0,
    }  # fmt: skip


def _nothing(reason: object) -> pd.DataFrame:
    """Say in the file, too, why there is no table."""
    why = reason.reason if isinstance(reason, NotSupportedByData) else ""
    return pd.DataFrame({"not_supported": [why]})
