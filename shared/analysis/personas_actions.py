"""What to do about personas: at most five actions with segment, size and money."""

import math
from typing import Any

from shared.analysis.actions import Action
from shared.analysis.column_words import lower_first
from shared.analysis.personas_answers import tone_of
from shared.analysis.personas_study import PersonaStudy

MOST = 4


def persona_actions(study: PersonaStudy) -> list[Action]:
    """Derive the actions: how to speak to each persona, and whom to leave without one."""
    by_money = "revenue" if study.base.money is not None else "customers"
    told = study.effects.dropna(subset="effect")["persona"]
    large = study.placed.dropna(subset="customers")
    large = large[large["persona"].isin(told)]
    rows = large.sort_values(by_money, ascending=False, kind="stable").head(MOST)
    return [*(_speak(study, row) for row in rows.to_dict("records")), *_undecided(study)]


def _speak(study: PersonaStudy, row: dict[Any, Any]) -> Action:
    number = int(row["persona"])
    tone = tone_of(study, number)
    gap, channel = row["median_gap_days"], row["main_channel"]
    values: dict[str, object] = {"name": row["name"]}
    if tone:
        template = "Speak to {name} in their own way, and test it against the usual one: {tone}, "
        template += "with {content}"
        values |= {"tone": tone[0].lower(), "content": tone[1]}
    else:
        template = "Test one message for {name} against the usual one, about what sets them apart: "
        template += "{feature}"
        values["feature"] = lower_first(study.base.label(_furthest(study, number)))
    if isinstance(channel, str):
        template += ", by {channel}"
        values["channel"] = channel
    if isinstance(gap, float) and not math.isnan(gap):
        template += ", about every {gap:days}"
        values["gap"] = gap
    return Action(
        template + (". Tone and content are a judgement." if tone else "."),
        str(row["name"]),
        int(row["customers"]),
        _money(study, row["revenue"]),
        {**values, "unit": _unit(study)},
        f"{study.base.what} so far",
    )


def _furthest(study: PersonaStudy, number: int) -> str:
    mine = study.effects[study.effects["persona"] == number].dropna(subset="effect")
    return str(mine.sort_values("effect", key=abs, kind="stable")["feature"].iloc[-1])


def _undecided(study: PersonaStudy) -> list[Action]:
    """Those who stand on a border get no message of one persona alone."""
    border = study.found.assignments["border"]
    ids = border.index[border.to_numpy(dtype=bool)]
    if not len(ids):
        return []
    money = study.base.money.reindex(ids).sum() if study.base.money is not None else None
    return [
        Action(
            "Send the {size:count} on a border what goes to everyone: they are nearly as close to "
            "another {noun}.",
            "On a border", len(ids), _money(study, money),
            {"unit": _unit(study), "noun": study.noun},
            f"{study.base.what} so far",
        )
    ]  # fmt: skip


def _unit(study: PersonaStudy) -> str:
    return "customer|customers" if study.base.noun == "customers" else "person|persons"


def _money(study: PersonaStudy, value: object) -> float | None:
    if study.base.money is None or value is None:
        return None
    return float(str(value))
