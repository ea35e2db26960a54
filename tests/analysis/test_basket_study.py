from dataclasses import replace
from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from planted_baskets import SNAPSHOT, common_cause, independent_baskets, lines_of, planted_pairs

from shared.analysis import basket_answers, basket_assortment_answers, basket_exhibits
from shared.analysis import basket_assortment_exhibits as assortment_exhibits
from shared.analysis.basket_actions import basket_actions
from shared.analysis.basket_caveats import basket_caveats
from shared.analysis.basket_pairs import Reading
from shared.analysis.basket_placebo import shuffled
from shared.analysis.basket_results import basket_metrics, basket_tables
from shared.analysis.basket_study import study_baskets
from shared.analysis.intervals import Estimate
from shared.loading.errors import NotSupportedByData
from shared.plots.locales import Wording
from shared.report.sentences import write


def study(lines, **options):
    return study_baskets(lines, tables={}, snapshot_date=SNAPSHOT, **options)


def written(reason):
    return write(reason.template, dict(reason.values), Wording())


def priced_pairs():
    frame = planted_pairs(1).to_pandas()
    price = 5.0 + frame["product_id"].str[1:].astype(int) % 7
    return ibis.memtable(frame.assign(line_value=price, unit_cost=price * 0.6, category="all"))


@pytest.fixture(scope="module")
def planted():
    return study(priced_pairs())


@pytest.fixture(scope="module")
def empty_handed():
    return study(independent_baskets(1))


def test_every_headline_has_an_estimate_with_n_and_bounds(planted, empty_handed):
    for one in (planted, empty_handed):
        said = [written(answer) for _, answer in basket_answers.headlines(one)]

        assert 3 <= len(said) <= 5
        for sentence in said:
            assert sentence.estimate is not None, sentence
            assert sentence.estimate.n > 0
            assert sentence.estimate.low <= sentence.estimate.value <= sentence.estimate.high


def test_what_is_said_changes_with_the_data(planted, empty_handed):
    first, second = (written(basket_answers.robustness(s)) for s in (planted, empty_handed))

    assert "10 are robust" in first
    assert "0 are robust" in second


def test_the_page_opens_with_what_robust_means_and_what_could_have_been_found(
    planted, empty_handed
):
    found, none = (dict(basket_answers.headlines(one)) for one in (planted, empty_handed))

    said = written(found["robust"])
    assert "10 are robust: beyond chance, seen again in the later half" in said
    assert "findable" not in found
    assert none["findable"].values["findable"].value == empty_handed.power.findable > 0
    assert "3 times as often as chance has it would have shown 80% of the time" in written(
        none["findable"]
    )


def test_without_a_pair_that_can_be_judged_the_page_says_so_and_draws_no_chart(empty_handed):
    bare = replace(empty_handed, pairs=replace(empty_handed.pairs,
                                               table=empty_handed.pairs.table.head(0)))  # fmt: skip

    said = dict(basket_answers.headlines(bare))
    assert "can be judged" in written(said["robust"])
    assert "strongest" not in said
    assert "nan" not in written(basket_answers.no_robust_pair(bare))
    with pytest.raises(NotSupportedByData, match="no two products"):
        basket_exhibits.readings(bare)


def test_the_headline_counts_the_pairs_of_the_chart_below_it_and_none_with_postage(planted):
    table = planted.pairs.table.copy()
    table.loc[table.index[:5], "reading"] = Reading.SERVICE.value
    posted = replace(planted, pairs=replace(planted.pairs, table=table))

    said, shown = basket_answers.robustness(posted), basket_exhibits.readings(posted).data

    assert said.values["n"] == shown["pairs"].sum() == len(table) - 5


