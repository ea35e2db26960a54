"""The rules by which a portfolio is studied: as the parameters say, in every part of the page."""

import pytest
from profiled_shops import SNAPSHOT
from studied_portfolios import WORDING, by_interactions, changed, said, whole

from shared.analysis import portfolio_exhibits
from shared.analysis.portfolio import segment_table
from shared.analysis.portfolio_parameters import parse_scoring, parse_stage_days
from shared.analysis.portfolio_results import portfolio_limits, portfolio_numbers, portfolio_tables
from shared.analysis.rfm_scores import ELEVEN, Scoring
from shared.analysis.study_parts import known
from shared.loading.errors import ConfigError


def test_the_rules_are_those_of_the_parameters():
    got = parse_scoring({}, scores=3, own_cuts="money 10 20", money="mean_order", segment_map="")

    assert got == Scoring(3, "mean_order", {"monetary": (10.0, 20.0)}, ELEVEN.segment_map)
    with pytest.raises(ConfigError, match="E-PARA-07"):
        parse_scoring({}, scores=5, own_cuts="money 10 20", money="total", segment_map="")


@pytest.mark.parametrize(
    ("text", "days"), [("", (0, 0)), (" 58 155 ", (58, 155)), ("58", (58, 0)), ("0 155", (0, 155))]
)
def test_days_of_silence_are_two_numbers_or_learnt(text, days):
    assert parse_stage_days(text) == days


@pytest.mark.parametrize("text", ["58,155", "58 155 200", "two months", "-3 5", "58.5 155"])
def test_what_are_no_days_of_silence_is_refused(text):
    with pytest.raises(ConfigError, match="E-PARA-08 stage_days") as refused:
        parse_stage_days(text)

    assert text in str(refused.value)
    assert 'write "58 155"' in str(refused.value)


def test_the_rules_reach_every_part():
    study = changed()
    base = known(study.base)
    assert base.cuts.scores == 3
    assert known(study.segments).equals(segment_table(base))
    assert len(known(study.movement.past).ends) == 3
    assert (known(study.profile).period, study.life.followed.noun) == ("Q", "quarter")


def test_where_any_interaction_counts_the_page_says_which_and_what_hangs_on_it():
    counted, apart = map(said, portfolio_exhibits.activity_read(by_interactions()))
    files = portfolio_tables(by_interactions())

    orders = portfolio_numbers(whole())["orders"]
    sessions = files["activity"].set_index("table").loc["web_sessions", "interactions"]
    assert f"out of {orders:,} orders, {sessions:,} web sessions." in counted
    now, before = (files["customers"], portfolio_tables(whole())["customers"])
    both = now.merge(before, on="customer_id", suffixes=("", "_by_orders"))
    moved = (both["segment"].astype(str) != both["segment_by_orders"].astype(str)).mean()
    assert apart.startswith(f"By purchases alone, {100 * moved:.0f}% of the customers")
    begins, first = map(WORDING.date, files["activity"]["first_day"])
    assert (
        f"Orders begin on {begins}, web sessions on {first}: what customers did before that day is "
        "not counted." in [said(limit) for limit in portfolio_limits(by_interactions())]
    )
    grid = portfolio_exhibits.grid(by_interactions())
    assert "days since the last interaction and active days" in said(grid["said"][1])
    assert grid["columns"]["x_low"][0] == "Active days from"


def test_where_any_interaction_counts_money_orders_and_dates_stay_those_of_purchases():
    revenue = portfolio_numbers(whole())["revenue"]
    assert portfolio_numbers(by_interactions())["revenue"] == pytest.approx(revenue)
    columns = ["customer_id", "frequency", "monetary", "recency_days", "last_order_date", "m_score"]
    now, before = (
        portfolio_tables(s)["customers"].sort_values("customer_id", ignore_index=True)
        for s in (by_interactions(), whole())
    )
    assert now[columns].equals(before[columns])
    past = known(by_interactions().movement.past).at(SNAPSHOT)["segment"].astype(str)
    assert past.to_dict() == now.set_index("customer_id")["segment"].astype(str).to_dict()
    both = known(by_interactions().movement.both)
    assert both.at(both.now)["segment"].astype(str).to_dict() == past.to_dict()


def test_by_purchase_nothing_is_said_of_interactions_and_no_file_names_them():
    assert portfolio_exhibits.activity_read(whole()) == portfolio_exhibits.activity(whole()) == []
    files = portfolio_tables(whole())
    assert "activity" not in files
    assert not {"interaction_days", "days_since_last_interaction"} & set(files["customers"])
