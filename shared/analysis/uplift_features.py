"""What was known of each customer before a campaign, as numbers that a model can read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import ibis
import numpy as np
import pandas as pd
from ibis import _

from shared.analysis.portfolio import portfolio
from shared.analysis.rfm_scores import ELEVEN, Scoring
from shared.analysis.uplift_campaign import Campaign
from shared.loading.errors import NotSupportedByData

NO_ORDER = "No order before"
VISIT_DAYS = 90
NO_SEGMENT = NotSupportedByData(
    "the RFM segments on the day of the campaign are not known",
    "group_by, a column of the campaign; or assigned_at and order lines of earlier days",
)
MOST_LEVELS, RARE_SHARE = 20, 0.01  # of a text; rarer ones are taken together
LEAST_LATER = 10  # customers in whom a column must differ to be called an outcome
MOST_COLUMNS = 60
TRAITS = ("birth_year", "gender", "acquisition_channel")
SKEWED = 3.0  # mean over median of numbers that are read as logarithms


@dataclass(frozen=True)
class Features:
    """What was known before the campaign.

    Attributes
    ----------
    table : pd.DataFrame
        One row per customer of the campaign: numbers and texts, as the reader knows them.
    matrix : np.ndarray
        The same as numbers: centred and scaled, blanks filled and marked, a column per level.
    columns : list of str
        Names of the columns of `matrix`.
    source : list of str
        For each column of `matrix` the column of `table` that it comes from.
    segment : pd.Series or NotSupportedByData
        RFM segment on the day before the campaign.
    left_out : dict of str to str
        Columns of the export that were not used, and why.
    """

    table: pd.DataFrame
    matrix: np.ndarray
    columns: list[str]
    source: list[str]
    segment: pd.Series | NotSupportedByData
    left_out: dict[str, str]


def campaign_features(
    campaign: Campaign,
    *,
    tables: Mapping[str, ibis.Table],
    leave_out: Sequence[str] = (),
    scoring: Scoring = ELEVEN,
) -> Features:
    """Gather what was known of each customer before the first assignment.

    From the export of the campaign every column but ids and dates; from the orders, visits and
    customers only what lay before that day, and nothing where no day is known. A column that is
    the same for all who did not respond, and something else for some who did, was measured
    afterwards and is left out.

    Parameters
    ----------
    campaign : Campaign
        As from `read_campaign`.
    tables : mapping of str to ibis.Table
        Where `order_lines`, `customers` and `web_sessions` stand, if the client has them.
    leave_out : sequence of str
        Columns that were measured after the assignment, or must not decide.
    scoring : Scoring
        As for `portfolio`.
    """
    # Nothing dated after the first assignment: what the campaign changed must not predict it.
    table, left_out = campaign.features.copy(), dict.fromkeys(leave_out, "as asked")
    segment: pd.Series | NotSupportedByData = NO_SEGMENT
    ids, day = campaign.rows["customer_id"], campaign.first_day
    if day is not None:
        segment, bought = _orders_before(tables.get("order_lines"), ids, day, scoring)
        for more in (bought, _visits_before(tables.get("web_sessions"), ids, day),
                     _traits(tables.get("customers"), ids, day)):  # fmt: skip
            table = table.join(more[[c for c in more.columns if c not in table.columns]])
    left_out |= {c: why for c, why in _unusable(table, campaign).items() if c not in left_out}
    kept = table[[c for c in table.columns if c not in left_out]]
    matrix, columns, source = encoded(kept)
    return Features(kept, matrix, columns, source, segment, left_out)


def encoded(table: pd.DataFrame) -> tuple[np.ndarray, list[str], list[str]]:
    """Write features as a matrix: numbers scaled, texts as a column per level.

    A blank number becomes the median and is marked in a column of its own; skewed amounts are
    read as logarithms.

    Returns
    -------
    np.ndarray
        A row per customer.
    list of str
        Names of its columns.
    list of str
        The feature that each comes from.
    """
    parts: list[tuple[str, str, np.ndarray]] = []
    for name in table.columns:
        column = table[name]
        pieces = _numbers(column) if column.dtype.kind in "biuf" else _levels(column)
        parts += [(label, str(name), values) for label, values in pieces]
    parts = [part for part in parts if np.ptp(part[2]) > 0][:MOST_COLUMNS]
    matrix = np.column_stack([p[2] for p in parts]) if parts else np.empty((len(table), 0))
    return matrix, [p[0] for p in parts], [p[1] for p in parts]


def _numbers(column: pd.Series) -> list[tuple[str, np.ndarray]]:
    name, values = str(column.name), column.to_numpy(dtype=float, na_value=np.nan)
    blank = np.isnan(values)
    if blank.all():
        return []
    filled = np.where(blank, np.nanmedian(values), values)
    # A few very large amounts would otherwise rule a linear model.
    if filled.min() >= 0 and len(np.unique(filled)) > 2:
        middle = np.median(filled[filled > 0]) if (filled > 0).any() else 1.0
        if filled.mean() > SKEWED * np.median(filled) or filled.max() > 20 * middle:
            filled = np.log1p(filled)
    spread = filled.std()
    scaled = (filled - filled.mean()) / spread if spread > 0 else np.zeros(len(filled))
    pieces = [(name, scaled)]
    if blank.any():
        pieces.append((f"{name}: blank", blank.astype(float)))
    return pieces


def _levels(column: pd.Series) -> list[tuple[str, np.ndarray]]:
    texts = column.astype(object).where(column.notna(), "blank").astype(str)
    shares = texts.value_counts(normalize=True).sort_index()
    kept = [level for level, share in shares.items() if share >= RARE_SHARE][:MOST_LEVELS]
    if len(kept) == 2 and len(shares) == 2:
        kept = kept[1:]
    return [(f"{column.name}: {level}", (texts == level).to_numpy(float)) for level in kept]


def _unusable(table: pd.DataFrame, campaign: Campaign) -> dict[str, str]:
    """Name the columns that are ids, dates, constant, or measured after the campaign."""
    said = {}
    responded = campaign.rows["outcome"].to_numpy() > 0
    for name in table.columns:
        column = table[name]
        if column.dtype.kind not in "biufOTUS" and not isinstance(
            column.dtype, pd.StringDtype | pd.CategoricalDtype
        ):
            said[str(name)] = "a date"
        elif column.nunique(dropna=False) < 2:
            said[str(name)] = "the same for everybody"
        elif column.dtype.kind not in "biuf" and column.nunique() > max(
            50, 0.1 * column.notna().sum()
        ):
            said[str(name)] = "an id or free text"
        elif _is_outcome(column, responded):
            said[str(name)] = "an outcome"
    return said


def _is_outcome(column: pd.Series, responded: np.ndarray) -> bool:
    """Tell whether a column is one value for all who did not respond, and another for some."""
    texts = column.astype(object).where(column.notna(), None)
    without = pd.unique(texts[~responded])
    if len(without) != 1:
        return False
    differs = texts[responded].map(lambda x: x != without[0])
    return int(differs.sum()) >= LEAST_LATER


def _orders_before(
    lines: ibis.Table | None,
    ids: pd.Series,
    day: date,
    scoring: Scoring,
) -> tuple[pd.Series | NotSupportedByData, pd.DataFrame]:
    """Give each customer's RFM segment and figures as of the day."""
    nothing = pd.DataFrame(index=ids.index)
    if lines is None or not {"customer_id", "order_id", "order_date"} <= set(lines.columns):
        return NO_SEGMENT, nothing
    try:
        placed = portfolio(lines, snapshot_date=day, scoring=scoring).customers
    except NotSupportedByData as reason:
        return reason, nothing
    at = placed.set_index("customer_id").reindex(ids.to_numpy())
    at.index = ids.index
    order = [*scoring.segment_map, NO_ORDER]
    segment = at["segment"].astype(object).fillna(NO_ORDER)
    figures = pd.DataFrame(
        {
            "recency_days": at["recency_days"].astype(float),
            "frequency": at["frequency"].astype(float).fillna(0.0),
            "monetary": at["monetary"].astype(float).fillna(0.0),
        }
    )
    return pd.Series(pd.Categorical(segment, categories=order), index=ids.index), figures


