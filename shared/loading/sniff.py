"""How a text file is laid out: delimiter and header, proven on its first rows or asked."""

import csv
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from shared.loading import date_formats, number_formats
from shared.loading.column_names import header_names
from shared.loading.config import Format
from shared.loading.csv_rows import Layout, first_row_with
from shared.loading.engine import connect
from shared.loading.errors import ConfigError, DataRefused
from shared.loading.questions import Undecided, answered_at
from shared.loading.raw_table import RawTable
from shared.loading.staging import Staged, empty_file
from shared.loading.text_encoding import prove_encoding

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
SAMPLE_CHARACTERS = 256 * 1024
SAMPLE_RECORDS = 500
HEADER_WITHIN = 30
MOSTLY = 0.9
_FIXED_WIDTH = re.compile(r"\S+(?: +\S+){2,}")


@dataclass(frozen=True)
class _Reading:
    """What the sample looks like under one delimiter: its records, and the commonest width."""

    delimiter: str
    records: list[list[str]]
    width: int
    share: float


def sniff_format(staged: Staged, declared: Format) -> Layout:
    """Find out how to read a text file; what `declared` leaves None is proven or asked.

    Parameters
    ----------
    staged : Staged
        The copy of the file.
    declared : Format
        What client.yaml says.

    Raises
    ------
    Undecided
        If the encoding or the delimiter can be read in more than one way.
    DataRefused
        If the file has no rows, one single column, title rows, no header, or a header that names
        two columns alike; if it holds NUL.
    """
    encoding = prove_encoding(staged, declared.encoding)
    sample = _sample(staged, encoding)
    reading = _delimiter(staged.name, sample, declared.delimiter)
    header_row = declared.header_row or _header_row(staged.name, reading)
    if header_row > len(reading.records):
        raise DataRefused(
            "E-FILE-44",
            staged.name,
            f"header_row: {header_row}, but the file has {len(reading.records)} rows",
            fix="correct header_row in client.yaml",
        )
    header = header_names(staged.name, reading.records[header_row - 1])
    layout = Layout(staged.name, staged.path, encoding, reading.delimiter, header_row, header)
    if staged.has_nul and not encoding.startswith(("utf-16", "utf-32", "utf_16", "utf_32")):
        raise _nul(layout)
    return layout


def resolve_formats(
    raw: RawTable, kinds: Mapping[str, str], declared: Format, *, max_loss: float = 0.05
) -> RawTable:
    """Settle how dates and numbers are written, over all values of the mapped columns.

    To be called once the mapping is known. Values are then typed with what the returned table has
    in `date_formats`, `decimal` and `thousands`.

    Parameters
    ----------
    raw : RawTable
        As `read_source` gave it.
    kinds : mapping of str to str
        Client's column to the schema kind it is mapped to.
    declared : Format
        What client.yaml says; what it leaves None is proven or asked.
    max_loss : float
        Share of values that may be left over as unreadable before the file is refused.

    Raises
    ------
    Undecided
        If dates or numbers can be read in more than one way; both readings are shown.
    DataRefused
        If no way of reading fits.
    """
    place = raw.files[0].name
    with connect(raw.path.parent) as engine, answered_at(raw.answer):
        dates = date_formats.resolve_dates(
            engine, raw, kinds, declared.date, place=place, max_loss=max_loss
        )
        decimal, thousands = number_formats.resolve_decimals(
            engine, raw, kinds, declared.decimal, declared.thousands, place=place
        )
    return replace(raw, date_formats=dates, decimal=decimal, thousands=thousands)


def _sample(staged: Staged, encoding: str) -> str:
    with staged.path.open(encoding=encoding, newline="") as file:
        text = file.read(SAMPLE_CHARACTERS)
        # An unfinished last line would be a record too short.
        return text + file.readline(SAMPLE_CHARACTERS)


def _delimiter(name: str, sample: str, declared: str | None) -> _Reading:
    readings = [_read_with(sample, delimiter) for delimiter in DELIMITERS]
    fitting = sorted(
        (r for r in readings if r.width > 1 and r.share >= 0.5),
        key=lambda r: (r.share, r.width),
        reverse=True,
    )
    if declared is not None:
        return _declared_delimiter(name, sample, declared, fitting)
    if not fitting:
        raise _single_column(name, sample)
    if len(fitting) > 1 and fitting[1].share == 1:
        raise _two_delimiters(name, fitting)
    return fitting[0]


