"""Whom to contact for an up-sell, and what to offer each RFM segment?"""

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from shared.analysis.offer_calibration import ChanceCurve
from shared.analysis.offer_lists import Offering
from shared.analysis.offer_models import AGAIN, METHOD_NAMES
from shared.loading.errors import NotSupportedByData

# Those who still buy: an up-sell to somebody who has gone is a win-back.
UP_SELL_SEGMENTS = ("Champions", "Loyal", "Potential Loyalist", "Promising", "Need Attention")
LEAST_SHARE = 0.05  # of the lists of a segment
BEYOND = 1.1  # times as often as in all lists
DEARER, TOO_DEAR = 1.10, 2.5  # times the price level that the customer is used to


def up_sell(
    offering: Offering, segments: pd.Series, *, method: str, curve: ChanceCurve | None = None
) -> pd.DataFrame:
    """Name the dearer product that each customer who still buys is likeliest to take.

    It is of the category that the customer buys most, not owned, in stock, and between a tenth
    dearer and 2.5 times as dear as what the customer usually takes there.

    Parameters
    ----------
    offering : Offering
        From `prepare_offers`.
    segments : pd.Series
        RFM segment by customer id.
    method : str
        By which the likeliest is chosen: one that does well on new products.
    curve : ChanceCurve, optional
        What its scores are worth on new products; that of the offering unless given.

    Returns
    -------
    pd.DataFrame
        One row per customer with such a product, most gain first: `customer_id`, `segment`,
        `category`, `usual_price`, `offer`, `product_name`, `price`, `propensity` and
        `expected_gain` (chance times the difference in margin, or in price).

    Raises
    ------
    NotSupportedByData
        If prices or categories are not known, or nobody can be offered such a product.
    """
    products = offering.base.products
    price = products["price"].to_numpy(dtype=float)
    codes, names = pd.factorize(products["category"])
    if not (np.nan_to_num(price) > 0).any() or not len(names):
        missing = "prices" if not (np.nan_to_num(price) > 0).any() else "categories"
        raise NotSupportedByData(
            f"an up-sell needs to know what is dearer of the same kind; {missing} are not known",
            "prices, and a category for each product",
        )
    segment = pd.Series(offering.base.customers).map(segments)
    asked = np.flatnonzero(segment.isin(UP_SELL_SEGMENTS))
    counts = offering.history.counts[asked]
    favourite = _favourite(counts, codes, len(names))
    curve = curve or offering.curves[method]
    parts = []
    for category in range(len(names)):
        inside = np.flatnonzero(favourite == category)
        columns = np.flatnonzero((codes == category) & (price > 0))
        if len(inside) and len(columns) > 1:
            parts.append(
                _dearer(offering, asked[inside], counts[inside][:, columns], columns, method, curve)
            )
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if table.empty:
        raise NotSupportedByData(
            "no customer can be offered a dearer product of the category bought most",
            "more products in a category",
        )
    described = pd.DataFrame(
        {
            "customer_id": offering.base.customers.to_numpy()[table["customer"]],
            "segment": segment.to_numpy()[table["customer"]].astype(str),
            "category": names[codes[table["product"]]],
            "usual_price": table["usual"].round(2),
            "offer": products["product_id"].to_numpy()[table["product"]],
            "product_name": products["product_name"].to_numpy()[table["product"]],
            "price": price[table["product"]].round(2),
            "propensity": table["chance"].round(4),
            "expected_gain": (table["chance"] * table["gain"]).round(4),
        }
    )
    return described.sort_values(
        ["expected_gain", "customer_id"], ascending=[False, True], ignore_index=True
    )


