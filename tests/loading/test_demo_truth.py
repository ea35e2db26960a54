"""What is planted in the demo client can be found again by plain means."""

import numpy as np
import pandas as pd
import pytest
from demo_tables import (
    SNAPSHOT,
    history,
    lines,
    orders,
    personas,
    purchases,
    table,
    truth,
)
from scipy.optimize import minimize
from scipy.special import betaln, gammaln

CHANNELS = ("Google Ads", "Organic Search", "Instagram", "Newsletter", "Display", "Affiliate")
DAY = pd.Timedelta(days=1)


def test_the_purchase_model_is_found_again():
    days = orders().assign(day=orders()["order_date"].dt.normalize())
    seen = days.drop_duplicates(["customer_id", "day"]).groupby("customer_id")["day"]
    x = (seen.size() - 1).to_numpy()
    last = ((seen.max() - seen.min()) / (7 * DAY)).to_numpy()
    age = ((SNAPSHOT - seen.min()) / (7 * DAY)).to_numpy()

    def loss(logs):
        r, alpha, a, b = np.exp(logs)
        base = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        alive = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + age)
        repeats = np.maximum(x, 1)
        gone = betaln(a + 1, b + repeats - 1) - betaln(a, b) - (r + x) * np.log(alpha + last)
        return -(base + np.where(x > 0, np.logaddexp(alive, gone), alive)).sum()

    found = np.exp(minimize(loss, np.zeros(4), method="L-BFGS-B").x)
    planted = [truth()["bgnbd"][name] for name in ("r", "alpha", "a", "b")]
    # The seasons, the weak cohort and the mailing are no BG/NBD: they move r and alpha a little.
    assert np.abs(found / planted - 1).max() < 0.3
    assert np.abs(found[:2] / planted[:2] - 1).max() < 0.2


def test_spend_has_the_planted_mean_and_does_not_go_with_frequency():
    spend = truth()["gamma_gamma"]
    means = orders().groupby("customer_id")["value"].agg(["mean", "size"])

    assert orders()["value"].mean() == pytest.approx(
        spend["p"] * spend["gamma"] / (spend["q"] - 1), rel=0.08
    )
    assert abs(means["mean"].corr(means["size"])) < 0.05


def test_customers_of_the_black_friday_promotion_seldom_come_back():
    campaign = table("customers.csv").set_index("customer_id")["acquisition_campaign"]
    old_enough = history()[history()["first"] < SNAPSHOT - 180 * DAY]
    back = old_enough["days_to_second"] <= 180
    weak = campaign.reindex(old_enough.index) == truth()["weak_cohort"]["campaign"]

    assert weak.sum() == truth()["weak_cohort"]["size"]
    assert back[weak].mean() < 0.15
    assert back[~weak].mean() > 0.60


def test_referred_customers_are_better_than_those_of_instagram():
    channel = table("customers.csv").set_index("customer_id")["acquisition_channel"]
    count = history()["orders"].groupby(channel.reindex(history().index)).mean()

    assert count.idxmax() == "Referral"
    assert count.idxmin() == "Instagram"


def test_members_seem_to_stay_longer_until_time_to_join_is_allowed_for():
    wait = truth()["loyalty"]["silent_days"]
    joined = pd.to_datetime(table("customers.csv").set_index("customer_id")["loyalty_since"])
    base = history().assign(joined=joined.reindex(history().index))
    churned = base["last"] + wait * DAY < SNAPSHOT
    end = (base["last"] + wait * DAY).where(churned, SNAPSHOT)
    life = (end - base["first"]).dt.days

    def rate_ratio(member, alive, since):
        rates = (
            churned[alive].groupby(member[alive]).sum()
            / (life - since)[alive].groupby(member[alive]).sum()
        )
        return rates[True] / rates[False]

    landmark = 240
    naive = rate_ratio(base["joined"].notna(), life > 0, 0)
    early = base["joined"] <= base["first"] + landmark * DAY
    corrected = rate_ratio(early, life > landmark, landmark)
    assert naive < 0.7
    assert 0.85 < corrected < 1.15


