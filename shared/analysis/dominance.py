"""Dominance: how much of a total does one member bring, and from what share on does it matter?"""

import numpy as np
import pandas as pd

NOTABLE = 0.05  # said among the limits of a page
MISLEADING = 0.3  # sums and means follow that one member
REVEALING = 0.5  # of a cell: its sum would tell what that member spent


def largest_share(money: pd.Series) -> float:
    """Give the share of the sum that the largest member brings; NaN where nothing is left.

    A net refund counts as nothing: it would push the shares of all others above one.
    """
    brought = money.clip(lower=0)
    return float(brought.max() / (brought.sum() or np.nan))
