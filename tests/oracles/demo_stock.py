"""Slow and obvious: stock of the demo merchant recomputed from its own tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import pairwise

import pandas as pd


def expected_stock(tables: Mapping[str, pd.DataFrame], restocked: pd.DataFrame) -> tuple[list[int], list[int]]:
    """Total stock by SKU and snapshot as it stands in ``inventory``, and as it follows from the one before:
    + receipts - defects + good returns - shipped units (bundles as their components) - gifts - what a platform bought.
    """
    bundles = tables["bundles"]
    parts: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in bundles[bundles["kind"] == "bundle"].itertuples():
        parts[row.bundle_sku].append((row.component_sku, row.quantity))
    moves: dict[str, dict[pd.Timestamp, int]] = defaultdict(lambda: defaultdict(int))
    for row in tables["sales"].itertuples():
        for sku, quantity in parts.get(row.sku, [(row.sku, 1)]):
            moves[sku][row.date] -= quantity * row.units_shipped
        moves[row.sku][row.date] -= row.units_gift
    for row in tables["platform_orders"].itertuples():
        moves[row.sku][row.date] -= row.units
    for row in tables["receipts"].itertuples():
        moves[row.sku][row.date] += row.units - row.defects
    for row in restocked.itertuples():
        moves[row.sku][row.date] += row.units
    found, expected = [], []
    totals = tables["inventory"].groupby(["sku", "date"], observed=True)["on_hand"].sum()
    for sku, line in totals.groupby(level=0, observed=True):
        days = [day for _, day in line.index]
        for before, after in pairwise(days):
            change = sum(units for day, units in moves[sku].items() if before < day <= after)
            found.append(int(line[sku, after]))
            expected.append(int(line[sku, before]) + change)
    return found, expected
