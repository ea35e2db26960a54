from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from planted_personas import base_of, planted

from shared.analysis.personas import find_personas
from shared.analysis.personas_outside import by_rules, compare_personas
from shared.analysis.personas_profiles import (
    effect_sizes,
    examples,
    persona_rules,
    persona_table,
)

TRIED = 5


def effects_of(frame, personas, held_out=None):
    points = frame.to_numpy(dtype=float)
    held = np.ones(len(frame), dtype=bool) if held_out is None else held_out
    return effect_sizes(frame, points, pd.Series(personas), held)


def test_effect_is_cohens_d_by_hand():
    """Two groups, 1 2 3 and 5 6 7: means 2 and 6, both of deviation 1, so d is -4."""
    got = effects_of(pd.DataFrame({"x": [1.0, 2, 3, 5, 6, 7]}), [1, 1, 1, 2, 2, 2])

    row = got[got["persona"] == 1].iloc[0]
    assert (row["n"], row["mean"], row["mean_of_others"], row["effect"]) == (3, 2, 6, -4)
    half = 1.959964 * np.sqrt(6 / 9 + 16 / 12)
    assert (row["low"], row["high"]) == pytest.approx((-4 - half, -4 + half), rel=1e-6)


def test_only_held_out_customers_tell():
    frame = pd.DataFrame({"x": [0.0, 0.1, 9, 9.1, 1.0, 1.2, 1.1, 1.3]})
    held = np.array([False] * 4 + [True] * 4)

    got = effects_of(frame, [1, 1, 2, 2] * 2, held)

    assert got["n"].tolist() == [2, 2]
    assert got["mean"].max() < 2


def test_noise_shows_no_effect_on_the_half_that_did_not_make_the_groups():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(2000, 3)), columns=["a", "b", "c"])

    got = effects_of(frame, rng.integers(1, 4, 2000))

    assert got["effect"].abs().max() < 0.2


@pytest.fixture(scope="module")
def four():
    values, _ = planted(np.random.default_rng(1), customers=600)
    base = base_of(values, money=np.random.default_rng(2).gamma(2, 50, len(values)))
    found = find_personas(base, k_max=TRIED)
    return base, found, {n: f"kind {n}" for n in range(1, found.clusters + 1)}


def test_customers_and_revenue_sum_to_all(four):
    base, found, names = four
    seldom = base.eligible.copy()
    seldom.iloc[:100] = False
    part = replace(base, eligible=seldom, least_orders=3)
    placed = replace(found, assignments=found.assignments[100:])
    table = persona_table(part, placed, names)

    assert table["customers"].sum() == len(base.customers)
    assert table["revenue"].sum() == pytest.approx(base.money.sum(), abs=0.01)
    assert table["revenue_share"].sum() == pytest.approx(1)
    assert table.iloc[-1]["name"] == "Fewer than 3 orders"
    assert pd.isna(table.iloc[-1]["persona"])
    assert persona_table(base, found, names)["persona"].notna().all()


def test_the_rules_reproduce_planted_kinds_on_held_out_customers(four):
    base, found, names = four
    rules, fidelity = persona_rules(base, found, names)

    assert fidelity.value >= 0.85
    placed = by_rules(found.features.values, rules)
    assert placed.notna().all()
    same = (placed == found.assignments["persona"].map(names)).mean()
    assert same == pytest.approx(fidelity.value, abs=0.05)


def test_a_rule_leaves_out_whoever_it_cannot_judge():
    rules = pd.DataFrame({"segment": ["low", "high"], "x_above": [np.nan, 2.0],
                          "x_up_to": [2.0, np.nan]})  # fmt: skip

    placed = by_rules(pd.DataFrame({"x": [1.0, 2.0, 3.0, np.nan]}), rules)

    assert placed.dropna().tolist() == ["low", "low", "high"]
    assert placed.isna().tolist() == [False, False, False, True]


def test_examples_lie_in_the_middle_and_name_nobody(four):
    base, found, names = four
    got = examples(found, names)

    assert got["persona"].tolist() == list(names)
    assert not set(got.astype(str).to_numpy().ravel()) & set(base.customers.index)
    for row in got.to_dict("records"):
        mine = found.features.values[(found.assignments["persona"] == row["persona"]).to_numpy()]
        away = np.abs(pd.Series(row)[mine.columns].astype(float) - mine.median()) / mine.std()
        assert away.max() < 1.5


def test_what_took_no_part_is_tested_and_noise_is_called_none():
    rng = np.random.default_rng(3)
    personas = pd.Series(rng.integers(1, 4, 900))
    values = pd.DataFrame({
        "planted": personas + rng.normal(size=900),
        "noise": rng.normal(size=900),
        "rare": np.where(np.arange(900) < 12, 1.0, np.nan),
    })  # fmt: skip

    got = compare_personas(values, personas, names={1: "one", 2: "two", 3: "three"})

    by = got.set_index("measure")
    assert by.at["planted", "reading"] == "differs"
    assert by.at["noise", "reading"] == "no difference found"
    assert by.at["rare", "reading"] == "too few customers"
    assert by.loc["rare", ["one", "two", "three"]].isna().all()
    assert by.at["planted", "explained"] == pytest.approx(0.4, abs=0.1)
    assert by.loc["planted", ["one", "two", "three"]].is_monotonic_increasing
