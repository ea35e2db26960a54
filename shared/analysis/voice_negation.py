"""What a clause says: words of mood turned by negation, raised, weakened, and set off by "but"."""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.analysis.voice_language import lower_case
from shared.analysis.voice_lexicon import Entry, Lexicon, Term

SENTENCE_ENDS = frozenset(
    [".", "!", "?", ";", "…", "...", "!!", "!!!", "?!", "??", "..", "。", "！", "？", "•"]
)
CLAUSE_ENDS = frozenset([",", ":", "(", ")", "–", "—", "-", "--", "/", "|"])
TURNED_PRAISE, TURNED_BLAME = -0.75, -0.5  # "not great" is bad; "not bad" is fair
BOOST, WEAKEN = 1.3, 0.6
AFTER_BUT, BEFORE_BUT = 1.5, 0.5  # Hutto and Gilbert (2014)
CONCEDED, INSISTED = 0.5, 1.25
REACH, MOST_SKIPPED = 6, 3  # words
TURNS = frozenset({"contrast", "concession"})
Piece = tuple[list[str], list[str]]
NORMAL = {"n't": "not", "nt": "not", "ca": "can", "wo": "will", "'m": "am", "'re": "are",
          "'ve": "have", "'ll": "will"}  # fmt: skip


@dataclass(frozen=True)
class Clause:
    """A piece of a sentence with its mood.

    Attributes
    ----------
    text : str
        As written.
    value : float
        Sum of its words of mood, 0 without one, weighed by its place beside a "but".
    complaints : tuple of str
        Kinds of operational complaint in it.
    moods : int
        Words of mood in it.
    """

    text: str
    value: float
    complaints: tuple[str, ...]
    moods: int


@dataclass(frozen=True)
class _Hit:
    start: int
    end: int
    entry: Entry
    negated: bool  # holds its own negation, as "never arrived" does


def read_clauses(tokens: list[str], lexicon: Lexicon) -> list[Clause]:
    """Part the words of a text into clauses and weigh each.

    Parameters
    ----------
    tokens : list of str
        From `voice_language.tokens_of`, each with the space behind it.
    lexicon : Lexicon
        Of the text's language.
    """
    read = []
    for sentence in _sentences(tokens, lexicon):
        weights = _places(sentence, lexicon)
        for (texts, words), weight in zip(sentence, weights, strict=True):
            value, complaints, moods = _weigh(words, lexicon)
            text = "".join(texts).strip()
            read.append(Clause(text, value * weight, complaints, moods))
    return read


def _sentences(tokens: list[str], lexicon: Lexicon) -> Iterator[list[Piece]]:
    """Give each sentence as its clauses: what was written, and the words in one form."""
    sentence: list[Piece] = []
    texts: list[str] = []
    words: list[str] = []
    for token in tokens:
        bare = token.rstrip()
        word = lower_case(bare, lexicon.language)
        word = NORMAL.get(word, word) if lexicon.language == "en" else word
        # "rip-off" is one word: a hyphen without a space on either side parts nothing.
        if word == "-" and token == bare and texts and texts[-1][-1:] != " ":
            texts.append(token)
            continue
        ends = word in SENTENCE_ENDS
        entry = lexicon.entry(word)
        turns = words and entry is not None and not entry.roles.isdisjoint(TURNS)
        if (ends or turns or word in CLAUSE_ENDS) and words:
            sentence.append((texts, words))
            texts, words = [], []
        if ends:
            if sentence:
                yield sentence
            sentence = []
        elif word not in CLAUSE_ENDS:
            # spaCy parts "isn't" and "Isn't", not "ISN'T".
            words += [word[:-3], "not"] if word.endswith("n't") and word[:-3] else [word]
            texts.append(token)
    if words:
        sentence.append((texts, words))
    if sentence:
        yield sentence


def _places(sentence: list[Piece], lexicon: Lexicon) -> list[float]:
    """Weigh the clauses of a sentence: more after a "but", less before it or after "although"."""
    roles = []
    for _, words in sentence:
        entry = lexicon.entry(words[0])
        roles.append(entry.roles if entry else frozenset())
    weights = [1.0] * len(sentence)
    buts = [place for place, role in enumerate(roles) if "contrast" in role]
    if buts:
        last = buts[-1]
        weights = [BEFORE_BUT if place < last else AFTER_BUT for place in range(len(weights))]
    elif any("concession" in role for role in roles) and len(sentence) > 1:
        weights = [CONCEDED if "concession" in role else INSISTED for role in roles]
    return weights


def _weigh(words: list[str], lexicon: Lexicon) -> tuple[float, tuple[str, ...], int]:
    hits = _hits(words, lexicon)
    value, complaints, moods = 0.0, [], 0
    for place, hit in enumerate(hits):
        weight = hit.entry.weight
        if not weight:
            continue
        moods += 1
        if place and hits[place - 1].end == hit.start:
            roles = hits[place - 1].entry.roles
            weight *= BOOST if "booster" in roles else WEAKEN if "weakener" in roles else 1.0
        if not hit.negated and _turned(hits, place):
            value += weight * (TURNED_PRAISE if weight > 0 else TURNED_BLAME)
            continue
        value += weight
        if hit.entry.complaint:
            complaints.append(hit.entry.complaint)
    return value, tuple(complaints), moods


def _turned(hits: list[_Hit], place: int) -> bool:
    """Tell whether a negator reaches a word of mood, before it or, in some languages, after."""
    hit = hits[place]
    for before in reversed(hits[:place]):
        if "stop" in before.entry.roles or hit.start - before.end >= REACH:
            break
        if "negator" in before.entry.roles:
            return True
    for after in hits[place + 1 :]:
        if "stop" in after.entry.roles or after.start - hit.end >= REACH:
            break
        if "negator after" in after.entry.roles:
            return True
    return False


def _hits(words: list[str], lexicon: Lexicon) -> list[_Hit]:
    """Find words and terms from left to right; the term that covers most words wins."""
    hits, place = [], 0
    while place < len(words):
        word = words[place]
        best, end = None, 0
        following = words[place + 1] if place + 1 < len(words) else ""
        for term in lexicon.terms_from(word, following):
            reached = _match(term, words, place)
            if reached > end:
                best, end = term, reached
        if best is not None:
            hits.append(_Hit(place, end, best.entry, _holds_negator(words[place:end], lexicon)))
            place = end
            continue
        entry = lexicon.entry(word)
        if entry is not None:
            hits.append(_Hit(place, place + 1, entry, False))
        place += 1
    return hits


def _holds_negator(words: list[str], lexicon: Lexicon) -> bool:
    found = (lexicon.entry(word) for word in words)
    return any(entry is not None and "negator" in entry.roles for entry in found)


def _match(term: Term, words: list[str], start: int) -> int:
    """Give the place behind a term that begins here; 0 where it does not."""
    place, reach, end = start, 1, len(words)
    for step in term.steps:
        if step is None:
            reach = MOST_SKIPPED + 1
            continue
        whole, starts = step
        last = place + reach if place + reach < end else end
        while place < last:
            word = words[place]
            place += 1
            if word in whole or (starts and word.startswith(starts)):
                break
        else:
            return 0
        reach = 1
    return place
