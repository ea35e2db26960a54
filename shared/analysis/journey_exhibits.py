"""What stands behind each chart and table of the journey half: numbers, labels and alt texts."""

import numpy as np
import pandas as pd

from shared.analysis import journey_answers as answers
from shared.analysis.attribution_exhibits import Columns
from shared.analysis.exhibit import Exhibit
from shared.analysis.intervals import Estimate
from shared.analysis.journey_arrivals import MOST_ROWS
from shared.analysis.journey_pain import EVERYWHERE, LOW_ANSWER, read_rows
from shared.analysis.journey_rows import difference_of, share_of, without_small_counts
from shared.analysis.journey_segments import Segments
from shared.analysis.journey_study import JourneyStudy, stages_of
from shared.analysis.study_parts import known
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

MOST_BARS, MOST_GAINS = 10, 8
STEPS = "Share of all at each stage, step by step; a blank stands for under 10"
INTERVAL: Columns = {"low": ("low", "share.1"), "high": ("high", "share.1")}


def clicks(study: JourneyStudy) -> Exhibit:
    """Give the conversions after a click, after a mere view, and after neither."""
    table = known(study.clicks)
    shares = table.set_index("group")["share"]
    alt = Reason(
        "Bars of the share of sales by what went before: {a} {x:share.1}, {b} {y:share.1}, "
        "{c} {z:share.1}.",
        dict(zip("axbycz", shares.reset_index().to_numpy().ravel(), strict=True)),
    )  # fmt: skip
    columns: Columns = {
        "group": ("Sales", "text"), "conversions": ("Number", "count"),
        "share": ("Share", "share.1"), **INTERVAL,
    }  # fmt: skip
    if table["value"].notna().any():
        columns |= {"value": ("Value", "money"), "value_share": ("of value", "share.1"),
                    "mean_value": ("Mean value", "money.2")}  # fmt: skip
    return Exhibit((answers.clicks_title(study), alt), table, columns)


def reach(study: JourneyStudy) -> tuple[pd.DataFrame, Columns]:
    """Give whom each campaign reached, and how often, beside the plan where there is one."""
    table = known(study.reach)
    columns: Columns = {
        "campaign": ("Campaign", "text"), "contacts": (study.contact_noun.capitalize(), "count"),
        "reach": ("Customers reached", "count"), "frequency": ("Mean each", "number.1"),
        "median": ("Median each", "count"),
    }  # fmt: skip
    if table["cost"].notna().any():
        columns["cost"] = ("Cost", "money")
    if table["planned_reach"].notna().any():
        columns |= {"planned_reach": ("Planned reach", "count"),
                    "planned_frequency": ("Planned mean", "number.1"),
                    "reach_met": ("Reach met", "share.0"),
                    "frequency_met": ("Frequency met", "share.0")}  # fmt: skip
    return table, columns


def frequency(study: JourneyStudy) -> Exhibit:
    """Give the conversion of journeys by their number of contacts."""
    table = known(study.by_contacts)
    data = table[table["share"].notna()].reset_index(drop=True)
    if data.empty:
        raise NotSupportedByData("no number of contacts has 10 journeys", "more journeys")
    labels = [f"{int(k)}{'+' if more else ''}" for k, more in
              zip(data["contacts"], data["or_more"], strict=True)]  # fmt: skip
    data = data.assign(label=labels)
    first, last = data.iloc[0], data.iloc[-1]
    alt = Reason(
        "Points with intervals of the share of journeys that convert, by number of {noun}: {one} "
        "with {a}, {many} with {b}.",
        {"noun": study.contact_noun, "one": share_of(first, of="journeys"), "a": first["label"],
         "many": share_of(last, of="journeys"), "b": last["label"]},
    )  # fmt: skip
    columns: Columns = {
        "label": (study.contact_noun.capitalize(), "text"), "n": ("Journeys", "count"),
        "share": ("Converted", "share.1"), **INTERVAL, "reached": ("Came so far", "count"),
        "hazard": ("bought before the next", "share.1"), "finding": ("Against others", "text"),
    }  # fmt: skip
    return Exhibit((answers.frequency_title(study), alt), data, columns)


