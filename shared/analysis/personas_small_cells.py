"""Small cells of the page on personas: what could be told of fewer than ten customers is blank."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from shared.analysis.small_cells import FEWEST, withheld

OF_A_PERSONA = ("customers", "customer_share", "revenue", "revenue_share", "median_gap_days")
TOLD = ("mean", "mean_of_others", "effect", "low", "high")


def shown_personas(table: pd.DataFrame) -> pd.DataFrame:
    """Blank the size and money of small personas, and shares that stand for few on either side.

    Sizes and borders have known totals, so that one blank alone would be told by subtraction: the
    next smallest is blank with it.
    """
    whole = pd.Series(0, index=table.index)
    few = withheld(table["customers"], [whole])
    border = _few_on_a_side(table["customers"], table["border_share"], summed=True)
    channel = _few_on_a_side(table["customers"], table["channel_share"], summed=False)
    return table.assign(
        **{name: table[name].astype("float64").mask(few) for name in OF_A_PERSONA},
        border_share=table["border_share"].mask(few | border),
        channel_share=table["channel_share"].mask(few | channel),
    )


def shown_effects(effects: pd.DataFrame) -> pd.DataFrame:
    """Blank what fewer than ten held-out customers tell of a persona."""
    return _blanked(effects, effects["n"] < FEWEST, TOLD)


def shown_rules(rules: pd.DataFrame) -> pd.DataFrame:
    """Leave out rules that under ten customers meet, and blank the count that would tell them.

    What a rule asks tells of those who meet it, so that it goes with them; its twin in the same
    persona, and the smallest of all, keep the rest from being counted down to it.
    """
    counts = rules["customers"]
    hidden = withheld(counts, [rules["segment"], pd.Series(0, index=rules.index)])
    shown = _blanked(rules, hidden, ("customers", "customer_share", "held_out", "fidelity"))
    shown["fidelity"] = shown["fidelity"].where(rules["held_out"] >= FEWEST)
    return shown[counts >= FEWEST]


def shown_drift(drift: pd.DataFrame) -> pd.DataFrame:
    """Blank small groups of either date, and who stayed where few stayed or few went."""
    whole = pd.Series(0, index=drift.index)
    few = {when: withheld(drift[f"customers_{when}"], [whole]) for when in ("then", "now")}
    for when, hidden in few.items():
        drift = _blanked(drift, hidden, (f"customers_{when}", f"share_{when}"))
    stayed = _few_on_a_side(drift["followed"], drift["stayed"], summed=True)
    drift = _blanked(drift, stayed, ("stayed", "stayed_low", "stayed_high"))
    return _blanked(drift, withheld(drift["followed"], [whole]), ("followed",))


def _few_on_a_side(counts: pd.Series, shares: pd.Series, *, summed: bool) -> pd.Series:
    """Tell which shares stand for under ten, or leave under ten; of a known sum never one alone."""
    inside = (counts * shares).round()
    hidden = inside.between(1, FEWEST - 1) | (counts - inside).between(1, FEWEST - 1)
    rest = inside[~hidden].dropna()
    if summed and hidden.sum() == 1 and len(rest):
        hidden |= hidden.index == rest.idxmin()
    return hidden


def _blanked(table: pd.DataFrame, hidden: pd.Series, columns: Sequence[str]) -> pd.DataFrame:
    blank = {name: table[name].astype("float64").mask(hidden, np.nan) for name in columns}
    return table.assign(**blank)
