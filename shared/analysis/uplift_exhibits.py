"""What stands behind each chart and table of the uplift page: numbers, labels and alt texts."""

from typing import Any

import numpy as np
import pandas as pd

from shared.analysis import uplift_answers as answers
from shared.analysis import uplift_money_answers as money_answers
from shared.analysis.column_words import plain
from shared.analysis.exhibit import Exhibit
from shared.analysis.study_parts import known
from shared.analysis.uplift_cells import cell
from shared.analysis.uplift_effects import OUTCOME, VALUE
from shared.analysis.uplift_policy import ALL, RESPONSE, TOP
from shared.analysis.uplift_quadrants import PERSUADABLE, TYPES
from shared.analysis.uplift_study import UpliftStudy
from shared.analysis.uplift_targets import MOST_DRIVERS
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

Columns = dict[Any, tuple[str, str]]
MOST_SEGMENTS = 12
FEATURE_WORDS = {
    "recency_days": "Days since the last order", "frequency": "Orders so far",
    "monetary": "Money spent so far", "visits_90d": "Visits in 90 days",
    "days_since_joined": "Days since joining", "age": "Age in years",
    "days_since_loyalty_joined": "Days in the loyalty programme",
}  # fmt: skip
CELLS = 24  # of the matrix, along each axis
POINTS: Columns = {"points": ("Difference, points", "number.1"), "points_low": ("from", "number.1"),
                   "points_high": ("to", "number.1")}  # fmt: skip


def effect_table(study: UpliftStudy) -> tuple[pd.DataFrame, Columns]:
    """Give the effect on every outcome, of every arm; shares as customers in 100."""
    names = {OUTCOME: "Responded", VALUE: "Money per customer"}
    data = study.effects.copy()
    is_share = data["unit"] == "share"
    for column in ("treated_rate", "control_rate", "uplift", "low", "high"):
        data[column] = data[column].where(~is_share, 100 * data[column])
    label = data["outcome"].map(lambda name: names.get(name, name))
    data["outcome"] = label.where(~is_share, label + ", of 100 customers")
    # Without a lot nothing is the campaign's doing, so that no column says "with".
    by_lot = study.checks.randomised
    heads = ("With", "Without") if by_lot else ("Of the treated", "Of the others")
    columns: Columns = {
        "outcome": ("Outcome", "text"), "arm": ("Arm", "text"), "treated": ("Treated", "count"),
        "control": ("Control", "count"), "treated_rate": (heads[0], "number.2"),
        "control_rate": (heads[1], "number.2"), "uplift": ("Difference", "number.2"),
        "low": ("from", "number.2"), "high": ("to", "number.2"), "finding": ("Reading", "text"),
    }  # fmt: skip
    return data, columns


def segments(study: UpliftStudy) -> Exhibit:
    """Give the effect by segment."""
    table, _p = known(study.segments)
    data = table.head(MOST_SEGMENTS)
    first, last = data.iloc[0], data.iloc[-1]
    alt = Reason(
        "Points with intervals, one per segment of {k}: from {high:number.1} more responses in 100 "
        "customers for {first} to {low:number.1} for {last}.",
        {"k": len(data), "high": 100 * float(first["uplift"]), "first": first["segment"],
         "low": 100 * float(last["uplift"]), "last": last["segment"]},
    )  # fmt: skip
    columns: Columns = {"segment": (study.segment_by, "text"), "treated": ("Treated", "count"),
                        "control": ("Control", "count"), "treated_rate": ("With", "share.1"),
                        "control_rate": ("Without", "share.1"), **POINTS,
                        "finding": ("Effect", "text"),
                        "against_rest": ("Against all others", "text")}  # fmt: skip
    return Exhibit((answers.best_segment(study), alt), _with_points(data), columns)


def _with_points(table: pd.DataFrame) -> pd.DataFrame:
    """Add differences of shares in points: a percentage would read as one of the share."""
    named = {"points": "uplift", "points_low": "low", "points_high": "high"}
    found = {new: 100 * table[old] for new, old in named.items() if old in table}
    return table.assign(**found)


def qini(study: UpliftStudy) -> Exhibit:
    """Give the Qini curve of the test half."""
    ranking = known(study.ranking)
    data = ranking.result.curve
    half = data.iloc[(data["share"] - 0.5).abs().argmin()]
    alt = Reason(
        "Curve with its band over the share of customers contacted, in order of predicted uplift: "
        "{gain:number.1} further responses per 1,000 treated at {share:share} contacted, "
        "{random:number.1} by lot.",
        {"gain": 1000 * float(half["gain"]), "share": float(half["share"]),
         "random": 1000 * float(half["random"])},
    )  # fmt: skip
    shown = data.assign(**{c: 1000 * data[c] for c in ("gain", "low", "high", "random")})
    columns: Columns = {"share": ("Contacted", "share.0"),
                        "gain": ("Further responses per 1,000 treated", "number.1"),
                        "low": ("low", "number.1"), "high": ("high", "number.1"),
                        "random": ("by lot", "number.1")}  # fmt: skip
    return Exhibit((answers.for_some(study), alt), shown, columns)


