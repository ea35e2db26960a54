"""What each block of the portfolio page shows: the arguments of its charts, tables and sentences.

A chart is given as the arguments of `Report.chart`, a table as those of `Report.table`, so that a
cell of the notebook names nothing but the plot. A part that the data cannot carry raises its
`NotSupportedByData` here, under the heading of its question.
"""

from typing import Any

from shared.analysis import (
    abc_xyz_answers,
    activity_answers,
    group_answers,
    history_answers,
    history_columns,
    portfolio_answers,
    portfolio_columns,
)
from shared.analysis.abc import abc_table, pareto_curve
from shared.analysis.actions import Action
from shared.analysis.behaviour_types import types_columns, types_said
from shared.analysis.campaign_response import (
    response_caution,
    response_columns,
    response_said,
    widest_gap,
)
from shared.analysis.emerging import separates_columns, separates_said
from shared.analysis.portfolio_actions import next_actions
from shared.analysis.portfolio_study import PortfolioStudy
from shared.analysis.profile_page import Write
from shared.analysis.rfm_grid import months_silent
from shared.analysis.study_parts import known, sayable
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData

Shown = dict[str, Any]


def activity_read(study: PortfolioStudy) -> list[Reason]:
    """Say what counts as activity; nothing where that is orders alone."""
    return activity_answers.activity_said(study.base, study.activity)


def activity(study: PortfolioStudy) -> list[Shown]:
    """Give the table of interactions; none where orders alone count."""
    return activity_answers.activity_shown(study.activity)


def champions(study: PortfolioStudy) -> Shown:
    """Give the map of the segments."""
    return {
        "said": portfolio_answers.champions(known(study.base), study.what),
        "data": known(study.segments),
        "columns": portfolio_columns.segment_columns(study.what),
    }


def discount(study: PortfolioStudy) -> Reason:
    """Say what a blanket discount to the Champions would cost."""
    return known(study.discount)


def separating(study: PortfolioStudy) -> list[Reason]:
    """Say what separates emerging customers from the best."""
    return separates_said(known(study.separates))


def separates(study: PortfolioStudy, *, write: Write) -> Shown:
    """Give the table of what separates them, as text: each row has a unit of its own."""
    table = known(study.separates)
    figures = [column for column, (_label, spec) in separates_columns().items() if spec != "text"]
    specs = table["unit"].replace("number", "number.1")
    written = {
        column: [write(value, spec) for value, spec in zip(table[column], specs, strict=True)]
        for column in figures
    }
    return {
        "frame": table.assign(**written),
        "caption": "Medians of emerging customers and of Champions and Loyal",
        "columns": {name: (label, "text") for name, (label, _spec) in separates_columns().items()},
        "file": "separates",
    }


def regulars(study: PortfolioStudy) -> list[Reason]:
    """Say who the regulars are, and who could join them."""
    return sayable(portfolio_answers.growing(known(study.base), study.what))


def stayed(study: PortfolioStudy) -> Reason:
    """Say whether Champions stay Champions."""
    if isinstance(study.stayed, NotSupportedByData):
        why, needs = study.stayed.reason, study.stayed.needs
        raise NotSupportedByData(f"whether Champions stay Champions is not known: {why}", needs)
    return study.stayed


def due_days(study: PortfolioStudy) -> Shown:
    """Give the calendar of messages that fall due."""
    days = known(study.calendar)
    return {"said": portfolio_answers.due_days(days, known(study.states)), "data": days}


def overdue(study: PortfolioStudy) -> Shown:
    """Give the due states by segment."""
    states = known(study.states)
    columns = portfolio_columns.due_columns(study.what)
    return {"said": portfolio_answers.overdue(states), "data": states, "columns": columns}


def silence(study: PortfolioStudy) -> Shown:
    """Give how long everybody has been silent, the lost ones apart."""
    base = known(study.base)
    months = months_silent(base)
    return {"said": portfolio_answers.lost(base, months, study.what), "data": months}


def response(study: PortfolioStudy) -> Shown:
    """Give the response to the last campaign by segment."""
    got = known(study.response)
    return {"said": response_said(got), "data": got.table, "columns": response_columns()}


def treated(study: PortfolioStudy) -> int:
    """Count the customers who got the last campaign."""
    return known(study.response).treated


def response_read(study: PortfolioStudy) -> list[Reason]:
    """Say where the campaign is furthest ahead of its control group, and what no rate tells."""
    got = known(study.response)
    return [*widest_gap(got), response_caution(got)]


def named(study: PortfolioStudy, *flags: str) -> list[Reason]:
    """Say who is in some named groups, such as "is_regular"."""
    return group_answers.group_answers(known(study.base), known(study.groups), *flags)


def spenders(study: PortfolioStudy) -> list[Reason]:
    """Say whether the biggest spenders are the best customers, and who of them is not."""
    said = group_answers.biggest_spenders(known(study.base), what=study.what)
    return sayable(said) + named(study, "is_big_spender_once", "is_big_spender_silent")