def _visits_before(sessions: ibis.Table | None, ids: pd.Series, day: date) -> pd.DataFrame:
    if sessions is None or not {"customer_id", "started_at"} <= set(sessions.columns):
        return pd.DataFrame(index=ids.index)
    until = datetime.combine(day, time())
    seen = sessions.filter(_.started_at < until, _.started_at >= until - timedelta(days=VISIT_DAYS))
    counts = seen.group_by("customer_id").aggregate(visits=_.count()).to_pandas()
    visits = counts.set_index("customer_id")["visits"].reindex(ids.to_numpy(), fill_value=0)
    return pd.DataFrame({f"visits_{VISIT_DAYS}d": visits.to_numpy(float)}, index=ids.index)


def _traits(customers: ibis.Table | None, ids: pd.Series, day: date) -> pd.DataFrame:
    """Give traits that do not change, and how long before the day a customer joined."""
    if customers is None:
        return pd.DataFrame(index=ids.index)
    dates = [c for c in ("joined_on", "loyalty_joined_on") if c in customers.columns]
    known = [c for c in TRAITS if c in customers.columns]
    frame = customers.select("customer_id", *known, *dates).to_pandas()
    at = frame.drop_duplicates("customer_id").set_index("customer_id").reindex(ids.to_numpy())
    at.index = ids.index
    made = at[known].copy()
    for name in dates:
        before = (pd.Timestamp(day) - pd.to_datetime(at[name])).dt.days.astype(float)
        # Who joined afterwards had not joined: a blank, not a negative number of days.
        made[f"days_since_{name.removesuffix('_on')}"] = before.where(before > 0)
    return made
