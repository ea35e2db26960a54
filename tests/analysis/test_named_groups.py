from dataclasses import replace
from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from draws import DRAWS, FEW
from pandas.testing import assert_frame_equal
from sklearn.metrics import normalized_mutual_info_score

from shared.analysis.customer_level import client_portfolio, portfolio_from_customers
from shared.analysis.emerging import MEASURES, median_difference, separates_said, what_separates
from shared.analysis.group_answers import (
    biggest_spenders,
    group_answers,
    group_columns,
    groups_at_a_glance,
)
from shared.analysis.multiple_testing import Finding
from shared.analysis.named_groups import GROUPS, group_flags, group_table, mean_orders
from shared.analysis.portfolio import group, portfolio
from shared.analysis.rfm_scores import Scoring
from shared.analysis.segments import parse_segment_map
from shared.loading.demo.customers import customer_ids, draw_customers
from shared.loading.demo.truth import PERSONAS
from shared.loading.errors import NotSupportedByData
from shared.plots.locales import Wording
from shared.report.sentences import write

TWO = "Best: 55* 54*; Others: rest"
SNAPSHOT = date(2024, 7, 1)
FIRST = pd.Timestamp("2023-07-01")


def said(reason):
    return str(write(reason.template, reason.values, Wording()))


def order_lines(n=300, *, seed=3, orders=None, value=None, categories=9):
    rng = np.random.default_rng(seed)
    counts = 1 + rng.poisson(5 * rng.gamma(1, 1, n)) if orders is None else np.full(n, orders)
    owner = np.repeat(np.arange(n), counts)
    lines = len(owner)
    return pd.DataFrame(
        {
            "customer_id": owner.astype(str),
            "order_id": np.arange(lines).astype(str),
            "order_date": FIRST + pd.to_timedelta(rng.integers(0, 366, lines), unit="D"),
            "product_id": rng.integers(0, 40, lines).astype(str),
            "category": rng.integers(0, categories, lines).astype(str),
            "line_value": rng.integers(100, 9000, lines) / 100 if value is None else value,
        }
    )


def placed(frame, **options):
    return portfolio(ibis.memtable(frame), **{"snapshot_date": SNAPSHOT, **options})


@pytest.fixture(scope="module")
def base():
    return placed(order_lines())


@pytest.fixture(scope="module")
def groups(base):
    return group_table(base, group_flags(base, period="M"))


def test_five_customers_land_in_the_groups_that_their_scores_say():
    # Twenty fillers spread the scores; the five are the ends that a manager asks for.
    rows = [(f"f{i}", 20 + 10 * i, 2 + i % 4, 100.0 + 10 * i) for i in range(20)]
    rows += [
        ("best", 1, 9, 5000.0),
        ("once", 300, 1, 4000.0),
        ("gone", 350, 8, 90.0),
        ("newcomer", 3, 1, 3000.0),
        ("small", 2, 9, 95.0),
    ]
    table = pd.DataFrame(rows, columns=["customer_id", "days", "frequency", "monetary"])
    table["last_order_date"] = pd.Timestamp(SNAPSHOT) - pd.to_timedelta(table["days"], unit="D")
    long_ago = table["last_order_date"] - pd.Timedelta(days=400)
    table["first_order_date"] = table["last_order_date"].where(table["frequency"] == 1, long_ago)
    base = portfolio_from_customers(ibis.memtable(table.drop(columns="days")),
                                    snapshot_date=SNAPSHOT)  # fmt: skip

    flags = group_flags(base, period="M").set_index(base.customers["customer_id"])

    got = {name: set(flags.columns[flags.loc[name].fillna(False)]) for name, *_rest in rows[-5:]}
    assert got["best"] == {"is_best"}
    assert got["once"] >= {"is_big_spender_once", "is_lost_best", "spent_without_loyalty"}
    assert got["gone"] >= {"may_have_switched"}
    assert got["newcomer"] >= {"is_high_spending_new", "is_big_spender_once"}
    assert got["small"] >= {"is_upsell_candidate"}


