"""What the page on customers' voice answers: templates and values for each of its questions."""

import pandas as pd

from shared.analysis.intervals import exact, in_points, wilson
from shared.analysis.multiple_testing import Finding
from shared.analysis.study_parts import known
from shared.analysis.verdicts import Reason
from shared.analysis.voice_incidents import Kind, days_said
from shared.analysis.voice_launch import Launch, Reception
from shared.analysis.voice_repeat import ALL
from shared.analysis.voice_study import VoiceStudy
from shared.analysis.voice_words import cloud_words, found_terms
from shared.loading.errors import NotSupportedByData

MOST_NAMED, LEAST_SHOWN = 6, 10


def mood(study: VoiceStudy) -> Reason:
    """Say how customers feel: the share of texts above and below 0."""
    levels = study.levels.set_index("sentiment")["texts"]
    above, below = int(levels[1] + levels[2]), int(levels[-1] + levels[-2])
    return Reason(
        "{above} of the texts are positive and {below:share} negative; {urgent:count} are urgent "
        "complaints at -2",
        {"above": wilson(above, study.n, of="texts"), "below": below / study.n,
         "urgent": int(levels[-2])},
    )  # fmt: skip


def uncovered(study: VoiceStudy) -> Reason:
    """Say how much of what is said no topic covers, and which words would."""
    negative = study.known[study.known["sentiment"] < 0]
    without = int((~negative["review_id"].isin(set(study.mentions["review_id"]))).sum())
    terms = found_terms(study.words, polar=study.polar)
    text = "Of {n:count} negative texts {without:count} speak of no topic of the list."
    values: dict[str, object] = {"n": len(negative), "without": without}
    if terms.empty:
        return Reason(text + " No further word marks complaints.", values)
    values["terms"] = ", ".join(terms["term"].head(MOST_NAMED))
    return Reason(text + " Words that mark complaints and stand in no topic: {terms}.", values)


def marking_words(study: VoiceStudy) -> Reason:
    """Say at which words complaints gather, after multiplicity control."""
    marks = study.words[study.words["marks"] == "complaints"]
    marks = marks[~marks["term"].isin(study.polar)].sort_values(
        ["z", "term"], ascending=[False, True]
    )
    if marks.empty:
        return Reason(
            "No word stands out in complaints against praise, of {n:count} words tested.",
            {"n": len(study.words)},
        )
    text = (
        "Of {n:count} words tested {marks:count} {marks:stands|stand} out in complaints against "
        "praise, most of all {terms}."
    )
    languages = sorted(set(cloud_words(study.words, polar=study.polar)["language"]))
    if len(languages) > 1:
        text += " The words drawn are of {k:count} languages ({languages}), in their basic form."
    return Reason(text, {
        "n": len(study.words), "marks": len(marks), "k": len(languages),
        "terms": ", ".join(marks["term"].head(MOST_NAMED)), "languages": ", ".join(languages),
    })  # fmt: skip


def focal(study: VoiceStudy) -> Reason:
    """Title of the word cloud: the word that most complaining texts hold."""
    words = cloud_words(study.words, polar=study.polar)
    if words.empty:
        raise NotSupportedByData("no word is in three complaints", "more texts with complaints")
    top = words.iloc[0]
    return Reason(
        "Complaints gather at “{term}”, in {n:count} of the {all:count} texts with a clause that "
        "complains",
        {"term": top["term"], "n": int(top["complaints"]), "all": study.complaining},
    )  # fmt: skip


def chronic(study: VoiceStudy) -> Reason:
    """Answer: are complaints turning chronic or are they isolated?"""
    found = known(study.incidents)
    charted = found.table.loc[found.table["kind"] != Kind.TOO_FEW, "topic"].nunique()
    lasting, single = found.of_kind(Kind.CHRONIC), found.of_kind(Kind.ISOLATED)
    values: dict[str, object] = {
        "n": exact(lasting["topic"].nunique(), n=max(charted, 1), unit="count", of="topics"),
        "all": charted, "single": single["topic"].nunique(),
    }  # fmt: skip
    start = "{n} of {all:count} topics {n:is|are} turning chronic"
    if len(lasting):
        start += ", {lasting} from {before:share.1} to {now:share.1} of texts since {since:date}"
        row = lasting.iloc[0]
        values |= {"lasting": row["topic"], "since": row["first_day"],
                   "before": float(row["usual_share"]), "now": float(row["share"])}  # fmt: skip
    if single.empty:
        return Reason(start + "; no isolated incident stands out", values)
    row = single.iloc[0]
    values |= {"topic": row["topic"], "first": row["first_day"], "last": row["last_day"]}
    return Reason(
        start + "; {single:count} had an incident, the clearest in {topic} "
        + days_said(row["first_day"], row["last_day"]), values,
    )  # fmt: skip


