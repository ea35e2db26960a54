"""Names of personas: what sets each apart, and the name it had before where that still holds."""

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import combinations, count

import numpy as np
import pandas as pd

from shared.analysis.column_words import lower_first, plain
from shared.analysis.matched_groups import match_groups
from shared.analysis.personas_base import PersonaBase

# Standard deviations: a medium effect makes a word of a name, a small one keeps it (Cohen, 1988).
TELLING, STILL_TRUE, IN_NAME = 0.5, 0.2, 2
AVERAGE = "Average customers"
# What a buyer is called who has much of something, and who has little of it.
CALLED = {
    "discounted_lines": ("Discount buyers", "Full-price buyers"),
    "refunded_lines": ("Frequent returners", "Rare returners"),
    "units_per_line": ("Bulk buyers", "Single-piece buyers"),
    "products_per_order": ("Full baskets", "Small baskets"),
    "visits_per_month": ("Frequent visitors", "Rare visitors"),
    "minutes_per_visit": ("Long browsers", "Quick visitors"),
    "recency_days": ("Long silent", "Lately active"),
    "frequency": ("Frequent buyers", "Rare buyers"),
    "monetary": ("High spenders", "Low spenders"),
    "mean_spend": ("Large orders", "Small orders"),
}


def name_personas(
    effects: pd.DataFrame,
    base: PersonaBase,
    *,
    natural: bool,
    former: Mapping[int, str] | None = None,
) -> dict[int, str]:
    """Name each persona by the two features that set it furthest apart; a band gets its number.

    What they do names them; what they do not do only where nothing else does, or where two would
    have one name. Features stand in a fixed order, so that two effects of almost one size do not
    swap the words.

    Parameters
    ----------
    effects : pd.DataFrame
        As from `effect_sizes`.
    base : PersonaBase
        For the words of the features.
    natural : bool
        Whether they are types; if not they are bands.
    former : mapping of int to str, optional
        The name that a persona had in the delivery before, as from `former_names`. It stays as
        long as each of its words is still true (an effect of at least 0.2 beyond chance); of a
        type that is a band now, or the other way round, the words stay.
    """
    rows = {int(str(persona)): mine for persona, mine in effects.groupby("persona")}
    words = {
        number: _still_true(name, rows[number], base)
        for number, name in (former or {}).items()
        if number in rows
    }
    kept = {n: name for n, name in (former or {}).items()
            if words.get(n) and natural != name.startswith("Band ")}  # fmt: skip
    free = (n for n in count(1) if not any(name.startswith(f"Band {n}:") for name in kept.values()))
    told = {number: _telling(mine, TELLING).head(IN_NAME) for number, mine in rows.items()}
    plain = {number: _written(mine, base) for number, mine in told.items()}
    made = {}
    for number in sorted(rows.keys() - kept.keys()):
        name = words.get(number) or plain[number]
        if not words.get(number) and list(plain.values()).count(name) > 1:
            name = _written(_with_another(told[number], rows[number]), base)
        made[number] = name if natural else f"Band {next(free)}: {lower_first(name)}"
    return dict(sorted({**kept, **_unique(made, set(kept.values()))}.items()))


def former_names(before: pd.DataFrame | None, personas: pd.Series) -> dict[int, str]:
    """Find what the personas were called in the delivery before.

    Parameters
    ----------
    before : pd.DataFrame or None
        The assignments delivered then: `customer_id` and `persona`, blank where not placed.
    personas : pd.Series
        The number of each customer's persona now, index `customer_id`.

    Returns
    -------
    dict of int to str
        Of those that are a persona of then, see `match_groups`.
    """
    if before is None:
        return {}
    then = before.drop_duplicates("customer_id").set_index("customer_id")["persona"]
    now = personas.map(str).set_axis(personas.index.map(str))
    return {int(number): name for number, name in match_groups(then, now).items()}


def _telling(effects: pd.DataFrame, least: float) -> pd.DataFrame:
    """Give the features that set a persona apart, the most telling first."""
    sure = _sure(effects, least)
    more = sure[sure["effect"] > 0]
    return more if len(more) else sure


def _with_another(told: pd.DataFrame, effects: pd.DataFrame) -> pd.DataFrame:
    """Add the most telling feature that is not in a name yet, whether they have more or less."""
    rest = _sure(effects, TELLING).drop(index=told.index)
    return pd.concat([told, rest.head(1)])


def _sure(effects: pd.DataFrame, least: float) -> pd.DataFrame:
    """Give the effects of a size that are beyond chance, the largest first."""
    sure = effects[(effects["effect"].abs() >= least) & (effects["low"] * effects["high"] > 0)]
    return sure.sort_values("effect", key=np.abs, ascending=False, kind="stable")


def _written(told: pd.DataFrame, base: PersonaBase) -> str:
    """Join the words for some features, in the order of the features."""
    words = [
        _called(str(row["feature"]), base, more=bool(row["effect"] > 0))
        for row in told.sort_index(kind="stable").to_dict("records")
    ]
    return ", ".join([*words[:1], *(lower_first(word) for word in words[1:])]) or AVERAGE


def _still_true(name: str, effects: pd.DataFrame, base: PersonaBase) -> str:
    """Give the words of a former name if they could still be made of what is true; else ""."""
    said = re.sub(r"^Band \d+: | \(\d+\)$", "", name)
    could = (words for words in _possible(effects, base) if said in (words, lower_first(words)))
    return next(could, "")


def _possible(effects: pd.DataFrame, base: PersonaBase) -> Iterator[str]:
    """Give every name that would be true of a persona."""
    sure = _sure(effects, STILL_TRUE)
    if _telling(effects, TELLING).empty:
        yield AVERAGE
    for size in range(1, IN_NAME + 2):
        for chosen in combinations(sure.index, size):
            yield _written(sure.loc[list(chosen)], base)


def _called(feature: str, base: PersonaBase, *, more: bool) -> str:
    for columns in base.nominal.values():
        if feature in columns:
            return f"Mostly {columns[feature]}" if more else f"Hardly any {columns[feature]}"
    if feature in CALLED:
        return CALLED[feature][0 if more else 1]
    label = base.label(feature)
    if label.startswith("Bought by "):
        channel = label.removeprefix("Bought by ")
        return f"{channel} buyers" if more else f"Hardly any {channel}"
    much = "High" if more else "Low"
    if label == plain(feature) and " " in label:
        # A column's own name, which nobody put into words: quoted, as its words may be no phrase.
        return f"{much} “{lower_first(label)}”"
    return f"{much} {lower_first(label)}"


def _unique(names: dict[int, str], taken: Collection[str]) -> dict[int, str]:
    """Tell personas of one name apart by a number, the larger one first."""
    used = set(taken)
    made = {}
    for number, name in sorted(names.items()):
        further = (f"{name} ({more})" for more in count(2))
        made[number] = name if name not in used else next(n for n in further if n not in used)
        used.add(made[number])
    return made
