"""What the demo shop's customers think: reviews with an incident, a chronic step and a launch."""

import re

import numpy as np
import pandas as pd

from shared.loading.demo.catalogue import CONSUMED, Catalogue
from shared.loading.demo.orders import (
    DAY_MINUTES,
    END_MINUTE,
    GUEST,
    day_number,
    entries,
    timestamp,
)
from shared.loading.demo.phrases import (
    CLOSINGS,
    CONTEXTS,
    FOREIGN,
    MADE,
    OPENINGS,
    PLAIN,
    SLOTS,
    TOPIC_SENTENCES,
    WISHES,
)
from shared.loading.demo.truth import SEED, VOICE

HEADER = ("review_id", "written_at", "customer_id", "product_id", "rating", "language", "source",
          "text")  # fmt: skip
TOPICS = tuple(VOICE.complaints)
SOURCES = ("shop", "survey", "app")
NOUNS = {"CB": "coffee", "GC": "coffee", "TE": "tea", "SY": "bottle", "BR": "gadget",
         "MG": "machine", "CU": "set", "KI": "thing", "PA": "treat", "CA": "pack"}  # fmt: skip
PRAISE_SHARES = (0.25, 0.50, 0.10, 0.15)  # of TOPICS
MOOD_OF_PERSONA = (0.9, 0.9, 1.7, 0.7)
WISH_SHARE, SECOND_TOPIC_SHARE, REPEATED_TEXTS = 0.07, 0.18, 8
_CONTEXT_SHARE, _LOWER_CASE = 0.45, 0.07
_SIZE = re.compile(r"\s+(\d.*|Set of \d|No\. 4 .*)$")


def draw_reviews(
    lines: pd.DataFrame, orders: pd.DataFrame, people: pd.DataFrame, catalogue: Catalogue
) -> pd.DataFrame:
    """Draw who reviews what, when, in which mood and about which topic.

    Returns
    -------
    pd.DataFrame
        `customer`, `product`, `minute`, `topic` (a name; of a complaint or of praise), `mood`
        (-2 to +2; a complaint is negative), `language`, by time.
    """
    rng = np.random.default_rng([SEED, 14])
    launch = catalogue.position(VOICE.launch_product)
    product = lines["product"].to_numpy()
    share = np.where(product == launch, VOICE.launch_per_line, VOICE.per_line)
    chosen = np.flatnonzero(rng.random(len(lines)) < share)
    order = lines["order"].to_numpy()[chosen]
    wait = rng.gamma(3.0, 2.6, len(chosen)) + 2
    reviews = pd.DataFrame(
        {
            "customer": orders["customer"].to_numpy()[order],
            "country": orders["country"].to_numpy()[order],
            "product": product[chosen],
            "minute": orders["minute"].to_numpy()[order] + (wait * DAY_MINUTES).astype(int),
        }
    )
    reviews = reviews[reviews["minute"] < END_MINUTE]
    reviews = reviews.sort_values(["minute", "customer", "product"], ignore_index=True)
    return _with_moods(reviews, launch, people, rng)


def review_rows(reviews: pd.DataFrame, ids: list[str], catalogue: Catalogue) -> list[list[str]]:
    """Return the review export: texts, stars that mostly agree with them, and its gaps."""
    rng = np.random.default_rng([SEED, 15])
    rows = []
    columns = ("customer", "minute", "product", "topic", "mood", "language")
    for i, (customer, minute, product, topic, mood, language) in enumerate(
        entries(reviews, *columns), start=1
    ):
        luck = rng.random(5)
        stars = mood + 3 + (0 if luck[0] > 0.06 else (1 if mood < 0 else -1))
        item = _item(catalogue, product, rng)
        edible = catalogue.category[product] in CONSUMED
        rows.append(
            [
                f"RV-{i:05d}",
                f"{timestamp(minute):%Y-%m-%d %H:%M}",
                ids[customer] if customer != GUEST and luck[1] > 0.12 else "",
                catalogue.product_id[product] if luck[2] > 0.06 else "",
                str(min(max(stars, 1), 5)) if luck[3] > 0.03 else "",
                language if luck[4] > 0.08 else "",
                _one(SOURCES, rng),
                _text(language, _sentences(language, topic, mood, edible, rng), item, rng),
            ]
        )
    for i in rng.choice(np.arange(50, len(rows)), REPEATED_TEXTS, replace=False).tolist():
        rows[i][-1] = rows[i - 1][-1]
        rows[i][4:6] = rows[i - 1][4:6]
    return rows


