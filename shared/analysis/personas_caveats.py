"""The limits of this client's data for the page on personas."""

from shared.analysis.personas_features import why_in_words
from shared.analysis.personas_profiles import SMALLEST
from shared.analysis.personas_study import PersonaStudy
from shared.analysis.verdicts import Reason

MOST_NAMED = 6


def persona_caveats(study: PersonaStudy) -> list[Reason]:
    """List what this client's data do to the page, each as a template with values."""
    return [
        *_placebo(study),
        *_seldom(study),
        *_left_out(study),
        *_filled(study),
        *_drawn_in(study),
        *_small(study),
        *_vote(study),
    ]


def _placebo(study: PersonaStudy) -> list[Reason]:
    if not study.found.placebo:
        return []
    return [
        Reason("This is the placebo: every feature was dealt to the customers anew, at random.")
    ]


def _seldom(study: PersonaStudy) -> list[Reason]:
    base = study.base
    n = int((~base.eligible).sum())
    if not n:
        return []
    return [
        Reason(
            "{n:count} {n:customer|customers} with fewer than {least:count} orders {n:is|are} not "
            "placed: a share of one or two orders is chance.",
            {"n": n, "least": base.least_orders},
        )
    ]


def _left_out(study: PersonaStudy) -> list[Reason]:
    left = study.found.features.left_out
    said = []
    for why, rows in left.groupby("why", sort=False):
        names = [study.base.label(str(name)) for name in rows["feature"]]
        more = " and {more:count} more" if len(names) > MOST_NAMED else ""
        said.append(
            Reason(
                f"Left out, {{why}}: {{names}}{more}.",
                {
                    "why": why_in_words(str(why), study.base.label),
                    "names": ", ".join(names[:MOST_NAMED]),
                    "more": len(names) - MOST_NAMED,
                },
            )
        )
    return said


def _filled(study: PersonaStudy) -> list[Reason]:
    filled = {name: n for name, n in study.found.features.filled.items() if n}
    return [
        Reason(
            "{feature} is not known for {n:count} of them; they count as the middle one, and that "
            "it is missing sets nobody apart.",
            {"feature": study.base.label(name), "n": n},
        )
        for name, n in sorted(filled.items(), key=lambda entry: (-entry[1], entry[0]))[:MOST_NAMED]
    ]


def _drawn_in(study: PersonaStudy) -> list[Reason]:
    most = max(study.found.features.drawn_in.values(), default=0)
    if not most:
        return []
    return [
        Reason(
            "The outermost 1% of a feature, up to {n:count} {noun}, is drawn in to its edge, so "
            "that an odd value makes no {kind} of its own.",
            {"n": most, "noun": study.base.noun, "kind": study.noun},
        )
    ]


def _small(study: PersonaStudy) -> list[Reason]:
    small = study.placed[study.placed["customers"].isna()]
    return [
        Reason("The size of {name} is withheld: fewer than {least:count}, or it would tell those.",
               {"name": row["name"], "least": SMALLEST})
        for row in small.to_dict("records")
    ]  # fmt: skip


def _vote(study: PersonaStudy) -> list[Reason]:
    vote = study.found.vote
    known = {
        "The vote was held on {n:count} of {all:count}, drawn by their values.": (
            vote.sampled < vote.customers
        ),
        "Only {different:count} of the {n:count} {noun} differ from one another, so that no more "
        "than {tried:count} groups could be tried.": vote.is_cut_short,
    }
    values = {
        "n": vote.sampled, "all": vote.customers, "different": vote.different,
        "tried": vote.tried, "noun": study.base.noun,
    }  # fmt: skip
    return [Reason(template, values) for template, holds in known.items() if holds]
