"""The four types of customers: what a model predicts, and what the data can bound."""

import numpy as np
import pandas as pd

from shared.analysis.uplift_effects import LEAST_IN_ARM, mean_effect, rates_of

PERSUADABLE, SURE, LOST, DOGS = "Persuadables", "Sure Things", "Lost Causes", "Sleeping Dogs"
TYPES = (PERSUADABLE, SURE, LOST, DOGS)
TO_DO = {PERSUADABLE: "target", SURE: "do not intervene", LOST: "leave", DOGS: "do not disturb"}


def type_bounds(with_it: float, without: float) -> pd.DataFrame:
    """Bound the shares of the four types from the response rates of both arms.

    Nobody is seen both with and without the campaign, so that the types can only be bounded.

    Parameters
    ----------
    with_it, without : float
        Response rates with and without the campaign.

    Returns
    -------
    pd.DataFrame
        Index of the four types, `low` and `high` shares of all customers.

    References
    ----------
    Tian, J. and Pearl, J. (2000). Probabilities of causation: bounds and identification.
    """
    y, x = with_it, without
    bounds = {
        PERSUADABLE: (max(0.0, y - x), min(y, 1 - x)),
        SURE: (max(0.0, y + x - 1), min(y, x)),
        LOST: (max(0.0, 1 - y - x), min(1 - y, 1 - x)),
        DOGS: (max(0.0, x - y), min(x, 1 - y)),
    }
    return pd.DataFrame(bounds, index=["low", "high"]).T.rename_axis("type")


def sampled_bounds(
    with_it: tuple[float, float, float], without: tuple[float, float, float]
) -> pd.DataFrame:
    """Give the bounds, and how far they reach if both rates are only known within intervals.

    Parameters
    ----------
    with_it, without : tuple of float
        Rate, lower and upper bound of each arm.

    Returns
    -------
    pd.DataFrame
        As `type_bounds`, with `outer_low` and `outer_high` over the corners of both intervals.
    """
    table = type_bounds(with_it[0], without[0])
    corners = [type_bounds(y, x) for y in with_it[1:] for x in without[1:]]
    return table.assign(
        outer_low=np.min([c["low"] for c in corners], axis=0),
        outer_high=np.max([c["high"] for c in corners], axis=0),
    )


def predicted_types(
    without: np.ndarray, with_it: np.ndarray, *, moved: float, likely: float
) -> np.ndarray:
    """Name the quadrant of each customer.

    Above the diagonal lie Persuadables, below it Sleeping Dogs; along it Sure Things where a
    response is likely anyway, and Lost Causes where it is not.

    Parameters
    ----------
    without, with_it : np.ndarray
        Predicted chances of a response.
    moved : float
        Change of the chance from which a customer counts as moved.
    likely : float
        Chance without the campaign from which a response counts as likely.
    """
    change = with_it - without
    moves = [change >= moved, change <= -moved, without >= likely]
    return np.select(moves, [PERSUADABLE, DOGS, SURE], LOST)


def quadrant_table(
    types: np.ndarray,
    treated: np.ndarray,
    outcome: np.ndarray,
    net: np.ndarray | None,
    *,
    bounds: pd.DataFrame,
    base: int,
) -> pd.DataFrame:
    """Measure each predicted quadrant on customers that the model has not seen.

    Parameters
    ----------
    types : np.ndarray
        As from `predicted_types`.
    treated, outcome : np.ndarray
        1 or 0 per customer.
    net : np.ndarray or None
        Money that each customer left after the cost of the contact; None where not known.
    bounds : pd.DataFrame
        As from `sampled_bounds`.
    base : int
        Customers that sizes are scaled to.

    Returns
    -------
    pd.DataFrame
        One row per quadrant: `type`, `to_do`, `customers` (predicted like that, of `base`),
        `share`, `treated`, `control`, `treated_rate`, `control_rate`, `uplift`, `low`, `high`;
        `types_low` and `types_high` (customers who can really be of the type); `money`,
        `money_low`, `money_high` (gained by contacting the quadrant's customers). Counts and rates
        are blank where an arm has fewer than 10.
    """
    rows = []
    for name in TYPES:
        inside = types == name
        share = float(inside.mean())
        row: dict[str, object] = {
            "type": name, "to_do": TO_DO[name], "customers": round(share * base), "share": share
        }  # fmt: skip
        one = rates_of(treated[inside], outcome[inside])
        enough = min(one["treated"], one["control"]) >= LEAST_IN_ARM
        figures = ("treated", "control", "treated_rate", "control_rate", "uplift", "low", "high")
        row |= {c: one[c] if enough else np.nan for c in figures}
        gain = _gain(inside, treated, net) if net is not None and enough else (np.nan,) * 3
        row |= {c: share * base * x for c, x in
                zip(("money", "money_low", "money_high"), gain, strict=True)}  # fmt: skip
        rows.append(row)
    table = pd.DataFrame(rows)
    at = bounds.reindex(table["type"])
    ranges = {f"types_{c}": np.round(base * at[c].to_numpy()) for c in ("low", "high")}
    shares = {c: at[c].to_numpy() for c in ("outer_low", "outer_high")}
    return table.assign(
        **ranges, bound_low=at["low"].to_numpy(), bound_high=at["high"].to_numpy(), **shares
    )


def _gain(inside: np.ndarray, treated: np.ndarray, net: np.ndarray) -> tuple[float, float, float]:
    arm = treated[inside] == 1
    effect, _p = mean_effect(net[inside][arm], net[inside][~arm])
    return effect.value, effect.low, effect.high
