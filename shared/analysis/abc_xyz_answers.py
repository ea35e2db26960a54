"""What the page says of A, B, C crossed with X, Y, Z: title, alt text and columns."""

import pandas as pd

from shared.analysis.abc_xyz import LEAST_PERIODS, NOT_RATED, abc_xyz_table
from shared.analysis.intervals import wilson
from shared.analysis.periods import CALENDAR
from shared.analysis.small_cells import FEWEST
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

BUY = {
    "X": "buy steadily (X)",
    "Z": "buy by fits and starts (Z)",
    "Y": "buy in changing amounts (Y)",
    NOT_RATED: "have too few periods behind them to be rated",
}


def abc_xyz_columns(members: str, what: str) -> dict[str, tuple[str, str]]:
    """Name the columns of the matrix, and how each is written."""
    return {
        "abc_class": ("ABC class", "text"),
        "xyz_class": ("XYZ class", "text"),
        "members": (members.capitalize(), "count"),
        "member_share": (f"Share of {members}", "share"),
        "revenue": (what.capitalize(), "money"),
        "revenue_share": (f"Share of {what}", "share"),
    }


def steadiness(classes: pd.DataFrame, *, members: str, period: str = "M") -> tuple[Reason, Reason]:
    """Answer: who are X, Y and Z, and how do they cross with A, B and C?

    Raises
    ------
    NotSupportedByData
        If no member has three complete periods.
    """
    of_a = classes.loc[classes["abc_class"] == "A", "xyz_class"].value_counts()
    rated = classes[classes["xyz_class"] != NOT_RATED]
    noun = CALENDAR[period]
    if rated.empty:
        raise NotSupportedByData(
            f"no {members.removesuffix('s')} has {LEAST_PERIODS} complete {noun}s behind it",
            f"at least {LEAST_PERIODS} complete {noun}s of orders",
        )
    rated_a = int((rated["abc_class"] == "A").sum())
    values = {
        "share": wilson(int(of_a.get("X", 0)), rated_a),
        "steady": int(of_a.get("X", 0)),
        "changing": int(of_a.get("Y", 0)),
        "erratic": int(of_a.get("Z", 0)),
        "a": rated_a,
        "not_rated": len(classes) - len(rated),
        "n": len(classes),
        "members": members,
        "period": noun,
        "least": LEAST_PERIODS,
    }
    verb = "buy" if members == "customers" else "sell"
    withheld = _withheld_of_a(classes) if members == "customers" else ""
    if withheld and rated_a:
        return (
            Reason(withheld, {"fewest": FEWEST}),
            Reason(
                "Matrix of {n} customers by contribution, A to C, and steadiness, X to Z; cells of "
                "fewer than {fewest} customers are withheld.",
                {"n": len(classes), "fewest": FEWEST},
            ),
        )
    return (
        Reason(
            f"{{steady}} of {{a}} rated A {{members}} {verb} steadily (X), {{erratic}} by fits and "
            "starts (Z)"
            if rated_a
            else "No A among the {members} is rated: {not_rated} of {n} have under {least} "
            "complete {period}s behind them",
            values,
        ),
        Reason(
            "Matrix of {n} {members} by contribution, A to C, and steadiness, X to Z: {steady} A "
            "{members} are X, {changing} Y and {erratic} Z; {not_rated} {members} with under "
            "{least} complete {period}s are not rated.",
            values,
        ),
    )


def _withheld_of_a(classes: pd.DataFrame) -> str:
    """Say why counts of A customers are withheld; "" where none is."""
    table = abc_xyz_table(classes, of_people=True)
    if table.loc[table["abc_class"] == "A", "members"].notna().all():
        return ""
    of_a = classes.loc[classes["abc_class"] == "A", "xyz_class"].value_counts()
    for xyz, words in BUY.items():
        if 0 < of_a.get(xyz, 0) < FEWEST:
            return f"Fewer than {{fewest}} A customers {words}"
    # Of a large cell the count would give away a small one of another row.
    return (
        "How steadily A customers buy is withheld: another cell has fewer than {fewest} customers"
    )
