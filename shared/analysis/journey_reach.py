"""Reach and frequency: how many customers were touched, how often, and after how many converted?"""

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy.stats import chi2

from shared.analysis.attribution_paths import CONVERTED, OPEN, Journeys
from shared.analysis.journey_clusters import LEAST_CELL, clustered_shares, withheld
from shared.analysis.journey_rows import highest
from shared.analysis.trimmed import trimmed
from shared.loading.errors import NotSupportedByData

ALL = "all contacts"
MOST_CONTACTS = 8  # of a journey that have a row of their own; more are counted together


@dataclass(frozen=True)
class Plan:
    """What a campaign was meant to reach: customers, and contacts per customer."""

    reach: float
    frequency: float


def read_plan(plan: str) -> dict[str, Plan]:
    """Read a plan such as "Spring 2026 = 2000 x 1.5; all contacts = 4000 x 6".

    Raises
    ------
    NotSupportedByData
        If a part is not written so.
    """
    read = {}
    for part in (text.strip() for text in plan.split(";")):
        if not part:
            continue
        name, _sign, figures = part.rpartition("=")
        reach, _times, frequency = figures.lower().partition("x")
        try:
            planned = Plan(float(reach), float(frequency))
        except ValueError:
            planned = Plan(0, 0)
        if not name.strip() or not (planned.reach > 0 and planned.frequency > 0):
            raise NotSupportedByData(
                f"the plan {part!r} cannot be read", "plan: campaign = reach x frequency"
            )
        read[name.strip()] = planned
    return read


def reach_table(touchpoints: ibis.Table, *, plan: Mapping[str, Plan]) -> pd.DataFrame:
    """Count whom each campaign touched, and how often, beside what was planned.

    Returns
    -------
    pd.DataFrame
        First "all contacts", then one row per campaign, the largest first: `campaign`, `contacts`,
        `reach` (customers touched), `frequency` (contacts per customer touched), `median`
        (half of the customers had as many contacts or fewer), `cost` (blank where not known),
        `planned_reach`, `planned_frequency` (blank without a plan), `reach_met`,
        `frequency_met` (achieved as a share of planned). Campaigns of fewer than 10 customers have
        only their contacts.
    """
    known = touchpoints.filter(_.customer_id.notnull())
    frames = [_reach(known.mutate(campaign=ibis.literal(ALL)))]
    if "campaign" in known.columns:
        named = known.mutate(campaign=trimmed(known.campaign).nullif(""))
        part = _reach(named.filter(_.campaign.notnull()))
        frames.append(part.sort_values(["contacts", "campaign"], ascending=[False, True]))
    table = pd.concat([frame for frame in frames if len(frame)], ignore_index=True)
    missing = sorted(set(plan) - set(table["campaign"]))
    if missing:
        raise NotSupportedByData(
            f"no contact belongs to the planned campaign {missing[0]!r}",
            "plan: names as in campaign, or " + ALL,
        )
    planned = [plan.get(name) for name in table["campaign"]]
    nan = float("nan")
    table = table.assign(
        planned_reach=[nan if p is None else p.reach for p in planned],
        planned_frequency=[nan if p is None else p.frequency for p in planned],
    )
    return table.assign(
        reach_met=table["reach"] / table["planned_reach"],
        frequency_met=table["frequency"] / table["planned_frequency"],
    )


def conversion_by_contacts(journeys: Journeys) -> pd.DataFrame:
    """Give the share of journeys that converted, by their number of contacts.

    Journeys whose look-back window was not over are left out: they may still convert.

    Returns
    -------
    pd.DataFrame
        `contacts` (from 1; the last row counts `or_more`), and as from `clustered_shares`: `n`
        journeys, `customers`, `successes`, `share`, `low`, `high`, `difference` to all others,
        `finding`; and `reached` (journeys that had so many contacts or more), `hazard` with
        `hazard_low`, `hazard_high`: the share of these that converted before a further contact.
        Figures of fewer than 10 journeys or customers are blank.

    Raises
    ------
    NotSupportedByData
        If no journey is over.
    """
    over = journeys.journeys.filter(_.outcome != OPEN).mutate(
        converted=(_.outcome == CONVERTED).ifelse(1, 0),
        contacts=ibis.least(_.touches, MOST_CONTACTS).cast("int64"),
    )
    table = clustered_shares(over, by=["contacts"], success="converted")
    if table.empty:
        raise NotSupportedByData("no journey is over yet", "contacts older than the look-back")
    table = table.assign(or_more=table["contacts"] == MOST_CONTACTS)
    figures = ["successes", "share", "low", "high", "difference", "difference_low",
               "difference_high"]  # fmt: skip
    reached = table["n"][::-1].cumsum()[::-1]
    # The last row holds journeys of several lengths: no share of that one step is known.
    step = table["successes"].where(~table["or_more"]) / reached
    return withheld(table.assign(reached=reached, hazard=step), [*figures, "hazard"])


def frequency_matters(by_contacts: pd.DataFrame) -> tuple[float, pd.Series | None]:
    """Test whether conversion differs by the number of contacts, and give the best number.

    Returns
    -------
    p : float
        Of a chi-square sum over the rows, with n divided by the design effect that their
        intervals imply; NaN with fewer than two rows.
    best : pd.Series or None
        The row with the highest share.
    """
    shown = by_contacts[by_contacts["share"].notna() & (by_contacts["n"] >= LEAST_CELL)]
    if len(shown) < 2:
        return float("nan"), None
    best = highest(shown, "share")
    half = (shown["high"] - shown["low"]) / 2 / 1.959963984540054
    # The bounds heed that customers have several journeys; counts would not.
    weight = 1 / half.clip(lower=1e-9) ** 2
    centre = float(np.average(shown["share"], weights=weight))
    statistic = float((weight * (shown["share"] - centre) ** 2).sum())
    return float(chi2.sf(statistic, len(shown) - 1)), best


def _reach(touchpoints: ibis.Table) -> pd.DataFrame:
    has_cost = "cost" in touchpoints.columns
    cost = touchpoints.cost.cast("decimal(38, 6)") if has_cost else ibis.null("decimal(38, 6)")
    per = touchpoints.mutate(cost=cost).group_by("campaign", "customer_id").aggregate(
        contacts=_.count(), cost=_.cost.sum()
    )  # fmt: skip
    # The engine counts customers by their contacts; one row per customer would not fit.
    by_count = per.group_by("campaign", "contacts").aggregate(
        customers=_.count(), cost=_.cost.sum().cast("float64")
    )
    counts = by_count.to_pandas().sort_values(["campaign", "contacts"])
    return pd.DataFrame([_summed(str(name), part) for name, part in counts.groupby("campaign")])


def _summed(name: str, counts: pd.DataFrame) -> dict[str, object]:
    reach = int(counts["customers"].sum())
    contacts = int((counts["customers"] * counts["contacts"]).sum())
    before = counts["customers"].cumsum()
    middle = float(counts.loc[before >= reach / 2, "contacts"].iloc[0])
    shown = reach >= LEAST_CELL
    nan = float("nan")
    return {
        "campaign": name,
        "contacts": contacts,
        "reach": float(reach) if shown else nan,
        "frequency": contacts / reach if shown else nan,
        "median": middle if shown else nan,
        "cost": float(counts["cost"].sum(min_count=1)) if shown else nan,
    }
