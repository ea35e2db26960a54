"""What the pages say of the lifecycle: the words of each question, as templates and values."""

import pandas as pd

from shared.analysis.intervals import Estimate, wilson
from shared.analysis.lifecycle import STAGE_NAMES
from shared.analysis.lifecycle_flows import Lifecycle, flow_history, flow_matrix
from shared.analysis.lifecycle_projection import LEVEL, Projection
from shared.analysis.verdicts import Reason

Said = tuple[Reason, Reason]
ASLEEP = ("asleep", "one_order_asleep")
AWAKE = ("new", "recovered", "active")


def stages_now(life: Lifecycle) -> Said:
    """Answer: where in its life does the base stand now?"""
    now, first = life.counts(), life.stages["period"].iloc[0]
    total = int(now.sum())
    values = {
        "active": wilson(int(now["active"]), total),
        "asleep": float(now[list(ASLEEP)].sum() / total),
        "n": total,
        "period": life.last,
    }
    title = "{active} of {n} customers are active at the end of {period}, and {asleep:share} asleep"
    return Reason(title, values), _mix_alt(life, first)


def mix_change(life: Lifecycle) -> Said:
    """Answer: how does the mix of stages change over time?"""
    now, first = life.counts(), life.stages["period"].iloc[0]
    then = life.counts(first)
    values = {
        "active": wilson(int(now["active"]), int(now.sum())),
        "before": float(then["active"] / then.sum()),
        "first": first,
        "period": life.last,
    }
    title = "{active} of the base are active at the end of {period}, {before:share} were in {first}"
    if first == life.last:
        title = "{active} of the base are active at the end of {period}"
    return Reason(title, values), _mix_alt(life, first)


def _mix_alt(life: Lifecycle, first: pd.Period) -> Reason:
    now, then = life.counts(), life.counts(first)
    values = {
        "noun": life.noun, "first": first, "last": life.last, "base": int(then.sum()),
        "total": int(now.sum()), "then": int(then["active"]), "now": int(now["active"]),
    }  # fmt: skip
    return Reason(
        "Stacked bars of customers by stage at the end of each {noun} from {first} to {last}: the "
        "base goes from {base} to {total} customers, the active ones from {then} to {now}.",
        values,
    )


def falling_asleep(life: Lifecycle) -> Said:
    """Answer: how many active customers fell asleep in the last period?"""
    history = flow_history(life.flows)
    seen = history[history["before"] > 0]
    row = history.iloc[-1]
    values: dict[str, object] = {"period": life.last, "noun": life.noun}
    if not row["before"]:
        nobody = Reason("Nobody was active before {period}, so nobody could fall asleep", values)
        return nobody, Reason("An empty chart: {n} customers were active before.", {"n": 0})
    # Pooled, so that a month with few active customers weighs little.
    earlier = seen[seen["period"] < life.last][["customers", "before"]].sum()
    values |= {
        "share": wilson(row["customers"], row["before"]),
        "customers": int(row["customers"]),
        "before": int(row["before"]),
        "earlier": float(earlier["customers"] / (earlier["before"] or float("nan"))),
        "low": float(seen["share"].min()),
        "calm": seen["period"].iloc[int(seen["share"].argmin())],
        "high": float(seen["share"].max()),
        "worst": seen["period"].iloc[int(seen["share"].argmax())],
    }
    title = "{share} of the active customers fell asleep in {period}, {customers} of {before}"
    if earlier["before"]:
        title += "; before it was {earlier:share} a {noun}"
    return Reason(title, values), Reason(
        "Bars of the share of active customers who fell asleep in each {noun}, with 95% intervals: "
        "from {low:share.1} in {calm} to {high:share.1} in {worst}.",
        values,
    )


def latest_flows(life: Lifecycle) -> Said:
    """Answer: who went from which stage to which in the last period?"""
    flows = flow_matrix(life.flows, period=life.last)
    left, entered, n = flows["from_stage"], flows["to_stage"], flows["customers"]
    back = (entered == "recovered") | ((left == "falling_asleep") & (entered == "active"))
    values = {
        "back": int(n[back].sum()),
        "drowsy": int(n[left.isin(AWAKE) & (entered == "falling_asleep")].sum()),
        "gone": int(n[entered.isin(ASLEEP) & ~left.isin(ASLEEP)].sum()),
        "new": int(n[entered == "new"].sum()),
        "period": life.last,
    }
    title = (
        "{back} {back:customer|customers} woke up in {period}, {drowsy} fell asleep from an awake "
        "stage and {gone} went fully asleep"
    )
    alt = (
        "Table of flows in {period}: a row for the stage one period earlier, a column for the one "
        "now. {new} {new:customer is|customers are} new; in each cell customers and the share of "
        "the row."
    )
    return Reason(title, values), Reason(alt, values)


def usual_flows(life: Lifecycle) -> Reason:
    """Say how active and falling-asleep customers went on over all periods shown."""
    flows = flow_matrix(life.flows)
    sleepy = _pooled(flows, "active", "falling_asleep")
    back = _pooled(flows, "falling_asleep", "active")
    values = {"sleepy": sleepy, "back": back, "noun": life.noun}
    if not (sleepy.n and back.n):
        return Reason("Too few periods to say how active customers usually go on.", {})
    return Reason(
        "From one {noun} to the next {sleepy} of the active customers fall asleep, over all "
        "{noun}s shown, and {back:share} of those falling asleep become active again.",
        values,
    )


