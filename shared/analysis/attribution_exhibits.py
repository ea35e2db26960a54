"""What stands behind each chart and table of the attribution page: numbers, labels, alt texts."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from shared.analysis import attribution_answers as answers
from shared.analysis.attribution_assists import LEAST_MOVES
from shared.analysis.attribution_budget_answers import budget_title
from shared.analysis.attribution_rules import MODEL_NAMES
from shared.analysis.attribution_study import AttributionStudy
from shared.analysis.exhibit import Exhibit
from shared.analysis.study_parts import known
from shared.analysis.verdicts import Reason

Columns = dict[Any, tuple[str, str]]
MOST_NODES, MOST_CHANNELS, MOST_BARS, MOST_PAIRS = 10, 8, 12, 10
OTHERS = "Other channels"
ALWAYS_SHOWN = 3  # arrows into a sale: they show who finishes
MOST_ARROWS = 24  # of the map; the lowest threshold that leaves no more is taken
THRESHOLDS = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.125, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
DRAWN_MODELS = ("first_touch", "last_touch", "linear", "markov")
LEAST_Q = 0.001


@dataclass(frozen=True)
class MapExhibit(Exhibit):
    """The channel map, with what it leaves out.

    Attributes
    ----------
    note : Reason
        The threshold, the arrows under it, and the channels drawn as one.
    """

    note: Reason


def channel_map(study: AttributionStudy) -> MapExhibit:
    """Give the arrows of the map: of the channels met most, the rest as one."""
    arrows, grouped = _grouped_moves(study)
    arrows = arrows[(arrows["kind"] != "move") | (arrows["source"] != arrows["target"])]
    share = arrows["transition_probability"]
    threshold = next((t for t in THRESHOLDS if (share >= t).sum() <= MOST_ARROWS), THRESHOLDS[-1])
    into_sales = arrows[arrows["kind"] == "sale"].nlargest(ALWAYS_SHOWN, "transition_probability")
    kept = (share >= threshold) | arrows.index.isin(into_sales.index)
    shown, best = arrows[kept].reset_index(drop=True), into_sales.iloc[0]
    alt = Reason(
        "Map of channels with arrows from the start, between channels, to a green square for a "
        "sale and a grey disc for none; the thickest arrow into the square comes from {a}: "
        "{share:share.1} of its contacts are followed by a sale.",
        {"a": best["source"], "share": float(best["transition_probability"])},
    )
    template = (
        "Arrows under {threshold:share.1} are left out, {n:count} of {all:count}; the three "
        "likeliest into a sale always stand. They are shares of last contacts, no proof that the "
        "channel made the sale."
    )
    values: dict[str, object] = {"threshold": threshold, "n": len(arrows) - len(shown),
                                 "all": len(arrows), "grouped": grouped}  # fmt: skip
    if grouped:
        template += " {grouped:count} channels that are met less often are drawn as one."
    columns: Columns = {
        "from": ("From", "text"), "to": ("To", "text"), "journeys": ("Times", "count"),
        "transition_probability": ("Share", "share.1"),
    }  # fmt: skip
    ends = {"start": "start", "sale": "sale", "end": "no sale"}
    data = shown.assign(
        **{"from": shown["source"].where(shown["kind"] != "start", ends["start"]),
           "to": shown["target"].where(~shown["kind"].isin(["sale", "end"]),
                                       shown["kind"].map(ends))}
    ).sort_values("transition_probability", ascending=False, ignore_index=True)  # fmt: skip
    return MapExhibit((answers.travelling(study), alt), data, columns, Reason(template, values))


def feeding(study: AttributionStudy) -> Exhibit:
    """Give the pairs of channels that feed more than usual, the one told first on top."""
    table = known(study.feeds)
    pair = answers.strongest_feed(table, study.assists)
    told = (table["moves"] >= LEAST_MOVES) | (table.index == pair.name)
    own = table[(table["source"] == pair["source"]) & told].sort_values(
        ["transition_probability", "target"], ascending=[False, True]
    )
    data = own.head(MOST_PAIRS).reset_index(drop=True)
    alt = Reason(
        "Points with intervals for where contacts through {a} lead next: to {b} in "
        "{share:share.1}, against {usual:share.1} after other channels.",
        {"a": pair["source"], "b": pair["target"], "share": float(pair["transition_probability"]),
         "usual": float(pair["usual"])},
    )  # fmt: skip
    title = Reason(
        "{share:share.1} of contacts through {a} lead to {b} next",
        {"share": float(pair["transition_probability"]), "a": pair["source"], "b": pair["target"]},
    )
    columns: Columns = {
        "source": ("From", "text"), "target": ("To", "text"), "moves": ("Times", "count"),
        "transition_probability": ("Go there next", "share.1"), "low": ("low", "share.1"),
        "high": ("high", "share.1"), "usual": ("After other channels", "share.1"),
        "preceded": ("Of contacts there, straight after", "share.1"),
        "preceded_anywhere": ("Of journeys there, it came before", "share.1"),
        "assisted": ("Sales assisted", "count"),
    }  # fmt: skip
    return Exhibit((title, alt), data, columns)


def removal(study: AttributionStudy) -> Exhibit:
    """Give what the chain loses without each channel; the first `MOST_BARS` are drawn."""
    data = known(study.removal)
    top, last = data.iloc[0], data.head(MOST_BARS).iloc[-1]
    alt = Reason(
        "Bars with intervals of the share of sales lost without a channel, from "
        "{high:share.1} for {a} to {low:share.1} for {b}.",
        {"high": float(top["removal_effect"]), "a": top["channel"],
         "low": float(last["removal_effect"]), "b": last["channel"]},
    )  # fmt: skip
    columns: Columns = {
        "channel": ("Channel", "text"), "removal_effect": ("Lost without it", "share.1"),
        "low": ("low", "share.1"), "high": ("high", "share.1"), "rank": ("Rank", "count"),
        "rank_low": ("best", "count"), "rank_high": ("worst", "count"),
        "by_presence": ("If all paths converted alike", "share.1"),
        "conversions_lost": ("Sales lost", "count"),
    }  # fmt: skip
    said = answers.switching_off(study)
    return Exhibit((Reason(said.template.rstrip("."), said.values), alt), data, columns)


def models(study: AttributionStudy) -> Exhibit:
    """Give the share of conversions by channel and model, the channels with most credit first."""
    channels = study.credit["channel"].head(MOST_CHANNELS)
    order = {name: place for place, name in enumerate(channels)}
    data = study.models[
        study.models["channel"].isin(order) & study.models["model"].isin(DRAWN_MODELS)
    ]
    data = data.assign(place=data["channel"].map(order), model=data["model"].map(MODEL_NAMES))
    data = data.sort_values("place", kind="stable", ignore_index=True).drop(columns="place")
    chain = data[data["model"] == MODEL_NAMES["markov"]]
    top = chain.nlargest(1, "share").iloc[0]
    alt = Reason(
        "Bars with intervals of each channel's share of the sales by {n:count} models; by "
        "the chain {a} is first with {share:share.1}.",
        {"n": data["model"].nunique(), "a": top["channel"], "share": float(top["share"])},
    )
    said = answers.credit_due(study)
    columns: Columns = {
        "channel": ("Channel", "text"), "model": ("Model", "text"), "share": ("Share", "share.1"),
        "low": ("low", "share.1"), "high": ("high", "share.1"), "rank": ("Rank", "count"),
    }  # fmt: skip
    return Exhibit((Reason(said.template.rstrip("."), said.values), alt), data, columns)


def credit_table(study: AttributionStudy) -> tuple[pd.DataFrame, Columns]:
    """Give the credit of each channel by every model that says something, rare channels marked."""
    kinds = answers.models_compared(study)
    few = study.credit["rare"]
    data = study.credit.assign(
        channel=study.credit["channel"].where(~few, study.credit["channel"] + " (rare)")
    )
    columns: Columns = {"channel": ("Channel", "text")}
    columns |= {name: (MODEL_NAMES[name], "count") for name in kinds}
    columns |= {"low": ("Chain, low", "count"), "high": ("high", "count")}
    return data, columns


def roles(study: AttributionStudy) -> Exhibit:
    """Give what each channel opens, assists and closes; the first `MOST_CHANNELS` are drawn."""
    data = study.assists
    top = data.iloc[0]
    alt = Reason(
        "Three bars per channel: sales opened, assisted and closed; {a} assists {n:count} "
        "and closes {k:count}.",
        {"a": top["channel"], "n": int(top["assists"]), "k": int(top["closes"])},
    )
    columns: Columns = {
        "channel": ("Channel", "text"), "conversions": ("On the path", "count"),
        "opens": ("Opens", "count"), "assists": ("Assists", "count"), "closes": ("Closes", "count"),
        "alone": ("Alone", "count"), "closing_share": ("Closing share", "share.1"),
        "low": ("low", "share.1"), "high": ("high", "share.1"),
    }  # fmt: skip
    return Exhibit((answers.roles(study), alt), data, columns)


def returns(study: AttributionStudy) -> Exhibit:
    """Give cost, credit and return by channel."""
    data = known(study.returns)
    paid = data[data["cost"] > 0]
    top = paid.iloc[0]
    alt = Reason(
        "Two marks per channel, its share of all cost and of all credited sales: {a} takes "
        "{cost:share.1} of the cost and is credited with {credit:share.1}.",
        {"a": top["channel"], "cost": float(top["cost_share"]),
         "credit": float(top["credit_share"])},
    )  # fmt: skip
    columns: Columns = {
        "channel": ("Channel", "text"), "contacts": ("Contacts", "count"),
        "cost": ("Cost", "money"), "cost_share": ("of all", "share"),
        "conversions": ("Credited", "count"), "credit_share": ("of all", "share"),
        "cost_per_conversion": ("Cost of one", "money.2"),
    }  # fmt: skip
    if study.paths.has_value:
        columns |= {
            "value": ("Revenue credited", "money"), "return_on_cost": ("per unit", "number.1"),
            "low": ("low", "number.1"), "high": ("high", "number.1"),
            "last_touch_return": ("by last touch", "number.1"),
        }  # fmt: skip
    return Exhibit((budget_title(study), alt), data, columns)


def _grouped_moves(study: AttributionStudy) -> tuple[pd.DataFrame, int]:
    """Join the channels met least into one node; count them."""
    ranked = study.credit.sort_values(["journeys", "channel"], ascending=[False, True])["channel"]
    rest = set(ranked[MOST_NODES - 1 :]) if len(ranked) > MOST_NODES else set()
    moves = study.moves
    if rest:
        name = dict.fromkeys(rest, OTHERS)
        moves = moves.replace({"source": name, "target": name})
        keys = ["source", "target", "kind"]
        moves = moves.groupby(keys)["journeys"].sum().reset_index()
    whole = moves.groupby("source")["journeys"].transform("sum")
    return moves.assign(transition_probability=moves["journeys"] / whole), len(rest)
