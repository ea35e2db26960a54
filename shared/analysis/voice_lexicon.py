"""Words with a mood: the English lexicons of TextBlob and VADER, our own, a client's."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd

from shared.analysis.voice_language import language_code, lower_case
from shared.loading.errors import ConfigError

OWN_LANGUAGES = ("de", "en", "ru", "tr")
ROLES = ("negator", "negator after", "stop", "booster", "weakener", "contrast", "concession")
GAP, KEY = "..", 2
VADER_SCALE, TEXTBLOB_SCALE = 4.0, 0.8
LEAST_TEXTBLOB = 0.3  # its weaker words ("first", "long", "red") carry no mood in a review
Row = tuple[str, float, str]


@dataclass(frozen=True)
class Entry:
    """What a word or term says.

    Attributes
    ----------
    weight : float
        Mood from -1 to +1; 0 is none.
    complaint : str
        Kind of operational complaint, such as "late"; "" for a word of mood.
    roles : frozenset of str
        Parts it plays in a sentence, of `ROLES`.
    """

    weight: float = 0.0
    complaint: str = ""
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Term:
    """Several words in a row, each a choice of whole words and beginnings; None is a gap."""

    steps: tuple[tuple[frozenset[str], tuple[str, ...]] | None, ...]
    entry: Entry


@dataclass(frozen=True)
class Lexicon:
    """All that is known of a language.

    Attributes
    ----------
    language : str
        Two letters.
    words, stems : dict of str to Entry
        Whole words, and beginnings of words.
    terms : dict of str to dict of str to tuple of Term
        Terms by their first word and then by their second; "" where any second may fit.
    openers : dict of str to tuple of Term
        Terms whose first word is a beginning, by its first two letters.
    endings : dict of str to Entry
        Ends of words that play a part, such as those of a negated verb in Turkish.
    memory : dict of str to Entry or None
        Words looked up before.
    """

    language: str
    words: dict[str, Entry]
    stems: dict[str, Entry]
    terms: dict[str, dict[str, tuple[Term, ...]]]
    openers: dict[str, tuple[Term, ...]]
    endings: dict[str, Entry] = field(default_factory=dict)
    memory: dict[str, Entry | None] = field(default_factory=dict)

    def entry(self, word: str) -> Entry | None:
        """Look a word up: as it stands, else by its longest known beginning."""
        if word not in self.memory:
            found = self.words.get(word) or self._by_parts(word)
            self.memory[word] = found
        return self.memory[word]

    def terms_from(self, word: str, following: str) -> tuple[Term, ...]:
        """Give the terms that two neighbouring words may begin."""
        by_second = self.terms.get(word)
        open_ended = self.openers.get(word[:KEY], ())
        if by_second is None:
            return open_ended
        return by_second.get(following, ()) + by_second.get("", ()) + open_ended

    def _by_parts(self, word: str) -> Entry | None:
        lengths = range(len(word), 1, -1)
        stem = next((self.stems[word[:n]] for n in lengths if word[:n] in self.stems), None)
        ending = next((self.endings[word[-n:]] for n in lengths if word[-n:] in self.endings), None)
        if stem is None or ending is None:
            return stem or ending
        return Entry(stem.weight, stem.complaint, stem.roles | ending.roles)


@cache
def own_lexicon(language: str) -> Lexicon | None:
    """Read the suite's own lexicon of a language; None where there is none."""
    return lexicon_for(language, {}) if language in OWN_LANGUAGES else None


def lexicon_for(language: str, client: Mapping[str, list[Row]]) -> Lexicon | None:
    """Give the lexicon of a language: our own, with the client's words over it, or None.

    Parameters
    ----------
    language : str
        Two letters.
    client : mapping of str to list of (term, weight, kind)
        From `read_client_lexicon`.
    """
    if language not in OWN_LANGUAGES and language not in client:
        return None
    own = _own_rows(language) if language in OWN_LANGUAGES else []
    base = english_words() if language == "en" else {}
    return build_lexicon(language, [*_own_rows("emoji"), *own, *client.get(language, [])], base)


def build_lexicon(language: str, rows: Iterable[Row], base: Mapping[str, float]) -> Lexicon:
    """Sort rows of a lexicon into words, beginnings ("bad*"), endings and terms.

    Parameters
    ----------
    language : str
        Two letters.
    rows : iterable of (term, weight, kind)
        A later row replaces an earlier one. The kind is "" for mood, one of `ROLES`, or the kind
        of an operational complaint. In a term such as "not .. arrive|arrived", "|" parts a
        choice and ".." skips up to three words.
    base : mapping of str to float
        Words of mood that rows overrule.
    """
    entries = {word: Entry(weight) for word, weight in base.items()}
    for term, weight, kind in rows:
        known = entries.get(term, Entry())
        if kind in ROLES:
            weigh = Entry() if term in base else known
            entries[term] = Entry(weigh.weight, weigh.complaint, known.roles | {kind})
        else:
            entries[term] = Entry(weight, kind, known.roles)
    words: dict[str, Entry] = {}
    stems: dict[str, Entry] = {}
    endings: dict[str, Entry] = {}
    terms = []
    for text, entry in entries.items():
        if " " in text:
            terms.append(Term(tuple(_step(part) for part in text.split()), entry))
            continue
        kept = stems if text.endswith("*") else endings if text[0] == "*" else words
        kept[text.strip("*")] = entry
    return Lexicon(language, words, stems, *_indexed(terms), endings)


