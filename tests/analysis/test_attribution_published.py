"""PathData of ChannelAttribution against the exact chain and the package's own heuristics."""

from dataclasses import replace

import ibis
import numpy as np
import pandas as pd
import pytest

from shared.analysis.attribution_chain import (
    conversion_probability,
    fitted_chain,
    normalised,
    removal_effects,
)
from shared.analysis.attribution_counting import paths_from_table
from shared.analysis.attribution_memory import memory_of
from shared.analysis.attribution_rules import credit

pytestmark = pytest.mark.datasets
COLUMNS = {"conversions": "total_conversions", "conversion_value": "total_conversion_value",
           "nulls": "total_null"}  # fmt: skip


@pytest.fixture(scope="module")
def folder(datasets):
    return datasets / "channel_paths"


@pytest.fixture(scope="module")
def paths(folder):
    read = ibis.duckdb.connect().read_csv(str(folder / "PathData.csv"), delim=";")
    return paths_from_table(read.rename(COLUMNS))


@pytest.fixture(scope="module")
def credited(paths):
    return credit(paths).set_index("channel")


def test_the_data_are_those_of_the_published_figures(paths):
    assert (paths.total, paths.nulls.sum(), len(paths.channels)) == (19_785, 68_602, 12)
    assert paths.value.sum() == pytest.approx(74_802.97, abs=0.005)


@pytest.mark.parametrize("memory", [1, 2, 3, 4])
def test_the_conversion_probability_of_any_memory_is_the_observed_one(paths, memory):
    got = conversion_probability(fitted_chain(paths, memory=memory))

    assert got == pytest.approx(0.2238451355968638, abs=1e-12)


@pytest.mark.parametrize("with_nulls", [True, False])
def test_all_channels_equal_the_exact_reference(folder, paths, with_nulls):
    reference = pd.read_csv(folder / "reference_exact_markov_order1.csv")
    want = reference[reference["use_null"] == with_nulls].set_index("channel")
    converted = replace(paths, nulls=np.zeros_like(paths.nulls), has_nulls=False)
    given = paths if with_nulls else converted
    effects = removal_effects(fitted_chain(given), channels=12)

    want = want.loc[list(given.channels)]
    assert effects == pytest.approx(want["removal_effect"].to_numpy(), abs=1e-9)
    credits = normalised(effects, given.total)
    assert credits == pytest.approx(want["total_conversions"].to_numpy(), abs=1e-6)


def test_the_printed_credits_are_met(credited):
    printed = {"alpha": 5344.95, "iota": 3884.61, "eta": 3340.85, "beta": 2527.35, "theta": 1971.91,
               "lambda": 1282.85, "epsilon": 599.57, "zeta": 381.06, "kappa": 274.36,
               "gamma": 171.15, "delta": 4.61, "mi": 1.72}  # fmt: skip

    assert credited["markov"].round(2).to_dict() == printed
    assert credited.loc["alpha", ["first_touch", "last_touch"]].tolist() == [6308, 8447]
    assert credited.loc["alpha", "linear"] == pytest.approx(7574.7, abs=0.05)


def test_heuristics_equal_those_of_the_package(folder, credited):
    want = pd.read_csv(folder / "reference_heuristics_ChannelAttribution_2.2.5.csv")
    want = want.set_index("channel_name").loc[credited.index]

    for ours, theirs in (("first_touch", "first_touch"), ("last_touch", "last_touch"),
                         ("linear", "linear_touch")):  # fmt: skip
        assert credited[ours].to_numpy() == pytest.approx(want[f"{theirs}_conversions"], abs=1e-8)
        assert credited[f"{ours}_value"].to_numpy() == pytest.approx(
            want[f"{theirs}_value"].to_numpy(), abs=1e-8
        )


def test_the_path_barely_predicts_even_the_journeys_it_was_fitted_to(paths):
    table = memory_of(paths, memory=1, longest=5).table.set_index("memory")

    assert table.loc[[1, 4, 5], "auc_seen"].round(3).tolist() == [0.509, 0.543, 0.554]
    assert (table["auc"] < 0.52).all()
