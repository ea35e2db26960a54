"""The files behind the portfolio page: every customer in them, and one mark in all of them."""

import pytest
from studied_portfolios import WORDING, changed, said, shown_by, whole

from shared.analysis import portfolio_exhibits
from shared.analysis.portfolio_results import portfolio_limits, portfolio_numbers, portfolio_tables
from shared.analysis.study_parts import known


def test_the_marks_of_the_classes_are_the_same_in_every_file():
    study = changed()
    files = portfolio_tables(study)

    classes = files["customers"].set_index("customer_id")["abc_class"]
    profile = files["customer_profile"].set_index("customer_id")
    assert classes.value_counts()["A"] < len(classes) / 4
    assert profile["abc_class"].astype(str).to_dict() == classes.astype(str).to_dict()
    past = known(study.movement.past)
    last = past.at(past.ends[-1])["abc_class"].astype(str)
    both = known(study.movement.both)
    assert both.at(both.now)["abc_class"].astype(str).to_dict() == last.to_dict()
    assert abs(last.eq("A").sum() - classes.eq("A").sum()) <= len(classes) / 20
    by_default = known(whole().movement.past).at(past.ends[-1])["abc_class"]
    assert by_default.eq("A").sum() > 2 * last.eq("A").sum()


def test_the_boundary_has_a_file_of_customers_and_one_of_segments():
    files, shown = portfolio_tables(whole()), portfolio_exhibits.boundary_table(whole())

    assert files["boundary"]["customer_id"].is_unique
    assert files[shown["file"]] is shown["frame"]
    assert files["boundary_by_segment"]["on_boundary"].sum() == len(files["boundary"])


def test_every_customer_and_all_revenue_is_in_the_tables():
    files = portfolio_tables(whole())

    customers = files["customers"]
    assert customers["customer_id"].is_unique
    assert len(customers) == whole().customers == files["segments"]["customers"].sum()
    assert customers["monetary"].sum() == pytest.approx(files["segments"]["revenue"].sum())
    by_id = customers.set_index("customer_id")["abc_class"]
    assert by_id.equals(
        known(whole().classes.contribution["customers"])["abc_class"].reindex(by_id.index)
    )
    assert customers["is_best"].sum() == (customers["segment"] == "Champions").sum()
    cross = files["discovered_segments"].set_index("segment")
    sizes = customers["segment"].value_counts()
    assert cross.sum(axis=1).to_dict() == sizes.reindex(cross.index, fill_value=0).to_dict()


def test_the_numbers_of_discovery_stand_beside_those_of_the_base():
    numbers = portfolio_numbers(whole())

    assert numbers["discovered_segments"] == len(known(whole().found).profiles)
    assert numbers["behaviour_types"] == 0  # baskets drawn at random
    assert numbers["revenue"] == pytest.approx(known(whole().base).customers["monetary"].sum())
    assert {"natural_clusters", "rule_fidelity", "active_share"} <= set(numbers)


def test_limits_of_the_discovered_segments_are_among_the_caveats():
    limits = [said(limit) for limit in portfolio_limits(whole())]

    assert any("fewer than 500 customers the discovered segments" in limit for limit in limits)


def test_a_table_with_a_link_shows_the_rows_of_its_file():
    files = portfolio_tables(whole())

    linked = [p for p in shown_by(whole()).values() if isinstance(p, dict) and p.get("file")]
    assert len(linked) >= 8
    for part in linked:
        shown = part["frame"] if "frame" in part else part["data"]
        assert len(shown) == len(files[part["file"]]), part["file"]


def test_every_figure_of_what_separates_carries_its_unit():
    shown = portfolio_exhibits.separates(whole(), write=WORDING.format)["frame"].set_index("key")

    assert shown.loc["mean_order", "best"].startswith("€")
    assert shown.loc["recency_days", "difference"].endswith("days")
