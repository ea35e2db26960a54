"""What the journey half leaves behind: its full tables and its plain numbers."""

import pandas as pd

from shared.analysis.intervals import Estimate
from shared.analysis.journey_answers import click_share
from shared.analysis.journey_pain import read_rows
from shared.analysis.journey_rows import without_small_counts
from shared.analysis.journey_segments import Segments
from shared.analysis.journey_stages import with_sales
from shared.analysis.journey_study import JourneyStudy, stages_of
from shared.analysis.multiple_testing import Finding
from shared.analysis.study_parts import frames, part


def journey_tables(study: JourneyStudy) -> dict[str, pd.DataFrame]:
    """Give every table of the journey half by the name of its file; unknown ones are missing.

    Counts of cells under 10 are blank.
    """
    segments = study.segments.funnel if isinstance(study.segments, Segments) else study.segments
    steps = study.steps.reset_index() if isinstance(study.steps, pd.DataFrame) else study.steps
    if isinstance(steps, pd.DataFrame):
        steps = steps.rename(columns={step: f"step_{step}" for step in range(1, 9)})
    made = frames(
        post_click_view=study.clicks,
        followed_by_conversion=study.followed,
        reach_frequency=study.reach,
        conversion_by_contacts=study.by_contacts,
        arrivals=study.arrivals,
        stages=part(stages_of, study),
        satisfaction=study.satisfaction,
        pain_points=study.pain,
        stage_gains=study.gains,
        later_orders=study.later,
        step_matrix=steps,
        segments=segments,
    )
    return {name: without_small_counts(table) for name, table in made.items()}


def journey_metrics(study: JourneyStudy) -> dict[str, float | Estimate]:
    """Give the plain numbers of the journey half; a part that is not known has none."""
    got: dict[str, float | Estimate] = {}
    if isinstance(study.clicks, pd.DataFrame):
        counts = study.clicks.set_index("group")["conversions"]
        names = ("post_click", "post_view", "no_contact")
        got |= {name: int(n) for name, n in zip(names, counts, strict=True)}
        got["post_click_share"] = click_share(study)
    if isinstance(study.reach, pd.DataFrame):
        first = study.reach.iloc[0]
        got |= {"reach": float(first["reach"]), "frequency": float(first["frequency"])}
    if isinstance(study.stages, pd.DataFrame):
        for row in with_sales(study.stages).to_dict("records"):
            got[f"at_{_name(row['stage'])}"] = int(row["journeys"])
        got["largest_drop_off"] = float(study.stages["drop_off"].max())
    if isinstance(study.satisfaction, pd.DataFrame):
        got["lowest_satisfaction"] = float(study.satisfaction["mean"].min())
    if isinstance(study.pain, pd.DataFrame):
        rows = read_rows(study.pain)
        found = (rows["finding"] == Finding.DIFFERS) & (rows["difference"] < 0)
        got["pain_points"] = int(found.sum())
    return got


def _name(stage: object) -> str:
    """Make a plain name of a stage, for a key."""
    return "".join(c if c.isalnum() else "_" for c in str(stage).lower())
