"""Why a row is set aside: every reason, whether a rule or an error, and how it is said."""

from dataclasses import dataclass
from typing import Literal

Sort = Literal["rule", "error"]


@dataclass(frozen=True)
class Cause:
    """A reason to set a row aside: by a rule the client declared, or for an error in the row."""

    kind: Sort
    text: str


FOOTER = "footer"
AFTER_SNAPSHOT = "after_snapshot"
REASONS: dict[str, Cause] = {
    FOOTER: Cause("rule", "total rows"),
    AFTER_SNAPSHOT: Cause("rule", "dated on or after the snapshot date"),
    "before_window": Cause("rule", "dated before the first day that counts"),
    "other_slice": Cause("rule", "of other slices"),
    "cancelled": Cause("rule", "cancelled orders"),
    "excluded_product": Cause("rule", "products left out on request"),
    "left_out": Cause("rule", "left out on request"),
    "no_customer": Cause("rule", "without a customer"),
    "refund": Cause("rule", "refunds"),
    "zero_price": Cause("rule", "free of charge"),
    "duplicate": Cause("rule", "repeated rows"),
    "overlap": Cause("rule", "rows already in an earlier file"),
    "no_order": Cause("rule", "customers without an order"),
    "too_many_fields": Cause("error", "one field too many"),
    "too_few_fields": Cause("error", "too few fields"),
    "missing_id": Cause("error", "without an id"),
    "mangled_id": Cause("error", "ids rounded by a spreadsheet, such as 4.7E+12"),
    "missing_date": Cause("error", "without a date"),
    "bad_date": Cause("error", "with a date that cannot be read"),
    "before_1900": Cause("error", "dated before 1900"),
    "after_2099": Cause("error", "dated after 2099"),
    "missing_number": Cause("error", "without a number"),
    "bad_number": Cause("error", "with a number that cannot be read"),
    "not_finite": Cause("error", "with an amount that is infinite, not a number or absurd"),
    "negative_number": Cause("error", "with a negative number where none can be"),
    "both_negative": Cause("error", "with a negative quantity and a negative price"),
    "mixed_signs": Cause("error", "with a negative quantity and a positive value"),
    "missing_flag": Cause("error", "without a yes or no"),
    "bad_flag": Cause("error", "with a yes or no that cannot be read"),
    "last_before_first": Cause("error", "with a last order before the first"),
    "unknown_currency": Cause("error", "in a currency without a rate"),
}


def cause(reason: str) -> Cause:
    """Give what is known about a reason; one that the reader of files adds counts as an error."""
    return REASONS.get(reason, Cause("error", reason.replace("_", " ")))
