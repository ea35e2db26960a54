"""Due dates, surplus stock, peers, segments and up-sell: by hand, planted, refused in words."""

from dataclasses import replace
from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from planted_preferences import HOLDOUT_DAYS, SNAPSHOT, lines_of, preferences

from shared.analysis.offer_evaluation import evaluate
from shared.analysis.offer_lists import offer_lists, prepare_offers
from shared.analysis.offer_matrix import known_on, read_purchases
from shared.analysis.offer_models import NEIGHBOURS, RECENT
from shared.analysis.offer_overstock import overstock
from shared.analysis.offer_replenishment import replenishment
from shared.analysis.offer_segments import UP_SELL_SEGMENTS, segment_offers, source_table, up_sell
from shared.analysis.offer_similar import similar_customers
from shared.loading.errors import NotSupportedByData

END = date(2024, 7, 1)


def on_rhythm(gap, *, customers=60, last="2024-05-30", times=5, product="beans"):
    """Let customers buy a product every so many days, the last time on a day."""
    return [
        (f"c{i:02}", str((pd.Timestamp(last) - pd.Timedelta(days=gap * t)).date()), product)
        for i in range(customers) for t in range(times)
    ]  # fmt: skip


def dated(rows, *, repeatable=True, ahead_days=28, holdout_days=60):
    base = read_purchases(lines_of(rows), snapshot_date=END, holdout_days=holdout_days)
    again = np.full(len(base.products), repeatable)
    return replenishment(base, repeatable=again, values=np.full(len(again), 2.0),
                         ahead_days=ahead_days)  # fmt: skip


def test_the_next_purchase_is_dated_by_the_mean_gap():
    due = dated(on_rhythm(40)).due

    assert len(due) == 60
    row = due.iloc[0]
    assert row["gap_days"] == 40
    assert row["due_date"] == pd.Timestamp("2024-07-09")
    assert row["days_left"] == 8
    assert (row["purchases"], row["last_bought"]) == (5, pd.Timestamp("2024-05-30"))


def test_few_gaps_are_shrunk_to_the_product():
    # One customer has two gaps of 20 days, the other 60 have four of 40.
    rows = on_rhythm(40) + [("odd", d, "beans") for d in ("2024-05-05", "2024-05-25",
                                                          "2024-06-14")]  # fmt: skip
    due = dated(rows).due.set_index("customer_id")

    assert due.loc["odd", "gap_days"] == pytest.approx(20 / 2 + 40 / 2)


def test_whoever_is_later_than_twice_the_gap_is_left_out():
    rows = on_rhythm(20, last="2024-06-20") + on_rhythm(20, last="2024-05-20", product="salt")

    due = dated(rows).due

    assert set(due["product_id"]) == {"beans"}


def test_weeks_count_what_is_due_and_what_is_overdue():
    rows = on_rhythm(30, last="2024-06-05") + on_rhythm(20, last="2024-06-05", product="salt")

    weeks = dated(rows).weeks.set_index("week")

    assert weeks["due"].tolist() == [60, 60, 0, 0, 0]  # salt since 25 June, beans on 5 July
    assert weeks.loc[1, "value"] == 120
    assert weeks["customers"].tolist() == [60, 60, 0, 0, 0]


def test_a_strict_rhythm_comes_true_and_a_random_one_does_not():
    rng = np.random.default_rng(0)
    strict, loose = [], []
    for i in range(600):
        start = pd.Timestamp("2024-06-25") - pd.Timedelta(days=int(rng.integers(0, 45)))
        strict += [(f"c{i}", str((start - pd.Timedelta(days=45 * t)).date()), "beans")
                   for t in range(7)]  # fmt: skip
        days = rng.choice(330, 7, replace=False)
        loose += [(f"c{i}", str((pd.Timestamp("2024-06-30") - pd.Timedelta(days=int(d))).date()),
                   "beans") for d in days]  # fmt: skip

    kept, random = dated(strict, ahead_days=14), dated(loose, ahead_days=14)

    assert kept.on_time.value == 1
    assert kept.others.value == 0
    assert kept.p < 0.01
    assert random.p > 0.01 or random.difference.value < 0


def test_without_a_consumable_there_is_no_due_date():
    with pytest.raises(NotSupportedByData, match="no consumable was bought on 3 days by 20"):
        dated(on_rhythm(40), repeatable=False)
    with pytest.raises(NotSupportedByData, match="3 days by 20"):
        dated(on_rhythm(40, customers=19))


@pytest.fixture(scope="module")
def shop():
    frame = preferences(2, users=1200, items=100)
    ids = np.sort(frame["product_id"].unique())
    table = pd.DataFrame({"product_id": ids, "stock": 1.0, "unit_cost": 2.0})
    table.loc[:2, "stock"] = [5000.0, 40.0, 0.0]
    lines = ibis.memtable(frame)
    base = read_purchases(lines, products=ibis.memtable(table), snapshot_date=SNAPSHOT,
                          holdout_days=HOLDOUT_DAYS)  # fmt: skip
    none = np.zeros(len(base.products), dtype=bool)
    evaluation = evaluate(base, repeatable=none)
    offering = prepare_offers(base, evaluation, repeatable=none, also=[NEIGHBOURS])
    return frame, lines, base, offering, evaluation


def owned_pairs(base):
    owned = known_on(base, cut=False).pairs
    names = base.products["product_id"].to_numpy()[owned["product"]]
    return set(zip(base.customers[owned["customer"]], names, strict=True))


