"""What the page says of clicks, frequency and arrivals: titles and answers, in words."""

import pandas as pd

from shared.analysis.intervals import Estimate, wilson
from shared.analysis.journey_contacts import CLICK, NEITHER, VIEW
from shared.analysis.journey_reach import frequency_matters
from shared.analysis.journey_rows import difference_of, highest, lowest, row_of, share_of
from shared.analysis.journey_study import JourneyStudy
from shared.analysis.multiple_testing import SETTLED, Finding
from shared.analysis.study_parts import known
from shared.analysis.verdicts import Reason

NEARER = (
    "Who is nearer to buying also sees and clicks more, so this is associated with the contacts "
    "and need not be their effect."
)


def click_share(study: JourneyStudy) -> Estimate:
    """Give the share of conversions after a click."""
    row = row_of(known(study.clicks), "group", CLICK)
    total = int(known(study.clicks)["conversions"].sum())
    return wilson(int(row["conversions"]), total, of="sales")


def clicks_title(study: JourneyStudy) -> Reason:
    """Answer: which conversions followed a click, which a mere view?"""
    rows = known(study.clicks)
    none = float(row_of(rows, "group", NEITHER)["share"])
    template = "{click:share.1} of sales followed a click within {days:days}, "
    template += "{view:share.1} a mere view, {none:share.1} neither" if none else (
        "the other {view:share.1} a mere view"
    )  # fmt: skip
    return Reason(
        template,
        {"click": click_share(study), "days": study.window_days,
         "view": float(row_of(rows, "group", VIEW)["share"]), "none": none},
    )  # fmt: skip


def clicks_so_what(study: JourneyStudy) -> Reason:
    """Say how often a conversion follows a click, and a view."""
    rows = known(study.followed)
    if not {"click", "view"} <= set(rows["side"]) or rows["share"].isna().any():
        return Reason(NEARER)
    click, view = row_of(rows, "side", "click"), row_of(rows, "side", "view")
    gap = difference_of(click, of="clicks")
    return Reason(
        "Of {n:count} clicks {click:share.1} are followed by a sale within {days:days}, of "
        "{m:count} views {view:share.1}. The difference of {gap:number.1} points ({low:number.1} "
        "to {high:number.1}) {reading}. " + NEARER,
        {"n": int(click["n"]), "click": share_of(click, of="clicks"), "days": study.window_days,
         "m": int(view["n"]), "view": share_of(view, of="views"),
         "gap": gap.value, "low": gap.low, "high": gap.high, "reading": _found(click["finding"])},
    )  # fmt: skip


def frequency_title(study: JourneyStudy) -> Reason:
    """Answer: which frequency converts?"""
    table = known(study.by_contacts)
    n = int(table.loc[table["share"].notna(), "n"].sum())
    values: dict[str, object] = {"noun": study.contact_noun, "n": n,
                                 "one": share_of(table.iloc[0], of="journeys")}  # fmt: skip
    best = _best_frequency(table)
    if best is None:
        return Reason(
            "No number of {noun} stands out: with one, {one} of {n:count} journeys convert", values
        )
    values |= {"best": share_of(best, of="journeys"), "k": _contacts(best)}
    if int(best["contacts"]) == 1:
        return Reason("Journeys with one contact convert most often: {one} of {n:count}", values)
    return Reason(
        "Journeys with {k} {noun} convert more often than others: {best}, against {one} with one",
        values,
    )


def frequency_so_what(study: JourneyStudy) -> Reason:
    """Say how far the number of contacts goes with conversion, and what it does not prove."""
    table = known(study.by_contacts)
    p, _best = frequency_matters(table)
    differing = table[(table["finding"] == Finding.DIFFERS) & table["difference"].notna()]
    if not p < SETTLED or differing.empty:
        return Reason(
            "No number of {noun} is associated with more sales than the others beyond "
            "chance. {warning}", {"noun": study.contact_noun, "warning": SEES_MORE},
        )  # fmt: skip
    up = [_contacts(row) for _, row in differing.iterrows() if row["difference"] > 0]
    down = [_contacts(row) for _, row in differing.iterrows() if row["difference"] < 0]
    return Reason(
        "Beyond chance, more journeys than elsewhere convert with {up} {noun}, and fewer with "
        "{down}. {warning}",
        {"up": _listed(up), "down": _listed(down), "noun": study.contact_noun,
         "warning": SEES_MORE},
    )  # fmt: skip


SEES_MORE = (
    "It is associated with the number, not shown to be its effect: people who are nearer to buying "
    "see more, and a purchase ends the count."
)


