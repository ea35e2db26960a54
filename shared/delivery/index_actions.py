"""The actions of all reports, ranked: what to do first, for how much, and on what evidence."""

from collections.abc import Iterable, Mapping
from typing import Any

from shared.analysis.verdicts import Level
from shared.delivery.results import ReportResult
from shared.plots.locales import Wording
from shared.report.words import word

MOST_ACTIONS = 5
# Money that was there before or comes or goes without the action: it says how large a group is,
# and not what the action may win or save.
SIZE_ONLY = (
    " so far", " to come", " or not", " by precedent", " beyond cost", "all buyers counted",
    "not sure to be lost", "last touch misses", "cost of the contacts", "cost moved",
    "first half-year", " in baskets beyond chance", "discount gives away", "discount saved",
)  # fmt: skip


def ranked_actions(results: Iterable[ReportResult], wording: Wording) -> list[dict[str, Any]]:
    """Take the most valuable action of each report first, each with what its money is.

    Money to be won or lost comes before money that only says how large a group is, and what rests
    on a report that can be relied on before what has to be read with care; then the most money to
    be won or lost. The size of a group ranks nothing: there the order of the reports stays.
    """
    ranked = []
    for result in results:
        if result.status in ("delivered", "kept"):
            own = sorted(result.actions, key=_worth)
            careful = result.verdict != Level.RELIABLE.value
            for place, action in enumerate(own):
                size_only, money = _worth(action)
                ranked.append((place > 0, size_only, careful, money, action, result))
    by_money = [(action, result) for *_, action, result in sorted(ranked, key=lambda r: r[:4])]
    return [
        {
            "sentence": action["sentence"],
            "measure": _measure(action, wording),
            "result": result,
            "id": action.get("id", ""),
        }
        for action, result in by_money[:MOST_ACTIONS]
    ]


def _worth(action: Mapping[str, Any]) -> tuple[bool, float]:
    """Sort an action: money at stake first, then the most of it."""
    money_is = str(action.get("money_is") or "")
    if not action.get("money") or any(words in money_is for words in SIZE_ONLY):
        return True, 0.0
    return False, -action["money"]


def _measure(action: Mapping[str, Any], wording: Wording) -> list[str]:
    money, kind = action.get("money"), action.get("money_is") or ""
    parts = [
        str(action.get("segment") or ""),
        str(action.get("measure") or wording.count(action.get("size"))),
        word("action_money", money=wording.money(money), money_is=kind).strip() if money else "",
    ]
    return [part for part in parts if part]
