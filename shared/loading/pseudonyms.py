"""Pseudonyms: replace ids by keyed hashes and drop what names a person, on the client's side."""

import csv
import hmac
import os
import re
import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.loading import known_names
from shared.loading.column_names import letters
from shared.loading.csv_rows import Layout, read_blocks
from shared.loading.errors import ConfigError, DataRefused
from shared.loading.input_files import find_files
from shared.loading.personal_ids import EMAIL, INTERNATIONAL, NATIONAL, SPACED
from shared.loading.proposal_names import match_names
from shared.loading.questions import answered_at
from shared.loading.schema import TABLES
from shared.loading.sniff import sniff_format
from shared.loading.staging import stage
from shared.loading.table_config import Format, one_delimiter
from shared.loading.words_near import did_you_mean, quote

KEY_BYTES = 32
LOOKED_AT, PERSONAL_SHARE = 5_000, 0.05
# Headers, in letters alone, that name a person directly whatever the values look like.
DIRECT = re.compile(
    r"(name|e?mail|phone|mobile|telefon|telephone|fax|gsm|iban|ssn|passport|taxid|creditcard|cardnumber|"
    r"firstname|lastname|surname|forename|givenname|familyname|fullname|customername|contactname|"
    r"nachname|vorname|street|address|strasse|adres|ad|soyad|isim|postcode|zipcode|zip|ipaddress|"
    r"birthday|dateofbirth|birthdate|geburtsdatum)"
)
PERSONAL = re.compile(f"{EMAIL}|{INTERNATIONAL}|{NATIONAL}|{SPACED}", re.IGNORECASE)


@dataclass(frozen=True)
class Pseudonymised:
    """What became of one file.

    Attributes
    ----------
    rows : int
        Rows written; those that cannot be read whole are refused before anything is.
    replaced, dropped : tuple of str
        Columns whose values were hashed, and columns that are not in the new file.
    """

    rows: int
    replaced: tuple[str, ...]
    dropped: tuple[str, ...]


