"""Words of the propensity page: what is predicted, of whom, and how a feature is called."""

from collections.abc import Callable

from shared.analysis.intervals import Estimate, exact
from shared.analysis.propensity import PropensityStudy
from shared.analysis.propensity_models import BASELINE, BOOSTING, LOGISTIC
from shared.analysis.propensity_names import name_of

MODEL_NAMES = {
    LOGISTIC: "the readable model (logistic regression)",
    BOOSTING: "the boosted trees",
}


def people(study: PropensityStudy) -> str:
    """Say who is scored: customers, or the rows of a labelled table."""
    return "customers" if study.has_orders else "rows"


def deed(study: PropensityStudy) -> str:
    """Say what is predicted, after "who": buy, or respond."""
    return f"order within {study.settings.horizon.words}" if study.has_orders else "respond"


def goal(study: PropensityStudy) -> str:
    """Say what is predicted as a thing: an order, or a response."""
    return f"an order within {study.settings.horizon.words}" if study.has_orders else "a response"


def did(study: PropensityStudy) -> str:
    """Say what happened, in the past tense."""
    return f"ordered within {study.settings.horizon.words}" if study.has_orders else "responded"


def doers(study: PropensityStudy) -> str:
    """Say who did it: buyers, or those who responded."""
    return "buyers" if study.has_orders else "responders"


def model_name(study: PropensityStudy, model: str = "") -> str:
    """Name a model; the simplest by its one column."""
    name = model or study.tested.chosen
    if name != BASELINE:
        return MODEL_NAMES[name]
    alone = study.tested.alone
    return f"one column alone ({name_of(alone)})" if alone else "the same score for everybody"


def tested(study: PropensityStudy, value: float, *, unit: str) -> Estimate:
    """Wrap a figure of the tested rows that has no sampling error of its own."""
    rows = "tested customers" if study.has_orders else "tested rows"
    return exact(value, n=len(study.tested.rows), unit=unit, of=rows)


def auc_label(study: PropensityStudy, write: Callable[..., str]) -> str:
    """Write the AUC with its interval for the chart."""
    auc = study.auc
    return write("AUC {auc} ({low:ratio} to {high:ratio})", auc=auc, low=auc.low, high=auc.high)


def alone_label(study: PropensityStudy) -> str:
    """Name the simplest score for the chart."""
    return model_name(study, BASELINE)


def share_above_cut(study: PropensityStudy) -> float:
    """Give the share of the tested rows whose score makes a contact pay."""
    return study.profit.cut_n / max(len(study.tested.rows), 1)
