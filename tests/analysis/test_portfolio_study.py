"""The portfolio page for clients of every kind: what is shown can be said, and the rest is told."""

import inspect
import re
from datetime import timedelta
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest
from planted_segments import lines_of
from profiled_shops import SNAPSHOT, random_lines, tables

from shared.analysis import development_exhibits, portfolio_exhibits
from shared.analysis.activity import contact_days
from shared.analysis.customer_summary import customer_summary
from shared.analysis.intervals import Estimate
from shared.analysis.multiple_testing import Finding
from shared.analysis.portfolio import segment_table
from shared.analysis.portfolio_parameters import parse_scoring, parse_stage_days
from shared.analysis.portfolio_results import (
    headlines,
    portfolio_limits,
    portfolio_numbers,
    portfolio_tables,
    totals,
)
from shared.analysis.portfolio_study import study_portfolio
from shared.analysis.rfm_scores import ELEVEN, Scoring
from shared.analysis.study_parts import known
from shared.analysis.verdicts import Level, Reason
from shared.loading.errors import ConfigError, NotSupportedByData
from shared.plots.locales import Wording
from shared.report.sentences import write
from shared.report.tables import table_markup

WORDING = Wording("en_GB", "EUR")
# Of these alone a client with one row per customer can be told.
ON_CUSTOMERS = {
    "activity", "activity_read",
    "champions", "separating", "separates", "regulars", "silence", "named", "spenders", "groups",
    "segments", "messages", "truly_new", "grid", "contribution customers",
    "past_value", "actions", "headlines", "totals", "vote", "vote_read", "discovered",
    "discovered_read", "rules", "against_imposed",
}  # fmt: skip
FIRST = {"headlines": headlines, "totals": totals}
ON_PRODUCTS = {
    "activity",
    "activity_read",
    "headlines",
    "totals",
    "contribution products",
    "steadiness products",
}


def sources(seed=51):
    """Give lines of every kind, of customers who order more or less often."""
    frame, rng = random_lines(seed, customers=400, orders=2400), np.random.default_rng(seed)
    number = frame["order_id"].str.removeprefix("R").astype(int)
    often = rng.gamma(0.8, 1, 400)
    owner = rng.choice(400, number.max() + 1, p=often / often.sum())[number]
    return tables(frame.assign(customer_id=np.char.add("c", owner.astype(str))))


def studied(given, **options):
    return study_portfolio(given, snapshot_date=SNAPSHOT, **{"scoring": ELEVEN, **options})


@pytest.fixture(scope="module")
def whole():
    return studied(sources())


@pytest.fixture(scope="module")
def changed():
    """The same client by other rules than the usual ones."""
    return studied(
        sources(), scoring=Scoring(scores=3), history_periods=2, period="Q",
        abc_cuts=(0.4, 0.7), xyz_cuts=(0.8, 1.6),
    )  # fmt: skip


@pytest.fixture(scope="module")
def customers_only():
    lines = sources()["order_lines"]
    summary = customer_summary(lines, snapshot_date=SNAPSHOT).drop("recency_days").to_pandas()
    return studied({"customer_rfm": ibis.memtable(summary)})


@pytest.fixture(scope="module")
def by_interactions():
    """A client with web sessions for half of the customers, where any interaction counts."""
    given = sources()
    rng, n = np.random.default_rng(52), 4000
    sessions = pd.DataFrame(
        {
            "customer_id": np.char.add("c", rng.integers(0, 200, n).astype(str)),
            "session_id": np.arange(n).astype(str),
            "started_at": pd.Timestamp("2023-07-01") + pd.to_timedelta(
                rng.integers(0, 365 * 24, n), unit="h"
            ),
        }
    )  # fmt: skip
    given |= {"web_sessions": ibis.memtable(sessions)}
    return studied(given, scoring=Scoring(contacts=contact_days(given)))


@pytest.fixture(scope="module")
def products_only():
    return studied({"order_lines": sources()["order_lines"].drop("customer_id")})


@pytest.fixture(scope="module")
def items_only():
    lines = sources()["order_lines"].drop("line_value", "unit_price", "discount", "unit_cost")
    return studied({"order_lines": lines})


