"""Our forecast at the last origins of a case, one horizon apart, and the cells that count."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.panels import build_panel
from engine.execution.run import Run
from engine.forecasting.blend import PastForecast, fit_blend
from engine.forecasting.classes import classes
from engine.forecasting.fold import Fold, fit_fold, recent_revenue
from engine.forecasting.settings import ForecastSettings
from experiments.cases import Case
from models.metrics import bias, naive_scale, rmsse, wape, weighted
from models.panel import Panel, periods_a_week, weekly

Grid = NDArray[np.floating]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Yardstick:
    """``actual``, ``scored`` [series, horizon]; ``scale`` and ``weight`` (recent revenue) [series] of an origin."""

    actual: Grid
    scored: NDArray[np.bool_]
    scale: Floats
    weight: Floats

    @classmethod
    def of(cls, panel: Panel, fold: Fold) -> Yardstick:
        """Cells after the fold that are known, in stock, of series with a past."""
        span = slice(len(fold.panel.dates), len(fold.panel.dates) + fold.horizon)
        scored = panel.known[:, span] & ~panel.censored[:, span]
        scored[~fold.panel.known.any(axis=1)] = False
        scale = naive_scale(fold.panel.units, fold.panel.known)
        return cls(panel.units[:, span], scored, scale, recent_revenue(fold.panel, fold.drivers))

    def scores(self, mean: Grid, where: NDArray[np.bool_] | None = None) -> dict[str, float]:
        """Scored series, WAPE, bias and weighted RMSSE, of the series ``where`` (all)."""
        scored = self.scored if where is None else self.scored & where[:, None]
        guess = np.where(scored, mean, 0.0)
        return {
            "series": float(scored.any(axis=1).sum()),
            "wape": wape(self.actual, guess, scored),
            "bias": bias(self.actual, guess, scored),
            "wrmsse": weighted(rmsse(self.actual, guess, scored, self.scale), self.weight),
        }


@dataclass(frozen=True)
class Origin:
    """``until``: the panel up to the end of this horizon; ``kind``: classes of the series; ``mean``: the combined
    forecast [series, horizon]; ``cpu_seconds`` of fitting and predicting everything in it."""

    until: Panel
    fold: Fold
    kind: NDArray[np.int32]
    mean: Grid
    yardstick: Yardstick
    cpu_seconds: float


def roll(case: Case, number: int, run: Run, changed: ForecastSettings | None = None) -> Iterator[Origin]:
    """The last ``number`` origins, oldest first. Default settings, asked for the weeks of the case.

    Horizons do not overlap, so that an origin knows all that the combination learns from earlier ones.
    """
    panel = build_panel(case.dataset, case.frequency)
    asked = {"horizon_weeks": case.weeks, "test_weeks": case.weeks, "step_weeks": case.weeks}
    settings = (changed or ForecastSettings()).model_copy(update=asked)
    past: list[PastForecast] = []
    for position in range(len(panel.dates) - number * case.horizon, len(panel.dates), case.horizon):
        begin = time.process_time()
        fold = fit_fold(case.dataset, panel.until(position), case.horizon, settings, run)
        kind = classes(fold)
        mean = fit_blend(past).mean(fold.means, kind // 2, case.frequency)
        seconds = time.process_time() - begin
        origin = Origin(panel.until(position + case.horizon), fold, kind, mean, Yardstick.of(panel, fold), seconds)
        past.append(_past(origin))
        yield origin


def _past(origin: Origin) -> PastForecast:
    frequency = origin.until.frequency
    means = {name: weekly(mean, frequency).astype(np.float32) for name, mean in origin.fold.means.items()}
    actual = weekly(origin.yardstick.actual, frequency).astype(np.float32)
    whole = weekly(origin.yardstick.scored.astype(np.float32), frequency) > periods_a_week(frequency) - 0.5
    return PastForecast(means, actual, whole, origin.kind // 2)
