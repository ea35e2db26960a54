"""What the persona study leaves behind: its full tables and its plain numbers."""

import pandas as pd

from shared.analysis.personas_exhibits import middles
from shared.analysis.personas_features import why_in_words
from shared.analysis.personas_small_cells import shown_drift
from shared.analysis.personas_study import PersonaStudy
from shared.analysis.study_parts import frames, part


def persona_tables(study: PersonaStudy) -> dict[str, pd.DataFrame]:
    """Give every table of the page by the name of its file; what was not computed is missing."""
    found, names = study.found, study.names
    everyone = pd.DataFrame({"customer_id": study.base.customers.index})
    placed = found.assignments.reset_index()
    placed["persona"] = placed["persona"].map(names)
    placed["next_persona"] = placed["next_persona"].map(names)
    assignments = everyone.merge(placed.drop(columns="learnt"), on="customer_id", how="left")
    return {
        "vote": found.vote.table,
        "personas": study.table,
        "assignments": assignments,
        "rules": study.rules,
        "profiles": study.effects.assign(name=study.effects["persona"].map(names)).round(6),
        "stability": study.table[["name", "customers", "stability", "stability_reading",
                                  "border_share"]].dropna(subset="stability"),
        "map": middles(study).round(6),
        "examples": study.examples.round(4),
        "features": _features(study),
        **frames(content=study.content, attributes=study.attributes, mood=study.mood,
                 drift=part(shown_drift, study.drift)),
    }  # fmt: skip


def persona_metrics(study: PersonaStudy) -> dict[str, float]:
    """Give the plain numbers of the page for tests, the index and the next run."""
    found = study.found
    return {
        "personas": found.clusters,
        "customers": len(study.base.customers),
        "placed": len(found.assignments),
        "silhouette": found.silhouette,
        "stability": float(found.stability.min()),
        "explained_variance": sum(found.explained),
        "natural_clusters": int(found.natural),
        "fidelity": study.fidelity.value,
        "border_share": float(found.assignments["border"].mean()),
        "features": found.features.count,
    }


def _features(study: PersonaStudy) -> pd.DataFrame:
    """List every feature that was looked at: used, on which scale, or why not."""
    used = study.found.features
    rows = [
        {"feature": name, "label": study.base.label(name), "used": 1, "scale": used.scales[name],
         "filled": used.filled.get(name, 0), "drawn_in": used.drawn_in.get(name, 0), "why": ""}
        for name in used.names
    ]  # fmt: skip
    rows += [
        {"feature": row["feature"], "label": study.base.label(str(row["feature"])), "used": 0,
         "scale": "", "filled": 0, "drawn_in": 0, "why": why_in_words(row["why"], study.base.label)}
        for row in used.left_out.to_dict("records")
    ]  # fmt: skip
    return pd.DataFrame(rows)
