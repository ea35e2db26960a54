import pytest

from shared.delivery.since_groups import groups_since, written_groups
from shared.plots.locales import Wording

PERSONAS = "11_personas"


def deliver(folder, named, *, report=PERSONAS, table="assignments", column="persona"):
    path = folder / "tables" / report / f"{table}.csv"
    path.parent.mkdir(parents=True)
    rows = [f"{number:04d},x,{name}" for number, name in sorted(named.items())]
    path.write_text("\n".join([f"customer_id,other,{column}", *rows]) + "\n")


def kinds(first, second, unplaced=200):
    """Give numbers of customers, the first so many of one kind, the next of another."""
    names = ["Web buyers"] * first + ["App buyers"] * second + [""] * unplaced
    return dict(enumerate(names))


@pytest.fixture
def folders(tmp_path):
    return tmp_path / "2026-06-01", tmp_path / "2026-07-01"


def test_kinds_are_matched_by_their_customers_and_a_planted_growth_is_seen(folders):
    then, now = folders
    deliver(then, kinds(600, 400))
    grown = kinds(600, 400) | dict.fromkeys(range(2000, 2300), "App buyers")
    called = {n: "Callers" if name == "App buyers" else name for n, name in grown.items()}
    deliver(now, called)

    (got,) = groups_since(then, now, PERSONAS)
    said = written_groups(got, Wording("en_GB", "EUR"))

    assert said["said"] == (
        "Matched by the customers in both deliveries: of the kinds, 2 live on, none new, none gone;"
        " 2 changed their share of all customers by more than noise."
    )
    assert "Callers (then: App buyers)" in said["markup"]
    rows = got.table.set_index("group")
    assert rows.loc["Callers", ["customers_then", "customers_now"]].tolist() == [400, 700]
    assert rows.loc["Callers", ["share_then", "share_now"]].tolist() == [400 / 1200, 700 / 1500]
    assert rows["customers_now"].sum() == got.customers_now == 1500
    assert said["markup"].index("Web buyers") < said["markup"].index("Not placed")


def test_what_is_only_noise_is_called_noise(folders):
    then, now = folders
    deliver(then, kinds(600, 400))
    deliver(now, kinds(605, 402, unplaced=205))

    (got,) = groups_since(then, now, PERSONAS)

    assert set(got.table["movement"]) == {"within noise"}
    assert "none changed" in written_groups(got, Wording())["said"]


def test_kinds_that_nobody_of_then_is_in_are_new(folders):
    then, now = folders
    deliver(then, kinds(600, 400))
    deliver(now, {n: "AB"[n % 2] for n in range(1000)})

    (got,) = groups_since(then, now, PERSONAS)

    rows = got.table.set_index(["group", "then_called"])["movement"]
    assert rows["A", ""] == rows["B", ""] == "new"
    assert rows["", "Web buyers"] == rows["", "App buyers"] == "gone"


def test_segments_go_by_name(folders):
    where = {"report": "01_portfolio", "table": "customers", "column": "segment"}
    deliver(folders[0], dict.fromkeys(range(50), "Lost") | dict.fromkeys(range(50, 99), "New"),
            **where)  # fmt: skip
    deliver(folders[1], dict.fromkeys(range(50), "New") | dict.fromkeys(range(50, 99), "Lost"),
            **where)  # fmt: skip

    (got,) = groups_since(*folders, "01_portfolio")

    assert dict(zip(got.table["group"], got.table["customers_then"], strict=True)) == {
        "New": 49, "Lost": 50,
    }  # fmt: skip
    assert written_groups(got, Wording())["said"].startswith("Of 2 segments, none changed")


def test_a_report_without_groups_or_without_its_table_then_is_not_compared(folders):
    deliver(folders[1], kinds(60, 40))

    assert groups_since(*folders, PERSONAS) == []
    assert groups_since(*folders, "04_cohort") == []
