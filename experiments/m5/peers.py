"""Statistical peers on M5, level by level. Run: ``python -m experiments.m5.peers --data DIR --ours ORIGIN=DIR ...``.

``--ours``: the folder that ``python -m experiments.m5 --origin ORIGIN --out DIR`` has written. AutoETS, AutoTheta and
the seasonal naive of statsforecast forecast every series of levels 1-9 and a seeded sample of the others, each for
itself; everybody is scored on the same series by the competition's scales and weights. The peers run in an environment
of their own (``--environment``, as ``experiments.peers`` builds it).
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.m5.data import Market, actuals, load
from experiments.m5.score import Yardstick
from experiments.peers.__main__ import SCRIPT, environment
from models.metrics import rmsse

PEERS = ("AutoETS", "AutoTheta", "SeasonalNaive")
SAMPLE = 40
"""Series of each of levels 10-12."""
Floats = NDArray[np.float64]


def compare(folder: Path, origin: int, ours: Path, python: Path, work: Path, peers: Sequence[str]) -> pd.DataFrame:
    """Weighted RMSSE by level (rows) and model (columns) on the chosen series of one origin."""
    mean = pd.read_parquet(ours / "mean.parquet").set_index("id")
    market = load(folder, origin, mean.shape[1])
    truth = actuals(folder, origin, market.horizon)
    if truth is None:
        raise ValueError(f"the file ends before day {origin + market.horizon}")
    yardstick = Yardstick.of(market)
    nodes = _chosen(yardstick)
    sums = yardstick.sums[nodes]
    answers = {"ours": np.asarray(sums @ mean.loc[market.ids].to_numpy(dtype=float))}
    _write(work, market, np.asarray(sums @ market.sales.astype(float)))
    for name in peers:
        answers[name] = _answer(work, name, python, answers["ours"].shape)
    actual = np.asarray(sums @ truth.astype(float))
    known = np.ones(actual.shape, dtype=bool)
    errors = pd.DataFrame({name: rmsse(actual, guess, known, yardstick.root[nodes]) for name, guess in answers.items()})
    weight = yardstick.weight[nodes]
    table = {
        level: _weighted(errors[at], weight[at])
        for level in range(1, 13)
        if (at := yardstick.level[nodes] == level).any()
    }
    return pd.DataFrame(table).T.rename_axis("level")


def _chosen(yardstick: Yardstick) -> NDArray[np.int64]:
    rng = np.random.default_rng(1)
    parts = []
    for level in range(1, 13):
        at = np.flatnonzero((yardstick.level == level) & np.isfinite(yardstick.root) & (yardstick.weight > 0))
        parts.append(at if len(at) <= SAMPLE else np.sort(rng.choice(at, SAMPLE, replace=False)))
    return np.concatenate(parts)


def _write(work: Path, market: Market, past: Floats) -> None:
    """The exchange with the peers: long frames from each series' first sale on."""
    work.mkdir(parents=True, exist_ok=True)
    dates = pd.to_datetime(market.calendar["date"]).to_numpy().astype("datetime64[s]")
    started = np.cumsum(past > 0, axis=1) > 0
    row, day = np.nonzero(started)
    pd.DataFrame({"unique_id": row, "ds": dates[day], "y": past[row, day]}).to_parquet(work / "history.parquet")
    ahead = np.arange(market.origin, market.origin + market.horizon)
    row, day = np.repeat(np.arange(len(past)), len(ahead)), np.tile(ahead, len(past))
    pd.DataFrame({"unique_id": row, "ds": dates[day]}).to_parquet(work / "future.parquet")
    asked = {"frequency": "D", "horizon": market.horizon, "sample": list(range(len(past)))}
    (work / "asked.json").write_text(json.dumps(asked))


def _answer(work: Path, name: str, python: Path, shape: tuple[int, ...]) -> Floats:
    subprocess.run([python, SCRIPT, work, name], check=True)
    frame = pd.read_parquet(work / "out" / f"{name}.parquet").sort_values(["unique_id", "ds"])
    out = np.full(shape, np.nan)
    step = frame.groupby("unique_id").cumcount().to_numpy()
    out[frame["unique_id"].to_numpy(dtype=np.int64), step] = frame["mean"].to_numpy(dtype=float)
    return out


def _weighted(errors: pd.DataFrame, weight: Floats) -> pd.Series:
    return errors.mul(weight, axis=0).sum() / weight.sum()


def main() -> None:
    """Compare and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m experiments.m5.peers", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--ours", nargs="+", required=True, metavar="ORIGIN=DIR")
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=PEERS)
    parser.add_argument("--environment", type=Path, default=Path("peers-environment"))
    parser.add_argument("--work", type=Path, default=Path("peers-work"))
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    python, tables = environment(asked.environment), {}
    for entry in asked.ours:
        origin, _, folder = entry.partition("=")
        tables[origin] = compare(
            asked.data, int(origin), Path(folder), python, asked.work / f"m5-{origin}", asked.peers
        )
    mean = sum(tables.values()) / len(tables)
    if asked.json:
        print(json.dumps({name: table.to_dict() for name, table in {**tables, "mean": mean}.items()}))
    else:
        print(mean.round(3).to_string())


if __name__ == "__main__":
    main()
