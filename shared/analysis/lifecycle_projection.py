"""Projected stages: where does the base head if customers keep flowing as they lately did?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.analysis.lifecycle import STAGE_NAMES, STAGES
from shared.analysis.lifecycle_flows import NOT_YET, Lifecycle
from shared.loading.errors import NotSupportedByData

LEAST_FLOWS = 3  # periods behind a projection; one more is kept back to try it on
NEW = STAGES.index("new")
LEVEL = 0.95


@dataclass(frozen=True)
class Projection:
    """The stages to come, and how the same method would have done on the last period.

    Attributes
    ----------
    table : pd.DataFrame
        `period`, `stage`, `customers` (expected), `low` and `high`; the bounds of `new`, which is
        an assumption, are blank.
    back_test : pd.DataFrame
        The last period projected from the flows before it: `stage`, `before` (one period
        earlier), `customers` (expected), `low`, `high`, `actual` and `is_inside`; for `new` the
        bounds and the verdict are blank.
    flow_periods : int
        Periods whose flows were applied.
    newcomers : int
        New customers assumed in every period to come: the mean of those periods.
    customers : int
        Customers of the base at the end of the last period.
    """

    table: pd.DataFrame
    back_test: pd.DataFrame
    flow_periods: int
    newcomers: int
    customers: int

    @property
    def tested(self) -> int:
        """Stages on which the projection was tried: all but `new`."""
        return int(self.back_test["is_inside"].notna().sum())

    @property
    def inside(self) -> int:
        """Stages whose actual count fell inside the interval."""
        return int((self.back_test["is_inside"] == True).sum())  # noqa: E712  blanks are no False


@dataclass(frozen=True)
class _Flows:
    """Flows between the seven stages (from, to), summed over some periods."""

    moved: np.ndarray
    scatter: np.ndarray
    newcomers: int
    periods: int


def project_stages(
    life: Lifecycle, *, ahead: int = 3, flow_periods: int = 6, draws: int = 1000, seed: int = 0
) -> Projection:
    """Apply the flows of the last periods to the stages of today, period by period.

    Each draw resamples the flows out of every stage (multinomial) and then lets the customers move
    by them; the bounds are 95 % percentiles of the draws, widened where the flows of a stage varied
    more than chance between the periods. They know neither a season nor a change of habits that
    lies ahead: the back-test shows how much that mattered last time.

    Parameters
    ----------
    life : Lifecycle
        As from `follow_stages`.
    ahead : int
        Periods to project.
    flow_periods : int
        Most periods whose flows are applied.
    draws, seed : int
        Resamples, and the seed that makes two runs agree.

    Raises
    ------
    NotSupportedByData
        If flows of fewer than four periods are known, or customers stand in a stage from which
        nobody has been seen to go on yet.

    References
    ----------
    Anderson, T. W., and Goodman, L. A. (1957). Statistical inference about Markov chains.
    """
    known = life.flows[life.flows["from_stage"] != NOT_YET].groupby("period")["customers"].sum()
    periods = list(known.index[known > 0])
    if len(periods) <= LEAST_FLOWS:
        raise NotSupportedByData(
            f"flows between stages are known for {len(periods)} {life.noun}"
            f"{'s'[: len(periods) != 1]} only",
            f"at least {LEAST_FLOWS + 1}: {LEAST_FLOWS} to learn from and one to try it on",
        )
    rng = np.random.default_rng(seed)
    now, before = (life.counts(period).reindex(STAGES) for period in (life.last, life.last - 1))
    tried_on = _sum_flows(life.flows, periods[:-1], most=flow_periods)
    tried = _project(before, tried_on, ahead=1, draws=draws, rng=rng)
    applied = _sum_flows(life.flows, periods, most=flow_periods)
    coming = _project(now, applied, ahead=ahead, draws=draws, rng=rng)
    step = coming.pop("step")
    coming.insert(0, "period", [life.last + int(number) for number in step])
    return Projection(
        coming,
        _compare(tried.drop(columns="step"), before, now),
        flow_periods=applied.periods,
        newcomers=applied.newcomers,
        customers=int(now.sum()),
    )


def _sum_flows(flows: pd.DataFrame, periods: list[pd.Period], *, most: int) -> _Flows:
    """Add up the flows of the last periods; a stage without any then falls back on all of them."""
    used = periods[-most:]
    each = np.stack([_matrix(flows[flows["period"] == period]) for period in used])
    ever = _matrix(flows[flows["period"].isin(periods)])
    moved = each.sum(axis=0)
    moved = np.where(moved.sum(axis=1, keepdims=True) > 0, moved, ever)
    new = flows[(flows["from_stage"] == NOT_YET) & flows["period"].isin(used)]
    newcomers = round(new["customers"].sum() / len(used))
    return _Flows(moved, scatter_between_periods(each), newcomers, len(used))


def scatter_between_periods(each: np.ndarray) -> np.ndarray:
    """Measure by how much the flows out of each stage vary more than chance from period to period.

    Parameters
    ----------
    each : numpy.ndarray
        Flows by period, stage left and stage entered.

    Returns
    -------
    numpy.ndarray
        Pearson's chi-square over its degrees of freedom for each stage left, at least 1: the
        factor by which the variance exceeds that of a multinomial.

    References
    ----------
    McCullagh and Nelder (1989). Generalized linear models, section 4.5.
    """
    pooled = each.sum(axis=0)
    left = each.sum(axis=2)
    total = pooled.sum(axis=1)
    expected = left[:, :, None] * (pooled / np.where(total > 0, total, 1)[:, None])[None]
    terms = (each - expected) ** 2 / np.where(expected > 0, expected, 1)
    ways = np.maximum((pooled > 0).sum(axis=1) - 1, 0)
    freedom = np.maximum((left > 0).sum(axis=0) - 1, 0) * ways
    return np.maximum(terms.sum(axis=(0, 2)) / np.where(freedom > 0, freedom, np.inf), 1.0)


def _matrix(flows: pd.DataFrame) -> np.ndarray:
    between = flows.pivot_table(
        index="from_stage", columns="to_stage", values="customers", aggfunc="sum", fill_value=0
    )
    return between.reindex(index=STAGES, columns=STAGES, fill_value=0).to_numpy(dtype="int64")


def _project(
    start: pd.Series, flows: _Flows, *, ahead: int, draws: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Project the counts: one row per step and stage, with the bounds of the draws."""
    seen = flows.moved.sum(axis=1)
    shares = flows.moved / np.where(seen > 0, seen, 1)[:, None]
    # Two sources of chance: the flows were seen in finitely many customers, and as many will move.
    drawn = _moves(np.tile(seen.astype("float64"), (draws, 1)), shares, flows.scatter, rng)
    drawn /= np.where(seen > 0, seen, 1)[:, None]
    expected = start.to_numpy(dtype="float64")
    path = np.tile(expected, (draws, 1))
    steps = []
    for step in range(1, ahead + 1):
        _refuse_unseen(expected, seen)
        expected = expected @ shares
        path = _moves(path, drawn, flows.scatter, rng).sum(axis=1)
        expected[NEW] += flows.newcomers
        path[:, NEW] += flows.newcomers
        low, high = np.quantile(path, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
        # How many will join is assumed; an interval around an assumption would mislead.
        low[NEW] = high[NEW] = np.nan
        columns = {"step": step, "stage": STAGES, "customers": expected, "low": low, "high": high}
        steps.append(pd.DataFrame(columns))
    return pd.concat(steps, ignore_index=True)


def _moves(
    customers: np.ndarray, shares: np.ndarray, scatter: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Draw where the customers of each stage go: draws by stage left by stage entered.

    Where flows scatter more than chance, fewer customers decide for themselves, and each of them
    takes others along: the variance of a multinomial times the scatter.
    """
    deciding = np.where(customers > 0, np.maximum(np.rint(customers / scatter), 1), 0)
    taken_along = customers / np.where(deciding > 0, deciding, 1)
    # `multinomial` wants the last share to be what is left to 1; nobody is ever there.
    rest = np.clip(1 - shares.sum(axis=-1, keepdims=True), 0, 1)
    # A share that was drawn may exceed 1 by the rounding of its division.
    closed = np.minimum(np.concatenate([shares, rest], axis=-1), 1)
    drawn = rng.multinomial(deciding.astype("int64"), closed)[..., : len(STAGES)]
    return drawn * taken_along[..., None]


def _refuse_unseen(customers: np.ndarray, seen: np.ndarray) -> None:
    """Refuse to guess where customers go from a stage which nobody was in before."""
    stuck = [STAGE_NAMES[s] for s, n, known in zip(STAGES, customers, seen, strict=True)
             if n > 0 and not known]  # fmt: skip
    if stuck:
        raise NotSupportedByData(
            f"nobody was seen to go on from the stage {' or '.join(stuck)}",
            "one more period, or a longer history",
        )


def _compare(tried: pd.DataFrame, before: pd.Series, actual: pd.Series) -> pd.DataFrame:
    """Set the projected last period beside the actual one."""
    table = tried.assign(actual=actual.to_numpy())
    table.insert(1, "before", before.to_numpy())
    inside = table["actual"].between(table["low"], table["high"])
    return table.assign(is_inside=inside.astype("boolean").mask(table["low"].isna()))
