"""What the page says where earlier data prove the forecast off, in money and against guesses."""

from dataclasses import replace

import pandas as pd
import pytest
from studied_lifetimes import shop, studied

from shared.analysis.intervals import Estimate
from shared.analysis.lifetime_backtest import CONSTANT, LAST
from shared.analysis.lifetime_backtest_answers import alive_said
from shared.analysis.lifetime_check_answers import independence_note, spend_by_orders
from shared.analysis.lifetime_headlines import headlines, lifetime_verdict
from shared.analysis.lifetime_miss import missed, money_miss, outdone
from shared.analysis.lifetime_models import all_models
from shared.analysis.lifetime_without_leaving import fit_without_leaving
from shared.analysis.purchase_histories import histories
from shared.analysis.repeat_summary import weighted_rows
from shared.analysis.verdicts import Level


@pytest.fixture(scope="module")
def study():
    return studied(*shop())


def with_money(study, *, expected, came):
    told = Estimate(expected, 0.9 * expected, 1.1 * expected, 100, "money")
    return replace(
        study, backtest=replace(study.tested, revenue_predicted=told, revenue_actual=came)
    )


def test_a_forecast_right_in_orders_and_far_off_in_money_is_read_with_care(study):
    off = with_money(study, expected=2_900.0, came=4_200.0)

    verdict = lifetime_verdict(off)

    assert verdict.level is Level.CARE
    (said,) = [r for r in verdict.reasons if "money_off" in r.values]
    assert said.template == "The model under-forecasts the holdout by {money_off:share} in {what}."
    assert said.values["money_off"] == pytest.approx(1 - 2_900 / 4_200)


def test_where_money_is_the_headline_its_miss_stands_beside_it(study):
    off = dict(headlines(with_money(study, expected=2_900.0, came=4_200.0)))

    assert "{spent:money} came, a miss of {money_off:share}" in off["backtest"].template
    like_then = off["forecast"].values["like_then"]
    assert like_then == pytest.approx(study.forecast.revenue.value * 4_200 / 2_900)


def test_money_within_the_interval_is_told_and_called_no_miss(study):
    near = with_money(study, expected=4_000.0, came=4_200.0)
    said = dict(headlines(near))

    assert money_miss(near.tested) != money_miss(near.tested)  # no number
    assert "a miss of" not in said["backtest"].template
    assert "{spent:money} came." in said["backtest"].template
    assert "like_then" not in said["forecast"].values
    assert not [r for r in missed(near.tested, "revenue") if "money_off" in r.values]


@pytest.mark.parametrize(
    ("ratio", "error", "told"),
    [
        (0.63, 1.47, "per customer (off by {other:number} orders, the model by {error:number}), "
         "though not in total"),
        (0.95, 1.60, "in total ({theirs:share} of what was placed, the model {mine:share}), though "
         "not per customer"),
        (0.95, 1.47, "{mine:share}) and per customer"),
    ],
)  # fmt: skip
def test_a_guess_that_was_not_beaten_is_told_with_what_it_did_better(study, ratio, error, told):
    table = pd.DataFrame(
        {"way": ["BG/NBD", CONSTANT, LAST], "is_chosen": [True, False, False],
         "is_naive": [False, True, True], "ratio": [0.91, 0.83, ratio],
         "mean_absolute_error": [1.51, 1.63, error], "beaten": [None, True, False]}
    )  # fmt: skip

    (said,) = outdone(replace(study.tested, table=table))

    assert told in said.template
    assert said.values["way"] == "the guess that all stays as in the period before"


def test_a_model_bears_one_name_and_a_lonely_one_says_that_nothing_confirms_it(study):
    rows = weighted_rows(study.summary)
    model = fit_without_leaving(histories(rows))
    names = list(all_models(rows, model))

    assert names[0] == "BG/NBD without drop-out"
    alone = study.outlook.alive[study.outlook.alive["is_chosen"]]
    lonely = replace(study, ahead=replace(study.outlook, alive=alone))
    assert "nothing confirms or denies" in alive_said(lonely)[-1].template
    assert not [r for r in alive_said(study) if "nothing confirms" in r.template]


@pytest.mark.parametrize(("low", "ends"), [(0.6, False), (1.05, True)])
def test_ends_of_the_spend_that_chance_could_swap_are_not_named(study, low, ends):
    effect = replace(study.independent.effect, value=1.17, low=low, high=2.1)
    sure = replace(study.independent, p=1e-9, effect=effect)
    told = replace(study, independence=sure)

    assert ("{high:money}" in spend_by_orders(told)[0].template) is ends
    assert ("understated" in independence_note(told).template) is ends
