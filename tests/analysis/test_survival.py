"""The survival study: what the page tells, from orders or from durations, and what it refuses."""

from dataclasses import replace
from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from draws import DRAWS, FEW
from shops_with_members import END, orders_and_members, tables_of

from shared.analysis import survival_parts
from shared.analysis.churn_answers import forecast_tried, large_intake
from shared.analysis.membership_answers import members_at_landmark, members_stay, naive_misleads
from shared.analysis.membership_effect import Association, MembershipEffect
from shared.analysis.multiple_testing import Finding
from shared.analysis.study_parts import known
from shared.analysis.survival import study_survival, survival_verdict
from shared.analysis.survival_actions import survival_actions
from shared.analysis.survival_answers import critical_said, first_step, half_lost, nobody_due
from shared.analysis.survival_caveats import survival_caveats
from shared.analysis.survival_clock import Settings
from shared.analysis.survival_group_answers import groups_differ, what_the_test_finds
from shared.analysis.survival_headlines import headlines
from shared.analysis.survival_results import survival_metrics, survival_tables
from shared.analysis.verdicts import Level
from shared.loading.errors import ConfigError, DataRefused, NotSupportedByData
from shared.plots.locales import Wording
from shared.report.sentences import write

WINDOWED = Settings(churn_after_days=60, compare_days=180)


def said(reason):
    return str(write(reason.template, reason.values, Wording()))


def study_of(tables, settings=WINDOWED, day=END):
    return study_survival(tables, snapshot_date=day, settings=settings)


def durations(rows, **more):
    frame = pd.DataFrame(rows, columns=["customer_id", "duration", "event_observed"])
    return {"durations": ibis.memtable(frame.assign(**more))}


@pytest.fixture(scope="module")
def shop():
    return tables_of(*orders_and_members())


@pytest.fixture(scope="module")
def study(shop):
    return study_of(shop)


@pytest.fixture(scope="module")
def telco(datasets):
    raw = pd.read_csv(datasets / "telco_churn" / "WA_Fn-UseC_-Telco-Customer-Churn.csv")
    frame = pd.DataFrame(
        {"customer_id": raw["customerID"], "duration": raw["tenure"].astype(float),
         "event_observed": (raw["Churn"] == "Yes").astype(int), "Contract": raw["Contract"],
         "Partner": raw["Partner"]}
    )  # fmt: skip
    return study_of(
        {"durations": ibis.memtable(frame)},
        Settings(time_unit="months", group_by="Contract, Partner"),
    )


def test_a_planted_programme_without_effect_is_no_evidence_and_the_naive_figure_is_called_so(study):
    found = known(study.members)

    assert found.verdict == Association.NOTHING
    assert found.naive.high < 0.6
    assert 0.75 < found.time_varying.value < 1.3
    spoken = dict(headlines(study))["members"]
    assert said(spoken).startswith("No evidence that members stay longer")
    assert "misleading" in said(found.warning)
    assert said(naive_misleads(study)).startswith("Misleading")


def test_no_sentence_of_the_page_says_that_the_programme_works(study):
    words = [r for _, r in headlines(study)] + survival_caveats(study)
    text = " ".join(said(r).lower() for r in words)

    assert not [w for w in ("because of membership", "thanks to", "proves that") if w in text]


def test_every_headline_has_an_estimate_with_n_and_finite_bounds(study):
    spoken = headlines(study)

    assert 3 <= len(spoken) <= 5
    for _, reason in spoken:
        first = write(reason.template, reason.values, Wording()).estimate
        assert first.n > 0
        assert first.of
        assert np.isfinite([first.low, first.value, first.high]).all()
        assert first.low <= first.value <= first.high


def test_every_customer_with_an_order_is_followed(study, shop):
    ids = shop["order_lines"].customer_id.nunique().to_pyarrow().as_py()

    assert study.customers == ids
    assert study.curve.customers == ids


def test_the_exported_curve_has_a_row_per_step_and_accounts_for_everybody(study):
    whole = study.curve.table
    curve = survival_tables(study)["curve"].query("curve == 'all'")

    assert len(curve) < len(whole)
    assert list(curve["day"].iloc[[0, -1]]) == list(whole["day"].iloc[[0, -1]])
    assert (curve["events"].iloc[1:-1] > 0).all()
    assert curve["events"].sum() == study.curve.events
    left = curve["at_risk"] - curve["events"] - curve["censored"]
    assert list(left) == [*curve["at_risk"].iloc[1:], 0]


def test_the_tables_of_the_design_are_there(study):
    assert {
        "curve", "medians", "groups", "hazard", "critical_day", "due_list", "churn_window",
        "stages", "stage_flows", "stage_projection", "retention_churn",
    } <= set(survival_tables(study))  # fmt: skip
    assert {
        "median_days", "logrank_chi2", "logrank_p", "hazard_ratio_naive", "hazard_ratio_adjusted",
        "critical_day",
    } <= set(survival_metrics(study))  # fmt: skip


