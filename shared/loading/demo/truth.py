"""What is planted in the demo client: every parameter of the generator, in one place."""

from dataclasses import asdict, dataclass, field
from datetime import date

SEED = 20260701
FIRST_DAY = date(2024, 7, 1)
LAST_DAY = date(2026, 6, 30)
SNAPSHOT_DATE = date(2026, 7, 1)
TRACKED_FROM = date(2025, 10, 1)
BUYERS = 4000
LEADS = 110
GUEST_ORDER_SHARE = 0.085


@dataclass(frozen=True)
class Purchasing:
    """BG/NBD in weeks of the seasonal clock: rate Gamma(r, alpha), drop-out Beta(a, b)."""

    r: float = 0.55
    alpha: float = 5.5
    a: float = 0.70
    b: float = 4.60


@dataclass(frozen=True)
class Spend:
    """Gamma-Gamma: an order is worth Gamma(p, rate nu) and nu is Gamma(q, rate gamma), in euros."""

    p: float = 4.0
    q: float = 3.6
    gamma: float = 39.0


@dataclass(frozen=True)
class Season:
    """Factors on the rate of orders; the curve is scaled to a mean of 1 over the two years."""

    months: tuple[float, ...] = (
        .88, .90, .95, .95, .95, .90, .86, .88, .98, 1.05, 1.12, 1.45,
    )  # fmt: skip
    weekdays: tuple[float, ...] = (0.95, 0.90, 0.95, 1.00, 1.10, 1.05, 1.05)
    after_christmas: float = 0.50
    black_friday_week: float = 1.9
    black_fridays: tuple[date, ...] = (date(2024, 11, 29), date(2025, 11, 28))


@dataclass(frozen=True)
class WeakCohort:
    """Customers won by one promotion, drawn from the slowest quarter of all purchase rates."""

    campaign: str = "Black Friday 2025"
    size: int = 330
    first_day: date = date(2025, 11, 24)
    last_day: date = date(2025, 12, 1)
    slowest_share: float = 0.25


@dataclass(frozen=True)
class Loyalty:
    """Joining waits an exponential time and needs a customer who has not been silent for long.

    Membership changes nothing in behaviour: members differ only because they stayed to join.
    """

    mean_days_to_join: float = 380.0
    silent_days: int = 180
    hazard_ratio: float = 1.0


@dataclass(frozen=True)
class AcquisitionChannel:
    """`tilt` is the pull of a channel on customers one sd above the median purchase rate."""

    name: str
    share: float
    tilt: float
    cost: float


ACQUISITION = (
    AcquisitionChannel("Organic search", 0.28, 0.15, 0.0),
    AcquisitionChannel("Paid search", 0.22, 0.0, 14.5),
    AcquisitionChannel("Instagram", 0.22, -0.55, 11.0),
    AcquisitionChannel("Referral", 0.14, 0.60, 6.0),
    AcquisitionChannel("Affiliate", 0.14, -0.25, 9.0),
)


@dataclass(frozen=True)
class Persona:
    """How one type of customer behaves; which customer is of which type is not in the data."""

    name: str
    letter: str
    share: float
    tastes: dict[str, float]
    positions: float
    units: int
    discount_share: float
    refund_share: float
    visits_per_day: float
    visit_minutes: float
    channels: tuple[float, float, float]
    email_opens: float


PERSONAS = (
    Persona("home baristas", "H", 0.37,
            {"CB": 6, "GC": 2, "TE": 1.5, "SY": 1.5, "BR": 2, "MG": 0.5, "CU": 1, "KI": .6,
             "PA": 1, "CA": 1.5},
            3.1, 2, 0.06, 0.015, 0.006, 4.0, (0.25, 0.70, 0.05), 3.0),
    Persona("bargain hunters", "B", 0.28,
            {"CB": 1, "GC": 3, "TE": 2, "SY": 2, "BR": .6, "MG": .1, "CU": 2.5, "KI": 2, "PA": 4,
             "CA": .5},
            2.4, 2, 0.86, 0.03, 0.012, 7.0, (0.75, 0.15, 0.10), 6.0),
    Persona("undecided browsers", "U", 0.20,
            {"CB": .7, "GC": .6, "TE": 1, "SY": .5, "BR": 3.5, "MG": 1, "CU": 4, "KI": 4, "PA": .6,
             "CA": .3},
            1.6, 1, 0.15, 0.24, 0.034, 17.0, (0.88, 0.07, 0.05), 3.0),
    Persona("small offices", "P", 0.15,
            {"CB": 8, "GC": 3, "TE": 2, "SY": 2, "BR": .1, "MG": .1, "CU": .3, "KI": .1, "PA": 1.5,
             "CA": 1.5},
            3.4, 9, 0.02, 0.005, 0.002, 3.0, (0.30, 0.02, 0.68), 0.5),
)  # fmt: skip


@dataclass(frozen=True)
class Affinity:
    """Products drawn together or apart in each order, whatever else is in it."""

    pairs: tuple[tuple[str, str], ...] = (
        ("TE-304", "PA-903"), ("CB-112", "PA-905"), ("CA-1002", "GC-208"), ("TE-307", "SY-406"),
    )  # fmt: skip
    item_share: float = 0.058
    lift: float = 3.0
    substitutes: tuple[str, str] = ("SY-401", "SY-402")
    substitute_share: float = 0.07
    substitute_lift: float = 0.15
    common_cause: tuple[str, str] = ("SY-404", "PA-902")
    promotion: str = "Spring Brunch 2026"
    promotion_month: tuple[int, int] = (2026, 3)
    promotion_share: float = 0.24
    usual_share: float = 0.015


