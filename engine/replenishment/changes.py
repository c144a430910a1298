"""What differs from the last plan, line by line, and why.

Over the weeks that both plans cover, an item's orders are its expected demand less stock and orders on their way, and
what rules and prices make of it. The difference of these terms between the plans says why a line has changed; what is
already placed of the last plan's lines is no change.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.network import ITEM
from engine.plans.orders import CHANGE_COLUMNS, OrderPlan, SupplyCase
from engine.replenishment.lines import RULES
from engine.replenishment.rolling import before_weeks, week_of

Floats = NDArray[np.float64]
WEEK = np.timedelta64(7, "D")
PART = 0.2
"""A reason that accounts for less than this share of an item's change is not named."""


def plan_changes(
    before: OrderPlan, case: SupplyCase, lines: pd.DataFrame, expected: Floats, rows: pd.DataFrame
) -> pd.DataFrame:
    """Frame of ``CHANGE_COLUMNS``, the largest change in money first. ``lines``, ``expected`` [items, weeks] and
    ``rows`` are the new plan's. Weeks that the last plan did not reach are left out."""
    common = min(before_weeks(before, case.weeks), len(case.weeks))
    if common <= 0:
        return pd.DataFrame({name: [] for name in CHANGE_COLUMNS})
    both = _both(case, lines, common)
    both = both[both["units"] != both["last_units"]].reset_index(drop=True)
    if both.empty:
        return pd.DataFrame({name: [] for name in CHANGE_COLUMNS})
    parts = _parts(before, case, expected, common)
    limits = _limits(before.rows, rows)
    total = (both["units"] - both["last_units"]).groupby(both["item"]).transform("sum")
    both["reason"] = [
        _reason(_Change(*entry), parts, limits)
        for entry in zip(both["item"], both["week"] < 0, both["units"] - both["last_units"], total, strict=True)
    ]
    first = case.weeks[0].astype("datetime64[D]")
    both["order_week"] = (first + both["week"].to_numpy() * WEEK).astype("datetime64[s]")
    both = both.join(case.items[ITEM].astype(str), on="item")
    order = np.lexsort([both["supplier"], both["order_week"], both["item"], -both["change_fen"].abs()])
    return both.iloc[order][list(CHANGE_COLUMNS)].reset_index(drop=True)


def _both(case: SupplyCase, lines: pd.DataFrame, common: int) -> pd.DataFrame:
    """Orders of both plans: frame ``item, supplier, week`` (of order; -1: the week is over), ``last_units, units,
    change_fen``."""
    keys = ["item", "supplier", "week"]
    old = case.last_plan.astype({"supplier": str}).rename(columns={"units": "last_units", "cost_fen": "last_fen"})
    old = old.assign(week=np.maximum(week_of(old["order_week"], case.weeks), -1))
    old = (
        old[(old["week"] >= 0) | ~old["stands"].astype(bool)]
        .groupby(keys, as_index=False)[["last_units", "last_fen"]]
        .sum()
    )
    index = pd.MultiIndex.from_frame(case.items[ITEM].astype(str))
    item = index.get_indexer(pd.MultiIndex.from_frame(lines[ITEM].astype(str)))
    new = lines.assign(item=item, week=week_of(lines["order_week"], case.weeks)).astype({"supplier": str})
    new = new[new["week"] < common].groupby(keys, as_index=False)[["units", "cost_fen"]].sum()
    both = old.merge(new, on=keys, how="outer").fillna(0.0)
    both["change_fen"] = both["cost_fen"] - both["last_fen"]
    names = ("item", "week", "last_units", "units", "change_fen")
    return both.astype(dict.fromkeys(names, np.int64)).sort_values(keys, ignore_index=True)


@dataclass(frozen=True)
class _Change:
    """A line of ``item`` that differs by ``units``, all its lines by ``total``; ``over``: its week is over."""

    item: int
    over: bool
    units: int
    total: int


@dataclass(frozen=True)
class _Parts:
    """By item, new less last: ``demand`` units over the common weeks, ``stock`` against what the last plan expected to
    lie there now, ``coming`` units on their way; ``price`` as a share; ``terms``: lead time, pack or minimum differ;
    ``known``: the item was in the last plan."""

    demand: Floats
    stock: Floats
    coming: Floats
    price: Floats
    terms: NDArray[np.bool_]
    known: NDArray[np.bool_]