def test_the_companion_named_first_is_a_planted_partner(planted):
    row = planted.companions.iloc[0]

    assert {int(row["item_a"]) // 2} == {int(row["item_b"]) // 2}
    assert row["worth_low"] > 0


def test_without_a_robust_pair_the_page_moves_no_shelf(empty_handed):
    actions = basket_actions(empty_handed)

    assert [a.segment for a in actions] == ["Baskets of two or more products"]
    assert "No pair is robust" in written(basket_answers.no_robust_pair(empty_handed))
    assert isinstance(empty_handed.bundles, NotSupportedByData)
    assert isinstance(empty_handed.groups, NotSupportedByData)


def test_actions_name_segment_size_and_money_and_are_at_most_five(planted):
    actions = basket_actions(planted)

    assert 2 <= len(actions) <= 5
    for action in actions:
        assert action.segment
        assert action.size > 0
        assert written_action(action)


def written_action(action):
    values = {**action.values, "segment": action.segment, "size": action.size,
              "money": action.money}  # fmt: skip
    return write(action.template, values, Wording())


def test_no_rule_is_told_with_the_nearest_thresholds():
    none = study(independent_baskets(1), min_support=0.3, min_confidence=0.9)

    said = written(basket_answers.rules_found(none))

    assert none.all_rules == 0
    assert "No rule reaches a support of 30.00%" in said
    assert "The most frequent pair has a support of" in said
    assert basket_metrics(none)["rules"] == 0
    assert basket_tables(none)["rules"].empty


def test_the_doubtful_stand_in_the_table_with_their_reason():
    table, columns, rows = basket_exhibits.pair_table(study(common_cause(1)))

    row = table.head(rows).set_index(["product_a", "product_b"]).loc[("p000", "p001")]
    assert row["says"] == "doubtful: explained by month"
    assert set(columns) <= set(table.columns)
    assert isinstance(row["lift"], Estimate)


def test_the_map_has_room_for_every_product_it_shows(planted):
    shown = basket_exhibits.cross_sell(planted)

    assert len(shown.data) == 10
    assert (shown.data["reading"] == Reading.ROBUST).all()
    assert (shown.data["lift"].diff().dropna() <= 0).all()


def test_bands_hold_every_pair_once(planted):
    bands = basket_exhibits.readings(planted).data

    assert bands["pairs"].sum() == len(planted.pairs.table)
    assert (bands[["robust", "doubtful", "chance"]].sum(axis=1) == bands["pairs"]).all()


def test_tables_and_metrics_agree_with_one_another(planted):
    tables, metrics = basket_tables(planted), basket_metrics(planted)

    assert {"rules", "pairs", "bundles", "substitutes", "confirmation", "stock_links"} <= set(
        tables
    )
    assert len(tables["pairs"]) == metrics["pairs"]
    assert (tables["pairs"]["reading"] == Reading.ROBUST).sum() == metrics["robust_pairs"].value
    assert (tables["rules"]["reading"] == Reading.ROBUST).sum() == metrics["robust_rules"]
    assert metrics["baskets"] == planted.baskets.n
    assert (tables["confirmation"]["q"] < 0.05).all()


def test_names_with_commas_quotes_and_markup_come_through_letter_for_letter():
    odd = {"p000": 'Sign, "Home" <b>', "p001": "Tea & {cake} $5 + more"}
    frame = planted_pairs(1, baskets=4000).to_pandas()
    named = frame.assign(product_name=frame["product_id"].map(odd).fillna(frame["product_id"]))

    one = study(ibis.memtable(named))

    assert set(odd.values()) <= set(one.baskets.items["label"])
    for _, answer in basket_answers.headlines(one):
        assert written(answer)
    tables = basket_tables(one)
    both = tables["rules"]["antecedents"].isin(odd.values())
    assert both.any()
    assert tables["rules"].loc[both, "antecedents_ids"].isin(['["p000"]', '["p001"]']).all()


def test_the_placebo_keeps_how_often_things_are_bought_and_finds_nothing(planted):
    lines = planted_pairs(1)
    before, after = lines.to_pandas(), shuffled(lines, seed=3).to_pandas()

    assert before["product_id"].value_counts().to_dict() == (
        after["product_id"].value_counts().to_dict()
    )
    assert not after.duplicated(["order_id", "product_id"]).any()
    days = before.drop_duplicates("order_id").set_index("order_id")["order_date"]
    moved = after.drop_duplicates("order_id").set_index("order_id")["order_date"]
    assert (moved == days.reindex(moved.index)).all()
    placebo = study(lines, placebo=True)
    assert len(planted.robust) == 10
    assert placebo.robust.empty
    assert placebo.robust_rules.empty
    assert "placebo" in written(basket_caveats(placebo)[0])


def test_caveats_count_what_was_set_aside():
    large = [f"x{i}" for i in range(60)]
    lines = lines_of([["milk", "carrier bag"]] * 300 + [["milk", "tea"]] * 300 + [large])

    said = " ".join(written(c) for c in basket_caveats(study(lines)))

    assert "1 basket of more than 50 products is set aside" in said
    assert "carrier bag is no choice" in said
    assert "no customers" in said
    assert "no days" in said
    assert "{" not in said


def test_groups_can_be_the_items_of_the_whole_page():
    frame = planted_pairs(2).to_pandas()
    grouped = frame.assign(category="g" + frame["product_id"].str[1:])

    one = study(ibis.memtable(grouped), level="category")

    assert one.noun == "product groups"
    assert isinstance(one.links, NotSupportedByData)
    assert len(one.robust) >= 9
    assert "product groups" in written(basket_answers.several(one))


def test_a_basket_after_the_snapshot_is_not_seen():
    frame = planted_pairs(1, baskets=3000).to_pandas()

    early = study_baskets(ibis.memtable(frame), tables={}, snapshot_date=date(2024, 7, 1))

    assert early.baskets.n < frame["order_id"].nunique() * 0.55


def test_parts_that_the_data_cannot_carry_hold_the_reason(empty_handed):
    undated = study(lines_of([["a", "b"], ["b", "c"], ["a", "c"]] * 100))

    assert isinstance(undated.links, NotSupportedByData)
    assert isinstance(undated.weeks, NotSupportedByData)
    assert np.isnan(basket_metrics(undated)["stock_links"])
    said = written(basket_assortment_answers.replaced_so_what(empty_handed))
    assert said.startswith("No two products")


def test_dates_of_the_confirmation_are_told(planted):
    said = written(basket_answers.confirmed_in(planted))

    assert "the later half" in said
    assert str(pd.Timestamp(planted.baskets.split).year) in said


def test_the_headline_pair_is_measured_by_one_yardstick_and_the_interval_is_of_it(planted):
    said = written(basket_answers.placing(planted))
    row = planted.robust.iloc[0]

    times = said.values["times"]
    assert times.value == pytest.approx(row["size_lift"])
    assert times.low == pytest.approx(row["size_low"])
    assert times.low < times.value < times.high
    expected = round(row["together"] / row["size_lift"])
    assert f"{row['together']}, where basket sizes alone would give {expected} (" in said


def test_the_bundle_to_try_is_the_first_on_the_chart_and_gains_for_sure(planted):
    taken = study(priced_pairs(), uptake=0.5)

    first, shown = taken.bundles.iloc[0], assortment_exhibits.priced(taken).data
    told = [act for act in basket_actions(taken) if "as a bundle" in act.template]

    assert first["gain_low"] == shown["gain_low"].iloc[0] == taken.bundles["gain_low"].max() > 0
    assert told[0].money == first["gain"]
    # At the usual uptake none gains: then none is tried.
    assert planted.bundles["gain_low"].max() < 0
    assert not [act for act in basket_actions(planted) if "as a bundle" in act.template]


def test_one_product_in_too_few_baskets_is_told_in_the_singular(planted):
    counted = {**planted.baskets.counted, "rare": 1, "kinds": 40}
    one = replace(planted, baskets=replace(planted.baskets, counted=counted))

    said = [str(written(limit)) for limit in basket_caveats(one)]

    assert any("1 of 40 products is in fewer than" in sentence for sentence in said)


def test_all_weeks_of_a_link_stand_behind_its_chart_the_latest_first(planted):
    shown, drawn = assortment_exhibits.stock(planted), assortment_exhibits.moved_weeks(planted)

    assert len(shown.data) == len(drawn) > 40
    assert shown.data["week"].is_monotonic_decreasing
