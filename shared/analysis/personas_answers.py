"""What the page on personas says: answers in words, with their figures."""

import pandas as pd

from shared.analysis.cluster_vote import STABLE
from shared.analysis.intervals import Estimate, exact, wilson
from shared.analysis.multiple_testing import Finding
from shared.analysis.personas_mood import MOOD
from shared.analysis.personas_names import STILL_TRUE
from shared.analysis.personas_outside import differs
from shared.analysis.personas_profiles import DESCRIBED
from shared.analysis.personas_study import PersonaStudy
from shared.analysis.study_parts import known
from shared.analysis.verdicts import Reason

Said = tuple[Reason, Reason]
# A judgement, not a measurement: how to speak to those who have much of a feature, and about what.
TONE = {
    "discounted_lines": ("Price first and short", "dated offers; full-price launches elsewhere"),
    "refunded_lines": ("Advising, without pressure", "help to choose: comparisons, sizes, reviews"),
    "units_per_line": ("Businesslike", "reorder lists and terms for volume"),
    "products_per_order": ("Inspiring", "what goes with what"),
    "minutes_per_visit": ("Informing", "guides before any offer"),
    "visits_per_month": ("Brief", "news on the site rather than more mails"),
}
NO_TONE = ("No suggestion", "what sets them apart tells no tone")


def headlines(study: PersonaStudy) -> list[tuple[str, Reason]]:
    """Give the findings of the page, each with the name of its finding."""
    found = [("kinds", kinds(study))]
    if study.placed["customers"].notna().any():
        found.append(("largest", largest(study)))
    found.append(("rules", fidelity(study)))
    if isinstance(study.attributes, pd.DataFrame):
        found.append(("attributes", attributes_said(study)))
    found.append(("borders", borders(study)))
    return found


def kinds(study: PersonaStudy) -> Reason:
    """Answer: how many personas are there, or are there no natural types?"""
    base, found = study.base, study.found
    n = len(found.assignments)
    values = {"k": exact(found.clusters, n=n, unit="count", of=base.noun), "noun": base.noun,
              "n": n, "least": base.least_orders}  # fmt: skip
    who = " among {n:count} {noun}"
    if base.least_orders:
        who += " with {least:count} orders or more, {placed} of all"
        values["placed"] = wilson(n, len(base.customers), of=base.noun)
    if found.natural:
        return Reason(f"There are {{k}} personas{who}.", values)
    return Reason(f"No natural types{who}: {{k}} useful bands instead.", values)


def vote_said(study: PersonaStudy) -> Reason:
    """Say how the criteria voted, and what speaks against chance."""
    found = study.found
    values = {**found.vote.votes, "k": found.clusters, "stable": STABLE,
              "worst": float(found.stability.min())}  # fmt: skip
    template = (
        "Silhouette votes for {silhouette}, the gap statistic for {gap}, stability for "
        "{stability}. A number is natural if two of the three name it, every group comes back when "
        "customers are drawn anew (Jaccard of {stable:number} or more) and the gap exceeds that of "
        "one single cloud. "
    )
    if found.natural:
        template += "All of this holds for {k}; with each feature shuffled by itself nothing is "
        template += "found, so the personas lie in what goes together."
    elif found.shuffled_vote.natural and found.vote.natural:
        template += "It holds here, but also after each feature was shuffled by itself: single "
        template += "features stand out, and nothing goes together."
    else:
        template += "No number meets all of it here: k-means cuts any cloud, and these cuts are "
        template += "bands."
    return Reason(template, values)


def vote_title(study: PersonaStudy) -> Said:
    """Title the chart of the vote."""
    found = study.found
    values = {
        **found.vote.votes,
        "k": found.clusters,
        "most": found.vote.tried,
    }
    title = (
        "Two of three criteria agree on {k} personas"
        if found.natural
        else "The criteria name {silhouette}, {gap} and {stability}: no natural number"
    )
    return Reason(title, values), Reason(
        "Three panels by number of groups, 1 to {most}: silhouette is best at {silhouette}, the "
        "gap statistic stops at {gap}, stability is best at {stability}.", values,
    )  # fmt: skip


def names_said(study: PersonaStudy) -> Reason | None:
    """Say which personas are those of the delivery before, if there is one."""
    if not study.former:
        return None
    kept = sum(study.names[number] == name for number, name in study.former.items())
    values = {"same": len(study.former), "k": study.found.clusters, "noun": study.noun,
              "kept": kept}  # fmt: skip
    return Reason(
        "{same:count} of {k:count} were a {noun} in the delivery before, matched by the customers "
        "in both; {kept:count} {kept:keeps its|keep their} name, which still holds.", values,
    )  # fmt: skip


def largest(study: PersonaStudy) -> Reason:
    """Tell which persona matters most: by revenue, or by heads where no money is known."""
    placed = study.placed.dropna(subset="customers")
    if study.base.money is None:
        row = placed.sort_values("customers", ascending=False, kind="stable").iloc[0]
        share = wilson(int(row["customers"]), len(study.base.customers), of=study.base.noun)
        return Reason("The largest, {name}, is {share} of them.",
                      {"name": row["name"], "share": share})  # fmt: skip
    row = placed.sort_values("revenue", ascending=False, kind="stable").iloc[0]
    values = {
        "name": row["name"], "customers": int(row["customers"]), "what": study.base.what,
        "share": wilson(int(row["customers"]), len(study.base.customers), of="customers"),
        "held": float(row["revenue_share"]),
    }  # fmt: skip
    return Reason("{name} bring {held:share} of all {what} with {share} of the customers.", values)


