"""One copy of each input, unpacked and hashed on the way: what is hashed is what is used."""

import codecs
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shared.loading.errors import DataRefused, EnvironmentFault
from shared.loading.file_types import HEAD_BYTES, Kind, byte_order_mark, kind_of, refuse_by_name
from shared.loading.input_files import SourceFile, may_not_be_read

GZIP = b"\x1f\x8b"
CHUNK_BYTES = 1 << 20
# Deflate cannot pack tighter than 1032 : 1 and real tables stay below 50 : 1.
MOST_UNPACKED_PER_BYTE = 200
UNPACKED_ALWAYS_ALLOWED = 100 * 1024**2


@dataclass(frozen=True)
class Staged:
    """The bytes of one input, out of the client's reach.

    Attributes
    ----------
    name : str
        Name in messages.
    path : Path
        The copy, unpacked where the input is gzip.
    kind : str
        "text", "workbook" or "parquet".
    sha256, bytes
        Of the input as it was delivered.
    mark : str
        Encoding proven by a byte order mark, "" without one.
    is_ascii, is_utf8, has_nul : bool
        What every byte of a text says about its encoding.
    """

    name: str
    path: Path
    kind: Kind
    sha256: str
    bytes: int
    mark: str
    is_ascii: bool
    is_utf8: bool
    has_nul: bool


class _Hashed(io.RawIOBase):
    """A file that hashes whatever is read from it; reads go forward only."""

    def __init__(self, file: io.BufferedIOBase) -> None:
        self.file, self.digest, self.count = file, hashlib.sha256(), 0

    def readable(self) -> bool:
        """Say that the copy can be read from."""
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        """Read on, hashing what was read."""
        count = self.file.readinto(buffer)
        self.digest.update(memoryview(buffer)[:count])
        self.count += count
        return count


class _Letters:
    """Gathers, chunk by chunk, whether bytes are ASCII, UTF-8, and free of NUL."""

    def __init__(self) -> None:
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.is_ascii = self.is_utf8 = True
        self.has_nul = False

    def see(self, chunk: bytes, *, final: bool = False) -> None:
        """Look at the next bytes; `final` at the last ones."""
        self.has_nul = self.has_nul or b"\0" in chunk
        if chunk.isascii() and self.decoder.getstate()[0] == b"" and not final:
            return
        self.is_ascii = self.is_ascii and chunk.isascii()
        if self.is_utf8:
            try:
                self.decoder.decode(chunk, final)
            except UnicodeDecodeError:
                self.is_utf8 = False
                self.decoder.reset()


def stage(source: SourceFile, into: Path) -> Staged:
    """Copy one input into a scratch folder, hashing the bytes that are copied.

    Raises
    ------
    DataRefused
        If the file is empty, truncated, of a type that is not read, or unfolds to a bomb.
    EnvironmentFault
        If the file changes while it is copied, or may not be read.
    """
    refuse_by_name(source.name)
    if not source.path.is_file():
        raise DataRefused("E-FILE-05", source.name, "is no regular file")
    letters = _Letters()
    try:
        before = source.path.stat()
        with source.path.open("rb") as file:
            hashed = _Hashed(file)
            head = _copy(source.name, hashed, into, letters)
        after = source.path.stat()
    except PermissionError:
        raise may_not_be_read(source.name) from None
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise EnvironmentFault(
            "E-FILE-06", source.name, "changed while it was read", fix="run again when it is there"
        )
    if len(head) < HEAD_BYTES and not head.removeprefix(b"\xef\xbb\xbf").strip():
        raise empty_file(source.name)
    return Staged(
        name=source.name,
        path=into,
        kind=kind_of(source.name, into, head),
        sha256=hashed.digest.hexdigest(),
        bytes=hashed.count,
        mark=byte_order_mark(head),
        is_ascii=letters.is_ascii,
        is_utf8=letters.is_utf8,
        has_nul=letters.has_nul,
    )


def empty_file(name: str) -> DataRefused:
    """Make the refusal of a file in which nothing is written."""
    return DataRefused(
        "E-FILE-07", name, "the file is empty", fix="ask the client to send the file again"
    )


def _copy(name: str, hashed: _Hashed, into: Path, letters: _Letters) -> bytes:
    """Copy the bytes, unpacked, and give back the first of them."""
    head = b""
    written = 0
    with into.open("wb") as target:
        for chunk in _chunks(name, hashed):
            if written < HEAD_BYTES:
                head = (head + chunk)[:HEAD_BYTES]
            letters.see(chunk)
            written += target.write(chunk)
            _refuse_bomb(name, written, hashed.count)
    letters.see(b"", final=True)
    return head


def _chunks(name: str, hashed: _Hashed) -> Iterator[bytes]:
    file = io.BufferedReader(hashed, CHUNK_BYTES)
    if not file.peek(2).startswith(GZIP):
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
        return
    try:
        with gzip.GzipFile(fileobj=file) as unpacked:
            while chunk := unpacked.read(CHUNK_BYTES):
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise DataRefused(
            "E-FILE-12",
            name,
            "is a truncated or damaged gzip archive",
            fix="ask the client to send the file again",
        ) from None


def _refuse_bomb(name: str, unpacked: int, packed: int) -> None:
    if unpacked > UNPACKED_ALWAYS_ALLOWED and unpacked > MOST_UNPACKED_PER_BYTE * max(packed, 1):
        raise DataRefused(
            "E-FILE-16",
            name,
            f"unfolds to more than {MOST_UNPACKED_PER_BYTE} times its size, no table does that",
            fix="ask the client where the file comes from",
        )
