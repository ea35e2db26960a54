"""Stock links: whose sales tell weeks ahead how much of a consumable to keep?"""

from datetime import date, datetime, time

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy.stats import norm

from shared.analysis.basket import Baskets
from shared.analysis.basket_pairs import family_q
from shared.analysis.multiple_testing import reading
from shared.analysis.periods import period_number
from shared.loading.errors import NotSupportedByData

FEWEST_WEEKS = 26
PER_WEEK = 1.0  # baskets; a rarer product's weeks are mostly 0 and 1
MOST_ITEMS = 30  # on either side, the most sold
Z = norm.ppf(0.975)


def stock_links(
    lines: ibis.Table,
    baskets: Baskets,
    *,
    snapshot_date: date,
    products: ibis.Table | None = None,
    lag_weeks: int = 8,
) -> pd.DataFrame:
    """Correlate weekly sales of core products with those of consumables in later weeks.

    Sales of all products rise and fall with the traffic of the shop. What is correlated is
    therefore each product's deviation from its usual share of the week's baskets.

    Parameters
    ----------
    lines, snapshot_date, products
        As for `baskets_of`; `repeatable` of products parts core products (0) from consumables (1).
        Without it each of the most sold products is tried as either.
    baskets : Baskets
        Of products, made from the same lines.
    lag_weeks : int
        Longest lag looked at; the shortest is one week.

    Returns
    -------
    pd.DataFrame
        The best lag of each pair: `core`, `consumable` (item numbers), `lag_weeks`, `weeks`,
        `correlation` with `low` and `high`, `same_week` (the correlation without a lag),
        `backward` (with core and consumable exchanged), `per_100` (baskets with the consumable,
        `lag_weeks` later, that go with 100 more of the core), `p`, `q` (over all pairs and
        lags), `finding`; the smallest q first.

    Raises
    ------
    NotSupportedByData
        Without days, with fewer than 26 whole weeks, or without products sold every week.
    """
    if "order_date" not in lines.columns:
        raise NotSupportedByData(
            "the baskets have no days, and without days nothing leads or lags",
            "the day of each order, mapped to order_date",
        )
    weekly, total = _weekly(lines, baskets, snapshot_date)
    if len(total) < FEWEST_WEEKS:
        raise NotSupportedByData(
            f"{len(total)} whole weeks are too short to see one product follow another",
            f"at least {FEWEST_WEEKS} weeks of orders",
        )
    cores, consumables = _sides(weekly, baskets, products)
    deviation = _deviation(weekly, total)
    table = _correlations(deviation, cores, consumables, lag_weeks)
    best = table.sort_values(["p", "lag_weeks"]).drop_duplicates(["core", "consumable"])
    best = best.assign(q=family_q(table["p"].to_numpy(), len(table))[best.index])
    best["finding"] = [reading(q).value for q in best["q"]]
    return best.sort_values(["q", "p", "core", "consumable"], ignore_index=True)


def weekly_sales(
    lines: ibis.Table, baskets: Baskets, items: list[int], *, snapshot_date: date
) -> pd.DataFrame:
    """Give each item's deviation from its share of the week's baskets, index `week`."""
    weekly, total = _weekly(lines, baskets, snapshot_date)
    deviation = _deviation(weekly, total)[items]
    days = pd.PeriodIndex([pd.Period(ordinal=int(w), freq="W") for w in deviation.index])
    return deviation.set_axis(days, axis=0).rename_axis(index="week", columns=None)


def _weekly(lines: ibis.Table, baskets: Baskets, before: date) -> tuple[pd.DataFrame, pd.Series]:
    """Count the baskets of each item and of all by week; cut-off weeks at both ends are dropped."""
    if "is_refund" in lines.columns:
        lines = lines.filter(~_.is_refund)
    dated = lines.filter(
        _.order_date.notnull() & (_.order_date < datetime.combine(before, time()))
    ).mutate(week=period_number(_.order_date, "W"))
    total = (
        dated.group_by("week").aggregate(baskets=_.order_id.nunique()).to_pandas()
        .set_index("week")["baskets"].sort_index()
    )  # fmt: skip
    counts = (
        dated.group_by("week", item_id=_.product_id).aggregate(baskets=_.order_id.nunique())
        .to_pandas()
    )  # fmt: skip
    number = pd.Series(baskets.items.index, index=baskets.items["item_id"])
    counts = counts[counts["item_id"].isin(number.index)]
    wide = counts.assign(item=counts["item_id"].map(number)).pivot(
        index="week", columns="item", values="baskets"
    )
    whole = total.iloc[1:-1].index
    span = range(int(whole.min()), int(whole.max()) + 1) if len(whole) else []
    return wide.reindex(span).fillna(0), total.reindex(span).fillna(0)


