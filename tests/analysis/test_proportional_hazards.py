import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter, CoxTimeVaryingFitter
from lifelines.statistics import proportional_hazard_test
from planted_lifespans import membership

from shared.analysis.proportional_hazards import hazard_model
from shared.loading.errors import NotSupportedByData

TRAITS = ["fin", "age", "race", "wexp", "mar", "paro", "prio"]


@pytest.fixture
def rossi(datasets):
    return pd.read_csv(datasets / "survival" / "rossi.csv")


def fitted(frame, traits=TRAITS):
    columns = {name: frame[name].to_numpy() for name in traits}
    return hazard_model(frame["week"].to_numpy(), frame["arrest"].to_numpy(), columns)


@pytest.mark.datasets
def test_the_released_prisoners_of_rossi_have_their_published_coefficients(rossi):
    model = fitted(rossi)

    got = dict(zip(model.names, model.coefficients.round(4), strict=True))
    assert (got["fin"], got["age"], got["prio"]) == (-0.3794, -0.0574, 0.0915)
    assert round(model.log_likelihood, 2) == -658.75
    assert (model.events, model.rows) == (114, 432)


@pytest.mark.datasets
def test_errors_and_the_check_of_proportionality_are_those_of_lifelines(rossi):
    model = fitted(rossi)

    fit = CoxPHFitter().fit(rossi, "week", "arrest")
    assert model.errors == pytest.approx(fit.standard_errors_[TRAITS].to_numpy(), rel=1e-4)
    assert model.p == pytest.approx(fit.summary.loc[TRAITS, "p"].to_numpy(), rel=1e-3)
    check = proportional_hazard_test(fit, rossi, time_transform="rank").summary["p"]
    # Ties share a rank here; lifelines gives them several.
    assert model.proportional_p == pytest.approx(check[TRAITS].to_numpy(), abs=0.03)
    assert model.proportional_p[TRAITS.index("age")] < 0.01


def test_a_trait_that_changes_is_fitted_as_lifelines_does_and_in_no_time():
    frame = membership(0, customers=400, whole_days=True)
    joined = frame["membership_day"].notna() & (frame["membership_day"] > 0)
    spells = pd.concat(
        [
            pd.DataFrame(
                {
                    "id": frame["customer_id"],
                    "start": 0.0,
                    "stop": frame["duration"].where(~joined, frame["membership_day"]),
                    "left": frame["observed"] & ~joined,
                    "member": 0.0,
                }
            ),
            pd.DataFrame(
                {
                    "id": frame["customer_id"][joined],
                    "start": frame["membership_day"][joined],
                    "stop": frame["duration"][joined],
                    "left": frame["observed"][joined],
                    "member": 1.0,
                }
            ),
        ],
        ignore_index=True,
    )

    model = hazard_model(
        spells["stop"].to_numpy(),
        spells["left"].to_numpy(),
        {"member": spells["member"].to_numpy()},
        start=spells["start"].to_numpy(),
    )

    fit = CoxTimeVaryingFitter().fit(
        spells, id_col="id", start_col="start", stop_col="stop", event_col="left"
    )
    assert model.coefficients[0] == pytest.approx(fit.params_["member"], abs=1e-5)
    assert model.errors[0] == pytest.approx(fit.standard_errors_["member"], abs=1e-5)
    assert model.log_likelihood == pytest.approx(fit.log_likelihood_)


def test_a_group_without_an_event_is_refused_instead_of_running_away():
    stop = np.arange(1.0, 61)
    side = np.arange(60) % 2 == 0

    with pytest.raises(NotSupportedByData, match="no event to compare"):
        hazard_model(stop, ~side, {"member": side})
    with pytest.raises(NotSupportedByData, match="nobody left"):
        hazard_model(stop, np.zeros(60), {"member": side})
    with pytest.raises(NotSupportedByData, match="all customers are alike"):
        hazard_model(stop, np.ones(60), {"member": np.ones(60)})


def test_shuffling_the_customers_or_rescaling_a_trait_changes_only_what_it_must():
    frame = membership(3, customers=500)
    stop, left = frame["duration"].to_numpy(), frame["observed"].to_numpy()
    x = np.random.default_rng(0).normal(50, 9, 500)
    rows = np.random.default_rng(1).permutation(500)

    one = hazard_model(stop, left, {"x": x})
    other = hazard_model(stop[rows], left[rows], {"x": x[rows] * 1000})

    assert other.coefficients * 1000 == pytest.approx(one.coefficients, rel=1e-6)
    assert other.log_likelihood == pytest.approx(one.log_likelihood)
    ratio = one.ratio("x", n=500)
    assert ratio.low < ratio.value < ratio.high
