"""Names of products: the usual one of several, and what is no merchandise by its name."""

import re

import ibis
import pandas as pd
from ibis import _

# Whole names only: "Jumbo bag red" is a product, "Carrier bag" is how products are carried home.
SERVICE = re.compile(
    r"(dotcom |parcel |standard |express |home )?(postage|shipping|delivery|carriage|freight)"
    r"( fees?| costs?| charges?)?"
    r"|((carrier|shopping|plastic|paper|poly) )+bags?|bag charge"
    r"|(bank|handling|service) (fees?|charges?)|deposits?|vouchers?|gift (cards?|vouchers?)"
    r"|(manual|adjustment|discount|samples?)"
    r"|versand(kosten)?|porto|tragetasche|plastiktüte|pfand|gutschein"
    r"|kargo( ücreti)?|poşet|alışveriş poşeti|hediye çeki"
    r"|доставка|пакет|подарочная карта",
    re.IGNORECASE,
)


def is_service(name: str) -> bool:
    """Tell whether a name is postage, a carrier bag, a voucher or the like, and no choice."""
    return SERVICE.fullmatch(" ".join(name.split())) is not None


def usual_values(table: ibis.Table, column: str) -> tuple[pd.Series, int]:
    """Give each product the value most of its rows carry, and count those that carry several.

    Parameters
    ----------
    table : ibis.Table
        With `product_id`; without the column nothing is known.
    column : str
        Such as `product_name`: ids change their names over time.

    Returns
    -------
    tuple of pd.Series and int
        Index `product_id`, those without a value missing; and the products with several values.
    """
    if column not in table.columns:
        return pd.Series(dtype=object), 0
    counts = (
        table.filter(_[column].notnull())
        .group_by("product_id", value=_[column])
        .aggregate(lines=_.count())
        .to_pandas()
        .sort_values(["product_id", "lines", "value"], ascending=[True, False, True])
    )
    several = int((counts["product_id"].value_counts() > 1).sum())
    return counts.drop_duplicates("product_id").set_index("product_id")["value"], several


def service_products(lines: ibis.Table, products: ibis.Table | None = None) -> pd.Series:
    """Name the products that are no merchandise, index `product_id`.

    Parameters
    ----------
    lines : ibis.Table
        Order lines.
    products : ibis.Table, optional
        Where names are looked up if the lines carry none.
    """
    ids = pd.Index(lines.select("product_id").distinct().to_pandas()["product_id"].dropna())
    table = lines if products is None or "product_name" in lines.columns else products
    names = usual_values(table, "product_name")[0].reindex(ids.sort_values())
    names = names.where(names.notna(), names.index)
    return names[[is_service(str(name)) or is_service(str(id_)) for id_, name in names.items()]]
