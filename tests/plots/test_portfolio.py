import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from shared.loading.brand import contrast
from shared.plots import theme
from shared.plots.locales import Wording
from shared.plots.portfolio import (
    plot_due_calendar,
    plot_due_states,
    plot_pareto,
    plot_rfm_grid,
    plot_silence,
)
from shared.plots.treemap import plot_treemap

WORDS = {"title": "100 customers", "source": "Orders, n = 100 customers"}
SEGMENTS = pd.DataFrame(
    {
        "segment": ["Champions", "Loyal", "Potential Loyalist", "New", "Lost", "Cannot Lose"],
        "customers": [400, 250, 180, 120, 0, 3],
        "mean_spend": [2000.0, 800.0, 200.0, 90.0, np.nan, 1500.0],
        "customer_share": [0.42, 0.262, 0.189, 0.126, 0, 0.003],
        "revenue_share": [0.76, 0.19, 0.034, 0.01, 0, 0.004],
    }
)


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def rectangles(ax):
    return {p.get_label(): p for p in ax.patches if not p.get_label().startswith("_")}


def test_areas_of_the_treemap_are_proportional_to_customers_and_fill_the_map():
    drawn = rectangles(plot_treemap(SEGMENTS, **WORDS))

    areas = pd.Series({name: p.get_width() * p.get_height() for name, p in drawn.items()})
    wanted = SEGMENTS.set_index("segment")["customers"].loc[areas.index]
    assert "Lost" not in drawn
    assert (areas / areas.sum()).tolist() == pytest.approx((wanted / wanted.sum()).tolist(), 0.01)


def test_darkness_of_the_treemap_rises_with_mean_spend():
    drawn = rectangles(plot_treemap(SEGMENTS, **WORDS))

    by_spend = SEGMENTS.dropna().sort_values("mean_spend")["segment"]
    lights = [contrast(to_hex(drawn[name].get_facecolor()), "#000000") for name in by_spend]
    assert lights == sorted(lights, reverse=True)


def test_every_segment_is_labelled_in_its_rectangle_or_in_the_key():
    ax = plot_treemap(SEGMENTS, **WORDS)

    said = texts(ax)
    assert {"Champions", "n = 400", "42% of customers", "76% of revenue"} <= set(said)
    assert [t for t in said if t.startswith("Cannot Lose: n = 3, 0.3% of customers")]
    assert "1" in said  # the number that leads from the small rectangle to its line in the key


def test_a_rectangle_too_small_for_its_figures_still_holds_its_name():
    sizes = [400, 250, 180, 120, 30, 20]
    names = ["Champions", "Loyal", "Potential Loyalist", "New", "At Risk", "Lost"]
    many = SEGMENTS.assign(segment=names, customers=sizes, mean_spend=100.0)

    said = texts(plot_treemap(many, **WORDS))

    keyed = [name for name in names if any(t.startswith(f"{name}: n = ") for t in said)]
    assert keyed
    for name in keyed:
        number = str(keyed.index(name) + 1)
        assert {f"{number} {name}"} & set(said) or {number, *name.split()} <= set(
            " ".join(said).split()
        )


def test_the_legends_of_the_treemap_explain_area_and_darkness():
    ax = plot_treemap(SEGMENTS, **WORDS)

    kinds = {p.get_label() for p in ax.patches if p.get_label().startswith("_")}
    assert kinds == {"_area", "_darkness"}
    assert "Mean spend per customer" in texts(ax)
    assert any(t.startswith("= ") and t.endswith(" customers") for t in texts(ax))


def test_no_two_labels_of_the_treemap_overlap_and_none_leaves_the_picture():
    ax = plot_treemap(SEGMENTS, **WORDS)
    figure = ax.get_figure()
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts]

    for i, box in enumerate(boxes):
        assert figure.bbox.x0 <= box.x0
        assert box.x1 <= figure.bbox.x1
        for other in boxes[i + 1 :]:
            height = min(box.y1, other.y1) - max(box.y0, other.y0)
            width = min(box.x1, other.x1) - max(box.x0, other.x0)
            assert not (width > 1 and height > 2.5)  # boxes include air above and below letters


def test_a_treemap_of_one_segment_or_of_no_spend_is_drawn():
    one = SEGMENTS.head(1)
    free = SEGMENTS.assign(mean_spend=0.0)

    assert list(rectangles(plot_treemap(one, **WORDS))) == ["Champions"]
    assert len(rectangles(plot_treemap(free, **WORDS))) == 5


GRID = pd.DataFrame(
    {
        "r_score": [3, 3, 3, 2, 2, 2, 1, 1, 1],
        "x_score": [1, 2, 3] * 3,
        "recency_low": [1, 1, 1, 11, 11, 11, 31, 31, 31],
        "recency_high": [10, 10, 10, 30, 30, 30, 99, 99, 99],
        "x_low": [1, np.nan, 2] * 3,
        "x_high": [1, np.nan, 40] * 3,
        "customers": [20.0, np.nan, 30.0, 15.0, np.nan, 4.0, 0.0, np.nan, 12.0],
        "mean_spend": [50.0, np.nan, 900.0, 40.0, np.nan, np.nan, np.nan, np.nan, 300.0],
    }
)


