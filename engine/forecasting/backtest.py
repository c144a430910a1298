"""Rolling-origin backtest: the whole method repeated at past origins, against simple yardsticks."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.panels import build_panel
from engine.execution.run import Run
from engine.forecasting.blend import PastForecast, fit_blend
from engine.forecasting.classes import classes
from engine.forecasting.fold import FIRST, SECOND, Fold, fit_fold, recent_revenue
from engine.forecasting.settings import ForecastSettings
from engine.plans.forecast import METHOD
from models.demand.yardsticks import yardsticks
from models.metrics import bias, coverage, naive_scale, pinball, rmsse, wape, weighted
from models.panel import Frequency, Panel, periods_a_week, weekly
from models.restoration import as_demand
from models.spread import Spread
from models.spread_fit import LEVELS, WeeklyErrors, fit_spread

COLUMNS = ["model", "origin", "wape", "bias", "wrmsse", "pinball", "pit", "seconds"]
PARTS = (FIRST, SECOND)
DECILES = np.linspace(0.0, 1.0, 11)
LEAST_WEEKS = 8
"""A fit at an origin needs at least so many weeks of history."""


@dataclass(frozen=True)
class Backtest:
    """``table``: frame of ``COLUMNS``, one row a model and origin. ``errors``: weekly errors of the combined forecast,
    ``past``: those of its parts, both by origin."""

    table: pd.DataFrame
    errors: tuple[WeeklyErrors, ...]
    past: tuple[PastForecast, ...]
    coverage: dict[str, float]
    warnings: tuple[str, ...]

    def summary(self) -> dict[str, float]:
        """Means over the origins: the model against the best single yardstick."""
        if self.table.empty:
            return {}
        means = self.table.groupby("model")[["wape", "bias", "wrmsse", "pinball"]].mean()
        rest = means.drop(index=[METHOD, *PARTS])
        out = {name: float(means[name][METHOD]) for name in ("wrmsse", "wape", "bias", "pinball")}
        return out | {"yardstick_wrmsse": float(rest["wrmsse"].min()), **self.coverage}

    @property
    def yardstick(self) -> str:
        """Name of the best single yardstick by mean weighted RMSSE; blank without a backtest."""
        if self.table.empty:
            return ""
        means = self.table[~self.table["model"].isin([METHOD, *PARTS])].groupby("model")["wrmsse"].mean()
        return str(means.idxmin())


def backtest(dataset: Dataset, settings: ForecastSettings, frequency: Frequency, run: Run) -> pd.DataFrame:
    """Errors of the model and of the yardsticks at past origins.

    Frame ``model, origin, wape, bias, wrmsse, pinball, pit, seconds``; ``pinball``: mean loss of weekly quantiles from
    errors of earlier origins, units a week; ``pit``: shares of the ten deciles of the randomised probability integral
    transform; ``seconds``: CPU, that of fitting all parts in the line of the combined forecast.
    """
    panel = build_panel(dataset, frequency)
    return run_backtest(dataset, panel, settings, run).table


def run_backtest(dataset: Dataset, panel: Panel, settings: ForecastSettings, run: Run) -> Backtest:
    """Judge at each origin what was known then; score ``test_weeks``, keep errors of all weeks that followed.

    The truth is demand: stocked-out periods count with what was restored from their own sales.

    Shares, bias and spread of an origin come from the weeks that earlier origins had seen by then.
    """
    positions, warnings = origins(panel, settings)
    group = pd.factorize(panel.series["category"], sort=True)[0].astype(np.int32)
    step = periods_a_week(panel.frequency)
    truth = as_demand(panel)
    rows: list[dict[str, object]] = []
    errors: dict[str, list[WeeklyErrors]] = {}
    past: list[PastForecast] = []
    band: dict[str, float] = {}
    fold: Fold | None = None
    for number, position in enumerate(positions):
        run.progress(f"backtest: origin {number + 1} of {len(positions)}", number / (len(positions) + 1))
        horizon, begin = len(panel.dates) - position, time.process_time()
        fold = fit_fold(dataset, panel.until(position), horizon, settings, run, fold if settings.quick else None)
        known = [(position - earlier) // step for earlier in positions[:number]]
        blend = fit_blend([entry.until(weeks) for entry, weeks in zip(past, known, strict=True)])
        kind = classes(fold)
        fitted = time.process_time() - begin
        forecasts = {METHOD: blend.mean(fold.means, kind // 2, panel.frequency), **fold.means}
        for name, forecast in (forecasts | yardsticks(fold.panel, horizon)).items():
            begin = time.process_time()
            seen = errors.setdefault(name, [])
            usable = [entry.until(weeks) for entry, weeks in zip(seen, known, strict=True)]
            spread = fit_spread(usable, run.seed_for("spread", name), kind)
            week = weekly_errors(truth, position, forecast, group, kind)
            scores = _scores(truth, fold, forecast, week, spread, settings, run)
            seconds = time.process_time() - begin + (fitted if name == METHOD else 0.0)
            rows.append({"model": name, "origin": fold.origin} | scores | {"seconds": seconds})
            if name == METHOD and number == len(positions) - 1 and seen:
                band = _coverage(week, spread)
            seen.append(week)
        past.append(_past(panel, fold, errors[METHOD][-1], kind))
    table = pd.DataFrame(rows, columns=COLUMNS)
    return Backtest(table, tuple(errors.get(METHOD, ())), tuple(past), band, warnings)


def _past(panel: Panel, fold: Fold, week: WeeklyErrors, kind: NDArray[np.int32]) -> PastForecast:
    means = {name: weekly(mean, panel.frequency).astype(np.float32) for name, mean in fold.means.items()}
    return PastForecast(means, week.actual, week.scored, kind // 2)


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


def weekly_errors(
    panel: Panel, position: int, forecast: NDArray[np.float32], group: NDArray[np.int32], kind: NDArray[np.int32]
) -> WeeklyErrors:
    """Whole weeks from the origin on; a week counts where the demand of every period is known."""
    good = panel.known[:, position:] & ~panel.censored[:, position:]
    good[~panel.known[:, :position].any(axis=1)] = False
    step = periods_a_week(panel.frequency)
    scored = weekly(good.astype(np.float32), panel.frequency) > step - 0.5
    actual = weekly(panel.units[:, position:], panel.frequency).astype(np.float32)
    return WeeklyErrors(weekly(forecast, panel.frequency).astype(np.float32), actual, scored, group, kind)


def _scores(
    panel: Panel,
    fold: Fold,
    forecast: NDArray[np.float32],
    week: WeeklyErrors,
    spread: Spread,
    settings: ForecastSettings,
    run: Run,
) -> dict[str, object]:
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
    place = spread.places(week.mean[:, weeks], week.actual[:, weeks], run.seed_for("pit"))[week.scored[:, weeks]]
    return {
        "wape": wape(actual, mean, scored),
        "bias": bias(actual, mean, scored),
        "wrmsse": weighted(rmsse(actual, mean, scored, scale), weights),
        "pinball": pinball(week.actual[:, weeks], quantiles, LEVELS, week.scored[:, weeks]),
        "pit": (np.histogram(place, DECILES)[0] / max(len(place), 1)).round(4).tolist(),
    }


def _coverage(week: WeeklyErrors, spread: Spread) -> dict[str, float]:
    """Share of weeks within the central 80 % and 95 % of a spread that did not see them; equal weight a week.

    Of means of at least 20, where a count can lie at a level: below, the intervals of whole units hold more.
    """
    levels = np.array([0.025, 0.1, 0.9, 0.975])
    quantile = spread.quantiles(week.mean, levels)
    scored = week.scored & (week.mean >= 20.0)
    return {
        "coverage_80": coverage(week.actual, quantile[1], quantile[2], scored),
        "coverage_95": coverage(week.actual, quantile[0], quantile[3], scored),
    }
