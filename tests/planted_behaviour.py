"""Profiles of customers who differ in what they put into a basket, by kinds that are known."""

import numpy as np
import pandas as pd

# Mean discount, share sent back, share from the main category, products and units of a product.
KINDS = {
    "plain": (0.02, 0.02, 0.45, 2.5, 1.1),
    "discount": (0.22, 0.02, 0.45, 2.5, 1.1),
    "returning": (0.02, 0.30, 0.45, 2.5, 1.1),
    "bulk": (0.02, 0.02, 0.85, 2.5, 5.0),
}
EACH = 200


def planted_baskets(seed, *, kinds, customers=None):
    """Draw profiles of customers, equally many of each kind; give them with the kind of each."""
    rng = np.random.default_rng(seed)
    n = customers or EACH * len(kinds)
    kind = np.arange(n) % len(kinds)
    off, back, main, positions, units = np.array([KINDS[name] for name in kinds])[kind].T
    held = np.clip(positions * rng.lognormal(0, 0.15, n), 1, None)
    profile = pd.DataFrame(
        {
            "customer_id": [f"c{number:04d}" for number in range(n)],
            "frequency": rng.integers(3, 12, n),
            "discount_share": np.clip(off + rng.normal(0, 0.015, n), 0, 1),
            "refund_rate": np.clip(back + rng.normal(0, 0.02, n), 0, 1),
            "top_category_share": np.clip(main + rng.normal(0, 0.08, n), 0.05, 1),
            "positions_per_order": held,
            "units_per_order": held * units * rng.lognormal(0, 0.1, n),
        }
    )
    return profile, kind