def test_planted_pairs_have_lift_three_and_substitutes_avoid_each_other():
    affinity = truth()["affinity"]

    for first, second in affinity["pairs"]:
        assert _lift(first, second) == pytest.approx(affinity["lift"], rel=0.25)
    assert _lift(*affinity["substitutes"]) < 0.4


def test_the_common_cause_disappears_within_months():
    pair = truth()["affinity"]["common_cause"]
    month = purchases()["order_date"].dt.strftime("%Y-%m")
    inside = month == "2026-03"

    assert _lift(*pair) > 2
    assert _lift(*pair, inside) == pytest.approx(1, abs=0.35)


def test_cartridges_come_again_on_their_rhythm():
    cartridges = purchases()["product_id"] == truth()["rhythm"]["cartridge"]
    bought = purchases()[cartridges].dropna(subset="customer_id")
    gaps = bought.sort_values("order_date").groupby("customer_id")["order_date"].diff().dropna()

    assert (gaps.dt.days < 0.85 * truth()["rhythm"]["cartridge_days"]).mean() < 0.25


def test_visits_announce_orders():
    cutoff = pd.Timestamp("2026-04-15")
    visits = table("web_sessions.csv.gz").assign(
        started_at=lambda t: pd.to_datetime(t["started_at"])
    )
    before = visits[visits["started_at"].between(cutoff - 7 * DAY, cutoff)]
    counts = before.groupby("customer_id").size()
    known = history().index[history()["first"] < cutoff]
    buyers = orders()[orders()["order_date"].between(cutoff, cutoff + 7 * DAY)]["customer_id"]
    visited = counts.reindex(known, fill_value=0) > 0

    assert visited[known.isin(buyers)].mean() > 2 * visited[~known.isin(buyers)].mean()


def test_the_mailing_has_the_planted_effect_and_its_outcome_is_in_the_orders():
    mailing = table("campaign.csv")
    rate = mailing.groupby("arm")["outcome"].agg(["mean", "size"])
    error = np.sqrt((rate["mean"] * (1 - rate["mean"]) / rate["size"]).sum())
    window = orders()["order_date"].between("2026-05-18", "2026-06-08", inclusive="left")
    spent = orders()[window].groupby("customer_id")["value"].sum()

    effect = rate["mean"]["mailing"] - rate["mean"]["control"]
    assert effect == pytest.approx(truth()["implied"]["mailing"]["average_effect"], abs=2.6 * error)
    assert (mailing["outcome"] == mailing["customer_id"].isin(spent.index)).all()
    assert spent.reindex(mailing["customer_id"]).fillna(0).to_numpy() == pytest.approx(
        mailing["outcome_value"].to_numpy(), abs=0.01
    )


def test_the_mailing_has_all_four_kinds_of_responders():
    mailing = table("campaign.csv")
    opens = pd.cut(mailing["email_opens_90d"], [-1, 0, 5, 99], labels=["none", "some", "many"])
    rate = mailing.groupby([opens, "arm"], observed=True)["outcome"].mean().unstack()
    gain = rate["mailing"] - rate["control"]

    assert gain["none"] < -0.04
    assert gain["many"] > 0.2
    assert set("PSLD") <= set(truth()["by_customer_id_ascending"]["responder"])


def test_journeys_follow_the_planted_chain():
    won, lost = _journeys()
    steps = [
        step
        for paths, end in ((won, "SALES"), (lost, "NULL"))
        for path in paths
        for step in zip(["START", *path], [*path, end], strict=True)
    ]
    counts = pd.Series(steps).value_counts()
    counts.index = pd.MultiIndex.from_tuples(counts.index)
    found = counts.unstack(fill_value=0).pipe(lambda t: t.div(t.sum(axis=1), axis=0))

    planted = pd.DataFrame.from_dict(
        {"START": truth()["journey"]["start"], **truth()["journey"]["rows"]},
        orient="index",
        columns=[*CHANNELS, "SALES", "NULL"],
    )
    assert (found.reindex_like(planted).fillna(0) - planted).abs().max().max() < 0.03
    assert len(won) / (len(won) + len(lost)) == pytest.approx(
        truth()["implied"]["journey"]["conversion_probability"], abs=0.01
    )


def test_every_tracked_order_has_a_contact_before_it():
    won, _ = _journeys()

    assert len(won) == (orders()["order_date"] >= "2025-10-01").sum()


