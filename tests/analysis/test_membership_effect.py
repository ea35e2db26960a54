"""Membership: whether it is told from the time that members had to survive.

The planted truth is drawn 20 times in every run and as often as `CRM_DRAWS` says, such as 100.
"""

import numpy as np
import pandas as pd
import pytest
from draws import DRAWS
from planted_lifespans import membership

from shared.analysis.membership_effect import Association, membership_effect
from shared.analysis.membership_spells import MembershipSpells
from shared.loading.errors import NotSupportedByData
from shared.plots.locales import Wording
from shared.report.sentences import write


def frame_of(*rows):
    """Make a frame from (duration, observed, membership_day)."""
    frame = pd.DataFrame(rows, columns=["duration", "observed", "membership_day"])
    frame = frame.astype({"duration": float, "observed": bool, "membership_day": float})
    return frame.assign(customer_id=[f"c{i}" for i in range(len(rows))], entry=0.0)


def spells_of(frame, *, window=0):
    spells = MembershipSpells.of(frame, window)
    columns = zip(spells.start, spells.stop, spells.observed, spells.member, strict=True)
    return sorted((float(a), float(b), bool(c), bool(d)) for a, b, c, d in columns), spells.counts


def test_time_before_joining_counts_for_the_standard_customers():
    spells, counts = spells_of(frame_of((100, True, 40), (80, False, None)))

    assert spells == [(0, 40, False, False), (0, 80, False, False), (40, 100, True, True)]
    assert (counts["members"], counts["member_events"], counts["standard_events"]) == (1, 1, 0)


def test_joining_before_or_at_the_first_order_makes_a_member_from_the_start():
    spells, counts = spells_of(frame_of((100, True, -30), (90, True, 0), (80, False, None)))

    assert spells == [(0, 80, False, False), (0, 90, True, True), (0, 100, True, True)]
    assert (counts["joined_before_start"], counts["joined_at_start"]) == (1, 1)


def test_joining_after_the_last_order_counts_for_nothing_and_is_counted():
    # Last order on day 50, lost on day 110 by a window of 60; joined in the silence.
    spells, counts = spells_of(frame_of((110, True, 70), (90, False, 40)), window=60)

    assert spells == [(0, 90, False, False), (0, 110, True, False)]
    assert (counts["joined_after_loss"], counts["joined_too_late"]) == (1, 1)


def test_on_the_clock_of_confirmation_membership_counts_from_the_last_order():
    plain, confirmed = (
        spells_of(frame_of((50 + window, True, 20), (40 + window, False, None)), window=window)[0]
        for window in (0, 60)
    )

    assert [(stop - 60) for _, stop, _, _ in confirmed] == [stop for _, stop, _, _ in plain]
    assert [spell[2:] for spell in confirmed] == [spell[2:] for spell in plain]


def test_a_customer_who_enters_late_as_a_member_has_no_time_before():
    frame = frame_of((100, True, 20), (90, False, None)).assign(entry=[50.0, 0.0])

    spells, _ = spells_of(frame)

    assert spells == [(0, 90, False, False), (50, 100, True, True)]


def test_the_clock_of_confirmation_finds_what_plain_lives_find():
    frame = membership(1, whole_days=True, customers=1500)
    later = frame.assign(duration=frame["duration"] + 90)

    plain = membership_effect(frame, landmark_day=90)
    confirmed = membership_effect(later, landmark_day=90, window=90)

    assert confirmed.time_varying.value == pytest.approx(plain.time_varying.value)
    assert confirmed.landmark.value == pytest.approx(plain.landmark.value)
    assert [m.days for m in confirmed.naive_medians] == [m.days for m in plain.naive_medians]


def test_joining_at_the_till_gives_no_head_start():
    """Whoever joins with an order cannot be lost for a window: that must not read as loyalty."""
    found = [till_members(seed) for seed in range(4)]

    for effect in found:
        assert effect.time_varying.low < 1 < effect.time_varying.high
    assert np.mean([effect.naive.value for effect in found]) < 0.7


def till_members(seed, *, customers=3000, window=90, end=800):
    """Customers order about every 30 days, stop with .15 after any order, join at any with .1."""
    rng = np.random.default_rng(seed)
    gaps = np.ceil(rng.exponential(30, (customers, 60)))
    day = np.concatenate([np.zeros((customers, 1)), gaps.cumsum(axis=1)], axis=1)
    orders = rng.geometric(0.15, customers)
    begin = rng.integers(0, 400, customers)
    seen = (np.arange(61) < orders[:, None]) & (begin[:, None] + day < end)
    last = np.where(seen, day, 0).max(axis=1)
    joins = seen & (rng.random(seen.shape) < 0.1)
    joined = np.where(joins.any(axis=1), day[np.arange(customers), joins.argmax(axis=1)], np.nan)
    lost = begin + last + window < end
    frame = pd.DataFrame(
        {
            "customer_id": np.arange(customers).astype(str),
            "duration": np.where(lost, last + window, end - begin),
            "observed": lost,
            "entry": 0.0,
            "membership_day": joined,
        }
    )
    return membership_effect(frame, landmark_day=60, window=window)


