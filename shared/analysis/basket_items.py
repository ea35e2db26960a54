"""What lies in the baskets: the name and group of each item, and what is no merchandise."""

import re

import ibis
import pandas as pd
from ibis import _

from shared.loading.errors import NotSupportedByData

LONGEST_LABEL = 60
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


def basket_items(
    bought: ibis.Table, *, products: ibis.Table | None = None, level: str = "product"
) -> tuple[pd.DataFrame, int]:
    """Name each item and say what group it is of and whether it is merchandise at all.

    Parameters
    ----------
    bought : ibis.Table
        Purchases, with `product_id` and, if the export has them, `product_name` and `category`.
    products : ibis.Table, optional
        Looked up for what the lines do not carry.
    level : str
        "product" or "category".

    Returns
    -------
    tuple of pd.DataFrame and int
        `item_id`, `label` (unique; the most frequent name, shortened), `category` (None if
        unknown), `is_service`; and the number of products that changed their name.

    Raises
    ------
    NotSupportedByData
        If groups are asked for and there are none.
    """
    categories, _several = _most_frequent(bought, products, "category")
    if level == "category":
        if categories.empty:
            raise NotSupportedByData(
                "the export has no product groups", "the group of each product, mapped to category"
            )
        groups = pd.Series(sorted(set(categories.dropna())), name="item_id")
        labels = unique_labels(groups, groups)
        items = pd.DataFrame({"item_id": groups, "label": labels, "category": groups})
        return items.assign(is_service=items["label"].map(is_service)), 0
    ids = bought.select("product_id").distinct().to_pandas()["product_id"].sort_values()
    ids = ids.reset_index(drop=True).rename("item_id")
    names, renamed = _most_frequent(bought, products, "product_name")
    named = ids.map(names) if len(names) else pd.Series(None, index=ids.index, dtype=object)
    named = named.where(named.notna() & (named != ""), ids)
    group = ids.map(categories) if len(categories) else pd.Series(None, index=ids.index)
    service = [is_service(name) or is_service(id_) for name, id_ in zip(named, ids, strict=True)]
    items = pd.DataFrame(
        {"item_id": ids, "label": unique_labels(named, ids), "category": group.astype(object),
         "is_service": service}
    )  # fmt: skip
    return items, renamed


def is_service(name: str) -> bool:
    """Tell whether a name is postage, a carrier bag, a voucher or the like, and no choice."""
    return SERVICE.fullmatch(" ".join(name.split())) is not None


def unique_labels(names: pd.Series, ids: pd.Series) -> pd.Series:
    """Shorten names for the page; two products of one name are told apart by their ids."""
    tidy = names.map(lambda name: " ".join(str(name).split()))
    short = tidy.map(shortened)
    twice = short.duplicated(keep=False) & (tidy != ids)
    return short.where(~twice, short + " [" + ids.astype(str) + "]").rename("label")


def shortened(name: str, *, longest: int = LONGEST_LABEL) -> str:
    """Cut a long name at a word, with an ellipsis."""
    if len(name) <= longest:
        return name
    cut = name[: longest - 1].rsplit(" ", 1)[0] or name[: longest - 1]
    return (cut if len(cut) > longest // 2 else name[: longest - 1]).rstrip(" ,;:") + "…"


def _most_frequent(
    bought: ibis.Table, products: ibis.Table | None, column: str
) -> tuple[pd.Series, int]:
    """Give each product the value most of its lines carry, and count those that carry several."""
    source = bought if column in bought.columns else products
    if source is None or column not in source.columns:
        return pd.Series(dtype=object), 0
    counts = (
        source.filter(_[column].notnull())
        .group_by("product_id", value=_[column])
        .aggregate(lines=_.count())
        .to_pandas()
        .sort_values(["product_id", "lines", "value"], ascending=[True, False, True])
    )
    several = int((counts["product_id"].value_counts() > 1).sum())
    return counts.drop_duplicates("product_id").set_index("product_id")["value"], several
