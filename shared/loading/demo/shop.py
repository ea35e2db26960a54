"""The demo client: a synthetic coffee and kitchen shop whose truth is known.

`python -m shared.loading.demo` writes it anew; the files are the same bytes each time.
"""

import argparse
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from shared.loading.demo import campaign, export, journeys, reviews, web
from shared.loading.demo.baskets import draw_lines, draw_refunds
from shared.loading.demo.catalogue import Catalogue, build_catalogue, prices_on
from shared.loading.demo.customers import (
    customer_ids,
    customer_rows,
    draw_customers,
    draw_memberships,
    season_clock,
)
from shared.loading.demo.export import write_csv
from shared.loading.demo.orders import DAY_MINUTES, END_MINUTE, GUEST, Timeline, draw_timeline
from shared.loading.demo.truth import (
    BUYERS,
    CHANNELS,
    JOURNEY,
    LEADS,
    PERSONAS,
    planted_parameters,
)

FOLDER = Path(__file__).parents[3] / "data" / "demo"
ORDERS = "order_lines.csv.gz"
TOPIC_LETTERS = {"logistics": "L", "production": "P", "pricing": "C", "after-sales": "A"}
CUSTOMER_HEADER = ("customer_no", "registered_on", "loyalty_since", "birth_year", "gender", "city",
                   "country", "acquisition_channel", "acquisition_campaign", "acquisition_cost",
                   "price_attitude")  # fmt: skip


@dataclass(frozen=True)
class Shop:
    """The whole shop as drawn, before anything is written."""

    catalogue: Catalogue
    people: pd.DataFrame
    ids: list[str]
    timeline: Timeline
    lines: pd.DataFrame
    refunds: pd.DataFrame
    touches: pd.DataFrame
    sessions: pd.DataFrame
    reviews: pd.DataFrame


def draw_shop() -> Shop:
    """Draw customers, their orders, and all that goes with these."""
    catalogue, people = build_catalogue(), draw_customers()
    timeline = draw_timeline(people, season_clock())
    orders = timeline.orders
    lines = draw_lines(orders, people, catalogue)
    first_day = people["first_day"].to_numpy()
    touches = journeys.draw_touches(orders, first_day, BUYERS + LEADS)
    return Shop(
        catalogue=catalogue,
        people=people,
        ids=customer_ids(BUYERS, LEADS),
        timeline=timeline,
        lines=lines,
        refunds=draw_refunds(lines, orders, people, END_MINUTE),
        touches=touches,
        sessions=web.draw_sessions(orders, touches, people, timeline.last_alive),
        reviews=reviews.draw_reviews(lines, orders, people, catalogue),
    )


def write_demo(folder: Path = FOLDER) -> dict[str, int]:
    """Write the demo client's tables and `truth.json`, and return the rows of each table."""
    folder.mkdir(parents=True, exist_ok=True)
    shop = draw_shop()
    ids, catalogue, orders = shop.ids, shop.catalogue, shop.timeline.orders
    invoices = export.invoices_of(orders, ids)
    order_lines = export.order_export(invoices, shop.lines, shop.refunds, catalogue)
    products = export.product_rows(catalogue, prices_on(catalogue, after_rise=True))
    sessions = web.session_rows(shop.sessions, shop.people, ids)
    touches = journeys.touch_rows(shop.touches, ids)
    mailing = campaign.campaign_rows(shop.timeline, order_values(shop), ids)
    texts = reviews.review_rows(shop.reviews, ids, catalogue)
    tables = {
        ORDERS: (export.HEADER, order_lines),
        "customers.csv": (CUSTOMER_HEADER, _customers(shop)),
        "products.csv": (export.PRODUCT_HEADER, products),
        "web_sessions.csv.gz": (web.HEADER, sessions),
        "touchpoints.csv.gz": (journeys.HEADER, touches),
        "campaign.csv": (campaign.HEADER, mailing),
        "reviews.csv": (reviews.HEADER, texts),
    }
    for name, table in tables.items():
        delimiter, encoding = (";", "cp1252") if name == ORDERS else (",", "utf-8")
        write_csv(folder / name, table, delimiter=delimiter, encoding=encoding)
    counts = {name: len(rows) for name, (_, rows) in tables.items()}
    truth = json.dumps(_truth(shop, counts), indent=1, default=_plain, ensure_ascii=False)
    (folder / "truth.json").write_text(truth + "\n", encoding="utf-8", newline="\n")
    return counts


