"""The comparison with peers. Run: ``python -m experiments.peers --data SET[=DIR] --origins N --json``.

Sets: ``demo``, ``completejourney``, ``vn2=DIR``, ``m5=DIR`` (``--stores``), ``workspace=DIR``. At each of the last N
origins, one horizon apart, our forecast (the default models and settings, asked for this horizon; the combination
learns from the earlier origins of the run) and each peer of ``benchmarks/peers/forecasters.py`` get the same series,
history, price, promotions and events as announced then. Peers run one after the other in an environment of their own
(``--environment``: built once from ``benchmarks/peers/requirements.txt``). AutoTheta, AutoETS and Prophet take long for
each series and get a seeded sample (``--sample``). Everybody is scored on the same cells: known, in stock, of series
with a past; ``ours_wape`` is our error on the series that the peer has answered, ``filled`` the share of scored series
that it has not and that take the mean of their last four weeks instead (not for samples). CPU seconds are those of
fitting and predicting.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.execution.run import Run
from engine.forecasting.fold import Fold
from engine.plans.forecast import METHOD
from experiments.cases import Case, load
from experiments.peers.exchange import write
from experiments.record import peak_gb, record, show
from experiments.rolling import Yardstick, roll
from models.demand.yardsticks import FOUR_WEEK_MEAN, yardsticks

EVERY = ("mlforecast", "SeasonalNaive")
SAMPLED = ("AutoTheta", "AutoETS", "Prophet")
SCRIPT = Path(__file__).parents[2] / "benchmarks" / "peers" / "forecasters.py"
MEANS = ["series", "wape", "ours_wape", "bias", "wrmsse", "cpu_seconds", "peak_gb"]
Grid = NDArray[np.floating]


@dataclass(frozen=True)
class Peers:
    """Which peers run, with which Python; ``work`` keeps the files of the exchange, answers there are used again."""

    names: Sequence[str]
    python: Path
    work: Path
    sample: int

    def answer(self, name: str, folder: Path) -> tuple[pd.DataFrame, dict[str, float]]:
        """A peer's frame ``unique_id, ds, mean`` and its cost."""
        file = folder / "out" / f"{name}.parquet"
        if not file.exists():
            subprocess.run([self.python, SCRIPT, folder, name], check=True)
        return pd.read_parquet(file), json.loads(file.with_suffix(".json").read_text())


def compare(case: Case, number: int, peers: Peers, run: Run) -> pd.DataFrame:
    """One row an origin and model."""
    rows: list[dict[str, object]] = []
    for origin in roll(case, number, run):
        fold, yardstick = origin.fold, origin.yardstick
        cost = {"cpu_seconds": origin.cpu_seconds, "peak_gb": peak_gb()}
        keys: dict[str, object] = {"set": case.name, "origin": str(fold.origin)}
        rows.append(keys | {"model": METHOD} | yardstick.scores(origin.mean) | cost)
        rows += [keys | {"model": name} | yardstick.scores(mean) for name, mean in fold.means.items()]
        folder = peers.work / f"{case.name}-{fold.origin}"
        if peers.names and not (folder / "asked.json").exists():
            write(folder, fold, peers.sample, run.seed)
        for name in peers.names:
            frame, cost = peers.answer(name, folder)
            rows.append(keys | {"model": name} | _scores(yardstick, fold, frame, origin.mean, name in SAMPLED) | cost)
        told = rows[-1 - len(fold.means) - len(peers.names) :]
        print(fold.origin, *(f"{row['model']} {row['wape']:.4f}" for row in told), file=sys.stderr, flush=True)
    return pd.DataFrame(rows)


def _scores(yardstick: Yardstick, fold: Fold, frame: pd.DataFrame, ours: Grid, sampled: bool) -> dict[str, float]:
    """A peer's errors, ours on the series that it has answered."""
    mean = np.full((len(fold.panel.series), fold.horizon), np.nan)
    dates = fold.drivers.dates[-fold.horizon :].astype("datetime64[s]")
    place = np.searchsorted(dates, frame["ds"].to_numpy().astype("datetime64[s]"))
    mean[frame["unique_id"].to_numpy(dtype=np.int64), place] = frame["mean"].to_numpy(dtype=float)
    told = np.isfinite(mean).all(axis=1)
    if sampled:
        return yardstick.scores(mean, told) | {"ours_wape": yardstick.scores(ours, told)["wape"]}
    recent = yardsticks(fold.panel, fold.horizon)[FOUR_WEEK_MEAN]
    filled = float((~told & yardstick.scored.any(axis=1)).sum() / max(yardstick.scored.any(axis=1).sum(), 1))
    whole = np.where(told[:, None], mean, recent)
    return yardstick.scores(whole) | {"ours_wape": yardstick.scores(ours)["wape"], "filled": filled}


def environment(folder: Path) -> Path:
    """The Python of the peers; the environment is built where it is missing."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        wanted = SCRIPT.with_name("requirements.txt")
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", wanted], check=True)
    return python


def main(arguments: list[str] | None = None) -> None:
    """Compare and print one table."""
    parser = argparse.ArgumentParser(prog="python -m experiments.peers", description=__doc__)
    parser.add_argument("--data", required=True)
    parser.add_argument("--origins", type=int, default=4)
    parser.add_argument("--products", type=int, default=2000, help="of demo and completejourney")
    parser.add_argument("--stores", nargs="*", help="of M5; all ten where left out")
    parser.add_argument("--peers", nargs="*", choices=EVERY + SAMPLED, default=EVERY + SAMPLED)
    parser.add_argument("--sample", type=int, default=200, help="series for AutoTheta, AutoETS and Prophet")
    parser.add_argument("--environment", type=Path, default=Path("peers-environment"))
    parser.add_argument("--work", type=Path, default=Path("peers-work"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--tracking", type=Path, help="folder of the MLflow record")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    try:
        case = load(asked.data, asked.products, asked.seed, asked.stores)
    except ValueError as problem:
        parser.error(str(problem))
    python = environment(asked.environment) if asked.peers else Path(sys.executable)
    peers = Peers(asked.peers, python, asked.work, asked.sample)
    table = compare(case, asked.origins, peers, Run(asked.seed, asked.threads))
    means = table.groupby("model", sort=False)[[name for name in MEANS if name in table]].mean()
    record("peers", asked.tracking, {"data": asked.data, "origins": str(asked.origins)}, means)
    show(table, means, asked.json)


if __name__ == "__main__":
    main()
