import numpy as np
import pandas as pd
from pandas.testing import assert_frame_equal

from shared.analysis.written_tables import six_digits


def test_floats_keep_six_digits_and_everything_else_stays():
    table = pd.DataFrame(
        {"p": [1.23456789e-43, np.nan, np.inf], "n": [1234567, 2, 3], "name": ["a", None, "c"],
         "day": pd.to_datetime(["2024-01-01", None, "2024-01-03"])}
    )  # fmt: skip

    got = six_digits(table)

    assert_frame_equal(got.drop(columns="p"), table.drop(columns="p"))
    assert got["p"].tolist()[0] == 1.23457e-43
    assert np.isnan(got["p"][1])
    assert np.isinf(got["p"][2])
    assert table["p"][0] == 1.23456789e-43
