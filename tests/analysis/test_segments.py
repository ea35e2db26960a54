from itertools import product

import pytest

from shared.analysis.segments import MESSAGES, SEGMENTS, partition_faults, segment_by_cell
from shared.loading.errors import ConfigError

COUNTS = [7, 8, 24, 7, 16, 8, 8, 22, 8, 11, 6]


def test_the_map_is_an_exact_partition_of_the_125_cells():
    cells = [cell for listed in SEGMENTS.values() for cell in listed]

    assert [len(listed) for listed in SEGMENTS.values()] == COUNTS
    assert sorted(cells) == ["".join(cell) for cell in product("12345", repeat=3)]


def test_every_segment_has_a_message():
    assert list(MESSAGES) == list(SEGMENTS)


def test_the_message_to_new_fits_those_whose_first_order_is_long_past():
    assert "first purchase" not in MESSAGES["New"]
    assert "next order easy" in MESSAGES["New"]


def test_neighbouring_cells_can_have_very_different_names():
    by_cell = segment_by_cell()

    assert (by_cell["145"], by_cell["144"]) == ("At Risk", "Cannot Lose")
    assert {by_cell[cell] for cell in ("151", "141", "131")} == {"Lost"}


def test_a_custom_map_that_is_a_partition_is_taken():
    best = [cell for cell in segment_by_cell() if cell.startswith("5")]
    rest = [cell for cell in segment_by_cell() if not cell.startswith("5")]

    assert segment_by_cell({"Best": best, "Rest": rest})["511"] == "Best"


def test_a_custom_map_with_a_gap_is_refused_with_the_cells():
    gap = {**SEGMENTS, "Lost": SEGMENTS["Lost"][1:]}

    with pytest.raises(ConfigError, match="in no segment: 151"):
        segment_by_cell(gap)


def test_a_custom_map_with_an_overlap_or_a_cell_that_does_not_exist_is_refused():
    overlap = {**SEGMENTS, "Lost": (*SEGMENTS["Lost"], "555", "666")}

    assert partition_faults(overlap) == {"in several": ["555"], "no such cell": ["666"]}
    with pytest.raises(ConfigError, match="in several: 555"):
        segment_by_cell(overlap)


@pytest.mark.parametrize(("scores", "cells"), [(3, 27), (4, 64)])
def test_fewer_scores_keep_the_best_best_and_the_worst_worst(scores, cells):
    by_cell = segment_by_cell(scores=scores)

    assert len(by_cell) == cells
    assert by_cell[str(scores) * 3] == "Champions"
    assert by_cell["111"] == "Lost"