def read_key(path: Path) -> tuple[bytes, bool]:
    """Read the secret key, or make one that only its owner can read; say whether it is new.

    Raises
    ------
    ConfigError
        If what stands there is no key of 32 bytes in hexadecimal letters.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
        return read_key(path)[0], True
    text = path.read_text(encoding="utf-8", errors="replace").strip()
    if not re.fullmatch(rf"[0-9a-f]{{{2 * KEY_BYTES}}}", text):
        raise ConfigError(
            "E-USE-21", str(path), "is no key", fix="name a new file: a key is made and kept there"
        )
    return bytes.fromhex(text), False


def pseudonym(value: str, key: bytes) -> str:
    """Replace an id by its keyed hash: 32 hexadecimal letters of HMAC-SHA-256; blank stays blank.

    Space around an id does not count, so that one customer is one in every file.

    References
    ----------
    Krawczyk, Bellare and Canetti (1997), *HMAC: Keyed-hashing for message authentication*.
    """
    bare = value.strip()
    return hmac.new(key, bare.encode("utf-8"), "sha256").hexdigest()[:32] if bare else ""


def declared(*, encoding: str | None, delimiter: str | None) -> Format:
    """Say how a file is written as the options of the command have it.

    Raises
    ------
    ConfigError
        If there is no such encoding, or the delimiter is no single sign.
    """
    given = {"encoding": encoding, "delimiter": delimiter}
    read = {"encoding": (known_names.encoding, "cp1252"), "delimiter": (one_delimiter, '";"')}
    found = {}
    for name, (parse, example) in read.items():
        try:
            found[name] = parse(given[name] or "") if given[name] else None
        except ValueError as e:
            raise ConfigError("E-USE-26", f"--{name}", str(e), fix=f"--{name} {example}") from e
    return Format(encoding=found["encoding"], delimiter=found["delimiter"])


def pseudonymise_file(
    source: Path,
    target: Path,
    key: bytes,
    *,
    ids: Sequence[str] = (),
    drop: Sequence[str] = (),
    keep: Sequence[str] = (),
    written: Format | None = None,
) -> Pseudonymised:
    """Write a copy of a text file whose ids are pseudonyms and in which nobody is named.

    Parameters
    ----------
    source, target : Path
        The client's CSV (also gzip), and the new UTF-8 CSV; it appears whole or not at all.
    key : bytes
        As from `read_key`; the same key gives the same pseudonyms in every file.
    ids : sequence of str
        Columns to hash; left out, the column that holds the customer.
    drop, keep : sequence of str
        Columns to leave out, and to keep although they look like they name a person.
    written : Format, optional
        Encoding and delimiter of the source, where they are known; else proven or asked.

    Raises
    ------
    ConfigError
        If a column does not exist, no column holds the customer, or the target exists.
    DataRefused
        If the file cannot be read without guessing, or a row cannot be read whole.
    """
    if target.exists():
        raise ConfigError("E-USE-22", str(target), "exists already", fix="name a new file")
    with tempfile.TemporaryDirectory() as scratch:
        (file,) = find_files((str(source),), source.parent)
        staged = stage(file, Path(scratch) / "copy")
        if staged.kind != "text":
            raise DataRefused(
                "E-USE-23", source.name, "is no text file", fix="save the sheet as CSV (UTF-8)"
            )
        # Who runs this has no client.yaml: options answer what the file leaves open.
        with answered_at(_option):
            layout = sniff_format(staged, written or Format())
        _require_columns(layout, [*ids, *drop, *keep])
        hashed = tuple(ids) or _customer_column(layout)
        dropped = _dropped(layout, hashed, drop, keep)
        rows = _write(layout, target, key, hashed=hashed, dropped=dropped)
    return Pseudonymised(rows, hashed, dropped)


def _option(key: str, value: str) -> str:
    name = key.removeprefix("format.")
    if name in {"encoding", "delimiter"}:
        return f"--{name} {value}"
    return "the names of the columns in the first row of the file"


def _require_columns(layout: Layout, names: Sequence[str]) -> None:
    for name in names:
        if name not in layout.header:
            hint = did_you_mean(name, layout.header)
            raise ConfigError("E-USE-24", layout.name, f"no column {quote(name)}{hint}")


def _customer_column(layout: Layout) -> tuple[str, ...]:
    for table in TABLES:
        found = match_names(table, layout.header).get("customer_id")
        if found:
            return (found,)
    shown = ", ".join(layout.header[:8])
    raise ConfigError(
        "E-USE-25", layout.name, "no column is known to hold the customer",
        found=f"columns {shown}", fix="name it: --id COLUMN",
    )  # fmt: skip


def _dropped(
    layout: Layout, hashed: Sequence[str], drop: Sequence[str], keep: Sequence[str]
) -> tuple[str, ...]:
    """Find the columns that name persons, by their header or by what stands in them."""
    seen = dict.fromkeys(layout.header, 0)
    filled = dict.fromkeys(layout.header, 0)
    looked = 0
    for block in read_blocks(layout):
        for row in block.rows[: LOOKED_AT - looked]:
            for name, value in zip(layout.header, row, strict=True):
                filled[name] += bool(value.strip())
                seen[name] += bool(PERSONAL.fullmatch(value.strip()))
        looked += len(block.rows)
        if looked >= LOOKED_AT:
            break
    personal = [
        name
        for name in layout.header
        if DIRECT.fullmatch(letters(name)) or seen[name] > PERSONAL_SHARE * max(filled[name], 1)
    ]
    named = [*drop, *(name for name in personal if name not in (*hashed, *keep))]
    return tuple(name for name in layout.header if name in named)


def _write(
    layout: Layout, target: Path, key: bytes, *, hashed: Sequence[str], dropped: Sequence[str]
) -> int:
    """Write beside the target and rename: a run that is stopped leaves nothing behind."""
    places = [i for i, name in enumerate(layout.header) if name not in dropped]
    secret = {i for i in places if layout.header[i] in hashed}
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.part")
    known: dict[str, str] = {}
    count = 0
    try:
        with partial.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=layout.delimiter, lineterminator="\n")
            writer.writerow([layout.header[i] for i in places])
            for block in read_blocks(layout):
                _refuse_broken(layout, len(block.rejects))
                for row in block.rows:
                    written = [
                        known.setdefault(row[i], pseudonym(row[i], key)) if i in secret else row[i]
                        for i in places
                    ]
                    writer.writerow(written)
                count += len(block.rows)
        partial.rename(target)
    finally:
        partial.unlink(missing_ok=True)
    return count


def _refuse_broken(layout: Layout, broken: int) -> None:
    if broken:
        # A row with a field too many may hold a name in any column.
        what = f"{broken:,} row{'s' * (broken > 1)} with more or fewer fields than the header"
        raise DataRefused(
            "E-DATA-37", layout.name, what,
            fix="have the export written again; nothing was written",
        )  # fmt: skip