def deciles(study: UpliftStudy) -> Exhibit:
    """Give both arms' response rates by decile of predicted uplift."""
    data = known(study.deciles).table
    first, last = data.iloc[0], data.iloc[-1]
    values = {
        "high": 100 * float(first["uplift"]),
        "low": 100 * float(last["uplift"]),
        "fewer": -100 * float(last["uplift"]),
        "treated": float(first["treated_rate"]),
        "control": float(first["control_rate"]),
        "k": len(data),
        "best": int(first["decile"]),
        "worst": int(last["decile"]),
    }
    title = Reason(
        "In the group with the highest predicted uplift {high:number.1} more in 100 responded, in "
        + ("the group with the lowest {fewer:number.1} fewer" if last["uplift"] < 0 else
           "the group with the lowest {low:number.1} more") if study.differs else
        "Group by group the gap follows no proven order: {high:number.1} in 100 in the first, "
        "{low:number.1} in the last", values,
    )  # fmt: skip
    alt = Reason(
        "Two bars for each of {k} groups, group {best} at the far left: {treated:share.1} of the "
        "treated and {control:share.1} of the control responded there; the gap is {low:number.1} "
        "in 100 in group {worst}, at the far right.", values,
    )  # fmt: skip
    columns: Columns = {"decile": ("Group", "count"), "treated": ("Treated", "count"),
                        "treated_rate": ("Responded", "share.1"), "control": ("Control", "count"),
                        "control_rate": ("Responded", "share.1"),
                        **POINTS, "finding": ("Reading", "text")}  # fmt: skip
    return Exhibit((title, alt), _with_points(data), columns)


def matrix(study: UpliftStudy) -> tuple[Exhibit, pd.DataFrame]:
    """Give the persuasion matrix: sizes behind it, and customers by cell to be drawn."""
    data = known(study.quadrants)
    ranking = known(study.ranking)
    top = float(np.quantile(np.append(ranking.without, ranking.with_it), 0.995))
    edges = np.linspace(0, max(top, 2 * study.likely), CELLS + 1)
    across, upwards = (
        np.clip(np.digitize(side, edges) - 1, 0, CELLS - 1)
        for side in (ranking.without, ranking.with_it)
    )
    counts = np.bincount(across * CELLS + upwards, minlength=CELLS**2).reshape(CELLS, CELLS)
    x, y = np.nonzero(counts)
    middles = (edges[:-1] + edges[1:]) / 2
    cells = pd.DataFrame({"without": middles[x], "with_it": middles[y],
                          "customers": counts[x, y]})  # fmt: skip
    types = data.set_index("type")
    alt = Reason(
        "Customers by predicted chance of a response without the campaign and with it, in four "
        "fields: {n:count} above the diagonal are predicted like Persuadables, {share:share.1} of "
        "all.", {"n": int(cell(types, PERSUADABLE, "customers")),
                   "share": cell(types, PERSUADABLE, "share")},
    )  # fmt: skip
    return Exhibit((answers.nudged(study), alt), _with_points(data), quadrant_columns(study)), cells


def quadrant_columns(study: UpliftStudy) -> Columns:
    """Name the columns of the table of quadrants."""
    columns: Columns = {
        "type": ("Predicted like", "text"), "to_do": ("What to do", "text"),
        "customers": ("Customers", "count"), "share": ("Share", "share.1"),
        "treated_rate": ("Responded with", "share.1"), "control_rate": ("without", "share.1"),
        "points_low": ("Difference, points, from", "number.1"), "points_high": ("to", "number.1"),
        "money": ("Brought by contacting them", "money"), "money_low": ("low", "money"),
        "money_high": ("high", "money"),
    }  # fmt: skip
    if known(study.quadrants)["money"].isna().all():
        columns = {c: v for c, v in columns.items() if not str(c).startswith("money")}
    return columns