def _sides(
    weekly: pd.DataFrame, baskets: Baskets, products: ibis.Table | None
) -> tuple[list[int], list[int]]:
    """Part core products from consumables; the most sold of either."""
    often = weekly.mean().sort_values(ascending=False, kind="stable")
    service = set(baskets.items.index[baskets.items["is_service"]])
    often = often[(often >= PER_WEEK) & ~often.index.isin(service)]
    cores = consumables = list(often.index[:MOST_ITEMS])
    if products is not None and "repeatable" in products.columns:
        known = (
            products.group_by("product_id").aggregate(repeatable=_.repeatable.cast("int64").max())
            .to_pandas().set_index("product_id")["repeatable"]
        )  # fmt: skip
        kind = baskets.items["item_id"].map(known)
        cores = [i for i in often.index if kind[i] == 0][:MOST_ITEMS]
        consumables = [i for i in often.index if kind[i] == 1][:MOST_ITEMS]
    if not cores or len(set(cores) | set(consumables)) < 2 or not consumables:
        raise NotSupportedByData(
            "too few products are sold every week to see one follow another",
            "core products and consumables with a basket a week on average",
        )
    return [int(i) for i in cores], [int(i) for i in consumables]


def _deviation(weekly: pd.DataFrame, total: pd.Series) -> pd.DataFrame:
    share = weekly.sum() / total.sum()
    return weekly - np.outer(total.to_numpy(float), share.to_numpy(float))


def _correlations(
    deviation: pd.DataFrame, cores: list[int], consumables: list[int], longest: int
) -> pd.DataFrame:
    """Correlate each core with each consumable at every lag, their own memory allowed for."""
    sides = {"core": deviation[cores], "consumable": deviation[consumables]}
    x, y = (side.to_numpy() for side in sides.values())
    unit_x, unit_y = (_unit(side) for side in (x, y))
    memory = _memory(unit_x, unit_y)
    same = _lagged(unit_x, unit_y, 0)
    parts = []
    for lag in range(1, longest + 1):
        r = _lagged(unit_x, unit_y, lag)
        n = np.maximum((len(x) - lag) / memory, 4)
        z, reach = np.arctanh(np.clip(r, -0.999, 0.999)), Z / np.sqrt(n - 3 + 1e-9)
        slope = r * y.std(axis=0) / np.where(x.std(axis=0) > 0, x.std(axis=0), np.nan)[:, None]
        parts.append({
            "correlation": r, "low": np.tanh(z - reach), "high": np.tanh(z + reach),
            "same_week": same, "backward": _lagged(unit_y, unit_x, lag).T, "per_100": 100 * slope,
            "p": norm.sf(z * np.sqrt(n - 3 + 1e-9)), "lag_weeks": np.full(r.shape, lag),
        })  # fmt: skip
    flat = {name: np.concatenate([part[name].ravel() for part in parts]) for name in parts[0]}
    core, consumable = (np.tile(side.ravel(), longest) for side in
                        np.meshgrid(cores, consumables, indexing="ij"))  # fmt: skip
    table = pd.DataFrame({"core": core, "consumable": consumable, **flat, "weeks": len(x)})
    return table[table["core"] != table["consumable"]].reset_index(drop=True)


def _unit(series: np.ndarray) -> np.ndarray:
    scale = series.std(axis=0)
    return np.asarray((series - series.mean(axis=0)) / np.where(scale > 0, scale, np.inf))


def _lagged(first: np.ndarray, then: np.ndarray, lag: int) -> np.ndarray:
    return np.asarray(first[: len(first) - lag].T @ then[lag:] / (len(first) - lag))


def _memory(x: np.ndarray, y: np.ndarray, *, steps: int = 8) -> np.ndarray:
    """Give the factor by which the memory of two series shortens what they tell.

    References
    ----------
    Bartlett, M. S. (1935). Some aspects of the time-correlation problem.
    """
    n, factor = len(x), np.ones((x.shape[1], y.shape[1]))
    for k in range(1, steps + 1):
        own_x = (x[:-k] * x[k:]).mean(axis=0)
        own_y = (y[:-k] * y[k:]).mean(axis=0)
        factor += 2 * (1 - k / n) * np.outer(own_x, own_y)
    return np.maximum(factor, 1.0)
