"""What an intake counted: rows in, rows used, rows set aside by reason, money, notes."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from shared.loading.raw_table import InputFile
from shared.loading.reasons import FOOTER, cause

INTAKE_FILE = "intake.json"


@dataclass(frozen=True)
class SetAside:
    """Rows left out for one reason.

    Attributes
    ----------
    reason : str
        As in `shared.loading.reasons`.
    kind : str
        "rule" (declared by the client, or by the vocabulary) or "error" (in the row).
    rows : int
        How many.
    money : float or None
        What they amount to, in the client's currency; None where the table has no money, 0 for
        total rows, which repeat the money of others.
    """

    reason: str
    kind: str
    rows: int
    money: float | None


@dataclass(frozen=True)
class Note:
    """Something that stands in the data, is kept, and has to be said.

    Attributes
    ----------
    code : str
        What kind of thing.
    text : str
        For the client's page.
    rows : int
        How many rows.
    hint : str
        For the consultant alone: the first rows, and what `client.yaml` could say.
    """

    code: str
    text: str
    rows: int
    hint: str = ""


@dataclass(frozen=True)
class TableIntake:
    """One table's way from file to snapshot.

    Attributes
    ----------
    table : str
        Canonical name.
    files : tuple of InputFile
        The inputs with their sha256.
    rows_in, rows_used : int
        `rows_in` equals `rows_used` plus the rows set aside.
    set_aside : tuple of SetAside
        By reason, rules before errors, the largest first.
    money_in, money_used : float or None
        Over the rows whose amount can be read, total rows left out; None where the table has no
        money.
    first, last : date or None
        Range of the rows used; None where the table has no date.
    customers : int or None
        Different customers among the rows used; None where the table has no customer.
    notes : tuple of Note
        What has to be said about the table.
    """

    table: str
    files: tuple[InputFile, ...]
    rows_in: int
    rows_used: int
    set_aside: tuple[SetAside, ...]
    money_in: float | None
    money_used: float | None
    first: date | None
    last: date | None
    customers: int | None
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Intake:
    """The intake of one client.

    Attributes
    ----------
    tables : mapping of str to TableIntake
        By canonical name, in the order of the vocabulary.
    snapshot_date : date
        As of when; everything dated on it or later is set aside.
    key : str
        What the snapshot was made from: inputs, tables and rules, version of the suite.
    missing : tuple of str
        Canonical tables that the client did not supply.
    client : str
        Whose data these are: the name of the client's folder.
    slice : str
        Which part of them, such as "country UK"; "" for all.
    """

    tables: Mapping[str, TableIntake]
    snapshot_date: date
    key: str
    missing: tuple[str, ...]
    client: str = ""
    slice: str = ""


def write_intake(intake: Intake, folder: Path) -> None:
    """Write an intake beside its snapshot."""
    text = json.dumps(asdict(intake), indent=1, ensure_ascii=False, default=str)
    (folder / INTAKE_FILE).write_text(text + "\n", encoding="utf-8")


def read_intake(folder: Path) -> Intake:
    """Read the intake that stands beside a snapshot."""
    content = json.loads((folder / INTAKE_FILE).read_text(encoding="utf-8"))
    return Intake(
        tables={name: _table(t) for name, t in content["tables"].items()},
        snapshot_date=date.fromisoformat(content["snapshot_date"]),
        key=content["key"],
        missing=tuple(content["missing"]),
        client=content["client"],
        slice=content.get("slice", ""),
    )


def describe_intake(intake: Intake) -> list[str]:
    """Say in lines of text what came in, what is used, what was set aside and why."""
    lines = [f"as of {intake.snapshot_date:%d %B %Y}"]
    for table in intake.tables.values():
        lines += _describe_table(table)
    if intake.missing:
        lines.append(f"not supplied: {', '.join(intake.missing)}")
    return lines


def _describe_table(table: TableIntake) -> list[str]:
    dates = f", {table.first} to {table.last}" if table.first else ""
    people = f", {table.customers:,} customers" if table.customers else ""
    lines = [
        f"{table.table}: {table.rows_used:,} of {table.rows_in:,} rows used{people}{dates}"
        f" ({', '.join(f.name for f in table.files)})"
    ]
    lines += [
        f"  set aside {s.rows:>12,}  {cause(s.reason).text} ({s.kind})" + _describe_money(s)
        for s in table.set_aside
    ]
    if table.money_in is not None and table.money_used is not None:
        lines.append(f"  money     {table.money_used:>12,.2f}  of {table.money_in:,.2f} in")
    return [*lines, *(_describe_note(n) for n in table.notes)]


def _describe_money(part: SetAside) -> str:
    if part.money is None:
        return ""
    return ", no money of their own" if part.reason == FOOTER else f", money {part.money:,.2f}"


def _describe_note(note: Note) -> str:
    return f"  note      {note.text}" + (f"; {note.hint}" if note.hint else "")


def _table(content: dict[str, Any]) -> TableIntake:
    return TableIntake(
        **content
        | {
            "files": tuple(InputFile(**f) for f in content["files"]),
            "set_aside": tuple(SetAside(**s) for s in content["set_aside"]),
            "notes": tuple(Note(**n) for n in content["notes"]),
            "first": _date(content["first"]),
            "last": _date(content["last"]),
        }
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
