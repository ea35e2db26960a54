"""Precedent: what did those do at an age who were surely won within the data?"""

from shared.analysis.cohort import pooled_curve, pooled_share, retention_cells
from shared.analysis.cohort_activity import surely_new
from shared.analysis.cohort_study import CohortStudy
from shared.analysis.intervals import Estimate


def precedent(study: CohortStudy) -> Estimate:
    """Give the share who buy at the age of the comparison, the first cohort left out.

    NaN with n = 0 where no other cohort is that old.
    """
    won = surely_new(retention_cells(study.cohorts), study.cohorts)
    return pooled_share(pooled_curve(won), study.age)


def precedent_worth(study: CohortStudy) -> float:
    """Give what one of them brought from age 1 to the age of the comparison; 0 if none is so old.

    Customers who bought nothing count with 0.
    """
    cells = surely_new(study.money_cells, study.cohorts)
    seen = cells[cells["period_index"].between(1, study.age) & cells["at_risk"].gt(0)]
    steps = seen.groupby("period_index")[["amount", "at_risk"]].sum()
    return float((steps["amount"] / steps["at_risk"]).sum())
