"""What to do about channels: actions with segment, size and money."""

import pandas as pd

from shared.analysis.actions import Action
from shared.analysis.attribution_answers import strongest_feed
from shared.analysis.attribution_study import AttributionStudy
from shared.analysis.multiple_testing import Finding
from shared.analysis.study_parts import Frame

JOURNEYS = {"unit": "journey|journeys"}
TENTH = 0.1


def attribution_actions(study: AttributionStudy) -> list[Action]:
    """Derive the actions from what was found; where nothing was, none moves a budget."""
    if not study.has_choice or not study.has_structure:
        return _leave_alone(study)
    return [*_hold_out(study), *_keep_feeding(study), *_shift(study)]


def _hold_out(study: AttributionStudy) -> list[Action]:
    """Let a hold-out tell what the model only claims."""
    if not isinstance(study.removal, pd.DataFrame):
        return []
    top = _pausable(study.removal, study.returns).iloc[0]
    met = study.credit.set_index("channel")["journeys"][top["channel"]]
    money = float(top["value_lost"])
    return [
        Action(
            "Find out what {a} really adds: pause it in every second region for a month and "
            "compare sales. {size:count} journeys met it; the model ties {money:money} to it, "
            "and a hold-out tells how much of that would come anyway."
            if study.paths.has_value else
            "Find out what {a} really adds: pause it in every second region for a month and "
            "compare sales. {size:count} journeys met it.",
            f"Journeys through {top['channel']}", int(met),
            money if study.paths.has_value else None, {"a": top["channel"], **JOURNEYS},
            "model-based, not sure to be lost",
        )
    ]  # fmt: skip


def _pausable(removal: pd.DataFrame, returns: Frame) -> pd.DataFrame:
    """Leave out what costs nothing, where costs are known: a search result cannot be paused."""
    if not isinstance(returns, pd.DataFrame):
        return removal
    paid = returns.loc[returns["cost"] > 0, "channel"]
    return removal[removal["channel"].isin(paid)]


def _keep_feeding(study: AttributionStudy) -> list[Action]:
    """Do not cut a channel that feeds others for closing little itself."""
    if not isinstance(study.feeds, pd.DataFrame):
        return []
    pair = strongest_feed(study.feeds, study.assists)
    row = study.moved.set_index("channel").loc[pair["source"]]
    if row["finding"] != Finding.DIFFERS.value or row["difference"] <= 0:
        return []
    role = study.assists.set_index("channel").loc[pair["source"]]
    credited = study.credit.set_index("channel").loc[pair["source"]]
    more = None
    if study.paths.has_value:
        more = float(credited["markov_value"] - credited["last_touch_value"])
    return [
        Action(
            "Do not judge {a} by last touch: it assisted {assists:count} of the sales that others "
            "closed, {b} most often. Plan both together and count {a} by its assists.",
            f"Journeys through {pair['source']}", int(credited["journeys"]), more,
            {"a": pair["source"], "b": pair["target"], "assists": int(role["assists"]), **JOURNEYS},
            "credit that last touch misses",
        )
    ]  # fmt: skip


def _shift(study: AttributionStudy) -> list[Action]:
    """Move a tenth of the cost from the least to the most credited per cost, and measure."""
    if not isinstance(study.returns, pd.DataFrame):
        return []
    paid = study.returns[(study.returns["cost"] > 0) & ~study.returns["rare"]]
    if len(paid) < 2:
        return []
    order = paid.sort_values(["cost_per_conversion", "channel"], ignore_index=True)
    best, worst = order.iloc[0], order.iloc[-1]
    if best["cost_high"] >= worst["cost_low"]:
        return []
    moved = TENTH * float(worst["cost"])
    return [
        Action(
            "Move a tenth of what {b} costs to {a} for a month and compare total sales, not "
            "credit: a credited sale costs {low:money.2} through {a} and {high:money.2} "
            "through {b}, on average; the next one costs more.",
            f"Journeys through {worst['channel']}",
            int(study.credit.set_index("channel")["journeys"][worst["channel"]]), moved,
            {"a": best["channel"], "b": worst["channel"],
             "low": float(best["cost_per_conversion"]),
             "high": float(worst["cost_per_conversion"]), **JOURNEYS},
            "cost moved",
        )
    ]  # fmt: skip


def _leave_alone(study: AttributionStudy) -> list[Action]:
    return [
        Action(
            "Leave budgets as they are on account of these data: in {size:count} journeys nothing "
            "tells one channel's worth from another's. Only a test that pauses a channel can.",
            "All journeys", int(study.paths.journeys), None, {**JOURNEYS},
        )
    ]  # fmt: skip
