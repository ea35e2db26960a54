"""What the page answers about tiers and ranks: templates and values."""

from shared.analysis.intervals import Estimate
from shared.analysis.lifetime_ranks import IDLE_UP, LEADERS, leaders_kept
from shared.analysis.lifetime_value import LifetimeStudy
from shared.analysis.verdicts import Reason

Said = tuple[Reason, Reason]


def tiers(study: LifetimeStudy) -> Said:
    """Answer: how is lifetime value distributed, in which tiers?"""
    table = study.outlook.tiers
    top, low = table.iloc[0], table.iloc[-1]
    values: dict[str, object] = {
        "held": Estimate(top["value_share"], top["low"], top["high"], len(study.summary), "share",
                         of="customers"),
        "share": float(top["customer_share"]), "n": int(top["customers"]),
        "mean": float(top["mean_value"]), "rest": float(low["customer_share"]),
        "least": float(low["value_share"]), "from_value": float(top["lowest_value"]),
    }  # fmt: skip
    return (
        Reason(
            "The top {share:share.0} of customers hold {held} of the value to come, the lowest "
            "{rest:share.0} hold {least:share}",
            values,
        ),
        Reason(
            "Bars of customers by value to come, coloured by tier: the top tier counts {n:count} "
            "customers and begins at {from_value:money}.",
            values,
        ),
    )


def ranks(study: LifetimeStudy) -> Said:
    """Answer: who leads by future instead of present value, who moves up, who down?"""
    ahead = study.outlook
    moves = ahead.moves.set_index("move")["customers"]
    values: dict[str, object] = {
        "kept": leaders_kept(ahead.customers), "leaders": LEADERS, "up": int(moves["up"]),
        "down": int(moves["down"]), "same": int(moves["same fifth"]),
        "idle": int(moves[IDLE_UP]),
    }  # fmt: skip
    return (
        Reason(
            "{kept} of the leading {leaders:share} by past value also lead by future value; "
            "{up:count} customers move up a fifth or more, {down:count} move down",
            values,
        ),
        Reason(
            "Matrix of customers by fifth of past value and fifth of future value: {same:count} "
            "keep their fifth, {up:count} rise, {down:count} fall, {idle:count} rise but are idle.",
            values,
        ),
    )


def who_moves(study: LifetimeStudy) -> Reason:
    """Say what those who move up and those who move down are like."""
    moves = study.outlook.moves.set_index("move")
    up, down = moves.loc["up"], moves.loc["down"]
    template = (
        "Those who move up ordered {up_days:days} ago in the middle and have {up_past:money} "
        "behind them; those who move down have been silent for {down_days:days} and once brought "
        "{down_past:money} each."
    )
    idle = int(moves["customers"].loc[IDLE_UP])
    if idle:
        template += (
            " Left out of those who move up {idle:is|are} {idle:count} idle "
            "{idle:customer|customers}: a fifth more among values near zero is no rise."
        )
    return Reason(
        template + " The file customers.csv ranks everybody both ways.",
        {"up_days": up["recency_days"], "up_past": up["mean_past_value"],
         "down_days": down["recency_days"], "down_past": down["mean_past_value"], "idle": idle},
    )  # fmt: skip
