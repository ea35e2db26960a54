"""ABC by XYZ: who carries the revenue, and who brings it steadily, period after period?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import ibis
import numpy as np
import pandas as pd
from ibis import _

from shared.analysis.abc import CLASSES, abc_classes
from shared.analysis.customer_summary import money
from shared.analysis.dominance import REVEALING
from shared.analysis.periods import last_complete, period_number
from shared.analysis.small_cells import FEWEST, withheld
from shared.loading.errors import ConfigError
from shared.loading.schema import require_columns

LEAST_PERIODS = 3
NOT_RATED = "not rated"
STEADINESS = ("X", "Y", "Z", NOT_RATED)


@dataclass(frozen=True)
class Cuts:
    """Where the classes change.

    Attributes
    ----------
    a, b : float
        Shares of revenue, as in `abc_classes`.
    x, y : float
        Coefficients of variation: up to `x` a member is X, up to `y` Y, else Z. The textbook's
        .10 and .25 are for goods in steady demand; in retail they leave next to nobody but Z.
    """

    a: float = 0.80
    b: float = 0.95
    x: float = 0.5
    y: float = 1.0

    def __post_init__(self) -> None:
        for first, second, low, high in (("a", "b", self.a, self.b), ("x", "y", self.x, self.y)):
            if low >= high:
                raise ConfigError(
                    "E-PARA-06",
                    f"abc_{first}, abc_{second}" if first == "a" else f"xyz_{first}, xyz_{second}",
                    f"the first mark is {low}, the second {high}",
                    fix="make the first mark the smaller one",
                )


def spend_variation(
    order_lines: ibis.Table,
    *,
    snapshot_date: date,
    member: str = "customer_id",
    period: str = "M",
    since_first_order: bool = True,
) -> ibis.Table:
    """Measure how much each member's spend varies from period to period, in the engine.

    Parameters
    ----------
    order_lines : ibis.Table
        One row per product in an order, with the member and `order_date`; money as in
        `customer_summary`. Refunds are left out: steadiness is about buying.
    snapshot_date : datetime.date
        As of when; only periods that were over by then count.
    member : str
        "customer_id" or "product_id"; lines without one are left out.
    period : str
        "M", "Q" or "W".
    since_first_order : bool
        Whether the periods of a member begin with that of its first order (metric 33 of the
        profile), or all with the first period of the data.

    Returns
    -------
    ibis.Table
        One row per member that bought in a complete period: the member, `periods` (complete ones,
        those without an order included), `active_periods`, `mean_spend` per period and `spend_cv`:
        population standard deviation over mean, blank under 3 periods and where nothing was paid.
    """
    require_columns(order_lines, [member, "order_date"], analysis="XYZ")
    last = last_complete(snapshot_date, period)
    spend = _spend_by_period(order_lines, member, period=period, before=last + 1)
    totals = spend.group_by(member).aggregate(
        first=_.number.min(), active_periods=_.count(), total=_.spend.sum().cast("float64")
    )
    if not since_first_order:
        start = spend.number.min().to_pandas()
        totals = totals.mutate(first=ibis.literal(last.ordinal if pd.isna(start) else int(start)))
    totals = totals.mutate(periods=last.ordinal + 1 - _.first)
    totals = totals.mutate(mean_spend=_.total / _.periods)
    # Two passes, or equal periods would show the rounding of the squares as variation.
    around = (
        spend.inner_join(totals, member)
        .group_by(member, "periods", "active_periods", "mean_spend")
        .aggregate(squares=((_.spend.cast("float64") - _.mean_spend) ** 2).sum())
    )
    empty = (_.periods - _.active_periods) * _.mean_spend**2
    deviation = ((_.squares + empty) / _.periods).sqrt()
    rated = (_.periods >= LEAST_PERIODS) & (_.mean_spend > 0)
    # Rounded, or the noise of adding floats would decide who stands on a mark.
    cv = ibis.ifelse(rated, (deviation / _.mean_spend.nullif(0)).round(12), None)
    return around.mutate(spend_cv=cv).drop("squares")


def cross_classes(
    revenue: pd.Series, variation: pd.DataFrame, *, cuts: Cuts | None = None
) -> pd.DataFrame:
    """Class every member by contribution and by steadiness.

    Parameters
    ----------
    revenue : pd.Series
        Revenue of each member by its id, refunds netted.
    variation : pd.DataFrame
        As from `spend_variation`, with the ids as index.
    cuts : Cuts, optional
        Where the classes change.

    Returns
    -------
    pd.DataFrame
        As from `abc_classes`, with `periods`, `spend_cv` and `xyz_class`: "X", "Y", "Z", or "not
        rated" for a member with under 3 complete periods or without spend in them.
    """
    cuts = cuts or Cuts()
    classes = abc_classes(revenue, a=cuts.a, b=cuts.b)
    seen = variation[["periods", "spend_cv"]].reindex(classes.index)
    cv = seen["spend_cv"].astype("float64")
    xyz = np.select([cv <= cuts.x, cv <= cuts.y, cv > cuts.y], ["X", "Y", "Z"], NOT_RATED)
    periods = seen["periods"].fillna(0).astype("int64")
    return classes.assign(periods=periods, spend_cv=cv, xyz_class=xyz)


def abc_xyz_table(classes: pd.DataFrame, *, of_people: bool = False) -> pd.DataFrame:
    """Count the members in each of the nine cells, and those not rated beside them.

    Parameters
    ----------
    classes : pd.DataFrame
        As from `cross_classes`.
    of_people : bool
        Withholds small cells, count and revenue, as `withheld` has it; a cell of which one member
        holds more than half hides its revenue, and so does a second cell of a row that would
        otherwise give the first away. Products are no people: nothing of them is hidden.

    Returns
    -------
    pd.DataFrame
        Twelve rows, A before B before C: `abc_class`, `xyz_class`, `members`, `member_share`,
        `revenue` and `revenue_share` (blank where hidden). Members sum to all of them where none
        is hidden.
    """
    cells = pd.MultiIndex.from_product([CLASSES, STEADINESS], names=["abc_class", "xyz_class"])
    table = (
        classes.groupby(["abc_class", "xyz_class"])
        .agg(members=("revenue", "size"), revenue=("revenue", "sum"), largest=("revenue", "max"))
        .reindex(cells, fill_value=0)
    )
    total = table["revenue"].sum()
    few = hidden = pd.Series(False, table.index)
    if of_people:
        few = _few(table["members"])
        hidden = _hidden(table, few)
        table = table.assign(members=table["members"].astype("float64").mask(few))
    table = table.assign(
        member_share=table["members"] / max(len(classes), 1),
        revenue_share=(table["revenue"] / (total or np.nan)).mask(hidden),
        revenue=table["revenue"].mask(hidden),
    )
    order = ["members", "member_share", "revenue", "revenue_share"]
    return table[order].reset_index()


def abc_xyz_tables(classes: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Stack the tables of customers and of products: column `of`, then as from `abc_xyz_table`."""
    tables = [
        abc_xyz_table(part, of_people=of == "customers").assign(of=of)
        for of, part in classes.items()
    ]
    stacked = pd.concat(tables, ignore_index=True)
    return stacked[["of", *stacked.columns.drop("of")]]


