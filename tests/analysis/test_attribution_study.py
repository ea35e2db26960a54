from dataclasses import replace
from datetime import date
from itertools import pairwise

import ibis
import numpy as np
import pandas as pd
import pytest
from planted_journeys import (
    conversions_of,
    paths_table,
    planted_paths,
    planted_tables,
    touches_of,
)

from shared.analysis import attribution_answers as answers
from shared.analysis import attribution_exhibits as exhibits
from shared.analysis import attribution_memory_answers as memory_answers
from shared.analysis.attribution import attribution_verdict
from shared.analysis.attribution_actions import attribution_actions
from shared.analysis.attribution_caveats import attribution_caveats
from shared.analysis.attribution_counting import paths_from_table, paths_of
from shared.analysis.attribution_intervals import (
    against_last_touch,
    credit_table,
    removal_table,
    resampled,
)
from shared.analysis.attribution_paths import journeys_of
from shared.analysis.attribution_results import attribution_metrics, attribution_tables
from shared.analysis.attribution_return import FLATTENING, RISING, channel_costs, saturation
from shared.analysis.attribution_rules import MODELS
from shared.analysis.attribution_study import study_attribution
from shared.analysis.verdicts import Level
from shared.loading.errors import NotSupportedByData
from shared.plots.locales import Wording
from shared.report.sentences import write

SNAPSHOT = date(2024, 12, 1)


def written(reason):
    return write(reason.template, dict(reason.values), Wording())


@pytest.fixture(scope="module")
def tables():
    touches, sales = planted_tables(4, journeys=2_400)
    cost = ibis.cases((touches.channel == "Search", 0.8), (touches.channel == "Email", 0.0),
                      else_=0.3)  # fmt: skip
    return {"touchpoints": touches.mutate(cost=cost), "conversions": sales}


@pytest.fixture(scope="module")
def study(tables):
    return study_attribution(tables, snapshot_date=SNAPSHOT)


@pytest.fixture(scope="module")
def placebo(tables):
    return study_attribution(tables, snapshot_date=SNAPSHOT, placebo=True)


@pytest.fixture(scope="module")
def counted():
    """One channel per person, and no times: what an aggregated export of visits looks like."""
    rows = [("A > A", 60, 400), ("B", 80, 500), ("C", 40, 300)]
    return study_attribution({"paths": paths_table(rows)}, snapshot_date=SNAPSHOT)


def test_every_headline_has_an_estimate_with_n_and_bounds(study, placebo, counted):
    for one in (study, placebo, counted):
        said = [written(answer) for _name, answer in answers.headlines(one)]

        assert 3 <= len(said) <= 5
        for sentence in said:
            assert sentence.estimate is not None, sentence
            assert sentence.estimate.n > 0, sentence
            assert sentence.estimate.of, sentence
            assert sentence.estimate.low <= sentence.estimate.value <= sentence.estimate.high


def test_what_is_said_changes_with_the_data(study, placebo):
    assert "would take most sales with it" in written(answers.switching_off(study))
    assert "no channel converts better" in written(answers.switching_off(placebo))


def test_a_placebo_run_finds_no_structure_and_moves_no_budget(placebo):
    said = " ".join(written(reason) for reason in attribution_caveats(placebo))
    actions = attribution_actions(placebo)

    assert not placebo.has_structure
    assert "placebo" in said
    assert "Nothing says that one channel converts better" in written(answers.credit_due(placebo))
    assert "barely predicts" in written(memory_answers.remembering(placebo))
    assert [action.template.split()[0] for action in actions] == ["Leave"]
    assert attribution_verdict(placebo.paths, memory_answers.doubts(placebo)).level == Level.CARE


def test_the_planted_journeys_are_found_without_it(study):
    assert study.has_structure
    assert study.memory.used == 1
    assert study.memory.predicts
    assert study.removal["channel"].iloc[0] == "Search"
    assert len(attribution_actions(study)) == 3


def test_what_costs_nothing_is_not_asked_to_pause(study):
    free = study.returns["channel"] == "Search"
    unpaid = replace(study, returns=study.returns.assign(cost=study.returns["cost"].mask(free, 0)))

    first, second = attribution_actions(study)[0], attribution_actions(unpaid)[0]
    assert first.values["a"] == "Search"
    assert second.values["a"] != "Search"


