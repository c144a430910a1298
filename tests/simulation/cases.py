"""Small supply cases built by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from engine.plans.forecast import Demand
from engine.plans.orders import TIER_COLUMNS, OrderPlan, SupplyCase
from engine.plans.solve import SolveReport
from models.spread import poisson_spread

START = np.datetime64("2026-11-02")


def dates(weeks: int) -> np.ndarray:
    return START + 7 * np.arange(weeks)


def make_demand(mean: np.ndarray) -> Demand:
    """Weekly demand [series, weeks], all in one category, without prices."""
    series = pd.DataFrame(
        {"sku": [f"s{row}" for row in range(len(mean))], "channel": "shop", "category": "toys"}, dtype=str
    )
    return Demand(series, dates(mean.shape[1]), "W", mean.astype(np.float32), None, poisson_spread())


def make_case(items: int = 4, weeks: int = 10, series: int | None = None, **columns: Any) -> SupplyCase:
    """A case in which item i serves series i; ``columns`` replace columns of the items or fields of the case."""
    table = pd.DataFrame(
        {
            "sku": [f"s{row}" for row in range(items)],
            "warehouse": "east",
            "pool": "shared",
            "category": "toys",
            "supplier": "maker",
            "lead_time_weeks": 2,
            "lead_time_sd_weeks": 0.5,
            "moq_units": 1,
            "pack_units": 1,
            "unit_cost_fen": 1000,
            "order_cost_fen": 500,
            "holding_fen_week": 5.0,
            "lost_fen": 900.0,
            "salvage_fen": 800.0,
            "demand_after": 0.0,
            "on_hand": 20.0,
            "volume_m3": 0.01,
            "assumed": "",
        }
    )
    fields: dict[str, Any] = {
        "weeks": dates(weeks),
        "scheduled": np.zeros((items, weeks)),
        "revenue_fen": np.full((items, weeks), 2000.0, dtype=np.float32),
        "fulfilment": sparse.csr_array(np.eye(items, series or items)),
        "can_order": np.ones((items, weeks), dtype=bool),
        "warehouses": ("east",),
        "inbound_limit": np.full((1, weeks), np.inf),
        "cash_limit_fen": np.full(weeks, np.inf),
        "tiers": pd.DataFrame(dict.fromkeys(TIER_COLUMNS, np.zeros(0, dtype=int))),
        "payments": pd.DataFrame({"supplier": ["maker"], "milestone": ["order"], "weeks": [0], "share": [1.0]}),
    }
    for name, value in columns.items():
        if name in fields:
            fields[name] = value
        else:
            table[name] = value
    return SupplyCase(items=table, **fields)


def make_plan(case: SupplyCase, mean: np.ndarray, cover: float = 2.0) -> OrderPlan:
    """Order every week what keeps ``cover`` weeks of demand beyond the lead time."""
    lead = case.items["lead_time_weeks"].to_numpy()
    weeks = len(case.weeks)
    quantity, position = np.zeros(mean.shape), np.zeros(mean.shape)
    for item in range(len(mean)):
        held = float(case.items["on_hand"].iloc[item]) + case.scheduled[item].sum()
        for week in range(weeks):
            target = mean[item, week : week + lead[item] + 1].sum() + cover * mean[item, week]
            if case.can_order[item, week] and week + lead[item] < weeks:
                quantity[item, week] = max(0.0, np.ceil(target - held))
            held += quantity[item, week]
            position[item, week] = held
            held = max(0.0, held - mean[item, week])
    report = SolveReport("feasible", 0.0, 0.0, 0.0, "none")
    return OrderPlan(
        case, pd.DataFrame(), quantity, position, report, pd.DataFrame(columns=["sku", "warehouse", "reason"])
    )
