"""What to do with the portfolio: at most five actions, each with segment, size and money."""

import pandas as pd

from shared.analysis.actions import Action
from shared.analysis.portfolio import SILENT_SPENDERS, Portfolio

EMERGING = ("Potential Loyalist", "Promising")
BEST = ("Champions", "Loyal")


def next_actions(
    base: Portfolio, due: pd.DataFrame, *, discount_share: float, what: str = "revenue"
) -> list[Action]:
    """Derive the actions from the segments and the due dates; a group without members drops out.

    Parameters
    ----------
    base : Portfolio
        The placed customers.
    due : pd.DataFrame
        As from `due_dates`.
    discount_share : float
        The blanket discount that service replaces.
    what : str
        What the money is: "revenue", or "items bought", which know no discount.
    """
    overdue = due[due["overdue_days"] > 0]
    actions = [
        _win_back(overdue[overdue["segment"].isin(SILENT_SPENDERS)]),
        _keep(overdue[overdue["segment"].isin(BEST)]),
        _reward(_members(base, "Champions"), discount_share if what == "revenue" else 0.0),
        _grow(_members(base, *EMERGING)),
        _let_go(_members(base, "Lost")),
    ]
    return [action for action in actions if action.size]


def _win_back(members: pd.DataFrame) -> Action:
    template = (
        "Win back {size} {segment} {size:customer|customers} past their own date, in person and "
        "the largest first: worth {money:money} so far."
    )
    return Action(template, " and ".join(SILENT_SPENDERS), len(members), _money(members))


def _keep(members: pd.DataFrame) -> Action:
    template = (
        "Write now to {size} {segment} {size:customer|customers} past their own date, before they "
        "slip: worth {money:money} so far."
    )
    return Action(template, " and ".join(BEST), len(members), _money(members))


def _reward(members: pd.DataFrame, discount_share: float) -> Action:
    """Money is what the discount would have given away; without a discount, what they brought."""
    given_away = discount_share * _money(members)
    template = (
        "Reward {size} {segment} by service, not by price: {discount:share} off all they bought so "
        "far would have given away {money:money}."
        if given_away
        else "Reward {size} {segment} by service, not by price: worth {money:money} so far."
    )
    values = {"discount": discount_share}
    return Action(template, "Champions", len(members), given_away or _money(members), values)


def _grow(members: pd.DataFrame) -> Action:
    """Money is what one more order from every tenth customer would bring, at their mean order."""
    mean_order = _money(members) / max(int(members["frequency"].sum()), 1)
    template = (
        "Bring {size} {segment} {size:customer|customers} to their next order: one more from every "
        "tenth is worth {money:money}, at {mean_order:money} an order."
    )
    values = {"mean_order": mean_order}
    return Action(
        template, " and ".join(EMERGING), len(members), mean_order * len(members) / 10, values
    )


def _let_go(members: pd.DataFrame) -> Action:
    template = (
        "Send {size} {segment} {size:customer|customers} one last message, then save the budget: "
        "all they ever brought is {money:money}."
    )
    return Action(template, "Lost", len(members), _money(members))


def _members(base: Portfolio, *segments: str) -> pd.DataFrame:
    return base.customers[base.customers["segment"].isin(segments)]


def _money(members: pd.DataFrame) -> float:
    return float(members["monetary"].sum())
