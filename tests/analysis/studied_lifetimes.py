"""Shops of planted lifetimes, their study, and every sentence that its page could show."""

from datetime import timedelta
from string import Formatter

import pandas as pd
from ibis import _
from planted_lifetimes import bg_nbd_customers, planted_order_lines

from shared.analysis import lifetime_answers as ahead_says
from shared.analysis import lifetime_backtest_answers as test_says
from shared.analysis import lifetime_check_answers as checks_say
from shared.analysis import lifetime_formula_answers as formula_says
from shared.analysis import lifetime_rank_answers as ranks_say
from shared.analysis import lifetime_segment_answers as segments_say
from shared.analysis.lifetime_caveats import lifetime_caveats
from shared.analysis.lifetime_headlines import headlines, lifetime_verdict
from shared.analysis.lifetime_value import study_lifetime_value
from shared.loading.errors import NotSupportedByData

TRUTH = {"r": 0.55, "alpha": 5.5, "a": 0.7, "b": 4.6}
STAYS = {"r": 0.8, "alpha": 10.0, "a": 1e-9, "b": 1.0}
AHEAD = [
    ahead_says.totals_said, ahead_says.newcomers_said, ahead_says.heat_map_note,
    ahead_says.each_customer, ahead_says.next_order_note, ranks_say.who_moves,
    ahead_says.bars_said,
    formula_says.value_word, segments_say.loyal, segments_say.winning, segments_say.idle_note,
]  # fmt: skip
CHARTS = [
    ahead_says.cash_flow, ahead_says.heat_map, ahead_says.next_orders, ranks_say.tiers,
    ranks_say.ranks, segments_say.rising, segments_say.idle,
]  # fmt: skip
TESTED = [test_says.against_naive, lambda test: test_says.interval_held(test, "revenue")]
TEST_CHARTS = [test_says.backtest_chart, test_says.tracking_chart, test_says.by_orders_chart]


def shop(seed=1, *, n=700, truth=TRUTH, costs=False):
    planted = bg_nbd_customers(seed, n=n, truth=truth)
    lines, last = planted_order_lines(planted, seed=seed, p=4.0, q=3.6, gamma=39.0)
    snapshot = last + timedelta(days=183)
    lines = lines.filter(lines.order_date < pd.Timestamp(snapshot))
    return (lines.mutate(unit_cost=_.line_value * 0.6) if costs else lines), snapshot


def studied(lines, snapshot, **options):
    options = {"refits": 20, "tables": {}, **options}
    return study_lifetime_value(lines, snapshot_date=snapshot, **options)


def everything_said(study):
    """Gather every sentence that the notebook could show for a study."""
    said = [reason for _name, reason in headlines(study)] + list(lifetime_verdict(study).reasons)
    said += [*lifetime_caveats(study), formula_says.formula_check()]
    for part, sentences, charts, of in (
        (study.backtest, TESTED, TEST_CHARTS, study.backtest),
        (study.ahead, AHEAD, CHARTS, study),
        (study.independence, [checks_say.independence_note], [checks_say.spend_by_orders],
         study),
        (study.regularity, [checks_say.timing], [], study),
        (study.formula, [formula_says.why_they_differ], [], study),
    ):  # fmt: skip
        if isinstance(part, NotSupportedByData):
            continue
        said += [say(of) for say in sentences]
        said += [reason for chart in charts for reason in told(chart, of)]
    if not isinstance(study.ahead, NotSupportedByData):
        said.append(test_says.ladder_said(study.outlook.ladder, when="On all orders"))
        said += segments_say.worth(study) if study.what == "revenue" else ()
        said += [*test_says.alive_said(study), *segments_say.corrected_said(study)]
        if not isinstance(study.backtest, NotSupportedByData):
            said.append(ahead_says.as_last_time(study))
    return said


def told(chart, of):
    """Give what a chart says; nothing where the data cannot answer its question."""
    try:
        return chart(of)
    except NotSupportedByData:
        return ()


def fields(template):
    return {name for _text, name, _spec, _conversion in Formatter().parse(template) if name}
