"""Labelled tables: rows with an outcome and columns of any kind, read as examples."""

import re
from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd
from ibis import _

from shared.analysis.propensity_examples import CALIBRATION, TEST, TRAINING, Examples
from shared.loading.schema import require_columns

TABLE = "the table"
NOT_FEATURES = ("customer_id", "outcome", "observed_at")
DATE_FORMATS = ("%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y")
CLOCK_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S")
STAMP = re.compile(r"(.+?)_(?:at|on|date|time)$", re.IGNORECASE)
MOST_DIFFERENT = 0.5  # of the rows: text that differs more often is a name or an id
TRAINED, CALIBRATED = 0.6, 0.8  # shares of the rows, in time order
ROW_ID = re.compile(r"^\w+#(\d+)$")
SECONDS_A_DAY = 86_400


@dataclass(frozen=True)
class Labelled:
    """A labelled table as it was read.

    Attributes
    ----------
    examples : Examples
        Its rows.
    left_out : dict of str to str
        Columns that are no features, and why.
    stamped_after : dict of str to float
        Columns recorded after the outcome, with the share of rows in which they were.
    repeated : int
        Rows that equal another in every column; they stay: they may be different people.
    place : np.ndarray or None
        Place of each row in the file, where the rows were numbered.
    dates : tuple of str
        Columns that held dates and count in days.
    """

    examples: Examples
    left_out: dict[str, str]
    stamped_after: dict[str, float]
    repeated: int
    place: np.ndarray | None
    dates: tuple[str, ...]


def read_responses(
    table: ibis.Table, *, sources: str = "", leave_out: tuple[str, ...] = ()
) -> Labelled:
    """Read a labelled table as examples; what was recorded after the outcome is left out.

    Parameters
    ----------
    table : ibis.Table
        `outcome` (0 or 1), features of any kind, and perhaps `customer_id` and `observed_at`. A
        column `x_at`, `x_on`, `x_date` or `x_time` says when `x` was recorded.
    sources : str
        Which columns are from where, such as "web: visits, pages; person: age".
    leave_out : tuple of str
        Columns not to use.

    Returns
    -------
    Labelled
        With `observed_at`, the parts follow each other in time; else rows are split by a hash.
    """
    require_columns(table, ["outcome"], analysis="A score from a labelled table")
    frame = table.filter(_.outcome.notnull()).to_pandas()
    repeated = int(frame.drop(columns=["customer_id"], errors="ignore").duplicated().sum())
    frame = _in_order(frame)
    person = frame["customer_id"] if "customer_id" in frame else _numbered(frame)
    observed = frame.get("observed_at")
    columns: dict[str, pd.Series] = {}
    dropped: dict[str, str] = {}
    stamped: dict[str, float] = {}
    for name in (c for c in frame if c not in NOT_FEATURES):
        column, why = _feature(frame[name], observed)
        late = _late_share(frame[name], observed)
        if late > 0:
            stamped |= {str(name): late} | _stamped_by(str(name), frame, late)
        elif name in leave_out:
            dropped[str(name)] = "left out on request"
        elif column is None:
            dropped[str(name)] = why
        else:
            columns[str(name)] = column
    columns = {name: column for name, column in columns.items() if name not in stamped}
    features = pd.DataFrame(columns, index=frame.index)
    examples = Examples(
        features=features.reset_index(drop=True),
        outcome=frame["outcome"].to_numpy(int),
        person=person.to_numpy(object),
        part=_parts(observed, len(frame)),
        source=_sources(sources, list(columns)),
        logged=frozenset(),
        timed=observed is not None,
        recency=next((n for n in columns if n.lower() in ("recency", "recency_days")), ""),
    )
    dates = tuple(name for name in columns if read_date(frame[name]) is not None)
    return Labelled(examples, dropped, stamped, repeated, _places(person), dates)


