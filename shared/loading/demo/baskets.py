"""What lies in the demo shop's baskets: tastes, pairs, rhythms, vouchers, and goods sent back."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from shared.loading.demo.catalogue import CONSUMED, Catalogue, prices_on
from shared.loading.demo.orders import DAY_MINUTES, GUEST, day_number, entries
from shared.loading.demo.truth import (
    AFFINITY,
    MAILING,
    PERSONAS,
    RHYTHM,
    SEED,
    SPEND,
    VOICE,
    WEAK_COHORT,
)

VOUCHER = "Voucher"
LAUNCH_SHARE = 0.11
_FILL_SHARE = 0.35  # of the budget still open: then one more product is put in
_SMALL = 5.0  # euros: nobody adds a product for less
_LEFT_OVER = 0.955  # of an order's drawn value is reached on average with whole products
_HABIT = 0.3  # of free positions repeat something bought before
_BLACK_FRIDAY_SHARE, _BLACK_FRIDAY_RATE, _BRUNCH_RATE = 0.75, 0.20, 0.15


@dataclass
class _Habits:
    """What one customer likes, owns and has bought; filled while the orders pass by in time."""

    weights: np.ndarray
    spend_rate: float
    persona: int
    cycles: dict[int, float]
    last_bought: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Shelf:
    """The range as arrays, and the positions of the products that follow rules of their own."""

    price: dict[bool, np.ndarray]
    consumed: np.ndarray
    popularity: np.ndarray
    category: np.ndarray
    special: dict[str, int]


def draw_lines(orders: pd.DataFrame, people: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Fill every order.

    Returns
    -------
    pd.DataFrame
        One row per product in an order: `order` (position in `orders`), `product` (position in
        the catalogue), `quantity`, `price`, `discount` (euros for the line), `campaign`.
    """
    rng = np.random.default_rng([SEED, 7])
    shelf = _stock_shelf(catalogue)
    habits = [_draw_habits(i, people, shelf, rng) for i in range(len(people))]
    weak = people["weak"].to_numpy() == 1
    rows = []
    for order, (customer, minute, mailed) in enumerate(
        entries(orders, "customer", "minute", "mailed")
    ):
        person = habits[customer] if customer != GUEST else _guest(people, shelf, rng)
        day = minute // DAY_MINUTES
        won = customer != GUEST and weak[customer] and day == people["first_day"][customer]
        rate, label = _order_discount(person, day, mailed, bool(won), rng)
        basket = _fill_basket(person, day, rate, shelf, rng)
        for product, (quantity, price) in basket.items():
            line_rate, line_label = _line_discount(product, day, rate, label, shelf)
            discount = round(quantity * price * line_rate, 2)
            rows.append((order, product, quantity, price, discount, line_label))
    return pd.DataFrame(
        rows, columns=["order", "product", "quantity", "price", "discount", "campaign"]
    )


def draw_refunds(
    lines: pd.DataFrame, orders: pd.DataFrame, people: pd.DataFrame, last_minute: int
) -> pd.DataFrame:
    """Draw which lines come back: `line`, `minute` of the credit note, `quantity` returned."""
    rng = np.random.default_rng([SEED, 8])
    customer = orders["customer"].to_numpy()[lines["order"]]
    persona = np.where(customer == GUEST, 0, people["persona"].to_numpy()[customer])
    share = np.array([p.refund_share for p in PERSONAS])[persona]
    line = np.flatnonzero(rng.random(len(lines)) < share)
    wait = rng.integers(3, 19, len(line)) * DAY_MINUTES + rng.integers(-200, 200, len(line))
    minute = orders["minute"].to_numpy()[lines["order"].to_numpy()[line]] + wait
    bought = lines["quantity"].to_numpy()[line]
    part = np.where(rng.random(len(line)) < 0.8, bought, rng.integers(1, bought + 1))
    refunds = pd.DataFrame({"line": line, "minute": minute, "quantity": part})
    return refunds[refunds["minute"] < last_minute].sort_values("minute", kind="stable")


