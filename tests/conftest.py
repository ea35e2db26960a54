"""What several tests share: where the public data sets are."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
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
def demo_delivery(tmp_path_factory, worker_id) -> Path:
    """Deliver the demo client once, as `python run_all.py` does, and give its folder."""
    base = tmp_path_factory.getbasetemp()
    outputs = (base if worker_id == "master" else base.parent) / "demo-outputs"
    with FileLock(f"{outputs}.lock"):  # the processes of one test run share the delivery
        if not outputs.exists():
            done = subprocess.run(
                [sys.executable, "run_all.py", "--outputs", str(outputs)],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
    (folder,) = [path for path in (outputs / "demo").iterdir() if path.name[0] != "."]
    return folder