def _indexed(
    terms: list[Term],
) -> tuple[dict[str, dict[str, tuple[Term, ...]]], dict[str, tuple[Term, ...]]]:
    """Sort terms by what they begin with, so that few of them are tried at each word."""
    by_word: dict[str, dict[str, tuple[Term, ...]]] = defaultdict(dict)
    openers: dict[str, tuple[Term, ...]] = {}
    for term in terms:
        first, second = term.steps[:2]
        if first is None:
            continue
        seconds = [""] if second is None or second[1] else sorted(second[0])
        for word in sorted(first[0]):
            for key in seconds:
                by_word[word][key] = (*by_word[word].get(key, ()), term)
        for key in sorted({start[:KEY] for start in first[1]}):
            openers[key] = (*openers.get(key, ()), term)
    return dict(by_word), openers


def _step(part: str) -> tuple[frozenset[str], tuple[str, ...]] | None:
    if part == GAP:
        return None
    choice = part.split("|")
    whole = frozenset(word for word in choice if not word.endswith("*"))
    return whole, tuple(word.rstrip("*") for word in choice if word.endswith("*"))


@cache
def english_words() -> dict[str, float]:
    """Join TextBlob's and VADER's English words: the mean where both know one, -1 to +1.

    Both lists are read from the installed packages, which are not imported: importing TextBlob
    loads nltk and takes longer than scoring ten thousand texts.

    References
    ----------
    Hutto, C. and Gilbert, E. (2014). VADER. De Smedt, T. and Daelemans, W. (2012). Pattern.
    """
    vader = _vader_words()
    textblob = {word: TEXTBLOB_SCALE * weight for word, weight in _textblob_words().items()}
    joined = {
        word: (vader[word] + textblob[word]) / 2 if word in textblob else vader[word]
        for word in vader
    }
    more = {word: weight for word, weight in textblob.items()
            if word not in vader and abs(weight) >= LEAST_TEXTBLOB}  # fmt: skip
    return {word: round(weight, 4) for word, weight in {**joined, **more}.items()}


def _vader_words() -> dict[str, float]:
    text = (_package("vaderSentiment") / "vader_lexicon.txt").read_text(encoding="utf-8")
    parted = (line.split("\t") for line in text.splitlines() if line.strip())
    return {word: float(weight) / VADER_SCALE for word, weight, *_ in parted if " " not in word}


def _textblob_words() -> dict[str, float]:
    senses = defaultdict(list)
    root = ElementTree.parse(_package("textblob") / "en" / "en-sentiment.xml").getroot()
    for word in root.iter("word"):
        senses[word.get("form", "").lower()].append(float(word.get("polarity", 0)))
    return {word: sum(some) / len(some) for word, some in senses.items() if word.isalpha()}


def _package(name: str) -> Path:
    """Find the folder of an installed package without importing it."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(name)
    return Path(spec.origin).parent


@cache
def _own_rows(name: str) -> list[Row]:
    text = (files("shared.analysis") / "lexicons" / f"{name}.csv").read_text(encoding="utf-8")
    return [(row["term"], float(row["weight"] or 0), row["kind"])
            for row in csv.DictReader(text.splitlines())]  # fmt: skip


def polarity_words(language: str) -> frozenset[str]:
    """Single words that carry mood only, such as "terrible"; complaints ("late") are left out."""
    lexicon = own_lexicon(language)
    if lexicon is None:
        return frozenset()
    known = {**lexicon.words, **lexicon.stems}
    return frozenset(word for word, entry in known.items() if entry.weight and not entry.complaint)


def read_client_lexicon(path: Path) -> dict[str, list[Row]]:
    """Read a client's lexicon: a CSV with `language`, `term`, `weight` and, if wanted, `kind`.

    Parameters
    ----------
    path : Path
        UTF-8. A weight runs from -1 to +1. The kind is blank for a word of mood, one of `ROLES`
        (the weight may then be blank), or the name of an operational complaint.

    Returns
    -------
    dict of str to list of (term, weight, kind)
        By language; terms in lower case.

    Raises
    ------
    ConfigError
        If the file or a column is missing, or a weight is no number from -1 to +1.
    """
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise _refused(path, "the lexicon cannot be read", type(error).__name__) from error
    if missing := {"language", "term", "weight"} - set(frame.columns):
        raise _refused(path, f"no column {', '.join(sorted(missing))}", ", ".join(frame.columns))
    frame = frame[frame["term"].str.strip() != ""]
    kind = frame["kind"].str.strip() if "kind" in frame else pd.Series("", index=frame.index)
    weight = pd.to_numeric(frame["weight"].str.strip().str.replace(",", "."), errors="coerce")
    weight = weight.mask(kind.isin(ROLES) & weight.isna(), 0.0)
    if (wrong := ~weight.between(-1, 1)).any():
        raise _refused(path, "weights outside of -1 to 1", f"{wrong.sum()} of {len(wrong)} rows")
    rows: dict[str, list[Row]] = defaultdict(list)
    given = zip(frame["language"], frame["term"], weight, kind, strict=True)
    for language, term, value, role in given:
        code = language_code(language)
        rows[code].append((lower_case(" ".join(term.split()), code), float(value), role))
    return dict(rows)


def _refused(path: Path, what: str, found: str) -> ConfigError:
    return ConfigError("E-PARA-54", path.name, what, found=found,
                       fix="a CSV in UTF-8 with the columns language,term,weight,kind")  # fmt: skip
