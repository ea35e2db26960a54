"""The whole of the journey half: its parts, its words, and a placebo that finds nothing."""

from dataclasses import fields, replace
from types import SimpleNamespace

import pandas as pd
import pytest
from draws import FEW
from staged_journeys import SNAPSHOT, drawn_visits, table

from shared.analysis import journey_answers, journey_exhibits
from shared.analysis.attribution_paths import journeys_of
from shared.analysis.intervals import Estimate
from shared.analysis.journey_actions import journey_actions
from shared.analysis.journey_caveats import journey_caveats, journey_reasons
from shared.analysis.journey_contacts import CLICK, NEITHER, VIEW
from shared.analysis.journey_pain import LOW_ANSWER
from shared.analysis.journey_results import journey_metrics, journey_tables
from shared.analysis.journey_rows import COUNTS, without_small_counts
from shared.analysis.journey_study import journey_study, stages_of
from shared.analysis.multiple_testing import Finding
from shared.analysis.study_parts import is_known
from shared.loading.errors import NotSupportedByData
from shared.plots.locales import Wording
from shared.report.sentences import write

OPTIONS = {"unit": "visit", "stages": "view; cart; pay", "stage_reached": "seen", "window_days": 7}


def study(tables, **options):
    journeys = journeys_of(tables["touchpoints"], tables["conversions"], snapshot_date=SNAPSHOT)
    return journey_study(journeys, tables=tables, **(OPTIONS | options))


def findings(made):
    """Give what the tables of a study call found."""
    columns = {"finding", "pages_finding", "cart_finding", "seconds_finding"}
    return [
        (name, column)
        for name, frame in journey_tables(made).items()
        for column in columns & set(frame)
        if (frame[column] == Finding.DIFFERS.value).any()
    ]


@pytest.fixture(scope="module")
def made():
    return study(drawn_visits(1, harm=0.2))


def test_a_planted_pain_point_is_the_headline_and_the_first_action(made):
    [(name, said)] = journey_answers.journey_headlines(made)

    assert name == "journey_pain"
    assert (said.values["event"], said.values["stage"]) == ("error", "pay")
    assert isinstance(said.values["bad"], Estimate)
    first = journey_actions(made)[0]
    assert "Mend {event}" in first.template
    assert first.size == said.values["bad"].n
    assert 0 < first.money.low < first.money.value < first.money.high
    assert first.money.value == pytest.approx(20 * first.values["lost"])


def test_without_a_pain_point_only_those_who_answered_low_are_asked(made):
    pain = made.pain.assign(finding=Finding.NOTHING.value)
    low = pain[pain["event"] == LOW_ANSWER].set_index("stage")["n"]
    worst = made.satisfaction.assign(finding=Finding.DIFFERS.value)

    first = journey_actions(replace(made, pain=pain, satisfaction=worst))[0]

    assert "Ask those who answered low" in first.template
    assert first.size == low[first.values["stage"]]
    few = pain.assign(n=pain["n"].mask(pain["event"] == LOW_ANSWER, 9))
    unasked = journey_actions(replace(made, pain=few, satisfaction=worst))
    assert not any("Ask those" in act.template for act in unasked)


def test_differences_of_shares_are_told_in_points(made):
    cells = journey_exhibits.segments(made)[0]["difference"].dropna()
    raw = made.segments.funnel["difference"].dropna()
    said = journey_answers.later_answer(made)

    assert [cell.value for cell in cells] == pytest.approx(list(100 * raw))
    assert {cell.unit for cell in cells} == {"number"}
    assert "{gap:number.1} points" in said.template or "too few" in said.template
    shown = journey_exhibits.arrivals(made)
    assert list(shown.data["points"]) == pytest.approx(list(100 * shown.data["difference"]))


def test_a_low_answer_is_told_to_be_compared_with_other_answers(made):
    rows, columns, _ = journey_exhibits.pains(made)
    is_answer = rows["event"] == LOW_ANSWER

    assert is_answer.any()
    assert columns["among"][0] == "Among those"
    assert (rows["among"].str.endswith("who answered there") == is_answer).all()


def test_a_mean_satisfaction_is_told_with_the_lowest_and_the_highest_answer(made):
    answers = made.funnel.touches.satisfaction
    ends = {"lowest": answers.min().execute(), "highest": answers.max().execute()}
    told = made.satisfaction.assign(finding=Finding.DIFFERS.value)
    title = journey_answers.stages_title(replace(made, satisfaction=told))

    assert {name: title.values[name] for name in ends} == ends
    limits = [one.values for one in journey_caveats(made) if "Answers go" in one.template]
    assert [{name: values[name] for name in ends} for values in limits] == [ends]


