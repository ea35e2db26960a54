"""What the parameters of the uplift page ask for, found in the campaign."""

from dataclasses import replace

import pandas as pd

from shared.analysis.uplift_campaign import Campaign
from shared.analysis.uplift_effects import OUTCOME
from shared.analysis.uplift_features import Features
from shared.loading.errors import NotSupportedByData

RFM = "RFM segment"


def with_further(campaign: Campaign, features: Features) -> Campaign:
    """Make outcomes of the columns that turned out to be measured after the campaign."""
    after = [c for c, why in features.left_out.items() if why == "an outcome"]
    numbers = [c for c in after if c in campaign.features
               and campaign.features[c].dtype.kind in "biuf"]  # fmt: skip
    return replace(campaign, further=campaign.features[numbers].astype(float))


def listed_names(listed: str) -> list[str]:
    """Give the names of a list with "," between them."""
    return [name.strip() for name in listed.split(",") if name.strip()]


def planned_sizes(planned: str) -> list[float]:
    """Give the planned sizes of a text such as "1:1", or raise `NotSupportedByData`."""
    try:
        return [float(size) for size in planned.split(":")]
    except ValueError as wrong:
        raise NotSupportedByData(
            f"the plan {planned!r} is not read", "planned: sizes with : between them, such as 1:1"
        ) from wrong


def main_arm(effects: pd.DataFrame) -> str:
    """Name the arm with the largest effect on responses."""
    rows = effects[effects["outcome"] == OUTCOME].sort_values(
        ["uplift", "arm"], ascending=[False, True]
    )
    return str(rows["arm"].iloc[0])


def grouped_by(
    campaign: Campaign, features: Features, group_by: str
) -> tuple[pd.Series | NotSupportedByData, str]:
    """Give the group of each customer, and what the groups are; "" asks for RFM segments."""
    if not group_by:
        return features.segment, RFM
    table = features.table if group_by in features.table else campaign.features
    if group_by not in table:
        names = ", ".join(features.table.columns)
        return NotSupportedByData(f"nothing is called {group_by}", f"one of {names}"), group_by
    column = table[group_by]
    if column.dtype.kind in "biuf" and column.nunique() > 10:
        column = pd.qcut(column, 4, duplicates="drop").astype(str)
    return column.astype(object).where(column.notna(), "not recorded").astype(str), group_by
