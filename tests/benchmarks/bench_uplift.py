"""Time 200 bootstraps of the Qini against scikit-uplift in one run; a script, never a test.

python tests/benchmarks/bench_uplift.py --customers 100000
"""

import argparse
import sys
import warnings
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))
from own_process import measured
from planted_campaigns import planted
from threadpoolctl import threadpool_limits

from shared.analysis.uplift_qini import qini_result
from shared.analysis.uplift_ranking import rank_customers

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray, int]


def main() -> None:
    """Draw a campaign, bootstrap its Qini both ways, and print the ratio."""
    asked = _arguments()
    library = measured("scikit-uplift, rows drawn anew", library_bootstrap, *vars(asked).values())
    own = measured("this suite, Poisson weights", own_bootstrap, *vars(asked).values())
    print(f"scikit-uplift takes {library / own:.1f} times as long")
    measured("this suite, five learners, choice and judgement", own_ranking, asked.customers, 0)


def own_bootstrap(score: np.ndarray, treated: np.ndarray, outcome: np.ndarray, draws: int) -> int:
    """Bootstrap as the page does: sorting, the area per customer and the curve's band included."""
    with threadpool_limits(1):
        found = qini_result(score, treated, outcome, draws=draws)
    _say(found.draws, found.qini.value)
    return len(score)


def library_bootstrap(
    score: np.ndarray, treated: np.ndarray, outcome: np.ndarray, draws: int
) -> int:
    """Bootstrap with scikit-uplift's curve; its own ratio to a perfect ranking is left out."""
    from sklearn.metrics import auc
    from sklift.metrics import qini_curve

    warnings.simplefilter("ignore")
    rng = np.random.default_rng(0)

    def qini(rows: np.ndarray) -> float:
        x, y = qini_curve(outcome[rows], score[rows], treated[rows])
        return float((auc(x, y) / len(rows) - y[-1] / 2) / treated[rows].sum())

    n = len(score)
    _say(np.array([qini(rng.integers(0, n, n)) for _ in range(draws)]), qini(np.arange(n)))
    return n


def own_ranking(customers: int, seed: int) -> int:
    """Choose among all learners on one half and judge on the other, 500 bootstraps included."""
    ranking = rank_customers(planted(seed, n=customers).contrast)
    print(f"  {ranking.learner}: Qini {ranking.result.qini.value:.4f}")
    return customers


def drawn(customers: int, draws: int) -> Arrays:
    """Draw the planted campaign and score it by its true effect plus noise."""
    made = planted(0, n=customers)
    score = made.effect + 0.05 * np.random.default_rng(1).normal(size=customers)
    return score, made.treated, made.outcome, draws


own_bootstrap.before = drawn  # type: ignore[attr-defined]
library_bootstrap.before = drawn  # type: ignore[attr-defined]


def _say(found: np.ndarray, value: float) -> None:
    low, high = np.quantile(found, [0.025, 0.975])
    print(f"  Qini {value:.5f}, {low:.5f} to {high:.5f}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--draws", type=int, default=200)
    return parser.parse_args()


if __name__ == "__main__":
    main()