def _stock_shelf(catalogue: Catalogue) -> _Shelf:
    codes = np.array(catalogue.category)
    rank = np.array([int(product_id[-2:]) for product_id in catalogue.product_id])
    ruled = {
        *(item for pair in AFFINITY.pairs for item in pair), *AFFINITY.substitutes,
        *AFFINITY.common_cause, RHYTHM.cartridge, RHYTHM.consumable, VOICE.launch_product,
    }  # fmt: skip
    special = {item: catalogue.position(item) for item in sorted({*ruled, RHYTHM.core})}
    popularity = 1 / rank**0.7
    popularity[[special[item] for item in sorted(ruled)]] = 0
    return _Shelf(
        {risen: prices_on(catalogue, after_rise=risen) for risen in (False, True)},
        np.isin(codes, sorted(CONSUMED)),
        popularity,
        codes,
        special,
    )


def _draw_habits(i: int, people: pd.DataFrame, shelf: _Shelf, rng: np.random.Generator) -> _Habits:
    persona = int(people["persona"][i])
    tastes = PERSONAS[persona].tastes
    liking = {code: weight * rng.gamma(3.0) / 3 for code, weight in tastes.items()}
    weights = np.array([liking[code] for code in shelf.category]) * shelf.popularity
    cycles = {}
    if persona != 2 and rng.random() < 0.75:
        beans = np.where(np.isin(shelf.category, ["CB", "GC"]), shelf.popularity, 0)
        favourite = _pick(beans, rng)
        cycles[favourite] = RHYTHM.favourite_days * rng.uniform(0.8, 1.25)
        weights[favourite] = 0
    if rng.random() < RHYTHM.cartridge_users:
        cycles[shelf.special[RHYTHM.cartridge]] = RHYTHM.cartridge_days * rng.uniform(0.9, 1.1)
    return _Habits(weights, float(people["spend_rate"][i]), persona, cycles)


def _guest(people: pd.DataFrame, shelf: _Shelf, rng: np.random.Generator) -> _Habits:
    """Let a guest buy like a random customer whom nobody can know again."""
    return _draw_habits(int(rng.integers(0, len(people))), people, shelf, rng)


def _order_discount(
    person: _Habits, day: int, mailed: bool, won: bool, rng: np.random.Generator
) -> tuple[float, str]:
    """Return the rate and the name of the promotion that covers a whole order."""
    first, last = day_number(WEAK_COHORT.first_day), day_number(WEAK_COHORT.last_day)
    if won or (first <= day <= last and rng.random() < _BLACK_FRIDAY_SHARE):
        return _BLACK_FRIDAY_RATE, WEAK_COHORT.campaign
    if mailed:
        return MAILING.discount, MAILING.label
    if rng.random() < PERSONAS[person.persona].discount_share:
        return (0.10, 0.15, 0.20)[int(rng.integers(0, 3))], VOUCHER
    return 0.0, ""


def _line_discount(
    product: int, day: int, rate: float, label: str, shelf: _Shelf
) -> tuple[float, str]:
    """Add the promotion month of two products where no other promotion holds."""
    promoted = {shelf.special[item] for item in AFFINITY.common_cause}
    if not rate and product in promoted and _in_promotion_month(day):
        return _BRUNCH_RATE, AFFINITY.promotion
    return rate, label


def _fill_basket(
    person: _Habits, day: int, rate: float, shelf: _Shelf, rng: np.random.Generator
) -> dict[int, tuple[int, float]]:
    """Draw the order's value, put in what its rules ask for, then spend the rest by taste."""
    price = shelf.price[day >= day_number(VOICE.chronic_from)]
    rest = rng.gamma(SPEND.p) / person.spend_rate / (1 - rate) / _LEFT_OVER
    most = PERSONAS[person.persona].units
    basket: dict[int, tuple[int, float]] = {}
    for product in [*_ruled_items(day, shelf, rng), *_due_items(person, day, rng)]:
        if price[product] < 1.3 * rest:
            units = min(most, max(1, round(rest / 3 / price[product]))) if most > 2 else 1
            basket.setdefault(product, (units, float(price[product])))
            rest -= units * price[product]
    wanted = 1 + int(rng.poisson(PERSONAS[person.persona].positions - 1)) - len(basket)
    floor = rest * _FILL_SHARE
    for place in range(wanted, wanted - 9, -1):
        if basket and (rest < _SMALL or (place < 1 and rest < floor)):
            break
        budget = max(rest / max(place, 1), _SMALL)
        product = _choose(person, (price, budget), basket, shelf, rng)
        most_here = most if shelf.consumed[product] else min(most, 2)
        units = int(np.clip(round(budget / price[product]), 1, most_here))
        basket[product] = (units, float(price[product]))
        rest -= units * price[product]
    _remember(person, day, basket, shelf, rng)
    return basket


