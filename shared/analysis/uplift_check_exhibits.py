"""What stands behind the checks on the uplift page: tables, and how alike both sides are."""

import numpy as np
import pandas as pd

from shared.analysis.exhibit import Exhibit
from shared.analysis.uplift_exhibits import Columns
from shared.analysis.uplift_study import UpliftStudy
from shared.analysis.verdicts import Reason


def check_table(study: UpliftStudy) -> tuple[pd.DataFrame, Columns]:
    """Give the checks with what each found, a column for each kind of measure."""
    table = study.checks.table
    is_p, is_count = table["measure"] == "p-value", table["measure"] == "features"
    told = table.assign(
        p=table["value"].where(is_p),
        features=table["value"].where(is_count),
        share=table["value"].where(~is_p & ~is_count),
    )
    columns: Columns = {"check": ("Check", "text"), "p": ("p-value", "number.3"),
                        "share": ("Share of customers", "share.1"),
                        "features": ("Features", "count"),
                        "reading": ("Reading", "text")}  # fmt: skip
    return told, columns


def balance_table(study: UpliftStudy) -> tuple[pd.DataFrame, Columns]:
    """Give the features in which the arms differ most."""
    columns: Columns = {"feature": ("Known before the campaign", "text"),
                        "level": ("Largest difference", "text"),
                        "difference": ("in standard deviations", "number.3")}  # fmt: skip
    return study.checks.balance, columns


def overlap(study: UpliftStudy) -> Exhibit:
    """Give how alike the treated and the others are in what is recorded."""
    data = study.checks.overlap
    inside = study.checks.overlap_share
    share = 1.0 if np.isnan(inside) else inside
    values = {"share": share, "n": int(data[["treated", "control"]].to_numpy().sum())}
    title = Reason(
        "{share:share} of the customers could have been either, going by what is recorded", values
    )
    alt = Reason(
        "Bars of {n:count} customers by predicted chance of being treated, treated above and "
        "others below the line; {share:share} lie between 5% and 95%.", values,
    )  # fmt: skip
    columns: Columns = {
        "low": ("Chance from", "share.0"),
        "high": ("to", "share.0"),
        "treated": ("Treated", "count"),
        "control": ("Others", "count"),
    }
    return Exhibit((title, alt), data, columns)
