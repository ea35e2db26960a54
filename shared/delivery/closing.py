"""The last words of a run: a table per client, one summary of several, JSON for other programs."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from shared.analysis.verdicts import Level
from shared.delivery.outcome import WORDS, ClientOutcome, ReportLine, exit_code
from shared.delivery.progress import say

_SILENT = ("not_built",)
LEAST_HEADLINE = 30


def client_lines(outcome: ClientOutcome, width: int) -> list[str]:
    """Give the closing table of a client: report, status, seconds, headline."""
    shown = [line for line in outcome.reports if line.status not in _SILENT]
    names = max([len("report"), *(len(line.report) for line in shown)])
    states = max(len(word) for word in WORDS.values())
    room = max(LEAST_HEADLINE, width - names - states - 15)
    lines = [f"{'report':<{names}}  {'status':<{states}}  seconds  headline"]
    for line in shown:
        seconds = f"{line.seconds:7.1f}" if line.seconds else " " * 7
        start = f"{line.report:<{names}}  {WORDS[line.status]:<{states}}  {seconds}  "
        lines.append((start + _cut(_told(line), room)).rstrip())
    copies = sorted({str(Path(line.copy).parent) for line in shown if line.copy})
    if copies:
        lines.append(f"what ran of the failed: {copies[0]}/; --debug shows where they stopped")
    if outcome.folder:
        lines.append(f"{outcome.client}: {_address(outcome.folder)}")
    return lines


def summary_lines(outcomes: Sequence[ClientOutcome]) -> list[str]:
    """Name every client of several that is not in order, with its code and reason."""
    slices = [part for outcome in outcomes for part in outcome.slices]
    clients = [outcome for outcome in outcomes if outcome not in slices]
    counts = _without_fault(clients, "client")
    lines = [counts + (f", {_without_fault(slices, 'slice')}" if slices else "")]
    lines[0] += " delivered without a fault"
    for outcome in (outcome for outcome in outcomes if outcome.exit_code):
        failed = [line.report for line in outcome.reports if line.status == "failed"]
        why = outcome.error.splitlines()[0] if outcome.error else f"failed: {', '.join(failed)}"
        lines.append(f"  {outcome.client}  exit {outcome.exit_code}  {why}")
    return lines


def _without_fault(outcomes: Sequence[ClientOutcome], noun: str) -> str:
    well = sum(not outcome.exit_code for outcome in outcomes)
    return f"{well} of {len(outcomes)} {noun}{'s' * (len(outcomes) != 1)}"


def report_outcomes(
    outcomes: Sequence[ClientOutcome], *, as_json: bool, debug: bool, out: TextIO, err: TextIO
) -> None:
    """Print how everything ended."""
    for outcome in outcomes:
        for line in outcome.reports:
            if debug and line.traceback:
                say(line.traceback, err)
    if as_json:
        say(json.dumps(as_plain(outcomes), ensure_ascii=False, indent=2), out)
        return
    width = shutil.get_terminal_size((120, 24)).columns if out.isatty() else 400
    for outcome in outcomes:
        if outcome.reports:
            say("\n".join(["", *client_lines(outcome, width)]), out)
        if outcome.error:
            say(outcome.error, err)
    if len(outcomes) > 1:
        say("\n".join(["", *summary_lines(outcomes)]), out)


def as_plain(outcomes: Sequence[ClientOutcome]) -> dict[str, Any]:
    """Give the outcomes as plain values."""
    clients = [
        {
            "client": outcome.client,
            "exit": outcome.exit_code,
            "folder": str(outcome.folder) if outcome.folder else None,
            "error": outcome.error,
            "executed": outcome.executed,
            "seconds": round(outcome.seconds, 1),
            "reports": [
                {
                    "report": line.report,
                    "status": line.status,
                    "seconds": round(line.seconds, 1),
                    "verdict": line.verdict,
                    "headline": line.headline,
                    "detail": line.detail,
                }
                for line in outcome.reports
            ],
        }
        for outcome in outcomes
    ]
    return {"exit": exit_code(outcomes), "clients": clients}


def _told(line: ReportLine) -> str:
    """Give the headline, after a warning where the page itself has one."""
    if line.detail:
        return line.detail
    careful = line.verdict == Level.CARE.value
    return f"{line.verdict}: {line.headline}" if careful else line.headline


def _address(folder: Path) -> str:
    try:
        return f"{folder.relative_to(Path.cwd())}/"
    except ValueError:
        return f"{folder}/"


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"
