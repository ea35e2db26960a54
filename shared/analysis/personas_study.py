"""The persona study: everything one page tells about types of customers, computed once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import ibis
import pandas as pd

from shared.analysis.intervals import Estimate
from shared.analysis.personas import Personas, find_personas, personas_verdict
from shared.analysis.personas_base import PersonaBase, persona_base, relabelled
from shared.analysis.personas_categories import with_categories
from shared.analysis.personas_mood import customer_mood, mood_of_personas
from shared.analysis.personas_names import former_names, name_personas
from shared.analysis.personas_outside import (
    attributes_compared,
    content_compared,
    half_a_year_before,
    persona_drift,
)
from shared.analysis.personas_profiles import (
    DESCRIBED,
    effect_sizes,
    examples,
    persona_rules,
    persona_table,
)
from shared.analysis.personas_small_cells import shown_effects, shown_personas, shown_rules
from shared.analysis.study_parts import Frame, or_none, part
from shared.analysis.verdicts import Verdict
from shared.loading.errors import NotSupportedByData


@dataclass(frozen=True)
class PersonaStudy:
    """All results of one page; what the data cannot answer holds the reason instead.

    Attributes
    ----------
    base, found : PersonaBase, Personas
        The customers, and the groups among them.
    names : dict of int to str
        What the personas are called, the largest first.
    former : dict of int to str
        What those that were a persona in the delivery before were called there.
    verdict : Verdict
        How far the page can be trusted.
    table, effects, examples, rules : pd.DataFrame
        As from `persona_table`, `effect_sizes`, `examples` and `persona_rules`; what could be told
        of fewer than ten customers is blank, see `personas_small_cells`.
    fidelity : Estimate
        Share of held-out customers whom the rules put into their own persona.
    content, attributes, mood, drift : pd.DataFrame or NotSupportedByData
        As from `content_compared`, `attributes_compared`, `mood_of_personas` and `persona_drift`.
    """

    base: PersonaBase
    found: Personas
    names: dict[int, str]
    former: dict[int, str]
    verdict: Verdict
    table: pd.DataFrame
    effects: pd.DataFrame
    examples: pd.DataFrame
    rules: pd.DataFrame
    fidelity: Estimate
    content: Frame
    attributes: Frame
    mood: Frame
    drift: Frame

    @property
    def placed(self) -> pd.DataFrame:
        """The rows of the personas, without those who ordered too seldom."""
        return self.table[self.table["persona"].notna()]

    @property
    def described(self) -> bool:
        """Whether the rules describe the personas: at least 85 % of held-out customers."""
        return self.fidelity.value >= DESCRIBED

    @property
    def has_mood(self) -> bool:
        """Whether enough of the customers wrote reviews to tell the moods of two personas."""
        return isinstance(self.mood, pd.DataFrame)

    @property
    def noun(self) -> str:
        """What one of the groups is: a persona, or a band where there are no natural types."""
        return "persona" if self.found.natural else "band"


def study_personas(
    tables: Mapping[str, ibis.Table],
    *,
    snapshot_date: date,
    least_orders: int = 3,
    features: str = "",
    labels: str = "",
    categories: str = "",
    k_min: int = 2,
    k_max: int = 8,
    placebo: bool = False,
    seed: int = 0,
    before: pd.DataFrame | None = None,
) -> PersonaStudy:
    """Compute everything that the page on personas says.

    Parameters
    ----------
    tables : mapping of str to ibis.Table
        As for `persona_base`.
    snapshot_date : datetime.date
        As of when.
    least_orders : int
        Who ordered less often is not placed.
    features, k_min, k_max, placebo, seed
        As for `find_personas`.
    labels, categories : str
        As for `relabelled` and `with_categories`.
    before : pd.DataFrame, optional
        The assignments of the delivery before, whose names stay where they are still true.

    Raises
    ------
    NotSupportedByData
        As `find_personas` does.
    """
    mood = part(customer_mood, tables.get("reviews"), snapshot_date=snapshot_date)
    base = persona_base(
        tables, snapshot_date=snapshot_date, least_orders=least_orders, sentiment=or_none(mood)
    )
    base = relabelled(with_categories(base, tables, categories), labels)
    found = find_personas(
        base, features=features, k_min=k_min, k_max=k_max, placebo=placebo, seed=seed
    )
    chosen, assigned = found.features, found.assignments
    held_out = ~assigned["learnt"].to_numpy(dtype=bool)
    effects = effect_sizes(chosen.values, chosen.points, assigned["persona"], held_out)
    former = former_names(before, assigned["persona"])
    names = name_personas(effects, base, natural=found.natural, former=former)
    rules, fidelity = persona_rules(base, found, names, seed=seed)
    return PersonaStudy(
        base=base,
        found=found,
        names=names,
        former=former,
        verdict=personas_verdict(base, found),
        table=shown_personas(persona_table(base, found, names)),
        effects=shown_effects(effects),
        examples=examples(found, names),
        rules=shown_rules(rules),
        fidelity=fidelity,
        content=part(content_compared, base, found, names=names),
        attributes=part(attributes_compared, base, found, names=names),
        mood=part(mood_of_personas, mood, found, names=names),
        drift=part(
            _drift, base, tables, rules=rules, features=chosen.names,
            day=half_a_year_before(snapshot_date), least_orders=least_orders,
            categories=categories,
        ),
    )  # fmt: skip


def _drift(
    base: PersonaBase,
    tables: Mapping[str, ibis.Table],
    *,
    rules: pd.DataFrame,
    features: list[str],
    day: date,
    least_orders: int,
    categories: str,
) -> pd.DataFrame:
    if not base.least_orders:
        raise NotSupportedByData("one row per customer tells of one date only", "order lines")
    then = persona_base(tables, snapshot_date=day, least_orders=least_orders)
    return persona_drift(with_categories(then, tables, categories), base, rules, features)