def segment_offers(
    offering: Offering,
    lists: pd.DataFrame,
    segments: pd.Series,
    *,
    up_selling: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Sum up the lists by RFM segment: what to offer, how likely it is taken, and whom to up-sell.

    Parameters
    ----------
    offering : Offering
        From `prepare_offers`.
    lists : pd.DataFrame
        From `offer_lists`.
    segments : pd.Series
        Segment by customer id, an ordered category.
    up_selling : pd.DataFrame, optional
        From `up_sell`.

    Returns
    -------
    pd.DataFrame
        One row per segment with customers, in the order of the map: `segment`, `customers`,
        `top_offer` (the product most often among the first three of a list) with
        `top_offer_share`, `own_offer` (of products on a twentieth of the segment's lists the one
        that is offered to it most beyond all others; blank if none is) with `own_offer_share`,
        `own_group` (the category bought most beyond what all buy, with `own_group_index`; blank
        without categories), `expected_purchases` (of the products on a list, mean per customer),
        `expected_value` (of a list), `up_sell` (customers) and `up_sell_gain`.
    """
    named = lists[lists["eligible"]].assign(
        segment=lambda frame: frame["customer_id"].map(segments).astype(object)
    )
    named = named[named["segment"].notna()]
    people = segments[segments.index.isin(named["customer_id"])].astype(object)
    sizes = people.value_counts()
    first = named[named["rank"] <= 3]
    offers = first.groupby(["segment", "product_name"]).size().rename("times").reset_index()
    offers = offers.sort_values(["times", "product_name"], ascending=[False, True])
    top = offers.drop_duplicates("segment").set_index("segment")
    special = _special(named, sizes)
    sums = named.groupby("segment")[["propensity", "expected_value"]].sum()
    own = _own_groups(offering, segments)
    rows = []
    for name in [s for s in _order(segments) if sizes.get(s, 0)]:
        wanted = None
        if up_selling is not None and name in UP_SELL_SEGMENTS:
            wanted = up_selling[up_selling["segment"] == name]
        rows.append(
            {
                "segment": name,
                "customers": int(sizes[name]),
                "top_offer": top["product_name"].get(name),
                "top_offer_share": top["times"].get(name, 0) / sizes[name],
                "own_offer": special["product_name"].get(name),
                "own_offer_share": float(special["share"].get(name, np.nan)),
                "own_group": own.get(name, (None, np.nan))[0],
                "own_group_index": own.get(name, (None, np.nan))[1],
                "expected_purchases": float(sums["propensity"].get(name, np.nan)) / sizes[name],
                "expected_value": float(sums["expected_value"].get(name, np.nan)) / sizes[name],
                "up_sell": np.nan if wanted is None else len(wanted),
                "up_sell_gain": np.nan if wanted is None else wanted["expected_gain"].sum(),
            }
        )
    return pd.DataFrame(rows)


def source_table(lists: pd.DataFrame) -> pd.DataFrame:
    """Count the lines of all lists by the step of the ladder that filled them.

    Returns
    -------
    pd.DataFrame
        `source` (in words), `lines`, `customers` (with such a line), `chance` (mean) and
        `expected_value` (sum); the lines that could not be filled come last.
    """
    table = (
        lists.groupby("source")
        .agg(
            lines=("rank", "size"),
            customers=("customer_id", "nunique"),
            chance=("propensity", "mean"),
            expected_value=("expected_value", "sum"),
        )
        .reset_index()
        .sort_values(["lines", "source"], ascending=[False, True], ignore_index=True)
    )
    words = {**METHOD_NAMES, AGAIN: "Own products again", "": "No product may be offered"}
    return table.assign(source=table["source"].map(words))


def _order(segments: pd.Series) -> list[str]:
    if isinstance(segments.dtype, pd.CategoricalDtype):
        return [str(name) for name in segments.cat.categories]
    return sorted(str(name) for name in segments.unique())


def _favourite(counts: csr_matrix, codes: np.ndarray, n: int) -> np.ndarray:
    inside = np.flatnonzero(codes >= 0)
    member = csr_matrix((np.ones(len(inside)), (inside, codes[inside])), shape=(len(codes), n))
    bought = (counts @ member).toarray()
    return np.where(bought.max(axis=1) > 0, bought.argmax(axis=1), -1)


def _dearer(
    offering: Offering,
    rows: np.ndarray,
    counts: csr_matrix,
    columns: np.ndarray,
    method: str,
    curve: ChanceCurve,
) -> pd.DataFrame:
    """Choose, within one category, the likeliest product that is dearer and not owned."""
    price = offering.base.products["price"].to_numpy(dtype=float)[columns]
    worth = offering.values[columns]
    times = counts.toarray()
    bought = times.sum(axis=1)
    bought[bought == 0] = np.nan
    usual, usual_worth = times @ price / bought, times @ worth / bought
    scores, blocked = offering.scores(rows, method)
    fits = (price > DEARER * usual[:, None]) & (price <= TOO_DEAR * usual[:, None])
    fits &= ~blocked[:, columns] & (times == 0) & (worth > usual_worth[:, None])
    score = np.where(fits, scores[:, columns], -np.inf)
    best = score.argmax(axis=1)
    found = fits.any(axis=1)
    at = np.arange(len(rows))
    chance = curve.of(np.where(found, score[at, best], np.nan))
    table = pd.DataFrame(
        {
            "customer": rows,
            "product": columns[best],
            "usual": usual,
            "chance": chance,
            "gain": worth[best] - usual_worth,
        }
    )
    return table[found]


def _special(lines: pd.DataFrame, sizes: pd.Series) -> pd.DataFrame:
    """Find the product that each segment is offered more than all others are."""
    times = lines.groupby(["segment", "product_name"])["customer_id"].nunique()
    shares = times.div(sizes.rename_axis("segment"), level="segment").rename("share").reset_index()
    overall = lines.groupby("product_name")["customer_id"].nunique() / sizes.sum()
    shares["index"] = shares["share"] / shares["product_name"].map(overall)
    shown = shares[(shares["share"] >= LEAST_SHARE) & (shares["index"] >= BEYOND)]
    order = ["index", "share", "product_name"]
    shown = shown.sort_values(order, ascending=[False, False, True])
    return shown.drop_duplicates("segment").set_index("segment")


def _own_groups(offering: Offering, segments: pd.Series) -> dict[str, tuple[str, float]]:
    """Name the category that stands out in the purchases of each segment."""
    codes, names = pd.factorize(offering.base.products["category"])
    if not len(names):
        return {}
    pairs = offering.history.pairs
    bought = pd.DataFrame(
        {
            "segment": pd.Series(offering.base.customers)
            .map(segments)
            .astype(object)
            .to_numpy()[pairs["customer"]],
            "group": codes[pairs["product"]],
            "n": pairs["count"].to_numpy(dtype=float),
        }
    )
    bought = bought[(bought["group"] >= 0) & bought["segment"].notna()]
    wide = bought.pivot_table(index="segment", columns="group", values="n", aggfunc="sum")
    wide = wide.fillna(0.0)
    index = wide.div(wide.sum(axis=1), axis=0) / (wide.sum() / wide.to_numpy().sum())
    index = index.where(wide >= 30)
    best = index.dropna(how="all")
    return {
        str(name): (str(names[int(row.idxmax())]), float(row.max()))
        for name, row in best.iterrows()
    }
