"""The exchange with peers and their scores; no peer runs here."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.execution.run import Run
from engine.tracking.record import open_tracker
from experiments.peers.__main__ import Peers, compare
from experiments.peers.exchange import write
from experiments.record import record
from experiments.rolling import roll
from tests.experiments.shops import FAST, case


def test_files_hold_the_past_and_what_is_announced(tmp_path: Path) -> None:
    origin = next(roll(case(), 1, Run(1, 1), FAST))
    write(tmp_path, origin.fold, 5, 1)
    history, future = (pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("history", "future"))
    assert history["ds"].max() < pd.Timestamp(origin.fold.origin) == future["ds"].min()
    assert len(future) == origin.mean.size and "y" not in future
    assert set(future) == set(history) - {"y"} == {"unique_id", "ds", "category", "channel", "flag_0"}
    assert history["y"].sum() == origin.fold.panel.units.sum()
    assert 0.0 < future["flag_0"].mean() < 0.5
    assert len(json.loads((tmp_path / "asked.json").read_text())["sample"]) == 5


def test_answers_are_scored_on_what_was_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer that knows the truth of half the series: no error on a sample, the rest filled elsewhere."""
    shop = case()
    origin = next(roll(shop, 1, Run(1, 1), FAST))
    row, step = np.nonzero(np.ones_like(origin.mean[:12]))
    dates = origin.fold.drivers.dates[-2:].astype("datetime64[s]")
    truth = pd.DataFrame({"unique_id": row, "ds": dates[step], "mean": origin.yardstick.actual[row, step]})
    cost = {"cpu_seconds": 1.0, "peak_gb": 0.5}
    monkeypatch.setattr(Peers, "answer", lambda self, name, folder: (truth, cost))
    peers = Peers(("mlforecast", "AutoETS"), Path(), tmp_path, 5)
    table = compare(shop, 1, peers, Run(1, 1)).set_index("model")
    assert table.loc["AutoETS", ["series", "wape"]].tolist() == [12.0, 0.0]
    assert table.loc["mlforecast", "filled"] == pytest.approx(0.5)
    assert 0.0 < table.loc["mlforecast", "wape"] < table.loc["combined", "wape"] * 2


def test_a_study_is_recorded(tmp_path: Path) -> None:
    means = pd.DataFrame({"wape": [0.5, 0.6]}, index=["ours", "peer"])
    record("peers", tmp_path, {"data": "demo"}, means)
    tracker = open_tracker(tmp_path)
    (run,) = tracker.runs()
    tracker.close()
    assert (run.name, dict(run.metrics)) == ("peers", {"ours.wape": 0.5, "peer.wape": 0.6})
