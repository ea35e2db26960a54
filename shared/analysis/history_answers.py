"""What the history of the segments answers: moves, proof and boundary, in words."""

import pandas as pd

from shared.analysis.dominance import MISLEADING
from shared.analysis.intervals import Estimate, exact, wilson
from shared.analysis.multiple_testing import Finding
from shared.analysis.periods import CALENDAR
from shared.analysis.segment_boundary import Boundary
from shared.analysis.segment_history import EVERYONE, History
from shared.analysis.segment_holdout import Holdout
from shared.analysis.segment_transitions import NOT_YET, POOLED
from shared.analysis.verdicts import Reason

Said = tuple[Reason, Reason]
KEPT_ORDER = 0.9
LEAST_MEMBERS = 30


def sizes(history: History) -> Said:
    """Answer: which segment gained and which lost most of the base? Title and alt text."""
    then, now = (history.at(end)["segment"] for end in (history.ends[0], history.ends[-1]))
    gain = now.value_counts(normalize=True) - then.value_counts(normalize=True)
    gain = gain.reindex(list(history.segments))
    grown, shrunk = str(gain.idxmax()), str(gain.idxmin())
    values = {
        "grown": grown,
        "then": _held(then, grown),
        "now": _held(now, grown),
        "shrunk": shrunk,
        "shrunk_then": _held(then, shrunk),
        "shrunk_now": _held(now, shrunk),
        "before": len(then),
        "customers": len(now),
        "since": history.ends[0],
        "until": history.ends[-1],
    }
    title = "{grown} went from {then:share.1} of the base to {now:share.1}"
    if grown != shrunk:
        title += ", {shrunk} from {shrunk_then:share.1} to {shrunk_now:share.1}"
    else:
        title = "No segment's share of the base has changed; {grown} holds {now} of it"
    alt = (
        "Stacked areas of customers by segment at each period end: {before} customers on "
        "{since:date}, {customers} on {until:date}."
    )
    return Reason(title, values), Reason(alt, values)


def profile(table: pd.DataFrame, *, period: str) -> Reason:
    """Answer: what was the profile of the base so many periods back, and what is it now?"""
    base = table[table["segment"] == EVERYONE]
    then, now = base.iloc[0], base.iloc[-1]
    names = ("customers", "order_rate", "active_share", "mean_order_value", "positions_per_order")
    values = {f"{name}_then": then[name] for name in names} | {name: now[name] for name in names}
    template = (
        "In {month_then:month} {active} of {customers_then} customers ordered, "
        "{order_rate_then:number} orders a {noun} each; in {month:month} it was {active_now} of "
        "{customers}, {order_rate:number} orders each. The mean order so far went from "
        "{mean_order_value_then:money} to {mean_order_value:money}"
    )
    if pd.notna(now["positions_per_order"]):
        template += (
            ", different products in it from {positions_per_order_then:number} to "
            "{positions_per_order:number}"
        )
    active = [
        wilson(round(row["active_share"] * row["customers"]), row["customers"])
        for row in (then, now)
    ]
    months = {"month_then": then["period"], "month": now["period"], "noun": CALENDAR[period]}
    return Reason(
        f"{template}.", values | months | dict(zip(("active", "active_now"), active, strict=True))
    )


def moves(table: pd.DataFrame, *, period: str) -> Said:
    """Answer: who moved between which segments? Title and alt text of the heat table."""
    flows = table[(table["kind"] == "segment") & (table["period"] == POOLED)]
    inside = flows[flows["from"] != NOT_YET]
    same = inside["from"] == inside["to"]
    kept, total = int(inside.loc[same, "customers"].sum()), int(inside["customers"].sum())
    values: dict[str, object] = {"stayed": wilson(kept, total), "noun": CALENDAR[period]}
    title = "{stayed} of customers keep their segment from one {noun} to the next"
    widest = inside[~same].sort_values("customers", ascending=False, kind="stable").iloc[0]
    if widest["customers"]:
        values |= {"source": widest["from"], "target": widest["to"], "share": widest["share"]}
        values["widest"] = wilson(int(widest["customers"]), total - kept, of="moves")
        title += "; the most common move, {widest} of all moves, is from {source} to {target}"
        alt = (
            "Heat table of moves from segment to segment in one {noun}: {stayed} stay where they "
            "are, {share:share} of {source} become {target}."
        )
    else:
        alt = "Heat table of moves from segment to segment in one {noun}: {stayed} stay."
    return Reason(title, values), Reason(alt, values)


def newcomers(table: pd.DataFrame) -> Reason:
    """Answer: as what do new customers enter the base?"""
    flows = table[(table["kind"] == "segment") & (table["period"] == POOLED)]
    entered = flows[flows["from"] == NOT_YET]
    n = int(entered["customers"].sum())
    if not n:
        return Reason("{n} customers joined in the time shown.", {"n": 0})
    most = entered.sort_values("customers", ascending=False, kind="stable").iloc[0]
    share = wilson(int(most["customers"]), n)
    return Reason(
        "{n} {n:customer|customers} joined in the time shown and {n:enters|enter} no row but the "
        "last: {share} of them stood in {segment} when the period of their first order was over.",
        {"n": n, "share": share, "segment": most["to"]},
    )


