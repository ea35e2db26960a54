"""The demo shop's customers: what drives each of them, and what the shop's CRM knows of them."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from shared.loading.demo.truth import (
    ACQUISITION,
    BUYERS,
    FIRST_DAY,
    LAST_DAY,
    LEADS,
    LOYALTY,
    PERSONAS,
    PURCHASING,
    SEASON,
    SEED,
    SPEND,
    WEAK_COHORT,
)

DAYS = (LAST_DAY - FIRST_DAY).days + 1
NEW_CUSTOMERS_BY_MONTH = (
    1.60, 1.25, 1.10, 1.00, 1.20, 1.30, 0.85, 0.85, 0.90, 0.95, 0.95, 0.85,
    0.85, 0.90, 1.00, 1.00, 1.10, 1.20, 0.85, 0.90, 1.05, 1.00, 0.95, 0.90,
)  # fmt: skip
CITIES = {
    "Ireland": (0.54, ("Dublin", "Cork", "Galway", "Limerick", "Waterford", "Sligo")),
    "Germany": (0.26, ("Berlin", "Hamburg", "München", "Köln", "Leipzig", "Bremen")),
    "Netherlands": (0.20, ("Amsterdam", "Rotterdam", "Utrecht", "Groningen", "Eindhoven")),
}
CITY_WEIGHTS = (0.38, 0.22, 0.16, 0.11, 0.08, 0.05)


@dataclass(frozen=True)
class Season:
    """The seasonal clock: weeks passed at the start of each day, one entry more than days."""

    clock: np.ndarray

    def days_at(self, weeks: np.ndarray | float) -> np.ndarray:
        """Return the day, with its fraction, on which the clock shows so many weeks."""
        return np.asarray(np.interp(weeks, self.clock, np.arange(DAYS + 1), right=np.inf))


def season_clock() -> Season:
    """Turn the seasonal factors into a clock that runs faster when people buy more."""
    factors = np.array([_season_factor(FIRST_DAY + timedelta(days=d)) for d in range(DAYS)])
    weeks = np.concatenate([[0.0], np.cumsum(factors / factors.mean())]) / 7
    return Season(weeks)


def draw_customers() -> pd.DataFrame:
    """Draw the buyers, in the order of their first day, with everything that drives them.

    Returns
    -------
    pd.DataFrame
        `rate` orders per seasonal week, `drop_out` probability after each repeat, `spend_rate`
        (nu of Gamma-Gamma), `persona` (position in PERSONAS), `first_day` (days since FIRST_DAY),
        `channel` and `campaign` of acquisition, `country`, `weak` (1 in the weak cohort).
    """
    rng = np.random.default_rng([SEED, 2])
    rate = rng.gamma(PURCHASING.r, 1 / PURCHASING.alpha, BUYERS)
    drop_out = rng.beta(PURCHASING.a, PURCHASING.b, BUYERS)
    spend_rate = rng.gamma(SPEND.q, 1 / SPEND.gamma, BUYERS)

    weak = _weak_cohort(rate, rng)
    speed, value = _normal_scores(rate), -_normal_scores(spend_rate)
    people = pd.DataFrame(
        {
            "rate": rate,
            "drop_out": drop_out,
            "spend_rate": spend_rate,
            "weak": weak,
            "persona": _personas(speed, value, weak, rng),
            "first_day": _first_days(weak, rng),
            "channel": _acquisition_channels(speed, rng),
            "country": draw_countries(BUYERS, rng),
        }
    )
    people["campaign"] = _acquisition_campaigns(people, rng)
    return people.sort_values("first_day", kind="stable", ignore_index=True)


def draw_countries(size: int, rng: np.random.Generator) -> np.ndarray:
    """Draw where customers live."""
    shares = np.array([share for share, _ in CITIES.values()])
    return rng.choice(np.array(list(CITIES)), size, p=shares)


def draw_memberships(first_day: np.ndarray, last_order_day: np.ndarray) -> np.ndarray:
    """Draw the day of joining the loyalty programme, NaN for those who never do.

    Joining depends on nothing but time: whoever is silent for too long is no longer asked, so
    members are those who stayed.
    """
    rng = np.random.default_rng([SEED, 3])
    joined = np.floor(first_day + rng.exponential(LOYALTY.mean_days_to_join, len(first_day)))
    asked = (joined < last_order_day + LOYALTY.silent_days) & (joined < DAYS)
    return np.where(asked, joined, np.nan)


def customer_ids(buyers: int, leads: int = LEADS) -> list[str]:
    """Give buyers and leads six digits with leading zeros and gaps, so that ids must be text."""
    rng = np.random.default_rng([SEED, 4])
    numbers = np.cumsum(rng.integers(1, 5, buyers + leads)) + 1200
    return [f"{number:06d}" for number in numbers]


def customer_rows(people: pd.DataFrame, ids: list[str], memberships: np.ndarray) -> list[list[str]]:
    """Return the CRM's table: buyers and leads by date of registration, with its gaps."""
    rng = np.random.default_rng([SEED, 5])
    costs = {channel.name: channel.cost for channel in ACQUISITION}
    registered = _with_leads(people, len(ids) - len(people), rng)
    rows = []
    for i, (day, persona, channel, campaign, country) in enumerate(registered):
        early = 0 if rng.random() < 0.6 else int(rng.integers(1, 21))
        member = memberships[i] if i < len(memberships) else np.nan
        rows.append(
            [
                ids[i],
                _day(day - early).isoformat(),
                "" if np.isnan(member) else _day(int(member)).isoformat(),
                *_person(rng),
                _city(country, rng),
                country,
                channel if rng.random() > 0.02 else "",
                campaign,
                _cost(costs[channel], rng),
                _price_attitude(persona, rng),
            ]
        )
    return sorted(rows, key=lambda row: (row[1], row[0]))


