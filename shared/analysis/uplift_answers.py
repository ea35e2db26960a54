"""What the uplift page answers: templates and values for each of its questions."""

from shared.analysis.intervals import Estimate
from shared.analysis.multiple_testing import SETTLED, Finding
from shared.analysis.study_parts import known, or_none
from shared.analysis.uplift_cells import cell, estimate_of
from shared.analysis.uplift_checks import WARNED
from shared.analysis.uplift_money_answers import JUDGES, anyway, how_many
from shared.analysis.uplift_quadrants import DOGS, PERSUADABLE
from shared.analysis.uplift_study import UpliftStudy
from shared.analysis.verdicts import Reason

MOST_FINDINGS = 5


def headlines(study: UpliftStudy) -> list[tuple[str, Reason]]:
    """Give the sentences that open the page, each with its name."""
    if not study.checks.randomised:
        return [("association", _sentence(associated(study)))]
    said = [("effect", worked(study))]
    if or_none(study.ranking) is not None:
        said.append(("difference", for_some(study)))
    if or_none(study.policy) is not None:
        said.append(("profit", how_many(study)))
    if or_none(study.sure) is not None:
        said.append(("sure-things", anyway(study)))
    if or_none(study.harm) is not None and study.differs:
        said.append(("driven-away", driven_away(study)))
    return [(name, _sentence(answer)) for name, answer in said[:MOST_FINDINGS]]


def points(share: Estimate) -> Estimate:
    """Write a difference of shares as customers in 100."""
    return estimate_of(share.value, share.low, share.high, n=share.n, unit="number", scale=100,
                       of=share.of)  # fmt: skip


def worked(study: UpliftStudy) -> Reason:
    """Answer: did the campaign work at all?"""
    if not study.checks.randomised:
        return associated(study)
    row, rates = study.effect, {"treated": study.rate(1).value, "control": study.rate(0).value}
    less = row["uplift"] < 0
    effect = points(study.ate)
    if less:
        effect = Estimate(-effect.value, -effect.high, -effect.low, effect.n, "number",
                          effect.level, effect.of)  # fmt: skip
    values = {"more": effect, "arm": study.arm, "detectable": 100 * float(row["detectable"]),
              **rates}  # fmt: skip
    of = " ({arm})" if len(study.campaign.arms) > 1 else ""
    if row["finding"] == Finding.DIFFERS:
        return Reason(
            f"Because of the campaign{of}, {{more:number.1}} {'fewer' if less else 'more'} of "
            "every 100 customers responded: {treated:share.1} with it, {control:share.1} without",
            values,
        )  # fmt: skip
    if row["finding"] == Finding.NOT_SETTLED:
        return Reason(
            f"Whether the campaign{of} worked is not settled: {{more:number.1}} "
            f"{'fewer' if less else 'more'} of every 100 customers responded, {{treated:share.1}} "
            "against {control:share.1} without it", values,
        )  # fmt: skip
    return Reason(
        f"No effect of the campaign{of} is found: {{more:number.1}} {'fewer' if less else 'more'} "
        "of every 100 customers responded, {treated:share.1} against {control:share.1} without it; "
        "one of {detectable:number.1} in 100 would have been found in eight of ten campaigns",
        values,
    )  # fmt: skip


def for_some(study: UpliftStudy) -> Reason:
    """Answer: does the campaign work better for some customers than for others?"""
    ranking = known(study.ranking)
    qini = ranking.result.qini
    scaled = Estimate(1000 * qini.value, 1000 * qini.low, 1000 * qini.high, qini.n, "number",
                      of=JUDGES)  # fmt: skip
    values = {"qini": scaled}
    if study.differs and study.works:
        text = (
            "It works, and better for some than for others: contacts by predicted uplift gain "
            "{qini:number.1} more responses per 1,000 treated than as many by lot, averaged over "
            "all shares contacted"
        )
    elif study.differs:
        text = (
            "It moves some customers and not others, or the other way: contacts by predicted "
            "uplift gain {qini:number.1} more responses per 1,000 treated than as many by lot"
        )
    elif study.works:
        text = (
            "It works on average, and there is no proof that it works better for some: the ranking "
            "gains {qini:number.1} responses per 1,000 treated over as many by lot, within chance"
        )
    else:
        text = (
            "There is no proof of a difference between customers: the ranking gains "
            "{qini:number.1} responses per 1,000 treated over as many by lot, within chance"
        )
    return Reason(text, values)