def test_actions_name_segment_and_size(study):
    found = survival_actions(study)

    assert 1 <= len(found) <= 5
    assert all(action.segment and action.size >= 10 for action in found)


def test_renamed_and_shuffled_customers_change_no_figure(study):
    lines, people = orders_and_members()
    other = [
        frame.assign(customer_id="z" + frame["customer_id"].str[::-1]).sample(
            frac=1, random_state=1
        )
        for frame in (lines, people)
    ]

    again = survival_metrics(study_of(tables_of(*other)))

    for name, value in survival_metrics(study).items():
        a, b = (getattr(v, "value", v) for v in (value, again[name]))
        assert a == pytest.approx(b, nan_ok=True), name


def test_refunds_keep_nobody(shop):
    lines, _ = orders_and_members()
    back = (
        lines.groupby("customer_id")
        .tail(1)
        .assign(order_date=pd.Timestamp(END) - pd.Timedelta(days=1), line_value=-5.0)
    )
    both = pd.concat([lines.assign(is_refund=False), back.assign(is_refund=True)])
    tables = tables_of(both.assign(order_id=np.arange(len(both)).astype(str)))

    assert study_of(tables).curve.events == study_of(tables_of(lines)).curve.events


def test_three_customers_get_a_page_that_says_what_is_missing():
    lines, _ = orders_and_members(customers=3)
    with pytest.raises(NotSupportedByData, match="3 customers"):
        study_of(tables_of(lines))


def test_the_gate_is_40_customers_and_10_losses():
    def table(n, lost):
        return durations([(f"c{i}", 5.0 + i, int(i < lost)) for i in range(n)])

    settings = Settings(time_unit="months")
    for n, lost in ((39, 20), (200, 9)):
        with pytest.raises(NotSupportedByData, match="too few"):
            study_of(table(n, lost), settings)
    small = study_of(table(40, 10), settings)
    assert survival_verdict(small).level == Level.CARE
    assert survival_verdict(study_of(table(200, 100), settings)).level == Level.RELIABLE
    assert survival_verdict(study_of(table(200, 99), settings)).level == Level.CARE


def test_nobody_lost_at_all_is_refused_and_never_infinite():
    with pytest.raises(NotSupportedByData, match="0 of them lost"):
        study_of(durations([(f"c{i}", 10.0, 0) for i in range(300)]), Settings())


def test_a_median_that_is_not_reached_is_said_in_words():
    rows = [(f"c{i:03d}", float(1 + i % 60), int(i % 5 == 0)) for i in range(300)]
    study = study_of(durations(rows), Settings(time_unit="weeks"))

    text = said(half_lost(study))
    assert "not reached within" in text
    assert "still active" in text
    assert "weeks" in text
    assert "inf" not in text.replace("info", "")
    assert "nan" not in text


def test_negative_durations_are_refused_with_their_count():
    rows = [(f"c{i}", float(i - 2), 1) for i in range(60)]
    with pytest.raises(DataRefused, match="2"):
        study_of(durations(rows), Settings())


def test_a_group_without_a_loss_is_compared_and_named():
    rows = [(f"c{i:03d}", float(1 + i % 40), int(i % 2)) for i in range(200)]
    rows += [(f"d{i:03d}", float(1 + i % 40), 0) for i in range(50)]
    plan = ["short"] * 200 + ["long"] * 50
    study = study_of(durations(rows, plan=plan), Settings(time_unit="months", group_by="plan"))

    compared = known(study.others["plan"])
    assert 0 <= compared.test.p < 0.01
    assert any("nobody" in said(r) for r in survival_caveats(study))
    assert survival_verdict(study).level == Level.CARE


def test_a_column_that_does_not_exist_is_a_mistake_with_the_columns_that_do():
    rows = [(f"c{i:03d}", float(1 + i % 40), int(i % 2)) for i in range(200)]
    with pytest.raises(ConfigError, match="plam"):
        study_of(durations(rows, plan="a"), Settings(group_by="plam"))


def test_durations_say_what_orders_would_add(telco):
    for part in (telco.segments, telco.years, telco.channels, telco.life.life):
        assert isinstance(part, NotSupportedByData)
        assert part.needs
    assert isinstance(telco.members, NotSupportedByData)


@pytest.mark.datasets
def test_telco_is_forecast_by_contract_and_has_rates_by_age(telco):
    found, rates = known(telco.leaving), known(telco.age_rates)

    share = found.groups.set_index("band")
    share = share["expected"] / share["customers"]
    assert share["Month-to-month"] > 5 * share["Two year"]
    assert len(found.customers) + found.unknown == 7043 - 1869
    assert rates["ends"].tolist() == [12, 24, 36, 48, 60, 72]
    assert rates["churn_rate"].iloc[0] == pytest.approx(1 - telco.curve.at(12).value)