def arrivals(study: JourneyStudy) -> Exhibit:
    """Give the conversion after visits by the channel that they came through."""
    table = known(study.arrivals)
    data = table[table["share"].notna()].sort_values(["share", "channel"], ascending=[False, True])
    data = data.head(MOST_BARS).reset_index(drop=True)
    data = data.assign(points=100 * data["difference"])
    if data.empty:
        raise NotSupportedByData("no channel has 10 visits of 10 customers", "more visits")
    best, worst = data.iloc[0], data.iloc[-1]
    alt = Reason(
        "Points with intervals of the share of visits that a sale follows within "
        "{days:days}: from {best} through {a} to {worst} through {b}.",
        {"days": study.window_days, "best": share_of(best, of="visits"), "a": best["channel"],
         "worst": share_of(worst, of="visits"), "b": worst["channel"]},
    )  # fmt: skip
    columns: Columns = {
        "channel": ("Arrival", "text"), "judged": ("Visits judged", "count"),
        "share": ("Converted", "share.1"), **INTERVAL,
        "points": ("Against others, points", "number.1"), "finding": ("Reading", "text"),
    }  # fmt: skip
    return Exhibit((answers.arrivals_title(study), alt), data, columns)


def behaviour(study: JourneyStudy) -> tuple[pd.DataFrame, Columns]:
    """Give what visitors did on site, by channel; a star marks what differs from the others."""
    table = known(study.arrivals)
    columns: Columns = {"channel": ("Arrival", "text"), "n": ("Visits", "count")}
    wanted = {"pages": ("Pages", "number.1"), "seconds": ("Seconds", "number.0"),
              "product_views": ("Products seen", "number.1"),
              "cart": ("With a basket", "share"), "bounce": ("One page only", "share")}  # fmt: skip
    made = table[["channel", "n"]].copy()
    for name, (label, spec) in wanted.items():
        if name in table:
            unit = "share" if spec == "share" else "number"
            made[name] = _cells(table, (name, f"{name}_low", f"{name}_high"), n="n", unit=unit)
            made[f"{name}_finding"] = table[f"{name}_finding"]
            columns[name] = (label, spec)
    if len(columns) == 2:
        raise NotSupportedByData(
            "nothing is known of what visitors did", "pages, duration, cart_adds or bounced"
        )
    return made, columns


def funnel(study: JourneyStudy) -> Exhibit:
    """Give the stages with their journeys, conversion, drop-off and satisfaction."""
    stages = known(study.stages)
    data = without_small_counts(stages_of(study))
    # What the last stage leads to is called as on the rest of the page.
    data.loc[data.index[len(stages) :], "stage"] = "sale"
    data["go_on"] = _cells(data, ("conversion", "low", "high"), n="journeys")
    first, last = stages.iloc[0], stages.iloc[-1]
    alt = Reason(
        "Funnel of {k:count} stages: {n:count} {noun} at {first}, {m:count} at {last}; of the last "
        "{share:share.1} convert.",
        {"k": len(stages), "n": int(first["journeys"]), "noun": study.noun, "first": first["stage"],
         "m": int(last["journeys"]), "last": last["stage"], "share": float(last["conversion"])},
    )  # fmt: skip
    columns: Columns = {
        "stage": ("Stage", "text"), "journeys": (study.noun.capitalize(), "count"),
        "reached_share": ("of all", "share.0"), "go_on": ("Go on", "share.1"),
        "to_sale": ("Convert in the end", "share.1"),
    }  # fmt: skip
    if "satisfaction" in data:
        bounds = ("satisfaction", "satisfaction_low", "satisfaction_high")
        data["content"] = _cells(data, bounds, n="answers", unit="number")
        columns |= {"content": ("Satisfaction", "number.2"), "answers": ("Answers", "count")}
    if "complaint_share" in data:
        columns |= {"complaint_share": ("Low ratings after", "share.1"),
                    "reviews": ("of reviews", "count")}  # fmt: skip
    return Exhibit((answers.stages_title(study), alt), data, columns)


def pains(study: JourneyStudy) -> tuple[pd.DataFrame, Columns, int]:
    """Give the pain points, those read within their stage first, and how many the page shows.

    Beside them stands the same among all journeys. The rows at other stages follow, as in the
    file: they are there to look at and no reading.
    """
    pain = known(study.pain)
    rows = read_rows(pain)
    shown = min(len(rows), MOST_ROWS)
    if rows.empty:
        raise NotSupportedByData(
            "no event is frequent enough to compare within a stage", "10 journeys with it"
        )
    rows = pd.concat([rows, pain.drop(rows.index)])
    whole = pain[pain["stage"] == EVERYWHERE].set_index("event")
    shares = {"with_all": "with_share", "without_all": "without_share"}
    columns: Columns = {
        "event": ("Event", "text"), "among": ("Among those", "text"), "n": ("With it", "count"),
        "with_share": ("convert", "share.1"), "without_share": ("without it", "share.1"),
        "difference": ("Difference, points", "number.1"), "finding": ("Reading", "text"),
    }  # fmt: skip
    if len(whole):
        rows = rows.assign(**{new: rows["event"].map(whole[old]) for new, old in shares.items()})
        columns |= {"with_all": ("Among all: with", "share.1"),
                    "without_all": ("without", "share.1")}  # fmt: skip
    rows = without_small_counts(rows.reset_index(drop=True))
    # A low answer has other answers beside it, not the silent majority.
    answered = np.where(rows["event"] == LOW_ANSWER, " who answered there", "")
    rows = rows.assign(among="at " + rows["stage"] + answered)
    return _with_bounds(rows, of=study.noun), columns, shown


