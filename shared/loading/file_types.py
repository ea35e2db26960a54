"""What a file really is: told by its first bytes, never by its name."""

import re
import zipfile
from pathlib import Path
from typing import Literal

from shared.loading.errors import DataRefused

HEAD_BYTES = 16_384
Kind = Literal["text", "workbook", "parquet"]

_PICKLE_NAMES = {".pkl", ".pickle", ".joblib", ".npy", ".npz", ".rds", ".rdata"}
_TEXT_NAMES = {".csv", ".tsv", ".txt", ".tab", ".dat", ".asc", ".data"}
_WORKBOOK_NAMES = {".xlsx", ".xlsm", ".xls", ".xltx"}
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")

# Types that are refused: first bytes, what they are, what to do.
_TABLE_ADDRESS = "name it as a table in a database: source: "
_REFUSED: tuple[tuple[bytes, str, str], ...] = (
    (b"SQLite format 3\0", "a SQLite database", _TABLE_ADDRESS + '"sqlite://FILE::TABLE"'),
    (b"BZh", "a bzip2 archive", "unpack it, or compress it with gzip"),
    (b"\xfd7zXZ\0", "an xz archive", "unpack it, or compress it with gzip"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", "unpack it, or compress it with gzip"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack it"),
    (b"Rar!", "a RAR archive", "unpack it"),
    (b"%PDF", "a PDF document", "ask for the table behind it as CSV"),
    (b"ARROW1", "an Arrow (Feather) file", "save it as Parquet or CSV"),
    (b"ORC", "an ORC file", "save it as Parquet or CSV"),
    (b"\x89HDF", "an HDF5 file", "save it as Parquet or CSV"),
    (b"\x93NUMPY", "a NumPy array", "save it as CSV; arrays with objects would run code"),
)  # fmt: skip
_CONTROLS_OF_TEXT = b"\0\t\n\v\f\r\x1a\x1b\x1c\x1d\x1e\x1f"
_PICKLE = re.compile(
    rb"\A(\x80[\x02-\x05]|ZF\x00|x[\x01\x9c\xda]|\([dl]p\d"
    rb"|c(copy_reg|__builtin__|builtins|collections|numpy|pandas|sklearn|os|posix)[a-z_.]*\n)"
)
_MARKUP = (
    (re.compile(rb"\A\s*<(!doctype html|html|table|meta|head)", re.IGNORECASE), "an HTML page"),
    (re.compile(rb"\A\s*<\?xml"), "an XML document"),
    (re.compile(rb'\A\s*(\{\s*"|\[\s*[\[{"])'), "a JSON document"),
)


def refuse_by_name(name: str) -> None:
    """Refuse files whose format runs code when loaded, before a byte is looked at."""
    if any(suffix.lower() in _PICKLE_NAMES for suffix in Path(name).suffixes):
        raise _pickle(name)


def byte_order_mark(head: bytes) -> str:
    """Name the encoding that a mark at the start of a text proves, "" without a mark."""
    return next((encoding for mark, encoding in _MARKS.items() if head.startswith(mark)), "")


def kind_of(name: str, path: Path, head: bytes) -> Kind:
    """Tell what kind of table a file holds.

    Parameters
    ----------
    name : str
        Name of the file in messages; its ending must fit what the file is.
    path : Path
        Where its (unpacked) bytes are.
    head : bytes
        The first of these bytes.

    Raises
    ------
    DataRefused
        Naming the true type of everything that is not a delimited text, a workbook or Parquet.
    """
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(_OLE):
        _check_ole(name, path)
        return _workbook(name, "an old Excel workbook (.xls)")
    if head.startswith(_ZIP):
        _check_zip(name, path)
        return _workbook(name, "an Excel workbook (.xlsx)")
    _refuse_others(name, head)
    if _suffix(name) in _WORKBOOK_NAMES:
        raise DataRefused(
            "E-FILE-10",
            name,
            "is named as a workbook but is a plain text file",
            fix="rename it to .csv, or save it as a real .xlsx",
        )
    return "text"


