"""Campaigns whose effect on every customer is known: by lot, without effect, hand-picked (G4)."""

from dataclasses import dataclass
from datetime import date

import ibis
import numpy as np
import pandas as pd

from shared.analysis.uplift_ranking import Contrast

SNAPSHOT = date(2025, 3, 1)
ASSIGNED = pd.Timestamp("2025-01-15 09:00")


@dataclass(frozen=True)
class Planted:
    """Customers of one campaign with both of their chances."""

    x: np.ndarray
    treated: np.ndarray
    outcome: np.ndarray
    without: np.ndarray
    with_it: np.ndarray

    @property
    def effect(self):
        return self.with_it - self.without

    @property
    def contrast(self):
        """The customers as the ranking takes them, without money."""
        nothing = np.full(len(self.x), np.nan)
        at = np.arange(len(self.x))
        return Contrast("treated", at, self.x, self.treated, self.outcome, nothing, nothing)

    def table(self, **columns):
        """The customers as a canonical table `campaign`; further columns hold one value or many."""
        n = len(self.x)
        frame = pd.DataFrame(self.x, columns=[f"x{i + 1}" for i in range(self.x.shape[1])])
        ids = np.char.add("c", np.char.zfill(np.arange(n).astype(str), 6))
        frame.insert(0, "customer_id", ids)
        made = {"treatment": self.treated, "outcome": self.outcome, "assigned_at": ASSIGNED}
        return ibis.memtable(frame.assign(**(made | columns)))


def planted(seed, *, n=40_000, has_effect=True, treated_share=0.5):
    """Draw the randomised campaign of 6 features in which two of them decide who is moved."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 6))
    treated = (rng.random(n) < treated_share).astype(int)
    base = -1.8 + 0.8 * x[:, 0] + 0.4 * x[:, 1]
    moved = (0.9 * x[:, 2] - 0.3 * x[:, 3] + 0.25) if has_effect else 0.0
    return _responded(rng, x, treated, base, base + moved)


def hand_picked(seed, *, n=6000):
    """Treat those who would buy anyway: no effect at all, and a large difference."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 6))
    treated = (rng.random(n) < _chance(1.2 * x[:, 0])).astype(int)
    base = -1.5 + 1.0 * x[:, 0] + 0.4 * x[:, 1]
    return _responded(rng, x, treated, base, base)


def three_arms(seed, *, n=12_000):
    """Two offers and a control: the dear one moves x3, the cheap one moves everybody a little."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    arm = rng.choice(["control", "cheap", "dear"], n)
    base = -1.6 + 0.5 * x[:, 0]
    logit = base + np.select([arm == "cheap", arm == "dear"], [0.35, 0.9 * x[:, 2] + 0.3], 0.0)
    outcome = (rng.random(n) < _chance(logit)).astype(int)
    frame = pd.DataFrame(x, columns=["x1", "x2", "x3"]).assign(
        customer_id=np.char.add("c", np.arange(n).astype(str)),
        arm=arm,
        treatment=(arm != "control").astype(int),
        outcome=outcome,
        outcome_value=20.0 * outcome,
        treatment_cost=np.select([arm == "cheap", arm == "dear"], [0.1, 1.0], 0.0),
        assigned_at=ASSIGNED,
    )
    return ibis.memtable(frame)


def _responded(rng, x, treated, logit_without, logit_with):
    without, with_it = _chance(logit_without), _chance(logit_with)
    outcome = (rng.random(len(x)) < np.where(treated == 1, with_it, without)).astype(int)
    return Planted(x, treated, outcome, without, with_it)


def _chance(logit):
    return 1 / (1 + np.exp(-np.asarray(logit, float)))
