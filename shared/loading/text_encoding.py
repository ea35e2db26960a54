"""How a text file spells its letters: declared, proven by every byte, or asked; never guessed."""

import codecs
import re
from collections import Counter

from shared.loading.errors import ConfigError, DataRefused
from shared.loading.questions import Undecided
from shared.loading.staging import CHUNK_BYTES, Staged

# Decoders that fit most one-byte exports; since nearly every byte is a letter in each of them, that
# they do not fail proves nothing and a person has to look.
CANDIDATES = {
    "cp1252": "Western Europe",
    "cp1254": "Turkish",
    "cp1251": "Cyrillic",
    "cp1250": "Central Europe",
    "cp1253": "Greek",
}
SAMPLE_BYTES = 4 * CHUNK_BYTES
# Bytes of letters, digits and of whatever lies beyond ASCII.
_WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")


def prove_encoding(staged: Staged, declared: str | None) -> str:
    """Name the encoding of a text, so that Python's strict decoder reads all of it.

    Parameters
    ----------
    staged : Staged
        The copy, with what its bytes say.
    declared : str or None
        What client.yaml says; a byte order mark in the file outranks it.

    Raises
    ------
    Undecided
        If nothing is declared and the bytes are neither ASCII, UTF-8 nor marked as UTF-16.
    DataRefused
        If what is declared or marked does not fit the bytes.
    ConfigError
        If no such encoding exists.
    """
    if staged.mark:
        return _whole(staged, staged.mark)
    if declared is not None:
        return _declared(staged, declared)
    if staged.has_nul and _looks_like_utf16(staged):
        raise Undecided(
            "E-FILE-21",
            staged.name,
            "looks like UTF-16 but does not start with its mark",
            fix="in client.yaml: format: {encoding: utf-16-le}",
            key="encoding",
            choices=("utf-16-le", "utf-16-be"),
        )
    if staged.is_ascii or staged.is_utf8:
        return "utf-8"
    raise _ask(staged)


def _declared(staged: Staged, declared: str) -> str:
    try:
        encoding = codecs.lookup(declared).name
    except LookupError:
        raise ConfigError(
            "E-CONF-50",
            "client.yaml",
            f"there is no encoding named {declared}",
            fix="format: {encoding: utf-8}, or such as cp1252, cp1254, cp1251, utf-16",
        ) from None
    family = encoding.startswith("utf")
    if staged.is_utf8 and not staged.is_ascii and not family:
        raise DataRefused(
            "E-FILE-22",
            staged.name,
            f"is declared as {declared}, but all its bytes are valid UTF-8; read as {declared}, "
            "letters would fall apart",
            found=_readings(staged, (encoding, "utf-8")),
            fix="in client.yaml: format: {encoding: utf-8}, or leave encoding out",
        )
    return _whole(staged, encoding)


def _whole(staged: Staged, encoding: str) -> str:
    """Decode every byte strictly, so that a wrong declaration fails before a row is used."""
    is_utf8 = encoding in ("utf-8", "utf-8-sig")
    if staged.is_utf8 if is_utf8 else _decodes(staged, encoding):
        return encoding
    row = _first_bad_line(staged, encoding)
    raise DataRefused(
        "E-FILE-23",
        f"{staged.name}:{row}",
        f"holds bytes that are not {encoding}",
        fix="declare another encoding, or ask for the file as UTF-8",
    )


def _decodes(staged: Staged, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with staged.path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                decoder.decode(chunk)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _first_bad_line(staged: Staged, encoding: str) -> int:
    # U+FFFD marks what could not be decoded; a line that held it before is named just as well.
    with staged.path.open(encoding=encoding, errors="replace") as file:
        return next((i for i, line in enumerate(file, start=1) if "\ufffd" in line), 1)


def _looks_like_utf16(staged: Staged) -> bool:
    with staged.path.open("rb") as file:
        head = file.read(4096)
    return head.count(b"\0") * 4 > len(head)


def _ask(staged: Staged) -> Undecided:
    fitting = tuple(name for name in CANDIDATES if _decodes(staged, name))
    best = fitting or ("cp1252",)
    return Undecided(
        "E-FILE-20",
        staged.name,
        "is not UTF-8, and which one-byte encoding it is cannot be proven",
        found=_readings(staged, fitting[:4]),
        fix=f"the one that reads right, in client.yaml: format: {{encoding: {best[0]}}}",
        key="encoding",
        choices=best,
    )


def _readings(staged: Staged, encodings: tuple[str, ...]) -> str:
    words = _telling_words(staged)
    lines = []
    for name in encodings:
        read = ", ".join(word.decode(name, errors="replace") for word in words)
        about = f" ({CANDIDATES[name]})" if name in CANDIDATES else ""
        lines.append(f"{name}{about}: {read}")
    return "\n".join(lines)


def _telling_words(staged: Staged) -> list[bytes]:
    """Words beyond ASCII that stand in the header, or else the most frequent: never a lone name."""
    with staged.path.open("rb") as file:
        sample = file.read(SAMPLE_BYTES)
    header = _WORD.findall(sample.partition(b"\n")[0])
    counted = Counter(_WORD.findall(sample)).most_common(3)
    return [word[:24] for word in header[:3] or [word for word, _ in counted]]
