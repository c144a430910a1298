"""Why a line has its quantity: terms in whole units that add up to it.

The single-item programme is solved again in the weeks of arrival of the plan, with the plan's suppliers, and one rule
more each time: single units, whole packs, minimum order, order cost, prices (tiers and suppliers), the steps of several
packs in which big sellers are planned, and the plan itself, which shares money and room with all other items. A rule's
term is by how much the units ordered up to the line change when it is added; what came on earlier lines is taken off.
Sizes that share an order are solved together, and split, each time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.execution.run import Run
from engine.plans.errors import BadInput, Problem
from engine.plans.forecast import Demand
from engine.plans.orders import OrderPlan, SupplyCase
from engine.replenishment.overruns import row_words
from engine.replenishment.returns import coming_back
from engine.replenishment.rows import rows_of
from engine.replenishment.settings import ReplenishSettings
from engine.replenishment.styles import Styles, styles_of
from engine.replenishment.tables import Tables, build_tables
from engine.replenishment.variants import in_units, variants
from models.inventory.coupling import use_of
from models.inventory.lot_sizing import LotProblem, solve_lots

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MOST_STATES = 100_000
"""Up to so many units are planned one by one for the explanation."""
WEEK = np.timedelta64(7, "D")
NEED = ("demand", "returns", "on_hand", "placed_orders", "earlier_lines")
HELD = ["rule", "family", "name", "week", "unit", "used", "price", "yuan"]


@dataclass(frozen=True)
class LineExplanation:
    """A line and why it is as large as it is.

    ``line``: its row of the plan, ``number`` from 1. ``terms``: whole units by name, in order; their sum is the line's
    quantity. ``demand_until``: the demand of the terms is that before this day. ``needed_by``: first day of the week in
    which expected demand outruns the stock without this line, ``order_by``: the order that still comes in time; None
    where stock lasts. ``first``: the item's first supplier and his price (fen), and whether the line is his.
    ``held``: limits with a price that the line uses, frame ``rule, family, name, week, unit, used, price, yuan`` (price
    a unit of the limit, yuan what the line's use is worth). ``group_units``: units of the whole order of a style or
    colour, 0 alone. ``trust``: grade by sales channel.
    """

    number: int
    line: dict[str, Any]
    terms: dict[str, int]
    demand_until: np.datetime64
    needed_by: np.datetime64 | None
    order_by: np.datetime64 | None
    first: tuple[str, int, bool]
    held: pd.DataFrame
    group_units: int = 0
    trust: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def net_need(self) -> int:
        """Demand less what comes back, stock, placed orders and earlier lines."""
        return sum(self.terms[name] for name in NEED)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        days = ("order_week", "arrival_week", "covers_until", "latest_order")
        supplier, price, own = self.first
        return {
            "line": self.number,
            **{name: _day(value) if name in days else value for name, value in self.line.items()},
            "terms": self.terms,
            "net_need": self.net_need,
            "demand_until": _day(self.demand_until),
            "needed_by": None if self.needed_by is None else _day(self.needed_by),
            "order_by": None if self.order_by is None else _day(self.order_by),
            "first_supplier": supplier,
            "first_supplier_price_fen": price,
            "is_first_supplier": own,
            "group_units": self.group_units,
            "limits": self.held.to_dict("records"),
            "trust": self.trust,
            "warnings": list(self.warnings),
        }


def find_line(plan: OrderPlan, wanted: str) -> int:
    """Row of a line: by its number from 1, or the first one of ``SKU@WAREHOUSE``; :class:`BadInput` otherwise."""
    lines = plan.lines
    if wanted.isdecimal() and 1 <= int(wanted) <= len(lines):
        return int(wanted) - 1
    sku, _, warehouse = wanted.rpartition("@")
    mine = (lines["sku"].astype(str) == sku) & (lines["warehouse"].astype(str) == warehouse)
    if mine.any():
        return int(np.argmax(mine))
    expected = f"a number from 1 to {len(lines)}, or SKU@WAREHOUSE of an item that is ordered"
    raise BadInput([Problem("--order", "is no line of the plan", value=wanted, expected=expected)])


def explain_line(plan: OrderPlan, row: int, demand: Demand, settings: ReplenishSettings, run: Run) -> LineExplanation:
    """Why line ``row`` of a plan is as it is; ``demand``, ``settings`` and ``run`` as the plan was made with."""
    line = plan.lines.iloc[row]
    item = int(items_of(plan.case, plan.lines.iloc[[row]])[0])
    unit = plan.case.units
    numbers = np.flatnonzero(unit == unit[item])
    part, own = plan.case.only(numbers), int(np.searchsorted(numbers, item))
    tables = build_tables(part, demand, settings, run, numbers)
    if bool(line.get("stands", False)):
        return _standing(plan, row, tables)
    styles = styles_of(part, tables)
    orders = _orders_of(plan, numbers, item, styles)
    week = _week(part, line["arrival_week"])
    place = int(np.searchsorted(orders["arrival"], week))
    mine = orders[orders["own"] > 0].reset_index(drop=True)
    after = mine["arrival"][mine["arrival"] > week]
    end = int(after.iloc[0]) if len(after) else len(part.weeks)

    expected = tables.expected[own]
    opening, placed = int(part.items["on_hand"].iloc[own]), np.cumsum(part.scheduled[own])
    earlier = int(orders["own"].iloc[:place].sum())
    planned = earlier + int(orders["own"].iloc[place])
    back = coming_back(part, expected, own)
    terms = {
        "demand": round(float((expected + back)[:end].sum())),
        "returns": round(float(expected[:end].sum())) - round(float((expected + back)[:end].sum())),
        "on_hand": -opening,
        "placed_orders": -round(float(placed[end - 1])),
        "earlier_lines": -earlier,
    }
    before = sum(terms.values()) + earlier
    finest = settings.model_copy(update={"states": MOST_STATES})
    ones = in_units(part)
    single = styles_of(ones, build_tables(ones, demand, finest, run, numbers))
    for name, variant in variants(styles, single, orders):
        problem = variant.tables.problem
        free = solve_lots(problem, np.zeros(problem.most.shape), np.zeros(problem.most.shape))
        lots = variant.split(free).plans.lots[own]
        total = round(float(variant.items.problem.lot[own] * lots[: week + 1].sum()))
        terms[name] = total - before
        before = total
    terms["shared_limits"] = planned - before

    short = np.flatnonzero(np.cumsum(expected) > opening + placed + earlier + 0.5)
    lead = week - _week(part, line["order_week"])
    needed = part.weeks[short[0]].astype("datetime64[D]") if len(short) else None
    first = tables.sources.table.iloc[int(tables.sources.start[own])]
    return LineExplanation(
        number=row + 1,
        line={str(name): _plain(value) for name, value in line.items()},
        terms=terms,
        demand_until=part.weeks[0].astype("datetime64[D]") + end * WEEK,
        needed_by=needed,
        order_by=None if needed is None else needed - lead * WEEK,
        first=(str(first["supplier"]), int(first["unit_cost_fen"]), int(orders["source"].iloc[place]) == 0),
        held=_held(plan, styles, orders.iloc[place], settings),
        group_units=int(orders["units"].iloc[place]) if len(numbers) > 1 else 0,
    )


def _standing(plan: OrderPlan, row: int, tables: Tables) -> LineExplanation:
    """A line of the last plan, in a frozen week: nothing is weighed again."""
    line, first = plan.lines.iloc[row], tables.sources.table.iloc[0]
    return LineExplanation(
        number=row + 1,
        line={str(name): _plain(value) for name, value in line.items()},
        terms={**dict.fromkeys(NEED, 0), "last_plan": int(line["units"])},
        demand_until=np.datetime64(line["arrival_week"], "D"),
        needed_by=None,
        order_by=None,
        first=(str(first["supplier"]), int(first["unit_cost_fen"]), str(line["supplier"]) == str(first["supplier"])),
        held=pd.DataFrame({name: [] for name in HELD}),
    )


def items_of(case: SupplyCase, lines: pd.DataFrame) -> Ints:
    """Rows of the items that lines order."""
    keys = ["sku", "warehouse", "pool"]
    index, wanted = (pd.MultiIndex.from_frame(frame[keys].astype(str)) for frame in (case.items, lines))
    return np.asarray(index.get_indexer(wanted), dtype=np.int64)


def _orders_of(plan: OrderPlan, numbers: Ints, item: int, styles: Styles) -> pd.DataFrame:
    """New orders of the items ``numbers``, one planning unit, by week of ``arrival``: all ``units``, those of the
    ``item`` (``own``), and the ``source`` in the unit's tables."""
    lines = plan.new_lines
    place = items_of(plan.case, lines)
    mine = lines[np.isin(place, numbers)]
    suppliers = pd.Index(styles.tables.sources.table["supplier"].astype(str))
    units = mine["units"].to_numpy(dtype=np.int64)
    frame = pd.DataFrame(
        {
            "arrival": [_week(plan.case, day) for day in mine["arrival_week"]],
            "source": suppliers.get_indexer(pd.Index(mine["supplier"].astype(str))),
            "units": units,
            "own": np.where(place[np.isin(place, numbers)] == item, units, 0),
        }
    )
    return frame.groupby(["arrival", "source"], as_index=False).sum()


def _held(plan: OrderPlan, styles: Styles, order: pd.Series, settings: ReplenishSettings) -> pd.DataFrame:
    """Limits with a price that an item's part of an order uses: frame as in :class:`LineExplanation`, dearest first."""
    priced = plan.rows[plan.rows["price"] > 0]
    if priced.empty:
        return pd.DataFrame({name: [] for name in HELD})
    problem, tables = styles.tables.problem, styles.tables
    rows = rows_of(styles.case, tables.sources, tables.expected, settings.supplier_shares)
    lots = np.zeros(problem.shape, dtype=np.int64)
    lots[0, order["arrival"]] = round(order["units"] / problem.lot[0])
    offer = np.full_like(lots, -1)
    offer[0, order["arrival"]] = _offer(problem, order)
    keys = ["family", "name", "week"]
    used = use_of(problem, rows.coupling, lots, offer) * (order["own"] / order["units"])
    names = rows.names[keys].assign(used=used, week=_days(rows.names["week"]))
    found = priced.drop(columns="used").assign(week=_days(priced["week"])).merge(names, on=keys)
    found = found[found["used"] > 0]
    found = found.assign(rule=row_words(found), yuan=found["used"] * found["price"], week=found["week"].astype(str))
    return found[HELD].sort_values(["yuan", "rule"], ascending=[False, True], ignore_index=True)


def _offer(problem: LotProblem, order: pd.Series) -> int:
    """The offer of the order's source on which its units cost least."""
    lots = round(order["units"] / problem.lot[0])
    cost = problem.offer_fixed + problem.offer_price * order["units"]
    allowed = (problem.offer_source == order["source"]) & (problem.offer_lots <= lots)
    return int(np.argmin(np.where(allowed, cost, np.inf)))


def _week(case: SupplyCase, day: Any) -> int:
    return int((np.datetime64(day, "D") - case.weeks[0].astype("datetime64[D]")) // WEEK)


def _days(values: pd.Series) -> Any:
    return values.to_numpy().astype("datetime64[D]").astype("datetime64[s]")


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _day(value: Any) -> str:
    return str(np.datetime64(value, "D"))
