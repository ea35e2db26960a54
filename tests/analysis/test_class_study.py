import pytest
from pandas.testing import assert_frame_equal
from profiled_shops import SNAPSHOT, random_lines, tables

from shared.analysis.abc import product_revenue
from shared.analysis.abc_xyz import Cuts, abc_xyz_tables, cross_classes, spend_variation
from shared.analysis.class_study import study_classes
from shared.analysis.portfolio import portfolio
from shared.analysis.study_parts import known
from shared.loading.errors import NotSupportedByData

NOBODY = NotSupportedByData("no order line names a customer", "customer_id for each order")


@pytest.fixture(scope="module")
def shop():
    return tables(random_lines(41, customers=80, orders=700))


def studied(sources, base, *, cuts=None):
    return study_classes(
        sources, base, snapshot_date=SNAPSHOT, period="M", cuts=cuts or Cuts(0.7, 0.9, 0.4, 0.8)
    )


def classed(lines, base, member, revenue, cuts):
    variation = spend_variation(lines, snapshot_date=SNAPSHOT, member=member, period="M")
    return cross_classes(revenue, variation.to_pandas().set_index(member), cuts=cuts)


def test_customers_and_products_are_classed_by_contribution_and_steadiness(shop):
    base = portfolio(shop["order_lines"], snapshot_date=SNAPSHOT)
    cuts = Cuts(0.7, 0.9, 0.4, 0.8)

    got = studied(shop, base)

    lines = shop["order_lines"]
    spend = base.customers.set_index("customer_id")["monetary"]
    sold = product_revenue(lines).to_pandas().set_index("product_id")["revenue"]
    want = {
        "customers": classed(lines, base, "customer_id", spend, cuts),
        "products": classed(lines, base, "product_id", sold, cuts),
    }
    for of, classes in want.items():
        assert_frame_equal(known(got.crossed[of]), classes)
        assert_frame_equal(known(got.contribution[of]), classes.iloc[:, :3])
    assert_frame_equal(known(got.crossed_table()), abc_xyz_tables(want))
    assert (got.members("customers"), got.members("products")) == (80, 30)


def test_products_are_classed_where_no_customer_is_known(shop):
    base = portfolio(shop["order_lines"], snapshot_date=SNAPSHOT)
    goods = {"order_lines": shop["order_lines"].drop("customer_id")}

    got = studied(goods, NOBODY)

    assert got.contribution["customers"] is NOBODY
    assert (got.members("customers"), got.members("products")) == (None, 30)
    for part in ("contribution", "crossed"):
        alone, beside = (getattr(s, part)["products"] for s in (got, studied(shop, base)))
        assert_frame_equal(alone, beside)
    assert set(known(got.crossed_table())["of"]) == {"products"}
    assert got.told() == ["customers", "products"]


def test_without_order_lines_the_reason_is_told_once_and_no_table_is_left():
    base = NotSupportedByData("3 rows repeat a customer")

    got = studied({}, base)

    assert isinstance(got.products, NotSupportedByData)
    assert got.products.reason == "the client supplied no order lines"
    assert got.tables() == {}


def test_customers_without_order_lines_are_classed_by_what_they_brought(shop):
    base = portfolio(shop["order_lines"], snapshot_date=SNAPSHOT)

    got = studied({}, base)

    assert got.members("customers") == 80
    assert got.told() == ["customers"]  # neither is crossed, for want of the same thing
    assert got.crossed["customers"].reason == "the client supplied no order lines"


def test_lines_without_dates_or_products_leave_what_they_can_carry(shop):
    undated = {"order_lines": shop["order_lines"].drop("customer_id", "order_date")}
    unnamed = {"order_lines": shop["order_lines"].drop("product_id")}

    assert studied(undated, NOBODY).members("products") == 30
    assert "order_date" in str(studied(undated, NOBODY).crossed["products"])
    assert "product_id" in str(studied(unnamed, NOBODY).products)
    assert set(studied(undated, NOBODY).tables()) == {"products"}
