"""Counting of paths: how many journeys went which way, from contacts or as the client counted?"""

from dataclasses import replace
from math import log

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy import sparse

from shared.analysis.attribution import DIRECT_NAMES, Owners, Paths
from shared.analysis.attribution_paths import (
    CONVERTED,
    KEY,
    OPEN,
    Direct,
    Journeys,
    Repeats,
    path_touches,
)
from shared.analysis.customer_summary import exact_sum
from shared.loading.errors import NotSupportedByData
from shared.loading.schema import require_columns

WEIGHT = "decimal(38, 15)"  # exact, so that a sum of weights is the same in any order
SEPARATOR = "\x1f"  # ASCII's own "unit separator": in no channel's name


def paths_of(
    journeys: Journeys,
    *,
    repeats: Repeats = "keep",
    direct: Direct = "channel",
    half_life_days: float = 7.0,
) -> Paths:
    """Count the distinct paths of journeys in the engine; open journeys are left out.

    Parameters
    ----------
    journeys : Journeys
        From `journeys_of`.
    repeats, direct
        As for `path_touches`; the direct channel is known by its name.
    half_life_days : float
        Days after which a contact's part in a conversion counts half, for time decay.

    Raises
    ------
    NotSupportedByData
        If no journey is over.
    """
    touches = path_touches(
        journeys, repeats=repeats, direct=direct, direct_channel=_direct_channel(journeys)
    )
    touches = touches.filter(_.outcome != OPEN)
    step = ibis.struct({"position": touches.position, "channel": touches.channel})
    walked = touches.group_by(*KEY).aggregate(
        path=step.collect().sort().map(lambda s: s.channel).join(SEPARATOR),
        sold=_.conversions.max(),
        worth=_.conversion_value.max(),
        ended=(_.outcome != CONVERTED).ifelse(1, 0).max(),
    )
    counted = (
        walked.group_by("path")
        .aggregate(
            conversions=_.sold.sum(), conversion_value=exact_sum(_.worth), nulls=_.ended.sum()
        )
        .order_by("path")
        .to_pandas()
    )
    if counted.empty:
        raise NotSupportedByData("no journey is over", "contacts older than the look-back window")
    paths = _coded([text.split(SEPARATOR) for text in counted["path"]], counted,
                   has_value=journeys.has_value)  # fmt: skip
    paths = replace(paths, owners=_owners(walked, counted["path"]))
    return _with_decay(paths, counted["path"], touches, walked, half_life_days)


def paths_from_table(table: ibis.Table, *, repeats: Repeats = "keep") -> Paths:
    """Read paths that the client has counted: "a > b > c" with conversions, value and nulls.

    Parameters
    ----------
    table : ibis.Table
        One row per path: `path`, `conversions`, and `conversion_value` and `nulls` if known.
    repeats : str
        "collapse" makes one step of several in a row through one channel.

    Raises
    ------
    NotSupportedByData
        If no path has a step.
    """
    require_columns(table, ["path", "conversions"], analysis="Attribution")
    sums = {"conversions": _.conversions.sum()}
    sums |= {"conversion_value": exact_sum(_.conversion_value, decimals=12)} if _has(
        table, "conversion_value") else {}  # fmt: skip
    sums |= {"nulls": _.nulls.sum()} if _has(table, "nulls") else {}
    told = table.filter(_.path.notnull()).group_by("path").aggregate(**sums).to_pandas()
    walked = [[part.strip() for part in str(text).split(">")] for text in told["path"]]
    walked = [[part for part in path if part] for path in walked]
    if repeats == "collapse":
        walked = [[c for c, before in zip(path, [None, *path], strict=False) if c != before]
                  for path in walked]  # fmt: skip
    keys = pd.Series([SEPARATOR.join(path) for path in walked], index=told.index, name="walked")
    told = told[keys != ""].drop(columns="path").groupby(keys[keys != ""]).sum(min_count=1)
    if told.empty:
        raise NotSupportedByData("no path has a step", "paths such as `a > b > c`")
    told = told.sort_index().reset_index()
    return _coded([text.split(SEPARATOR) for text in told["walked"]], told,
                  has_value="conversion_value" in told)  # fmt: skip


def _has(table: ibis.Table, column: str) -> bool:
    return column in table.columns


def _direct_channel(journeys: Journeys) -> str:
    names = journeys.touches.select("channel").distinct().to_pandas()["channel"]
    found = sorted(name for name in names if name.lower() in DIRECT_NAMES)
    return found[0] if found else "Direct"


