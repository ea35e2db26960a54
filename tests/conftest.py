"""What several tests share: where the public data sets are."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from deliveries import deliver, delivered_folder
from filelock import FileLock

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def datasets() -> Path:
    """Give the folder of the public data sets, or skip and say which folder was looked for."""
    folder = Path(os.environ.get("CRM_DATASETS", ROOT.parent / "shared" / "datasets"))
    if not folder.is_dir():
        pytest.skip(f"no public data sets at {folder}; set CRM_DATASETS")
    return folder


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
def demo_delivery(once) -> Path:
    """Deliver the demo client once, as `python run_all.py` does, and give its folder."""
    outputs = once("demo-outputs", lambda folder: deliver("--outputs", str(folder)))
    return delivered_folder(outputs, "demo")
