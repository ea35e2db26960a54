"""Generator G11: texts with a share of complaints that is flat, rises for a while, or stays."""

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd

FIRST_DAY = date(2024, 1, 1)  # a Monday
WEEKS = 80
SNAPSHOT = FIRST_DAY + timedelta(weeks=WEEKS)
INCIDENT = (50, 51)  # weeks, counted from 0
STEP = 48
TOPICS = {"delivery": "logistics", "taste": "production", "price": "pricing"}
FLAT = {"delivery": 0.10, "taste": 0.06, "price": 0.04}


def planted_texts(
    seed: int, *, volume: float = 40, incident: bool = False, step: bool = False
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw weekly Poisson volumes and complaints by topic.

    `incident` makes deliveries four times as bad for two weeks, `step` prices three times as bad
    for good.

    Returns
    -------
    tuple
        Texts (`review_id`, `written_at`, `sentiment`) and complaints (`review_id`, `topic`).
    """
    rng = np.random.default_rng([2024, seed])
    texts, complaints = [], []
    for week in range(WEEKS):
        shares = dict(FLAT)
        shares["delivery"] *= 4 if incident and INCIDENT[0] <= week <= INCIDENT[1] else 1
        shares["price"] *= 3 if step and week >= STEP else 1
        for _text in range(rng.poisson(volume)):
            review = f"r{len(texts):06d}"
            moment = datetime.combine(FIRST_DAY, datetime.min.time()) + timedelta(
                weeks=week, minutes=int(rng.integers(0, 7 * 1440))
            )
            own = [topic for topic, share in shares.items() if rng.random() < share]
            texts.append((review, moment, -1 if own else 1))
            complaints += [(review, topic) for topic in own]
    dated = pd.DataFrame(texts, columns=["review_id", "written_at", "sentiment"])
    return dated, pd.DataFrame(complaints, columns=["review_id", "topic"])


def planted_launch(seed: int, *, shift: float, side: int = 200) -> pd.DataFrame:
    """Draw texts on a new product and on others since its launch, means apart by `shift`, sd 1."""
    rng = np.random.default_rng([2025, seed])
    rows = []
    for product, mean in (("new", shift), ("old", 0.0)):
        for i in range(side):
            day = SNAPSHOT - timedelta(days=int(rng.integers(1, 60)))
            rows.append((f"{product}{i}", pd.Timestamp(day), product, rng.normal(mean, 1)))
    frame = pd.DataFrame(rows, columns=["review_id", "written_at", "product_id", "rating"])
    return frame.assign(sentiment=np.sign(frame["rating"]).astype("int64"))
