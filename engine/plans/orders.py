"""SupplyCase and OrderPlan: the stock problem as it stands, and what to buy."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from engine.plans.parts import Parts, frame_grid, grid_frame
from engine.plans.solve import SolveReport
from models.inventory.returned import net_of_returns
from models.panel import Dates

TIER_COLUMNS = ("item", "supplier", "from_units", "unit_cost_fen", "incremental")
ALTERNATIVE_COLUMNS = (
    "item",
    "supplier",
    "lead_time_weeks",
    "moq_units",
    "pack_units",
    "unit_cost_fen",
    "order_cost_fen",
)
ROW_COLUMNS = ("family", "name", "week", "unit", "limit", "used", "price")
WORTH_COLUMNS = ("supplier", "purchases_fen", "payment_days_fen", "next_tier_fen")
LIMIT_COLUMNS = ("family", "name", "week", "limit")
LAST_COLUMNS = ("item", "supplier", "order_week", "arrival_week", "units", "planned", "cost_fen", "stands")
SECOND_COLUMNS = ("item", "second", "share", "extra_fen")
GRIDS = ("spill", "returns", "reserved")
CHANGE_COLUMNS = ("sku", "warehouse", "pool", "supplier", "order_week", "last_units", "units", "change_fen", "reason")


def _empty(columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(dict.fromkeys(columns, np.zeros(0, np.int64)))


def units_of(items: pd.DataFrame) -> NDArray[np.int64]:
    """Planning unit of each item of a case, 0, 1, ... by first item: the items of a group from one supplier for one
    warehouse and pool are one, every other item is its own.

    >>> units_of(pd.DataFrame({"group": ["", "A", "", "A"], "warehouse": "w", "pool": "p", "supplier": "s"})).tolist()
    [0, 1, 2, 1]
    """
    unit = np.arange(len(items))
    if "group" not in items:
        return unit
    keys = items[["group", "warehouse", "pool", "supplier"]].astype(str).reset_index(drop=True)
    grouped = (keys["group"] != "").to_numpy()
    first = keys.assign(item=unit)[grouped].groupby(list(keys), sort=False)["item"].transform("min")
    unit[grouped] = first
    return np.unique(unit, return_inverse=True)[1].astype(np.int64)


def _first_arrival(placed: NDArray[np.bool_], lead: NDArray[np.int64]) -> NDArray[np.int64]:
    """Week [rows] in which the first order that may be placed arrives; beyond all weeks where none may."""
    weeks = placed.shape[1]
    return np.asarray(np.where(placed.any(axis=1), placed.argmax(axis=1) if weeks else 0, weeks) + lead)


@dataclass(frozen=True)
class SupplyCase:
    """The stock problem of all items (SKU x warehouse x pool) over the planning weeks.

    ``items``: one row an item: ``sku, warehouse, pool, category, supplier, lead_time_weeks`` (whole weeks until
    sellable), ``lead_time_sd_weeks, moq_units, pack_units, unit_cost_fen, order_cost_fen, holding_fen_week`` (a unit
    and week, capital and storage), ``lost_fen`` (contribution lost a unit), ``salvage_fen`` (what a unit brings when
    cleared), ``demand_after`` (units a week expected after the last one), ``on_hand``, ``volume_m3``,
    ``shelf_life_weeks`` (inf: none), ``assumed`` (names of the figures that were assumed, joined by comma), ``group``
    (style or colour whose sizes share one order, "" alone: then ``moq_units``, ``order_cost_fen`` and tiers hold for
    all of them together), ``ratio_units`` (units in a prepack of the group, 0: sizes are ordered freely),
    ``trial_units`` (units that may arrive before the week ``trial_until``, -1: no limit), ``service_level`` (asked for
    instead of ``lost_fen``, NaN: not).
    ``scheduled`` float64 [items, weeks]: units of placed orders that become sellable at the start of the week.
    ``revenue_fen`` float32 [items, weeks]: net revenue a unit sold (after fees, freight, returns,
    VAT; before cost of goods).
    ``fulfilment``: sparse [items, series of the forecast]: units drawn from the item per unit of demand.
    ``can_order`` bool [items, weeks]: an order may be placed in this week (supplier open, before the last buy).
    ``inbound_limit`` float64 [warehouses, weeks], units received (inf: no limit); ``warehouses`` names its rows.
    ``cash_limit_fen`` float64 [weeks]: money for purchases up to and including the week, cumulative (inf:
    no limit).
    ``payments``: frame ``supplier, milestone (order|arrival), weeks, share``. ``tiers``: prices that fall with the
    quantity, frame ``item`` (row of ``items``), ``supplier, from_units, unit_cost_fen, incremental``.
    ``alternatives``: further suppliers, frame ``item, supplier, lead_time_weeks, moq_units, pack_units, unit_cost_fen,
    order_cost_fen``, by item; ``alternatives_open`` bool [rows, weeks]: an order may be placed with them.
    ``limits``: what new orders may use besides, frame ``family`` (``storage``: m3 of a warehouse, stock included;
    ``supplier``: units delivered; ``open_to_buy``: fen of a category's arrivals; ``minimum_order``: fen of a supplier's
    orders of a week, at least), ``name``, ``week`` (start of the week, or of the first week of a month), ``limit``;
    placed orders are off already but for storage (below zero: they overrun it).
    ``last_plan``: lines of the last plan, frame ``item, supplier, order_week, arrival_week, units`` (not placed so
    far), ``planned`` (units in all), ``cost_fen`` (of ``units``), ``stands`` (its week is frozen: it counts as placed).
    ``second_lanes``: where demand goes that an item is short of, frame ``item, second`` (row of the item that serves it
    from its own stock), ``share`` (of the item's demand that it can reach), ``extra_fen`` (what a unit costs more).
    ``spill`` float64 [items, weeks]: units that a plan expects to be drawn from the item in this way; None: not
    counted.
    ``returns`` float64 [items, weeks]: units sold before the plan that come back and are sellable again from the week
    on; of the units sold in it the share ``return_share`` comes back ``return_weeks`` later (columns of ``items``);
    None: nothing comes back.
    ``reserved`` float64 [items, weeks]: units of the week's demand that are sold already (pre-sale), a floor under it;
    None: there are none.
    """

    items: pd.DataFrame
    weeks: Dates
    scheduled: NDArray[np.float64]
    revenue_fen: NDArray[np.float32]
    fulfilment: sparse.csr_array
    can_order: NDArray[np.bool_]
    warehouses: tuple[str, ...]
    inbound_limit: NDArray[np.float64]
    cash_limit_fen: NDArray[np.float64]
    payments: pd.DataFrame
    tiers: pd.DataFrame = field(default_factory=lambda: _empty(TIER_COLUMNS))
    alternatives: pd.DataFrame = field(default_factory=lambda: _empty(ALTERNATIVE_COLUMNS))
    alternatives_open: NDArray[np.bool_] | None = None
    limits: pd.DataFrame = field(default_factory=lambda: _empty(LIMIT_COLUMNS))
    last_plan: pd.DataFrame = field(default_factory=lambda: _empty(LAST_COLUMNS))
    second_lanes: pd.DataFrame = field(default_factory=lambda: _empty(SECOND_COLUMNS))
    spill: NDArray[np.float64] | None = None
    returns: NDArray[np.float64] | None = None
    reserved: NDArray[np.float64] | None = None

    def _grids(self) -> dict[str, Any]:
        """The optional grids [items, weeks] that there are."""
        return {name: grid for name in GRIDS if (grid := getattr(self, name)) is not None}

    def bound(self, units: NDArray[Any], rows: NDArray[np.int64] | slice = slice(None)) -> NDArray[Any]:
        """Units [items, paths, weeks] drawn from the items ``rows``, at least those that are reserved."""
        if self.reserved is None:
            return units
        return np.maximum(units, self.reserved[rows, None, : units.shape[2]].astype(units.dtype))

    def net(self, units: NDArray[Any], rows: NDArray[np.int64] | slice = slice(None)) -> NDArray[Any]:
        """Units [items, paths, weeks] that stock must serve, of those drawn from the items ``rows``: less what comes
        back, at least the reserved ones."""
        units, weeks = self.bound(units, rows), units.shape[2]
        if self.returns is None or not (self.returns.any() or self.items["return_share"].any()):
            return units
        share, lag = (self.items[name].to_numpy()[rows] for name in ("return_share", "return_weeks"))
        supply = self.supply[rows, :weeks]
        found = net_of_returns(units, self.returns[rows, :weeks], share, lag.astype(np.int64), supply)
        return np.ascontiguousarray(found, dtype=units.dtype)

    @cached_property
    def supply(self) -> NDArray[np.float64]:
        """Units on hand and received [items, weeks] up to and including the week; inf from the first one in which a new
        order can arrive."""
        lead = [frame["lead_time_weeks"].to_numpy(dtype=np.int64) for frame in (self.items, self.alternatives)]
        first = _first_arrival(self.can_order, lead[0])
        others = _first_arrival(self.may_order_alternative, lead[1])
        np.minimum.at(first, self.alternatives["item"].to_numpy(dtype=np.int64), others)
        there = self.items["on_hand"].to_numpy(dtype=float)[:, None] + np.cumsum(self.scheduled, axis=1)
        return np.where(np.arange(len(self.weeks))[None, :] < first[:, None], there, np.inf)

    @property
    def units(self) -> NDArray[np.int64]:
        """Planning unit of each item (:func:`units_of`)."""
        return units_of(self.items)

    @property
    def may_order_alternative(self) -> NDArray[np.bool_]:
        """``alternatives_open``; all weeks where it is not given."""
        if self.alternatives_open is not None:
            return self.alternatives_open
        return np.ones((len(self.alternatives), len(self.weeks)), dtype=bool)

    def only(self, rows: NDArray[np.int64]) -> SupplyCase:
        """The case of these items alone; limits, money and warehouses stay those of all."""
        place = np.full(len(self.items), -1)
        place[rows] = np.arange(len(rows))
        tiers, others, last = (
            frame.assign(item=place[frame["item"].to_numpy(int)])
            for frame in (self.tiers, self.alternatives, self.last_plan)
        )
        kept = (others["item"] >= 0).to_numpy()
        lanes = self.second_lanes.assign(**{name: place[self.second_lanes[name]] for name in ("item", "second")})
        return replace(
            self,
            items=self.items.iloc[rows].reset_index(drop=True),
            scheduled=self.scheduled[rows],
            revenue_fen=self.revenue_fen[rows],
            fulfilment=self.fulfilment[rows],
            can_order=self.can_order[rows],
            tiers=tiers[tiers["item"] >= 0].reset_index(drop=True),
            alternatives=others[kept].reset_index(drop=True),
            alternatives_open=self.may_order_alternative[kept],
            last_plan=last[last["item"] >= 0].reset_index(drop=True),
            second_lanes=lanes[(lanes["item"] >= 0) & (lanes["second"] >= 0)].reset_index(drop=True),
            **{name: grid[rows] for name, grid in self._grids().items()},
        )

    def to_frames(self) -> dict[str, pd.DataFrame]:
        """For storage beside the plan."""
        entries = self.fulfilment.tocoo()
        return {
            "case_items": self.items,
            "case_scheduled": grid_frame(self.scheduled, self.weeks),
            "case_revenue": grid_frame(self.revenue_fen, self.weeks),
            "case_can_order": grid_frame(self.can_order, self.weeks),
            "case_inbound": grid_frame(self.inbound_limit, self.weeks).assign(warehouse=list(self.warehouses)),
            "case_cash": pd.DataFrame({"week": self.weeks.astype("datetime64[s]"), "limit_fen": self.cash_limit_fen}),
            "case_payments": self.payments,
            "case_tiers": self.tiers,
            "case_alternatives": self.alternatives,
            "case_alternatives_open": grid_frame(self.may_order_alternative, self.weeks),
            "case_limits": self.limits,
            "case_last_plan": self.last_plan,
            "case_second_lanes": self.second_lanes,
            **{f"case_{name}": grid_frame(grid, self.weeks) for name, grid in self._grids().items()},
            "case_fulfilment": pd.DataFrame(
                {"item": entries.coords[0], "series": entries.coords[1], "units": entries.data}
            ),
            "case_shape": pd.DataFrame({"items": [self.fulfilment.shape[0]], "series": [self.fulfilment.shape[1]]}),
        }

    @classmethod
    def from_frames(cls, frames: dict[str, pd.DataFrame]) -> SupplyCase:
        """The reverse of :meth:`to_frames`."""
        scheduled, weeks = frame_grid(frames["case_scheduled"])
        links, shape = frames["case_fulfilment"], frames["case_shape"].iloc[0]
        inbound = frames["case_inbound"]
        return cls(
            items=frames["case_items"],
            weeks=weeks,
            scheduled=scheduled.astype(float),
            revenue_fen=frame_grid(frames["case_revenue"])[0].astype(np.float32),
            fulfilment=sparse.csr_array(
                (links["units"].to_numpy(), (links["item"].to_numpy(), links["series"].to_numpy())),
                shape=(int(shape["items"]), int(shape["series"])),
            ),
            can_order=frame_grid(frames["case_can_order"])[0].astype(bool),
            warehouses=tuple(inbound["warehouse"]),
            inbound_limit=frame_grid(inbound.drop(columns="warehouse"))[0].astype(float),
            cash_limit_fen=frames["case_cash"]["limit_fen"].to_numpy(),
            payments=frames["case_payments"],
            tiers=frames["case_tiers"],
            alternatives=frames["case_alternatives"],
            alternatives_open=frame_grid(frames["case_alternatives_open"])[0].astype(bool),
            limits=frames["case_limits"],
            last_plan=frames["case_last_plan"],
            second_lanes=frames["case_second_lanes"],
            **{name: frame_grid(frames[key])[0].astype(float) for name in GRIDS if (key := f"case_{name}") in frames},
        )


@dataclass(frozen=True)
class OrderPlan:
    """What to buy.

    ``lines``: frame ``sku, warehouse, pool, supplier, order_week, arrival_week, units, packs, unit_cost_fen,
    cost_fen, covers_until, latest_order`` (last safe day to order), ``reason, assumed, group, stands``; every new line
    keeps its pack, and the minimum order, which the lines of a group (style or colour) in one week reach together; one
    that ``stands`` is of the last plan, in a frozen week, and counts as placed everywhere else. ``quantity`` float64
    [items, weeks]: units of new lines ordered in each week. ``expected`` float64 [items, weeks]: units drawn.
    ``position`` float64 [items, weeks]: planned inventory position after ordering in each week, the order-up-to level
    by which the plan is followed as a policy.
    ``unplanned``: frame ``sku, warehouse, reason`` of what could not be planned. ``rows``: the rules that couple items,
    frame ``family, name, week, unit, limit, used, price`` (price: yuan that one more unit would save, the multiplier
    that proves the bound). ``worth``: what better terms would bring, frame ``supplier, purchases_fen``,
    ``payment_days_fen`` (15 more days to pay), ``next_tier_fen``. ``changes``: order lines that differ from the last
    plan's, frame ``sku, warehouse, pool, supplier, order_week, last_units, units, change_fen, reason``.
    """

    case: SupplyCase
    lines: pd.DataFrame
    quantity: NDArray[np.float64]
    position: NDArray[np.float64]
    report: SolveReport
    unplanned: pd.DataFrame
    warnings: tuple[str, ...] = ()
    metrics: dict[str, float] = field(default_factory=dict)
    rows: pd.DataFrame = field(default_factory=lambda: _empty(ROW_COLUMNS))
    worth: pd.DataFrame = field(default_factory=lambda: _empty(WORTH_COLUMNS))
    expected: NDArray[np.float64] | None = None
    changes: pd.DataFrame = field(default_factory=lambda: _empty(CHANGE_COLUMNS))

    @property
    def new_lines(self) -> pd.DataFrame:
        """The lines that do not stand since the last plan."""
        return self.lines[~self.lines["stands"].astype(bool)] if "stands" in self.lines else self.lines

    @property
    def status(self) -> str:
        """``partial`` when something is in ``unplanned``, or placed orders overrun a limit."""
        return "partial" if len(self.unplanned) or self.report.relaxations else "done"

    def to_parts(self) -> Parts:
        return Parts(
            {
                "lines": self.lines,
                "unplanned": self.unplanned,
                "rows": self.rows,
                "worth": self.worth,
                "changes": self.changes,
                **({} if self.expected is None else {"expected": grid_frame(self.expected, self.case.weeks)}),
                "quantity": grid_frame(self.quantity, self.case.weeks),
                "position": grid_frame(self.position, self.case.weeks),
                **self.case.to_frames(),
            },
            {"report": self.report.as_dict(), "warnings": list(self.warnings), "metrics": self.metrics},
        )

    @classmethod
    def from_parts(cls, parts: Parts) -> OrderPlan:
        return cls(
            case=SupplyCase.from_frames(dict(parts.frames)),
            lines=parts.frames["lines"],
            quantity=frame_grid(parts.frames["quantity"])[0].astype(float),
            position=frame_grid(parts.frames["position"])[0].astype(float),
            report=SolveReport.from_dict(parts.meta["report"]),
            unplanned=parts.frames["unplanned"],
            rows=parts.frames["rows"],
            worth=parts.frames["worth"],
            expected=frame_grid(parts.frames["expected"])[0].astype(float) if "expected" in parts.frames else None,
            changes=parts.frames["changes"],
            warnings=tuple(parts.meta["warnings"]),
            metrics=dict(parts.meta["metrics"]),
        )