@pytest.mark.datasets
def test_telco_has_its_published_figures(telco):
    contract = known(telco.others["Contract"])
    rows = contract.table.set_index("group")

    assert rows.loc["Month-to-month", "median"] == 35
    assert rows["median"].notna().sum() == 1
    monthly = contract.curves["Month-to-month"]
    assert monthly.at(12).value == pytest.approx(0.7031, abs=5e-5)
    assert monthly.at(24).value == pytest.approx(0.5859, abs=5e-5)
    got = survival_metrics(telco)
    assert got["logrank_chi2"] == pytest.approx(2352.87, abs=0.01)
    assert known(telco.others["Partner"]).test.chi2 == pytest.approx(423.54, abs=0.01)
    assert np.isnan(got["median_days"])


@pytest.mark.datasets
def test_the_telco_page_calls_no_contract_an_effect(telco):
    text = said(what_the_test_finds(known(telco.others["Contract"])))
    assert "it is not shown to be its effect" in text


def test_no_member_at_all_says_which_column_would_be_needed(shop):
    study = study_of({"order_lines": shop["order_lines"]})

    assert isinstance(study.members, NotSupportedByData)
    assert "loyalty_joined_on" in study.members.needs


def test_memberships_before_the_first_order_count_from_the_start():
    lines, people = orders_and_members(joining=1e9)
    first = lines.groupby("customer_id")["order_date"].min()
    early = people["customer_id"].map(first) - pd.Timedelta(days=30)
    half = people.index % 2 == 0
    joined = people.assign(loyalty_joined_on=early.where(half))

    found = known(study_of(tables_of(lines, joined)).members)

    assert isinstance(found, MembershipEffect)
    assert found.counts["joined_before_start"] == joined["loyalty_joined_on"].notna().sum()
    assert found.naive.value == pytest.approx(found.time_varying.value)


def test_a_silence_that_is_mostly_broken_is_read_with_care(shop):
    study = study_of(shop, Settings(churn_after_days=14))

    assert study.came_back.value > 1 / 3
    assert survival_verdict(study).level == Level.CARE


def test_without_tables_the_study_says_what_it_needs():
    with pytest.raises(NotSupportedByData, match="neither"):
        study_survival({}, snapshot_date=date(2024, 1, 1), settings=Settings())


def crossing_groups(seed=1, n=150):
    rng = np.random.default_rng(seed)
    late, early = 10 * rng.weibull(4, n) + 5, 12 * rng.weibull(0.6, n)
    rows = [(f"a{i}", t, 1) for i, t in enumerate(late)]
    rows += [(f"b{i}", t, 1) for i, t in enumerate(early)]
    return durations(rows, plan=["A"] * n + ["B"] * n)


def test_curves_that_cross_are_told_and_not_called_equal():
    settings = Settings(time_unit="months", group_by="plan")
    study = study_of(crossing_groups(), settings)
    compared = known(study.others["plan"])

    assert compared.test.p > 0.05
    title, detail = (
        said(groups_differ(study, compared, "plan")),
        said(what_the_test_finds(compared)),
    )
    assert "cross near month" in title
    assert "weighted early or late" in detail
    assert "{" not in title + detail


def test_a_base_that_never_returns_is_told_without_an_absurd_interval():
    days = pd.Timestamp("2023-01-01") + pd.to_timedelta(np.arange(300), unit="D")
    once = pd.DataFrame({"customer_id": [f"c{i}" for i in range(300)], "order_date": days})
    once = once.assign(order_id=once.index.astype(str), product_id="p", line_value=5.0, quantity=1)
    study = study_of(tables_of(once), Settings(churn_after_days=60), END)

    name, reason = headlines(study)[0]
    first = write(reason.template, reason.values, Wording()).estimate
    assert name == "half_lost"
    assert "day 0" in said(reason)
    assert first.low > 0.98
    assert "stay" not in dict(headlines(study))


@pytest.fixture
def groups_alone(monkeypatch):
    """Leave out of the study what knows no group: it takes most of the time."""

    def untold(*_lines, **_as_of):
        raise NotSupportedByData("not asked for here")

    for name in ("retention_churn", "_valued_forecast", "backtest_churn"):
        monkeypatch.setattr(survival_parts, name, untold)
    monkeypatch.setattr(survival_parts, "study_lifecycle", lambda *_lines, **_as_of: None)


