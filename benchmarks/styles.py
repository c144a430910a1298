"""Minimum orders of a style: sizes planned together, against each size with the minimum and against filling up.

Run: ``python -m benchmarks.styles [--styles 40] [--minimums 2 4 8]``. Demand, lead times and opening stock are drawn
from a known truth; minimums are in weeks of a style's demand. All plans keep them; they are frozen and simulated on the
same paths, which none of them saw. ``filled``: the plan without minimum, whose orders of a style are raised to it when
they come and whose later orders pay that back. ``broken``: weeks in which a style lacks a size and has others.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.execution.run import Run
from engine.plans.forecast import Demand
from engine.plans.orders import OrderPlan
from engine.replenishment.plan import plan_orders
from engine.replenishment.settings import ReplenishSettings
from engine.simulation.draws import draws, item_mean
from engine.simulation.measures import profit
from engine.simulation.stock import Stock, stock_of
from models.inventory.stock_flow import fixed_rule, simulate
from models.spread import poisson_spread

Floats = NDArray[np.float64]
WEEKS, PATHS, PACK = 20, 200, 2
START = np.datetime64("2026-11-02", "D")
SIZES = {"S": 0.12, "M": 0.28, "L": 0.3, "XL": 0.2, "XXL": 0.1}


def merchant(styles: int, minimum_weeks: float, level: str, seed: int = 0) -> tuple[Dataset, Demand]:
    """One shop and warehouse; opening stock of every size by chance between nothing and eight weeks."""
    rng = np.random.default_rng(seed)
    style = np.repeat(np.arange(styles), len(SIZES))
    skus = [f"{s:03d}-{size}" for s in range(styles) for size in SIZES]
    rate = np.maximum(rng.gamma(2.0, 12.0, styles), 3.0)[style] * np.tile(list(SIZES.values()), styles)
    mean = rate[:, None] * (1.0 + 0.3 * np.sin(np.arange(WEEKS) / 4.0))[None, :]
    cost = rng.integers(40, 90, styles)[style] * 100
    minimum = np.maximum(np.bincount(style, rate)[style] * minimum_weeks // PACK * PACK, PACK)
    last = pd.Timestamp(START) - pd.Timedelta(days=1)
    tables = {
        "sales": pd.DataFrame({"date": [last], "sku": skus[:1], "channel": ["shop"], "units_paid": [1]}),
        "skus": pd.DataFrame({"sku": skus, "category": "dress", "spu": [f"{s:03d}" for s in style], "colour": "red"}),
        "channels": pd.DataFrame({"channel": ["shop"], "kind": ["shop"], "commission_rate": [0.05]}),
        "inventory": pd.DataFrame(
            {"date": last, "sku": skus, "warehouse": "main", "on_hand": np.round(rate * rng.uniform(0, 8, len(rate)))}
        ),
        "suppliers": pd.DataFrame({"supplier": ["maker"]}),
        "supply_terms": pd.DataFrame(
            {
                "supplier": "maker",
                "sku": skus,
                "lead_time_days": 21.0,
                "lead_time_sd_days": 3.0,
                "moq_units": 1 if level == "none" else minimum.astype(int),
                "moq_level": "sku" if level == "none" else level,
                "pack_units": PACK,
                "unit_price_fen": cost,
                "order_cost_fen": 0,
            }
        ),
        "warehouses": pd.DataFrame({"warehouse": ["main"]}),
    }
    series = pd.DataFrame({"sku": skus, "channel": "shop", "category": "dress"})
    price = np.repeat(cost[:, None] / 100.0 * 2.5, WEEKS, axis=1).astype(np.float32)
    dates = START + 7 * np.arange(WEEKS) * np.timedelta64(1, "D")
    return Dataset(tables, "styles"), Demand(series, dates, "W", mean.astype(np.float32), price, poisson_spread())


def filled(plan: OrderPlan, style: NDArray[np.int64], minimum: Floats) -> Floats:
    """Quantities of ``plan`` raised to the minimum of each style [items]; later orders are less by what came early."""
    out, owed = np.zeros_like(plan.quantity), np.zeros(len(style))
    for week in range(WEEKS):
        owed += plan.quantity[:, week]
        wish = np.maximum(owed, 0.0)
        for group in np.unique(style[wish > 0]):
            mine = np.flatnonzero(style == group)
            packs = np.ceil(max(wish[mine].sum(), minimum[mine[0]]) / PACK) * wish[mine] / wish[mine].sum()
            out[mine, week] = PACK * np.ceil(packs - 1e-9)
        owed -= out[:, week]
    return out


def judged(quantity: Floats, stock: Stock, plan: OrderPlan, demand: Demand) -> tuple[Floats, float]:
    """Profit by path, yuan, and the share of style-weeks with a broken size run."""
    block = next(draws(plan.case, demand, stock, seed=99).blocks(PATHS, PATHS))
    flows = simulate([fixed_rule(quantity.T)], *block, stock.goods, stock.values, stock.limits)[0]
    left = np.repeat(stock.goods.on_hand[:, None], PATHS, axis=1)
    lead = np.stack(block[1])
    came = np.zeros((PATHS, WEEKS + 20, len(left)))
    for week in range(WEEKS):
        for path in range(PATHS):
            np.add.at(came[path], (week + lead[path, week], np.arange(len(left))), quantity[:, week])
    broken = 0.0
    for week in range(WEEKS):
        left = np.maximum(left + came[:, week].T - block[0][:, :, week], 0.0)
        by_style = left.reshape(-1, len(SIZES), PATHS)
        broken += float(((by_style <= 0).any(axis=1) & (by_style.sum(axis=1) > 0)).mean()) / WEEKS
    return profit(flows), broken


def compare(styles: int, minimum_weeks: float) -> list[str]:
    """A line for each way to plan."""
    run, settings = Run(1, 1), ReplenishSettings()
    plans = {}
    for level in ("style", "sku", "none"):
        dataset, demand = merchant(styles, minimum_weeks, level)
        plans[level] = plan_orders(dataset, demand, settings, None, run)
    case, none = plans["style"].case, plans["none"]
    stock = stock_of(none.case, item_mean(none.case, demand), 13.0)
    order = none.case.items["sku"].astype(str).to_numpy()
    quantity = {"none": none.quantity}
    for level in ("style", "sku"):
        own = plans[level].case.items["sku"].astype(str).tolist()
        quantity[level] = np.zeros_like(none.quantity)
        quantity[level][[int(np.flatnonzero(order == sku)[0]) for sku in own]] = plans[level].quantity
    quantity["filled"] = filled(none, case.units, case.items["moq_units"].to_numpy(dtype=float))
    found = {name: judged(quantity[name], stock, none, demand) for name in ("style", "sku", "filled")}
    best, report = found["style"][0], plans["style"].report
    out = []
    for name, (earned, broken) in found.items():
        gain = best - earned
        half = 1.96 * gain.std(ddof=1) / np.sqrt(PATHS)
        out.append(
            f"{minimum_weeks:4.0f} weeks {name:7s} profit {earned.mean():12,.0f}  style gains {gain.mean():10,.0f} "
            f"+- {half:8,.0f}  broken {broken:6.1%}  units {quantity[name].sum():9,.0f}"
        )
    split = plans["style"].metrics["style_split_yuan"]
    return [*out, f"     gap {report.gap:.3%} ({split:,.0f} of {report.objective:,.0f} yuan by the split)"]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--styles", type=int, default=40)
    parser.add_argument("--minimums", type=float, nargs="+", default=[2.0, 4.0, 8.0])
    chosen = parser.parse_args()
    for weeks in chosen.minimums:
        print("\n".join(compare(chosen.styles, weeks)), flush=True)


if __name__ == "__main__":
    main()
