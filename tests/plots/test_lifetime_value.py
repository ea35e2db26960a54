"""Charts of lifetime value: marks and labels that are the data's, on every width."""

from datetime import date
from itertools import combinations, pairwise

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from shared.loading.brand import contrast
from shared.plots import lifetime_value as draw
from shared.plots import theme
from shared.plots.lifetime_segments import money_spec
from shared.report.narrow import pictures

WORDS = {"title": "1,653 orders expected, 1,882 placed", "source": "Orders, n = 2,357 customers"}
SEGMENTS = ["Champions", "Loyal", "New", "At Risk"]


@pytest.fixture(autouse=True)
def _page_style():
    with mpl.rc_context(theme.STYLE):
        yield
    plt.close("all")


def backtest():
    return pd.DataFrame(
        {"way": ["BG/NBD", "MBG/NBD", "Constant rate", "Same as last period"],
         "is_chosen": [True, False, False, False], "is_naive": [False, False, True, True],
         "predicted": [1653.0, 1577.0, 2930.0, 2457.0], "actual": 1882.0,
         "ratio": [0.879, 0.838, 1.557, 1.306], "mean_absolute_error": 0.8}
    )  # fmt: skip


def tracking():
    ends = pd.date_range("2024-01-07", periods=30, freq="7D")
    return pd.DataFrame({"week": np.arange(1, 31), "week_ends": ends.date,
                         "actual": np.arange(30) * 10.0,
                         "expected": np.arange(30) * 9.0})  # fmt: skip


def by_orders():
    return pd.DataFrame({"orders": ["0", "1", "2+"], "customers": [900, 300, 50],
                         "actual": [0.2, 0.7, 3.0], "low": [0.1, 0.6, 2.5],
                         "high": [0.3, 0.8, 3.5], "predicted": [0.25, 0.5, 3.1]})  # fmt: skip


def cash_flow(months=6, start="2024-07-01"):
    starts = [d.date() for d in pd.date_range(start, periods=months, freq=pd.DateOffset(months=1))]
    revenue = np.linspace(52_000, 43_000, months)
    return pd.DataFrame({"starts": starts, "orders": 800.0, "revenue": revenue,
                         "revenue_low": revenue * 0.9, "revenue_high": revenue * 1.1})  # fmt: skip


