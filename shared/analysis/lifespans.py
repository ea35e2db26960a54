"""Lifespans: from which day to which was each customer with us, and is that known or still open?"""

from datetime import date

import ibis
import numpy as np
import pandas as pd
from ibis import _

from shared.analysis.periods import EPOCH, day_number
from shared.analysis.purchases import purchases
from shared.loading.errors import ConfigError, DataRefused, NotSupportedByData
from shared.loading.schema import require_columns

ANALYSIS = "Time as a customer"
SHOWN = 5


def lifespans(
    order_lines: ibis.Table,
    *,
    snapshot_date: date,
    window: int,
    customers: ibis.Table | None = None,
    keep: tuple[str, ...] = (),
) -> pd.DataFrame:
    """Measure each customer's time with us on the clock of confirmation.

    A customer is lost when more than `window` days have passed without an order; that is known
    `window` days after the last order, so the event stands there and everybody else is censored on
    the snapshot date. Censoring then depends on the calendar alone. `shift_back` reads a curve on
    the clock of the last order again.

    Parameters
    ----------
    order_lines : ibis.Table
        One row per product in an order, with `customer_id` and `order_date`; refunds are no order.
    snapshot_date : datetime.date
        The first day that is not in the data.
    window : int
        Silence in days after which a customer is lost, as `ChurnWindow.days`.
    customers : ibis.Table, optional
        With `customer_id` and, where there are, `joined_on` (registration) and
        `loyalty_joined_on`.
    keep : tuple of str
        Further columns of `customers` to carry along, such as "acquisition_channel".

    Returns
    -------
    pd.DataFrame
        One row per customer, ordered by id: `customer_id`, `first_order_date`, `last_order_date`,
        `orders` (order days), `acquisition_year`, `recency_days`, `duration` (days from the start
        of the clock to the event or the snapshot), `observed` (True: lost), `entry` (day from which
        the customer could be seen; 0 for all but older ones), `older` (registered before the
        extract begins: the clock starts at the registration and the customer enters late),
        `possibly_older` (no registration known and first order within the first `window` days of
        the extract), `came_back` (silences longer than the window that an order ended),
        `joined_on` (day of joining the loyalty programme, blank for never) and `membership_day`
        (the same in days since the start of the clock, negative before it; blank for never).
        Joining on the snapshot date or later counts as never.

    Raises
    ------
    NotSupportedByData
        If there is no order before the snapshot date, or a kept column is missing.
    ConfigError
        If the window is not positive.

    Notes
    -----
    The last order decides, so a silence that an order ended is no loss, however long it was. Recent
    silences had less time to end: part of the recent losses are none, up to the share that
    `ChurnWindow.came_back` tells.
    """
    if window < 1:
        raise ConfigError(
            "E-PARA-23", "churn_after_days", f"{window!r} is no number of days",
            fix="1 day or more",
        )  # fmt: skip
    spans = order_spans(order_lines, snapshot_date=snapshot_date, window=window)
    frame = with_registrations(spans, customers, keep=keep)
    dated = on_the_clock(frame, snapshot_date=snapshot_date, window=window)
    columns = [
        "customer_id", "first_order_date", "last_order_date", "orders", "acquisition_year",
        "recency_days", "duration", "observed", "entry", "older", "possibly_older", "came_back",
        "joined_on", "membership_day", *keep,
    ]  # fmt: skip
    return dated[columns].sort_values("customer_id", ignore_index=True)


def order_spans(order_lines: ibis.Table, *, snapshot_date: date, window: int = 0) -> pd.DataFrame:
    """Give each customer's first and last order day, in the engine.

    Returns
    -------
    pd.DataFrame
        `customer_id`, `first_day` and `last_day` (days since 1970), `span` (days between them),
        `recency` (days from the last order to the snapshot), `orders` (order days) and `came_back`
        (pauses longer than the window).

    Raises
    ------
    NotSupportedByData
        If there is no order before the snapshot date.
    """
    days = (
        purchases(order_lines, before=snapshot_date, analysis=ANALYSIS)
        .select("customer_id", day=day_number(_.order_date, since=EPOCH))
        .distinct()
    )
    by_time = ibis.window(group_by="customer_id", order_by="day")
    spans = (
        days.mutate(gap=_.day - _.day.lag().over(by_time))
        .group_by("customer_id")
        .aggregate(
            first_day=_.day.min(),
            last_day=_.day.max(),
            orders=_.count(),
            # A count with a condition on a blank is blank on Spark.
            came_back=ibis.ifelse(_.gap > window, 1, 0).sum(),
        )
        .to_pandas()
    )
    if spans.empty:
        raise NotSupportedByData(f"no order of a known customer before {snapshot_date}")
    whole = ["first_day", "last_day", "orders", "came_back"]
    spans = spans.astype(dict.fromkeys(whole, "int64"))
    last = (snapshot_date - EPOCH).days
    return spans.assign(
        span=spans["last_day"] - spans["first_day"], recency=last - spans["last_day"]
    )


