"""What the attribution page says about itself: memory, prediction, and reasons for doubt."""

from shared.analysis.attribution import channels_per_journey
from shared.analysis.attribution_study import AttributionStudy
from shared.analysis.intervals import Estimate, wilson
from shared.analysis.verdicts import Reason

WEAK_AUC = 0.55  # below it a path says little about who buys


def remembering(study: AttributionStudy) -> Reason:
    """Say which memory the page uses and why, and how well the path tells who buys."""
    memory = study.memory
    row = memory.table[memory.table["memory"] == memory.used].iloc[0]
    template = "The chain remembers {used:count} {used:contact|contacts}"
    if memory.used != memory.chosen:
        template += ", as set; unseen journeys would be described best by {chosen:count}"
    template += ". "
    values: dict[str, object] = {"used": memory.used, "chosen": memory.chosen}
    if not study.paths.has_nulls:
        return Reason(template + "Whether the path tells who buys cannot be checked.", values)
    values |= {"auc": memory.auc, "low": float(row["low"]), "high": float(row["high"]),
               "seen": float(row["auc_seen"])}  # fmt: skip
    template += (
        "Of one journey that converts and one that does not, the path picks the right one in "
        "{auc:share.1} of cases it has not seen ({low:share.1} to {high:share.1}; {seen:share.1} "
        "of those it was fitted to), a coin in half"
    )
    weak = not memory.predicts or memory.auc.value < WEAK_AUC
    return Reason(template + (": the path barely predicts who buys." if weak else "."), values)


def doubts(study: AttributionStudy) -> list[Reason]:
    """Give what speaks against relying on the page, beside too few journeys."""
    said = []
    if not study.has_choice:
        said.append(
            Reason("No journey met more than one channel, so there is nothing to attribute.")
        )
    elif study.paths.has_nulls and not study.has_structure:
        said.append(Reason("No channel converts better or worse than the others."))
    elif study.paths.has_nulls and study.memory.auc.value < WEAK_AUC:
        said.append(
            Reason(
                "The path barely predicts who buys: right in {auc:share.1} of unseen pairs, a coin "
                "in half.",
                {"auc": study.memory.auc.value},
            )
        )
    return said


def changes_channel(study: AttributionStudy) -> Estimate:
    """Estimate the share of journeys that met more than one channel."""
    n = study.paths.journeys
    return wilson(round(channels_per_journey(study.paths) * n), n, of="journeys")
