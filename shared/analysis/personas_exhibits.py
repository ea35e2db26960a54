"""What stands behind each chart and table of the page on personas."""

from typing import Any

import numpy as np
import pandas as pd

from shared.analysis.column_words import lower_first
from shared.analysis.exhibit import Exhibit
from shared.analysis.personas_answers import NO_TONE, tone_of, vote_title
from shared.analysis.personas_profiles import SMALLEST
from shared.analysis.personas_small_cells import shown_drift
from shared.analysis.personas_study import PersonaStudy
from shared.analysis.study_parts import known
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

Columns = dict[str, tuple[str, str]]
CONTACT = "Rhythm and channel as measured, tone as judged; a blank stands for under 10 customers"
DRIFT = "The same rules half a year apart; a blank stands for under 10 who stayed or went"
CARDS = "The {nouns}, the largest first; a blank stands for under 10 customers"
MOST_FEATURES = 3  # of a persona; the file has all


def _named(study: PersonaStudy) -> Columns:
    """Head the column of names: personas, or bands where there are no natural types."""
    return {"name": (study.noun.capitalize(), "text")}


def vote(study: PersonaStudy) -> Exhibit:
    """Give the vote on the number of personas."""
    columns: Columns = {
        "clusters": ("Groups", "count"), "silhouette": ("Silhouette", "number"),
        "gap": ("Gap", "number"), "gap_error": ("Standard error", "number"),
        "stability": ("Stability of the least stable", "number"), "chosen_by": ("Voted by", "text"),
    }  # fmt: skip
    return Exhibit(vote_title(study), study.found.vote.table[list(columns)], columns)


def cards(study: PersonaStudy) -> tuple[pd.DataFrame, Columns]:
    """Give one line per persona: how many, how much, how steady."""
    base = study.base
    money: Columns = {
        "revenue": (base.what.capitalize(), "money"),
        "revenue_share": (f"Share of {base.what}", "share"),
    }
    columns: Columns = {
        **_named(study), "customers": (base.noun.capitalize(), "count"),
        "customer_share": ("Share", "share"),
        **(money if base.money is not None else {}),
        "border_share": ("On a border", "share"), "stability": ("Stability", "number"),
    }  # fmt: skip
    if not study.has_mood:
        return study.table, columns
    columns["mood"] = ("Mood, -2 to +2", "number.1")
    mood = known(study.mood).set_index("persona")["mean"]
    return study.table.assign(mood=study.table["persona"].map(mood)), columns


def features_apart(study: PersonaStudy) -> Exhibit:
    """Give the effect size of every feature for every persona, told from the held-out half."""
    effects = study.effects.assign(name=study.effects["persona"].map(study.names))
    wide = effects.pivot_table(index="feature", columns="name", values="effect", sort=False)
    wide = wide.reindex(columns=list(study.names.values()))
    label = [study.base.label(str(name)) for name in wide.index]
    data = wide.rename_axis(columns=None).reset_index(drop=True)
    data.insert(0, "feature", label)
    top = effects.sort_values("effect", ascending=False, kind="stable").iloc[0]
    values = {
        "name": top["name"], "feature": study.base.label(str(top["feature"])),
        "d": float(top["effect"]), "n": int(top["n"]),
    }  # fmt: skip
    title = Reason(
        "{name} stand furthest apart: {d:number.1} standard deviations above all others in "
        "“{feature}”",
        values,
    )
    alt = Reason(
        "Matrix of features by persona; the cell of {name} and “{feature}” is the largest, "
        "{d:number.1} standard deviations above all others.", values,
    )  # fmt: skip
    columns: Columns = {"feature": ("Feature", "text")}
    columns |= {name: (name, "number.1") for name in study.names.values()}
    return Exhibit((title, alt), data, columns)


def telling(study: PersonaStudy) -> tuple[pd.DataFrame, Columns]:
    """List the features that set each persona furthest apart, in the client's units."""
    rows = []
    for number, name in study.names.items():
        mine = study.effects[study.effects["persona"] == number]
        size = mine["effect"].abs().sort_values(ascending=False, kind="stable")
        for _index, row in mine.loc[size.index[:MOST_FEATURES]].iterrows():
            feature = str(row["feature"])
            rows.append(
                {"name": name, "feature": study.base.label(feature),
                 "spec": study.base.spec(feature), "mean": row["mean"],
                 "mean_of_others": row["mean_of_others"], "effect": row["effect"],
                 "low": row["low"], "high": row["high"], "n": row["n"]}
            )  # fmt: skip
    return pd.DataFrame(rows), {}


