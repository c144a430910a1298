"""Prophet for totals (a shop, a channel, a category): trend, year and festivals on a long horizon.

Taylor and Letham 2018, "Forecasting at scale", The American Statistician 72. Fitted on weeks and asked by day: the
model is linear in its regressors, so a festival that covers 3 of 7 days enters a week with 3/7 and a day with 1, and
months come out right wherever they cut a week. Prophet's own slope is not carried on, a straight line is its weakest
point beyond a few months: the caller says what growth he believes in (:mod:`models.demand.growth`). Never for thousands
of series: about 0.15 CPU-s each.
"""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.demand.growth import WEEKS_A_YEAR, yearly_changes
from models.panel import Dates

Floats = NDArray[np.float64]
RECENT_WEEKS = 8
FEWEST_WEEKS = 13
SMALLEST_SHAPE = 0.2


@dataclass(frozen=True)
class ProphetLaw:
    """How stiff the parts of the model are.

    ``changepoint_scale``, ``event_scale``: prior widths. ``yearly_order``: Fourier pairs of the year. ``trend_bound``:
    the trend stays within this factor of its last value. ``last_year``: weight of last year's sales, week for week and
    grown by a year, beside the last level, grown since; the former is right where years differ by a step, the latter
    where the level wanders.
    """

    changepoint_scale: float = 0.02
    event_scale: float = 1.0
    yearly_order: int = 8
    trend_bound: float = 2.0
    last_year: float = 0.5


@dataclass(frozen=True)
class TotalsForecast:
    """``level``: sales a day at the end of the history without season and festivals; ``shape`` float64 [days]: season
    and festivals ahead; ``last_year`` float64 [days]: a day of last year with festivals where they are now, and
    ``weight`` its weight. ``changes`` float64 [years]: log of each whole year's level over that of the year before,
    latest first. ``fitted`` float64 [weeks]: a week, NaN before the first sale. ``method``: ``prophet`` (two years or
    more), ``prophet_short`` (no change of slope, a plain year), ``no_year`` (flat, festivals only), ``flat`` (mean of
    the last weeks) or ``ended`` (zero). ``bound``: the level stays within this factor."""

    level: float
    shape: Floats
    last_year: Floats
    weight: float
    changes: Floats
    fitted: Floats
    method: str
    bound: float = 2.0

    def mean(self, growth: float) -> Floats:
        """Sales a day ahead [days] when the log of the level rises by ``growth`` a year; never negative."""
        days = np.arange(1, len(self.shape) + 1)
        limit = np.log(self.bound)
        trend = self.level * np.exp(np.clip(growth * days / (7 * WEEKS_A_YEAR), -limit, limit))
        years = 1 + (days - 1) // (7 * WEEKS_A_YEAR)
        again = self.last_year * np.exp(np.clip(growth * years, -limit, limit))
        mean: Floats = (1.0 - self.weight) * trend * np.maximum(self.shape, 0.0) + self.weight * again
        return mean


def forecast_totals(
    weekly: Floats, weeks: Dates, events: Floats, days: Dates, day_events: Floats, law: ProphetLaw
) -> TotalsForecast:
    """Forecast one series of weekly totals for the given days.

    ``weekly`` [weeks] >= 0; ``weeks`` first days of the weeks; ``events`` [weeks, kinds] share of the week's days in
    each festival phase, ``day_events`` [days, kinds] the same by day. Never negative, never NaN; a history too short
    for a part of the model goes without it (see :class:`TotalsForecast`). Deterministic, safe in threads.
    """
    sold = np.flatnonzero(weekly > 0)
    if len(sold) == 0 or sold[-1] < len(weekly) - WEEKS_A_YEAR - 1:
        return _plain(0.0, np.zeros(len(weekly)), len(days), "ended")
    first = int(sold[0])
    span = len(weekly) - first
    if span < FEWEST_WEEKS:
        return _flat(weekly, first, len(days))
    method = "prophet" if span >= 2 * WEEKS_A_YEAR else "prophet_short" if span > WEEKS_A_YEAR + 6 else "no_year"
    seen = np.flatnonzero((events[first:] > 0).any(axis=0) & (events[first:] < 1).any(axis=0))
    past = _frame(weeks[first:] + np.timedelta64(3, "D"), events[first:, seen])
    past["y"] = weekly[first:] / 7.0
    model = _model(method, len(seen), law)
    try:
        model.fit(past)
    except RuntimeError:  # the optimiser gave up twice
        return _flat(weekly, first, len(days))
    told = model.predict(pd.concat([past, _frame(days, day_events[:, seen])], ignore_index=True))
    behind, ahead = told.iloc[:span], told.iloc[span:]
    shape, past_shape = (1.0 + part["multiplicative_terms"].to_numpy() for part in (ahead, behind))
    levels = weekly[first:] / 7.0 / np.maximum(past_shape, SMALLEST_SHAPE)
    whole = span > WEEKS_A_YEAR
    fitted = np.full(len(weekly), np.nan)
    fitted[first:] = np.maximum(behind["yhat"].to_numpy(), 0.0) * 7.0
    return TotalsForecast(
        max(float(behind["trend"].iloc[-1]), 0.0),
        shape,
        _last_year(levels[-WEEKS_A_YEAR:], shape) if whole else np.zeros(len(days)),
        law.last_year if whole else 0.0,
        yearly_changes(levels),
        fitted,
        method,
        law.trend_bound,
    )


def _flat(weekly: Floats, first: int, days: int) -> TotalsForecast:
    """The mean of the last weeks."""
    level = float(weekly[first:][-RECENT_WEEKS:].mean())
    fitted = np.full(len(weekly), np.nan)
    fitted[first:] = level
    return _plain(level / 7.0, fitted, days, "flat")


def _plain(level: float, fitted: Floats, days: int, method: str) -> TotalsForecast:
    """A level without season."""
    return TotalsForecast(level, np.ones(days), np.zeros(days), 0.0, np.zeros(0), fitted, method)


def _last_year(level: Floats, shape: Floats) -> Floats:
    """Last year's sales a day, week for week, with moved festivals put where they are this year."""
    week = np.arange(len(shape)) // 7 % WEEKS_A_YEAR
    return np.asarray(level[week] * np.maximum(shape, 0.0))


def _frame(dates: Dates, events: Floats) -> pd.DataFrame:
    frame = pd.DataFrame(events, columns=[f"event{i}" for i in range(events.shape[1])])
    frame.insert(0, "ds", pd.DatetimeIndex(dates.astype("datetime64[s]")))
    return frame


def _model(method: str, kinds: int, law: ProphetLaw) -> Any:
    """A silent Prophet of the richness that the history allows."""
    from prophet import Prophet  # costs seconds to import

    warnings.filterwarnings("ignore", category=DeprecationWarning, module="prophet")
    logging.getLogger("cmdstanpy").disabled = True
    logging.getLogger("prophet").setLevel(logging.CRITICAL)
    order = {"prophet": law.yearly_order, "prophet_short": min(law.yearly_order, 4), "no_year": False}[method]
    model = Prophet(
        growth="flat" if method == "no_year" else "linear",
        n_changepoints=25 if method == "prophet" else 0,
        changepoint_prior_scale=law.changepoint_scale,
        yearly_seasonality=order,
        weekly_seasonality=False,
        daily_seasonality=False,
        seasonality_mode="multiplicative",
        uncertainty_samples=0,
    )
    for kind in range(kinds):
        model.add_regressor(f"event{kind}", prior_scale=law.event_scale, standardize=False, mode="multiplicative")
    return model
