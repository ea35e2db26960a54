"""The response score: who will answer a campaign, learnt from those who got the last one."""

from dataclasses import dataclass, replace
from datetime import date, datetime

import ibis
import numpy as np
import pandas as pd
from ibis import _

from shared.analysis.propensity_evaluation import Tested, evaluate
from shared.analysis.propensity_examples import Examples, check_outcome, placebo_of
from shared.analysis.propensity_features import LOGGED, Events, feature_sources, features_at
from shared.analysis.propensity_leakage import Audit, audit_columns
from shared.analysis.propensity_models import BASELINE, LOGISTIC
from shared.analysis.propensity_sources import source_table
from shared.loading.errors import NotSupportedByData
from shared.loading.schema import TABLES, require_columns

LIST = "the campaign's list"


@dataclass(frozen=True)
class ResponseScore:
    """How well a score tells who answers the campaign.

    Attributes
    ----------
    campaign : str
        Its id, "" where there is one without an id.
    assigned_on : datetime.date
        When it went out: features are those of that moment.
    examples, tested, audit, sources
        As from the functions of these names; treated customers only.
    """

    campaign: str
    assigned_on: date
    examples: Examples
    tested: Tested
    audit: Audit
    sources: pd.DataFrame


def response_score(
    campaign: ibis.Table,
    events: Events,
    *,
    snapshot_date: date,
    least_gain: float = 0.01,
    trust: tuple[str, ...] = (),
    placebo: bool = False,
) -> ResponseScore:
    """Learn from those who got the last campaign who answers it.

    Parameters
    ----------
    campaign : ibis.Table
        `customer_id`, `treatment`, `outcome`, `assigned_at`, perhaps `campaign_id`, and columns
        that were known when it went out.
    events : Events
        As from `events_of`; only what was before the campaign is read.

    Raises
    ------
    NotSupportedByData
        Without a dated campaign, or with fewer than 100 answers or 100 customers without one.
    """
    require_columns(campaign, ["treatment", "outcome", "assigned_at"], analysis="A response score")
    name, moment, rows = _treated(campaign, snapshot_date)
    check_outcome(rows["outcome"].to_numpy(int))
    known = features_at(events, moment)
    extras = [c for c in rows.columns if c not in TABLES["campaign"].columns]
    listed = rows.set_index("customer_id")[extras]
    listed = listed.drop(columns=[c for c in extras if c in known.columns])
    frame = known.reindex(listed.index).join(listed)
    texts = [c for c in frame if not pd.api.types.is_numeric_dtype(frame[c])]
    frame = frame.astype(dict.fromkeys(texts, object)).reset_index(drop=True)
    source = feature_sources(list(map(str, known.columns))) | dict.fromkeys(listed.columns, LIST)
    examples = Examples(
        features=frame,
        outcome=rows["outcome"].to_numpy(int),
        person=rows["customer_id"].to_numpy(object),
        part=np.zeros(len(rows), dtype=int),
        source=source,
        logged=LOGGED,
        timed=False,
        recency="recency_days",
    )
    examples = placebo_of(examples) if placebo else examples
    examples, audit = audit_columns(examples, trust=trust)
    examples = replace(examples, source={n: source[str(n)] for n in examples.features.columns})
    tested = evaluate(examples, least_gain=least_gain, models=(BASELINE, LOGISTIC))
    return ResponseScore(
        name, moment.date(), examples, tested, audit, source_table(examples, tested)
    )


def _treated(campaign: ibis.Table, snapshot_date: date) -> tuple[str, datetime, pd.DataFrame]:
    """Fetch who got the last campaign, each once, with the moment it went out."""
    rows = campaign.filter(_.outcome.notnull(), _.assigned_at.notnull()).to_pandas()
    rows = rows[rows["assigned_at"] < pd.Timestamp(snapshot_date)]
    if rows.empty:
        raise NotSupportedByData("no campaign with a date and an outcome", "assigned_at, outcome")
    name = ""
    if "campaign_id" in rows:
        last = rows.groupby("campaign_id")["assigned_at"].max()
        name = str(sorted(last.index[last == last.max()])[0])
        rows = rows[rows["campaign_id"].astype(str) == name]
    moment = pd.Timestamp(rows["assigned_at"].min()).to_pydatetime()
    treated = rows[rows["treatment"] == 1].sort_values("customer_id", kind="stable")
    # Who was assigned twice answered once if any row says so.
    answered = treated.groupby("customer_id")["outcome"].max()
    treated = treated.drop_duplicates("customer_id")
    return name, moment, treated.assign(outcome=treated["customer_id"].map(answered))
