"""ABC classes (Pareto): which customers and which products carry the revenue?"""

import ibis
import numpy as np
import pandas as pd
from ibis import _

from shared.analysis.customer_summary import money
from shared.analysis.intervals import Estimate, bootstrap
from shared.loading.schema import require_columns

CLASSES = ("A", "B", "C")


def abc_classes(values: pd.Series, *, a: float = 0.80, b: float = 0.95) -> pd.DataFrame:
    """Class each member by the share of revenue that comes before it, the largest first.

    Parameters
    ----------
    values : pd.Series
        Revenue of each member; what is not positive counts as nothing and is C.
    a, b : float
        Under a share of `a` before the member it is A, under `b` B, else C.

    Returns
    -------
    pd.DataFrame
        On the index of `values`, largest first: `revenue`, `share_before` (share of the
        revenue of all members that are strictly larger, so that equal members share a class) and
        `abc_class`. All are C, with a blank share, when nobody has revenue.
    """
    ordered = values.rename("revenue").sort_values(ascending=False, kind="stable")
    positive = ordered.clip(lower=0)
    # Rounded, or the noise of adding floats would decide who stands at exactly 80 %.
    before = ((positive.cumsum() - positive) / (positive.sum() or np.nan)).round(12)
    share_before = before.groupby(positive).transform("min")
    classes = np.select([(share_before < a) & (positive > 0), (share_before < b) & (positive > 0)],
                        ["A", "B"], "C")  # fmt: skip
    return pd.DataFrame({"revenue": ordered, "share_before": share_before, "abc_class": classes})


def abc_table(classes: pd.DataFrame) -> pd.DataFrame:
    """Sum up the classes: members and revenue with their shares, one row for each of A, B, C."""
    table = (
        classes.groupby("abc_class")["revenue"]
        .agg(members="size", revenue="sum")
        .reindex(pd.Index(CLASSES, name="abc_class"), fill_value=0)
    )
    total = table["revenue"].sum()
    return table.assign(
        member_share=table["members"] / len(classes),
        revenue_share=table["revenue"] / (total or np.nan),
    ).reset_index()


def class_sizes(table: pd.DataFrame) -> dict[str, float]:
    """Give the members of A, B and C, their total `n` and the revenue `share` of A."""
    sizes = dict(zip("abc", table["members"].tolist(), strict=True))
    return {**sizes, "n": sum(sizes.values()), "share": float(table["revenue_share"][0])}


def pareto_curve(classes: pd.DataFrame, *, points: int = 200) -> pd.DataFrame:
    """Trace the share of revenue that the largest members hold together, from 0 to 1.

    Returns
    -------
    pd.DataFrame
        `member_share` and `revenue_share`, at most `points` + 1 rows, so that the chart does not
        grow with the base.
    """
    positive = classes["revenue"].clip(lower=0).to_numpy()
    members = np.unique(np.linspace(0, len(positive), min(points, len(positive)) + 1).round())
    held = np.concatenate([[0.0], positive.cumsum()]) / (positive.sum() or np.nan)
    return pd.DataFrame(
        {"member_share": members / len(positive), "revenue_share": held[members.astype(int)]}
    )


def top_share(values: pd.Series, *, top: float = 0.20, of: str = "") -> Estimate:
    """Estimate the share of revenue that the largest `top` share of the members holds.

    The interval comes from a bootstrap over members: how far the figure would move had other
    members of the same kind come to the client. `of` says what the members are.
    """
    ordered = np.sort(values.clip(lower=0).to_numpy())[::-1]
    if not ordered.sum():
        return Estimate(np.nan, np.nan, np.nan, len(ordered), "share", of=of)
    heads = np.ceil(round(top * len(ordered), 9))

    def held(rows: np.ndarray) -> float:
        """Give the share that the largest hold in one resample."""
        # The values stay sorted: each resample is a count per member, never a new sort.
        times = np.bincount(rows, minlength=len(ordered))
        taken = np.diff(np.minimum(times.cumsum(), heads), prepend=0)
        total = (times * ordered).sum()
        return float((taken * ordered).sum() / total) if total else float("nan")

    return bootstrap(held, len(ordered), unit="share", of=of)


def product_revenue(order_lines: ibis.Table) -> ibis.Table:
    """Sum up each product, in the engine; lines without a customer count.

    Returns
    -------
    ibis.Table
        One row per product: `product_id`, `product_name` where the lines carry names (the most
        frequent one), `lines` and `revenue` (refunds netted).
    """
    require_columns(order_lines, ["product_id"], analysis="ABC of products")
    named = "product_name" in order_lines.columns
    name = order_lines.product_name if named else ibis.null("string")
    sold = (
        order_lines.select("product_id", product_name=name, money=money(order_lines))
        .filter(_.product_id.notnull())
        .group_by("product_id", "product_name")
        .aggregate(lines=_.count(), money=_.money.sum())
    )
    # A client renames products: the name most lines carry stands for all.
    order = [ibis.desc(_.product_name.notnull()), ibis.desc(_.lines), _.product_name]
    ranked = sold.mutate(place=ibis.row_number().over(group_by="product_id", order_by=order))
    return ranked.group_by("product_id").aggregate(
        product_name=_.product_name.max(where=_.place == 0),
        lines=_.lines.sum(),
        revenue=_.money.sum().cast("float64"),
    )
