"""What the uplift study leaves behind: its full tables and its plain numbers."""

import numpy as np
import pandas as pd

from shared.analysis.intervals import Estimate
from shared.analysis.study_parts import frames, or_none
from shared.analysis.uplift_cells import cell
from shared.analysis.uplift_policy import ALL, TOP, best_share
from shared.analysis.uplift_quadrants import predicted_types
from shared.analysis.uplift_ranking import Ranking, contacted
from shared.analysis.uplift_study import UpliftStudy
from shared.analysis.uplift_targets import customer_list

LIST = ["customer_id", "predicted_uplift", "chance_without", "chance_with", "predicted_type"]


def uplift_tables(study: UpliftStudy) -> dict[str, pd.DataFrame]:
    """Give every table of the page by the name of its file; what was not computed is missing.

    The lists of customers are empty unless it is shown that some gain more than others.
    """
    ranking, policy, arms = or_none(study.ranking), or_none(study.policy), or_none(study.arms)
    segments, deciles = or_none(study.segments), or_none(study.deciles)
    made = {
        "checks": study.checks.table,
        "arms_drawn": study.checks.shares,
        "balance": study.checks.balance,
        "overlap": study.checks.overlap,
        "effects": study.effects,
        **frames(quadrants=study.quadrants, drivers=study.drivers),
    }
    if segments is not None:
        made["segments"] = segments[0]
    if ranking is not None:
        made |= {"qini": ranking.result.curve, "learners": ranking.candidates}
    if deciles is not None:
        made["deciles"] = deciles.table
    if policy is not None:
        made |= {"policy": policy.table, "profit": policy.curve}
    if arms is not None:
        made["arms"] = arms.table
    if ranking is not None:
        made |= dict(zip(("targets", "do_not_disturb"), customer_lists(study), strict=True))
    return made


def customer_lists(study: UpliftStudy) -> tuple[pd.DataFrame, pd.DataFrame]:
    """List whom to contact and whom to leave in peace; empty where no difference is shown."""
    ranking = or_none(study.ranking)
    nothing = pd.DataFrame({name: [] for name in LIST})
    if not isinstance(ranking, Ranking) or not study.differs:
        return nothing, nothing.copy()
    # A list is a promise about persons: none is made from a ranking that chance explains.
    types = predicted_types(
        ranking.without, ranking.with_it, moved=study.moved, likely=study.likely
    )
    ids = study.campaign.rows["customer_id"].astype(str)
    policy, harm = or_none(study.policy), or_none(study.harm)
    share = policy.best_share if policy is not None else _by_responses(study, ranking)
    harmed = harm is not None and harm.is_found
    keep = (contacted(ranking.score, share), (ranking.score < 0) & harmed)
    lists = [customer_list(ranking, study.contrast, ids, types, keep=mask) for mask in keep]
    return lists[0], lists[1].iloc[::-1].reset_index(drop=True)


def uplift_metrics(study: UpliftStudy) -> dict[str, float | Estimate]:
    """Give the plain numbers of the page for tests, the index and the next run."""
    ate, row, nan = study.ate, study.effect, float("nan")
    ranking, policy, harm = or_none(study.ranking), or_none(study.policy), or_none(study.harm)
    qini = ranking.result.qini if ranking else Estimate(nan, nan, nan, 0, "number")
    rules = policy.table.set_index("rule") if policy else None
    return {
        "customers": study.campaign.n,
        "treated": int(row["treated"]),
        "control": int(row["control"]),
        "ate": ate.value, "ate_low": ate.low, "ate_high": ate.high,
        "treated_rate": float(row["treated_rate"]),
        "control_rate": float(row["control_rate"]),
        "works": float(study.works and study.checks.randomised),
        "randomised": float(study.checks.randomised),
        "sample_ratio_p": study.checks.sample_ratio_p,
        "balance_p": study.checks.balance_p,
        "largest_imbalance": float(study.checks.balance["difference"].max())
        if len(study.checks.balance) else nan,
        "detectable": float(row["detectable"]),
        "qini": qini.value, "qini_low": qini.low, "qini_high": qini.high,
        "qini_p": ranking.result.p if ranking else nan,
        "auuc": ranking.result.auuc.value if ranking else nan,
        "response_qini": ranking.response.qini.value if ranking else nan,
        "differs": float(study.differs),
        "best_share": policy.best_share if policy else nan,
        "profit_top": cell(rules, TOP, "profit") if rules is not None else nan,
        "profit_all": cell(rules, ALL, "profit") if rules is not None else nan,
        "driven_away": float(harm.customers if harm and harm.is_found else 0),
    }  # fmt: skip


def _by_responses(study: UpliftStudy, ranking: Ranking) -> float:
    """Find the share that brings most responses, where money is not known."""
    train = ~ranking.is_test
    contrast = study.contrast
    outcome = np.asarray(contrast.outcome[train], float)
    return best_share(ranking.score[train], contrast.treated[train], outcome)
