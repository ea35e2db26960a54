from dataclasses import replace
from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from planted_segments import CUTOFF, UNTIL, lines_of, planted_shop

from shared.analysis import drift_answers as drifting
from shared.analysis import history_answers as answers
from shared.analysis.intervals import Estimate
from shared.analysis.multiple_testing import Finding
from shared.analysis.portfolio import portfolio, portfolio_verdict
from shared.analysis.segment_boundary import segment_boundary
from shared.analysis.segment_history import history_table, segment_history
from shared.analysis.segment_holdout import segment_holdout, watched_window
from shared.analysis.segment_movement import base_drift
from shared.analysis.segment_transitions import steady_state, transitions
from shared.analysis.verdicts import Level
from shared.loading.errors import NotSupportedByData
from shared.plots.locales import Wording
from shared.report.sentences import write

NO_YEAR = NotSupportedByData("12 customers had joined before the same month a year earlier", "more")


def said(reason):
    return str(write(reason.template, reason.values, Wording()))


@pytest.fixture(scope="module")
def shop():
    return planted_shop(2, rates=np.random.default_rng(2).gamma(0.8, 7, 1200)).cache()


@pytest.fixture(scope="module")
def history(shop):
    return segment_history(shop, snapshot_date=UNTIL, period="M", periods=3)


@pytest.fixture(scope="module")
def holdout(shop):
    return segment_holdout(shop, cutoff=CUTOFF, until=UNTIL)


def test_every_answer_of_the_history_is_a_whole_sentence_with_a_digit(history):
    table, moves = history_table(history), transitions(history)
    drift = base_drift(history)

    whole = [answers.profile(table, period="M"), answers.newcomers(moves),
             *drifting.drift(drift, NO_YEAR, period="M"),
             drifting.steady(steady_state(history, moves)),
             answers.sizes(history)[1], answers.moves(moves, period="M")[1]]  # fmt: skip
    titles = [answers.sizes(history)[0], answers.moves(moves, period="M")[0]]
    for reason in whole:
        assert said(reason).endswith(".")
    for reason in whole + titles:
        assert any(letter.isdigit() for letter in said(reason))
    for _title, alt in (answers.sizes(history), answers.moves(moves, period="M")):
        assert len(said(alt)) >= 40


def test_headlines_carry_an_estimate(history, holdout, shop):
    moves = transitions(history)
    reasons = [
        answers.sizes(history)[0], answers.moves(moves, period="M")[0],
        *drifting.drift(base_drift(history), NO_YEAR, period="M")[:2], answers.proof(holdout)[0],
        answers.order_kept(holdout), answers.at_risk(holdout, "revenue")[0],
        answers.boundary(segment_boundary(shop, snapshot_date=UNTIL))[0],
    ]  # fmt: skip

    for reason in reasons:
        assert any(isinstance(value, Estimate) for value in reason.values.values())


def test_the_most_common_move_is_said_with_its_share_of_all_moves(history):
    table = transitions(history)
    steps = table[(table["kind"] == "segment") & (table["period"] == "all")]
    moved = steps[(steps["from"] != steps["to"]) & (steps["from"] != "Not yet a customer")]
    title = answers.moves(table, period="M")[0]

    widest = title.values["widest"]
    assert widest.value == moved["customers"].max() / moved["customers"].sum() < 0.5
    assert widest.n == moved["customers"].sum()
    assert "most of" not in said(title)
    assert "the most common move, " in said(title)


def test_newcomers_are_counted_apart_with_the_segment_they_enter(shop):
    history = segment_history(shop, snapshot_date=CUTOFF, period="M", periods=3)

    got = answers.newcomers(transitions(history))

    joined = len(history.at(history.ends[-1])) - len(history.at(history.ends[0]))
    assert got.values["n"] == got.values["share"].n == joined > 0
    assert said(got).endswith(f"stood in {got.values['segment']} when the period of their first "
                              "order was over.")  # fmt: skip


def test_the_title_of_the_sizes_names_the_largest_gain_and_loss(history):
    title = answers.sizes(history)[0]

    shares = [history.at(end)["segment"].value_counts(normalize=True) for end in history.ends]
    gain = shares[-1] - shares[0]
    assert title.values["grown"] == gain.idxmax()
    assert title.values["shrunk"] == gain.idxmin()
    assert title.values["now"].value == pytest.approx(shares[-1][gain.idxmax()])


