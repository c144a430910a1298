"""Forecast value added: whether people's overrides came closer to what then sold than the model had (Gilliland 2010).

Each override is judged on the last forecast made before its period began (where none was made, on the first one
that held it), week by week and series by series, so that a right total spread wrongly is no success. Periods out of
stock or without a report are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.panels import build_panel
from engine.forecasting.overrides import Step, replay_overrides
from engine.plans.forecast import Forecast
from engine.plans.override import Override
from models.panel import DAYS, Panel, periods_a_week

Floats = NDArray[np.float64]
SUMS = ["actual", "before", "after", "error_before", "error_after"]


@dataclass(frozen=True)
class ValueAdded:
    """``overrides``: a row an override whose period is over; ``groups``: a row by author and level, and one for all.

    Columns: units ``actual``, ``before`` and ``after`` the override, ``wape_before``, ``wape_after``,
    ``bias_before``, ``bias_after`` and ``value_added`` = wape_before - wape_after: above 0 the person was right.
    ``waiting``: ids of overrides whose period is not over or that no recorded forecast holds.
    """

    overrides: pd.DataFrame
    groups: pd.DataFrame
    waiting: tuple[int, ...]


def value_added(forecasts: Iterable[Forecast], overrides: Sequence[Override], dataset: Dataset) -> ValueAdded:
    """Judge overrides on forecasts as they were made (any order of origins; the later of two of one origin counts)."""
    made = [forecast for forecast in forecasts if forecast.before is not None]
    rows = []
    panels: dict[str, Panel] = {}
    for entry in overrides:
        chosen = _judged_on(made, entry)
        if chosen is None:
            continue
        panel = panels.setdefault(chosen.frequency, build_panel(dataset, chosen.frequency))
        step = next(
            step for step in replay_overrides(chosen.unadjusted(), _held(chosen)) if step.override.id == entry.id
        )
        if row := _scored(chosen, panel, step):
            rows.append(row)
    table = pd.DataFrame(rows, columns=["id", "author", "level", "kind", "start", "end", "origin", *SUMS])
    done = set(table["id"])
    waiting = tuple(entry.id for entry in overrides if entry.id not in done)
    return ValueAdded(_rates(table), _groups(table), waiting)


def _held(forecast: Forecast) -> list[Override]:
    """The overrides that a forecast holds, in the order in which they were applied."""
    fields = list(Override.model_fields)
    rows = forecast.overrides[fields].to_dict("records")
    return [Override.model_validate({**row, "removed": row["removed"] or None}) for row in rows]


def _judged_on(forecasts: list[Forecast], entry: Override) -> Forecast | None:
    held = [forecast for forecast in forecasts if (forecast.overrides["id"] == entry.id).any()]
    held = sorted(held, key=lambda forecast: forecast.origin)
    ahead = [forecast for forecast in held if forecast.origin <= np.datetime64(entry.start, "D")]
    return ahead[-1] if ahead else held[0] if held else None


def _scored(forecast: Forecast, panel: Panel, step: Step) -> dict[str, Any] | None:
    """Errors before and after one override; None where its period is not over or nothing of it can be judged."""
    entry, week = step.override, periods_a_week(panel.frequency)
    last = panel.dates[-1].astype("datetime64[D]") + np.timedelta64(DAYS[panel.frequency] - 1, "D")
    if np.datetime64(entry.end, "D") > last:
        return None
    columns = np.flatnonzero(step.region.share > 0)
    place = pd.Index(panel.dates.astype("datetime64[D]")).get_indexer(forecast.dates[columns].astype("datetime64[D]"))
    keys = ["sku", "channel"]
    names = pd.MultiIndex.from_frame(panel.series[keys].astype(str))
    asked = names.get_indexer(pd.MultiIndex.from_frame(forecast.series[keys].astype(str)))[step.region.rows]
    rows, columns = np.flatnonzero(asked >= 0), columns[place >= 0]
    place = place[place >= 0]
    if not len(rows) or not len(columns):
        return None
    cells = np.ix_(asked[rows], place)
    usable = panel.known[cells] & ~panel.censored[cells]
    own = np.ix_(step.region.rows[rows], columns)
    actual = np.where(usable, panel.units[cells], 0.0).astype(np.float64)
    before, after = (np.where(usable, grid[own], 0.0) for grid in (step.found, step.near))
    starts = np.arange(0, len(columns), week)
    by_week = [np.add.reduceat(grid, starts, axis=1) for grid in (actual, before, after)]
    return {
        "id": entry.id,
        "author": entry.author,
        "level": entry.level,
        "kind": entry.kind,
        "start": str(entry.start),
        "end": str(entry.end),
        "origin": str(forecast.origin)[:10],
        "actual": float(actual.sum()),
        "before": float(before.sum()),
        "after": float(after.sum()),
        "error_before": float(np.abs(by_week[1] - by_week[0]).sum()),
        "error_after": float(np.abs(by_week[2] - by_week[0]).sum()),
    }


def _groups(table: pd.DataFrame) -> pd.DataFrame:
    """Sums by author and level, then of all, with their rates."""
    if table.empty:
        return _rates(pd.DataFrame(columns=["author", "level", "count", *SUMS]))
    count = table.assign(count=1)
    groups = count.groupby(["author", "level"], sort=True, as_index=False)[["count", *SUMS]].sum()
    total = count[["count", *SUMS]].sum().to_frame().T.assign(author="", level="")
    whole = pd.concat([groups, total], ignore_index=True)[["author", "level", "count", *SUMS]]
    return _rates(whole.astype({"count": int}))


def _rates(table: pd.DataFrame) -> pd.DataFrame:
    """WAPE and bias, of the units sold; of one unit where nothing sold."""
    sold = table["actual"].astype(float).clip(lower=1.0)
    for name in ("before", "after"):
        table[f"wape_{name}"] = table[f"error_{name}"].astype(float) / sold
        table[f"bias_{name}"] = (table[name].astype(float) - table["actual"].astype(float)) / sold
    return table.assign(value_added=table["wape_before"] - table["wape_after"])
