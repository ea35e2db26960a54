"""One timeline of what happened: rows of several tables below one another, in the engine."""

from collections.abc import Sequence

import ibis


def stacked(tables: Sequence[ibis.Table]) -> ibis.Table:
    """Put tables of different columns below one another; what one lacks is null.

    Times are brought to one precision: exports state it differently, and engines refuse to mix.
    """
    kinds: dict[str, str] = {}
    for table in tables:
        for name, kind in table.schema().items():
            kinds.setdefault(name, "timestamp" if kind.is_timestamp() else str(kind))
    rows = [
        table.select(
            **{
                name: table[name].cast(kind) if name in table.columns else ibis.null(kind)
                for name, kind in kinds.items()
            }
        )
        for table in tables
    ]
    return ibis.union(*rows, distinct=False)
