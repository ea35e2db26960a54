"""What stands behind each chart and table of the propensity page: numbers, labels, alt texts."""

from typing import Any

import numpy as np
import pandas as pd

from shared.analysis.exhibit import Exhibit
from shared.analysis.intervals import wilson
from shared.analysis.multiple_testing import Finding
from shared.analysis.propensity import PropensityStudy
from shared.analysis.propensity_day import DayAhead
from shared.analysis.propensity_lists import SURE, SureList
from shared.analysis.propensity_models import BASELINE
from shared.analysis.propensity_names import name_of
from shared.analysis.propensity_profit import discount_table
from shared.analysis.propensity_use_answers import best_cut, cheaper, first_tenth
from shared.analysis.propensity_words import did, doers, model_name, people
from shared.analysis.study_parts import known
from shared.analysis.verdicts import Reason

Columns = dict[Any, tuple[str, str]]
POINTS = 40  # of a ROC curve
MOST_DRIVERS = 10
MOST_AUDITED = 6


def roc(study: PropensityStudy) -> Exhibit:
    """Give the ROC curve of the score used, and that of one column alone."""
    tested, auc = study.tested, study.auc
    share = np.linspace(0, 1, POINTS + 1)
    data = pd.DataFrame(
        {
            "others": share,
            "reached": _curve(tested.score, tested.outcome, share),
            "alone": _curve(tested.propensity[BASELINE], tested.outcome, share),
        }
    )
    tenth = data.iloc[int(np.abs(share - 0.1).argmin())]
    values = {"auc": auc, "low": auc.low, "high": auc.high, "pairs": round(100 * auc.value),
              "reached": float(tenth["reached"]), "tenth": float(tenth["others"])}  # fmt: skip
    title = Reason(
        "The score picks the one who " + did(study) + " out of a pair in {pairs:count} of 100 "
        "cases: AUC {auc} ({low:ratio} to {high:ratio})"
        if not study.finds_nothing
        else "The score is no better than chance: AUC {auc} ({low:ratio} to {high:ratio})",
        values,
    )
    alt = Reason(
        "ROC curve: with {tenth:share} of the others it reaches {reached:share} of the "
        + doers(study) + "; the diagonal is chance.", values,
    )  # fmt: skip
    columns: Columns = {
        "others": ("Others reached", "share"),
        "reached": (f"{doers(study).capitalize()} reached", "share"),
        "alone": (f"By {model_name(study, BASELINE)}", "share"),
    }
    return Exhibit((title, alt), data, columns)


def calibration(study: PropensityStudy) -> Exhibit:
    """Give promised and observed rates of ten groups."""
    data = study.calibration
    top = data.iloc[-1]
    values = {"promised": float(top["propensity"]), "seen": float(top["rate"]),
              "points": 100 * study.measured["calibration_error"]}  # fmt: skip
    title = Reason("Promised and observed rates differ by {points:number.1} percentage points on "
                   "average", values)  # fmt: skip
    alt = Reason(
        "Dots of ten groups by promised and observed rate, with intervals, beside the diagonal: "
        "the highest was promised {promised:share.1} and reached {seen:share.1}.", values,
    )  # fmt: skip
    columns: Columns = {
        "class": ("Group", "count"), "n": (people(study).capitalize(), "count"),
        "propensity": ("Promised", "share.1"), "rate": ("Observed", "share.1"),
        "low": ("from", "share.1"), "high": ("to", "share.1"),
    }  # fmt: skip
    return Exhibit((title, alt), data, columns)


def tenths(study: PropensityStudy) -> Exhibit:
    """Give the ten groups by score, and how many of the buyers they hold."""
    data = study.deciles
    first, last = data.iloc[0], data.iloc[-1]
    values = {"first": wilson(int(first["bought"]), int(first["n"])),
              "last": wilson(int(last["bought"]), int(last["n"])),
              "gain": float(first["gain"]), "lift": float(first["lift"])}  # fmt: skip
    title = Reason("Of the best tenth {first} " + did(study) + ", of the last {last}", values)
    alt = Reason(
        "Bars of ten groups by score with intervals: {first} of the first tenth " + did(study)
        + ", {last} of the last; the first holds {gain:share} of the " + doers(study) + ".",
        values,
    )  # fmt: skip
    columns: Columns = {
        "decile": ("Tenth", "count"), "n": (people(study).capitalize(), "count"),
        "propensity": ("Promised", "share.1"), "rate": ("Observed", "share.1"),
        "low": ("from", "share.1"), "high": ("to", "share.1"),
        "lift": ("Times the average", "ratio"),
        "gain": (f"{doers(study).capitalize()} so far", "share"),
    }  # fmt: skip
    return Exhibit((title, alt), data, columns)


