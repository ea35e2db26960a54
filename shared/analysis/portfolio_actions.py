"""What to do with the portfolio: at most five actions, each with segment, size and money."""

from dataclasses import replace

import pandas as pd

from shared.analysis.actions import Action
from shared.analysis.portfolio import SILENT_SPENDERS, Portfolio
from shared.analysis.win_back import OWN_GAPS

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
    # Items bought carry their own unit: "1,200 items so far", never "items revenue so far".
    plain = [replace(a, money_is=a.money_is.removeprefix("revenue ")) for a in actions]
    return [a for a in (actions if what == "revenue" else plain) if a.size]


def _win_back(members: pd.DataFrame) -> Action:
    return _late(
        members,
        SILENT_SPENDERS,
        "Win back {size} {segment} {size:customer|customers} past {date}, in person and the "
        "largest first: worth {money:money} so far.",
    )


def _keep(members: pd.DataFrame) -> Action:
    return _late(
        members,
        BEST,
        "Write now to {size} {segment} {size:customer|customers} past {date}, before they slip: "
        "worth {money:money} so far.",
    )


def _late(overdue: pd.DataFrame, segments: tuple[str, ...], template: str) -> Action:
    """Count those with a rhythm of their own; the date of the others is that of their segment."""
    own = overdue[overdue["gaps"] >= OWN_GAPS]
    counted, others = (own, len(overdue) - len(own)) if len(own) else (overdue, 0)
    date = "their own date" if len(own) else "the usual pause of their segment"
    template = template.replace("{date}", date)
    if others:
        template += " {others} more {others:is|are} past the usual pause of their segment."
    return Action(
        template, " and ".join(segments), len(counted), _money(counted),
        {"others": others},
    )  # fmt: skip


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
    return Action(
        template, "Champions", len(members), given_away or _money(members), values,
        money_is="revenue a discount gives away" if given_away else "revenue so far",
    )  # fmt: skip


def _grow(members: pd.DataFrame) -> Action:
    """Money is what one more order from every tenth customer would bring, at their mean order."""
    mean_order = _money(members) / max(int(members["frequency"].sum()), 1)
    template = (
        "Bring {size} {segment} {size:customer|customers} to their next order: one more from every "
        "tenth is worth {money:money}, at {mean_order:money} an order."
    )
    values = {"mean_order": mean_order}
    return Action(
        template, " and ".join(EMERGING), len(members), mean_order * len(members) / 10, values,
        money_is="revenue if every tenth orders once more",
    )  # fmt: skip


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
