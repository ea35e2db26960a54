"""Customers whom nobody sees leave: the last model before the historical value."""

import numpy as np
import pandas as pd
import pytest
from planted_lifetimes import bg_nbd_customers

from shared.analysis.lifetime_models import refitted_models
from shared.analysis.lifetime_without_leaving import (
    NO_LEAVING,
    choose_model,
    fit_without_leaving,
    model_name,
)
from shared.analysis.model_ladder import fit_ladder
from shared.analysis.purchase_histories import histories
from shared.analysis.purchase_model import expected_purchases, p_alive
from shared.loading.errors import NotSupportedByData

STAYS = {"r": 0.8, "alpha": 10.0, "a": 1e-9, "b": 1.0}


@pytest.fixture(scope="module")
def loyal():
    return bg_nbd_customers(4, n=3000, truth=STAYS).histories


def test_planted_rates_are_recovered(loyal):
    model = fit_without_leaving(histories(loyal))

    assert model.parameters["r"] == pytest.approx(0.8, rel=0.1)
    assert model.parameters["alpha"] == pytest.approx(10.0, rel=0.1)
    assert (model.method, model_name(model)) == (NO_LEAVING, "BG/NBD without drop-out")


def test_expected_purchases_are_the_posterior_rate_times_the_time(loyal):
    model = fit_without_leaving(histories(loyal))
    r, alpha = model.parameters["r"], model.parameters["alpha"]

    got = expected_purchases(model, np.array([0, 3]), np.array([0.0, 28.0]), 30.0, 26.0)

    want = (r + np.array([0, 3])) / (alpha + 30.0) * 26.0
    assert got == pytest.approx(want, rel=1e-3)


def test_nobody_leaves_however_long_the_silence_after_however_many_orders(loyal):
    model = fit_without_leaving(histories(loyal))
    refits, _moves = refitted_models(loyal, model, refits=3)
    frequent = np.array([1, 30, 60]), np.array([1.0, 2.0, 2.0]), 52.0

    for one in (model, *refits):
        assert p_alive(one, *frequent) == pytest.approx(np.ones(3))
    want = (model.parameters["r"] + frequent[0]) / (model.parameters["alpha"] + 52.0) * 26.0
    assert expected_purchases(model, *frequent, 26.0) == pytest.approx(want)


def test_the_ladder_ends_there_where_nobody_leaves(loyal):
    ladder = choose_model(loyal)

    assert ladder.model.method in (NO_LEAVING, "maximum likelihood", "penalised maximum likelihood")
    if ladder.model.method == NO_LEAVING:
        assert len(ladder.steps) == 2


def test_where_the_ladder_stands_it_is_left_alone():
    rows = bg_nbd_customers(4, n=1500).histories

    assert choose_model(rows).model == fit_ladder(rows).model


@pytest.mark.parametrize("repeats", [0, 29])
def test_too_few_repeat_buyers_have_no_model_at_all(repeats):
    rows = pd.DataFrame({"frequency": [1] * repeats + [0] * 200, "T": 30.0})
    rows["recency"] = rows["frequency"] * 10.0

    with pytest.raises(NotSupportedByData, match=f"{repeats} of"):
        choose_model(rows)
