"""The axis below a chart over time: some periods are named, the last one among them."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from shared.plots import theme

MOST_DAYS = 3  # names of days that fit below a chart; a month is shorter


def label_periods(ax: Axes, periods: Sequence[pd.Period] | pd.PeriodIndex, *, most: int) -> None:
    """Name at most `most` of the periods drawn at 0, 1, 2, …; a week by the day it begins on."""
    weekly = periods[-1].freqstr.startswith("W")
    step = -(-len(periods) // (min(MOST_DAYS, most) if weekly else most))
    # From the end: the latest period is what the chart is about.
    places = list(range(len(periods) - 1, -1, -step))[::-1]
    words = theme.words()
    texts = [
        words.date(periods[place].start_time.date())
        if weekly
        else words.month(periods[place]).replace(" ", "\n").replace("\u00a0", "\n")
        for place in places
    ]
    ax.set_xticks(places, texts)
