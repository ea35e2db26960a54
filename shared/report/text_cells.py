"""Text cells of a notebook as safe HTML: headings with own ids, no raw markup, no address."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

import mistune
from mistune.core import BlockState
from mistune.plugins import import_plugin
from mistune.util import striptags


@dataclass(frozen=True)
class Piece:
    """A stretch of a text cell: a heading (level 1 to 6) or what stands between two (level 0)."""

    level: int
    html: str


class TextRenderer(mistune.HTMLRenderer):
    """Markdown to HTML that the page may show.

    Raw HTML is shown as the characters that were typed, pictures as their alt text. A link keeps
    its address only inside the page: the client has neither a network nor the repository.
    """

    def __init__(self) -> None:
        super().__init__(escape=True)

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """Keep links within the page, and the text of all others."""
        del title
        return f'<a href="{escape(url)}">{text}</a>' if re.fullmatch(r"#[\w-]+", url) else text

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Show the alt text: every picture of a page comes from a figure."""
        del url, title
        return escape(striptags(text))

    def codespan(self, text: str) -> str:
        """Show a formula or a name; of a file in the repository only its name."""
        return super().codespan(re.sub(r"(?:[\w.-]+/)+([\w-]+\.(?:py|ipynb))\b", r"\1", text))

    def block_html(self, html: str) -> str:
        """Show raw HTML as text and leave out comments."""
        return "" if html.lstrip().startswith("<!--") else super().block_html(html)

    def inline_html(self, html: str) -> str:
        """Show raw HTML as text and leave out comments."""
        return "" if html.startswith("<!--") else super().inline_html(html)


def _table(_: mistune.HTMLRenderer, text: str) -> str:
    heads = ", ".join(striptags(head) for head in re.findall(r"<th.*?</th>", text))
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{heads}">'
        f"<table>{text}</table></div>\n"
    )


def _table_cell(
    _: mistune.HTMLRenderer, text: str, align: str | None = None, head: bool = False
) -> str:
    aligned = ' class="num"' if align == "right" else ""
    return f'<th scope="col"{aligned}>{text}</th>' if head else f"<td{aligned}>{text}</td>"


_read = mistune.create_markdown(renderer=None, plugins=["table"])
_write = TextRenderer()
import_plugin("table")(mistune.Markdown(renderer=_write))
_write.register("table", _table)
_write.register("table_cell", _table_cell)


def pieces(source: str) -> Iterator[Piece]:
    """Split a text cell at its headings and write each piece as HTML."""
    between: list[Any] = []
    tokens: Any = _read(source)
    for token in tokens:
        if token["type"] != "heading":
            between.append(token)
            continue
        if html := _html(between):
            yield Piece(0, html)
        between = []
        yield Piece(token["attrs"]["level"], _html(token["children"]))
    if html := _html(between):
        yield Piece(0, html)


def slug(text: str) -> str:
    """Make an id of a heading: lower-case ASCII letters, digits and hyphens, perhaps empty."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", bare.lower()))[:60].strip("-")


def _html(tokens: list[Any]) -> str:
    return _write(tokens, BlockState()).strip()
