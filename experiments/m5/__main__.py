"""The M5 study. Run: ``python -m experiments.m5 --data ../shared/data/m5 --origin N --horizon 28 --out DIR --score``.

Writes ``mean.parquet`` (``id``, F1..F28) and ``quantiles.parquet`` (``level``, ``key``, ``quantile``, F1..F28).
Sales of days <= N only are read; calendar and prices of the horizon are known, as in the competition. ``--score``
reads the sales of the horizon afterwards and gives WRMSSE and WSPL.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.m5.data import LEVELS, Grid, Market, actuals, load
from experiments.m5.forecast import M5Forecast, forecast
from experiments.m5.score import QUANTILES, Yardstick


def main(arguments: list[str] | None = None) -> None:
    """Forecast from one origin, write the files, print seconds and scores."""
    parser = argparse.ArgumentParser(prog="python -m experiments.m5", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--origin", type=int, required=True, help="last day of sales used, 1500 to the last one")
    parser.add_argument("--horizon", type=int, default=28)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=1, help="a second one waits in turns where others work too")
    parser.add_argument(
        "--score", action="store_true", help="add WRMSSE and WSPL where the sales of the horizon are there"
    )
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        market = load(asked.data, asked.origin, asked.horizon)
    except (ValueError, FileNotFoundError) as problem:
        parser.error(str(problem))
    made = forecast(market, asked.threads)
    write(asked.out, market, made)
    report: dict[str, Any] = {
        "origin": asked.origin,
        "horizon": asked.horizon,
        "wall_seconds": round(time.perf_counter() - wall, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
        "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
    }
    truth = actuals(asked.data, asked.origin, asked.horizon) if asked.score else None
    if truth is not None:
        report |= score(market, made, truth)
    elif asked.score:
        report["score"] = "the sales of the horizon are not in the file"
    print(json.dumps(report) if asked.json else "\n".join(f"{name}: {value}" for name, value in report.items()))


def score(market: Market, made: M5Forecast, truth: Grid) -> dict[str, Any]:
    """WRMSSE and WSPL, whole and by level."""
    yardstick = Yardstick.of(market)
    wrmsse, wspl = yardstick.wrmsse(truth, made.mean), yardstick.wspl(truth, made.quantiles)
    return {
        "wrmsse": round(float(wrmsse.mean()), 4),
        "wspl": round(float(wspl.mean()), 4),
        "wrmsse_by_level": wrmsse.round(4).tolist(),
        "wspl_by_level": wspl.round(4).tolist(),
    }


def write(folder: Path, market: Market, made: M5Forecast) -> None:
    """The two files of the study."""
    folder.mkdir(parents=True, exist_ok=True)
    columns = [f"F{day}" for day in range(1, market.horizon + 1)]
    mean = pd.DataFrame(made.mean, columns=columns)
    mean.insert(0, "id", market.ids)
    mean.to_parquet(folder / "mean.parquet", index=False)
    nodes = node_names(market)
    parts = []
    for quantile, values in zip(QUANTILES, made.quantiles, strict=True):
        part = pd.DataFrame(values, columns=columns)
        part.insert(0, "quantile", quantile)
        parts.append(pd.concat([nodes, part], axis=1))
    pd.concat(parts, ignore_index=True).to_parquet(folder / "quantiles.parquet", index=False)


def node_names(market: Market) -> pd.DataFrame:
    """``level`` 1..12 and ``key`` of every node: aggregates in the tree's order, then the leaves."""
    labels = market.tree().labels
    numbers = {"|".join(level) or "total": place + 1 for place, level in enumerate(LEVELS)}
    upper = pd.DataFrame({"level": labels["level"].map(numbers), "key": labels["key"].where(labels["key"] != "", "X")})
    leaves = pd.DataFrame({"level": len(LEVELS), "key": market.keys["item_id"] + "|" + market.keys["store_id"]})
    return pd.concat([upper, leaves], ignore_index=True)


if __name__ == "__main__":
    main()
