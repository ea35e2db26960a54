"""What would change unnoticed who a customer or what a sale is: look-alike ids, cancelled rows."""

from shared.loading.cancelled_rows import cancelled_values
from shared.loading.column_names import yaml_text
from shared.loading.engine import quoted
from shared.loading.id_notes import alike_among, in_what
from shared.loading.proposal_match import TableMatch
from shared.loading.proposal_reading import Drop
from shared.loading.schema import TABLES
from shared.loading.text_values import trimmed
from shared.loading.yaml_lines import DECIDE


def merged_ids(match: TableMatch, drop: Drop) -> tuple[str, str, str] | None:
    """Ask whether ids that differ in case and space alone are one: key, value and why.

    Only ids of customers make it a question; of orders and products it stays a remark.
    """
    asked, remarks = "", []
    for name, theirs in match.columns.items():
        known = TABLES[match.table].columns.get(name)
        if theirs not in drop.raw.header or known is None or known.kind != "id":
            continue
        ids = f"SELECT DISTINCT {quoted(theirs)}::VARCHAR AS id FROM {drop.table}"
        count, bare, plain = drop.engine.execute(
            f"SELECT count(*), count(DISTINCT bare), count(DISTINCT upper(bare)) "
            f"FROM ({alike_among(ids)})"
        ).fetchone() or (0, 0, 0)
        if not count:
            continue
        text = f"{count:,} ids of {theirs} differ from another one only in "
        text += in_what(count, bare, plain)
        if name == "customer_id":
            (every,) = drop.ask(f"count(DISTINCT {_whole(theirs)})")
            asked = f"{text}: {every:,} customers, {every - count + plain:,} if merged; "
            asked += "case_and_space or keep"
        else:
            remarks.append(f"{text}; merge_ids: case_and_space would join them")
    if asked:
        return "merge_ids", DECIDE, asked
    return ("", "", "; ".join(remarks)) if remarks else None


def cancelled_lines(match: TableMatch, drop: Drop, negative: str) -> tuple[str, str, str] | None:
    """Propose to leave out what a column calls cancelled: key, value and why.

    Parameters
    ----------
    negative : str
        Test of the lines that give money back: those are refunds, not cancelled sales.
    """
    free = [c for c in drop.raw.header if c not in match.columns.values()]
    texts = [c for c in free if c not in drop.raw.typed_columns]
    sold = f"(SELECT * FROM {drop.table} WHERE NOT coalesce({negative}, false))"
    found = cancelled_values(drop.engine, sold, texts)
    if not found:
        return None
    groups = [
        f"{yaml_text(c)}: [{', '.join(map(yaml_text, states))}]" for c, states in found.items()
    ]
    count = sum(sum(states.values()) for states in found.values())
    seen = "1 line of sales is" if count == 1 else f"{count:,} lines of sales are"
    why = f"assumed: {seen} called so; without this rule they count"
    return "leave_out", f"{{{', '.join(groups)}}}", why


def _whole(column: str) -> str:
    """Write an id as the intake keeps it: whole, NULL where nothing but space stands."""
    return f"CASE WHEN {trimmed(quoted(column))} IS NOT NULL THEN {quoted(column)}::VARCHAR END"
