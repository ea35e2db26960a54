from itertools import product

import pytest

from shared.analysis.segments import (
    MESSAGES,
    SEGMENTS,
    parse_segment_map,
    partition_faults,
    segment_by_cell,
)
from shared.loading.errors import ConfigError
from shared.report.parameters import check_value, parameters_of

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


def test_no_text_is_the_map_of_eleven():
    assert parse_segment_map("  ") == SEGMENTS


def test_a_map_written_with_stars_and_the_rest_is_a_partition():
    got = parse_segment_map("Best: 55* 545; Silent: 1** 2**; Others: rest")

    assert list(got) == ["Best", "Silent", "Others"]
    assert set(got["Best"]) == {"555", "554", "553", "552", "551", "545"}
    assert [len(cells) for cells in got.values()] == [6, 50, 69]
    assert partition_faults(got) == {}


def test_the_map_of_eleven_written_out_reads_back_as_itself():
    text = "; ".join(f"{name}: {' '.join(cells)}" for name, cells in SEGMENTS.items())

    assert parse_segment_map(text) == SEGMENTS


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Best: 5**", "in no segment: 111"),
        ("Best: 5**; Good: 55* 4**; Others: rest", "in several: 551"),
        ("Best: 5** 6**; Others: rest", r"no such cell: 6\*\*"),
        ("Best", "found  Best"),
        (": 5**; Others: rest", "a part without a name"),
        ("Best: 5**; Best: rest", "found  Best"),
    ],
)
def test_a_text_that_is_no_map_is_refused_with_what_is_wrong(text, found):
    with pytest.raises(ConfigError, match=found) as error:
        parse_segment_map(text)

    assert error.value.code == "E-PARA-05"
    assert error.value.place == "segment_map"


def test_the_text_fits_the_grammar_of_parameters_and_holds_with_fewer_scores():
    (parameter,) = parameters_of(
        'segment_map: str = ""  # empty for the map of eleven; or such as "Best: 55*; Rest: rest"',
        place="01_portfolio",
    )
    text = check_value(parameter, "Best: 55*; Others: rest")

    by_cell = segment_by_cell(parse_segment_map(text), scores=3)
    assert (by_cell["333"], by_cell["323"], len(by_cell)) == ("Best", "Others", 27)
