import io
from types import SimpleNamespace

import pytest

from shared.delivery.execute import Execution
from shared.delivery.progress import LiveLines, LogLines, progress_on


class Terminal(io.StringIO):
    def isatty(self):
        return True


def run_through(progress):
    progress.client("acme", 1, 2)
    progress.note("data as of 2024-03-11")
    progress.event("04_cohort", {"kind": "started"})
    cell = {"kind": "cell", "index": 3, "done": 1, "of": 9, "heading": "Who [bold]returns?"}
    progress.event("04_cohort", cell)
    progress.event("04_cohort", {"kind": "ended", "execution": Execution("04_cohort", "done")})
    progress.event("05_basket", {"kind": "started"})
    failed = Execution("05_basket", "failed", seconds=2)
    progress.event("05_basket", {"kind": "ended", "execution": failed})
    progress.step("writing the pages")
    progress.step("writing the index")
    progress.close()


def test_a_terminal_gets_a_line_per_notebook(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Terminal()
    progress = progress_on(terminal)

    assert isinstance(progress, LiveLines)
    run_through(progress)
    run_through(progress)
    assert "acme (1 of 2)" in terminal.getvalue()
    assert "04_cohort" in terminal.getvalue()
    assert "writing the index" in terminal.getvalue()


@pytest.mark.parametrize("columns", [60, 100, 200])
def test_the_bars_of_a_terminal_stand_still_whatever_is_told_beside_them(monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    live = LiveLines(Terminal())
    live.event("04_cohort", {"kind": "started"})
    widths = set()
    for heading in ("In short", "Which customers come back, when, and for how much money at all?"):
        cell = {"kind": "cell", "index": 3, "done": 1, "of": 9, "heading": heading}
        live.event("04_cohort", cell)
        widths.add(len(live.live.tasks[0].fields["place"]))
        assert len(live.live.tasks[0].fields["place"]) <= max(1, columns - 51)
    live.close()

    assert len(widths) == 1


def test_what_is_no_terminal_gets_plain_lines():
    stream = io.StringIO()
    progress = progress_on(stream)

    assert isinstance(progress, LogLines)
    run_through(progress)
    assert stream.getvalue().splitlines() == [
        "acme (1 of 2)",
        "  data as of 2024-03-11",
        "  04_cohort started",
        "  04_cohort done after 0.0 s",
        "  05_basket started",
        "  05_basket failed after 2.0 s",
        "  writing the pages",
        "  writing the index",
    ]


@pytest.mark.parametrize("setting", [{"TERM": "dumb"}, {"NO_COLOR": "1"}])
def test_a_terminal_that_cannot_draw_gets_plain_lines_too(monkeypatch, setting):
    monkeypatch.setenv("TERM", "xterm")
    for name, value in setting.items():
        monkeypatch.setenv(name, value)

    assert isinstance(progress_on(Terminal()), LogLines)


def test_a_stream_without_a_descriptor_is_no_fault(monkeypatch):
    from shared.delivery import progress

    monkeypatch.setattr(progress, "sys", SimpleNamespace(stdout=io.StringIO(), stderr=Terminal()))
    progress.prepare_streams()
    progress.close_streams()
