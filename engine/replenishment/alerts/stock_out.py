"""Stock-outs: when, how likely, what they cost, and which order could still come in time."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.network import ITEM, text_of
from engine.plans.alerts import alert_table
from engine.replenishment.alerts.view import View, iso
from engine.replenishment.alerts.ways_out import weeks_text
from engine.replenishment.terms import open_weeks

Floats = NDArray[np.float64]
EXPEDITE, OTHER, MORE, ACCEPT = "expedite", "second_supplier", "order_more", "accept"


def stock_out(view: View) -> pd.DataFrame:
    """Items that run out within the watched weeks although the planned orders come."""
    chance, settings, positions = view.chance, view.settings, view.positions
    watch = min(settings.watch_weeks, len(positions.weeks))
    rows = np.flatnonzero(chance.probability >= settings.stock_out_probability)
    lost = chance.lost[rows, :watch].sum(axis=1)
    margin = positions.column("lost")[rows]
    date = view.day(chance.day[rows])
    way = _best(rows, _expedited(view, rows), _reordered(view, rows, watch))
    table = positions.table.iloc[rows].reset_index(drop=True)
    reason = [
        f"runs out around {day} with the planned orders, with probability {alone:.0%} without them"
        for day, alone in zip(iso(date), chance.without[rows], strict=True)
    ]
    return alert_table(
        kind="stock_out",
        **{name: table[name].to_numpy() for name in ITEM},
        date=date,
        probability=chance.probability[rows],
        units=lost,
        stock=np.zeros(len(rows)),
        stake=lost * margin,
        reason=reason,
        **{name: way[name].to_numpy() for name in ("action", "how", "value")},
    )


def _expedited(view: View, rows: NDArray[np.int64]) -> pd.DataFrame:
    """The next order on its way is speeded up."""
    chance, ways = view.chance, view.settings.ways_out
    units = chance.next_units[rows]
    cost = ways.expedite_cost_share * view.positions.column("unit_cost")[rows] * units
    value = chance.saved[rows] * view.positions.column("lost")[rows] - cost
    sooner = weeks_text(ways.expedite_weeks)
    how = [f"{count:,.0f} units, {sooner} sooner" for count in units]
    return pd.DataFrame({"row": rows, "action": EXPEDITE, "how": how, "value": np.where(units > 0, value, 0.0)})


def _reordered(view: View, rows: NDArray[np.int64], watch: int) -> pd.DataFrame:
    """What is still short when the goods of any supplier could come is ordered from it now."""
    offers = _offers(view, rows)
    lead = np.minimum(offers["lead"].to_numpy(dtype=np.int64), watch)
    row = offers["row"].to_numpy(dtype=np.int64)
    lost = view.chance.lost[:, :watch]
    before = np.concatenate([np.zeros((len(lost), 1)), np.cumsum(lost, axis=1)], axis=1)
    short = before[row, watch] - before[row, lead]
    pack, moq = offers["pack"].to_numpy(dtype=float), offers["moq"].to_numpy(dtype=float)
    units = np.ceil(np.maximum(short, moq) / pack - 1e-9) * pack
    positions = view.positions
    rate = positions.demand[row].mean(axis=1)
    weeks = np.minimum(np.divide(units - short, rate, out=np.full(len(row), 52.0), where=rate > 0), 52.0)
    premium = offers["price"].to_numpy(dtype=float) - positions.column("unit_cost")[row]
    cost = units * premium + offers["order_cost"].to_numpy(dtype=float)
    cost = cost + 0.5 * weeks * (units - short) * positions.column("holding")[row]
    value = np.where(short > 0, short * positions.column("lost")[row] - cost, 0.0)
    own = (offers["supplier"] == text_of(positions.table["supplier"]).to_numpy()[row]).to_numpy()
    how = [f"{count:,.0f} units from {name}" for count, name in zip(units, offers["supplier"], strict=True)]
    return pd.DataFrame({"row": row, "action": np.where(own, MORE, OTHER), "how": how, "value": value})


def _offers(view: View, rows: NDArray[np.int64]) -> pd.DataFrame:
    """Terms of all suppliers that take orders now: ``row, supplier, lead`` (weeks), ``pack, moq, price, order_cost``
    (yuan)."""
    columns = ["row", "supplier", "lead", "pack", "moq", "price", "order_cost"]
    terms = view.dataset.get("supply_terms")
    if terms is None or terms.empty:
        return pd.DataFrame({name: pd.Series(dtype=float) for name in columns})
    offers = pd.DataFrame({"sku": text_of(terms["sku"]), "supplier": text_of(terms["supplier"])})
    offers["lead"] = np.ceil(terms["lead_time_days"].to_numpy(dtype=float) / 7.0 - 1e-9)
    for name, source, least, scale in (
        ("pack", "pack_units", 1.0, 1.0),
        ("moq", "moq_units", 1.0, 1.0),
        ("price", "unit_price_fen", 0.0, 100.0),
        ("order_cost", "order_cost_fen", 0.0, 100.0),
    ):
        given = terms[source].fillna(least).to_numpy(dtype=float) if source in terms else np.full(len(terms), least)
        offers[name] = np.maximum(given, least) / scale
    asked = pd.DataFrame({"row": rows, "sku": view.positions.table["sku"].to_numpy()[rows]})
    found = asked.merge(offers[offers["price"] > 0], on="sku").sort_values(["row", "supplier"], ignore_index=True)
    takes = open_weeks(view.dataset, found, view.positions.weeks)[:, 0] if len(found) else np.zeros(0, dtype=bool)
    return found[takes][columns].reset_index(drop=True)


def _best(rows: NDArray[np.int64], *ways: pd.DataFrame) -> pd.DataFrame:
    """The way with the highest value of each row; ``accept`` where none pays."""
    nothing = pd.DataFrame({"row": rows, "action": ACCEPT, "how": "", "value": 0.0})
    every = pd.concat([nothing, *[way[way["value"] > 0.005] for way in ways]], ignore_index=True)
    every = every.sort_values(["row", "value"], ascending=[True, False], kind="stable").drop_duplicates("row")
    return every.reset_index(drop=True)
