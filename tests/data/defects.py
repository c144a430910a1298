"""Defects as merchants' data has them: each damages tables in a realistic way, drawn by a seed.

An injector takes the tables and a generator and changes the tables in place; it damages enough to matter for a plan
and little enough to be overlooked by eye. ``DEFECTS`` names them all; ``needs`` are the tables that it works on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

Tables = dict[str, pd.DataFrame]
Rng = np.random.Generator
Injector = Callable[[Tables, Rng], None]


@dataclass(frozen=True)
class Defect:
    """A way to damage tables, and the tables that must be there for it."""

    name: str
    damage: Injector
    needs: tuple[str, ...]

    def inject(self, tables: Tables, rng: Rng) -> None:
        """Damages the tables in place; AssertionError where they hold no place for this defect."""
        missing = [name for name in self.needs if name not in tables]
        assert not missing, f"no {missing[0]} in these tables"
        self.damage(tables, rng)


DEFECTS: dict[str, Defect] = {}


def defect(*needs: str) -> Callable[[Injector], Injector]:
    def register(function: Injector) -> Injector:
        DEFECTS[function.__name__] = Defect(function.__name__, function, needs)
        return function

    return register


def _channel(tables: Tables, rng: Rng) -> str:
    """One of the channels that sell most of all."""
    sold = tables["sales"].groupby("channel", observed=True)["units_paid"].sum().sort_values()
    return str(rng.choice(sold.index[-3:].astype(str)))


def _days(tables: Tables) -> np.ndarray:
    return np.sort(tables["sales"]["date"].unique())


def _span(tables: Tables, rng: Rng, length: int, edge: int = 30) -> tuple[np.datetime64, np.datetime64]:
    days = _days(tables)
    start = int(rng.integers(edge, len(days) - length - 8))
    return days[start], days[start + length - 1]


def _some(frame: pd.DataFrame, rng: Rng, share: float, least: int = 3, where: np.ndarray | None = None) -> np.ndarray:
    """Positions of a share of the rows."""
    rows = np.arange(len(frame)) if where is None else np.flatnonzero(where)
    return np.sort(rng.choice(rows, min(max(int(share * len(rows)), least), len(rows)), replace=False))


def _put(frame: pd.DataFrame, rows: np.ndarray, column: str, values: object) -> pd.DataFrame:
    """The frame with other values in some rows; whole numbers stay whole."""
    changed = frame.copy()
    cells = changed[column].to_numpy(copy=True)
    if isinstance(changed[column].dtype, pd.CategoricalDtype):
        text = changed[column].astype(object).to_numpy(copy=True)
        text[rows] = values
        changed[column] = pd.Categorical(text)
        return changed
    if cells.dtype.kind in "iu":
        cells = cells.astype(np.int64)
        values = np.round(values).astype(np.int64) if isinstance(values, np.ndarray) else values
    cells[rows] = values
    changed[column] = cells
    return changed


def _money(sales: pd.DataFrame) -> list[str]:
    return [name for name in sales if name.startswith("amount_")]


def _units(sales: pd.DataFrame) -> list[str]:
    return [name for name in sales if name.startswith("units_")]


def _busy_sku(tables: Tables, rng: Rng, age: int = 0) -> str:
    """One of the SKUs that sell best and have been on sale to the end; sold ``age`` days before the end already."""
    sales, days = tables["sales"], _days(tables)
    recent = sales[sales["date"] >= days[-60]]
    if age:
        recent = recent[recent["sku"].isin(sales.loc[sales["date"] < days[-1] - np.timedelta64(age, "D"), "sku"])]
    if "inventory" in tables:
        recent = recent[recent["sku"].astype(str).isin(set(tables["inventory"]["sku"].astype(str)))]
    sold = recent.groupby("sku", observed=True)["units_paid"].sum().sort_values()
    return str(rng.choice(sold.index[-5:].astype(str)))


def _quiet_days(tables: Tables, channel: str, days: np.ndarray) -> np.ndarray:
    """Which days lie outside of events and live streams."""
    busy = np.zeros(len(days), dtype=bool)
    for row in tables.get("events", pd.DataFrame(columns=["start", "end"])).itertuples():
        busy |= (days >= np.datetime64(row.start)) & (days <= np.datetime64(row.end) + np.timedelta64(2, "D"))
    if "live_streams" in tables:
        shown = tables["live_streams"]
        held = shown.loc[shown["channel"].astype(str) == channel, "date"].to_numpy()
        busy |= np.isin(days, held) | np.isin(days, held + np.timedelta64(1, "D"))
    return ~busy


def _promoted(tables: Tables, sku: str, days: np.ndarray) -> np.ndarray:
    """Which days lie in promotions of the SKU."""
    busy = np.zeros(len(days), dtype=bool)
    if "promotions" in tables:
        for row in tables["promotions"][tables["promotions"]["sku"] == sku].itertuples():
            busy |= (days >= np.datetime64(row.start)) & (days <= np.datetime64(row.end) + np.timedelta64(1, "D"))
    return busy


def _quiet_day(tables: Tables, rng: Rng, channel: str, last: int = 0) -> np.datetime64:
    """A day outside of events and live streams; within the ``last`` days where given."""
    days = _days(tables)[35:-8] if not last else _days(tables)[-last:-3]
    free = days[_quiet_days(tables, channel, days)]
    assert len(free), "no quiet day in this history"
    return rng.choice(free)


@defect("sales")
def missing_days(tables: Tables, rng: Rng) -> None:
    """Five days of all sales are not there."""
    first, last = _span(tables, rng, 5)
    sales = tables["sales"]
    tables["sales"] = sales[(sales["date"] < first) | (sales["date"] > last)].reset_index(drop=True)


@defect("sales")
def missing_channel_fortnight(tables: Tables, rng: Rng) -> None:
    """Two weeks of one channel are not there."""
    first, last = _span(tables, rng, 14)
    sales, channel = tables["sales"], _channel(tables, rng)
    gone = (sales["date"] >= first) & (sales["date"] <= last) & (sales["channel"] == channel)
    tables["sales"] = sales[~gone].reset_index(drop=True)


@defect("sales")
def channel_stops(tables: Tables, rng: Rng) -> None:
    """A channel's last five weeks were never exported."""
    sales, channel = tables["sales"], _channel(tables, rng)
    gone = (sales["date"] > _days(tables)[-36]) & (sales["channel"] == channel)
    tables["sales"] = sales[~gone].reset_index(drop=True)


