"""How new rows of a table meet the old ones."""

from __future__ import annotations

from collections.abc import Mapping

from engine.data.contract.column import Table
from engine.data.tables import TABLES

COVERED_BY: Mapping[str, tuple[str, ...]] = {
    "sales": ("channel",),
    "availability": ("channel",),
    "traffic": ("channel", "basis"),
    "inventory": ("warehouse",),
    "media": ("ad_channel",),
}
"""Facts: a load replaces what was there of the days it covers, for each value of these columns (one shop, one
warehouse). Every other table is brought up to date key by key."""

GAP_DAYS = 7
"""Days without a row that still count as covered; a longer gap was not in the export."""

KEPT_DAYS: Mapping[str, int] = {"orders": 90}
"""Tables of which only the latest days are kept: order lines serve checks and delay curves, sales hold their sums."""


def is_fact(name: str) -> bool:
    """Whether a load replaces days, and rows of one key are added up."""
    return name in COVERED_BY


def ordered_tables() -> tuple[str, ...]:
    """Tables so that those that others refer to come first.

    >>> names = ordered_tables()
    >>> names.index("skus") < names.index("listings") < names.index("sales")
    True
    """
    done: list[str] = []

    def visit(table: Table) -> None:
        for reference in table.references:
            if reference.table != table.name and reference.table not in done:
                visit(TABLES[reference.table])
        if table.name not in done:
            done.append(table.name)

    for name in sorted(TABLES, key=lambda name: (is_fact(name) or name == "orders", name)):
        visit(TABLES[name])
    return tuple(done)


def measures(table: Table) -> tuple[str, ...]:
    """Columns that add up over the rows of one key."""
    return tuple(column.name for column in table.columns if column.kind in ("integer", "money"))
