"""Order lines and the inventory position behind them: what a buyer reads and a policy follows."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.plans.orders import SupplyCase
from engine.replenishment.rolling import week_of
from engine.replenishment.styles import Split
from engine.replenishment.tables import Tables
from models.inventory.lot_sizing import LotPlans

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
WEEK = np.timedelta64(7, "D")
SAFE = 1.645
"""Standard deviations of the lead time kept as a reserve: 19 of 20 orders come in time."""
RULES = {
    "cash": "cash",
    "inbound": "inbound capacity",
    "storage": "storage room",
    "supplier": "the supplier's capacity",
    "open_to_buy": "open-to-buy",
    "share": "a supplier's share",
}


def ordered_units(tables: Tables, plan: LotPlans) -> Floats:
    """Units by week of *order* [items, weeks], of all suppliers."""
    row, arrival, source = _orders(tables, plan)
    out = np.zeros(plan.lots.shape)
    lead = tables.sources.table["lead_time_weeks"].to_numpy(dtype=np.int64)[source]
    np.add.at(out, (row, arrival - lead), plan.lots[row, arrival] * tables.problem.lot[row])
    return out


def _orders(tables: Tables, plan: LotPlans) -> tuple[Ints, Ints, Ints]:
    """Item, week of arrival and source of every order."""
    row, arrival = np.nonzero(plan.lots)
    return row, arrival, tables.problem.offer_source[plan.offer[row, arrival]]


def inventory_position(case: SupplyCase, quantity: Floats, expected: Floats) -> Floats:
    """Planned position after ordering in each week [items, weeks]: on hand and on order less expected demand before."""
    consumed = np.cumsum(expected, axis=1) - expected
    opening = case.items["on_hand"].to_numpy(dtype=float) + case.scheduled.sum(axis=1)
    return np.asarray(np.maximum(opening[:, None] + np.cumsum(quantity, axis=1) - consumed, 0.0), dtype=np.float64)


def order_lines(case: SupplyCase, tables: Tables, split: Split, free: LotPlans, rows: pd.DataFrame) -> pd.DataFrame:
    """The lines of a plan and those that stand from the last one, in the order of week, supplier, SKU, warehouse, pool.

    ``tables``: of the items. ``free``: what each item, or style, alone would have chosen. ``rows``: the coupling rows
    with their prices.
    """
    problem, plan = tables.problem, split.plans
    row, arrival, source = _orders(tables, plan)
    items = case.items.iloc[row].reset_index(drop=True)
    terms = tables.sources.table.iloc[source].reset_index(drop=True)
    offer = plan.offer[row, arrival]
    lead, pack = (terms[name].to_numpy(dtype=np.int64) for name in ("lead_time_weeks", "pack_units"))
    units = np.rint(plan.lots[row, arrival] * problem.lot[row]).astype(np.int64)
    together = split.together[row, arrival]
    cost = problem.offer_price[offer] * units + problem.offer_paid[offer] * units / together
    cost = np.rint(100.0 * cost).astype(np.int64)
    group = items["group"].astype(str).to_numpy() if "group" in items else np.full(len(items), "")
    several = np.bincount(tables.orders.unit)[tables.orders.unit[row]] > 1
    first = case.weeks[0].astype("datetime64[D]")
    until = first + WEEK * _covered_until(case, tables, plan.lots)[row, arrival]
    frame = pd.DataFrame(
        {
            "sku": items["sku"].astype(str),
            "warehouse": items["warehouse"].astype(str),
            "pool": items["pool"].astype(str),
            "supplier": terms["supplier"].astype(str),
            "order_week": (first + WEEK * (arrival - lead)).astype("datetime64[s]"),
            "arrival_week": (first + WEEK * arrival).astype("datetime64[s]"),
            "units": units,
            "packs": units // pack,
            "unit_cost_fen": np.rint(cost / np.maximum(units, 1)).astype(np.int64),
            "cost_fen": cost,
            "covers_until": until.astype("datetime64[s]"),
            "latest_order": _latest_order(case, tables, plan.lots, (row, arrival), items["lead_time_sd_weeks"], lead),
        }
    )
    ratio = tables.orders.ratio
    whole = np.bincount(tables.orders.unit, np.maximum(ratio, 0))[tables.orders.unit[row]]
    bundle = np.where(several & (ratio[row] > 0), whole, pack)
    facts = {
        "until": np.datetime_as_string(until, unit="D"),
        "smallest": np.rint(together) == np.ceil(terms["moq_units"].to_numpy() / bundle) * bundle,
        "moq": terms["moq_units"],
        "pack": np.where(ratio[row] > 0, 1, pack),
        "tier": offer > _base_offer(tables)[source],
        "other": source != tables.sources.start[:-1][row],
        "changed": _changes(plan.lots, free.lots, row, arrival, rows),
        "shared": [
            f"its share of {units:.0f} units of {name}, {'in prepacks' if packed else 'all sizes together'}"
            if of
            else ""
            for units, name, packed, of in zip(together, group, ratio[row] > 0, several, strict=True)
        ],
    }
    frame["reason"] = [_reason(*fact) for fact in zip(*facts.values(), strict=True)]
    frame["assumed"] = items["assumed"].astype(str)
    frame["group"] = group
    frame["stands"] = False
    standing = _standing(case, tables)
    frame = pd.concat([frame, standing], ignore_index=True) if len(standing) else frame
    order = ["order_week", "supplier", "sku", "warehouse", "pool"]
    return frame.sort_values(order, kind="stable", ignore_index=True)


def _standing(case: SupplyCase, tables: Tables) -> pd.DataFrame:
    """Lines of the last plan in frozen weeks."""
    last = case.last_plan.astype({"supplier": str})
    to_come = week_of(last["order_week"], case.weeks) >= 0 if len(last) else np.zeros(0, dtype=bool)
    last = last[last["stands"].astype(bool) & to_come].reset_index(drop=True)
    table = tables.sources.table.astype({"supplier": str})[["item", "supplier", "pack_units"]]
    last = last.merge(table, on=["item", "supplier"])
    items = case.items.iloc[last["item"].to_numpy(dtype=np.int64)].reset_index(drop=True)
    units, days = last["units"].to_numpy(dtype=np.int64), ["order_week", "arrival_week"]
    return pd.DataFrame(
        {
            **{key: items[key].astype(str) for key in ("sku", "warehouse", "pool")},
            "supplier": last["supplier"],
            **{day: last[day].to_numpy().astype("datetime64[s]") for day in days},
            "units": units,
            "packs": units // last["pack_units"].to_numpy(dtype=np.int64),
            "unit_cost_fen": np.rint(last["cost_fen"] / np.maximum(units, 1)).astype(np.int64),
            "cost_fen": last["cost_fen"].astype(np.int64),
            "covers_until": last["arrival_week"].to_numpy().astype("datetime64[s]"),
            "latest_order": last["order_week"].to_numpy().astype("datetime64[s]"),
            "reason": "stands as in the last plan: its week is frozen",
            "assumed": items["assumed"].astype(str),
            "group": items["group"].astype(str) if "group" in items else "",
            "stands": True,
        }
    )


def _base_offer(tables: Tables) -> Ints:
    """The offer without tier of every source: its first one."""
    return np.searchsorted(tables.problem.offer_source, np.arange(len(tables.sources.table)))


def _latest_order(
    case: SupplyCase, tables: Tables, lots: Ints, order: tuple[Ints, Ints], spread: pd.Series, lead: Ints
) -> NDArray[np.datetime64]:
    """Last day [lines] on which a line could be ordered and still come, in 19 of 20 cases, before expected demand has
    used up what comes before it; the first day of the plan where that is over."""
    item, arrival = order
    expected = tables.expected[item]
    came = np.arange(lots.shape[1])[None, :] < arrival[:, None]
    supply = case.items["on_hand"].to_numpy(dtype=float)[item] + case.scheduled[item].sum(axis=1)
    supply = supply + (lots[item] * came).sum(axis=1) * tables.problem.lot[item]
    total = np.cumsum(expected, axis=1)
    whole = np.minimum((total <= supply[:, None] + 1e-9).sum(axis=1), lots.shape[1] - 1)
    line = np.arange(len(item))
    rate = np.maximum(expected[line, whole], 1e-9)
    lasts = whole + np.clip((supply - total[line, whole] + expected[line, whole]) / rate, 0.0, 1.0)
    days = np.floor(7.0 * (lasts - lead - SAFE * spread.to_numpy(dtype=float)))
    first = case.weeks[0].astype("datetime64[D]")
    latest = first + np.maximum(days, 0.0).astype(np.int64) * np.timedelta64(1, "D")
    return np.asarray(latest, dtype="datetime64[s]")


def _covered_until(case: SupplyCase, tables: Tables, lots: Ints) -> Ints:
    """First week [items, weeks] in which expected demand outruns the supply up to that arrival; weeks beyond the
    horizon by its last weeks' mean. Of an item that ends: at most the week after its last demand."""
    expected = tables.expected
    opening = case.items["on_hand"].to_numpy(dtype=float)[:, None]
    supply = opening + np.cumsum(case.scheduled, axis=1) + np.cumsum(lots, axis=1) * tables.problem.lot[:, None]
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


def _changes(lots: Ints, free: Ints, row: Ints, arrival: Ints, rows: pd.DataFrame) -> list[str]:
    """What the coupling did to a line: "" where the item alone would have ordered the same."""
    held = dict.fromkeys(RULES[family] for family in rows.loc[rows["price"] > 0, "family"])
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


def _reason(until: str, smallest: bool, moq: int, pack: int, tier: bool, other: bool, changed: str, shared: str) -> str:
    """One sentence."""
    parts = [f"covers expected demand until {until}"]
    if shared:
        parts.append(shared)
    if smallest and moq > pack:
        parts.append(f"the minimum order of {moq} decides the size")
    elif pack > 1:
        parts.append(f"in whole packs of {pack}")
    if tier:
        parts.append("at the lower price of its quantity")
    if other:
        parts.append("from a further supplier, who costs less here in all")
    if changed:
        parts.append(changed)
    return "; ".join(parts)
