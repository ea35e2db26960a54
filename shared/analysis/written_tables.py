"""Tables as files: no more digits than mean anything, so that the files stay small."""

import numpy as np
import pandas as pd

DIGITS = 6  # significant ones


def six_digits(table: pd.DataFrame) -> pd.DataFrame:
    """Round every float to six significant digits; dates, words and whole numbers stay."""
    floats = table.select_dtypes("float64").columns
    rounded = {
        name: np.array([float(f"{value:.{DIGITS}g}") for value in table[name].tolist()])
        for name in floats
    }
    return table.assign(**rounded)
