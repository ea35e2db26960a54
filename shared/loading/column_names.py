"""Names of columns: which a header may hold, what their letters say, how YAML writes them."""

from shared.loading.errors import DataRefused
from shared.loading.raw_table import FILE, ROW

_PLAIN = str.maketrans("şğçöüáéíóúñäèêëàâûùôîï", "sgcouaeiounaeeeaauuoii")
_YAML_WORDS = {"yes", "no", "true", "false", "null", "on", "off", "y", "n"}


def header_names(name: str, fields: list[str]) -> tuple[str, ...]:
    """Check and trim the names in a header; a column without one is called by its position.

    Raises
    ------
    DataRefused
        If two columns have the same name (engines do not tell upper from lower case either), or the
        row holds no name at all.
    """
    names = [field.strip() or f"column {i}" for i, field in enumerate(fields, start=1)]
    if not any(character.isalpha() for field in fields for character in field):
        raise DataRefused(
            "E-FILE-43",
            name,
            "the first row holds no column names, only numbers",
            fix="add a header row to the file, or set format: {header_row: …} in client.yaml",
        )
    seen: dict[str, int] = {}
    for position, column in enumerate(names, start=1):
        if column.casefold() in seen:
            raise DataRefused(
                "E-FILE-42",
                name,
                f'columns {seen[column.casefold()]} and {position} have the same name "{column}"',
                fix="rename one of them in the file",
            )
        seen[column.casefold()] = position
    if reserved := [column for column in (FILE, ROW) if column in seen]:
        raise DataRefused("E-FILE-42", name, f'"{reserved[0]}" is a reserved column name')
    return tuple(names)


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
