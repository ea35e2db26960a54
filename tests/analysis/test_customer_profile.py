from datetime import date

import numpy as np
import pandas as pd
import pytest
from profiled_shops import HAND_MADE, SNAPSHOT, lines, order, random_lines, tables

from shared.analysis.abc_xyz import Cuts
from shared.analysis.customer_profile import customer_profile, profile_blanks, profile_summary
from shared.analysis.lifecycle import Thresholds
from shared.analysis.lifecycle_customers import latest_stages
from shared.analysis.profile_metrics import (
    FLAGS,
    GROUPS,
    METRICS,
    NAMES,
    REASONS,
    profile_catalogue,
)
from shared.analysis.rfm_scores import Scoring
from shared.analysis.segments import SEGMENTS
from shared.loading.errors import ConfigError, NotSupportedByData

STAGES = pd.DataFrame(
    {
        "customer_id": ["ana"],
        "lifecycle_stage": ["active"],
        "previous_stage": ["active"],
        "periods_in_stage": [3],
        "recoveries": [0],
    }
)


def profile(frame, *, snapshot_date=SNAPSHOT, others=None, **settings):
    return customer_profile(
        tables(frame, **(others or {})), snapshot_date=snapshot_date, **settings
    )


def of(frame, customer="ana", **settings):
    return profile(frame, **settings).customers.set_index("customer_id").loc[customer]


def reason(row, metric):
    number = NAMES.index(metric) + 1
    codes = dict(entry.split(":") for entry in row["blank_reasons"].split())
    return codes.get(str(number))


def test_the_hand_made_customer_has_every_figure_of_the_catalogue():
    ana = of(lines(), g1_days=45, stages=STAGES)

    want = [
        43, 173, 43, 0, 130, 0.1445,
        4, 4, 4, 2, 70, 30, 0.4351, 1,
        72, np.nan, 20, 17.5, 35, -0.1429, 0, 0.7125, 0.0361, 0.1,
        1.5, 2.5, 3, 3, 0.7856, 0.5, np.nan, 0.3333,
        0.9601, 0.6667, np.nan, -0.1929,
    ]  # fmt: skip
    got = ana[list(NAMES[: len(want)])].astype(float).round(4).tolist()
    assert got == pytest.approx(want, nan_ok=True)
    assert ana[list(STAGES.columns[1:])].tolist() == ["active", "active", 3, 0]
    assert ana["expected_next_order_date"] == pd.Timestamp("2024-06-18")
    assert ana["xyz_class"] == "Y"
    assert (reason(ana, "margin"), reason(ana, "seasonality_index")) == ("no_cost", "few_months")


def test_the_stages_of_the_hand_made_customer_are_those_of_the_lifecycle():
    order_lines = tables(lines())["order_lines"]
    stages = latest_stages(order_lines, thresholds=Thresholds(45, 90, "M"), snapshot_date=SNAPSHOT)

    ana = of(lines(), g1_days=45, stages=stages)

    assert ana[list(STAGES.columns[1:])].tolist() == ["active", "active", 3, 0]


def test_the_columns_are_those_of_the_catalogue_in_its_order():
    got = profile(lines()).customers

    assert got.columns.tolist() == [
        "customer_id", *profile_catalogue()["metric"], "web_duration_28d", "blank_reasons", "flags",
    ]  # fmt: skip
    assert [metric.number for metric in METRICS] == list(range(1, 57))
    assert profile_catalogue()["group"].unique().tolist() == list(GROUPS)
    assert profile_catalogue().notna().all(axis=None)


def test_every_blank_has_its_reason_and_nothing_else_has_one():
    # From nothing but ids to everything there is, so that each reason occurs somewhere.
    full = random_lines(3)
    bare = full[["customer_id", "order_id", "order_date", "quantity"]]
    for frame in (full, full.head(40), bare, full.assign(line_value=0.0)):
        got = profile(frame)
        for _, row in got.customers.iterrows():
            coded = {entry.split(":")[0] for entry in row["blank_reasons"].split()}
            blank = {str(m.number) for m in METRICS if pd.isna(row[m.name])}
            assert coded == blank
        table = profile_blanks(got)
        assert "incomplete" not in set(table["reason"])
        assert table["customers"].sum() == got.customers[list(NAMES)].isna().sum().sum()
        assert set(table["reason"]) <= set(REASONS)


