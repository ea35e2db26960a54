"""Stages, pain points and arrivals on Spark equal those on DuckDB; skipped without Spark."""

import ibis
import pytest
from pandas.testing import assert_frame_equal
from staged_journeys import SNAPSHOT, drawn_visits

from shared.analysis.attribution_paths import journeys_of
from shared.analysis.journey_arrivals import arrivals
from shared.analysis.journey_contacts import post_click_view
from shared.analysis.journey_pain import pain_points
from shared.analysis.journey_stages import funnel_of, stage_table
from shared.analysis.journey_visits import visits_of


@pytest.mark.slow
def test_the_journey_is_the_same(spark, tmp_path_factory):
    folder = tmp_path_factory.mktemp("journeys")
    tables = drawn_visits(1, customers=200, harm=0.2)
    view = tables["touchpoints"].channel == "Mail"
    tables["touchpoints"] = tables["touchpoints"].mutate(kind=view.ifelse("impression", "click"))
    for name, table in tables.items():
        table.to_pandas().to_parquet(folder / f"{name}.parquet", coerce_timestamps="us")

    results = []
    for engine in (ibis.duckdb.connect(), spark):
        read = {name: engine.read_parquet(str(folder / f"{name}.parquet")) for name in tables}
        journeys = journeys_of(read["touchpoints"], read["conversions"], snapshot_date=SNAPSHOT)
        sides = visits_of(read["web_sessions"], read["touchpoints"], journeys)
        funnel = funnel_of(*sides, stages="view; cart; pay", reached="seen")
        results.append(
            [
                stage_table(funnel),
                pain_points(funnel, low_satisfaction=2),
                arrivals(read["web_sessions"], journeys, window_days=7),
                post_click_view(journeys, read["touchpoints"], window_days=7),
            ]
        )

    for duck, other in zip(*results, strict=True):
        assert_frame_equal(duck, other, check_dtype=False)
