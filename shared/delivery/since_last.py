"""Since the last delivery: what it said then and says now, and whether that is noise."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.analysis.change_since import Movement, change, movements
from shared.analysis.intervals import Estimate
from shared.delivery.plan import Former
from shared.delivery.results import ReportResult
from shared.delivery.since_groups import GroupChanges, groups_since, written_groups
from shared.delivery.verify import findings_of
from shared.delivery.written_change import written_change
from shared.plots.locales import Wording

# As findings.json holds days, months, quarters and weeks.
PERIOD = re.compile(r"\d{4}-\d{2}(-\d{2})?|\d{4}Q[1-4]|\d{4}-\d{2}-\d{2}/\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class HeadlineChange:
    """One headline of this delivery beside the same one of an earlier delivery.

    Attributes
    ----------
    report : ReportResult
        Whose headline it is.
    sentence, former_sentence : str
        As the two pages say it.
    moved : Estimate
        The difference, in the unit of the figure.
    movement : Movement
        Whether that is more than noise.
    """

    report: ReportResult
    sentence: str
    former_sentence: str
    moved: Estimate
    movement: Movement


@dataclass(frozen=True)
class SinceLast:
    """What two deliveries share: headlines, and the groups that customers were put into.

    Attributes
    ----------
    date : str
        Snapshot date of the earlier delivery, as an ISO date.
    changes : tuple of HeadlineChange
        More than noise first, then not settled, full counts, noise; else in the reports' order.
    other_subjects : tuple of (ReportResult, str, str)
        Report, sentence and former sentence of headlines that name another product, topic or
        segment than then: there is no change of one figure.
    other_settings : tuple of str
        Questions of reports whose parameters differ between the two: nothing is compared there.
    groups : tuple of (ReportResult, GroupChanges)
        Segments and personas, then and now.
    """

    date: str
    changes: tuple[HeadlineChange, ...]
    other_subjects: tuple[tuple[ReportResult, str, str], ...]
    other_settings: tuple[str, ...]
    groups: tuple[tuple[ReportResult, GroupChanges], ...] = ()


def since_last(
    former: Former | None, results: Iterable[ReportResult], folder: Path
) -> SinceLast | None:
    """Compare the headlines and groups of a delivery with those of the one before.

    Parameters
    ----------
    former : Former or None
        The delivery before, of an earlier snapshot date; None where there is none.
    results : iterable of ReportResult
        How the reports ended now.
    folder : Path
        The delivery that is being built.

    Returns
    -------
    SinceLast or None
        None where there is no earlier delivery, or no report that stands in both.
    """
    if former is None:
        return None
    pairs: list[tuple[ReportResult, dict[str, Any], dict[str, Any], Estimate, Estimate]] = []
    other_subjects: list[tuple[ReportResult, str, str]] = []
    other_settings: list[str] = []
    groups: list[tuple[ReportResult, GroupChanges]] = []
    in_both = False
    for result in results:
        then = _findings(former.folder, result.name) if result.name in former.records else None
        now = _findings(folder, result.name) if result.status == "delivered" else None
        if then is None or now is None:
            continue
        in_both = True
        if then.get("parameters") != now.get("parameters"):
            other_settings.append(result.question)
            continue
        groups += [(result, one) for one in groups_since(former.folder, folder, result.name)]
        for before, finding, earlier, later in _same_headlines(then, now):
            if _subject(before) == _subject(finding):
                pairs.append((result, before, finding, earlier, later))
            else:
                other_subjects.append((result, finding["sentence"], before["sentence"]))
    if not in_both:
        return None
    moved = [change(before, after) for *_, before, after in pairs]
    found = [
        HeadlineChange(result, now["sentence"], then["sentence"], by, movement)
        for (result, then, now, *_), by, movement in zip(
            pairs, moved, movements(moved), strict=True
        )
    ]
    order = [Movement.BEYOND, Movement.NOT_SETTLED, Movement.COUNTED, Movement.NOISE]
    ranked = sorted(found, key=lambda one: order.index(one.movement))
    date = str(former.manifest["snapshot_date"])
    subjects, settings = tuple(other_subjects), tuple(other_settings)
    return SinceLast(date, tuple(ranked), subjects, settings, tuple(groups))


def written_changes(since: SinceLast, wording: Wording) -> dict[str, Any]:
    """Write the changes for the index: what is noise stands folded away below."""
    noise = [one for one in since.changes if one.movement is Movement.NOISE or not one.moved.value]
    moved = [one for one in since.changes if one not in noise]
    return {
        "date": wording.date(since.date),
        "folder": since.date,
        "moved": [_change(one, wording) for one in moved],
        "noise": [_change(one, wording) for one in noise],
        "compared": len(since.changes),
        "counts": _counts(moved, len(noise), wording),
        "other_subjects": [
            {"sentence": now, "former": then, "change": ""}
            | {"question": report.question, "page": report.page}
            for report, now, then in since.other_subjects
        ],
        "other_settings": since.other_settings,
        "groups": [
            written_groups(changes, wording) | {"question": report.question, "page": report.page}
            for report, changes in since.groups
        ],
    }


def _counts(moved: Iterable[HeadlineChange], noise: int, wording: Wording) -> str:
    """Say how many headlines moved in which sense, so that none listed below is left out."""
    kinds = [one.movement for one in moved]
    beyond, open_, full = (
        kinds.count(m) for m in (Movement.BEYOND, Movement.NOT_SETTLED, Movement.COUNTED)
    )
    parts = [
        (beyond or "none", "moved by more than noise"),
        (open_, "not settled"),
        (full, "a full count that changed" if full == 1 else "full counts that changed"),
        (noise, "unchanged or within noise"),
    ]
    said = [f"{n if isinstance(n, str) else wording.count(n)} {text}" for n, text in parts if n]
    return ", ".join(said)


def _change(one: HeadlineChange, wording: Wording) -> dict[str, Any]:
    return {
        "sentence": one.sentence,
        "former": one.former_sentence,
        "change": written_change(one.moved, wording),
        "movement": one.movement.value,
        "question": one.report.question,
        "page": one.report.page,
    }


def _findings(folder: Path, report: str) -> dict[str, Any] | None:
    return findings_of(folder / "findings" / f"{report}.json")


def _same_headlines(
    then: Mapping[str, Any], now: Mapping[str, Any]
) -> Iterable[tuple[dict[str, Any], dict[str, Any], Estimate, Estimate]]:
    """Pair the findings of one id whose main figure has the same name and unit."""
    earlier = {finding["id"]: finding for finding in then["findings"]}
    for finding in now["findings"]:
        before = earlier.get(finding["id"])
        if before is None:
            continue
        (name, main), (former_name, former_main) = _main_figure(finding), _main_figure(before)
        if main is None or former_main is None:
            continue
        if (name, main.unit) == (former_name, former_main.unit):
            yield before, finding, former_main, main


def _subject(finding: Mapping[str, Any]) -> dict[str, str]:
    """Give the names in a headline: what it is about.

    A period is none: the same headline of a later one has only moved on in time.
    """
    said = finding["values"].items()
    return {n: x for n, x in said if isinstance(x, str) and not PERIOD.fullmatch(x)}


def _main_figure(finding: Mapping[str, Any]) -> tuple[str, Estimate | None]:
    """Find the value whose interval the finding carries."""
    bounds = {name: finding.get(name) for name in ("n", "low", "high")}
    for name, value in finding["values"].items():
        if isinstance(value, dict) and {k: value.get(k) for k in bounds} == bounds:
            whole = all(isinstance(value.get(k), int | float) for k in ("value", "low", "high"))
            return name, Estimate(**value) if whole else None
    return "", None
