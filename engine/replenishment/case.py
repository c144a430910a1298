"""From tables and demand to the stock problem: one SupplyCase, and what could not be planned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from engine.data.dataset import Dataset
from engine.data.network import ITEM, build_network, text_of
from engine.data.stock import open_orders
from engine.plans.errors import MissingInput
from engine.plans.forecast import Demand
from engine.plans.orders import OrderPlan, SupplyCase, units_of
from engine.replenishment.cash import cash_limit
from engine.replenishment.groups import with_groups
from engine.replenishment.limits import capacity_notes, inbound_limits, limits_of, undeliverable
from engine.replenishment.presale import reserved_units
from engine.replenishment.returns import returns_of
from engine.replenishment.rolling import roll
from engine.replenishment.second_lane import second_lanes, worthwhile
from engine.replenishment.service import with_service_levels
from engine.replenishment.settings import ReplenishSettings, SupplyDefaults
from engine.replenishment.stock import opening_stock, scheduled_receipts
from engine.replenishment.terms import (
    REMEDY,
    WEEKS_A_YEAR,
    alternatives_of,
    last_orders,
    open_weeks,
    payment_profiles,
    price_tiers,
    supply_of,
)
from engine.replenishment.trial import with_trials
from engine.replenishment.value import item_revenue, series_terms
from models.panel import Dates

Floats = NDArray[np.float64]
NEVER = 10**6
UNPLANNED = ["sku", "warehouse", "reason"]


@dataclass(frozen=True)
class PreparedCase:
    """The case, what cannot be planned (frame ``sku, warehouse, reason``), and what the user should know."""

    case: SupplyCase
    unplanned: pd.DataFrame
    warnings: tuple[str, ...]


def build_case(
    dataset: Dataset,
    demand: Demand,
    settings: ReplenishSettings,
    defaults: SupplyDefaults | None,
    before: OrderPlan | None = None,
) -> PreparedCase:
    """The stock problem of all items that can be planned; :class:`MissingInput` without tables and defaults.
    ``before``: the last plan."""
    weeks = demand.weeks
    mean = np.asarray(demand.weekly_mean, dtype=np.float64)
    network = build_network(dataset, demand.series, weeks)
    terms, links = series_terms(dataset, demand), network.fulfilment
    supply = supply_of(dataset, network.items, defaults)
    items, group_notes = with_groups(dataset, pd.concat([network.items, supply], axis=1))
    returns = returns_of(dataset, demand, terms, links, settings.returns_to_stock)
    reserved, presale_notes = reserved_units(dataset, demand, links)
    need = returns.net(links @ mean if reserved is None else np.maximum(links @ mean, reserved))
    items["return_share"], items["return_weeks"] = returns.share, returns.weeks
    items["unit_cost_fen"] = _costs(items, terms.price, terms.vat_rate, links, mean, defaults)
    inbound = inbound_limits(dataset, network.warehouses, weeks, settings)
    room = inbound.max(axis=1)[pd.Index(network.warehouses).get_indexer(pd.Index(items["warehouse"]))]
    items["problem"] = _problems(items, need, len(weeks), room, undeliverable(dataset, items, settings))
    on_hand, assumed_stock = opening_stock(dataset, items, need.mean(axis=1), defaults)
    items["on_hand"] = on_hand
    if assumed_stock:
        items["assumed"] = _joined(items["assumed"], "on_hand")

    planned = (items["problem"] == "").to_numpy()
    unplanned = items.loc[~planned, [*ITEM[:2], "problem"]].set_axis(UNPLANNED, axis=1).reset_index(drop=True)
    lanes = second_lanes(network.second, mean, links @ mean, planned)
    items, links = items[planned].drop(columns="problem").reset_index(drop=True), links[np.flatnonzero(planned)]
    revenue, receipts = item_revenue(terms, links, mean, items["unit_cost_fen"].to_numpy(float) / 100.0)
    items, revenue, notes = _valued(dataset, items, revenue, need[planned], weeks, (settings, defaults))
    value = 100.0 * (revenue * need[planned]).sum(axis=1)
    items, levels_note = with_service_levels(items, links, demand, value, settings.service_levels)
    others, other_notes = alternatives_of(dataset, items, units_of(items), len(weeks), settings.suppliers_per_item - 1)
    others = others.join(items[ITEM], on="item")
    sources = _sources(items, others)
    over_capacity = capacity_notes(dataset, sources, settings)
    tiers, tier_notes = price_tiers(dataset, sources[["item", "supplier", "sku", "unit_cost_fen", "moq_units"]])
    rolling = roll(before, open_orders(dataset), sources, weeks, settings)
    orders, late = rolling.orders, np.arange(len(weeks)) >= rolling.frozen
    scheduled = scheduled_receipts(orders, items, weeks)
    items = items.assign(placed=scheduled.sum(axis=1))
    items, trial_notes = with_trials(dataset, items, need[planned], weeks, settings.trial_weeks)
    items = items.drop(columns="placed")
    payments = payment_profiles(dataset, sorted(set(sources["supplier"])))
    case = SupplyCase(
        items=items,
        weeks=weeks,
        scheduled=scheduled,
        revenue_fen=(100.0 * revenue).astype(np.float32),
        fulfilment=links,
        can_order=_can_order(dataset, items, weeks) & late,
        warehouses=network.warehouses,
        inbound_limit=inbound,
        cash_limit_fen=cash_limit(dataset, demand, receipts, orders, payments, settings),
        payments=payments,
        tiers=tiers,
        alternatives=others.drop(columns=ITEM),
        alternatives_open=_can_order(dataset, others, weeks) & late,
        limits=limits_of(dataset, network.warehouses, orders, weeks, settings),
        last_plan=rolling.last,
        second_lanes=worthwhile(lanes, items["lost_fen"].to_numpy(dtype=float)),
        returns=returns.before[planned],
        reserved=None if reserved is None else reserved[planned],
    )
    return PreparedCase(
        case,
        unplanned,
        (
            *network.assumptions,
            *group_notes,
            *other_notes,
            *over_capacity,
            *tier_notes,
            *trial_notes,
            *notes,
            *levels_note,
            *rolling.warnings,
            *presale_notes,
        ),
    )


def _sources(items: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Suppliers of all items: frame ``item, supplier, sku, warehouse, pool, lead_time_weeks, unit_cost_fen,
    moq_units``, the first ones in the order of the items."""
    columns = ["item", "supplier", *ITEM, "lead_time_weeks", "unit_cost_fen", "moq_units", "pack_units"]
    own = items.assign(item=np.arange(len(items)))[columns]
    return pd.concat([own, others[columns]], ignore_index=True) if len(others) else own


