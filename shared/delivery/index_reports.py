"""The reports on the index: what each says, how sure that is, and what put it to the test."""

from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any

from shared.analysis.intervals import Estimate
from shared.analysis.verdicts import Level
from shared.delivery.results import ReportResult
from shared.plots.locales import Wording, is_blank
from shared.report.markup import badge, capital
from shared.report.run_settings import run_settings
from shared.report.sentences import write
from shared.report.words import word

USUAL_LEVEL = 0.95
# How a page may have written a figure, by its unit.
_SPECS = {
    "share": ("share.0", "share.1", "share.2"),
    "money": ("money", "money.2", "money.0", "money.compact"),
    "count": ("count", "number.1"),
    "days": ("days", "days.1"),
}


def report_row(result: ReportResult, wording: Wording, client: Any) -> dict[str, Any]:
    """Gather what the index says of one report of a client.

    Returns
    -------
    dict
        `result`, `badge` (markup), `status`, `range` (n and interval of the headline), `backing`
        (what tested it, or, of a report to be read with care, why) and `backed_by_metrics`
        (whether its numbers are metrics, and not on the page as they are written here).
    """
    level = Level(result.verdict) if result.verdict else None
    doubts = _doubts(result) if level is Level.CARE else ""
    tested = _tested(result, wording) if level is Level.RELIABLE else ""
    return {
        "result": result,
        "badge": badge(level) if level else "",
        "status": _status(result, wording) or _made_with(result, client),
        "range": _range(result, wording),
        "backing": doubts or tested,
        "backed_by_metrics": bool(tested),
    }


def main_figure(finding: Mapping[str, Any]) -> Estimate | None:
    """Find the value of a finding whose n and interval the finding carries."""
    bounds = {name: finding.get(name) for name in ("n", "low", "high")}
    for value in finding.get("values", {}).values():
        if isinstance(value, dict) and {k: value.get(k) for k in bounds} == bounds:
            whole = not any(is_blank(value.get(k)) for k in ("value", "low", "high"))
            return Estimate(**value) if whole else None
    return None


def _range(result: ReportResult, wording: Wording) -> str:
    """Say in plain words how far the headline's figure may be off, and what it rests on."""
    headline: Mapping[str, Any] = next(iter(result.findings.get("findings", ())), {})
    figure = main_figure(headline) if result.page else None
    if figure is None:
        return ""
    base = f"{wording.count(figure.n)} {figure.of or 'cases'}"
    spec, written = _as_written(figure, headline["sentence"], wording)
    bounds = wording.interval(figure, spec)
    if not bounds:
        return f"Full count of {base}"
    level = "" if figure.level == USUAL_LEVEL else f" at {wording.share(figure.level)}"
    return f"{written}{': ' if written else ''}{bounds}{level}, from {base}"


def _as_written(figure: Estimate, sentence: str, wording: Wording) -> tuple[str, str]:
    """Find the spec by which the sentence writes a figure, and the text; blank where it does not.

    The figure by its own unit comes first, as the page writes it where nothing else is asked for.
    """
    specs = ("", *_SPECS.get(figure.unit, ("number.2", "number.1", "number.0")))
    tried = ((spec, wording.format(figure, spec)) for spec in specs)
    return next(((spec, text) for spec, text in tried if text in sentence), ("", ""))


def _tested(result: ReportResult, wording: Wording) -> str:
    """Fill the first template whose metrics are all known."""
    metrics = result.findings.get("metrics", {})
    for template in result.backed_by:
        fields = {field for _, field, _, _ in Formatter().parse(template) if field}
        if not any(is_blank(metrics.get(field)) for field in fields):
            return str(write(template, metrics, wording))
    return ""


def _doubts(result: ReportResult) -> str:
    """Give the first reason to be careful that the headline is not, and how many more there are."""
    said = result.findings.get("said", ())
    reasons = [one["sentence"] for one in said if one["kind"] == "verdict"]
    # The headline may be a reason itself; it is not said twice.
    other = [reason for reason in reasons if reason.rstrip(".") not in result.headline]
    if not other:
        return ""
    others = "Further reasons stand on the page" if len(reasons) > 1 else ""
    return sentences(other[0], others)


def _status(result: ReportResult, wording: Wording) -> str:
    as_of = wording.date(result.as_of) if result.as_of else ""
    needs = f"It needs {result.needs}" if result.needs else result.reason
    return {
        "delivered": "",
        "kept": f"Page of an earlier run, data as of {as_of}. {result.reason}".strip(),
        "unsupported": sentences(result.reason, f"Needed: {result.needs}" if result.needs else ""),
        "failed": sentences("Failed", result.reason),
        "missing_data": sentences("Not part of this delivery", needs),
        "not_asked": "Left out of this run.",
    }[result.status]


def _made_with(result: ReportResult, client: Any) -> str:
    """Say that a page's figures hold for values that the next plain run does not take."""
    ran_with = result.findings.get("parameters")
    own = run_settings(result.stem, ran_with, client.config) if ran_with else ""
    return sentences(word("run_settings_index", settings=own)) if own else ""


def sentences(*parts: str) -> str:
    """Put phrases together as sentences; an empty one is left out."""
    return " ".join(capital(part).rstrip(".") + "." for part in parts if part)


def key_figures(results: Sequence[ReportResult]) -> dict[str, Any] | None:
    """Give the key figures of the first report that shows some; None where none does.

    Returns
    -------
    dict or None
        `page`, `element` (its id there) and `figures`, pairs of label and written figure.
    """
    for result in results:
        said = [s for s in result.findings.get("said", ()) if s["kind"] == "key-figures"]
        first = [s for s in said if s["id"] == said[0]["id"]]
        if first and result.page:
            labels = [str(s["values"]["label"]) for s in first]
            figures = [
                s["sentence"].removeprefix(f"{label}: ")
                for s, label in zip(first, labels, strict=True)
            ]
            pairs = list(zip(labels, figures, strict=True))
            return {"page": result.page, "element": first[0]["id"], "figures": pairs}
    return None


def opening(results: Sequence[ReportResult], wording: Wording, as_of: str) -> str:
    """Say in one sentence how many reports there are and how far they can be relied on."""
    there = [r for r in results if r.page]
    several = f"{wording.count(len(there))} reports" if there else "No report"
    told = verdicts_in_words([r.verdict for r in there], wording)
    pages = "One report" if len(there) == 1 else several
    return f"{pages} on data as of {as_of}{': ' if told else ''}{told}."


def verdicts_in_words(verdicts: Sequence[str], wording: Wording) -> str:
    """Count the verdicts, the firmest first; a single one is named alone."""
    counted = [(verdicts.count(level.value), level.value) for level in Level]
    if len(verdicts) == 1:
        return verdicts[0]
    return ", ".join(f"{wording.count(n)} {verdict}" for n, verdict in counted if n)
