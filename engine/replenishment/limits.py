"""What new orders may use beside cash: inbound, storage, the capacity of suppliers, open-to-buy."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.network import text_of
from engine.plans.orders import LIMIT_COLUMNS
from engine.replenishment.settings import ReplenishSettings
from engine.replenishment.stock import arrival_week
from engine.replenishment.terms import stated_terms
from models.panel import Dates

Floats = NDArray[np.float64]


def limits_of(
    dataset: Dataset, warehouses: tuple[str, ...], orders: pd.DataFrame, weeks: Dates, settings: ReplenishSettings
) -> pd.DataFrame:
    """The ``limits`` of a :class:`SupplyCase`; ``orders``: placed ones (:func:`engine.data.stock.open_orders`)."""
    parts = [
        _storage(dataset, warehouses, weeks, settings),
        _capacity(dataset, orders, weeks, settings),
        _open_to_buy(dataset, orders, weeks, settings),
        _minimum_order(dataset, weeks, settings),
    ]
    parts = [part for part in parts if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(dict.fromkeys(LIMIT_COLUMNS, np.zeros(0)))


def inbound_limits(dataset: Dataset, warehouses: tuple[str, ...], weeks: Dates, settings: ReplenishSettings) -> Floats:
    """Units that each warehouse can receive in each week [warehouses, weeks]; inf where none is stated."""
    limit = np.full((len(warehouses), len(weeks)), np.inf)
    table = dataset.get("warehouses")
    if settings.use_inbound and table is not None and "inbound_units_week" in table:
        stated = pd.Series(table["inbound_units_week"].to_numpy(dtype=float), text_of(table["warehouse"]))
        limit[:] = stated.reindex(list(warehouses)).fillna(np.inf).to_numpy()[:, None]
    return limit


def _storage(dataset: Dataset, warehouses: tuple[str, ...], weeks: Dates, settings: ReplenishSettings) -> pd.DataFrame:
    table = dataset.get("warehouses")
    if not settings.use_storage or table is None or "storage_m3" not in table:
        return pd.DataFrame()
    stated = pd.Series(table["storage_m3"].to_numpy(dtype=float), text_of(table["warehouse"])).reindex(list(warehouses))
    return _by_week("storage", stated.dropna(), weeks)


def _capacity(dataset: Dataset, orders: pd.DataFrame, weeks: Dates, settings: ReplenishSettings) -> pd.DataFrame:
    table = dataset.get("suppliers")
    if not settings.use_supplier_capacity or table is None or "capacity_units_week" not in table:
        return pd.DataFrame()
    stated = pd.Series(table["capacity_units_week"].to_numpy(dtype=float), text_of(table["supplier"])).dropna()
    out = _by_week("supplier", stated, weeks)
    if orders.empty or out.empty:
        return out
    live = orders[orders["open_units"] > 0]
    placed = pd.DataFrame({"name": live["supplier"].astype(str), "week": arrival_week(live["expected_at"], weeks)})
    placed = placed.assign(units=live["open_units"].to_numpy())[placed["week"] < len(weeks)]
    placed["week"] = weeks.astype("datetime64[s]")[placed["week"]]
    taken = placed.groupby(["name", "week"], as_index=False)["units"].sum()
    out = out.merge(taken, on=["name", "week"], how="left")
    out["limit"] -= out["units"].fillna(0.0)
    return out[list(LIMIT_COLUMNS)]


def capacity_notes(dataset: Dataset, sources: pd.DataFrame, settings: ReplenishSettings) -> tuple[str, ...]:
    """Suppliers whose smallest orders are above what they deliver in a week, so that nothing can be ordered there.
    ``sources``: frame ``supplier, sku, moq_units, pack_units``."""
    table = dataset.get("suppliers")
    if not settings.use_supplier_capacity or table is None or "capacity_units_week" not in table:
        return ()
    stated = pd.Series(table["capacity_units_week"].to_numpy(dtype=float, na_value=np.nan), text_of(table["supplier"]))
    supplier = sources["supplier"].astype(str)
    capacity = stated.reindex(supplier).to_numpy()
    over = sources.assign(supplier=supplier, most=capacity)[sources[["moq_units", "pack_units"]].max(axis=1) > capacity]
    return tuple(
        f"supplier {name}: the smallest order of {rows['sku'].nunique()} SKUs exceeds its weekly capacity of "
        f"{rows['most'].iloc[0]:,.0f} units, nothing can be ordered there: {', '.join(sorted(set(rows['sku']))[:5])}"
        for name, rows in over.groupby("supplier", sort=True)
    )


def undeliverable(dataset: Dataset, items: pd.DataFrame, settings: ReplenishSettings) -> NDArray[np.bool_]:
    """Items of which no supplier that a plan chooses from delivers a smallest order within a week."""
    terms, suppliers = dataset.get("supply_terms"), dataset.get("suppliers")
    if not settings.use_supplier_capacity or terms is None or suppliers is None:
        return np.zeros(len(items), dtype=bool)
    if "capacity_units_week" not in suppliers:
        return np.zeros(len(items), dtype=bool)
    stated = suppliers["capacity_units_week"].to_numpy(dtype=float, na_value=np.nan)
    most = pd.Series(stated, text_of(suppliers["supplier"]))
    table = stated_terms(terms)
    # ranks are an order, not places: they may begin at 10 or be the same
    table = table[table.groupby("sku").cumcount() < settings.suppliers_per_item]
    over = table[["moq_units", "pack_units"]].max(axis=1) > table["supplier"].map(most)
    every = over.groupby(table["sku"]).all()
    return np.asarray(every.reindex(items["sku"]).eq(True), dtype=bool)


def _open_to_buy(dataset: Dataset, orders: pd.DataFrame, weeks: Dates, settings: ReplenishSettings) -> pd.DataFrame:
    if not settings.open_to_buy or settings.open_to_buy == "targets":
        return pd.DataFrame()
    out = pd.DataFrame(
        {
            "family": "open_to_buy",
            "name": [entry.category for entry in settings.open_to_buy],
            "week": np.array([entry.month for entry in settings.open_to_buy], dtype="datetime64[s]"),
            "limit": [100.0 * entry.yuan for entry in settings.open_to_buy],
        }
    )
    if orders.empty:
        return out
    live = orders[(orders["open_units"] > 0) & np.isfinite(orders["value_fen"].to_numpy(dtype=float))]
    skus = dataset["skus"]
    category = pd.Series(text_of(skus["category"]).to_numpy(), text_of(skus["sku"])).reindex(live["sku"])
    week = np.minimum(arrival_week(live["expected_at"], weeks), len(weeks) - 1)
    value = live["value_fen"].to_numpy(dtype=float) * live["open_units"].to_numpy() / live["units"].to_numpy()
    taken = pd.DataFrame({"name": category.to_numpy(), "month": weeks[week].astype("datetime64[M]"), "value": value})
    value_of = taken.groupby(["name", "month"])["value"].sum()
    keys = pd.MultiIndex.from_arrays([out["name"], out["week"].to_numpy().astype("datetime64[M]")])
    out["limit"] -= value_of.reindex(keys).fillna(0.0).to_numpy()
    return out


def _minimum_order(dataset: Dataset, weeks: Dates, settings: ReplenishSettings) -> pd.DataFrame:
    table = dataset.get("suppliers")
    if not settings.use_supplier_minimum or table is None or "minimum_order_fen" not in table:
        return pd.DataFrame()
    stated = pd.Series(table["minimum_order_fen"].to_numpy(dtype=float, na_value=np.nan), text_of(table["supplier"]))
    return _by_week("minimum_order", stated[stated > 0], weeks[:1])


def _by_week(family: str, stated: pd.Series, weeks: Dates) -> pd.DataFrame:
    """The same limit in every week."""
    names = [str(name) for name in stated.index]
    return pd.DataFrame(
        {
            "family": family,
            "name": np.repeat(names, len(weeks)),
            "week": np.tile(weeks.astype("datetime64[s]"), len(names)),
            "limit": np.repeat(stated.to_numpy(dtype=float), len(weeks)),
        }
    )
