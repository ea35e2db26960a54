"""What is looked at in a workbook before anything parses it: size, entities, formulas."""

import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from shared.loading.errors import DataRefused
from shared.loading.file_types import password_protected

LIMIT_VARIABLE = "CRM_WORKBOOK_MB"
LIMIT_MB = 250
MOST_UNPACKED_PER_BYTE = 200
RATIO_COUNTS_FROM = 20 * 1024**2
CHUNK_BYTES = 1 << 20
_DOCUMENT_TYPE = (b"<!DOCTYPE", b"<!ENTITY")
_WIDE_LETTERS = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_FORMULA = re.compile(
    rb"<(?:\w+:)?c ([^>]*)>\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)"
    rb"\s*(?:<(?:\w+:)?v(?:\s*/>|[^>]*>([^<]*)</(?:\w+:)?v>))?"
)
_CELL = re.compile(rb'\br="([A-Z]+)(\d+)"')
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def check_workbook(name: str, path: Path) -> None:
    """Refuse a workbook that would unfold to a bomb, or whose XML declares a document type.

    Sizes come from the archive's list, so a bomb is refused before a byte is unpacked; members that
    belie the list fail their checksum when they are looked through.

    Raises
    ------
    DataRefused
        Naming the limit and the variable that raises it.
    """
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        unpacked = sum(member.file_size for member in members)
        _refuse_bomb(name, unpacked, path.stat().st_size)
        for member in members:
            _refuse_document_type(name, archive, member)


def refuse_missing_values(name: str, path: Path, sheet: str, *, first_row: int) -> None:
    """Refuse a sheet with formulas that no program has calculated: their cells would read blank.

    Parameters
    ----------
    name : str
        File in messages.
    path : Path
        The workbook, already checked.
    sheet : str
        The sheet that is read.
    first_row : int
        Row number of the header; what stands above is not read.
    """
    with zipfile.ZipFile(path) as archive:
        book = archive.read("xl/workbook.xml")
        member = _member_of(archive, book, sheet)
        formulas = [f for f in _formulas(name, archive, member) if f[1] >= first_row]
    # Writers that cannot calculate leave 0 everywhere and ask Excel to calculate on opening.
    never = b'fullCalcOnLoad="1"' in book and all(value in (b"", b"0") for _, _, value in formulas)
    missing = [(column, row) for column, row, value in formulas if never or value == b""]
    if missing:
        column, row = missing[0]
        raise DataRefused(
            "E-FILE-53",
            f"{name}:{row}",
            f'sheet "{sheet}" has {len(missing)} formulas without a value, the first in '
            f"{column}{row}",
            fix="open the workbook in a spreadsheet program, save it, and send it again",
        )


def damaged(name: str) -> DataRefused:
    """Make the refusal of a workbook that cannot be read to its end."""
    return DataRefused(
        "E-FILE-12",
        name,
        "is a truncated or damaged workbook",
        fix="ask the client to send the file again",
    )


def _refuse_bomb(name: str, unpacked: int, packed: int) -> None:
    limit = _limit_mb()
    if unpacked > limit * 1024**2:
        what = f"unfolds to {unpacked / 1024**2:,.0f} MB; the limit is {limit:g} MB"
    elif unpacked > RATIO_COUNTS_FROM and unpacked > MOST_UNPACKED_PER_BYTE * packed:
        what = f"unfolds to {unpacked / packed:,.0f} times its size, no table does that"
    else:
        return
    raise DataRefused(
        "E-FILE-50",
        name,
        what,
        fix=f"ask for CSV or Parquet; if the file is sound, set {LIMIT_VARIABLE}="
        f"{unpacked // 1024**2 + 1} in the environment",
    )


def _limit_mb() -> float:
    try:
        return float(os.environ.get(LIMIT_VARIABLE, ""))
    except ValueError:
        return LIMIT_MB


def _refuse_document_type(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    tail = b""
    for i, chunk in enumerate(_chunks(name, archive, member)):
        seen = tail + chunk
        is_wide = i == 0 and chunk.startswith(_WIDE_LETTERS)  # UTF-16 would hide the words
        if is_wide or any(word in seen for word in _DOCUMENT_TYPE):
            raise DataRefused(
                "E-FILE-51",
                name,
                "its XML declares entities or a document type, as no spreadsheet program writes; "
                "nothing was expanded or fetched",
                fix="ask the client where the file comes from; ask for CSV",
            )
        tail = chunk[-16:]


def _chunks(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with archive.open(member) as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        raise damaged(name) from None
    except RuntimeError:  # zipfile's way to ask for a password
        raise password_protected(name) from None


def _member_of(archive: zipfile.ZipFile, book: bytes, sheet: str) -> zipfile.ZipInfo:
    """Find the XML of a sheet: by name in the book, by id in its list of relations."""
    names = {s.get("name"): s.get(_RELATION) for s in ElementTree.fromstring(book).iter()}
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {r.get("Id"): r.get("Target", "") for r in relations}
    target = targets[names[sheet]]
    return archive.getinfo(target.lstrip("/") if target.startswith("/") else f"xl/{target}")


def _formulas(
    name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo
) -> Iterator[tuple[str, int, bytes]]:
    """Give column, row and stored value of each formula; an empty text counts as a value."""
    text = b""
    for chunk in _chunks(name, archive, member):
        text += chunk
        last_cell = max(text.rfind(b"<c "), text.rfind(b"<x:c "), 0)
        yield from _formulas_in(text[:last_cell])
        text = text[last_cell:]
    yield from _formulas_in(text)


def _formulas_in(text: bytes) -> Iterator[tuple[str, int, bytes]]:
    if b"</f>" not in text and b"<f" not in text and b"<x:f" not in text:
        return
    for found in _FORMULA.finditer(text):
        cell = _CELL.search(found[1])
        value = found[2] or b""
        if not value and re.search(rb'\bt="(str|e)"', found[1]):
            value = b'""'
        column, row = (cell[1].decode(), int(cell[2])) if cell else ("", 0)
        yield column, row, value
