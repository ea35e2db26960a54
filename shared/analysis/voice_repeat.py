"""Do complaints go with leaving: who buys again, those who complained or others like them?"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy.stats import norm

from shared.analysis.intervals import Estimate, wilson
from shared.analysis.multiple_testing import Finding, false_discovery_q, reading
from shared.analysis.voice import ENOUGH_GROUP
from shared.loading.errors import NotSupportedByData

ALL = "any complaint"
LEAST_GROUP, LEAST_TOPIC = 10, 20
ORDER_EDGES, RECENCY_EDGES = (0, 1, 3, np.inf), (-1, 14, 60, np.inf)


@dataclass(frozen=True)
class Repeat:
    """How often complainers buy again, against others matched to them.

    Attributes
    ----------
    table : pd.DataFrame
        One row for any complaint and one per topic: `topic`, `complainers`, `others`, `again`
        and `others_again` (who bought within the time), `share`, `low`, `high`, `other_share`,
        `other_low`, `other_high` (unmatched), `difference`, `difference_low`, `difference_high`
        (matched), `p_value`, `q` (over the topics), `reading`.
    customers : int
        Customers compared, by their first text of known follow-up.
    follow_up_days : int
        Length of the time to buy again.
    too_recent : int
        Customers left out because that time is not over.
    """

    table: pd.DataFrame
    customers: int
    follow_up_days: int
    too_recent: int

    def difference(self, topic: str = ALL) -> Estimate:
        """Give the matched difference in the share that buys again, complainers less others."""
        row = self.table[self.table["topic"] == topic].iloc[0]
        n = int(row["complainers"] + row["others"])
        value, low, high = (float(row[f"difference{end}"]) for end in ("", "_low", "_high"))
        return Estimate(value, low, high, n, "share", of="customers")

    def reading_of(self, topic: str = ALL) -> Finding:
        """Give what the data allow to say of a topic."""
        return Finding(str(self.table.loc[self.table["topic"] == topic, "reading"].iloc[0]))

    @property
    def is_small(self) -> bool:
        """Whether one of the two groups has fewer than 30 customers."""
        first = self.table.iloc[0]
        return bool(min(first["complainers"], first["others"]) < ENOUGH_GROUP)


def repeat_link(
    reviews: ibis.Table,
    orders: ibis.Table,
    scored: pd.DataFrame,
    complaints: pd.DataFrame,
    *,
    snapshot_date: date,
    follow_up_days: int = 90,
) -> Repeat:
    """Compare who buys again after a text, complainers against others, like with like.

    A customer counts by the first text whose follow-up is known. Only what was known when it was
    written tells who is alike: earlier orders, days since the last one, and the quarter.

    Parameters
    ----------
    reviews : ibis.Table
        `review_id`, `customer_id`, `written_at`.
    orders : ibis.Table
        One row per order: `customer_id`, `order_date`.
    scored : pd.DataFrame
        `review_id`, `sentiment`; below 0 is a complaint.
    complaints : pd.DataFrame
        `review_id`, `topic`: a row per text and topic it complains of.
    snapshot_date : date
        First day that is not in the data.
    follow_up_days : int
        Days after the text within which a customer must order to have bought again.

    Raises
    ------
    NotSupportedByData
        Without dates or customers, or with fewer than 10 customers on a side.
    """
    for column, what in (("customer_id", "customers"), ("written_at", "dates")):
        if column not in reviews.columns:
            raise NotSupportedByData(f"the texts have no {what}", column)
    histories = text_histories(reviews, orders, follow_up_days=follow_up_days)
    known = scored.loc[scored["sentiment"].notna(), ["review_id", "sentiment"]]
    frame = histories.merge(known, on="review_id").sort_values(
        ["written_at", "review_id"], kind="stable"
    )
    end = datetime.combine(snapshot_date, time()) - timedelta(days=follow_up_days)
    seen = frame[frame["written_at"] <= end].drop_duplicates("customer_id").reset_index(drop=True)
    late = set(frame["customer_id"]) - set(seen["customer_id"])
    negative = (seen["sentiment"] < 0).to_numpy(dtype=bool)
    if min(negative.sum(), (~negative).sum()) < LEAST_GROUP:
        raise NotSupportedByData(
            f"{int(negative.sum())} customers with a complaint and {int((~negative).sum())} others "
            f"whose next {follow_up_days} days are known",
            f"at least {LEAST_GROUP} of each",
        )
    table = _compared(seen, negative, complaints)
    return Repeat(table, len(seen), follow_up_days, len(late))


def text_histories(reviews: ibis.Table, orders: ibis.Table, *, follow_up_days: int) -> pd.DataFrame:
    """Give for each text of a known customer what was bought before and soon after, in the engine.

    Returns
    -------
    pd.DataFrame
        `review_id`, `customer_id`, `written_at`, `orders_before`, `last_before` (blank without),
        `bought_again` (0 or 1).
    """
    texts = reviews.filter(
        _.customer_id.notnull() & (_.customer_id != "") & _.written_at.notnull()
    ).select("review_id", "customer_id", "written_at")
    days = orders.filter(_.customer_id.notnull()).select("customer_id", "order_date").distinct()
    joined = texts.join(days, "customer_id")
    before = _.order_date <= _.written_at
    window = ibis.interval(days=follow_up_days)
    after = (_.order_date > _.written_at) & (_.order_date <= _.written_at + window)
    history = joined.group_by("review_id", "customer_id", "written_at").aggregate(
        orders_before=before.cast("int64").sum(),
        last_before=_.order_date.max(where=before),
        bought_again=after.cast("int64").max(),
    )
    frame = history.filter(_.orders_before > 0).to_pandas()
    return frame.sort_values("review_id", ignore_index=True)


def matched_difference(
    again: np.ndarray, exposed: np.ndarray, stratum: np.ndarray
) -> tuple[Estimate, float]:
    """Estimate a difference of shares within strata, and the p-value that there is none.

    References
    ----------
    Mantel, N. and Haenszel, W. (1959). Statistical aspects of the analysis of data from
    retrospective studies. Sato, T. (1989). On the variance estimator for the Mantel-Haenszel risk
    difference.
    """
    frame = pd.DataFrame({"y": again, "x": exposed.astype(int), "s": stratum})
    cells = pd.DataFrame(frame.groupby(["s", "x"])["y"].agg(["sum", "size"]).unstack(fill_value=0))
    sides = pd.MultiIndex.from_product([["sum", "size"], [0, 1]])
    cells = cells.reindex(columns=sides, fill_value=0)
    a, c = (cells["sum", side].to_numpy(dtype=float) for side in (1, 0))
    n1, n0 = (cells["size", side].to_numpy(dtype=float) for side in (1, 0))
    both = (n1 > 0) & (n0 > 0)
    a, c, n1, n0 = a[both], c[both], n1[both], n0[both]
    n, weight = n1 + n0, (n1 * n0 / (n1 + n0)).sum()
    if not len(n):
        return Estimate(np.nan, np.nan, np.nan, 0, "share", of="customers"), float("nan")
    value = float((n1 * n0 / n * (a / n1 - c / n0)).sum() / weight)
    p = (n1**2 * c - n0**2 * a + n1 * n0 * (n0 - n1) / 2) / n**2
    q = (a * (n0 - c) + c * (n1 - a)) / (2 * n)
    half = float(norm.ppf(0.975) * np.sqrt(max(value * p.sum() + q.sum(), 0.0)) / weight)
    events = a + c
    variance = (n1 * n0 * events * (n - events) / (n**2 * np.maximum(n - 1, 1))).sum()
    z = abs((a - n1 * events / n).sum()) / np.sqrt(variance) if variance > 0 else 0.0
    estimate = Estimate(value, max(-1.0, value - half), min(1.0, value + half), int(n.sum()),
                        "share", of="customers")  # fmt: skip
    return estimate, float(2 * norm.sf(z))


def _compared(seen: pd.DataFrame, negative: np.ndarray, complaints: pd.DataFrame) -> pd.DataFrame:
    stratum, again = _strata(seen), seen["bought_again"].to_numpy()
    of_topic = complaints[complaints["review_id"].isin(set(seen["review_id"]))]
    counts = of_topic["topic"].value_counts()
    topics = sorted(str(topic) for topic, n in counts.items() if n >= LEAST_TOPIC)
    rows = [_row(ALL, negative, ~negative, again, stratum)]
    for topic in topics:
        own = seen["review_id"].isin(set(of_topic.loc[of_topic["topic"] == topic, "review_id"]))
        rows.append(_row(topic, own.to_numpy(), ~negative & ~own.to_numpy(), again, stratum))
    table = pd.DataFrame(rows)
    q = table["p_value"].to_numpy().copy()
    q[1:] = false_discovery_q(q[1:])
    return table.assign(q=q, reading=[reading(one).value for one in q])


def _row(
    topic: str, own: np.ndarray, others: np.ndarray, again: np.ndarray, stratum: np.ndarray
) -> dict[str, object]:
    used = own | others
    difference, p_value = matched_difference(again[used], own[used], stratum[used])
    n, m = int(own.sum()), int(others.sum())
    share, other = wilson(int(again[own].sum()), n), wilson(int(again[others].sum()), m)
    return {
        "topic": topic, "complainers": n, "others": m, "again": int(again[own].sum()),
        "others_again": int(again[others].sum()), "share": share.value, "low": share.low,
        "high": share.high, "other_share": other.value, "other_low": other.low,
        "other_high": other.high, "difference": difference.value,
        "difference_low": difference.low, "difference_high": difference.high, "p_value": p_value,
    }  # fmt: skip


def _strata(seen: pd.DataFrame) -> np.ndarray:
    """Put together who had as many orders, as long ago, in the same quarter."""
    orders = np.digitize(seen["orders_before"], ORDER_EDGES, right=True)
    waited = (seen["written_at"] - seen["last_before"]).dt.days
    recency = np.digitize(waited, RECENCY_EDGES, right=True)
    quarter = pd.PeriodIndex(seen["written_at"], freq="Q").astype("int64")
    return (quarter.to_numpy() * 100 + orders * 10 + recency).astype("int64")
