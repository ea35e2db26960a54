"""What the page on a campaign says where an effect is planted, where none is, where doubtful."""

from dataclasses import replace
from string import Formatter

import ibis
import numpy as np
import pandas as pd
import pytest
from draws import DRAWS, FEW
from planted_campaigns import SNAPSHOT, hand_picked, planted, three_arms

from shared.analysis import uplift_answers as answers
from shared.analysis import uplift_check_exhibits as check_exhibits
from shared.analysis import uplift_exhibits as exhibits
from shared.analysis import uplift_money_answers as money_answers
from shared.analysis.actions import Action
from shared.analysis.intervals import Estimate
from shared.analysis.study_parts import known
from shared.analysis.uplift import adjusted_difference, uplift_verdict
from shared.analysis.uplift_actions import uplift_actions
from shared.analysis.uplift_campaign import read_campaign
from shared.analysis.uplift_caveats import uplift_caveats
from shared.analysis.uplift_effects import average_effects
from shared.analysis.uplift_learners import LEARNERS
from shared.analysis.uplift_money_answers import Choice, choice
from shared.analysis.uplift_ranking import contrast_of, rank_customers
from shared.analysis.uplift_results import uplift_metrics, uplift_tables
from shared.analysis.uplift_study import study_campaign
from shared.analysis.verdicts import Level
from shared.loading.errors import NotSupportedByData

CAUSAL = ("because of the campaign", "It works", "worked best", "drives some away")


def study(table, **options):
    return study_campaign(table, tables={}, snapshot_date=SNAPSHOT, draws=100, **options)


def everything_said(made):
    """Collect every sentence of the page, in the order of the page."""
    said = [*(answer for _name, answer in answers.headlines(made)), answers.compared(made)]
    for name in ("best_segment", "for_some", "nudged", "anyway", "driven_away", "losing_segments",
                 "how_many", "in_peace", "in_order", "beside_response"):  # fmt: skip
        try:
            home = answers if hasattr(answers, name) else money_answers
            said.append(getattr(home, name)(made))
        except NotSupportedByData:
            continue
    return " ".join(one.template for one in [*said, *uplift_caveats(made)])


@pytest.fixture(scope="module")
def moved():
    made = planted(1, n=8000)
    spent = np.where(made.outcome == 1, 20.0, 0.0)
    return study(made.table(outcome_value=spent, treatment_cost=0.4 * made.treated), planned="1:1")


@pytest.fixture(scope="module")
def unmoved():
    made = planted(11, n=4000, has_effect=False)
    return study(made.table(), response_worth=10.0, contact_cost=0.4, group_by="x1")


@pytest.fixture(scope="module")
def alike():
    """Everybody gains alike and pays by far, and what a contact costs is not known."""
    rng = np.random.default_rng(0)
    n = 6000
    x, treated = rng.normal(size=(n, 2)), rng.integers(0, 2, n)
    outcome = (rng.random(n) < 0.2 + 0.1 * treated).astype(int)
    table = ibis.memtable(
        pd.DataFrame({"customer_id": np.arange(n).astype(str), "treatment": treated,
                      "outcome": outcome, "outcome_value": 30.0 * outcome, "x1": x[:, 0],
                      "x2": x[:, 1]})
    )  # fmt: skip
    return study(table)


@pytest.fixture(scope="module")
def chosen():
    return study(hand_picked(0, n=4000).table())


def test_an_effect_that_differs_is_said_with_its_interval_and_leads_to_lists(moved):
    text = everything_said(moved)

    assert moved.works
    assert moved.differs
    assert "It works, and better for some than for others" in text
    assert "The campaign drives some away" in text
    assert uplift_verdict(moved.campaign, moved.checks).level == Level.RELIABLE
    tables = uplift_tables(moved)
    policy = known(moved.policy)
    assert 0.9 * policy.best_share * 8000 <= len(tables["targets"]) <= policy.best_share * 8001
    (whom, *_others) = uplift_actions(moved)
    assert whom.size == len(tables["targets"])
    assert (tables["do_not_disturb"]["predicted_uplift"] < 0).all()
    assert tables["targets"]["predicted_uplift"].is_monotonic_decreasing
    assert not set(tables["targets"]["customer_id"]) & set(tables["do_not_disturb"]["customer_id"])


