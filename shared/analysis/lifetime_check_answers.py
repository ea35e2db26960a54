"""What the page answers about what the models take for granted: templates and values."""

from shared.analysis.lifetime_answers import per_order
from shared.analysis.lifetime_value import LifetimeStudy
from shared.analysis.multiple_testing import Finding
from shared.analysis.verdicts import Reason

Said = tuple[Reason, Reason]


def spend_by_orders(study: LifetimeStudy) -> Said:
    """Answer: do frequent customers also spend more per order?"""
    test = study.independent
    table = test.table
    values: dict[str, object] = {
        "effect": test.effect, "pearson": test.pearson, "spearman": test.spearman, "p": test.p,
        "few": table["orders"].iloc[0], "many": table["orders"].iloc[-1],
        "low": float(table["mean_spend"].iloc[0]), "high": float(table["mean_spend"].iloc[-1]),
    }  # fmt: skip
    template = {
        Finding.DIFFERS: "Frequency and spend go together by more than chance (rank correlation "
        "{spearman:number})",
        Finding.NOT_SETTLED: "Whether frequency and spend go together is not settled (rank "
        "correlation {spearman:number})",
    }.get(test.finding, "No sign that frequent customers spend more or less per order (rank "
                        "correlation {spearman:number})")  # fmt: skip
    # Between ends that chance could swap, the correlation speaks alone.
    if _ends_apart(study):
        ends = ": {high:money} an order with {many} repeat orders, {low:money} with {few}"
        template = per_order(template + ends, study, "high", "low")
    return (
        Reason(template, values),
        Reason(
            per_order(
                "Dots of the mean spend per order by repeat orders: {low:money} with {few}, "
                "{high:money} with {many}.",
                study,
                "high",
                "low",
            ),
            values,
        ),
    )


def _ends_apart(study: LifetimeStudy) -> bool:
    """Tell whether the most frequent spend more or less per order than the least, beyond chance."""
    effect = study.independent.effect
    return bool(effect.low > 1 or effect.high < 1)


def independence_note(study: LifetimeStudy) -> Reason:
    """Size the effect and say what it does to the forecast."""
    test = study.independent
    values: dict[str, object] = {
        "effect": test.effect.value, "low": test.effect.low, "high": test.effect.high,
        "pearson": test.pearson.value, "a": test.pearson.low, "b": test.pearson.high,
        "n": test.pearson.n,
    }  # fmt: skip
    template = (
        "The model of spend takes the two as independent. Over {n:count} repeat customers "
        "Pearson's "
        "correlation is {pearson:number} ({a:number} to {b:number}); the most frequent spend "
        "{effect:ratio} times as much per order as the least ({low:ratio} to {high:ratio})."
    )
    if test.finding is Finding.DIFFERS and _ends_apart(study):
        template += (
            " What frequent customers are worth is then a little understated, what others "
            "are worth "
            "overstated." if test.effect.value > 1 else
            " What frequent customers are worth is then a little overstated."
        )  # fmt: skip
    return Reason(template, values)


def timing(study: LifetimeStudy) -> Reason:
    """Answer: do orders come at random times, as the model takes for granted?"""
    k = study.regular
    means = {
        "random": "Orders follow one another about at random, as the model takes for granted",
        "regular": "Orders come more regularly than at random: customers who are late for "
        "their own "
        "rhythm are nearer to lost than the model believes",
        "in bursts": "Orders come in bursts: a pause says less than the model believes",
    }[k.kind]
    return Reason(
        means + " (shape {k:ratio}, {low:ratio} to {high:ratio}; 1 is random, over {n:count} "
        "customers).",
        {"k": k.k, "low": k.k.low, "high": k.k.high, "n": k.k.n},
    )
