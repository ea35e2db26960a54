"""Time the fits of repeat purchases against the archived library lifetimes; never a test.

python tests/benchmarks/bench_purchase_model.py --customers 1000000
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from lifetimes import BetaGeoFitter

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))
from own_process import measured
from planted_lifetimes import bg_nbd_customers

from shared.analysis.purchase_model import (
    bootstrap_models,
    expected_purchases,
    fit_purchase_model,
    simulate_purchases,
)
from shared.analysis.repeat_summary import weighted_rows

HORIZON_DAYS = 182


def main() -> None:
    """Plant customers, fit them in each way and print the ratios."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        raw, counted = Path(folder) / "raw.parquet", Path(folder) / "counted.parquet"
        customers = planted_days(asked.customers)
        customers.to_parquet(raw)
        rows = weighted_rows(customers)
        rows.to_parquet(counted)
        print(f"{len(customers):,} customers with {len(rows):,} distinct histories, in days")
        _compare(rows)
        library_raw = measured("lifetimes, raw summary", library_fit, raw)
        library_counted = measured("lifetimes, counted histories", library_fit, counted)
        ours_raw = measured("ours, raw summary, counting included", own_fit, raw)
        ours_counted = measured("ours, counted histories", own_fit, counted)
        measured("ours, MBG/NBD, counted histories", own_fit, counted, "MBG/NBD")
        measured("ours, Pareto/NBD, counted histories", own_fit, counted, "Pareto/NBD")
        measured("ours, 20 refits, counted histories", refits, counted)
        measured("ours, fit and expected purchases of every customer", forecast, raw)
        measured("ours, fit and one draw of every customer", draw, raw)
    print(
        f"ratio lifetimes / ours: raw {library_raw / ours_raw:.1f}, "
        f"counted {library_counted / ours_counted:.1f}, "
        f"lifetimes raw / ours counted {library_raw / ours_counted:.1f}"
    )


def planted_days(customers: int) -> pd.DataFrame:
    """Plant customers of 8 to 104 weeks with ages in whole days, as order dates give them."""
    planted = bg_nbd_customers(1, n=customers, ages=(8, 104), holdout=0.0).histories
    recency, age = (np.floor(planted[name] * 7) for name in ("recency", "T"))
    # A repeat purchase on the first day would be merged with the first one.
    again = (planted["frequency"] > 0) & (recency == 0)
    return planted.assign(recency=recency.where(~again, 1.0), T=np.maximum(age, 1.0))


def library_fit(rows: pd.DataFrame) -> int:
    """Fit with lifetimes, with weights where there are some."""
    weight = rows.get("weight")
    BetaGeoFitter().fit(rows["frequency"], rows["recency"], rows["T"], weights=weight)
    return len(rows)


def own_fit(rows: pd.DataFrame, name: str = "BG/NBD") -> int:
    """Fit with our own likelihood."""
    fit_purchase_model(rows, name=name)
    return len(rows)


def refits(rows: pd.DataFrame) -> int:
    """Fit and refit 20 times."""
    bootstrap_models(rows, fit_purchase_model(rows), refits=20)
    return len(rows)


def forecast(rows: pd.DataFrame) -> int:
    """Fit and expect the purchases of every customer."""
    model = fit_purchase_model(rows)
    return len(
        expected_purchases(model, rows["frequency"], rows["recency"], rows["T"], HORIZON_DAYS)
    )


def draw(rows: pd.DataFrame) -> int:
    """Fit and draw the purchases of every customer once."""
    model, rng = fit_purchase_model(rows), np.random.default_rng(1)
    columns = (rows["frequency"], rows["recency"], rows["T"])
    return simulate_purchases(model, *columns, HORIZON_DAYS, rng=rng).shape[1]


def _loaded(path: Path, *further: str) -> tuple[pd.DataFrame | str, ...]:
    return (pd.read_parquet(path), *further)


for _work in (library_fit, own_fit, refits, forecast, draw):
    _work.before = _loaded  # type: ignore[attr-defined]


def _compare(rows: pd.DataFrame) -> None:
    columns = (rows["frequency"], rows["recency"], rows["T"])
    want = BetaGeoFitter().fit(*columns, weights=rows["weight"]).params_
    got = fit_purchase_model(rows).parameters
    said = ", ".join(f"{name} {got[name]:.4f} ({want[name]:.4f})" for name in got)
    print(f"ours (lifetimes): {said}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--folder", default=None, help="where the generated files are put")
    return parser.parse_args()


if __name__ == "__main__":
    main()
