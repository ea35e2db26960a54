"""How far the page on baskets can be relied on."""

from shared.analysis.basket import Baskets, in_words
from shared.analysis.basket_power import CLEAR_LIFT, Power
from shared.analysis.verdicts import Reason, Verdict, judge

CARE_BASKETS = 1000  # of two or more items: with care below
FEW_FINDABLE = 0.01  # of all pairs; if fewer could have been found, finding none says little


def basket_verdict(baskets: Baskets, *, none_of: Power | None = None) -> Verdict:
    """Judge how far the page can be relied on.

    Parameters
    ----------
    baskets : Baskets
        From `baskets_of`.
    none_of : Power, optional
        Given where no pair is robust: that is an answer only about pairs that could have shown.
    """
    reasons = []
    if baskets.of_two < CARE_BASKETS:
        reasons.append(
            Reason(
                in_words(
                    "Only {n:count} baskets hold two {items} or more; {gate:count} would do.",
                    baskets,
                ),
                {"n": baskets.of_two, "gate": CARE_BASKETS},
            )
        )
    if baskets.split is None:
        reasons.append(
            Reason(
                "The baskets have no days: a pair is confirmed in every second basket, not in a "
                "later period, and no month or promotion can be told apart."
            )
        )
    if none_of is not None and none_of.findable < FEW_FINDABLE * none_of.possible:
        reasons.append(
            Reason(
                in_words(
                    "That no pair is robust says little: {some:count} of {n:count} possible pairs "
                    "of {items} are frequent enough to show even a lift of {lift:count}.",
                    baskets,
                ),
                {"some": none_of.findable, "n": none_of.possible, "lift": CLEAR_LIFT},
            )
        )
    return judge(reasons)
