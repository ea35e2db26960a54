"""The findings that open the propensity page, most important first."""

from shared.analysis.propensity import PropensityStudy
from shared.analysis.propensity_answers import came_true, day_came_true, nothing_found, separation
from shared.analysis.propensity_day import DayAhead
from shared.analysis.propensity_source_answers import leaking, response_separates
from shared.analysis.propensity_use_answers import cheaper
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData


def headlines(study: PropensityStudy) -> list[tuple[str, Reason]]:
    """Give the findings that open the page, by the names of the questions."""
    said = [("score", separation(study)), ("above_80", came_true(study))]
    if study.finds_nothing:
        return [*said, ("nothing", nothing_found(study))]
    if isinstance(study.day, DayAhead):
        said.append(("day", day_came_true(study)))
    cost = cheaper(study)
    counted = " Who would have come anyway counts too: it is the order of people that saves."
    said.append(("acquisition", Reason(cost.template + counted, cost.values)))
    if not isinstance(study.response, NotSupportedByData):
        said.append(("response", response_separates(study)))
    if len(study.audit.suspects):
        said.insert(0, ("leakage", leaking(study)))
    return said[:5]
