"""Time the next offer on a base of any size, beside well-known libraries; a script, never a test.

python tests/benchmarks/bench_next_offer.py --customers 100000 --products 2000
python tests/benchmarks/bench_next_offer.py --customers 100000 --products 2000 --compare
"""

import argparse
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import psutil
from scipy.sparse import csr_matrix

sys.path.insert(0, str(Path(__file__).parents[2]))
from shared.analysis.offer_evaluation import evaluate, models_at_cut
from shared.analysis.offer_lists import offer_lists, prepare_offers
from shared.analysis.offer_matrix import OfferBase, bought_later, known_on, read_purchases
from shared.analysis.offer_models import NEIGHBOURS

START, DAYS, CUT_DAY, K = date(2023, 1, 1), 365, 320, 10
SNAPSHOT, HOLDOUT_DAYS = date(2024, 1, 1), DAYS - CUT_DAY
GB = 1024**3


def main() -> None:
    """Generate a shop, evaluate, make all lists, and print what it took."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        path = Path(folder) / "order_lines.parquet"
        write_lines(path, customers=asked.customers, products=asked.products, seed=asked.seed)
        lines = ibis.duckdb.connect(threads=2).read_parquet(path)
        base, seconds = _measured("counts from the engine", lambda: _read(lines))
        none = np.zeros(len(base.products), dtype=bool)
        judged, more = _measured("all methods evaluated", lambda: evaluate(base, repeatable=none))
        print(judged.table[["method", "hit_rate", "recall", "ndcg", "coverage"]].round(4))
        offering, fit = _measured(
            "chosen method on all data", lambda: prepare_offers(base, judged, repeatable=none)
        )
        lists, listed = _measured("lists with reasons", lambda: offer_lists(offering, k=K))
        total = seconds + more + fit + listed
        print(f"together {total:.1f} s: {len(lists):,} lines by {offering.method}")
        if asked.compare:
            compare(base)


def write_lines(path: Path, *, customers: int, products: int, seed: int) -> None:
    """Draw customers with tastes for 40 categories and write their purchases of a year."""
    rng = np.random.default_rng(seed)
    category = rng.integers(0, 40, products)
    popularity = np.minimum(rng.zipf(1.6, products), 200).astype(float)
    bought = rng.poisson(14, customers) + 1
    who = np.repeat(np.arange(customers), bought)
    taste = rng.dirichlet(np.full(40, 0.15), customers).cumsum(axis=1)
    chosen = (taste[who] < rng.random(len(who))[:, None]).sum(axis=1).clip(max=39)
    item = np.empty(len(who), dtype=int)
    for number in range(40):
        here, shelf = np.flatnonzero(chosen == number), np.flatnonzero(category == number)
        weight = popularity[shelf] / popularity[shelf].sum()
        item[here] = shelf[np.searchsorted(weight.cumsum(), rng.random(len(here))).clip(
            max=len(shelf) - 1)]  # fmt: skip
    day = rng.integers(0, DAYS, len(who))
    frame = pd.DataFrame(
        {
            "customer_id": np.char.add("C", np.char.zfill(who.astype(str), 7)),
            "product_id": np.char.add("P", np.char.zfill(item.astype(str), 5)),
            "order_date": pd.Timestamp(START) + pd.to_timedelta(day, unit="D"),
            "quantity": 1.0,
            "line_value": 5.0 + item % 90,
        }
    )
    frame.to_parquet(path)
    print(f"{len(frame):,} lines of {customers:,} customers and {products:,} products")


def compare(base: OfferBase) -> None:
    """Make the same lists at the cut with other libraries: seconds and hit rate side by side."""
    history, later = known_on(base, cut=True), bought_later(base)
    owned = history.bought
    wanted = (later - later.multiply(owned)).tocsr()
    wanted.eliminate_zeros()
    rows = np.flatnonzero(np.diff(owned.indptr))
    makers: dict[str, Callable[[], np.ndarray]] = {
        "this suite, neighbours": lambda: own_neighbours(base, rows),
        "scikit-learn, NearestNeighbors of products": lambda: library_neighbours(owned, rows),
        "scikit-learn, TruncatedSVD": lambda: library_factors(owned, rows),
    }
    try:
        import implicit  # type: ignore[import-not-found, unused-ignore]

        makers["implicit, CosineRecommender"] = lambda: implicit_lists(
            implicit.nearest_neighbours.CosineRecommender(K=100), owned, rows
        )
        makers["implicit, AlternatingLeastSquares"] = lambda: implicit_lists(
            implicit.als.AlternatingLeastSquares(factors=64, random_state=0), owned, rows
        )
    except ImportError:
        print("implicit is not installed: left out")
    for name, maker in makers.items():
        lists, seconds = _measured(name, maker)
        print(f"  {name}: hit rate {_hit_rate(lists, wanted[rows]):.4f} in {seconds:.1f} s")


def own_neighbours(base: OfferBase, rows: np.ndarray) -> np.ndarray:
    """Fit and list by the suite's own neighbours."""
    none = np.zeros(len(base.products), dtype=bool)
    scorer = models_at_cut(base, repeatable=none, methods=[NEIGHBOURS]).scorers[NEIGHBOURS]
    owned = known_on(base, cut=True).bought
    return _top(lambda some: np.asarray(scorer(some)), owned, rows)