@dataclass(frozen=True)
class Rhythm:
    """Consumables that come again once their cycle is over, in days."""

    favourite_days: float = 28.0
    due_share: float = 0.80
    early_share: float = 0.08
    cartridge: str = "CA-1001"
    cartridge_days: float = 60.0
    cartridge_users: float = 0.18
    core: str = "BR-504"
    consumable: str = "CA-1004"
    consumable_days: float = 45.0


@dataclass(frozen=True)
class Intent:
    """Web visits that announce an order: direct visits per day in the days before it."""

    mean_days: float = 9.0
    visits_per_day: float = 0.38
    cart_adds: float = 0.7
    usual_cart_adds: float = 0.05
    after_drop_out: float = 0.35


@dataclass(frozen=True)
class Mailing:
    """The randomised campaign: who is moved, driven away or unmoved, by opened e-mails.

    Without the mailing a customer orders within the window or not. Of those who would not, and who
    ordered twice before and have not dropped out for good, the mailing moves a share
    logit^-1(moved[0] + moved[1] * opens); of those who would, it drives away
    logit^-1(driven[0] + driven[1] * opens).
    """

    campaign_id: str = "SPRING-MAIL-26"
    label: str = "Spring mailing 2026"
    assigned_on: date = date(2026, 5, 18)
    window_days: int = 21
    joined_before: date = date(2026, 5, 1)
    discount: float = 0.15
    cost: float = 0.65
    moved: tuple[float, float] = (-3.0, 0.72)
    driven: tuple[float, float] = (1.4, -1.1)


CHANNELS = ("Google Ads", "Organic Search", "Instagram", "Newsletter", "Display", "Affiliate")


@dataclass(frozen=True)
class Journey:
    """A Markov chain of memory 1; a row leads to the six channels, then to SALES and NULL."""

    memory: int = 1
    longest_days: int = 28
    quiet_days: int = 35
    start: tuple[float, ...] = (0.19, 0.21, 0.25, 0.13, 0.14, 0.08, 0.0, 0.0)
    rows: dict[str, tuple[float, ...]] = field(
        default_factory=lambda: {
            "Google Ads": (.05, .12, .04, .12, .04, .06, .32, .25),
            "Organic Search": (.10, .03, .06, .13, .04, .05, .34, .25),
            "Instagram": (.24, .20, .08, .09, .05, .03, .06, .25),
            "Newsletter": (.07, .11, .05, .04, .03, .06, .41, .23),
            "Display": (.17, .15, .11, .07, .06, .06, .04, .34),
            "Affiliate": (.09, .08, .04, .08, .03, .03, .40, .25),
        }
    )  # fmt: skip
    click_share: dict[str, float] = field(
        default_factory=lambda: {"Instagram": 0.45, "Newsletter": 0.60, "Display": 0.15}
    )
    closing_click_share: float = 0.85
    click_cost: dict[str, float] = field(
        default_factory=lambda: {"Google Ads": 2.40, "Instagram": 1.60, "Display": 1.50,
                                 "Affiliate": 3.10}
    )  # fmt: skip
    impression_cost: float = 0.80
    stages: tuple[str, ...] = ("discover", "browse", "basket", "checkout")
    lost_at: tuple[float, ...] = (0.42, 0.30, 0.16, 0.12)
    satisfaction: tuple[float, ...] = (4.3, 4.2, 3.9, 3.0)
    answered: float = 0.12


@dataclass(frozen=True)
class Voice:
    """Shares of complaints by topic, the incident, the chronic step and the launch."""

    per_line: float = 0.047
    complaints: dict[str, float] = field(
        default_factory=lambda: {"logistics": 0.025, "production": 0.03, "pricing": 0.015,
                                 "after-sales": 0.025}
    )  # fmt: skip
    incident_topic: str = "logistics"
    incident_first: date = date(2026, 2, 9)
    incident_last: date = date(2026, 2, 22)
    incident_factor: float = 4.0
    chronic_topic: str = "pricing"
    chronic_from: date = date(2025, 10, 6)
    chronic_share: float = 0.05
    price_rise: float = 0.06
    launch_product: str = "SY-410"
    launch_on: date = date(2026, 3, 2)
    launch_complaints: float = 0.24
    launch_topic: str = "production"
    launch_per_line: float = 0.38
    non_complaint_levels: tuple[float, ...] = (0.10, 0.30, 0.60)
    german_share: float = 0.05
    turkish_share: float = 0.03


PURCHASING, SPEND, SEASON, WEAK_COHORT = Purchasing(), Spend(), Season(), WeakCohort()
LOYALTY, AFFINITY, RHYTHM, INTENT = Loyalty(), Affinity(), Rhythm(), Intent()
MAILING, JOURNEY, VOICE = Mailing(), Journey(), Voice()


def planted_parameters() -> dict[str, object]:
    """Return every parameter above under the names that `truth.json` uses."""
    return {
        "seed": SEED,
        "period": {"first_day": FIRST_DAY, "last_day": LAST_DAY, "tracked_from": TRACKED_FROM},
        "bgnbd": {"unit": "weeks", **asdict(PURCHASING)},
        "gamma_gamma": {"unit": "EUR", **asdict(SPEND)},
        "season": asdict(SEASON),
        "weak_cohort": asdict(WEAK_COHORT),
        "loyalty": asdict(LOYALTY),
        "acquisition": [asdict(channel) for channel in ACQUISITION],
        "personas": [asdict(persona) for persona in PERSONAS],
        "affinity": asdict(AFFINITY),
        "rhythm": asdict(RHYTHM),
        "intent": asdict(INTENT),
        "mailing": asdict(MAILING),
        "journey": asdict(JOURNEY),
        "voice": asdict(VOICE),
    }