def segments(study: JourneyStudy) -> tuple[pd.DataFrame, Columns]:
    """Give the funnels of two groups of journeys side by side."""
    found: Segments = known(study.segments)
    first, second = found.names
    columns: Columns = {
        "stage": ("From", "text"), "n": (f"{first} {study.noun}", "count"),
        "share": ("go on", "share.1"), "other_n": (f"{second} {study.noun}", "count"),
        "other_share": ("go on", "share.1"), "difference": ("Difference, points", "number.1"),
        "finding": ("Reading", "text"),
    }  # fmt: skip
    return _with_bounds(found.funnel, of=study.noun), columns


def steps(study: JourneyStudy) -> tuple[pd.DataFrame, Columns]:
    """Give where journeys stand after each step: the most frequent stages, and how many ended."""
    matrix = known(study.steps)
    ends = matrix.tail(2)
    stages = matrix.iloc[:-2]
    # The page has room for the ten most frequent; the file has all.
    shown = stages.loc[stages.max(axis=1).sort_values(ascending=False, kind="stable").index]
    parts = [shown.head(MOST_ROWS - 2), ends, shown.iloc[MOST_ROWS - 2 :]]
    data = pd.concat(parts).reset_index(names="stage")
    columns: Columns = {"stage": ("At step", "text")}
    columns |= {step: (str(step), "share.0") for step in matrix.columns}
    return data, columns


def gains(study: JourneyStudy) -> tuple[pd.DataFrame, Columns, int]:
    """Give where a channel falls behind at a stage, most to gain first, and how many are shown.

    Those that lead follow, as in the file.
    """
    rows = without_small_counts(known(study.gains))
    shown = min(int(rows["gained"].notna().sum()), MOST_GAINS)
    if not shown:
        raise NotSupportedByData("no channel falls behind at any stage", "two channels a stage")
    columns: Columns = {
        "stage": ("Stage", "text"), "channel": ("Channel", "text"),
        "n": (study.noun.capitalize(), "count"), "share": ("Go on", "share.1"),
        "points": ("Against others, points", "number.1"), "gained": ("Sales to gain", "count"),
        "gained_low": ("from", "count"), "gained_high": ("to", "count"),
        "finding": ("Reading", "text"),
    }  # fmt: skip
    # Below nothing to gain the channel would lead: the interval says that it may.
    rows = rows.assign(gained_low=rows["gained_low"].clip(lower=0), points=100 * rows["difference"])
    return rows, columns, shown


def later(study: JourneyStudy) -> tuple[pd.DataFrame, Columns]:
    """Give what customers bought after a low answer, and after another one, by stage."""
    table = known(study.later)
    gaps: list[object] = [
        difference_of(row, of="customers") if pd.notna(row["difference"]) else np.nan
        for _, row in table.iterrows()
    ]
    rows = without_small_counts(table)
    rows = rows.assign(gap=pd.Series(gaps, index=table.index, dtype=object))
    columns: Columns = {
        "stage": ("Stage", "text"), "n": ("Low answers", "count"),
        "share": ("buy again", "share.1"), "other_n": ("Other answers", "count"),
        "other_share": ("buy again", "share.1"), "gap": ("Difference, points", "number.1"),
        "finding": ("Reading", "text"),
    }  # fmt: skip
    if table["value"].notna().any():
        columns |= {"value": ("Value after low", "money"),
                    "other_value": ("after other", "money")}  # fmt: skip
    return rows, columns


def _with_bounds(table: pd.DataFrame, *, of: str) -> pd.DataFrame:
    """Put the difference and its bounds into one cell: a phone has no room for three columns."""
    cells: list[object] = [
        difference_of(row, of=of) if pd.notna(row["difference"]) else np.nan
        for _, row in table.iterrows()
    ]
    return table.assign(difference=pd.Series(cells, index=table.index, dtype=object))


def _cells(
    table: pd.DataFrame, names: tuple[str, str, str], *, n: str, unit: str = "share"
) -> pd.Series:
    """Put a figure and its bounds into one cell, blank where the figure is."""
    rows = table[[*names, n]].astype("float64").to_numpy()
    cells = [Estimate(v, low, high, int(count), unit) if pd.notna(v) else np.nan
             for v, low, high, count in rows]  # fmt: skip
    return pd.Series(cells, index=table.index, dtype=object)
