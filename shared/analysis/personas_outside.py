"""What took no part in making personas: content, attributes, and where customers stood before."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
from scipy.stats import kruskal

from shared.analysis.intervals import Estimate, wilson
from shared.analysis.multiple_testing import Finding, false_discovery_q, reading
from shared.analysis.personas import Personas
from shared.analysis.personas_base import PersonaBase
from shared.analysis.personas_profiles import SMALLEST
from shared.loading.errors import NotSupportedByData

MONTHS_BACK_DAYS = 182
NO_ATTRIBUTES = (
    "the client supplied no attributes of its customers beside their behaviour",
    "numbers in the table customers, such as answers to a survey",
)


def compare_personas(
    values: pd.DataFrame, personas: pd.Series, *, names: dict[int, str]
) -> pd.DataFrame:
    """Test whether columns that made no persona differ between personas all the same.

    Parameters
    ----------
    values : pd.DataFrame
        Index `customer_id`, a column per measure; blank where unknown.
    personas : pd.Series
        The persona (number) of each placed customer, on the same index.
    names : dict of int to str
        What the personas are called.

    Returns
    -------
    pd.DataFrame
        A row per measure, the strongest first: `measure`, `known` (placed customers), `explained`
        (share of the variance of ranks between personas, epsilon squared), `q` (Kruskal and
        Wallis, Benjamini-Hochberg over all measures), `reading`, and one column per name with the
        mean; blank where fewer than 10 are known.

    References
    ----------
    Kruskal and Wallis (1952), *Use of ranks in one-criterion variance analysis*.
    """
    rows = []
    for column in values.columns:
        known = values[column].reindex(personas.index).dropna()
        groups = known.groupby(personas.reindex(known.index))
        large = [group.to_numpy() for _number, group in groups if len(group) >= SMALLEST]
        statistic, p = np.nan, np.nan
        if len(large) > 1 and known.nunique() > 1:
            statistic, p = kruskal(*large)
        n = sum(map(len, large))
        spread = max((statistic - len(large) + 1) / (n - len(large)), 0.0) if n else np.nan
        means = {
            name: float(groups.get_group(number).sort_values().mean())
            if number in groups.groups and len(groups.get_group(number)) >= SMALLEST
            else np.nan
            for number, name in names.items()
        }
        rows.append({"measure": column, "known": n, "explained": spread, "p": p, **means})
    columns = ["measure", "known", "explained", "p", *names.values()]
    table = pd.DataFrame(rows, columns=columns)
    q = false_discovery_q(table["p"].to_numpy(dtype=float))
    table.insert(3, "q", q)
    table.insert(4, "reading", [reading(value).value for value in q])
    table = table.drop(columns="p").sort_values(
        ["explained", "measure"], ascending=[False, True], kind="stable"
    )
    return table.reset_index(drop=True)


def attributes_compared(
    base: PersonaBase, found: Personas, *, names: dict[int, str]
) -> pd.DataFrame:
    """Compare what the client tells about its customers, which took no part in the personas.

    Raises
    ------
    NotSupportedByData
        If there are no such attributes, or fewer than 50 placed customers have one.
    """
    outside = base.attributes.drop(columns=found.features.names, errors="ignore")
    placed = outside.reindex(found.assignments.index)
    enough = [column for column in placed if placed[column].notna().sum() >= 50]
    if not enough:
        raise NotSupportedByData(*NO_ATTRIBUTES)
    return compare_personas(placed[enough], found.assignments["persona"], names=names)


def content_compared(base: PersonaBase, found: Personas, *, names: dict[int, str]) -> pd.DataFrame:
    """Compare what the personas buy, which took no part in making them.

    Raises
    ------
    NotSupportedByData
        If no category of the products is known, or categories made the personas.
    """
    outside = [c for c in base.categories if c not in found.features.names]
    if not outside:
        raise NotSupportedByData(
            "no category of the products bought is known", "the category of each product"
        )
    values = base.customers.loc[found.assignments.index, outside]
    return compare_personas(values, found.assignments["persona"], names=names)


def by_rules(values: pd.DataFrame, rules: pd.DataFrame) -> pd.Series:
    """Place customers by the bounds of `tree_rules`; blank where a value is not known."""
    placed = pd.Series(None, index=values.index, dtype=object)
    for rule in rules.to_dict("records"):
        meets = np.ones(len(values), dtype=bool)
        for column in values.columns:
            low, high = rule[f"{column}_above"], rule[f"{column}_up_to"]
            # A rule with few features in it does not need the others to be known.
            if not np.isnan(low):
                meets &= (values[column] > low).to_numpy()
            if not np.isnan(high):
                meets &= (values[column] <= high).to_numpy()
        placed[meets] = rule["segment"]
    return placed


def persona_drift(
    then: PersonaBase, now: PersonaBase, rules: pd.DataFrame, features: list[str]
) -> pd.DataFrame:
    """Follow who met which rule then and now, by the same rules in the client's units.

    Parameters
    ----------
    then, now : PersonaBase
        The customers as of two dates.
    rules : pd.DataFrame
        As from `persona_rules`.
    features : list of str
        Those that the rules can ask for.

    Returns
    -------
    pd.DataFrame
        A row per persona: `name`, `customers_then`, `share_then`, `customers_now`, `share_now`,
        and of those placed at both dates `followed` and `stayed` with `stayed_low`, `stayed_high`
        (Wilson, 95 %).

    Raises
    ------
    NotSupportedByData
        If under 50 customers could be placed then.
    """
    missing = [name for name in features if name not in then.customers]
    if missing:
        raise NotSupportedByData(
            f"{len(missing)} of the features were not known then", "a longer history"
        )
    old, new = (
        by_rules(base.customers.loc[base.eligible.to_numpy(), features], rules).dropna()
        for base in (then, now)
    )
    if len(old) < 50:
        raise NotSupportedByData(
            f"{len(old)} customers could be placed half a year earlier", "at least 50 of them"
        )
    both = old.index.intersection(new.index)
    rows = []
    for name in sorted(rules["segment"].unique()):
        before = old.loc[both] == name
        kept = int((before & (new.loc[both] == name)).sum())
        stayed: Estimate = wilson(kept, int(before.sum()), of="customers")
        rows.append(
            {"name": name,
             "customers_then": int((old == name).sum()), "share_then": float((old == name).mean()),
             "customers_now": int((new == name).sum()), "share_now": float((new == name).mean()),
             "followed": int(before.sum()), "stayed": stayed.value, "stayed_low": stayed.low,
             "stayed_high": stayed.high}
        )  # fmt: skip
    return pd.DataFrame(rows)


def half_a_year_before(day: date) -> date:
    """Give the date to look back to."""
    return day - timedelta(days=MONTHS_BACK_DAYS)


def differs(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the measures that differ between personas beyond chance."""
    return table[table["reading"] == Finding.DIFFERS.value]
