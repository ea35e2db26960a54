"""The portfolio of clients of every kind, studied once, and all that its page would show."""

import inspect
from functools import cache

import ibis
import numpy as np
import pandas as pd
from profiled_shops import SNAPSHOT, random_lines, tables

from shared.analysis import development_exhibits, portfolio_exhibits
from shared.analysis.activity import contact_days
from shared.analysis.customer_summary import customer_summary
from shared.analysis.portfolio_results import headlines, totals
from shared.analysis.portfolio_study import study_portfolio
from shared.analysis.rfm_scores import ELEVEN, Scoring
from shared.analysis.verdicts import Reason
from shared.loading.errors import NotSupportedByData
from shared.plots.locales import Wording
from shared.report.sentences import write

WORDING = Wording("en_GB", "EUR")
FIRST = {"headlines": headlines, "totals": totals}


def sources(seed=51):
    """Give lines of every kind, of customers who order more or less often."""
    frame, rng = random_lines(seed, customers=400, orders=2400), np.random.default_rng(seed)
    number = frame["order_id"].str.removeprefix("R").astype(int)
    often = rng.gamma(0.8, 1, 400)
    owner = rng.choice(400, number.max() + 1, p=often / often.sum())[number]
    return tables(frame.assign(customer_id=np.char.add("c", owner.astype(str))))


def studied(given, **options):
    return study_portfolio(given, snapshot_date=SNAPSHOT, **{"scoring": ELEVEN, **options})


@cache
def whole():
    return studied(sources())


@cache
def changed():
    """The same client by other rules than the usual ones."""
    return studied(
        sources(), scoring=Scoring(scores=3), history_periods=2, period="Q",
        abc_cuts=(0.4, 0.7), xyz_cuts=(0.8, 1.6),
    )  # fmt: skip


@cache
def customers_only():
    lines = sources()["order_lines"]
    summary = customer_summary(lines, snapshot_date=SNAPSHOT).drop("recency_days").to_pandas()
    return studied({"customer_rfm": ibis.memtable(summary)})


@cache
def by_interactions():
    """A client with web sessions for half of the customers, where any interaction counts."""
    given = sources()
    rng, n = np.random.default_rng(52), 4000
    sessions = pd.DataFrame(
        {
            "customer_id": np.char.add("c", rng.integers(0, 200, n).astype(str)),
            "session_id": np.arange(n).astype(str),
            "started_at": pd.Timestamp("2023-07-01") + pd.to_timedelta(
                rng.integers(0, 365 * 24, n), unit="h"
            ),
        }
    )  # fmt: skip
    given |= {"web_sessions": ibis.memtable(sessions)}
    return studied(given, scoring=Scoring(contacts=contact_days(given)))


@cache
def products_only():
    return studied({"order_lines": sources()["order_lines"].drop("customer_id")})


@cache
def items_only():
    lines = sources()["order_lines"].drop("line_value", "unit_price", "discount", "unit_cost")
    return studied({"order_lines": lines})


@cache
def no_products():
    """A client whose lines name no product, nor its category."""
    return studied({"order_lines": sources()["order_lines"].drop("product_id", "category")})


@cache
def all_refunded():
    """Everybody got back what they paid: no money is left."""
    bought = random_lines(54, customers=80, orders=300, refund_share=0)
    back = bought.assign(
        order_id="R" + bought["order_id"], quantity=-bought["quantity"], is_refund=True,
        line_value=-bought["line_value"], discount=0.0,
    )  # fmt: skip
    return studied(tables(pd.concat([bought, back], ignore_index=True)))


CLIENTS = (
    whole, customers_only, products_only, items_only, no_products, all_refunded, by_interactions
)  # fmt: skip


def blocks():
    """List what the notebook asks for: name, and how to call it."""
    found = {}
    for module in (portfolio_exhibits, development_exhibits):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ != module.__name__ or name.startswith("_"):
                continue
            asked = set(inspect.signature(function).parameters) - {"study"}
            if asked == {"of"}:
                for of in ("customers", "products"):
                    found[f"{name} {of}"] = (function, (of,), {})
            elif asked == {"flags"}:
                found[name] = (function, ("is_best", "is_regular"), {})
            else:
                found[name] = (function, (), {"write": WORDING.format} if asked else {})
    return found | {name: (function, (), {}) for name, function in FIRST.items()}


def shown_by(study):
    """Give what each block shows, or the reason that it gives."""
    results = {}
    for name, (function, data, options) in blocks().items():
        try:
            results[name] = function(study, *data, **options)
        except NotSupportedByData as reason:
            results[name] = reason
    return results


def told(results):
    return {n for n, result in results.items() if not isinstance(result, NotSupportedByData)}


def reasons_in(result):
    """Find the sentences of a result, however it is nested."""
    if isinstance(result, Reason):
        return [result]
    if isinstance(result, list | tuple):
        return [reason for part in result for reason in reasons_in(part)]
    return reasons_in(result["said"]) if isinstance(result, dict) and "said" in result else []


def said(reason):
    return str(write(reason.template, reason.values, WORDING))
