"""Orders at size: time, memory and proven gap by number of items and tightness of cash and inbound.

Run: ``python -m benchmarks.replenishment [--items 900 3000 15000] [--tightness 1.05 1.1 1.25] [--exact]``. Tightness:
limits as a multiple of the mean weekly use of the plan without limits (inbound), and of its cumulative mean (cash).
``--plot FILE`` draws CPU seconds and gap by number of items (HTML), such as of ``--items 1000 3000 10000 30000``.
"""

from __future__ import annotations

import argparse
import resource
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots
from scipy import sparse

from engine.execution.run import Run
from engine.plans.forecast import Demand
from engine.plans.orders import SupplyCase
from engine.replenishment.exact import count_arcs, solve_exact
from engine.replenishment.plan import solve_case
from engine.replenishment.rows import rows_of
from engine.replenishment.settings import ReplenishSettings
from engine.replenishment.tables import build_tables
from models.spread import poisson_spread

WEEKS = 26
SPECIAL = 0.1
"""Share of the SKUs with two suppliers and price tiers."""
WAREHOUSES = ("east", "north", "south")
START = np.datetime64("2026-11-02", "D")
COLOURS = ("#2f6b9a", "#c8553d", "#5b8c5a", "#8a5a9e")


def synthetic(items: int, seed: int = 0) -> tuple[SupplyCase, Demand]:
    """A case without limits: a third as many SKUs in three warehouses, suppliers with two instalments; a tenth of the
    SKUs has a second supplier (faster and dearer, or slower and cheaper) and all-units or incremental tiers."""
    rng = np.random.default_rng(seed)
    skus = items // len(WAREHOUSES)
    weeks = START + 7 * np.arange(WEEKS) * np.timedelta64(1, "D")
    level = rng.lognormal(3.0, 1.2, skus)
    season = 1.0 + 0.4 * np.sin(2 * np.pi * (np.arange(WEEKS)[None, :] / 26.0 + rng.random((skus, 1))))
    series = pd.DataFrame(
        {"sku": [f"S{n}" for n in range(skus)], "channel": "shop", "category": (rng.integers(0, 12, skus)).astype(str)}
    )
    mean = (level[:, None] * season).astype(np.float32)
    demand = Demand(series, weeks, "W", mean, None, poisson_spread())
    shares = rng.dirichlet(np.full(len(WAREHOUSES), 5.0), skus)
    cost = rng.lognormal(3.5, 0.6, skus) * 100.0
    lead = rng.integers(1, 7, skus)
    pack = rng.choice([1, 4, 6, 12, 24], skus)
    frame = pd.DataFrame(
        {
            "sku": np.repeat(series["sku"], len(WAREHOUSES)).to_numpy(),
            "warehouse": np.tile(WAREHOUSES, skus),
            "pool": "shared",
            "category": np.repeat(series["category"], len(WAREHOUSES)).to_numpy(),
        }
    )
    own = np.repeat(np.arange(skus), len(WAREHOUSES))
    weekly = level[own] * shares.ravel()
    frame["supplier"] = [f"supplier{n % 20:02d}" for n in own]
    frame["lead_time_weeks"], frame["lead_time_sd_weeks"] = lead[own], 0.4
    frame["moq_units"] = np.maximum(np.rint(weekly * rng.choice([0, 1, 3], len(own))), 1).astype(int)
    frame["pack_units"] = pack[own]
    frame["unit_cost_fen"] = cost[own].astype(int)
    frame["order_cost_fen"] = 3000
    frame["holding_fen_week"] = 0.004 * cost[own]
    frame["lost_fen"] = 0.5 * cost[own]
    frame["salvage_fen"], frame["demand_after"] = 0.4 * cost[own], weekly
    frame["on_hand"] = np.rint(weekly * rng.uniform(1, 7, len(own))).astype(int)
    frame["volume_m3"], frame["assumed"] = 0.01, ""
    count = len(frame)
    special = np.flatnonzero((rng.random(skus) < SPECIAL)[own])
    fast = (rng.random(skus) < 0.5)[own[special]]
    alternatives = frame.iloc[special][["moq_units", "pack_units", "order_cost_fen"]].reset_index(drop=True)
    alternatives["item"], alternatives["supplier"] = special, [f"supplier{(n + 7) % 20:02d}" for n in own[special]]
    first_lead = frame["lead_time_weeks"].to_numpy()[special]
    alternatives["lead_time_weeks"] = np.where(fast, np.maximum(first_lead - 2, 1), first_lead + 2)
    first_cost = frame["unit_cost_fen"].to_numpy()[special]
    alternatives["unit_cost_fen"] = (first_cost * np.where(fast, 1.05, 0.95)).astype(int)
    tiers = pd.DataFrame(
        {
            "item": np.repeat(special, 2),
            "supplier": np.repeat(frame["supplier"].to_numpy()[special], 2),
            "from_units": np.outer(np.ceil(weekly[special]) + 1, [4, 10]).astype(int).ravel(),
            "unit_cost_fen": np.outer(first_cost, [0.97, 0.94]).astype(int).ravel(),
            "incremental": np.repeat((rng.random(skus) < 0.5)[own[special]], 2),
        }
    )
    names = sorted({*frame["supplier"], *alternatives["supplier"]})
    case = SupplyCase(
        items=frame,
        weeks=weeks,
        scheduled=np.zeros((count, WEEKS)),
        revenue_fen=np.full((count, WEEKS), 1.0, dtype=np.float32),
        fulfilment=sparse.csr_array((shares.ravel(), (np.arange(count), own)), (count, skus)),
        can_order=np.ones((count, WEEKS), dtype=bool),
        warehouses=WAREHOUSES,
        inbound_limit=np.full((len(WAREHOUSES), WEEKS), np.inf),
        cash_limit_fen=np.full(WEEKS, np.inf),
        payments=pd.DataFrame(
            {
                "supplier": np.repeat(names, 2),
                "milestone": ["order", "arrival"] * len(names),
                "weeks": [0, 4] * len(names),
                "share": [0.3, 0.7] * len(names),
            }
        ),
        tiers=tiers,
        alternatives=alternatives,
    )
    return case, demand