def test_a_group_of_segments_holds_what_the_segments_hold(base, groups):
    rows = groups.set_index("flag")

    for flag, names in (("is_best", ("Champions",)),
                        ("is_about_to_be_lost", ("At Risk", "About To Sleep"))):  # fmt: skip
        want = group(base, *names)
        assert rows.loc[flag, "customers"] == want.customers
        assert rows.loc[flag, "revenue"] == pytest.approx(want.money)
        assert rows.loc[flag, ["low", "high"]].tolist() == pytest.approx(
            [want.customer_share.low, want.customer_share.high]
        )


def test_every_group_has_a_message_a_definition_and_an_interval(groups):
    assert len(groups) == len(GROUPS) <= 12
    assert (groups[["message", "definition", "group"]] != "").all(axis=None)
    assert (groups["low"] <= groups["customer_share"]).all()
    assert (groups["customer_share"] <= groups["high"]).all()
    assert set(group_columns("revenue")) <= set(groups.columns)


def test_the_money_of_an_up_sell_is_what_lacks_to_the_median_order(base, groups):
    flags, mean = group_flags(base, period="M"), mean_orders(base)
    small = mean[flags["is_upsell_candidate"].astype(bool)]

    row = groups.set_index("flag").loc["is_upsell_candidate"]

    assert (small < mean.median()).all()
    assert row["money"] == pytest.approx(sum(mean.median() - small))
    assert row["money_is"] == "if the next order of each is a median one"


def test_a_group_of_few_shows_its_number_and_not_its_money(base):
    flags = group_flags(base, period="M")
    flags["is_lost_best"] = [True] * 4 + [False] * (len(flags) - 4)

    row = group_table(base, flags).set_index("flag").loc["is_lost_best"]

    assert row["customers"] == 4
    assert row[["revenue", "revenue_share", "money"]].isna().all()


@pytest.mark.parametrize("scores", [3, 4])
def test_fewer_scores_keep_the_meaning_of_the_groups(scores):
    base = placed(order_lines(), scoring=Scoring(scores=scores))
    flags, customers = group_flags(base, period="M"), base.customers

    silent = flags["is_big_spender_silent"].astype(bool)
    assert silent.any()
    assert (customers.loc[silent, "m_score"] == scores).all()
    assert (customers.loc[silent, "r_score"] <= 2).all()
    assert (customers.loc[flags["is_lost_best"].astype(bool), "r_score"] == 1).all()


def test_a_map_without_the_segment_says_so_and_keeps_the_groups_made_of_scores(groups):
    other = placed(order_lines(), scoring=Scoring(segment_map=parse_segment_map(TWO)))

    table = group_table(other, group_flags(other, period="M")).set_index("flag")

    assert table.loc["is_regular", "unknown"] == "the map of segments has no Loyal"
    assert np.isnan(table.loc["is_regular", "customers"])
    by_score = groups.set_index("flag").loc["is_lost_best", "customers"]
    assert table.loc["is_lost_best", "customers"] == by_score
    with pytest.raises(NotSupportedByData, match="no Champions"):
        biggest_spenders(other)
    with pytest.raises(NotSupportedByData, match="no Loyal"):
        group_answers(other, table.reset_index(), "is_regular")


def test_with_one_order_each_groups_of_frequency_cannot_be_told():
    base = placed(order_lines(orders=1))

    table = group_table(base, group_flags(base, period="M")).set_index("flag")

    assert table.loc["is_upsell_candidate", "unknown"] == "all customers are alike in frequency"
    assert table.loc["is_big_spender_once", "customers"] > 0
    assert table.loc["is_big_spender_silent", "customers"] == 0


def test_in_a_single_month_every_spender_of_the_upper_part_is_new():
    frame = order_lines()
    days = (frame["order_date"] - FIRST).dt.days // 13
    frame["order_date"] = pd.Timestamp("2024-06-01") + pd.to_timedelta(days, unit="D")
    base = placed(frame)

    flags = group_flags(base, period="M")

    upper = base.customers["m_score"] >= 4
    assert flags["is_high_spending_new"].astype(bool).equals(upper)


