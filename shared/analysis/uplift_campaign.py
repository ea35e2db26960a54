"""A campaign as it was run: who was in which arm, and what each customer did afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

import ibis
import numpy as np
import pandas as pd
from ibis import _

from shared.analysis.uplift_assignment import ANALYSIS, one_campaign, with_arms
from shared.analysis.uplift_outcomes import with_outcomes
from shared.loading.errors import NotSupportedByData
from shared.loading.schema import require_columns

NOT_FEATURES = ("customer_id", "treatment", "arm", "campaign_id", "assigned_at", "outcome",
                "outcome_value", "treatment_cost")  # fmt: skip


@dataclass(frozen=True)
class Campaign:
    """One campaign, a row per customer.

    Attributes
    ----------
    rows : pd.DataFrame
        `customer_id`, `arm`, `outcome` (1 responded, 0 did not), `value` (money within the window;
        blank where not known), `cost` (of the contact, blank where not known) and `assigned_at`
        (blank where not known). The order of the rows follows from their content alone.
    further : pd.DataFrame
        Further outcomes by name, in the same order; numbers.
    features : pd.DataFrame
        What the export says of each customer beyond that, in the same order.
    name : str
        Id of the campaign; "" where the export has none.
    control : str
        The arm that got nothing.
    arms : tuple of str
        The other arms, in the order of the alphabet.
    first_day, last_day : datetime.date or None
        Of assignment; None where there is no date.
    outcome : str
        The column that counts as outcome, or "orders".
    window_days : int
        Days after the assignment in which an outcome counts.
    counted : dict of str to int
        Rows and customers left out, and why: `no_arm`, `no_outcome`, `two_arms` (customers),
        `assigned_again` (rows), `window_open`.
    other_campaigns : pd.Series or None
        By arm, customers who were in another campaign's window too; None where there is one
        campaign or no date.
    is_placebo : bool
        Whether the arms were dealt anew.
    """

    rows: pd.DataFrame
    further: pd.DataFrame
    features: pd.DataFrame
    name: str
    control: str
    arms: tuple[str, ...]
    first_day: date | None
    last_day: date | None
    outcome: str
    window_days: int
    counted: dict[str, int]
    other_campaigns: pd.Series | None
    is_placebo: bool

    @property
    def n(self) -> int:
        """Customers in the campaign."""
        return len(self.rows)

    @property
    def has_value(self) -> bool:
        """Whether money within the window is known."""
        return bool(self.rows["value"].notna().any())

    def size(self, arm: str) -> int:
        """Count the customers of an arm."""
        return int((self.rows["arm"] == arm).sum())


def read_campaign(
    campaign: ibis.Table,
    *,
    snapshot_date: date,
    order_lines: ibis.Table | None = None,
    campaign_id: str = "",
    control_arm: str = "",
    outcome: str = "outcome",
    further: Sequence[str] = (),
    window_days: int = 21,
    placebo: bool = False,
) -> Campaign:
    """Read one campaign: arms, outcomes, and who cannot be counted.

    A customer in two arms belongs to none and is left out; one assigned again to the same arm
    counts once, by the first assignment. Customers whose window was not over on `snapshot_date`
    are left out too.

    Parameters
    ----------
    campaign : ibis.Table
        One row per customer and campaign: `customer_id` and `treatment` (0 or 1) or `arm`.
    snapshot_date : datetime.date
        The first day that is not in the data.
    order_lines : ibis.Table, optional
        Where outcomes are orders, the lines of the orders.
    campaign_id : str
        Which campaign; "" takes the one assigned last.
    control_arm : str
        The arm that got nothing; "" where `treatment` says so.
    outcome : str
        The column that counts as outcome, or "orders": ordered within the window.
    further : sequence of str
        Further columns of outcomes, numbers.
    window_days : int
        Days after the assignment in which an outcome counts.
    placebo : bool
        Whether to deal the arms anew among the customers: the page must then find nothing.

    Raises
    ------
    NotSupportedByData
        If there is no control, nobody was treated, or no outcome can be told.
    """
    require_columns(campaign, ["customer_id"], analysis=ANALYSIS)
    name, chosen = one_campaign(campaign, campaign_id)
    control, rows = with_arms(chosen, control_arm)
    counted = {"no_arm": int(rows.filter(_.arm.isnull()).count().to_pandas())}
    day = rows.assigned_at.date() if "assigned_at" in rows.columns else None
    usable = rows.filter(rows.arm.notnull())
    if day is not None:
        usable = usable.filter(usable.assigned_at < datetime.combine(snapshot_date, time()))
    frame, what = with_outcomes(
        usable, outcome=outcome, further=further, order_lines=order_lines,
        window_days=window_days, snapshot_date=snapshot_date,
    )  # fmt: skip
    frame, left = _countable(frame, snapshot_date=snapshot_date, window_days=window_days)
    frame = _in_order(frame)
    if placebo:
        # After everything else is read: only the link between arm and outcome is cut.
        frame = dealt_anew(frame)
    days = frame["assigned_at"].dropna()
    return Campaign(
        rows=frame[["customer_id", "arm", "outcome", "value", "cost", "assigned_at"]],
        further=frame[list(further)].astype(float),
        features=_features(frame, further=further, outcome=outcome),
        name=name,
        control=control,
        arms=_treated_arms(frame, control),
        first_day=days.min().date() if len(days) else None,
        last_day=days.max().date() if len(days) else None,
        outcome=what,
        window_days=window_days,
        counted={**counted, **left},
        other_campaigns=_elsewhere(campaign, frame, name=name, window_days=window_days),
        is_placebo=placebo,
    )


def dealt_anew(rows: pd.DataFrame, *, seed: int = 0) -> pd.DataFrame:
    """Deal the arms, and with each its cost, anew among the customers."""
    drawn = np.random.default_rng(seed).permutation(len(rows))
    return rows.assign(**{c: rows[c].to_numpy()[drawn] for c in ("arm", "cost")})


def _countable(
    frame: pd.DataFrame, *, snapshot_date: date, window_days: int
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Leave out who has no outcome, was in two arms, or whose window was not over."""
    left = {"no_outcome": int(frame["outcome"].isna().sum())}
    frame = frame[frame["outcome"].notna()]
    over = pd.Timestamp(snapshot_date) - pd.Timedelta(days=window_days)
    is_open = frame["assigned_at"].notna() & (frame["assigned_at"].dt.normalize() > over)
    left["window_open"] = int(is_open.sum())
    frame = frame[~is_open]
    # A customer in two arms is in neither: whatever followed, both may have caused it.
    repeated = frame[frame.duplicated("customer_id", keep=False)]
    arms = repeated.groupby("customer_id")["arm"].nunique()
    mixed = arms.index[arms > 1]
    left["two_arms"] = len(mixed)
    frame = frame[~frame["customer_id"].isin(mixed)]
    if len(repeated):
        frame = _in_order(frame).sort_values("assigned_at", kind="stable")
    again = frame.duplicated("customer_id")
    left["assigned_again"] = int(again.sum())
    return frame[~again], left