def cost(study: PropensityStudy) -> Exhibit:
    """Give the cost per buyer by share contacted."""
    row, everybody = first_tenth(study), study.profit.table.iloc[-1]
    title = cheaper(study)
    alt = Reason(
        "Line of the cost per " + doers(study)[:-1] + " by share contacted, with its interval: "
        "{each:money.2} at {share:share}, {all:money.2} at {whole:share}.",
        {"each": float(row["cost_per_buyer"]), "share": float(row["contacted"]),
         "all": float(everybody["cost_per_buyer"]), "whole": float(everybody["contacted"])},
    )  # fmt: skip
    template = title.template.removesuffix(".")
    columns: Columns = {
        "contacted": ("Contacted", "share"), "n": (people(study).capitalize(), "count"),
        "bought": (doers(study).capitalize(), "count"),
        "gain": ("Of all of them", "share"), "cost": ("Cost", "money"),
        "cost_per_buyer": ("Cost per one", "money.2"), "cost_low": ("from", "money.2"),
        "cost_high": ("to", "money.2"),
    }  # fmt: skip
    return Exhibit((Reason(template, title.values), alt), study.profit.table, columns)


def profit(study: PropensityStudy) -> Exhibit:
    """Give profit by share contacted; raises the reason where margins are not known."""
    best_cut(study)
    curve = study.profit
    tenth, everybody = first_tenth(study), float(curve.table["profit"].iloc[-1])
    title = Reason(
        "Nobody's score reaches {cut:number.1}, from which a contact pays"
        if not curve.cut_n
        else "No gain is settled from leaving anybody out: all contacted bring {all:money}"
        if curve.all_are_worth_it
        else "Contacting the {share:share} whose score pays brings {profit:money}, all {all:money}",
        {"profit": curve.cut.value, "share": curve.cut_n / len(study.tested.rows),
         "all": everybody, "cut": 100 * curve.break_even},
    )  # fmt: skip
    alt = Reason(
        "Line of profit by share contacted, best score first: {profit:money} at {share:share}, "
        "{all:money} for all; the straight line is a random order.",
        {"profit": float(tenth["profit"]), "share": float(tenth["contacted"]), "all": everybody},
    )
    columns: Columns = {
        "contacted": ("Contacted", "share"), "n": (people(study).capitalize(), "count"),
        "bought": (doers(study).capitalize(), "count"), "cost": ("Cost", "money"),
        "profit": ("Profit", "money"), "profit_random": ("Random order", "money"),
    }  # fmt: skip
    return Exhibit((title, alt), curve.table, columns)


def drivers(study: PropensityStudy) -> Exhibit:
    """Give what moves the score most."""
    data = study.drivers.head(MOST_DRIVERS).assign(
        name=lambda t: [name_of(f) for f in t["feature"]], times=lambda t: np.exp(t["strength"])
    )
    first = data.iloc[0]
    values = {"name": first["name"], "times": float(first["times"]), "n": len(data),
              "way": _way(str(first["direction"]))}  # fmt: skip
    title = Reason("Most weight has {name}{way}: usual differences change the odds "
                   "{times:ratio.1} times", values)  # fmt: skip
    alt = Reason("Bars of the {n:count} columns with most weight in the readable model: {name} "
                 "changes the odds {times:ratio.1} times.", values)  # fmt: skip
    columns: Columns = {
        "name": ("Column", "text"), "source": ("Source", "text"),
        "direction": ("Direction", "text"), "times": ("Changes the odds, times", "ratio.1"),
        "agreeing": ("Same way in", "count"), "splits": ("of splits", "count"),
    }  # fmt: skip
    return Exhibit((title, alt), data, columns)


def score_rows(study: PropensityStudy) -> tuple[pd.DataFrame, Columns]:
    """Give the bands of the score with people of today and rates at the test."""
    columns: Columns = {
        "band": ("Score", "text"),
        "today": ("Today" if study.has_orders else "Scored", "count"),
        "n": ("At the test", "count"), "bought": (f"Of them {did(study)}", "count"),
        "rate": ("Rate", "share.1"), "low": ("from", "share.1"), "high": ("to", "share.1"),
    }  # fmt: skip
    return study.bands, columns


def top_rows(study: PropensityStudy) -> tuple[pd.DataFrame, Columns]:
    """Give the scores, the highest first, with what moves them; ids stand in the file alone."""
    columns: Columns = {
        "score_0_to_100": ("Score", "number.0"),
        "reasons": ("What speaks for it (+) and against it (-)", "text"),
    }
    return study.scores, columns


