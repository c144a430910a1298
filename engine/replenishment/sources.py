"""Suppliers of items as the solver takes them: when orders may arrive, and on which offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.plans.orders import ALTERNATIVE_COLUMNS, SupplyCase
from engine.replenishment.rolling import week_of
from engine.replenishment.settings import ReplenishSettings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FEN = 100.0


@dataclass(frozen=True)
class Sources:
    """``table``: one row for each supplier of an item, the first supplier first: ``item, supplier, lead_time_weeks,
    moq_units, pack_units, unit_cost_fen, order_cost_fen``. ``start`` [items + 1]: its rows by item. ``arrives`` bool
    [rows, weeks]: an order placed in the horizon can arrive in that week."""

    table: pd.DataFrame
    start: Ints
    arrives: NDArray[np.bool_]

    def by_item(self, ufunc: np.ufunc, column: str) -> Ints:
        """A column reduced over each item's suppliers [items]."""
        values = self.table[column].to_numpy(dtype=np.int64)
        return np.asarray(ufunc.reduceat(values, self.start[:-1]) if len(values) else values, dtype=np.int64)

    @property
    def first_arrival(self) -> Ints:
        """First week [items] in which any order can arrive; the number of weeks where none can."""
        weeks = self.arrives.shape[1]
        each = np.where(self.arrives.any(axis=1), self.arrives.argmax(axis=1), weeks)
        return np.asarray(np.minimum.reduceat(each, self.start[:-1]) if len(each) else each, dtype=np.int64)


def sources_of(case: SupplyCase) -> Sources:
    """All suppliers of all items of a case."""
    columns = list(ALTERNATIVE_COLUMNS)
    first = case.items.assign(item=np.arange(len(case.items)))[columns]
    table = pd.concat([first, case.alternatives[columns]] if len(case.alternatives) else [first], ignore_index=True)
    placed = np.concatenate([case.can_order, case.may_order_alternative])
    order = np.argsort(table["item"].to_numpy(), kind="stable")
    table = table.iloc[order].reset_index(drop=True)
    counts = np.bincount(table["item"], minlength=len(case.items))
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    lead = table["lead_time_weeks"].to_numpy(dtype=np.int64)
    week = np.arange(len(case.weeks))[None, :] - lead[:, None]
    arrives = np.take_along_axis(placed[order], np.maximum(week, 0), axis=1) & (week >= 0)
    return Sources(table, start, arrives)


def offers_of(case: SupplyCase, sources: Sources, lot: Floats) -> dict[str, Any]:
    """Offers of every item by supplier: the base price, then its tiers (see :class:`LotProblem`). ``lot`` [items]."""
    table = sources.table.assign(source=np.arange(len(sources.table)))
    base = table[["item", "source"]].assign(
        from_units=0, price=table["unit_cost_fen"] / FEN, incremental=False, tier=False
    )
    tiers = case.tiers.astype({"supplier": str}).merge(
        table[["item", "supplier", "source"]].astype({"supplier": str}), on=["item", "supplier"]
    )
    tiers = tiers.assign(price=tiers["unit_cost_fen"] / FEN, tier=True)[list(base.columns)]
    offers = pd.concat([base, tiers], ignore_index=True) if len(tiers) else base
    offers = offers.sort_values(["item", "source", "tier", "from_units"], kind="stable", ignore_index=True)
    source, item = offers["source"].to_numpy(dtype=np.int64), offers["item"].to_numpy(dtype=np.int64)
    price = offers["price"].to_numpy(dtype=float)
    moq, pack, fixed = (table[name].to_numpy(float)[source] for name in ("moq_units", "pack_units", "order_cost_fen"))
    paid = _paid_before(offers, price)
    step = np.maximum(np.rint(pack / lot[item]), 1.0)
    smallest = np.maximum(np.maximum(offers["from_units"].to_numpy(dtype=float), moq), 1.0)
    lowest = np.full(len(case.items), np.inf)
    np.minimum.at(lowest, item, price)
    return {
        "offer_start": np.concatenate([[0], np.cumsum(np.bincount(item, minlength=len(case.items)))]).astype(np.int64),
        "offer_source": source,
        "offer_lots": (np.ceil(np.ceil(smallest / lot[item]) / step) * step).astype(np.int64),
        "offer_step": step.astype(np.int64),
        "offer_fixed": fixed / FEN + paid,
        "offer_price": price,
        "offer_paid": paid,
        "offer_extra": price - lowest[item],
    }


def changes_from(case: SupplyCase, sources: Sources, settings: ReplenishSettings) -> dict[str, Any]:
    """What the last plan let arrive, by source and week, and what it costs to differ (see :class:`LotProblem`)."""
    rolling, last = settings.rolling, case.last_plan
    if last.empty or rolling.change_yuan_line + rolling.change_yuan_unit == 0.0:
        return {}
    keys = ["item", "supplier"]
    table = sources.table[keys].astype({"supplier": str}).assign(source=np.arange(len(sources.table)))
    free = last[~last["stands"].astype(bool)].astype({"supplier": str}).merge(table, on=keys)
    ordered, arrival = (week_of(free[name], case.weeks) for name in ("order_week", "arrival_week"))
    kept = (ordered >= 0) & (arrival < len(case.weeks))
    before = np.zeros(sources.arrives.shape)
    np.add.at(before, (free["source"].to_numpy()[kept], arrival[kept]), free["units"].to_numpy(dtype=float)[kept])
    return {
        "before": before,
        "change_line": float(rolling.change_yuan_line),
        "change_unit": float(rolling.change_yuan_unit),
    }


def _paid_before(offers: pd.DataFrame, price: Floats) -> Floats:
    """What an order on an incremental tier pays above its units at the tier's price: the dearer units before it."""
    drop = np.concatenate([[0.0], price[:-1] - price[1:]])
    step = np.where(offers["incremental"].to_numpy(dtype=bool), drop * (offers["from_units"].to_numpy() - 1.0), 0.0)
    step = np.maximum(step, 0.0)
    total = np.cumsum(step)
    first = np.flatnonzero(~offers["tier"].to_numpy(dtype=bool))
    return np.asarray(total - np.repeat(total[first], np.diff(np.append(first, len(offers)))), dtype=np.float64)
