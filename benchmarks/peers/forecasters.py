"""One peer on one origin that ``experiments.peers`` wrote. Run with the peers' own Python.

``PEERS/bin/python benchmarks/peers/forecasters.py DIR PEER`` reads ``DIR/history.parquet``, ``future.parquet`` and
``asked.json``; writes ``DIR/out/PEER.parquet`` (``unique_id, ds, mean``) and ``PEER.json`` (CPU seconds of fitting and
predicting, reading left out; peak memory of the process). Series too short for a peer are left out of its answer.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

WARM_UP_SERIES = 5
STATIC = ["category", "channel"]
SEASON = {"D": 7, "W": 52}
LAGS = {"D": [1, 7, 14, 28], "W": [1, 2, 3, 4, 8, 13]}
WINDOWS = {"D": {1: [7, 28], 7: [7, 28], 28: [28]}, "W": {1: [4, 13], 4: [4]}}
DATES = {"D": ["dayofweek", "day", "month", "dayofyear"], "W": ["month", "week"]}
Answer = pd.DataFrame
Forecaster = Callable[[pd.DataFrame, pd.DataFrame, dict], Answer]


def _frequency(history: pd.DataFrame, asked: dict) -> str:
    """Days, or weeks that begin on the day of the week of the data."""
    return "D" if asked["frequency"] == "D" else f"W-{history['ds'].iloc[0].strftime('%a').upper()}"


def boosted(history: pd.DataFrame, future: pd.DataFrame, asked: dict) -> Answer:
    """mlforecast with LightGBM: lags, rolling means, dates, every driver known ahead; recursive, one step a time."""
    from lightgbm import LGBMRegressor
    from mlforecast import MLForecast
    from mlforecast.lag_transforms import RollingMean

    kind = asked["frequency"]
    drivers = [name for name in future.columns if name not in ("unique_id", "ds", *STATIC)]
    price = history.groupby("unique_id")["price"].median() if "price" in drivers else None
    history, future = (_with_ratios(frame, price) for frame in (history, future))
    model = LGBMRegressor(
        objective="tweedie",
        tweedie_variance_power=1.2,
        n_estimators=200,
        learning_rate=0.05,
        num_leaves=63,
        min_child_samples=50,
        subsample=0.8,
        subsample_freq=1,
        colsample_bytree=0.8,
        force_row_wise=True,
        n_jobs=1,
        random_state=1,
        verbosity=-1,
    )
    forecaster = MLForecast(
        models={"mean": model},
        freq=_frequency(history, asked),
        lags=LAGS[kind],
        lag_transforms={lag: [RollingMean(window, 1) for window in windows] for lag, windows in WINDOWS[kind].items()},
        date_features=DATES[kind],
    )
    forecaster.fit(history, static_features=STATIC)
    return forecaster.predict(asked["horizon"], X_df=future.drop(columns=STATIC) if drivers else None)


def _with_ratios(frame: pd.DataFrame, usual: pd.Series | None) -> pd.DataFrame:
    """Price against the series' median price of the past, and against the list price."""
    frame = frame.astype({"category": "category", "channel": "category"})
    if usual is None:
        return frame
    frame["price_ratio"] = (frame["price"] / frame["unique_id"].map(usual)).astype("float32")
    if "list_price" in frame:
        frame["discount"] = (frame["price"] / frame["list_price"]).astype("float32")
    return frame


def statistical(name: str) -> Forecaster:
    """A model of statsforecast, every series by itself and without drivers."""

    def work(history: pd.DataFrame, future: pd.DataFrame, asked: dict) -> Answer:
        from statsforecast import StatsForecast
        from statsforecast import models as library

        season = SEASON[asked["frequency"]]
        length = history.groupby("unique_id")["y"].transform("size")
        short = length < 2 * season
        parts = []
        for part, cycle in ((history[~short], season), (history[short & (length > 1)], 1)):
            if len(part):
                model = getattr(library, name)(season_length=cycle)
                answer = StatsForecast(
                    [model], _frequency(part, asked), 1, fallback_model=library.HistoricAverage()
                ).forecast(df=part[["unique_id", "ds", "y"]], h=asked["horizon"])
                parts.append(answer.rename(columns={name: "mean"}))
        return pd.concat(parts, ignore_index=True)

    return work


def prophet(history: pd.DataFrame, future: pd.DataFrame, asked: dict) -> Answer:
    """Prophet for every series by itself, with its drivers that vary as regressors."""
    from prophet import Prophet

    logging.getLogger("cmdstanpy").disabled = True
    parts = []
    ahead = dict(list(future.groupby("unique_id")))
    for key, past in history.groupby("unique_id"):
        if len(past) < 2 * SEASON[asked["frequency"]]:
            continue
        names = [name for name in future.columns if name not in ("unique_id", "ds", *STATIC)]
        names = [name for name in names if past[name].nunique() > 1 and past[name].notna().all()]
        model = Prophet(weekly_seasonality=asked["frequency"] == "D", daily_seasonality=False, uncertainty_samples=0)
        for name in names:
            model.add_regressor(name)
        model.fit(past[["ds", "y", *names]])
        parts.append(model.predict(ahead[key][["ds", *names]])[["ds", "yhat"]].assign(unique_id=key))
    none = pd.DataFrame({"unique_id": np.zeros(0, int), "ds": history["ds"].iloc[:0], "yhat": np.zeros(0)})
    return pd.concat([none, *parts], ignore_index=True).rename(columns={"yhat": "mean"})


PEERS: dict[str, tuple[Forecaster, bool]] = {
    "mlforecast": (boosted, False),
    "SeasonalNaive": (statistical("SeasonalNaive"), False),
    "AutoTheta": (statistical("AutoTheta"), True),
    "AutoETS": (statistical("AutoETS"), True),
    "Prophet": (prophet, True),
}
"""By name: how it forecasts, and whether it gets the sample only."""


def main() -> None:
    """Forecast with one peer and write its answer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("peer", choices=sorted(PEERS))
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    forecaster, sampled = PEERS[chosen.peer]
    asked = json.loads((chosen.folder / "asked.json").read_text())
    history = pd.read_parquet(chosen.folder / "history.parquet")
    future = pd.read_parquet(chosen.folder / "future.parquet")
    longest = history["unique_id"].value_counts().index[:WARM_UP_SERIES]
    if sampled:
        kept = asked["sample"]
        history, future = (frame[frame["unique_id"].isin(kept)] for frame in (history, future))
        forecaster(*(frame[frame["unique_id"].isin(kept[:1])] for frame in (history, future)), asked)  # compiles
    else:
        forecaster(*(frame[frame["unique_id"].isin(longest)] for frame in (history, future)), asked)  # compiles
    start = time.process_time()
    answer = forecaster(history, future, asked)
    cpu = time.process_time() - start
    out = chosen.folder / "out"
    out.mkdir(exist_ok=True)
    answer["mean"] = np.clip(answer["mean"], 0.0, None)
    answer[["unique_id", "ds", "mean"]].to_parquet(out / f"{chosen.peer}.parquet", index=False)
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    facts = {"cpu_seconds": cpu, "peak_gb": int(peak.group(1)) / 2**20 if peak else None}
    (out / f"{chosen.peer}.json").write_text(json.dumps(facts))


if __name__ == "__main__":
    main()
