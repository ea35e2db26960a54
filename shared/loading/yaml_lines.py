"""Safe YAML with line numbers: texts, lists and groups only; nothing typed, nothing constructed."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamStartEvent,
)

from shared.loading.mistakes import NOT_YAML, UNDECIDED, UNSAFE, Mistakes
from shared.loading.words_near import quote

DECIDE = "DECIDE"
LARGEST_BYTES = 256 * 1024
DEEPEST = 12
_EMPTY = {"", "~", "null", "Null", "NULL"}
_PROBLEMS = {
    "cannot start any token": (
        'has a value that starts with a special character; put it in quotes: "%d.%m.%Y"'
    ),
    "mapping values are not allowed": (
        "has a second colon, or is indented unlike its neighbours; put a value in quotes"
    ),
    "<stream end>": "is within brackets or quotes that are never closed",
    "end of stream": "is within brackets or quotes that are never closed",
}
_KEY_BEFORE = re.compile(r"([^\s{,\[:]+)[\"']?:\s*$")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class Node:
    """One value of a YAML file, as it was written.

    Attributes
    ----------
    line : int
        Where it is written; for an entry of a group, where its key is.
    content : str, list of Node, dict of str to Node, or None
        None for an empty value. `No`, `007` and `12:30` are texts: whoever reads knows the type.
    reported : bool
        Whether a mistake was noted for it already, so that no second one is needed.
    """

    line: int
    content: "str | list[Node] | dict[str, Node] | None"
    reported: bool = False


def read_yaml(path: Path, mistakes: Mistakes) -> Node:
    """Read a file into its root group; what cannot be read at all raises `ConfigError`."""
    text = re.sub(r"\r\n?", "\n", _decoded(path.read_bytes(), mistakes))
    lines = mistakes.written = text.split("\n")
    try:
        root = _document(YAML(typ="safe", pure=True).parse(text), mistakes)
    except MarkedYAMLError as e:
        marks = [mark.line for mark in (e.context_mark, e.problem_mark) if mark]
        first, last = min(marks, default=0), max(marks, default=0)
        while first and not "".join(lines[first : last + 1]).strip():
            first -= 1
        mistakes.stop(NOT_YAML, last + 1, _advice(str(e.problem), lines[first : last + 1]))
    except (YAMLError, ValueError, OverflowError) as e:
        # The reader knows a position only; a code point beyond Unicode comes with none.
        line = text.count("\n", 0, getattr(e, "position", 0)) + 1
        mistakes.stop(NOT_YAML, line, "holds a character that YAML does not allow")
    if not isinstance(root.content, dict):
        mistakes.stop(NOT_YAML, root.line, "is not a group of keys such as name: Acme Retail")
    return root


def line_numbers(node: Node | None, prefix: str = "") -> dict[str, int]:
    """Give the line of every key below a node, by path: "columns.customer_id" -> 14."""
    found: dict[str, int] = {}
    if node is not None and isinstance(node.content, dict):
        for key, value in node.content.items():
            found[prefix + key] = value.line
            found |= line_numbers(value, f"{prefix}{key}.")
    return found


def _decoded(content: bytes, mistakes: Mistakes) -> str:
    if len(content) > LARGEST_BYTES:
        mistakes.stop(NOT_YAML, 0, f"has {len(content):,} bytes; at most {LARGEST_BYTES:,}")
    encoding = "utf-16" if content.startswith(_UTF16) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as e:
        line = content.count(b"\n", 0, e.start) + 1
        name = "UTF-16" if encoding == "utf-16" else "UTF-8"
        mistakes.stop(NOT_YAML, line, f"is not {name} from here on; save the file as UTF-8")


def _document(events: Iterator[Any], mistakes: Mistakes) -> Node:
    root = Node(1, {})
    documents = 0
    for event in events:
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                mistakes.stop(NOT_YAML, event.start_mark.line + 1, "starts a second document")
            found = _node(next(events), events, mistakes, depth=0)
            root = Node(found.line, {}) if found.content is None else found
        elif isinstance(event, StreamStartEvent | DocumentEndEvent):
            continue
    return root


def _node(event: Any, events: Iterator[Any], mistakes: Mistakes, *, depth: int) -> Node:
    """Build one value; recursion is bounded, so that a file of brackets cannot exhaust us."""
    line = event.start_mark.line + 1
    if depth > DEEPEST:
        mistakes.stop(NOT_YAML, line, f"is more than {DEEPEST} groups deep")
    if isinstance(event, AliasEvent):
        mistakes.add(UNSAFE, line, "refers to another value (*); write the value out")
        return Node(line, None, reported=True)
    tagged = event.tag is not None
    if tagged:
        mistakes.add(UNSAFE, line, "has a language tag (!); write the plain value, text in quotes")
    if isinstance(event, MappingStartEvent):
        return Node(line, _group(events, mistakes, depth=depth), tagged)
    if isinstance(event, SequenceStartEvent):
        return Node(line, list(_items(events, mistakes, depth=depth)), tagged)
    return _scalar(event, line, mistakes, reported=tagged)


def _items(events: Iterator[Any], mistakes: Mistakes, *, depth: int) -> Iterator[Node]:
    while not isinstance(event := next(events), SequenceEndEvent):
        yield _node(event, events, mistakes, depth=depth + 1)


def _group(events: Iterator[Any], mistakes: Mistakes, *, depth: int) -> dict[str, Node]:
    entries: dict[str, Node] = {}
    while not isinstance(event := next(events), MappingEndEvent):
        line = event.start_mark.line + 1
        key = _node(event, events, mistakes, depth=depth + 1)
        value = _node(next(events), events, mistakes, depth=depth + 1)
        name = event.value if isinstance(event, ScalarEvent) else None
        if name is None:
            if not key.reported:
                mistakes.add(NOT_YAML, line, "has a list or group where a key should be")
        elif name in entries:
            first = entries[name].line
            mistakes.add(UNSAFE, line, f"{quote(name)} is already on line {first}; keep one")
        elif not key.reported:
            entries[name] = Node(line, value.content, value.reported)
    return entries


def _scalar(event: ScalarEvent, line: int, mistakes: Mistakes, *, reported: bool) -> Node:
    text: str = event.value
    if text == DECIDE:
        _ask(mistakes, line, event.start_mark.column)
        return Node(line, None, reported=True)
    if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text):
        mistakes.add(NOT_YAML, line, "holds a character that no text may hold (NUL, surrogate)")
        return Node(line, None, reported=True)
    plain = not event.style
    return Node(line, None if plain and text in _EMPTY else text, reported)


def _ask(mistakes: Mistakes, line: int, column: int) -> None:
    """Ask for a value, with what `python -m shared new` found and wrote behind it."""
    # The parser breaks lines at more characters than "\n": the number may lie beyond the last.
    written = next(iter(mistakes.written[line - 1 : line]), "")
    key = _KEY_BEFORE.search(written[:column])
    _, is_commented, why = written[column:].partition(" # ")
    mistakes.add(
        UNDECIDED,
        line,
        f"{quote(key[1]) if key else 'this line'} is left to decide",
        found=" ".join(why.split()) if is_commented else "",
        fix=f"write the right value there in place of {DECIDE}",
    )


def _advice(problem: str, lines: list[str]) -> str:
    """Say what to type: the parser's own words name tokens, not remedies."""
    broken = lines[-1] if lines else ""
    if "\t" in broken[: len(broken) - len(broken.lstrip())] or r"'\t'" in problem:
        return "is indented with a tab; use spaces"
    if any(": #" in line for line in lines):
        return 'is cut off by #, which starts a comment; put a colour in quotes: "#0b6e4f"'
    if any("${" in line and line.rstrip().endswith(("]", "}")) for line in lines):
        return 'has a variable within brackets; put it in quotes: ["${DIR}/orders.csv"]'
    known = (advice for sign, advice in _PROBLEMS.items() if sign in problem)
    return next(known, f"is not valid YAML: {problem}")
