"""Lists: exactly k per customer or a reason, nothing owned, nothing out of stock, all covered."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from planted_preferences import HOLDOUT_DAYS, SNAPSHOT, lines_of, preference_lines, preferences

from shared.analysis.offer_calibration import ChanceCurve
from shared.analysis.offer_evaluation import evaluate
from shared.analysis.offer_lists import TOO_FEW, offer_lists, prepare_offers
from shared.analysis.offer_matrix import known_on, read_purchases
from shared.analysis.offer_models import AGAIN, NEIGHBOURS, RECENT
from shared.analysis.offer_reasons import SELLS
from shared.analysis.offer_rules import allowed_products
from shared.loading.errors import ConfigError, NotSupportedByData

K = 10


def offered(frame, *, products=None, rule=False, k=K, allowed=None, cold=None, **options):
    lines = frame if isinstance(frame, ibis.Table) else ibis.memtable(frame)
    table = None if products is None else ibis.memtable(products)
    base = read_purchases(lines, products=table, snapshot_date=SNAPSHOT, holdout_days=HOLDOUT_DAYS)
    again = np.full(len(base.products), rule)
    if products is not None and "repeatable" in products:
        again = base.products["repeatable"].fillna(0).to_numpy() > 0
    evaluation = evaluate(base, repeatable=again, k=k, allowed=allowed)
    offering = prepare_offers(base, evaluation, repeatable=again, allowed=allowed)
    return offer_lists(offering, k=k, cold=cold, **options), offering, base


@pytest.fixture(scope="module")
def shop():
    return preferences(4, users=600, items=80)


@pytest.fixture(scope="module")
def stocked(shop):
    ids = np.sort(shop["product_id"].unique())
    return pd.DataFrame({"product_id": ids, "stock": np.arange(len(ids)) % 3,
                         "repeatable": np.arange(len(ids)) % 2})  # fmt: skip


def owned_pairs(base):
    pairs = known_on(base, cut=False).pairs
    return set(zip(base.customers[pairs["customer"]],
                   base.products["product_id"].to_numpy()[pairs["product"]],
                   strict=True))  # fmt: skip


def test_every_customer_has_exactly_k_ranked_lines_without_a_product_twice(shop):
    lists, _offering, base = offered(shop)

    sizes = lists.groupby("customer_id").size()
    assert set(sizes.index) == set(base.customers)
    assert set(sizes) == {K}
    assert lists["eligible"].all()
    assert not lists.duplicated(["customer_id", "offer"]).any()
    assert not lists.duplicated(["customer_id", "rank"]).any()
    assert lists["reason"].str.len().gt(0).all()


def test_nothing_owned_is_offered_where_products_are_not_bought_again(shop):
    lists, _offering, base = offered(shop)

    assert not owned_pairs(base) & set(zip(lists["customer_id"], lists["offer"], strict=True))


def test_nothing_out_of_stock_and_only_repeatable_products_come_again(shop, stocked):
    lists, offering, base = offered(shop, products=stocked)

    marks = stocked.set_index("product_id")
    assert (lists["offer"].map(marks["stock"]) > 0).all()
    twice = owned_pairs(base) & set(zip(lists["customer_id"], lists["offer"], strict=True))
    assert twice
    assert all(marks.loc[product, "repeatable"] == 1 for _customer, product in twice)
    sold_out = base.products["product_id"].map(marks["stock"]) == 0
    assert offering.out_of_stock == int(sold_out.sum())


def test_a_list_that_cannot_be_filled_says_why_and_keeps_its_length(shop):
    few = pd.DataFrame({"product_id": np.sort(shop["product_id"].unique())})
    few["stock"] = (np.arange(len(few)) < 4).astype(float)

    lists, _offering, _base = offered(shop, products=few)

    assert (lists.groupby("customer_id").size() == K).all()
    short = lists[~lists["eligible"]]
    assert (short["reason"] == TOO_FEW).all()
    assert short["offer"].isna().all()
    assert short["propensity"].isna().all()
    assert lists.loc[lists["eligible"], "offer"].nunique() <= 4


def test_people_without_a_purchase_get_recent_bestsellers_and_no_chance(shop):
    cold = pd.Index(["nobody", "stranger", shop["customer_id"].iloc[0]])

    lists, _offering, base = offered(shop, cold=cold)

    theirs = lists[lists["customer_id"].isin(["nobody", "stranger"])]
    assert len(theirs) == 2 * K
    assert (theirs["source"] == RECENT).all()
    assert theirs["propensity"].isna().all()
    assert theirs["reason"].str.startswith("no purchase yet").all()
    first = base.products["product_id"].to_numpy()[known_on(base, cut=False).recent.argmax()]
    assert theirs.iloc[0]["offer"] == first
    assert lists["customer_id"].nunique() == len(base.customers) + 2


def test_neighbours_say_what_the_offer_goes_with_and_it_is_owned():
    lists, offering, base = offered(preferences(2).drop(columns="category"))

    by_neighbours = lists[lists["source"] == NEIGHBOURS]
    assert offering.method == NEIGHBOURS
    named = by_neighbours["reason"].str.removeprefix("goes with ")
    assert set(zip(by_neighbours["customer_id"], named, strict=True)) <= owned_pairs(base)


def test_own_products_say_how_often_and_when_they_were_bought():
    frame = preferences(5, users=500, items=200)
    frame["product_id"] = np.where(np.arange(len(frame)) % 2, frame["product_id"],
                                   "own-" + frame["customer_id"].str[-2:])  # fmt: skip

    lists, offering, _base = offered(frame, rule=True)

    assert offering.method == AGAIN
    own = lists[lists["source"] == AGAIN]
    assert own["reason"].str.match(r"bought (once|\d+ times)").all()
    filler = lists[lists["source"] == RECENT]
    assert (filler["reason"] == SELLS[RECENT]).all()


def test_ranking_by_value_prefers_the_dearer_of_equal_chances(shop):
    by_chance, _o, _b = offered(shop)
    by_value, _o, _b = offered(shop, rank_by="value")

    means = [lists.groupby("customer_id")["expected_value"].sum().mean()
             for lists in (by_chance, by_value)]  # fmt: skip
    assert means[1] > means[0]
    steps = by_value.groupby(["customer_id", "source"])["expected_value"].diff()
    assert steps.max() < 0.01  # chances are written with four decimals
    with pytest.raises(ConfigError, match="no ranking"):
        offered(shop, rank_by="luck")


def test_only_what_is_allowed_is_offered(shop):
    products = shop[["product_id", "category"]].drop_duplicates("product_id")
    allowed = allowed_products(products, only="group 1, group 2", never="p001")

    assert (
        allowed.sum()
        == products["category"].isin(["group 1", "group 2"]).sum()
        - (
            products.loc[products["product_id"] == "p001", "category"].isin(["group 1", "group 2"])
        ).sum()
    )
    assert allowed_products(products).all()
    with pytest.raises(ConfigError, match="neither a product id nor a category"):
        allowed_products(products, never="postage")


def test_lists_keep_to_what_is_allowed(shop):
    base = read_purchases(ibis.memtable(shop), snapshot_date=SNAPSHOT, holdout_days=HOLDOUT_DAYS)
    allowed = (base.products["category"] != "group 1").to_numpy()

    lists, _offering, _base = offered(shop, allowed=allowed)

    barred = set(base.products.loc[~allowed, "product_id"])
    assert barred
    assert not barred & set(lists["offer"])


def test_nothing_to_offer_is_refused(shop):
    empty = pd.DataFrame({"product_id": np.sort(shop["product_id"].unique()), "stock": 0.0})

    with pytest.raises(NotSupportedByData, match="no product may be offered"):
        offered(shop, products=empty)


def test_products_unsold_for_a_year_are_not_offered():
    rows = [(f"c{i}", "2022-01-01", "old") for i in range(60)]
    rows += [(f"c{i}", day, p) for i in range(60) for day, p in
             (("2023-10-01", "tea"), ("2023-12-01", "jam"), ("2023-12-20", "tea"))]  # fmt: skip
    rows += [(f"d{i}", "2023-11-20", p) for i in range(60) for p in ("tea", "jam")]

    lists, offering, _base = offered(lines_of(rows), rule=True, k=2)

    assert offering.stale == 1
    assert "old" not in set(lists["offer"])


def test_shuffled_rows_of_the_export_give_the_same_lists(shop):
    first, _o, _b = offered(shop)
    second, _o, _b = offered(shop.sample(frac=1, random_state=3))

    pd.testing.assert_frame_equal(first, second)


def test_chances_rise_with_the_score_and_add_up_to_what_was_bought():
    base = read_purchases(preference_lines(2), snapshot_date=SNAPSHOT, holdout_days=HOLDOUT_DAYS)
    none = np.zeros(len(base.products), dtype=bool)
    evaluation = evaluate(base, repeatable=none)
    curve = evaluation.curves[evaluation.best]

    assert (np.diff(curve.chance) >= -1e-12).all()
    assert 0 <= curve.chance.min() <= curve.chance.max() <= 1
    assert np.isnan(curve.of(np.array([np.nan]))).all()
    assert isinstance(curve, ChanceCurve)


def test_the_calibrated_chances_meet_a_later_period():
    """Chances learnt on one hold-out are close to what is bought in the next."""
    frame = preferences(7)
    earlier = ibis.memtable(frame[frame["order_date"] < pd.Timestamp("2023-11-17")])
    base = read_purchases(earlier, snapshot_date=date(2023, 11, 17), holdout_days=HOLDOUT_DAYS)
    none = np.zeros(len(base.products), dtype=bool)
    offering = prepare_offers(base, evaluate(base, repeatable=none), repeatable=none)

    lists = offer_lists(offering, k=5)

    later = frame[frame["order_date"] >= pd.Timestamp("2023-11-17")]
    bought = set(zip(later["customer_id"], later["product_id"], strict=True))
    hits = [pair in bought for pair in zip(lists["customer_id"], lists["offer"], strict=True)]
    assert lists["propensity"].mean() == pytest.approx(np.mean(hits), rel=0.25)
