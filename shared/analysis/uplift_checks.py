"""Checks before any effect is read: were the arms drawn as planned, and are they alike?"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from scipy.stats import chi2, chisquare

from shared.analysis.uplift_balance import feature_balance, treatment_overlap
from shared.analysis.uplift_campaign import Campaign
from shared.analysis.uplift_features import Features
from shared.loading.errors import NotSupportedByData

BLOCKED, WARNED = 0.001, 0.01
UNBALANCED = 0.1  # standardised difference, above which a feature is listed
USUAL_SHARES = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 1 / 3, 0.4, 0.5)
NEAR = 0.02  # of a usual share: nearer than this, the usual one is taken as planned
MOST_CONTAMINATED = 0.01


class CheckReading(StrEnum):
    """What a check allows; the value is the wording on the page."""

    PASSED = "passed"
    CARE = "read with care"
    STOPS = "stops the page"
    NOT_CHECKED = "could not be checked"


@dataclass(frozen=True)
class Checks:
    """Whether a campaign can be read as an experiment.

    Attributes
    ----------
    table : pd.DataFrame
        One row per check: `check`, `measure` (what the value is), `value`, `limit`, `reading`.
    shares : pd.DataFrame
        One row per arm, the control first: `arm`, `customers`, `share`, `planned`.
    sample_ratio_p : float
        Chi-square against the planned shares; blank where no plan is known.
    plan_stated : bool
        Whether the plan is the client's word and not the nearest usual one.
    balance : pd.DataFrame
        One row per feature: `feature`, `difference` (standardised, the largest of its levels and
        arms), `level`.
    balance_p : float
        All features together; blank where there is none.
    overlap : pd.DataFrame
        Customers by predicted chance of being treated: `low`, `high`, `treated`, `control`.
    overlap_share : float
        Share of customers whose chance is between 5 % and 95 %.
    randomised : bool
        Whether the arms can pass as drawn by lot; else all differences are associations.
    stated : bool
        Whether the client says that they were drawn by lot.
    """

    table: pd.DataFrame
    shares: pd.DataFrame
    sample_ratio_p: float
    plan_stated: bool
    balance: pd.DataFrame
    balance_p: float
    overlap: pd.DataFrame
    overlap_share: float
    randomised: bool
    stated: bool

    @property
    def unbalanced(self) -> pd.DataFrame:
        """Features whose arms differ by more than .1 standard deviations."""
        return self.balance[self.balance["difference"] > UNBALANCED]

    @property
    def warned(self) -> list[str]:
        """Names of the checks that ask for care."""
        return self.table.loc[self.table["reading"] == CheckReading.CARE, "check"].tolist()


def check_campaign(
    campaign: Campaign,
    features: Features,
    *,
    planned: Sequence[float] = (),
    randomised: bool = True,
) -> Checks:
    """Check sizes, balance, overlap, contamination and dates; stop where nothing can be read.

    Parameters
    ----------
    campaign : Campaign
        As from `read_campaign`.
    features : Features
        As from `campaign_features`.
    planned : sequence of float
        Planned sizes of the arms in any unit, the control first, then the others by name; none
        compares with the nearest usual shares.
    randomised : bool
        Whether the client drew the arms by lot. Where they differ as no lot would make them, they
        count as chosen all the same.

    Raises
    ------
    NotSupportedByData
        If sizes differ from the planned ones with p below .001.

    References
    ----------
    Fabijan, A. and others (2019). Diagnosing sample ratio mismatch in online controlled
    experiments.
    """
    arms = (campaign.control, *campaign.arms)
    sizes = np.array([campaign.size(arm) for arm in arms])
    shares, stated_plan = _planned(sizes, planned)
    p = sample_ratio_p(sizes, shares) if shares is not None and randomised else np.nan
    _stop_at_wrong_sizes(arms, sizes, shares, p, stated=stated_plan)
    balance, balance_p = feature_balance(campaign, features)
    treated = (campaign.rows["arm"] != campaign.control).to_numpy()
    overlap, inside = treatment_overlap(features.matrix, treated)
    chosen = balance_p < BLOCKED and bool((balance["difference"] > UNBALANCED).any())
    listed = int((balance["difference"] > UNBALANCED).sum())
    rows = [
        ("Sizes of the arms as planned", "p-value", p, WARNED, _by_p(p)),
        ("Features alike in all arms", "p-value", balance_p, BLOCKED, _by_p(balance_p, BLOCKED)),
        (f"Features that differ by more than {UNBALANCED:g} deviations", "features",
         float(listed) if len(balance) else np.nan, 0.0,
         # Of small arms some differ so by chance: it takes all features together to call it care.
         _reading(listed > 0 and balance_p < WARNED) if len(balance) else CheckReading.NOT_CHECKED),
        ("Overlap: chance of treatment between 5% and 95%", "share of customers", inside, 0.95,
         _reading(inside < 0.95) if not np.isnan(inside) else CheckReading.NOT_CHECKED),
        *_contamination(campaign),
        *_dates(campaign),
    ]  # fmt: skip
    return Checks(
        table=pd.DataFrame(rows, columns=["check", "measure", "value", "limit", "reading"]),
        shares=pd.DataFrame(
            {"arm": arms, "customers": sizes, "share": sizes / sizes.sum(),
             "planned": np.full(len(arms), np.nan) if shares is None else shares}
        ),
        sample_ratio_p=float(p), plan_stated=stated_plan, balance=balance, balance_p=balance_p,
        overlap=overlap, overlap_share=inside, randomised=randomised and not chosen,
        stated=randomised,
    )  # fmt: skip


def sample_ratio_p(
    sizes: Sequence[int] | np.ndarray, shares: Sequence[float] | np.ndarray
) -> float:
    """Test sizes of arms against planned shares: Pearson's chi-square."""
    seen, plan = np.asarray(sizes, float), np.asarray(shares, float)
    return float(chisquare(seen, plan / plan.sum() * seen.sum()).pvalue)