def with_registrations(
    spans: pd.DataFrame, customers: ibis.Table | None, *, keep: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Add to `order_spans` the days of registering and joining, and what is kept.

    Raises
    ------
    NotSupportedByData
        If something shall be kept and there is no table of customers, or it lacks the column.
    """
    if customers is not None:
        return spans.merge(_attributes(customers, keep), on="customer_id", how="left")
    if keep:
        raise NotSupportedByData(f"{', '.join(keep)}: no table customers", "a table customers")
    return spans


def _attributes(customers: ibis.Table, keep: tuple[str, ...]) -> pd.DataFrame:
    """Fetch the days of registering and joining, as days since 1970, and what is kept."""
    require_columns(customers, ["customer_id", *keep], analysis=ANALYSIS)
    dates = {"registered": "joined_on", "joined": "loyalty_joined_on"}
    days = {
        name: day_number(customers[column].cast("timestamp"), since=EPOCH)
        if column in customers.columns
        else ibis.null("int64")
        for name, column in dates.items()
    }
    # One row per customer whatever the table holds: a repeated one would multiply its orders.
    rows = customers.select("customer_id", *keep, **days).group_by("customer_id")
    return rows.aggregate(**{name: _[name].min() for name in (*keep, *days)}).to_pandas()


def on_the_clock(frame: pd.DataFrame, *, snapshot_date: date, window: int) -> pd.DataFrame:
    """Set the clock of each customer: where it starts, when it can be seen, when it ends.

    Parameters
    ----------
    frame : pd.DataFrame
        As from `with_registrations`.
    snapshot_date, window
        As for `lifespans`.

    Returns
    -------
    pd.DataFrame
        The same rows with the columns that `lifespans` describes.
    """
    last = (snapshot_date - EPOCH).days
    first, begin = frame["first_day"], int(frame["first_day"].min())
    registered = _days(frame, "registered")
    joined = _days(frame, "joined")
    joined = joined.where(joined < last)
    older = registered < begin
    origin = first.where(~older, registered).astype("int64")
    observed = frame["recency"] > window
    end = np.where(observed, frame["last_day"] + window, last)
    return frame.assign(
        first_order_date=_dates(first),
        last_order_date=_dates(frame["last_day"]),
        acquisition_year=_dates(first).dt.year.astype("int64"),
        recency_days=frame["recency"],
        duration=(end - origin).astype("float64"),
        observed=observed,
        # From the extract's first day on the last order can be seen; that day itself counts.
        entry=np.where(older, begin - origin + window - 1, 0).astype("float64"),
        older=older,
        possibly_older=registered.isna() & (first - begin < window),
        joined_on=_dates(joined),
        membership_day=joined - origin,
    )


def _days(frame: pd.DataFrame, column: str) -> pd.Series:
    if column not in frame.columns:
        return pd.Series(np.nan, index=frame.index)
    return frame[column].astype("float64")


def _dates(days: pd.Series) -> pd.Series:
    # As whole numbers: rounding floats with blanks makes pandas read memory that nobody wrote.
    return pd.to_datetime(days.astype("Int64"), unit="D", origin="unix")


def lifespans_from_durations(
    table: ibis.Table, *, keep: tuple[str, ...] = (), membership: str = ""
) -> pd.DataFrame:
    """Read a table of durations that the client measured, after checking it.

    Parameters
    ----------
    table : ibis.Table
        The canonical table `durations`: `customer_id`, `duration` and `event_observed`.
    keep : tuple of str
        Attributes to carry along, such as "Contract".
    membership : str
        Column that holds the time of joining a programme since the start of the duration, in the
        same unit; "" if there is none.

    Returns
    -------
    pd.DataFrame
        As from `lifespans` without its dates: `customer_id`, `duration` in the client's unit,
        `observed`, `entry` (0), `older` and `possibly_older` (False), `membership_day` (blank for
        never) and what is kept. Rows without duration or event are left out; `attrs["blank"]`
        counts them.

    Raises
    ------
    DataRefused
        If durations are negative or infinite, with their count and the first five customers' rows.
    NotSupportedByData
        If no row is left or a column is missing.
    """
    wanted = ["customer_id", "duration", "event_observed", *keep]
    wanted += [membership] if membership and membership not in wanted else []
    require_columns(table, wanted, analysis=ANALYSIS)
    rows = table.select(*wanted).to_pandas()
    rows = rows.assign(duration=rows["duration"].astype("float64"))
    _refuse_impossible(rows["duration"])
    known = rows["duration"].notna() & rows["event_observed"].notna()
    blank, rows = int((~known).sum()), rows[known]
    if rows.empty:
        raise NotSupportedByData("no customer has both a duration and whether it ended")
    joined = rows[membership].astype("float64") if membership else np.nan
    frame = pd.DataFrame(
        {
            "customer_id": rows["customer_id"],
            "duration": rows["duration"],
            "observed": rows["event_observed"].astype("float64") > 0,
            "entry": 0.0,
            "older": False,
            "possibly_older": False,
            "membership_day": joined,
            **{column: rows[column] for column in keep},
        }
    )
    frame = frame.sort_values("customer_id", kind="stable", ignore_index=True)
    frame.attrs["blank"] = blank
    return frame


def _refuse_impossible(duration: pd.Series) -> None:
    wrong = np.flatnonzero((duration < 0) | np.isinf(duration))
    if len(wrong):
        shown = ", ".join(f"row {i + 1}: {duration.iloc[i]:g}" for i in wrong[:SHOWN])
        raise DataRefused(
            "E-DATA-40", "durations:duration",
            f"{len(wrong)} of {len(duration)} durations are negative or infinite",
            found=shown, fix="ask the client how these were measured; a duration is 0 or more",
        )  # fmt: skip


def leave_out_older(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep the customers whose first order is known to lie inside the extract."""
    return frame[~(frame["older"] | frame["possibly_older"])]