@pytest.mark.slow
def test_a_placebo_run_finds_no_programme_and_no_group(groups_alone):
    found = 0
    for seed in range(DRAWS):
        tables = tables_of(*orders_and_members(seed, customers=300, loyal=0.3))
        study = study_of(tables, replace(WINDOWED, placebo=True))
        differs = [
            name
            for name, compared in study.compared.items()
            if (compared.table["finding"] == Finding.DIFFERS).any()
        ]
        real = known(study.members).verdict in (Association.LONGER, Association.SHORTER)
        found += bool(differs) or real

    assert found <= FEW
    assert survival_verdict(study).level == Level.CARE


def test_without_the_placebo_the_same_programme_is_found():
    tables = tables_of(*orders_and_members(1, customers=600, loyal=0.3))

    assert known(study_of(tables).members).verdict == Association.LONGER


def test_a_forecast_that_failed_its_trial_lowers_the_verdict_and_is_said(study):
    held = replace(known(study.backtest), actual=int(known(study.backtest).expected.value))
    failed = replace(held, actual=held.actual + 10_000)
    untried = NotSupportedByData("too few")
    studies = [replace(study, backtest=one) for one in (held, failed, untried)]

    levels = [survival_verdict(one).level for one in studies]
    words = [said(dict(headlines(one))["forecast"]) for one in studies]

    assert levels == [Level.RELIABLE, Level.CARE, Level.CARE]
    for text, word in zip(words, ("held", "failed", "could not be tried"), strict=True):
        assert word in text
    assert said(forecast_tried(studies[2])).endswith("one window earlier: too few.")


def test_the_action_at_medium_risk_promises_no_number_that_failed(study):
    held = replace(known(study.backtest), actual=int(known(study.backtest).expected.value))
    failed = replace(held, actual=held.actual + 10_000)
    texts = {}
    for name, test in {"held": held, "failed": failed, "none": NotSupportedByData("x")}.items():
        found = survival_actions(replace(study, backtest=test))
        texts[name] = next(one.template for one in found if one.segment.startswith("Medium"))

    assert "by precedent {lost:count}" in texts["held"]
    assert "when the forecast was tried, {lost:share}" in texts["failed"]
    assert "{lost" not in texts["none"]


def test_a_long_silence_is_never_told_as_gone_for_good(study):
    text = said(first_step(study))

    assert "fall silent for 60 days" in text
    assert "never" not in text


def test_half_lost_says_the_window_it_rests_on_and_what_others_would_say(study):
    text = said(dict(headlines(study))["half_lost"])

    assert "counting 60 days of silence as lost" in text
    assert text.endswith("for other windows.")


def test_years_compare_only_customers_surely_won_within_the_data(study):
    years = known(study.years).table["customers"].sum()

    assert study.frame["possibly_older"].any()
    assert years <= len(study.frame) - study.frame["possibly_older"].sum()


def test_segments_are_read_a_window_before_the_end_and_their_shares_are_those_not_lost(study):
    compared = known(study.segments)

    assert compared.day == 180 - 60
    for row in compared.table.to_dict("records"):
        assert row["survival"] == pytest.approx(1 - row["events"] / row["customers"])


def test_without_a_finding_no_difference_is_explained(study):
    quiet = known(study.channels)
    loud = replace(quiet, table=quiet.table.assign(finding=str(Finding.DIFFERS)))
    quiet = replace(quiet, table=quiet.table.assign(finding=str(Finding.NOTHING)))

    assert "associated" not in said(what_the_test_finds(quiet))
    assert "it is not shown to be its effect" in said(what_the_test_finds(loud))


def test_too_few_losses_of_members_are_no_evidence_of_anything(study):
    found = replace(
        known(study.members), time_varying=None, landmark=None, verdict=Association.TOO_FEW
    )

    for answer in (members_stay, members_at_landmark):
        text = said(answer(replace(study, members=found)))
        assert "cannot be told" in text
        assert "evidence" not in text


def test_a_rise_that_is_not_settled_is_not_said_to_be_none(study):
    settled = replace(study.critical, day=None, p=0.5, refusal=None)
    open_ = replace(settled, p=0.02)

    assert said(nobody_due(replace(study, critical=settled))).startswith("No age stands out")
    assert "not settled" in said(nobody_due(replace(study, critical=open_)))
    assert "not settled" in said(critical_said(replace(study, critical=open_)))


def test_a_large_intake_that_leaves_together_is_named(study):
    rates = known(study.rates)
    last, begun = rates.index[-1], rates["period"].iloc[-6]
    usual = rates.assign(won=10, returned=0)
    usual.loc[last, ["lost_of_start", "lost_that_came"]] = [40, 30]
    usual["lost_came_in"] = begun
    large = usual.assign(won=usual["won"].where(usual["period"] != begun, 50))

    assert large_intake(replace(study, rates=usual)) is None
    text = said(large_intake(replace(study, rates=large)))
    assert text.startswith("30 of the 40 customers lost in")
    assert "when 50 came instead of the usual 10" in text
