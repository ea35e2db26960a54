"""Assignment: which campaign the page is about, and which of its arms got nothing."""

import ibis
import pandas as pd
from ibis import _

from shared.loading.errors import NotSupportedByData
from shared.loading.schema import require_columns

ANALYSIS = "Uplift of a campaign"
CONTROL, TREATED = "control", "treated"


def one_campaign(campaign: ibis.Table, campaign_id: str) -> tuple[str, ibis.Table]:
    """Take the campaign asked for, or the one assigned last; give its id and its rows.

    Raises
    ------
    NotSupportedByData
        If there is no such campaign, or which was last is not known.
    """
    if "campaign_id" not in campaign.columns:
        if campaign_id:
            raise NotSupportedByData(
                f"there is no campaign {campaign_id}: the export names none", "campaign_id: ''"
            )
        return "", campaign
    dated = "assigned_at" in campaign.columns
    day = campaign.assigned_at.min() if dated else ibis.null("timestamp")
    named = campaign.filter(_.campaign_id.notnull())
    sent = named.group_by("campaign_id").aggregate(day=day).to_pandas()
    names = sorted(sent["campaign_id"].astype(str))
    if campaign_id and campaign_id not in names:
        raise NotSupportedByData(
            f"there is no campaign {campaign_id}", f"one of {', '.join(names[:8])}"
        )
    if not campaign_id and len(names) > 1 and sent["day"].isna().any():
        raise NotSupportedByData(
            f"{len(names)} campaigns, and which was last is not known",
            f"campaign_id: one of {', '.join(names[:8])}",
        )
    if not campaign_id and names:
        last = sent.sort_values(["day", "campaign_id"]).iloc[-1]
        campaign_id = str(last["campaign_id"])
    return campaign_id, campaign.filter(_.campaign_id == campaign_id)


def with_arms(campaign: ibis.Table, control_arm: str) -> tuple[str, ibis.Table]:
    """Give every row the name of its arm, and say which one is the control.

    Raises
    ------
    NotSupportedByData
        If no arm, or more than one, is known to have got nothing.
    """
    flagged, named = ("treatment" in campaign.columns), ("arm" in campaign.columns)
    if not (flagged or named):
        require_columns(campaign, ["treatment"], analysis=ANALYSIS)
    if not named:
        text = ibis.cases((campaign.treatment == 0, CONTROL), (campaign.treatment == 1, TREATED))
        return CONTROL, campaign.mutate(arm=text)
    sizes = _arm_sizes(campaign, flagged=flagged)
    control = control_arm.strip()
    if control and control not in sizes["arm"].tolist():
        raise NotSupportedByData(
            f"there is no arm {control}", f"control_arm: one of {_listed(sizes['arm'])}"
        )
    if not control:
        without = sizes.loc[sizes["treatment"] == 0, "arm"].tolist()
        if len(without) != 1:
            raise NotSupportedByData(
                "no arm is known to have got nothing: without a control group nobody can tell who "
                "would have responded anyway",
                f"control_arm: one of {_listed(sizes['arm'])}, if one of them is the control",
            )
        control = str(without[0])
    return control, campaign


def _arm_sizes(campaign: ibis.Table, *, flagged: bool) -> pd.DataFrame:
    flag = campaign.treatment.max() if flagged else ibis.null("int64")
    grouped = campaign.filter(campaign.arm.notnull()).group_by("arm").aggregate(treatment=flag)
    return grouped.to_pandas().sort_values("arm", ignore_index=True)


def _listed(names: pd.Series) -> str:
    return ", ".join(names.astype(str).head(8))