def telling_table(study: PersonaStudy, *, write: Any) -> dict[str, Any]:
    """Give the table of telling features with every value written in its own unit."""
    table, _columns = telling(study)
    for column in ("mean", "mean_of_others"):
        table[column] = [write(v, s) for v, s in zip(table[column], table["spec"], strict=True)]
    columns: Columns = {
        **_named(study), "feature": ("Feature", "text"), "mean": ("Theirs", "text"),
        "mean_of_others": ("All others", "text"),
        "effect": ("Standard deviations apart", "number.1"),
        "low": ("From", "number.1"), "high": ("To", "number.1"), "n": ("n", "count"),
    }  # fmt: skip
    caption = "What sets each apart, told from the half that did not make it"
    return {"frame": table[list(columns)], "caption": caption, "columns": columns}


def place_map(study: PersonaStudy) -> tuple[Exhibit, pd.DataFrame]:
    """Give the middle of each persona on the map, and every customer's place for the drawing."""
    found = study.found
    drawn = found.place.assign(name=found.assignments["persona"].map(study.names))
    data = middles(study).merge(study.placed[["name", "customers"]], on="name")
    both = sum(found.explained)
    values = {"k": found.clusters, "both": both, "x": found.explained[0], "y": found.explained[1],
              "nouns": f"{study.noun}s", "n": len(drawn)}  # fmt: skip
    title = Reason("{k:count} {nouns} on a map that shows {both:share} of the differences", values)
    alt = Reason(
        "Map of {n:count} customers by two principal components, {x:share} and {y:share} of the "
        "variance, coloured and marked by {k:count} {nouns}.", values,
    )  # fmt: skip
    columns: Columns = {**_named(study), "customers": ("Customers", "count"),
                        "x": ("Across", "number"), "y": ("Up", "number")}  # fmt: skip
    return Exhibit((title, alt), data, columns), drawn


def middles(study: PersonaStudy) -> pd.DataFrame:
    """Give the middle of each persona on the map, the largest first; of few it would be one."""
    places = study.found.place.groupby(study.found.assignments["persona"])[["x", "y"]]
    kept = {n: name for n, name in study.names.items() if len(places.get_group(n)) >= SMALLEST}
    table = places.median().reindex(list(kept)).reset_index(drop=True)
    return table.assign(name=list(kept.values()))[["name", "x", "y"]]


def axis_words(study: PersonaStudy) -> dict[str, str]:
    """Name the two axes by the features that they are mostly made of."""
    loadings = study.found.loadings
    made = {}
    for axis, share in zip(("x", "y"), study.found.explained, strict=True):
        size = loadings[axis].abs().sort_values(ascending=False, kind="stable")
        told = [
            f"{'more' if loadings[axis][name] > 0 else 'less'} "
            f"{lower_first(study.base.label(str(name)))}"
            for name in size.index[:2]
        ]
        made[axis] = f"{share:.0%} of the variance: {', '.join(told)}"
    return made


def contact(study: PersonaStudy) -> tuple[pd.DataFrame, Columns]:
    """Give rhythm and way of contact, which are measured, and tone, which is a judgement."""
    table = study.placed[["name", "persona", "customers", "median_gap_days", "main_channel",
                          "channel_share"]].copy()  # fmt: skip
    tones = [tone_of(study, int(number)) or NO_TONE for number in table["persona"]]
    table["tone"], table["content"] = [tone for tone, _ in tones], [text for _, text in tones]
    columns: Columns = _named(study)
    if table["median_gap_days"].notna().any():
        columns["median_gap_days"] = ("Days between orders", "number.0")
    if table["main_channel"].notna().any():
        columns |= {"main_channel": ("Mostly by", "text"), "channel_share": ("of them", "share")}
    if len(columns) == 1 and set(tones) == {NO_TONE}:
        raise NotSupportedByData(
            "neither order dates nor a channel are known, and what sets them apart tells no tone",
            "order lines with dates and channels",
        )
    columns |= {"tone": ("Tone (judgement)", "text"), "content": ("Content (judgement)", "text")}
    return table, columns


