"""What the score rests on: columns that know the answer, sources, answers to a campaign."""

from dataclasses import replace

import pandas as pd

from shared.analysis.intervals import Estimate
from shared.analysis.propensity import PropensityStudy
from shared.analysis.propensity_leakage import Suspicion
from shared.analysis.propensity_names import name_of
from shared.analysis.propensity_words import tested
from shared.analysis.study_parts import known
from shared.analysis.verdicts import Reason


def leaking(study: PropensityStudy) -> Reason:
    """Name the columns that know the answer or were recorded after it."""
    suspects = study.audit.suspects
    names = ", ".join(map(name_of, suspects["feature"].head(4)))
    more = " and {more:count} more" if len(suspects) > 4 else ""
    values = {"names": names, "more": len(suspects) - 4, "n": len(suspects),
              "all": tested(study, study.audit.auc_all, unit="ratio"),
              "used": study.audit.auc_used}  # fmt: skip
    if (suspects["suspicion"] == Suspicion.STAMPED).all():
        return Reason(
            "{names}" + more + " {n:was|were} recorded after the outcome and {n:is|are} left out; "
            "without {n:it|them} the readable model has an AUC of {all}.", values,
        )  # fmt: skip
    if study.audit.trusted and not study.audit.dropped:
        return Reason(
            "{names}" + more + " may know the answer and {n:is|are} used all the same; with all "
            "columns the readable model has an AUC of {all}.", values,
        )  # fmt: skip
    return Reason(
        "{names}" + more + " {n:seems|seem} to know the answer and {n:is|are} left out: with "
        "{n:it|them} the readable model would show an AUC of {all}, without {n:it|them} "
        "{used:ratio}.",
        values,
    )  # fmt: skip


def audit_said(study: PropensityStudy) -> Reason:
    """Say what the audit of the columns found."""
    if len(study.audit.suspects):
        return leaking(study)
    return Reason(
        "Not one of {n:count} columns is suspicious: the strongest alone, {name}, has an AUC of "
        "{auc:ratio}.",
        {"n": len(study.audit.table), "name": name_of(str(strongest(study)["feature"])),
         "auc": float(strongest(study)["auc_alone"])},
    )  # fmt: skip


def strongest(study: PropensityStudy) -> pd.Series:
    """Give the row of the audit whose column tells most alone."""
    table = study.audit.table.dropna(subset=["auc_alone"])
    return table.iloc[int(table["auc_alone"].to_numpy().argmax())]


def folds_said(study: PropensityStudy) -> Reason:
    """Say what another split of the rows would show."""
    table = known(study.folds)
    mixed, file, later = (table.iloc[place] for place in range(3))
    return Reason(
        "The rows have no dates, so they are split by a hash. Tested on rows drawn at random the "
        "readable model has an AUC of {mixed:ratio.3} with all columns and {mixed_used:ratio.3} "
        "with those used; on stretches of the file {file:ratio.3} and {file_used:ratio.3}, and "
        "learnt from earlier stretches alone {later:ratio.3} and {later_used:ratio.3}. Where the "
        "file is in time order, the last pair is nearest to what the next weeks will bring.",
        {"mixed": mixed["auc_all"], "mixed_used": mixed["auc_used"], "file": file["auc_all"],
         "file_used": file["auc_used"], "later": later["auc_all"],
         "later_used": later["auc_used"]},
    )  # fmt: skip


def response_separates(study: PropensityStudy) -> Reason:
    """Say how well answers to a campaign can be told in advance."""
    found = known(study.response)
    auc = replace(found.tested.auc(), of="customers who got it")
    if not found.tested.auc(level=0.99).low > 0.5:
        return Reason(
            "Who answers the campaign of {day:date} cannot be told from these data: AUC {auc}, "
            "and 0.5 is chance.", {"auc": auc, "day": found.assigned_on},
        )  # fmt: skip
    return Reason(
        "Who answers a campaign like that of {day:date} can be told: of two who got it, one who "
        "answered and one who did not, the score picks the right one in {pairs:count} of 100 cases "
        "(AUC {auc}), from {sources}.",
        {
            "auc": auc,
            "pairs": round(100 * auc.value),
            "day": found.assigned_on,
            "sources": used_sources(found.sources),
        },
    )


def used_sources(table: pd.DataFrame) -> str:
    """List the sources that a score uses."""
    return ", ".join(map(str, table["source"]))


def sources_said(study: PropensityStudy) -> Reason:
    """Say which sources the score uses, and which of them add for certain."""
    table = study.sources
    adding = table[(table["finding"] == "differs") & (table["adds"] > 0)]
    values = {"n": len(table), "sources": used_sources(table)}
    if len(table) == 1:
        return Reason("The score uses one source: {sources}.", values)
    if adding.empty:
        template = (
            "The score uses {n:count} sources: {sources}. Not one of them adds for certain to "
        )
        return Reason(template + "what the others know.", values)
    first = adding.iloc[0]
    gain = Estimate(first["adds"], first["low"], first["high"], len(study.tested.rows), "ratio",
                    of="tested rows")  # fmt: skip
    return Reason(
        "The score uses {n:count} sources: {sources}. Most is added by {first}: {gain} of AUC that "
        "the others do not know ({low:ratio} to {high:ratio}), measured by the readable model, "
        "whose AUC with all of them is {full:ratio}.",
        values | {"first": first["source"], "gain": gain, "low": gain.low, "high": gain.high,
                  "full": float(first["auc_without"] + first["adds"])},
    )  # fmt: skip
