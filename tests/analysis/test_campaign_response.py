from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from draws import DRAWS, FEW

from shared.analysis.campaign_response import (
    NO_ORDER,
    CampaignResponse,
    _tested,
    campaign_response,
    response_caution,
    response_columns,
    response_said,
    widest_gap,
)
from shared.analysis.intervals import wilson
from shared.analysis.multiple_testing import Finding
from shared.analysis.portfolio import portfolio
from shared.analysis.rfm_scores import Scoring
from shared.analysis.segments import SEGMENTS
from shared.loading.errors import NotSupportedByData
from shared.plots.locales import Wording
from shared.report.sentences import write

SNAPSHOT, SENT = date(2024, 7, 1), date(2024, 5, 1)
OPTIONS = {"snapshot_date": SNAPSHOT}


@pytest.fixture(scope="module")
def lines():
    rng = np.random.default_rng(3)
    owner = np.repeat(np.arange(900), 1 + rng.poisson(5 * rng.gamma(1, 1, 900)))
    n = len(owner)
    return pd.DataFrame(
        {
            "customer_id": owner.astype(str),
            "order_id": np.arange(n).astype(str),
            "order_date": pd.Timestamp("2023-05-01")
            + pd.to_timedelta(rng.integers(0, 366, n), unit="D"),
            "line_value": rng.integers(100, 9000, n) / 100,
        }
    )


def mailing(outcome, *, treatment=None, ids=None, sent="2024-05-01 08:00", name="may"):
    ids = np.arange(len(outcome)).astype(str) if ids is None else ids
    treatment = np.arange(len(outcome)) % 2 if treatment is None else treatment
    return pd.DataFrame(
        {
            "customer_id": ids,
            "treatment": treatment,
            "campaign_id": name,
            "assigned_at": pd.Timestamp(sent),
            "outcome": outcome,
        }
    )


def respond(campaign, lines, **options):
    return campaign_response(
        ibis.memtable(campaign), ibis.memtable(lines), **{**OPTIONS, **options}
    )


def said(reason):
    return str(write(reason.template, reason.values, Wording()))


def test_customers_are_counted_in_the_segment_of_the_day_it_was_sent(lines):
    rng = np.random.default_rng(1)
    outcome = (rng.random(900) < 0.2).astype(int)
    campaign = mailing(outcome)
    # Who answered ordered in May; by today's scores all of them would be recent.
    answered = campaign.loc[campaign["outcome"] == 1, "customer_id"]
    later = pd.DataFrame(
        {"customer_id": answered, "order_id": "M" + answered, "line_value": 50.0,
         "order_date": pd.Timestamp("2024-05-20")}
    )  # fmt: skip

    table = respond(campaign, pd.concat([lines, later])).table.set_index("segment")

    then = portfolio(ibis.memtable(lines), snapshot_date=SENT).customers
    segment = then.set_index("customer_id")["segment"]
    got = campaign[campaign["treatment"] == 1].set_index("customer_id")
    lost = got[segment.reindex(got.index) == "Lost"]
    assert table.loc["Lost", "treated"] == len(lost) > 10
    assert table.loc["Lost", "responders"] == lost["outcome"].sum()
    want = wilson(lost["outcome"].sum(), len(lost))
    assert table.loc["Lost", ["response", "low", "high"]].tolist() == pytest.approx(
        [want.value, want.low, want.high]
    )


def test_every_customer_of_either_arm_is_counted_once(lines):
    strangers = [f"new{i}" for i in range(40)]
    ids = [*np.arange(900).astype(str), *strangers]
    found = respond(mailing(np.zeros(940, dtype=int), ids=ids), lines)

    assert found.table["treated"].sum() == found.treated == 470
    assert found.table["control"].sum() == found.control == 470
    of_nobody = found.table.set_index("segment").loc[NO_ORDER]
    assert of_nobody["treated"] >= 20
    assert set(response_columns()) <= set(found.table.columns)


def test_a_planted_segment_is_found_and_named(lines):
    then = portfolio(ibis.memtable(lines), snapshot_date=SENT).customers
    champions = set(then.loc[then["segment"] == "Champions", "customer_id"])
    outcome = [int(str(i) in champions) for i in range(900)]

    found = respond(mailing(outcome), lines)

    row = found.table.set_index("segment").loc["Champions"]
    assert (row["response"], row["finding"]) == (1.0, Finding.DIFFERS)
    title, alt = map(said, response_said(found))
    assert title.startswith("Champions answered most often, 100%")
    assert len(alt) >= 40


def answered(*rows):
    """Give a campaign by segment: treated, responders, control, those of them who did the same."""
    names = ["segment", "treated", "responders", "control", "control_responders"]
    table = _tested(pd.DataFrame(rows, columns=names), least=10)
    sums = table[["treated", "control"]].sum()
    return CampaignResponse(table, "may", SENT, int(sums["treated"]), int(sums["control"]), 0)


