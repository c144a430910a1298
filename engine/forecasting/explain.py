"""Why a number is what it is: its parts, which add up, and what a person looks at before believing it."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.data.drivers import build_drivers
from engine.data.panels import build_panel
from engine.forecasting.streams import read_streams, without_streams
from engine.plans.errors import BadInput, Problem
from engine.plans.forecast import Forecast
from models.demand.boosted import BoostedDemand, BoostedParameters
from models.demand.contributions import CALENDAR, LEVEL, PROMOTION, SEASON, TREND, log_parts
from models.drivers import EVENT, PRICE
from models.drivers import PROMOTION as PROMOTIONS
from models.explanation import additive_parts
from models.features.state import feature_state
from models.panel import DAYS, Panel, periods_a_week, weekly

Floats = NDArray[np.float64]
ADS, OTHER, OVERRIDE = "ads", "other", "override"
PARTS = (LEVEL, TREND, SEASON, CALENDAR, PROMOTION, ADS, OTHER, OVERRIDE)
"""``other``: bounds, blending and reconciliation after the model."""
RECENT_WEEKS, STOCK_WEEKS = 8, 13


@dataclass(frozen=True)
class Explanation:
    """``parts``: units by :data:`PARTS`, which add up to ``units``. ``periods``: frame ``date, units, *PARTS``.

    ``recent``: units sold in the last weeks, the newest last. ``last_year``: units of the same days 52 weeks earlier,
    None before the history. ``stock_out_share``: of the periods of the last 13 weeks. ``price``: announced mean,
    ``regular_price``: at which the baseline holds; yuan, None where unknown. ``running``: events and promotions.
    """

    sku: str
    channels: tuple[str, ...]
    first: date
    last: date
    units: float
    parts: dict[str, float]
    periods: pd.DataFrame
    trust: dict[str, str]
    recent: tuple[float, ...]
    last_year: float | None
    stock_out_share: float
    price: float | None
    regular_price: float | None
    running: tuple[str, ...]
    warnings: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self) | {"periods": self.periods.to_dict("records")}


def explain(
    forecast: Forecast, dataset: Dataset, sku: str, channel: str | None, span: tuple[date, date]
) -> Explanation:
    """Explain the units of a SKU (in one channel, or all) over the days of ``span``, both included.

    ``dataset``: what the forecast was made of. A period of which only some days are asked counts whole.
    :class:`BadInput` where there is no such series or the days are not forecast.
    """
    rows, columns = _rows(forecast, sku, channel), _columns(forecast, span)
    panel = build_panel(dataset, forecast.frequency)
    if panel.future_dates(1)[0] != forecast.dates[0] or not _same_series(panel, forecast):
        raise BadInput([Problem("forecast", "is of other data", remedy="Run `yunchou forecast` again.")])
    parts = _parts(forecast, dataset, panel, rows, columns)
    units = forecast.mean[np.ix_(rows, columns)].astype(np.float64)
    by_period = {name: values.sum(axis=0) for name, values in parts.items()}
    periods = pd.DataFrame({"date": forecast.dates[columns].astype(str), "units": units.sum(axis=0), **by_period})
    names = forecast.series["channel"].astype(str).to_numpy()[rows]
    price, regular = _prices(forecast, rows, columns)
    step = DAYS[forecast.frequency]
    last = forecast.dates[columns[-1]].astype("datetime64[D]").item() + timedelta(days=step - 1)
    recent = weekly(panel.units[rows][:, _last_weeks(panel, RECENT_WEEKS)], panel.frequency).sum(axis=0)
    return Explanation(
        sku=sku,
        channels=tuple(names),
        first=forecast.dates[columns[0]].astype("datetime64[D]").item(),
        last=last,
        units=float(units.sum()),
        parts={name: float(values.sum()) for name, values in parts.items()},
        periods=periods,
        trust=dict(zip(names, forecast.trust[rows].tolist(), strict=True)),
        recent=tuple(float(value) for value in recent),
        last_year=_last_year(panel, rows, columns),
        stock_out_share=_stock_out(panel, rows),
        price=price,
        regular_price=regular,
        running=_running(forecast, rows, columns),
        warnings=_warnings(forecast, panel, rows, units),
    )


def parse_span(text: str) -> tuple[date, date]:
    """First and last day of a day, an ISO week, a month or a span.

    >>> [str(day) for day in parse_span("2026-11")], str(parse_span("2026-W45")[0]), str(parse_span("2026-11-11")[1])
    (['2026-11-01', '2026-11-30'], '2026-11-02', '2026-11-11')
    """
    try:
        if ".." in text:
            first, last = (date.fromisoformat(part) for part in text.split("..", 1))
            if first <= last:
                return first, last
        elif found := re.fullmatch(r"(\d{4})-?W(\d{1,2})", text):
            monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
            return monday, monday + timedelta(days=6)
        elif re.fullmatch(r"\d{4}-\d{2}", text):
            first = date.fromisoformat(f"{text}-01")
            return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        else:
            return date.fromisoformat(text), date.fromisoformat(text)
    except ValueError:
        pass
    expected = "2026-11-11, 2026-W45, 2026-11 or 2026-11-01..2026-11-11"
    raise BadInput([Problem("--date", "is no day, week, month or span", value=text, expected=expected)])


def fitted_model(forecast: Forecast, panel: Panel, dataset: Dataset) -> BoostedDemand | None:
    """The model whose state the forecast keeps, on its history; None where it keeps none."""
    state = forecast.model
    if "booster" not in state:
        return None
    from lightgbm import Booster  # a second to import

    eve = (panel.future_dates(1)[0].astype("datetime64[D]") - np.timedelta64(1, "D")).item()
    known = dataset.as_of(eve)
    drivers = build_drivers(known, panel, len(forecast.dates))
    base = without_streams(panel, read_streams(known, panel, drivers))
    booster = None if state["booster"] is None else Booster(model_str=state["booster"])
    past = feature_state(base, drivers, forecast.effects)
    return BoostedDemand(BoostedParameters(**state["parameters"]), forecast.effects, booster, past)


def _parts(
    forecast: Forecast, dataset: Dataset, panel: Panel, rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> dict[str, Floats]:
    """Units by part, each [rows, columns]."""
    cells = np.ix_(rows, columns)
    final, model = forecast.mean[cells].astype(np.float64), forecast.unadjusted()
    mean = model.mean[cells].astype(np.float64)
    log_mean = np.log(np.where(mean > 0, mean, 1.0))
    fitted = fitted_model(model, panel, dataset)
    if fitted is None:
        logs = {LEVEL: log_mean}
    else:
        logs = {name: values[:, columns] for name, values in log_parts(fitted, rows, columns[-1] + 1).logs.items()}
    ads = -np.log(model.without_ads()[cells].astype(np.float64))
    level = np.exp(logs[LEVEL] - ads)
    factors = {name: logs.get(name, np.zeros_like(mean)) for name in (TREND, SEASON, CALENDAR, PROMOTION)}
    factors[ADS] = ads
    factors[OTHER] = log_mean - (logs[LEVEL] - ads) - sum(factors.values())
    added = additive_parts(level, np.stack(list(factors.values())))
    parts = {LEVEL: level, **dict(zip(factors, added, strict=True))}
    sold = mean > 0
    parts = {name: np.where(sold, values, 0.0) for name, values in parts.items()}
    return {name: parts[name] for name in PARTS if name != OVERRIDE} | {OVERRIDE: final - mean}


def _rows(forecast: Forecast, sku: str, channel: str | None) -> NDArray[np.int64]:
    series = forecast.series
    own = series["sku"].astype(str) == sku
    if not own.any():
        raise BadInput([Problem("--sku", "has no forecast: it is unknown, or has never sold", value=sku)])
    channels = series.loc[own, "channel"].astype(str)
    if channel is not None and channel not in set(channels):
        expected = " | ".join(sorted(channels))
        raise BadInput([Problem("--channel", f"{sku} has no forecast there", value=channel, expected=expected)])
    chosen = own if channel is None else own & (series["channel"].astype(str) == channel)
    return np.flatnonzero(chosen.to_numpy())


def _columns(forecast: Forecast, span: tuple[date, date]) -> NDArray[np.int64]:
    first = forecast.dates.astype("datetime64[D]")
    last = first + np.timedelta64(DAYS[forecast.frequency] - 1, "D")
    start, stop = (np.datetime64(day, "D") for day in span)
    if start < first[0] or stop > last[-1]:
        expected = f"days from {first[0]} to {last[-1]}"
        found = str(span[0]) if span[0] == span[1] else f"{span[0]}..{span[1]}"
        raise BadInput([Problem("--date", "is not within the forecast by SKU", value=found, expected=expected)])
    return np.flatnonzero((first <= stop) & (last >= start))


def _same_series(panel: Panel, forecast: Forecast) -> bool:
    ours, theirs = (frame[["sku", "channel"]].astype(str).to_numpy() for frame in (forecast.series, panel.series))
    return ours.shape == theirs.shape and bool((ours == theirs).all())


def _last_weeks(panel: Panel, weeks: int) -> slice:
    """Periods of the last whole weeks."""
    step = periods_a_week(panel.frequency)
    return slice(len(panel.dates) - min(weeks, len(panel.dates) // step) * step, None)


def _last_year(panel: Panel, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> float | None:
    """Units of the same weekdays 52 weeks (or, far ahead, 104) before."""
    year = 52 * periods_a_week(panel.frequency)
    place = len(panel.dates) + columns
    place = place - year * (1 + columns[-1] // year)
    return float(panel.units[np.ix_(rows, place)].sum()) if place[0] >= 0 else None


def _stock_out(panel: Panel, rows: NDArray[np.int64]) -> float:
    span = _last_weeks(panel, STOCK_WEEKS)
    known, out = panel.known[rows][:, span], panel.censored[rows][:, span]
    return float((known & out).sum() / max(known.sum(), 1))


def _prices(
    forecast: Forecast, rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> tuple[float | None, float | None]:
    block = forecast.announced.blocks.get(PRICE)
    if block is None:
        return None, None
    announced, regular = block.of(rows)[:, columns], forecast.effects.reference_price[rows]
    return _mean(announced), _mean(regular)


def _mean(values: NDArray[np.floating]) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else None


def _running(forecast: Forecast, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> tuple[str, ...]:
    blocks = forecast.announced.blocks
    names = forecast.announced.names(EVENT) + forecast.announced.names(PROMOTIONS)
    return tuple(name for name in names if blocks[name].of(rows)[:, columns].any())


def _warnings(forecast: Forecast, panel: Panel, rows: NDArray[np.int64], units: Floats) -> tuple[str, ...]:
    """What concerns these series, then what concerns the whole forecast."""
    own = []
    silent = ~panel.known[rows, -1]
    if silent.any():
        names = ", ".join(forecast.series["channel"].astype(str).to_numpy()[rows][silent])
        own.append(f"ended, or nothing was reported on the last day: {names}")
    if not units.any():
        own.append("nothing is expected to sell")
    if forecast.unadjusted().spend_effect is None:
        own.append("no response to ads is known (`yunchou budget`): what ads sell stands in the baseline")
    return (*own, *forecast.warnings)