def _parts(before: OrderPlan, case: SupplyCase, expected: Floats, common: int) -> _Parts:
    old, index = before.case, pd.MultiIndex.from_frame(before.case.items[ITEM].astype(str))
    row = index.get_indexer(pd.MultiIndex.from_frame(case.items[ITEM].astype(str)))
    known = row >= 0
    past = len(old.weeks) - before_weeks(before, case.weeks)
    was = np.zeros((len(old.items), len(old.weeks))) if before.expected is None else before.expected
    arrivals, early = _arrivals(before, case)
    stock = old.items["on_hand"].to_numpy(float) + (old.scheduled + arrivals - was)[:, :past].sum(axis=1)
    coming = (old.scheduled + arrivals)[:, past:].sum(axis=1)
    now = case.scheduled[:, :common].sum(axis=1) - early
    terms = ["lead_time_weeks", "pack_units", "moq_units"]
    cost, last = case.items["unit_cost_fen"].to_numpy(float), old.items["unit_cost_fen"].to_numpy(float)

    def change(new: Floats, then: Floats) -> Floats:
        return np.where(known, new - then[row], 0.0)

    different = (case.items[terms].to_numpy() != old.items[terms].to_numpy()[row]).any(axis=1)
    return _Parts(
        demand=change(expected[:, :common].sum(axis=1), was[:, past:].sum(axis=1)) * (before.expected is not None),
        stock=change(case.items["on_hand"].to_numpy(float), np.maximum(stock, 0.0)),
        coming=change(now, coming),
        price=np.where(known & (last[row] > 0), cost / np.maximum(last[row], 1e-9) - 1.0, 0.0),
        terms=known & different,
        known=known,
    )


def _arrivals(before: OrderPlan, case: SupplyCase) -> tuple[Floats, Floats]:
    """Units of the last plan's lines whose week is over, by its weeks of arrival [items then, weeks then]; what of the
    placed orders is of its lines to come, placed early or standing [items now]."""
    past = -before_weeks(before, case.weeks) + len(before.case.weeks)
    index = pd.MultiIndex.from_frame(before.case.items[ITEM].astype(str))
    lines = before.lines
    over = (week_of(lines["order_week"], before.case.weeks) < past) & ~lines.index.isin(_standing(before))
    item = index.get_indexer(pd.MultiIndex.from_frame(lines[ITEM].astype(str)))
    week = week_of(lines["arrival_week"], before.case.weeks)
    over &= (item >= 0) & (week < len(before.case.weeks))
    out = np.zeros_like(before.case.scheduled)
    np.add.at(out, (item[over], week[over]), lines["units"].to_numpy(dtype=float)[over])
    last = case.last_plan
    to_come = (week_of(last["order_week"], case.weeks) >= 0) if len(last) else np.zeros(0, dtype=bool)
    of_now = np.where(last["stands"].astype(bool), last["planned"], last["planned"] - last["units"]) * to_come
    early = np.bincount(last["item"].astype(int), of_now.astype(float), len(case.items))
    return out, early.astype(np.float64)


def _standing(before: OrderPlan) -> pd.Index:
    """Rows of lines that the last plan counted as placed."""
    return before.lines.index.difference(before.new_lines.index)


def _limits(before: pd.DataFrame, now: pd.DataFrame) -> list[str]:
    """Limits that have begun or ceased to bind."""

    def held(rows: pd.DataFrame) -> set[str]:
        return {RULES[family] for family in rows.loc[rows["price"] > 0, "family"]} if len(rows) else set()

    began, ceased = sorted(held(now) - held(before)), sorted(held(before) - held(now))
    return [f"{name} is short now" for name in began] + [f"{name} is no longer short" for name in ceased]


def _reason(change: _Change, parts: _Parts, limits: list[str]) -> str:
    """One sentence."""
    item = change.item
    if change.over:
        return "not placed; planned anew"
    if not parts.known[item]:
        return "new in the plan"
    found = []
    size = max(abs(change.total), abs(change.units))
    for amount, more, less in (
        (parts.demand[item], "demand is {:,.0f} units higher", "demand is {:,.0f} units lower"),
        (-parts.stock[item], "stock is {:,.0f} units lower than planned", "stock is {:,.0f} units higher than planned"),
        (-parts.coming[item], "{:,.0f} units fewer are on their way", "{:,.0f} units more are on their way"),
    ):
        if abs(amount) >= max(PART * size, 1.0) and (amount > 0) == ((change.total or change.units) > 0):
            found.append((abs(amount), (more if amount > 0 else less).format(abs(amount))))
    words = [text for _, text in sorted(found, key=lambda entry: -entry[0])]
    if abs(parts.price[item]) >= 0.005:
        words.append(f"the purchase price is {parts.price[item]:+.1%}")
    if parts.terms[item]:
        words.append("lead time, pack or minimum order have changed")
    if not words and abs(change.total) < PART * abs(change.units):
        words.append("moved in time")
    return "; ".join([*words, *limits] or ["small changes of need make another lot size better"])