@pytest.fixture(scope="module")
def no_products():
    """A client whose lines name no product, nor its category."""
    return studied({"order_lines": sources()["order_lines"].drop("product_id", "category")})


@pytest.fixture(scope="module")
def all_refunded():
    """Everybody got back what they paid: no money is left."""
    bought = random_lines(54, customers=80, orders=300, refund_share=0)
    back = bought.assign(
        order_id="R" + bought["order_id"], quantity=-bought["quantity"], is_refund=True,
        line_value=-bought["line_value"], discount=0.0,
    )  # fmt: skip
    return studied(tables(pd.concat([bought, back], ignore_index=True)))


def blocks():
    """List what the notebook asks for: name, and how to call it."""
    found = {}
    for module in (portfolio_exhibits, development_exhibits):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ != module.__name__ or name.startswith("_"):
                continue
            asked = set(inspect.signature(function).parameters) - {"study"}
            if asked == {"of"}:
                for of in ("customers", "products"):
                    found[f"{name} {of}"] = (function, (of,), {})
            elif asked == {"flags"}:
                found[name] = (function, ("is_best", "is_regular"), {})
            else:
                found[name] = (function, (), {"write": WORDING.format} if asked else {})
    return found | {name: (function, (), {}) for name, function in FIRST.items()}


def shown_by(study):
    """Give what each block shows, or the reason that it gives."""
    results = {}
    for name, (function, data, options) in blocks().items():
        try:
            results[name] = function(study, *data, **options)
        except NotSupportedByData as reason:
            results[name] = reason
    return results


def told(results):
    return {n for n, result in results.items() if not isinstance(result, NotSupportedByData)}


def reasons_in(result):
    """Find the sentences of a result, however it is nested."""
    if isinstance(result, Reason):
        return [result]
    if isinstance(result, list | tuple):
        return [reason for part in result for reason in reasons_in(part)]
    return reasons_in(result["said"]) if isinstance(result, dict) and "said" in result else []


def said(reason):
    return str(write(reason.template, reason.values, WORDING))


@pytest.mark.parametrize(
    "client",
    [
        "whole",
        "customers_only",
        "products_only",
        "items_only",
        "no_products",
        "all_refunded",
        "by_interactions",
    ],
)
def test_every_sentence_and_table_of_any_client_can_be_written(client, request):
    study = request.getfixturevalue(client)
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


def test_a_client_with_all_its_lines_is_told_all_but_the_campaign(whole):
    untold = set(blocks()) - told(shown_by(whole))

    # So few customers leave too few moves out of some segments for a steady state.
    assert untold == {"response", "response_read", "treated", "steady"}


def test_a_client_with_one_row_per_customer_is_told_what_needs_no_order_days(customers_only):
    results = shown_by(customers_only)

    assert told(results) == ON_CUSTOMERS
    lacking = {
        results[name].reason for name in set(results) - ON_CUSTOMERS
        if name not in ("response", "response_read", "treated", "stayed")
    }  # fmt: skip
    assert lacking == {"the client supplied no order lines"}
    assert all(r.needs for r in results.values() if isinstance(r, NotSupportedByData))


def test_one_row_per_customer_gives_the_segments_of_the_order_lines(whole, customers_only):
    assert known(whole.segments).equals(known(customers_only.segments))
    numbers = portfolio_numbers(customers_only)
    shared = {name: portfolio_numbers(whole)[name] for name in numbers}
    assert numbers == pytest.approx(shared)


def test_products_alone_carry_a_page_that_says_so(products_only):
    results = shown_by(products_only)

    assert told(results) == ON_PRODUCTS
    assert products_only.verdict.level is Level.CARE
    assert said(products_only.verdict.reasons[0]) == (
        "Only products are classed here: no order line names a customer."
    )
    ((name, finding),) = results["headlines"]
    assert name == "products"
    assert any(isinstance(value, Estimate) for value in finding.values.values())
    assert set(portfolio_tables(products_only)) == {"products", "abc_xyz"}
    assert products_only.customers is None


