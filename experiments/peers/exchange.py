"""One origin as files that any Python can read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from engine.forecasting.fold import Fold
from models.drivers import LIST_PRICE, PRICE


def write(folder: Path, fold: Fold, sample: int, seed: int) -> None:
    """``history.parquet``, ``future.parquet`` and ``asked.json`` of an origin.

    History: ``unique_id, ds, y``, the static ``category, channel`` and one float32 column a driver, from the first
    known period of each series on (0 in a gap); future: the same without ``y``, as announced at the origin.
    ``asked.json`` names the seeded ``sample`` of series with a past for the peers that take long for each series.
    """
    folder.mkdir(parents=True, exist_ok=True)
    panel = fold.panel
    row, period = np.nonzero(np.logical_or.accumulate(panel.known, axis=1))
    history = _long(fold, row, period).assign(y=panel.units[row, period])
    history.to_parquet(folder / "history.parquet", index=False)
    present = np.flatnonzero(panel.known.any(axis=1))
    ahead = np.arange(len(panel.dates), len(panel.dates) + fold.horizon)
    future = _long(fold, np.repeat(present, fold.horizon), np.tile(ahead, len(present)))
    future.to_parquet(folder / "future.parquet", index=False)
    sold = np.flatnonzero((panel.units * panel.known).any(axis=1))
    chosen = np.random.default_rng(seed).permutation(sold)[:sample]
    asked = {"frequency": panel.frequency, "horizon": fold.horizon, "sample": sorted(int(entry) for entry in chosen)}
    (folder / "asked.json").write_text(json.dumps(asked))


def _long(fold: Fold, row: np.ndarray, period: np.ndarray) -> pd.DataFrame:
    """One line a (series, period): keys, attributes, drivers (numbered: names may hold any letter)."""
    dates = fold.drivers.dates.astype("datetime64[s]")
    columns: dict[str, object] = {"unique_id": row.astype(np.int32), "ds": dates[period]}
    for name in ("category", "channel"):
        columns[name] = pd.factorize(fold.panel.series[name], sort=True)[0][row].astype(np.int32)
    for number, (name, block) in enumerate(sorted(fold.drivers.blocks.items())):
        known = name if name in (PRICE, LIST_PRICE) else f"flag_{number}"
        columns[known] = block.values[block.group[row], period]
    return pd.DataFrame(columns)
