"""One fit at one origin: what was known then, the model, and its forecast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.drivers import build_drivers
from engine.data.panels import ended
from engine.execution.run import Run
from engine.forecasting.settings import ForecastSettings
from engine.forecasting.streams import bookings, read_streams, without_streams
from models.demand.boosted import BoostedDemand, BoostedParameters
from models.demand.launch import Launches
from models.demand.live import Bookings
from models.demand.local import LocalDemand
from models.drivers import PRICE, Drivers
from models.panel import Frequency, Panel, periods_a_week

FloatGrid = NDArray[np.float32]
FIRST, SECOND = "lightgbm", "local"
"""Names of the models that every fold runs."""


@dataclass(frozen=True)
class Fold:
    """``panel``: history until the origin; ``drivers``: history and horizon as announced then; ``model``: the boosted
    one, of sales without live streams; ``means`` by model, float32 [series, horizon], booked streams included;
    ``live``: these, None without any; ``offered``: streams that are not signed, which are not in the means."""

    panel: Panel
    drivers: Drivers
    model: BoostedDemand
    means: Mapping[str, FloatGrid]
    live: Bookings | None = None
    offered: Bookings | None = None

    @property
    def origin(self) -> np.datetime64:
        """First period that is forecast."""
        return np.datetime64(self.panel.future_dates(1)[0], "D")

    @property
    def horizon(self) -> int:
        return len(self.drivers.dates) - len(self.panel.dates)


def fit_fold(
    dataset: Dataset, panel: Panel, horizon: int, settings: ForecastSettings, run: Run, earlier: Fold | None = None
) -> Fold:
    """Fit on what the dataset knew on the eve of the panel's future and forecast ``horizon`` periods.

    With an ``earlier`` fold its effects and trees are kept and only told the days since.
    """
    eve = pd.Timestamp(panel.future_dates(1)[0]).date() - pd.Timedelta(days=1)
    known = dataset.as_of(eve)
    drivers = build_drivers(known, panel, horizon)
    streams = read_streams(known, panel, drivers)
    base = without_streams(panel, streams)
    if earlier is None:
        parameters = boosted_parameters(settings, panel.frequency, run.threads)
        model = BoostedDemand.fit(base, drivers, run.seed_for("forecast", str(panel.dates[-1])), parameters)
    else:
        model = earlier.model.update(base, drivers)
    means = {FIRST: model.predict(horizon), SECOND: _local(model, base, drivers, horizon)}
    rows, opens = to_be_launched(panel, horizon)
    gone = ended(panel.series, drivers.dates[-horizon:])
    launches = _launches(base, drivers) if len(rows) else None
    for mean in means.values():
        if launches is not None:
            mean[rows] = launches.mean(rows, opens, mean)
        mean[gone] = 0.0
    live, offered = bookings(streams, base, means[FIRST])
    if live is not None:
        booked = live.mean(means[FIRST].shape)
        means = {name: mean + booked for name, mean in means.items()}
    return Fold(panel, drivers, model, means, live, offered)


def _local(model: BoostedDemand, panel: Panel, drivers: Drivers, horizon: int) -> FloatGrid:
    """Local models of the history freed of price, events and promotions, which are put back on the horizon."""
    open_all = np.zeros_like(panel.censored)
    clean = replace(panel, units=model.past.history.clean, censored=open_all, in_stock=None)
    periods = len(panel.dates)
    mean = LocalDemand.fit(clean, drivers).predict(horizon)
    first = max(periods - periods_a_week(panel.frequency), 0)  # what has just ended still casts its shadow
    ahead = model.effects.multiplier(drivers.between(first, periods + horizon), np.arange(len(mean)))
    return np.asarray(mean * ahead[:, periods - first :], dtype=np.float32)


def to_be_launched(panel: Panel, horizon: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Series without a past whose launch lies within the horizon, and the period of it that opens them."""
    none = np.empty(0, dtype=np.int64)
    if "launch_date" not in panel.series:
        return none, none
    ahead = panel.future_dates(horizon + 1).astype("datetime64[D]")
    launch = panel.series["launch_date"].to_numpy().astype("datetime64[D]")
    due = ~panel.known.any(axis=1) & (launch >= ahead[0]) & (launch < ahead[-1])
    rows = np.flatnonzero(due)
    return rows, np.asarray(np.searchsorted(ahead, launch[rows], side="right") - 1, dtype=np.int64)


def _launches(panel: Panel, drivers: Drivers) -> Launches:
    """Levels and curve of past launches, at the prices of the last day or, for what is to come, the last announced."""
    price = np.full(len(panel.series), np.nan)
    if PRICE in drivers.blocks:
        block = drivers.blocks[PRICE]
        today = block.values[block.group, len(panel.dates) - 1].astype(float)
        price = np.where(np.isfinite(today), today, block.values[block.group, -1])
    return Launches.fit(panel, price)


def boosted_parameters(settings: ForecastSettings, frequency: Frequency, threads: int) -> BoostedParameters:
    """The room's settings in the model's words."""
    week = periods_a_week(frequency)
    return BoostedParameters(
        horizon=settings.horizon_weeks * week,
        near=settings.test_weeks * week,
        max_rows=settings.max_rows,
        years=settings.years,
        rounds=settings.rounds,
        learning_rate=settings.learning_rate,
        leaves=settings.leaves,
        threads=threads,
    )


def recent_revenue(panel: Panel, drivers: Drivers) -> NDArray[np.float64]:
    """Yuan (units where there is no price at all) of the last 4 weeks, float64 [series]."""
    span = 4 * periods_a_week(panel.frequency)
    start, stop = max(len(panel.dates) - span, 0), len(panel.dates)
    units: NDArray[np.float64] = panel.units[:, start:stop].sum(axis=1, dtype=float)
    if PRICE not in drivers.blocks:
        return units
    block = drivers.blocks[PRICE]
    price = block.values[block.group, stop - 1].astype(float)
    if np.isnan(price).all():
        return units
    return np.asarray(units * np.where(np.isnan(price), np.nanmedian(price), price))
