"""A merchant whose alerts can be worked out by hand: demand is certain, one channel, one warehouse."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.execution.run import Run
from engine.plans.alerts import Alerts
from engine.plans.forecast import Demand
from engine.plans.orders import OrderPlan
from engine.plans.solve import SolveReport
from engine.replenishment.alerts.make import make_alerts
from engine.replenishment.alerts.positions import Planned
from engine.replenishment.alerts.settings import AlertSettings
from engine.replenishment.case import build_case
from engine.replenishment.settings import ReplenishSettings
from models.price import DemandEffects
from models.spread import Spread, poisson_spread

START = np.datetime64("2026-11-02", "D")
TODAY = pd.Timestamp(START) - pd.Timedelta(days=1)
WEEKS = 26
PRICE, COST = 113.0, 40.0
"""Without fees and returns a sale brings 100 yuan net of VAT and earns 60."""
REPLENISH = ReplenishSettings(capital_rate_year=0.52, clearance_value=0.25)
"""A unit costs 0.4 yuan a week to keep, and brings 10 when cleared."""


def certain() -> Spread:
    """Demand is its mean."""
    law = poisson_spread()
    return replace(law, quantile=np.broadcast_to(law.means[:, None, :, None] + 0.5, law.quantile.shape).copy())


def demand(weekly: dict[str, float], spread: Spread | None = None, frequency: str = "W") -> Demand:
    """So many units a week of each SKU in the only channel."""
    series = pd.DataFrame({"sku": list(weekly), "channel": "shop", "category": "bags"})
    step = 7 if frequency == "D" else 1
    dates = START + np.arange(WEEKS * step) * np.timedelta64(7 // step, "D")
    mean = np.repeat(np.array(list(weekly.values()), dtype=np.float32)[:, None] / step, WEEKS * step, axis=1)
    price = np.full(mean.shape, PRICE, dtype=np.float32)
    return Demand(series, dates, frequency, mean, price, spread or certain())  # type: ignore[arg-type]


def tables(weekly: dict[str, float], stock: dict[str, int]) -> dict[str, pd.DataFrame]:
    """A hundred days of sales at the same pace, stock that has always been there."""
    days = pd.date_range(TODAY - pd.Timedelta(days=99), TODAY)
    sold = [(sku, pace / 7.0) for sku, pace in weekly.items() if pace]
    sales = pd.DataFrame([(day, sku, "shop", round(pace)) for day in days for sku, pace in sold])
    sales.columns = ["date", "sku", "channel", "units_paid"]
    names = list(dict.fromkeys([*weekly, *stock]))
    snapshots = [TODAY - pd.Timedelta(days=age) for age in range(0, 98, 7)]
    held = pd.DataFrame([(day, sku, "main", "shared", units) for day in snapshots for sku, units in stock.items()])
    held.columns = ["date", "sku", "warehouse", "pool", "on_hand"]
    return {
        "sales": sales,
        "skus": pd.DataFrame({"sku": names, "category": "bags", "unit_cost_fen": round(100 * COST)}),
        "channels": pd.DataFrame({"channel": ["shop"], "kind": "own"}),
        "inventory": held,
        "suppliers": pd.DataFrame({"supplier": ["a", "b"]}),
        "supply_terms": pd.DataFrame(
            {
                "supplier": "a",
                "sku": list(weekly),
                "rank": 1,
                "lead_time_days": 21.0,
                "unit_price_fen": round(100 * COST),
            }
        ),
    }


def planned(
    content: dict[str, pd.DataFrame], asked: Demand, orders: list[tuple[str, int, int]] | None = None
) -> Planned:
    """A plan that orders ``(sku, week of arrival, units)``; elasticity -2."""
    prepared = build_case(dataset(content), asked, REPLENISH, None)
    rows = [
        (sku, "main", "shared", pd.Timestamp(START) + pd.Timedelta(weeks=week), units)
        for sku, week, units in orders or []
    ]
    lines = pd.DataFrame(rows, columns=["sku", "warehouse", "pool", "arrival_week", "units"])
    shape = prepared.case.scheduled.shape
    report = SolveReport("optimal", 0.0, 0.0, 0.0, "none")
    plan = OrderPlan(prepared.case, lines, np.zeros(shape), np.zeros(shape), report, prepared.unplanned)
    count = len(asked.series)
    effects = DemandEffects(
        ("bags",), np.zeros(count, np.int32), np.full(count, PRICE, np.float32), np.array([-2.0]), {}
    )
    return Planned(plan, asked, effects)


def dataset(content: dict[str, pd.DataFrame]) -> Dataset:
    """As a dataset."""
    return Dataset(content, "test")


def alerts(content: dict[str, pd.DataFrame], plan: Planned | None, **settings: Any) -> Alerts:
    """All alerts, however little is at stake."""
    rules = AlertSettings(**{"smallest_yuan": 0.0, "paths": 8, **settings})
    return make_alerts(dataset(content), plan, rules, REPLENISH, Run(1, 1))


def only(found: Alerts, kind: str) -> pd.DataFrame:
    """The alerts of a kind."""
    return found.table[found.table["kind"] == kind].reset_index(drop=True)
