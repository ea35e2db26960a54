"""What the portfolio page shows of structure and time: discovered segments, profile, past, stages.

Charts and tables are given as in `portfolio_exhibits`.
"""

from shared.analysis import (
    discovered_answers,
    drift_answers,
    history_answers,
    history_columns,
    lifecycle_answers,
    lifecycle_columns,
    profile_page,
)
from shared.analysis.cluster_vote import STABLE
from shared.analysis.lifecycle_flows import flow_history, stage_matrix
from shared.analysis.portfolio_exhibits import Shown
from shared.analysis.portfolio_study import PortfolioStudy
from shared.analysis.profile_page import Write
from shared.analysis.segment_history import of_segments
from shared.analysis.segment_transitions import transition_matrix
from shared.analysis.study_parts import known
from shared.analysis.verdicts import Reason


def vote(study: PortfolioStudy) -> Shown:
    """Give the vote on the number of discovered segments."""
    found = known(study.found)
    return {
        "said": discovered_answers.how_many(found),
        "data": found.vote.table,
        "columns": discovered_answers.vote_columns(),
        "votes": found.vote.votes,
        "stable": STABLE,
    }


def vote_read(study: PortfolioStudy) -> list[Reason]:
    """Say how the vote went, and what the segments are good for."""
    found = known(study.found)
    return [discovered_answers.vote_said(found), discovered_answers.bands_said(found)]


def discovered(study: PortfolioStudy) -> Shown:
    """Give what the discovered segments are like."""
    found = known(study.found)
    return {
        "said": discovered_answers.segments_found(found, study.what),
        "data": found.profiles,
        "columns": discovered_answers.profile_columns(study.what),
    }


def discovered_read(study: PortfolioStudy) -> list[Reason]:
    """Say how far rules describe the discovered segments, and how much they are like the others."""
    found = known(study.found)
    customers = known(study.base).customers
    return [
        discovered_answers.fidelity_said(found),
        discovered_answers.compared(customers, found),
    ]


def rules(study: PortfolioStudy) -> Shown:
    """Give the rules that describe the discovered segments."""
    return {
        "frame": known(study.found).rules,
        "caption": "Rules, and how often they hold",
        "columns": discovered_answers.rule_columns(study.what),
        "file": "discovered_rules",
    }


def against_imposed(study: PortfolioStudy) -> Shown:
    """Cross the discovered segments with those of the map: customers in both."""
    names = known(study.found).profiles["segment"].tolist()
    return {
        "frame": known(study.against),
        "caption": "Customers by segment of the map and discovered segment",
        "columns": {"segment": ("Segment", "text")} | {name: (name, "count") for name in names},
        "file": "discovered_segments",
    }


def profile_middle(study: PortfolioStudy, *, write: Write) -> Shown:
    """Give the middle of the base, metric by metric."""
    table = profile_page.telling_metrics(known(study.profile), known(study.summary), write=write)
    return {
        "frame": table,
        "caption": "The middle of the base, metric by metric",
        "columns": profile_page.telling_columns(),
        "rows": len(table),
    }


def profile_by_segment(study: PortfolioStudy) -> Shown:
    """Give the median customer of each segment."""
    table = known(study.medians)
    return {
        "frame": table,
        "caption": "The median customer of each segment",
        "columns": profile_page.segment_medians_columns(table),
        "file": "segment_medians",
    }


def profile_then(study: PortfolioStudy, *, write: Write) -> Shown:
    """Set the profile of some periods back beside that of the last period end."""
    both = known(study.movement.both)
    best = known(study.base).segments[0]
    return {
        "frame": profile_page.then_and_now_table(both, best=best, write=write),
        "caption": "The profile then and now",
        "columns": profile_page.then_and_now_columns(both, write=write),
    }


def places_changed(study: PortfolioStudy) -> Reason:
    """Say how many customers are in other groups than they were."""
    return profile_page.places_changed(known(study.movement.both))


def sizes(study: PortfolioStudy) -> Shown:
    """Give the sizes of the segments at each period end."""
    past, table = known(study.movement.past), known(study.movement.table)
    return {
        "said": history_answers.sizes(past),
        "data": table,
        "columns": history_columns.history_columns(study.what),
        "drawn": of_segments(table),
        "file": "history",
    }


def past_profile(study: PortfolioStudy) -> Reason:
    """Say how the base ordered some periods back, and how it does now."""
    return history_answers.profile(known(study.movement.table), period=study.period)


def moves(study: PortfolioStudy) -> Shown:
    """Give who moved from which segment to which."""
    flows = known(study.movement.moves)
    shares = transition_matrix(flows)
    return {
        "said": history_answers.moves(flows, period=study.period),
        "data": shares.reset_index(),
        "columns": history_columns.transition_columns(shares),
        "drawn": shares,
    }


def newcomers(study: PortfolioStudy) -> list[Reason]:
    """Say as what new customers enter."""
    return [history_answers.newcomers(known(study.movement.moves))]


def drift(study: PortfolioStudy) -> list[Reason]:
    """Say where the base drifts."""
    moved = study.movement
    return drift_answers.drift(known(moved.drift), moved.year, period=study.period)


def steady(study: PortfolioStudy) -> list[Reason]:
    """Say where the flows would lead."""
    return [drift_answers.steady(known(study.movement.steady))]


def stages(study: PortfolioStudy) -> Shown:
    """Give the lifecycle stages at each period end."""
    life = study.life.followed
    return {
        "said": lifecycle_answers.stages_now(life),
        "data": stage_matrix(life),
        "columns": lifecycle_columns.matrix_columns(life.noun),
        "drawn": life.stages,
        "unsettled": life.unsettled,
    }


def thresholds(study: PortfolioStudy) -> Reason:
    """Say from how many days of silence on a customer falls asleep."""
    return lifecycle_answers.thresholds_used(study.life.followed)


def falling_asleep(study: PortfolioStudy) -> Shown:
    """Give the flow from active to falling asleep, period by period."""
    life = study.life.followed
    return {
        "said": lifecycle_answers.falling_asleep(life),
        "data": flow_history(life.flows),
        "columns": lifecycle_columns.history_columns(life.noun),
    }


def projection(study: PortfolioStudy) -> Shown:
    """Give the stages to come."""
    life, ahead = study.life.followed, study.life.projected
    return {
        "said": lifecycle_answers.heading(life, ahead),
        "data": lifecycle_columns.named(ahead.table),
        "columns": lifecycle_columns.projection_columns(life.noun),
        "drawn": ahead.table,
        "now": life.counts(),
    }


def projection_tried(study: PortfolioStudy) -> Reason:
    """Say how the projection did on the last period."""
    return lifecycle_answers.tried(study.life.followed, study.life.projected)
