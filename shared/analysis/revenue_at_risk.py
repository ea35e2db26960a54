"""Revenue at risk: of what each segment brought lately, how much belongs to who will not return?"""

import numpy as np
import pandas as pd

from shared.analysis.intervals import Estimate, bootstrap, wilson

LEAST_PAYERS = 20


def with_risk(table: pd.DataFrame, watched: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Add to each segment what of its revenue is at risk.

    An expected loss as in credit risk, exposure times probability: what the members of today
    brought in the watched period, times the share of money that the segment lost in it. That share
    is weighted by money, because big spenders come back more often than their heads would say.

    Parameters
    ----------
    table : pd.DataFrame
        One row per segment: `segment`.
    watched : pd.DataFrame
        One row per customer at the cut-off: `segment` of then, `period_orders` of the period
        after, `money_before` (of the period of the same length before) and `monetary` (so far).
    now : pd.DataFrame
        One row per customer at the end of it: `segment` of now, `period_revenue`.

    Returns
    -------
    pd.DataFrame
        The table with `members_now`, `revenue_now` (theirs in the period), `lost_share`
        (of the money; blank for a segment without members at the cut-off), `revenue_at_risk`,
        `at_risk_low` and `at_risk_high` (95 %; the exposure is known, the share is not).
    """
    today = now.groupby("segment", observed=False)["period_revenue"].agg(["size", "sum"])
    members, money = (
        table["segment"].map(today[column].rename(str)).astype("float64")
        for column in ("size", "sum")
    )
    by_name = dict(list(watched.astype({"segment": str}).groupby("segment")))
    nobody = watched.iloc[:0]
    lost = [money_lost(by_name.get(name, nobody)) for name in table["segment"]]
    # Refunds of older orders can outweigh a period: nothing can be lost then.
    exposed = money.clip(lower=0)
    # Without money now nothing is at risk, whatever the share was.
    risk = {
        column: (exposed * [getattr(share, bound) for share in lost]).where(exposed > 0, 0.0)
        for column, bound in (
            ("revenue_at_risk", "value"), ("at_risk_low", "low"), ("at_risk_high", "high"),
        )
    }  # fmt: skip
    return table.assign(
        members_now=members.astype("int64"),
        revenue_now=money,
        lost_share=[share.value for share in lost],
        **risk,
    )


def money_lost(members: pd.DataFrame) -> Estimate:
    """Estimate the share of a segment's money that belonged to members who did not buy again.

    The money is that of the period before the cut-off, as long as the watched one. Where fewer than
    20 members brought any in it, it is the money so far, and without that either the heads.

    Parameters
    ----------
    members : pd.DataFrame
        One row per member at the cut-off, with the columns of `watched` in `with_risk`.

    Returns
    -------
    Estimate
        Bootstrap over the members, 95 %. Where all of them came back, or none, resamples would be
        all alike: then Wilson's interval over heads. NaN without members.
    """
    weight, gone = _weights(members), ~(members["period_orders"] > 0).to_numpy()
    lost = weight * gone
    heads = wilson(int(gone[weight > 0].sum()), int((weight > 0).sum()), of="customers")
    if heads.value in (0, 1) or not heads.n:
        return heads

    def share(rows: np.ndarray) -> float:
        """Give the share of the money that was lost in one resample."""
        times = np.bincount(rows, minlength=len(weight))
        total = times @ weight
        return float(times @ lost / total) if total > 0 else float("nan")

    return bootstrap(share, len(weight), unit="share", of="customers")


def total_at_risk(table: pd.DataFrame) -> Estimate:
    """Add the segments up; their shares are independent, so their errors add as squares."""
    known = table.dropna(subset="revenue_at_risk")
    value = float(known["revenue_at_risk"].sum())
    below = float(np.sqrt(((known["revenue_at_risk"] - known["at_risk_low"]) ** 2).sum()))
    above = float(np.sqrt(((known["at_risk_high"] - known["revenue_at_risk"]) ** 2).sum()))
    return Estimate(value, value - below, value + above, int(known["customers"].sum()), "money")


def _weights(members: pd.DataFrame) -> np.ndarray:
    for column, least in (("money_before", LEAST_PAYERS), ("monetary", 1)):
        money = members[column].clip(lower=0).fillna(0.0).to_numpy(dtype=float)
        if (money > 0).sum() >= least:
            return money
    return np.ones(len(members))