def test_without_a_category_a_product_a_cost_or_a_discount_only_their_metrics_are_blank():
    frame = random_lines(4)
    whole = profile(frame).customers
    cases = {
        "category": {"top_category_share", "distinct_categories", "category_entropy", "price_tier"},
        "unit_cost": {"margin"},
        "discount": {"discount_share"},
        "unit_price": {"price_tier"},
        "channel": {"first_channel", "last_channel"},
        "product_id": {
            "positions_per_order", "distinct_products", "repeat_product_share", "price_tier",
            "new_product_rate",
        },
    }  # fmt: skip
    for column, metrics in cases.items():
        got = profile(frame.drop(columns=column)).customers
        assert got[list(metrics)].isna().all(axis=None)
        others = [name for name in NAMES if name not in metrics]
        pd.testing.assert_frame_equal(got[others], whole[others])


def test_without_prices_items_stand_for_money_and_nothing_is_told_about_prices():
    frame = lines().drop(columns=["line_value", "unit_price", "discount"])

    ana = of(frame)

    assert (ana["monetary"], ana["largest_order_value"]) == (9.0, 4.0)
    for metric in ("margin", "discount_share", "price_tier"):
        assert reason(ana, metric) == "no_price"


def test_cost_and_category_are_looked_up_among_the_products():
    products = pd.DataFrame(
        {"product_id": ["P1", "P2", "P3", "P3"], "unit_cost": [6.0, 2.0, 5.0, 5.0],
         "category": ["coffee", "tea", "cups", "cups"]}
    )  # fmt: skip

    ana = of(lines().drop(columns="category"), others={"products": products})

    # 6 P1, 3 P2 and the one P3 that came back: 72 - 36 - 6.
    assert ana["margin"] == 30.0
    assert (ana["distinct_categories"], ana["top_category_share"]) == (3, 0.7125)


def test_the_margin_is_blank_where_over_five_percent_of_the_purchases_have_no_cost():
    rows = [order("ana", "1", "2024-01-01", 95), order("ana", "2", "2024-01-02", 5)]
    rows += [order("ben", "3", "2024-01-01", 94), order("ben", "4", "2024-01-02", 6)]
    frame = lines(rows).assign(unit_cost=[50.0, np.nan, 50.0, np.nan])

    assert of(frame)["margin"] == 50.0
    assert reason(of(frame, "ben"), "margin") == "no_cost"


def test_free_goods_of_unknown_cost_have_no_margin_and_without_refunds_there_is_no_rate():
    free = of(lines(HAND_MADE[:6], unit_price=0, discount=0))
    paid = of(lines(HAND_MADE[:6]))

    assert (reason(free, "margin"), reason(paid, "refund_rate")) == ("no_cost", "no_refund")
    # A refund that is still to come is not known yet.
    assert reason(of(lines(), snapshot_date=date(2024, 5, 25)), "refund_rate") == "no_refund"
    assert of(lines(), snapshot_date=date(2024, 5, 26))["refund_rate"] == pytest.approx(0.1)


def test_refunds_above_the_purchases_leave_a_negative_sum_and_a_class_of_c():
    refund = ("ana", "R2", "2024-06-20", "P1", "coffee", -10, 10, 0, True)
    other = order("ben", "9", "2024-06-01", 50)

    ana = of(lines([*HAND_MADE, refund, other]))

    assert ana["monetary"] == -28.0
    assert ana["revenue_last_period"] == -100.0
    assert ana["abc_class"] == "C"
    assert ana["refund_rate"] == pytest.approx(108 / 80)
    assert (ana["average_order_value"], ana["frequency"], ana["recency_days"]) == (20, 4, 43)


def test_a_customer_of_refunds_alone_has_no_profile():
    got = profile(lines([*HAND_MADE, ("ben", "R9", "2024-02-01", "P1", "coffee", -1, 10, 0, True)]))

    assert got.customers["customer_id"].tolist() == ["ana"]


def test_one_order_leaves_no_rhythm_to_anybody():
    rows = [order(f"c{k}", str(k), f"2024-05-{k + 1:02}", 10.0 + k) for k in range(20)]

    got = profile(lines(rows)).customers

    assert (got["frequency"] == 1).all()
    assert (got["longest_gap_days"] == got["recency_days"]).all()
    assert (got["interaction_span_days"] == 0).all()
    blank = ["median_gap_days", "gap_cv", "order_value_trend", "repeat_product_share"]
    assert got[[*blank, "expected_next_order_date"]].isna().all(axis=None)
    assert all(reason(row, "expected_next_order_date") == "no_gap" for _, row in got.iterrows())


