"""What a column's name says whatever its case, spacing and accents, and how YAML writes it."""

_PLAIN = str.maketrans("şğçöüáéíóúñä", "sgcouaeiouna")
_YAML_WORDS = {"yes", "no", "true", "false", "null", "on", "off", "y", "n"}


def letters(name: str) -> str:
    """Reduce a name to its letters and digits: "Müşteri No." and "musteri_no" are one."""
    folded = name.replace("İ", "i").replace("I", "i").replace("ı", "i").lower()
    return "".join(c for c in folded.translate(_PLAIN) if c.isalnum())


def yaml_text(text: str) -> str:
    """Write a text so that YAML reads it back as it is."""
    bare = text.replace(" ", "").replace("_", "").replace("-", "")
    starts_plainly = text[:1].isalpha() or text[:1] == "_"
    if bare.isalnum() and starts_plainly and text == text.strip() and not _is_word(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return f'"{escaped}"'


def _is_word(text: str) -> bool:
    return text.lower() in _YAML_WORDS or text == "DECIDE"
