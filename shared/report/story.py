"""The story of a page: the marked outputs and the text of a notebook, in sections."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape, unescape
from itertools import groupby
from typing import Any

from mistune.util import striptags

from shared.report.elements import MARK
from shared.report.text_cells import pieces, slug
from shared.report.words import word

# Outputs that stand in a section of their own, with the key of its heading.
SECTION_OF = {
    "verdict": "findings", "finding": "findings", "key-figures": "findings",
    "action": "actions", "caveat": "caveats",
}  # fmt: skip
LISTS = ("finding", "action", "caveat")
_SUBHEADING = re.compile(r'<h3 id="([^"]+)">(.*?)</h3>', re.DOTALL)


@dataclass
class Section:
    """A heading of level 2 with what follows it; the parts before the first have no heading.

    Attributes
    ----------
    id, heading : str
        Own id and heading as HTML.
    parts : list of (str, str)
        Kind and HTML: an output's kind, "text" or "code".
    """

    id: str
    heading: str
    parts: list[tuple[str, str]] = field(default_factory=list)

    @property
    def blocks(self) -> list[str]:
        """The parts as HTML, neighbours of the same list put together."""
        blocks = []
        for kind, group in groupby(self.parts, key=lambda part: part[0]):
            html = "\n".join(part for _, part in group)
            listed = f'<div class="list list-{kind}" role="list">{html}</div>'
            blocks.append(listed if kind in LISTS else html)
        return blocks

    @property
    def subheadings(self) -> list[tuple[str, str]]:
        """Id and HTML of the headings of level 3: what the figures say."""
        return [found for _, html in self.parts for found in _SUBHEADING.findall(html)]


@dataclass
class Story:
    """A whole page: question, what it is for, title block, sections."""

    question: str = ""
    lead: list[str] = field(default_factory=list)
    header: list[str] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    _slugs: set[str] = field(default_factory=set)

    def open(self, heading: str) -> Section:
        """Begin a section under a heading."""
        self.sections.append(Section(self.own_id(heading), heading))
        return self.sections[-1]

    def own_id(self, heading: str) -> str:
        """Give a heading an id that no other has and that no output can have."""
        base = "s-" + (slug(plain_text(heading)) or str(len(self._slugs) + 1))
        numbered = (f"{base}-{i}" for i in range(2, len(self._slugs) + 3))
        free = next(id_ for id_ in (base, *numbered) if id_ not in self._slugs)
        self._slugs.add(free)
        return free


def story_of(notebook: Any, *, show_code: bool = False) -> Story:
    """Read an executed notebook: text cells and marked outputs, and nothing else of it.

    Streams, errors, values of last lines and everything else that carries no mark stay behind;
    code only comes along for the consultant.
    """
    story = Story()
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            _add_text(story, cell["source"])
        elif cell["cell_type"] == "code":
            if show_code and cell["source"].strip():
                _add(story, "code", f"<pre><code>{escape(cell['source'])}</code></pre>")
            for kind, html in _marked(cell["outputs"]):
                _add_output(story, kind, html)
    return story


def element_ids(notebook: Any) -> list[str]:
    """Give the ids of all marked outputs of a notebook, in order."""
    return [
        output["metadata"][MARK]["id"]
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if MARK in output.get("metadata", {})
    ]


def question_of(notebook: Any) -> str:
    """Give the question that a notebook answers: the heading of its first cell, as plain text."""
    for piece in pieces(notebook["cells"][0]["source"]):
        if piece.level == 1:
            return plain_text(piece.html)
    return ""


def plain_text(html: str) -> str:
    """Take the tags off a heading and read its entities."""
    return unescape(striptags(html))


def _marked(outputs: Iterable[Any]) -> Iterable[tuple[str, str]]:
    for output in outputs:
        mark = output.get("metadata", {}).get(MARK)
        html = output.get("data", {}).get("text/html")
        if mark and html and output["output_type"] == "display_data":
            yield mark["kind"], html


def _add_text(story: Story, source: str) -> None:
    for piece in pieces(source):
        if piece.level == 1 and not story.question:
            story.question = piece.html
        elif piece.level in (1, 2):
            story.open(piece.html)
        elif piece.level:
            id_ = story.own_id(piece.html)
            _add(story, "text", f'<h3 id="{id_}">{piece.html}</h3>')
        else:
            _add(story, "text", f'<div class="text">{piece.html}</div>')


def _add_output(story: Story, kind: str, html: str) -> None:
    if kind == "header":
        story.header.append(html)
        return
    key = SECTION_OF.get(kind)
    if key and not _belongs(story, kind, key):
        story.open(word(key))
    _add(story, kind, html)


def _belongs(story: Story, kind: str, key: str) -> bool:
    """Tell whether an output may stand in the section that is open."""
    if not story.sections:
        return False
    if key == "findings":
        return True
    section = story.sections[-1]
    outputs = [k for k, _ in section.parts if k not in ("text", "code")]
    return section.heading == word(key) or not outputs or kind in outputs


def _add(story: Story, kind: str, html: str) -> None:
    if story.sections:
        story.sections[-1].parts.append((kind, html))
    elif kind in ("text", "code"):
        story.lead.append(html)