def complaint_shares(day: int) -> dict[str, float]:
    """Return the planted share of complaints by topic among texts of one day."""
    shares = dict(VOICE.complaints)
    if day >= day_number(VOICE.chronic_from):
        shares[VOICE.chronic_topic] = VOICE.chronic_share
    if day_number(VOICE.incident_first) <= day <= day_number(VOICE.incident_last):
        shares[VOICE.incident_topic] += (VOICE.incident_factor - 1) * sum(shares.values())
    return shares


def _with_moods(
    reviews: pd.DataFrame, launch: int, people: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    customer = reviews["customer"].to_numpy()
    persona = np.where(customer == GUEST, 0, people["persona"].to_numpy()[customer])
    factor = np.array(MOOD_OF_PERSONA)[persona]
    factor = factor / factor.mean()
    drawn = []
    for i, (product, minute, country) in enumerate(
        entries(reviews, "product", "minute", "country")
    ):
        shares = complaint_shares(minute // DAY_MINUTES)
        if product == launch:
            shares[VOICE.launch_topic] += VOICE.launch_complaints
        drawn.append((*_mood(shares, float(factor[i]), rng), _language(country, rng)))
    topics, moods, languages = zip(*drawn, strict=True)
    return reviews.assign(topic=topics, mood=moods, language=languages)


def _mood(shares: dict[str, float], factor: float, rng: np.random.Generator) -> tuple[str, int]:
    sums = np.cumsum([share * factor for share in shares.values()])
    position = int(np.searchsorted(sums, rng.random(), side="right"))
    if position < len(TOPICS):
        return TOPICS[position], -2 if rng.random() < 0.6 else -1
    topic = TOPICS[int(rng.choice(len(TOPICS), p=PRAISE_SHARES))]
    return topic, int(rng.choice(3, p=VOICE.non_complaint_levels))


def _language(country: str, rng: np.random.Generator) -> str:
    """Write German or Turkish only in Germany, at the planted shares of all texts."""
    luck = rng.random() * 0.26
    if country != "Germany" or luck > VOICE.german_share + VOICE.turkish_share:
        return "en"
    return "de" if luck < VOICE.german_share else "tr"


def _item(catalogue: Catalogue, product: int, rng: np.random.Generator) -> str:
    """Call a product by its name without the size, or by what it is."""
    name = _SIZE.sub("", catalogue.name[product])
    return NOUNS[catalogue.category[product]] if rng.random() < 0.5 else name


def _sentences(
    language: str, topic: str, mood: int, edible: bool, rng: np.random.Generator
) -> list[str]:
    if language == "en":
        return _english(topic, mood, edible, rng)
    bank = FOREIGN[language][mood]
    first, second = rng.choice(len(bank), 2, replace=False).tolist()
    return [bank[first], bank[second]] if rng.random() < 0.6 else [bank[first]]


def _text(language: str, sentences: list[str], item: str, rng: np.random.Generator) -> str:
    """Join the sentences; some people write English without capitals."""
    text = " ".join(_filled(sentence, item, rng) for sentence in sentences if sentence)
    return text.lower() if language == "en" and rng.random() < _LOWER_CASE else text


def _filled(sentence: str, item: str, rng: np.random.Generator) -> str:
    """Fill the slots of one sentence, and start it with a capital."""
    words = {slot: _one(choices, rng) for slot, choices in SLOTS.items()}
    text = sentence.format(item=item, days=int(rng.integers(3, 13)), **words)
    return text[0].upper() + text[1:]


def _english(topic: str, mood: int, edible: bool, rng: np.random.Generator) -> list[str]:
    """Put opening, one or two statements and a closing together."""
    bank = TOPIC_SENTENCES | {"production": MADE[edible]}
    statement = _one(bank[topic][mood] if mood else PLAIN, rng)
    parts = [_one(OPENINGS[mood], rng), statement]
    if rng.random() < _CONTEXT_SHARE:
        parts.insert(int(rng.integers(0, 3)), _one(CONTEXTS, rng))
    if rng.random() < SECOND_TOPIC_SHARE:
        # A complaint with a kind word, praise with more of it: texts are seldom of one piece.
        other = TOPICS[(TOPICS.index(topic) + 1 + int(rng.integers(0, 3))) % len(TOPICS)]
        parts.append(_one(bank[other][1], rng))
    if rng.random() < WISH_SHARE:
        kind = int(rng.choice(len(WISHES), p=[share for share, _ in WISHES]))
        parts.append(_one(WISHES[kind][1], rng))
    return [*parts, _one(CLOSINGS[mood], rng)]


def _one(choices: tuple[str, ...], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(0, len(choices)))]
