"""What a rule of whom to contact is worth, by inverse propensity, against all and none."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from shared.analysis.intervals import Estimate
from shared.analysis.uplift_cells import estimate_of
from shared.analysis.uplift_money import Money
from shared.analysis.uplift_ranking import place_share

SHARES = np.arange(1, 21) / 20
PER = 1000
ALL, NONE, TOP = "contact all", "contact none", "contact the top by uplift"
RESPONSE, RANDOM = "contact the top by response", "contact as many by lot"


@dataclass(frozen=True)
class Policy:
    """Rules of whom to contact, judged on the test half.

    Attributes
    ----------
    curve : pd.DataFrame
        `share` contacted, `profit` per 1,000 customers against contacting nobody, `low`, `high`,
        and `response_profit` of contacting as many by predicted response.
    table : pd.DataFrame
        One row per rule: `rule`, `share`, `profit`, `low`, `high`, `against_all`,
        `against_all_low`, `against_all_high` and `p_all`, per 1,000 customers.
    best_share : float
        Share of the ranking that was best on the training half.
    money : Money
        How responses became money.
    """

    curve: pd.DataFrame
    table: pd.DataFrame
    best_share: float
    money: Money


def policy_gain(
    chosen: np.ndarray, treated: np.ndarray, net: np.ndarray
) -> tuple[float, np.ndarray]:
    """Estimate what contacting the chosen customers brings against contacting nobody.

    Inverse propensity with weights that sum to one in each arm; the arms were drawn by lot.

    Parameters
    ----------
    chosen : np.ndarray
        Mask of the customers that the rule contacts.
    treated : np.ndarray
        1 or 0.
    net : np.ndarray
        As in `Money`.

    Returns
    -------
    float
        Per customer of all, contacted or not.
    np.ndarray
        Each customer's part in it; its spread gives the standard error, also of a difference of
        two rules.

    References
    ----------
    Hájek, J. (1971). Comment on an essay by D. Basu. Swaminathan, A. and Joachims, T. (2015). The
    self-normalized estimator for counterfactual learning.
    """
    one, other = chosen & (treated == 1), chosen & (treated == 0)
    if not (one.any() and other.any()):
        return 0.0, np.zeros(len(chosen))
    share = chosen.mean()
    mean1, mean0 = net[one].mean(), net[other].mean()
    gain = share * (mean1 - mean0)
    part = np.zeros(len(chosen))
    part[one] = (net[one] - mean1) / one[chosen].mean()
    part[other] = -(net[other] - mean0) / other[chosen].mean()
    part[chosen] += mean1 - mean0
    return float(gain), part - gain


def gain_estimate(
    chosen: np.ndarray, treated: np.ndarray, net: np.ndarray, *, against: np.ndarray | None = None
) -> tuple[Estimate, float]:
    """Give the gain of a rule per 1,000 customers, or its gain over another rule, and p of none."""
    gain, part = policy_gain(chosen, treated, net)
    if against is not None:
        other, other_part = policy_gain(against, treated, net)
        gain, part = gain - other, part - other_part
    error = float(part.std() / np.sqrt(len(part)))
    half = norm.ppf(0.975) * error
    p = float(2 * norm.sf(abs(gain) / error)) if error > 0 else 1.0
    bounds = (gain, gain - half, gain + half)
    return estimate_of(*bounds, n=len(part), unit="money", scale=PER), p


def judge_policy(
    score: np.ndarray,
    response_score: np.ndarray,
    treated: np.ndarray,
    money: Money,
    *,
    is_test: np.ndarray,
) -> Policy:
    """Choose on the training half how many to contact, and judge the rule on the test half.

    Parameters
    ----------
    score, response_score : np.ndarray
        Predicted uplift and predicted response of customers their models have not seen.
    treated : np.ndarray
        1 or 0.
    money : Money
        Of the same customers.
    is_test : np.ndarray
        Mask of those who judge.
    """
    train = ~is_test
    # On the half that does not judge: the best of twenty cuts is best partly by luck.
    best = best_share(score[train], treated[train], money.net[train])
    place, arm, net = place_share(score[is_test]), treated[is_test], money.net[is_test]
    by_response = place_share(response_score[is_test])
    rows = []
    for share in SHARES:
        gain, _p = gain_estimate(place < share, arm, net)
        other, _p = gain_estimate(by_response < share, arm, net)
        rows.append((share, gain.value, gain.low, gain.high, other.value))
    curve = pd.DataFrame(rows, columns=["share", "profit", "low", "high", "response_profit"])
    return Policy(curve, _rules(place, by_response, arm, net, best), best, money)


def best_share(score: np.ndarray, treated: np.ndarray, net: np.ndarray) -> float:
    """Find the share of a ranking whose contact brings most, 0 where any loses money.

    Customers who are predicted to respond less if contacted are never part of it.
    """
    place, most = place_share(score), max(float((score > 0).mean()), SHARES[0])
    shares = SHARES[most + 1e-9 >= SHARES]
    gains = [policy_gain(place < share, treated, net)[0] for share in shares]
    return float(shares[int(np.argmax(gains))]) if max(gains) > 0 else 0.0


def _rules(
    place: np.ndarray, by_response: np.ndarray, treated: np.ndarray, net: np.ndarray, best: float
) -> pd.DataFrame:
    everyone = np.ones(len(place), bool)
    chosen: dict[str, np.ndarray] = {
        TOP: place < best,
        ALL: everyone,
        NONE: ~everyone,
        RESPONSE: by_response < best,
    }
    rows = []
    for rule, who in chosen.items():
        gain, _p = gain_estimate(who, treated, net)
        more, p = gain_estimate(who, treated, net, against=everyone)
        rows.append((rule, float(who.mean()), gain.value, gain.low, gain.high, more.value,
                     more.low, more.high, p))  # fmt: skip
    every, _p = gain_estimate(everyone, treated, net)
    less = best - 1
    rows.append((RANDOM, best, best * every.value, best * every.low, best * every.high,
                 less * every.value, less * every.high, less * every.low, np.nan))  # fmt: skip
    return pd.DataFrame(rows, columns=["rule", "share", "profit", "low", "high", "against_all",
                                       "against_all_low", "against_all_high", "p_all"])  # fmt: skip
