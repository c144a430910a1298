"""Rolling-origin backtest: the whole method repeated at past origins, against simple yardsticks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.panels import build_panel
from engine.execution.run import Run
from engine.forecasting.fold import Fold, fit_fold, recent_revenue
from engine.forecasting.settings import ForecastSettings
from models.demand.yardsticks import yardsticks
from models.metrics import bias, coverage, naive_scale, pinball, rmsse, wape, weighted
from models.panel import Frequency, Panel, periods_a_week, weekly
from models.paths import Spread, poisson_spread
from models.spread_fit import LEVELS, WeeklyErrors, fit_spread

MODEL = "lightgbm"
COLUMNS = ["model", "origin", "wape", "bias", "wrmsse", "pinball"]
LEAST_WEEKS = 8
"""A fit at an origin needs at least so many weeks of history."""


@dataclass(frozen=True)
class Backtest:
    """``table``: frame of ``COLUMNS``, one row a model and origin. ``errors``: weekly errors of the model by origin."""

    table: pd.DataFrame
    errors: tuple[WeeklyErrors, ...]
    coverage: dict[str, float]
    warnings: tuple[str, ...]

    def summary(self) -> dict[str, float]:
        """Means over the origins: the model against the best single yardstick."""
        if self.table.empty:
            return {}
        means = self.table.groupby("model")[["wape", "bias", "wrmsse", "pinball"]].mean()
        rest = means.drop(index=MODEL)
        out = {name: float(means[name][MODEL]) for name in ("wrmsse", "wape", "bias", "pinball")}
        return out | {"yardstick_wrmsse": float(rest["wrmsse"].min()), **self.coverage}

    @property
    def yardstick(self) -> str:
        """Name of the best single yardstick by mean weighted RMSSE; blank without a backtest."""
        if self.table.empty:
            return ""
        means = self.table[self.table["model"] != MODEL].groupby("model")["wrmsse"].mean()
        return str(means.idxmin())


def backtest(dataset: Dataset, settings: ForecastSettings, frequency: Frequency, run: Run) -> pd.DataFrame:
    """Errors of the model and of the yardsticks at past origins.

    Frame ``model, origin, wape, bias, wrmsse, pinball`` (``pinball``: mean loss of weekly quantiles from errors of
    earlier origins; units a week).
    """
    panel = build_panel(dataset, frequency)
    return run_backtest(dataset, panel, settings, run).table


def run_backtest(dataset: Dataset, panel: Panel, settings: ForecastSettings, run: Run) -> Backtest:
    """Refit at each origin with what was known then; score ``test_weeks``, keep errors of all weeks that followed."""
    positions, warnings = origins(panel, settings)
    rows: list[dict[str, object]] = []
    errors: dict[str, list[WeeklyErrors]] = {}
    band: dict[str, float] = {}
    group = pd.factorize(panel.series["category"], sort=True)[0].astype(np.int32)
    for number, position in enumerate(positions):
        run.progress(f"backtest: origin {number + 1} of {len(positions)}", number / (len(positions) + 1))
        horizon = len(panel.dates) - position
        fold = fit_fold(dataset, panel.until(position), horizon, settings, run)
        forecasts = {MODEL: fold.mean} | yardsticks(fold.panel, horizon)
        for name, forecast in forecasts.items():
            past = errors.setdefault(name, [])
            spread = fit_spread(past, run.seed_for("spread", name)) if past else poisson_spread()
            week = weekly_errors(panel, position, forecast, group)
            rows.append({"model": name, "origin": fold.origin} | _scores(panel, fold, forecast, week, spread, settings))
            if name == MODEL and number == len(positions) - 1 and past:
                band = _coverage(week, spread)
            past.append(week)
    table = pd.DataFrame(rows, columns=COLUMNS)
    return Backtest(table, tuple(errors.get(MODEL, ())), band, warnings)


def origins(panel: Panel, settings: ForecastSettings) -> tuple[list[int], tuple[str, ...]]:
    """Positions of the origins (periods known), oldest first; fewer than asked where history is short."""
    week = periods_a_week(panel.frequency)
    last = len(panel.dates) - settings.test_weeks * week
    wanted = [last - number * settings.step_weeks * week for number in range(settings.origins)]
    kept = sorted(position for position in wanted if position >= LEAST_WEEKS * week)
    if len(kept) == settings.origins:
        return kept, ()
    have = len(panel.dates) // week
    return kept, (
        f"history of {have} weeks allows {len(kept)} of {settings.origins} backtest origins; "
        "accuracy and uncertainty are known the less",
    )


def weekly_errors(panel: Panel, position: int, forecast: NDArray[np.float32], group: NDArray[np.int32]) -> WeeklyErrors:
    """Whole weeks from the origin on; a week counts where every period is known and in stock."""
    good = panel.known[:, position:] & ~panel.censored[:, position:]
    good[~panel.known[:, :position].any(axis=1)] = False
    step = periods_a_week(panel.frequency)
    scored = weekly(good.astype(np.float32), panel.frequency) > step - 0.5
    actual = weekly(panel.units[:, position:], panel.frequency).astype(np.float32)
    return WeeklyErrors(weekly(forecast, panel.frequency).astype(np.float32), actual, scored, group)


def _scores(
    panel: Panel,
    fold: Fold,
    forecast: NDArray[np.float32],
    week: WeeklyErrors,
    spread: Spread,
    settings: ForecastSettings,
) -> dict[str, float]:
    step = periods_a_week(panel.frequency)
    start = len(fold.panel.dates)
    span = slice(start, start + settings.test_weeks * step)
    actual, mean = panel.units[:, span], forecast[:, : settings.test_weeks * step]
    scored = panel.known[:, span] & ~panel.censored[:, span]
    scored[~fold.panel.known.any(axis=1)] = False
    scale = naive_scale(fold.panel.units, fold.panel.known)
    weights = recent_revenue(fold.panel, fold.drivers)
    weeks = slice(0, settings.test_weeks)
    quantiles = spread.quantiles(week.mean[:, weeks], LEVELS)
    return {
        "wape": wape(actual, mean, scored),
        "bias": bias(actual, mean, scored),
        "wrmsse": weighted(rmsse(actual, mean, scored, scale), weights),
        "pinball": pinball(week.actual[:, weeks], quantiles, LEVELS, week.scored[:, weeks]),
    }


def _coverage(week: WeeklyErrors, spread: Spread) -> dict[str, float]:
    """Share of weeks within the central 80 % and 95 % of a spread that did not see them; equal weight a week."""
    levels = np.array([0.025, 0.1, 0.9, 0.975])
    quantile = spread.quantiles(week.mean, levels)
    scored = week.scored & (week.mean >= 1.0)
    return {
        "coverage_80": coverage(week.actual, np.floor(quantile[1]), np.ceil(quantile[2]), scored),
        "coverage_95": coverage(week.actual, np.floor(quantile[0]), np.ceil(quantile[3]), scored),
    }
