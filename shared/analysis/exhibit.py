"""An exhibit: what stands behind one chart of a page, in words and numbers."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from shared.analysis.verdicts import Reason


@dataclass(frozen=True)
class Exhibit:
    """A chart in words and numbers.

    Attributes
    ----------
    said : tuple of Reason
        Title, what the chart answers; and alt text, every number of which stands in `data`.
    data : pd.DataFrame
        The numbers behind it.
    columns : dict
        How to head and write them.
    """

    said: tuple[Reason, Reason]
    data: pd.DataFrame
    columns: dict[Any, tuple[str, str]]

    @property
    def title(self) -> Reason:
        """What the chart answers."""
        return self.said[0]

    @property
    def alt(self) -> Reason:
        """What the chart shows, for who cannot see it."""
        return self.said[1]
