"""What the attribution page says: answers as templates and values, from the study's own tables."""

import numpy as np
import pandas as pd

from shared.analysis.attribution_assists import strongest_feed
from shared.analysis.attribution_budget_answers import budget
from shared.analysis.attribution_rules import MODEL_NAMES
from shared.analysis.attribution_study import AttributionStudy
from shared.analysis.intervals import Estimate, exact, wilson
from shared.analysis.multiple_testing import Finding
from shared.analysis.study_parts import known, part
from shared.analysis.verdicts import Reason

DIGITS = 9  # of a share; below them models that agree differ by the order of their sums
ALIKE = 0.9  # Spearman's correlation of two models from which they rank alike
MODELS_IN_WORDS = {
    "first_touch": "first touch", "last_touch": "last touch", "last_non_direct": "last but direct",
    "linear": "linear", "position": "position", "time_decay": "time decay", "shapley": "Shapley",
    "markov": "the chain",
}  # fmt: skip


def headlines(study: AttributionStudy) -> list[tuple[str, Reason]]:
    """Give the findings on channels that open the page, each with an estimate."""
    said = [("credit", credit_due(study))]
    if isinstance(study.removal, pd.DataFrame):
        said.insert(0 if study.has_choice else 1, ("switched-off", switching_off(study)))
    if isinstance(study.feeds, pd.DataFrame):
        said.append(("feeding", feeding(study)))
    money = part(budget, study)
    if isinstance(money, Reason):
        said.append(("return", money))
    if len(said) < 3:
        said.append(("conversions", converting(study)))
    return said


def converting(study: AttributionStudy) -> Reason:
    """Say how many journeys end in a conversion."""
    paths = study.paths
    share = wilson(paths.total, paths.journeys, of="journeys")
    if not paths.has_nulls:
        n = exact(paths.total, n=int(paths.total), unit="count", of="sales")
        return Reason("{n} sales stand on a path.", {"n": n})
    return Reason("{share:share.1} of the journeys that are over converted.", {"share": share})


def travelling(study: AttributionStudy) -> Reason:
    """Say who makes the last contact before a sale, which is a share and no proof."""
    top = study.assists.sort_values(["closes", "channel"], ascending=[False, True]).iloc[0]
    opener = study.assists.sort_values(["opens", "channel"], ascending=[False, True]).iloc[0]
    values = {
        "closer": top["channel"],
        "share": wilson(top["closes"], study.paths.total, of="sales"),
        "opener": opener["channel"],
        "first": wilson(opener["opens"], study.paths.total, of="sales"),
    }
    if top["channel"] == opener["channel"]:
        return Reason("{closer} is first on {first} of the sales and last on {share}", values)
    return Reason("{opener} opens {first} of the sales, {closer} has the last contact of {share}",
                  values)  # fmt: skip


def feeding(study: AttributionStudy) -> Reason:
    """Say how much the strongest feeder feeds, though it seldom closes."""
    pair, role = _pair(study), _role(study)
    return Reason(
        "{p:share.1} of contacts through {a} lead to {b} next; {a} closes {closing:share} of the "
        "sales it stands on.",
        {"p": Estimate(pair["transition_probability"], pair["low"], pair["high"],
                       int(pair["contacts"]), "share", of=f"contacts through {pair['source']}"),
         "a": pair["source"], "b": pair["target"], "closing": float(role["closing_share"])},
    )  # fmt: skip


def feeding_detail(study: AttributionStudy) -> Reason:
    """Say what share of the target comes from the source, and how many sales it assisted."""
    pair, role = _pair(study), _role(study)
    template = (
        "{preceded:share.1} of contacts through {b} come straight after {a}, and on "
        "{anywhere:share.1} of the journeys with {b} it stood somewhere before. {a} assisted "
        "{assists:count} sales that others closed, {assisted:count} of them closed by {b}. "
    )
    template += {
        Finding.DIFFERS.value: "After other channels {b} follows {usual:share.1} of contacts: "
        "{a} feeds it {lift:number.1} times as often.",
    }.get(pair["finding"], "That is not settled to differ from other channels, at {usual:share.1}.")
    return Reason(template, {
        "a": pair["source"], "b": pair["target"], "preceded": float(pair["preceded"]),
        "anywhere": float(pair["preceded_anywhere"]), "assisted": int(pair["assisted"]),
        "assists": int(role["assists"]), "usual": float(pair["usual"]),
        "lift": float(pair["lift"]),
    })  # fmt: skip


def switching_off(study: AttributionStudy) -> Reason:
    """Say which channel the model could least do without, in model-based words."""
    table = known(study.removal)
    top, n = table.iloc[0], int(study.paths.journeys)
    effect = Estimate(top["removal_effect"], top["low"], top["high"], n, "share", of="journeys")
    values = {"a": top["channel"], "effect": effect, "second": table.iloc[1]["channel"]}
    if not study.has_structure:
        return Reason(
            "Without {a} the model loses {effect} of the sales, as of any journeys: it is met "
            "most often, and no channel converts better than others.", values,
        )  # fmt: skip
    if top["rank_high"] == 1:
        return Reason("Switched off in the model, {a} would take most sales with it: {effect}.",
                      values)  # fmt: skip
    return Reason(
        "Switched off in the model, {a} would take {effect} of the sales with it; that {second} "
        "would take more is not ruled out.", values,
    )  # fmt: skip


