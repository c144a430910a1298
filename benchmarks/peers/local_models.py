"""Statistical peers on the panels that ``benchmarks.local_models prepare`` wrote. Run with the peers' own Python.

``PEERS/bin/python benchmarks/peers/local_models.py DIR``: every ``DIR/SET.parquet`` (one row a series, columns the
days, empty before the first known day) is forecast at the origins in ``DIR/origins.json``; each answer becomes
``DIR/out/SET-ORIGIN-MODEL.parquet`` with the columns ``0 .. horizon-1`` and ``cpu_seconds`` of the whole call. Answers
that exist are kept, so that a stopped run goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import pandas as pd
from statsforecast import StatsForecast
from statsforecast.models import AutoETS, AutoTheta, SeasonalNaive

SEASON = 7
WARM_UP = 4


def forecast(model: object, history: pd.DataFrame, horizon: int) -> tuple[pd.DataFrame, float]:
    """Means [series, horizon] in the order of ``history`` and CPU seconds, one process."""
    table = history.stack().rename("y").rename_axis(["unique_id", "ds"]).reset_index()
    table["ds"] = table["ds"].astype(int)
    start = time.process_time()
    answer = StatsForecast(models=[model], freq=1, n_jobs=1).forecast(df=table, h=horizon)
    seconds = time.process_time() - start
    name = next(column for column in answer.columns if column not in ("unique_id", "ds"))
    wide = answer.assign(step=answer.groupby("unique_id").cumcount()).pivot(
        index="unique_id", columns="step", values=name
    )
    return wide.reindex(history.index).clip(lower=0.0), seconds


def main() -> None:
    """Forecast everything asked for and not yet there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    asked = json.loads((folder / "origins.json").read_text())
    out = folder / "out"
    out.mkdir(exist_ok=True)
    for model in (SeasonalNaive(SEASON), AutoTheta(SEASON), AutoETS(SEASON)):
        for name, origins in asked["origins"].items():
            panel = pd.read_parquet(folder / f"{name}.parquet")
            forecast(model, panel.iloc[:WARM_UP, -100:], asked["horizon"])  # compiles
            for origin in origins:
                path = out / f"{name}-{origin}-{type(model).__name__}.parquet"
                if path.exists():
                    continue
                history = panel.iloc[:, :origin]
                history = history[history.notna().any(axis=1)]
                wide, seconds = forecast(model, history, asked["horizon"])
                wide = wide.assign(cpu_seconds=seconds)
                wide.columns = wide.columns.astype(str)
                wide.to_parquet(path)
                print(path.name, round(seconds, 1), "CPU s", flush=True)


if __name__ == "__main__":
    main()