@defect("sales")
def repeated_day(tables: Tables, rng: Rng) -> None:
    """A day of a channel loaded a second time as the next day."""
    first, last = _span(tables, rng, 2)
    sales, channel = tables["sales"], _channel(tables, rng)
    mine = sales["channel"] == channel
    copied = sales[mine & (sales["date"] == first)].assign(date=last)
    rest = sales[~(mine & (sales["date"] == last))]
    tables["sales"] = pd.concat([rest, copied.astype(sales.dtypes)]).sort_values(
        ["date", "sku", "channel"], ignore_index=True
    )


@defect("sales")
def week_at_a_tenth(tables: Tables, rng: Rng) -> None:
    """A week of a channel in tens of units and of yuan."""
    _scale_week(tables, rng, 0.1)


@defect("sales")
def week_tenfold(tables: Tables, rng: Rng) -> None:
    """A week of a channel ten times too high, outside of events."""
    channel = _channel(tables, rng)
    day = _quiet_day(tables, rng, channel)
    _scale_week(tables, rng, 10.0, channel, day)


def _scale_week(
    tables: Tables, rng: Rng, factor: float, channel: str | None = None, first: np.datetime64 | None = None
) -> None:
    sales, channel = tables["sales"], channel or _channel(tables, rng)
    first = first if first is not None else _span(tables, rng, 7)[0]
    inside = (sales["date"] >= first) & (sales["date"] < first + np.timedelta64(7, "D")) & (sales["channel"] == channel)
    rows = np.flatnonzero(inside)
    for name in (*_units(sales), *_money(sales)):
        sales = _put(sales, rows, name, np.floor(sales[name].to_numpy()[rows] * factor))
    keep = np.ones(len(sales), dtype=bool)
    keep[rows] = sales["units_paid"].to_numpy()[rows] > 0
    tables["sales"] = sales[keep].reset_index(drop=True)


@defect("sales")
def outlier_day(tables: Tables, rng: Rng) -> None:
    """A day of a channel at 15 times, outside of events and live streams."""
    channel = _channel(tables, rng)
    sales, day = tables["sales"], _quiet_day(tables, rng, channel)
    rows = np.flatnonzero((sales["date"] == day) & (sales["channel"] == channel))
    for name in (*_units(sales), *_money(sales)):
        sales = _put(sales, rows, name, sales[name].to_numpy()[rows] * 15.0)
    tables["sales"] = sales


@defect("sales")
def bulk_row(tables: Tables, rng: Rng) -> None:
    """One company bought some hundred units of one SKU on a day that nothing else explains."""
    channel, sku = _channel(tables, rng), _busy_sku(tables, rng)
    sales = tables["sales"]
    near = np.flatnonzero((sales["sku"] == sku) & (sales["channel"] == channel))
    days = sales["date"].to_numpy()[near]
    quiet = np.flatnonzero(_quiet_days(tables, channel, days) & ~_promoted(tables, sku, days))
    assert len(quiet), "no quiet day in this history"
    place = rng.choice(quiet)
    around = sales["units_paid"].to_numpy()[near[max(place - 15, 0) : place + 16]]
    factor = 40.0 * max(np.median(around), 2.0) / max(sales["units_paid"].to_numpy()[near[place]], 1)
    for name in (*_units(sales), *_money(sales)):
        sales = _put(sales, near[[place]], name, np.ceil(sales[name].to_numpy()[near[[place]]] * factor))
    tables["sales"] = sales


