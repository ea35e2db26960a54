import numpy as np
import pandas as pd
import pytest

from shared.analysis.change_since import Movement
from shared.analysis.matched_groups import groups_compared, match_groups


def placed(**customers):
    return pd.Series({c: name for name, ids in customers.items() for c in ids})


def test_groups_are_matched_by_hand():
    """Of a b c d and e f g, all but d stay together; x and y came and form a group of their own."""
    then = placed(first="abcd", second="efg", third="z")
    now = placed(one="abc", two="defg", new="xy")

    # a b c of a b c d: 3/4. e f g of d e f g: 3/4. z is in no group now.
    assert match_groups(then, now) == {"one": "first", "two": "second"}


def test_a_group_that_fell_apart_is_gone_and_its_parts_are_new():
    then, now = placed(whole="abcdefgh"), placed(left="abcd", right="efgh")

    assert match_groups(then, now) == {}  # half is not more than half


def test_groups_dealt_out_at_random_are_never_matched():
    rng = np.random.default_rng(0)
    for _draw in range(50):
        then, now = (pd.Series(rng.integers(0, 3, 600).astype(str)) for _ in range(2))
        assert match_groups(then, now) == {}


def test_customers_who_left_or_came_do_not_hide_a_match():
    then = placed(a=range(200), b=range(200, 300))
    now = placed(x=range(100, 200), y=[*range(220, 300), *range(900, 990)])

    assert match_groups(then, now) == {"x": "a", "y": "b"}


def draw(rng, shares, n=3000):
    return pd.Series(rng.choice(list("ABCD"), n, p=shares))


def test_a_planted_growth_is_seen_and_noise_is_called_noise():
    rng = np.random.default_rng(1)
    wrong = 0
    for _draw in range(40):
        then = draw(rng, [0.4, 0.3, 0.2, 0.1])
        grown = groups_compared(then, draw(rng, [0.4, 0.22, 0.2, 0.18])).set_index("group")
        assert grown.at["D", "movement"] is Movement.BEYOND
        assert grown.at["D", "moved"].low > 0.03
        still = groups_compared(then, draw(rng, [0.4, 0.3, 0.2, 0.1]))
        wrong += (still["movement"] == Movement.BEYOND).any()
    assert wrong <= 2


def test_new_and_gone_groups_are_told_and_not_compared():
    then, now = placed(a=range(60), b=range(60, 100)), placed(x=range(60), y=range(200, 240))

    got = groups_compared(then, now, matched={"x": "a"}).set_index(["group", "then_called"])

    assert got["movement"].tolist() == [Movement.NOISE, "new", "gone"]
    assert got.loc[("x", "a"), ["share_then", "share_now"]].tolist() == [0.6, 0.6]
    assert got.at[("y", ""), "customers_now"] == 40
    assert got.loc[("y", ""), ["customers_then", "share_then"]].isna().all()
    assert got.at[("", "b"), "customers_then"] == 40


def test_a_few_customers_are_withheld_with_what_would_give_them_away():
    then = placed(a=range(60), b=range(60, 100), c=range(100, 104))
    now = placed(a=range(60), b=range(60, 100), c=range(100, 120))

    got = groups_compared(then, now).set_index("group")

    assert got["customers_then"].isna().tolist() == [False, True, True]
    assert got["customers_now"].tolist() == [60, 40, 20]
    assert got["movement"].tolist()[1:] == ["withheld", "withheld"]
    assert got.at["a", "share_then"] == pytest.approx(60 / 104)