def test_the_tables_and_metrics_of_the_contract_are_there(moved):
    names = {"checks", "effects", "deciles", "qini", "policy", "quadrants", "targets",
             "do_not_disturb"}  # fmt: skip
    metrics = uplift_metrics(moved)

    assert names <= set(uplift_tables(moved))
    assert {"ate", "ate_low", "ate_high", "qini", "qini_low", "qini_high", "sample_ratio_p"} <= set(
        metrics
    )
    assert metrics["ate_low"] < metrics["ate"] < metrics["ate_high"]
    assert metrics["qini_low"] < metrics["qini"] < metrics["qini_high"]


def test_the_words_carry_the_numbers_of_the_tables(moved):
    ((_name, first), *_rest) = answers.headlines(moved)
    row = uplift_tables(moved)["effects"].query("outcome == 'responded'").iloc[0]
    shown = exhibits.deciles(moved)

    assert first.values["more"].value == pytest.approx(100 * row["uplift"])
    assert first.values["more"].n == row["treated"] + row["control"]
    assert shown.said[0].values["high"] == pytest.approx(100 * shown.data["uplift"].iloc[0])
    assert exhibits.matrix(moved)[1]["customers"].sum() == 8000
    rules = uplift_tables(moved)["policy"].set_index("rule")
    assert money_answers.how_many(moved).values["gain"].value == rules["profit"].iloc[0]


def test_differences_of_shares_stand_in_points_and_not_as_shares(moved):
    shown = exhibits.deciles(moved)

    assert shown.data["points"].equals(100 * shown.data["uplift"])
    assert not {"uplift", "low", "high"} & set(shown.columns)
    assert {shown.columns[name][1] for name in exhibits.POINTS} == {"number.1"}
    assert not {"low", "high"} & set(exhibits.quadrant_columns(moved))


def test_whom_to_leave_in_peace_is_tied_to_the_list_the_half_and_the_matrix(moved):
    said = answers.in_peace(moved).values
    peace, types = (uplift_tables(moved)[name] for name in ("do_not_disturb", "quadrants"))
    dogs = types.set_index("type").loc["Sleeping Dogs"]

    assert said["n"] == len(peace)
    assert said["judged"] == (known(moved.ranking).score[known(moved.ranking).is_test] < 0).sum()
    assert (said["dogs"], said["most"]) == (dogs["customers"], dogs["types_high"])


def test_where_nothing_is_planted_no_effect_is_said_and_nobody_is_listed(unmoved):
    text = everything_said(unmoved)
    tables = uplift_tables(unmoved)

    assert not unmoved.works
    assert not unmoved.differs
    assert "No effect of the campaign is found" in text
    assert not any(words in text for words in CAUSAL)
    assert len(tables["targets"]) == len(tables["do_not_disturb"]) == 0
    assert list(tables["targets"]) == list(tables["do_not_disturb"])
    with pytest.raises(NotSupportedByData, match="nothing marks them"):
        exhibits.driver_table(unmoved)


def test_an_effect_alike_for_all_works_on_average_and_is_not_proof_for_some(alike):
    assert "It works on average, and there is no proof that it works better for some" in (
        everything_said(alike)
    )
    assert uplift_tables(alike)["targets"].empty


def test_chosen_customers_are_an_association_with_overlap_and_without_a_matrix(chosen):
    text = everything_said(chosen)
    (name, first), *others = answers.headlines(chosen)

    assert name == "association"
    assert not others
    assert first.template.startswith("An association, not an effect")
    assert not any(words in text for words in CAUSAL)
    heads = [head for head, _spec in exhibits.effect_table(chosen)[1].values()]
    assert "With" not in heads
    assert check_exhibits.overlap(chosen).data["treated"].sum() > 0
    for part in (exhibits.matrix, exhibits.bounds, exhibits.profit, exhibits.qini):
        with pytest.raises(NotSupportedByData, match="chosen, not drawn by lot"):
            part(chosen)
    assert not {"quadrants", "targets", "qini"} & set(uplift_tables(chosen))
    verdict = uplift_verdict(chosen.campaign, chosen.checks)
    assert verdict.level == Level.CARE
    assert "association" in verdict.reasons[0].template


def test_like_compared_with_like_leaves_nothing_of_a_difference_that_choice_made(chosen):
    adjusted, p = known(chosen.adjusted)
    raw = chosen.effect["uplift"]

    assert raw > 0.1
    assert adjusted.low < 0 < adjusted.high
    assert p > 0.01
    assert chosen.ate == adjusted


def test_the_adjusted_difference_finds_an_effect_that_is_there():
    made = planted(3, n=12_000)
    adjusted, p = adjusted_difference(made.x, made.treated, made.outcome)

    assert adjusted.low < made.effect.mean() < adjusted.high
    assert p < 0.001
    with pytest.raises(NotSupportedByData, match="do not overlap"):
        adjusted_difference(50.0 * made.treated[:, None], made.treated, made.outcome)