def sure_rows(study: PropensityStudy) -> tuple[pd.DataFrame, Columns]:
    """Give what became of those above 80, for each horizon there is."""
    within = study.settings.horizon.words if study.has_orders else "as labelled"
    now = int((study.today > SURE).sum()) if study.has_orders else None
    rows = [_sure_row(within, study.sure, now)]
    if isinstance(study.day, DayAhead):
        rows.append(_sure_row("24 hours", study.day.sure, study.day.above_now))
    columns: Columns = {
        "horizon": ("Within", "text"), "today": ("Above 80 today", "count"),
        "n": ("Above 80 at the test", "count"), "rate": ("Came true", "share"),
        "low": ("from", "share"), "high": ("to", "share"), "reading": ("Reading", "text"),
        "highest": ("Highest at the test", "number.0"), "best": ("Best list's precision", "share"),
        "best_size": ("on a list of", "count"),
    }  # fmt: skip
    return pd.DataFrame(rows), columns


def discount_rows(study: PropensityStudy) -> tuple[pd.DataFrame, Columns]:
    """Give how many more of 100 a discount must move, by score; blank where none could pay."""
    table = discount_table(study.today, margin_share=known(study.money).margin_share,
                           discount=study.settings.discount)  # fmt: skip
    columns: Columns = {
        "score": ("Score", "text"), "n": (f"{people(study).capitalize()} today", "count"),
        "needed": ("Must move, of all of them", "share.1"),
    }  # fmt: skip
    pairs = zip(table["low"], table["high"], strict=True)
    return table.assign(score=[f"{100 * a:.0f} to {100 * b:.0f}" for a, b in pairs]), columns


def source_rows(table: pd.DataFrame) -> tuple[pd.DataFrame, Columns]:
    """Give the sources that a score uses, and what each adds."""
    columns: Columns = {
        "source": ("Source", "text"), "columns": ("Columns", "count"),
        "covered": ("Covers", "share"), "auc_alone": ("AUC alone", "ratio"),
        "auc_without": ("AUC without it", "ratio"), "adds": ("It adds", "ratio.3"),
        "low": ("from", "ratio.3"), "high": ("to", "ratio.3"), "finding": ("Reading", "text"),
    }  # fmt: skip
    rows = zip(table["finding"], table["high"], strict=True)
    return table.assign(finding=[_addition(str(found), high) for found, high in rows]), columns


def audit_rows(study: PropensityStudy) -> tuple[pd.DataFrame, Columns]:
    """Give the columns by suspicion."""
    table = study.audit.table
    shown = table.assign(
        name=[name_of(str(f)) for f in table["feature"]],
        suspicion=[kind.value for kind in table["suspicion"]],
    )
    columns: Columns = {
        "name": ("Column", "text"), "suspicion": ("Suspicion", "text"),
        "action": ("In the score", "text"), "auc_alone": ("AUC alone", "ratio"),
        "auc_drop": ("AUC lost without it", "ratio.3"),
        "stamped_after": ("Recorded later", "share"), "unseen": ("New values", "share"),
    }  # fmt: skip
    seen = shown.head(MOST_AUDITED)
    return shown, {name: said for name, said in columns.items() if seen[name].notna().any()}


def _sure_row(horizon: str, sure: SureList, today: int | None) -> dict[str, object]:
    none = sure.rate.n == 0
    return {"horizon": horizon, "today": today, "n": sure.rate.n,
            "bought": 0 if none else round(sure.rate.value * sure.rate.n),
            "promised": sure.promised, "rate": sure.rate.value, "low": sure.rate.low,
            "high": sure.rate.high, "reading": "nobody above 80" if none else sure.reading,
            "highest": 100 * sure.highest, "best": sure.best.value, "best_low": sure.best.low,
            "best_high": sure.best.high, "best_size": sure.best_size}  # fmt: skip


def _curve(score: np.ndarray, outcome: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Give the share of buyers reached at shares of the others; equal scores come together."""
    order = np.argsort(-score, kind="stable")
    last = np.append(np.diff(score[order]) != 0, True)
    hit = np.append(0, np.cumsum(outcome[order])[last]) / max(int(outcome.sum()), 1)
    miss = np.append(0, np.cumsum(1 - outcome[order])[last]) / max(int((1 - outcome).sum()), 1)
    return np.interp(share, miss, hit)


def _addition(finding: str, high: float) -> str:
    """Say whether a source adds, or whether not even its upper bound holds a gain."""
    if high <= 0:
        return "can be left out at no loss"
    readings: dict[str, str] = {Finding.DIFFERS: "adds", Finding.NOTHING: "adds nothing",
                                Finding.NOT_SETTLED: "not settled"}  # fmt: skip
    return readings.get(finding, "")


def _way(direction: str) -> str:
    turn = {"more with more": "higher", "less with more": "lower"}.get(direction, "")
    return turn and f" (the more, the {turn})"
