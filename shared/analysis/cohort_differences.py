"""Cohorts compared: which comes back more or less often than all others?"""

import numpy as np
import pandas as pd

from shared.analysis.cohort import with_intervals
from shared.analysis.cohort_activity import Cohorts, labels, surely_new
from shared.analysis.multiple_testing import (
    false_discovery_q,
    reading,
    share_difference,
    share_p_value,
)

OLDER = "may hold older customers"


def cohort_differences(cohorts: Cohorts, *, within: int = 1, least: int = 50) -> pd.DataFrame:
    """Compare each cohort's share that came back with that of all others, at equal follow-up.

    The first cohort by first order is shown beside the others, but neither tested nor one of them:
    its customers older than the data come back more often, and would make every new cohort look
    weak.

    Parameters
    ----------
    cohorts : Cohorts
        From `follow_cohorts`.
    within : int
        Steps of age in which to come back at least once; customers not yet that old count for
        neither side.
    least : int
        Smaller cohorts are not tested: they stay in the rest and read "too few customers".

    Returns
    -------
    pd.DataFrame
        `cohort`, `at_risk`, `customers` (came back), `retention`, `low`, `high`, `rest` (share of
        all others), `difference` with `difference_low` and `difference_high`, `p`, `q`
        (Benjamini-Hochberg over the tested cohorts) and `finding`: a verdict needs q below 1 %.
        The first cohort has neither p nor q, and reads "may hold older customers".
    """
    seen = cohorts.returns[cohorts.returns["windows"] > within]
    seen = seen.assign(back=seen["customers"].where(seen["first_return"].between(1, within), 0))
    sums = seen.groupby("cohort")[["customers", "back"]].sum()
    names = {key: name for key, name in labels(cohorts).items() if key in sums.index}
    counted = pd.DataFrame({"cohort": list(names.values())}).assign(
        at_risk=sums.loc[list(names), "customers"].to_numpy(),
        customers=sums.loc[list(names), "back"].to_numpy(),
    )
    others = counted["cohort"].isin(surely_new(counted, cohorts)["cohort"])
    return _tested(with_intervals(counted), others, least=least)


def _tested(counted: pd.DataFrame, is_other: pd.Series, *, least: int) -> pd.DataFrame:
    total, back = counted.loc[is_other, ["at_risk", "customers"]].sum()
    rows = []
    for n, k, own in zip(counted["at_risk"], counted["customers"], is_other, strict=True):
        others, others_back = int(total - n * own), int(back - k * own)
        gap = share_difference(k, n, others_back, others)
        p = share_p_value(k, n, others_back, others) if own and n >= least else np.nan
        rest = others_back / others if others else np.nan
        rows.append((rest, gap.value, gap.low, gap.high, p))
    names = ["rest", "difference", "difference_low", "difference_high", "p"]
    tested = pd.concat([counted, pd.DataFrame(rows, columns=names, index=counted.index)], axis=1)
    q = false_discovery_q(tested["p"].to_numpy(dtype=float))
    findings = pd.Series([reading(value) for value in q], index=tested.index, dtype=object)
    return tested.assign(q=q, finding=findings.where(is_other, OLDER))