def _ruled_items(day: int, shelf: _Shelf, rng: np.random.Generator) -> list[int]:
    """Draw the planted pairs, the substitutes, the promoted two and the new product."""
    luck = rng.random((7, 2))
    plan = AFFINITY
    promoted = plan.promotion_share if _in_promotion_month(day) else plan.usual_share
    drawn = [
        *(_together(p, plan.item_share, plan.lift, luck[k]) for k, p in enumerate(plan.pairs)),
        _together(plan.substitutes, plan.substitute_share, plan.substitute_lift, luck[4]),
        _together(plan.common_cause, promoted, 1.0, luck[5]),
    ]
    if day >= day_number(VOICE.launch_on) and luck[6, 0] < LAUNCH_SHARE:
        drawn.append([VOICE.launch_product])
    return [shelf.special[item] for items in drawn for item in items]


def _together(pair: tuple[str, str], share: float, lift: float, luck: np.ndarray) -> list[str]:
    """Draw two items of the same share so that both come `lift` times as often as by chance."""
    first = luck[0] < share
    given = lift * share if first else share * (1 - lift * share) / (1 - share)
    return [pair[0]] * int(first) + [pair[1]] * int(luck[1] < given)


def _due_items(person: _Habits, day: int, rng: np.random.Generator) -> list[int]:
    """Draw the consumables whose cycle is over, and rarely one before its time."""
    due = []
    for product, cycle in person.cycles.items():
        over = day - person.last_bought.get(product, -1000) >= cycle
        if rng.random() < (RHYTHM.due_share if over else RHYTHM.early_share):
            due.append(product)
    return due


def _choose(
    person: _Habits,
    offer: tuple[np.ndarray, float],
    basket: dict[int, tuple[int, float]],
    shelf: _Shelf,
    rng: np.random.Generator,
) -> int:
    """Choose one product by taste among those that fit the budget, or the nearest in price."""
    price, budget = offer
    known = [p for p in person.last_bought if p not in basket and price[p] <= 1.15 * budget]
    known = [p for p in known if shelf.consumed[p] and person.weights[p] > 0]
    if known and rng.random() < _HABIT:
        return known[int(rng.integers(0, len(known)))]
    units = PERSONAS[person.persona].units
    reach = np.where(shelf.consumed, units, 1) * price
    free = person.weights.copy()
    free[list(basket)] = 0
    fits = free * ((price <= 1.5 * budget) & (reach >= 0.35 * budget))
    if fits.sum() > 0:
        return _pick(fits, rng)
    liked = np.where(free > 0, np.abs(price - budget), np.inf)
    return int(np.argmin(liked))


def _remember(
    person: _Habits,
    day: int,
    basket: dict[int, tuple[int, float]],
    shelf: _Shelf,
    rng: np.random.Generator,
) -> None:
    for product in basket:
        person.last_bought[product] = day
    if shelf.special[RHYTHM.core] in basket:
        filters = shelf.special[RHYTHM.consumable]
        person.cycles.setdefault(filters, RHYTHM.consumable_days * rng.uniform(0.85, 1.15))
        person.last_bought.setdefault(filters, day)


def _in_promotion_month(day: int) -> bool:
    year, month = AFFINITY.promotion_month
    start = day_number(WEAK_COHORT.first_day.replace(year=year, month=month, day=1))
    return start <= day < start + 31


def _pick(weights: np.ndarray, rng: np.random.Generator) -> int:
    sums = np.cumsum(weights)
    return int(np.searchsorted(sums, rng.random() * sums[-1], side="right"))
