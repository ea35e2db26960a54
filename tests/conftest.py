"""What several tests share: where the public data are, one of them read, folders made once."""

import gc
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import ibis
import pytest
from deliveries import deliver, delivered_folder
from filelock import FileLock
from hypothesis import HealthCheck, settings
from ibis import _
from threadpoolctl import threadpool_limits

from shared.loading import load_client
from shared.loading.client import Client

ROOT = Path(__file__).parents[1]
LONGEST = "test_another_run_elsewhere_gives_the_same_bytes"
# A busy machine is no fault of an example.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes minutes, which would else run on alone when all others are done."""
    items.sort(key=lambda item: item.name != LONGEST)


def pytest_collection_finish() -> None:
    """Spare the processor what no test is about, now that all modules are imported."""
    # Several workers share the machine, and threads of one that wait for others wait busily.
    threadpool_limits(1)
    # Modules and collected tests stay to the end: the collector need not look at them.
    gc.freeze()
    gc.set_threshold(20_000)


@pytest.fixture(scope="session")
def datasets() -> Path:
    """Give the folder of the public data sets, or skip and say which folder was looked for."""
    folder = Path(os.environ.get("CRM_DATASETS", ROOT.parent / "shared" / "datasets"))
    if not folder.is_dir():
        pytest.skip(f"no public data sets at {folder}; set CRM_DATASETS")
    return folder


@pytest.fixture(scope="session")
def online_retail(datasets, once) -> ibis.Table:
    """Read the lines of Online Retail with a customer, refunds and free goods included."""

    def make(folder: Path) -> None:
        raw = ibis.duckdb.connect().read_csv(
            str(datasets / "online_retail" / "online_retail.csv.gz"), all_varchar=True
        )
        lines = raw.select(
            customer_id=_.CustomerID,
            order_id=_.InvoiceNo,
            order_date=_.InvoiceDate.cast("timestamp"),
            product_id=_.StockCode,
            quantity=_.Quantity.cast("float64"),
            unit_price=_.UnitPrice.cast("float64"),
        ).filter(_.customer_id.notnull() & (_.customer_id != ""))
        lines.mutate(line_value=_.quantity * _.unit_price).to_parquet(folder / "lines.parquet")

    file = once("online-retail-lines", make) / "lines.parquet"
    return ibis.duckdb.connect().read_parquet(str(file)).cache()


@pytest.fixture(scope="session")
def online_retail_bought(online_retail) -> ibis.Table:
    """Give the lines with a positive quantity and price, on which most published figures rest."""
    return online_retail.filter(_.quantity > 0, _.unit_price > 0)


@pytest.fixture(scope="session")
def once(tmp_path_factory, worker_id) -> Callable[[str, Callable[[Path], None]], Path]:
    """Make a folder once for all processes of a test run; nobody may touch it afterwards."""
    base = tmp_path_factory.getbasetemp()
    root = base if worker_id == "master" else base.parent

    def made(name: str, make: Callable[[Path], None]) -> Path:
        folder, finished = root / name, root / f"{name}.made"
        with FileLock(root / f"{name}.lock"):
            if not finished.exists():
                shutil.rmtree(folder, ignore_errors=True)  # of a worker that failed half-way
                folder.mkdir()
                make(folder)
                finished.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def public_client(datasets, once) -> Callable[[str], Client]:
    """Take a public client in once, by its committed rules, and open it."""

    def opened(name: str) -> Client:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CRM_DATASETS", str(datasets))
            given = {"data": ROOT / "tests" / "clients"}
            made = once(f"taken-in-{name}", lambda to: load_client(name, outputs=to, **given))
            return load_client(name, outputs=made, **given)

    return opened


@pytest.fixture(scope="session")
def demo_client(once) -> Client:
    """Take the demo client in once and open it."""
    return load_client(
        "demo", outputs=once("taken-in-demo", lambda to: load_client("demo", outputs=to))
    )


@pytest.fixture(scope="session")
def demo_delivery(once) -> Path:
    """Deliver the demo client once, as `python run_all.py` does, and give its folder.

    It starts from what stands in outputs/: where neither code nor data have changed since, as in
    CI, the suite executes nothing again, and says so by its own fingerprints.
    """

    def make(folder: Path) -> None:
        standing = sorted((ROOT / "outputs" / "demo").glob("2*-*-*"))[-1:]
        for kept in [*standing, ROOT / "outputs" / "demo" / ".snapshots"]:
            if kept.is_dir():
                shutil.copytree(kept, folder / "demo" / kept.name)
        deliver("--outputs", str(folder))

    return delivered_folder(once("demo-outputs", make), "demo")
