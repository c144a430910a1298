"""Stock over in one place and wanted in another: what it brings to send it to that warehouse, or to free it for the
channels of another pool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.network import ITEM, text_of
from engine.replenishment.alerts.view import View
from engine.replenishment.alerts.ways_out import Stock, part_of

Floats = NDArray[np.float64]
TRANSFER, REPOSITION = "transfer", "reposition"


@dataclass(frozen=True)
class Moves:
    """Ways from one warehouse, or pool, to another: ``row`` and ``to`` rows of a :class:`Stock`, ``cost`` yuan a unit,
    ``days``, ``place`` (the warehouse or pool it goes to)."""

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


def pools_of(view: View, rows: NDArray[np.integer]) -> Moves:
    """Other pools of the same SKU in the same warehouse: stock bound to a channel, or shared by the others."""
    own = view.positions.table.iloc[rows][ITEM].astype(str).assign(row=np.arange(len(rows)))
    there = own.rename(columns={"pool": "place", "row": "to"})
    pairs = own.merge(there, on=["sku", "warehouse"]).sort_values(["row", "to"], ignore_index=True)
    pairs = pairs[pairs["row"] != pairs["to"]]
    row, to = (pairs[name].to_numpy(dtype=np.int64) for name in ("row", "to"))
    nothing = np.zeros(len(pairs))
    return Moves(row, to, nothing, nothing, pairs["place"].to_numpy(dtype=object))


def transferred(stock: Stock, moves: Moves) -> tuple[list[str], Floats]:
    """The best transfer of each row: its figures, and yuan against keeping."""
    pair, units, value = _best(stock, moves)
    yuan = moves.cost[pair] * units if len(moves.cost) else units
    how = [
        f"{units[row]:,.0f} units to {moves.place[at]}, {moves.days[at]:.0f} days, {yuan[row]:,.0f} yuan"
        if at >= 0
        else ""
        for row, at in enumerate(pair)
    ]
    return how, value


def repositioned(stock: Stock, pools: Moves) -> tuple[list[str], Floats]:
    """The best pool to free the surplus of each row for: its figures, and yuan against keeping."""
    pair, units, value = _best(stock, pools)
    how = [f"{units[row]:,.0f} units to pool {pools.place[at]}" if at >= 0 else "" for row, at in enumerate(pair)]
    return how, value


def _best(stock: Stock, moves: Moves) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Of each row the best way (-1: none is worth it), its units, and yuan against keeping.

    What is here and too much goes as far as the other place expects demand beyond its own stock; several that could
    send share that by their surplus. It saves the other's purchases.
    """
    surplus = np.minimum(stock.excess, stock.units - stock.open)
    room = np.where(stock.excess > 0, 0.0, np.maximum(stock.demand.sum(axis=1) - stock.units, 0.0))
    asked = np.bincount(moves.to, surplus[moves.row], len(surplus))[moves.to]
    share = np.divide(surplus[moves.row], asked, out=np.zeros(len(asked)), where=asked > 0)
    units = np.floor(np.minimum(surplus[moves.row], room[moves.to] * share) + 1e-9)
    here, there = part_of(stock, moves.row), part_of(stock, moves.to)
    gain = here.worth(here.units - units) - here.worth(here.units) - moves.cost * units
    gain += there.worth(there.units + units) - there.worth(there.units)
    best, sent, value = np.full(len(surplus), -1), np.zeros(len(surplus)), np.zeros(len(surplus))
    for pair in np.argsort(gain, kind="stable"):
        if units[pair] > 0 and gain[pair] > 0:
            row = moves.row[pair]
            best[row], sent[row], value[row] = pair, units[pair], gain[pair]
    return best, sent, value
