"""Which products a client wants to be offered, and which never."""

import numpy as np
import pandas as pd

from shared.loading.errors import ConfigError


def allowed_products(products: pd.DataFrame, *, only: str = "", never: str = "") -> np.ndarray:
    """Read which products may be offered: product ids and categories, commas between.

    Parameters
    ----------
    products : pd.DataFrame
        `product_id` and `category`.
    only : str
        Nothing else is offered; empty allows all.
    never : str
        What is never offered, such as bags and postage.

    Raises
    ------
    ConfigError
        If a name is neither a product nor a category.
    """
    allowed = _named(products, only, "only_products")
    wanted = np.ones(len(products), dtype=bool) if allowed is None else allowed
    refused = _named(products, never, "never_products")
    return wanted if refused is None else wanted & ~refused


def _named(products: pd.DataFrame, text: str, parameter: str) -> np.ndarray | None:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        return None
    known = set(products["product_id"]) | set(products["category"].dropna())
    strange = [name for name in names if name not in known]
    if strange:
        raise ConfigError(
            "E-PARA-33", parameter, "names what is neither a product id nor a category",
            found=", ".join(strange[:6]), fix="ids or categories as in the data, commas between",
        )  # fmt: skip
    return (products["product_id"].isin(names) | products["category"].isin(names)).to_numpy()