def test_ten_customers_at_random_do_not_hide_the_segment_that_differs():
    found = answered(("Few", 10, 5, 0, 0), ("Many", 800, 320, 0, 0), ("Rest", 2000, 300, 0, 0))

    title, alt = map(said, response_said(found))
    assert title == "Many answered more often than all others together, 40% of 800"
    assert "Many with 40%" in alt


def test_a_segment_that_differs_downwards_is_not_said_to_stand_out():
    found = answered(("Few", 10, 5, 0, 0), ("Low", 900, 90, 0, 0), ("Rest", 40, 12, 0, 0))

    down = found.table.set_index("segment").loc["Low"]
    assert down["finding"] == Finding.DIFFERS
    assert "Low" not in said(response_said(found)[0])


def test_the_widest_gap_to_the_control_group_is_named_and_left_to_the_uplift_report():
    found = answered(("Anyway", 200, 100, 200, 98), ("Moved", 200, 60, 200, 20), ("No", 9, 9, 9, 0))

    text = said(widest_gap(found)[0])
    assert "is that of Moved: 30% of 200 with the campaign, 10% of 200 without it" in text
    assert "The widest of 2 gaps" in text
    assert "report 07" in text


def test_without_a_gap_or_a_control_group_none_is_named():
    level = answered(("One", 200, 20, 200, 40), ("Two", 200, 20, 200, 20))

    assert said(widest_gap(level)[0]).startswith("In none of the 2 segments")
    assert widest_gap(answered(("One", 200, 20, 0, 0))) == []


@pytest.mark.slow
def test_answers_drawn_alike_set_no_segment_apart_in_at_least_19_of_20_draws(lines):
    rng = np.random.default_rng(0)
    table = ibis.memtable(lines)
    called = 0
    for _draw in range(DRAWS):
        campaign = mailing(rng.binomial(1, 0.2, 900))
        found = campaign_response(ibis.memtable(campaign), table, **OPTIONS).table
        called += (found["finding"] == Finding.DIFFERS).any()
    assert called <= FEW


def test_too_few_treated_customers_show_no_rate(lines):
    found = respond(mailing(np.ones(900, dtype=int)), lines, least=60).table

    few = found[found["treated"] < 60]
    assert len(few)
    assert few[["response", "low", "high"]].isna().all(axis=None)
    assert set(few["finding"]) == {Finding.TOO_FEW}


def test_the_last_of_several_campaigns_is_the_one_reported(lines):
    spring = mailing(np.ones(900, dtype=int), sent="2024-03-01", name="spring")
    future = mailing(np.ones(900, dtype=int), sent="2024-07-01", name="future")
    found = respond(pd.concat([spring, mailing(np.zeros(900, dtype=int)), future]), lines)

    assert (found.campaign, found.assigned_on) == ("may", SENT)
    assert found.table["responders"].sum() == 0


def test_customers_in_both_arms_are_left_out_and_counted(lines):
    campaign = mailing(np.zeros(900, dtype=int))
    both = campaign.head(30).assign(treatment=1 - campaign["treatment"].head(30))

    found = respond(pd.concat([campaign, both]), lines)

    assert found.mixed == 30
    assert found.treated + found.control == 870
    assert said(response_caution(found)).endswith("30 customers who were in both are left out.")


def test_a_campaign_without_a_control_group_says_what_cannot_be_known(lines):
    found = respond(mailing(np.ones(900, dtype=int), treatment=1), lines)

    assert found.table["control_response"].isna().all()
    assert "have done the same anyway is not known" in said(response_caution(found))


def test_rates_are_associated_with_segments_and_cause_is_left_to_the_uplift_report(lines):
    text = said(response_caution(respond(mailing(np.arange(900) % 4 // 3), lines)))

    assert "associated with the segment" in text
    assert "report 07" in text


@pytest.mark.parametrize("column", ["outcome", "assigned_at", "treatment"])
def test_without_arm_date_or_outcome_the_question_is_not_answered(lines, column):
    with pytest.raises(NotSupportedByData, match=column):
        respond(mailing(np.ones(900, dtype=int)).drop(columns=column), lines)


def test_a_campaign_to_few_or_before_the_data_is_not_answered(lines):
    with pytest.raises(NotSupportedByData, match="10 customers got the last campaign"):
        respond(mailing(np.ones(20, dtype=int)), lines)
    with pytest.raises(NotSupportedByData, match="no order before"):
        respond(mailing(np.ones(900, dtype=int), sent="2020-01-01"), lines)
    with pytest.raises(NotSupportedByData, match="no campaign before"):
        respond(mailing(np.ones(900, dtype=int), sent="2025-01-01"), lines)


def test_a_custom_map_gives_its_own_rows(lines):
    halves = {"Recent": [], "Silent": []}
    for cell in (cell for cells in SEGMENTS.values() for cell in cells):
        halves["Recent" if cell[0] >= "3" else "Silent"].append(cell)

    found = respond(mailing(np.ones(900, dtype=int)), lines, scoring=Scoring(segment_map=halves))

    assert found.table["segment"].tolist() == ["Recent", "Silent", NO_ORDER]
