import numpy as np
import pandas as pd
import pytest
from planted_lifetimes import bg_nbd_customers
from public_purchases import apparel_lines

from shared.analysis.model_ladder import fit_ladder
from shared.analysis.purchase_model import fit_purchase_model
from shared.analysis.repeat_summary import repeat_summary, weighted_rows
from shared.loading.errors import NotSupportedByData


def test_a_base_that_fits_ends_on_the_first_step():
    rows = bg_nbd_customers(4, n=1500).histories
    ladder = fit_ladder(rows)

    assert ladder.model == fit_purchase_model(rows)
    assert [(step.name, step.penaliser) for step in ladder.steps] == [("BG/NBD", 0.0)]
    assert ladder.steps[0].outcome.template == "fits"


@pytest.mark.datasets
def test_every_step_down_is_told_with_its_reason(datasets):
    lines = apparel_lines(datasets)
    cut = pd.Timestamp("2005-10-09").date()
    rows = weighted_rows(
        repeat_summary(lines, snapshot_date=pd.Timestamp("2010-12-21").date(), until=cut)
    )
    steps = fit_ladder(rows).steps

    names = ["BG/NBD", "BG/NBD", "BG/NBD", "BG/NBD", "MBG/NBD"]
    assert [step.name for step in steps] == names
    assert [step.penaliser for step in steps] == [0.0, 0.001, 0.01, 0.1, 0.0]
    assert "flat" in steps[0].outcome.template
    costs = [step.outcome.values["cost"] for step in steps[1:4]]
    assert costs == sorted(costs)
    assert costs[0] > 1.92
    assert steps[-1].outcome.template == "fits"


def test_a_penaliser_that_costs_nearly_nothing_is_believed():
    # Where everyone drops out with nearly the same probability, a and b run away in some draws.
    truth = {"r": 0.6, "alpha": 8.0, "a": 6.0, "b": 60.0}
    ladder = fit_ladder(bg_nbd_customers(13, n=250, truth=truth).histories)

    assert [step.penaliser for step in ladder.steps] == [0.0, 0.001]
    assert "ran away" in ladder.steps[0].outcome.template
    assert (ladder.model.name, ladder.model.penaliser) == ("BG/NBD", 0.001)
    assert ladder.model.method == "penalised maximum likelihood"


@pytest.mark.parametrize("repeat_buyers", [0, 29])
def test_under_30_repeat_buyers_only_the_historical_value_is_left(repeat_buyers):
    rows = bg_nbd_customers(5, n=3000).histories
    back = rows[rows["frequency"] > 0].head(repeat_buyers)
    rows = pd.concat([rows[rows["frequency"] == 0], back])

    with pytest.raises(NotSupportedByData, match=f"{repeat_buyers} of {len(rows)}") as refusal:
        fit_ladder(rows)
    assert "30" in refusal.value.needs


def test_three_customers_are_not_supported():
    rows = pd.DataFrame({"frequency": [0, 1, 3], "recency": [0, 5.0, 9.0], "T": [10, 12.0, 14.0]})

    with pytest.raises(NotSupportedByData, match="2 of 3 customers bought again"):
        fit_ladder(rows)


def test_identical_customers_are_refused_with_every_step_named():
    rows = pd.DataFrame({"frequency": [3] * 400, "recency": 20.0, "T": 20.5})

    with pytest.raises(NotSupportedByData, match="no model of purchases fits") as refusal:
        fit_ladder(rows)
    assert "MBG/NBD" in refusal.value.reason
    assert "{" not in refusal.value.reason


def test_the_order_and_the_counting_of_customers_change_nothing():
    rows = bg_nbd_customers(6, n=800).histories
    mixed = rows.sample(frac=1, random_state=np.random.RandomState(1))

    assert fit_ladder(rows) == fit_ladder(mixed) == fit_ladder(weighted_rows(rows))
