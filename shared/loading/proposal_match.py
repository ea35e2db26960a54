"""A client's file as a canonical table: which of its columns mean what, and what is open."""

from dataclasses import dataclass, field

from shared.loading.schema import TABLES


@dataclass(frozen=True)
class TableMatch:
    """A file as a canonical table.

    Attributes
    ----------
    table : str
        Canonical table.
    columns : dict of str to str
        Canonical name to the client's column or a marker.
    notes : dict of str to str
        Why, for each guess among `columns`.
    decide : dict of str to tuple of str
        Canonical columns that nothing was found for, and which columns could be meant.
    left_out : tuple of str
        Remarks on columns that look alike but were not mapped.
    """

    table: str
    columns: dict[str, str]
    notes: dict[str, str] = field(default_factory=dict)
    decide: dict[str, tuple[str, ...]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    @property
    def kinds(self) -> dict[str, str]:
        """Schema kind of each mapped column of the client."""
        known = TABLES[self.table].columns
        return {theirs: known[ours].kind for ours, theirs in self.columns.items() if ours in known}

    @property
    def amounts(self) -> list[str]:
        """The client's columns that hold money."""
        return [theirs for theirs, kind in self.kinds.items() if kind == "money"]
