from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from ibis import _
from pandas.testing import assert_frame_equal
from planted_journeys import conversions_of, planted_tables, touches_of

from shared.analysis.attribution import shuffled_outcomes
from shared.analysis.attribution_counting import paths_of
from shared.analysis.attribution_paths import NOT_RECORDED, journeys_of, path_touches
from shared.analysis.attribution_rules import credit
from shared.loading.errors import NotSupportedByData

SNAPSHOT = date(2024, 6, 1)
NO_SALES = conversions_of([])


def paths_in(touches, sales=NO_SALES, *, lookback_days=30, **options):
    """Give the paths as text with their conversions and nulls."""
    paths = paths_of(made(touches, sales, lookback_days=lookback_days), **options)
    return dict(zip(paths.texts(), zip(paths.conversions, paths.nulls, strict=True), strict=True))


def made(touches, sales=NO_SALES, *, lookback_days=30):
    return journeys_of(touches, sales, snapshot_date=SNAPSHOT, lookback_days=lookback_days)


def test_unsorted_contacts_are_put_in_order_of_time():
    touches = touches_of([("a", "2024-01-03", "C"), ("a", "2024-01-01", "A"),
                          ("a", "2024-01-02", "B")])  # fmt: skip

    assert paths_in(touches) == {"A > B > C": (0, 1)}


def test_contacts_at_one_instant_stand_by_channel_whatever_the_order_of_the_rows():
    rows = [("a", "2024-01-01", name) for name in ("C", "A", "B")]

    for given in (rows, rows[::-1]):
        assert paths_in(touches_of(given)) == {"A > B > C": (0, 1)}
    assert made(touches_of(rows)).counts["tied"] == 3


def test_a_conversion_cuts_the_journey_and_what_comes_after_starts_a_new_one():
    touches = touches_of([("a", "2024-01-01", "A"), ("a", "2024-01-02", "B"),
                          ("a", "2024-01-04", "C"), ("a", "2024-01-06", "D")])  # fmt: skip
    sales = conversions_of([("a", "2024-01-03", 5), ("a", "2024-01-05 12:00", 7)])

    assert paths_in(touches, sales) == {"A > B": (1, 0), "C": (1, 0), "D": (0, 1)}


def test_a_contact_at_the_instant_of_a_conversion_came_before_it():
    touches = touches_of([("a", "2024-01-01 10:00", "A")])
    sales = conversions_of([("a", "2024-01-01 10:00", 5)])

    assert paths_in(touches, sales) == {"A": (1, 0)}


def test_a_contact_after_the_conversion_earns_nothing_of_it():
    touches = touches_of([("a", "2024-01-01 10:01", "A"), ("b", "2023-12-30", "B")])
    sales = conversions_of([("a", "2024-01-01 10:00", 5)])

    assert paths_in(touches, sales) == {"A": (0, 1), "B": (0, 1)}


def test_several_conversions_at_one_instant_count_severally_and_add_their_money():
    touches = touches_of([("a", "2024-01-01", "A"), ("b", "2024-01-01", "A")])
    sales = conversions_of([("a", "2024-01-02 09:00", 5), ("a", "2024-01-02 09:00", 6)])

    paths = paths_of(made(touches, sales))

    assert (paths.conversions.tolist(), paths.nulls.tolist()) == ([2], [1])
    assert paths.value.sum() == 11


def test_a_second_conversion_without_a_contact_of_its_own_is_credited_to_none():
    touches = touches_of([("a", "2024-01-01", "A")])
    sales = conversions_of([("a", "2024-01-02 09:00", 5), ("a", "2024-01-03 09:00", 5)])
    journeys = made(touches, sales)

    assert paths_of(journeys).total == 1
    assert journeys.counts["conversions"] == 2


def test_the_look_back_window_is_counted_to_the_second():
    sales = conversions_of([("a", "2024-03-31 12:00:00", 5)])
    at_the_edge = touches_of([("a", "2024-03-01 12:00:00", "A")])
    beyond = touches_of([("a", "2024-03-01 11:59:59", "A")])

    assert paths_in(at_the_edge, sales) == {"A": (1, 0)}
    assert paths_in(beyond, sales) == {"A": (0, 1)}


def test_contacts_too_old_for_their_own_conversion_are_set_aside_and_counted():
    touches = touches_of([("a", "2024-01-01", "A"), ("a", "2024-01-20", "B"),
                          ("a", "2024-02-08", "C")])  # fmt: skip
    sales = conversions_of([("a", "2024-02-09 08:00", 5)])
    journeys = made(touches, sales)

    assert paths_of(journeys).texts() == ["B > C"]
    assert journeys.counts["too_old"] == 1


