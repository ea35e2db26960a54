"""What lies in the baskets: the name and group of each item, and what is no merchandise."""

import ibis
import pandas as pd

from shared.analysis.product_names import is_service, usual_values
from shared.loading.errors import NotSupportedByData

LONGEST_LABEL = 60


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
    categories, _several = _looked_up(bought, products, "category")
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
    names, renamed = _looked_up(bought, products, "product_name")
    named = ids.map(names) if len(names) else pd.Series(None, index=ids.index, dtype=object)
    named = named.where(named.notna() & (named != ""), ids)
    group = ids.map(categories) if len(categories) else pd.Series(None, index=ids.index)
    service = [is_service(name) or is_service(id_) for name, id_ in zip(named, ids, strict=True)]
    items = pd.DataFrame(
        {"item_id": ids, "label": unique_labels(named, ids), "category": group.astype(object),
         "is_service": service}
    )  # fmt: skip
    return items, renamed


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


def _looked_up(
    bought: ibis.Table, products: ibis.Table | None, column: str
) -> tuple[pd.Series, int]:
    """Give each product its usual value, from the lines or else from the table of products."""
    table = bought if products is None or column in bought.columns else products
    return usual_values(table, column)
