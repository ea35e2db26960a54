"""Public clients, each delivered once for all tests of a run."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from deliveries import deliver, delivered_folder

CLIENTS = Path(__file__).parent
# The reports that have published figures for these clients; all reports run on the demo client.
REPORTS = {
    "online_retail": "portfolio,cohort",
    "superstore": "portfolio",
    "groceries_members": "portfolio,cohort,basket",
    "groceries": "basket",
    "pizzaplace": "basket",
    "telco_churn": "survival",
}


@pytest.fixture(scope="session")
def delivered(datasets, once, public_client) -> Callable[[str], Path]:
    """Deliver one client once and give its folder."""

    def run(client: str) -> Path:
        def make(outputs: Path) -> None:
            if client == "online_retail":  # whose half a million rows other tests take in as well
                taken_in = public_client(client).snapshot.parent
                shutil.copytree(taken_in, outputs / client / taken_in.name)
            places = ("--data", str(CLIENTS), "--outputs", str(outputs))
            deliver(client, *places, "--only", REPORTS[client], CRM_DATASETS=str(datasets))

        return delivered_folder(once(f"outputs-{client}", make), client)

    return run