def switching_off_so_what(study: AttributionStudy) -> Reason:
    """Say what the removal effect is not."""
    table = known(study.removal)
    top = table.iloc[0]
    template = (
        "{lost:count} of {n:count} sales, that is, if everyone whose journey meets {a} left. "
    )
    values: dict[str, object] = {
        "lost": float(top["conversions_lost"]), "n": study.paths.total, "a": top["channel"],
        "expected": float(top["by_presence"]),
    }  # fmt: skip
    if study.has_structure:
        template += (
            "If all journeys converted alike, it would be {expected:share.1}, for being met so "
            "often. It is a figure of the model: many would have come another way."
        )
    else:
        template += "The outcome has nothing to do with the path in these data."
    return Reason(template, values)


def credit_due(study: AttributionStudy) -> Reason:
    """Say whose credit last touch misses most."""
    if not study.has_choice:
        share = wilson(0, study.paths.journeys, of="journeys")
        return Reason(
            "Nobody met more than one channel: {share} of journeys changed it. All models agree, "
            "and there is nothing to attribute.", {"share": share},
        )  # fmt: skip
    if not study.has_structure and study.paths.has_nulls:
        return Reason(
            "Nothing says that one channel converts better than another: {share} of journeys "
            "convert, whichever they met.",
            {"share": wilson(study.paths.total, study.paths.journeys, of="journeys")},
        )
    row = _most_moved(study)
    return Reason(
        "{a} is due {share:share.1} of the sales by what the model would lose without it (the "
        "chain); last touch gives it {last:share.1}.",
        {"share": _share(study, row["channel"], "markov"), "a": row["channel"],
         "last": float(row["last_touch"])},
    )  # fmt: skip


def models_compared(study: AttributionStudy) -> list[str]:
    """Name the models that have figures; last but direct only where it is not last touch."""
    credit = study.credit
    kinds = [name for name in MODEL_NAMES if credit[name].notna().all()]
    same = np.allclose(credit["last_non_direct"], credit["last_touch"])
    return [name for name in kinds if not (same and name == "last_non_direct")]


def decision(study: AttributionStudy) -> Reason:
    """Say whether the choice of model changes which channel comes first."""
    firsts: dict[str, list[str]] = {}
    shares = study.models.pivot(index="channel", columns="model", values="share")
    ranks = shares[models_compared(study)].round(DIGITS)
    if not study.has_choice:
        return Reason("All {n:count} models give each channel the same.", {"n": ranks.shape[1]})
    for model, name in MODELS_IN_WORDS.items():
        if model in ranks:
            firsts.setdefault(str(ranks[model].idxmax()), []).append(name)
    alike = ranks.rank().corr().min().min()
    values: dict[str, object] = {"n": len(ranks.columns), "rho": float(alike)}
    if len(firsts) == 1:
        values["a"] = next(iter(firsts))
        tail = "and rank the others alike."
        if alike < ALIKE:
            tail = "but the ranks below it depend on the model (rank correlation down to "
            tail += "{rho:number.2})."
        elif alike < 1 - 1e-9:
            tail = "and the ranks below it differ little (rank correlation {rho:number.2} or more)."
        return Reason("All {n:count} models put {a} first, " + tail, values)
    (a, by_a), (b, by_b) = sorted(firsts.items(), key=lambda kv: (-len(kv[1]), kv[0]))[:2]
    values |= {"a": a, "b": b, "by_a": _listed(by_a), "by_b": _listed(by_b)}
    return Reason(
        "The model decides who comes first: {a} by {by_a}, {b} by {by_b} (lowest rank "
        "correlation of two models {rho:number.2}).", values,
    )  # fmt: skip


def roles(study: AttributionStudy) -> Reason:
    """Say who opens, who assists and who closes most."""
    table = study.assists
    tops = {name: table.sort_values([name, "channel"], ascending=[False, True]).iloc[0]
            for name in ("opens", "assists", "closes")}  # fmt: skip
    n = study.paths.total
    template = (
        "{opener} opens most sales ({opens:share}), {assister} assists most ({assists:share})"
    )
    if not table["assists"].any():
        template = "{opener} opens most sales ({opens:share}), no channel assists another"
    return Reason(
        template + ", {closer} closes most ({closes:share})",
        {"opener": tops["opens"]["channel"], "opens": tops["opens"]["opens"] / n,
         "assister": tops["assists"]["channel"], "assists": tops["assists"]["assists"] / n,
         "closer": tops["closes"]["channel"], "closes": tops["closes"]["closes"] / n},
    )  # fmt: skip


def _pair(study: AttributionStudy) -> pd.Series:
    return strongest_feed(known(study.feeds), study.assists)


def _role(study: AttributionStudy) -> pd.Series:
    source = _pair(study)["source"]
    return study.assists[study.assists["channel"] == source].iloc[0]


def _most_moved(study: AttributionStudy) -> pd.Series:
    moved = study.moved.sort_values(["difference", "channel"], ascending=[False, True])
    return moved.iloc[0]


def _share(study: AttributionStudy, channel: str, model: str) -> Estimate:
    here = (study.models["channel"] == channel) & (study.models["model"] == model)
    row = study.models[here].iloc[0]
    return Estimate(float(row["share"]), float(row["low"]), float(row["high"]),
                    int(study.paths.total), "share", of="sales")  # fmt: skip


def _listed(names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    return ", ".join(names[:-1]) + " and " + names[-1]