def test_products_are_classed_alike_with_and_without_customers(whole, products_only):
    for part in ("contribution", "crossed"):
        with_customers, alone = (
            known(getattr(s.classes, part)["products"]) for s in (whole, products_only)
        )
        assert with_customers.equals(alone)


def test_without_prices_items_stand_for_money(items_only):
    assert items_only.what == "items bought"
    assert items_only.verdict.level is Level.CARE
    assert "cost" in str(items_only.discount)


def test_without_products_only_what_counts_products_is_untold(no_products, whole):
    untold = told(shown_by(whole)) - told(shown_by(no_products))

    assert untold == {"contribution products", "steadiness products", "types", "types_table"}
    measures = set(known(no_products.separates)["key"])
    assert measures == {"frequency", "recency_days", "mean_order"}


def test_the_marks_of_the_classes_are_the_same_in_every_file(changed, whole):
    study = changed
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
    by_default = known(whole.movement.past).at(past.ends[-1])["abc_class"]
    assert by_default.eq("A").sum() > 2 * last.eq("A").sum()


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


def test_the_boundary_has_a_file_of_customers_and_one_of_segments(whole):
    files, shown = portfolio_tables(whole), portfolio_exhibits.boundary_table(whole)

    assert files["boundary"]["customer_id"].is_unique
    assert files[shown["file"]] is shown["frame"]
    assert files["boundary_by_segment"]["on_boundary"].sum() == len(files["boundary"])


def test_where_no_money_is_left_no_share_of_it_is_told(all_refunded):
    results = shown_by(all_refunded)

    assert portfolio_numbers(all_refunded)["revenue"] == pytest.approx(0, abs=0.01)
    assert "largest_fifth" not in dict(results["headlines"])
    assert "champions" in dict(results["headlines"])
    assert {"contribution customers", "past_value", "vote", "discovered"}.isdisjoint(told(results))
    assert "adds up to nothing after refunds" in str(results["contribution customers"])


def test_every_customer_and_all_revenue_is_in_the_tables(whole):
    files = portfolio_tables(whole)

    customers = files["customers"]
    assert customers["customer_id"].is_unique
    assert len(customers) == whole.customers == files["segments"]["customers"].sum()
    assert customers["monetary"].sum() == pytest.approx(files["segments"]["revenue"].sum())
    by_id = customers.set_index("customer_id")["abc_class"]
    assert by_id.equals(
        known(whole.classes.contribution["customers"])["abc_class"].reindex(by_id.index)
    )
    assert customers["is_best"].sum() == (customers["segment"] == "Champions").sum()
    cross = files["discovered_segments"].set_index("segment")
    sizes = customers["segment"].value_counts()
    assert cross.sum(axis=1).to_dict() == sizes.reindex(cross.index, fill_value=0).to_dict()


def test_the_numbers_of_discovery_stand_beside_those_of_the_base(whole):
    numbers = portfolio_numbers(whole)

    assert numbers["discovered_segments"] == len(known(whole.found).profiles)
    assert numbers["behaviour_types"] == 0  # baskets drawn at random
    assert numbers["revenue"] == pytest.approx(known(whole.base).customers["monetary"].sum())
    assert {"natural_clusters", "rule_fidelity", "active_share"} <= set(numbers)


def test_limits_of_the_discovered_segments_are_among_the_caveats(whole):
    limits = [said(limit) for limit in portfolio_limits(whole)]

    assert any("fewer than 500 customers the discovered segments" in limit for limit in limits)


def test_a_table_with_a_link_shows_the_rows_of_its_file(whole):
    files = portfolio_tables(whole)

    linked = [p for p in shown_by(whole).values() if isinstance(p, dict) and p.get("file")]
    assert len(linked) >= 8
    for part in linked:
        shown = part["frame"] if "frame" in part else part["data"]
        assert len(shown) == len(files[part["file"]]), part["file"]


def test_every_figure_of_what_separates_carries_its_unit(whole):
    shown = portfolio_exhibits.separates(whole, write=WORDING.format)["frame"].set_index("key")

    assert shown.loc["mean_order", "best"].startswith("€")
    assert shown.loc["recency_days", "difference"].endswith("days")


