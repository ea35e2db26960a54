"""What personas are like: told from the half of the customers that did not make them."""

import numpy as np
import pandas as pd
from scipy.stats import norm

from shared.analysis.intervals import Estimate
from shared.analysis.personas import Personas, stability_reading
from shared.analysis.personas_base import PersonaBase
from shared.analysis.personas_categories import by_value
from shared.analysis.tree_rules import tree_rules

DEPTH, DESCRIBED = 4, 0.85
SMALLEST = 10  # customers; of fewer nothing is told that could be one person


def effect_sizes(
    values: pd.DataFrame, points: np.ndarray, personas: pd.Series, held_out: np.ndarray
) -> pd.DataFrame:
    """Compare each persona with all others, feature by feature, on held-out customers.

    Parameters
    ----------
    values : pd.DataFrame
        A column per feature in the client's units, one row per customer.
    points : numpy.ndarray
        The same on the scales of the distance.
    personas : pd.Series
        The persona of each row.
    held_out : numpy.ndarray of bool
        Rows that took no part in making the personas.

    Returns
    -------
    pd.DataFrame
        A row per persona and feature: `persona`, `feature`, `n`, `mean`, `mean_of_others` (client's
        units), `effect` (Cohen's d on the scale of the distance), `low`, `high` (95 %). No
        p-values: the personas were made to differ in these features. Blank with under two rows.

    References
    ----------
    Cohen (1988), *Statistical power analysis*; Hedges and Olkin (1985) for the interval.
    """
    named = np.sort(personas.unique())
    mine = personas.to_numpy()[held_out]
    scaled, plain = points[held_out], values.to_numpy(dtype=float)[held_out]
    rows = []
    for persona in named:
        inside = mine == persona
        n, m = int(inside.sum()), int((~inside).sum())
        for column, feature in enumerate(values.columns):
            effect, error = _cohen(scaled[inside, column], scaled[~inside, column])
            half = float(norm.ppf(0.975)) * error
            rows.append({
                "persona": persona, "feature": str(feature), "n": n,
                "mean": float(plain[inside, column].mean()) if n else np.nan,
                "mean_of_others": float(plain[~inside, column].mean()) if m else np.nan,
                "effect": effect, "low": effect - half, "high": effect + half,
            })  # fmt: skip
    return pd.DataFrame(rows)


def persona_table(base: PersonaBase, found: Personas, names: dict[int, str]) -> pd.DataFrame:
    """Sum the personas up, with those who ordered too seldom as the last row.

    Returns
    -------
    pd.DataFrame
        One row per persona: `persona` (number; blank in the last row), `name`, `customers`,
        `customer_share` (of all customers), `revenue`, `revenue_share`, `median_gap_days`,
        `main_channel`, `channel_share` (of the persona), `border_share`, `stability` and
        `stability_reading`. Customers and revenue sum to those of all customers.
    """
    persona = found.assignments["persona"].reindex(base.customers.index)
    rows = []
    for number, name in names.items():
        inside = (persona == number).to_numpy()
        border = found.assignments.loc[found.assignments["persona"] == number, "border"]
        jaccard = float(found.stability[number])
        rows.append(
            {"persona": number, "name": name, **_summed(base, inside),
             "border_share": float(border.mean()), "stability": jaccard,
             "stability_reading": stability_reading(jaccard)}
        )  # fmt: skip
    seldom = persona.isna().to_numpy()
    if seldom.any():
        few = f"Fewer than {base.least_orders} orders"
        rows.append({"persona": None, "name": few, **_summed(base, seldom)})
    return pd.DataFrame(rows).astype({"persona": "Int64"})


def persona_rules(
    base: PersonaBase, found: Personas, names: dict[int, str], *, seed: int = 0
) -> tuple[pd.DataFrame, Estimate]:
    """Learn rules of at most four questions that say who belongs where; see `tree_rules`."""
    points = found.features.points
    rows = np.lexsort(points.T[::-1])
    named = found.assignments["persona"].map(names)
    rules, fidelity = tree_rules(found.features.values, named, rows=rows, depth=DEPTH, seed=seed)
    return rules.assign(rule=[by_value(rule, base) for rule in rules["rule"]]), fidelity


def examples(found: Personas, names: dict[int, str]) -> pd.DataFrame:
    """Describe the customer nearest to the middle of each persona, without its id.

    Returns
    -------
    pd.DataFrame
        `persona`, `name`, then one column per feature used, in the client's units; no row for a
        persona of fewer than 10 customers.
    """
    points, personas = found.features.points, found.assignments["persona"].to_numpy()
    order = np.lexsort(points.T[::-1])
    rows = []
    for number, name in names.items():
        inside = order[personas[order] == number]
        if len(inside) < SMALLEST:
            continue
        middle = np.median(points[inside], axis=0)
        nearest = inside[((points[inside] - middle) ** 2).sum(axis=1).argmin()]
        rows.append({"persona": number, "name": name, **found.features.values.iloc[nearest]})
    return pd.DataFrame(rows, columns=["persona", "name", *found.features.names])


def _summed(base: PersonaBase, inside: np.ndarray) -> dict[str, object]:
    n = int(inside.sum())
    money = base.money.to_numpy(dtype=float) if base.money is not None else None
    gaps = base.gap_days[inside].dropna() if base.gap_days is not None else ()
    channel = base.channel[inside].dropna() if base.channel is not None else pd.Series(dtype=object)
    counts = channel.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    enough = n >= SMALLEST
    return {
        "customers": n,
        "customer_share": n / len(inside),
        "revenue": float(np.sort(money[inside]).sum()) if money is not None else np.nan,
        "revenue_share": (
            float(np.sort(money[inside]).sum() / (np.sort(money).sum() or np.nan))
            if money is not None else np.nan
        ),
        "median_gap_days": float(np.median(gaps)) if len(gaps) and enough else np.nan,
        "main_channel": counts.index[0] if len(counts) and enough else None,
        "channel_share": float(counts.iloc[0] / len(channel)) if len(counts) and enough else np.nan,
    }  # fmt: skip


def _cohen(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    n, m = len(one), len(other)
    if min(n, m) < 2:
        return np.nan, np.nan
    pooled = np.sqrt(((n - 1) * one.var(ddof=1) + (m - 1) * other.var(ddof=1)) / (n + m - 2))
    if not pooled > 0:
        return np.nan, np.nan
    effect = (np.sort(one).mean() - np.sort(other).mean()) / pooled
    return float(effect), float(np.sqrt((n + m) / (n * m) + effect**2 / (2 * (n + m))))
