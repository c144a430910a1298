"""The near forecast as a method that has been learned once and is told the weeks since."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.panels import build_panel
from engine.execution.run import Run
from engine.forecasting.backtest import Backtest, run_backtest
from engine.forecasting.blend import Blend, fit_blend
from engine.forecasting.classes import classes
from engine.forecasting.fold import Fold, fit_fold
from engine.forecasting.settings import ForecastSettings
from engine.plans.forecast import KEYS, Demand
from models.drivers import PRICE, Drivers
from models.panel import Frequency, Panel, periods_a_week
from models.spread import Spread
from models.spread_fit import fit_spread


@dataclass(frozen=True)
class Method:
    """``fold``: models and history; ``tested``: what past origins said, from which ``blend`` and ``spread`` come;
    ``kind``: class of each series."""

    fold: Fold
    tested: Backtest
    blend: Blend
    spread: Spread
    kind: NDArray[np.int32]

    @classmethod
    def learn(cls, dataset: Dataset, settings: ForecastSettings, frequency: Frequency, run: Run) -> Method:
        """Judge the method at past origins, then fit on everything. :class:`BadInput` without a row of sales."""
        panel = build_panel(dataset, frequency)
        tested = run_backtest(dataset, panel, settings, run)
        run.progress("forecast", settings.origins / (settings.origins + 1))
        fold = fit_fold(dataset, panel, settings.horizon_weeks * periods_a_week(frequency), settings, run)
        kind = classes(fold)
        spread = fit_spread(list(tested.errors), run.seed_for("spread"), kind)
        return cls(fold, tested, fit_blend(tested.past), spread, kind)

    def told(self, dataset: Dataset, settings: ForecastSettings, run: Run) -> Method:
        """The same shares and spread on a newer history; the same trees too while no series is new to them. Seconds
        where learning takes minutes."""
        panel = build_panel(dataset, self.panel.frequency)
        same = panel.series[KEYS].equals(self.panel.series[KEYS])
        fold = fit_fold(dataset, panel, self.fold.horizon, settings, run, self.fold if same else None)
        kind = classes(fold)
        laws = np.minimum(kind, len(self.spread.means) - 1)  # a class that has no law yet takes the one before
        return replace(self, fold=fold, kind=kind, spread=replace(self.spread, kind=laws))

    @property
    def panel(self) -> Panel:
        """The history."""
        return self.fold.panel

    @property
    def announced(self) -> Drivers:
        """What is announced for the horizon."""
        return self.fold.drivers.between(len(self.panel.dates), len(self.fold.drivers.dates))

    def demand(self) -> Demand:
        """Mean and spread of the weeks ahead under what is announced."""
        ahead = self.announced
        mean = self.blend.mean(self.fold.means, self.kind // 2, self.panel.frequency)
        price = ahead.blocks[PRICE].of() if PRICE in ahead.blocks else None
        return Demand(self.panel.series, ahead.dates, self.panel.frequency, mean, price, self.spread, self.fold.live)