def groups(study: PortfolioStudy) -> Shown:
    """Give the named groups at a glance."""
    table = known(study.groups)
    said = group_answers.groups_at_a_glance(table, what=study.what)
    return {"said": said, "data": table, "columns": group_answers.group_columns(study.what)}


def segments(study: PortfolioStudy) -> Shown:
    """Give the table of the segments."""
    return {
        "frame": known(study.segments),
        "caption": "Size, worth and silence",
        "columns": portfolio_columns.segment_columns(study.what),
        "file": "segments",
    }


def messages(study: PortfolioStudy) -> list[Shown]:
    """Give what to tell each segment, and each named group."""
    to_segments, to_groups = known(study.segments), known(study.groups)
    return [
        {"frame": to_segments[["segment", "message"]], "caption": "What to tell each segment"},
        {"frame": to_groups[["group", "message"]], "caption": "What to tell each named group"},
    ]


def truly_new(study: PortfolioStudy) -> Reason:
    """Say how many of the segment New are new customers."""
    return portfolio_answers.truly_new(known(study.base), period=study.period)


def grid(study: PortfolioStudy) -> Shown:
    """Give the grid of recency against frequency or money."""
    cells, base = known(study.grid), known(study.base)
    by_orders = base.cuts.scoring.contacts is None
    return {
        "said": portfolio_answers.best_corner(base, cells, x_axis=study.x_axis),
        "data": cells,
        "columns": portfolio_columns.grid_columns(study.what, study.x_axis, by_orders=by_orders),
        "x_axis": study.x_axis,
        "by_orders": by_orders,
    }


def types(study: PortfolioStudy) -> list[Reason]:
    """Say whether there are types of behaviour, and what sets each apart."""
    return types_said(known(study.types))


def types_table(study: PortfolioStudy) -> Shown:
    """Give the types of behaviour by what is in their baskets."""
    found = known(study.types)
    return {
        "frame": found.table,
        "caption": "Means by type" if found.natural else "Means by group, which is no type",
        "columns": types_columns(found),
        "file": "behaviour_types",
    }


def contribution(study: PortfolioStudy, of: str) -> Shown:
    """Give A, B and C of customers or of products."""
    classes = known(study.classes.contribution[of])
    table = abc_table(classes)
    if table["revenue"].sum() <= 0:
        raise _nothing_left(of, study.what)
    return {
        "said": portfolio_answers.classes(table, members=of, what=study.what),
        "data": table,
        "columns": portfolio_columns.class_columns(of, study.what),
        "drawn": pareto_curve(classes),
        "classes": table,
        "members": of,
    }


def steadiness(study: PortfolioStudy, of: str) -> Shown:
    """Give X, Y and Z crossed with A, B and C, of customers or of products."""
    classes = known(study.classes.crossed[of])
    table = known(study.classes.crossed_table())
    return {
        "said": abc_xyz_answers.steadiness(classes, members=of, period=study.period),
        "data": table[table["of"] == of],
        "columns": abc_xyz_answers.abc_xyz_columns(of, study.what),
        "members": of,
    }


def proof(study: PortfolioStudy) -> Shown:
    """Give who bought in the periods after the scores were given."""
    held = known(study.proof)
    columns = history_columns.holdout_columns()
    said = history_answers.proof(held)
    return {"said": said, "data": held.table, "columns": columns, "everyone": held.everyone}


def proof_read(study: PortfolioStudy) -> list[Reason]:
    """Say whether the names keep their order, and how much revenue is at risk."""
    held = known(study.proof)
    return [history_answers.order_kept(held), *history_answers.at_risk(held, study.what)]


def risk(study: PortfolioStudy) -> Shown:
    """Give the revenue at risk by segment."""
    return {
        "frame": known(study.proof).table,
        "caption": "Revenue at risk by segment",
        "columns": history_columns.risk_columns(study.what),
        "file": "holdout",
    }


def boundary(study: PortfolioStudy) -> list[Reason]:
    """Say how many customers stand on a boundary."""
    return history_answers.boundary(known(study.edge))


def boundary_table(study: PortfolioStudy) -> Shown:
    """Give the customers on a boundary by segment."""
    return {
        "frame": known(study.edge).table,
        "caption": "On a boundary, by segment",
        "columns": history_columns.boundary_columns(),
        "file": "boundary_by_segment",
    }


def past_value(study: PortfolioStudy) -> Reason:
    """Say how customers rank by what they have brought so far."""
    money = known(study.base).customers["monetary"]
    if money.sum() <= 0:
        raise _nothing_left("customers", study.what)
    if money.nunique() == 1:
        raise NotSupportedByData(f"{study.what} tells no customers apart", "customers who differ")
    return portfolio_answers.past_value(known(study.base), study.what)


def actions(study: PortfolioStudy) -> list[Action]:
    """Derive what to do."""
    base, due = known(study.base), known(study.due)
    return next_actions(base, due, discount_share=study.discount_share, what=study.what)


def _nothing_left(of: str, what: str) -> NotSupportedByData:
    return NotSupportedByData(
        f"what {of} brought adds up to nothing after refunds", f"{what} above refunds"
    )