def test_equal_customers_have_equal_profiles_and_spend_without_variation():
    rows = [
        order(f"c{k}", f"{k}-{month}", f"2024-{month:02}-03", 19.99)
        for k in range(7)
        for month in range(1, 7)
    ]

    got = profile(lines(rows)).customers.drop(columns="customer_id")

    assert len(got.drop_duplicates()) == 1
    assert (got["spend_cv"][0], got["spend_slope"][0], got["order_value_trend"][0]) == (0, 0, 0)
    assert got["xyz_class"][0] == "X"


def test_a_single_month_of_history_leaves_what_needs_periods_blank():
    rows = [order("ana", "1", "2024-06-03"), order("ana", "2", "2024-06-20")]

    ana = of(lines(rows), snapshot_date=date(2024, 6, 25))

    assert (ana["active_periods"], ana["longest_active_streak"]) == (1, 1)
    assert ana["revenue_last_period"] == 0
    for metric in ("spend_cv", "active_period_share", "spend_slope", "xyz_class"):
        assert reason(ana, metric) == "few_periods"


def test_purchases_that_add_up_to_nothing_have_no_shares_but_a_profile():
    ana = of(lines(unit_price=0, discount=0))

    for metric in ("top_category_share", "category_entropy", "refund_rate", "spend_cv"):
        assert reason(ana, metric) == "no_gross"
    assert (ana["monetary"], ana["average_order_value"], ana["frequency"]) == (0, 0, 4)


def test_the_longest_streak_is_unbroken_and_the_longest_gap_may_be_the_open_one():
    days = ["2023-01-05", "2023-02-05", "2023-03-05", "2023-05-05", "2023-06-05", "2023-12-31"]
    rows = [order("ana", str(k), day) for k, day in enumerate(days)]

    ana = of(lines(rows), snapshot_date=date(2025, 1, 1))

    assert (ana["active_periods"], ana["longest_active_streak"]) == (6, 3)
    assert ana["longest_gap_days"] == 367
    # Two complete years; the first quarter brought half.
    assert ana["seasonality_index"] == pytest.approx(0.5 / 0.25)


def test_the_trend_of_a_wholesale_account_looks_at_its_last_200_orders():
    early = [order("ana", f"a{k}", f"2022-01-01 {k // 60:02}:{k % 60:02}", 500) for k in range(50)]
    late = [
        order("ana", f"b{k}", pd.Timestamp("2023-01-01") + pd.Timedelta(days=k), 1000 + k)
        for k in range(200)
    ]

    ana = of(lines([*early, *late]))

    assert ana["order_value_trend"] == pytest.approx(1 / ana["median_order_value"])
    assert "20:last_200_orders" in ana["flags"].split()


def test_the_dearest_product_of_a_category_is_at_1_and_small_categories_are_left_out():
    rows = [order("ana", f"a{k}", "2024-05-01", 10.0 * (k + 1), f"P{k}") for k in range(5)]
    rows += [order("ben", "b", "2024-05-01", 50, "P4"), order("cat", "c", "2024-05-01", 10, "P0")]
    rows += [("dan", "d", "2024-05-01", "Q1", "tea", 1, 9, 0, False)]

    got = profile(lines(rows)).customers.set_index("customer_id")

    assert got["price_tier"].tolist() == pytest.approx([0.5, 1, 0, np.nan], nan_ok=True)
    assert reason(got.loc["dan"], "price_tier") == "small_category"


def test_a_customer_without_a_rhythm_is_expected_after_the_median_gap_of_the_segment():
    rows = [order("ana", str(k), f"2024-0{k}-01") for k in range(1, 6)]
    rows += [order("ben", "b1", "2024-05-01"), order("cat", "c1", "2024-05-02")]
    segments = pd.DataFrame(
        {"customer_id": ["ana", "ben", "cat"], "segment": ["Loyal", "Loyal", "New"]}
    )

    got = profile(lines(rows), placed=segments).customers.set_index("customer_id")

    # Gaps of ana: 31, 29, 31, 30 days; half a day is rounded up.
    assert got["expected_next_order_date"].dropna().eq(pd.Timestamp("2024-06-01")).tolist() == [
        True,
        True,
    ]
    assert reason(got.loc["cat"], "expected_next_order_date") == "no_gap"


