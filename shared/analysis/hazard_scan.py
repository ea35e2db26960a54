"""Hazard scan: where does the rate of leaving rise most against a rate that changes evenly?"""

from dataclasses import dataclass

import numpy as np

from shared.analysis.smoothed_hazard import DailyRisks

LEAST_DAYS = 6  # on either side of a candidate
MOST_STEPS = 50
TINY, CERTAIN = np.log(1e-12), np.log(0.999)  # bounds of a log rate per day


@dataclass(frozen=True)
class HazardScan:
    """The days on which a rise is looked for, and the even rate that it must stand out from.

    Attributes
    ----------
    at_risk, lost : array of float
        Customers and losses on days 1, 2, … as long as enough are at risk.
    even : array of float
        Rate per day if it changes evenly with age.
    candidates : array of int
        Days after which the rate may rise.
    reach : int
        Days before and after a candidate that are compared.
    """

    at_risk: np.ndarray
    lost: np.ndarray
    even: np.ndarray
    candidates: np.ndarray
    reach: int

    @classmethod
    def of(cls, risks: DailyRisks, *, reach: int, least_at_risk: int) -> "HazardScan | None":
        """Take the days with enough customers; None if they are too few or nobody was lost."""
        at_risk, lost = risks.by_day(risks.customers)
        days = int(np.argmin(np.append(at_risk >= max(least_at_risk, 1), False)))
        at_risk, lost = at_risk[:days], lost[:days]
        edge = max(reach // 2, min(LEAST_DAYS, reach))
        if days < 2 * edge + 1 or not lost.any():
            return None
        return cls(at_risk, lost, even_rate(at_risk, lost), np.arange(edge, days - edge), reach)

    def days_without_loss(self) -> int:
        """Count the days at the start on which nobody was lost."""
        return int(np.argmax(self.lost > 0))

    def largest_rise(self, *, rng: np.random.Generator, draws: int) -> tuple[int, float]:
        """Find the candidate with the largest rise, and how often the even rate shows one."""
        rise = self._rise(self.at_risk, self.lost)
        place = int(rise.argmax())
        sample = rng.binomial(self.at_risk.astype("int64"), self.even, size=(draws, len(self.even)))
        highest = self._rise(self.at_risk, sample.astype(float)).max(axis=-1)
        return place, float((1 + (highest >= rise[place]).sum()) / (1 + draws))

    def resampled_days(
        self, risks: DailyRisks, *, rng: np.random.Generator, draws: int
    ) -> np.ndarray:
        """Find the day of the largest rise in bootstrap samples of the customers."""
        n = int(risks.customers.sum())
        samples = rng.multinomial(n, risks.customers / n, size=draws)
        at_risk, lost = (values[:, : len(self.lost)] for values in risks.by_day(samples))
        return np.asarray(self.candidates[self._rise(at_risk, lost).argmax(axis=-1)])

    def rates(self, place: int) -> tuple[float, float]:
        """Give the share lost per day before and after a candidate."""
        lost, at_risk = self._sides(self.lost), self._sides(self.at_risk)
        return float(lost[0][place] / at_risk[0][place]), float(lost[1][place] / at_risk[1][place])

    def _rise(self, at_risk: np.ndarray, lost: np.ndarray) -> np.ndarray:
        """Give the signed root of the likelihood ratio of two rates against one, by candidate."""
        expected, expected_after = self._sides(at_risk * self.even)
        before, after = self._sides(lost)
        pooled = (before + after) / (expected + expected_after)
        ratio = _deviance(before, expected * pooled) + _deviance(after, expected_after * pooled)
        sign = np.sign(after * expected - before * expected_after)
        return np.asarray(sign * np.sqrt(2 * np.maximum(ratio, 0)))

    def _sides(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Sum daily values over the reach before and after each candidate."""
        none = np.zeros((*values.shape[:-1], 1))
        total = np.concatenate([none, values.cumsum(axis=-1)], axis=-1)
        here = total[..., self.candidates]
        back = total[..., np.maximum(self.candidates - self.reach, 0)]
        ahead = total[..., np.minimum(self.candidates + self.reach, values.shape[-1])]
        return here - back, ahead - here


def even_rate(at_risk: np.ndarray, lost: np.ndarray) -> np.ndarray:
    """Fit a rate that changes evenly with age, a power of it times an exponential of it.

    Constant, Weibull, Gompertz and gamma-shaped rates are of this kind; a jump is not.
    """
    days = np.arange(1, len(lost) + 1) - 0.5
    x = np.column_stack([np.ones(len(days)), np.log(days), days / len(days)])
    beta = np.array([np.log(lost.sum() / at_risk.sum()), 0.0, 0.0])
    for _ in range(MOST_STEPS):
        expected = at_risk * np.exp(np.clip(x @ beta, TINY, CERTAIN))
        information = (x * expected[:, None]).T @ x + 1e-9 * np.eye(3)
        step = np.linalg.solve(information, x.T @ (lost - expected))
        beta = beta + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-8:
            break
    return np.asarray(np.exp(np.clip(x @ beta, TINY, CERTAIN)))


def _deviance(events: np.ndarray, expected: np.ndarray) -> np.ndarray:
    ratio = np.divide(events, expected, out=np.ones(events.shape), where=events > 0)
    return np.asarray(events * np.log(ratio))