def bounds(study: UpliftStudy) -> Exhibit:
    """Give the ranges in which the sizes of the four types lie."""
    table = known(study.bounds).reset_index()
    sizes = {f"customers_{c}": (table[c] * study.contrast.n).round() for c in ("low", "high")}
    data = table.assign(**sizes)
    at = table.set_index("type")
    alt = Reason(
        "Four ranges, one per type of customer: Persuadables {a:share} to {b:share} of all, "
        "Sure Things {c:share} to {d:share}, Sleeping Dogs {e:share} to {f:share}.",
        {name: cell(at, row, column) for name, row, column in
         zip("abcdef", [t for t in (TYPES[0], TYPES[1], TYPES[3]) for _i in (0, 1)],
             ["low", "high"] * 3, strict=True)},
    )  # fmt: skip
    columns: Columns = {"type": ("Type", "text"), "low": ("At least", "share.1"),
                        "high": ("at most", "share.1"),
                        "customers_low": ("Customers from", "count"),
                        "customers_high": ("to", "count"),
                        "outer_low": ("with sampling error from", "share.1"),
                        "outer_high": ("to", "share.1")}  # fmt: skip
    return Exhibit((money_answers.anyway(study), alt), data, columns)


def profit(study: UpliftStudy) -> Exhibit:
    """Give net profit by the share contacted."""
    policy = known(study.policy)
    data, rules = policy.curve, policy.table.set_index("rule")
    alt = Reason(
        "Curve of {what} {costs} per 1,000 customers by share contacted, with its band: "
        "{top:money} at {share:share} contacted by uplift, {response:money} by response, "
        "{all:money} for all.",
        {"what": policy.money.what, "costs": policy.money.costs, "share": policy.best_share,
         **{name: cell(rules, rule, "profit") for name, rule in
            (("top", TOP), ("response", RESPONSE), ("all", ALL))}},
    )  # fmt: skip
    columns: Columns = {"share": ("Contacted", "share.0"), "profit": ("By uplift", "money"),
                        "low": ("low", "money"), "high": ("high", "money"),
                        "response_profit": ("By response", "money")}  # fmt: skip
    return Exhibit((money_answers.how_many(study), alt), data, columns)


def rule_table(study: UpliftStudy) -> tuple[pd.DataFrame, Columns]:
    """Give each rule's net profit, and what it is against contacting all."""
    columns: Columns = {
        "rule": ("Rule", "text"), "share": ("Contacted", "share.0"),
        "profit": ("Per 1,000 customers", "money"), "low": ("low", "money"),
        "high": ("high", "money"), "against_all": ("Against all", "money"),
        "against_all_low": ("low", "money"), "against_all_high": ("high", "money"),
    }  # fmt: skip
    return known(study.policy).table, columns


def driver_table(study: UpliftStudy) -> tuple[pd.DataFrame, Columns]:
    """Give what marks the fifth with the highest predicted uplift.

    Raises
    ------
    NotSupportedByData
        If it is not shown that some gain more than others.
    """
    table = known(study.drivers).head(MOST_DRIVERS)
    if not study.differs:
        raise NotSupportedByData(
            "no ranking is shown to find those who are moved, so that nothing marks them",
            "a larger campaign, or features that tell customers apart",
        )
    named = [FEATURE_WORDS.get(name, plain(name)) for name in table["feature"]]
    columns: Columns = {"feature": ("Known before the campaign", "text"),
                        "top": ("Highest fifth", "number.2"),
                        "bottom": ("Lowest fifth", "number.2"),
                        "difference": ("In standard deviations", "number.2")}  # fmt: skip
    return table.assign(feature=named), columns


def type_table(study: UpliftStudy) -> tuple[pd.DataFrame, Columns]:
    """Give the four types: predicted, possible at all, and the money of contacting them."""
    columns: Columns = {
        "type": ("Type", "text"), "to_do": ("What to do", "text"),
        "customers": ("Predicted like it", "count"), "types_low": ("Truly of it from", "count"),
        "types_high": ("to", "count"), "money": ("Contacting the predicted brings", "money"),
        "money_low": ("from", "money"), "money_high": ("to", "money"),
    }  # fmt: skip
    table = known(study.quadrants)
    if table["money"].isna().all():
        columns = {c: v for c, v in columns.items() if not str(c).startswith("money")}
    return table, columns


def arms_table(study: UpliftStudy) -> tuple[pd.DataFrame, Columns]:
    """Give what each of several arms brings after its cost."""
    columns: Columns = {"arm": ("Arm", "text"), "treated": ("Treated", "count"),
                        "cost": ("Cost of a contact", "money.2"),
                        "net": ("Per 1,000 customers", "money"), "low": ("low", "money"),
                        "high": ("high", "money"), "finding": ("Against the control", "text"),
                        "against_best": ("Against the best", "text")}  # fmt: skip
    return known(study.arms).table, columns


def fields(study: UpliftStudy) -> dict[str, Any]:
    """Give what parts the four fields of the matrix, and the share in each."""
    table = known(study.quadrants).set_index("type")
    shares = {name: cell(table, name, "share") for name in TYPES}
    return {"moved": study.moved, "likely": study.likely, "shares": shares}
