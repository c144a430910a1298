"""buyer.xlsx: what to order now and later, from whom, for how much, and what could not be planned."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from engine.plans.orders import OrderPlan
from engine.plans.replay import Replay
from engine.reports.facts import largest
from engine.reports.material import Material
from engine.reports.notes import notes_for
from engine.reports.sentences import RULE, buys, good
from engine.reports.sheet import EXCEL_ROWS, Book, Extra, Field, Figure, Kind, field
from engine.reports.watch_sheets import alert_sheet, supplier_sheets
from engine.reports.words import Words

TOP_LINES = 15
TOTALS = ("units", "packs", "cost_fen", "last_units", "change", "change_fen")
_UNIT_FACTORS = {"share": 100.0}


def write_buyer(path: Path, material: Material, limit: int = EXCEL_ROWS) -> Path:
    """Writes the workbook; without orders it says what would enable them."""
    words, orders, replay = material.words, material.bundle.orders, material.bundle.replay
    with Book(path, words, material.bundle.last_day) as book:
        lines = None if orders is None else _lines(material, orders)
        sentences = [buys(material), good(material)]
        extra = None if lines is None or lines.empty else _top(lines, words)
        book.summary(words("book_buyer"), material.subtitle, sentences, _figures(material), extra)
        if orders is not None and lines is not None:
            _orders(book, lines, material, limit)
        alerts, suppliers = material.bundle.alerts, material.bundle.suppliers
        if alerts is not None and len(alerts.table):
            alert_sheet(book, alerts, material, limit)
        if suppliers is not None and len(suppliers.scorecard):
            supplier_sheets(book, suppliers, material)
        if replay is not None and len(replay.measures):
            _replay(book, replay, words)
        book.notes(notes_for(material, orders, replay))
    return path


def _lines(material: Material, orders: OrderPlan) -> pd.DataFrame:
    """Order lines with product names and their numbers in the plan, by week, supplier and SKU."""
    lines = orders.lines.assign(line=np.arange(1, len(orders.lines) + 1))
    texts = ["sku", "warehouse", "pool", "supplier", "reason", "assumed"]
    lines = lines.assign(**{name: lines[name].astype("object").where(lines[name].notna(), "") for name in texts})
    lines["name"] = [material.name(sku) for sku in lines["sku"]]
    lines["pool"] = lines["pool"].map(material.words.label)
    lines["supplier"] = lines["supplier"].map(material.words.label)
    for name, between in (("reason", "; "), ("assumed", ", ")):
        lines[name] = lines[name].map(
            {text: material.words.joined(str(text), between) for text in lines[name].unique()}
        )
    return lines.sort_values(["order_week", "supplier", "sku", "warehouse", "pool"], kind="stable", ignore_index=True)


def _fields(words: Words, *names: str) -> list[Field]:
    kinds: dict[str, Kind] = {
        "order_week": "day",
        "arrival_week": "day",
        "covers_until": "day",
        "latest_order": "day",
        "line": "count",
        "last_units": "units",
        "change": "units",
        "change_fen": "money",
        "units": "units",
        "packs": "count",
        "unit_cost_fen": "money",
        "cost_fen": "money",
    }
    return [field(words, name, kinds.get(name, "text"), name in TOTALS) for name in names]


def _figures(material: Material) -> list[Figure]:
    words, orders = material.words, material.bundle.orders
    if orders is None:
        return []
    lines, cash = orders.lines, material.payments
    first = pd.to_datetime(lines["order_week"]) == pd.to_datetime(lines["order_week"]).min()
    cost = int(lines["cost_fen"].sum())
    figures = [
        Figure(words.header("now_fen", "money"), int(lines.loc[first, "cost_fen"].sum()), "money", words("mean_now")),
        Figure(words.header("cost_fen", "money"), cost, "money", words("mean_cost", lines=len(lines))),
        Figure(words.header("units", "units"), int(lines["units"].sum()), "units", words("mean_units")),
    ]
    room = (cash["limit_fen"] - cash["cumulative_fen"]).fillna(np.inf)
    if np.isfinite(room).any():
        week = f"{cash['week'].iloc[int(room.argmin())]:%Y-%m-%d}"
        figures.append(
            Figure(words.header("room_fen", "money"), float(room.min()), "money", words("mean_room", week=week))
        )
    gap = orders.report.gap
    if np.isfinite(gap):
        figures.append(Figure(words("gap"), gap, "fine_share", words("mean_gap")))
    figures.append(Figure(words("unplanned"), orders.unplanned["sku"].nunique(), "count", words("mean_unplanned")))
    return figures


def _top(lines: pd.DataFrame, words: Words) -> Extra:
    table = largest(lines, "cost_fen", TOP_LINES)
    names = ["sku", "name", "supplier", "order_week", "arrival_week", "units", "cost_fen"]
    fields = [Field(entry.name, entry.header, entry.kind) for entry in _fields(words, *names)]
    return Extra(words("top_lines", count=len(table)), table, fields)


def _orders(book: Book, lines: pd.DataFrame, material: Material, limit: int) -> None:
    words, orders = material.words, material.bundle.orders
    assert orders is not None
    columns = ["line", "supplier", "sku", "name", "warehouse", "pool", "order_week", "arrival_week", "units", "packs"]
    columns += ["unit_cost_fen", "cost_fen", "covers_until", "latest_order", "reason", "assumed"]
    if "group" in lines and (lines["group"].astype(str) != "").any():
        columns.insert(4, "group")
    first = pd.to_datetime(lines["order_week"]) == pd.to_datetime(lines["order_week"]).min()
    book.table(words("sheet_now"), lines[first], _fields(words, *columns), limit)
    book.table(words("sheet_lines"), lines, _fields(words, *columns), limit)
    if len(orders.changes):
        _changes(book, material, orders.changes, limit)
    _suppliers(book, lines, words)
    cash = material.payments
    cash = cash.assign(room_fen=cash["limit_fen"] - cash["cumulative_fen"])
    money = ["bought_fen", "paid_fen", "cumulative_fen", "limit_fen", "room_fen"]
    flows = [field(words, name, "money", name in ("bought_fen", "paid_fen")) for name in money]
    book.table(words("sheet_cash"), cash, [field(words, "week", "day"), *flows])
    if len(orders.unplanned):
        missing = orders.unplanned.assign(reason=orders.unplanned["reason"].astype(str).map(words.label))
        book.table(words("sheet_unplanned"), missing, _fields(words, "sku", "warehouse", "reason"), limit)


def _changes(book: Book, material: Material, changes: pd.DataFrame, limit: int) -> None:
    """Lines that differ from the last plan, the largest in money first, and why."""
    words = material.words
    table = changes.assign(
        name=[material.name(sku) for sku in changes["sku"]],
        change=changes["units"] - changes["last_units"],
        pool=changes["pool"].map(words.label),
        supplier=changes["supplier"].map(words.label),
        reason=[words.joined(text, "; ") for text in changes["reason"]],
    )
    names = ["supplier", "sku", "name", "warehouse", "pool", "order_week", "last_units", "units", "change"]
    book.table(words("sheet_changes"), table, _fields(words, *names, "change_fen", "reason"), limit)


def _suppliers(book: Book, lines: pd.DataFrame, words: Words) -> None:
    """A row a supplier: lines, SKUs, units, cost, of that ordered in the first week."""
    if lines.empty:
        return
    first = pd.to_datetime(lines["order_week"]) == pd.to_datetime(lines["order_week"]).min()
    groups = lines.assign(now_fen=lines["cost_fen"].where(first, 0)).groupby("supplier", as_index=False)
    table: pd.DataFrame = groups.agg(
        lines=("sku", "size"),
        skus=("sku", "nunique"),
        units=("units", "sum"),
        cost_fen=("cost_fen", "sum"),
        now_fen=("now_fen", "sum"),
    )
    table = table.sort_values("cost_fen", ascending=False, kind="stable")
    table["share"] = table["cost_fen"] / max(int(table["cost_fen"].sum()), 1)
    book.table(
        words("sheet_suppliers"),
        table,
        [
            field(words, "supplier"),
            field(words, "lines", "count", True),
            field(words, "skus", "count"),
            field(words, "units", "units", True),
            field(words, "cost_fen", "money", True),
            field(words, "share", "share"),
            field(words, "now_fen", "money", True),
        ],
    )


def _replay(book: Book, replay: Replay, words: Words) -> None:
    """A row a measure: every policy side by side, then the paired difference plan minus rule with its interval."""
    measures = replay.measures.assign(policy=replay.measures["policy"].astype(str))
    measures["measure"] = measures["measure"].astype(str)
    order = list(dict.fromkeys(measures["measure"]))
    units = measures.drop_duplicates("measure").set_index("measure")["unit"].astype(str)
    factor = units.map(lambda unit: _UNIT_FACTORS.get(unit, 1.0)).reindex(order)
    table = measures.pivot(index="measure", columns="policy", values="mean").reindex(order)
    policies = list(dict.fromkeys(measures["policy"]))
    paired = replay.paired.assign(
        policy=replay.paired["policy"].astype(str), measure=replay.paired["measure"].astype(str)
    )
    against = paired[(paired["policy"] == "plan") & (paired["against"].astype(str) == RULE)].set_index("measure")
    for column, source in (("difference", "mean"), ("difference_low", "low"), ("difference_high", "high")):
        table[column] = against[source].reindex(order) if len(against) else np.nan
    table = table.mul(factor, axis=0)
    table.insert(0, "unit", [words.unit(units[name]) for name in order])
    table.insert(0, "measure", [words.label(name) for name in order])
    fields = [field(words, "measure"), field(words, "unit")]
    fields += [Field(name, words.label(name), "number") for name in policies]
    fields += [field(words, name, "number") for name in ("difference", "difference_low", "difference_high")]
    book.table(words("sheet_replay"), table, fields)
