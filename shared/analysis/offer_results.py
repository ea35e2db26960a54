"""What the page on the next offer leaves behind: its full tables and its plain numbers."""

import pandas as pd

from shared.analysis.intervals import Estimate
from shared.analysis.multiple_testing import Finding
from shared.analysis.next_offer import NextOffer
from shared.analysis.offer_exhibits import similar
from shared.analysis.offer_segments import source_table
from shared.analysis.written_tables import six_digits
from shared.loading.errors import NotSupportedByData


def next_offer_tables(study: NextOffer) -> dict[str, pd.DataFrame]:
    """Give every table of the page by the name of its file; what was not computed is missing."""
    tables = {
        "offers": written_lists(study),
        "products": written_products(study),
        "evaluation": study.evaluation.table,
        "list_sources": source_table(study.lists),
        "affinity": study.affinity,
    }
    fresh = study.new_evaluation
    if study.repeatable.any() and not isinstance(fresh, NotSupportedByData):
        tables["evaluation_new"] = fresh.table
    if not isinstance(study.transitions, NotSupportedByData):
        tables["transitions"] = study.transitions.table
    if not isinstance(study.surplus, NotSupportedByData):
        tables["overstock"] = study.surplus.table
        tables["overstock_customers"] = study.surplus.customers
    if not isinstance(study.due, NotSupportedByData):
        tables["replenishment"] = study.due.due
        tables["replenishment_products"] = study.due.products
    if not isinstance(study.similar, NotSupportedByData):
        tables["similar_customers"] = study.similar.table
        tables["peers"] = similar(study)[0]
    if not isinstance(study.moves, NotSupportedByData):
        tables["moves"] = study.moves[study.moves["q"].notna()]
    others = {"price_moves": study.prices, "up_sell": study.up_selling,
              "segments": study.segments}  # fmt: skip
    tables |= {name: part for name, part in others.items() if isinstance(part, pd.DataFrame)}
    # Rounded, the rows of transitions would no longer add up to 1.
    return {name: table if name == "transitions" else six_digits(table)
            for name, table in tables.items()}  # fmt: skip


def written_lists(study: NextOffer) -> pd.DataFrame:
    """Give the lists as they are written: what is the same for a product stands in `products`.

    A line without an offer is not eligible and says why; where a line comes from, its reason says.
    """
    return study.lists.drop(columns=["product_name", "margin", "source", "eligible"])


def written_products(study: NextOffer) -> pd.DataFrame:
    """Give the products with what they sold: so far, and in the window that is recent."""
    history, offering = study.offering.history, study.offering
    return study.base.products.assign(
        sold=history.popularity.astype("int64"), sold_recently=history.recent.astype("int64"),
        offered=offering.offerable.astype("int64"),
    )  # fmt: skip


def next_offer_metrics(study: NextOffer) -> dict[str, float | Estimate]:
    """Give the plain numbers of the page for tests, the index and the next run."""
    ev, base = study.evaluation, study.base
    method = study.method
    numbers: dict[str, float | Estimate] = {
        "hit_rate": ev.estimate(method, "hit_rate"),
        "hit_rate_bestsellers": ev.estimate(ev.baseline, "hit_rate"),
        "recall": ev.estimate(method, "recall"),
        "ndcg": ev.estimate(method, "ndcg"),
        "coverage": ev.estimate(method, "coverage"),
        "top_seller_share": ev.estimate(method, "top_share"),
        "orders_per_1000_gained": study.gained,
        "personalisation_wins": int(study.personal_wins),
        "customers": len(base.customers),
        "products": len(base.products),
        "customers_judged": ev.customers,
        "reliable_pairs": _reliable(study.affinity),
        "lines_filled": int(study.lists["eligible"].sum()),
        "lines_short": int((~study.lists["eligible"]).sum()),
    }
    numbers |= {f"hit_rate_{row['method']}": float(row["hit_rate"])
                for _, row in ev.table.iterrows()}  # fmt: skip
    if not isinstance(study.due, NotSupportedByData):
        soon = study.due.due["days_left"] < study.due.ahead_days
        numbers |= {"consumables_due": int(soon.sum()), "due_bought": study.due.on_time,
                    "not_due_bought": study.due.others}  # fmt: skip
    if not isinstance(study.surplus, NotSupportedByData):
        numbers["surplus_products"] = len(study.surplus.table)
        numbers["surplus_cost"] = float(study.surplus.table["surplus_cost"].sum())
    if not isinstance(study.up_selling, NotSupportedByData):
        numbers["up_sell_customers"] = len(study.up_selling)
    return numbers


def _reliable(table: pd.DataFrame) -> int:
    return int(((table["finding"] == Finding.DIFFERS) & (table["lift"] > 1)).sum())