def test_one_channel_per_person_leaves_nothing_to_attribute(counted):
    models = [m for m in MODELS if m != "time_decay"]
    spread = counted.credit[models].max(axis=1) - counted.credit[models].min(axis=1)

    assert not counted.has_choice
    assert spread.max() < 1e-9
    assert "nothing to attribute" in written(answers.credit_due(counted))
    assert isinstance(counted.feeds, NotSupportedByData)
    assert "nothing to attribute" in written(memory_answers.doubts(counted)[0])


def test_without_null_paths_the_removal_section_refuses_and_credit_stays():
    frame = pd.DataFrame({"path": ["A > B", "B", "A > C", "C > B"],
                          "conversions": [400, 300, 200, 250]})  # fmt: skip
    one = study_attribution({"paths": ibis.memtable(frame)}, snapshot_date=SNAPSHOT)

    assert isinstance(one.removal, NotSupportedByData)
    assert "removal" not in attribution_tables(one)
    assert one.credit["markov"].sum() == pytest.approx(1150, abs=1e-6)
    assert attribution_verdict(one.paths, memory_answers.doubts(one)).level == Level.CARE
    assert not one.has_structure
    assert "cannot be checked" in written(memory_answers.remembering(one))
    for _name, answer in answers.headlines(one):
        assert written(answer).estimate is not None


def test_credits_of_every_model_sum_to_the_conversions_and_time_decay_has_figures(study):
    for model in MODELS:
        assert study.credit[model].sum() == pytest.approx(study.paths.total, abs=1e-6), model
        value = study.credit[f"{model}_value"].sum()
        assert value == pytest.approx(study.paths.value.sum(), abs=1e-6), model


def test_intervals_hold_their_values_and_ranks_theirs(study):
    for table, value in ((study.removal, "removal_effect"), (study.models, "share")):
        assert (table["low"] <= table[value]).all()
        assert (table[value] <= table["high"]).all()
    assert (study.removal["rank_low"] <= study.removal["rank"]).all()
    assert (study.removal["rank"] <= study.removal["rank_high"]).all()
    assert study.removal["first_share"].sum() == pytest.approx(1)


def test_two_runs_agree_to_the_last_digit(tables, study):
    again = study_attribution(tables, snapshot_date=SNAPSHOT)

    for name, table in attribution_tables(study).items():
        pd.testing.assert_frame_equal(attribution_tables(again)[name], table, check_exact=True)


def test_every_exhibit_draws_only_numbers_of_its_own_table(study, counted):
    shown = [exhibits.channel_map(study), exhibits.feeding(study), exhibits.removal(study),
             exhibits.models(study), exhibits.roles(study), exhibits.returns(study),
             exhibits.channel_map(counted), exhibits.models(counted)]  # fmt: skip
    for one in shown:
        for reason in one.said:
            assert any(letter.isdigit() for letter in written(reason)), written(reason)
        assert set(one.columns) <= set(one.data.columns)
        cells = {round(float(x), 9) for x in one.data.select_dtypes("number").to_numpy().ravel()}
        cells.add(float(one.data["model"].nunique()) if "model" in one.data else np.nan)
        for value in one.said[1].values.values():
            if isinstance(value, float):
                assert round(value, 9) in cells, (written(one.said[1]), value)


def test_the_map_leaves_out_arrows_under_its_threshold_and_counts_them(study):
    shown = exhibits.channel_map(study)
    values = shown.note.values
    kept = shown.data

    assert len(kept) + values["n"] == values["all"]
    under = kept[kept["transition_probability"] < values["threshold"]]
    assert (under["kind"] == "sale").all()
    assert len(under) <= 3


