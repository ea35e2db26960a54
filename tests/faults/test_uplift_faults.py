"""Faults that the page on campaigns owns, one test per row of the list of faults."""

import ibis
import numpy as np
import pytest
from planted_campaigns import SNAPSHOT, hand_picked, planted

from shared.analysis import uplift_answers
from shared.analysis.uplift import uplift_verdict
from shared.analysis.uplift_study import study_campaign
from shared.analysis.verdicts import Level
from shared.loading.errors import NotSupportedByData


def study(table, **options):
    return study_campaign(table, tables={}, snapshot_date=SNAPSHOT, draws=50, **options)


def test_da32_a_campaign_without_control_becomes_a_page_that_says_what_is_needed():
    with pytest.raises(NotSupportedByData, match="without one nobody can tell") as said:
        study(planted(0, n=1000).table(treatment=1))
    assert said.value.exit_code == 0
    assert "left out by lot" in said.value.needs


def test_da32_an_empty_arm_is_no_control():
    frame = planted(0, n=1000).table().to_pandas()
    with pytest.raises(NotSupportedByData, match="nobody is known to have been treated"):
        study(ibis.memtable(frame[frame["treatment"] == 0]))


def test_da32_ninety_nine_per_cent_treated_is_read_with_care_with_the_small_arms_interval():
    made = study(planted(1, n=15_000, treated_share=0.99).table())
    verdict = uplift_verdict(made.campaign, made.checks)

    assert verdict.level == Level.CARE
    (reason,) = [r for r in verdict.reasons if r.values.get("arm") == "control"]
    assert reason.values["n"] < 200
    assert 0 < reason.values["low"] < reason.values["rate"].value < reason.values["high"]
    assert made.checks.randomised


def test_da32_a_campaign_that_was_not_drawn_by_lot_gets_no_causal_word():
    made = study(hand_picked(2, n=3000).table())
    verdict = uplift_verdict(made.campaign, made.checks)
    said = [answer.template for _name, answer in uplift_answers.headlines(made)]

    assert verdict.level == Level.CARE
    assert len(made.checks.unbalanced) >= 1
    assert all("association" in text.lower() for text in said)
    assert "because" not in " ".join([*said, uplift_answers.compared(made).template])


def test_outcomes_from_before_the_assignment_are_not_counted_where_orders_tell():
    frame = planted(3, n=600).table().to_pandas()
    early = frame["assigned_at"] - np.timedelta64(1, "D")
    lines = ibis.memtable(
        frame[["customer_id"]].assign(order_date=early, order_id=frame["customer_id"],
                                      product_id="p", quantity=1.0, line_value=5.0)
    )  # fmt: skip
    made = study_campaign(ibis.memtable(frame.drop(columns="outcome")), draws=50,
                          tables={"order_lines": lines}, snapshot_date=SNAPSHOT)  # fmt: skip

    assert made.campaign.outcome == "orders"
    assert made.campaign.rows["outcome"].sum() == 0


def test_one_class_of_outcomes_leaves_the_page_standing_and_refuses_the_ranking():
    made = study(planted(4, n=2500).table(outcome=0))

    assert isinstance(made.ranking, NotSupportedByData)
    assert "too few" in made.ranking.reason
    assert not made.works
    assert uplift_verdict(made.campaign, made.checks).level == Level.CARE
