from dataclasses import replace

import numpy as np
import pytest
from planted_behaviour import KINDS, planted_baskets
from sklearn.metrics import adjusted_rand_score

from shared.analysis.behaviour_types import (
    BASKET,
    behaviour_types,
    types_columns,
    types_said,
)
from shared.loading.errors import NotSupportedByData
from shared.plots.locales import Wording
from shared.report.sentences import write


def said(reason):
    return str(write(reason.template, reason.values, Wording("en_GB", "EUR")))


@pytest.fixture(scope="module")
def planted():
    profile, kind = planted_baskets(1, kinds=list(KINDS))
    return profile, kind, behaviour_types(profile)


def test_four_planted_kinds_of_baskets_are_found(planted):
    _profile, kind, found = planted

    assert found.natural
    assert len(found.table) == 4
    assert adjusted_rand_score(kind, found.assignments["type"]) >= 0.85


@pytest.mark.parametrize("kind", KINDS)
def test_customers_of_one_kind_are_no_types(kind):
    # None of 12 seeds for any kind when it was measured.
    found = behaviour_types(planted_baskets(0, kinds=[kind], customers=600)[0])

    assert not found.natural
    assert said(types_said(found)[0]).startswith("No types of behaviour are found.")


def test_measures_that_have_nothing_to_do_with_each_other_are_no_types(planted):
    profile = planted[0]
    rng = np.random.default_rng(3)
    apart = profile.assign(
        **{name: rng.permutation(profile[name]) for name in profile.columns if name in BASKET}
    )

    assert not behaviour_types(apart).natural


def test_how_often_and_for_how_much_somebody_buys_makes_no_type(planted):
    profile, _kind, found = planted
    rich = profile.assign(frequency=profile["frequency"] * 10, monetary=np.arange(len(profile)))

    assert behaviour_types(rich).assignments.equals(found.assignments)


def test_the_order_of_rows_and_the_names_of_customers_change_nothing(planted):
    profile, _kind, found = planted
    shuffled = profile.sample(frac=1, random_state=0)
    renamed = shuffled.assign(customer_id="x" + shuffled["customer_id"])

    got = behaviour_types(renamed).assignments.set_index("customer_id")["type"]

    # The types are equally large, which leaves open which of them is called the first.
    want = found.assignments.set_index("customer_id")["type"]
    assert adjusted_rand_score(got.rename(lambda name: name[1:]).reindex(want.index), want) == 1


def test_the_table_describes_those_it_counts(planted):
    profile, _kind, found = planted
    units = profile["units_per_order"] / profile["positions_per_order"]
    first = found.table.iloc[0]
    members = (found.assignments["type"] == 1).to_numpy()

    assert found.table["customers"].is_monotonic_decreasing
    assert found.table["customers"].sum() == len(profile)
    assert first["units_per_position"] == pytest.approx(units[members].mean())
    assert found.everyone["units_per_position"] == pytest.approx(units.mean())
    assert set(types_columns(found)) <= set(found.table)


def test_what_sets_a_type_apart_is_said_with_its_figures(planted):
    _profile, _kind, found = planted

    judged, apart = map(said, types_said(found))

    assert judged.startswith("4 types, told apart by the basket")
    assert "Of three criteria, two of which have to agree, silhouette names 4" in judged
    assert "With each measure shuffled no types appear." in judged
    assert "stands out in “sent back”: " in apart
    assert "stands out in “taken off by discounts”: " in apart
    assert apart.count("Type ") == 4
    assert apart.count("among all 800 of them") == 4


def test_a_gap_statistic_that_names_another_number_is_said_to_be_outvoted(planted):
    found = planted[2]
    against = replace(found, vote=replace(found.vote, gap=1))
    agreed = replace(found, vote=replace(found.vote, gap=found.vote.clusters))

    assert "the gap statistic 1 and stability 4. The gap statistic is outvoted" in said(
        types_said(against)[0]
    )
    assert "outvoted" not in said(types_said(agreed)[0])


def test_few_customers_are_bands_and_no_types():
    found = behaviour_types(planted_baskets(2, kinds=list(KINDS), customers=300)[0])

    assert found.vote.natural
    assert not found.natural
    assert "Under 500 customers no group is called a type" in said(types_said(found)[0])


def test_who_ordered_once_or_twice_is_not_read(planted):
    profile = planted[0]
    seldom = profile.assign(frequency=np.where(np.arange(len(profile)) < 200, 2, 5))

    found = behaviour_types(seldom)

    assert (len(found.assignments), found.customers) == (600, 800)
    with pytest.raises(NotSupportedByData, match="0 customers with 3 orders or more"):
        behaviour_types(profile.assign(frequency=1))


def test_a_measure_that_most_lack_is_left_out_and_four_are_needed(planted):
    profile = planted[0]
    without = profile.assign(refund_rate=np.nan)

    assert "refund_rate" not in behaviour_types(without).measures
    with pytest.raises(NotSupportedByData, match="products in an order, units in an order"):
        behaviour_types(without.assign(discount_share=np.nan, top_category_share=1.0))


def test_a_customer_who_lacks_one_measure_is_not_read(planted):
    profile = planted[0].copy()
    profile.loc[:9, "top_category_share"] = np.nan

    assert len(behaviour_types(profile).assignments) == len(profile) - 10
