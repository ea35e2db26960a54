"""Categories beside numbers: their scale by hand, planted mixed kinds, and noise in words."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from draws import DRAWS, FEW
from planted_personas import base_of, mixed, with_words
from sklearn.metrics import adjusted_rand_score

from shared.analysis.personas import find_personas
from shared.analysis.personas_categories import (
    add_categories,
    by_value,
    mixed_scale,
    parse_categories,
    with_categories,
)
from shared.analysis.personas_exhibits import exact_spec, rules
from shared.analysis.personas_features import choose_features, shuffled
from shared.analysis.personas_study import study_personas
from shared.loading.errors import ConfigError
from shared.plots.locales import Wording

TRIED = 4
REGIONS, CHANNELS = list("ABC"), list("WXYZ")


def test_two_values_stand_apart_by_the_distance_of_chi_square():
    """Of four customers two have A, one B, one C: A to B is 1/.5 + 1/.25 = 6, over K - 1 = 2."""
    indicators = pd.DataFrame({"A": [1.0, 1, 0, 0], "B": [0.0, 0, 1, 0], "C": [0.0, 0, 0, 1]})

    got = mixed_scale(indicators)

    assert ((got[0] - got[2]) ** 2).sum() == pytest.approx((1 / 0.5 + 1 / 0.25) / 2)
    assert ((got[2] - got[3]) ** 2).sum() == pytest.approx((1 / 0.25 + 1 / 0.25) / 2)
    # However many values: the weight of one standardised number.
    assert got.var(axis=0).sum() == pytest.approx(1)
    assert got.mean(axis=0) == pytest.approx([0, 0, 0])


def test_an_unknown_value_stands_in_the_middle():
    indicators = pd.DataFrame({"A": [1.0, 0, np.nan], "B": [0.0, 1, np.nan]})

    assert mixed_scale(indicators)[2].tolist() == [0, 0]


def test_planted_mixed_kinds_are_found_by_numbers_and_words_together():
    values, words, kind = mixed(np.random.default_rng(2), customers=700)
    base, tables = with_words(values, words)

    numbers = find_personas(base, k_max=TRIED)
    both = find_personas(with_categories(base, tables, "region;channel"), k_max=TRIED)

    assert not numbers.natural
    assert both.natural
    assert both.clusters == 3
    assert adjusted_rand_score(kind, both.assignments["persona"]) >= 0.9
    assert both.features.count == 6


def noise(seed):
    rng = np.random.default_rng(seed)
    words = {"region": rng.choice(REGIONS, 600),
             "channel": rng.choice(CHANNELS, 600, p=[0.4, 0.3, 0.2, 0.1])}  # fmt: skip
    base, tables = with_words(rng.normal(size=(600, 6)), words)
    return with_categories(base, tables, "region;channel")


def test_independent_categories_make_no_kinds():
    assert not find_personas(noise(0), k_max=TRIED).natural


@pytest.mark.slow
def test_independent_categories_make_no_kinds_in_19_of_20_draws():
    assert sum(find_personas(noise(seed), k_max=TRIED).natural for seed in range(DRAWS)) <= FEW


def words_of(values):
    base, tables = with_words(
        np.random.default_rng(0).normal(size=(len(values), 3)), {"city": values}
    )
    return with_categories(base, tables, "city")


def test_rare_values_count_together_and_blank_is_no_value():
    base = words_of(["Cork"] * 60 + ["Ulm"] * 36 + ["Rom", "Bern", "", None])

    assert base.nominal == {"city": {"city_is_cork": "Cork", "city_is_ulm": "Ulm",
                                     "city_is_other": "other"}}  # fmt: skip
    assert base.customers["city_is_other"].sum() == 2
    assert base.customers["city_is_cork"].isna().sum() == 2
    assert base.label("city_is_ulm") == "City: Ulm"


def test_a_category_that_says_nothing_of_its_own_is_left_out_and_said():
    rng = np.random.default_rng(1)
    size, region = rng.choice(["large", "small"], 400), rng.choice(["north", "south"], 400)
    words = {"alike": ["one"] * 390 + ["two"] * 10, "rare": ["a"] * 150 + ["b"] * 150 + [""] * 100,
             "size": size, "region": region, "again": region,
             "street": [f"street {n}" for n in range(400)]}  # fmt: skip
    values = rng.normal(size=(400, 2)) + np.outer(size == "large", [6, 0])
    base, tables = with_words(values, words)
    base = with_categories(base, tables, "alike;rare;size;region;again;street")

    numeric = choose_features(base.customers, wanted=["f0", "f1"])
    got = add_categories(numeric, base.customers, base.nominal)

    assert got.left_out.set_index("feature")["why"].to_dict() == {
        "alike": "fewer than two of its values are had by 5%",
        "rare": "known for 75% of these customers",
        "size": "says the same as f0",
        "again": "says the same as region",
        "street": "fewer than two of its values are had by 5%",
    }
    assert got.categories == {"region": ["region_is_north", "region_is_south"]}
    assert got.count == 3


def test_shuffling_keeps_the_columns_of_a_category_together():
    base = noise(1)
    got = add_categories(choose_features(base.customers, wanted=["f0", "f1"]), base.customers,
                         base.nominal)  # fmt: skip

    dealt = shuffled(got)

    for columns in got.categories.values():
        assert (dealt.values[columns].sum(axis=1) == 1).all()
        assert dealt.values[columns].sum().tolist() == got.values[columns].sum().tolist()
        assert dealt.values[columns].to_numpy().tolist() != got.values[columns].to_numpy().tolist()
    assert np.sort(dealt.points, axis=0) == pytest.approx(np.sort(got.points, axis=0))


def test_categories_are_named_by_the_client_and_never_of_the_person():
    assert parse_categories(" city; region ;city", known=["city", "region"]) == ["city", "region"]
    assert parse_categories("", known=[]) == []
    with pytest.raises(ConfigError, match="E-PARA-73"):
        parse_categories("town", known=["city"])
    with pytest.raises(ConfigError, match="E-PARA-74"):
        parse_categories("Gender", known=["Gender"])


def test_a_rule_asks_for_the_value_itself():
    base = base_of(np.zeros((3, 1)))
    cities = {"customer_id": base.customers.index, "city": ["O'Hara", "Ulm", "Ulm"]}
    tables = {"customers": ibis.memtable(pd.DataFrame(cities))}
    base = with_categories(base, tables, "city")

    said = by_value("city_is_ulm > 0 AND f0 > 2 AND city_is_o_hara <= 0", base)

    assert said == "city = 'Ulm' AND f0 > 2 AND city <> 'O''Hara'"


def test_the_page_names_and_rules_mixed_kinds():
    values, words, kind = mixed(np.random.default_rng(2), customers=700)
    table = pd.DataFrame(values, columns=[f"answer_{n}" for n in range(4)]).assign(**words)

    study = study_personas({"responses": ibis.memtable(table)}, snapshot_date=date(2024, 7, 1),
                           categories="region;channel", k_max=TRIED)  # fmt: skip

    assert study.found.natural
    assert any("ostly" in name for name in study.names.values())
    assert study.rules["rule"].str.contains("region = '").any()
    told = rules(study, write=Wording().format)[0]["told"]
    assert told.str.contains("Region: .*: (?:yes|no)").any()
    assert not told.str.contains("<=|_| AND ").any()
    assert adjusted_rand_score(kind, study.found.assignments["persona"]) >= 0.9


@pytest.mark.parametrize(("spec", "bound", "written"), [
    ("share", 0.419, "41.9%"), ("share", 0.0391, "3.91%"), ("number", 1.54, "1.54"),
    ("number", 10.1, "10.1"), ("count", 12.0, "12"), ("days", 30.5, "30.5 days"),
])  # fmt: skip
def test_a_bound_is_written_in_the_unit_of_the_page_with_all_its_digits(spec, bound, written):
    assert Wording().format(bound, exact_spec(spec, bound)) == written