def test_where_all_customers_are_alike_nobody_stands_out():
    frame = order_lines(orders=2, value=10.0).assign(order_date=FIRST)
    base = placed(frame)

    table = group_table(base, group_flags(base, period="M"))

    by_scores = table[[bool(GROUPS[flag].scores) for flag in table["flag"]]]
    assert (by_scores["unknown"] != "").all()
    with pytest.raises(NotSupportedByData, match="nobody stands out by money"):
        biggest_spenders(base)
    with pytest.raises(NotSupportedByData):
        what_separates(base, ibis.memtable(frame))


def test_one_customer_with_most_of_the_money_is_in_no_sum_of_its_own(base):
    frame = order_lines()
    frame.loc[frame["customer_id"] == "7", "line_value"] *= 400
    giant = placed(frame)

    table = group_table(giant, group_flags(giant, period="M"))

    few = table[table["customers"].between(1, 9)]
    assert few["revenue"].isna().all()
    shares = table["revenue_share"].dropna()
    assert shares.between(0, 1).all()


def test_whose_refunds_exceed_the_orders_is_not_asked_for_more():
    frame = order_lines()
    frame["is_refund"] = False
    back = frame[frame["customer_id"].isin(["1", "2", "3"])].assign(is_refund=True)
    back["line_value"] *= -3
    base = placed(pd.concat([frame, back.assign(order_id="R" + back["order_id"])]))

    flags = group_flags(base, period="M")

    owing = base.customers["monetary"] < 0
    assert owing.sum() == 3
    assert not flags.loc[owing, "is_upsell_candidate"].any()


def test_without_prices_the_money_is_in_items_so_far():
    base = placed(order_lines().rename(columns={"line_value": "quantity"}))

    table = group_table(base, group_flags(base, period="M"), what="items bought")

    assert not table["money_is"].str.contains("revenue").any()


def test_the_order_of_rows_and_the_names_of_customers_change_no_group(base, groups):
    frame = order_lines()
    other = placed(
        frame.assign(customer_id="x" + frame["customer_id"]).sample(frac=1, random_state=2)
    )

    again = group_table(other, group_flags(other, period="M"))

    assert_frame_equal(again, groups)


def test_each_question_is_answered_in_a_sentence_with_number_and_share(base, groups):
    for flag, answer in zip(GROUPS, group_answers(base, groups, *GROUPS), strict=True):
        text = said(answer)
        row = groups.set_index("flag").loc[flag]
        assert text.endswith(".")
        assert "not known" not in text
        assert answer.values["n"] == row["customers"]


def test_biggest_spenders_are_mostly_the_best_only_if_the_interval_says_so(base):
    answer = biggest_spenders(base)[0]
    share = answer.values["champions"]

    assert answer.values["n"] == (base.customers["m_score"] == 5).sum()
    word = "Mostly:" if share.low > 0.5 else "Mostly not" if share.high < 0.5 else "Not settled"
    assert said(answer).startswith(word)
    assert "about half" not in said(answer)
    assert f"are Champions ({share.low:.0%} to {share.high:.0%})" in said(answer)


def test_the_chart_of_groups_has_a_title_with_a_number_and_a_long_alt_text(groups):
    title, alt = map(said, groups_at_a_glance(groups))

    assert any(c.isdigit() for c in title)
    assert len(alt) >= 40


def test_medians_of_emerging_and_best_are_those_of_pandas(base):
    frame = order_lines()
    table = what_separates(base, ibis.memtable(frame)).set_index("key")
    emerging = base.customers["segment"].isin(["Potential Loyalist", "Promising"])

    assert table.loc["frequency", "emerging"] == base.customers.loc[emerging, "frequency"].median()
    ever = frame.groupby("customer_id")["category"].nunique()
    ids = base.customers.loc[emerging, "customer_id"]
    assert table.loc["categories", "emerging"] == ever[ids].median()
    assert (table["low"] <= table["difference"]).all()


