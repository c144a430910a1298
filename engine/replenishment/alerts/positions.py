"""Positions: all stock with what it costs, earns and is asked for; the ground on which alerts stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.network import ITEM, SHARED, text_of
from engine.plans.forecast import Demand
from engine.plans.orders import OrderPlan
from engine.replenishment.alerts.pricing import Pricing, item_pricing, no_pricing
from engine.replenishment.settings import ReplenishSettings
from models.panel import Dates
from models.price import DemandEffects

Floats = NDArray[np.float64]
WEEKS_A_YEAR = 52.0
HORIZON = 26
"""Weeks looked at where there is no plan."""
RECENT_DAYS = 56
"""Days of sales that stand for the demand of stock which no plan covers."""
_MONEY = ("unit_cost", "holding", "salvage", "lost")


@dataclass(frozen=True)
class Planned:
    """The order plan, and the demand with its effects on which it was made."""

    orders: OrderPlan
    demand: Demand
    effects: DemandEffects


@dataclass(frozen=True)
class Positions:
    """One row an item (SKU x warehouse x pool); the items of the plan come first, in the order of its case.

    ``table``: frame ``sku, warehouse, pool, category, supplier, lead_weeks, lead_sd_weeks, on_hand, scheduled`` (units
    of placed orders), ``unit_cost, holding`` (a unit and week), ``salvage, lost`` (yuan a unit), ``after`` (units a
    week expected beyond the weeks), ``end_weeks`` (until the SKU ends, fractional, inf never), ``end_date``.
    ``demand`` units and ``revenue`` net yuan a unit [rows, weeks]. ``planned``: rows of the plan, the first ones.
    """

    table: pd.DataFrame
    weeks: Dates
    demand: Floats
    revenue: Floats
    pricing: Pricing
    planned: int

    def __len__(self) -> int:
        return len(self.table)

    def column(self, name: str) -> Floats:
        """A column as numbers."""
        return self.table[name].to_numpy(dtype=float)

    def demand_until(self, weeks: Floats) -> Floats:
        """Units expected within so many (fractional) weeks, [rows]."""
        return until(self.demand, self.column("after"), np.minimum(weeks, self.column("end_weeks")))

    def cover_days(self, units: Floats, longest: float) -> Floats:
        """Days for which units last under expected demand, at most ``longest`` [rows]."""
        total = np.cumsum(self.demand, axis=1)
        horizon = self.demand.shape[1]
        whole = (total < units[:, None]).sum(axis=1)
        before = np.concatenate([np.zeros((len(self), 1)), total], axis=1)
        inside = np.minimum(whole, horizon - 1)
        row = np.arange(len(self))
        rate = np.where(whole < horizon, self.demand[row, inside], self.column("after"))
        rest = np.maximum(units - before[row, np.minimum(whole, horizon)], 0.0)
        more = np.divide(rest, rate, out=np.full(len(self), np.inf), where=rate > 0)
        more[rest <= 0] = 0.0
        return np.asarray(np.minimum(7.0 * (whole + more), longest), dtype=np.float64)


def until(demand: Floats, after: Floats, weeks: Floats) -> Floats:
    """Units within so many fractional weeks; ``after`` a week beyond the last column.

    >>> until(np.array([[4.0, 2.0]]), np.array([1.0]), np.array([3.5])).tolist()
    [7.5]
    """
    horizon = demand.shape[1]
    total = np.concatenate([np.zeros((len(demand), 1)), np.cumsum(demand, axis=1)], axis=1)
    inside = np.clip(weeks, 0.0, horizon)
    whole = np.minimum(inside.astype(np.int64), horizon - 1)
    row = np.arange(len(demand))
    part = total[row, whole] + (inside - whole) * demand[row, whole]
    beyond = np.maximum(weeks - horizon, 0.0)
    more = np.multiply(after, beyond, out=np.zeros(len(demand)), where=after > 0)
    return np.asarray(part + more, dtype=np.float64)


def build_positions(dataset: Dataset, planned: Planned | None, settings: ReplenishSettings) -> Positions:
    """Positions of the plan and of all other stock; without a plan, of the stock alone."""
    weeks = _weeks(dataset, planned)
    parts, demand, revenue, pricing = [], [], [], no_pricing(0)
    if planned is not None:
        parts.append(_of_plan(planned))
        case = planned.orders.case
        demand.append(_expected(planned))
        revenue.append(case.revenue_fen.astype(float) / 100.0)
        pricing = item_pricing(dataset, planned.demand, planned.effects, case)
    known = parts[0] if parts else pd.DataFrame(columns=ITEM)
    rest = _rest(dataset, known, settings)
    parts.append(rest)
    demand.append(np.repeat(rest.pop("rate").to_numpy(dtype=float)[:, None], len(weeks), axis=1))
    revenue.append(np.repeat(rest["unit_cost"].to_numpy(dtype=float)[:, None], len(weeks), axis=1))
    table = pd.concat([part for part in parts if len(part)] or parts[-1:], ignore_index=True)
    table = _with_ends(dataset, table, weeks)
    end = table["end_weeks"].to_numpy()
    table["after"] = np.where(end <= len(weeks), 0.0, table["after"].astype(float))
    grid, first = np.concatenate(demand), len(table) - len(rest)
    grid[first:] *= np.clip(end[first:, None] - np.arange(len(weeks)), 0.0, 1.0)
    return Positions(table, weeks, grid, np.concatenate(revenue), pricing.extended(len(rest)), first)


def _weeks(dataset: Dataset, planned: Planned | None) -> Dates:
    if planned is not None:
        return planned.orders.case.weeks
    first = np.datetime64(dataset.last_day.date(), "D") + np.timedelta64(1, "D")
    return np.asarray(first + 7 * np.arange(HORIZON), dtype="datetime64[D]")


def _expected(planned: Planned) -> Floats:
    """Units expected to be drawn [items, weeks]."""
    case = planned.orders.case
    mean = np.asarray(planned.demand.weekly_mean, dtype=np.float64)[:, : len(case.weeks)]
    return np.asarray(case.net((case.fulfilment @ mean)[:, None, :])[:, 0], dtype=np.float64)


def _of_plan(planned: Planned) -> pd.DataFrame:
    case = planned.orders.case
    items = case.items
    frame = pd.DataFrame({name: text_of(items[name]) for name in (*ITEM, "category", "supplier")})
    frame["lead_weeks"] = items["lead_time_weeks"].to_numpy(dtype=float)
    frame["lead_sd_weeks"] = items["lead_time_sd_weeks"].to_numpy(dtype=float)
    frame["on_hand"] = items["on_hand"].to_numpy(dtype=float)
    frame["scheduled"] = case.scheduled.sum(axis=1)
    for name, source in zip(_MONEY, ("unit_cost_fen", "holding_fen_week", "salvage_fen", "lost_fen"), strict=True):
        frame[name] = items[source].to_numpy(dtype=float) / 100.0
    frame["after"] = items["demand_after"].to_numpy(dtype=float)
    return frame


def _rest(dataset: Dataset, known: pd.DataFrame, settings: ReplenishSettings) -> pd.DataFrame:
    """Stock that no plan covers, with its recent sales for its demand; a sale is taken to earn its cost."""
    stock = last_stock(dataset)
    keys = pd.MultiIndex.from_frame(stock[ITEM])
    stock = stock[~keys.isin(pd.MultiIndex.from_frame(known[ITEM].astype(str)))].reset_index(drop=True)
    skus = dataset["skus"]
    table = skus.assign(sku=text_of(skus["sku"])).drop_duplicates("sku").set_index("sku").reindex(stock["sku"])
    stock["category"] = text_of(table["category"]).to_numpy() if "category" in table else ""
    stock["supplier"] = ""
    stock["lead_weeks"], stock["lead_sd_weeks"], stock["scheduled"] = 0.0, 0.0, 0.0
    cost = table["unit_cost_fen"].to_numpy(dtype=float) if "unit_cost_fen" in table else np.zeros(len(stock))
    stock["unit_cost"] = np.nan_to_num(cost) / 100.0
    stock["holding"] = stock["unit_cost"] * settings.capital_rate_year / WEEKS_A_YEAR
    stock["salvage"] = stock["unit_cost"] * settings.clearance_value
    stock["lost"] = 0.0
    total = stock.groupby("sku")["on_hand"].transform("sum")
    share = np.divide(stock["on_hand"], total, out=np.zeros(len(stock)), where=(total > 0).to_numpy())
    sold = sold_units(dataset, RECENT_DAYS).reindex(stock["sku"]).fillna(0.0).to_numpy()
    elsewhere = stock["sku"].isin(set(known["sku"])).to_numpy()
    stock["rate"] = np.where(elsewhere, 0.0, sold * share * 7.0 / RECENT_DAYS)
    stock["after"] = stock["rate"]
    return stock


def last_stock(dataset: Dataset) -> pd.DataFrame:
    """Units by item in the last snapshot: frame ``sku, warehouse, pool, on_hand``, only where there are some."""
    stock = dataset.get("inventory")
    if stock is None or stock.empty:
        return pd.DataFrame({**{name: pd.Series(dtype=str) for name in ITEM}, "on_hand": pd.Series(dtype=float)})
    last = stock[stock["date"] == stock["date"].max()]
    frame = pd.DataFrame({name: text_of(last[name]) for name in ("sku", "warehouse")})
    frame["pool"] = text_of(last["pool"]).replace("", SHARED) if "pool" in last else SHARED
    frame["on_hand"] = last["on_hand"].to_numpy(dtype=float)
    sums = frame.groupby(ITEM, sort=True)["on_hand"].sum()
    return sums[sums > 0].reset_index()


def sold_units(dataset: Dataset, days: int) -> pd.Series:
    """Units sold by SKU within the last days, those within bundles counted with their components."""
    sales = dataset["sales"]
    return moved_units(dataset, sales[sales["date"] > dataset.last_day - pd.Timedelta(days=days)])


def moved_units(dataset: Dataset, sales: pd.DataFrame) -> pd.Series:
    """Units of the sales by SKU: paid and not cancelled, gifts, components of bundles."""
    units = sales["units_paid"].astype(float)
    for name, sign in (("units_cancelled", -1.0), ("units_gift", 1.0)):
        if name in sales:
            units = units + sign * sales[name].fillna(0).astype(float)
    sums = units.groupby(sales["sku"], observed=True).sum()
    sums.index = sums.index.astype(str)
    bundles = dataset.get("bundles")
    if bundles is None or bundles.empty:
        return sums
    inside = pd.DataFrame(
        {"sku": text_of(bundles["component_sku"]), "units": sums.reindex(text_of(bundles["bundle_sku"])).to_numpy()}
    )
    inside["units"] = inside["units"].fillna(0.0) * bundles["quantity"].to_numpy(dtype=float)
    return sums.add(inside.groupby("sku")["units"].sum(), fill_value=0.0)


def _with_ends(dataset: Dataset, table: pd.DataFrame, weeks: Dates) -> pd.DataFrame:
    """Adds ``end_date`` (NaT none) and ``end_weeks``: weeks from the first planning day through the end date."""
    skus = dataset["skus"]
    end = np.full(len(table), np.datetime64("NaT"), dtype="datetime64[D]")
    if "end_date" in skus:
        known = pd.Series(skus["end_date"].to_numpy(dtype="datetime64[D]"), text_of(skus["sku"]))
        end = known[~known.index.duplicated()].reindex(table["sku"]).to_numpy(dtype="datetime64[D]")
    days = (end - weeks[0].astype("datetime64[D]")).astype(float) + 1.0
    left = np.where(np.isnat(end), np.inf, np.maximum(days, 0.0) / 7.0)
    return table.assign(end_date=end.astype("datetime64[s]"), end_weeks=left)