def _declared_delimiter(name: str, sample: str, declared: str, fitting: list[_Reading]) -> _Reading:
    if len(declared) != 1:
        raise ConfigError(
            "E-CONF-51",
            "client.yaml",
            f"a delimiter is one character, not {declared!r}",
            fix='format: {delimiter: ";"}; a tab is "\\t"',
        )
    reading = _read_with(sample, declared)
    first = next((row for row in reading.records if any(row)), None)
    if first is None:
        raise empty_file(name)
    if len(first) == 1 and reading.width <= 1 and fitting:
        seen = fitting[0]
        raise DataRefused(
            "E-FILE-40",
            name,
            f"read with {_spelled(declared)} it has one single column",
            found=f"{_spelled(seen.delimiter)} gives {seen.width} columns",
            fix=f"in client.yaml: format: {{delimiter: {_quoted(seen.delimiter)}}}",
        )
    return reading


def _read_with(sample: str, delimiter: str) -> _Reading:
    records = []
    try:
        for record in csv.reader(sample.splitlines(keepends=True), delimiter=delimiter):
            records.append(record)
            if len(records) == SAMPLE_RECORDS:
                break
    except csv.Error:  # an unclosed quote; reading names its row later
        pass
    widths = Counter(len(record) for record in records if any(record))
    if not widths:
        return _Reading(delimiter, records, 0, 0.0)
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    return _Reading(delimiter, records, width, count / widths.total())


def _header_row(name: str, reading: _Reading) -> int:
    """Row number of the header: the first row that is not blank, if it is as wide as the table."""
    filled = [(i, row) for i, row in enumerate(reading.records, start=1) if any(row)]
    if not filled:
        raise empty_file(name)
    number, first = filled[0]
    if len(first) == reading.width or reading.width < 2:
        return number
    later = [(i, row) for i, row in filled[1:HEADER_WITHIN] if len(row) == reading.width]
    if later and len(first) < reading.width and _is_title(first, later[0][1]):
        likely, fields = later[0]
        raise Undecided(
            "E-FILE-41",
            f"{name}:{number}",
            f"row {number} has {_fields(len(first))}, most rows have {reading.width}: titles stand "
            "above the header",
            found=f"row {likely} looks like the header: {', '.join(fields[:5])}",
            fix=f"in client.yaml: format: {{header_row: {likely}}}",
            key="header_row",
            choices=(str(likely),),
        )
    if reading.share >= MOSTLY:
        raise _other_width(name, number, len(first), reading.width)
    return number


def _other_width(name: str, number: int, header: int, rows: int) -> DataRefused:
    return DataRefused(
        "E-FILE-49",
        f"{name}:{number}",
        f"the header names {header} columns, but nearly all rows have {_fields(rows)}",
        fix="ask for an export whose header and rows agree; rows may end in a delimiter too many",
    )


def _is_title(first: list[str], later: list[str]) -> bool:
    """Tell a title, with few fields, from a header that the rows exceed by one field."""
    return len([field for field in first if field]) * 2 <= len(later)


def _single_column(name: str, sample: str) -> DataRefused:
    lines = [line for line in sample.splitlines()[:SAMPLE_RECORDS] if line.strip()]
    if not lines:
        return empty_file(name)
    spaced = sum(bool(_FIXED_WIDTH.fullmatch(line.strip())) for line in lines)
    if spaced > 0.9 * len(lines):
        return DataRefused(
            "E-FILE-45",
            name,
            "has no delimiter: its columns are set apart by spaces (fixed width)",
            fix="convert it to CSV with a header row, for example in a spreadsheet: Data, "
            "Text to columns",
        )
    return DataRefused(
        "E-FILE-40",
        name,
        "has one single column: no delimiter splits its rows alike",
        found=f"tried {', '.join(DELIMITERS.values())}",
        fix='if it really has one column, in client.yaml: format: {delimiter: ","}',
    )


def _two_delimiters(name: str, fitting: list[_Reading]) -> Undecided:
    shown = [r for r in fitting if r.share == 1]
    lines = [
        f"{_spelled(r.delimiter)}: {r.width} columns, the first named {r.records[0][0][:40]}"
        for r in shown
    ]
    return Undecided(
        "E-FILE-46",
        name,
        "can be split in two ways",
        found="\n".join(lines),
        fix=f"in client.yaml: format: {{delimiter: {_quoted(shown[0].delimiter)}}}",
        key="delimiter",
        choices=tuple(r.delimiter for r in shown),
    )


def _nul(layout: Layout) -> DataRefused:
    row = first_row_with(layout, lambda field: "\0" in field)
    return DataRefused(
        "E-FILE-31",
        f"{layout.name}:{row}",
        f"row {row} holds a NUL character, at which other programs cut the text off",
        fix="ask the client for a new export; the file is damaged or binary",
    )


def _spelled(delimiter: str) -> str:
    return f"{DELIMITERS.get(delimiter, 'delimiter')} ({_quoted(delimiter)})"


def _quoted(delimiter: str) -> str:
    return '"\\t"' if delimiter == "\t" else f'"{delimiter}"'


def _fields(count: int) -> str:
    return f"{count} field" + ("s" if count != 1 else "")
