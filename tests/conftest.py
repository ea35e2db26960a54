"""What several tests share: where the public data sets are."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def datasets() -> Path:
    """Give the folder of the public data sets, or skip and say which folder was looked for."""
    folder = Path(os.environ.get("CRM_DATASETS", ROOT.parent / "shared" / "datasets"))
    if not folder.is_dir():
        pytest.skip(f"no public data sets at {folder}; set CRM_DATASETS")
    return folder