def _with_leads(
    people: pd.DataFrame, leads: int, rng: np.random.Generator
) -> list[tuple[int, int, str, str, str]]:
    """List day, persona, channel, campaign and country of buyers, then of those who only look."""
    columns = ("first_day", "persona", "channel", "campaign", "country")
    buyers = zip(*(people[column].tolist() for column in columns), strict=True)
    days = np.sort(rng.integers(0, DAYS, leads)).tolist()
    countries = draw_countries(leads, rng).tolist()
    return [
        *buyers,
        *((day, 2, "Paid search", "", c) for day, c in zip(days, countries, strict=True)),
    ]


def _season_factor(day: date) -> float:
    factor = SEASON.months[day.month - 1] * SEASON.weekdays[day.weekday()]
    if day.month == 12 and day.day >= 24:
        factor *= SEASON.after_christmas
    if any(-4 <= (day - friday).days <= 3 for friday in SEASON.black_fridays):
        factor *= SEASON.black_friday_week
    return factor


def _normal_scores(values: np.ndarray) -> np.ndarray:
    """Return ranks spread like a logistic variable with sd 1: order kept, outliers tamed."""
    share = (np.argsort(np.argsort(values, kind="stable"), kind="stable") + 0.5) / len(values)
    return np.log(share / (1 - share)) * np.sqrt(3) / np.pi


def _weak_cohort(rate: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    slow = np.argsort(rate, kind="stable")[: int(WEAK_COHORT.slowest_share * len(rate))]
    weak = np.zeros(len(rate), dtype=int)
    weak[rng.choice(slow, WEAK_COHORT.size, replace=False)] = 1
    return weak


def _personas(
    speed: np.ndarray, value: np.ndarray, weak: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Give each customer a type that goes with pace and value, at the planted shares."""
    noise = rng.normal(size=(3, len(speed)))
    office = 0.5 * speed + 0.9 * value + 0.7 * noise[0] - 9 * weak
    bargain = -0.3 * speed - 0.7 * value + 0.7 * noise[1] + 9 * weak
    persona = np.zeros(len(speed), dtype=int)
    free = np.ones(len(speed), dtype=bool)
    for kind, score in ((3, office), (1, bargain), (2, noise[2])):
        size = round(PERSONAS[kind].share * len(speed))
        chosen = np.argsort(np.where(free, -score, np.inf), kind="stable")[:size]
        persona[chosen], free[chosen] = kind, False
    return persona


def _first_days(weak: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    days = [_day(d) for d in range(DAYS)]
    start = FIRST_DAY.year * 12 + FIRST_DAY.month
    weights = np.array(
        [
            NEW_CUSTOMERS_BY_MONTH[d.year * 12 + d.month - start] * SEASON.weekdays[d.weekday()]
            for d in days
        ]
    )
    usual = rng.choice(DAYS, len(weak), p=weights / weights.sum())
    first, last = ((day - FIRST_DAY).days for day in (WEAK_COHORT.first_day, WEAK_COHORT.last_day))
    return np.where(weak == 1, rng.integers(first, last + 1, len(weak)), usual)


def _acquisition_channels(speed: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    weights = np.array([c.share * np.exp(c.tilt * speed) for c in ACQUISITION]).T
    weights /= weights.sum(axis=1, keepdims=True)
    chosen = (rng.random(len(speed))[:, None] > weights.cumsum(axis=1)).sum(axis=1)
    return np.array([c.name for c in ACQUISITION])[np.minimum(chosen, len(ACQUISITION) - 1)]


def _acquisition_campaigns(people: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    luck = rng.random(len(people))
    spring = (date(2026, 3, 1) - FIRST_DAY).days
    in_spring = people["first_day"].between(spring, spring + 30)
    campaign = np.where((people["first_day"] < 62) & (luck < 0.5), "Launch 2024", "")
    campaign = np.where(in_spring & (luck < 0.35), "Spring Brunch 2026", campaign)
    campaign = np.where(people["channel"] == "Referral", "Bring a Friend", campaign)
    return np.where(people["weak"] == 1, WEAK_COHORT.campaign, campaign)


def _person(rng: np.random.Generator) -> tuple[str, str]:
    born = str(int(np.clip(rng.normal(1983, 12), 1942, 2007))) if rng.random() > 0.09 else ""
    luck = rng.random()
    return born, "female" if luck < 0.47 else "male" if luck < 0.85 else "other" * (luck < 0.87)


def _city(country: str, rng: np.random.Generator) -> str:
    cities = CITIES[country][1]
    position = int(np.searchsorted(np.cumsum(CITY_WEIGHTS), rng.random()))
    return cities[position] if position < len(cities) and rng.random() > 0.04 else ""


def _cost(mean: float, rng: np.random.Generator) -> str:
    cost = mean * np.exp(rng.normal(-0.03, 0.25))
    return "" if rng.random() < 0.04 else f"{cost:.2f}"


def _price_attitude(persona: int, rng: np.random.Generator) -> str:
    """Answer of a survey, 1 (price does not matter) to 5; a third of customers answered."""
    answer = int(np.clip(round(rng.normal((2.6, 4.2, 3.1, 1.9)[persona], 0.8)), 1, 5))
    return str(answer) if rng.random() < 0.33 else ""


def _day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number)
