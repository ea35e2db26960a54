"""What the voice study reads beside the texts: products, names, what the writers have spent."""

from collections.abc import Mapping
from pathlib import Path

import ibis
import pandas as pd
from ibis import _

from shared.analysis.customer_summary import exact_sum
from shared.analysis.voice_lexicon import polarity_words
from shared.analysis.voice_taxonomy import Taxonomy
from shared.analysis.voice_words import name_words


def product_names(tables: Mapping[str, ibis.Table]) -> pd.DataFrame:
    """Give `product_id`, `product_name` and `category` from products, else from order lines."""
    columns = ["product_id", "product_name", "category"]
    for name in ("products", "order_lines"):
        table = tables.get(name)
        if table is not None and {"product_id", "product_name"} <= set(table.columns):
            given = [column for column in columns if column in table.columns]
            rest = {column: table[column].max() for column in given[1:]}
            frame = table.group_by("product_id").aggregate(**rest).to_pandas()
            frame = frame.reindex(columns=columns).sort_values("product_id", ignore_index=True)
            return frame[frame["product_id"].notna()]
    return pd.DataFrame(columns=columns)


def customer_worth(reviews: ibis.Table, orders: ibis.Table | None) -> pd.Series:
    """Sum what each customer who wrote has spent so far; empty where orders have no value."""
    if orders is None or "customer_id" not in reviews.columns:
        return pd.Series(dtype=float)
    if "order_value" not in orders.columns:
        return pd.Series(dtype=float)
    writers = orders.semi_join(reviews.filter(_.customer_id != ""), "customer_id")
    spent = writers.group_by("customer_id").aggregate(revenue=exact_sum(_.order_value)).to_pandas()
    return spent.sort_values("customer_id").set_index("customer_id")["revenue"]


def shop_names(products: pd.DataFrame, client: str, brand_words: str, terms: Taxonomy) -> set[str]:
    """Give the words of the names of client, brands and products, never shown as complaints."""
    given = [part.strip() for part in brand_words.split(";") if part.strip()]
    listed = [str(name) for name in products["product_name"].dropna()] if len(products) else []
    return name_words([client, *given, *listed], terms)


def words_of_feeling(scored: pd.DataFrame) -> frozenset[str]:
    """Give the words of the lexicons of all languages that have a sentiment."""
    languages = sorted(set(scored.loc[scored["sentiment"].notna(), "language"].astype(str)))
    return frozenset().union(*(polarity_words(language) for language in languages))


def beside(folder: Path | None, name: str) -> Path | None:
    """Name a file in the client's folder; None where no name is given."""
    return (folder or Path()) / name if name else None