def _coded(walked: list[list[str]], counted: pd.DataFrame, *, has_value: bool) -> Paths:
    """Code the channels of paths as whole numbers."""
    lengths = np.array([len(path) for path in walked], dtype="int64")
    names = np.array([name for path in walked for name in path], dtype=object)
    channels, steps = np.unique(names.astype(str), return_inverse=True)
    has_nulls = "nulls" in counted and counted["nulls"].notna().any()
    blank = np.full(len(counted), np.nan)
    value = counted["conversion_value"].fillna(0.0).to_numpy(float) if has_value else blank
    nulls = counted["nulls"].fillna(0).to_numpy(float) if has_nulls else np.zeros(len(counted))
    return Paths(
        channels=tuple(str(name) for name in channels),
        steps=steps.astype("int64"),
        lengths=lengths,
        conversions=counted["conversions"].fillna(0).to_numpy(float),
        nulls=nulls,
        value=value,
        has_nulls=bool(nulls.sum() > 0),
        has_value=has_value,
    )


def _owners(walked: ibis.Table, texts: pd.Series) -> Owners:
    """Count customers by their journeys: a kind is what was walked, so that no id matters."""
    rows = (
        walked.group_by("customer_id", "path")
        .aggregate(sold=_.sold.sum(), lost=_.ended.sum())
        .to_pandas()
    )
    rows["path"] = pd.Index(texts).get_indexer(rows["path"])
    rows = rows.sort_values(["customer_id", "path"], ignore_index=True)
    rows["told"] = [f"{p} {s} {n}" for p, s, n in
                    zip(rows["path"], rows["sold"], rows["lost"], strict=True)]  # fmt: skip
    kind = rows.groupby("customer_id")["told"].agg(";".join)
    kinds, first, customers = np.unique(kind.to_numpy(str), return_index=True, return_counts=True)
    number = dict(zip(kind.index[first], range(len(kinds)), strict=True))
    own = rows[rows["customer_id"].isin(number)]
    place = (own["path"].to_numpy(), own["customer_id"].map(number).to_numpy())
    shape = (len(texts), len(kinds))
    sold, lost = (
        sparse.csr_matrix((own[name].to_numpy(float), place), shape=shape)
        for name in ("sold", "lost")
    )
    return Owners(customers, sold, lost)


def _with_decay(
    paths: Paths, texts: pd.Series, touches: ibis.Table, walked: ibis.Table, half_life_days: float
) -> Paths:
    """Credit each step with the share of its journeys' conversions that its age leaves it."""
    sold = touches.filter(_.outcome == CONVERTED)
    own = ibis.window(group_by=KEY)
    # Against the journey's last contact, whose weight is 1, no sum of weights can vanish.
    aged = sold.mutate(age=_.days_before - _.days_before.min().over(own))
    aged = aged.mutate(weight=(_.age * (-log(2) / half_life_days)).exp().cast(WEIGHT))
    aged = aged.mutate(share=_.weight.cast("float64") / _.weight.sum().over(own).cast("float64"))
    placed = aged.join(walked.select(*KEY, "path"), list(KEY))
    summed = (
        placed.group_by("path", "position")
        .aggregate(
            credit=exact_sum(_.share * _.conversions, decimals=15),
            worth=exact_sum(_.share * _.conversion_value, decimals=12),
        )
        .to_pandas()
    )
    number = pd.Series(np.arange(len(texts)), index=texts)
    place = paths.first[number[summed["path"]].to_numpy()] + summed["position"].to_numpy() - 1
    decay, worth = np.zeros(len(paths.steps)), np.zeros(len(paths.steps))
    decay[place] = summed["credit"].fillna(0.0)
    worth[place] = summed["worth"].fillna(0.0)
    decay = _scaled(decay, paths.conversions, paths)
    worth = _scaled(worth, paths.value, paths) if paths.has_value else worth
    return replace(paths, decay=decay, decay_value=worth if paths.has_value else None)


def _scaled(credit: np.ndarray, total: np.ndarray, paths: Paths) -> np.ndarray:
    """Let the credits of each path sum to its total to the last digit that floats have."""
    sums = np.bincount(paths.path_of, weights=credit, minlength=len(paths.lengths))
    even = np.divide(total, paths.lengths)
    scale = np.divide(total, sums, out=np.zeros_like(total), where=sums != 0)
    return np.where((sums != 0)[paths.path_of], credit * scale[paths.path_of], even[paths.path_of])
