"""What a value of client.yaml must be: text, number, date, one of several; typed by the schema."""

import math
import re
from collections.abc import Callable, Collection, Iterator
from datetime import date
from typing import TypeVar

from shared.loading.mistakes import MISSING, UNKNOWN, WRONG_VALUE, Mistakes
from shared.loading.words_near import did_you_mean, near, quote
from shared.loading.yaml_lines import Node

T = TypeVar("T")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOST_DIGITS = 18


class Section:
    """One group of keys, read key by key; mistakes are collected, a default stands in for them.

    Parameters
    ----------
    node : Node or None
        The group as written; None where the file leaves it out.
    name : str
        How messages name it, such as "tables.order_lines.rules".
    mistakes : Mistakes
        Where mistakes are noted.
    known : collection of str, optional
        Its keys; without them every key is accepted.
    """

    def __init__(
        self, node: Node | None, name: str, mistakes: Mistakes, known: Collection[str] = ()
    ) -> None:
        self.node, self.name, self.mistakes = node, name, mistakes
        self.line = node.line if node else 0
        self._meant: set[str] = set()
        content = node.content if node else None
        self._entries: dict[str, Node] = content if isinstance(content, dict) else {}
        if content is not None and not isinstance(content, dict) and not (node and node.reported):
            mistakes.add(WRONG_VALUE, self.line, f"{name} is a group of keys, not a single value")
        for key, value in self._entries.items():
            if known and key not in known:
                self._unknown(key, value, known)

    def entries(self) -> Iterator[tuple[str, Node]]:
        """Walk through keys and values as written."""
        return iter(self._entries.items())

    def written(self, key: str) -> Node | None:
        """Give the value of a key if there is one and nothing was said against it yet."""
        node = self._entries.get(key)
        return None if node is None or node.reported or node.content is None else node

    def line_of(self, key: str) -> int:
        """Give the line of a key, of the group where the key is missing."""
        return self._entries[key].line if key in self._entries else self.line

    def is_empty(self, key: str) -> bool:
        """Whether a key is there without a value."""
        node = self._entries.get(key)
        return node is not None and node.content is None and not node.reported

    def require(self, **examples: str) -> None:
        """Note every key that is missing, with an example of what to write."""
        if self.node and not isinstance(self.node.content, dict | None):
            return  # what stands there instead of a group was noted already
        for key, example in examples.items():
            absent = key not in self._entries and key not in self._meant
            if absent or self.is_empty(key):
                what = f"{key} is missing in {self.name}; {example}"
                self.mistakes.add(MISSING, self.line_of(key), what)

    def value(self, key: str, parse: Callable[[str], T], default: T, code: str = WRONG_VALUE) -> T:
        """Read one value; `parse` raises `ValueError` with what is wrong."""
        node = self.written(key)
        return default if node is None else self.parsed(node, key, parse, default, code)

    def values(self, key: str, parse: Callable[[str], T]) -> tuple[T, ...]:
        """Read a list; a single value is a list of one."""
        node = self.written(key)
        if node is None:
            return ()
        if isinstance(node.content, dict):
            first = next(iter(node.content), "…")
            what = f"{key} is a list, not a group of keys; write {key}: [{first}]"
            self.mistakes.add(WRONG_VALUE, node.line, what)
            return ()
        items = node.content if isinstance(node.content, list) else [node]
        read = (self.parsed(i, key, parse, None) for i in items if not i.reported)
        return tuple(item for item in read if item is not None)

    def section(self, key: str, known: Collection[str] = ()) -> "Section":
        """Go into a group below; an empty one where the file has none."""
        name = f"{self.name}.{key}" if self.name != "client.yaml" else key
        return Section(self._entries.get(key), name, self.mistakes, known)

    def parsed(
        self, node: Node, key: str, parse: Callable[[str], T], default: T, code: str = WRONG_VALUE
    ) -> T:
        """Read the single text of a node, noting what is wrong with it."""
        if node.reported:
            return default
        try:
            if not isinstance(node.content, str):
                raise ValueError("is empty" if node.content is None else "is not a single value")
            return parse(node.content)
        except ValueError as e:
            self.mistakes.add(code, node.line, f"{key} {e}")
            return default

    def _unknown(self, key: str, value: Node, known: Collection[str]) -> None:
        meant = near(key, known)
        if meant:
            self._meant.add(meant)
        hint = f"; did you mean {meant}?" if meant else f"; known: {', '.join(known)}"
        self.mistakes.add(UNKNOWN, value.line, f"unknown key {quote(key)} in {self.name}{hint}")


def text(value: str) -> str:
    """Take a text as it is written: `No`, `007`, `12:30` and `1e3` stay what they are."""
    return value


def words(value: str) -> str:
    """Take a text of one line that is not blank."""
    if not value.strip() or len(value.splitlines()) > 1:
        raise ValueError("is one line of text")
    return value.strip()


def one_of(*choices: str) -> Callable[[str], str]:
    """Make a reader of one of several words."""

    def parse(value: str) -> str:
        """Give the word if it is one of them."""
        if value in choices:
            return value
        hint = did_you_mean(value, choices)
        raise ValueError(f"is {quote(value)}; one of {', '.join(choices)}{hint}")

    return parse


def number(low: float, high: float = math.inf) -> Callable[[str], float]:
    """Make a reader of a number within a range, bounds included."""
    allowed = f"{low:g} to {high:g}" if math.isfinite(high) else f"{low:g} or more"

    def parse(value: str) -> float:
        """Give the number if it is within the range."""
        if not _NUMBER.fullmatch(value) or not low <= float(value) <= high:
            raise ValueError(f"is {quote(value)}; a number, {allowed}")
        if math.isinf(float(value)):
            raise ValueError(f"is {quote(value)}; a finite number")
        return float(value)

    return parse


def whole(low: int) -> Callable[[str], int]:
    """Make a reader of a whole number of at least `low`."""

    def parse(value: str) -> int:
        """Give the whole number if it is large enough."""
        # isdecimal alone accepts other scripts' digits, and int() takes a second for a million.
        if not (value.isascii() and value.isdecimal() and len(value) <= _MOST_DIGITS):
            raise ValueError(f"is {quote(value)}; a whole number, {low} or more")
        if int(value) < low:
            raise ValueError(f"is {quote(value)}; a whole number, {low} or more")
        return int(value)

    return parse


def day(value: str) -> date:
    """Read a date written 2011-12-10; any other way could be read in two ways."""
    try:
        if not _DAY.fullmatch(value):
            raise ValueError
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"is {quote(value)}; a date, written such as 2011-12-10") from None
