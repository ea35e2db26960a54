import dataclasses

import numpy as np
import pandas as pd
import pytest

from shared.analysis import discovered_answers as answers
from shared.analysis.intervals import wilson
from shared.analysis.segment_rules import Finding, discover_segments
from shared.plots.locales import Wording
from shared.report.sentences import write
from shared.report.tables import table_markup


@pytest.fixture(scope="module")
def customers():
    rng = np.random.default_rng(1)
    centres = np.log([[5, 20, 2000], [60, 6, 150], [300, 2, 900]])
    kind = rng.choice(3, 600, p=[0.3, 0.4, 0.3])
    values = np.exp(centres[kind] + 0.25 * rng.normal(size=(600, 3)))
    values[:, :2] = np.maximum(1, values[:, :2].round())
    frame = pd.DataFrame(values, columns=["recency_days", "frequency", "monetary"])
    ids = [f"c{i}" for i in range(600)]
    return frame.assign(customer_id=ids, segment=np.where(kind == 0, "Champions", "Lost"))


@pytest.fixture(scope="module")
def found(customers):
    return discover_segments(customers)


def said(reason):
    return str(write(reason.template, reason.values, Wording("en_GB", "EUR")))


@pytest.mark.parametrize("finding", list(Finding))
def test_every_finding_has_a_title_an_alt_text_and_a_conclusion_with_numbers(found, finding):
    case = dataclasses.replace(found, finding=finding)
    title, alt = map(said, answers.how_many(case))
    whole = [title, alt, said(answers.vote_said(case)), said(answers.bands_said(case)),
             *map(said, answers.segments_found(case, "revenue"))]  # fmt: skip

    assert all(any(c.isdigit() for c in text) for text in whole)
    assert len(alt) >= 40
    assert not [text for text in whole if "not known" in text]


def test_only_natural_clusters_are_called_so(found):
    titles = {
        finding: said(answers.how_many(dataclasses.replace(found, finding=finding))[0])
        for finding in Finding
    }

    assert titles.pop(Finding.NATURAL) == "The base falls into 3 natural clusters"
    assert all("falls into" not in title for title in titles.values())
    assert "bands" in said(
        answers.segments_found(dataclasses.replace(found, finding=Finding.ONE_CLOUD), "revenue")[0]
    )


def test_the_disagreement_of_the_criteria_is_said(found):
    vote = dataclasses.replace(found.vote, silhouette=2, gap=6, stability=4, natural=False)

    case = dataclasses.replace(found, vote=vote, finding=Finding.DISAGREEMENT)

    assert said(answers.how_many(case)[0]).startswith(
        "No natural clusters: the criteria name 2, 6 and 4"
    )
    assert said(answers.vote_said(case)) == (
        "No number of groups stands out. Of the three criteria that Method explains, silhouette "
        "names 2, the gap statistic 6 and stability 4: none of these numbers meets all that is "
        "asked of it."
    )


def test_rules_under_ninety_percent_are_said_not_to_describe_the_segments(found):
    weak = dataclasses.replace(found, fidelity=wilson(89, 100))
    fair = dataclasses.replace(found, fidelity=wilson(90, 100))

    assert "under 90%: the rules do not describe the segments" in said(answers.fidelity_said(weak))
    assert "the rules describe the segments" in said(answers.fidelity_said(fair))
    finding = answers.fidelity_said(weak)
    assert write(finding.template, finding.values, Wording()).estimate == weak.fidelity


def test_the_comparison_counts_the_customers_of_the_best_segment(customers, found):
    text = said(answers.compared(customers, found))

    first = found.assignments["discovered_segment"] == "D1"
    inside = (customers.loc[first, "segment"] == "Champions").sum()
    assert f"Of the {first.sum()} customers in D1, {inside} are in the segment Champions" in text


def test_caveats_are_said_where_they_hold_and_only_there(found):
    limited = dataclasses.replace(
        found,
        left_out=("frequency",),
        without_money=1,
        finding=Finding.TOO_FEW,
        vote=dataclasses.replace(found.vote, customers=9000, sampled=5000),
    )

    texts = [said(r) for r in answers.discovered_caveats(limited)]

    assert answers.discovered_caveats(found) == []
    assert len(texts) == 4
    assert texts[0].startswith("Everybody has the same orders")
    assert texts[1].startswith("1 customer has no positive money")
    assert "5,000 of 9,000 customers" in texts[2]


def test_the_labels_fit_the_tables(found):
    for frame, columns in (
        (found.vote.table, answers.vote_columns()),
        (found.profiles, answers.profile_columns("revenue")),
        (found.rules, answers.rule_columns("revenue")),
    ):
        markup = table_markup(frame, caption="x", wording=Wording(), columns=columns)
        assert markup.count("<tr>") == len(frame) + 1


def test_the_metrics_are_numbers(found):
    assert answers.discovered_metrics(found) == {
        "discovered_segments": 3.0,
        "natural_clusters": 1.0,
        "rule_fidelity": found.fidelity.value,
        "discovered_likeness": found.likeness,
    }
