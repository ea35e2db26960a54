"""The portfolio page for clients of every kind: what is shown can be said, and the rest is told."""

import re
from datetime import timedelta
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest
from planted_segments import lines_of
from profiled_shops import SNAPSHOT, random_lines, tables
from studied_portfolios import (
    CLIENTS,
    WORDING,
    all_refunded,
    blocks,
    customers_only,
    items_only,
    no_products,
    products_only,
    reasons_in,
    said,
    shown_by,
    studied,
    told,
    whole,
)

from shared.analysis.intervals import Estimate
from shared.analysis.multiple_testing import Finding
from shared.analysis.portfolio_results import portfolio_limits, portfolio_numbers, portfolio_tables
from shared.analysis.study_parts import known
from shared.analysis.verdicts import Level
from shared.loading.errors import NotSupportedByData
from shared.report.tables import table_markup

# Of these alone a client with one row per customer can be told.
ON_CUSTOMERS = {
    "activity", "activity_read",
    "champions", "separating", "separates", "regulars", "silence", "named", "spenders", "groups",
    "segments", "messages", "truly_new", "grid", "contribution customers",
    "past_value", "actions", "headlines", "totals", "vote", "vote_read", "discovered",
    "discovered_read", "rules", "against_imposed",
}  # fmt: skip
ON_PRODUCTS = {
    "activity",
    "activity_read",
    "headlines",
    "totals",
    "contribution products",
    "steadiness products",
}


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.__name__)
def test_every_sentence_and_table_of_any_client_can_be_written(client):
    study = client()
    results, files = shown_by(study), portfolio_tables(study)

    for name, result in results.items():
        for reason in reasons_in(result):
            assert not re.search(r"\b(nan|None|inf|not known of)\b", said(reason)), name
        for part in result if isinstance(result, list) else [result]:
            if isinstance(part, dict) and "said" in part:
                title, alt = map(said, part["said"])
                assert re.search(r"\d", title), name
                assert re.search(r"\d", alt), name
                assert len(alt) >= 40, name
            if isinstance(part, dict) and {"data", "frame"} & set(part):
                frame = part.get("data", part.get("frame"))
                markup = table_markup(
                    frame, caption="c", wording=WORDING, columns=part.get("columns"), rows=40
                )
                assert ">nan<" not in markup, name
                assert part.get("file", "segments") in files or "segments" not in files, name
                assert "customer_id" not in frame.columns, name
    for limit in portfolio_limits(study):
        assert "not known" not in said(limit)


def test_a_client_with_all_its_lines_is_told_all_but_the_campaign():
    untold = set(blocks()) - told(shown_by(whole()))

    # So few customers leave too few moves out of some segments for a steady state.
    assert untold == {"response", "response_read", "treated", "steady"}


def test_a_client_with_one_row_per_customer_is_told_what_needs_no_order_days():
    results = shown_by(customers_only())

    assert told(results) == ON_CUSTOMERS
    lacking = {
        results[name].reason for name in set(results) - ON_CUSTOMERS
        if name not in ("response", "response_read", "treated", "stayed")
    }  # fmt: skip
    assert lacking == {"the client supplied no order lines"}
    assert all(r.needs for r in results.values() if isinstance(r, NotSupportedByData))


def test_one_row_per_customer_gives_the_segments_of_the_order_lines():
    assert known(whole().segments).equals(known(customers_only().segments))
    numbers = portfolio_numbers(customers_only())
    shared = {name: portfolio_numbers(whole())[name] for name in numbers}
    assert numbers == pytest.approx(shared)


def test_products_alone_carry_a_page_that_says_so():
    results = shown_by(products_only())

    assert told(results) == ON_PRODUCTS
    assert products_only().verdict.level is Level.CARE
    assert said(products_only().verdict.reasons[0]) == (
        "Only products are classed here: no order line names a customer."
    )
    ((name, finding),) = results["headlines"]
    assert name == "products"
    assert any(isinstance(value, Estimate) for value in finding.values.values())
    assert set(portfolio_tables(products_only())) == {"products", "abc_xyz"}
    assert products_only().customers is None


def test_products_are_classed_alike_with_and_without_customers():
    for part in ("contribution", "crossed"):
        with_customers, alone = (
            known(getattr(s.classes, part)["products"]) for s in (whole(), products_only())
        )
        assert with_customers.equals(alone)


def test_without_prices_items_stand_for_money():
    assert items_only().what == "items bought"
    assert items_only().verdict.level is Level.CARE
    assert "cost" in str(items_only().discount)


def test_without_products_only_what_counts_products_is_untold():
    untold = told(shown_by(whole())) - told(shown_by(no_products()))

    assert untold == {"contribution products", "steadiness products", "types", "types_table"}
    measures = set(known(no_products().separates)["key"])
    assert measures == {"frequency", "recency_days", "mean_order"}


def test_segments_that_were_tried_and_found_wanting_are_not_relied_on():
    # Everybody joined long ago and orders at one rate: whoever stands first does so by chance.
    rng = np.random.default_rng(9)
    rows = [
        (f"c{k:03d}", f"{k}-{i}", SNAPSHOT - timedelta(days=550 - int(day)), 10.0)
        for k in range(500)
        for i, day in enumerate([0, *rng.integers(0, 550, rng.poisson(9))])
    ]
    study = studied({"order_lines": lines_of(rows)})

    assert known(study.proof).predicts is not Finding.DIFFERS
    assert study.verdict.level is Level.CARE
    assert any(said(reason).startswith("Tried on the ") for reason in study.verdict.reasons)


def test_where_no_money_is_left_no_share_of_it_is_told():
    results = shown_by(all_refunded())

    assert portfolio_numbers(all_refunded())["revenue"] == pytest.approx(0, abs=0.01)
    assert "largest_fifth" not in dict(results["headlines"])
    assert "champions" in dict(results["headlines"])
    assert {"contribution customers", "past_value", "vote", "discovered"}.isdisjoint(told(results))
    assert "adds up to nothing after refunds" in str(results["contribution customers"])


@pytest.mark.parametrize("count", [3, 49])
def test_fewer_than_fifty_customers_are_no_base_for_the_page(count):
    few = random_lines(53, customers=count, orders=60)

    with pytest.raises(NotSupportedByData, match="customers with an order") as refused:
        studied(tables(few))

    assert refused.value.needs == "at least 50 customers"


def test_a_client_without_customers_and_products_has_no_page():
    twice = pd.DataFrame(
        {"customer_id": ["a", "a"], "last_order_date": pd.Timestamp("2024-01-01"),
         "frequency": 1, "monetary": 5.0}
    )  # fmt: skip

    with pytest.raises(NotSupportedByData, match="1 rows repeat a customer"):
        studied({"customer_rfm": ibis.memtable(twice)})
    with pytest.raises(NotSupportedByData, match="neither order lines nor customers"):
        studied({"products": ibis.memtable(pd.DataFrame({"product_id": ["p"]}))})


def test_every_exhibit_is_asked_for_by_the_notebook():
    notebook = Path(__file__).parents[2] / "notebooks" / "01_portfolio.ipynb"
    text = notebook.read_text(encoding="utf-8")

    names = {name.partition(" ")[0] for name in blocks()}
    assert {n for n in names if not re.search(rf"(show|over_time|results)\.{n}\b", text)} == set()
