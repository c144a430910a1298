"""Order lines and the inventory position behind them: what a buyer reads and a policy follows."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.plans.orders import SupplyCase
from models.inventory.coupling import Use
from models.inventory.lot_sizing import LotProblem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
WEEK = np.timedelta64(7, "D")


def ordered_units(case: SupplyCase, problem: LotProblem, lots: Ints) -> Floats:
    """Units by week of *order* [items, weeks] from lots by week of arrival."""
    items, weeks = lots.shape
    placed = np.arange(weeks)[None, :] - case.items["lead_time_weeks"].to_numpy(dtype=np.int64)[:, None]
    out = np.zeros((items, weeks))
    row, arrival = np.nonzero(lots)
    out[row, placed[row, arrival]] = lots[row, arrival] * problem.lot[row]
    return out


def inventory_position(case: SupplyCase, quantity: Floats, expected: Floats) -> Floats:
    """Planned position after ordering in each week [items, weeks]: on hand and on order less expected demand before."""
    consumed = np.cumsum(expected, axis=1) - expected
    opening = case.items["on_hand"].to_numpy(dtype=float) + case.scheduled.sum(axis=1)
    return np.asarray(np.maximum(opening[:, None] + np.cumsum(quantity, axis=1) - consumed, 0.0), dtype=np.float64)


def order_lines(
    case: SupplyCase,
    problem: LotProblem,
    plan: tuple[Ints, Ints],
    free: tuple[Ints, Ints],
    prices: Use,
    expected: Floats,
) -> pd.DataFrame:
    """The lines of a plan, in the order of week, supplier, SKU, warehouse, pool.

    ``plan`` and ``free``: lots and offers by week of arrival; ``free`` is what each item alone would have chosen.
    """
    lots, offer = plan
    row, arrival = np.nonzero(lots)
    items = case.items.iloc[row].reset_index(drop=True)
    lead = items["lead_time_weeks"].to_numpy(dtype=np.int64)
    units = np.rint(lots[row, arrival] * problem.lot[row]).astype(np.int64)
    price = np.rint(100.0 * problem.offer_price[offer[row, arrival]]).astype(np.int64)
    first = case.weeks[0].astype("datetime64[D]")
    until = first + WEEK * _covered_until(case, problem, lots, expected)[row, arrival]
    frame = pd.DataFrame(
        {
            "sku": items["sku"].astype(str),
            "warehouse": items["warehouse"].astype(str),
            "pool": items["pool"].astype(str),
            "supplier": items["supplier"].astype(str),
            "order_week": (first + WEEK * (arrival - lead)).astype("datetime64[s]"),
            "arrival_week": (first + WEEK * arrival).astype("datetime64[s]"),
            "units": units,
            "packs": units // items["pack_units"].to_numpy(dtype=np.int64),
            "unit_cost_fen": price,
            "cost_fen": price * units,
            "covers_until": until.astype("datetime64[s]"),
        }
    )
    changed = _changes(case, lots, free[0], row, arrival, prices)
    tier = price < items["unit_cost_fen"].to_numpy()
    frame["reason"] = [
        _reason(*facts)
        for facts in zip(
            np.datetime_as_string(until, unit="D"),
            units == items["moq_units"].to_numpy(),
            items["moq_units"],
            items["pack_units"],
            tier,
            changed,
            strict=True,
        )
    ]
    frame["assumed"] = items["assumed"].astype(str)
    order = ["order_week", "supplier", "sku", "warehouse", "pool"]
    return frame.sort_values(order, kind="stable", ignore_index=True)


def _covered_until(case: SupplyCase, problem: LotProblem, lots: Ints, expected: Floats) -> Ints:
    """First week [items, weeks] in which expected demand outruns the supply up to that arrival; weeks beyond the
    horizon by its last weeks' mean. Of an item that ends: at most the week after its last demand."""
    opening = case.items["on_hand"].to_numpy(dtype=float)[:, None]
    supply = opening + np.cumsum(case.scheduled, axis=1) + np.cumsum(lots, axis=1) * problem.lot[:, None]
    total = np.cumsum(expected, axis=1)
    weeks = lots.shape[1]
    out = np.empty(lots.shape, dtype=np.int64)
    late = np.maximum(expected[:, -4:].mean(axis=1), 1e-9)
    for week in range(weeks):
        inside = (total <= supply[:, week : week + 1] + 1e-9).sum(axis=1)
        beyond = np.minimum((supply[:, week] - total[:, -1]) / late, 520.0).astype(np.int64)
        out[:, week] = np.where(inside >= weeks, weeks + np.maximum(beyond, 0), inside)
    over = weeks - np.argmax(expected[:, ::-1] > 0.0, axis=1)
    ends = case.items["demand_after"].to_numpy(dtype=float) <= 0.0
    return np.where(ends[:, None], np.minimum(out, over[:, None]), out)


def _changes(case: SupplyCase, lots: Ints, free: Ints, row: Ints, arrival: Ints, prices: Use) -> list[str]:
    """What the coupling did to a line: "" where the item alone would have ordered the same."""
    held = []
    if prices.cash.any():
        held.append("cash")
    if prices.room.any():
        held.append("inbound capacity")
    cause = " and ".join(held)
    now = np.cumsum(lots, axis=1)[row, arrival]
    alone = np.cumsum(free, axis=1)[row, arrival]
    same = lots[row, arrival] == free[row, arrival]
    words = np.where(
        now > alone,
        f"earlier or more than alone, so that {cause} suffices later",
        f"less or later than alone: {cause} is short",
    )
    moved = np.where(now == alone, f"moved in time: {cause} is short", words)
    return [str(word) for word in np.where(same | (not held), "", moved)]


def _reason(until: str, smallest: bool, moq: int, pack: int, tier: bool, changed: str) -> str:
    """One sentence."""
    parts = [f"covers expected demand until {until}"]
    if smallest and moq > pack:
        parts.append(f"the minimum order of {moq} decides the size")
    elif pack > 1:
        parts.append(f"in whole packs of {pack}")
    if tier:
        parts.append("at the lower price of its quantity")
    if changed:
        parts.append(changed)
    return "; ".join(parts)
