"""The slices on the index: which parts of a client have a delivery of their own, and how large."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.delivery.manifest import read_manifest
from shared.loading.slices import slices_of


@dataclass(frozen=True)
class DeliveredSlice:
    """One slice with a delivery of the same date.

    Attributes
    ----------
    label : str
        Such as "country UK".
    page : str
        Address of its index, from the index of the whole.
    orders_rows : int
        Order lines used.
    customers : int or None
        None where no customer is known.
    money : float or None
        Revenue used; None without prices.
    """

    label: str
    page: str
    orders_rows: int
    customers: int | None
    money: float | None


def delivered_slices(config: Any, client_folder: Path, *, date: str) -> list[DeliveredSlice]:
    """Find the slices that were delivered as of a date; one that was refused is not among them."""
    found = []
    for part in slices_of(config):
        manifest = read_manifest(client_folder / part.folder / date)
        if manifest is None:
            continue
        lines = manifest["intake"]["order_lines"]
        found.append(
            DeliveredSlice(
                part.label,
                f"../{part.folder}/{date}/index.html",
                lines["rows_used"],
                lines["customers"],
                lines["money_used"],
            )
        )
    return found
