"""The heat map of lifetime value: expected orders by how often and until when a customer came."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.analysis.purchase_model import PurchaseModel, expected_purchases

BANDS = 8
MOST_COLUMNS = 9
SHOWN_SHARE = 0.99
FEWEST_SHOWN = 10  # customers of a cell that is counted on the page


@dataclass(frozen=True)
class HeatMap:
    """Expected orders of a customer of one age, by repeat orders and age at the last order.

    Attributes
    ----------
    cells : pd.DataFrame
        One row per cell: `column` and `band` (0 is the left, the lowest), `frequency_low`,
        `frequency_high` (blank for open), `recency_low`, `recency_high` (units of time),
        `frequency` and `recency` (what the expectation is for), `expected_orders` (blank where
        the cell cannot occur) and `customers` (who lie in it; all ages).
    age : float
        Age of the customer in units of time.
    best, worst, once : float
        Expected orders at the corners: top right, bottom right and bottom left.
    horizon_months : int
        Length of the forecast.
    """

    cells: pd.DataFrame
    age: float
    best: float
    worst: float
    once: float
    horizon_months: int


def heat_map(
    model: PurchaseModel,
    summary: pd.DataFrame,
    *,
    horizon: float,
    horizon_months: int,
    age: float = 0.0,
) -> HeatMap:
    """Lay out what the model expects of customers of one age, and where customers lie.

    Expected orders are mapped, not the probability of being alive: under BG/NBD every one-time
    buyer is alive for certain, which would paint the bottom left corner green.

    Parameters
    ----------
    model : PurchaseModel
        Of the whole base.
    summary : pd.DataFrame
        One row per customer with `frequency`, `recency` and `T`.
    horizon : float
        Length of the forecast in units of time.
    horizon_months : int
        The same in months.
    age : float
        Age of the customer in units of time; 0 takes the oldest customer's.

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). RFM and CLV: using iso-value curves for
    customer base analysis.
    """
    age = age or float(summary["T"].max())
    columns = frequency_classes(summary["frequency"].to_numpy())
    edges = np.linspace(0, age, BANDS + 1)
    cells = pd.DataFrame(
        [_cell(c, *span, b, edges) for c, span in enumerate(columns) for b in range(BANDS)]
    )
    possible = cells["frequency"].eq(0) == cells["recency"].eq(0)
    known = cells[possible]
    cells.loc[possible, "expected_orders"] = expected_purchases(
        model,
        known["frequency"].to_numpy(),
        known["recency"].to_numpy(),
        np.full(len(known), age),
        horizon,
    )
    cells["customers"] = _counted(cells, summary, columns, edges)
    most = int(cells["frequency"].max())
    corners = expected_purchases(
        model,
        np.array([most, most, 0]),
        np.array([age, cells["recency"][cells["recency"] > 0].min(), 0.0]),
        np.full(3, age),
        horizon,
    )
    best, worst, once = (float(corner) for corner in corners)
    return HeatMap(cells, age, best, worst, once, horizon_months)


def frequency_classes(frequency: np.ndarray) -> list[tuple[int, int | None]]:
    """Cut repeat orders into at most nine classes: single numbers first, then ever wider ones.

    The last class is open and begins at or below the 99 % quantile of those who came back.
    """
    repeats = frequency[frequency > 0]
    top = int(repeats.max(initial=1))
    if top < MOST_COLUMNS:
        steps = np.arange(1, top + 1)
    else:
        top = int(np.quantile(repeats, SHOWN_SHARE, method="lower"))
        steps = np.unique(np.round(np.geomspace(1, top, MOST_COLUMNS - 1)).astype(int))
    ends = [int(step) - 1 for step in steps[1:]]
    classes = [(int(low), high) for low, high in zip(steps, [*ends, None], strict=True)]
    return [(0, 0), *classes]


def _cell(
    column: int, low: int, high: int | None, band: int, edges: np.ndarray
) -> dict[str, float | int | None]:
    """Describe one cell; its expectation is for the middle of its class and of its band.

    One-time buyers have a single place, at the foot. At the upper edge stands the customer who
    ordered today, at the lower one who ordered again at once and then fell silent.
    """
    recency = (edges[band] + edges[band + 1]) / 2
    if low == 0:
        recency = 0.0 if band == 0 else float(edges[band])
    elif band == len(edges) - 2:
        recency = float(edges[-1])
    return {
        "column": column,
        "band": band,
        "frequency_low": low,
        "frequency_high": np.nan if high is None else high,
        "recency_low": edges[band],
        "recency_high": edges[band + 1],
        "frequency": low if high is None else (low + high) // 2,
        "recency": recency,
        "expected_orders": np.nan,
    }


def _counted(
    cells: pd.DataFrame,
    summary: pd.DataFrame,
    columns: list[tuple[int, int | None]],
    edges: np.ndarray,
) -> pd.Series:
    starts = [low for low, _high in columns]
    column = np.searchsorted(starts, summary["frequency"].to_numpy(), side="right") - 1
    band = np.searchsorted(edges, summary["recency"].to_numpy(), side="right") - 1
    inside = pd.MultiIndex.from_arrays([column, np.clip(band, 0, BANDS - 1)])
    counts = pd.Series(1, index=inside).groupby(level=[0, 1]).sum()
    wanted = pd.MultiIndex.from_frame(cells[["column", "band"]])
    return pd.Series(counts.reindex(wanted, fill_value=0).to_numpy(), index=cells.index)