def test_the_reviews_that_are_said_are_those_of_the_table(small):
    shown = pd.DataFrame({"stage": ["conversion", "cart"], "n": [40, 6], "finding": "",
                          "share": [0.4, float("nan")], "difference": 0.0})  # fmt: skip

    assert journey_answers.complaints_answer(replace(small, complaints=shown)).values["n"] == 40
    few = shown.assign(share=float("nan"))
    said = journey_answers.complaints_answer(replace(small, complaints=few))
    assert "few to compare stages" in said.template
    assert said.values["n"] == 46


def test_the_table_of_behaviour_says_which_visits_the_chart_leaves_out(made):
    over = made.arrivals.assign(judged=made.arrivals["n"] - 3)
    said = journey_answers.behaviour_title(replace(made, arrivals=over))

    assert said.values["rest"] == 3 * len(over)
    assert "leaves out" in said.template
    assert "leaves out" not in journey_answers.behaviour_title(made).template


def test_every_sentence_and_chart_names_only_what_is_known(made):
    said = [
        journey_answers.frequency_title(made), journey_answers.frequency_so_what(made),
        journey_answers.reach_so_what(made), journey_answers.arrivals_title(made),
        journey_answers.arrivals_so_what(made), journey_answers.stages_title(made),
        journey_answers.gains_answer(made), journey_answers.later_answer(made),
        journey_answers.segments_answer(made), *journey_answers.stage_answers(made),
    ]  # fmt: skip
    shown = [journey_exhibits.frequency(made), journey_exhibits.arrivals(made),
             journey_exhibits.funnel(made)]  # fmt: skip
    tables = [journey_exhibits.reach(made), journey_exhibits.behaviour(made),
              journey_exhibits.pains(made)[:2], journey_exhibits.segments(made),
              journey_exhibits.steps(made), journey_exhibits.gains(made)[:2],
              journey_exhibits.later(made)]  # fmt: skip

    for sentence in [*said, *(words for exhibit in shown for words in exhibit.said)]:
        assert is_known(sentence), sentence
    for data, columns in [*((e.data, e.columns) for e in shown), *tables]:
        assert set(columns) <= set(data.columns)
        assert len(data) > 0


def test_the_rows_a_table_counts_are_those_of_its_file(made):
    files = journey_tables(made)
    pains, _, read = journey_exhibits.pains(made)
    gains, _, behind = journey_exhibits.gains(made)

    assert len(pains) == len(files["pain_points"]) > read > 0
    assert pains["is_home"].iloc[:read].all()
    assert set(pains["stage"].iloc[read:]) >= {"all"}
    assert len(gains) == len(files["stage_gains"]) > behind > 0
    assert gains["gained"].iloc[:behind].notna().all()
    assert len(journey_exhibits.behaviour(made)[0]) == len(files["arrivals"])


def test_counts_under_ten_stand_neither_on_the_page_nor_in_the_files():
    few = pd.DataFrame({"stage": ["a", "b", "c"], "n": [9, 10, 0], "other_n": [40, 1, 12]})

    got = without_small_counts(few)

    assert got["n"].fillna(-1).tolist() == [-1, 10, 0]
    assert got["other_n"].fillna(-1).tolist() == [40, -1, 12]
    assert few["n"].tolist() == [9, 10, 0]


def test_no_file_holds_a_count_of_one_to_nine_cases(small):
    tables = journey_tables(small)
    counts = {(name, column): frame[column] for name, frame in tables.items()
              for column in COUNTS & set(frame)}  # fmt: skip

    assert len(counts) > 10
    for where, column in counts.items():
        assert not column.between(1, 9).any(), where


def test_channels_of_visits_that_no_contact_names_are_told():
    tables = drawn_visits(1, customers=100)
    visits = tables["web_sessions"]
    is_ads = visits.channel == "Ads"
    typed = visits.mutate(channel=is_ads.ifelse("Direct", visits.channel))
    share = visits.aggregate(share=is_ads.mean()).execute()["share"].item()

    said = [one for one in journey_caveats(study(tables | {"web_sessions": typed}, unit="journey"))
            if "no contact tells" in one.template]  # fmt: skip

    assert [one.values["names"] for one in said] == ["Direct"]
    assert said[0].values["share"] == pytest.approx(share)
    plain = journey_caveats(study(tables, unit="journey"))
    assert not [one for one in plain if "no contact tells" in one.template]


