import numpy as np
import pandas as pd
import pytest

from shared.analysis.personas_features import choose_features, parse_features, shuffled
from shared.loading.errors import ConfigError


def customers(n=400, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "share": rng.random(n),
            "units": rng.lognormal(0, 1, n),
            "visits": rng.poisson(0.7, n) * rng.lognormal(0, 1, n),
            "birth_year": rng.integers(1940, 2000, n),
        }
    )
    web, app = rng.random(n) / 2, rng.random(n) / 2
    return frame.assign(by_web=web, by_app=app, by_phone=1 - web - app)


def why(features):
    return features.left_out.set_index("feature")["why"].to_dict()


def test_scales_bring_every_feature_to_mean_0_and_deviation_1():
    got = choose_features(customers(), wanted=["share", "units", "visits"])

    assert got.scales == {"share": "as it is", "units": "logarithm", "visits": "logarithm"}
    assert got.points.mean(axis=0) == pytest.approx([0, 0, 0], abs=1e-12)
    assert got.points.std(axis=0) == pytest.approx([1, 1, 1])


def test_what_is_unknown_alike_or_a_repetition_is_left_out_and_said():
    table = customers()
    table["rare"] = table["share"].where(table.index < 300)
    table["same"] = 1.0
    table["twice"] = table["units"] ** 2
    names = ["share", "units", "rare", "same", "twice", "by_web", "by_app", "by_phone"]

    got = choose_features(table, wanted=names)

    assert got.names == ["share", "units", "by_web", "by_app"]
    assert why(got) == {
        "rare": "known for 75% of these customers",
        "same": "nearly the same for everyone",
        "twice": "says the same as units",
        "by_phone": "follows from the others",
    }


def test_an_attribute_of_the_person_counts_only_if_it_is_named():
    table = customers()

    assert "birth_year" in why(choose_features(table, wanted=["share", "birth_year"]))
    named = choose_features(table, wanted=["share", "birth_year"], asked_for=True)
    assert named.names == ["share", "birth_year"]


def test_blanks_count_as_the_middle_and_are_counted():
    table = customers()
    table.loc[:39, "units"] = np.nan

    got = choose_features(table, wanted=["share", "units"])

    assert got.filled == {"share": 0, "units": 40}
    assert (got.values["units"][:40] == table["units"].median()).all()


def test_an_odd_value_is_drawn_in_and_cannot_make_a_kind_of_its_own():
    table = customers()
    table.loc[0, "units"] = 666_666.0

    got = choose_features(table, wanted=["share", "units"])

    assert got.values["units"].max() == pytest.approx(table["units"].quantile(0.99))
    assert np.abs(got.points).max() < 4
    assert got.drawn_in["units"] == 8  # four at either end


def test_the_order_of_rows_leaves_no_trace():
    table = customers()
    mixed = table.sample(frac=1, random_state=3)
    names = ["share", "units", "visits"]

    straight, again = (choose_features(t, wanted=names) for t in (table, mixed))

    assert (straight.points[mixed.index] == again.points).all()


def test_shuffling_keeps_the_values_and_loses_what_goes_together():
    table = customers().assign(other=lambda t: t["share"] + 3 * t["by_web"])
    got = choose_features(table, wanted=["share", "other"])
    dealt = shuffled(got)

    assert np.sort(dealt.points, axis=0) == pytest.approx(np.sort(got.points, axis=0))
    assert abs(np.corrcoef(dealt.points.T)[0, 1]) < 0.15


def test_features_are_read_from_the_parameter():
    known = ["a", "b", "c"]

    assert parse_features("", known=known, usual=["b", "x"]) == ["b"]
    assert parse_features("all", known=known, usual=["b"]) == known
    assert parse_features(" c; a ;c", known=known, usual=[]) == ["c", "a"]
    with pytest.raises(ConfigError, match="'d' is no feature"):
        parse_features("a; d", known=known, usual=[])
