"""What a run shows while it works: a live line per notebook on a terminal, log lines elsewhere."""

import contextlib
import os
import sys
from typing import Any, Protocol, TextIO

from shared.delivery.outcome import WORDS

DELIVERY = "delivery"
BAR, BESIDE, LONGEST_PLACE = 20, 51, 60  # columns of a terminal; BESIDE is all but the place


class Progress(Protocol):
    """What is told while notebooks run."""

    def client(self, name: str, number: int, of: int) -> None:
        """Take note that a client's turn has come."""

    def note(self, text: str) -> None:
        """Take note of something about the client, such as what came in."""

    def event(self, report: str, event: dict[str, Any]) -> None:
        """Take note that a notebook started, reached a cell or ended."""

    def step(self, text: str) -> None:
        """Take note of what is done with the finished notebooks."""

    def close(self) -> None:
        """End what is shown live."""


class LogLines:
    """A plain line for the start and the end of every notebook."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def client(self, name: str, number: int, of: int) -> None:
        """Name the client, with its place where there are several."""
        say(f"{name}" + (f" ({number} of {of})" if of > 1 else ""), self.stream)

    def note(self, text: str) -> None:
        """Say it below the client's name."""
        say(f"  {text}", self.stream)

    def event(self, report: str, event: dict[str, Any]) -> None:
        """Tell of starts and ends, not of each cell."""
        if event["kind"] == "started":
            say(f"  {report} started", self.stream)
        elif event["kind"] == "ended":
            execution = event["execution"]
            status = "done" if execution.status == "done" else WORDS[execution.status]
            say(f"  {report} {status} after {execution.seconds:.1f} s", self.stream)

    def step(self, text: str) -> None:
        """Say what is done now."""
        say(f"  {text}", self.stream)

    def close(self) -> None:
        """Leave nothing open."""


class LiveLines:
    """One line per notebook that moves with its cells."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self.console = Console(file=stream)
        self.live = Progress(
            TextColumn("  {task.description:<18}"),
            BarColumn(bar_width=BAR),
            TextColumn("{task.fields[place]}", markup=False),
            TimeElapsedColumn(),
            console=self.console,
        )
        self.tasks: dict[str, Any] = {}
        self.running = False

    def client(self, name: str, number: int, of: int) -> None:
        """Name the client and begin its lines."""
        self.close()
        place = f" ({number} of {of})" if of > 1 else ""
        self.console.print(f"{name}{place}", highlight=False, markup=False)

    def note(self, text: str) -> None:
        """Say it below the client's name."""
        self.console.print(f"  {text}", highlight=False, markup=False)

    def event(self, report: str, event: dict[str, Any]) -> None:
        """Move a notebook's line."""
        if not self.running:
            self.live.start()
            self.running = True
        if event["kind"] == "started":
            self.tasks[report] = self.live.add_task(report, total=None, place=self._fit("starting"))
        elif event["kind"] == "cell":
            place = self._fit(f"{event['done'] + 1}/{event['of']} {event['heading']}")
            self.live.update(
                self.tasks[report], total=event["of"], completed=event["done"], place=place
            )
        elif event["kind"] == "ended":
            status = event["execution"].status
            place = self._fit("done" if status == "done" else WORDS[status])
            self.live.update(self.tasks[report], total=1, completed=1, place=place)
            self.live.stop_task(self.tasks[report])

    def step(self, text: str) -> None:
        """Move the line of the delivery, which stands below those of the notebooks."""
        if DELIVERY not in self.tasks:
            self.event(DELIVERY, {"kind": "started"})
        self.live.update(self.tasks[DELIVERY], place=self._fit(text))

    def close(self) -> None:
        """Leave the lines as they are and begin anew."""
        if self.running:
            self.live.stop()
        for task in self.tasks.values():
            self.live.remove_task(task)
        self.tasks, self.running = {}, False

    def _fit(self, place: str) -> str:
        """Give a text one width on all lines: bars and clocks beside it then stand still."""
        room = max(1, min(LONGEST_PLACE, self.console.width - BESIDE))
        cut = place if len(place) <= room else place[: room - 1] + "…"
        return f"{cut:<{room}}"


def progress_on(stream: TextIO) -> Progress:
    """Give live lines on a terminal that can draw them, log lines elsewhere."""
    dumb = os.environ.get("TERM") == "dumb" or os.environ.get("NO_COLOR") is not None
    if stream.isatty() and not dumb:
        return LiveLines(stream)
    return LogLines(stream)


def say(text: str, stream: TextIO | None = None) -> None:
    """Print a line; a reader who has gone away, or a full disk behind the log, is no fault."""
    stream = stream or sys.stdout
    with contextlib.suppress(OSError, ValueError):
        print(text, file=stream, flush=True)


def prepare_streams() -> None:
    """Let a console that lacks a character show another one instead of ending the run."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]


def close_streams() -> None:
    """Flush what was printed; after a closed pipe, keep the interpreter from complaining."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
