"""Batched local models beside statsforecast: accuracy by origin and CPU a series.

``python -m benchmarks.local_models prepare DIR --workspace WS --m5 FOLDER`` writes the panels,
``PEERS/bin/python benchmarks/peers/local_models.py DIR`` the peers' answers, and
``python -m benchmarks.local_models score DIR`` forecasts with our models and prints one table.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd

from engine.data.panels import build_panel
from engine.data.store import Workspace
from models.demand.local import LocalDemand
from models.drivers import Drivers
from models.metrics import bias, naive_scale, rmsse, wape
from models.panel import Panel

HORIZON = 28
HISTORY = 1100
M5_SERIES = 500
M5_ORIGINS = (1745, 1801, 1857, 1913)
KEYS = ["item_id", "dept_id", "store_id"]


def prepare(folder: Path, workspace: Path, m5: Path, seed: int) -> None:
    """Write ``demo`` (units by SKU, all channels) and ``m5`` (a seeded sample) with their groups and origins."""
    folder.mkdir(parents=True, exist_ok=True)
    panel = build_panel(Workspace.open(workspace).dataset(), "D")
    units = pd.DataFrame(np.where(panel.known, panel.units, np.nan))
    demo = units.groupby(panel.series["sku"].astype(str).to_numpy()).sum(min_count=1).clip(lower=0.0)
    category = panel.series.astype(str).drop_duplicates("sku").set_index("sku")["category"].reindex(demo.index)
    _write(folder, "demo", demo, category)
    last = M5_ORIGINS[-1] + HORIZON
    days = [f"d_{day}" for day in range(last - HISTORY - HORIZON + 1, last + 1)]
    sales = pd.read_parquet(m5 / "sales_train_d1_d1941.parquet", columns=[*KEYS, *days]).astype(
        dict.fromkeys(KEYS, str)
    )
    sales = sales.sample(M5_SERIES, random_state=seed).sort_values(["item_id", "store_id"])
    sales.index = pd.Index(sales["item_id"] + "_" + sales["store_id"])
    grid = sales[days].astype(float)
    started = (grid > 0).cummax(axis=1)
    _write(folder, "m5", grid.where(started), sales["dept_id"])
    first = last - HISTORY - HORIZON
    length = demo.shape[1]
    origins = {
        "demo": [length - HORIZON, length - 84, length - 140, length - 196],
        "m5": [origin - first for origin in reversed(M5_ORIGINS)],
    }
    (folder / "origins.json").write_text(json.dumps({"horizon": HORIZON, "origins": origins}))


def _write(folder: Path, name: str, grid: pd.DataFrame, group: pd.Series) -> None:
    grid.columns = pd.Index([str(day) for day in range(grid.shape[1])])
    grid.astype("float32").to_parquet(folder / f"{name}.parquet")
    group.rename("group").to_frame().to_parquet(folder / f"{name}-groups.parquet")


def panel_of(grid: pd.DataFrame, group: pd.Series) -> Panel:
    """The panel of a prepared grid; dates are counted from an arbitrary Monday."""
    units = grid.to_numpy(dtype=np.float32)
    known = np.isfinite(units)
    series = pd.DataFrame({"sku": grid.index.astype(str), "channel": "all", "category": group.to_numpy()})
    dates = np.datetime64("2020-01-06") + np.arange(units.shape[1])
    return Panel(series, dates, "D", np.where(known, units, np.float32(0)), known, np.zeros_like(known))


def no_drivers(panel: Panel, horizon: int) -> Drivers:
    """Nothing announced."""
    return Drivers(np.concatenate([panel.dates, panel.future_dates(horizon)]), panel.frequency, {})


def score(folder: Path) -> pd.DataFrame:
    """One row a set, origin and model."""
    asked = json.loads((folder / "origins.json").read_text())
    rows = []
    for name, origins in asked["origins"].items():
        grid = pd.read_parquet(folder / f"{name}.parquet")
        group = pd.read_parquet(folder / f"{name}-groups.parquet")["group"].astype(str)
        for origin in origins:
            known = grid.iloc[:, :origin].notna().any(axis=1)
            past, actual = grid.loc[known].iloc[:, :origin], grid.loc[known].iloc[:, origin : origin + HORIZON]
            panel = panel_of(past, group[known])
            answers = {"Yunchou local": _ours(panel)}
            for path in sorted((folder / "out").glob(f"{name}-{origin}-*.parquet")):
                wide = pd.read_parquet(path)
                answers[path.stem.split("-")[-1]] = (
                    wide.drop(columns="cpu_seconds").to_numpy(float),
                    float(wide["cpu_seconds"].iloc[0]),
                )
            rows += [
                {"set": name, "origin": origin, "model": model, **_errors(panel, actual, mean, seconds)}
                for model, (mean, seconds) in answers.items()
            ]
    return pd.DataFrame(rows)


def _ours(panel: Panel) -> tuple[np.ndarray, float]:
    drivers = no_drivers(panel, HORIZON)
    LocalDemand.fit(panel.take(np.arange(4)), drivers, 0).predict(HORIZON)  # compiles
    start = time.process_time()
    mean = LocalDemand.fit(panel, drivers, 0).predict(HORIZON)
    return mean.astype(float), time.process_time() - start


def _errors(panel: Panel, actual: pd.DataFrame, mean: np.ndarray, seconds: float) -> dict[str, float]:
    truth = actual.to_numpy(dtype=float)
    scored = np.isfinite(truth)
    truth = np.where(scored, truth, 0.0)
    each = rmsse(truth, mean, scored, naive_scale(panel.units, panel.known))
    weight = np.where(panel.known, panel.units, 0.0)[:, -HORIZON:].sum(axis=1)
    good = np.isfinite(each)
    sums = np.where(scored, mean, 0.0).sum(axis=1, keepdims=True)
    return {
        "wape": wape(truth, mean, scored),
        "rmsse": float(each[good].mean()),
        "wrmsse": float(np.average(each[good], weights=weight[good])),
        "sum_wape": wape(truth.sum(axis=1, keepdims=True), sums, np.ones_like(sums, dtype=bool)),
        "bias": bias(truth, mean, scored),
        "ms_a_series": 1000 * seconds / len(mean),
    }


def main() -> None:
    """Prepare the panels or print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=["prepare", "score"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--m5", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    if asked.step == "prepare":
        prepare(asked.folder, asked.workspace, asked.m5, asked.seed)
        return
    table = score(asked.folder)
    print(table.round(4).to_string(index=False))
    print(table.groupby(["set", "model"]).mean(numeric_only=True).drop(columns="origin").round(4).to_string())


if __name__ == "__main__":
    main()