def above_the_limit(weeks: pd.DataFrame, period: str) -> Reason | None:
    """Say why a period above the limit of its chart is no incident by itself; None without any."""
    above = int(((weeks["share"] > weeks["limit"]) & ~weeks["in_run"]).sum())
    if not above:
        return None
    return Reason(
        "{above:count} of the {n:count} {noun}s drawn {above:lies|lie} above the dotted limit and "
        "{above:is no incident|are no incidents}: the limit is for one {noun} by itself, and among "
        "so many chance puts some above it. An incident stands out among all of them.",
        {"above": above, "n": int(weeks["share"].notna().sum()),
         "noun": "week" if period == "W" else "month"},
    )  # fmt: skip


def event_answer(study: VoiceStudy) -> Reason:
    """Answer: how did an operational disruption show in the mood?"""
    event = known(study.event)
    values: dict[str, object] = {
        "first": event.first, "last": event.last, "rise": event.negative_rise,
        "before": float(event.table["negative_share"].iloc[0]),
        "during": float(event.table["negative_share"].iloc[1]),
        "after": float(event.table["negative_share"].iloc[2]),
    }  # fmt: skip
    days = days_said(event.first, event.last).capitalize()
    text = (
        ", {during:share} of the texts were negative, against {before:share} in the weeks before "
        "and {after:share} after"
    )
    return Reason(days + text, values)


def event_so_what(study: VoiceStudy) -> Reason:
    """Say what the fall allows, and whether the mood came back."""
    event = known(study.event)
    fell = {
        Finding.DIFFERS: "The mean mood changed by {fall:number}",
        Finding.NOT_SETTLED: "Whether the mood fell is not settled: it changed by {fall:number}",
    }.get(event.fall_reading, "No fall of the mood was found: it changed by {fall:number}")
    back = {
        Finding.DIFFERS: "afterwards it differed from before by {back:number} points",
        Finding.NOT_SETTLED: "whether it came back fully is not settled",
    }.get(event.recovery_reading, "afterwards no difference from before is left")
    chosen = (
        " The days are those of the incident in {topic}, chosen because they stand out: their "
        "size is on the high side." if event.chosen_by_data else ""
    )  # fmt: skip
    value, low, high = event.recovery.value, event.recovery.low, event.recovery.high
    return Reason(
        f"{fell} ({{from:number}} to {{to:number}}) on the scale from -2 to +2; {back} "
        f"({{low:number}} to {{high:number}}).{chosen}",
        {"fall": event.fall.value, "from": event.fall.low, "to": event.fall.high, "back": value,
         "low": low, "high": high, "topic": event.topic},
    )  # fmt: skip


def launched(study: VoiceStudy) -> Reason:
    """Answer: how is the launch received?"""
    found = known(study.launch)
    unit = "stars" if found.measure == "stars" else "points of sentiment"
    how = {
        Reception.GOOD: "is received better than {others}",
        Reception.POOR: "is in need of revision: received worse than {others}",
        Reception.OPEN: "may be received differently from {others}, which is not settled",
        Reception.ALIKE: "is received no differently from {others}, as far as the texts tell",
    }[found.reception]
    return Reason(
        f"{{name}}, launched {{day:date}}, {how}: a difference of {{difference}} {unit}",
        {"name": found.name or "What came", "day": found.day, "others": found.compared_with,
         "difference": found.difference},
    )  # fmt: skip


