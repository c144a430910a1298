"""Targets at size: 5,000 SKUs x 5 channels x 12 months, allocated to the fen on every level.

``python -m benchmarks.targets --skus 5000``: seconds, peak memory and whether all sums are exact. The merchant is
invented in arrays: two years of sales by week and SKU, the festivals of the shipped calendar, a forecast and 400 draws
of its long run; everything that ``set_targets`` does is measured, the making of the merchant is not.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import date

import numpy as np
import pandas as pd

from engine.data.calendar import festival_events
from engine.data.dataset import Dataset
from engine.execution.run import Run
from engine.plans.forecast import Forecast
from engine.targets.plan import set_targets
from engine.targets.settings import TargetSettings
from experiments.record import peak_gb
from models.drivers import Block, Drivers
from models.price import DemandEffects
from models.spread import poisson_spread

ORIGIN = np.datetime64("2026-11-01")
CHANNELS = ("天猫", "京东", "抖音", "拼多多", "小程序")
CATEGORIES, DRAWS, DAYS = 30, 400, 182
GOALS = {
    "growth": 0.2,
    "gross_margin": 0.45,
    "channels": {"抖音": {"growth": 0.35}, "京东": {"growth": 0.1, "hard": False}},
    "categories": {"c03": {"share": 0.05}, "c07": {"growth": 0.3, "hard": False}},
    "events": {"双11": {"growth": 0.25}, "618": {"growth": 0.25}},
    "tiers": [{"channel": "天猫", "name": "gold", "amount_yuan": 1e7}],
    "new_products": {"share": 0.1},
}


def merchant(skus: int, seed: int = 0) -> tuple[Dataset, Forecast]:
    """Tables and a forecast of a merchant of that size."""
    rng = np.random.default_rng(seed)
    names = np.array([f"s{i:05d}" for i in range(skus)], dtype=object)
    category = np.array([f"c{i:02d}" for i in rng.integers(0, CATEGORIES, skus)], dtype=object)
    price = np.round(np.exp(rng.normal(4.5, 0.6, skus)), 2)
    series = pd.DataFrame(
        {
            "sku": np.tile(names, len(CHANNELS)),
            "channel": np.repeat(np.array(CHANNELS, dtype=object), skus),
            "category": np.tile(category, len(CHANNELS)),
        }
    )
    rate = np.exp(rng.normal(0.0, 1.2, len(series)))
    days = ORIGIN - 7 * np.arange(104, 0, -1).astype("timedelta64[D]")
    units = rng.poisson(7.0 * rate[:, None] * (1.0 + 0.2 * np.sin(np.arange(104) / 8.3)))
    row, week = np.nonzero(units)
    sold = units[row, week]
    sales = pd.DataFrame(
        {
            "date": days[week].astype("datetime64[s]"),
            "sku": pd.Categorical(series["sku"].to_numpy()[row]),
            "channel": pd.Categorical(series["channel"].to_numpy()[row]),
            "units_paid": sold,
            "amount_paid_fen": np.rint(100.0 * sold * np.tile(price, len(CHANNELS))[row]).astype(np.int64),
        }
    )
    tables = {
        "sales": sales,
        "skus": pd.DataFrame({"sku": names, "category": category, "unit_cost_fen": np.rint(40 * price).astype(int)}),
        "channels": pd.DataFrame({"channel": CHANNELS, "platform": CHANNELS}),
        "events": festival_events(date(2024, 11, 1), date(2027, 12, 31), {name: name for name in CHANNELS}),
    }
    return Dataset(tables, "0"), _forecast(series, rate, np.tile(price, len(CHANNELS)), rng)


def _forecast(series: pd.DataFrame, rate: np.ndarray, price: np.ndarray, rng: np.random.Generator) -> Forecast:
    count = len(series)
    dates = ORIGIN + np.arange(DAYS)
    mean = np.repeat(rate[:, None].astype(np.float32), DAYS, axis=1)
    block = Block(np.repeat(price[:, None].astype(np.float32), DAYS, axis=1), np.arange(count, dtype=np.int32))
    yuan = pd.Series(rate * price).groupby([series["channel"], series["category"]]).sum()
    months = pd.date_range("2026-11-01", "2027-12-01", freq="MS").astype("datetime64[s]")
    groups = yuan.index.to_frame(index=False)
    table = pd.concat([groups.assign(month=month, yuan=30.4 * yuan.to_numpy()) for month in months], ignore_index=True)
    table.columns = ["channel", "category", "month", "yuan"]
    table = table.sort_values(["month", "channel", "category"], ignore_index=True)
    table["amount_fen"] = np.rint(100.0 * table["yuan"]).astype(np.int64)
    shock = np.exp(0.1 * rng.standard_normal((DRAWS, 1)) + 0.1 * rng.standard_normal((DRAWS, len(table))))
    effects = DemandEffects(("all",), np.zeros(count, np.int32), price.astype(np.float32), np.full(1, -1.5), {})
    return Forecast(
        series=series,
        dates=dates,
        frequency="D",
        mean=mean,
        announced=Drivers(dates, "D", {"price": block}),
        effects=effects,
        spread=poisson_spread(),
        long_run=table.assign(units=table["yuan"])[["month", "channel", "category", "units", "amount_fen"]],
        long_draws=(table["yuan"].to_numpy() * shock).astype(np.float32),
        backtest=pd.DataFrame(),
        trust=np.full(count, "A"),
    )


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skus", type=int, default=5000)
    given = parser.parse_args()
    dataset, forecast = merchant(given.skus)
    before, wall, cpu = peak_gb(), time.perf_counter(), time.process_time()
    plan = set_targets(dataset, forecast, TargetSettings.model_validate(GOALS), Run(1, 1))
    seconds, cpu = time.perf_counter() - wall, time.process_time() - cpu
    assert plan.details is not None
    details, keys = plan.details, ["month", "channel", "category"]
    total = int(details.cells["target_fen"].sum())
    of_year = plan.skus[plan.skus["month"].dt.year == details.year]
    months = plan.months[plan.months["month"].dt.year == details.year].set_index(keys)["target_fen"]
    exact = (
        total == int(details.days["target_fen"].sum()) == int(of_year["target_fen"].sum())
        and bool((of_year.groupby(keys)["target_fen"].sum() == months[months > 0]).all())
        and bool((details.cells.groupby(keys)["target_fen"].sum() == months).all())
    )
    content = {
        "series": len(forecast.series),
        "cells": len(details.cells),
        "sku_rows": len(of_year),
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu, 1),
        "programme_seconds": round(plan.report.seconds, 1),
        "peak_gb": round(peak_gb(), 2),
        "peak_gb_before": round(before, 2),
        "status": plan.report.solver_status,
        "sums_exact": exact,
    }
    print(json.dumps(content))


if __name__ == "__main__":
    main()
