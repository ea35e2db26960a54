from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from planted_personas import base_of, gaussian, planted

from shared.analysis.personas import find_personas
from shared.analysis.personas_names import former_names, name_personas
from shared.analysis.personas_profiles import effect_sizes

ROWS = [(1, "discounted_lines", 2.0), (1, "units_per_line", 0.9), (2, "minutes_per_visit", 1.2),
        (2, "units_per_line", -3.0), (3, "minutes_per_visit", 0.9), (4, "units_per_line", -0.8),
        (5, "units_per_line", 0.2)]  # fmt: skip


def effects_of(rows):
    effects = pd.DataFrame(rows, columns=["persona", "feature", "effect"])
    return effects.assign(low=effects["effect"] - 0.1, high=effects["effect"] + 0.1)


@pytest.fixture(scope="module")
def base():
    return base_of(gaussian(np.random.default_rng(0), customers=60))


def test_names_say_what_they_do_and_two_of_one_name_also_what_they_do_not(base):
    assert name_personas(effects_of(ROWS), base, natural=True) == {
        1: "Discount buyers, bulk buyers",
        2: "Long browsers, single-piece buyers",
        3: "Long browsers",
        4: "Single-piece buyers",
        5: "Average customers",
    }
    bands = name_personas(effects_of(ROWS), base, natural=False)
    assert bands[1] == "Band 1: discount buyers, bulk buyers"


def test_a_column_that_nobody_put_into_words_is_quoted_and_one_with_words_is_not(base):
    rows = effects_of([(1, "NumWebVisitsMonth", 2.0), (2, "MntWines", -1.0), (3, "Income", 1.0)])
    worded = replace(base, labels={**base.labels, "MntWines": ("Spend on wine", "number")})

    assert name_personas(rows, worded, natural=True) == {
        1: "High “num web visits month”",
        2: "Low spend on wine",
        3: "High income",
    }


def test_a_name_stays_as_long_as_each_word_of_it_is_still_true(base):
    rows = [(1, "discounted_lines", 2.0), (1, "units_per_line", 0.3), (2, "units_per_line", 0.15)]

    def named(former):
        return name_personas(effects_of(rows), base, natural=True, former=former)

    assert named({})[1] == "Discount buyers"
    assert named({1: "Discount buyers, bulk buyers"})[1] == "Discount buyers, bulk buyers"
    assert named({1: "Bulk buyers (2)"})[1] == "Bulk buyers (2)"
    assert named({1: "Single-piece buyers"})[1] == "Discount buyers"
    assert named({2: "Bulk buyers"})[2] == "Average customers"  # 0.15 is no effect to speak of
    assert named({2: "Average customers"})[2] == "Average customers"


def test_a_kept_name_is_not_given_twice_and_a_band_keeps_its_number(base):
    kinds = name_personas(effects_of(ROWS), base, natural=True, former={3: "Long browsers"})
    assert (kinds[2], kinds[3]) == ("Long browsers, single-piece buyers", "Long browsers")
    two = name_personas(effects_of([*ROWS, (6, "minutes_per_visit", 0.9)]), base, natural=True,
                        former={6: "Long browsers"})  # fmt: skip
    assert (two[3], two[6]) == ("Long browsers (2)", "Long browsers")

    bands = name_personas(
        effects_of(ROWS), base, natural=False, former={3: "Band 1: long browsers"}
    )
    assert bands[3] == "Band 1: long browsers"
    assert bands[1] == "Band 2: discount buyers, bulk buyers"
    # What were bands are kinds now: the words stay, the number goes.
    kinds = name_personas(effects_of(ROWS), base, natural=True, former={3: "Band 1: long browsers"})
    assert kinds[3] == "Long browsers"
    bands = name_personas(effects_of(ROWS), base, natural=False, former={1: "Bulk buyers"})
    assert bands[1] == "Band 1: bulk buyers"


def test_former_names_go_by_the_customers_in_both_deliveries():
    before = pd.DataFrame({"customer_id": list("abcdef"), "persona": ["One"] * 3 + ["Two"] * 3})
    now = pd.Series([2, 2, 2, 1, 1, 3, 3], index=list("abcdefg"))

    assert former_names(before, now) == {2: "One", 1: "Two"}
    assert former_names(None, now) == {}


def named(values, ids, before=None):
    base = base_of(values)
    found = find_personas(base, k_max=4)
    placed = found.assignments
    effects = effect_sizes(found.features.values, found.features.points, placed["persona"],
                           ~placed["learnt"].to_numpy(bool))  # fmt: skip
    former = former_names(before, placed["persona"].set_axis(ids))
    names = name_personas(effects, base, natural=found.natural, former=former)
    return pd.DataFrame({"customer_id": ids, "persona": placed["persona"].map(names).to_numpy()})


def test_the_next_delivery_has_the_same_names_for_the_same_customers():
    """Shuffled rows, and one in a hundred more customers: names stay with their customers."""
    rng = np.random.default_rng(4)
    values, _ = planted(np.random.default_rng(1), customers=600)
    ids = np.array([f"c{number:04d}" for number in range(600)])
    first = named(values, ids)
    order = rng.permutation(600)
    later = np.vstack([values[order], values[::100] + rng.normal(size=(6, 8))])

    second = named(later, [*ids[order], *(f"new{number}" for number in range(6))], before=first)

    both = first.merge(second, on="customer_id")
    assert len(both) == 600
    assert (both["persona_x"] == both["persona_y"]).mean() > 0.99
    assert set(second["persona"]) == set(first["persona"])
