"""Categories among the features of personas: region or channel, on one scale with numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import ibis
import numpy as np
import pandas as pd
from scipy.stats.contingency import association

from shared.analysis.column_words import plain
from shared.analysis.personas_base import PersonaBase, one_each
from shared.analysis.personas_behaviour import as_columns
from shared.analysis.personas_features import AS_ONE, KNOWN_SHARE, SAME_AS, SENSITIVE, Features
from shared.loading.errors import ConfigError

OTHER, LEAST_VALUE = "other", 0.05
SUPPLIED = ("customers", "customer_rfm", "responses")


def parse_categories(text: str, *, known: Sequence[str]) -> list[str]:
    """Read which categories a consultant wants to count.

    Parameters
    ----------
    text : str
        Names with ; between them; "" for none.
    known : sequence of str
        Columns of words that the client supplied of its customers.

    Raises
    ------
    ConfigError
        If a name is not known, or names an attribute of the person, such as gender.
    """
    names = [name.strip() for name in text.split(";") if name.strip()]
    for name in names:
        if name.lower() in SENSITIVE:
            raise ConfigError(
                "E-PARA-74", "categories", f"{name} is an attribute of the person",
                found=text, fix="leave it out: it makes no persona",
            )  # fmt: skip
        if name not in known:
            raise ConfigError(
                "E-PARA-73", "categories", f"{name!r} is no category of this client",
                found=text, fix=f"use names of: {'; '.join(sorted(known)) or '(there are none)'}",
            )  # fmt: skip
    return list(dict.fromkeys(names))


def with_categories(base: PersonaBase, tables: Mapping[str, ibis.Table], text: str) -> PersonaBase:
    """Add a column per value of each wanted category: 1 who has it, 0 who has not.

    Parameters
    ----------
    base : PersonaBase
        The customers.
    tables : mapping of str to ibis.Table
        Categories are the columns of words in `customers`, `customer_rfm` or `responses`; values
        that under 5 % have count together as "other".
    text : str
        As for `parse_categories`.

    Returns
    -------
    PersonaBase
        Blank in all columns of a category where it is not known.
    """
    if not text.strip():
        return base
    words = _words(tables)
    labels = dict(base.labels)
    customers: list[pd.DataFrame | pd.Series] = [base.customers]
    nominal: dict[str, dict[str, str]] = {}
    for name in parse_categories(text, known=[str(name) for name in words]):
        values = _pooled(words[name])
        nominal[name] = as_columns(f"{name}_is", sorted(values.dropna().unique()))
        own = values.reindex(base.customers.index)
        for column, value in nominal[name].items():
            customers.append((own == value).astype("float64").where(own.notna()).rename(column))
            labels[column] = (f"{plain(name)}: {value}", "share")
    return replace(base, customers=pd.concat(customers, axis=1), labels=labels, nominal=nominal)


def add_categories(
    features: Features, customers: pd.DataFrame, nominal: Mapping[str, Mapping[str, str]]
) -> Features:
    """Put categories beside numbers, each with the weight of one of these; see `mixed_scale`.

    Left out are categories that are known for under 80 % of the customers, in which fewer than two
    values are had by 5 %, and those that say the same as a number or another category (correlation
    ratio or Cramér's V beyond 0.8). Who has none known stands in the middle.

    Parameters
    ----------
    features : Features
        The numbers.
    customers : pd.DataFrame
        The same rows, with the columns of the categories.
    nominal : mapping of str to mapping
        Column to value, by category.
    """
    for name, columns in nominal.items():
        table = customers[list(columns)]
        table = table.loc[:, table.sum() > 0]
        why = _unusable(table) or _repeated(table, features)
        if why:
            row = pd.DataFrame([{"feature": name, "why": why}])
            left_out = pd.concat([features.left_out, row], ignore_index=True)
            features = replace(features, left_out=left_out)
            continue
        added = list(table.columns)
        features = replace(
            features,
            values=features.values.join(table.fillna(0.0)),
            points=np.column_stack([features.points, mixed_scale(table)]),
            scales=features.scales | dict.fromkeys(added, "category"),
            filled=features.filled | {name: int(table[added[0]].isna().sum())},
            categories=features.categories | {name: added},
        )
    return features


def mixed_scale(indicators: pd.DataFrame) -> np.ndarray:
    """Scale the columns of one category as factor analysis of mixed data does.

    The column of a value that a share p of the customers have is divided by the root of p: the
    distance of two values is that of chi-square. All columns are divided by the root of their
    number less one, so that the category varies as much as one standardised number, however many
    values it has. Zeros and ones with plain Euclid do neither.

    Parameters
    ----------
    indicators : pd.DataFrame
        A column per value, 1 who has it, 0 who has not; blank rows become 0, the middle.

    References
    ----------
    Pagès (2004), *Analyse factorielle de données mixtes*; Escofier and Pagès (1994), *Multiple
    factor analysis*, for groups of columns of one weight.
    """
    share = indicators.mean().to_numpy()
    scaled = (indicators.to_numpy(dtype=float) - share) / np.sqrt(share * (len(share) - 1))
    return np.nan_to_num(scaled)


def by_value(rule: str, base: PersonaBase) -> str:
    """Write a rule on the columns of a category as one on its values, such as city = 'Cork'."""
    for name, columns in base.nominal.items():
        for column, value in columns.items():
            quoted = "'" + value.replace("'", "''") + "'"
            if value != OTHER:
                rule = rule.replace(f"{column} > 0", f"{name} = {quoted}")
                rule = rule.replace(f"{column} <= 0", f"{name} <> {quoted}")
    return rule


def _words(tables: Mapping[str, ibis.Table]) -> pd.DataFrame:
    """Give what is told of customers in words, from the first table that there is."""
    supplied = [tables[name] for name in SUPPLIED if name in tables]
    if not supplied:
        return pd.DataFrame()
    table = one_each(supplied[0].to_pandas())
    told = [c for c in table if pd.api.types.is_string_dtype(table[c].dropna())]
    return table[told].rename(columns=str)


def _pooled(values: pd.Series) -> pd.Series:
    """Keep the values that at least 5 % have; a single rare one would weigh as much as all."""
    known = values.where(values.notna() & (values != "")).astype("object")
    shares = known.value_counts(normalize=True)
    rare = shares.index[shares < LEAST_VALUE]
    return known.where(~known.isin(rare), OTHER)


def _unusable(table: pd.DataFrame) -> str:
    known = float(table.notna().all(axis=1).mean()) if len(table.columns) else 0.0
    if known < KNOWN_SHARE:
        return f"known for {known:.0%} of these customers"
    if (table.mean() >= LEAST_VALUE).sum() < 2:
        return "fewer than two of its values are had by 5%"
    return ""


def _repeated(table: pd.DataFrame, features: Features) -> str:
    own = table.idxmax(axis=1, skipna=True).where(table.notna().all(axis=1)).dropna()
    for name in features.numbers:
        place = features.names.index(name)
        numbers = pd.Series(features.points[:, place], features.values.index)[own.index]
        within = numbers - numbers.groupby(own).transform("mean")
        if 1 - within.var() / numbers.var() > AS_ONE**2:
            return f"{SAME_AS}{name}"
    for name, columns in features.categories.items():
        other = features.values.loc[own.index, columns].idxmax(axis=1)
        if association(pd.crosstab(own, other), method="cramer") > AS_ONE:
            return f"{SAME_AS}{name}"
    return ""
