"""Item-weeks a second of the stock-flow kernel, and seconds and memory of a whole replay.

python -m benchmarks.simulation [--items 15000] [--paths 200] [--weeks 26] [--threads 2]
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np
import pandas as pd
from scipy import sparse

from engine.execution.run import Run
from engine.plans.forecast import Demand
from engine.plans.orders import OrderPlan, SupplyCase
from engine.plans.solve import SolveReport
from engine.simulation.draws import draws, item_mean
from engine.simulation.replay import replay
from engine.simulation.rules import followed, frozen
from engine.simulation.settings import SimulationSettings
from engine.simulation.stock import stock_of
from models.inventory.stock_flow import simulate
from models.spread import poisson_spread


def make_problem(items: int, weeks: int, tight: bool) -> tuple[OrderPlan, Demand]:
    """Items in three warehouses served to one series each, followed at two weeks of cover; seeded."""
    rng = np.random.default_rng(1)
    dates = np.datetime64("2026-11-02") + 7 * np.arange(weeks)
    mean = (rng.gamma(0.5, 20.0, (items, 1)) * rng.uniform(0.7, 1.3, (items, weeks))).astype(np.float32)
    series = pd.DataFrame({"sku": np.arange(items).astype(str), "channel": "shop"})
    series["category"] = rng.integers(0, 20, items).astype(str)
    lead = rng.integers(1, 6, items)
    cost = rng.integers(500, 20000, items)
    table = pd.DataFrame(
        {
            "sku": series["sku"],
            "warehouse": np.array(["w0", "w1", "w2"])[rng.integers(0, 3, items)],
            "pool": "shared",
            "category": series["category"],
            "supplier": "maker",
            "lead_time_weeks": lead,
            "lead_time_sd_weeks": 0.7,
            "moq_units": 12,
            "pack_units": 6,
            "unit_cost_fen": cost,
            "order_cost_fen": 3000,
            "holding_fen_week": 0.004 * cost,
            "lost_fen": 0.8 * cost,
            "salvage_fen": 0.4 * cost,
            "demand_after": mean.mean(axis=1),
            "on_hand": np.round(mean.mean(axis=1) * 4),
            "volume_m3": 0.01,
            "assumed": "",
        }
    )
    need = float((mean.mean(axis=1) * cost).sum())
    case = SupplyCase(
        items=table,
        weeks=dates,
        scheduled=np.zeros((items, weeks)),
        revenue_fen=np.repeat(1.8 * cost[:, None], weeks, axis=1).astype(np.float32),
        fulfilment=sparse.csr_array(sparse.eye_array(items)),
        can_order=np.ones((items, weeks), dtype=bool),
        warehouses=("w0", "w1", "w2"),
        inbound_limit=np.full((3, weeks), np.inf),
        cash_limit_fen=need * np.arange(1, weeks + 1) if tight else np.full(weeks, np.inf),
        payments=pd.DataFrame(
            {"supplier": "maker", "milestone": ["order", "arrival"], "weeks": [0, 4], "share": [0.3, 0.7]}
        ),
    )
    level = mean.mean(axis=1, dtype=float)[:, None] * (lead[:, None] + 3.0)
    quantity = np.repeat(np.round(mean.mean(axis=1, dtype=float))[:, None], weeks, axis=1)
    position = np.repeat(level, weeks, axis=1)
    report = SolveReport("feasible", 0.0, 0.0, 0.0, "none")
    unplanned = pd.DataFrame(columns=["sku", "warehouse", "reason"])
    plan = OrderPlan(case, pd.DataFrame(), quantity, position, report, unplanned)
    return plan, Demand(series, dates, "W", mean, None, poisson_spread())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("items", 15000), ("paths", 200), ("weeks", 26), ("threads", 2)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--tight", action="store_true", help="cash for the mean need only: orders are rationed")
    wanted = parser.parse_args()
    run, settings = Run(1, wanted.threads), SimulationSettings(paths=wanted.paths)
    small, small_demand = make_problem(20, wanted.weeks, wanted.tight)
    replay(small, small_demand, settings, run)  # compiles

    plan, demand = make_problem(wanted.items, wanted.weeks, wanted.tight)
    stock = stock_of(plan.case, item_mean(plan.case, demand), settings.slow_weeks)
    started = time.perf_counter()
    block = next(draws(plan.case, demand, stock, 1).blocks(16, 16))
    drawn = time.perf_counter() - started
    started = time.perf_counter()
    simulate([followed(plan, stock), frozen(plan)], *block, stock.goods, stock.values, stock.limits, wanted.threads)
    kernel = time.perf_counter() - started
    print(f"draws   {16 * wanted.items * wanted.weeks / drawn / 1e6:8.1f} M item-weeks/s")
    print(
        f"kernel  {2 * 16 * wanted.items * wanted.weeks / kernel / 1e6:8.1f} M item-weeks/s, {wanted.threads} threads"
    )
    started, spent = time.perf_counter(), time.process_time()
    result = replay(plan, demand, settings, run)
    wall, cpu = time.perf_counter() - started, time.process_time() - spent
    print(f"replay  {wall:8.1f} s ({cpu:.1f} CPU-s): three policies and the tuning")
    print(f"memory  {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:8.2f} GB")
    print(result.measures.pivot(index="measure", columns="policy", values="mean").to_string())


if __name__ == "__main__":
    main()
