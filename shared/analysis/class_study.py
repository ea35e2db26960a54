"""The classes as a page tells them: A, B, C and X, Y, Z of customers and products, or why not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import ibis
import pandas as pd

from shared.analysis.abc import abc_classes, product_revenue
from shared.analysis.abc_xyz import Cuts, abc_xyz_tables, cross_classes, spend_variation
from shared.analysis.customer_level import NO_LINES, customer_lines
from shared.analysis.portfolio import Portfolio
from shared.analysis.study_parts import Frame, frames, part
from shared.loading.errors import NotSupportedByData

MEMBERS = {"customers": "customer_id", "products": "product_id"}


@dataclass(frozen=True)
class ClassStudy:
    """Customers and products in classes; either goes without the other.

    Attributes
    ----------
    products : pd.DataFrame or NotSupportedByData
        As from `product_revenue`, on the index `product_id`.
    contribution, crossed : dict of str to pd.DataFrame or NotSupportedByData
        Of "customers" and of "products", by id: as from `abc_classes`, and from `cross_classes`.
    """

    products: Frame
    contribution: dict[str, Frame]
    crossed: dict[str, Frame]

    def members(self, of: str) -> int | None:
        """Count the customers or the products in classes; None where there are none."""
        classes = self.contribution[of]
        return len(classes) if isinstance(classes, pd.DataFrame) else None

    def told(self) -> list[str]:
        """List the members to speak of: two that lack the same thing are told once."""
        reasons = [
            part.reason if isinstance(part, NotSupportedByData) else of
            for of, part in self.crossed.items()
        ]
        return list(MEMBERS)[: len(set(reasons))]

    def crossed_table(self) -> Frame:
        """Lay out the matrices that there are, as from `abc_xyz_tables`."""
        there = frames(**self.crossed)
        if not there:
            return NotSupportedByData("neither customers nor products are crossed")
        return abc_xyz_tables(there)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Give every table by the name of its file; what was not computed is missing."""
        goods = self.contribution["products"]
        if isinstance(goods, pd.DataFrame) and isinstance(self.products, pd.DataFrame):
            goods = goods.join(self.products[["product_name", "lines"]])
        return frames(products=goods, abc_xyz=self.crossed_table())


def study_classes(
    tables: Mapping[str, ibis.Table],
    base: Portfolio | NotSupportedByData,
    *,
    snapshot_date: date,
    period: str,
    cuts: Cuts,
) -> ClassStudy:
    """Class the customers of a portfolio, and the products of all lines, guests included.

    Parameters
    ----------
    tables : mapping of str to ibis.Table
        `order_lines`, where there are any.
    base : Portfolio or NotSupportedByData
        The placed customers.
    snapshot_date : datetime.date
        The first day that is not in the data.
    period : str
        "M", "Q" or "W"; in which steadiness is counted.
    cuts : Cuts
        Where the classes change.
    """
    products = part(_sold, tables)
    revenue = {"customers": part(_spent, base), "products": part(_earned, products)}
    lines = {"customers": part(customer_lines, tables), "products": part(_all_lines, tables)}
    varying = {
        of: part(_variation, lines[of], member, snapshot_date=snapshot_date, period=period)
        for of, member in MEMBERS.items()
    }
    return ClassStudy(
        products,
        {of: part(abc_classes, revenue[of], a=cuts.a, b=cuts.b) for of in MEMBERS},
        {of: part(cross_classes, revenue[of], varying[of], cuts=cuts) for of in MEMBERS},
    )


def _all_lines(tables: Mapping[str, ibis.Table]) -> ibis.Table:
    if "order_lines" not in tables:
        raise NotSupportedByData(*NO_LINES)
    return tables["order_lines"]


def _sold(tables: Mapping[str, ibis.Table]) -> pd.DataFrame:
    sold = product_revenue(_all_lines(tables)).to_pandas().set_index("product_id")
    if sold.empty:
        raise NotSupportedByData("no order line names a product", "product_id in order_lines")
    return sold


def _spent(base: Portfolio) -> pd.Series:
    return base.customers.set_index("customer_id")["monetary"]


def _earned(products: pd.DataFrame) -> pd.Series:
    return products["revenue"]


def _variation(lines: ibis.Table, member: str, *, snapshot_date: date, period: str) -> pd.DataFrame:
    variation = spend_variation(lines, snapshot_date=snapshot_date, member=member, period=period)
    return variation.to_pandas().set_index(member)