def test_the_rules_are_those_of_the_parameters():
    got = parse_scoring({}, scores=3, own_cuts="money 10 20", money="mean_order", segment_map="")

    assert got == Scoring(3, "mean_order", {"monetary": (10.0, 20.0)}, ELEVEN.segment_map)
    with pytest.raises(ConfigError, match="E-PARA-07"):
        parse_scoring({}, scores=5, own_cuts="money 10 20", money="total", segment_map="")


@pytest.mark.parametrize(
    ("text", "days"), [("", (0, 0)), (" 58 155 ", (58, 155)), ("58", (58, 0)), ("0 155", (0, 155))]
)
def test_days_of_silence_are_two_numbers_or_learnt(text, days):
    assert parse_stage_days(text) == days


@pytest.mark.parametrize("text", ["58,155", "58 155 200", "two months", "-3 5", "58.5 155"])
def test_what_are_no_days_of_silence_is_refused(text):
    with pytest.raises(ConfigError, match="E-PARA-08 stage_days") as refused:
        parse_stage_days(text)

    assert text in str(refused.value)
    assert 'write "58 155"' in str(refused.value)


def test_where_any_interaction_counts_the_page_says_which_and_what_hangs_on_it(
    by_interactions, whole
):
    counted, apart = map(said, portfolio_exhibits.activity_read(by_interactions))
    files = portfolio_tables(by_interactions)

    orders = portfolio_numbers(whole)["orders"]
    sessions = files["activity"].set_index("table").loc["web_sessions", "interactions"]
    assert f"out of {orders:,} orders, {sessions:,} web sessions." in counted
    now, before = (files["customers"], portfolio_tables(whole)["customers"])
    both = now.merge(before, on="customer_id", suffixes=("", "_by_orders"))
    moved = (both["segment"].astype(str) != both["segment_by_orders"].astype(str)).mean()
    assert apart.startswith(f"By purchases alone, {100 * moved:.0f}% of the customers")
    begins, first = map(WORDING.date, files["activity"]["first_day"])
    assert (
        f"Orders begin on {begins}, web sessions on {first}: what customers did before that day is "
        "not counted." in [said(limit) for limit in portfolio_limits(by_interactions)]
    )
    grid = portfolio_exhibits.grid(by_interactions)
    assert "days since the last interaction and active days" in said(grid["said"][1])
    assert grid["columns"]["x_low"][0] == "Active days from"


def test_where_any_interaction_counts_money_orders_and_dates_stay_those_of_purchases(
    by_interactions, whole
):
    revenue = portfolio_numbers(whole)["revenue"]
    assert portfolio_numbers(by_interactions)["revenue"] == pytest.approx(revenue)
    columns = ["customer_id", "frequency", "monetary", "recency_days", "last_order_date", "m_score"]
    now, before = (
        portfolio_tables(s)["customers"].sort_values("customer_id", ignore_index=True)
        for s in (by_interactions, whole)
    )
    assert now[columns].equals(before[columns])
    past = known(by_interactions.movement.past).at(SNAPSHOT)["segment"].astype(str)
    assert past.to_dict() == now.set_index("customer_id")["segment"].astype(str).to_dict()
    both = known(by_interactions.movement.both)
    assert both.at(both.now)["segment"].astype(str).to_dict() == past.to_dict()


def test_by_purchase_nothing_is_said_of_interactions_and_no_file_names_them(whole):
    assert portfolio_exhibits.activity_read(whole) == portfolio_exhibits.activity(whole) == []
    files = portfolio_tables(whole)
    assert "activity" not in files
    assert not {"interaction_days", "days_since_last_interaction"} & set(files["customers"])


def test_the_rules_reach_every_part(changed):
    study = changed
    base = known(study.base)
    assert base.cuts.scores == 3
    assert known(study.segments).equals(segment_table(base))
    assert len(known(study.movement.past).ends) == 3
    assert (known(study.profile).period, study.life.followed.noun) == ("Q", "quarter")


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