def test_silence_longer_than_the_window_ends_a_journey():
    touches = touches_of([("a", "2024-01-01", "A"), ("a", "2024-01-31", "B"),
                          ("a", "2024-03-02", "C")])  # fmt: skip

    assert paths_in(touches) == {"A > B": (0, 1), "C": (0, 1)}


def test_a_journey_whose_window_is_not_over_is_open_and_no_null():
    touches = touches_of([("a", "2024-05-01 23:59", "A"), ("b", "2024-05-02 00:00", "B"),
                          ("c", "2024-05-20", "C")])  # fmt: skip
    journeys = made(touches)
    outcomes = journeys.journeys.order_by("customer_id").outcome.to_list()

    assert outcomes == ["ended", "open", "open"]
    assert paths_of(journeys).texts() == ["A"]


def test_conversions_before_the_first_contact_are_counted_apart():
    touches = touches_of([("a", "2024-02-01", "A")])
    sales = conversions_of([("b", "2024-01-02 08:00", 5), ("a", "2024-02-02 08:00", 5)])
    counts = made(touches, sales).counts

    assert (counts["earlier_conversions"], counts["conversions"]) == (1, 1)


def test_conversions_dated_by_day_count_as_made_at_its_end():
    touches = touches_of([("a", "2024-01-02 15:00", "A")])
    sales = conversions_of([("a", "2024-01-02", 5)])
    journeys = made(touches, sales)

    assert journeys.by_day
    assert paths_of(journeys).total == 1


def test_customers_do_not_share_a_journey_and_those_without_an_id_have_none():
    touches = touches_of([("a", "2024-01-01", "A"), ("b", "2024-01-02", "B"),
                          (None, "2024-01-03", "C")])  # fmt: skip
    journeys = made(touches)

    assert paths_of(journeys).texts() == ["A", "B"]
    assert journeys.counts["no_customer"] == 1


def test_a_contact_without_a_channel_keeps_its_place():
    touches = touches_of([("a", "2024-01-01", "A"), ("a", "2024-01-02", None),
                          ("a", "2024-01-03", " "), ("a", "2024-01-04", " A ")])  # fmt: skip

    assert list(paths_in(touches)) == [f"A > {NOT_RECORDED} > {NOT_RECORDED} > A"]


def test_repeats_are_kept_or_collapsed_to_the_last_of_them():
    touches = touches_of([("a", f"2024-01-0{d}", c) for d, c in enumerate("AABBA", 1)])

    assert list(paths_in(touches)) == ["A > A > B > B > A"]
    assert list(paths_in(touches, repeats="collapse")) == ["A > B > A"]
    kept = path_touches(made(touches), repeats="collapse").order_by("position")
    assert [at.day for at in kept.touched_at.to_list()] == [2, 4, 5]


def test_direct_is_a_channel_or_overridden_by_any_other():
    rows = [("a", 1, "A"), ("a", 2, "direct"), ("b", 2, "direct"), ("b", 3, "direct")]
    touches = touches_of([(who, f"2024-01-0{day}", channel) for who, day, channel in rows])

    assert list(paths_in(touches)) == ["A > direct", "direct > direct"]
    assert list(paths_in(touches, direct="override")) == ["A", "direct > direct"]


def test_time_decay_halves_a_contact_by_its_half_life():
    touches = touches_of([("a", "2024-01-01 08:00", "A"), ("a", "2024-01-08 08:00", "B"),
                          ("b", "2024-01-08 08:00", "B")])  # fmt: skip
    sales = conversions_of([("a", "2024-01-08 08:00", 30), ("b", "2024-01-08 08:00", 10)])
    paths = paths_of(made(touches, sales), half_life_days=7.0)
    table = credit(paths).set_index("channel")

    assert table["time_decay"].to_dict() == pytest.approx({"A": 1 / 3, "B": 5 / 3})
    assert table["time_decay_value"].to_dict() == pytest.approx({"A": 10, "B": 30})


def test_orders_serve_as_conversions_under_their_own_names():
    orders = ibis.memtable(pd.DataFrame({
        "customer_id": ["a"], "order_id": ["o"], "order_date": [pd.Timestamp("2024-01-02 08:00")],
        "order_value": [12.5]}))  # fmt: skip
    paths = paths_of(made(touches_of([("a", "2024-01-01", "A")]), orders))

    assert (paths.total, paths.value.sum()) == (1, 12.5)