def _in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Sort rows by a hash of what they say, ids last: draws depend on neither order nor ids."""
    plain = frame.drop(columns="customer_id").apply(_plain)
    said = pd.util.hash_pandas_object(plain, index=False).to_numpy()
    ids = frame["customer_id"].to_numpy().astype(str)
    return frame.iloc[np.lexsort((ids, said))].reset_index(drop=True)


def _plain(column: pd.Series) -> pd.Series:
    """Write a column so that engines which type it differently come to the same hash."""
    if column.dtype.kind in "biuf":
        return pd.Series(column.to_numpy(float, na_value=np.nan) + 0.0, index=column.index)
    if column.dtype.kind == "M":
        return column.astype("datetime64[us]").astype("int64")
    return column.astype(object).where(column.notna(), "").astype(str)


def _treated_arms(frame: pd.DataFrame, control: str) -> tuple[str, ...]:
    """List the arms beside the control, or say why there is no comparison."""
    sizes = frame["arm"].value_counts()
    arms = tuple(sorted(str(arm) for arm in sizes.index if arm != control))
    if control not in sizes.index or not arms:
        raise NotSupportedByData(
            "no control group: without one nobody can tell who would have responded anyway"
            if arms or not len(frame)
            else "nobody is known to have been treated",
            "a campaign with a part of the customers left out by lot",
        )
    return arms


def _features(frame: pd.DataFrame, *, further: Sequence[str], outcome: str) -> pd.DataFrame:
    out = {*NOT_FEATURES, "value", "cost", outcome, *further}
    return frame[[c for c in frame.columns if c not in out]]


def _elsewhere(
    campaign: ibis.Table, frame: pd.DataFrame, *, name: str, window_days: int
) -> pd.Series | None:
    """Count by arm the customers in whose window another campaign was assigned to them."""
    if not name or "assigned_at" not in campaign.columns:
        return None
    others = campaign.filter(_.campaign_id != name, _.assigned_at.notnull())
    taken = others.select("customer_id", other_at=_.assigned_at).to_pandas()
    if taken.empty:
        return None
    met = frame[["customer_id", "arm", "assigned_at"]].merge(taken, on="customer_id")
    near = (met["other_at"] - met["assigned_at"]).abs() <= pd.Timedelta(days=window_days)
    return (
        met[near]
        .groupby("arm")["customer_id"]
        .nunique()
        .reindex(sorted(frame["arm"].unique()), fill_value=0)
    )