@pytest.mark.parametrize(
    ("n", "share", "level", "match"),
    [(2300, 0.5, Level.RELIABLE, ""), (1900, 0.5, Level.CARE, "has only"),
     (2300, 0.06, Level.CARE, "has only")],
)  # fmt: skip
def test_below_a_thousand_in_an_arm_it_is_read_with_care(n, share, level, match):
    made = planted(5, n=n, treated_share=share)
    campaign = read_campaign(made.table(), snapshot_date=SNAPSHOT)
    got = uplift_verdict(campaign, study(made.table()).checks)

    assert got.level == level
    assert all(match in reason.template for reason in got.reasons)


def test_below_a_hundred_outcomes_in_an_arm_it_is_read_with_care():
    made = planted(6, n=3000)
    few = np.where(np.arange(3000) % 20 == 0, 1, 0)
    got = uplift_verdict(*_read_and_checked(made.table(outcome=few)))

    assert got.level == Level.CARE
    assert "responded" in got.reasons[0].template


def _read_and_checked(table):
    made = study(table)
    return made.campaign, made.checks


def test_under_a_hundred_in_an_arm_nothing_is_said():
    frame = planted(7, n=2000).table().to_pandas()
    treated = frame[frame["treatment"] == 1]
    control = frame[frame["treatment"] == 0]

    with pytest.raises(NotSupportedByData, match="has 99 customers"):
        study(ibis.memtable(pd.concat([treated, control.head(99)])))
    assert study(ibis.memtable(pd.concat([treated.head(110), control.head(100)]))).campaign.n == 210


def test_neither_row_order_nor_ids_change_a_figure():
    frame = planted(8, n=2500).table().to_pandas()
    renamed = frame.sample(frac=1, random_state=3)
    renamed = renamed.assign(customer_id="q" + renamed["customer_id"].str[::-1])
    one, other = (uplift_metrics(study(ibis.memtable(f))) for f in (frame, renamed))

    assert one == pytest.approx(other, nan_ok=True)


@pytest.mark.slow
def test_with_the_arms_dealt_anew_neither_an_effect_nor_a_difference_is_found():
    table = planted(9, n=4000).table()
    campaign = read_campaign(table, snapshot_date=SNAPSHOT)
    found = 0
    for seed in range(DRAWS):
        rng = np.random.default_rng(seed)
        arms = campaign.rows["arm"].to_numpy()[rng.permutation(campaign.n)]
        dealt = type(campaign)(**{**vars(campaign), "rows": campaign.rows.assign(arm=arms)})
        contrast = contrast_of(dealt, campaign.features.to_numpy(float), arm="treated")
        effects = average_effects(dealt)
        ranking = rank_customers(contrast, draws=100, learners=LEARNERS[:1])
        found += bool(effects["finding"].iloc[0] == "differs") or ranking.is_found

    assert found <= FEW


def test_the_placebo_says_that_it_is_one():
    made = study(planted(9, n=3000).table(), placebo=True)

    assert not made.works
    assert not made.differs
    reasons = uplift_verdict(made.campaign, made.checks).reasons
    assert any("placebo" in reason.template for reason in reasons)


@pytest.fixture(scope="module")
def offers():
    return study(three_arms(0))


def test_several_arms_are_compared_after_their_costs(offers):
    arms = known(offers.arms)
    net = arms.table.set_index("arm")

    assert set(offers.effects["arm"]) == {"cheap", "dear"}
    assert net.loc["dear", "cost"] == pytest.approx(1.0)
    assert net.loc["cheap", "cost"] == pytest.approx(0.1)
    # .9 times x3 moves few and up to .6 net of 1.0 each; choosing per customer gains on the best.
    assert arms.own.value > 0
    assert offers.checks.shares["arm"].tolist() == ["control", "cheap", "dear"]
    assert offers.arm in ("cheap", "dear")
    assert "largest effect" in everything_said(offers)
    said = uplift_actions(offers)
    assert said[0].money == pytest.approx(arms.own.value * 12_000 / 1000)
    assert "with {arm}" in said[1].template
    assert said[1].values["arm"] == offers.arm
    assert money_answers.how_many(offers).template.startswith("Of {arm} alone: ")


