"""What another calendar would sell, beside the announced one, without refitting anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.plans.forecast import Demand, Forecast
from models.drivers import Drivers

Floats = NDArray[np.float64]
LEVELS = (0.1, 0.5, 0.9)
PATHS, ROWS = 200, 2_000
MEASURES = ("units", "revenue")


@dataclass(frozen=True)
class WhatIf:
    """``table``: frame ``by`` (total, week, channel, category), ``key``, and for units and for revenue (yuan) the
    announced, the new, their difference, and 10, 50, 90 % quantiles of all three."""

    table: pd.DataFrame
    notes: tuple[str, ...]

    def total(self) -> dict[str, Any]:
        """The row of everything."""
        return {str(name): value for name, value in self.table.iloc[0].items()}


def what_if(forecast: Forecast, drivers: Drivers, seed: int, notes: tuple[str, ...] = ()) -> WhatIf:
    """Units and revenue of whole weeks under other drivers against those announced.

    The same shocks hit both calendars, so the quantiles of the difference hold what the calendar does and not the
    luck of two draws.
    """
    announced, asked = forecast.under(), forecast.under(drivers)
    weeks = [str(week) for week in announced.weeks.astype("datetime64[D]")]
    series = forecast.series
    groups = {
        "total": np.zeros(len(series), dtype=np.int64),
        "channel": pd.factorize(series["channel"].astype(str), sort=True)[0],
        "category": pd.factorize(series["category"].astype(str), sort=True)[0],
    }
    names = {name: sorted(series[name].astype(str).unique()) for name in ("channel", "category")}
    found = {
        kind: {name: _sums(demand, member, seed) for name, member in groups.items()}
        for kind, demand in (("announced", announced), ("asked", asked))
    }
    rows = [_row("total", "", found, "total", np.s_[0])]
    rows += [_row("week", week, found, "total", np.s_[0], number) for number, week in enumerate(weeks)]
    for name in ("channel", "category"):
        rows += [_row(name, key, found, name, np.s_[number]) for number, key in enumerate(names[name])]
    return WhatIf(pd.DataFrame(rows), notes)


@dataclass(frozen=True)
class _Sums:
    """By measure: ``mean`` [groups, weeks] and ``paths`` [groups, paths, weeks]."""

    mean: dict[str, Floats]
    paths: dict[str, Floats]


def _sums(demand: Demand, member: NDArray[np.integer], seed: int) -> _Sums:
    count, weeks = int(member.max(initial=0)) + 1, len(demand.weeks)
    mean = {name: np.zeros((count, weeks)) for name in MEASURES}
    paths = {name: np.zeros((count, PATHS, weeks)) for name in MEASURES}
    units, revenue = demand.weekly_mean.astype(np.float64), demand.weekly_revenue_yuan.astype(np.float64)
    price = np.where(units > 0, revenue / np.where(units > 0, units, 1.0), 0.0)
    np.add.at(mean["units"], member, units)
    np.add.at(mean["revenue"], member, revenue)
    drawn = demand.paths(seed)
    for rows in _blocks(len(member)):
        block = drawn.block(rows, 0, PATHS)
        np.add.at(paths["units"], member[rows], block)
        np.add.at(paths["revenue"], member[rows], block * price[rows, None, :])
    return _Sums(mean, paths)


def _blocks(series: int) -> Iterator[NDArray[np.int64]]:
    for first in range(0, series, ROWS):
        yield np.arange(first, min(first + ROWS, series))


def _row(
    by: str, key: str, found: dict[str, dict[str, _Sums]], level: str, group: Any, week: int | None = None
) -> dict[str, Any]:
    row: dict[str, Any] = {"by": by, "key": key}
    span = slice(None) if week is None else slice(week, week + 1)
    for measure in MEASURES:
        old, new = (found[kind][level] for kind in ("announced", "asked"))
        means = [float(sums.mean[measure][group, span].sum()) for sums in (old, new)]
        paths = [sums.paths[measure][group, :, span].sum(axis=-1) for sums in (old, new)]
        for name, value in zip(("announced", "new", "difference"), (*means, means[1] - means[0]), strict=True):
            row[f"{measure}_{name}"] = value
        for name, draws in zip(("announced", "new", "difference"), (*paths, paths[1] - paths[0]), strict=True):
            for share, value in zip(LEVELS, np.quantile(draws, LEVELS), strict=True):
                row[f"{measure}_{name}_p{round(100 * share)}"] = float(value)
    return row
