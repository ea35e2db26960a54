"""Why a figure of the profile is blank, customer by customer, and which figures are flagged."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from shared.analysis.profile_metrics import METRICS, REASONS

# The first reason that holds for a customer is given; True holds for all.
Rules = Sequence[tuple[str, "pd.Series | bool"]]
OTHERWISE = "incomplete"
NUMBERS = {metric.name: metric.number for metric in METRICS}


def coded_texts(codes: Mapping[str, pd.Series]) -> pd.Series:
    """Join the codes of each customer into one text such as "16:no_cost 20:few_orders".

    Parameters
    ----------
    codes : mapping of str to pd.Series
        For each metric that has any, the code of each customer, blank where there is none; all on
        one index, in the order of the catalogue.

    Returns
    -------
    pd.Series
        "" where a customer has no code.
    """
    index = next(iter(codes.values())).index
    group = np.zeros(len(index), dtype="int64")
    texts = pd.Series([""], dtype=object)
    # Few patterns occur: each is written once, however many customers share it.
    for name, code in codes.items():
        number, names = pd.factorize(code)
        group, pairs = pd.factorize(group * (len(names) + 1) + number + 1)
        said = pd.Series(["", *(f" {NUMBERS[name]}:{word}" for word in names)], dtype=object)
        texts = pd.Series(
            texts.to_numpy()[pairs // (len(names) + 1)] + said.to_numpy()[pairs % (len(names) + 1)]
        )
    return pd.Series(texts.str.strip().to_numpy()[group], index=index, dtype=object)


def blank_codes(metrics: pd.DataFrame, rules: Mapping[str, Rules]) -> dict[str, pd.Series]:
    """Give each blank of the profile the first of its metric's reasons that holds.

    Parameters
    ----------
    metrics : pd.DataFrame
        One row per customer with the columns of the catalogue.
    rules : mapping of str to sequence of (code, condition)
        Reasons of each metric that can be blank. Where none of them holds, as with a sum over
        lines without any value, the reason is that something in the data is blank.
    """
    codes = {}
    for metric in METRICS:
        blank = metrics[metric.name].isna()
        if not blank.any():
            continue
        code = pd.Series(None, index=metrics.index, dtype="object")
        for word, holds in [*rules.get(metric.name, ()), (OTHERWISE, True)]:
            code = code.mask(blank & code.isna() & holds, word)
        codes[metric.name] = code
    return codes


def blank_table(blank_reasons: pd.Series) -> pd.DataFrame:
    """Count the blanks of each metric by reason.

    Parameters
    ----------
    blank_reasons : pd.Series
        The column of that name of a profile.

    Returns
    -------
    pd.DataFrame
        `number`, `metric`, `reason` (code), `meaning` and `customers`, in the order of the
        catalogue, the most frequent reason of a metric first.
    """
    patterns = blank_reasons.value_counts()
    counts: dict[tuple[int, str], int] = {}
    for pattern, customers in patterns.items():
        for coded in str(pattern).split():
            number, _, code = coded.partition(":")
            key = int(number), code
            counts[key] = counts.get(key, 0) + int(customers)
    rows = [
        (number, METRICS[number - 1].name, code, REASONS[code], customers)
        for (number, code), customers in counts.items()
    ]
    columns = ["number", "metric", "reason", "meaning", "customers"]
    return pd.DataFrame(rows, columns=columns).sort_values(
        ["number", "customers", "reason"], ascending=[True, False, True], ignore_index=True
    )
