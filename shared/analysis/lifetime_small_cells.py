"""Small cells of the page on lifetime value: which of its tables withhold what."""

from collections.abc import Sequence

import pandas as pd

from shared.analysis.lifetime_heatmap import HeatMap
from shared.analysis.small_cells import withheld

IDLE_FIGURES = ("idle_share", "low", "high", "idle_past_value", "idle_past_share", "idle_value")


def shown_ranks(ranks: pd.DataFrame) -> pd.DataFrame:
    """Blank the small cells of the matrix of fifths, and those that would give them away."""
    hidden = withheld(ranks["customers"], [ranks["fifth_now"], ranks["fifth_future"]])
    return _blanked(ranks, hidden, ("customers", "share"))


def shown_idle(idle: pd.DataFrame) -> pd.DataFrame:
    """Blank the idle of segments where they are few, and their money."""
    whole = pd.Series(0, index=idle.index)
    return _blanked(idle, withheld(idle["idle"], [whole]), ("idle", *IDLE_FIGURES))


def shown_cells(heat: HeatMap) -> pd.DataFrame:
    """Blank the small counts of the heat map."""
    whole = pd.Series(0, index=heat.cells.index)
    return _blanked(heat.cells, withheld(heat.cells["customers"], [whole]), ("customers",))


def shown_distribution(distribution: pd.DataFrame) -> pd.DataFrame:
    """Blank the small counts of the distribution of value, and one more of a tier that needs it."""
    hidden = withheld(distribution["customers"], [distribution["tier"]])
    return _blanked(distribution, hidden, ("customers",))


def _blanked(table: pd.DataFrame, hidden: pd.Series, columns: Sequence[str]) -> pd.DataFrame:
    return table.assign(**{name: table[name].astype(float).mask(hidden) for name in columns})