def test_sixty_channels_are_drawn_as_ten_nodes_and_none_is_lost():
    names = [f"c{k:02d}" for k in range(60)]
    rows = [(f"{a} > {b}", 20 + k, 30) for k, (a, b) in enumerate(pairwise(names))]
    one = study_attribution({"paths": paths_table(rows)}, snapshot_date=SNAPSHOT, memory=1)
    shown = exhibits.channel_map(one)
    nodes = {*shown.data["source"], *shown.data["target"]} - {""}

    assert exhibits.OTHERS in nodes
    assert len(nodes) <= 10
    assert shown.note.values["grouped"] == 51
    assert one.credit["markov"].sum() == pytest.approx(one.paths.total, abs=1e-6)
    assert "59" not in written(attribution_caveats(one)[0])
    # What is drawn may be less; the table behind links a file of as many rows.
    files = attribution_tables(one)
    for name, exhibit in (("removal", exhibits.removal(one)), ("assists", exhibits.roles(one))):
        assert len(exhibit.data) == len(files[name]) == 60, name


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ("abcdefgh", "and rank the others alike."),
        ("acbdefgh", "and the ranks below it differ little (rank correlation 0.98 or more)."),
        ("ahgfedcb", "but the ranks below it depend on the model"),
    ],
)
def test_models_are_said_to_rank_alike_only_where_they_do(study, order, said):
    shares = np.arange(8, 0, -1) / 36
    first = pd.DataFrame({"channel": list("abcdefgh"), "model": "first_touch", "share": shares})
    last = pd.DataFrame({"channel": list(order), "model": "last_touch", "share": shares})
    wide = pd.concat([first, last]).pivot(index="channel", columns="model", values="share")
    credit = wide.reset_index().assign(**dict.fromkeys(set(MODELS) - set(wide), np.nan))
    one = replace(study, models=pd.concat([first, last]), credit=credit)

    got = str(written(answers.decision(one)))

    assert got.startswith("All 2 models put a first")
    assert said in got


def test_last_but_direct_is_compared_where_it_is_not_last_touch(study):
    other = study.credit.assign(last_non_direct=study.credit["last_touch"] + 1)

    assert "last_non_direct" not in exhibits.credit_table(study)[1]
    assert "last_non_direct" in exhibits.credit_table(replace(study, credit=other))[1]


def test_pairs_that_a_handful_of_journeys_went_are_not_shown():
    rows = [("A > B", 300, 100), ("A > C", 2, 3), ("B", 50, 200)]
    one = study_attribution({"paths": paths_table(rows)}, snapshot_date=SNAPSHOT)

    assert set(one.feeds["target"]) == {"B", "C"}
    assert list(exhibits.feeding(one).data["target"]) == ["B"]


def test_returns_set_credit_against_cost(study, tables):
    costs = channel_costs(study.journeys).set_index("channel")
    table = study.returns.set_index("channel")
    contacts = tables["touchpoints"].filter(lambda t: t.channel == "Search").count().execute()

    assert costs.loc["Search", "cost"] == pytest.approx(0.8 * contacts)
    row = table.loc["Search"]
    assert row["return_on_cost"] == pytest.approx(row["value"] / row["cost"])
    assert row["low"] < row["return_on_cost"] < row["high"]
    assert row["cost_low"] < row["cost_per_conversion"] < row["cost_high"]
    assert np.isnan(table.loc["Email", "return_on_cost"])
    assert isinstance(study.saturation, NotSupportedByData)


def test_contacts_without_a_cost_have_no_return(tables):
    bare = {**tables, "touchpoints": tables["touchpoints"].drop("cost")}
    one = study_attribution(bare, snapshot_date=SNAPSHOT)

    assert isinstance(one.returns, NotSupportedByData)
    assert "cost" in str(one.returns)


@pytest.mark.parametrize(("power", "reading"), [(1.0, RISING), (0.3, FLATTENING)])
def test_saturation_is_read_from_months_that_differ_in_cost(power, reading):
    rng = np.random.default_rng(8)
    rows, sales = [], []
    for month in range(16):
        n = int(rng.integers(40, 400))
        start = pd.Timestamp("2023-01-01") + pd.DateOffset(months=month)
        sold = rng.permutation(n) < 0.4 * n**power * 400 ** (1 - power) * 0.3
        for k in range(n):
            customer, at = f"m{month}k{k}", start + pd.Timedelta(days=5 + k % 10)
            rows.append((customer, at, "Paid"))
            if sold[k]:
                sales.append((customer, at + pd.Timedelta(hours=2), 5.0))
    touches = touches_of(rows).mutate(cost=ibis.literal(1.0))
    journeys = journeys_of(touches, conversions_of(sales), snapshot_date=SNAPSHOT)
    row = saturation(journeys).iloc[0]

    assert row["elasticity"] == pytest.approx(power, abs=0.12)
    assert row["reading"] == reading


