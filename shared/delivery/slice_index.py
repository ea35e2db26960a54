"""The slices on the index: the parts of a client with a delivery of their own, and the way back."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.delivery.index_reports import verdicts_in_words
from shared.delivery.manifest import read_manifest
from shared.loading.counts import TableIntake
from shared.loading.slices import slices_of
from shared.plots.locales import Wording


@dataclass(frozen=True)
class Whole:
    """What a slice is a part of: the slice's name, the client's, and the index of the whole."""

    label: str
    client: str
    page: str


def whole_of(config: Any, *, date: str) -> Whole | None:
    """Name what a delivery is a slice of, None where it is no slice."""
    if config.slice is None:
        return None
    label = config.slice.label
    up = "../" * len((config.slice.folder + "/date").split("/"))
    return Whole(label, config.name.removesuffix(f", {label}"), f"{up}{date}/index.html")


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
    verdicts : tuple of str
        Of its reports that have a page.
    """

    label: str
    page: str
    orders_rows: int
    customers: int | None
    money: float | None
    verdicts: tuple[str, ...] = ()


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
                tuple(r["verdict"] for r in manifest["reports"].values() if r.get("verdict")),
            )
        )
    return found


def slice_rows(
    slices: Sequence[DeliveredSlice], whole: TableIntake, wording: Wording
) -> list[dict[str, str]]:
    """Write a row per slice, with its share of the whole: of the revenue, or else of the lines."""
    rows = []
    for one in slices:
        part: float = one.orders_rows
        everything: float = whole.rows_used
        if one.money is not None and whole.money_used:
            part, everything = one.money, whole.money_used
        rows.append(
            {
                "label": one.label,
                "page": one.page,
                "lines": wording.count(one.orders_rows),
                "customers": wording.count(one.customers),
                "money": wording.amount(one.money, 2),
                "share": wording.share(part / everything) if everything else "",
                "verdicts": verdicts_in_words(one.verdicts, wording),
            }
        )
    return rows