def test_what_has_to_differ_is_not_called_a_finding(base):
    table = what_separates(base, ibis.memtable(order_lines())).set_index("key")

    built_in = [key for key, (_label, _unit, why) in MEASURES.items() if why]
    assert table.loc[built_in, "q"].isna().all()
    assert table.loc["frequency", "finding"] == "by definition"


@pytest.mark.slow
def test_baskets_drawn_alike_separate_nobody_in_at_least_19_of_20_draws(base):
    rng = np.random.default_rng(0)
    lines, customers = ibis.memtable(order_lines()), base.customers
    found = 0
    for _draw in range(DRAWS):
        mixed = customers.assign(segment=rng.permutation(customers["segment"]))
        table = what_separates(replace(base, customers=mixed), lines, draws=60)
        found += (table["finding"] == Finding.DIFFERS).any()
    assert found <= FEW


def test_a_planted_difference_of_baskets_is_found(base):
    frame = order_lines()
    best = base.customers.loc[base.customers["segment"].isin(["Champions", "Loyal"]), "customer_id"]
    extra = frame[frame["customer_id"].isin(best)].assign(product_id="more")

    table = what_separates(base, ibis.memtable(pd.concat([frame, extra])))

    row = table.set_index("key").loc["positions"]
    assert row["finding"] == Finding.DIFFERS
    assert row["difference"] == pytest.approx(1.0, abs=0.05)
    assert any("Products in an order" in said(reason) for reason in separates_said(table))


def test_the_interval_of_a_difference_of_medians_holds_a_known_difference():
    rng = np.random.default_rng(1)
    got = median_difference(rng.normal(5, 1, 400), rng.normal(3, 1, 400), unit="number")

    assert got.low < 2 < got.high
    assert got.high - got.low < 0.5


def test_customers_without_lines_are_compared_on_what_is_known(base):
    table = what_separates(base)

    assert table["key"].tolist() == ["frequency", "recency_days", "mean_order"]
    assert len(separates_said(table)) == 1


@pytest.mark.slow
def test_of_the_four_planted_types_money_finds_the_offices_and_tastes_are_needed_for_the_rest(
    demo_client,
):
    people = draw_customers()
    types = pd.Series([PERSONAS[p].name for p in people["persona"]], customer_ids(len(people))[
        : len(people)])  # fmt: skip
    base = client_portfolio(demo_client.tables, snapshot_date=demo_client.snapshot_date)
    planted = base.customers["customer_id"].map(types)
    flags = group_flags(base, period="M").astype(bool)
    usual = planted.value_counts(normalize=True)

    def times(flag, name):
        return (planted[flags[flag]] == name).mean() / usual[name]

    # The segments tell 5 % of what there is to know about the types: 01 is not the place for them.
    known = normalized_mutual_info_score(planted, base.customers["segment"].astype(str))
    assert known == pytest.approx(0.05, abs=0.01)
    assert times("is_big_spender_silent", "small offices") > 3
    assert times("is_upsell_candidate", "small offices") < 0.3
    assert times("is_best", "bargain hunters") < 0.5
    assert times("is_upsell_candidate", "undecided browsers") > 1.3
    large = flags.columns[flags.sum() >= 100]
    assert all(0.8 < times(flag, "home baristas") < 1.35 for flag in large)


@pytest.mark.slow
def test_the_groups_of_the_demo_have_their_recorded_sizes(demo_client):
    base = client_portfolio(demo_client.tables, snapshot_date=demo_client.snapshot_date)
    groups = group_table(base, group_flags(base, period="M")).set_index("flag")

    assert groups.loc["is_best", "customers"] == 642
    assert groups.loc["is_about_to_be_lost", "customers"] == 602
    assert groups.loc["is_high_spending_new", "customers"] == 13
