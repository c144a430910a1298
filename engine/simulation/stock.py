"""A supply case as arrays of the stock-flow model, in yuan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.plans.orders import ALTERNATIVE_COLUMNS, SupplyCase
from models.inventory.stock_flow import Goods, Limits, Values

Floats = NDArray[np.float64]
FEN = 100.0


@dataclass(frozen=True)
class Stock:
    """The stock problem for :func:`models.inventory.stock_flow.simulate`.

    ``mean`` float64 [items, weeks]: expected demand. ``lead_sd`` [items]: weeks. ``unpriced`` bool [items]: net revenue
    is not known, so that the item counts by holding cost and lost sales only.
    """

    goods: Goods
    values: Values
    limits: Limits
    mean: Floats
    lead_sd: Floats
    unpriced: NDArray[np.bool_]


def stock_of(case: SupplyCase, mean: Floats, slow_weeks: float) -> Stock:
    """The case with expected demand ``mean`` [items, weeks]. Unknown figures of an item count as 0, a pack as 1.

    Orders that would arrive after the last week are left to the next plan, for every policy alike.
    """
    weeks = len(case.weeks)
    sources = sources_of(case)
    lead = np.maximum(_numbers(sources, "lead_time_weeks"), 0.0).astype(np.int64)
    pay_weeks, pay_share = _payments(case, sources, lead)
    may_order = np.concatenate([case.can_order, case.may_order_alternative])
    warehouse, inbound = _inbound(case)
    demand = mean.sum(axis=1)
    goods = Goods(
        on_hand=np.maximum(_numbers(case.items, "on_hand"), 0.0),
        scheduled=_by_week(np.nan_to_num(case.scheduled)),
        can_order=np.ascontiguousarray((may_order & (lead[:, None] + np.arange(weeks) < weeks)).T),
        lead=lead,
        pack=np.maximum(_numbers(sources, "pack_units"), 1.0),
        moq=_minimum(case, sources),
        warehouse=warehouse,
        pay_weeks=pay_weeks,
        pay_share=pay_share,
        excess=slow_weeks * demand / max(weeks, 1),
        active=(demand > 0.0).astype(float),
        lane_item=case.second_lanes["item"].to_numpy(dtype=np.int64),
        lane_second=case.second_lanes["second"].to_numpy(dtype=np.int64),
        lane_share=case.second_lanes["share"].to_numpy(dtype=float),
        **_back(case),
        **_shared(case, sources),
    )
    values, unpriced = _values(case, sources)
    limits = Limits(np.maximum(case.cash_limit_fen, 0.0) / FEN, inbound)
    return Stock(goods, values, limits, mean, np.maximum(_numbers(case.items, "lead_time_sd_weeks"), 0.0), unpriced)


def _back(case: SupplyCase) -> dict[str, Any]:
    """What comes back, as :class:`Goods` has it; nothing where the case knows no returns."""
    if case.returns is None:
        return {}
    lag = np.maximum(_numbers(case.items, "return_weeks"), 1.0).astype(np.int64)
    return {"back": _by_week(case.returns), "back_share": _numbers(case.items, "return_share"), "back_weeks": lag}


def _minimum(case: SupplyCase, sources: pd.DataFrame) -> Floats:
    """Smallest order of each source; of sizes that share one a pack, since no size alone has to reach it."""
    least, unit = np.maximum(_numbers(sources, "moq_units"), 0.0), case.units
    shared = (np.bincount(unit)[unit] > 1)[sources["item"].to_numpy(dtype=np.int64)]
    return np.where(shared, np.maximum(_numbers(sources, "pack_units"), 1.0), least)


def _shared(case: SupplyCase, sources: pd.DataFrame) -> dict[str, Any]:
    """Orders that sizes share, as :class:`Goods` has them; nothing where all items are ordered alone."""
    unit = case.units
    several = np.bincount(unit) > 1
    if not several.any():
        return {}
    number = np.where(several, np.cumsum(several) - 1, -1)[unit]
    members = np.argsort(number, kind="stable")[(number < 0).sum() :]
    alone = (number < 0)[sources["item"].to_numpy(dtype=np.int64)]
    return {
        "unit": number,
        "unit_start": np.searchsorted(number[members], np.arange(several.sum() + 1)),
        "unit_items": members,
        "together": np.where(alone, 0.0, _numbers(sources, "moq_units")),
        "ratio": np.where(number < 0, 0.0, _numbers(case.items, "ratio_units")),
    }


def sources_of(case: SupplyCase) -> pd.DataFrame:
    """Suppliers of all items, frame of ``ALTERNATIVE_COLUMNS``: the first ones in the order of the items, then more."""
    columns = list(ALTERNATIVE_COLUMNS)
    first = case.items.assign(item=np.arange(len(case.items)))[columns]
    others = case.alternatives[columns]
    return pd.concat([first, others], ignore_index=True) if len(others) else first


def _values(case: SupplyCase, sources: pd.DataFrame) -> tuple[Values, NDArray[np.bool_]]:
    revenue = np.nan_to_num(case.revenue_fen.astype(float)) / FEN
    unpriced = ~(revenue != 0.0).any(axis=1)
    cost = _numbers(case.items, "unit_cost_fen") / FEN
    tier_from, tier_price = _tiers(case, sources)
    tier_from[unpriced[sources["item"].to_numpy(dtype=np.int64)]] = np.inf
    salvage = _numbers(case.items, "salvage_fen") / FEN
    values = Values(
        revenue=_by_week(revenue),
        cost=_numbers(sources, "unit_cost_fen") / FEN,
        goods=np.where(unpriced, 0.0, cost),
        holding=_numbers(case.items, "holding_fen_week") / FEN,
        penalty=np.where(unpriced, _numbers(case.items, "lost_fen") / FEN, 0.0),
        demand_after=_numbers(case.items, "demand_after"),
        clearance_loss=np.where(unpriced, 0.0, cost - salvage),
        order=_numbers(sources, "order_cost_fen") / FEN,
        tier_from=tier_from,
        tier_price=tier_price,
        lane_extra=case.second_lanes["extra_fen"].to_numpy(dtype=float) / FEN,
    )
    return values, unpriced


def _tiers(case: SupplyCase, sources: pd.DataFrame) -> tuple[Floats, Floats]:
    """Size of the order and price in yuan, [sources, all-units tiers]; inf where a source has fewer tiers."""
    keys = ["item", "supplier"]
    rows = sources[keys].astype({"supplier": str}).assign(row=np.arange(len(sources)))
    tiers = case.tiers[~case.tiers["incremental"].astype(bool)].astype({"supplier": str}).merge(rows, on=keys)
    row, entry = tiers["row"].to_numpy(np.int64), tiers.groupby("row").cumcount().to_numpy()
    width = int(entry.max()) + 1 if len(entry) else 0
    size, price = np.full((len(sources), width), np.inf), np.zeros((len(sources), width))
    size[row, entry] = tiers["from_units"].to_numpy(float)
    price[row, entry] = tiers["unit_cost_fen"].to_numpy(float) / FEN
    return size, price


def _payments(case: SupplyCase, sources: pd.DataFrame, lead: NDArray[np.int64]) -> tuple[NDArray[np.int64], Floats]:
    """Weeks after the order, ascending, and shares [sources, milestones]; all on the order where nothing is agreed.

    Goods are paid by their agreed arrival, late or not.
    """
    terms = case.payments.assign(supplier=case.payments["supplier"].astype(str))
    entry = terms.groupby("supplier").cumcount().to_numpy()
    width = int(entry.max()) + 1 if len(terms) else 1
    suppliers = pd.Index(terms["supplier"].unique())
    code = suppliers.get_indexer(pd.Index(terms["supplier"]))
    offset = np.zeros((len(suppliers) + 1, width), dtype=np.int64)
    share = np.zeros((len(suppliers) + 1, width))
    on_arrival = np.zeros((len(suppliers) + 1, width), dtype=bool)
    share[-1, 0] = 1.0
    offset[code, entry] = terms["weeks"].to_numpy(np.int64)
    share[code, entry] = terms["share"].to_numpy(float)
    on_arrival[code, entry] = terms["milestone"].astype(str).to_numpy() == "arrival"
    row = suppliers.get_indexer(pd.Index(sources["supplier"].astype(str)))
    weeks = np.maximum(offset[row] + on_arrival[row] * lead[:, None], 0)
    order = np.argsort(weeks, axis=1, kind="stable")
    return np.take_along_axis(weeks, order, axis=1), np.take_along_axis(share[row], order, axis=1)


def _inbound(case: SupplyCase) -> tuple[NDArray[np.int64], Floats]:
    """Row of each item's warehouse, and its room for new orders beside placed ones; no limit without a name."""
    row = pd.Index(list(case.warehouses)).get_indexer(pd.Index(case.items["warehouse"].astype(str)))
    row = np.where(row < 0, len(case.warehouses), row).astype(np.int64)
    room = np.concatenate([case.inbound_limit, np.full((1, len(case.weeks)), np.inf)])
    np.subtract.at(room, row, np.nan_to_num(case.scheduled))
    return row, np.maximum(room, 0.0)


def _numbers(items: pd.DataFrame, column: str) -> Floats:
    return np.asarray(np.nan_to_num(items[column].to_numpy(float, na_value=np.nan)))


def _by_week(grid: Floats) -> Floats:
    return np.ascontiguousarray(grid.T, dtype=float)
