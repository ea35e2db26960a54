"""Each number on the index, looked up in the report that the index names beside it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from shared.delivery.verify import findings_of

INDEX = "index.html"
# Marks of the index's own: a sentence that a page says word by word, figures that one element of
# a page shows ("page#element"), and figures that are metrics of a report's findings.
SAID, FIGURES, METRICS = "data-said", "data-figures", "data-metrics"
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "wbr"}
_INLINE = {"a", "b", "code", "em", "i", "small", "span", "strong"}
_NUMBER = re.compile(r"\d+(?:[.,\u00a0’]\d+)*")
MOST_DECIMALS = 2


@dataclass(frozen=True)
class Marked:
    """A text of a page with a mark, its address and what the element shows."""

    mark: str
    address: str
    text: str


def number_faults(folder: Path) -> list[str]:
    """Look every number of a delivered index up where the index says it is from.

    A former delivery that is no longer there is not looked into.

    Parameters
    ----------
    folder : Path
        The delivery.

    Returns
    -------
    list of str
        One line for each text of the index that the report it names does not bear out; a single
        line where the index shows reports and no text that could be looked up.
    """
    index = folder / INDEX
    if not index.is_file():
        return []
    html = index.read_text(encoding="utf-8")
    texts = [one for mark in (SAID, FIGURES, METRICS) for one in marked_texts(html, mark)]
    look_up = _LookUp(folder)
    faults = [fault for text in texts if (fault := look_up.fault(text))]
    if not texts and any((folder / "findings").glob("*.json")):
        return [f"{INDEX}  names no report for anything that it says"]
    return faults


def numbers(text: str) -> list[str]:
    """Give the numbers of a text as they are written, without sign and unit."""
    return _NUMBER.findall(text)


def marked_texts(html: str, mark: str) -> Iterator[Marked]:
    """Give the text of each element that carries a mark, with the mark's value."""
    reader = _Reader(mark)
    reader.feed(html)
    for address, parts in reader.found:
        yield Marked(mark, address, _plain("".join(parts)))


class _LookUp:
    """Pages and findings of a delivery, each read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._page = cache(self._read)

    def fault(self, text: Marked) -> str:
        """Say what of a text is not found where it is from; "" if all is."""
        address, _, element = text.address.partition("#")
        if not (self._folder / address).is_file():
            former = address.startswith("../") and not (self._folder / address).parent.is_dir()
            return "" if former else f"{INDEX}  names {address}, which is not there"
        if text.mark == SAID:
            missing = [] if text.text in self._text(address) else [f"“{text.text}”"]
        elif text.mark == METRICS:
            whole, known = self._metrics(address, 0), self._metrics(address, MOST_DECIMALS)
            missing = [
                n
                for n in numbers(text.text)
                if (n not in whole if n.isdigit() else re.sub(r"\D", "", n) not in known)
            ]
        else:
            shown = numbers(self._text(address, element))
            missing = [n for n in numbers(text.text) if n not in shown]
        return f"{INDEX}  {', '.join(missing)} not found in {text.address}" if missing else ""

    def _read(self, address: str) -> str:
        return (self._folder / address).read_text(encoding="utf-8")

    def _text(self, address: str, element: str = "") -> str:
        if not element:
            return _plain(_visible(self._page(address)))
        found = marked_texts(self._page(address), "data-output")
        return " ".join(one.text for one in found if one.address == element)

    def _metrics(self, address: str, most_decimals: int) -> set[str]:
        """Give the digits of every metric in each way that a sentence may round it."""
        findings = findings_of(self._folder / address) or {"metrics": {}}
        known = [v for v in findings["metrics"].values() if v is not None]
        written = {
            f"{abs(scale * value):.{decimals}f}"
            for value in known
            for scale in (1, 100)
            for decimals in range(most_decimals + 1)
        }
        return {number.replace(".", "") for number in written}


class _Reader(HTMLParser):
    """Collects the text below every element with a given attribute; they may be nested."""

    def __init__(self, mark: str = "") -> None:
        super().__init__()
        self.found: list[tuple[str, list[str]]] = []
        self.all: list[str] = []
        self._mark = mark
        self._open: list[list[str] | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin to collect where the element is marked."""
        if tag not in _INLINE:
            self.handle_data(" ")  # or the numbers of two cells would become one
        if tag in _VOID:
            return
        address = dict(attrs).get(self._mark)
        parts: list[str] | None = [] if address else None
        if address and parts is not None:
            self.found.append((address, parts))
        self._open.append(parts)

    def handle_endtag(self, tag: str) -> None:
        """Leave the element."""
        if tag not in _VOID and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Add a text to all marked elements that it stands in."""
        self.all.append(data)
        for parts in self._open:
            if parts is not None:
                parts.append(data)


def _visible(html: str) -> str:
    reader = _Reader()
    reader.feed(re.sub(r"<(style|head)\b.*?</\1>", " ", html, flags=re.DOTALL))
    return "".join(reader.all)


def _plain(text: str) -> str:
    # A word joiner only keeps a minus on the line of its number.
    return " ".join(text.replace("\u2060", "").split())
