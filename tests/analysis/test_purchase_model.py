from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from lifetimes import BetaGeoFitter, ModifiedBetaGeoFitter, ParetoNBDFitter
from planted_lifetimes import bg_nbd_customers, pareto_nbd_customers
from public_purchases import apparel_lines, cdnow_frame, cdnow_lines, cdnow_summary
from scipy.integrate import quad
from scipy.special import betaln, gammaln, hyp2f1

from shared.analysis.beta_geometric import BetaGeometric, beta_nodes
from shared.analysis.model_ladder import fit_ladder
from shared.analysis.pareto_nbd import log_overlap
from shared.analysis.purchase_model import (
    MODELS,
    PurchaseModel,
    expected_purchases,
    expected_purchases_of_new,
    fit_purchase_model,
    p_alive,
    p_zero,
    simulate_purchases,
    simulate_steps,
)
from shared.analysis.repeat_summary import repeat_summary, weighted_rows

PARAMETERS = {
    "BG/NBD": {"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259},
    "MBG/NBD": {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614},
    "Pareto/NBD": {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669},
}
LIBRARY = {
    "BG/NBD": BetaGeoFitter,
    "MBG/NBD": ModifiedBetaGeoFitter,
    "Pareto/NBD": ParetoNBDFitter,
}
NAMES = list(MODELS)
HISTORIES = pd.DataFrame(
    [(0, 0.0, 38.86), (2, 30.43, 38.86), (1, 1.71, 30.0), (8, 12.0, 36.0), (25, 38.0, 38.86)],
    columns=["frequency", "recency", "T"],
)


def model(name, **parameters):
    chosen = PARAMETERS[name] | parameters
    blank = np.full((4, 4), np.nan)
    return PurchaseModel(name, chosen, 0.0, 1, {}, 0.0, blank)


def peer(name, **parameters):
    library = LIBRARY[name]()
    library.params_ = pd.Series(PARAMETERS[name] | parameters)
    return library


def columns(rows):
    return rows["frequency"].to_numpy(), rows["recency"].to_numpy(), rows["T"].to_numpy()


@pytest.mark.parametrize("name", NAMES)
def test_the_archived_library_expects_the_same_purchases_and_probabilities(name):
    x, last, age = columns(HISTORIES)
    library = peer(name)
    want = library.conditional_expected_number_of_purchases_up_to_time(39, x, last, age)

    assert expected_purchases(model(name), x, last, age, 39) == pytest.approx(want, rel=1e-6)
    alive = library.conditional_probability_alive(x, last, age)
    assert p_alive(model(name), x, last, age) == pytest.approx(alive, rel=1e-8)
    ages = np.array([1.0, 10.0, 80.0])
    new = library.expected_number_of_purchases_up_to_time(ages)
    assert expected_purchases_of_new(model(name), ages) == pytest.approx(new, rel=1e-6)


def test_no_purchase_is_as_likely_as_the_archived_library_says():
    x, last, age = columns(HISTORIES)
    want = peer("Pareto/NBD").conditional_probability_of_n_purchases_up_to_time(
        0, 13.0, x, last, age
    )

    assert p_zero(model("Pareto/NBD"), x, last, age, 13.0) == pytest.approx(want, rel=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_drawn_purchases_agree_with_what_is_expected(name):
    x, last, age = columns(HISTORIES)
    drawn = simulate_purchases(
        model(name), x, last, age, 26.0, rng=np.random.default_rng(3), draws=40_000
    )
    error = drawn.std(axis=0) / np.sqrt(len(drawn))

    assert drawn.shape == (40_000, len(x))
    expected = expected_purchases(model(name), x, last, age, 26.0)
    assert np.all(np.abs(drawn.mean(axis=0) - expected) < 4.5 * error)
    none = p_zero(model(name), x, last, age, 26.0)
    assert (drawn == 0).mean(axis=0) == pytest.approx(none, abs=0.012)


@pytest.mark.parametrize("name", NAMES)
def test_steps_hold_what_is_expected_between_their_ends(name):
    x, last, age = columns(HISTORIES)
    ends = [4.0, 13.0, 26.0]
    steps = simulate_steps(
        model(name), x, last, age, ends, rng=np.random.default_rng(5), draws=20_000
    )
    until = np.array([expected_purchases(model(name), x, last, age, end) for end in ends]).T

    want = np.diff(until, axis=1, prepend=0.0)
    error = steps.std(axis=0) / np.sqrt(len(steps))
    assert np.all(np.abs(steps.mean(axis=0) - want) < 4.5 * error)


@pytest.mark.parametrize("name", NAMES)
def test_planted_customers_of_the_same_history_do_what_is_expected(name):
    if name == "Pareto/NBD":
        planted = pareto_nbd_customers(2, n=300_000, truth=PARAMETERS[name], ages=(30, 30))
    else:
        planted = bg_nbd_customers(
            2,
            n=300_000,
            truth=PARAMETERS[name],
            ages=(30, 30),
            drops_at_once=name == "MBG/NBD",
        )
    rows = planted.histories
    expected = expected_purchases(model(name), *columns(rows), 26.0)
    silent = p_zero(model(name), *columns(rows), 26.0)

    for cell in (rows["frequency"] == 0, rows["frequency"] == 1, rows["frequency"].between(4, 9)):
        future = planted.future[cell]
        error = future.std() / np.sqrt(len(future))
        assert expected[cell].mean() == pytest.approx(future.mean(), abs=4 * error)
        assert silent[cell].mean() == pytest.approx((future == 0).mean(), abs=0.012)


@pytest.mark.parametrize("name", NAMES)
def test_a_thousand_purchases_overflow_nothing(name):
    x = np.array([0, 1, 140, 400, 1000, 1000, 1000])
    age = np.full(len(x), 260.0)
    last = np.array([0.0, 200.0, 259.0, 258.0, 260.0, 5.0, 259.9])
    expected = expected_purchases(model(name), x, last, age, 26.0)
    alive = p_alive(model(name), x, last, age)
    silent = p_zero(model(name), x, last, age, 26.0)
    drawn = simulate_purchases(
        model(name), x, last, age, 26.0, rng=np.random.default_rng(1), draws=500
    )

    assert np.isfinite(expected).all()
    assert np.all(expected >= 0)
    assert np.all((alive >= 0) & (alive <= 1) & (silent >= 0) & (silent <= 1))
    assert expected[4] == pytest.approx(1000 / 260 * 26, rel=0.12)
    assert drawn[:, 4].mean() == pytest.approx(expected[4], rel=0.05)
    assert expected[5] < 1e-6
    assert np.isfinite(MODELS[name].log_likelihood(model(name).values, _histories(x, last, age))[0])


def _histories(x, last, age):
    from shared.analysis.purchase_histories import histories

    return histories(pd.DataFrame({"frequency": x, "recency": last, "T": age}))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_happens_in_no_time_and_more_in_more_time(name):
    x, last, age = columns(HISTORIES)
    until = np.array([expected_purchases(model(name), x, last, age, t) for t in (0, 1, 5, 500)])
    silent = np.array([p_zero(model(name), x, last, age, t) for t in (0, 1, 5, 500)])

    assert until[0] == pytest.approx(0.0)
    assert silent[0] == pytest.approx(1.0)
    assert np.all(np.diff(until, axis=0) > 0)
    assert np.all(np.diff(silent, axis=0) < 0)


@pytest.mark.parametrize("a", [0.3, 1.0, 1.0 + 1e-9, 3.0])
@pytest.mark.parametrize("frequency", [0, 3, 30])
def test_purchases_while_alive_are_the_closed_form_or_its_integral_where_that_is_undefined(
    a, frequency
):
    r, alpha, b, age, horizon = 0.7, 4.0, 2.5, 30.0, 26.0
    got = BetaGeometric(at_once=False).while_alive(
        np.array([r, alpha, a, b]), np.array([frequency]), np.array([age]), np.array([horizon])
    )
    stretch = horizon / (alpha + age)

    def density(p):
        weight = (a - 1) * np.log(p) + (b + frequency - 1) * np.log1p(-p) - betaln(a, b + frequency)
        return np.exp(weight) * -np.expm1(-(r + frequency) * np.log1p(p * stretch)) / p

    want = quad(density, 0, 1, limit=500)[0]
    assert got[0] == pytest.approx(want, rel=1e-6)
    if a in {0.3, 3.0}:
        x, z = frequency, horizon / (alpha + age + horizon)
        short = ((alpha + age) / (alpha + age + horizon)) ** (r + x)
        closed = 1 - short * hyp2f1(r + x, b + x, a + b + x - 1, z)
        assert got[0] == pytest.approx((a + b + x - 1) / (a - 1) * closed, rel=1e-8)


def test_a_horizon_thousands_of_times_the_age_needs_more_points_and_gets_them():
    r, a, b = 0.7, 0.8, 2.5
    for stretch in (10.0, 100.0, 1000.0):
        got = BetaGeometric(at_once=False).while_alive(
            np.array([r, 1.0, a, b]), np.array([2]), np.array([0.0]), np.array([stretch])
        )

        def density(logs, stretch=stretch):
            p = np.exp(logs)
            weight = a * logs + (b + 1) * np.log1p(-p) - betaln(a, b + 2)
            return np.exp(weight) * -np.expm1(-(r + 2) * np.log1p(p * stretch)) / p

        want = quad(density, -60, 0, limit=500)[0]
        assert got[0] == pytest.approx(want, rel=1e-4)


def test_points_of_a_beta_have_its_moments():
    for a, b in ((0.01, 0.02), (1.0, 1.0), (0.5, 0.5), (0.8, 1000.0), (300.0, 2.0)):
        points, shares = beta_nodes(a, b, 24)

        assert shares.sum() == pytest.approx(1.0)
        for k in (1, 2, 7):
            moment = np.exp(betaln(a + k, b) - betaln(a, b))
            assert shares @ points**k == pytest.approx(moment, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("frequency", [0, 1, 10])
@pytest.mark.parametrize(("alpha", "beta"), [(10.0, 12.0), (12.0, 0.5), (0.05, 40.0), (3.0, 3.0)])
def test_the_time_of_death_is_integrated_as_the_published_hypergeometric_says(
    frequency, alpha, beta
):
    r, s, low, high = 0.6, 0.7, 5.0, 38.0
    shape, total = r + frequency, r + s + frequency
    got = log_overlap(np.array([shape]), s, alpha, beta, np.array([low]), np.array([high]))[0]

    def published(age):
        big, extra = max(alpha, beta), s + 1 if alpha >= beta else shape
        z = abs(alpha - beta) / (big + age)
        return hyp2f1(total, extra, total + 1, z) / (big + age) ** total

    want = (published(low) - published(high)) / total
    assert np.exp(got) == pytest.approx(want, rel=1e-7)


def test_the_time_of_death_of_a_heavy_buyer_is_integrated_where_the_published_form_fails():
    for frequency, low in ((140, 30.0), (1000, 0.5), (1000, 37.0)):
        got = log_overlap(
            np.array([0.6 + frequency]), 0.7, 10.0, 0.1, np.array([low]), np.array([38.0])
        )[0]
        start = -(0.6 + frequency) * np.log(10 + low)

        def scaled(u, frequency=frequency, start=start):
            fall = -(0.6 + frequency) * np.log(10 + u) - start
            return np.exp(fall) * (0.1 + u) ** -1.7

        want = quad(scaled, low, min(38.0, low + 12), points=[low + 0.1], limit=500)[0]
        assert got == pytest.approx(np.log(want) + start, abs=1e-6)


def test_the_likelihood_of_a_one_time_buyer_is_the_formula_by_hand():
    rows = _histories([0], [0.0], [10.0])
    r, alpha, a, b = 0.5, 4.0, 0.8, 2.0
    parameters = np.array([r, alpha, a, b])

    silent = (alpha / (alpha + 10)) ** r
    got = MODELS["BG/NBD"].log_likelihood(parameters, rows)[0]
    assert got == pytest.approx(np.log(silent))
    got = MODELS["MBG/NBD"].log_likelihood(parameters, rows)[0]
    assert got == pytest.approx(np.log(a / (a + b) + b / (a + b) * silent))


def test_the_likelihood_of_three_purchases_is_the_formula_by_hand():
    r, alpha, a, b, x, last, age = 0.5, 4.0, 0.8, 2.0, 3, 6.0, 10.0
    alive = np.exp(betaln(a, b + x) - betaln(a, b)) / (alpha + age) ** (r + x)
    gone = np.exp(betaln(a + 1, b + x - 1) - betaln(a, b)) / (alpha + last) ** (r + x)
    front = gammaln(r + x) - gammaln(r) + r * np.log(alpha)

    got = MODELS["BG/NBD"].log_likelihood(
        np.array([r, alpha, a, b]), _histories([x], [last], [age])
    )[0]
    assert got == pytest.approx(front + np.log(alive + gone))


def test_one_time_buyers_are_alive_for_certain_under_bg_nbd_only():
    age = np.array([1.0, 50.0, 5000.0])

    assert p_alive(model("BG/NBD"), 0, 0, age).tolist() == [1.0, 1.0, 1.0]
    assert np.all(p_alive(model("MBG/NBD"), 0, 0, age) < 0.9)


@pytest.mark.datasets
def test_cdnow_expects_the_published_purchases_of_the_published_customer(datasets):
    fitted = fit_purchase_model(weighted_rows(cdnow_summary(datasets)))

    got = expected_purchases(fitted, 2, 30.43, 38.86, 39)
    assert got[0] == pytest.approx(1.226, abs=0.001)


@pytest.mark.datasets
def test_cdnow_one_time_buyers_split_two_equally_likely_models(datasets):
    rows = cdnow_summary(datasets)
    first, second = (fit_purchase_model(rows, name=name) for name in ("BG/NBD", "MBG/NBD"))

    assert p_alive(first, *columns(rows)).sum() == pytest.approx(1917, abs=1)
    assert p_alive(second, *columns(rows)).sum() == pytest.approx(1058, abs=1)
    assert second.log_likelihood - first.log_likelihood == pytest.approx(0.3, abs=0.05)


@pytest.mark.datasets
def test_cdnow_heat_map_has_its_worst_corner_at_the_bottom_right(datasets):
    fitted = fit_purchase_model(cdnow_summary(datasets))
    corners = expected_purchases(fitted, [0, 20, 20], [0, 38, 0], 38.86, 26)

    assert corners == pytest.approx([0.13, 9.61, 0.0], abs=0.006)


@pytest.mark.datasets
def test_cdnow_holdout_gives_the_figures_of_the_backtest(datasets):
    until = date(1997, 9, 30)
    rows = repeat_summary(
        cdnow_lines(datasets), snapshot_date=date(1998, 7, 1), until=until
    ).to_pandas()
    frame = cdnow_frame(datasets)
    later = frame[frame["order_date"] > pd.Timestamp(until)]
    days = later.drop_duplicates(["customer_id", "order_date"]).groupby("customer_id").size()
    actual = rows["customer_id"].map(days).fillna(0)

    assert actual.sum() == 1882
    want = {"BG/NBD": (1653, 0.786), "Pareto/NBD": (1666, 0.755), "MBG/NBD": (1577, 0.765)}
    for name, (total, error) in want.items():
        fitted = fit_purchase_model(weighted_rows(rows), name=name)
        expected = expected_purchases(fitted, *columns(rows), 39)
        assert expected.sum() == pytest.approx(total, rel=0.01)
        assert np.abs(expected - actual).mean() == pytest.approx(error, rel=0.01)
    constant = rows["frequency"] / rows["T"] * 39
    assert constant.sum() == pytest.approx(2930, rel=0.01)
    assert np.abs(constant - actual).mean() == pytest.approx(1.024, rel=0.01)


@pytest.mark.datasets
@pytest.mark.parametrize(
    ("weeks", "name", "expected", "actual"),
    [(40, "MBG/NBD", 1581, 2019), (104, "BG/NBD", 1414, 1317)],
)
def test_apparel_ends_at_the_model_the_ladder_can_believe(datasets, weeks, name, expected, actual):
    until = date(2005, 1, 2) + timedelta(weeks=weeks)
    lines = apparel_lines(datasets)
    rows = repeat_summary(lines, snapshot_date=date(2010, 12, 21), until=until).to_pandas()
    whole = repeat_summary(lines, snapshot_date=date(2010, 12, 21)).to_pandas()
    ladder = fit_ladder(weighted_rows(rows))
    ahead = (date(2010, 12, 20) - until).days / 7

    assert ladder.model.name == name
    assert ladder.model.penaliser == 0
    assert whole["frequency"].sum() - rows["frequency"].sum() == actual
    total = expected_purchases(ladder.model, *columns(rows), ahead).sum()
    assert total == pytest.approx(expected, abs=1)
    if weeks == 104:
        want = {"r": 0.607, "alpha": 20.96, "a": 1.276, "b": 8.86}
        assert ladder.model.parameters == pytest.approx(want, abs=0.01)
        constant = (rows["frequency"] / rows["T"] * ahead).sum()
        assert constant / actual == pytest.approx(1.915, abs=0.002)