def test_with_a_handful_of_losses_no_ratio_is_shown():
    frame = frame_of((30, True, 5), (40, False, None), (20, True, None))

    found = membership_effect(frame, landmark_day=10)

    assert found.verdict == Association.TOO_FEW
    assert (found.time_varying, found.landmark, found.naive) == (None, None, None)


def test_all_censored_says_too_few_and_never_a_nan():
    frame = membership(0, customers=300).assign(observed=False)

    found = membership_effect(frame, landmark_day=90)

    assert found.verdict == Association.TOO_FEW
    assert found.naive_p is None
    assert found.naive_medians[0].days is None


def test_a_programme_nobody_or_everybody_joined_is_not_supported():
    frame = membership(0, customers=100)

    with pytest.raises(NotSupportedByData, match="nobody has a day of joining"):
        membership_effect(frame.assign(membership_day=np.nan), landmark_day=90)
    with pytest.raises(NotSupportedByData, match="everybody joined"):
        membership_effect(frame.assign(membership_day=5.0), landmark_day=90)


def test_a_landmark_after_everybody_left_leaves_the_other_figures_standing():
    found = membership_effect(membership(0), landmark_day=5000)

    assert (found.landmark, found.landmark_members, found.landmark_standard) == (None, None, None)
    assert found.time_varying is not None


def test_hazards_that_are_not_proportional_are_called_an_average():
    rng = np.random.default_rng(0)
    n = 4000
    member = np.arange(n) % 2 == 0
    life = np.where(member, 250 * rng.weibull(3, n), 250 * rng.weibull(0.7, n))
    frame = frame_of(*zip(np.minimum(life, 500), life < 500, np.where(member, 0, np.nan),
                          strict=True))  # fmt: skip

    found = membership_effect(frame, landmark_day=30)

    assert found.proportional_p < 0.01
    assert any("not the same at all ages" in said.template for said in found.set_apart)


def test_the_naive_figure_is_shown_with_its_warning():
    found = membership_effect(membership(0), landmark_day=90)

    members, standard = found.naive_medians
    assert members.days > 2.5 * standard.days
    assert found.naive_p < 1e-100
    assert found.naive.high < 0.5
    assert "misleading" in found.warning.template
    assert found.warning.values["naive"] is found.naive


@pytest.mark.parametrize("ratio", [1.0, 0.9, 0.7, 2.0])
def test_every_sentence_can_be_written_and_none_claims_a_proof(ratio):
    frame = membership(0, hazard_ratio=ratio, whole_days=True)
    frame.loc[:20, "membership_day"] = np.tile([-5.0, 0, 400], 7)

    found = membership_effect(frame, landmark_day=90)

    said = [
        str(write(reason.template, reason.values, Wording()))
        for reason in (found.warning, *found.set_apart)
    ]
    assert not [word for text in said for word in ("nan", "inf", "works", "because") if word in
                text.lower().split()]  # fmt: skip
    assert "7 memberships began before the first order in the data" in " ".join(said)


def test_order_of_rows_and_names_of_customers_change_nothing():
    frame = membership(2, customers=1000)
    other = frame.sample(frac=1, random_state=3).assign(
        customer_id=lambda f: "x" + f["customer_id"]
    )

    one, two = (membership_effect(f, landmark_day=90) for f in (frame, other))

    assert one.time_varying.value == pytest.approx(two.time_varying.value, rel=1e-9)
    assert one.landmark.value == pytest.approx(two.landmark.value, rel=1e-9)
    assert one.counts == two.counts


@pytest.mark.slow
@pytest.mark.parametrize("whole_days", [False, True])
def test_a_membership_without_effect_is_no_evidence(whole_days):
    found = [
        membership_effect(membership(seed, whole_days=whole_days), landmark_day=90)
        for seed in range(DRAWS)
    ]

    quiet = [effect.verdict == Association.NOTHING for effect in found]
    inside = [0.88 <= effect.time_varying.value <= 1.12 for effect in found]
    covered = [effect.time_varying.low <= 1 <= effect.time_varying.high for effect in found]
    assert np.mean(quiet) >= 0.9
    assert np.mean(inside) >= 0.9
    assert np.mean(covered) >= 0.9
    assert max(effect.naive.value for effect in found) < 0.5
    assert max(abs(np.log(effect.landmark.value)) for effect in found) < 0.2


@pytest.mark.slow
def test_a_planted_ratio_of_7_tenths_is_found():
    found = [
        membership_effect(membership(seed, hazard_ratio=0.7), landmark_day=90)
        for seed in range(DRAWS)
    ]

    assert all(0.60 <= effect.time_varying.value <= 0.85 for effect in found)
    covered = [effect.time_varying.low <= 0.7 <= effect.time_varying.high for effect in found]
    assert np.mean(covered) >= 0.9
    assert all(effect.verdict == Association.LONGER for effect in found)
    # Standard customers of the landmark join later: it understates the difference.
    assert all(0.65 < effect.landmark.value < 0.95 for effect in found)
