"""What to do about what customers say: at most five actions with segment, size and money."""

import pandas as pd

from shared.analysis.actions import Action
from shared.analysis.study_parts import or_none
from shared.analysis.voice import ENOUGH_GROUP
from shared.analysis.voice_incidents import Kind, days_said
from shared.analysis.voice_launch import Reception
from shared.analysis.voice_study import VoiceStudy

MOST_ACTIONS = 5
SPENT = "revenue so far of those known"
TEXTS = {"unit": "text|texts"}


def voice_actions(study: VoiceStudy) -> list[Action]:
    """Derive the actions from what was found, most urgent first."""
    found = [*_lasting(study), *_revise(study), *_urgent(study), *_own(study), *_incident(study),
             *_wished(study)]  # fmt: skip
    return found[:MOST_ACTIONS]


def complaining(study: VoiceStudy, by: str, name: object) -> set[str]:
    """Give the texts that complain of a topic, or to a department."""
    felt = study.mentions[study.mentions["feeling"] < 0]
    return set(felt.loc[felt[by] == name, "review_id"])


def in_run(study: VoiceStudy, run: pd.Series) -> set[str]:
    """Give the texts that complain of the topic of a run, within its days."""
    own = study.known[study.known["review_id"].isin(complaining(study, "topic", run["topic"]))]
    days = own["written_at"].dt.date
    return set(own.loc[(days >= run["first_day"]) & (days <= run["last_day"]), "review_id"])


def _lasting(study: VoiceStudy) -> list[Action]:
    charts = or_none(study.incidents)
    rows = charts.of_kind(Kind.CHRONIC, Kind.RUNNING) if charts else None
    if rows is None or rows.empty:
        return []
    row = rows.iloc[0]
    return [
        Action(
            "Have {department} find what changed around {since:date}: complaints about {topic} "
            "went from {before:share.1} to {now:share.1} of the texts and stay there, "
            "{size:count} so far.",
            f"Complaints about {row['topic']}", int(row["complaints"]),
            study.spent_by(in_run(study, row)),
            {"department": row["department"], "since": row["first_day"], "topic": row["topic"],
             "before": float(row["usual_share"]), "now": float(row["share"]), **TEXTS}, SPENT,
        )
    ]  # fmt: skip


def _revise(study: VoiceStudy) -> list[Action]:
    launch = or_none(study.launch)
    if launch is None or launch.reception != Reception.POOR:
        return []
    size, known = int(launch.table["texts"].iloc[0]), study.known
    what = launch.name or "what changed"
    meanwhile = ", and leave it out of offers until then" if launch.product_id else ""
    return [
        Action(
            f"Revise {{what}} before more is spent on it{meanwhile}: it is {{gap:number}} "
            "{measure} below {others}, from {size:count} texts.",
            f"Texts on {what}", size,
            study.spent_by(known.loc[known["product_id"] == launch.product_id, "review_id"]),
            {"what": what, "gap": abs(launch.difference.value), "others": launch.compared_with,
             "measure": "stars" if launch.measure == "stars" else "points of sentiment", **TEXTS},
            SPENT,
        )
    ]  # fmt: skip


def _urgent(study: VoiceStudy) -> list[Action]:
    worst = study.known[study.known["sentiment"] == -2]
    if worst.empty:
        return []
    named = int((worst["customer_id"] != "").sum())
    text = "Read the {size:count} texts at -2 first"
    text += " and answer the {named:count} that name a customer" if named else ""
    return [
        Action(
            text + "; the file sentiment lists them by number.",
            "Urgent complaints", len(worst), study.spent_by(worst["review_id"]),
            {"named": named, **TEXTS}, SPENT,
        )
    ]  # fmt: skip


def _own(study: VoiceStudy) -> list[Action]:
    named = {act.values["department"] for act in _lasting(study)}
    table = study.departments[~study.departments["department"].isin(named)]
    if table.empty or not int(table["complaints"].iloc[0]):
        return []
    row = table.iloc[0]
    return [
        Action(
            "Give {department} its {size:count} complaints to read, {urgent:count} of them urgent; "
            "start at {terms}.",
            f"Complaints owned by {row['department']}", int(row["complaints"]),
            study.spent_by(complaining(study, "department", row["department"])),
            {"department": row["department"], "urgent": int(row["urgent"]), "terms": row["terms"],
             **TEXTS}, SPENT,
        )
    ]  # fmt: skip


def _incident(study: VoiceStudy) -> list[Action]:
    charts = or_none(study.incidents)
    rows = charts.of_kind(Kind.ISOLATED) if charts else None
    if rows is None or rows.empty:
        return []
    row = rows.iloc[0]
    texts = in_run(study, row)
    own = study.known[study.known["review_id"].isin(texts)]
    return [
        Action(
            "Apologise to those who complained of {topic} "
            + days_said(row["first_day"], row["last_day"])
            + ": {named:count} of {size:count} texts name a customer; complaints have been back at "
            "their usual share since.",
            f"Complaints about {row['topic']} in the incident", int(row["complaints"]),
            study.spent_by(texts),
            {"named": int((own["customer_id"] != "").sum()), "topic": row["topic"],
             "first": row["first_day"], "last": row["last_day"], **TEXTS},
            SPENT,
        )
    ]  # fmt: skip


def _wished(study: VoiceStudy) -> list[Action]:
    if study.wishes.empty or int(study.wishes["texts"].iloc[0]) < ENOUGH_GROUP:
        return []
    row = study.wishes.iloc[0]
    return [
        Action(
            "Test an offer around “{wish}”: {size:count} texts ask for it unasked.",
            f"Texts that ask for {row['wish']}", int(row["texts"]), None,
            {"wish": row["wish"], **TEXTS},
        )
    ]  # fmt: skip