def _costs(
    items: pd.DataFrame,
    price: Floats,
    vat_rate: Floats,
    links: sparse.csr_array,
    mean: Floats,
    defaults: SupplyDefaults | None,
) -> Floats:
    """Unit cost, fen; where none is known from the price by the assumed margin, else 0 if all other costs are given."""
    cost = items["unit_cost_fen"].to_numpy(dtype=float)
    unknown = np.isnan(cost)
    if defaults is None or not unknown.any():
        return cost
    if defaults.margin_share is not None:
        net = (
            np.nan_to_num(np.nanmean(np.where(np.isfinite(price), price, np.nan), axis=1)) if price.size else mean[:, 0]
        )
        net = net / (1.0 + vat_rate)
        weight = links @ ((mean.sum(axis=1) + 1e-9) * (net > 0))
        value = links @ ((mean.sum(axis=1) + 1e-9) * net)
        by_margin = np.divide(value, weight, out=np.full_like(value, np.nan), where=weight > 0) * (
            1.0 - defaults.margin_share
        )
        cost = np.where(unknown, np.round(100.0 * by_margin), cost)
    given = defaults.holding_cost_yuan_unit_week is not None and defaults.lost_sale_cost_yuan_unit is not None
    return np.where(np.isnan(cost), 0.0, cost) if given else cost


def _problems(
    items: pd.DataFrame, need: Floats, weeks: int, room: Floats, undelivered: NDArray[np.bool_]
) -> NDArray[np.object_]:
    """Why an item cannot be planned, "" where it can. ``room`` [items]: units that its warehouse receives in a week."""
    problem = items["problem"].to_numpy(dtype=object).copy()
    mine = units_of(items)
    year = np.bincount(mine, need.sum(axis=1))[mine] * WEEKS_A_YEAR / weeks
    smallest = items[["pack_units", "moq_units"]].max(axis=1).to_numpy(dtype=float)
    checks = (
        (items["unit_cost_fen"].isna().to_numpy(), "no purchase price: add it to supply_terms or skus"),
        (items["lead_time_weeks"].to_numpy() >= weeks, "the lead time reaches beyond the planning horizon"),
        (
            (year > 0) & (smallest > np.maximum(year, 1.0)),
            "the smallest order (pack or minimum) exceeds a year's demand",
        ),
        (smallest > room, "the smallest order exceeds the weekly inbound capacity of the warehouse"),
        (undelivered, "the smallest order exceeds the weekly capacity of the supplier"),
    )
    for found, reason in checks:
        problem[(problem == "") & found] = reason
    return problem