def associated(study: UpliftStudy) -> Reason:
    """Say what goes with having been chosen, where nothing was drawn by lot."""
    values = {"treated": study.rate(1), "control": study.rate(0).value}
    adjusted = or_none(study.adjusted)
    if adjusted is None:
        return Reason(
            "An association, not an effect: {treated} of the treated responded, {control:share.1} "
            "of the others, and who was treated was not drawn by lot", values,
        )  # fmt: skip
    left, p = adjusted
    start = "An association, not an effect: "
    raw = "({treated:share.1} against {control:share.1} before like was compared with like)"
    values = {"treated": study.rate(1).value, "control": study.rate(0).value}
    if p >= SETTLED:
        return Reason(
            start + "no difference is settled between customers alike in what is recorded, "
            "{more:number.1} responses in 100 " + raw, {"more": points(left), **values},
        )  # fmt: skip
    more = points(left)
    if left.value < 0:
        more = estimate_of(-more.value, -more.high, -more.low, n=more.n, unit="number")
    side = "fewer" if left.value < 0 else "more"
    return Reason(
        start + f"being contacted goes with {{more:number.1}} {side} responses in 100 customers "
        "alike in what is recorded " + raw, {"more": more, **values},
    )  # fmt: skip


def best_segment(study: UpliftStudy) -> Reason:
    """Answer: for which segment did it work best?"""
    table, p = known(study.segments)
    first = table.iloc[0]
    n = int(first["treated"] + first["control"])
    more = Estimate(float(first["uplift"]), float(first["low"]), float(first["high"]), n, "share",
                    of="customers")  # fmt: skip
    values = {"segment": first["segment"], "more": points(more), "k": len(table),
              "treated": float(first["treated_rate"]),
              "control": float(first["control_rate"])}  # fmt: skip
    word = "It worked best for" if study.checks.randomised else "The largest difference is that of"
    if len(table) > 1 and first["against_rest"] == Finding.DIFFERS and first["uplift"] > 0:
        return Reason(
            word + " {segment}, {more:number.1} more responses in 100 customers, and more than for "
            "all others together", values,
        )  # fmt: skip
    start = (
        "No single one of {k} segments is shown to gain more than the others"
        if p < SETTLED
        else "No segment of {k} is shown to gain more than the others"
    )
    also = ", though segments differ" if p < SETTLED else ""
    if not study.checks.randomised:
        start = f"An association, not an effect: {start[0].lower()}{start[1:]}"
    return Reason(
        start + also + ": {segment} comes first with {more:number.1} more responses in 100 "
        "({treated:share.1} against {control:share.1})", values,
    )  # fmt: skip


def nudged(study: UpliftStudy) -> Reason:
    """Answer: which customers wait only for a nudge?"""
    table = known(study.quadrants).set_index("type")
    bounds = known(study.bounds)
    values = {
        "n": int(cell(table, PERSUADABLE, "customers")),
        "share": cell(table, PERSUADABLE, "share"),
        "low": cell(bounds, PERSUADABLE, "low"), "high": cell(bounds, PERSUADABLE, "high"),
        "uplift": 100 * cell(table, PERSUADABLE, "uplift"),
        "least": 100 * cell(table, PERSUADABLE, "low"),
        "most": 100 * cell(table, PERSUADABLE, "high"),
    }  # fmt: skip
    if study.differs:
        return Reason(
            "{n:count} customers ({share:share}) are predicted like Persuadables: of their like "
            "{uplift:number.1} more in 100 responded when contacted ({least:number.1} to "
            "{most:number.1})", values,
        )  # fmt: skip
    return Reason(
        "Who waits for a nudge cannot be told: {low:share} to {high:share} of all customers are "
        "persuadable, and no ranking is shown to find them", values,
    )  # fmt: skip


def driven_away(study: UpliftStudy) -> Reason:
    """Answer: in which group does the campaign lose customers?"""
    if known(study.ranking) and or_none(study.harm) is None:
        return Reason("No group is shown to be driven away: {few} customer is predicted to respond "
                      "less if contacted", {"few": _few(study)})  # fmt: skip
    harm, e = known(study.harm), known(study.harm).effect
    values = {"share": harm.share, "treated": harm.treated_rate, "control": harm.control_rate}
    if harm.is_found and study.differs:
        fewer = estimate_of(-e.value, -e.high, -e.low, n=e.n, unit="number", scale=100, of=JUDGES)
        return Reason(
            "The campaign drives some away: of the {share:share} predicted to respond less if "
            "contacted, {fewer:number.1} fewer in 100 did ({treated:share.1} against "
            "{control:share.1})", {**values, "fewer": fewer},
        )  # fmt: skip
    more = estimate_of(e.value, e.low, e.high, n=e.n, unit="number", scale=100, of=JUDGES)
    return Reason(
        "No group is shown to be driven away: of the {share:share} predicted to respond less if "
        "contacted, {treated:share.1} did with the campaign and {control:share.1} without it, a "
        "difference of {more:number.1} in 100", {**values, "more": more},
    )  # fmt: skip


