"""Assists: who opens a journey, who feeds whom, and who closes?"""

import numpy as np
import pandas as pd

from shared.analysis.attribution import RARE, Paths
from shared.analysis.intervals import wilson
from shared.analysis.multiple_testing import false_discovery_q, reading, share_p_value
from shared.loading.errors import NotSupportedByData

LEAST_MOVES = 10  # of a pair that is told


def assists(paths: Paths) -> pd.DataFrame:
    """Count for each channel the conversions that it opened, assisted and closed.

    Parameters
    ----------
    paths : Paths
        The distinct paths.

    Returns
    -------
    pd.DataFrame
        `channel`, `conversions` (with the channel on their path), `opens` (it came first),
        `closes` (last), `assists` (it stands on the path, and another closes), `alone` (no other
        on the path), `closing_share` (closes of the conversions with it), `low`, `high` (95 %),
        `assists_per_close` (NaN if it closes none), `rare`. Most assists first.
    """
    k, sold = len(paths.channels), paths.conversions
    met = sold @ paths.held
    first, last = paths.steps[paths.first], paths.steps[paths.last]
    opens, closes = (np.bincount(x, weights=sold, minlength=k) for x in (first, last))
    single = paths.held.sum(axis=1) == 1
    alone = np.bincount(first[single], weights=sold[single], minlength=k)
    share = [wilson(c, n) for c, n in zip(closes, met, strict=True)]
    table = pd.DataFrame(
        {
            "channel": paths.channels, "conversions": met, "opens": opens,
            "assists": met - closes, "closes": closes, "alone": alone,
            "closing_share": [s.value for s in share], "low": [s.low for s in share],
            "high": [s.high for s in share],
            "assists_per_close": np.divide(met - closes, closes, out=np.full(k, np.nan),
                                           where=closes > 0),
            "rare": met < RARE,
        }
    )  # fmt: skip
    counts = ["conversions", "opens", "assists", "closes", "alone"]
    table[counts] = table[counts].round().astype("int64")
    return table.sort_values(["assists", "channel"], ascending=[False, True], ignore_index=True)


def feeds(paths: Paths) -> pd.DataFrame:
    """Tell for each ordered pair of channels how much the one feeds the other.

    Parameters
    ----------
    paths : Paths
        The distinct paths.

    Returns
    -------
    pd.DataFrame
        `source`, `target` (two channels), `moves` (contacts of the source followed by the
        target), `contacts` (of the source), `transition_probability` (moves of contacts), `low`,
        `high` (95 %), `usual` (the same of all other channels), `lift`, `preceded` (share of the
        target's contacts that come right after the source), `preceded_anywhere` (share of the
        journeys with the target on which the source stands before its last contact),
        `assisted` (conversions that the target closed and the source stands on), `q` (Fisher,
        against the other channels; Benjamini and Hochberg), `finding`. Most moves first.

    Raises
    ------
    NotSupportedByData
        If no journey goes from one channel to another.
    """
    k, journeys = len(paths.channels), paths.conversions + paths.nulls
    moved = _moves(paths, journeys)
    contacts = np.bincount(paths.steps, weights=journeys[paths.path_of], minlength=k)
    earlier = _earlier(paths)
    last = paths.steps[paths.last]
    rows = []
    for a, b in zip(*np.nonzero(moved * (1 - np.eye(k))), strict=True):
        n, out = moved[a, b], contacts[a]
        closing = (last == b) & paths.held[:, a]
        share = wilson(n, out)
        others = moved[:, b].sum() - moved[b, b] - n
        rest = contacts.sum() - contacts[b] - out
        usual = others / rest if rest else np.nan
        rows.append((
            paths.channels[a], paths.channels[b], n, out, share.value, share.low, share.high,
            usual, share.value / usual if usual else np.nan, n / contacts[b],
            journeys[earlier[:, a, b]].sum() / journeys[paths.held[:, b]].sum(),
            paths.conversions[closing].sum(),
            share_p_value(int(n), int(out), int(others), int(rest)),
        ))  # fmt: skip
    if not rows:
        raise NotSupportedByData(
            "no journey goes from one channel to another: there is nothing to share",
            "contacts of the same person through several channels, under one customer_id",
        )
    columns = ["source", "target", "moves", "contacts", "transition_probability", "low", "high",
               "usual", "lift", "preceded", "preceded_anywhere", "assisted", "p"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    q = false_discovery_q(table["p"].to_numpy())
    table = table.drop(columns="p").assign(q=q, finding=[reading(x).value for x in q])
    table[["moves", "contacts", "assisted"]] = table[["moves", "contacts", "assisted"]].astype(
        "int64"
    )
    return table.sort_values(["moves", "source", "target"], ascending=[False, True, True],
                             ignore_index=True)  # fmt: skip


def strongest_feed(table: pd.DataFrame, roles: pd.DataFrame) -> pd.Series:
    """Choose the pair to tell: of a channel that feeds without closing, the one it assists most.

    The source is the channel with most assists times the share that others close; the target the
    one that closed most conversions with the source on their path.
    """
    usual = roles[~roles["rare"]]
    usual = usual if len(usual) else roles
    feeding = usual.assign(given=usual["assists"] * (1 - usual["closing_share"]))
    for source in feeding.sort_values(["given", "channel"], ascending=[False, True])["channel"]:
        of_source = table[(table["source"] == source) & (table["moves"] >= LEAST_MOVES)]
        if len(of_source):
            return of_source.sort_values(["assisted", "target"], ascending=[False, True]).iloc[0]
    return table.iloc[0]


def _moves(paths: Paths, journeys: np.ndarray) -> np.ndarray:
    """Count moves between channels: source by target."""
    k = len(paths.channels)
    inner = np.ones(len(paths.steps), dtype=bool)
    inner[paths.last] = False
    here = np.flatnonzero(inner)
    moved = np.zeros((k, k))
    np.add.at(moved, (paths.steps[here], paths.steps[here + 1]), journeys[paths.path_of[here]])
    return moved


def _earlier(paths: Paths) -> np.ndarray:
    """Tell for each path whether channel a stands anywhere before the last contact of channel b."""
    k, size = len(paths.channels), len(paths.lengths)
    place = np.arange(len(paths.steps))
    first = np.full((size, k), len(place), dtype="int64")
    last = np.full((size, k), -1, dtype="int64")
    np.minimum.at(first, (paths.path_of, paths.steps), place)
    np.maximum.at(last, (paths.path_of, paths.steps), place)
    return first[:, :, None] < last[:, None, :]