def heat():
    rows = []
    for column in range(4):
        for band in range(3):
            possible = column > 0 or band == 0
            rows.append((column, band, column, np.nan if column == 3 else column, 10.0 * band,
                         10.0 * band + 10, (0.2 + column * band) if possible else np.nan,
                         [0, 5, 1250][band] if possible else 0))  # fmt: skip
    columns = ["column", "band", "frequency_low", "frequency_high", "recency_low", "recency_high",
               "expected_orders", "customers"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def distribution():
    tiers = ["Top", "High", "Middle", "Low"]
    edges = [0.0, 1.0, 2.0, 5.0, 10.0]
    return pd.DataFrame(
        [(low, high, tier, 10 * (i + j)) for i, (low, high) in enumerate(pairwise(edges))
         for j, tier in enumerate(tiers)],
        columns=["value_from", "value_to", "tier", "customers"],
    )  # fmt: skip


def calendar():
    customers = np.array([100.0, 180.0, 240.0])
    return pd.DataFrame({"days": [30, 60, 365], "customers": customers, "low": customers - 9,
                         "high": customers + 9, "share": customers / 1000})  # fmt: skip


def spend():
    return pd.DataFrame({"orders": ["1", "2", "3+"], "customers": [400, 200, 90],
                         "mean_spend": [33.0, 35.0, 42.0], "low": [30.0, 31.0, 35.0],
                         "high": [36.0, 39.0, 49.0]})  # fmt: skip


def segments():
    return pd.DataFrame(
        {"segment": SEGMENTS, "customers": [500, 300, 200, 100],
         "past_share": [0.6, 0.2, 0.05, 0.15], "value_share": [0.65, 0.2, 0.12, 0.03],
         "shift": [0.05, 0.0, 0.07, -0.12],
         "finding": ["differs", "no difference found", "not settled", "differs"],
         "value_per_customer": [107.0, 37.0, 24.0, 8.0],
         "per_customer_low": [98.0, 30.0, 19.0, 5.0],
         "per_customer_high": [116.0, 45.0, 29.0, 11.0]}
    )  # fmt: skip


def idle():
    return pd.DataFrame({"segment": SEGMENTS, "customers": 100, "idle": [0, 5, 0, 60],
                         "past_value": [9000.0, 4000.0, 500.0, 3000.0],
                         "idle_past_value": [0.0, 400.0, 0.0, 2000.0],
                         "idle_past_share": [0.0, 0.1, 0.0, 2 / 3]})  # fmt: skip


def ranks():
    rows = [(a, b, np.nan if a == 1 and b == 5 else 40 * (a == b) + 10, 0.2)
            for a in range(1, 6) for b in range(1, 6)]  # fmt: skip
    return pd.DataFrame(rows, columns=["fifth_now", "fifth_future", "customers", "share"])


CHARTS = {
    "backtest": lambda **k: draw.plot_backtest(backtest(), **WORDS, **k),
    "tracking": lambda **k: draw.plot_tracking(
        tracking(), calibration_end=date(2024, 6, 1), **WORDS, **k
    ),
    "by_orders": lambda **k: draw.plot_by_orders(by_orders(), **WORDS, **k),
    "cash_flow": lambda **k: draw.plot_cash_flow(cash_flow(), **WORDS, **k),
    "heat_map": lambda **k: draw.plot_heat_map(heat(), unit="week", **WORDS, **k),
    "tiers": lambda **k: draw.plot_tiers(distribution(), **WORDS, **k),
    "next_orders": lambda **k: draw.plot_next_orders(calendar(), **WORDS, **k),
    "spend": lambda **k: draw.plot_spend_by_orders(spend(), **WORDS, **k),
    "shift": lambda **k: draw.plot_segment_shift(segments(), **WORDS, **k),
    "worth": lambda **k: draw.plot_segment_worth(segments(), **WORDS, **k),
    "idle": lambda **k: draw.plot_idle_assets(idle(), **WORDS, **k),
    "ranks": lambda **k: draw.plot_rank_moves(ranks(), **WORDS, **k),
}


def texts(ax):
    return [text.get_text() for text in ax.texts if text.get_text()]


@pytest.mark.parametrize("name", CHARTS)
def test_the_given_axes_come_back_with_title_and_source(name):
    _, ax = plt.subplots(layout="constrained")

    assert CHARTS[name](ax=ax) is ax
    assert theme.chart_words(ax) == theme.ChartWords(WORDS["title"], WORDS["source"])


@pytest.mark.parametrize("name", CHARTS)
def test_nothing_is_cut_and_no_label_stands_on_another_on_the_page(name):
    ax = CHARTS[name]()
    figure = ax.figure
    figure.draw_without_rendering()
    boxes = [t.get_window_extent() for t in ax.texts if t.get_text()]
    page = figure.bbox
    for label in (ax.xaxis.label, ax.yaxis.label):
        box = label.get_window_extent()
        assert box.x0 >= page.x0 - 2
        assert box.x1 <= page.x1 + 2
    shrunk = [box.shrunk(0.9, 0.6) for box in boxes]
    assert not [1 for a, b in combinations(shrunk, 2) if a.overlaps(b)]


@pytest.mark.parametrize("name", CHARTS)
def test_charts_are_drawn_narrow_enough_for_a_phone(name):
    assert pictures(CHARTS[name]())[1] is not None


def test_bars_of_the_backtest_are_as_long_as_the_predictions():
    ax = CHARTS["backtest"]()

    assert sorted(patch.get_width() for patch in ax.patches) == [1577, 1653, 2457, 2930]
    assert "1,653 (88%)" in texts(ax)
    assert "placed: 1,882" in texts(ax)


def test_the_naive_ways_are_hatched_and_the_model_is_dark():
    by_length = {patch.get_width(): patch for patch in CHARTS["backtest"]().patches}

    assert by_length[2930].get_hatch()
    assert not by_length[1653].get_hatch()
    assert to_hex(by_length[1653].get_facecolor()) == theme.POSITIVE


def test_every_month_has_its_bar_its_interval_and_its_orders():
    ax = CHARTS["cash_flow"]()

    assert [p.get_height() for p in ax.patches] == cash_flow()["revenue"].tolist()
    (lines,) = [c for c in ax.collections if len(c.get_segments()) == 6]
    assert lines.get_segments()[0][:, 1].tolist() == pytest.approx([46_800, 57_200])
    assert sum("orders" in text for text in texts(ax)) == 6


def test_months_that_begin_within_a_calendar_month_are_named_by_their_day():
    ax = draw.plot_cash_flow(cash_flow(3, "2011-12-10"), **WORDS)

    assert ax.get_xticklabels()[0].get_text() == "from\n10 Dec"


def test_two_years_of_months_keep_their_labels_apart():
    ax = draw.plot_cash_flow(cash_flow(24), **WORDS)
    ax.figure.draw_without_rendering()

    boxes = [label.get_window_extent() for label in ax.get_xticklabels()]
    assert not any(a.overlaps(b) for a, b in pairwise(boxes))


def test_the_heat_map_prints_every_value_and_hides_small_counts():
    said = texts(CHARTS["heat_map"]())

    assert len(said) == 10  # 12 cells, of which 2 cannot occur
    assert "6.2\n1,250" in said
    assert "3.2\n•" in said
    assert not any("5" in text.split("\n") for text in said)


def test_the_heat_map_darkens_with_what_is_expected_and_its_text_can_be_read():
    ax = CHARTS["heat_map"]()
    mesh = ax.collections[0]
    values = np.ma.compressed(mesh.get_array())
    colors = mesh.cmap(mesh.norm(values))
    light = [contrast(to_hex(color), "#000000") for color in colors]

    assert (np.diff(np.array(light)[np.argsort(values)]) <= 1e-9).all()
    inks = {text.get_color() for text in ax.texts}
    assert inks <= {"#000000", "#ffffff"}


def test_tiers_stack_to_the_customers_of_each_step():
    ax = CHARTS["tiers"]()
    heights = pd.Series([p.get_height() for p in ax.patches]).sum()

    assert heights == distribution()["customers"].sum()
    assert [t.get_text() for t in ax.get_legend().get_texts()] == [
        "Top tier", "High tier", "Middle tier", "Low tier",
    ]  # fmt: skip


def test_a_shift_that_is_not_settled_is_hollow():
    ax = CHARTS["shift"]()
    diamonds = [line for line in ax.lines if line.get_marker() == "D" and len(line.get_xdata())]
    hollow = [x for line in diamonds if to_hex(line.get_markerfacecolor()) == "#ffffff"
              for x in line.get_xdata()]  # fmt: skip

    assert hollow == [0.12]


def test_a_shift_that_is_no_difference_is_grey_and_every_mark_is_explained():
    ax = CHARTS["shift"]()
    grey = [x for line in ax.lines if to_hex(line.get_markerfacecolor()) == to_hex(theme.CONTEXT)
            for x in line.get_xdata()]  # fmt: skip
    (legend,) = ax.figure.legends

    assert grey == [0.2]
    assert [text.get_text() for text in legend.get_texts()] == [
        "share of money so far", "to come: more", "to come: less", "to come: not settled",
        "to come: no difference found",
    ]  # fmt: skip


def test_shares_of_segments_are_labelled_as_precisely_as_in_table_and_title():
    frame = segments().assign(value_share=[0.65, 0.2, 0.125, 0.025])

    said = texts(draw.plot_segment_shift(frame, **WORDS))

    assert said == [theme.words().format(share, "share") for share in [0.025, 0.125, 0.2, 0.65]]


def test_months_and_segments_are_labelled_to_one_precision():
    months = texts(draw.plot_cash_flow(cash_flow().assign(revenue=[
        52_000.0, 51_510.0, 50_000.0, 46_500.0, 46_512.0, 43_000.0]), **WORDS))  # fmt: skip
    worth = texts(draw.plot_segment_worth(
        segments().assign(value_per_customer=[107.0, 98.24, 24.0, 8.0]), **WORDS))  # fmt: skip

    assert [t.replace("\\", "") for t in months if "orders" not in t] == [
        "€52,000", "€51,510", "€50,000", "€46,500", "€46,512", "€43,000",
    ]  # fmt: skip
    assert [t.replace("\\", "") for t in worth] == ["€8", "€24", "€98", "€107"]


def test_a_segment_without_idle_customers_says_none_and_has_no_hatched_bar():
    ax = CHARTS["idle"]()

    assert sum(bool(p.get_hatch()) for p in ax.patches) == 2
    assert texts(ax).count("none") == 2
    assert "60 idle, 67% of it" in texts(ax)


def test_a_segment_whose_idle_are_withheld_shows_a_dot_and_no_hatched_bar():
    frame = idle()
    frame.loc[1, ["idle", "idle_past_value", "idle_past_share"]] = np.nan
    ax = draw.plot_idle_assets(frame, **WORDS)

    assert texts(ax).count("•") == 1
    assert sum(bool(p.get_hatch()) for p in ax.patches) == 1
    assert "withheld" in ax.get_xlabel()


def test_withheld_cells_show_a_dot():
    said = texts(CHARTS["ranks"]())

    assert said.count("•") == 1
    assert "50\n20%" in said


@pytest.mark.parametrize(
    ("largest", "spec"), [(0.8, "money"), (60, "money.0"), (5000, "money.compact")]
)
def test_money_along_an_axis_is_as_precise_as_its_size_allows(largest, spec):
    assert money_spec(largest) == spec
