"""What the attribution study leaves behind: its full tables and its plain numbers."""

import pandas as pd

from shared.analysis.attribution_study import AttributionStudy
from shared.analysis.intervals import Estimate
from shared.analysis.study_parts import frames

MOST_PATHS = 20_000  # rows of a file; rarer paths are one journey each


def attribution_tables(study: AttributionStudy) -> dict[str, pd.DataFrame]:
    """Give every table of the page by the name of its file; what was not computed is missing.

    `credit` has one row per channel, in conversions by model; its `low` and `high` bound
    `markov`, those of `removal` the removal effect.
    """
    return {
        "credit": study.credit,
        "models": study.models,
        "model_differences": study.moved,
        "conversion_by_channel": study.presence,
        "assists": study.assists,
        "transitions": study.transitions,
        "memory": study.memory.table,
        "paths": top_paths(study),
        **frames(
            removal=study.removal,
            feeds=study.feeds,
            roi=study.returns,
            saturation=study.saturation,
        ),
    }


def top_paths(study: AttributionStudy) -> pd.DataFrame:
    """Give the paths with their conversions, nulls and value, those walked most often first."""
    paths = study.paths
    table = pd.DataFrame(
        {
            "path": paths.texts(),
            "steps": paths.lengths,
            "conversions": paths.conversions.astype("int64"),
            "nulls": paths.nulls.astype("int64"),
            "conversion_value": paths.value,
        }
    )
    walked = table["conversions"] + table["nulls"]
    order = table.assign(walked=walked).sort_values(["walked", "path"], ascending=[False, True])
    return order.drop(columns="walked").head(MOST_PATHS).reset_index(drop=True)


def attribution_metrics(study: AttributionStudy) -> dict[str, float | Estimate]:
    """Give the plain numbers of the page for tests, the index and the next run."""
    paths = study.paths
    top = float(study.removal["removal_effect"].max()) if isinstance(
        study.removal, pd.DataFrame) else float("nan")  # fmt: skip
    return {
        "conversions": paths.total,
        "conversion_probability": paths.total / paths.journeys,
        "memory": study.memory.used,
        "memory_chosen": study.memory.chosen,
        "journeys": paths.journeys,
        "channels": len(paths.channels),
        "paths": len(paths.lengths),
        "auc": study.memory.auc.value if paths.has_nulls else float("nan"),
        "largest_removal_effect": top,
        "structure": int(study.has_structure),
    }