def fidelity(study: PersonaStudy) -> Reason:
    """Answer: does a readable rule say who belongs where?"""
    values = {"fidelity": _of(study.fidelity, study.base.noun), "noun": study.base.noun,
              "least": DESCRIBED, "kind": study.noun}  # fmt: skip
    said = "Rules of at most four questions put {fidelity} of the {noun} that they were not learnt "
    said += "from into their {kind}"
    ending = (
        "." if study.described
        else ": under {least:share}, so no rule describes them and the list decides."
    )  # fmt: skip
    return Reason(said + ending, values)


def borders(study: PersonaStudy) -> Reason:
    """Tell how many stand between two personas."""
    border = study.found.assignments["border"]
    share = wilson(int(border.sum()), len(border), of=study.base.noun)
    return Reason("{share} stand on a border between two, nearly as close to the other.",
                  {"share": share})  # fmt: skip


def attributes_said(study: PersonaStudy) -> Reason:
    """Answer: what do attributes add that took no part?"""
    table = known(study.attributes)
    different = differs(table)
    if different.empty:
        n = int(table["known"].max())
        none = Estimate(0.0, 0.0, 0.0, n, "count", 1.0, study.base.noun)
        return Reason("Of {all:count} attributes {found} differ between them beyond chance.",
                      {"all": len(table), "found": none})  # fmt: skip
    row = different.iloc[0]
    means = row[list(study.names.values())].astype("float64").dropna()
    n = int(row["known"])
    values = {
        "attribute": study.base.label(str(row["measure"])), "explained": float(row["explained"]),
        "high": means.idxmax(), "low": means.idxmin(), "top": float(means.max()),
        "least": float(means.min()), "known": exact(n, n=n, unit="count", of=study.base.noun),
    }  # fmt: skip
    return Reason(
        "{attribute} took no part, yet tells them apart: {top:number.1} on average among {high}, "
        "{least:number.1} among {low} (known for {known} of those placed).", values,
    )  # fmt: skip


def mood_said(study: PersonaStudy) -> Reason:
    """Say how many wrote, and whether the words of their reviews tell the personas apart."""
    table = known(study.mood).dropna(subset="mean").sort_values(["mean", "persona"])
    worst, best = table.iloc[0], table.iloc[-1]
    wrote = study.base.attributes[MOOD].reindex(study.found.assignments.index).notna()
    values = {
        "share": wilson(int(wrote.sum()), len(wrote), of=study.base.noun),
        "worst": worst["name"], "low": float(worst["mean"]),
        "best": best["name"], "high": float(best["mean"]),
    }  # fmt: skip
    attributes = study.attributes
    apart = isinstance(attributes, pd.DataFrame) and MOOD in set(differs(attributes)["measure"])
    said = "{share} of those placed wrote a review that could be read. From -2 to +2, "
    said += "{best} stand at {high:number.1}, {worst} at {low:number.1}"
    return Reason(said + ("." if apart else ": no difference beyond chance."), values)


def other_attributes(study: PersonaStudy) -> Reason | None:
    """Name the attributes that say nothing, so that nobody invents a story for them."""
    table = known(study.attributes)
    nothing = table[table["reading"] == Finding.NOTHING.value]["measure"]
    if nothing.empty:
        return None
    names = ", ".join(study.base.label(str(name)) for name in nothing)
    return Reason("No difference beyond chance: {names}.", {"names": names})


def content_said(study: PersonaStudy) -> Reason:
    """Answer: which content fits each persona?"""
    table = differs(known(study.content))
    if table.empty:
        return Reason("What they buy does not differ beyond chance: the same content fits all.")
    said: list[str] = []
    values: dict[str, object] = {}
    for number, name in study.names.items():
        shares = table.set_index("measure")
        over = shares[name] - shares[[n for n in study.names.values() if n != name]].mean(axis=1)
        best = str(over.idxmax())
        if over[best] <= 0:
            continue
        said.append(
            f"{{name_{number}}}: {{best_{number}}}, {{share_{number}:share}} of their lines"
        )
        values |= {
            f"name_{number}": name,
            f"best_{number}": study.base.categories[best],
            f"share_{number}": float(shares[name][best]),
        }
    return Reason("What each buys more of than the others. " + "; ".join(said) + ".", values)


def stability_said(study: PersonaStudy) -> Reason:
    """Say how steady the personas are: drawn anew, and over half a year."""
    stability = study.found.stability
    values = {"low": float(stability.min()), "high": float(stability.max())}
    return Reason(
        "Drawn anew, each comes back with an overlap (Jaccard, 1 is all of it) of {low:number} to "
        "{high:number}; under 0.6 is unstable, above 0.85 highly stable.", values,
    )  # fmt: skip


def drift_said(study: PersonaStudy) -> Reason:
    """Say how many met the same rule half a year earlier."""
    table = known(study.drift)
    followed = int(table["followed"].sum())
    kept = round(float((table["stayed"].fillna(0) * table["followed"]).sum()))
    return Reason(
        "By the same rules, {stayed} of those placed half a year ago are in the same {kind} now.",
        {"stayed": wilson(kept, followed, of="customers"), "kind": study.noun},
    )


def tone_of(study: PersonaStudy, number: int) -> tuple[str, str] | None:
    """Suggest tone and content from the feature that a persona has most of: a judgement."""
    rows = study.effects[study.effects["persona"] == number]
    more = rows[(rows["effect"] >= STILL_TRUE) & (rows["low"] > 0)]
    more = more.sort_values("effect", ascending=False, kind="stable")
    for feature in more["feature"]:
        if feature in TONE:
            return TONE[feature]
    return None


def _of(estimate: Estimate, noun: str) -> Estimate:
    return Estimate(estimate.value, estimate.low, estimate.high, estimate.n, estimate.unit,
                    estimate.level, noun)  # fmt: skip