def _planned(sizes: np.ndarray, planned: Sequence[float]) -> tuple[np.ndarray | None, bool]:
    """Give the planned shares: as stated, else equal or usual ones that are near."""
    if planned:
        if len(planned) != len(sizes) or min(planned) <= 0:
            raise NotSupportedByData(
                f"{len(planned)} planned sizes for {len(sizes)} arms",
                "planned: one size above 0 for each arm, the control first",
            )
        return np.asarray(planned, float) / sum(planned), True
    seen = sizes / sizes.sum()
    equal = np.full(len(sizes), 1 / len(sizes))
    if np.abs(seen - equal).max() <= NEAR:
        return equal, False
    # Nobody plans 51 to 49: near a usual plan, the usual plan was meant.
    if len(sizes) == 2:
        small = seen.min()
        usual = np.array(USUAL_SHARES)
        nearest = float(usual[np.abs(usual - small).argmin()])
        if abs(nearest - small) <= min(NEAR, nearest / 10):
            return np.where(seen == small, nearest, 1 - nearest), False
    return None, False


def _stop_at_wrong_sizes(
    arms: Sequence[str], sizes: np.ndarray, shares: np.ndarray | None, p: float, *, stated: bool
) -> None:
    if shares is None or not p < BLOCKED:
        return
    seen = ", ".join(f"{n:,} in {arm}" for arm, n in zip(arms, sizes, strict=True))
    plan = " : ".join(f"{share:.0%}" for share in shares)
    origin = "were planned" if stated else "is the nearest usual plan"
    raise NotSupportedByData(
        f"the arms are not as large as drawn: {seen}, where {plan} {origin}; chance does that with "
        f"p = {p:.1g}, so that customers were lost or moved after the draw",
        "the list as it was drawn, or planned: the sizes that were meant",
    )


def _contamination(campaign: Campaign) -> list[tuple[str, str, float, float, CheckReading]]:
    base = max(campaign.n + campaign.counted["two_arms"], 1)
    two = campaign.counted["two_arms"] / base
    again = campaign.counted["assigned_again"] / base
    rows = [
        ("Customers in two arms, left out", "share of customers", two, MOST_CONTAMINATED,
         _reading(two > MOST_CONTAMINATED)),
        ("Customers assigned again, counted once", "share of customers", again, MOST_CONTAMINATED,
         _reading(again > MOST_CONTAMINATED)),
    ]  # fmt: skip
    met = campaign.other_campaigns
    if met is None:
        return rows
    sizes = np.array([campaign.size(str(arm)) for arm in met.index])
    p = _p_of_counts(np.vstack([met.to_numpy(), sizes - met.to_numpy()]))
    name = "Other campaigns meet all arms alike"
    return [*rows, (name, "p-value", p, WARNED, _by_p(p, WARNED))]


def _dates(campaign: Campaign) -> list[tuple[str, str, float, float, CheckReading]]:
    """Check that the arms were assigned on the same days and that windows were over."""
    days = campaign.rows["assigned_at"].dt.normalize()
    name = "Arms assigned on the same days"
    lost = campaign.counted["window_open"] / max(campaign.n + campaign.counted["window_open"], 1)
    if days.isna().all():
        return [(name, "p-value", np.nan, WARNED, CheckReading.NOT_CHECKED),
                ("Window of outcomes over", "share left out", np.nan, 0.0,
                 CheckReading.NOT_CHECKED)]  # fmt: skip
    counts = pd.crosstab(campaign.rows["arm"], days.fillna(pd.Timestamp(0))).to_numpy()
    p = _p_of_counts(counts) if counts.shape[1] > 1 else 1.0
    return [(name, "p-value", p, WARNED, _by_p(p)),
            ("Window of outcomes over", "share left out", lost, 0.0,
             _reading(lost > 0))]  # fmt: skip


def _p_of_counts(counts: np.ndarray) -> float:
    """Test independence in a table of counts whose empty rows and columns are left out."""
    kept = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0].astype(float)
    if min(kept.shape) < 2:
        return 1.0
    expected = np.outer(kept.sum(axis=1), kept.sum(axis=0)) / kept.sum()
    statistic = ((kept - expected) ** 2 / expected).sum()
    return float(chi2.sf(statistic, (kept.shape[0] - 1) * (kept.shape[1] - 1)))


def _by_p(p: float, warned: float = WARNED) -> CheckReading:
    if np.isnan(p):
        return CheckReading.NOT_CHECKED
    return CheckReading.CARE if p < warned else CheckReading.PASSED


def _reading(is_bad: bool) -> CheckReading:
    return CheckReading.CARE if is_bad else CheckReading.PASSED
