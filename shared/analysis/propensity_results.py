"""What the propensity study leaves behind: its full tables and its plain numbers."""

import pandas as pd

from shared.analysis.intervals import Estimate
from shared.analysis.propensity import PropensityStudy
from shared.analysis.propensity_campaign import ResponseScore
from shared.analysis.propensity_day import DayAhead
from shared.analysis.propensity_exhibits import sure_rows
from shared.analysis.propensity_lists import SURE
from shared.analysis.propensity_models import BASELINE
from shared.analysis.study_parts import frames

NOT_KNOWN = float("nan")


def propensity_tables(study: PropensityStudy) -> dict[str, pd.DataFrame]:
    """Give every table of the page by the name of its file; what was not computed is missing."""
    audit = study.audit.table.assign(suspicion=[s.value for s in study.audit.table["suspicion"]])
    proof, _columns = sure_rows(study)
    optional = {}
    if isinstance(study.response, ResponseScore):
        optional["response_sources"] = study.response.sources
    return {
        "scores": study.scores,
        "above_80": study.scores[study.scores["propensity"] > SURE],
        "above_80_proof": proof,
        "bands": study.bands,
        "deciles": study.deciles,
        "calibration": study.calibration,
        "profit": study.profit.table,
        "leakage_audit": audit,
        "drivers": study.drivers,
        "sources": study.sources,
        **optional,
        **frames(folds=study.folds),
    }


def propensity_metrics(study: PropensityStudy) -> dict[str, float | Estimate]:
    """Give the plain numbers of the page for tests, the index and the next run."""
    measured, auc, sure = study.measured, study.auc, study.sure
    day = study.day if isinstance(study.day, DayAhead) else None
    response = study.response if isinstance(study.response, ResponseScore) else None
    return {
        "auc": auc,
        "auc_low": auc.low,
        "auc_high": auc.high,
        "auc_simplest": study.simplest["auc"].value,
        "auc_all_columns": study.audit.auc_all,
        "auc_gain": study.tested.gain(study.tested.chosen, BASELINE),
        "pr_auc": measured["pr_auc"],
        "brier": measured["brier"],
        "brier_skill": measured["brier_skill"],
        "calibration_slope": measured["calibration_slope"],
        "calibration_error": measured["calibration_error"],
        "base_rate": measured["base_rate"],
        "above_80": int((study.today > SURE).sum()),
        "above_80_tested": sure.rate.n,
        "above_80_came_true": sure.rate.value,
        "best_precision": sure.best.value,
        "tested": len(study.tested.rows),
        "positives": study.examples.positives,
        "scored": len(study.scores),
        "suspects": len(study.audit.suspects),
        "best_cut": 100 * study.profit.break_even,
        "cost_per_buyer_tenth": float(study.profit.table["cost_per_buyer"].iloc[1]),
        "cost_per_buyer_all": float(study.profit.table["cost_per_buyer"].iloc[-1]),
        "auc_24_hours": day.measured["auc"].value if day else NOT_KNOWN,
        "above_80_24_hours": day.above_now if day else NOT_KNOWN,
        "auc_response": response.tested.auc().value if response else NOT_KNOWN,
    }