def limited(case: SupplyCase, need: pd.DataFrame, tightness: float) -> SupplyCase:
    """The case with limits from the lines of its plan without limits: level inbound, even flow of cash."""
    units = need.groupby("warehouse")["units"].sum().reindex(list(case.warehouses)).to_numpy(float)
    arriving = len(set(need["arrival_week"]))
    inbound = np.repeat((tightness * units / arriving)[:, None], WEEKS, axis=1)
    spent = need["cost_fen"].sum() / len(set(need["order_week"]))
    cash = tightness * spent * (np.arange(WEEKS) + 1.0)
    return replace(case, inbound_limit=inbound, cash_limit_fen=cash)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, nargs="+", default=[900, 3000, 15000])
    parser.add_argument("--tightness", type=float, nargs="+", default=[1.05, 1.1, 1.25])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--states", type=int, default=128, help="cumulative lots an item")
    parser.add_argument("--plot", type=Path, help="growth by number of items, an HTML file")
    parser.add_argument("--exact", action="store_true", help="HiGHS on the exact model beside it, for a few items")
    options = parser.parse_args()
    settings = ReplenishSettings(states=options.states, method="decomposition")
    run = Run(0, options.threads)
    nothing = pd.DataFrame({"sku": [], "warehouse": [], "reason": []}, dtype=str)
    solve_case(*synthetic(30), settings, run, nothing, ())
    found: list[tuple[int, float, float, float]] = []
    for items in options.items:
        case, demand = synthetic(items)
        began = time.perf_counter()
        free = solve_case(case, demand, settings, run, nothing, ())
        print(
            f"{items:6d} items, no limits: {time.perf_counter() - began:6.1f} s, objective {free.report.objective:,.0f}"
        )
        for tightness in options.tightness:
            began, cpu = time.perf_counter(), time.process_time()
            plan = solve_case(limited(case, free.lines, tightness), demand, settings, run, nothing, ())
            report = plan.report
            wall, cpu = time.perf_counter() - began, time.process_time() - cpu
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
            print(
                f"{items:6d} items, {tightness:4.2f} x need: {wall:6.1f} s ({cpu:.1f} CPU-s), objective "
                f"{report.objective:,.0f}, bound {report.bound:,.0f}, gap {report.gap:.3%}, {len(report.binding)} rows "
                f"priced, peak {peak:.2f} GB",
                flush=True,
            )
            found.append((items, tightness, cpu, report.gap))
            if options.exact:
                compare(limited(case, free.lines, tightness), demand, settings, run)
    if options.plot:
        growth(pd.DataFrame(found, columns=["items", "tightness", "cpu", "gap"])).write_html(options.plot)


def growth(found: pd.DataFrame) -> go.Figure:
    """CPU seconds and gap by number of items, a line a tightness (frame ``items, tightness, cpu, gap``); dashed: linear
    growth from the smallest case."""
    figure = make_subplots(rows=1, cols=2, subplot_titles=("CPU seconds", "proven gap, %"))
    for tightness, rows in found.sort_values("items").groupby("tightness"):
        name = f"{tightness:.2f} x need"
        line = {"color": COLOURS[len(figure.data) // 3 % len(COLOURS)]}
        linear = rows["cpu"].iloc[0] * rows["items"] / rows["items"].iloc[0]
        shown = {"mode": "lines+markers", "line": line, "legendgroup": name}
        figure.add_scatter(x=rows["items"], y=rows["cpu"], name=name, row=1, col=1, **shown)
        dashed = {"mode": "lines", "line": {**line, "dash": "dot"}, "legendgroup": name, "showlegend": False}
        figure.add_scatter(x=rows["items"], y=linear, name=f"{name}, linear", row=1, col=1, **dashed)
        figure.add_scatter(x=rows["items"], y=100.0 * rows["gap"], name=name, showlegend=False, row=1, col=2, **shown)
    figure.update_xaxes(type="log", title="items")
    return figure.update_yaxes(type="log", row=1, col=1)


def compare(case: SupplyCase, demand: Demand, settings: ReplenishSettings, run: Run) -> None:
    """The exact model (PuLP, HiGHS) on the same case."""
    tables = build_tables(case, demand, settings, run)
    coupling = rows_of(case, tables.sources, tables.expected).coupling
    began = time.process_time()
    exact = solve_exact(tables.problem, coupling)
    cost = float("nan") if exact.plans is None else exact.plans.cost.sum()
    print(
        f"       exact model, {count_arcs(tables.problem):,} arcs: {time.process_time() - began:.1f} CPU-s, objective "
        f"{cost:,.0f}, bound {exact.bound:,.0f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
