"""How one notebook is driven: which cell is running, how much it may print, when it is stopped."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager
from traitlets.config import Config

ENGINE = "watched"
MOST_PRINTED = 1_000_000  # characters that one cell may print before the rest is dropped
STARTUP_SECONDS = 120
OUTPUT_SECONDS = 60  # how long output may lag behind its cell; then it counts as lost

Tell = Callable[..., None]


class WatchedClient(PapermillNotebookClient):
    """A notebook client that tells where it is and drops what is printed beyond a limit."""

    def __init__(self, manager: NotebookExecutionManager, *, tell: Tell, **traits: Any) -> None:
        super().__init__(manager, **traits)
        self.tell = tell
        self.printed: Counter[int] = Counter()
        self.code_cells = [i for i, c in enumerate(self.nb.cells) if c.cell_type == "code"]
        self.on_cell_execute = self._started

    def output(self, outs: list, msg: dict, display_id: str | None, cell_index: int) -> Any:
        """Keep an output, except what a cell prints beyond the limit."""
        if msg["msg_type"] == "stream":
            text = msg["content"]["text"]
            room = max(0, MOST_PRINTED - self.printed[cell_index])
            self.printed[cell_index] += len(text)
            if not room:
                return None
            msg["content"]["text"] = text[:room]
        return super().output(outs, msg, display_id, cell_index)

    def _started(self, cell: Any, cell_index: int) -> None:
        del cell  # passed by name, so it must be taken
        done = sum(index < cell_index for index in self.code_cells)
        heading = heading_above(self.nb.cells, cell_index)
        self.tell("cell", index=cell_index, done=done, of=len(self.code_cells), heading=heading)


class WatchedEngine(NBClientEngine):
    """papermill's engine with the client above, in sockets of its own instead of network ports."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        *,
        tell: Tell,
        cell_seconds: int,
        transport: str,
        **_: Any,
    ) -> Any:
        """Run every cell in turn; the first that fails, hangs or loses its kernel ends it."""
        client = WatchedClient(
            nb_man,
            tell=tell,
            kernel_name=kernel_name,
            timeout=cell_seconds,
            startup_timeout=STARTUP_SECONDS,
            iopub_timeout=OUTPUT_SECONDS,
            shutdown_kernel="immediate",
            record_timing=False,
            config=Config({"KernelManager": {"transport": transport}}),
        )
        client.execute()
        for index, characters in client.printed.items():
            if characters > MOST_PRINTED:
                number = client.code_cells.index(index) + 1
                tell("capped", number=number, characters=characters)


def heading_above(cells: list, index: int) -> str:
    """Give the last heading above a cell, "" if there is none."""
    for cell in reversed(cells[: index + 1]):
        for line in reversed("".join(cell["source"]).splitlines()):
            if cell["cell_type"] == "markdown" and line.startswith("#"):
                return line.lstrip("#").strip()
    return ""
