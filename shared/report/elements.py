"""The elements of a page: each has an id, a kind, markup and the sentences it says."""

import sys
from dataclasses import dataclass, field
from html import escape
from re import fullmatch
from typing import Any

from shared.report.mistakes import ReportMistake
from shared.report.sentences import Sentence

MARK = "report"  # the key of an output's metadata that lets it onto the page


@dataclass(frozen=True)
class Element:
    """One output of a notebook that the page shows."""

    id: str
    kind: str
    html: str
    said: tuple[Sentence, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    cell: str = ""
    turn: int = 0


class Elements:
    """What a report has shown so far, in order, and nothing twice.

    A cell that is run again in JupyterLab replaces what it showed before.
    """

    def __init__(self) -> None:
        self._shown: dict[str, Element] = {}

    def __iter__(self) -> Any:
        return iter(self._shown.values())

    def of(self, kind: str) -> list[Element]:
        """Elements of one kind."""
        return [element for element in self if element.kind == kind]

    def next_id(self, kind: str, wanted: str | None, *, single: bool = False) -> str:
        """Give an element its id: the wanted one if it is free, else the kind with a number."""
        self._forget_earlier_run()
        if wanted is None:
            numbers = (f"{kind}-{i}" for i in range(1, len(self._shown) + 2))
            wanted = kind if single else next(id_ for id_ in numbers if id_ not in self._shown)
        if not fullmatch(r"[a-z][a-z0-9_-]*", wanted):
            raise ReportMistake(f"{wanted!r} is no id; use lower-case letters, digits, - and _")
        if wanted in self._shown:
            raise ReportMistake(f"the page already has {wanted!r}")
        return wanted

    def show(self, element: Element) -> None:
        """Keep an element and display it, marked for the page, where there is a kernel."""
        cell, turn = _cell()
        self._shown[element.id] = Element(**{**vars(element), "cell": cell, "turn": turn})
        if shell() is not None:
            from IPython.display import display

            mark = {MARK: {"id": element.id, "kind": element.kind}}
            display({"text/html": element.html}, raw=True, metadata=mark)

    def _forget_earlier_run(self) -> None:
        cell, turn = _cell()
        if cell:
            earlier = [e.id for e in self if e.cell == cell and e.turn != turn]
            for id_ in earlier:
                del self._shown[id_]


def block(tag: str, id_: str, kind: str, inner: str, **attributes: str) -> str:
    """Wrap the markup of an element in a tag that carries its id and kind."""
    more = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return f'<{tag} class="report-output {kind}" data-output="{id_}"{more}>{inner}</{tag}>'


def shell() -> Any:
    """Give the IPython shell of this kernel, None outside one."""
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython

    return get_ipython()


def _cell() -> tuple[str, int]:
    running = shell()
    if running is None or not hasattr(running, "get_parent"):
        return "", 0
    metadata = (running.get_parent() or {}).get("metadata", {})
    return str(metadata.get("cellId", "")), running.execution_count
