"""Promotions: which customers were won by which campaign, or in which days."""

import re
from dataclasses import dataclass
from datetime import date

import ibis
import pandas as pd
from ibis import _

from shared.analysis.cohort_activity import Cohorts
from shared.analysis.cohort_members import DAY_ZERO, NOT_RECORDED, cohort_members
from shared.analysis.periods import calendar_of
from shared.analysis.trimmed import trimmed
from shared.loading.errors import ConfigError, NotSupportedByData

MOST_PROMOTIONS = 12
_DAYS = re.compile(r"(\d{4}-\d\d-\d\d) to (\d{4}-\d\d-\d\d)")
_MONTH = re.compile(r"\d{4}-\d\d")


@dataclass(frozen=True)
class Promotion:
    """Who was won by a promotion: a campaign's customers, or all who first bought in some days.

    Attributes
    ----------
    name : str
        As the page calls it.
    first_day, last_day : int
        Days since 1970 between which its customers first bought.
    campaign : str
        Name in the data; "" where the days alone define it.
    """

    name: str
    first_day: int
    last_day: int
    campaign: str = ""


def labelled_customers(
    lines: ibis.Table, cohorts: Cohorts, customers: ibis.Table | None
) -> tuple[ibis.Table, int]:
    """Give each customer her first day and campaign, and the first day without data."""
    has_campaign = customers is not None and "acquisition_campaign" in customers.columns
    column = "acquisition_campaign" if has_campaign else "campaign"
    who = cohorts.who.mutate(cohort=ibis.literal(NOT_RECORDED))
    if has_campaign or column in lines.columns:
        who = cohort_members(
            lines,
            period=calendar_of(cohorts.period),
            last=cohorts.last,
            before=cohorts.before,
            cohort_by=column,
            customers=customers,
        )
    labelled = who.select("customer_id", "first_day", campaign=_.cohort)
    return labelled, (cohorts.before - DAY_ZERO).days


def chosen_promotions(labelled: ibis.Table, promotion: str) -> list[Promotion]:
    """Resolve what a consultant asks for: days, a month, one campaign, or all by size.

    Raises
    ------
    NotSupportedByData
        If nothing is asked for and the export names no campaign.
    ConfigError
        If a campaign is asked for that the export does not know.
    """
    if (span := _span(promotion)) is not None:
        return [span]
    found = (
        labelled.filter(_.campaign != NOT_RECORDED, trimmed(_.campaign) != "")
        .group_by("campaign")
        .aggregate(n=_.count(), first=_.first_day.min(), last=_.first_day.max())
        .to_pandas()
        .sort_values(["n", "campaign"], ascending=[False, True])
    )
    if found.empty:
        raise NotSupportedByData(
            "the export names no campaign that won customers",
            "the campaign that won each customer, the campaign of each order, or a month to take "
            "as the promotion",
        )
    campaigns = [
        Promotion(row.campaign, int(row.first), int(row.last), row.campaign)
        for row in found.itertuples()
    ]
    if not promotion:
        return campaigns[:MOST_PROMOTIONS]
    named = [one for one in campaigns if one.name == promotion]
    if not named:
        known = ", ".join(one.name for one in campaigns[:5])
        raise ConfigError(
            "E-PARA-14", "promotion", f"{promotion!r} is no campaign of this export", fix=known
        )
    return named


def _span(promotion: str) -> Promotion | None:
    days = _DAYS.fullmatch(promotion)
    if days:
        first, last = (date.fromisoformat(text) for text in days.groups())
    elif _MONTH.fullmatch(promotion):
        month = pd.Period(promotion, freq="M")
        first, last = month.start_time.date(), month.end_time.date()
    else:
        return None
    return Promotion(promotion, (first - DAY_ZERO).days, (last - DAY_ZERO).days)


def won_by(table: ibis.Table, promotion: Promotion) -> ibis.Value:
    """Tell which customers a promotion won."""
    if promotion.campaign:
        return table.campaign == promotion.campaign
    return (table.first_day >= promotion.first_day) & (table.first_day <= promotion.last_day)