def order_values(shop: Shop) -> pd.Series:
    """Return the euros of each order after discounts, before refunds."""
    lines = shop.lines
    values = lines["quantity"] * lines["price"] - lines["discount"]
    return values.groupby(lines["order"]).sum().round(2).reindex(shop.timeline.orders.index)


def _customers(shop: Shop) -> list[list[str]]:
    orders = shop.timeline.orders
    last = (orders[orders["customer"] != GUEST].groupby("customer")["minute"].max()) // DAY_MINUTES
    memberships = draw_memberships(shop.people["first_day"].to_numpy(), last.to_numpy())
    return customer_rows(shop.people, shop.ids, memberships)


def _truth(shop: Shop, counts: dict[str, int]) -> dict[str, object]:
    """Collect what was planted, what it implies, and what of it fell on whom."""
    orders, persona = shop.timeline.orders, shop.people["persona"].to_numpy()
    mailing = dict(
        zip(shop.timeline.mailing["customer"], shop.timeline.mailing["responder"], strict=True)
    )
    moods = shop.reviews["mood"] + 2
    return planted_parameters() | {
        "implied": {
            "mailing": campaign.responder_shares(shop.timeline),
            "journey": _chain_facts(),
        },
        "counts": {
            "rows": counts,
            "orders_of_customers": int((orders["customer"] != GUEST).sum()),
            "orders_of_guests": int((orders["customer"] == GUEST).sum()),
            "purchase_lines": len(shop.lines),
            "refund_lines": len(shop.refunds),
            "revenue_before_refunds": round(float(order_values(shop).sum()), 2),
        },
        "by_customer_id_ascending": {
            "persona": "".join(PERSONAS[kind].letter for kind in persona),
            "responder": "".join(mailing.get(i, ".") for i in range(BUYERS)),
        },
        "by_review_id_ascending": {
            "mood_0_worst_4_best": "".join(map(str, moods)),
            "topic_letters": TOPIC_LETTERS,
            "topic": "".join(TOPIC_LETTERS[topic] for topic in shop.reviews["topic"]),
        },
    }


def _chain_facts() -> dict[str, object]:
    """Solve the planted chain: how often a journey ends in an order, and without each channel."""
    rows = np.array([JOURNEY.rows[name] for name in CHANNELS])
    start, size = np.array(JOURNEY.start)[: len(CHANNELS)], len(CHANNELS)

    def conversion(kept: np.ndarray) -> float:
        """Give the share of journeys that end in an order with the channels kept."""
        steps = np.eye(size) - rows[:, :size] * kept
        return float(start * kept @ np.linalg.solve(steps, rows[:, size]))

    whole = conversion(np.ones(size))
    without = [1 - conversion(1.0 - np.eye(size)[k]) / whole for k in range(size)]
    return {
        "conversion_probability": round(whole, 6),
        "removal_effect": {
            name: round(effect, 6) for name, effect in zip(CHANNELS, without, strict=True)
        },
    }


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in truth.json")


def main() -> None:
    """Write the files anew and print their sizes."""
    parser = argparse.ArgumentParser(prog="python -m shared.loading.demo", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    folder = parser.parse_args().folder
    for name, rows in write_demo(folder).items():
        print(f"{name:<24}{rows:>9,} rows{(folder / name).stat().st_size / 1e6:>9.2f} MB")
