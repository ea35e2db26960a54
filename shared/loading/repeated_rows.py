"""Rows that come twice: repeated lines, files given twice, exports that overlap in time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from shared.loading.engine import literal, quoted
from shared.loading.opened_table import OpenedTable
from shared.loading.raw_table import InputFile

REPEATED = "reason IN ('duplicate', 'overlap')"


@dataclass(frozen=True)
class Repeats:
    """Rows equal to an earlier one in every column: how many, and the first of them."""

    rows: int
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Overlap:
    """Rows of a later file that an earlier one has already, and the days they are of, if any."""

    rows: int
    first: date | None = None
    last: date | None = None


def exact_repeats(opened: OpenedTable, *, among: str = "") -> Repeats:
    """Count the rows that repeat an earlier one letter for letter.

    Parameters
    ----------
    among : str
        Test of the reason why a row is set aside: only rows that pass it count; "" for all.
    """
    # A 64-bit hash of the whole row: two rows share it once in billions of tables.
    row = f"hash({', '.join(map(quoted, opened.raw.header))})"
    hashed = f"SELECT __file, __row, {row} AS h FROM {opened.view}"
    again = (
        f"SELECT __file, __row FROM ({hashed}) SEMI JOIN "
        f"(SELECT h FROM ({hashed}) GROUP BY h HAVING count(*) > 1) USING (h) "
        "QUALIFY row_number() OVER (PARTITION BY h ORDER BY __file, __row) > 1"
    )
    if among:
        kept = f"SELECT __file, __row FROM {opened.rows} WHERE {among}"
        again = f"SELECT * FROM ({again}) SEMI JOIN ({kept}) USING (__file, __row)"
    ((count,),) = opened.ask(f"SELECT count(*) FROM ({again})")
    if not count:
        return Repeats(0, ())
    places = opened.ask(f"{again} ORDER BY __file, __row LIMIT 5")
    return Repeats(count, tuple(places))


def same_files(files: tuple[InputFile, ...]) -> list[tuple[str, str]]:
    """List the pairs of input files with the same bytes."""
    first: dict[str, str] = {}
    return [
        (first[file.sha256], file.name)
        for file in files
        if first.setdefault(file.sha256, file.name) is not file.name
    ]


def set_duplicates_aside(opened: OpenedTable, key: Iterable[str]) -> None:
    """Mark all but the first row of each key as "duplicate"; rows already set aside keep theirs."""
    _mark(
        opened,
        "duplicate",
        f"SELECT __file, __row FROM {opened.rows} WHERE reason IS NULL QUALIFY row_number() OVER "
        f"(PARTITION BY {', '.join(map(quoted, key))} ORDER BY __file, __row) > 1",
    )


def set_overlap_aside(opened: OpenedTable, columns: Iterable[str]) -> None:
    """Mark the rows that an earlier file already has as "overlap".

    Two exports that overlap in time hold the same lines; a line bought twice within one export
    stays twice. So the k-th copy in a later file goes where an earlier file has k copies. A file
    given twice as a whole is no overlap: its rows are dropped by a declared key alone.
    """
    if places := _in_two_files(opened, columns, among="reason IS NULL"):
        _mark(opened, "overlap", places)


def overlap_of(opened: OpenedTable, columns: Iterable[str], *, clock: str | None) -> Overlap:
    """Count the rows set aside that two files hold, whichever rule set them aside.

    A declared key drops them before they are looked at as an overlap; that the files overlap in
    time is worth knowing all the same.
    """
    places = _in_two_files(opened, columns, among=f"reason IS NULL OR {REPEATED}")
    if not places:
        return Overlap(0)
    days = f"min({clock})::DATE, max({clock})::DATE" if clock else "NULL, NULL"
    ((rows, first, last),) = opened.ask(
        f"SELECT count(*), {days} FROM {opened.rows} SEMI JOIN ({places}) USING (__file, __row) "
        "WHERE reason IS NOT NULL"
    )
    return Overlap(rows, first, last)


def _in_two_files(opened: OpenedTable, columns: Iterable[str], *, among: str) -> str:
    """Write which rows an earlier file has too; "" where there are no two files to compare."""
    whole = {name for _, name in same_files(opened.raw.files)}
    compared = [i for i, file in enumerate(opened.raw.files) if file.name not in whole]
    if len(compared) < 2:
        return ""
    key = ", ".join(map(quoted, columns))
    members = ", ".join(map(str, compared))
    return (
        f"SELECT __file, __row FROM (SELECT __file, __row, {key}, "
        f"row_number() OVER (PARTITION BY {key}, __file ORDER BY __row) AS __copy "
        f"FROM {opened.rows} WHERE ({among}) AND __file IN ({members})) "
        f"QUALIFY row_number() OVER (PARTITION BY {key}, __copy ORDER BY __file) > 1"
    )


def _mark(opened: OpenedTable, reason: str, places: str) -> None:
    opened.engine.execute(
        f"UPDATE {opened.rows} AS one SET reason = {literal(reason)} FROM ({places}) AS again "
        "WHERE one.__file = again.__file AND one.__row = again.__row"
    )
