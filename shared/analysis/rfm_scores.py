"""RFM scores: which observed values cut the base into equal parts, and where is each customer?"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import ibis
import numpy as np
import pandas as pd

from shared.analysis.segments import SEGMENTS, segment_by_cell
from shared.loading.errors import ConfigError

MEASURES = {"recency_days": "r_score", "frequency": "f_score", "monetary": "m_score"}
IMPORTANCE = {"r_score": 3, "f_score": 2, "m_score": 1}
# What recency and frequency are where any interaction counts as activity.
INTERACTIONS = {"recency_days": "days_since_last_interaction", "frequency": "interaction_days"}
# How a consultant names the measures in a parameter.
_NAMES = {"recency": "recency_days", "frequency": "frequency", "money": "monetary"}
_MEASURE = re.compile(r"\s*(recency|frequency|money)((?:\s+\d+(?:\.\d+)?)+)\s*")


@dataclass(frozen=True)
class Scoring:
    """How customers are scored and named.

    Attributes
    ----------
    scores : int
        3 to 5 scores per measure.
    money : str
        What M scores: "total" of what a customer spent, or "mean_order", which repeats frequency
        less.
    own_cuts : mapping of str to sequence of float
        Cut points of a measure given by hand; a measure without them is cut at its quantiles.
    segment_map : mapping of str to sequence of str
        Cells of each segment.
    contacts : ibis.Table, optional
        Days on which customers did something other than ordering, as from `contact_days`: R and F
        then count the days with any interaction. None counts orders; M is money either way.
    """

    scores: int = 5
    money: str = "total"
    own_cuts: Mapping[str, Sequence[float]] = field(default_factory=dict)
    segment_map: Mapping[str, Sequence[str]] = field(default_factory=lambda: SEGMENTS)
    contacts: ibis.Table | None = field(default=None, compare=False, repr=False)

    @property
    def columns(self) -> dict[str, str]:
        """Name the column of a customer that each measure scores."""
        activity = INTERACTIONS if self.contacts is not None else {}
        return {measure: activity.get(measure, measure) for measure in MEASURES}


ELEVEN = Scoring()


@dataclass(frozen=True)
class CutPoints:
    """The values at which the scores of each measure change.

    Attributes
    ----------
    scoring : Scoring
        The rules that they follow.
    values : dict of str to numpy.ndarray
        For each measure the `scores` - 1 cut points, ascending; equal ones merge two scores.
    """

    scoring: Scoring
    values: dict[str, np.ndarray]

    @property
    def scores(self) -> int:
        """Number of scores, 3 to 5; the highest is the best."""
        return self.scoring.scores

    def table(self) -> pd.DataFrame:
        """Lay out the cut points as one row per measure and quantile; blank for own cut points."""
        rows = [
            {
                "measure": self._name(measure),
                "quantile": np.nan if measure in self.scoring.own_cuts else k / self.scores,
                "cut_point": float(cut),
            }
            for measure, cuts in self.values.items()
            for k, cut in enumerate(cuts, start=1)
        ]
        return pd.DataFrame(rows)

    def _name(self, measure: str) -> str:
        means = measure == "monetary" and self.scoring.money == "mean_order"
        return "mean_order_value" if means else self.scoring.columns[measure]


def parse_own_cuts(text: str, *, scores: int) -> dict[str, tuple[float, ...]]:
    """Read cut points from the text of a parameter; no text leaves all measures to quantiles.

    Parameters
    ----------
    text : str
        Such as "recency 30 60 90 180; money 100 250 500 1000": for each measure `scores` - 1
        ascending numbers, in days, orders, or money.
    scores : int
        Number of scores.

    Raises
    ------
    ConfigError
        If a part is no measure with its numbers, a measure comes twice, or the numbers are too
        many, too few or not ascending.
    """
    parts = [part for part in text.split(";") if part.strip()]
    read = [_MEASURE.fullmatch(part) for part in parts]
    cuts = {_NAMES[m[1]]: tuple(map(float, m[2].split())) for m in read if m}
    fits = [len(c) == scores - 1 and list(c) == sorted(set(c)) for c in cuts.values()]
    if len(cuts) < len(parts) or not all(fits):
        raise ConfigError(
            "E-PARA-07",
            "own_cuts",
            f"each measure needs {scores - 1} ascending numbers, and comes once",
            found=text,
            fix='write "recency 30 60 90 180; frequency 1 2 4 8; money 100 250 500 1000"',
        )
    return cuts


def quantile_cuts(values: pd.Series, *, scores: int) -> np.ndarray:
    """Find the quantiles k / scores as observed values, never in between.

    The quantile q is the smallest observed value v such that the share of values <= v is at least
    q (the inverse of the empirical distribution), so that every engine and every order of the
    rows gives the same cut points.
    """
    ordered = np.sort(values.to_numpy())
    # Whole numbers: 0.6 * 15 in floats is a hair above 9 and would pick the next value.
    ranks = [-(-k * len(ordered) // scores) for k in range(1, scores)]
    return ordered[np.array(ranks) - 1]


def measured(customers: pd.DataFrame, scoring: Scoring = ELEVEN) -> pd.DataFrame:
    """Give what is scored: recency in days, orders, and money as total or mean order.

    Where any interaction counts, days with one stand for the orders.
    """
    values = customers[list(scoring.columns.values())].set_axis(list(MEASURES), axis="columns")
    if scoring.money == "mean_order":
        # Rounded, or the noise of dividing would part customers with the same mean.
        return values.assign(monetary=(values["monetary"] / customers["frequency"]).round(6))
    return values


def cut_points(customers: pd.DataFrame, scoring: Scoring = ELEVEN) -> CutPoints:
    """Find the cut points of recency, frequency and money."""
    values = measured(customers, scoring)
    cuts = {
        measure: np.array(scoring.own_cuts[measure])
        if measure in scoring.own_cuts
        else quantile_cuts(values[measure], scores=scoring.scores)
        for measure in MEASURES
    }
    return CutPoints(scoring, cuts)


def score_customers(customers: pd.DataFrame, cuts: CutPoints) -> pd.DataFrame:
    """Add `r_score`, `f_score` and `m_score`; equal values get equal scores.

    F and M are 1 + the number of cut points strictly below the value, R is the best score less
    the number of cut points strictly below `recency_days`.
    """
    values = measured(customers, cuts.scoring)
    # Strictly below: whoever stands on a cut point scores with those under it.
    below = {m: np.searchsorted(cuts.values[m], values[m].to_numpy()) for m in MEASURES}
    return customers.assign(
        r_score=cuts.scores - below["recency_days"],
        f_score=1 + below["frequency"],
        m_score=1 + below["monetary"],
    )


def name_segments(scored: pd.DataFrame, scoring: Scoring = ELEVEN) -> "pd.Categorical[str]":
    """Name the segment of each scored customer, in the order of the map."""
    segments = list(scoring.segment_map)
    # A look-up by number: joining three letters per customer takes seconds for a large base.
    code_by_cell = np.full(1000, -1)
    for cell, segment in segment_by_cell(scoring.segment_map, scores=scoring.scores).items():
        code_by_cell[int(cell)] = segments.index(segment)
    r, f, m = (scored[score].to_numpy() for score in MEASURES.values())
    codes = code_by_cell[100 * r + 10 * f + m]
    return pd.Categorical.from_codes(codes, categories=pd.Index(segments), ordered=True)


def occurring_scores(scored: pd.DataFrame) -> dict[str, list[int]]:
    """List the scores that occur in each measure; equal cut points merge several into one."""
    return {score: sorted(scored[score].unique().tolist()) for score in MEASURES.values()}


def possible_cells(scored: pd.DataFrame) -> list[str]:
    """List the cells, such as "545", that the scores which occur can form."""
    occurring = occurring_scores(scored)
    return ["".join(map(str, cell)) for cell in product(*(occurring[s] for s in occurring))]