def test_actions_name_a_segment_and_a_size_and_promise_nothing_that_is_not_shown(
    moved, unmoved, chosen
):
    for made in (moved, unmoved, chosen):
        got = uplift_actions(made)
        assert 1 <= len(got) <= 5
        assert all(isinstance(one, Action) and one.segment and one.size > 0 for one in got)
    assert any("highest predicted uplift" in one.template for one in uplift_actions(moved))
    assert not any("highest predicted" in one.template for one in uplift_actions(unmoved))
    assert [one.template[:25] for one in uplift_actions(chosen)] == ["Draw a control group by l"]


def test_the_interval_below_a_sentence_is_that_of_a_figure_in_it(moved, unmoved, chosen, alike):
    for made in (moved, unmoved, chosen, alike):
        for name, answer in answers.headlines(made):
            named = {field for _text, field, _spec, _c in Formatter().parse(answer.template)}
            given = {key for key, value in answer.values.items() if isinstance(value, Estimate)}
            assert given, name
            assert given <= named, name


def test_contacting_all_is_said_with_its_own_interval_and_before_costs_that_are_not_known(alike):
    rules = known(alike.policy).table.set_index("rule")
    said = money_answers.how_many(alike)
    (whom, *_others) = uplift_actions(alike)

    assert choice(alike) is Choice.ALL
    assert said.values["all"].low == pytest.approx(rules.at["contact all", "low"])
    assert said.values["costs"] == "before the cost of contacts"
    assert whom.size == 6000
    assert "goods and contact cost less than" in whom.template
    assert whom.values["limit"] == pytest.approx(rules.at["contact all", "profit"] / 1000)


def test_what_beats_contacting_all_must_pay_by_itself_too(moved):
    def judged(**cells):
        rules = known(moved.policy).table.set_index("rule")
        for name, value in cells.items():
            rule, _, column = name.partition("__")
            rules.loc[{"top": "contact the top by uplift", "all": "contact all"}[rule], column] = (
                value
            )
        return choice(replace(moved, policy=replace(known(moved.policy), best_share=0.4,
                                                    table=rules.reset_index())))  # fmt: skip

    surely = {"top__p_all": 0.0, "top__against_all": 50.0}
    assert judged(top__low=1.0, **surely) is Choice.TOP
    assert judged(top__low=-1.0, all__low=-9.0, all__high=-5.0, **surely) is Choice.NOBODY
    assert judged(top__low=1.0, top__p_all=0.4, all__low=1.0) is Choice.ALL
    assert judged(top__low=1.0, top__p_all=0.4, all__low=-1.0) is Choice.RATHER_TOP
    assert judged(top__low=-1.0, all__low=-1.0, all__high=1.0) is Choice.OPEN


def test_where_nobody_is_predicted_to_lose_that_is_the_answer(moved):
    ranking = known(moved.ranking)
    nobody = replace(moved, ranking=replace(ranking, score=np.abs(ranking.score)),
                     harm=NotSupportedByData("few"))  # fmt: skip

    assert answers.driven_away(nobody).values["few"] == "no"
    assert "Nobody is named" in answers.in_peace(nobody).template
    assert not any("do_not_disturb" in one.template for one in uplift_actions(nobody))


def test_an_order_the_wrong_way_round_is_not_called_chance(moved):
    def ordered(slope, p):
        return answers.in_order(
            replace(moved, deciles=replace(known(moved.deciles), slope=slope, trend_p=p))
        ).template

    assert "The order holds" in ordered(0.05, 0.0001)
    assert "wrong way round" in ordered(-0.05, 0.0001)
    assert "within chance" in ordered(0.05, 0.3)


def test_a_plan_that_was_not_stated_is_not_called_planned(moved, unmoved):
    assert "as planned" in answers.compared(moved).template
    assert "as planned" not in answers.compared(unmoved).template


def test_each_check_shows_its_figure_in_the_column_of_its_kind(moved):
    table, columns = check_exhibits.check_table(moved)

    assert (table[["p", "share", "features"]].notna().sum(axis=1) <= 1).all()
    assert table["p"].iloc[0] == moved.checks.sample_ratio_p
    assert columns["features"][1] == "count"


def test_without_money_the_other_questions_are_answered():
    made = study(planted(1, n=6000).table())

    with pytest.raises(NotSupportedByData, match="what a response is worth"):
        exhibits.profit(made)
    assert made.differs
    assert 0 < len(uplift_tables(made)["targets"]) < 6000
    assert "money" not in exhibits.type_table(made)[1]


def test_a_plan_that_is_no_plan_is_refused():
    with pytest.raises(NotSupportedByData, match="is not read"):
        study(planted(1, n=1000).table(), planned="half and half")
