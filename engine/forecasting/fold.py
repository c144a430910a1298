"""One fit at one origin: what was known then, the model, and its forecast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.panels import build_drivers, ended
from engine.execution.run import Run
from engine.forecasting.settings import ForecastSettings
from models.demand.boosted import BoostedDemand, BoostedParameters
from models.drivers import PRICE, Drivers
from models.panel import Frequency, Panel, periods_a_week

FloatGrid = NDArray[np.float32]


@dataclass(frozen=True)
class Fold:
    """``panel``: history until the origin; ``drivers``: history and horizon as announced then; ``mean`` float32
    [series, horizon]."""

    panel: Panel
    drivers: Drivers
    model: BoostedDemand
    mean: FloatGrid

    @property
    def origin(self) -> np.datetime64:
        """First period that is forecast."""
        return np.datetime64(self.panel.future_dates(1)[0], "D")

    @property
    def horizon(self) -> int:
        return int(self.mean.shape[1])


def fit_fold(dataset: Dataset, panel: Panel, horizon: int, settings: ForecastSettings, run: Run) -> Fold:
    """Fit on what the dataset knew on the eve of the panel's future and forecast ``horizon`` periods."""
    eve = pd.Timestamp(panel.future_dates(1)[0]).date() - pd.Timedelta(days=1)
    drivers = build_drivers(dataset.as_of(eve), panel, horizon)
    parameters = boosted_parameters(settings, panel.frequency, run.threads)
    seed = run.seed_for("forecast", str(panel.dates[-1]))
    model = BoostedDemand.fit(panel, drivers, seed, parameters)
    mean = model.predict(horizon)
    mean[ended(panel.series, drivers.dates[-horizon:])] = 0.0
    return Fold(panel, drivers, model, mean)


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
