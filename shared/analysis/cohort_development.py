"""The second matrix: how do money, orders or visits develop inside each cohort?"""

from dataclasses import dataclass

import pandas as pd

from shared.analysis.cohort import matrix
from shared.analysis.cohort_base import on_page
from shared.analysis.cohort_exhibits import SHOWN_AGES, cohort_column
from shared.analysis.cohort_money_answers import (
    bringing_in,
    bringing_margin,
    engaging,
    visiting,
)
from shared.analysis.cohort_study import CohortStudy
from shared.analysis.exhibit import Exhibit
from shared.analysis.verdicts import Reason

MEASURES = ("revenue", "margin", "orders", "visits")


@dataclass(frozen=True)
class Development:
    """What the second matrix shows.

    Attributes
    ----------
    cells : pd.DataFrame
        One row per complete cell.
    column, spec : str
        Its value, and how to write it.
    pooled : pd.DataFrame or None
        The row at the foot.
    label : str
        The value in words.
    title : Reason
        What it answers.
    """

    cells: pd.DataFrame
    column: str
    spec: str
    pooled: pd.DataFrame | None
    label: str
    title: Reason


def development(study: CohortStudy, measure: str) -> Development:
    """Choose what the second matrix shows: revenue, margin, orders or visits per customer.

    Without a web log visits fall back to orders, without unit costs margin to revenue; the label
    says what is shown. Where nobody came back there is money only.
    """
    cohorts = study.cohorts
    orders = on_page(study.engagement[study.engagement["period_index"] > 0], cohorts)
    if measure == "visits" and isinstance(study.visits, pd.DataFrame):
        visits = on_page(study.visits, cohorts)
        if len(visits):
            return Development(visits, "visits_per_customer", "number.1", None,
                               "Visits per customer won", visiting(study))  # fmt: skip
    if measure in ("orders", "visits") and len(orders):
        return Development(orders, "orders_per_active", "number.1", None,
                           "Orders per active customer", engaging(study))  # fmt: skip
    margin = measure == "margin" and study.money.what == "margin"
    what = study.money.what if margin else study.revenue.what
    cells = on_page(study.money_cells if margin else study.revenue_cells, cohorts)
    pooled = study.pooled_money if margin else study.pooled_revenue
    label = f"{what.capitalize()} per customer won, up to that {study.noun}"
    title = bringing_margin(study) if margin else bringing_in(study)
    return Development(cells, "cumulative_per_customer", "money", pooled, label, title)


def second_matrix(study: CohortStudy, shown: Development) -> Exhibit:
    """Give the second matrix in numbers."""
    wide = matrix(shown.cells, shown.column)
    wide = wide[list(wide)[:SHOWN_AGES]]
    spec = "money.0" if shown.spec == "money" else "number.2"
    known = wide.dropna(how="all")
    (old, oldest), (new, newest) = ((i, known.loc[i].dropna()) for i in known.index[[0, -1]])
    alt = Reason(
        f"Matrix of {{label}} by cohort and {{noun}} of age: {{old}} stands at {{high:{spec}}} in "
        f"{{noun}} {{end}}, {{new}} at {{low:{spec}}} in {{noun}} {{now}}.",
        {"label": shown.label.lower(), "noun": study.noun, "high": float(oldest.iloc[-1]),
         "end": int(oldest.index[-1]), "low": float(newest.iloc[-1]), "old": old, "new": new,
         "now": int(newest.index[-1])},
    )  # fmt: skip
    ages = {age: (f"{study.noun.capitalize()} {age}", spec) for age in wide.columns}
    return Exhibit((shown.title, alt), wide.reset_index(), {**cohort_column(study), **ages})