def reach_so_what(study: JourneyStudy) -> Reason:
    """Say whom the contacts reached, how often, and how that compares with the plan."""
    table = known(study.reach)
    first = table.iloc[0]
    values: dict[str, object] = {
        "n": int(first["contacts"]), "noun": study.contact_noun, "reach": float(first["reach"]),
        "times": float(first["frequency"]), "median": float(first["median"]),
    }  # fmt: skip
    said = (
        "{n:count} {noun} reached {reach:count} customers, {times:number.1} each on average; "
        "half of them had {median:count} or fewer."
    )
    planned = table[table["planned_reach"].notna() & table["reach"].notna()]
    if planned.empty:
        return Reason(said + " No plan is stated, so planned and achieved cannot be compared.",
                      values)  # fmt: skip
    row = planned.iloc[0]
    values |= {"name": row["campaign"], "met": float(row["reach_met"]),
               "frequency_met": float(row["frequency_met"])}  # fmt: skip
    return Reason(
        said + " Of its plan, {name} achieved {met:share.0} of the reach and "
        "{frequency_met:share.0} of the frequency.",
        values,
    )


def arrivals_title(study: JourneyStudy) -> Reason:
    """Answer: which arrivals go with sales?"""
    table = known(study.arrivals)
    shown = table[table["share"].notna()]
    found = shown[shown["finding"] == Finding.DIFFERS]
    values: dict[str, object] = {"days": study.window_days, "n": int(table["n"].sum())}
    if shown.empty:
        return Reason("{n:count} visits are too few to compare their channels", values)
    best = highest(shown, "share")
    worst = lowest(shown, "share")
    values |= {"best": best["channel"], "share": share_of(best, of="visits"),
               "worst": worst["channel"], "least": share_of(worst, of="visits")}  # fmt: skip
    if found.empty:
        return Reason(
            "No arrival stands out: a sale follows {share:share.1} of visits through {best} "
            "and {least:share.1} through {worst}", values,
        )  # fmt: skip
    return Reason(
        "A sale follows {share:share.1} of visits through {best}, and {least:share.1} "
        "through {worst}",
        values,
    )


def arrivals_so_what(study: JourneyStudy) -> Reason:
    """Say how visitors of the best and the worst channel behaved on site."""
    table = known(study.arrivals)
    found = table[(table["finding"] == Finding.DIFFERS) & table["share"].notna()]
    if found.empty:
        return Reason(
            "Against all other visits no channel differs beyond chance, after correction for "
            "{k:count} {k:channel|channels}.", {"k": len(table)},
        )  # fmt: skip
    up = _listed(list(found.loc[found["difference"] > 0, "channel"]))
    lower = list(found.loc[found["difference"] < 0, "channel"])
    # That all the others fall behind needs no list of them.
    rest = len(lower) > 1 and len(found) == len(table)
    down = "any other channel" if rest else _listed(lower)
    said, values = _behaviour(highest(found, "share"))
    return Reason(
        "More often than after other visits a sale follows those through {up}; less often "
        "those through {down}." + said + " Who types the address in may have been won elsewhere: "
        "the arrival is associated with the sale, not shown to cause it.",
        {"up": up, "down": down, **values},
    )


def behaviour_title(study: JourneyStudy) -> Reason:
    """Say that the table on behaviour counts all visits, and the chart those that are over."""
    table = known(study.arrivals)
    n, judged = int(table["n"].sum()), int(table["judged"].sum())
    said = "What visitors did on site, most visits first"
    if n > judged:
        said += (
            "; of all {n:count} visits the chart leaves out {rest:count}, of the last {days:days} "
            "or before the first contact"
        )
    return Reason(said, {"n": n, "rest": n - judged, "days": study.window_days})


def _behaviour(row: pd.Series) -> tuple[str, dict[str, object]]:
    wanted = [("pages", "{pages:number.1} pages"), ("seconds", "{seconds:count} seconds"),
              ("cart", "{cart:share.0} with a product in the basket"),
              ("bounce", "{bounce:share.1} gone after one page")]  # fmt: skip
    there = [(name, text) for name, text in wanted if name in row and pd.notna(row[name])]
    if not there:
        return "", {}
    values: dict[str, object] = {name: float(row[name]) for name, _text in there}
    told = ", ".join(text for _name, text in there)
    return f" Visits through {{first}}: {told}.", {"first": row["channel"], **values}


def _best_frequency(table: pd.DataFrame) -> pd.Series | None:
    """Give the number of contacts with the highest share among those found above the others."""
    p, _best = frequency_matters(table)
    found = table[(table["finding"] == Finding.DIFFERS) & (table["difference"] > 0)]
    return None if found.empty or not p < SETTLED else highest(found, "share")


def _contacts(row: pd.Series) -> str:
    return f"{int(row['contacts'])}" + (" or more" if row["or_more"] else "")


def _listed(names: list[str]) -> str:
    if not names:
        return "none"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _found(finding: object) -> str:
    return {
        Finding.DIFFERS.value: "is more than chance",
        Finding.NOT_SETTLED.value: "is not settled",
    }.get(str(finding), "may be chance")