def test_the_checkout_is_the_sore_point():
    mood = table("touchpoints.csv.gz").groupby("stage")["satisfaction"].mean()

    assert mood.idxmin() == "checkout"
    assert mood["checkout"] < mood.drop("checkout").min() - 0.5


def test_complaints_quadruple_in_the_two_weeks_of_the_incident():
    reviews = _reviews().query("product_id != @new_product", local_dict={"new_product": "SY-410"})
    during = reviews["written_at"].between("2026-02-09", "2026-02-23", inclusive="left")
    around = reviews["written_at"].between("2025-12-01", "2026-04-30") & ~during

    ratio = reviews["complaint"][during].mean() / reviews["complaint"][around].mean()
    assert 3 < ratio < 5
    assert (reviews["topic"][during & reviews["complaint"]] == "L").mean() > 0.6


def test_pricing_complaints_step_up_for_good():
    reviews = _reviews()
    pricing = reviews["complaint"] & (reviews["topic"] == "C")
    after = reviews["written_at"] >= "2025-10-06"

    assert pricing[after].mean() > 2 * pricing[~after].mean()


def test_the_new_product_disappoints():
    reviews = _reviews()[_reviews()["written_at"] >= "2026-03-02"]
    new = reviews["product_id"] == truth()["voice"]["launch_product"]

    assert new.sum() > 60
    assert reviews["rating"][new].mean() < reviews["rating"][~new].mean() - 0.3


def test_stars_agree_with_texts_that_are_mostly_english_and_seldom_repeated():
    reviews = _reviews()
    language = reviews["language"].value_counts(normalize=True)

    assert reviews["rating"].corr(reviews["mood"]) > 0.9
    assert 0.85 < language["en"] < 0.97
    assert {"de", "tr"} <= set(language.index)
    assert reviews["text"].duplicated().mean() < 0.08


def test_four_personas_can_be_told_apart_by_behaviour():
    frequent = history().index[history()["orders"] >= 3]
    known = purchases()[purchases()["customer_id"].isin(frequent)]
    by = known.groupby("customer_id")
    returned = lines().query("is_refund").groupby("customer_id").size()
    returns = returned.reindex(frequent, fill_value=0) / by.size()
    discount = by["discount"].sum() / (by["value"].sum() + by["discount"].sum())

    guess = pd.Series("H", index=frequent)
    guess[discount > 0.08] = "B"
    guess[returns > 0.10] = "U"
    guess[by["quantity"].sum() / by.size() > 2.2] = "P"
    assert (guess == personas().reindex(frequent)).mean() > 0.85


def _lift(first, second, among=slice(None)):
    lines = purchases().loc[among]
    baskets = lines["order_id"].nunique()
    one, two = (set(lines.loc[lines["product_id"] == p, "order_id"]) for p in (first, second))
    return len(one & two) * baskets / len(one) / len(two)


def _journeys():
    """Contacts up to 30 days before the next order belong to it; the others end in nothing."""
    touches = table("touchpoints.csv.gz").assign(
        touched_at=lambda t: pd.to_datetime(t["touched_at"])
    )
    sales = orders()[["customer_id", "order_date"]].sort_values("order_date")
    joined = pd.merge_asof(
        touches.sort_values("touched_at"),
        sales,
        left_on="touched_at",
        right_on="order_date",
        by="customer_id",
        direction="forward",
        tolerance=30 * DAY,
    )
    won = joined.dropna(subset="order_date").groupby(["customer_id", "order_date"])["channel"]
    lost = joined[joined["order_date"].isna()].sort_values(["customer_id", "touched_at"])
    pause = lost.groupby("customer_id")["touched_at"].diff() > 30 * DAY
    number = pause.groupby(lost["customer_id"]).cumsum().rename("number")
    return won.agg(list), lost.groupby(["customer_id", number])["channel"].agg(list)


def _reviews():
    marks = truth()["by_review_id_ascending"]
    mood = pd.Series(list(marks["mood_0_worst_4_best"])).astype(int) - 2
    return table("reviews.csv").assign(
        written_at=lambda t: pd.to_datetime(t["written_at"]),
        topic=list(marks["topic"]),
        mood=mood,
        complaint=mood < 0,
    )
