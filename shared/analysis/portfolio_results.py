"""What the portfolio study says first, and what it leaves behind: limits, tables and numbers."""

import pandas as pd

from shared.analysis import portfolio_headlines
from shared.analysis.abc import abc_table, class_sizes
from shared.analysis.activity_answers import activity_caveats
from shared.analysis.behaviour_types import BehaviourTypes
from shared.analysis.campaign_response import CampaignResponse
from shared.analysis.customer_profile import Profile
from shared.analysis.discovered_answers import discovered_caveats, discovered_metrics
from shared.analysis.intervals import Estimate, exact
from shared.analysis.portfolio import Portfolio, portfolio_metrics
from shared.analysis.portfolio_answers import value_rank
from shared.analysis.portfolio_caveats import newcomers, portfolio_caveats
from shared.analysis.portfolio_study import PortfolioStudy
from shared.analysis.profile_page import profile_tables
from shared.analysis.rfm_grid import cell_table
from shared.analysis.segment_boundary import Boundary
from shared.analysis.segment_holdout import Holdout, holdout_metrics
from shared.analysis.segment_rules import Discovered
from shared.analysis.study_parts import frames, is_known, known
from shared.analysis.verdicts import Reason


def headlines(study: PortfolioStudy) -> list[tuple[str, Reason]]:
    """Give the findings of the page, each with its name; what is not known is not said."""
    if isinstance(study.base, Portfolio):
        said = portfolio_headlines.headlines(study.base, known(study.due), study.what)
        return [(name, answer) for name, answer in said if is_known(answer)]
    sizes = class_sizes(abc_table(known(study.classes.contribution["products"])))
    share = exact(sizes["share"], n=int(sizes["n"]), unit="share", of="products")
    values = {"a": int(sizes["a"]), "n": int(sizes["n"]), "share": share, "what": study.what}
    answer = Reason("{a} of {n} products are A and bring {share} of all {what}.", values)
    return [("products", answer)]


def totals(study: PortfolioStudy) -> dict[str, object]:
    """Give the key figures by label; without customers, those of the products."""
    if isinstance(study.base, Portfolio):
        return portfolio_headlines.totals(study.base, study.what)
    products = known(study.classes.products)
    return {
        "Products": (len(products), "count"),
        study.what.capitalize(): (float(products["revenue"].sum()), "money"),
    }


def portfolio_limits(study: PortfolioStudy) -> list[Reason]:
    """List the limits that hold for this client."""
    limits: list[Reason] = []
    if isinstance(study.base, Portfolio):
        limits += portfolio_caveats(
            study.base,
            known(study.due),
            period=study.period,
            revenue=study.what,
            listed=study.listed,
        )
    if isinstance(study.activity, pd.DataFrame):
        limits += activity_caveats(study.activity)
    if isinstance(study.found, Discovered):
        limits += discovered_caveats(study.found)
    return limits + study.life.caveats()


def portfolio_tables(study: PortfolioStudy) -> dict[str, pd.DataFrame]:
    """Give every table of the page by the name of its file; what was not computed is missing."""
    tables = frames(
        activity=study.activity,
        segments=study.segments,
        groups=study.groups,
        grid=study.grid,
        winback_due=study.due,
        due_by_segment=study.states,
        separates=study.separates,
    )
    if isinstance(study.base, Portfolio):
        tables |= {
            "customers": customers_table(study, study.base),
            "cut_points": study.base.cuts.table(),
            "cells": cell_table(study.base),
        }
    tables |= study.classes.tables() | study.life.tables() | study.movement.tables()
    return tables | _of_profile(study) | _of_proof(study) | _of_discovery(study)


def portfolio_numbers(study: PortfolioStudy) -> dict[str, float | Estimate]:
    """Give the plain numbers for tests, the index and the next run."""
    numbers: dict[str, float | Estimate] = {}
    if isinstance(study.base, Portfolio):
        numbers |= portfolio_metrics(study.base)
    elif isinstance(study.classes.products, pd.DataFrame):
        products = study.classes.products
        numbers |= {"products": len(products), "revenue": float(products["revenue"].sum())}
    if isinstance(study.proof, Holdout):
        numbers |= holdout_metrics(study.proof)
    if isinstance(study.found, Discovered):
        numbers |= discovered_metrics(study.found)
    if isinstance(study.types, BehaviourTypes):
        types = len(study.types.table) if study.types.natural else 0
        numbers |= {"behaviour_types": types, "behaviour_read": len(study.types.assignments)}
    return numbers | study.life.metrics()


def customers_table(study: PortfolioStudy, base: Portfolio) -> pd.DataFrame:
    """Give every customer with scores, segment, rank, class and groups: an audience."""
    classes = known(study.classes.contribution["customers"])["abc_class"]
    return base.customers.assign(
        value_rank=value_rank(base),
        is_newcomer=newcomers(base, period=study.period),
        abc_class=base.customers["customer_id"].map(classes),
        **known(study.flags),
    )


def _of_profile(study: PortfolioStudy) -> dict[str, pd.DataFrame]:
    if not isinstance(study.profile, Profile):
        return {}
    tables = profile_tables(study.profile, known(study.summary))
    return tables | {"segment_medians": known(study.medians)}


def _of_proof(study: PortfolioStudy) -> dict[str, pd.DataFrame]:
    tables: dict[str, pd.DataFrame] = {}
    if isinstance(study.response, CampaignResponse):
        tables["response"] = study.response.table
    if isinstance(study.proof, Holdout):
        tables |= {"holdout": study.proof.table, "inversions": study.proof.inversions}
    if isinstance(study.edge, Boundary):
        tables |= {"boundary": study.edge.customers, "boundary_by_segment": study.edge.table}
    return tables


def _of_discovery(study: PortfolioStudy) -> dict[str, pd.DataFrame]:
    tables: dict[str, pd.DataFrame] = {}
    if isinstance(study.found, Discovered):
        tables |= {
            "discovered": study.found.assignments,
            "discovered_rules": study.found.rules,
            "discovered_segments": known(study.against),
            "vote": study.found.vote.table,
        }
    if isinstance(study.types, BehaviourTypes):
        tables |= {
            "behaviour_types": study.types.table,
            "behaviour_of_customers": study.types.assignments,
        }
    return tables
