"""Limits of the scores that come from this client's data."""

from shared.analysis.intervals import wilson
from shared.analysis.propensity import PropensityStudy
from shared.analysis.propensity_campaign import ResponseScore
from shared.analysis.propensity_features import PEOPLE
from shared.analysis.propensity_lists import SURE
from shared.analysis.propensity_models import MOST_TRAINING_ROWS
from shared.analysis.propensity_names import name_of
from shared.analysis.propensity_responses import Labelled
from shared.analysis.propensity_windows import Windows
from shared.analysis.verdicts import Reason

MUCH_DRIFT = 0.2  # of the base rate between windows
READABLE = Reason(
    "Reasons and weights are of the readable model: what goes with the outcome, not what would "
    "change it. Columns that say much the same share their weight; where the sign of one would "
    "mislead it is marked ± and given as no reason."
)


def propensity_caveats(study: PropensityStudy) -> list[Reason]:
    """List what a reader has to know, most important first."""
    return [
        *_placebo(study), *_audit(study), *_time(study), *_thinned(study),
        *_drift(study), *_today(study),
        *_visits(study), *_consent(study), *_labelled(study), READABLE,
    ]  # fmt: skip


def _placebo(study: PropensityStudy) -> list[Reason]:
    if not study.settings.placebo:
        return []
    return [Reason("Placebo: the outcomes were dealt out anew among the rows. Nothing on this page "
                   "may be used.")]  # fmt: skip


def _audit(study: PropensityStudy) -> list[Reason]:
    trusted = [name_of(name) for name in study.audit.trusted]
    if not trusted:
        return []
    return [
        Reason(
            "{names}: strong by the measures of the audit and used all the same, because "
            + ("it was made from events before the moment." if study.has_orders
               else "that was asked for."),
            {"names": ", ".join(trusted)},
        )
    ]  # fmt: skip


def _time(study: PropensityStudy) -> list[Reason]:
    if not isinstance(study.windows, Windows):
        if study.examples.timed:
            return [Reason("Learnt from the earlier rows, tested on the latest fifth by time.")]
        return []
    windows = study.windows
    said = [
        Reason(
            "Tested on {n:count} customers as of {cutoff:date}, by models that learnt from "
            "{trained:count} earlier {trained:window|windows} and from other customers.",
            {"n": len(study.tested.rows), "cutoff": windows.cutoff.date(),
             "trained": len(windows.training)},
        )
    ]  # fmt: skip
    if study.tested.repeats:
        said.append(Reason("A customer is tested on {n:count} days; intervals take the days of one "
                           "customer together.", {"n": len(windows.test)}))  # fmt: skip
    return said


def _thinned(study: PropensityStudy) -> list[Reason]:
    every = study.tested.models[0][study.tested.chosen].every
    if every == 1:
        return []
    return [Reason("Of more than {most:count} rows to learn from, models took one in "
                   "{every:count}.", {"most": MOST_TRAINING_ROWS, "every": every})]  # fmt: skip


def _drift(study: PropensityStudy) -> list[Reason]:
    if not study.examples.timed:
        return []
    examples = study.examples
    earlier = float(examples.outcome[examples.part == 2].mean())
    now = float(study.measured["base_rate"])
    if abs(now / earlier - 1) < MUCH_DRIFT:
        return []
    return [
        Reason(
            "The base rate moved from {before:share.1} in the windows learnt from to {now:share.1} "
            "at the test: a season or a trend. Scores follow it one window late.",
            {"before": earlier, "now": now},
        )
    ]


def _today(study: PropensityStudy) -> list[Reason]:
    now, then = float(study.today.mean()), float(study.tested.score.mean())
    high = wilson(int((study.today > SURE).sum()), len(study.today))
    before = wilson(int((study.tested.score > SURE).sum()), len(study.tested.score))
    as_then = high.low <= before.value <= high.high or before.low <= high.value <= before.high
    if not study.has_orders or (abs(now / then - 1) < MUCH_DRIFT and as_then):
        return []
    return [
        Reason(
            "Scores are {now:share.1} on average today and were {then:share.1} at the test, and "
            "{high:share.1} of people stand above {sure:share}, where {before:share.1} stood: they "
            "are in another state than then, such as fewer visits, or the data of the last days "
            "are not complete.",
            {"now": now, "then": then, "high": high.value, "before": before.value, "sure": SURE},
        )
    ]