def launch_so_what(study: VoiceStudy) -> Reason:
    """Say what the texts on the launch complain of, and how the day was chosen."""
    found = known(study.launch)
    own = _on_the_launch(study, found) if found.product_id else None
    text = "{share:share} of its texts are negative, and {other:share} of the others."
    values: dict[str, object] = {
        "share": float(found.table["negative_share"].iloc[0]),
        "other": float(found.table["negative_share"].iloc[1]),
    }
    if own is not None:
        said = study.mentions[study.mentions["review_id"].isin(set(own["review_id"]))]
        counts = said.loc[said["feeling"] < 0, "topic"].value_counts()
        if len(counts):
            top = min(counts.index, key=lambda name: (-int(counts[name]), str(name)))
            text += " Most complain of {topic} ({n:count} of {all:count} texts)."
            values |= {"topic": top, "n": int(counts[top]), "all": len(own)}
    if found.chosen_by_data:
        text += " It is the newest product with enough texts; another can be chosen."
    return Reason(text, values)


def _on_the_launch(study: VoiceStudy, found: Launch) -> pd.DataFrame:
    """Take the texts on the launched product that the comparison counts."""
    own = study.known[study.known["product_id"] == found.product_id]
    own = own[own["written_at"] >= pd.Timestamp(found.day)]
    return own[own["rating"].notna()] if found.measure == "stars" else own


def wishing(study: VoiceStudy) -> int:
    """Give the texts with a wish: what the shares of wishes are of."""
    if study.wishes.empty:
        return 0
    top = study.wishes.iloc[0]
    return round(float(top["texts"]) / float(top["share"]))


def asked_for(study: VoiceStudy) -> Reason:
    """Answer: what do customers themselves ask for?"""
    if study.wishes.empty:
        raise NotSupportedByData(
            "no wish is shared by three texts", "texts that ask for something, in a known language"
        )
    top = study.wishes.iloc[0]
    rest = study.wishes.iloc[1:3]
    named = ", ".join(rest.loc[rest["texts"] >= LEAST_SHOWN, "wish"])
    after = ", then for {named}" if named else ""
    return Reason(
        "Customers ask most for “{wish}”, in {share} of the texts with a wish" + after,
        {"wish": top["wish"], "named": named,
         "share": wilson(int(top["texts"]), wishing(study), of="texts with a wish")},
    )  # fmt: skip


def leaving(study: VoiceStudy) -> Reason:
    """Answer: do complaints go with leaving?"""
    found = known(study.repeat)
    row = found.table.iloc[0]
    how = {
        Finding.DIFFERS: "Complaints are associated with a different rate of buying again",
        Finding.NOT_SETTLED: "Whether complaints go with buying again less is not settled",
    }.get(found.reading_of(ALL), "Complaints are not found to go with leaving")
    return Reason(
        how + ": {share:share} of complainers buy again within {days:count} days and {other:share} "
        "of the others; with others like them, the difference is {difference:number.1} points",
        {"share": float(row["share"]), "other": float(row["other_share"]),
         "days": found.follow_up_days, "difference": in_points(found.difference())},
    )  # fmt: skip


def compared(study: VoiceStudy) -> int:
    """Give the customers whose buying again is compared."""
    return known(study.repeat).customers


def leaving_so_what(study: VoiceStudy) -> Reason:
    """Say which topics were looked at, and what a small base could have missed."""
    found = known(study.repeat)
    topics = found.table.iloc[1:]
    differs = topics[topics["reading"] == Finding.DIFFERS.value]
    row = found.table.iloc[0]
    half = (float(row["difference_high"]) - float(row["difference_low"])) / 2
    text = (
        "With so few complainers a difference below about {half:number.0} points would not be seen."
    )
    values: dict[str, object] = {"half": 100 * half, "n": len(topics)}
    leaning = topics[topics["reading"] == Finding.NOT_SETTLED.value]
    if topics.empty:
        return Reason(text + " No single topic has enough complainers to compare.", values)
    if differs.empty and len(leaning):
        values["topic"] = leaning.iloc[0]["topic"]
        return Reason(text + " By topic, {topic} is not settled; no other stands out.", values)
    if differs.empty:
        return Reason(text + " By topic, none of {n:count} stands out either.", values)
    values["topic"] = differs.iloc[0]["topic"]
    return Reason(text + " By topic, {topic} is associated with a difference.", values)
