"""Clients whose data are odd but sound, from raw file to page: words and a verdict, never a crash.

One delivery holds them all. Each is a row of the list of faults: what the page says, and that
nothing is lost, merged or shown that must not be.
"""

import json
import re
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from deliveries_here import deliver_here
from small_client import COLUMNS, csv_of, write_client

pytestmark = pytest.mark.slow

CUSTOMERS, LOOK_ALIKE = 120, 24
LAST = date(2024, 6, 30)


def ids(suffix=""):
    return [f"c{number:03d}{suffix}" for number in range(CUSTOMERS)]


def order(customer, number, days_ago, price, quantity=1):
    day = LAST - timedelta(days=int(days_ago))
    return f"{customer},{number},{day},p{number % 9},{quantity},{price:.2f}"


def shop(names, *, days=360, seed=1):
    """Let customers order one to eight times on random days."""
    rng = np.random.default_rng(seed)
    owners = [name for name in names for _ in range(int(rng.integers(1, 9)))]
    lines = [
        order(name, number, rng.integers(0, days), rng.integers(5, 60))
        for number, name in enumerate(owners)
    ]
    return [order(names[0], 9999, 0, 20), *lines]  # somebody orders on the last day


def one_order_each():
    return [order(name, i, 3 * i, 10 + i) for i, name in enumerate(ids())]


def one_with_most_of_the_revenue(lines):
    """Let c001 buy for one and a half times what all others have paid in the end."""
    rows = [line.split(",") for line in lines if not line.startswith("c001,")]
    others = sum(float(row[-2]) * float(row[-1]) for row in rows)
    return [*lines, order("c001", 5000, 10, 1.5 * others)]


def all_alike():
    return [order(name, 2 * i + k, 30 * k, 10) for i, name in enumerate(ids()) for k in (0, 1)]


def refunded(lines):
    """Every third customer is paid back five more than was paid."""
    paid = dict.fromkeys(ids(), 5.0)
    for line in lines:
        paid[line.partition(",")[0]] += float(line.rpartition(",")[2])
    return lines + [order(name, 7000 + i, 1, paid[name], -1) for i, name in enumerate(ids()[::3])]


def ids_that_look_alike(lines):
    """Every tenth customer is also written in capitals, and every tenth with a space behind."""
    capitals, spaced = [n.upper() for n in ids()[::10]], [f'"{n} "' for n in ids()[5::10]]
    return lines + [order(name, 8000 + i, 40, 15) for i, name in enumerate(capitals + spaced)]


def odd_customers():
    """Have one with most of the revenue, many with less than none, and some who look alike."""
    return one_with_most_of_the_revenue(ids_that_look_alike(refunded(shop(ids()))))


CLIENTS = {
    "once": (one_order_each, ""),
    "odd": (odd_customers, "refunds: net"),
    "alike": (all_alike, ""),
    "month": (lambda: shop(ids(), days=30), ""),
}


WITHOUT_CUSTOMERS = {ours: theirs for ours, theirs in COLUMNS.items() if ours != "customer_id"}


@pytest.fixture(scope="module")
def delivered(once):
    """Deliver all of them at once; give the folder of one."""

    def make(root):
        asked = [(name, lines, rules, COLUMNS) for name, (lines, rules) in CLIENTS.items()]
        asked.append(("goods", lambda: shop(ids()), "", WITHOUT_CUSTOMERS))
        for name, lines, rules, columns in asked:
            folder = write_client(
                root, csv_of(lines()), columns=columns, rules=rules,
                top="snapshot_date: 2024-07-01",
            )  # fmt: skip
            folder.rename(folder.with_name(name))
        places = ("--data", str(root / "data"), "--outputs", str(root / "outputs"))
        code, said = deliver_here(*CLIENTS, "goods", *places, "--only", "portfolio")
        assert code == 0, said

    root = once("portfolio-bad-input", make)
    return lambda name: root / "outputs" / name / "2024-07-01"


def findings(folder):
    return json.loads((folder / "findings" / "01_portfolio.json").read_text(encoding="utf-8"))