def content(study: PersonaStudy) -> Exhibit:
    """Give what each persona buys, by category."""
    table = known(study.content)
    names = list(study.names.values())
    data = table[["measure", *names, "explained", "reading"]].copy()
    data["measure"] = data["measure"].map(study.base.categories)
    shares = data.set_index("measure")[names]
    row, column = map(int, np.unravel_index(np.nanargmax(shares.to_numpy()), shares.shape))
    values = {"name": names[column], "category": str(shares.index[row]),
              "share": float(shares.to_numpy(dtype=float)[row, column])}  # fmt: skip
    title = Reason("{category} is {share:share} of what {name} buy", values)
    alt = Reason("Matrix of categories by persona with the mean share of their lines; the largest, "
                 "{share:share}, is {category} among {name}.", values)  # fmt: skip
    columns: Columns = {
        "measure": ("Category", "text"), **{name: (name, "share") for name in names},
        "explained": (f"Explained by the {study.noun}", "share"), "reading": ("Reading", "text"),
    }  # fmt: skip
    return Exhibit((title, alt), data, columns)


def attributes(study: PersonaStudy) -> tuple[pd.DataFrame, Columns]:
    """Give the attributes that took no part, with their mean by persona."""
    table = known(study.attributes).copy()
    table["measure"] = [study.base.label(str(name)) for name in table["measure"]]
    columns: Columns = {
        "measure": ("Attribute", "text"), "known": ("Known for", "count"),
        **{name: (name, "number.1") for name in study.names.values()},
        "explained": (f"Explained by the {study.noun}", "share"), "reading": ("Reading", "text"),
    }  # fmt: skip
    return table, columns


def mood(study: PersonaStudy) -> tuple[pd.DataFrame, Columns]:
    """Give the mood of each persona in the words of its reviews, told from the held-out half."""
    columns: Columns = {
        **_named(study), "wrote": ("Wrote", "count"), "coverage": ("of them", "share"),
        "n": ("Held out", "count"), "mean": ("Mood, -2 to +2", "number.1"),
        "mean_of_others": ("All others", "number.1"),
        "effect": ("Standard deviations apart", "number.1"),
        "low": ("From", "number.1"), "high": ("To", "number.1"),
    }  # fmt: skip
    return known(study.mood), columns


def rules(study: PersonaStudy, *, write: Any) -> tuple[pd.DataFrame, Columns]:
    """Give the rules in the words and units of the page; the file has them for a database."""
    told = [_in_words(rule, study, write) for rule in study.rules.to_dict("records")]
    columns: Columns = {
        "segment": (study.noun.capitalize(), "text"), "told": ("Rule", "text"),
        "customers": (study.base.noun.capitalize(), "count"),
        "held_out": ("Held out", "count"), "fidelity": ("of whom right", "share"),
    }  # fmt: skip
    return study.rules.assign(told=told), columns


def _in_words(rule: dict[Any, Any], study: PersonaStudy, write: Any) -> str:
    """Write the bounds of a rule, such as "Bought at a discount: above 41.9%"."""
    base, said = study.base, []
    flags = {column for columns in base.nominal.values() for column in columns}
    for feature in study.found.features.names:
        bounds = {"above": rule[f"{feature}_above"], "at most": rule[f"{feature}_up_to"]}
        bounds = {word: bound for word, bound in bounds.items() if not np.isnan(bound)}
        if feature in flags:
            said += [f"{base.label(feature)}: {'yes' if 'above' in bounds else 'no'}"] * len(bounds)
        elif bounds:
            spec = base.spec(feature).partition(".")[0]
            told = [f"{w} {write(b, exact_spec(spec, b))}" for w, b in bounds.items()]
            said.append(f"{base.label(feature)}: {', '.join(told)}")
    return "; ".join(said) or "everyone"


def exact_spec(spec: str, bound: float) -> str:
    """Write a bound with the decimals that it has, for a rounded one would be another rule."""
    figure = 100 * bound if spec == "share" else bound
    digits = next((d for d in range(4) if round(figure, d) == round(figure, 6)), 4)
    return f"{'number' if spec == 'count' else spec}.{digits}"


def drift(study: PersonaStudy) -> tuple[pd.DataFrame, Columns]:
    """Give shares half a year ago and now, by the same rules."""
    columns: Columns = {
        **_named(study), "share_then": ("Half a year ago", "share.1"),
        "share_now": ("Now", "share.1"), "followed": ("Followed", "count"),
        "stayed": ("Stayed", "share"),
        "stayed_low": ("From", "share"), "stayed_high": ("To", "share"),
    }  # fmt: skip
    return shown_drift(known(study.drift)), columns
