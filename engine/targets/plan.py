"""Targets of a year: goals -> programme -> months, SKUs, chances."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.execution.run import Run
from engine.plans.errors import BadInput, Problem
from engine.plans.forecast import Forecast
from engine.plans.targets import TargetPlan
from engine.targets.allocate import allocate
from engine.targets.chance import chances
from engine.targets.fill import largest_remainder
from engine.targets.goals import rules_of
from engine.targets.outlook import KEYS, base_of, look_out
from engine.targets.settings import TargetSettings
from engine.targets.skus import allocate_skus


def set_targets(dataset: Dataset, forecast: Forecast, settings: TargetSettings, run: Run) -> TargetPlan:
    """Targets by month x channel x category and SKU for a calendar year, adding up to the fen on every level.

    Months are whole: in the running month what has been sold counts with what is still expected. Months between now
    and the year keep their forecast as target. Raises :class:`MissingInput` without money, :class:`BadInput` for
    goals that cannot be meant, :class:`Infeasible` where hard goals contradict.
    """
    outlook = look_out(dataset, forecast)
    year = _year(settings, outlook.cells, forecast)
    cells = outlook.year(year)
    base, warnings = base_of(outlook, year)
    run.progress("targets: goals and base year", 0.1)
    allocation = allocate(cells, rules_of(settings, cells, base, year), settings)
    target = round_tree(cells, allocation.yuan)
    run.progress("targets: SKUs", 0.5)
    months = _months(outlook.cells, cells, target, forecast, year)
    skus, notes = allocate_skus(dataset, forecast.under(), months, settings)
    run.progress("targets: chances", 0.9)
    probability = chances(forecast, cells, target, year)
    expected = float((cells["actual_fen"] + cells["forecast_fen"]).sum()) / 100.0
    total = base[("total", "")]
    return TargetPlan(
        months,
        skus,
        probability,
        allocation.report,
        (*warnings, *allocation.warnings, *notes),
        {
            "base_yuan": total,
            "forecast_yuan": expected,
            "target_yuan": float(target.sum()) / 100.0,
            "target_growth": float(target.sum()) / 100.0 / total - 1.0 if total > 0 else 0.0,
            "forecast_growth": expected / total - 1.0 if total > 0 else 0.0,
            "probability_total": float(probability["probability"].iloc[0]) if len(probability) else 0.0,
            "distortion_yuan": allocation.report.objective,
        },
    )


def round_tree(cells: pd.DataFrame, yuan: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole fen by cell, rounded from the total down to channel, category and month by largest remainder."""
    exact = yuan * 100.0
    total = np.array([int(np.rint(exact.sum()))])
    fen: NDArray[np.int64] = total
    parent: NDArray[np.integer] = np.zeros(len(cells), dtype=np.int64)
    for keys in (["channel"], ["channel", "category"], KEYS):
        code = cells.groupby(keys, sort=True).ngroup().to_numpy()
        size = int(code.max(initial=-1)) + 1
        above = np.zeros(size, dtype=np.int64)
        above[code] = parent
        fen, parent = largest_remainder(np.asarray(np.bincount(code, exact, size), dtype=np.float64), above, fen), code
    return np.asarray(fen[parent], dtype=np.int64)


def _months(
    every: pd.DataFrame, cells: pd.DataFrame, target: NDArray[np.int64], forecast: Forecast, year: int
) -> pd.DataFrame:
    """From the running month (or January of a running year) to December of the year."""
    begin = pd.Timestamp(forecast.origin.astype("datetime64[M]").astype("datetime64[s]"))
    between = every[(every["month"] >= begin) & (every["month"].dt.year < year)]
    frame = pd.concat(
        [between.assign(target_fen=between["actual_fen"] + between["forecast_fen"]), cells.assign(target_fen=target)]
    )
    frame["forecast_fen"] = frame["actual_fen"] + frame["forecast_fen"]
    frame = frame[(frame["forecast_fen"] > 0) | (frame["target_fen"] > 0)]
    frame = frame.astype({"target_fen": "int64"}).sort_values(KEYS, ignore_index=True)
    return pd.DataFrame(frame[[*KEYS, "forecast_fen", "target_fen"]])


def _year(settings: TargetSettings, cells: pd.DataFrame, forecast: Forecast) -> int:
    """The year asked for; it must lie in the long run's months."""
    last_day = forecast.origin.astype("datetime64[D]") - np.timedelta64(1, "D")
    running = int(str(last_day)[:4])
    year = running + 1 if settings.year is None else settings.year
    allowed = (running, running + 1)
    if year not in allowed:
        raise BadInput(
            [
                Problem(
                    "plan.yaml",
                    "targets can be set for the running and the next year only",
                    column="targets.year",
                    value=str(year),
                    expected=" or ".join(map(str, allowed)),
                )
            ]
        )
    return year