def _pooled(flows: pd.DataFrame, old: str, new: str) -> Estimate:
    row = flows[flows["from_stage"] == old]
    return wilson(int(row.loc[row["to_stage"] == new, "customers"].sum()), row["customers"].sum())


def heading(life: Lifecycle, projection: Projection) -> Said:
    """Answer: where is the base heading if its flows stay as they were?"""
    active = projection.table[projection.table["stage"] == "active"].iloc[-1]
    end = active["period"]
    at_end = projection.table[projection.table["period"] == end].set_index("stage")["customers"]
    values = {
        "active": Estimate(
            float(active["customers"]), float(active["low"]), float(active["high"]),
            projection.customers, "count", LEVEL,
        ),
        "low": float(active["low"]),
        "high": float(active["high"]),
        "now": int(life.counts()["active"]),
        "asleep": float(at_end["asleep"]),
        "asleep_now": int(life.counts()["asleep"]),
        "periods": projection.flow_periods,
        "noun": life.noun,
        "end": end,
    }  # fmt: skip
    return (
        Reason(
            "If flows stay as in the last {periods} {noun}s, {active} customers are active at the "
            "end of {end} ({low:count} to {high:count}), {now} are now",
            values,
        ),
        Reason(
            "Stages now and projected to the end of {end}, with 95% intervals: active {now} now "
            "and {active:count} then, asleep {asleep_now} now and {asleep:count} then.",
            values,
        ),
    )


def tried(life: Lifecycle, projection: Projection) -> Reason:
    """Say how the projection would have done on the last period, and what it assumes."""
    test = projection.back_test
    off = test[test["is_inside"].notna() & ~test["is_inside"].fillna(True)]
    values: dict[str, object] = {
        "period": life.last,
        "inside": projection.inside,
        "tested": projection.tested,
        "newcomers": projection.newcomers,
        "arrived": int(life.counts()["new"]),
        "noun": life.noun,
    }
    template = (
        "Tried on {period} with the flows before it: in {inside} of {tested} stages the actual "
        "count fell inside the interval. "
    )
    if off.empty:
        template += "The last {noun} went as expected from the flows before it. "
    else:
        misses = []
        for i, row in enumerate(off.to_dict("records")):
            misses.append(f"{{stage_{i}}} {{actual_{i}}}, expected {{expected_{i}:count}}")
            values[f"stage_{i}"] = STAGE_NAMES[row["stage"]]
            values[f"actual_{i}"] = int(row["actual"])
            values[f"expected_{i}"] = float(row["customers"])
        template += f"Outside: {'; '.join(misses)}. Read the projection as a direction, no plan. "
    template += (
        "It assumes {newcomers} new {newcomers:customer|customers} a {noun}; the last {noun} "
        "brought {arrived}."
    )
    return Reason(template, values)


def thresholds_used(life: Lifecycle) -> Reason:
    """Say from how many days of silence on a customer falls asleep, and where that comes from."""
    limits = life.thresholds
    template = (
        "A customer falls asleep after more than {g1:days} without an order and is asleep after "
        "more than {g2:days}"
    )
    values: dict[str, object] = {"g1": limits.g1_days, "g2": limits.g2_days}
    if limits.estimated_before is None:
        return Reason(template + ", as the parameters say.", values)
    values |= {"gaps": limits.gaps, "before": limits.estimated_before}
    return Reason(
        template + ": learnt from {gaps} pauses that ended before {before:date}, and kept since.",
        values,
    )


def lifecycle_caveats(life: Lifecycle) -> list[Reason]:
    """List the limits of the stages that hold for this base, each as a template with values."""
    limits = [_older_customers(life), _short_memory(life), _sleepers_pile_up(life)]
    return [limit for limit in limits if limit]


def _older_customers(life: Lifecycle) -> Reason | None:
    template = (
        "The data begin on {first:date}: customers older than that look new until {day:date}, so "
        "that the first {n} {n:{noun}|{noun}s} shown are hatched and their stages not settled."
    ).replace("{noun}", life.noun)
    values = {"first": life.first_order, "day": life.settled_from, "n": len(life.unsettled)}
    return Reason(template, values) if life.unsettled else None


def _short_memory(life: Lifecycle) -> Reason | None:
    limits = life.thresholds
    if limits.estimated_before is None:
        return None
    days = (limits.estimated_before - life.first_order).days
    template = (
        "The stage thresholds come from {days:days} of history, in which a pause much longer than "
        "the {g2:days} to sleep could hardly end: the true pauses are longer, and some customers "
        "called asleep are only slow."
    )
    values = {"days": days, "g2": limits.g2_days}
    return Reason(template, values) if days < 2 * limits.g2_days else None


def _sleepers_pile_up(life: Lifecycle) -> Reason | None:
    now = life.counts()
    share = float(now[list(ASLEEP)].sum() / now.sum())
    template = (
        "Nobody is ever taken off the base, so that sleepers pile up with the years: {share:share} "
        "of all customers are asleep now, and a growing share by itself is no decline."
    )
    return Reason(template, {"share": share}) if share else None