def _visits(study: PropensityStudy) -> list[Reason]:
    if "never_seen_online" not in study.examples.features:
        return [Reason("There are no visits in the data: the score rests on orders.")] if (
            study.has_orders) else []  # fmt: skip
    share = float(study.examples.features["never_seen_online"].iloc[study.tested.rows].mean())
    return [
        Reason(
            "{share:share} of the customers were never seen on the site. That is information, not "
            "a gap: it is a feature of its own, and their visits count as none.",
            {"share": share},
        )
    ]


def _consent(study: PropensityStudy) -> list[Reason]:
    own = {study.examples.source[str(n)] for n in study.examples.features.columns}
    if not own & {PEOPLE}:
        return []
    told, values = _what_they_add(study)
    return [
        Reason(
            "The score uses demographics. " + told + "Use them only where customers agreed to "
            "profiling, and see that no group is treated worse by it.", values,
        )
    ]  # fmt: skip


def _what_they_add(study: PropensityStudy) -> tuple[str, dict[str, float]]:
    """Say what demographics add to each score, and what leaving them out would lose at most."""
    tables = {"": study.sources}
    if isinstance(study.response, ResponseScore):
        tables["response_"] = study.response.sources
    values: dict[str, float] = {}
    for score, table in tables.items():
        own = table[(table["source"] == PEOPLE) & table["adds"].notna()]
        for row in own.to_dict("records"):
            values |= {f"{score}{name}": float(row[name]) for name in ("adds", "low", "high")}
    if "adds" not in values:
        return "", {}
    said = "They add {adds:ratio.3} of AUC ({low:ratio.3} to {high:ratio.3})"
    if "response_adds" in values:
        said += ", to the response score {response_adds:ratio.3} ({response_low:ratio.3} to "
        said += "{response_high:ratio.3})"
    most = max(value for name, value in values.items() if name.endswith("high"))
    if most <= 0:
        return said + ": they can be left out at no loss. ", values
    # The least that a model has to add to be used would be asked of a source too.
    few = (
        ": without them at most {most:ratio.3} is lost. "
        if most < study.settings.least_gain
        else ". "
    )
    return said + few, values | {"most": most}


def _labelled(study: PropensityStudy) -> list[Reason]:
    if not isinstance(study.labelled, Labelled):
        return []
    said, table = [], study.labelled
    if table.left_out:
        names = "; ".join(f"{name} ({why})" for name, why in list(table.left_out.items())[:6])
        said.append(Reason("Columns that are no features: {names}.", {"names": names}))
    if table.dates:
        since = "the moment of the row" if study.examples.timed else "the latest of its dates"
        said.append(
            Reason(
                "{names} {n:counts|count} in days, back from " + since + ".",
                {"names": ", ".join(table.dates), "n": len(table.dates)},
            )
        )
    if table.repeated:
        said.append(
            Reason(
                "{n:count} {n:row equals|rows equal} another in every column. They stay: they may "
                "be different people. If they are not, the score looks better than it is.",
                {"n": table.repeated},
            )
        )
    new = study.audit.table[study.audit.table["unseen"] > 0]
    if len(new):
        said.append(
            Reason(
                "{name} has values at the test that training did not know ({share:share.1} of the "
                "rows): they count as another one.",
                {"name": str(new["feature"].iloc[0]), "share": float(new["unseen"].iloc[0])},
            )
        )
    return [
        *said,
        Reason("The audit sees a column that knows the answer by its strength. A weaker one that "
               "was recorded late, such as at the end of a visit, it cannot see."),
    ]  # fmt: skip