def test_the_grid_has_recent_customers_on_top_and_says_which_values_a_score_covers():
    ax = plot_rfm_grid(GRID, x_axis="frequency", **WORDS)

    assert [t.get_text() for t in ax.get_yticklabels()] == [
        "31 – 99 days",
        "11 – 30 days",
        "1 – 10 days",
    ]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["1", "", "2 +"]
    assert ax.get_ylim()[0] < ax.get_ylim()[1]  # the best recency score is the highest


def test_the_grid_says_whether_orders_or_any_interaction_are_counted():
    by_orders, by_any = (
        plot_rfm_grid(GRID, x_axis="frequency", by_orders=orders, **WORDS)
        for orders in (True, False)
    )

    assert by_orders.get_xlabel().startswith("Orders per customer")
    assert by_orders.get_ylabel().startswith("Since the last order")
    assert by_any.get_xlabel().startswith("Active days per customer")
    assert by_any.get_ylabel().startswith("Since the last interaction")


def test_the_grid_prints_count_and_mean_and_blanks_what_cannot_occur_or_is_small():
    said = texts(plot_rfm_grid(GRID, x_axis="frequency", **WORDS))

    assert said == ["n = 20\n€50", "–", "n = 30\n€900", "n = 15\n€40", "–", "n = 4",
                    "n = 0", "–", "n = 12\n€300"]  # fmt: skip


def test_a_grid_without_a_mean_to_show_is_drawn():
    ax = plot_rfm_grid(GRID.assign(mean_spend=np.nan), x_axis="monetary", **WORDS)

    assert texts(ax)[0] == "n = 20"
    assert ax.get_xlabel().startswith("Spend per customer")


def test_bars_of_silence_stack_the_lost_on_the_others():
    months = pd.DataFrame({"months_silent": [0, 1], "customers": [10, 6], "lost": [0, 4]})

    ax = plot_silence(months, **WORDS)

    assert [p.get_height() for p in ax.patches] == [10, 2, 0, 4]
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["Not lost", "Lost"]


def test_bars_of_due_states_sum_to_the_customers_and_empty_segments_are_left_out():
    states = pd.DataFrame(
        {
            "segment": ["Champions", "New", "Lost"],
            "customers": [10, 0, 5],
            "overdue": [1, 0, 5],
            "due_soon": [3, 0, 0],
            "due_later": [6, 0, 0],
        }
    )

    ax = plot_due_states(states, **WORDS)

    assert sum(p.get_width() for p in ax.patches) == 15
    assert [t.get_text() for t in ax.get_yticklabels()] == ["Lost", "Champions"]
    assert texts(ax) == ["5", "1"]


def test_the_calendar_has_a_bar_per_day_and_dates_below():
    days = pd.DataFrame(
        {"due_date": pd.date_range("2024-07-01", periods=28), "customers": range(28)}
    )

    ax = plot_due_calendar(days, **WORDS)

    assert [p.get_height() for p in ax.patches] == list(range(28))
    assert ax.get_xticklabels()[0].get_text() == "1 Jul 2024"


def test_the_pareto_curve_ends_at_all_and_names_the_size_of_each_class():
    curve = pd.DataFrame({"member_share": [0, 0.2, 1], "revenue_share": [0, 0.8, 1]})
    classes = pd.DataFrame(
        {"abc_class": list("ABC"), "members": [2, 3, 5], "member_share": [0.2, 0.3, 0.5],
         "revenue_share": [0.8, 0.15, 0.05]}
    )  # fmt: skip

    ax = plot_pareto(curve, classes, members="customers", **WORDS)

    line = next(line for line in ax.lines if len(line.get_xdata()) == 3)
    assert line.get_xydata().tolist() == curve.to_numpy().tolist()
    assert {"A\n2", "B\n3", "C\n5"} <= set(texts(ax))


@pytest.mark.parametrize("plot", [plot_treemap, plot_silence])
def test_the_given_axes_come_back_with_title_and_source(plot):
    months = pd.DataFrame({"months_silent": [0], "customers": [10], "lost": [0]})
    _, ax = plt.subplots(layout="constrained")

    assert plot(SEGMENTS if plot is plot_treemap else months, ax=ax, **WORDS) is ax
    assert theme.chart_words(ax) == theme.ChartWords(**WORDS)


def test_long_amounts_wrap_in_the_key_and_stay_in_the_picture():
    theme.use(Wording("tr", "TRY"), brand=None)
    big = SEGMENTS.assign(mean_spend=SEGMENTS["mean_spend"] * 1e7)

    ax = plot_treemap(big, **WORDS)
    ax.get_figure().draw_without_rendering()

    theme.use(Wording(), brand=None)
    assert all(t.get_window_extent().x1 <= ax.get_figure().bbox.x1 for t in ax.texts)
    assert rectangles(ax)
