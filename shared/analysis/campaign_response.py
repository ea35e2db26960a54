"""Campaign response: which segment answered the last campaign most often?"""

from dataclasses import dataclass
from datetime import date

import ibis
import numpy as np
import pandas as pd
from ibis import _

from shared.analysis.intervals import wilson
from shared.analysis.multiple_testing import (
    Finding,
    false_discovery_q,
    reading,
    share_p_value,
)
from shared.analysis.portfolio import portfolio
from shared.analysis.rfm_scores import ELEVEN, Scoring
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData
from shared.loading.schema import require_columns

LEAST_TREATED = 50
NO_ORDER = "No order before"
ANSWERED_MOST = (
    "{segment} answered most often, {share} of {n}, and more often than all others together"
)


@dataclass(frozen=True)
class CampaignResponse:
    """How the segments answered a campaign.

    Attributes
    ----------
    table : pd.DataFrame
        As from `campaign_response`.
    campaign : str
        Its id, "" where the export has none.
    assigned_on : datetime.date
        When it was sent; the segments are those of that day.
    treated, control : int
        Customers in either arm, those without an order before included.
    mixed : int
        Customers in both arms, left out.
    """

    table: pd.DataFrame
    campaign: str
    assigned_on: date
    treated: int
    control: int
    mixed: int


def campaign_response(
    campaign: ibis.Table,
    order_lines: ibis.Table,
    *,
    snapshot_date: date,
    scoring: Scoring = ELEVEN,
    least: int = 10,
) -> CampaignResponse:
    """Count who answered the last campaign, by the segment they were in when it was sent.

    The segments of today will not do: an answer is an order, and an order makes a customer recent.

    Parameters
    ----------
    campaign : ibis.Table
        One row per customer and campaign: `customer_id`, `treatment` (1 got it), `assigned_at`,
        `outcome` (1 answered) and, where there were several, `campaign_id`.
    order_lines : ibis.Table
        As for `portfolio`.
    snapshot_date : datetime.date
        Campaigns of that day or later are left out.
    scoring
        As for `portfolio`.
    least : int
        Treated customers below which a segment shows no rate and is not tested.

    Returns
    -------
    CampaignResponse
        Its table has one row per segment, and one for those who had no order yet: `segment`,
        `treated`, `responders`, `response` with `low` and `high` (Wilson 95 %), `control`,
        `control_responders`, `control_response` with `control_low` and `control_high`,
        `q` (Fisher's exact test against all other treated customers, Benjamini-Hochberg) and
        `finding`. Rates are blank where too few were treated.

    Raises
    ------
    NotSupportedByData
        If a column is missing, no campaign is dated before `snapshot_date`, fewer than 50
        customers got it, or nobody had ordered before it.
    """
    require_columns(
        campaign, ["treatment", "outcome", "assigned_at"], analysis="Response by segment"
    )
    name, assigned_on, rows = _last_campaign(campaign, snapshot_date)
    arms = rows.groupby("customer_id").agg(
        treatment=("treatment", "max"), least_arm=("treatment", "min"), outcome=("outcome", "max")
    )
    mixed = arms["treatment"] != arms["least_arm"]
    arms = arms[~mixed]
    treated = int((arms["treatment"] == 1).sum())
    if treated < LEAST_TREATED:
        raise NotSupportedByData(
            f"{treated} customers got the last campaign", f"at least {LEAST_TREATED} of them"
        )
    placed = portfolio(order_lines, snapshot_date=assigned_on, scoring=scoring).customers.set_index(
        "customer_id"
    )["segment"]
    order = [*scoring.segment_map, NO_ORDER]
    segment = placed.reindex(arms.index).astype(object).fillna(NO_ORDER)
    table = _counted(arms.assign(segment=pd.Categorical(segment, categories=order)))
    tested = _tested(table, least=least)
    control = int((arms["treatment"] == 0).sum())
    return CampaignResponse(tested, name, assigned_on, treated, control, int(mixed.sum()))


def response_said(found: CampaignResponse) -> tuple[Reason, Reason]:
    """Answer: which group is most likely to answer a campaign? Title and alt text.

    Raises
    ------
    NotSupportedByData
        If no segment is large enough to show a rate.
    """
    shown = found.table.dropna(subset=["response"])
    if shown.empty:
        raise NotSupportedByData("no segment has enough treated customers", "a larger campaign")
    first = shown.sort_values("response", ascending=False, kind="stable")
    # A rate is settled upwards by its size and its number: the highest one may be of ten customers.
    above = first[(first["finding"] == Finding.DIFFERS) & (first["response"] > _of_others(first))]
    top = (above if len(above) else first).iloc[0]
    values = {
        "share": wilson(int(top["responders"]), int(top["treated"])),
        "low": top["low"],
        "high": top["high"],
        "segment": str(top["segment"]),
        "n": int(top["treated"]),
        "treated": found.treated,
        "day": found.assigned_on,
        "segments": len(shown),
    }
    return (
        Reason(
            ANSWERED_MOST
            if len(above) and top["segment"] == first["segment"].iloc[0]
            else "{segment} answered more often than all others together, {share} of {n}"
            if len(above)
            else "No segment stands out for certain: {segment} comes first with {share} of {n}, "
            "which is not settled",
            values,
        ),
        Reason(
            "Share of treated customers who answered the campaign of {day:date}, by segment of "
            "that day with interval, {segments} segments: {segment} with {share}, {low:share}"
            " to {high:share}; the control group's rate beside it.",
            values,
        ),
    )


