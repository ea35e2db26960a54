"""Satisfaction and complaints: at which stage are people least content, and after which?"""

import ibis
import pandas as pd
from ibis import _

from shared.analysis.attribution_paths import DAY_SECONDS
from shared.analysis.journey_clusters import clustered_means, clustered_shares, withheld
from shared.analysis.journey_rows import lowest
from shared.analysis.journey_stages import SALE, Funnel
from shared.loading.errors import NotSupportedByData
from shared.loading.schema import require_columns


def stage_satisfaction(funnel: Funnel) -> pd.DataFrame:
    """Average the answers of contacts at each stage, and compare each stage with all others.

    Returns
    -------
    pd.DataFrame
        As from `clustered_means`, one row per stage with an answer, in the order of the stages:
        `stage`, `n` (answers), `customers`, `mean` in the units of the question, `low`, `high`,
        `difference` …, `finding`. Figures of fewer than 10 answers or customers are blank.

    Raises
    ------
    NotSupportedByData
        If no contact has an answer.
    """
    require_columns(funnel.touches, ["satisfaction"], analysis="Satisfaction per stage")
    answered = funnel.touches.filter(_.satisfaction.notnull() & _.stage.isin(list(funnel.stages)))
    means = clustered_means(answered, by=["stage"], value="satisfaction")
    if means.empty:
        raise NotSupportedByData("no contact at a stage has an answer", "satisfaction of contacts")
    places = means["stage"].map(funnel.stages.index)
    figures = ["mean", "low", "high", "difference", "difference_low", "difference_high"]
    return withheld(means.loc[places.sort_values().index].reset_index(drop=True), figures)


def lowest_quarter(table: ibis.Table, *, column: str) -> float:
    """Give the figure at or below which an answer is low: a quarter up the range that was used.

    Of 1 to 5 these are 1 and 2, of 0 to 10 they are 0, 1 and 2.

    Raises
    ------
    NotSupportedByData
        If there is no answer.
    """
    low, high = range_used(table, column=column)
    return low + (high - low) / 4


def range_used(table: ibis.Table, *, column: str) -> tuple[float, float]:
    """Give the lowest and the highest figure of a column, such as 1 and 5 of stars.

    Raises
    ------
    NotSupportedByData
        If there is no answer.
    """
    require_columns(table, [column], analysis=f"Low figures of {column}")
    ends = table.aggregate(low=table[column].min(), high=table[column].max()).to_pandas().iloc[0]
    if pd.isna(ends["low"]):
        raise NotSupportedByData(f"no row has a {column}", f"{column} of some rows")
    return float(ends["low"]), float(ends["high"])


def stage_complaints(
    funnel: Funnel, reviews: ibis.Table, low_rating: float, *, window_days: int
) -> pd.DataFrame:
    """Give the share of low ratings among reviews written soon after journeys, by deepest stage.

    A review belongs to the customer's latest journey that ended at most `window_days` before.

    Returns
    -------
    pd.DataFrame
        As from `clustered_shares` with `n` reviews, one row per stage that a journey ended at;
        a conversion is a stage of its own.

    Raises
    ------
    NotSupportedByData
        If no review with a rating follows a journey.
    """
    require_columns(
        reviews, ["customer_id", "written_at", "rating", "review_id"], analysis="Complaints"
    )
    written = reviews.filter(_.customer_id.notnull() & _.rating.notnull() & _.written_at.notnull())
    written = written.select(
        "customer_id", "review_id", "written_at", low=(_.rating <= low_rating).ifelse(1, 0)
    )
    ends = funnel.journeys.select("customer_id", "last_touch_at", "depth", "converted")
    pairs = written.join(ends, "customer_id")
    waited = (_.written_at.epoch_seconds() - _.last_touch_at.epoch_seconds()) / DAY_SECONDS
    pairs = pairs.mutate(waited=waited).filter((_.waited >= 0) & (_.waited <= window_days))
    # A customer with two journeys in the window has written once, about the later one.
    latest = ibis.row_number().over(
        ibis.window(group_by=["customer_id", "review_id"], order_by=["waited", "depth"])
    )
    nearest = pairs.mutate(turn=latest).filter(_.turn == 0)
    nearest = nearest.mutate(ended_at=(_.converted == 1).ifelse(len(funnel.stages), _.depth))
    table = clustered_shares(nearest, by=["ended_at"], success="low")
    if table.empty:
        raise NotSupportedByData("no rated review follows a journey", "reviews with a rating")
    names = {-1: "before any stage", len(funnel.stages): SALE, **dict(enumerate(funnel.stages))}
    table.insert(0, "stage", [names[int(k)] for k in table["ended_at"]])
    figures = ["successes", "share", "low", "high", "difference", "difference_low",
               "difference_high"]  # fmt: skip
    return withheld(table.drop(columns="ended_at"), figures)


def lowest_stage(satisfaction: pd.DataFrame) -> pd.Series | None:
    """Give the stage with the lowest mean among those that may be shown; None for none."""
    shown = satisfaction[satisfaction["mean"].notna()]
    return None if len(shown) < 2 else lowest(shown, "mean")
