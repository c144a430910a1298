"""Stock over in one warehouse and wanted in another: what it brings to send it there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.network import ITEM, text_of
from engine.replenishment.alerts.view import View
from engine.replenishment.alerts.ways_out import Stock, part_of

Floats = NDArray[np.float64]
TRANSFER = "transfer"


@dataclass(frozen=True)
class Moves:
    """Ways from one warehouse to another: ``row`` and ``to`` rows of a :class:`Stock`, ``cost`` yuan a unit, ``days``,
    ``place`` (the warehouse it goes to)."""

    row: NDArray[np.int64]
    to: NDArray[np.int64]
    cost: Floats
    days: Floats
    place: NDArray[np.object_]


def moves_of(view: View, rows: NDArray[np.integer]) -> Moves:
    """The lanes between warehouses for these positions, the same SKU and pool at both ends."""
    lanes = view.dataset.get("lanes")
    own = view.positions.table.iloc[rows][ITEM].astype(str).assign(row=np.arange(len(rows)))
    if lanes is None or "kind" not in lanes:
        lanes = pd.DataFrame({"origin": [], "destination": [], "kind": []}, dtype=str)
    lanes = lanes[text_of(lanes["kind"]) == "warehouse"]
    table = pd.DataFrame({"warehouse": text_of(lanes["origin"]), "place": text_of(lanes["destination"])})
    table["cost"] = lanes["cost_fen"].fillna(0).to_numpy(dtype=float) / 100.0 if "cost_fen" in lanes else 0.0
    table["days"] = lanes["days"].fillna(0).to_numpy(dtype=float) if "days" in lanes else 0.0
    pairs = own.merge(table, on="warehouse")
    there = own.rename(columns={"warehouse": "place", "row": "to"})
    pairs = pairs.merge(there, on=["sku", "place", "pool"]).sort_values(["row", "to"], ignore_index=True)
    pairs = pairs[pairs["row"] != pairs["to"]]
    row, to = (pairs[name].to_numpy(dtype=np.int64) for name in ("row", "to"))
    cost, days = (pairs[name].to_numpy(dtype=float) for name in ("cost", "days"))
    return Moves(row, to, cost, days, pairs["place"].to_numpy(dtype=object))


def transferred(stock: Stock, moves: Moves) -> tuple[list[str], Floats]:
    """The best transfer of each row: its figures, and yuan against keeping.

    What is here and too much goes as far as the other warehouse expects demand beyond its own stock; several that
    could send share that by their surplus. It saves the other's purchases.
    """
    surplus = np.minimum(stock.excess, stock.units - stock.open)
    room = np.where(stock.excess > 0, 0.0, np.maximum(stock.demand.sum(axis=1) - stock.units, 0.0))
    asked = np.bincount(moves.to, surplus[moves.row], len(surplus))[moves.to]
    share = np.divide(surplus[moves.row], asked, out=np.zeros(len(asked)), where=asked > 0)
    units = np.floor(np.minimum(surplus[moves.row], room[moves.to] * share) + 1e-9)
    here, there = part_of(stock, moves.row), part_of(stock, moves.to)
    gain = here.worth(here.units - units) - here.worth(here.units) - moves.cost * units
    gain += there.worth(there.units + units) - there.worth(there.units)
    how, value = [""] * len(surplus), np.zeros(len(surplus))
    for pair in np.argsort(gain, kind="stable"):
        if units[pair] > 0 and gain[pair] > 0:
            row = moves.row[pair]
            value[row] = gain[pair]
            cost = moves.cost[pair] * units[pair]
            how[row] = f"{units[pair]:,.0f} units to {moves.place[pair]}, {moves.days[pair]:.0f} days, {cost:,.0f} yuan"
    return how, value