def test_the_words_of_the_drift_follow_the_findings(history):
    drift = base_drift(history)
    fall = Estimate(-0.02, -0.03, -0.01, 500, "number")
    still = replace(drift, standing=fall, standing_finding=Finding.NOTHING,
                    rate_finding=Finding.NOTHING)  # fmt: skip
    found = replace(still, standing_finding=Finding.DIFFERS, rate_finding=Finding.DIFFERS,
                    rate_change=fall)  # fmt: skip
    unsure = replace(found, standing_finding=Finding.NOT_SETTLED)

    assert "kept their place" in said(drifting.drift(still, NO_YEAR, period="M")[0])
    assert "no drift beyond chance" in said(drifting.drift(still, NO_YEAR, period="M")[1])
    assert "lost 2.00 places of 100" in said(drifting.drift(found, NO_YEAR, period="M")[0])
    assert "buy less" in said(drifting.drift(found, NO_YEAR, period="M")[1])
    assert "not settled" in said(drifting.drift(unsure, NO_YEAR, period="M")[0])


def test_the_proof_says_what_champions_did_and_what_all_did(holdout):
    title, alt = map(said, answers.proof(holdout))

    assert title.endswith("of all customers")
    assert "of Champions bought in the next 91 days" in title
    assert "Champions" in alt
    unsure = replace(holdout, lead_finding=Finding.NOT_SETTLED)
    assert "not settled" in said(answers.proof(unsure)[0])
    nothing = replace(holdout, lead_finding=Finding.NOTHING)
    assert "no difference found" in said(answers.proof(nothing)[0])


def test_an_order_that_is_not_kept_is_said_with_the_pair(holdout):
    pair = pd.DataFrame(
        [("New", "At Risk", 0.138, 0.18, 0.001)],
        columns=["above", "below", "above_share", "below_share", "q"],
    )

    got = said(answers.order_kept(replace(holdout, inversions=pair)))

    assert "in 1 pair: At Risk bought more often than New, 18% against 14%." in got


def test_segments_that_do_not_predict_are_said_not_to(holdout):
    nothing = replace(holdout, predicts=Finding.NOTHING)
    unsure = replace(holdout, predicts=Finding.NOT_SETTLED)

    assert "do not predict" in said(answers.order_kept(nothing))
    assert "not settled" in said(answers.order_kept(unsure))


def test_segments_that_do_not_predict_are_a_reason_to_read_with_care(holdout, shop):
    base = portfolio(shop, snapshot_date=UNTIL)
    nothing, unsure = (
        answers.unproven(replace(holdout, predicts=finding))
        for finding in (Finding.NOTHING, Finding.NOT_SETTLED)
    )

    assert answers.unproven(holdout) == []
    assert portfolio_verdict(base, unproven=nothing).level is Level.CARE
    assert nothing[0] in portfolio_verdict(base, unproven=nothing).reasons
    tried = f"Tried on the {nothing[0].values['n']:,} customers of "
    assert said(nothing[0]).startswith(tried)
    assert said(nothing[0]).endswith("than the others, beyond chance.")
    assert "not settled" in said(unsure[0])


def test_revenue_at_risk_is_said_with_its_interval_its_date_and_its_condition(holdout):
    told = said(answers.at_risk(holdout, "revenue")[0])

    assert "days before " in told
    assert "If each segment loses the same share of its money" in told
    assert "the largest part, " in told
    assert "most of it" not in told
    low, high = holdout.at_risk.low, holdout.at_risk.high
    assert f"({Wording().format(low, 'money')} to {Wording().format(high, 'money')})" in told


def test_one_customer_with_most_of_the_revenue_is_mentioned(holdout):
    whale = answers.at_risk(replace(holdout, largest_share=0.6), "revenue")

    assert len(answers.at_risk(holdout, "revenue")) == 1
    assert said(whale[1]).startswith("One customer brought 60% of it")