def test_classes_that_were_placed_are_taken_and_the_others_follow_the_portfolio():
    placed = pd.DataFrame({"customer_id": ["ana"], "segment": ["Own name"], "r_score": [3]})

    ana = of(lines(), placed=placed)

    assert (ana["segment"], ana["r_score"], ana["f_score"], ana["abc_class"]) == (
        "Own name", 3, 1, "A",
    )  # fmt: skip


def test_other_scores_and_cuts_follow_the_parameters():
    rows = [order(f"c{k}", str(k), "2024-05-01", 10.0 * k) for k in range(1, 10)]
    own = Scoring(scores=3, segment_map=SEGMENTS)

    got = profile(lines(rows), scoring=own, cuts=Cuts(a=0.1, b=0.5)).customers

    assert got["m_score"].tolist() == [1, 1, 1, 2, 2, 2, 3, 3, 3]
    # The largest, 90 of 450, comes before 20 %, the next three before 52 %.
    assert got["abc_class"].tolist() == ["C"] * 6 + ["B", "B", "A"]
    assert of(lines(), cuts=Cuts(x=0.97, y=1.2))["xyz_class"] == "X"


def test_figures_of_a_model_are_taken_and_banded_and_the_missing_say_so():
    frame = lines([order(c, c, "2024-05-01") for c in ("ana", "ben", "cat", "dan")])
    predictions = pd.DataFrame(
        {"customer_id": ["ana", "ben", "cat"], "p_active_90d": [0.9, 0.5, 0.1],
         "expected_order_value": [12.0, 12.0, 12.0]}
    )  # fmt: skip

    got = profile(frame, predictions=predictions).customers.set_index("customer_id")

    assert got["churn_risk_band"].tolist()[:3] == ["low", "medium", "high"]
    assert reason(got.loc["dan"], "p_active_90d") == "not_predicted"
    assert reason(of(frame), "p_active_90d") == "no_model"
    assert "50:base_mean" in got.loc["ana", "flags"]


def test_stages_say_who_was_not_yet_a_customer():
    new = STAGES.assign(lifecycle_stage="new", previous_stage=None)

    assert reason(of(lines(), stages=new), "previous_stage") == "not_yet"
    assert reason(of(lines()), "lifecycle_stage") == "no_stages"


def test_sentiment_is_blank_for_those_who_wrote_nothing():
    frame = lines([order("ana", "1", "2024-05-01"), order("ben", "2", "2024-05-01")])
    voice = pd.DataFrame({"customer_id": ["ana"], "mean_sentiment": [-0.5]})

    assert of(frame, sentiment=voice)["mean_sentiment"] == -0.5
    assert reason(of(frame, "ben", sentiment=voice), "mean_sentiment") == "no_text"
    assert reason(of(frame), "mean_sentiment") == "no_voice"


def test_the_summary_counts_known_and_blank_and_gives_the_quartiles():
    rows = [order(f"c{k}", str(k), "2024-05-01", float(k)) for k in range(1, 6)]

    got = profile_summary(profile(lines(rows))).set_index("metric")

    assert got.loc["monetary", ["known", "blank"]].tolist() == [5, 0]
    assert got.loc["monetary", ["low_quartile", "median", "high_quartile"]].tolist() == [2, 3, 4]
    assert got.loc["gap_cv", ["known", "blank"]].tolist() == [0, 5]
    assert got.loc["abc_class", "most_common"] == "A"
    assert len(got) == 56
    assert got.groupby("group").size().max() <= 12


def test_a_base_without_orders_and_a_wrong_period_are_refused():
    with pytest.raises(NotSupportedByData, match="no order before 2020-01-01"):
        profile(lines(), snapshot_date=date(2020, 1, 1))
    with pytest.raises(NotSupportedByData, match="order_id"):
        profile(lines().drop(columns="order_id"))
    with pytest.raises(ConfigError, match="30D"):
        profile(lines(), period="30D")


def test_reasons_and_flags_are_words_without_a_blank():
    for code in (*REASONS, *FLAGS):
        assert code.replace("_", "").isalnum()
