"""A client's folder is named in letters that every system and address knows."""

import re
import unicodedata

from shared.loading.errors import ConfigError

# What Unicode does not take apart, and the German letters as Germans write them without dots.
_SPELLED = str.maketrans(
    {
        "ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ı": "i",
        "ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D",
    }
)  # fmt: skip


def require_plain_letters(name: str) -> None:
    """Refuse a name with letters such as ü, and say which name to take instead."""
    if name.isascii():
        return
    plain = plain_letters(name)
    raise ConfigError(
        "E-CONF-53",
        name,
        "is no name for a client's folder: its letters are a to z",
        fix=f"take {plain}; client.yaml holds the name that clients read"
        if plain
        else "letters, digits, _ and -",
    )


def plain_letters(name: str) -> str:
    """Write a name in letters of ASCII, digits, _ and -: "müller & söhne" is "mueller-soehne"."""
    composed = unicodedata.normalize("NFC", name).translate(_SPELLED)
    bare = unicodedata.normalize("NFKD", composed).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_]+", "-", bare).strip("-_")