def proof(found: Holdout) -> Said:
    """Answer: did Champions buy more in the next period? Title and alt text."""
    top = found.table[found.table["segment"] == found.best].iloc[0]
    low = found.table[found.table["customers"] > 0].iloc[-1]
    values = {
        "best": found.best,
        "share": Estimate(top["share"], top["low"], top["high"], int(top["customers"]), "share"),
        "all": found.everyone,
        "cutoff": found.cutoff,
        "days": (found.until - found.cutoff).days,
        "spend": top["spend_per_customer"],
        "last": low["segment"],
        "last_share": low["share"],
    }
    title = {
        Finding.DIFFERS: "{share} of {best} bought in the next {days:days}, {all} of all customers",
        Finding.NOT_SETTLED: "{share} of {best} bought in the next {days:days}, {all} of all: not "
        "settled whether more than chance",
    }.get(
        found.lead_finding,
        "{share} of {best} bought in the next {days:days}, {all} of all: no difference found",
    )
    alt = (
        "Dots with intervals, one per segment of {cutoff:date}, for the share that bought in the "
        "{days:days} after it: {best} {share}, {last} {last_share:share}, all {all}."
    )
    return Reason(title, values), Reason(alt, values)


def order_kept(found: Holdout) -> Reason:
    """Answer: does the segmentation hold, and do the names stand in the order they promise?"""
    wrong = found.inversions
    values: dict[str, object] = {"names": found.name_order, "scores": found.importance_order}
    values |= {"pairs": len(wrong), "lead": found.lead, "best": found.best}
    if found.predicts is not Finding.DIFFERS:
        said = "No segment bought more or less often than the others beyond chance: here the "
        said += "segments do not predict the next period."
        if found.predicts is Finding.NOT_SETTLED:
            said = "It is not settled whether the segments predict the next period."
        return Reason(said, values)
    said = "The segments predict."
    if found.name_order.n and pd.notna(found.name_order.value):
        said += (
            " The rank correlation with what happened is {names:number} for the order of the names "
            "and {scores:number} for that of the weighted score (1 is the same order)."
        )
    if len(wrong):
        first = wrong.iloc[0]
        values |= dict(first)
        said += (
            " The names promise more than they keep in {pairs} {pairs:pair|pairs}: {below} bought "
            "more often than {above}, {below_share:share} against {above_share:share}."
        )
    elif found.name_order.value < KEPT_ORDER:
        said += " The names do not stand in that order, but no single pair is beyond chance."
    return Reason(said, values)


def unproven(found: Holdout) -> list[Reason]:
    """Doubt segments that did not tell who would buy in the periods since; nothing if they did."""
    if found.predicts is Finding.DIFFERS:
        return []
    values = {"n": int(found.table["customers"].sum()), "cutoff": found.cutoff}
    told = "no segment of them bought more or less often since than the others, beyond chance"
    if found.predicts is Finding.NOT_SETTLED:
        told = "it is not settled whether their segments told who would buy since"
    return [Reason("Tried on the {n} customers of {cutoff:date}: " + told + ".", values)]


def at_risk(found: Holdout, what: str) -> list[Reason]:
    """Answer: how much revenue is at risk in the next period of the same length, and where?"""
    most = found.table.sort_values("revenue_at_risk", ascending=False, kind="stable").iloc[0]
    values = {
        "risk": found.at_risk,
        "what": what,
        "total": found.table["revenue_now"].sum(),
        "segment": most["segment"],
        "part": most["revenue_at_risk"],
        "low": found.at_risk.low,
        "high": found.at_risk.high,
        "until": found.until,
        "days": (found.until - found.cutoff).days,
        "largest": found.largest_share,
    }
    said = [
        Reason(
            "{total:money} of {what} came in the {days:days} before {until:date}. If each segment "
            "loses the same share of its money as it did in them, {risk:money} ({low:money} to "
            "{high:money}) of it belongs to customers who will not order in the next {days:days}; "
            "the largest part, {part:money}, is in {segment}.",
            values,
        )
    ]
    if found.largest_share >= MISLEADING:
        said.append(Reason("One customer brought {largest:share} of it: read the money with care, "
                           "the shares hold.", values))  # fmt: skip
    return said


def boundary(found: Boundary) -> list[Reason]:
    """Answer: how many customers stand on a boundary between two segments?"""
    n = len(found.customers)
    values = {**vars(found), "n": n, "exact": exact(n, n=found.share.n, unit="count")}
    said = (
        "{n} {n:customer stands|customers stand} on a boundary, {share} of the base: {earlier} "
        "stood elsewhere {days:days} earlier, {later} will if they do not order within "
        "{days:days}."
    )
    if not n:
        return [Reason("Nobody stands on a boundary: {share} of the base.", values)]
    # The share of a handful is the highest by chance.
    large = found.table[found.table["customers"] >= LEAST_MEMBERS]
    if not large["on_boundary"].any():
        return [Reason(said, values)]
    crowded = large.sort_values("share", ascending=False, kind="stable").iloc[0]
    members = int(crowded["customers"])
    values |= {"segment": crowded["segment"], "least": LEAST_MEMBERS, "members": members}
    values["crowd"] = wilson(int(crowded["on_boundary"]), members)
    softest = (
        "Of the segments with at least {least} customers, {segment} has the softest edge: {crowd} "
        "of its {members} customers stand on it."
    )
    return [Reason(said, values), Reason(softest, values)]


def _held(segments: pd.Series, name: str) -> Estimate:
    return wilson(int((segments == name).sum()), len(segments))
