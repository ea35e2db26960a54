from datetime import date

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from planted_cohorts import flat_retention, order_lines, random_shop

from shared.analysis.age_period_cohort import calendar_effects, projected_cells
from shared.analysis.cohort import pooled_curve, retention_cells
from shared.analysis.cohort_activity import follow_cohorts
from shared.analysis.cohort_differences import cohort_differences
from shared.analysis.cohort_engagement import period_rates
from shared.analysis.cohort_money import follow_money, money_cells, pooled_money
from shared.plots import cohort as draw
from shared.plots import theme

SMALL = [("a", "2024-01-01"), ("b", "2024-01-01"), ("a", "2024-02-01"), ("c", "2024-02-01")]
WORDS = {"title": "24 % come back", "source": "Orders, n = 3"}


@pytest.fixture(autouse=True)
def _closed_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def flat():
    return follow_cohorts(
        flat_retention(0, months=8, new=300),
        period="M",
        last_period="2024-07",
        snapshot_date=date(2024, 8, 20),
    )


@pytest.fixture(scope="module")
def small():
    return follow_cohorts(
        order_lines(SMALL), period="M", last_period="2024-02", snapshot_date=date(2024, 3, 10)
    )


def texts(ax):
    return [text.get_text() for text in ax.texts]


def hatches(ax):
    return [patch.get_hatch() for patch in ax.patches]


def drawn(cohorts, **options):
    cells = retention_cells(cohorts)
    return draw.plot_retention(cells, pooled=pooled_curve(cells), **WORDS, **options)


def test_the_given_axes_come_back_and_title_and_source_are_kept():
    _, ax = plt.subplots()
    rates = pd.DataFrame(
        {"period": pd.period_range("2024-01", periods=3, freq="M"), "churn_rate": [0.6, 0.5, 0.7],
         "retention_rate": [0.4, 0.5, 0.3], "low": [0.5, 0.4, 0.6], "high": [0.7, 0.6, 0.8]}
    )  # fmt: skip

    assert draw.plot_churn(rates, ax=ax, **WORDS) is ax
    assert theme.chart_words(ax).title == WORDS["title"]
    assert len(ax.lines) == 2
    assert ax.lines[0].get_ydata().tolist() == [0.6, 0.5, 0.7]


def test_each_complete_cell_prints_its_value_and_what_is_not_over_is_marked(small):
    ax = drawn(small)

    # Row Jan: 50 in month 1, month 2 running; row Feb: month 1 running; pooled: 50.
    assert texts(ax) == ["50", "0", "0", "50*", "2", "1", "3", "Size"]
    assert hatches(ax) == [None, "..", "..", "////", None]
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "Jan 2024",
        "Feb 2024",
        "Pooled",
    ]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "2"]


def test_blue_is_white_at_nought_and_dark_at_a_hundred_whatever_the_data(small, flat):
    for cohorts in (small, flat):
        cells = retention_cells(cohorts).dropna(subset="retention")
        ax = drawn(cohorts)
        first = next(p for p in ax.patches if p.get_hatch() is None)
        share = cells[cells["period_index"] == 1]["retention"].iloc[0]
        assert to_hex(first.get_facecolor()) == to_hex(theme.BLUES(share))


def test_every_text_on_a_cell_can_be_read(flat):
    ax = drawn(flat)
    cells = [p for p in ax.patches if p.get_hatch() is None]
    inks = {t.get_position(): t.get_color() for t in ax.texts}

    for cell in cells:
        middle = (cell.get_x() + 0.5, cell.get_y() + 0.5)
        assert inks[middle] == theme.ink_on(cell.get_facecolor())


def test_the_first_cohort_has_a_dagger_and_few_cohorts_a_star(flat):
    ax = drawn(flat, older=flat.first)

    assert ax.get_yticklabels()[0].get_text() == "Jan 2024 †"
    key = ax.figure.axes[-1].get_legend()
    noted = [text.get_text() for text in key.get_texts()]
    assert "† older customers: not pooled" in noted
    assert "* fewer than 3 cohorts" in noted
    assert sum("*" in text for text in texts(ax)) == 2


def test_projections_are_drawn_apart(flat):
    ax = drawn(flat, projected=projected_cells(flat, ahead=1))

    guessed = [text for text in texts(ax) if text.startswith("~")]
    dashed = [p for p in ax.patches if p.get_linestyle() not in ("-", "solid")]
    assert len(guessed) == len(dashed) == 5
    assert all(to_hex(p.get_facecolor(), keep_alpha=True).endswith("00") for p in dashed)


def test_money_is_written_in_each_cell_and_pooled_at_the_foot(small):
    money = follow_money(order_lines(SMALL), small)

    ax = draw.plot_cohort_values(
        money_cells(money, small), column="cumulative_per_customer", spec="money",
        pooled=pooled_money(money, small), label="Revenue per customer", **WORDS,
    )  # fmt: skip

    assert texts(ax) == ["10", "15", "10", "10", "15"]
    assert hatches(ax).count("////") == 1
    assert ax.get_xlabel().startswith("Revenue per customer")


def test_a_dollar_sign_in_a_name_stays_a_dollar_sign():
    cells = pd.DataFrame(
        {"cohort": ["$5 off$", "none"], "period_index": [0, 0], "value": [1.0, 2.0]}
    )

    ax = draw.plot_cohort_values(cells, column="value", spec="number.1", **WORDS)
    ax.figure.canvas.draw()

    assert ax.get_yticklabels()[0].get_text() == r"\$5 off\$"


