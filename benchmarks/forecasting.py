"""Accuracy of the forecast against the best simple yardstick, by origin, and what it costs.

Run: ``python -m benchmarks.forecasting completejourney vn2=DIR m5=DIR workspace=DIR`` (``--stores CA_1`` for a part of
M5). Prints sales-weighted RMSSE by origin, its mean, bias, CPU seconds and peak memory.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

from engine.data.dataset import Dataset
from engine.data.readers import completejourney, m5, vn2
from engine.data.readers.source import Source
from engine.data.store import Workspace
from engine.execution.run import Run
from engine.forecasting.backtest import METHOD, PARTS, backtest
from engine.forecasting.settings import ForecastSettings
from models.panel import Frequency


def load(name: str, folder: str, stores: list[str] | None) -> tuple[Dataset, Frequency]:
    """The data set of that name and its frequency."""
    if name == "workspace":
        return Workspace.open(folder).dataset(), "D"
    if name == "m5":
        return _dataset(m5(Path(folder), stores)), "D"
    return _dataset(vn2(Path(folder)) if name == "vn2" else completejourney()), "W"


def _dataset(source: Source) -> Dataset:
    return Dataset(source.tables, "benchmark", assumptions=source.assumptions)


def measure(name: str, dataset: Dataset, frequency: Frequency, run: Run) -> None:
    """Backtest with default settings; print one block."""
    wall, cpu = time.perf_counter(), time.process_time()
    table = backtest(dataset, ForecastSettings(), frequency, run)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    means = table.groupby("model")[["wrmsse", "wape", "bias", "pinball"]].mean().sort_values("wrmsse")
    best = means.drop(index=[METHOD, *PARTS]).index[0]
    grid = table.pivot(index="model", columns="origin", values="wrmsse").loc[[METHOD, best]]
    gain = 1 - means.loc[METHOD, "wrmsse"] / means.loc[best, "wrmsse"]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\n{name}: {gain:.1%} better than {best}; {wall:.0f} s wall, {cpu:.0f} s CPU, peak {memory:.2f} GB")
    print(grid.to_string(float_format="{:.4f}".format))
    print(means.to_string(float_format="{:.4f}".format), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="+", help="completejourney, vn2=DIR, m5=DIR, workspace=DIR")
    parser.add_argument("--stores", nargs="*", help="M5 stores; all ten where left out")
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    for entry in asked.sets:
        name, _, folder = entry.partition("=")
        dataset, frequency = load(name, folder, asked.stores)
        measure(entry, dataset, frequency, Run(1, asked.threads))


if __name__ == "__main__":
    main()