def _few(study: UpliftStudy) -> str:
    ranking = known(study.ranking)
    return "hardly any" if (ranking.score[ranking.is_test] < 0).any() else "no"


def in_peace(study: UpliftStudy) -> Reason:
    """Answer: whom to leave in peace?"""
    bounds, harm = known(study.bounds), or_none(study.harm)
    values = {"low": cell(bounds, DOGS, "low"), "high": cell(bounds, DOGS, "high")}
    if harm is not None and harm.is_found and study.differs:
        return Reason(
            "Leave {n:count} customers in peace: all whose predicted uplift is below 0. The loss "
            "of {fewer:number.1} responses in 100 was measured on the {judged:count} of them in "
            "the test half. Sleeping Dogs in the matrix above are a field of their own: "
            "{dogs:count} customers whose chance is predicted to fall by {moved:number.1} in 100 "
            "or more. All are predictions: going by the response rates, at most {most:count} of "
            "{all:count} ({high:share}) can truly be sleeping dogs, and "
            "nobody can tell which of the list.",
            {**values, "n": harm.customers, "fewer": -100 * harm.effect.value,
             "judged": harm.effect.n, "moved": 100 * study.moved, "all": study.contrast.n,
             "most": round(study.contrast.n * values["high"]),
             "dogs": int(cell(known(study.quadrants).set_index("type"), DOGS, "customers"))},
        )  # fmt: skip
    return Reason(
        "Nobody is named: between {low:share} and {high:share} of all customers may be sleeping "
        "dogs, and these data do not tell which.", values,
    )  # fmt: skip


def in_order(study: UpliftStudy) -> Reason:
    """Say whether the uplift falls from decile to decile as predicted."""
    deciles = known(study.deciles)
    values = {"slope": 100 * deciles.slope, "p": deciles.trend_p, "size": 100 * abs(deciles.slope)}
    chance = "p below 0.001" if deciles.trend_p < 0.001 else "p {p:number.3}"
    if not deciles.trend_p < SETTLED:
        return Reason(
            "The order is not shown to hold: from group to group the gap changes by "
            f"{{slope:number.1}} responses in 100 customers, within chance ({chance}).", values,
        )  # fmt: skip
    start = "The order holds: the gap grows" if deciles.slope > 0 else (
        "The order is the wrong way round: the gap shrinks")  # fmt: skip
    return Reason(
        start + f" by {{size:number.1}} responses in 100 customers from group to group ({chance}).",
        values,
    )


def _sentence(answer: Reason) -> Reason:
    """Close an answer that is a chart's title elsewhere with a full stop."""
    return Reason(answer.template.removesuffix(".") + ".", answer.values)


def closed(answer: Reason) -> Reason:
    """Write a title as a sentence."""
    return _sentence(answer)


def compared(study: UpliftStudy) -> Reason:
    """Answer: can the two groups be compared?"""
    checks = study.checks
    values = {
        "treated": study.campaign.n - study.campaign.size(study.campaign.control),
        "control": study.campaign.size(study.campaign.control),
        "p": checks.sample_ratio_p, "k": len(checks.unbalanced), "n": len(checks.balance),
    }  # fmt: skip
    start = "{treated:count} customers were contacted and {control:count} left out"
    as_drawn = "as planned" if checks.plan_stated else "as the nearest usual plan would leave it"
    if not checks.randomised:
        return Reason(
            start + ", but not by lot: they differ in {k} of {n} features by more than a tenth of "
            "a deviation. What follows is an association.", values,
        )  # fmt: skip
    sizes = f", {as_drawn} (p {{p:number.3}})" if checks.sample_ratio_p >= WARNED else ""
    if checks.warned:
        return Reason(start + sizes + "; not every check is passed, so read with care.", values)
    return Reason(start + sizes + ", and nothing known of them before tells the two apart.", values)


def losing_segments(study: UpliftStudy) -> Reason:
    """Name the segments in which fewer responded with the campaign than without it."""
    table, _p = known(study.segments)
    below = table[table["high"] < 0]
    lost = below[below["finding"] == Finding.DIFFERS]
    values = {"k": len(table), "names": ", ".join(lost["segment"]), "n": len(lost)}
    if len(lost):
        return Reason(
            "By segment: fewer responded with the campaign than without it in {n} of {k}: {names}.",
            values,
        )
    return Reason(
        "By segment: in none of {k} did the campaign lose responses beyond what chance explains.",
        values,
    )
