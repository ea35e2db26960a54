"""Features of personas: which behaviours count, on which scale, and which are left out and why."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from scipy.stats import skew

from shared.analysis.cluster_vote import standardised
from shared.loading.errors import ConfigError

KNOWN_SHARE, ALIKE_SHARE, AS_ONE, FOLLOWS, SKEWED = 0.8, 0.95, 0.8, 0.999, 1.0
EDGES = (0.01, 0.99)
SAME_AS = "says the same as "  # and the name of that feature
# What a person is, not what a customer does: it may describe a persona and never make one.
SENSITIVE = (
    "age", "birth_year", "year_birth", "birthday", "gender", "sex", "ethnicity", "religion",
    "nationality", "marital_status", "health", "disability", "kidhome", "teenhome",
)  # fmt: skip


@dataclass(frozen=True)
class Features:
    """What the distance between two customers is made of.

    Attributes
    ----------
    values : pd.DataFrame
        One row per customer, one column per feature used, in the client's units; blanks filled
        with the median and the outermost 1 % drawn in.
    points : numpy.ndarray
        The same on comparable scales: logarithms of what is skewed, mean 0, standard deviation 1.
    scales : dict of str to str
        "as it is", "logarithm" or "category" for each feature used.
    filled : dict of str to int
        Customers whose value was not known, by feature; that it was missing does not count.
    drawn_in : dict of str to int
        Customers beyond the outermost 1 %, by feature.
    left_out : pd.DataFrame
        `feature` and `why` of everything that does not count.
    categories : dict of str to list of str
        The columns of each category, which are one feature together.
    """

    values: pd.DataFrame
    points: np.ndarray
    scales: dict[str, str]
    filled: dict[str, int]
    drawn_in: dict[str, int]
    left_out: pd.DataFrame
    categories: dict[str, list[str]] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The columns of the features used, in their order."""
        return [str(name) for name in self.values.columns]

    @property
    def numbers(self) -> list[str]:
        """The features that are numbers."""
        of_categories = {column for columns in self.categories.values() for column in columns}
        return [name for name in self.names if name not in of_categories]

    @property
    def count(self) -> int:
        """How many features there are, a category with all its columns counted once."""
        return len(self.numbers) + len(self.categories)


def parse_features(text: str, *, known: Collection[str], usual: Sequence[str]) -> list[str]:
    """Read which features a consultant wants.

    Parameters
    ----------
    text : str
        "" for the usual ones, "all" for every number there is, or names with ; between them.
    known : collection of str
        Names that there are.
    usual : sequence of str
        What "" stands for.

    Raises
    ------
    ConfigError
        If a name is not known.
    """
    if text.strip() in ("", "all"):
        return list(known) if text.strip() else [name for name in usual if name in known]
    names = [name.strip() for name in text.split(";") if name.strip()]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ConfigError(
            "E-PARA-71",
            "features",
            f"{unknown[0]!r} is no feature of this client",
            found=text,
            fix=f"use names of: {'; '.join(sorted(known))}",
        )
    return list(dict.fromkeys(names))