def test_a_base_of_equal_customers_is_told_without_a_crash():
    rows = [(f"c{k}", f"{k}-{m}", f"2023-{m}-01", 10.0) for k in range(60)
            for m in ("09", "10", "11", "12")]  # fmt: skip
    history = segment_history(lines_of(rows), snapshot_date=CUTOFF, period="M", periods=2)
    moves = transitions(history)

    assert said(answers.sizes(history)[0]).endswith("Champions holds 0% of it")
    assert said(answers.moves(moves, period="M")[0]).startswith("100% of customers keep")
    assert said(answers.newcomers(moves)) == "0 customers joined in the time shown."
    assert "kept their place" in said(drifting.drift(base_drift(history), NO_YEAR, period="M")[0])


def test_nobody_on_a_boundary_is_an_answer(shop):
    got = answers.boundary(segment_boundary(shop, snapshot_date=UNTIL, days=0))

    assert [said(reason) for reason in got] == ["Nobody stands on a boundary: 0% of the base."]


def test_the_boundary_names_the_softest_edge(shop):
    found = segment_boundary(shop, snapshot_date=date(2024, 3, 15))
    got = answers.boundary(found)

    large = found.table[found.table["customers"] >= 30]
    assert found.table["share"].max() > large["share"].max()  # 24 customers would have been named
    assert got[1].values["crowd"].value == pytest.approx(large["share"].max())
    assert f"of its {got[1].values['members']} customers" in said(got[1])
    assert said(got[0]).startswith(f"{len(found.customers)} customers stand")


def told(lines):
    """Answer all three headings, or name the ones that are refused."""
    refused = set()
    try:
        history = segment_history(lines, snapshot_date=CUTOFF, period="M", periods=4)
        moves = transitions(history)
        for reason in (*answers.sizes(history), *answers.moves(moves, period="M"),
                       answers.profile(history_table(history), period="M")):  # fmt: skip
            assert said(reason)
        for name, answer in {
            "drift": lambda: drifting.drift(base_drift(history), NO_YEAR, period="M"),
            "steady": lambda: [drifting.steady(steady_state(history, moves))],
        }.items():
            try:
                assert all(map(said, answer()))
            except NotSupportedByData:
                refused.add(name)
    except NotSupportedByData:
        refused.add("movement")
    try:
        cutoff, until = watched_window(CUTOFF, period="M", periods=2)
        proof = segment_holdout(lines, cutoff=cutoff, until=until)
        said_of_it = [*answers.proof(proof), answers.order_kept(proof),
                      *answers.at_risk(proof, "revenue")]  # fmt: skip
        assert all(map(said, said_of_it))
    except NotSupportedByData:
        refused.add("proof")
    try:
        assert all(map(said, answers.boundary(segment_boundary(lines, snapshot_date=CUTOFF))))
    except NotSupportedByData:
        refused.add("boundary")
    return refused


def usual():
    frame = planted_shop(6, rates=np.random.default_rng(6).gamma(1, 8, 1500)).to_pandas()
    return frame[frame["order_date"] < pd.Timestamp(CUTOFF)].reset_index(drop=True)


def with_whale(frame):
    whale = [("0", f"w{k}", f"2023-{k:02d}-20", 0.15 * frame["line_value"].sum())
             for k in range(1, 13)]  # fmt: skip
    return pd.concat([frame, pd.DataFrame(whale, columns=frame.columns)], ignore_index=True)


def with_large_refunds(frame):
    back = frame.iloc[::3].assign(line_value=lambda t: -5 * t["line_value"])
    return pd.concat([frame.assign(is_refund=False), back.assign(is_refund=True)])


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        (lambda frame: frame, set()),
        (with_whale, set()),
        (with_large_refunds, set()),
        (lambda frame: frame.drop_duplicates("customer_id", keep="last"), {"steady", "proof"}),
        (
            lambda frame: frame.assign(
                order_date=pd.Timestamp("2023-12-01")
                + pd.to_timedelta(np.arange(len(frame)) % 31, unit="D")
            ),
            {"movement", "proof"},
        ),
        (lambda frame: frame.head(30), {"movement", "proof", "boundary"}),
    ],
    ids=["usual", "60% of revenue", "negative money", "one order each", "one month", "30 orders"],
)
def test_a_hard_base_is_answered_or_refused_but_never_crashes(change, refused):
    frame = change(usual())
    lines = ibis.memtable(frame.assign(order_date=pd.to_datetime(frame["order_date"])))

    assert told(lines) == refused
