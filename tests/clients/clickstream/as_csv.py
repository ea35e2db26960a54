"""Turn the published clickstream, one row per event, into contacts, conversions and visits.

python tests/clients/clickstream/as_csv.py ecom.csv.gz FOLDER
"""

import sys
from pathlib import Path

import pandas as pd

BOUGHT, VIEWED, ADDED = "purchase", "product_view", "add_to_cart"


def write_clickstream(source: Path, folder: Path) -> None:
    """Write `contacts.csv`, `conversions.csv` and `visits.csv`; all events are in the first two."""
    events = pd.read_csv(source, dtype=str)
    bought = events["event"] == BOUGHT
    events[~bought].to_csv(folder / "contacts.csv", index=False)
    events[bought].to_csv(folder / "conversions.csv", index=False)
    _visits(events).to_csv(folder / "visits.csv", index=False)


def _visits(events: pd.DataFrame) -> pd.DataFrame:
    """Sum the events up to visits, with their length in seconds."""
    when = pd.to_datetime(events["timestamp"])
    told = events.assign(
        when=when, viewed=events["event"] == VIEWED, added=events["event"] == ADDED
    )
    visits = told.groupby(["user_id", "session_id"], as_index=False).agg(
        started_at=("when", "min"),
        ended_at=("when", "max"),
        channel=("acquisition_channel", "first"),
        pages=("event", "size"),
        product_views=("viewed", "sum"),
        cart_adds=("added", "sum"),
    )
    length = (visits.pop("ended_at") - visits["started_at"]).dt.total_seconds().astype(int)
    return visits.assign(duration_seconds=length, bounced=(visits["pages"] == 1).astype(int))


if __name__ == "__main__":
    write_clickstream(Path(sys.argv[1]), Path(sys.argv[2]))
