"""What stands behind each chart and table of the page on customers' voice."""

import pandas as pd

from shared.analysis.exhibit import Exhibit
from shared.analysis.intervals import Estimate, wilson
from shared.analysis.study_parts import known
from shared.analysis.verdicts import Reason
from shared.analysis.voice_answers import (
    LEAST_SHOWN,
    asked_for,
    chronic,
    event_answer,
    focal,
    launched,
    leaving,
    mood,
)
from shared.analysis.voice_answers_topics import complained
from shared.analysis.voice_columns import (
    CHART,
    CLOUD,
    EVENT,
    LEVELS,
    REPEAT,
    TOPICS,
    WISHES,
    launch_columns,
)
from shared.analysis.voice_incidents import Kind
from shared.analysis.voice_study import VoiceStudy
from shared.analysis.voice_words import cloud_words
from shared.loading.errors import NotSupportedByData

MOST_TOPICS, MOST_PANELS, MOST_WISHES = 10, 3, 8
HIGHEST = 12  # periods of each topic that stand behind the chart
MEASURES = {
    "sign_accuracy": "sign is right, of texts whose stars are not three",
    "always_positive": "sign right if all were called positive",
    "balanced_accuracy": "sign is right, both signs weighing the same",
    "complaint_recall": "texts with one or two stars that are read as negative",
    "complaint_precision": "texts read as negative that have one or two stars",
    "kappa": "weighted kappa (0 chance, 1 full agreement)",
}


def levels(study: VoiceStudy) -> Exhibit:
    """Give the five levels of sentiment."""
    data = study.levels
    by_level = data.set_index("sentiment")["texts"]
    alt = Reason(
        "Five columns from minus two to plus two: {worst:count} texts at the worst level, "
        "{neutral:count} neutral, {best:count} at the best.",
        {"worst": int(by_level[-2]), "neutral": int(by_level[0]), "best": int(by_level[2])},
    )
    return Exhibit((mood(study), alt), data, LEVELS)


def quality_table(study: VoiceStudy) -> pd.DataFrame:
    """Give the agreement with the stars over all languages, in words."""
    rows = known(study.quality)
    own = rows[(rows["language"] == "") & rows["measure"].isin(MEASURES)]
    return _as_long_as(own.assign(what=own["measure"].map(MEASURES)), rows)


def method_table(study: VoiceStudy) -> pd.DataFrame:
    """Give the ways of reading a text side by side, and which is used."""
    if study.methods.empty:
        raise NotSupportedByData("too few stars to compare ways of reading", "stars for the texts")
    rows = study.methods
    kappa = [
        Estimate(value, low, high, int(n), "number", of="texts")
        for value, low, high, n in rows[["kappa", "low", "high", "texts"]].to_numpy()
    ]
    used = rows["used"].map({True: "used", False: ""})
    return rows.assign(kappa=pd.Series(kappa, index=rows.index, dtype=object), used=used)


def topic_bars(study: VoiceStudy) -> Exhibit:
    """Give the topics with most complaints, with complaints and praise."""
    if study.topics.empty:
        raise NotSupportedByData(
            "no text speaks of a topic of the list", "a list of topics in the client's own words"
        )
    data = not_small(study.topics).head(MOST_TOPICS)
    top = data.iloc[0]
    alt = Reason(
        "Bars by topic, complaints to the left and praise to the right: {topic} has most "
        "complaints, in {share:share.1} of the texts ({low:share.1} to {high:share.1}).",
        {"topic": top["topic"], "share": float(top["complaint_share"]), "low": float(top["low"]),
         "high": float(top["high"])},
    )  # fmt: skip
    return Exhibit((complained(study), alt), data, TOPICS)