def choose_features(
    customers: pd.DataFrame, *, wanted: Sequence[str], asked_for: bool = False
) -> Features:
    """Bring the wanted features on comparable scales and leave out what would mislead.

    Left out are features that are known for under 80 % of the customers, that are alike for over
    95 % of them, that say the same as an earlier one (Spearman beyond 0.8) or follow from several
    (R² of 0.999, as the last of shares that sum to one), and, unless they were asked for by name,
    attributes of the person such as age or gender.

    Parameters
    ----------
    customers : pd.DataFrame
        One row per customer and a numeric column per feature; blank where unknown.
    wanted : sequence of str
        Which columns, the most telling first.
    asked_for : bool
        Whether they were named one by one: then attributes of the person count as well.

    Returns
    -------
    Features
        The same for any order of the rows.
    """
    dropped: dict[str, str] = {}
    kept: dict[str, pd.Series] = {}
    for name in wanted:
        column = customers[name].astype("float64").replace([np.inf, -np.inf], np.nan)
        why = _unusable(name, column, asked_for=asked_for) or _repeated(column, kept)
        if why:
            dropped[name] = why
        else:
            kept[name] = column
    values = pd.DataFrame(kept, index=customers.index)
    filled = {name: int(values[name].isna().sum()) for name in kept}
    values = values.fillna(values.median())
    low, high = values.quantile(EDGES[0]), values.quantile(EDGES[1])
    outside = ((values < low) | (values > high)).sum()
    drawn = values.clip(low, high, axis=1)
    scales = {name: _scale(drawn[name]) for name in kept}
    scaled = {name: _scaled(drawn[name], scales[name]) for name in kept}
    points = standardised(pd.DataFrame(scaled).to_numpy()) if kept else np.empty((len(values), 0))
    left_out = pd.DataFrame(list(dropped.items()), columns=["feature", "why"])
    counts = {str(name): int(number) for name, number in outside.items()}
    return Features(drawn, points, scales, filled, counts, left_out)


def shuffled(features: Features, *, seed: int = 0) -> Features:
    """Deal each feature out anew, by itself: the same values, and nothing that goes together.

    The columns of a category stay together.
    """
    rng = np.random.default_rng(seed)
    points, values = features.points.copy(), features.values.copy()
    for block in [[name] for name in features.numbers] + list(features.categories.values()):
        places = [features.names.index(name) for name in block]
        # Rows by their values before they are mixed, so that their order leaves no trace.
        order = np.lexsort(features.points[:, places].T[::-1])
        dealt = order[rng.permutation(len(order))]
        points[:, places] = features.points[dealt][:, places]
        values[block] = features.values[block].to_numpy()[dealt]
    return replace(features, values=values, points=points)


def why_in_words(why: str, label: Callable[[str], str]) -> str:
    """Say why a feature is left out, with the words for the one that it repeats."""
    return SAME_AS + label(why.removeprefix(SAME_AS)) if why.startswith(SAME_AS) else why


def _unusable(name: str, column: pd.Series, *, asked_for: bool) -> str:
    if not asked_for and name.lower() in SENSITIVE:
        return "an attribute of the person, not of behaviour"
    known = float(column.notna().mean())
    if known < KNOWN_SHARE:
        return f"known for {known:.0%} of these customers" if known else "not known for anybody"
    shares = column.value_counts(normalize=True)
    if len(shares) < 2 or shares.iloc[0] > ALIKE_SHARE:
        return "nearly the same for everyone"
    return ""


def _repeated(column: pd.Series, kept: dict[str, pd.Series]) -> str:
    for name, other in kept.items():
        if abs(column.corr(other, method="spearman")) > AS_ONE:
            return f"{SAME_AS}{name}"
    if len(kept) < 2:
        return ""
    known = pd.DataFrame(kept)
    others = (known - known.mean()).fillna(0.0).to_numpy()
    own = (column - column.mean()).fillna(0.0).to_numpy()
    rest = own - others @ np.linalg.lstsq(others, own, rcond=None)[0]
    return "follows from the others" if rest @ rest < (1 - FOLLOWS) * (own @ own) else ""


def _scale(values: pd.Series) -> str:
    """Leave a share of at most 1 as it is; tell longer tails in ratios."""
    long_tail = values.min() >= 0 and values.max() > 1 and skew(np.sort(values)) > SKEWED
    return "logarithm" if long_tail else "as it is"


def _scaled(values: pd.Series, scale: str) -> np.ndarray:
    numbers = values.to_numpy(dtype=float)
    if scale == "as it is":
        return numbers
    # With zeros among them the usual size is the unit: log(1 + x / median of the others).
    positive = numbers[numbers > 0]
    unit = float(np.median(positive)) if numbers.min() <= 0 else 0.0
    logs: np.ndarray = np.log1p(numbers / unit) if unit else np.log(numbers)
    return logs
