import numpy as np
import pytest
from lifetimes import GammaGammaFitter
from planted_lifetimes import bg_nbd_customers, spend_means
from public_purchases import cdnow_summary

from shared.analysis.gamma_gamma import (
    SpendModel,
    _log_likelihood,
    _usable,
    bootstrap_spend,
    drawn_spend,
    expected_spend,
    fit_gamma_gamma,
)
from shared.analysis.purchase_model import FitFailed


@pytest.fixture(scope="module")
def planted():
    frequency = bg_nbd_customers(11).histories["frequency"].to_numpy()
    return frequency, spend_means(11, frequency)


@pytest.mark.datasets
def test_cdnow_gives_the_published_parameters_on_946_repeat_buyers(datasets):
    rows = cdnow_summary(datasets)
    spend = fit_gamma_gamma(rows["frequency"], rows["monetary_value"])

    assert (spend.n, spend.left_out) == (946, 0)
    assert spend.parameters == pytest.approx({"p": 6.25, "q": 3.74, "gamma": 15.44}, abs=0.02)
    assert spend.mean == pytest.approx(35.17, abs=0.02)
    assert spend.supported
    # Customer 1 of the published table: two repeat orders with a mean of 22.35.
    assert expected_spend(spend, 2, 22.35)[0] == pytest.approx(24.66, abs=0.01)


def test_the_archived_library_finds_the_same(planted):
    frequency, money = planted
    back = frequency > 0
    want = GammaGammaFitter().fit(frequency[back], money[back])
    got = fit_gamma_gamma(frequency, money)

    library = want.params_.rename({"v": "gamma"}).to_dict()
    assert got.parameters == pytest.approx(library, rel=1e-3)
    assert list(got.standard_errors.values()) == pytest.approx(
        want.standard_errors_.tolist(), rel=0.02
    )
    assert expected_spend(got, frequency[back], money[back]) == pytest.approx(
        want.conditional_expected_average_profit(frequency[back], money[back]), rel=1e-3
    )


def test_the_gradient_is_the_slope_of_the_likelihood(planted):
    known = _usable(*(column[:400] for column in planted))
    at = np.array([3.0, 2.5, 9.0])
    gradient = _log_likelihood(at, known)[1]
    for i in range(3):
        step = np.eye(3)[i] * 1e-5 * at[i]
        up, down = (_log_likelihood(at + way, known)[0] for way in (step, -step))
        assert gradient[i] == pytest.approx((up - down) / (2 * step[i]), rel=1e-5)


def test_what_was_planted_is_recovered(planted):
    spend = fit_gamma_gamma(*planted)

    for name, value in {"p": 6.25, "q": 3.74, "gamma": 15.44}.items():
        assert spend.parameters[name] == pytest.approx(value, abs=3 * spend.standard_errors[name])
    assert spend.mean == pytest.approx(6.25 * 15.44 / 2.74, rel=0.05)


def test_an_infinite_mean_is_refused_in_words_and_never_predicted():
    frequency = bg_nbd_customers(12).histories["frequency"].to_numpy()
    money = spend_means(12, frequency, p=6.25, q=0.91, gamma=15.44)

    with pytest.raises(FitFailed, match="at most 1") as failure:
        fit_gamma_gamma(frequency, money)
    assert failure.value.reasons[0].values["q"] == pytest.approx(0.91, abs=0.1)


def test_spend_of_nothing_less_or_unknown_is_left_out_and_counted(planted):
    frequency, money = planted
    mixed = np.concatenate([money, [0.0, -12.0, np.nan, np.nan]])
    x = np.concatenate([frequency, [2, 3, 1, 0]])

    spend = fit_gamma_gamma(x, mixed)
    assert spend.left_out == 3
    assert spend.parameters == fit_gamma_gamma(frequency, money).parameters
    expected = expected_spend(spend, x, mixed)
    assert expected[-4:] == pytest.approx([spend.mean] * 4)
    assert np.all(np.isfinite(expected) & (expected > 0))


def test_expected_spend_lies_between_the_customers_own_mean_and_that_of_all():
    spend = SpendModel(6.25, 3.74, 15.44, 1, 0, {}, 0.0, np.eye(3))
    own = np.array([5.0, 5.0, 200.0, 200.0])
    got = expected_spend(spend, [1, 50, 1, 50], own)

    assert np.all((got > np.minimum(own, spend.mean)) & (got < np.maximum(own, spend.mean)))
    assert abs(got[1] - 5) < abs(got[0] - 5)
    assert expected_spend(spend, 10**6, 5.0)[0] == pytest.approx(5.0, rel=1e-4)


@pytest.mark.parametrize("money", [[10.0] * 500, list(np.linspace(10, 10.0001, 500))])
def test_customers_who_all_spend_the_same_are_refused(money):
    with pytest.raises(FitFailed, match=r"ran away|flat|did not reach"):
        fit_gamma_gamma([2] * 500, money)


def test_too_few_customers_are_refused_with_their_number():
    with pytest.raises(FitFailed, match="2 customers have repeat spend"):
        fit_gamma_gamma([1, 2, 0], [5.0, 7.0, np.nan])


def test_another_currency_changes_the_money_and_nothing_else(planted):
    frequency, money = planted
    one, other = fit_gamma_gamma(frequency, money), fit_gamma_gamma(frequency, money * 25_000)

    assert (other.p, other.q) == pytest.approx((one.p, one.q), rel=1e-6)
    assert other.gamma == pytest.approx(25_000 * one.gamma, rel=1e-6)


def test_the_order_of_customers_changes_nothing(planted):
    frequency, money = planted
    mixed = np.random.default_rng(1).permutation(len(money))

    assert fit_gamma_gamma(frequency[mixed], money[mixed]) == fit_gamma_gamma(frequency, money)


def test_refits_and_draws_scatter_like_the_standard_errors(planted):
    frequency, money = planted
    spend = fit_gamma_gamma(frequency, money)
    errors = np.sqrt(np.diag(spend.covariance))

    for models in (
        bootstrap_spend(frequency, money, spend, refits=100, seed=2),
        drawn_spend(spend, draws=1000, seed=2),
    ):
        logs = np.log([list(model.parameters.values()) for model in models])
        assert len(models) >= 100
        spread = logs.std(axis=0) / errors
        assert np.all((spread > 0.75) & (spread < 1.35))
