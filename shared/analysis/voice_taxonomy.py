"""The taxonomy: which words speak of which topic, and which department answers for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from io import StringIO
from pathlib import Path

import pandas as pd

from shared.analysis.voice_topics_words import folded, lemma, tokens
from shared.loading.errors import ConfigError

COLUMNS = ("topic", "department", "language", "terms")
LONGEST_PHRASE = 5  # words of a term


@dataclass(frozen=True)
class Taxonomy:
    """Topics with their terms and departments.

    Attributes
    ----------
    table : pd.DataFrame
        `topic`, `department`, `language`, `term`: one row per term. A term is a word or a phrase;
        one that ends in * covers every word that begins so.
    """

    table: pd.DataFrame

    @cached_property
    def departments(self) -> dict[str, str]:
        """The department of each topic, in the order of the file."""
        return dict(self.table[["topic", "department"]].drop_duplicates("topic").to_numpy())

    @cached_property
    def _read(self) -> dict[str, "LanguageTerms | None"]:
        return {}

    def _terms(self, language: str) -> "LanguageTerms | None":
        """Sort the terms of a language when they are first asked for: its dictionary is large."""
        if language not in self._read:
            rows = self.table[self.table["language"] == language]
            self._read[language] = LanguageTerms.of(rows, language) if len(rows) else None
        return self._read[language]

    def topics_in(self, text: str, language: str) -> dict[str, str]:
        """Give the topics that a text speaks of, each with the first term that says so."""
        terms = self._terms(language)
        return terms.found(tokens(text, language)) if terms else {}

    def department_of_word(self, word: str, language: str) -> str:
        """Give the department whose topic a single word stands for, "" where none does."""
        terms = self._terms(language)
        topics = terms.of_word(word) if terms else ()
        return self.departments[topics[0]] if topics else ""


@dataclass(frozen=True)
class LanguageTerms:
    """The terms of one language, ready to be looked up."""

    language: str
    words: Mapping[str, tuple[str, ...]]
    beginnings: Mapping[str, tuple[str, ...]]
    phrases: Mapping[str, Mapping[tuple[str, ...], tuple[str, ...]]]
    met: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, rows: pd.DataFrame, language: str) -> "LanguageTerms":
        """Sort the terms into single words, beginnings of words and phrases."""
        words: dict[str, list[str]] = {}
        beginnings: dict[str, list[str]] = {}
        phrases: dict[tuple[str, ...], list[str]] = {}
        for topic, term in zip(rows["topic"], rows["term"], strict=True):
            parts = folded(str(term), language).split()
            if len(parts) > 1:
                key = tuple(_of_phrase(part, language) for part in parts[:LONGEST_PHRASE])
                phrases.setdefault(key, []).append(str(topic))
            elif parts[0].endswith("*"):
                beginnings.setdefault(parts[0].removesuffix("*"), []).append(str(topic))
            else:
                words.setdefault(parts[0], []).append(str(topic))
        by_first: dict[str, dict[tuple[str, ...], tuple[str, ...]]] = {}
        for key, topics in _frozen(phrases).items():
            by_first.setdefault("" if key[0].endswith("*") else key[0], {})[key] = topics
        return cls(language, _frozen(words), _frozen(beginnings), by_first)

    def of_word(self, token: str) -> tuple[str, ...]:
        """Give the topics of one word: as written, in its dictionary form, or by its beginning."""
        if token not in self.met:
            self.met[token] = self._looked_up(token)
        return self.met[token]

    def _looked_up(self, token: str) -> tuple[str, ...]:
        found = self.words.get(token) or self.words.get(lemma(token, self.language))
        if found:
            return found
        ends = range(len(token), 2, -1)
        return next((self.beginnings[token[:n]] for n in ends if token[:n] in self.beginnings), ())

    def found(self, text: list[str]) -> dict[str, str]:
        """Give the topics of a list of words, each with the term that was met first."""
        met: dict[str, str] = {}
        forms = [lemma(token, self.language) for token in text]
        for place, token in enumerate(text):
            for topic in self.of_word(token):
                met.setdefault(topic, forms[place])
            for phrase, topics in self._phrases_at(text, forms, place):
                for topic in topics:
                    met.setdefault(topic, " ".join(phrase))
        return met

    def _phrases_at(
        self, text: list[str], forms: list[str], place: int
    ) -> Iterable[tuple[tuple[str, ...], tuple[str, ...]]]:
        for first in dict.fromkeys((forms[place], text[place], "")):
            for phrase, topics in self.phrases.get(first, {}).items():
                written = tuple(text[place : place + len(phrase)])
                window = forms[place : place + len(phrase)]
                if len(written) == len(phrase) and all(map(_fits, phrase, window, written)):
                    yield written, topics


def load_taxonomy(path: Path | None = None) -> Taxonomy:
    """Read the taxonomy of the suite, or a client's own.

    Parameters
    ----------
    path : Path, optional
        A CSV with the columns `topic`, `department`, `language` and `terms`, the latter with ";"
        between them; a copy of `shared/analysis/taxonomies/topics.csv` to start from.

    Raises
    ------
    ConfigError
        If the file is missing, lacks a column, or gives one topic to two departments.
    """
    table = _read(path)
    table = table.assign(term=table["terms"].str.split(";")).explode("term").drop(columns="terms")
    table = table.assign(term=table["term"].str.strip())
    return Taxonomy(table[table["term"] != ""].reset_index(drop=True))


def _read(path: Path | None) -> pd.DataFrame:
    name = "topics.csv" if path is None else path.name
    if path is None:
        text = (files("shared.analysis") / "taxonomies" / "topics.csv").read_text(encoding="utf-8")
    elif path.is_file():
        text = path.read_text(encoding="utf-8-sig")
    else:
        fix = "leave taxonomy empty, or put the file beside client.yaml"
        raise ConfigError("E-PARA-51", name, "no such file in the client's folder", fix=fix)
    table = pd.read_csv(StringIO(text), dtype=str, keep_default_na=False)
    missing = [column for column in COLUMNS if column not in table.columns]
    if missing:
        raise ConfigError("E-PARA-52", name, f"no column {', '.join(missing)}",
                          fix=f"use the columns {', '.join(COLUMNS)}")  # fmt: skip
    table = table[list(COLUMNS)].apply(lambda column: column.str.strip())
    torn = table.groupby("topic", sort=False)["department"].nunique()
    if (torn > 1).any():
        wrong = f"topic {torn[torn > 1].index[0]!r} has two departments"
        raise ConfigError("E-PARA-53", name, wrong, fix="give each topic one department")
    return table


def _of_phrase(part: str, language: str) -> str:
    return part if part.endswith("*") else lemma(part, language)


def _fits(part: str, form: str, word: str) -> bool:
    return word.startswith(part[:-1]) if part.endswith("*") else part in (form, word)


def _frozen(grouped: dict) -> dict:
    return {key: tuple(dict.fromkeys(topics)) for key, topics in grouped.items()}