def test_the_pooled_curve_dashes_where_cohorts_are_few(flat):
    pooled = pooled_curve(retention_cells(flat))

    ax = draw.plot_pooled_curve(pooled, **WORDS)

    whole, firm = ax.lines
    assert len(whole.get_xdata()) == 6
    assert firm.get_xdata().tolist() == [1, 2, 3, 4]
    assert ax.get_ylim()[0] == 0
    assert "dashed: fewer than 3 cohorts" in texts(ax)
    assert ax.get_xticklabels()[0].get_text() == "1\n1,800"


def test_the_steepest_drop_is_pointed_at(flat):
    drop = pd.Series({"from_index": 2, "to_index": 3})

    ax = draw.plot_pooled_curve(pooled_curve(retention_cells(flat)), drop=drop, **WORDS)

    assert ax.lines[-1].get_xdata().tolist() == [2, 3]
    assert "steepest drop" in texts(ax)


def test_marks_are_filled_only_where_a_cohort_differs(flat):
    tests = cohort_differences(flat)
    tests.loc[1, "finding"] = "differs"

    ax = draw.plot_differences(tests, overall=0.3, older=flat.first, **WORDS)

    assert filled_marks(ax) == 1
    assert ax.get_yticklabels()[-1].get_text() == "Jan 2024 †"
    assert len(ax.collections[0].get_segments()) == len(tests) == 6


def test_the_first_cohort_has_a_mark_that_neither_differs_nor_belongs_to_all(flat):
    ax = draw.plot_differences(cohort_differences(flat), overall=0.3, older=flat.first, **WORDS)

    grey = [line for line in ax.lines if line.get_marker() == "o"]
    assert [len(line.get_xdata()) for line in grey] == [1]
    assert to_hex(grey[0].get_color()) == to_hex(theme.CONTEXT)
    assert filled_marks(ax) == 0
    assert "all but †" in texts(ax)
    assert ax.get_xlabel().endswith("† may hold older customers: not compared")


def filled_marks(ax):
    """Count the marks that say of a cohort that it differs."""
    return sum(
        len(line.get_xdata())
        for line in ax.lines
        if line.get_marker() in "^v" and line.get_markerfacecolor() != "white"
    )


def test_a_matrix_of_money_names_its_currency_and_the_cohort_that_is_not_pooled(flat):
    lines = flat_retention(0, months=8, new=300)
    money = follow_money(lines, flat)

    ax = draw.plot_cohort_values(
        money_cells(money, flat), column="cumulative_per_customer", spec="money",
        label="Revenue per customer", older=flat.first, **WORDS,
    )  # fmt: skip

    label = f"Revenue per customer, {theme.words().unit_of_money}\n† older customers: not pooled"
    assert ax.get_xlabel().startswith(label)
    assert ax.get_yticklabels()[0].get_text() == "Jan 2024 †"


def test_calendar_effects_leave_out_what_cannot_be_told(flat):
    effects = calendar_effects(flat)
    effects.loc[0, ["difference", "low", "high"]] = np.nan

    ax = draw.plot_calendar_effects(effects, **WORDS)

    assert sum(len(line.get_xdata()) for line in ax.lines[1:]) == len(effects) - 1


def test_promotions_stand_beside_their_neighbours():
    promotions = pd.DataFrame(
        {"promotion": ["A", "B"], "customers": [90, 80], "followup_days": [180, 30],
         "came_back": [0.1, 0.3], "low": [0.05, 0.2], "high": [0.2, 0.4],
         "neighbours_back": [0.3, 0.3], "neighbours_low": [0.25, 0.2],
         "neighbours_high": [0.35, 0.4]}
    )  # fmt: skip

    ax = draw.plot_promotions(promotions, **WORDS)

    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "B\n80, 30 days",
        "A\n90, 180 days",
    ]
    assert {text.replace(" ", "").replace("\xa0", "") for text in texts(ax)} == {"30%", "10%"}


def test_payback_names_each_line_at_its_end_and_draws_break_even():
    curves = pd.DataFrame(
        {"cohort": ["Ads"] * 3 + ["Mail"] * 3, "period_index": [0, 1, 2] * 2,
         "net": [-5.0, 0.0, 4.0, 1.0, 2.0, 9.0], "is_readable": [True] * 5 + [False]}
    )  # fmt: skip

    ax = draw.plot_payback(curves, **WORDS)

    assert set(texts(ax)) == {"Ads", "Mail", "break-even"}
    assert ax.lines[2].get_ydata().tolist() == [1.0, 2.0]
    assert set(ax.lines[0].get_ydata()) == {0}


@pytest.mark.parametrize("period", ["W", "30D", "Q"])
def test_matrices_of_any_period_stay_within_their_page(period):
    last = "2023Q4" if period == "Q" else "2024-01-28" if period == "W" else "2024-01"
    cohorts = follow_cohorts(random_shop(1), period=period, last_period=last)

    ax = drawn(cohorts)

    width, height = ax.figure.get_size_inches()
    assert width <= 6.5
    assert height <= 9
    assert len(ax.get_yticks()) <= 25
    assert period_rates(cohorts)["churn_rate"].between(0, 1).all()
