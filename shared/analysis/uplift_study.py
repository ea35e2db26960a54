"""The uplift study: everything one page tells about a campaign, computed once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import numpy as np
import pandas as pd

from shared.analysis.intervals import Estimate, wilson
from shared.analysis.multiple_testing import SETTLED
from shared.analysis.study_parts import Frame, known, part
from shared.analysis.uplift import adjusted_difference, require_arms
from shared.analysis.uplift_arms import ArmPolicy, arm_policy
from shared.analysis.uplift_campaign import Campaign, read_campaign
from shared.analysis.uplift_checks import Checks, check_campaign
from shared.analysis.uplift_deciles import Deciles, uplift_deciles
from shared.analysis.uplift_effects import OUTCOME, average_effects, segment_effects
from shared.analysis.uplift_features import Features, campaign_features
from shared.analysis.uplift_money import Money, campaign_money, usual_margin
from shared.analysis.uplift_policy import Policy, judge_policy
from shared.analysis.uplift_quadrants import predicted_types, quadrant_table, sampled_bounds
from shared.analysis.uplift_ranking import Contrast, Ranking, contrast_of, rank_customers
from shared.analysis.uplift_settings import (
    grouped_by,
    listed_names,
    main_arm,
    planned_sizes,
    with_further,
)
from shared.analysis.uplift_targets import Harm, SureThings, drivers, harm_of, sure_things
from shared.loading.errors import NotSupportedByData

CHOSEN = "chosen"
NOT_DRAWN = NotSupportedByData(
    "the treated were chosen, not drawn by lot",
    "a campaign with a control group drawn by lot",
)


@dataclass(frozen=True)
class UpliftStudy:
    """All results of one page; what the data cannot answer holds the reason instead.

    Attributes
    ----------
    campaign, features, checks, effects
        As from `read_campaign`, `campaign_features`, `check_campaign` and `average_effects`.
    arm : str
        The treated arm that the page is about; of several the one with the largest effect.
    contrast : Contrast
        Its customers and the control.
    adjusted : tuple or NotSupportedByData
        As from `adjusted_difference`; for campaigns that were not drawn by lot.
    segments : tuple or NotSupportedByData
        As from `segment_effects`.
    segment_by : str
        What the segments are.
    ranking, deciles, harm, quadrants, policy, arms, sure, drivers
        As from the functions that make them.
    bounds : pd.DataFrame or NotSupportedByData
        As from `sampled_bounds`.
    moved, likely : float
        Change and chance from which a customer counts as moved, and as likely to respond.
    money : Money or NotSupportedByData
        How responses became money.
    """

    campaign: Campaign
    features: Features
    checks: Checks
    effects: pd.DataFrame
    arm: str
    contrast: Contrast
    adjusted: tuple[Estimate, float] | NotSupportedByData
    segments: tuple[pd.DataFrame, float] | NotSupportedByData
    segment_by: str
    ranking: Ranking | NotSupportedByData
    deciles: Deciles | NotSupportedByData
    harm: Harm | NotSupportedByData
    bounds: Frame
    quadrants: Frame
    policy: Policy | NotSupportedByData
    arms: ArmPolicy | NotSupportedByData
    sure: SureThings | NotSupportedByData
    drivers: Frame
    money: Money | NotSupportedByData
    moved: float
    likely: float

    @property
    def effect(self) -> pd.Series:
        """Effect of the arm on responses, a row of `effects`."""
        rows = self.effects[self.effects["outcome"] == OUTCOME]
        return rows[rows["arm"] == self.arm].iloc[0]

    @property
    def ate(self) -> Estimate:
        """Average effect on responses; the adjusted difference where nothing was drawn by lot."""
        if not self.checks.randomised and not isinstance(self.adjusted, NotSupportedByData):
            return self.adjusted[0]
        row = self.effect
        n = int(row["treated"] + row["control"])
        return Estimate(float(row["uplift"]), float(row["low"]), float(row["high"]), n, "share",
                        of="customers")  # fmt: skip

    @property
    def works(self) -> bool:
        """Whether more responded because of the campaign, at 1 %."""
        return bool(self.effect["q"] < SETTLED and self.effect["uplift"] > 0)

    @property
    def differs(self) -> bool:
        """Whether it is proven that the campaign moves some customers more than others."""
        return isinstance(self.ranking, Ranking) and self.ranking.is_found

    @property
    def judged(self) -> int:
        """Customers of the test half; 0 where nothing was ranked."""
        return int(self.ranking.is_test.sum()) if isinstance(self.ranking, Ranking) else 0

    def rate(self, treated: int) -> Estimate:
        """Response rate of the treated (1) or the control (0)."""
        seen = self.contrast.outcome[self.contrast.treated == treated]
        return wilson(float(seen.sum()), len(seen), of="customers")


def study_campaign(
    campaign: ibis.Table,
    *,
    tables: Mapping[str, ibis.Table],
    snapshot_date: date,
    campaign_id: str = "",
    control_arm: str = "",
    outcome: str = "outcome",
    planned: str = "",
    window_days: int = 21,
    group_by: str = "",
    leave_out: str = "",
    margin_share: float = 0.0,
    contact_cost: float = 0.0,
    discount: float = 0.0,
    response_worth: float = 0.0,
    matrix: Sequence[float] = (0.1, 1.0),
    draws: int = 500,
    placebo: bool = False,
) -> UpliftStudy:
    """Compute everything that the page on a campaign says.

    Parameters
    ----------
    campaign : ibis.Table
        As for `read_campaign`.
    tables : mapping of str to ibis.Table
        Where `order_lines`, `customers` and `web_sessions` stand, if the client has them.
    snapshot_date, campaign_id, control_arm, outcome, window_days, placebo
        As for `read_campaign`.
    planned : str
        Planned sizes of the arms with ":" between them, the control first; "chosen" where the arms
        were not drawn by lot; "" compares with the nearest usual plan.
    group_by : str
        Column by which customers are compared; "" takes the RFM segment on the day before.
    leave_out : str
        Columns that must not predict, with "," between them.
    margin_share, contact_cost, response_worth
        As for `campaign_money`.
    discount : float
        Share off the price that the campaign gave.
    matrix : sequence of float
        Change of the chance of a response from which a customer counts as moved, and chance from
        which a response counts as likely, both in multiples of the control's response rate.
    draws : int
        Bootstrap draws.

    Raises
    ------
    NotSupportedByData
        Without control, under 100 customers in an arm, or with arms not as large as drawn.
    """
    read = read_campaign(
        campaign, snapshot_date=snapshot_date, order_lines=tables.get("order_lines"),
        campaign_id=campaign_id, control_arm=control_arm, outcome=outcome,
        window_days=window_days, placebo=placebo,
    )  # fmt: skip
    require_arms(read)
    features = campaign_features(read, tables=tables, leave_out=listed_names(leave_out))
    read = with_further(read, features)
    plan = [] if planned in ("", CHOSEN) else planned_sizes(planned)
    checks = check_campaign(read, features, planned=plan, randomised=planned != CHOSEN)
    effects = average_effects(read)
    arm = main_arm(effects)
    contrast = contrast_of(read, features.matrix, arm=arm)
    ranking = part(rank_customers, contrast, draws=draws) if checks.randomised else NOT_DRAWN
    margin_share = margin_share or usual_margin(tables, snapshot_date=snapshot_date)
    money = part(
        campaign_money, contrast.value, contrast.outcome, contrast.treated, contrast.cost,
        margin_share=margin_share, response_worth=response_worth, contact_cost=contact_cost,
        discount=discount,
    )  # fmt: skip
    groups, by = grouped_by(read, features, group_by)
    moved, likely = (x * float(contrast.outcome[contrast.treated == 0].mean()) for x in matrix)
    bounds: Frame = part(_bounds, contrast) if checks.randomised else NOT_DRAWN
    return UpliftStudy(
        campaign=read, features=features, checks=checks, effects=effects, arm=arm,
        contrast=contrast,
        adjusted=part(adjusted_difference, contrast.x, contrast.treated, contrast.outcome)
        if not checks.randomised else NotSupportedByData("the arms were drawn by lot"),
        segments=part(_segments, contrast, groups), segment_by=by,
        ranking=ranking,
        deciles=part(_deciles, ranking, contrast),
        harm=part(_harm, ranking, contrast),
        bounds=bounds,
        quadrants=part(_quadrants, ranking, bounds, contrast, moved=moved, likely=likely,
                       net=None if isinstance(money, NotSupportedByData) else money.net),
        policy=part(_policy, ranking, money, contrast),
        arms=part(arm_policy, read, features.matrix, margin_share=margin_share,
                  response_worth=response_worth, contact_cost=contact_cost, discount=discount)
        if checks.randomised else NOT_DRAWN,
        sure=part(sure_things, bounds, contrast, discount=discount, contact_cost=contact_cost),
        drivers=part(_drivers, ranking, contrast, features, read.first_day or snapshot_date),
        money=money, moved=moved, likely=likely,
    )  # fmt: skip


def _segments(contrast: Contrast, groups: pd.Series) -> tuple[pd.DataFrame, float]:
    names = groups.astype(str).to_numpy()[contrast.at]
    return segment_effects(names, contrast.treated, contrast.outcome)


def _bounds(contrast: Contrast) -> pd.DataFrame:
    rates = []
    for arm in (1, 0):
        seen = contrast.outcome[contrast.treated == arm]
        one = wilson(float(seen.sum()), len(seen))
        rates.append((one.value, one.low, one.high))
    return sampled_bounds(*rates)


def _test(ranking: Ranking, *arrays: np.ndarray) -> Sequence[np.ndarray]:
    return [array[ranking.is_test] for array in arrays]


def _deciles(ranking: Ranking, contrast: Contrast) -> Deciles:
    return uplift_deciles(*_test(ranking, ranking.score, contrast.treated, contrast.outcome))


def _harm(ranking: Ranking, contrast: Contrast) -> Harm:
    return harm_of(*_test(ranking, ranking.score, contrast.treated, contrast.outcome),
                   share=float((ranking.score < 0).mean()), base=contrast.n)  # fmt: skip


def _quadrants(
    ranking: Ranking,
    bounds: pd.DataFrame,
    contrast: Contrast,
    *,
    moved: float,
    likely: float,
    net: np.ndarray | None,
) -> pd.DataFrame:
    types = predicted_types(ranking.without, ranking.with_it, moved=moved, likely=likely)
    here = ranking.is_test
    seen = None if net is None else net[here]
    return quadrant_table(types[here], contrast.treated[here], contrast.outcome[here], seen,
                          bounds=bounds, base=contrast.n)  # fmt: skip


def _policy(ranking: Ranking, money: Money, contrast: Contrast) -> Policy:
    return judge_policy(ranking.score, ranking.response_score, contrast.treated, money,
                        is_test=ranking.is_test)  # fmt: skip


def _drivers(ranking: Ranking, contrast: Contrast, features: Features, day: date) -> pd.DataFrame:
    table = features.table.iloc[contrast.at]
    if "birth_year" in table:
        # The mean of years of birth is no year that anybody knows; an age is read at once.
        table = table.assign(birth_year=day.year - table["birth_year"])
        table = table.rename(columns={"birth_year": "age"})
    return drivers(ranking.score, table)


__all__ = ["UpliftStudy", "known", "study_campaign"]
