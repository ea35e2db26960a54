"""What the profile takes from other analyses: scores and classes, stages, models, sentiment."""

import numpy as np
import pandas as pd

from shared.analysis.abc import abc_classes
from shared.analysis.abc_xyz import Cuts
from shared.analysis.rfm_scores import (
    ELEVEN,
    MEASURES,
    Scoring,
    cut_points,
    name_segments,
    score_customers,
)

CLASSES = (*MEASURES.values(), "segment", "abc_class")
STAGES = ("lifecycle_stage", "previous_stage", "periods_in_stage", "recoveries")
PREDICTIONS = (
    "p_active_90d", "expected_orders_6m", "expected_order_value", "clv_6m", "churn_risk_band",
)  # fmt: skip
NAMED = {"lifecycle_stage", "previous_stage", "churn_risk_band"}
CUTS = Cuts()


def classes(
    measured: pd.DataFrame,
    placed: pd.DataFrame | None,
    *,
    scoring: Scoring = ELEVEN,
    cuts: Cuts = CUTS,
) -> pd.DataFrame:
    """Give scores, segment and ABC class as they were placed, else by the rules of the portfolio.

    Parameters
    ----------
    measured : pd.DataFrame
        `customer_id`, `recency_days`, `frequency` and `monetary` of every customer.
    placed : pd.DataFrame, optional
        `customer_id` and any of the five columns, such as `Portfolio.customers`; the others are
        computed here.
    scoring, cuts
        Rules for those.
    """
    columns = [] if placed is None else [name for name in CLASSES if name in placed]
    given = _of_customers(placed, measured["customer_id"], columns)
    scored = score_customers(measured, cut_points(measured, scoring))
    abc = abc_classes(measured["monetary"], a=cuts.a, b=cuts.b)["abc_class"]
    segment = pd.Series(name_segments(scored, scoring), index=scored.index)
    own = scored[list(MEASURES.values())].assign(segment=segment, abc_class=abc)
    return own.assign(**given)[list(CLASSES)].astype({"segment": object})


def xyz_class(spend_cv: pd.Series, *, cuts: Cuts = CUTS) -> pd.Series:
    """Class customers by the variation of their spend: X steady, Z erratic, blank if unknown."""
    holds = [spend_cv <= cuts.x, spend_cv <= cuts.y, spend_cv > cuts.y]
    named = np.select(holds, ["X", "Y", "Z"], "")
    return pd.Series(named, index=spend_cv.index, dtype="object").where(spend_cv.notna())


def stages_of(customer_id: pd.Series, stages: pd.DataFrame | None) -> pd.DataFrame:
    """Give each customer's lifecycle stage, blank where it was not computed."""
    return _of_customers(stages, customer_id, STAGES)


def predictions_of(customer_id: pd.Series, predictions: pd.DataFrame | None) -> pd.DataFrame:
    """Give what a model expects of each customer, blank where there is none.

    The band of churn risk follows from `p_active_90d` where the model gives none.
    """
    found = _of_customers(predictions, customer_id, PREDICTIONS)
    risk = 1 - found["p_active_90d"].astype("float64")
    band = np.select([risk < 1 / 3, risk <= 2 / 3, risk > 2 / 3], ["low", "medium", "high"], "")
    named = pd.Series(band, index=found.index, dtype=object).where(risk.notna())
    return found.assign(
        churn_risk_band=found["churn_risk_band"].where(found["churn_risk_band"].notna(), named)
    )


def sentiment_of(customer_id: pd.Series, sentiment: pd.DataFrame | None) -> pd.DataFrame:
    """Give the mean sentiment of each customer's texts, blank where there is none."""
    return _of_customers(sentiment, customer_id, ["mean_sentiment"])


def next_order_dates(
    measured: pd.DataFrame, segment: pd.Series, segment_gaps: pd.Series, *, own_gaps: int
) -> pd.Series:
    """Date the next order: the last one plus the own median gap, or that of the segment.

    Parameters
    ----------
    measured : pd.DataFrame
        `last_order_date`, `median_gap_days` and `gaps` of every customer.
    segment : pd.Series
        Segment of each.
    segment_gaps : pd.Series
        Median gap in days by segment; a segment without one is not there.
    own_gaps : int
        So many gaps make a rhythm of one's own.
    """
    own = measured["median_gap_days"].where(measured["gaps"] >= own_gaps)
    gap = np.ceil(own.fillna(segment.map(segment_gaps).astype("float64")))
    return pd.to_datetime(measured["last_order_date"]) + pd.to_timedelta(gap, unit="D")


def _of_customers(
    frame: pd.DataFrame | None, customer_id: pd.Series, columns: "list[str] | tuple[str, ...]"
) -> pd.DataFrame:
    """Pick columns of a frame for each customer; what it does not have is blank."""
    kept = [] if frame is None else [name for name in columns if name in frame]
    found = pd.DataFrame(index=customer_id.index)
    if frame is not None and kept:
        found = frame.set_index("customer_id")[kept].reindex(customer_id.to_numpy())
        found = found.set_axis(customer_id.index)
    for name in columns:
        if name not in kept:
            found[name] = pd.Series(
                np.nan, index=found.index, dtype=object if name in NAMED else float
            )
    return found[list(columns)]