@defect("sales")
def units_in_hundreds(tables: Tables, rng: Rng) -> None:
    """Units of some rows slipped by two digits, money did not."""
    sales = tables["sales"]
    rows = _some(sales, rng, 0.001, 5)
    for name in _units(sales):
        sales = _put(sales, rows, name, sales[name].to_numpy()[rows] * 100)
    tables["sales"] = sales


@defect("sales")
def yuan_as_fen(tables: Tables, rng: Rng) -> None:
    """Ten days of a channel hold yuan where fen belong."""
    first, last = _span(tables, rng, 10)
    sales, channel = tables["sales"], _channel(tables, rng)
    rows = np.flatnonzero((sales["date"] >= first) & (sales["date"] <= last) & (sales["channel"] == channel))
    for name in _money(sales):
        sales = _put(sales, rows, name, sales[name].to_numpy()[rows] // 100)
    tables["sales"] = sales


@defect("sales")
def units_without_money(tables: Tables, rng: Rng) -> None:
    """Gifts booked as paid units."""
    sales = tables["sales"]
    rows = _some(sales, rng, 0.01, 10, (sales["units_paid"] > 0).to_numpy())
    tables["sales"] = _put(sales, rows, "amount_paid_fen", 0)


@defect("sales")
def more_cancelled_than_paid(tables: Tables, rng: Rng) -> None:
    """Cancellations booked on the day of the cancellation."""
    sales = tables["sales"]
    rows = _some(sales, rng, 0.01, 10)
    tables["sales"] = _put(sales, rows, "units_cancelled", sales["units_paid"].to_numpy()[rows] + 2)


@defect("sales")
def paid_above_ordered(tables: Tables, rng: Rng) -> None:
    """Payments of pre-sale orders booked on the day of payment."""
    sales = tables["sales"]
    rows = _some(sales, rng, 0.01, 10)
    tables["sales"] = _put(sales, rows, "units_ordered", np.maximum(sales["units_paid"].to_numpy()[rows] - 1, 0))


@defect("sales")
def negative_units(tables: Tables, rng: Rng) -> None:
    """Returns booked as negative sales."""
    sales = tables["sales"]
    rows = _some(sales, rng, 0.005, 8)
    tables["sales"] = _put(sales, rows, "units_paid", -sales["units_paid"].to_numpy()[rows] - 1)


@defect("sales")
def duplicate_rows(tables: Tables, rng: Rng) -> None:
    """Three days were appended twice."""
    first, last = _span(tables, rng, 3)
    sales = tables["sales"]
    again = sales[(sales["date"] >= first) & (sales["date"] <= last)]
    tables["sales"] = pd.concat([sales, again]).sort_values(["date", "sku", "channel"], ignore_index=True)


@defect("sales")
def wrong_year(tables: Tables, rng: Rng) -> None:
    """A handful of rows dated a year ahead."""
    sales = tables["sales"]
    rows = _some(sales, rng, 0.0005, 5)
    tables["sales"] = _put(sales, rows, "date", sales["date"].to_numpy()[rows] + np.timedelta64(365, "D"))


@defect("sales", "skus")
def sold_after_end(tables: Tables, rng: Rng) -> None:
    """Items marked as ended months ago that go on selling."""
    skus = tables["skus"].copy()
    names = [_busy_sku(tables, rng) for _ in range(3)]
    end = pd.Series(skus["end_date"].to_numpy(copy=True), dtype="datetime64[s]")
    end[skus["sku"].isin(names).to_numpy()] = pd.Timestamp(_days(tables)[-50])
    launch = skus["launch_date"].to_numpy(copy=True)
    launch[skus["sku"].isin(names).to_numpy()] = _days(tables)[0] - np.timedelta64(300, "D")
    tables["skus"] = skus.assign(end_date=end.to_numpy(), launch_date=launch)


@defect("sales", "skus")
def sold_before_launch(tables: Tables, rng: Rng) -> None:
    """Launch dates typed a year late."""
    skus = tables["skus"].copy()
    chosen = skus["sku"].isin([_busy_sku(tables, rng, age=60) for _ in range(3)]).to_numpy()
    launch = skus["launch_date"].to_numpy(copy=True)
    launch[chosen] = _days(tables)[-10]
    tables["skus"] = skus.assign(launch_date=launch)


@defect("skus")
def no_cost(tables: Tables, rng: Rng) -> None:
    """Costs left blank."""
    skus = tables["skus"]
    cost = skus["unit_cost_fen"].to_numpy(dtype=float)
    cost[skus["sku"].isin([_busy_sku(tables, rng) for _ in range(4)]).to_numpy()] = np.nan
    tables["skus"] = skus.assign(unit_cost_fen=cost)


@defect("skus", "sales")
def cost_in_yuan(tables: Tables, rng: Rng) -> None:
    """Costs of some SKUs a hundred times too small."""
    skus = tables["skus"]
    rows = np.flatnonzero(skus["sku"].isin([_busy_sku(tables, rng) for _ in range(4)]).to_numpy())
    tables["skus"] = _put(skus, rows, "unit_cost_fen", skus["unit_cost_fen"].to_numpy()[rows] // 100)


@defect("skus", "sales")
def cost_above_price(tables: Tables, rng: Rng) -> None:
    """Costs of a carton instead of a piece."""
    skus = tables["skus"]
    rows = np.flatnonzero(skus["sku"].isin([_busy_sku(tables, rng) for _ in range(3)]).to_numpy())
    tables["skus"] = _put(skus, rows, "unit_cost_fen", skus["unit_cost_fen"].to_numpy()[rows] * 12)


@defect("skus")
def no_category(tables: Tables, rng: Rng) -> None:
    """Categories left open."""
    tables["skus"] = _put(tables["skus"], _some(tables["skus"], rng, 0.05, 3), "category", "未分类")


@defect("skus")
def vat_in_per_cent(tables: Tables, rng: Rng) -> None:
    """VAT rate typed as 0.3 instead of 0.13."""
    tables["skus"] = _put(tables["skus"], _some(tables["skus"], rng, 0.05, 3), "vat_rate", 0.3)


@defect("skus")
def volume_in_litres(tables: Tables, rng: Rng) -> None:
    """Volumes a thousand times too large."""
    skus = tables["skus"]
    rows = _some(skus, rng, 0.05, 3)
    tables["skus"] = _put(skus, rows, "volume_m3", skus["volume_m3"].to_numpy()[rows] * 1000)


@defect("prices")
def price_slip(tables: Tables, rng: Rng) -> None:
    """A decimal point in the wrong place."""
    prices = tables["prices"]
    rows = _some(prices, rng, 0.001, 3)
    factor = rng.choice([0.1, 10.0])
    tables["prices"] = _put(
        prices, rows, "paid_price_fen", np.maximum(prices["paid_price_fen"].to_numpy()[rows] * factor, 1)
    )


@defect("prices")
def price_zero(tables: Tables, rng: Rng) -> None:
    """Prices of 0."""
    tables["prices"] = _put(tables["prices"], _some(tables["prices"], rng, 0.002, 3), "paid_price_fen", 0)


@defect("prices")
def paid_above_list(tables: Tables, rng: Rng) -> None:
    """List and paid price swapped."""
    prices = tables["prices"]
    rows = _some(prices, rng, 0.01, 5)
    list_price = prices["list_price_fen"].to_numpy()[rows]
    tables["prices"] = _put(prices, rows, "paid_price_fen", np.ceil(list_price * 1.15))


@defect("prices", "skus")
def price_below_cost(tables: Tables, rng: Rng) -> None:
    """Prices at two thirds of the cost."""
    prices = tables["prices"]
    rows = _some(prices, rng, 0.005, 5)
    cost = tables["skus"].set_index(tables["skus"]["sku"].astype(str))["unit_cost_fen"]
    own = cost.reindex(prices["sku"].astype(str)).to_numpy(dtype=float)[rows]
    tables["prices"] = _put(prices, rows, "paid_price_fen", np.maximum(np.floor(own * 0.66), 1))


@defect("prices", "sales")
def price_table_in_yuan(tables: Tables, rng: Rng) -> None:
    """A whole channel of the price table in yuan."""
    prices = tables["prices"]
    rows = np.flatnonzero((prices["channel"] == _channel(tables, rng)).to_numpy())
    for name in ("paid_price_fen", "list_price_fen"):
        prices = _put(prices, rows, name, np.maximum(prices[name].to_numpy()[rows] // 100, 1))
    tables["prices"] = prices


@defect("orders")
def bulk_orders(tables: Tables, rng: Rng) -> None:
    """A few customers took dozens of units each."""
    orders = tables["orders"]
    rows = _some(orders, rng, 0.0, 4)
    units = rng.integers(40, 200, len(rows))
    amounts = orders["amount_paid_fen"].to_numpy()[rows] * units
    tables["orders"] = _put(_put(orders, rows, "units", units), rows, "amount_paid_fen", amounts)


@defect("orders")
def order_burst(tables: Tables, rng: Rng) -> None:
    """Two hundred equal orders of new customers for one SKU on one day."""
    orders = tables["orders"]
    channel = _channel(tables, rng)
    day = _quiet_day(tables, rng, channel, 60)
    mine = orders[(orders["channel"] == channel) & (orders["ordered_at"] == day)]
    counts = mine["sku"].value_counts()
    sku = str(counts[counts > 0].index[-1])
    line = mine[mine["sku"] == sku].iloc[[0] * 200].reset_index(drop=True)
    number = [f"B{place:018d}" for place in range(200)]
    line = line.assign(
        order_id=number, line="1", customer_id=[f"X{place:08d}" for place in range(200)], state="settled"
    )
    merged = pd.concat([orders, line], ignore_index=True)
    for name in ("order_id", "line", "customer_id", "sku", "channel", "region", "state", "return_reason"):
        merged[name] = merged[name].astype("category")
    tables["orders"] = merged


@defect("orders")
def price_error_orders(tables: Tables, rng: Rng) -> None:
    """Orders at a tenth of the price."""
    orders = tables["orders"]
    rows = _some(orders, rng, 0.002, 10, (orders["amount_paid_fen"] > 0).to_numpy())
    tables["orders"] = _put(orders, rows, "amount_paid_fen", orders["amount_paid_fen"].to_numpy()[rows] // 10)


@defect("orders")
def shipped_before_ordered(tables: Tables, rng: Rng) -> None:
    """Day and month of the shipment swapped."""
    orders = tables["orders"]
    rows = _some(orders, rng, 0.01, 10, orders["shipped_at"].notna().to_numpy())
    days = orders["shipped_at"].to_numpy()[rows] - np.timedelta64(60, "D")
    tables["orders"] = _put(orders, rows, "shipped_at", days)


@defect("orders", "sales")
def half_of_the_orders(tables: Tables, rng: Rng) -> None:
    """The export stopped at its row limit."""
    orders = tables["orders"]
    tables["orders"] = orders[rng.random(len(orders)) < 0.55].reset_index(drop=True)


@defect("inventory")
def negative_stock(tables: Tables, rng: Rng) -> None:
    """Stock below 0."""
    tables["inventory"] = _put(tables["inventory"], _some(tables["inventory"], rng, 0.002, 3), "on_hand", -7)


@defect("inventory")
def old_stock(tables: Tables, rng: Rng) -> None:
    """The last stock report is weeks old."""
    inventory = tables["inventory"]
    limit = inventory["date"].max() - pd.Timedelta(days=int(rng.integers(14, 40)))
    tables["inventory"] = inventory[inventory["date"] <= limit].reset_index(drop=True)


@defect("inventory")
def stock_misses_skus(tables: Tables, rng: Rng) -> None:
    """SKUs that sell and are not in the last stock report."""
    inventory, gone = tables["inventory"], [_busy_sku(tables, rng) for _ in range(4)]
    last = inventory["date"] == inventory["date"].max()
    tables["inventory"] = inventory[~(last & inventory["sku"].isin(gone))].reset_index(drop=True)


@defect("inventory")
def stock_misses_a_warehouse(tables: Tables, rng: Rng) -> None:
    """The last stock report lacks the largest warehouses."""
    inventory = tables["inventory"]
    last = inventory["date"] == inventory["date"].max()
    held = inventory[last].groupby("warehouse", observed=True)["on_hand"].sum().sort_values()
    gone = held.index[1:].astype(str)
    tables["inventory"] = inventory[~(last & inventory["warehouse"].isin(gone))].reset_index(drop=True)


@defect("inventory", "sales")
def frozen_stock(tables: Tables, rng: Rng) -> None:
    """Stock of a good seller that is not kept up any more."""
    inventory, sku = tables["inventory"], _busy_sku(tables, rng)
    since = inventory["date"].max() - pd.Timedelta(days=56)
    rows = np.flatnonzero(((inventory["sku"] == sku) & (inventory["date"] >= since)).to_numpy())
    tables["inventory"] = _put(inventory, rows, "on_hand", 60)


@defect("inventory")
def stock_slip(tables: Tables, rng: Rng) -> None:
    """Two digits too many on the last count."""
    inventory = tables["inventory"]
    last = (inventory["date"] == inventory["date"].max()) & (inventory["on_hand"] >= 10)
    rows = _some(inventory, rng, 0.05, 3, last.to_numpy())
    tables["inventory"] = _put(inventory, rows, "on_hand", inventory["on_hand"].to_numpy()[rows] * 100)


@defect("inventory", "sales")
def sells_without_stock(tables: Tables, rng: Rng) -> None:
    """A SKU whose stock lies in a warehouse that is not in the table."""
    inventory, sku = tables["inventory"], _busy_sku(tables, rng)
    since = inventory["date"].max() - pd.Timedelta(days=70)
    rows = np.flatnonzero(((inventory["sku"] == sku) & (inventory["date"] >= since)).to_numpy())
    tables["inventory"] = _put(inventory, rows, "on_hand", 0)
    receipts = tables["receipts"]
    tables["receipts"] = receipts[~((receipts["sku"] == sku) & (receipts["date"] >= since))].reset_index(drop=True)


@defect("receipts", "purchase_orders")
def receipts_missing(tables: Tables, rng: Rng) -> None:
    """Receipts of a month were not exported."""
    receipts, orders = tables["receipts"], tables["purchase_orders"]
    last = receipts["date"].max()
    gone = (receipts["date"] > last - pd.Timedelta(days=75)) & (receipts["date"] <= last - pd.Timedelta(days=40))
    assert gone.any() and len(orders)
    tables["receipts"] = receipts[~gone].reset_index(drop=True)


@defect("receipts", "purchase_orders")
def received_too_much(tables: Tables, rng: Rng) -> None:
    """Receipts in pieces, orders in boxes."""
    receipts = tables["receipts"]
    rows = _some(receipts, rng, 0.02, 4)
    tables["receipts"] = _put(receipts, rows, "units", receipts["units"].to_numpy()[rows] * 6)


@defect("receipts", "purchase_orders")
def received_before_order(tables: Tables, rng: Rng) -> None:
    """Receipts dated a year early."""
    receipts = tables["receipts"]
    rows = _some(receipts, rng, 0.02, 4)
    days = receipts["date"].to_numpy()[rows] - np.timedelta64(50, "D")
    tables["receipts"] = _put(receipts, rows, "date", days)


@defect("purchase_orders")
def expected_before_ordered(tables: Tables, rng: Rng) -> None:
    """Expected days before the order."""
    orders = tables["purchase_orders"]
    rows = _some(orders, rng, 0.02, 4)
    days = orders["ordered_at"].to_numpy()[rows] - np.timedelta64(20, "D")
    tables["purchase_orders"] = _put(orders, rows, "expected_at", days)


@defect("purchase_orders", "skus")
def purchase_price_slip(tables: Tables, rng: Rng) -> None:
    """Purchase prices in yuan."""
    orders = tables["purchase_orders"]
    rows = _some(orders, rng, 0.03, 4)
    tables["purchase_orders"] = _put(orders, rows, "unit_price_fen", orders["unit_price_fen"].to_numpy()[rows] // 100)


@defect("supply_terms")
def no_supplier(tables: Tables, rng: Rng) -> None:
    """SKUs that nobody supplies."""
    gone = [_busy_sku(tables, rng) for _ in range(4)]
    bundles = set(tables["bundles"]["bundle_sku"].astype(str)) if "bundles" in tables else set()
    terms = tables["supply_terms"]
    sold = [sku for sku in tables["sales"]["sku"].astype(str).unique() if sku not in bundles]
    gone = [sku for sku in gone if sku not in bundles] or sold[:2]
    for name in ("supply_terms", "price_tiers"):
        if name in tables:
            tables[name] = tables[name][~tables[name]["sku"].isin(gone)].reset_index(drop=True)
    assert len(tables["supply_terms"]) < len(terms)


@defect("supply_terms")
def lead_time_zero(tables: Tables, rng: Rng) -> None:
    """Lead times of 0."""
    terms = tables["supply_terms"]
    tables["supply_terms"] = _put(terms, _some(terms, rng, 0.03, 3), "lead_time_days", 0.0)


@defect("supply_terms")
def lead_time_years(tables: Tables, rng: Rng) -> None:
    """Lead times in hours."""
    terms = tables["supply_terms"]
    rows = _some(terms, rng, 0.03, 3)
    tables["supply_terms"] = _put(terms, rows, "lead_time_days", terms["lead_time_days"].to_numpy()[rows] * 24 + 100)


@defect("supply_terms", "sales")
def moq_in_years(tables: Tables, rng: Rng) -> None:
    """Minimum orders far above a year of demand."""
    terms = tables["supply_terms"]
    by_sku = tables["sales"].groupby("sku", observed=True).agg(units=("units_paid", "sum"), first=("date", "min"))
    days = (_days(tables)[-1] - by_sku["first"]).dt.days + 1
    sold = by_sku["units"][(by_sku["units"] > 50) & (days >= 28)]
    rows = _some(terms, rng, 0.0, 3, terms["sku"].isin(sold.index.astype(str)).to_numpy())
    yearly = (sold * 365 / days).reindex(terms["sku"].astype(str)).to_numpy(dtype=float)[rows]
    tables["supply_terms"] = _put(terms, rows, "moq_units", np.ceil(6 * yearly + 500))


@defect("price_tiers")
def tiers_rise(tables: Tables, rng: Rng) -> None:
    """A tier dearer than the one below."""
    tiers = tables["price_tiers"]
    rows = _some(tiers, rng, 0.03, 3, (tiers["from_units"] > 1).to_numpy())
    tables["price_tiers"] = _put(tiers, rows, "unit_price_fen", tiers["unit_price_fen"].to_numpy()[rows] * 1.3)


@defect("payment_terms")
def instalments_do_not_add_up(tables: Tables, rng: Rng) -> None:
    """Shares of a supplier are 80 % together."""
    terms = tables["payment_terms"]
    rows = _some(terms, rng, 0.0, 1)
    tables["payment_terms"] = _put(terms, rows, "share", terms["share"].to_numpy()[rows] * 0.7)


@defect("payment_terms", "supply_terms")
def no_payment_terms(tables: Tables, rng: Rng) -> None:
    """Suppliers without terms."""
    terms = tables["payment_terms"]
    used = np.unique(tables["supply_terms"]["supplier"].astype(str))
    tables["payment_terms"] = terms[terms["supplier"].astype(str) != rng.choice(used)].reset_index(drop=True)


@defect("suppliers")
def capacity_zero(tables: Tables, rng: Rng) -> None:
    """A capacity of 0 where none was known."""
    table = tables["suppliers"]
    tables["suppliers"] = _put(table, _some(table, rng, 0.1, 1), "capacity_units_week", 0)


@defect("region_shares")
def region_shares_do_not_add_up(tables: Tables, rng: Rng) -> None:
    """A region was dropped from the shares."""
    shares = tables["region_shares"]
    keep = ~((shares["region"] == rng.choice(shares["region"].unique())) & (rng.random(len(shares)) < 0.5))
    tables["region_shares"] = shares[keep].reset_index(drop=True)


@defect("returns", "sales")
def return_rates_wrong(tables: Tables, rng: Rng) -> None:
    """Return rates of 75 % in some categories."""
    table = tables["returns"]
    tables["returns"] = _put(table, _some(table, rng, 0.1, 2), "rate", 0.75)


@defect("returns", "sales")
def return_rates_zero(tables: Tables, rng: Rng) -> None:
    """No returns where goods come back."""
    table = tables["returns"]
    rows = np.flatnonzero((table["channel"] == _channel(tables, rng)).to_numpy())
    tables["returns"] = _put(table, rows, "rate", 0.0)


@defect("events")
def no_event_ahead(tables: Tables, rng: Rng) -> None:
    """The calendar ends with the history."""
    events = tables["events"]
    tables["events"] = events[events["end"] <= tables["sales"]["date"].max()].reset_index(drop=True)


@defect("events")
def event_dates_slip(tables: Tables, rng: Rng) -> None:
    """A festival in the wrong month."""
    events = tables["events"]
    names = events.loc[events["kind"].isin(["双11", "618"]), "event"].astype(str).unique()
    rows = np.flatnonzero((events["event"] == rng.choice(names)).to_numpy())
    moved = events
    for name in ("start", "end"):
        moved = _put(moved, rows, name, events[name].to_numpy()[rows] - np.timedelta64(100, "D"))
    tables["events"] = moved


@defect("events")
def event_windows_overlap(tables: Tables, rng: Rng) -> None:
    """Phases that run into one another."""
    events = tables["events"]
    main = (events["kind"].isin(["双11", "618"]) & (events["phase"] == "main")).to_numpy()
    rows = _some(events, rng, 0.0, 2, main)
    tables["events"] = _put(events, rows, "end", events["end"].to_numpy()[rows] + np.timedelta64(5, "D"))


@defect("media")
def spend_spike(tables: Tables, rng: Rng) -> None:
    """A day's spend a hundred times too high."""
    media = tables["media"]
    usual = media.groupby("ad_channel", observed=True)["spend_fen"].transform("median")
    rows = _some(media, rng, 0.0, 2, (media["spend_fen"] > 0.5 * usual).to_numpy())
    tables["media"] = _put(media, rows, "spend_fen", media["spend_fen"].to_numpy()[rows] * 100)


@defect("media")
def spend_negative(tables: Tables, rng: Rng) -> None:
    """Refunds booked as negative spend."""
    tables["media"] = _put(tables["media"], _some(tables["media"], rng, 0.002, 2), "spend_fen", -50_000)


@defect("media")
def spend_without_clicks(tables: Tables, rng: Rng) -> None:
    """Clicks of a fortnight were not exported."""
    media = tables["media"]
    first, last = _span(tables, rng, 14)
    rows = np.flatnonzero(((media["date"] >= first) & (media["date"] <= last)).to_numpy())
    tables["media"] = _put(media, rows, "clicks", 0)


@defect("media", "sales")
def claims_above_sales(tables: Tables, rng: Rng) -> None:
    """Attributed sales with a window of years."""
    media = tables["media"]
    name = str(rng.choice(media["ad_channel"].unique()))
    rows = np.flatnonzero((media["ad_channel"] == name).to_numpy())
    total = tables["sales"]["amount_paid_fen"].sum() / max(len(rows), 1)
    tables["media"] = _put(media, rows, "attributed_fen", np.full(len(rows), 1.5 * total))


@defect("media")
def old_spend(tables: Tables, rng: Rng) -> None:
    """Spend that ends months ago."""
    media = tables["media"]
    tables["media"] = media[media["date"] < media["date"].max() - pd.Timedelta(days=45)].reset_index(drop=True)


@defect("media")
def steady_spend(tables: Tables, rng: Rng) -> None:
    """An ad channel that spends the same every day."""
    media = tables["media"]
    rows = np.flatnonzero((media["ad_channel"] == rng.choice(media["ad_channel"].unique())).to_numpy())
    tables["media"] = _put(media, rows, "spend_fen", int(media["spend_fen"].to_numpy()[rows].mean()))


@defect("traffic")
def buyers_above_visitors(tables: Tables, rng: Rng) -> None:
    """Visitors and buyers swapped."""
    traffic = tables["traffic"]
    rows = _some(traffic, rng, 0.01, 4, (traffic["visitors"] > 2 * traffic["buyers"] + 5).to_numpy())
    visitors, buyers = traffic["visitors"].to_numpy()[rows], traffic["buyers"].to_numpy()[rows]
    tables["traffic"] = _put(_put(traffic, rows, "visitors", buyers), rows, "buyers", visitors)


@defect("traffic")
def no_carts(tables: Tables, rng: Rng) -> None:
    """Carts of a week are 0."""
    traffic, channel = tables["traffic"], _channel(tables, rng)
    first, last = _span(tables, rng, 7)
    inside = (traffic["date"] >= first) & (traffic["date"] <= last) & (traffic["channel"] == channel)
    tables["traffic"] = _put(traffic, np.flatnonzero(inside.to_numpy()), "carts", 0)


@defect("cash")
def no_opening_balance(tables: Tables, rng: Rng) -> None:
    """Flows without an opening balance."""
    cash = tables["cash"]
    tables["cash"] = cash[cash["kind"] != "opening"].reset_index(drop=True)


@defect("cash")
def opening_balance_negative(tables: Tables, rng: Rng) -> None:
    """An overdraft as opening balance."""
    cash = tables["cash"]
    rows = np.flatnonzero((cash["kind"] == "opening").to_numpy())
    tables["cash"] = _put(cash, rows, "amount_fen", -cash["amount_fen"].to_numpy()[rows])


@defect("market_size", "sales")
def market_below_own_sales(tables: Tables, rng: Rng) -> None:
    """Market size in 万."""
    market = tables["market_size"]
    tables["market_size"] = _put(
        market, np.arange(len(market)), "amount_fen", market["amount_fen"].to_numpy() // 10_000
    )


@defect("bundles")
def bundle_of_itself(tables: Tables, rng: Rng) -> None:
    """A bundle that holds itself."""
    bundles = tables["bundles"]
    rows = _some(bundles, rng, 0.0, 1, (bundles["kind"] == "bundle").to_numpy())
    whole = str(bundles["bundle_sku"].iloc[rows[0]])
    tables["bundles"] = _put(bundles, rows, "component_sku", whole)


@defect("bundles")
def unknown_component(tables: Tables, rng: Rng) -> None:
    """A component that is no SKU."""
    bundles = tables["bundles"]
    tables["bundles"] = _put(bundles, _some(bundles, rng, 0.0, 1), "component_sku", "无此编码")


@defect("listings", "channels")
def listing_in_unknown_channel(tables: Tables, rng: Rng) -> None:
    """Listings of a shop that is not in channels."""
    listings = tables["listings"]
    tables["listings"] = _put(listings, _some(listings, rng, 0.05, 3), "channel", "旧店铺")


@defect("channels")
def commission_in_per_cent(tables: Tables, rng: Rng) -> None:
    """A commission of 50 %."""
    channels = tables["channels"]
    tables["channels"] = _put(channels, _some(channels, rng, 0.0, 1), "commission_rate", 0.5)


@defect("live_streams", "sales")
def stream_units_slip(tables: Tables, rng: Rng) -> None:
    """Units of a stream with two digits too many."""
    streams = tables["live_streams"]
    assert (streams["units_paid"] >= 5).any(), "no streams in this history"
    rows = _some(streams, rng, 0.01, 3, (streams["units_paid"] >= 5).to_numpy())
    tables["live_streams"] = _put(streams, rows, "units_paid", streams["units_paid"].to_numpy()[rows] * 100)
