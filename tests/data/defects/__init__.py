"""Defects as merchants' data has them: each damages tables in a realistic way, drawn by a seed.

An injector takes the tables and a generator and changes the tables in place; it damages enough to matter for a plan
and little enough to be overlooked by eye. ``DEFECTS`` names them all; ``needs`` are the tables that it works on.
"""

from __future__ import annotations

from tests.data.defects import goods, market, orders, sales, stock, supply
from tests.data.defects.tools import DEFECTS, Defect, Tables

__all__ = ["DEFECTS", "Defect", "Tables", "goods", "market", "orders", "sales", "stock", "supply"]
