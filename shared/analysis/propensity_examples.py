"""Examples to learn from: what was known of a person at a moment, and what came after it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from shared.loading.errors import NotSupportedByData

GROUPS = 5  # of people; each is tested by a model that never saw any of them
MANY_PEOPLE = 60_000  # from here on one fifth is enough to test on
FEWEST_POSITIVES, CARE_POSITIVES = 100, 1000
FEWEST_IN_A_PART = 10  # of either outcome, in the rows to learn from and in those to test on
TEST, CALIBRATION, TRAINING = 0, 1, 2


@dataclass(frozen=True)
class Split:
    """Rows to learn from, to calibrate on and to test on; nobody is in two of them."""

    training: np.ndarray
    calibration: np.ndarray
    test: np.ndarray


@dataclass(frozen=True)
class Examples:
    """Rows with an outcome, each with what was known before it.

    Attributes
    ----------
    features : pd.DataFrame
        One column per feature: numbers, or text for categories; blank is unknown.
    outcome : np.ndarray
        1 bought or answered, 0 did not.
    person : np.ndarray
        Whose row it is.
    part : np.ndarray
        0 for the window to test on, 1 for calibration, 2 for training, in time order backwards;
        all 0 where the rows have no time.
    source : dict of str to str
        Where each feature is from.
    logged : frozenset of str
        Features read on a log scale: counts and money.
    timed : bool
        Whether parts follow each other in time.
    recency : str
        The feature that the simplest score uses alone; "" where there is none.
    """

    features: pd.DataFrame = field(repr=False)
    outcome: np.ndarray = field(repr=False)
    person: np.ndarray = field(repr=False)
    part: np.ndarray = field(repr=False)
    source: dict[str, str]
    logged: frozenset[str]
    timed: bool
    recency: str = ""

    @property
    def positives(self) -> int:
        """Rows in which it happened."""
        return int(self.outcome.sum())

    @property
    def repeats(self) -> bool:
        """Whether a person has more than one row in the window to test on."""
        tested = self.person[self.part == TEST]
        return len(pd.unique(tested)) < len(tested)

    def without(self, names: list[str]) -> "Examples":
        """Leave features out."""
        kept = self.features.drop(columns=[n for n in names if n in self.features])
        recency = "" if self.recency in names else self.recency
        return replace(self, features=kept, recency=recency)


def people_groups(person: np.ndarray) -> np.ndarray:
    """Put people into five groups by a hash of their id: the same on every engine and run."""
    place, people = pd.factorize(person)  # a person has many rows, and one hash
    hashed = pd.util.hash_array(np.array([str(id_) for id_ in people], object), categorize=False)
    return np.asarray(hashed % GROUPS).astype(int)[place]


def splits(examples: Examples) -> Iterator[Split]:
    """Split rows for training, calibration and test: in time order, nobody in two of them.

    Up to some size each fifth of the people is tested once, by a model that learnt from three
    other fifths and was calibrated on the fourth; above it one fifth is tested. Rows of people who
    are seen once and have a time are split by time alone.
    """
    part = examples.part
    people = len(pd.unique(examples.person))
    if examples.timed and people == len(examples.person):
        yield Split(*(np.flatnonzero(part == p) for p in (TRAINING, CALIBRATION, TEST)))
        return
    group = people_groups(examples.person)
    many = people > MANY_PEOPLE
    for tested in range(1 if many else GROUPS):
        held = (tested + 1) % GROUPS
        masks = [~np.isin(group, (tested, held)), group == held, group == tested]
        if examples.timed:
            parts = (TRAINING, CALIBRATION, TEST)
            masks = [mask & (part == p) for mask, p in zip(masks, parts, strict=True)]
        yield Split(*map(np.flatnonzero, masks))


def check_outcome(outcome: np.ndarray) -> None:
    """Refuse what cannot be learnt from.

    Raises
    ------
    NotSupportedByData
        If only one class occurs, or fewer than 100 rows are of either class.
    """
    positives = int(np.sum(outcome))
    fewest = min(positives, len(outcome) - positives)
    needs = f"at least {FEWEST_POSITIVES} who did and {FEWEST_POSITIVES} who did not"
    if not fewest:
        raise NotSupportedByData(
            f"all {len(outcome):,} outcomes are the same: there is nothing to tell apart", needs
        )
    if fewest < FEWEST_POSITIVES:
        kind = "a yes" if positives == fewest else "a no"
        what = f"only {fewest} of {len(outcome):,} known outcomes are {kind}"
        raise NotSupportedByData(what, needs)


def check_parts(examples: Examples, split: Split) -> None:
    """Refuse a split in which there is nothing to learn from or nothing to test on.

    Raises
    ------
    NotSupportedByData
        If either outcome is rarer than 10 rows among those to learn from or those to test on.
    """
    for rows, words in ((split.training, "to learn from"), (split.test, "to test on")):
        positives = int(examples.outcome[rows].sum())
        fewest = min(positives, len(rows) - positives)
        if fewest < FEWEST_IN_A_PART:
            raise NotSupportedByData(
                f"of the {len(rows):,} rows {words}, only {fewest} have the rarer outcome",
                f"at least {FEWEST_IN_A_PART} of either outcome in every part of the time",
            )


def placebo_of(examples: Examples, *, seed: int = 0) -> Examples:
    """Deal the outcomes out anew within each part: whoever learns from them must find nothing."""
    rng = np.random.default_rng(seed)
    outcome = examples.outcome.copy()
    for p in np.unique(examples.part):
        rows = np.flatnonzero(examples.part == p)
        outcome[rows] = rng.permutation(outcome[rows])
    return replace(examples, outcome=outcome)