def _valued(
    dataset: Dataset,
    items: pd.DataFrame,
    revenue: Floats,
    need: Floats,
    weeks: Dates,
    rules: tuple[ReplenishSettings, SupplyDefaults | None],
) -> tuple[pd.DataFrame, Floats, tuple[str, ...]]:
    """Adds category, volume, costs and values of a unit, ``demand_after``; makes numbers whole; fills revenue."""
    settings, defaults = rules
    items, notes = items.copy(), []
    skus = dataset["skus"].assign(sku=lambda frame: text_of(frame["sku"])).set_index("sku").reindex(items["sku"])
    items["category"] = text_of(skus["category"]).to_numpy()
    items["volume_m3"] = skus["volume_m3"].fillna(0.0).to_numpy(float) if "volume_m3" in skus else 0.0
    life = skus["shelf_life_days"].to_numpy(dtype=float, na_value=np.inf) if "shelf_life_days" in skus else np.inf
    items["shelf_life_weeks"] = np.where(np.isnan(life), np.inf, life) / 7.0
    cost = items["unit_cost_fen"].to_numpy(dtype=float)

    by_default = dataset.get("supply_terms") is None and defaults is not None
    rent = _of_warehouse(dataset, items, "storage_fen_m3_day", 0.0) * items["volume_m3"].to_numpy() * 7.0
    items["aged_fen_week"] = _of_warehouse(dataset, items, "aged_fen_m3_day", 0.0) * items["volume_m3"] * 7.0
    items["aged_weeks"] = _of_warehouse(dataset, items, "aged_after_days", np.inf) / 7.0
    holding = cost * settings.capital_rate_year / WEEKS_A_YEAR + rent
    if by_default and defaults is not None and defaults.holding_cost_yuan_unit_week is not None:
        holding = np.full(len(items), 100.0 * defaults.holding_cost_yuan_unit_week)
        items["assumed"] = _joined(items["assumed"], "holding_fen_week")
    items["holding_fen_week"] = holding

    weight = need + 1e-9
    mean_revenue = np.nansum(revenue * weight, axis=1) / np.where(np.isfinite(revenue), weight, 0.0).sum(axis=1).clip(
        1e-12
    )
    priced = np.isfinite(revenue).any(axis=1)
    lost = np.where(priced, 100.0 * mean_revenue - cost, np.nan)
    if by_default and defaults is not None and defaults.lost_sale_cost_yuan_unit is not None:
        lost = np.full(len(items), 100.0 * defaults.lost_sale_cost_yuan_unit)
        items["assumed"] = _joined(items["assumed"], "lost_fen")
    if np.isnan(lost).any():
        if defaults is None or defaults.margin_share is None:
            raise MissingInput(
                "prices", f"the value of a sale is unknown: add prices (价格), or margin_share. {REMEDY}"
            )
        lost = np.where(np.isnan(lost), cost * defaults.margin_share / (1.0 - defaults.margin_share), lost)
    floor = settings.lowest_lost_share * cost
    at_loss = lost < floor
    if at_loss.any():
        names = items.loc[at_loss, "sku"]
        notes.append(
            f"{names.nunique()} SKUs earn less than {settings.lowest_lost_share:.0%} of their cost a unit at the "
            f"planned price and are stocked as if they earned that: {', '.join(sorted(set(names))[:5])}"
        )
    items["lost_fen"] = np.maximum(lost, floor)
    filled = np.where(np.isfinite(revenue), revenue, np.where(priced, mean_revenue, (cost + lost) / 100.0)[:, None])

    ending = _end_week(dataset, items, weeks) < len(weeks)
    items["salvage_fen"] = settings.clearance_value * cost
    items["demand_after"] = np.where(ending, 0.0, need.mean(axis=1))
    whole = ["lead_time_weeks", "moq_units", "pack_units", "unit_cost_fen", "order_cost_fen", "on_hand"]
    items[whole] = items[whole].round().astype(np.int64)
    return items, filled, tuple(notes)


def _of_warehouse(dataset: Dataset, items: pd.DataFrame, name: str, without: float) -> Floats:
    """A figure of each item's warehouse; ``without`` where none is stated."""
    table = dataset.get("warehouses")
    if table is None or name not in table:
        return np.full(len(items), without)
    stated = pd.Series(table[name].to_numpy(dtype=float, na_value=np.nan), text_of(table["warehouse"]))
    return stated.reindex(items["warehouse"]).fillna(without).to_numpy()


def _end_week(dataset: Dataset, items: pd.DataFrame, weeks: Dates) -> NDArray[np.int64]:
    """First planning week after the SKU's end date; ``NEVER`` where no end is known."""
    skus = dataset["skus"]
    out = np.full(len(items), NEVER)
    if "end_date" not in skus:
        return out
    end = pd.Series(skus["end_date"].to_numpy(dtype="datetime64[D]"), text_of(skus["sku"])).reindex(items["sku"])
    known = end.notna().to_numpy()
    days = (end.to_numpy(dtype="datetime64[D]")[known] - weeks[0].astype("datetime64[D]")).astype(np.int64)
    out[known] = np.clip(days // 7 + 1, 0, NEVER)
    return out


def _can_order(dataset: Dataset, items: pd.DataFrame, weeks: Dates) -> NDArray[np.bool_]:
    """An order may be placed: the supplier works, and the goods come before the SKU ends."""
    arrival = np.arange(len(weeks))[None, :] + items["lead_time_weeks"].to_numpy()[:, None]
    in_time: NDArray[np.bool_] = arrival < _end_week(dataset, items, weeks)[:, None]
    return open_weeks(dataset, items, weeks) & last_orders(dataset, items, weeks) & in_time


def _joined(names: pd.Series, more: str) -> pd.Series:
    return names.where(names == "", names + ", ") + more


__all__ = ["ITEM", "PreparedCase", "build_case"]