def read_date(column: pd.Series) -> pd.Series | None:
    """Read text as dates where one way fits all of it; None where none or several do."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return column
    known = column.dropna().astype(str)
    if known.empty or not known.str.match(r"^\d{1,4}[-./]\d{1,2}[-./]\d{1,4}").all():
        return None
    fits = []
    for how in (*DATE_FORMATS, *CLOCK_FORMATS):
        read = pd.to_datetime(known, format=how, errors="coerce")
        if read.notna().all():
            fits.append(read.reindex(column.index))
    same = len({tuple(read.dropna()) for read in fits})
    return fits[0] if same == 1 else None


def _feature(column: pd.Series, observed: pd.Series | None) -> tuple[pd.Series | None, str]:
    """Give a column as numbers or categories, or say why it is neither."""
    if column.isna().all():
        return None, "blank in all rows"
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column):
        number = column.astype("float64")
        return (number, "") if number.nunique(dropna=False) > 1 else (None, "the same in all rows")
    dates = read_date(column)
    if dates is not None:
        until = observed if observed is not None else dates.max()
        return (until - dates).dt.total_seconds() / SECONDS_A_DAY, ""
    text = column.astype(object).where(column.notna(), None)
    if text.nunique() > MOST_DIFFERENT * text.notna().sum():
        return None, "different in most rows, as names, ids or dates of two readings are"
    return (text, "") if text.nunique(dropna=False) > 1 else (None, "the same in all rows")


def _late_share(column: pd.Series, observed: pd.Series | None) -> float:
    """Give the share of rows in which a date lies after the moment of the row."""
    if observed is None or pd.api.types.is_numeric_dtype(column):
        return 0.0
    dates = read_date(column)
    return 0.0 if dates is None else float((dates > observed).sum() / max(dates.notna().sum(), 1))


def _stamped_by(stamp: str, frame: pd.DataFrame, late: float) -> dict[str, float]:
    """Name the column that a late stamp belongs to."""
    found = STAMP.match(stamp)
    return {found.group(1): late} if found and found.group(1) in frame.columns else {}


def _in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Sort by id where there is one: the order in which an engine gives rows is chance."""
    if "customer_id" in frame:
        place = _places(frame["customer_id"])
        keyed = frame.assign(place=place) if place is not None else frame
        order = ["place"] if place is not None else ["customer_id"]
        if place is None and "observed_at" in frame:
            order.append("observed_at")
        rest = [c for c in frame.columns if c not in order]
        keyed = keyed.assign(text=frame[rest].astype(str).agg("|".join, axis=1))
        return keyed.sort_values([*order, "text"], kind="stable", ignore_index=True)[frame.columns]
    texts = frame.astype(str).agg("|".join, axis=1)
    return frame.loc[texts.sort_values(kind="stable").index].reset_index(drop=True)


def _numbered(frame: pd.DataFrame) -> pd.Series:
    return pd.Series([f"row {i + 1}" for i in range(len(frame))], dtype=object)


def _places(person: pd.Series) -> np.ndarray | None:
    numbers = person.astype(str).str.extract(ROW_ID, expand=False)
    numbered = numbers.notna().all() and numbers.is_unique
    return numbers.astype("int64").to_numpy() if numbered and len(numbers) else None


def _parts(observed: pd.Series | None, n: int) -> np.ndarray:
    """Cut the rows in time order: three fifths to learn, one to calibrate, one to test."""
    if observed is None:
        return np.zeros(n, dtype=int)
    ranked = observed.sort_values().reset_index(drop=True)
    first, second = (ranked[int(share * (n - 1))] for share in (TRAINED, CALIBRATED))
    return np.where(observed <= first, TRAINING, np.where(observed <= second, CALIBRATION, TEST))


def _sources(words: str, names: list[str]) -> dict[str, str]:
    """Read which columns are from where; the others are of the table."""
    given: dict[str, str] = {}
    for part in filter(None, (text.strip() for text in words.split(";"))):
        source, _colon, listed = part.partition(":")
        given |= {name.strip(): source.strip() for name in listed.split(",")}
    return {name: given.get(name, TABLE) for name in names}