def department_rows(study: VoiceStudy) -> pd.DataFrame:
    """Give the routing table, shares with their intervals, as long as its file."""
    table = not_small(study.departments)
    total = study.mentions.loc[study.mentions["feeling"] < 0, "review_id"].nunique()
    shares = [wilson(int(count), total) for count in table["complaints"]]
    topics = not_small(study.topics).groupby("department", sort=False)["topic"].agg(", ".join)
    table = table.assign(
        routed=pd.Series(shares, index=table.index, dtype=object),
        topics=table["department"].map(topics).fillna(table["topics"]),
    )
    return _as_long_as(table, study.departments)


def shown_rows(frame: pd.DataFrame) -> int:
    """Count the rows that the page shows of a frame that is as long as its file."""
    return int(frame.iloc[:, 0].notna().sum())


def not_small(table: pd.DataFrame, count: str = "complaints") -> pd.DataFrame:
    """Leave to the file what fewer than ten texts say; where all is so small, show it."""
    large = table[table[count] >= LEAST_SHOWN]
    return large if len(large) else table[table[count] > 0]


def _as_long_as(shown: pd.DataFrame, file: pd.DataFrame) -> pd.DataFrame:
    """Add blank rows, so that the page says how many rows of the file it leaves out."""
    return shown.reset_index(drop=True).reindex(range(len(file)))


def cloud(study: VoiceStudy) -> Exhibit:
    """Give the words of the cloud."""
    data = cloud_words(study.words, polar=study.polar)
    title = focal(study)
    alt = Reason(
        "Cloud of words from complaints, larger the more texts hold them and coloured by "
        "department: the largest, {term}, is in {n:count} texts, the next, {after}, in {m:count}.",
        {"term": data["term"].iloc[0], "n": int(data["complaints"].iloc[0]),
         "after": data["term"].iloc[min(1, len(data) - 1)],
         "m": int(data["complaints"].iloc[min(1, len(data) - 1)])},
    )  # fmt: skip
    return Exhibit((title, alt), data, CLOUD)


def control_charts(study: VoiceStudy) -> tuple[Exhibit, pd.DataFrame]:
    """Give the complaint shares of the topics that stand out, else of the largest; and all to draw.

    The numbers behind the chart are the highest periods of each topic; the file has all of them.
    """
    found = known(study.incidents)
    loud = found.of_kind(Kind.CHRONIC, Kind.ISOLATED, Kind.RUNNING, Kind.ENDED, Kind.EASED)
    usual = found.table.sort_values(["complaints", "topic"], ascending=[False, True])
    ranked = dict.fromkeys([*_shown(loud), *usual["topic"]])
    shown = list(ranked)[:MOST_PANELS]
    if not shown:
        raise NotSupportedByData("no topic has complaints with a date", "more dated complaints")
    weeks = found.weeks[found.weeks["topic"].isin(shown)]
    place = {topic: number for number, topic in enumerate(shown)}
    data = weeks.assign(
        order=weeks["topic"].map(place), kind=weeks["topic"].map(_kinds(found.table))
    )
    data = data.sort_values(["order", "share", "start"], ascending=[True, False, True])
    peak = data.iloc[data["share"].argmax()]
    highest = data.groupby("topic", sort=False).head(HIGHEST).reset_index(drop=True)
    alt = Reason(
        "Lines of the share of texts that complain, a panel per topic, with the limit for one; the "
        "highest point, {topic}, is {share:share.1} with {n:count} complaints.",
        {"topic": peak["topic"], "share": float(peak["share"]), "n": int(peak["complaints"])},
    )
    drawn = data.sort_values(["order", "start"], ignore_index=True)
    return Exhibit((chronic(study), alt), highest, CHART), drawn


def incident_rows(study: VoiceStudy) -> pd.DataFrame:
    """Give what became of each topic, what stands out first; as long as its file."""
    found = known(study.incidents)
    order = [Kind.CHRONIC, Kind.RUNNING, Kind.ISOLATED, Kind.ENDED, Kind.EASED, Kind.STEADY,
             Kind.TOO_FEW]  # fmt: skip
    rank = found.table["kind"].map({kind.value: place for place, kind in enumerate(order)})
    table = found.table.assign(rank=rank, q=found.table["q"].clip(lower=0.001))
    ordered = table.sort_values(["rank", "p_value", "complaints", "topic"],
                                ascending=[True, True, False, True])  # fmt: skip
    charted = ordered[ordered["kind"] != Kind.TOO_FEW]
    return _as_long_as((charted if len(charted) else ordered).drop(columns="rank"), ordered)


