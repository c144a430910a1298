"""Dead, seasonal and plain overstock, and stock that turns too slowly: found one by one, valued together."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.network import ITEM, SHARED, text_of
from engine.plans.alerts import alert_table, no_alerts
from engine.replenishment.alerts.positions import moved_units, sold_units
from engine.replenishment.alerts.transfers import (
    REPOSITION,
    TRANSFER,
    moves_of,
    pools_of,
    repositioned,
    transferred,
)
from engine.replenishment.alerts.view import LONGEST_DAYS, SurplusKind, View, iso
from engine.replenishment.alerts.ways_out import Stock, best_way, better_of, part_of, stake

Floats = NDArray[np.float64]
ENOUGH = 1.0
"""Units below which nothing is too much."""


def dead_stock(view: View) -> pd.DataFrame:
    """No sale for ``dead_days``, though all of it has been there for that long."""
    if view.dataset.get("inventory") is None:
        raise view.lack("inventory (库存)")
    days = view.settings.dead_days
    sales, first = view.dataset["sales"], view.today - pd.Timedelta(days=days)
    if sales["date"].min() > first:
        return _found(view, np.zeros(0, dtype=np.int64), {})
    table = view.positions.table
    moved = moved_units(view.dataset, sales[sales["date"] > first])
    still = ~table["sku"].isin(moved.index[moved > 0]).to_numpy()
    old = ~table["sku"].isin(_new(view, first)).to_numpy()
    stock = view.positions.column("on_hand")
    rows = np.flatnonzero(still & old & (stock >= ENOUGH))
    last = sales["date"][sales["units_paid"] > 0].groupby(sales["sku"], observed=True).max()
    last.index = last.index.astype(str)
    date = last.reindex(table["sku"].iloc[rows]).fillna(sales["date"].min()).to_numpy(dtype="datetime64[D]")
    reason = [f"no sale in {days} days: {units:,.0f} units lie still" for units in stock[rows]]
    return _found(view, rows, {"excess": stock[rows], "date": date, "probability": 1.0, "reason": reason})


def _new(view: View, first: pd.Timestamp) -> set[str]:
    """SKUs launched, received or out of stock since ``first``."""
    new: set[str] = set()
    skus, receipts, stock = (view.dataset.get(name) for name in ("skus", "receipts", "inventory"))
    if skus is not None and "launch_date" in skus:
        new |= set(text_of(skus["sku"][skus["launch_date"] > first]))
    if receipts is not None:
        new |= set(text_of(receipts["sku"][receipts["date"] > first]))
    assert stock is not None
    window = stock[stock["date"] > first]
    held = window["on_hand"].groupby([window["date"], window["sku"]], observed=True).sum()
    empty = held[held <= 0]
    return new | set(empty.index.get_level_values(1).astype(str))


def season_end(view: View) -> pd.DataFrame:
    """What will be left when the SKU ends."""
    chance, positions = view.chance, view.positions
    end = positions.column("end_weeks")[: positions.planned]
    near = end <= view.settings.ways_out.sell_off_weeks
    rows = np.flatnonzero(near & (chance.left >= view.settings.overstock_probability) & (chance.leftover >= ENOUGH))
    date = positions.table["end_date"].to_numpy(dtype="datetime64[D]")[rows]
    units, left = chance.leftover[rows], chance.left[rows]
    reason = [
        f"{count:,.0f} units will be left when it ends on {day}" for count, day in zip(units, iso(date), strict=True)
    ]
    return _found(view, rows, {"excess": units, "date": date, "probability": left, "reason": reason})


def overstock(view: View) -> pd.DataFrame:
    """Stock and placed orders beyond ``overstock_days`` of expected demand."""
    positions, limit = view.positions, view.settings.overstock_days
    stock = positions.column("on_hand") + positions.column("scheduled")
    excess = stock - positions.demand_until(np.full(len(positions), limit / 7.0))
    probability = np.ones(len(positions))
    if view.planned is not None:
        probability[: positions.planned] = view.chance.too_much
    rows = np.flatnonzero((excess >= ENOUGH) & (probability >= view.settings.overstock_probability))
    days = positions.cover_days(stock, LONGEST_DAYS)[rows]
    reason = [
        f"stock lasts {_days(day)}, {units:,.0f} units beyond {limit} days"
        for day, units in zip(days, excess[rows], strict=True)
    ]
    content = {"excess": excess[rows], "date": view.day(days), "probability": probability[rows], "reason": reason}
    return _found(view, rows, content)


def _days(days: float) -> str:
    return f"{days:,.0f} days" if days < LONGEST_DAYS else "for ever"


def turnover(view: View) -> pd.DataFrame:
    """Average stock of the last days over units sold a day, above the threshold."""
    stock = view.dataset.get("inventory")
    if stock is None:
        raise view.lack("inventory (库存)")
    settings, table = view.settings, view.positions.table
    window = settings.turnover_window_days
    recent = stock[stock["date"] > stock["date"].max() - pd.Timedelta(days=window)]
    keys = [recent[name] for name in ("sku", "warehouse")] + ([recent["pool"]] if "pool" in recent else [])
    total = recent["on_hand"].clip(lower=0).groupby(keys, observed=True).sum().reset_index()
    frame = pd.DataFrame({name: text_of(total[name]) for name in ("sku", "warehouse")})
    frame["pool"] = text_of(total["pool"]).replace("", SHARED) if "pool" in total else SHARED
    frame["mean"] = total["on_hand"].to_numpy(dtype=float) / max(recent["date"].nunique(), 1)
    known = frame.groupby(ITEM)["mean"].sum()
    mean = known.reindex(pd.MultiIndex.from_frame(table[ITEM])).fillna(0.0).to_numpy()
    sold = sold_units(view.dataset, window).reindex(table["sku"]).fillna(0.0).to_numpy() / window
    rate = sold * _share_of_sku(view)
    days = np.minimum(np.divide(mean, rate, out=np.full(len(mean), LONGEST_DAYS), where=rate > 0), LONGEST_DAYS)
    held = view.positions.column("on_hand")
    excess = np.minimum(held, mean) - settings.turnover_days * rate
    rows = np.flatnonzero((days > settings.turnover_days) & (excess >= ENOUGH))
    reason = [f"turned over in {_days(day)}, the limit is {settings.turnover_days:.0f}" for day in days[rows]]
    date = np.full(len(rows), np.datetime64(view.today, "D"))
    return _found(view, rows, {"excess": excess[rows], "date": date, "probability": 1.0, "reason": reason})


def _share_of_sku(view: View) -> Floats:
    """Each item's share of its SKU's expected demand; by stock where none is expected."""
    sku = pd.Series(view.positions.table["sku"].to_numpy())

    def share(values: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        total = pd.Series(values).groupby(sku).transform("sum").to_numpy(dtype=float)
        return np.divide(values, total, out=np.zeros(len(values)), where=total > 0), total > 0

    by_demand, asked = share(view.positions.demand.sum(axis=1))
    return np.where(asked, by_demand, share(view.positions.column("on_hand"))[0])


def _found(view: View, rows: NDArray[np.integer], content: dict[str, object]) -> pd.DataFrame:
    names = ("excess", "date", "probability", "reason")
    return pd.DataFrame({"row": rows, **{name: content.get(name, []) for name in names}})


SURPLUS_KINDS: dict[str, SurplusKind] = {
    "dead_stock": dead_stock,
    "season_end": season_end,
    "overstock": overstock,
    "turnover": turnover,
}
"""In this order stock is told once: what is dead is not overstock too."""


def surplus_alerts(view: View, found: pd.DataFrame) -> pd.DataFrame:
    """Alerts from ``kind, row, excess, date, probability, reason``; of several kinds of a row the first counts."""
    found = found.drop_duplicates("row", ignore_index=True)
    if found.empty:
        return no_alerts()
    positions = view.positions
    table = positions.table
    # a price cut touches all items of a SKU: they are valued together
    members = np.flatnonzero(table["sku"].isin(set(table["sku"].iloc[found["row"]])).to_numpy())
    excess = np.zeros(len(positions))
    excess[found["row"].to_numpy()] = found["excess"].to_numpy(dtype=float)
    stock = stock_of(view, members, excess)
    place = np.searchsorted(members, found["row"].to_numpy())
    way = better_of(best_way(stock, view.settings.ways_out), TRANSFER, *transferred(stock, moves_of(view, members)))
    way = better_of(way, REPOSITION, *repositioned(stock, pools_of(view, members)))
    way = way.iloc[place].reset_index(drop=True)
    lost = stake(part_of(stock, place))
    rows = table.iloc[found["row"]].reset_index(drop=True)
    return alert_table(
        **{name: found[name].to_numpy() for name in ("kind", "date", "probability", "reason")},
        **{name: rows[name].to_numpy() for name in ITEM},
        units=found["excess"].to_numpy(dtype=float),
        stock=found["excess"].to_numpy(dtype=float) * rows["unit_cost"].to_numpy(dtype=float),
        stake=lost,
        action=way["action"].to_numpy(),
        how=way["how"].to_numpy(),
        value=way["value"].to_numpy(),
    )


def stock_of(view: View, rows: NDArray[np.integer], excess: Floats) -> Stock:
    """Some positions as stock that may be too much; ``excess`` for all positions."""
    positions, ways = view.positions, view.settings.ways_out
    span, horizon = ways.sell_off_weeks, positions.demand.shape[1]
    columns = np.minimum(np.arange(span), horizon - 1)
    demand, revenue = positions.demand[rows][:, columns], positions.revenue[rows][:, columns]
    end = positions.column("end_weeks")[rows]
    later = np.arange(span) >= horizon
    in_season = np.clip(end[:, None] - np.arange(span)[None, :], 0.0, 1.0)
    demand[:, later] = (positions.column("after")[rows][:, None] * in_season)[:, later]
    pricing = positions.pricing.of(rows)
    wait = np.ceil(np.maximum(7.0 * ways.weeks_between_changes - pricing.unchanged_days, 0.0) / 7.0)
    asked = view.protection.claims * sold_units(view.dataset, view.protection.days)
    refunds = asked.reindex(positions.table["sku"]).fillna(0.0)
    returnable, credit = _returnable(view)
    column = {
        name: positions.column(name)[rows] for name in ("on_hand", "scheduled", "unit_cost", "holding", "salvage")
    }
    return Stock(
        sku=positions.table["sku"].to_numpy(dtype=object)[rows],
        units=column["on_hand"] + column["scheduled"],
        excess=np.minimum(excess[rows], column["on_hand"] + column["scheduled"]),
        open=column["scheduled"],
        returnable=returnable[rows],
        refunds=(refunds.clip(lower=0.0).to_numpy() * _share_of_sku(view))[rows],
        demand=demand,
        revenue=revenue,
        cost=column["unit_cost"],
        holding=column["holding"],
        salvage=column["salvage"],
        credit=credit[rows] * column["unit_cost"],
        cut_cost=pricing.cut_cost,
        elasticity=pricing.elasticity,
        deepest=pricing.deepest,
        wait=wait.astype(np.int64),
        end=end,
    )


def _returnable(view: View) -> tuple[Floats, Floats]:
    """Units that suppliers would take back, by their terms and the last receipts, and the share of the price they
    credit [positions]."""
    table = view.positions.table
    units, credit = np.zeros(len(table)), np.zeros(len(table))
    suppliers, orders, receipts = (view.dataset.get(name) for name in ("suppliers", "purchase_orders", "receipts"))
    if suppliers is None or orders is None or receipts is None:
        return units, credit
    if "return_days" not in suppliers or "supplier" not in orders:
        return units, credit
    terms = pd.DataFrame({"supplier": text_of(suppliers["supplier"])})
    terms["days"] = suppliers["return_days"].fillna(0).to_numpy(dtype=float)
    stated = suppliers["return_credit_share"].fillna(1.0) if "return_credit_share" in suppliers else 1.0
    terms["credit"] = np.asarray(stated, dtype=float)
    placed = pd.DataFrame({name: text_of(orders[name]) for name in ("po", "sku", "supplier")}).drop_duplicates()
    came = pd.DataFrame({name: text_of(receipts[name]) for name in ("po", "sku", "warehouse")})
    came["units"], came["age"] = receipts["units"].to_numpy(dtype=float), (view.today - receipts["date"]).dt.days
    rows = came.merge(placed, on=["po", "sku"]).merge(terms, on="supplier")
    rows = rows[(rows["age"] >= 0) & (rows["age"] <= rows["days"]) & (rows["days"] > 0)]
    sums = rows.groupby(["sku", "warehouse"]).agg(units=("units", "sum"), credit=("credit", "min")).reset_index()
    place = table[["sku", "warehouse"]].reset_index().drop_duplicates(["sku", "warehouse"])
    found = sums.merge(place, on=["sku", "warehouse"])
    units[found["index"].to_numpy()] = found["units"].to_numpy()
    credit[found["index"].to_numpy()] = found["credit"].to_numpy()
    return units, credit