def test_without_money_the_value_is_unknown_and_not_0():
    orders = ibis.memtable(pd.DataFrame({
        "customer_id": ["a"], "order_date": [pd.Timestamp("2024-01-02 08:00")]}))  # fmt: skip
    paths = paths_of(made(touches_of([("a", "2024-01-01", "A")]), orders))

    assert not paths.has_value
    assert np.isnan(paths.value).all()
    assert "markov_value" not in credit(paths)


def test_no_contact_of_a_known_customer_is_refused():
    with pytest.raises(NotSupportedByData, match="no marketing contact"):
        made(touches_of([(None, "2024-01-01", "A")]))
    with pytest.raises(NotSupportedByData, match="no journey is over"):
        paths_of(made(touches_of([("a", "2024-05-31", "A")])))


@pytest.fixture(scope="module")
def drawn():
    return planted_tables(5, journeys=1_500)


def test_the_engine_agrees_with_journeys_walked_in_plain_python(drawn):
    touches, sales = drawn
    at = sales.to_pandas().groupby("customer_id")["converted_at"].agg(sorted).to_dict()
    plain = []
    for customer, rows in touches.to_pandas().groupby("customer_id"):
        path, before = [], None
        for row in rows.sort_values(["touched_at", "channel"]).itertuples():
            ahead = [t for t in at.get(customer, []) if t >= row.touched_at]
            if path and (ahead[:1] != path[-1][2] or (row.touched_at - before).days >= 30):
                plain.append(path)
                path = []
            path.append((row.channel, row.touched_at, ahead[:1]))
            before = row.touched_at
        plain.append(path)
    month = pd.Timedelta(days=30)
    sold = [" > ".join(c for c, _at, _n in p) for p in plain
            if p[-1][2] and p[-1][2][0] - p[-1][1] <= month]  # fmt: skip
    end = pd.Timestamp("2025-01-01")
    paths = paths_of(journeys_of(touches, sales, snapshot_date=end.date()))

    want = pd.Series(sold).value_counts()
    got = pd.Series(paths.conversions, index=paths.texts())
    assert got[got > 0].sort_index().astype(int).to_dict() == want.sort_index().to_dict()
    assert paths.journeys == len(plain)


def test_neither_row_order_nor_renamed_ids_change_a_path(drawn):
    touches, sales = (t.to_pandas() for t in drawn)
    end = date(2025, 1, 1)
    results = []
    for shuffle, rename in ((None, str), (7, lambda c: "x" + c[::-1])):
        tables = []
        for frame in (touches, sales):
            mixed = frame if shuffle is None else frame.sample(frac=1, random_state=shuffle)
            tables.append(ibis.memtable(mixed.assign(customer_id=mixed["customer_id"].map(rename))))
        paths = paths_of(journeys_of(*tables, snapshot_date=end))
        results.append(pd.DataFrame({"path": paths.texts(), "sold": paths.conversions,
                                     "lost": paths.nulls, "value": paths.value}))  # fmt: skip
        results[-1].attrs["decay"] = paths.decay
    assert_frame_equal(results[0], results[1])
    assert (results[0].attrs["decay"] == results[1].attrs["decay"]).all()


def test_the_placebo_keeps_journeys_and_conversions_and_deals_the_outcomes(drawn):
    touches, sales = drawn
    paths = paths_of(journeys_of(touches, sales, snapshot_date=date(2025, 1, 1)))
    dealt = shuffled_outcomes(paths)

    assert dealt.total == paths.total
    assert (dealt.conversions + dealt.nulls == paths.conversions + paths.nulls).all()
    assert (dealt.conversions != paths.conversions).any()


def test_converted_open_and_ended_journeys_are_all_there_are(drawn):
    touches, sales = drawn
    journeys = journeys_of(touches, sales, snapshot_date=date(2024, 5, 1))
    told = journeys.journeys.aggregate(
        touches=_.touches.sum(), sold=_.conversions.sum(), n=_.count()
    ).to_pandas().iloc[0]  # fmt: skip

    assert told["touches"] + journeys.counts["too_old"] == journeys.counts["touches"]
    assert told["sold"] <= journeys.counts["conversions"]
    assert set(journeys.journeys.outcome.to_list()) <= {"converted", "ended", "open"}


def test_customers_are_counted_by_what_they_walked_and_hold_all_journeys(drawn):
    touches, sales = drawn
    paths = paths_of(journeys_of(touches, sales, snapshot_date=date(2025, 1, 1)))
    owners = paths.owners

    assert owners.customers.sum() == touches.customer_id.nunique().execute()
    assert (owners.sold @ owners.customers == paths.conversions).all()
    assert (owners.lost @ owners.customers == paths.nulls).all()