def event_phases(study: VoiceStudy) -> Exhibit:
    """Give the mood before, during and after the disruption."""
    data = known(study.event).table
    alt = Reason(
        "Points with intervals for three phases: a mean sentiment of {before:number} before, "
        "{during:number} during and {after:number} after the disruption.",
        {"before": float(data["mean"].iloc[0]), "during": float(data["mean"].iloc[1]),
         "after": float(data["mean"].iloc[2])},
    )  # fmt: skip
    return Exhibit((event_answer(study), alt), data, EVENT)


def launch_bars(study: VoiceStudy) -> Exhibit:
    """Give the launch beside what it is compared with."""
    found = known(study.launch)
    data = found.table
    alt = Reason(
        "Points with intervals for two groups: a mean of {own:number} for {name}, from {n:count} "
        "texts, and of {other:number} for {others}, from {m:count}.",
        {"own": float(data["mean"].iloc[0]), "name": data["group"].iloc[0],
         "n": int(data["texts"].iloc[0]), "other": float(data["mean"].iloc[1]),
         "others": data["group"].iloc[1], "m": int(data["texts"].iloc[1])},
    )  # fmt: skip
    return Exhibit((launched(study), alt), data, launch_columns(found.measure))


def texts_to_read(study: VoiceStudy) -> pd.DataFrame:
    """Give the plainest complaint and praise on each topic, most complained of first.

    As long as its file.
    """
    first = study.verbatims.drop_duplicates(["topic", "feeling"])
    rank = {topic: place for place, topic in enumerate(study.topics["topic"])}
    ordered = first.assign(rank=first["topic"].map(rank)).sort_values(
        ["rank", "feeling"], kind="stable"
    )
    return _as_long_as(ordered.drop(columns="rank"), study.verbatims)


def launch_measure(study: VoiceStudy) -> str:
    """Name what the launch is compared by: stars or sentiment."""
    return known(study.launch).measure


def wish_bars(study: VoiceStudy) -> Exhibit:
    """Give what is asked for."""
    title = asked_for(study)
    data = not_small(study.wishes, "texts").head(MOST_WISHES)
    beside = " (" + data["with_words"].str.split(", ").str[:2].str.join(", ") + ")"
    data = data.assign(label=data["wish"] + beside.where(data["with_words"] != "", ""))
    alt = Reason(
        "Bars of what is asked for: {wish} in {n:count} texts, {share:share} of those with a wish.",
        {"wish": data["wish"].iloc[0], "n": int(data["texts"].iloc[0]),
         "share": float(data["share"].iloc[0])},
    )  # fmt: skip
    return Exhibit((title, alt), data, WISHES)


def repeat_bars(study: VoiceStudy) -> Exhibit:
    """Give the matched differences in buying again, by topic."""
    table = known(study.repeat).table
    figures = ["difference", "difference_low", "difference_high"]
    data = table.assign(**{name: 100 * table[name] for name in figures})
    row = data.iloc[0]
    alt = Reason(
        "Points with intervals by topic of complaint: over all complaints {value:number.1} "
        "points, from {low:number.1} to {high:number.1}; a line marks no difference.",
        {"value": float(row["difference"]), "low": float(row["difference_low"]),
         "high": float(row["difference_high"])},
    )  # fmt: skip
    return Exhibit((leaving(study), alt), data, REPEAT)


def _shown(loud: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(loud["topic"]))


def _kinds(table: pd.DataFrame) -> dict[str, str]:
    return {str(topic): ", ".join(dict.fromkeys(rows)) for topic, rows in
            table.groupby("topic")["kind"]}  # fmt: skip