def page(folder):
    html = (folder / "01_portfolio.html").read_text(encoding="utf-8")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.split("<body>")[1]))


def table(folder, name):
    path = folder / "tables" / "01_portfolio" / f"{name}.csv"
    return pd.read_csv(path, dtype={"customer_id": str}, keep_default_na=True)


@pytest.mark.parametrize("name", CLIENTS)
def test_the_page_is_delivered_and_every_euro_is_in_a_segment(delivered, name):
    folder = delivered(name)

    record, run = findings(folder), json.loads((folder / "run.json").read_text(encoding="utf-8"))
    lines = run["intake"]["order_lines"]
    assert record["verdict"] == "read with care"
    assert lines["rows_in"] == lines["rows_used"]
    assert record["metrics"]["revenue"] == pytest.approx(lines["money_in"], abs=0.01)
    assert table(folder, "segments")["revenue"].sum() == pytest.approx(lines["money_in"], abs=0.01)
    assert not re.search(r"\b(nan|NaN|None|inf|NaT)\b", page(folder))
    assert "Traceback" not in page(folder)


def test_customers_of_one_order_each_have_no_rhythm_and_no_made_up_date(delivered):
    folder = delivered("once")

    assert "No customer has 3 orders: frequency says little." in page(folder)
    assert "All customers are alike in frequency" in page(folder)
    assert table(folder, "winback_due")["due_date"].isna().all()


def test_one_customer_with_most_of_the_revenue_is_named_as_a_doubt_and_hidden_in_its_cell(
    delivered,
):
    folder = delivered("odd")

    assert "One customer brings 60% of the total" in page(folder)
    cells = table(folder, "abc_xyz").query("of == 'customers'")
    whale = table(folder, "customers").set_index("customer_id").loc["c001", "monetary"]
    assert not (cells["revenue"] >= whale).any()


def test_equal_customers_are_in_one_segment_and_nobody_is_told_apart(delivered):
    folder = delivered("alike")

    assert "All customers are alike in recency, frequency, money" in findings(folder)["why"]
    assert (table(folder, "segments")["customers"] == CUSTOMERS).sum() == 1
    assert "All customers are alike in recency, orders and money." in page(folder)
    assert "Revenue tells no customers apart." in page(folder)


def test_a_single_month_is_no_history(delivered):
    folder = delivered("month")

    assert "of history: 180 days tell a pause from a loss." in page(folder)
    assert not (folder / "tables" / "01_portfolio" / "transitions.csv").exists()


def test_customers_with_negative_money_keep_their_place_and_their_amount(delivered):
    folder = delivered("odd")

    customers = table(folder, "customers")
    assert len(customers) == CUSTOMERS + LOOK_ALIKE
    below = customers[customers["monetary"] < 0]
    assert below["monetary"].tolist() == pytest.approx([-5.0] * (CUSTOMERS // 3))
    assert (below["abc_class"] == "C").all()
    assert "have no positive money after refunds" in page(folder)


def test_ids_that_differ_in_case_or_space_stay_apart_and_are_noted_with_their_number(delivered):
    folder = delivered("odd")

    assert findings(folder)["metrics"]["customers"] == CUSTOMERS + LOOK_ALIKE
    told = "differ from another one only in case or space and are kept apart: "
    assert f"{told}{CUSTOMERS + LOOK_ALIKE} customers instead of {CUSTOMERS}" in page(folder)
    assert {"c000", "C000"} <= set(table(folder, "customers")["customer_id"])


def test_lines_that_name_no_customer_give_the_classes_of_products_and_nothing_else(delivered):
    folder = delivered("goods")

    record = findings(folder)
    assert record["verdict"] == "read with care"
    assert "no order line names a customer" in record["why"]
    assert [finding["id"] for finding in record["findings"]] == ["products"]
    written = {path.stem for path in (folder / "tables" / "01_portfolio").iterdir()}
    assert written == {"products", "abc_xyz"}
    sold = json.loads((folder / "run.json").read_text(encoding="utf-8"))["intake"]["order_lines"]
    assert table(folder, "products")["revenue"].sum() == pytest.approx(sold["money_in"], abs=0.01)