def test_the_chain_against_last_touch_uses_the_same_draws():
    paths = planted_paths(6, journeys=3_000)
    drawn = resampled(paths, draws=100)
    credited = credit_table(paths, drawn)
    moved = against_last_touch(paths, drawn, credited)

    assert moved["difference"].sum() == pytest.approx(0, abs=1e-12)
    assert (moved["low"] <= moved["difference"]).all()
    assert (moved["difference"] <= moved["high"]).all()
    assert moved.set_index("channel").loc["Social", "finding"] == "differs"


def test_wide_intervals_belong_to_few_journeys():
    wide, narrow = (planted_paths(7, journeys=n) for n in (500, 8_000))
    spans = []
    for paths in (wide, narrow):
        table = removal_table(paths, resampled(paths, draws=100))
        spans.append((table["high"] - table["low"]).mean())

    assert spans[0] / spans[1] == pytest.approx(4, rel=0.35)


def test_three_paths_of_a_hundred_journeys_make_a_page():
    rows = [("A > B", 30, 20), ("B > A", 10, 20), ("C", 15, 5)]
    one = study_attribution({"paths": paths_table(rows)}, snapshot_date=SNAPSHOT)

    assert attribution_verdict(one.paths, memory_answers.doubts(one)).level == Level.CARE
    assert [written(answer) for _name, answer in answers.headlines(one)]
    assert paths_from_table(paths_table(rows)).journeys == 100


def test_the_metrics_are_plain_numbers_under_their_names(study, counted):
    for one in (study, counted):
        got = attribution_metrics(one)

        assert {"conversions", "conversion_probability", "memory"} <= set(got)
        assert got["conversion_probability"] == got["conversions"] / got["journeys"]


def test_no_contacts_at_all_or_no_sale_are_refused():
    with pytest.raises(NotSupportedByData, match="no contacts"):
        study_attribution({}, snapshot_date=SNAPSHOT)
    touches, _sales = planted_tables(1, journeys=5)
    with pytest.raises(NotSupportedByData, match="neither a conversion nor an order"):
        study_attribution({"touchpoints": touches}, snapshot_date=SNAPSHOT)


def test_intervals_widen_where_each_customer_repeats_one_journey():
    sold = [
        ("a", 1, "A"),
        ("a", 1, "B"),
        ("b", 0, "B"),
        ("c", 1, "C"),
        ("c", 1, "B"),
        ("d", 0, "A"),
    ]
    spans = []
    for times in (1, 9):  # as many journeys, of many customers or of few who do the same again
        rows, orders = [], []
        for who in range(360 // times):
            for again in range(times):
                start = pd.Timestamp("2022-01-01") + pd.Timedelta(days=90 * again)
                for hour, (kind, bought, channel) in enumerate(sold):
                    rows.append((f"{kind}{who}", start + pd.Timedelta(hours=hour), channel))
                    if bought and channel == "B":
                        orders.append((f"{kind}{who}", start + pd.Timedelta(hours=hour + 9), 1.0))
        journeys = journeys_of(touches_of(rows), conversions_of(orders), snapshot_date=SNAPSHOT)
        paths = paths_of(journeys)
        table = removal_table(paths, resampled(paths, draws=150))
        spans.append((table["high"] - table["low"]).max())

    assert spans[1] / spans[0] == pytest.approx(3, rel=0.35)


def test_one_channel_per_person_is_said_without_a_figure_that_is_none(counted):
    said = " ".join(written(reason) for reason in attribution_caveats(counted))

    assert "No journey met more than one channel" in said
    assert written(answers.decision(counted)) == "All 6 models give each channel the same."
    assert "no channel assists another" in written(answers.roles(counted))
    assert answers.headlines(counted)[0][0] == "credit"
    assert (counted.models.groupby("channel")["rank"].nunique() == 1).all()