def response_caution(found: CampaignResponse) -> Reason:
    """Say what a response rate does not tell, with the rates of both arms."""
    sums = found.table[["treated", "responders", "control", "control_responders"]].sum()
    values = {
        "treated": wilson(int(sums["responders"]), int(sums["treated"])),
        "control": wilson(int(sums["control_responders"]), int(sums["control"])),
        "n": int(sums["treated"]),
        "others": int(sums["control"]),
    }
    mixed = " {mixed} customers who were in both are left out." if found.mixed else ""
    values["mixed"] = found.mixed
    if not values["others"]:
        return Reason(
            "{treated} of {n} answered, and nobody was left without the campaign: how many would "
            "have done the same anyway is not known. A rate is associated with the segment, not "
            "caused by the campaign; a control group would tell, and report 07 reads it." + mixed,
            values,
        )
    return Reason(
        "{treated} of the {n} who got it answered, and {control} of the {others} who did not get "
        "it did the same. A high rate is associated with the segment and not caused by the "
        "campaign: who buys anyway answers too. Whom it moved is the question of report 07."
        + mixed,
        values,
    )


def widest_gap(found: CampaignResponse) -> list[Reason]:
    """Name the segment in which the campaign is furthest ahead of its control group.

    Nothing where no segment has enough customers in both arms.
    """
    both = found.table.dropna(subset=["response", "control_response"])
    if both.empty:
        return []
    row = both.iloc[int((both["response"] - both["control_response"]).to_numpy().argmax())]
    values = {
        "segment": str(row["segment"]),
        "treated": wilson(int(row["responders"]), int(row["treated"])),
        "control": wilson(int(row["control_responders"]), int(row["control"])),
        "n": int(row["treated"]),
        "others": int(row["control"]),
        "segments": len(both),
    }
    template = (
        "The widest gap to the control group is that of {segment}: {treated} of {n} with the "
        "campaign, {control} of {others} without it. The widest of {segments} gaps is wide by "
        "chance too: whether the campaign moved that segment, report 07 tests."
    )
    if row["response"] <= row["control_response"]:
        template = (
            "In none of the {segments} segments with customers in both arms did more of those "
            "who got it answer than of those who did not."
        )
    return [Reason(template, values)]


def response_columns() -> dict[str, tuple[str, str]]:
    """Name the columns of the table of responses, and how each is written."""
    return {
        "segment": ("Segment on that day", "text"),
        "treated": ("Got it", "count"),
        "response": ("Answered", "share.1"),
        "low": ("Low", "share.1"),
        "high": ("High", "share.1"),
        "control": ("Control", "count"),
        "control_response": ("Did so anyway", "share.1"),
        "finding": ("Against the rest", "text"),
    }


def _last_campaign(campaign: ibis.Table, snapshot_date: date) -> tuple[str, date, pd.DataFrame]:
    """Take the customers of the campaign sent last; rows without an arm or an outcome are out."""
    named = "campaign_id" in campaign.columns
    rows = (
        campaign.select(
            "customer_id", "treatment", "outcome",
            name=campaign.campaign_id.fill_null("") if named else ibis.literal(""),
            day=campaign.assigned_at.date(),
        )
        .filter(_.treatment.notnull() & _.outcome.notnull() & (_.day < ibis.literal(snapshot_date)))
    )  # fmt: skip
    sent = rows.group_by("name").aggregate(day=_.day.min()).to_pandas()
    if sent.empty:
        raise NotSupportedByData(
            f"no campaign before {snapshot_date} has a date, an arm and an outcome",
            "assigned_at, treatment and outcome in the table campaign",
        )
    last = sent.sort_values(["day", "name"]).iloc[-1]
    name = str(last["name"])
    return name, pd.Timestamp(last["day"]).date(), rows.filter(_.name == name).to_pandas()


def _of_others(shown: pd.DataFrame) -> pd.Series:
    """Give for each segment the rate of all other treated customers that are shown."""
    treated, responders = shown["treated"], shown["responders"]
    others = (treated.sum() - treated).where(lambda n: n > 0)
    return (responders.sum() - responders) / others


def _counted(arms: pd.DataFrame) -> pd.DataFrame:
    got = arms["treatment"] == 1
    return (
        arms.assign(
            treated=got, responders=got & (arms["outcome"] > 0),
            control=~got, control_responders=~got & (arms["outcome"] > 0),
        )
        .groupby("segment", observed=False)[
            ["treated", "responders", "control", "control_responders"]
        ]
        .sum()
        .reset_index()
        .astype({"segment": str})
    )  # fmt: skip


def _tested(table: pd.DataFrame, *, least: int) -> pd.DataFrame:
    n, k = int(table["treated"].sum()), int(table["responders"].sum())
    rows = []
    for one in table.to_dict("records"):
        treated = wilson(one["responders"], one["treated"] if one["treated"] >= least else 0)
        control = wilson(
            one["control_responders"], one["control"] if one["control"] >= least else 0
        )
        p = np.nan
        if one["treated"] >= least:
            others = (k - one["responders"], n - one["treated"])
            p = share_p_value(one["responders"], one["treated"], *others)
        rows.append([treated.value, treated.low, treated.high, control.value, control.low,
                     control.high, p])  # fmt: skip
    names = ["response", "low", "high", "control_response", "control_low", "control_high", "p"]
    tested = table.join(pd.DataFrame(rows, columns=names))
    q = false_discovery_q(tested["p"].to_numpy(dtype=float))
    return tested.drop(columns="p").assign(q=q, finding=[str(reading(value)) for value in q])
