"""Groups since the last delivery: segments and personas, each beside what it was then."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from shared.analysis.change_since import Movement
from shared.analysis.intervals import Estimate
from shared.analysis.matched_groups import groups_compared, match_groups
from shared.delivery.written_change import written_change
from shared.loading.earlier import table_path
from shared.plots.locales import Wording
from shared.report.tables import Columns, table_markup

NOT_PLACED = "Not placed"


@dataclass(frozen=True)
class Kind:
    """A way in which a report puts each customer into one group.

    Attributes
    ----------
    report, table, column : str
        Where it stands.
    noun : str
        What one of its groups is called.
    by_name : bool
        Whether the groups are fixed and known by their names; else those of two dates are matched
        by their customers.
    """

    report: str
    table: str
    column: str
    noun: str
    by_name: bool


KINDS = (
    Kind("01_portfolio", "customers", "segment", "Segment", by_name=True),
    Kind("11_personas", "assignments", "persona", "Kind", by_name=False),
)


@dataclass(frozen=True)
class GroupChanges:
    """The groups of one kind, then and now.

    Attributes
    ----------
    kind : Kind
        Which.
    table : pd.DataFrame
        As from `groups_compared`.
    customers_then, customers_now : int
        All customers, whom the shares are of.
    """

    kind: Kind
    table: pd.DataFrame
    customers_then: int
    customers_now: int


def groups_since(then: Path, now: Path, report: str) -> list[GroupChanges]:
    """Compare the groups that a report made in two deliveries.

    Parameters
    ----------
    then, now : Path
        The folders of the two deliveries.
    report : str
        Such as "01_portfolio".

    Returns
    -------
    list of GroupChanges
        None where the report makes no groups, or one of the deliveries has none.
    """
    found = []
    for kind in KINDS:
        before, after = _placed(then, kind), _placed(now, kind)
        if kind.report != report or before is None or after is None:
            continue
        matched = None if kind.by_name else _matched(before, after)
        table = groups_compared(before, after, matched=matched)
        found.append(GroupChanges(kind, table, len(before), len(after)))
    return found


def written_groups(changes: GroupChanges, wording: Wording) -> dict[str, Any]:
    """Write a comparison for the index: what happened in a sentence, and a row per group."""
    last = changes.table["group"] == NOT_PLACED
    shown = pd.concat([changes.table[~last], changes.table[last]])
    shown["group"] = [_called(row) for row in shown.to_dict("records")]
    shown["moved"] = [_moved(one, wording) for one in shown["moved"]]
    columns: Columns = {
        "group": (changes.kind.noun, "text"),
        "customers_then": ("Then", "count"),
        "customers_now": ("Now", "count"),
        "share_now": ("Share now", "share.1"),
        "moved": ("Change in points", "text"),
        "movement": ("Reading", "text"),
    }
    caption = f"Customers by {changes.kind.noun.lower()}, then and now"
    markup = table_markup(shown, caption=caption, wording=wording, columns=columns, rows=len(shown))
    return {"said": _said(changes, wording), "markup": markup}


def _moved(by: object, wording: Wording) -> str:
    return written_change(by, wording, with_unit=False) if isinstance(by, Estimate) else ""


def _said(changes: GroupChanges, wording: Wording) -> str:
    table, noun = changes.table, changes.kind.noun.lower()
    groups = table[table["group"] != NOT_PLACED]
    beyond = _number(groups["movement"] == Movement.BEYOND, wording)
    if changes.kind.by_name:
        all_ = wording.count(len(groups))
        return (
            f"Of {all_} {noun}s, {beyond} changed their share of all customers by more than noise."
        )
    came, left = groups["then_called"] == "", groups["group"] == ""
    lives, new, gone = (_number(which, wording) for which in (~(came | left), came, left))
    return (
        f"Matched by the customers in both deliveries: of the {noun}s, {lives} live on, {new} new, "
        f"{gone} gone; {beyond} changed their share of all customers by more than noise."
    )


def _number(which: pd.Series, wording: Wording) -> str:
    """Count the groups of which something is true."""
    return wording.count(int(which.sum())) if which.any() else "none"


def _called(row: Mapping[Any, Any]) -> str:
    """Name a group, with its former name where that was another one."""
    now, then = str(row["group"]), str(row["then_called"])
    if not now:
        return then
    return now if then in ("", now) else f"{now} (then: {then})"


def _placed(delivery: Path, kind: Kind) -> pd.Series | None:
    """Read where each customer stands; who stands nowhere counts in the shares all the same."""
    path = table_path(delivery, kind.report, kind.table)
    wanted = ["customer_id", kind.column]
    if not path.is_file() or not set(wanted) <= set(pd.read_csv(path, nrows=0).columns):
        return None
    rows = pd.read_csv(path, usecols=wanted, dtype="str", keep_default_na=False)
    return (
        rows.drop_duplicates("customer_id")
        .set_index("customer_id")[kind.column]
        .replace("", NOT_PLACED)
    )


def _matched(then: pd.Series, now: pd.Series) -> Mapping[str, str]:
    placed = [groups.where(groups != NOT_PLACED) for groups in (then, now)]
    return {**match_groups(*placed), NOT_PLACED: NOT_PLACED}
