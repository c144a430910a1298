"""Restored demand on FreshRetailNet: hours out of stock planted on fully stocked days, the original day the truth.

Run: ``python -m experiments.freshretail --data ../shared/data/freshretail --json``. The last 7 days are held out: their
stock-out hours are no inputs. On the days before, a seeded share of the fully stocked days loses a seeded run of its
last hours (6 to 22), and the day's sale is thinned by it; real stock-outs stay as they are. Restoration is judged on
the planted days, all of them and the busiest tenth (against the series' own mean); then the same level forecasts the
held-out days from restored and from plain sales. In-stock held-out rows are a biased sample and named so.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.demand.local import LocalDemand
from models.drivers import Drivers
from models.metrics import bias, wape
from models.panel import Panel
from models.restoration import restore

HELD_OUT = 7
HOURS = 16
"""Hours of sale a day, 6 to 22."""
UNIT = 0.1
"""Amounts are multiples of it; counted in it, they thin like units."""
KEYS = ["store_id", "product_id", "city_id", "third_category_id"]
Grid = NDArray[np.float32]


@dataclass(frozen=True)
class Planted:
    """``panel``: what may be seen before the held-out days; ``truth`` float32 [series, periods]; ``planted`` bool."""

    panel: Panel
    truth: Grid
    planted: NDArray[np.bool_]


def load(folder: Path, products: int, seed: int) -> tuple[pd.DataFrame, Grid, Grid]:
    """Series, sales in ``UNIT`` and hours out of stock, float32 [series, days], of a seeded choice of series."""
    path = sorted(folder.glob("daily_*.parquet"))[0]
    frame = pd.read_parquet(path, columns=[*KEYS, "dt", "sale_amount", "stock_hour6_22_cnt"])
    days = frame["dt"].nunique()
    names = frame[KEYS].drop_duplicates(KEYS[:2]).reset_index(drop=True)
    stores = np.random.default_rng(seed).permutation(names["store_id"].unique())
    rank = pd.Series(np.arange(len(stores)), index=stores)
    chosen = names.loc[names["store_id"].map(rank).sort_values(kind="stable").index[:products]].sort_index()
    rows = frame.merge(chosen[KEYS[:2]], on=KEYS[:2]).sort_values([*KEYS[:2], "dt"])
    if len(rows) != len(chosen) * days:
        raise ValueError(f"{path.name}: a store-product lacks days ({len(rows)} rows, {len(chosen) * days} expected)")
    chosen = chosen.sort_values(KEYS[:2]).reset_index(drop=True)
    shape = (len(chosen), days)
    sales = (rows["sale_amount"].to_numpy() / UNIT).round().reshape(shape).astype(np.float32)
    hours = rows["stock_hour6_22_cnt"].to_numpy().reshape(shape).astype(np.float32)
    return chosen, sales, hours


def plant(series: pd.DataFrame, sales: Grid, hours: Grid, share: float, seed: int) -> Planted:
    """Declare hours out of stock on a ``share`` of the fully stocked days, 1 to 15 hours each, and thin their sales."""
    rng = np.random.default_rng(seed)
    sales, hours = sales[:, :-HELD_OUT], hours[:, :-HELD_OUT].copy()
    planted = (hours == 0) & (rng.random(hours.shape) < share)
    hours = np.where(planted, rng.integers(1, HOURS, hours.shape), hours).astype(np.float32)
    in_stock = 1.0 - hours / HOURS
    seen = np.where(planted, rng.binomial(sales.astype(np.int64), in_stock), sales).astype(np.float32)
    frame = pd.DataFrame(
        {
            "sku": series["store_id"].astype(str) + "-" + series["product_id"].astype(str),
            "channel": series["store_id"].astype(str),
            "category": series["city_id"].astype(str) + "-" + series["third_category_id"].astype(str),
            "spu": series["city_id"].astype(str) + "-" + series["product_id"].astype(str),
        }
    )
    dates = np.datetime64("2024-03-28") + np.arange(sales.shape[1])
    known = np.ones_like(planted)
    panel = Panel(frame, dates, "D", seen, known, hours > 0, in_stock.astype(np.float32))
    return Planted(panel, sales, planted)


def judge(case: Planted) -> dict[str, float]:
    """Bias and WAPE of restored and of plain sales on the planted days, all and the busiest tenth."""
    demand = restore(case.panel).units
    stocked = (~case.panel.censored) | case.planted
    usual = np.where(stocked, case.truth, 0).sum(axis=1) / np.maximum(stocked.sum(axis=1), 1)
    busy = case.truth / np.maximum(usual[:, None], 1e-9)
    high = case.planted & (busy >= np.quantile(busy[case.planted], 0.9))
    out = {"planted_days": float(case.planted.sum()), "high_days": float(high.sum())}
    for name, grid in (("restored", demand), ("plain", case.panel.units)):
        for part, rows in (("", case.planted), ("_high", high)):
            out[f"{name}{part}_bias"] = bias(case.truth, grid, rows)
            out[f"{name}{part}_wape"] = wape(case.truth, grid, rows)
    return out


def forecast(case: Planted, sales: Grid, hours: Grid) -> dict[str, float]:
    """Held-out week of the local models on restored and on plain sales; scored where the day was in stock."""
    actual, scored = sales[:, -HELD_OUT:], hours[:, -HELD_OUT:] == 0
    days = np.concatenate([case.panel.dates, case.panel.future_dates(HELD_OUT)])
    out = {"in_stock_share_held_out": float(scored.mean())}
    for name, units in (("restored", restore(case.panel).units), ("plain", case.panel.units)):
        open_panel = Panel(case.panel.series, case.panel.dates, "D", units, case.panel.known, ~case.panel.known)
        mean = LocalDemand.fit(open_panel, Drivers(days, "D", {}), 0).predict(HELD_OUT)
        out[f"{name}_forecast_in_stock_bias"] = bias(actual, mean, scored)
        out[f"{name}_forecast_in_stock_wape"] = wape(actual, mean, scored)
    return out


def main() -> None:
    """Run the study and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--products", type=int, default=5000, help="store-products, whole stores chosen by seed")
    parser.add_argument("--share", type=float, default=0.15)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    series, sales, hours = load(asked.data, asked.products, asked.seed)
    case = plant(series, sales, hours, asked.share, asked.seed)
    result = judge(case) | forecast(case, sales, hours)
    rounded = {name: round(value, 4) for name, value in result.items()}
    print(json.dumps(rounded) if asked.json else "\n".join(f"{name:32} {value}" for name, value in rounded.items()))


if __name__ == "__main__":
    main()