@pytest.mark.parametrize(("none", "words"), [(0, "the other 20.0% a mere view"),
                                             (10, "18.2% a mere view, 9.1% neither")])  # fmt: skip
def test_conversions_after_neither_are_said_where_there_are_some(none, words):
    groups = pd.DataFrame({"group": [CLICK, VIEW, NEITHER], "conversions": [80, 20, none]})
    clicks = groups.assign(share=groups["conversions"] / groups["conversions"].sum())
    title = journey_answers.clicks_title(SimpleNamespace(clicks=clicks, window_days=30))

    assert words in str(write(title.template, dict(title.values), Wording()))


def test_metrics_are_plain_numbers_and_tables_hold_no_customer(made):
    got = journey_metrics(made)

    assert got["at_view"] >= got["at_cart"] >= got["at_pay"] >= got["at_conversion"] > 0
    assert got["pain_points"] == 1
    assert all(isinstance(value, int | float | Estimate) for value in got.values())
    for frame in journey_tables(made).values():
        assert "customer_id" not in frame


def test_the_stage_table_joins_satisfaction(made):
    got = stages_of(made)

    assert list(got["stage"]) == ["view", "cart", "pay", "conversion"]
    assert got["satisfaction"].notna().sum() == 3
    assert "complaint_share" not in got


def test_what_the_data_cannot_carry_costs_no_other_part(made):
    assert isinstance(made.clicks, NotSupportedByData)
    assert "kind" in str(made.clicks)
    assert isinstance(made.complaints, NotSupportedByData)
    assert isinstance(made.stages, pd.DataFrame)


def test_without_journeys_every_part_holds_the_reason():
    reason = NotSupportedByData("only paths were supplied", "touchpoints")
    got = journey_study(reason, tables={})

    parts = [getattr(got, field.name) for field in fields(got)]
    held = [part for part in parts if isinstance(part, NotSupportedByData)]
    assert len(held) == 15
    assert got.clicks is reason
    assert journey_tables(got) == {}
    assert journey_metrics(got) == {}
    assert journey_answers.journey_headlines(got) == []
    assert journey_actions(got) == []
    assert journey_caveats(got) == []
    assert journey_reasons(got) == []


def test_enough_visits_ask_for_no_care(made):
    assert journey_reasons(made) == []


@pytest.fixture(scope="module")
def small():
    """Study a hundred customers without the first page, with reviews and a plan."""
    tables = drawn_visits(1, customers=100)
    people = sorted(tables["conversions"].customer_id.to_pandas().unique())
    when = tables["conversions"].converted_at.max().to_pandas() + pd.Timedelta(days=1)
    reviews = table(
        "review_id customer_id written_at rating",
        *[(f"r{i}", who, when, 1.0 + i % 5) for i, who in enumerate(people)],
    )
    touches = tables["touchpoints"].filter(tables["touchpoints"].stage != "view")
    tables |= {"reviews": reviews, "touchpoints": touches}
    return study(tables, stages="", plan="all contacts = 200 x 2", window_days=90)


def test_few_visits_ask_for_care(small):
    assert [reason.values["n"] for reason in journey_reasons(small)] == [202, 48]


def test_limits_of_the_data_are_counted(small):
    said = {reason.template[:25]: reason.values for reason in journey_caveats(small)}

    assert said["The order of the stages, "]["stages"] == "cart, pay, error"
    assert said["{n:count} {noun} reached "]["n"] == small.funnel.unplaced > 0


def test_reviews_and_the_plan_are_read(small):
    assert small.complaints["n"].sum() == 40  # as many customers converted
    assert small.reach.loc[0, "planned_reach"] == 200
    assert "{met:share.0}" in journey_answers.reach_so_what(small).template
    assert "Complaints" in " ".join(s.template for s in journey_answers.stage_answers(small))


@pytest.mark.slow
def test_a_placebo_finds_nothing(made):
    assert findings(made) != []

    found = [findings(study(drawn_visits(seed, customers=300, harm=0.1), placebo=True))
             for seed in range(FEW)]  # fmt: skip
    assert sum(map(bool, found)) <= FEW // 5, found
