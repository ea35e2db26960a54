"""What the page says of groups of customers: who stays longer, and what the test finds."""

import pandas as pd

from shared.analysis.cohort_members import NOT_RECORDED
from shared.analysis.intervals import Estimate
from shared.analysis.multiple_testing import Finding
from shared.analysis.study_parts import known
from shared.analysis.survival import SurvivalStudy
from shared.analysis.survival_groups import NOT_KNOWN, OTHER, GroupComparison
from shared.analysis.survival_words import answer
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

NAMELESS = (NOT_RECORDED, NOT_KNOWN, OTHER)


def groups_differ(study: SurvivalStudy, compared: GroupComparison, what: str) -> Reason:
    """Answer: how does survival differ between groups; `what` names one of them."""
    table = compared.table[compared.table["survival"].notna()]
    flagged = table[table["finding"] == Finding.DIFFERS]
    named = flagged[~flagged["group"].isin(NAMELESS)]
    flagged = named if len(named) else flagged
    if table.empty:
        return answer("No {what} was followed for {day:time}", study, what=what, day=compared.day)
    crossing = _crossing(compared)
    if flagged.empty and crossing is not None:
        return answer(
            "The curves of {first} and {second} cross near {noun} {at:count}: after {day:time} "
            "{share} of {first} are still customers, of {second} {other:share}",
            study, first=crossing["group"], second=crossing["other"], day=compared.day,
            at=float(crossing["crosses_on"]), share=_share(_row(table, crossing["group"])),
            other=float(_row(table, crossing["other"])["survival"]),
        )  # fmt: skip
    if flagged.empty:
        return answer(
            "No {what} differs from the others by more than chance: {share} of the largest, "
            "{group}, are still customers after {day:time}",
            study, share=_share(_largest(table)), group=str(_largest(table)["group"]),
            day=compared.day, what=what.replace("_", " "),
        )  # fmt: skip
    ordered = flagged.sort_values("survival")
    worst, best = ordered.iloc[0], ordered.iloc[-1]
    named_by = what.replace("_", " ").capitalize()
    if worst["group"] == best["group"]:
        rest = "longer" if worst["survival"] >= table["survival"].median() else "less long"
        return answer(
            f"{{what}} {{group}} stays {rest} than the others: {{share}} are still customers after "
            "{day:time}",
            study, group=str(worst["group"]), share=_share(worst), day=compared.day, what=named_by,
        )  # fmt: skip
    return answer(
        "{what} {worst}: {share} are still customers after {day:time}; {best}: {high:share}",
        study, best=str(best["group"]), share=_share(worst), worst=str(worst["group"]),
        high=float(best["survival"]), day=compared.day, what=named_by,
    )  # fmt: skip


def what_the_test_finds(compared: GroupComparison) -> Reason:
    """Say what the log-rank test of all groups finds, and what it does not show."""
    test = compared.test
    if test.chi2 is None or test.p is None:
        return Reason("Too few customers were lost to test the groups against each other.")
    template = (
        "All groups together: log-rank {chi2:number.1} on {df:count} {df:degree|degrees} of "
        "freedom, p = {p:number.4}. "
        if test.p >= 1e-4
        else "All groups together: log-rank {chi2:number.1} on {df:count} {df:degree|degrees} of "
        "freedom, p below 0.0001. "
    )
    crossing = _crossing(compared)
    values = {"chi2": test.chi2, "df": test.df, "p": test.p}
    if crossing is not None:
        template += (
            "The curves of {first} and {second} cross, so that this test lets early and late "
            "differences cancel; weighted early or late it finds p = {weighted:number.4}. "
        )
        values |= {"first": crossing["group"], "second": crossing["other"],
                   "weighted": float(crossing["weighted_p"])}  # fmt: skip
    # Without a finding there is no difference that a cause could be asked of.
    if (crossing is not None) or (compared.table["finding"] == Finding.DIFFERS).any():
        template += (
            "Nobody was put into a group by lot: customers came to it or chose it. The difference "
            "is associated with the group; it is not shown to be its effect."
        )
    else:
        template += "No group is found to differ from the others."
    return Reason(template, values)


def scored_when(study: SurvivalStudy) -> Reason:
    """Say from which day the segments are, so that they do not know the future."""
    compared = known(study.segments)
    return Reason(
        "The segments are those of {day:date}, from the orders before it alone, of the {n:count} "
        "customers not lost then. Shares are read {after:days} later, a window before the end of "
        "the data: later losses are not confirmed yet.",
        {
            "day": study.scored_on,
            "n": int(compared.table["customers"].sum()),
            "after": compared.day,
        },
    )


def other_groups(study: SurvivalStudy) -> list[tuple[str, GroupComparison]]:
    """List the comparisons asked for by `group_by`; raise where there are none."""
    if not study.others:
        raise NotSupportedByData(
            "no groups were named for this page",
            "the parameter group_by: columns of the customers, orders or durations",
        )
    return [(name, known(part)) for name, part in study.others.items()]


def _share(row: pd.Series) -> Estimate:
    return Estimate(
        float(row["survival"]), float(row["survival_low"]), float(row["survival_high"]),
        int(row["customers"]), "share",
    )  # fmt: skip


def _crossing(compared: GroupComparison) -> pd.Series | None:
    """Find the pair of curves that cross and differ by weighted tests; None without one."""
    pairs = compared.pairs
    crossed = pairs[pairs["crosses_on"].notna() & (pairs["finding"] == Finding.DIFFERS)]
    return None if crossed.empty else crossed.iloc[int(crossed["weighted_p"].argmin())]


def _row(table: pd.DataFrame, group: str) -> pd.Series:
    return table[table["group"] == group].iloc[0]


def _largest(table: pd.DataFrame) -> pd.Series:
    return table.iloc[int(table["customers"].argmax())]