def library_neighbours(owned: csr_matrix, rows: np.ndarray, *, neighbours: int = 100) -> np.ndarray:
    """List by the 100 nearest products of each, found by scikit-learn."""
    from sklearn.neighbors import NearestNeighbors

    products = owned.T.tocsr()
    model = NearestNeighbors(n_neighbors=neighbours + 1, metric="cosine").fit(products)
    distance, index = model.kneighbors(products)
    weight = (1 - distance).clip(min=0) * (index != np.arange(len(index))[:, None])
    start = np.repeat(np.arange(len(index)), index.shape[1])
    similar = csr_matrix((weight.ravel(), (start, index.ravel())), shape=(len(index),) * 2)
    return _top(lambda some: (owned[some] @ similar).toarray(), owned, rows)


def library_factors(owned: csr_matrix, rows: np.ndarray) -> np.ndarray:
    """List by 64 factors of scikit-learn's truncated SVD."""
    from sklearn.decomposition import TruncatedSVD

    model = TruncatedSVD(64, random_state=0)
    people = model.fit_transform(owned)
    return _top(lambda some: people[some] @ model.components_, owned, rows)


def implicit_lists(model: object, owned: csr_matrix, rows: np.ndarray) -> np.ndarray:
    """Fit a model of implicit and take its own lists."""
    model.fit(owned, show_progress=False)  # type: ignore[attr-defined]
    ids, _scores = model.recommend(rows, owned[rows], N=K)  # type: ignore[attr-defined]
    return np.asarray(ids)


def _top(
    scores: Callable[[np.ndarray], np.ndarray], owned: csr_matrix, rows: np.ndarray
) -> np.ndarray:
    parts = []
    for start in range(0, len(rows), 1024):
        some = rows[start : start + 1024]
        found = scores(some).copy()
        found[owned[some].toarray() > 0] = -np.inf
        best = np.argpartition(-found, K - 1, axis=1)[:, :K]
        parts.append(best)
    return np.concatenate(parts)


def _hit_rate(lists: np.ndarray, wanted: csr_matrix) -> float:
    asked = np.flatnonzero(np.diff(wanted.indptr))
    hits = [
        np.isin(lists[row], wanted.indices[wanted.indptr[row] : wanted.indptr[row + 1]]).any()
        for row in asked
    ]
    return float(np.mean(hits))


def _read(lines: ibis.Table) -> OfferBase:
    return read_purchases(lines, snapshot_date=SNAPSHOT, holdout_days=HOLDOUT_DAYS)


def _measured(name: str, work: Callable[[], object]) -> tuple[object, float]:
    """Run a piece of work and print its seconds, processor seconds and highest memory."""
    process, peak, done = psutil.Process(), [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            peak[0] = max(peak[0], process.memory_info().rss)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    made = work()
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_SELF)
    done.set()
    watcher.join()
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{name}: {seconds:.1f} s, {cpu:.1f} s of processor, peak {peak[0] / GB:.2f} GB")
    return made, seconds


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--products", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--compare", action="store_true", help="also other libraries")
    parser.add_argument("--folder", default=None, help="where the generated file is put")
    return parser.parse_args()


if __name__ == "__main__":
    main()
