"""Which own product an offer goes with: the one most like it, however the lines are cut."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from shared.analysis import offer_reasons
from shared.analysis.offer_matrix import History
from shared.analysis.offer_reasons import anchor_products

CUSTOMERS, PRODUCTS = 40, 12


@pytest.fixture(scope="module")
def history():
    """Customers with up to five products each, bought up to three times; some have none."""
    rng = np.random.default_rng(0)
    counts = rng.integers(1, 4, (CUSTOMERS, PRODUCTS)) * (rng.random((CUSTOMERS, PRODUCTS)) < 0.2)
    counts[:3] = 0
    return History(csr_matrix(counts), pd.DataFrame(), 0, counts.sum(axis=0), counts.sum(axis=0))


@pytest.fixture(scope="module")
def cosines():
    """Likeness in steps of a quarter, so that some are equal and some are nothing."""
    drawn = np.random.default_rng(1).integers(0, 5, (PRODUCTS, PRODUCTS)) / 4
    return np.triu(drawn, 1) + np.triu(drawn, 1).T


@pytest.fixture(scope="module")
def lines():
    rng = np.random.default_rng(2)
    drawn = {"customer": rng.integers(0, CUSTOMERS, 200), "product": rng.integers(0, PRODUCTS, 200)}
    return pd.DataFrame(drawn)


def line_by_line(lines, history, cosines):
    """Go through a customer's products by hand, those with most buyers first."""
    anchors = []
    for customer, offered in lines[["customer", "product"]].to_numpy():
        owned = np.flatnonzero(history.counts.toarray()[customer])
        best = max(owned, key=lambda product: cosines[product, offered], default=-1)
        anchors.append(best if best >= 0 and cosines[best, offered] > 0 else -1)
    return anchors


@pytest.mark.parametrize("batch", [1, 7, 199, 200, 100_000])
def test_the_own_product_most_like_the_offer_is_named_whatever_the_size_of_a_batch(
    lines, history, cosines, batch, monkeypatch
):
    monkeypatch.setattr(offer_reasons, "BATCH", batch)

    got = anchor_products(lines, history, cosines)

    want = line_by_line(lines, history, cosines)
    assert got.tolist() == want
    assert -1 in want
    assert len(set(want)) > 5


def test_no_line_needs_no_reason(history, cosines):
    none = pd.DataFrame({"customer": [], "product": []}, dtype=int)

    assert anchor_products(none, history, cosines).tolist() == []