def _refuse_others(name: str, head: bytes) -> None:
    for mark, what, fix in _REFUSED:
        if head.startswith(mark):
            raise _wrong_type(name, what, fix)
    if head[8:12] == b"DUCK":
        raise _wrong_type(name, "a DuckDB database", _TABLE_ADDRESS + '"duckdb://FILE::TABLE"')
    if head[257:262] == b"ustar":
        raise _wrong_type(name, "a tar archive", "unpack it and name the files inside")
    if _PICKLE.match(head):
        raise _pickle(name)
    for pattern, what in _MARKUP:
        if pattern.match(head.removeprefix(b"\xef\xbb\xbf")):
            raise _wrong_type(name, what, "ask for the table as CSV, .xlsx or Parquet")
    if not byte_order_mark(head) and _is_binary(head):
        raise _wrong_type(name, "a binary file of a type not known here", "ask for a CSV export")


def _is_binary(head: bytes) -> bool:
    """Look for control characters other than white space and NUL, of which UTF-16 is full."""
    control = sum(byte < 32 and byte not in _CONTROLS_OF_TEXT for byte in head)
    return control > max(len(head) // 100, 1)


def _check_ole(name: str, path: Path) -> None:
    """Refuse an encrypted .xlsx, which is an OLE file; calamine reports older passwords itself."""
    with path.open("rb") as file:
        content = file.read(64 * 1024**2)
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise password_protected(name)
    if not any(s.encode("utf-16-le") in content for s in ("Workbook", "Book")):
        raise _wrong_type(name, "an old Office document, no workbook", "ask for a CSV export")


def _check_zip(name: str, path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise DataRefused(
            "E-FILE-12",
            name,
            "is a truncated or damaged archive (zip or .xlsx)",
            fix="ask the client to send the file again",
        ) from None
    names = [member.filename for member in members]
    unsafe = [n for n in names if n.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", n)]
    if unsafe:
        raise DataRefused(
            "E-FILE-13",
            name,
            f"holds {len(unsafe)} members with a path that leads out of the archive",
            fix="do not unpack it; ask the client where the file comes from",
        )
    if any(member.flag_bits & 1 for member in members):
        raise password_protected(name)
    _require_xlsx(name, names)


def _require_xlsx(name: str, members: list[str]) -> None:
    lower = {member.lower() for member in members}
    if "xl/workbook.xml" in lower:
        return
    if "xl/workbook.bin" in lower:
        raise _wrong_type(name, "a binary workbook (.xlsb)", "save it as .xlsx")
    if "content.xml" in lower:
        raise _wrong_type(name, "an OpenDocument spreadsheet (.ods)", "save it as .xlsx")
    shown = ", ".join(Path(member).name for member in members[:5])
    raise _wrong_type(
        name, f"a zip archive of {len(members)} files", "unpack it and name the files", shown
    )


def _workbook(name: str, what: str) -> Kind:
    if _suffix(name) in _TEXT_NAMES:
        ending = ".xls" if ".xls)" in what else ".xlsx"
        raise DataRefused(
            "E-FILE-10",
            name,
            f"is named as a text file but is {what}",
            fix=f"rename it to {Path(name).stem}{ending}, or save it as a real CSV",
        )
    return "workbook"


def _suffix(name: str) -> str:
    return Path(name.lower().removesuffix(".gz")).suffix


def password_protected(name: str) -> DataRefused:
    """Make the refusal of a file that opens only with a password."""
    return DataRefused(
        "E-FILE-14",
        name,
        "is protected by a password",
        fix="ask for the file without a password; save it as .xlsx or CSV",
    )


def _wrong_type(name: str, what: str, fix: str, found: str = "") -> DataRefused:
    return DataRefused("E-FILE-11", name, f"is {what}, which is not read", found=found, fix=fix)


def _pickle(name: str) -> DataRefused:
    return DataRefused(
        "E-FILE-15",
        name,
        "is a file of Python or R objects (pickle, joblib, npy, rds), which can run code when "
        "loaded; it was not loaded",
        fix="ask for the same table as CSV, .xlsx or Parquet",
    )