def _spend_by_period(
    order_lines: ibis.Table, member: str, *, period: str, before: pd.Period
) -> ibis.Table:
    """Sum up what was bought by member and period, exactly; periods are whole numbers."""
    lines = order_lines.filter(_.order_date < before.start_time.to_pydatetime())
    if "is_refund" in lines.columns:
        lines = lines.filter(~_.is_refund)
    return (
        lines.select(member, number=period_number(lines.order_date, period), money=money(lines))
        .filter(_[member].notnull())
        .group_by(member, "number")
        .aggregate(spend=_.money.sum())
    )


def _few(members: pd.Series) -> pd.Series:
    """Tell which counts are withheld; the classes' own totals, and of all not rated, are told."""
    abc = pd.Series(members.index.get_level_values("abc_class"), members.index)
    xyz = pd.Series(members.index.get_level_values("xyz_class"), members.index)
    unrated = xyz == NOT_RATED
    # Of steadiness only the total of those not rated stands elsewhere: X, Y and Z have none.
    columns = xyz.where(unrated, abc + xyz)
    # Those not rated are the last to go in place of another cell: their total would tell it.
    ranked = members.mask(unrated & (members >= FEWEST), members + members.sum())
    return withheld(ranked, [abc, columns])


def _hidden(table: pd.DataFrame, few: pd.Series) -> pd.Series:
    """Tell whose money is withheld: of few, and of cells that one member rules."""
    dominated = (table["members"] > 0) & (table["largest"] > REVEALING * table["revenue"])
    hidden = few | dominated
    for _name, row in table.groupby(level="abc_class"):
        others = row[~hidden[row.index] & (row["members"] > 0)]
        # The classes' own sums stand elsewhere: one blank alone could be worked out from them.
        if hidden[row.index].sum() == 1 and len(others):
            hidden |= hidden.index.isin([others["members"].idxmin()])
    return hidden