def test_surplus_is_stock_beyond_the_days_of_cover_at_the_pace_of_late(shop):
    frame, lines, base, offering, _evaluation = shop

    got = overstock(lines, offering, cover_days=90, reach=50)

    late = frame[frame["order_date"] >= pd.Timestamp(base.cut)]
    pace = late.groupby("product_id").size() / HOLDOUT_DAYS
    row = got.table.set_index("product_id").loc["p000"]
    assert row["surplus"] == np.floor(5000 - 90 * pace.get("p000", 0))
    assert row["units_a_month"] == pytest.approx(30 * pace.get("p000", 0))
    assert row["surplus_cost"] == row["surplus"] * 2
    assert got.table["surplus"].gt(0).all()
    assert "p002" not in set(got.table["product_id"])  # none left


def test_surplus_is_offered_to_the_likeliest_who_have_none(shop):
    _frame, lines, base, offering, _evaluation = shop

    got = overstock(lines, offering, cover_days=90, reach=50)

    have = owned_pairs(base)
    asked = set(zip(got.customers["customer_id"], got.customers["product_id"], strict=True))
    assert not have & asked
    assert (got.table["chance"] >= got.table["usual_chance"] - 1e-12).all()
    assert got.table["offered_to"].max() <= 50
    assert (got.table["expected_buyers"] <= got.table["offered_to"]).all()


def test_without_stock_or_surplus_the_reason_is_told(shop):
    _frame, lines, base, offering, evaluation = shop

    scarce = replace(base, products=base.products.assign(stock=0.5))
    with pytest.raises(NotSupportedByData, match="no product has stock"):
        overstock(lines, replace(offering, base=scarce))
    plain = read_purchases(lines, snapshot_date=SNAPSHOT, holdout_days=HOLDOUT_DAYS)
    unknown = prepare_offers(plain, evaluation, repeatable=np.zeros(len(base.products), bool))
    with pytest.raises(NotSupportedByData, match="stock of the products is not known"):
        overstock(lines, unknown)


def test_peers_share_what_a_customer_buys_and_suggest_what_is_lacking():
    # Two camps that have nothing in common; each of a camp lacks one product of it.
    rows = []
    for i in range(120):
        camp = "ab"[i % 2]
        rows += [(f"{camp}{i:03}", f"2024-0{1 + j % 5}-01", f"{camp}{j}")
                 for j in range(6) if j != i // 2 % 6]  # fmt: skip
    base = read_purchases(lines_of(rows), snapshot_date=END, holdout_days=60)
    groups = base.products["product_id"].str[0]

    got = similar_customers(base, known_on(base, cut=False), groups, pace=base.pace)

    own = got.table["customer_id"].str[0]
    assert (got.table["peers"].str.split().map(lambda ids: {i[0] for i in ids}).map(len) == 1).all()
    assert (got.table["suggestion"].str[0] == own).all()
    assert got.same_favourite.value == 1
    assert got.by_chance == pytest.approx(0.5, abs=0.01)
    lacking = [f"{who[0]}{int(who[1:]) // 2 % 6}" for who in got.table["customer_id"]]
    assert (got.table["suggestion"] == lacking).all()


def test_too_few_broad_customers_have_no_peers():
    base = read_purchases(lines_of(on_rhythm(40)), snapshot_date=END, holdout_days=60)

    with pytest.raises(NotSupportedByData, match="0 customers have bought 3"):
        similar_customers(base, known_on(base, cut=False), base.products["category"],
                          pace=base.pace)  # fmt: skip


@pytest.fixture(scope="module")
def segments(shop):
    _frame, _lines, base, _offering, _evaluation = shop
    names = np.where(np.arange(len(base.customers)) % 2, "Champions", "Lost")
    return pd.Series(pd.Categorical(names, ["Champions", "Lost"]), index=base.customers)


def test_an_up_sell_is_dearer_of_the_same_kind_not_owned_and_not_out_of_reach(shop, segments):
    _frame, _lines, base, offering, evaluation = shop

    got = up_sell(offering, segments, method=RECENT, curve=evaluation.curves[RECENT])

    ratio = got["price"] / got["usual_price"]
    assert ratio.between(1.09, 2.51).all()
    kinds = base.products.set_index("product_id")["category"]
    assert (got["offer"].map(kinds) == got["category"]).all()
    assert set(got["segment"]) == {"Champions"} <= set(UP_SELL_SEGMENTS)
    have = owned_pairs(base)
    assert not have & set(zip(got["customer_id"], got["offer"], strict=True))
    assert got["expected_gain"].is_monotonic_decreasing


def test_segments_count_everybody_and_leave_blank_whom_nobody_asks(shop, segments):
    _frame, _lines, base, offering, evaluation = shop
    lists = offer_lists(offering, k=5)
    asked = up_sell(offering, segments, method=RECENT, curve=evaluation.curves[RECENT])

    table = segment_offers(offering, lists, segments, up_selling=asked).set_index("segment")

    assert table["customers"].sum() == len(base.customers)
    assert table.loc["Champions", "up_sell"] == len(asked)
    assert np.isnan(table.loc["Lost", "up_sell"])
    weighted = (table["expected_purchases"] * table["customers"]).sum()
    assert weighted == pytest.approx(lists["propensity"].sum())
    sources = source_table(lists)
    assert sources["lines"].sum() == len(lists) == 5 * len(base.customers)


def test_an_up_sell_needs_prices_and_categories(shop, segments):
    frame, _lines, _base, _offering, _evaluation = shop
    for column in ("category", "line_value"):
        lines = ibis.memtable(frame.drop(columns=[column]))
        base = read_purchases(lines, snapshot_date=SNAPSHOT, holdout_days=HOLDOUT_DAYS)
        none = np.zeros(len(base.products), dtype=bool)
        offering = prepare_offers(base, evaluate(base, repeatable=none), repeatable=none)

        with pytest.raises(NotSupportedByData, match="dearer of the same kind"):
            up_sell(offering, segments, method=RECENT)
