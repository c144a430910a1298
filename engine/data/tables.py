"""The data contract: every table that Yunchou knows, the one source of dtypes, units, Chinese names and messages.

The definitions stand in ``engine/data/contract/``; this module is where the rest of the engine asks for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.data.contract.column import Column, Reference, Table
from engine.data.contract.market import MARKET_TABLES
from engine.data.contract.planning import PLANNING_TABLES
from engine.data.contract.supply import SUPPLY_TABLES

__all__ = ["PANDAS_DTYPES", "REQUIRED_TABLES", "TABLES", "Column", "Reference", "Table", "table"]

TABLES: Mapping[str, Table] = MappingProxyType(
    {entry.name: entry for entry in (*MARKET_TABLES, *SUPPLY_TABLES, *PLANNING_TABLES)}
)

REQUIRED_TABLES = ("sales", "skus", "channels")
"""Without these nothing can be planned; every other table is optional."""

PANDAS_DTYPES: Mapping[str, str] = MappingProxyType(
    {
        "text": "category",
        "integer": "int64",
        "number": "float64",
        "money": "int64",
        "day": "datetime64[s]",
        "flag": "bool",
    }
)
"""How each kind is held in memory. Optional integers and money with blanks become float64 with NaN."""


def table(name: str) -> Table:
    """The contract of a table.

    >>> table("sales").column("amount_paid_fen").tax
    'included'
    """
    return TABLES[name]
