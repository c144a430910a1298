"""Whether the spread is right: randomised PIT by value class and horizon third, and raw coverage of fast series.

Run: ``python -m benchmarks.calibration demo completejourney vn2=DIR m5=DIR`` (``--stores CA_1`` for a part of M5).
Each origin is judged with a spread (and a blend) from the weeks that earlier origins had seen by then; the first two
origins only teach. Goal: every decile 8-12 % in each class and third, coverage within 2 points where the mean is 20.
"""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks.forecasting import load
from engine.data.dataset import Dataset
from engine.data.panels import build_panel
from engine.demo.merchant import make_merchant
from engine.demo.settings import DemoSettings
from engine.execution.run import Run
from engine.forecasting.backtest import METHOD, Backtest, origins, run_backtest
from engine.forecasting.settings import ForecastSettings
from models.panel import Panel, periods_a_week
from models.spread_fit import fit_spread

WEEKS, THIRDS, TEACHERS, FAST = 12, 3, 2, 20.0


def judge(panel: Panel, tested: Backtest, settings: ForecastSettings) -> None:
    """Print deciles of the pooled judged origins."""
    positions, _ = origins(panel, settings)
    step = periods_a_week(panel.frequency)
    found: list[np.ndarray] = []
    for number in range(TEACHERS, len(positions)):
        entry = tested.errors[number].until(WEEKS)
        if entry.mean.shape[1] < WEEKS:
            continue
        seen = [
            tested.errors[earlier].until((positions[number] - positions[earlier]) // step) for earlier in range(number)
        ]
        place = fit_spread(seen, 0, entry.kind).places(entry.mean, entry.actual, number)
        third = np.broadcast_to(np.arange(WEEKS) * THIRDS // WEEKS, entry.mean.shape)
        value = np.broadcast_to(entry.kind[:, None] // 2, entry.mean.shape)
        found.append(np.stack([grid[entry.scored] for grid in (place, value, third, entry.mean)]))
    place, value, third, mean = np.concatenate(found, axis=1)
    worst = 0.0
    for kind in range(3):
        for part in range(THIRDS):
            chosen = place[(value == kind) & (third == part)]
            share = 100 * np.histogram(chosen, np.linspace(0, 1, 11))[0] / max(len(chosen), 1)
            worst = max(worst, float(np.abs(share - 10).max()))
            print(f"  {'ABC'[kind]}{part + 1} {len(chosen):7d}  " + " ".join(f"{entry:5.1f}" for entry in share))
    fast = place[mean >= FAST]
    inside = [np.mean((fast > low) & (fast < 1 - low)) for low in (0.1, 0.025)]
    print(f"  worst decile off by {worst:.1f} points; fast weeks {len(fast)}: 80 % holds {inside[0]:.1%}, ", end="")
    print(f"95 % holds {inside[1]:.1%}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="+", help="demo, completejourney, vn2=DIR, m5=DIR")
    parser.add_argument("--stores", nargs="*")
    parser.add_argument("--origins", type=int, default=10)
    parser.add_argument("--seed", type=int, default=DemoSettings().seed)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    for entry in asked.sets:
        name, _, folder = entry.partition("=")
        if name == "demo":
            frequency, dataset = "D", Dataset(make_merchant(DemoSettings(skus=300, seed=asked.seed)).tables, "demo")
        else:
            dataset, frequency = load(name, folder, asked.stores)  # type: ignore[assignment]
        panel = build_panel(dataset, frequency)  # type: ignore[arg-type]
        settings = ForecastSettings(origins=asked.origins)
        tested = run_backtest(dataset, panel, settings, Run(1, asked.threads))
        own = tested.table.groupby("model")[["wape", "bias", "wrmsse", "pinball"]].mean().sort_values("wrmsse")
        print(f"{entry}\n{own.head(4).to_string(float_format='{:.4f}'.format)}")
        assert METHOD in own.index
        judge(panel, tested, settings)


if __name__ == "__main__":
    main()
