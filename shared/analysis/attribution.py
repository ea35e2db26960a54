"""Attribution: which channels stand on the paths of customers, and which of them converted?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from shared.analysis.verdicts import Reason, Verdict, judge
from shared.loading.errors import NotSupportedByData

LEAST_JOURNEYS, ENOUGH_JOURNEYS, ENOUGH_CONVERSIONS = 50, 1_000, 100
RARE = 30  # conversions on paths with a channel; below it, its figures are marked
DIRECT_NAMES = ("direct", "(direct)", "direct / none", "(direct) / (none)", "direct traffic")


@dataclass(frozen=True)
class Owners:
    """Customers by what they walked; those with the same journeys are counted together.

    Attributes
    ----------
    customers : np.ndarray
        Customers of each kind.
    sold, lost : scipy.sparse.csr_matrix
        Conversions, and journeys without one, of a customer of each kind (column) on each path
        (row).
    """

    customers: np.ndarray
    sold: sparse.csr_matrix
    lost: sparse.csr_matrix


@dataclass(frozen=True)
class Paths:
    """The distinct paths of a client, channels coded as whole numbers.

    Attributes
    ----------
    channels : tuple of str
        Names, sorted; a step's code is the place in it. No code is kept for start, sale or
        nothing, so that a channel may bear any name.
    steps : np.ndarray
        The codes of all paths one after the other.
    lengths : np.ndarray
        Steps of each path, 1 or more.
    conversions, nulls : np.ndarray
        Journeys of each path that converted and that did not.
    value : np.ndarray
        What the conversions were worth, in money; NaN where that is not known.
    decay, decay_value : np.ndarray or None
        Conversions and money credited to each step by the half-life of its age; None without times.
    has_nulls, has_value : bool
        Whether journeys without a conversion were recorded, and money.
    owners : Owners or None
        Who walked which paths; None where journeys are known by path only.
    """

    channels: tuple[str, ...]
    steps: np.ndarray
    lengths: np.ndarray
    conversions: np.ndarray
    nulls: np.ndarray
    value: np.ndarray
    decay: np.ndarray | None = None
    decay_value: np.ndarray | None = None
    has_nulls: bool = True
    has_value: bool = True
    owners: Owners | None = None

    @property
    def path_of(self) -> np.ndarray:
        """The path that each step belongs to."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    @property
    def first(self) -> np.ndarray:
        """The place of each path's first step."""
        return np.cumsum(self.lengths) - self.lengths

    @property
    def last(self) -> np.ndarray:
        """The place of each path's last step."""
        return np.cumsum(self.lengths) - 1

    @property
    def journeys(self) -> float:
        """All journeys."""
        return float(self.conversions.sum() + self.nulls.sum())

    @property
    def total(self) -> float:
        """All conversions on a path."""
        return float(self.conversions.sum())

    @property
    def held(self) -> np.ndarray:
        """Which path (row) holds which channel (column), of type bool."""
        held = np.zeros((len(self.lengths), len(self.channels)), dtype=bool)
        held[self.path_of, self.steps] = True
        return held

    @property
    def direct(self) -> list[int]:
        """The codes of the channels of those who came by themselves."""
        return [k for k, name in enumerate(self.channels) if name.lower() in DIRECT_NAMES]

    def texts(self) -> list[str]:
        """Write each path as its channels with " > " between."""
        names = np.array(self.channels, dtype=object)[self.steps]
        return [" > ".join(part) for part in np.split(names, self.first[1:])]


def shuffled_outcomes(paths: Paths, *, seed: int = 0) -> Paths:
    """Deal the conversions anew to all journeys: the path then tells nothing about the outcome."""
    rng = np.random.default_rng(seed)
    journeys = (paths.conversions + paths.nulls).astype("int64")
    sold = rng.multivariate_hypergeometric(journeys, int(paths.total), method="marginals")
    mean = float(np.nansum(paths.value)) / max(paths.total, 1.0)
    dealt = {"conversions": sold.astype(float), "nulls": (journeys - sold).astype(float)}
    return replace(paths, **dealt, value=sold * mean, decay=None, decay_value=None, owners=None)


def require_journeys(paths: Paths) -> None:
    """Refuse what no model of attribution can carry.

    Raises
    ------
    NotSupportedByData
        Without a conversion, with one channel, or with fewer than 50 journeys or, where they are
        known, customers: journeys of one customer are no journeys of several.
    """
    enough = "contacts through several channels, of 50 journeys or more, some with a sale"
    if paths.total == 0:
        raise NotSupportedByData(f"none of {paths.journeys:,.0f} journeys converted", enough)
    if len(paths.channels) < 2:
        raise NotSupportedByData(
            f"all contacts came through one channel, {paths.channels[0]}: nothing to share",
            enough,
        )
    if paths.journeys < LEAST_JOURNEYS:
        raise NotSupportedByData(f"{paths.journeys:,.0f} journeys are too few to compare channels",
                                 enough)  # fmt: skip
    customers = int(paths.owners.customers.sum()) if paths.owners else LEAST_JOURNEYS
    if customers < LEAST_JOURNEYS:
        told = f"all {paths.journeys:,.0f} journeys are those of {customers} customers"
        raise NotSupportedByData(told,
                                 f"journeys of at least {LEAST_JOURNEYS} customers")  # fmt: skip


def rare_channels(paths: Paths) -> list[str]:
    """Name the channels that stand on the paths of fewer than 30 conversions."""
    touched = paths.conversions @ paths.held
    return [name for name, n in zip(paths.channels, touched, strict=True) if n < RARE]


def channels_per_journey(paths: Paths) -> float:
    """Give the share of journeys that met more than one channel; 0 if nobody ever changed."""
    several = paths.held.sum(axis=1) > 1
    return float((paths.conversions + paths.nulls)[several].sum() / paths.journeys)


def attribution_verdict(paths: Paths, further: Sequence[Reason] = ()) -> Verdict:
    """Tell how far the page can be relied on; `further` speaks against it too."""
    reasons = []
    if paths.journeys < ENOUGH_JOURNEYS:
        reasons.append(
            Reason("Only {n:count} journeys are over.", {"n": paths.journeys})
        )  # fmt: skip
    if paths.total < ENOUGH_CONVERSIONS:
        reasons.append(Reason("Only {n:count} of them converted.", {"n": paths.total}))
    if not paths.has_nulls:
        reasons.append(Reason("Journeys without a conversion were not recorded."))
    return judge([*reasons, *further])
