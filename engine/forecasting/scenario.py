"""A calendar that somebody thinks of: prices, promotions and ad spend in a YAML file, laid over the announced ones.

```yaml
price:
  - {category: 连衣裙, channel: 天猫, from: 2026-11-09, to: 2026-11-11, discount: 0.2}   # 20 % off
  - {sku: A1001, set: 129.00}          # yuan; `scale: 0.95` multiplies; without dates: the whole horizon
promotion:
  - {mechanism: coupon, brand: 云锦, from: 2026-11-09, to: 2026-11-11}   # runs as it used to; `strength: 0` stops it
spend:
  - {ad_channel: 千川, from: 2026-11-01, to: 2026-11-11, scale: 1.5}                      # or `set:` yuan in all
```
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, ValidationError

from engine.data.dataset import Dataset
from engine.plans.errors import BadInput, Problem
from engine.plans.forecast import Forecast
from engine.plans.override import FILTERS
from engine.plans.settings import Settings
from models.drivers import PRICE, PROMOTION, Block, Drivers
from models.panel import DAYS, periods_a_week

FloatGrid = NDArray[np.float32]


class Change(Settings):
    """When, and for what: blank filters mean all."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, coerce_numbers_to_str=True)

    start: datetime.date | None = Field(None, alias="from")
    end: datetime.date | None = Field(None, alias="to")
    channel: str = ""
    category: str = ""
    brand: str = ""
    spu: str = ""
    sku: str = ""


class PriceChange(Change):
    """One of: ``set`` yuan, ``scale`` a factor, ``discount`` the share taken off."""

    set: float | None = Field(None, gt=0)
    scale: float | None = Field(None, gt=0)
    discount: float | None = Field(None, ge=0, lt=1)


class PromotionChange(Change):
    """A mechanism that runs with a ``strength`` as in the table of promotions (blank: as it usually did; 0: not)."""

    mechanism: str
    strength: float | None = Field(None, ge=0)


class SpendChange(Settings):
    """Ad spend of a channel of ads: ``set`` yuan in all over the days, or ``scale``."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    ad_channel: str
    start: datetime.date | None = Field(None, alias="from")
    end: datetime.date | None = Field(None, alias="to")
    set: float | None = Field(None, ge=0)
    scale: float | None = Field(None, ge=0)


class Scenario(Settings):
    """All changes, applied from top to bottom."""

    price: tuple[PriceChange, ...] = ()
    promotion: tuple[PromotionChange, ...] = ()
    spend: tuple[SpendChange, ...] = ()


def read_scenario(file: Path) -> Scenario:
    """The scenario in a YAML file; every problem in one :class:`BadInput`."""
    try:
        content = yaml.safe_load(file.read_text("utf-8"))
    except FileNotFoundError:
        raise BadInput([Problem(str(file), "there is no such file")]) from None
    except (yaml.YAMLError, UnicodeDecodeError, IsADirectoryError) as error:
        mark = getattr(error, "problem_mark", None)
        row = None if mark is None else mark.line + 1
        raise BadInput([Problem(str(file), "is not valid YAML", row=row)]) from None
    if content is not None and not isinstance(content, dict):
        expected = "lists under price:, promotion: and spend:"
        raise BadInput([Problem(str(file), "is not a mapping", expected=expected)])
    try:
        return Scenario.model_validate(content or {})
    except ValidationError as error:
        raise BadInput([_problem(str(file), entry) for entry in error.errors()]) from None


def usual_strengths(dataset: Dataset) -> dict[str, float]:
    """Median strength of each mechanism so far; 1 where the table names none."""
    table = dataset.get("promotions")
    if table is None or "strength" not in table:
        return {}
    usual = table.groupby(table["kind"].astype(str))["strength"].median().dropna()
    return {str(name): float(value) for name, value in usual.items()}


def scenario_drivers(
    forecast: Forecast, scenario: Scenario, usual: Mapping[str, float], file: str
) -> tuple[Drivers, tuple[str, ...]]:
    """The announced drivers with the scenario's changes, and what the reader should know.

    ``usual``: strength of mechanisms for which the scenario says none. :class:`BadInput`: days outside of the horizon,
    names that fit nothing, spend without a known response.
    """
    problems = _problems(forecast, scenario, file)
    if problems:
        raise BadInput(problems)
    drivers, notes = forecast.announced, list[str]()
    for number, price in enumerate(scenario.price, start=1):
        drivers = _with_price(forecast, drivers, price, f"price {number}", notes)
    for number, promotion in enumerate(scenario.promotion, start=1):
        strength = usual.get(promotion.mechanism, 1.0) if promotion.strength is None else promotion.strength
        running = promotion.model_copy(update={"strength": strength})
        drivers = _with_promotion(forecast, drivers, running, f"promotion {number}", notes)
    if scenario.promotion and not scenario.price:
        notes.append("prices stay as announced: name them under price: where a promotion cuts them")
    if scenario.spend:
        drivers = drivers.with_spend(_spend(forecast, scenario.spend))
    return drivers, tuple(notes)


def _with_price(forecast: Forecast, drivers: Drivers, change: PriceChange, name: str, notes: list[str]) -> Drivers:
    rows, share = _rows(forecast, change), _share(forecast, change.start, change.end)
    everyone = np.arange(len(forecast.series))
    values = drivers.blocks[PRICE].of(everyone)
    old = values[rows]
    new = np.full_like(old, change.set) if change.set is not None else old * np.float32(_factor(change))
    values[rows] = np.where(share > 0, old + (new - old) * share, old)
    unknown = int(np.isnan(forecast.effects.reference_price[rows]).sum() + np.isnan(old).all(axis=1).sum())
    if unknown:
        notes.append(f"{name}: {unknown} sku x channel pairs have no known price and stay as they are")
    return drivers.with_block(PRICE, Block(values, everyone.astype(np.int32)))


def _with_promotion(
    forecast: Forecast, drivers: Drivers, change: PromotionChange, name: str, notes: list[str]
) -> Drivers:
    rows, share = _rows(forecast, change), _share(forecast, change.start, change.end)
    key = PROMOTION + change.mechanism
    everyone = np.arange(len(forecast.series))
    values = drivers.blocks[key].of(everyone)
    strength = np.float32(change.strength)
    values[rows] = np.where(share > 0, values[rows] * (1 - share) + strength * share, values[rows])
    lift = forecast.effects.lift.get(key)
    if lift is None or not lift[np.unique(forecast.effects.category[rows])].any():
        notes.append(f"{name}: no lift of {change.mechanism} is known there, so it changes nothing")
    return drivers.with_block(key, Block(values, everyone.astype(np.int32)))


def _spend(forecast: Forecast, changes: Sequence[SpendChange]) -> dict[str, NDArray[np.float64]]:
    """Yuan a period by channel of ads, from the spend that the forecast already holds."""
    effect = forecast.spend_effect
    assert effect is not None
    step, periods = periods_a_week(forecast.frequency), len(forecast.dates)
    spend = {}
    for row, name in enumerate(effect.curves.ad_channels):
        by_period = np.repeat(effect.reference[row] / step, step)[:periods]
        spend[name] = np.pad(by_period, (0, periods - len(by_period)), mode="edge")
    for change in changes:
        share = _share(forecast, change.start, change.end).astype(np.float64)
        old = spend[change.ad_channel]
        new = old * change.scale if change.scale is not None else np.full(periods, (change.set or 0.0) / share.sum())
        spend[change.ad_channel] = old * (1.0 - share) + new * share
    return spend


def _factor(change: PriceChange) -> float:
    return change.scale if change.scale is not None else 1.0 - (change.discount or 0.0)


def _rows(forecast: Forecast, change: Change) -> NDArray[np.int64]:
    chosen = np.ones(len(forecast.series), dtype=bool)
    for name in FILTERS:
        value = getattr(change, name)
        if value:
            known = forecast.series[name].astype(str) == value if name in forecast.series else False
            chosen &= np.asarray(known, dtype=bool)
    return np.flatnonzero(chosen)


def _share(forecast: Forecast, start: datetime.date | None, end: datetime.date | None) -> FloatGrid:
    """Share of each period that lies in the days, float32 [periods]."""
    first, step = forecast.dates.astype("datetime64[D]").astype(np.int64), DAYS[forecast.frequency]
    begin = first[0] if start is None else np.datetime64(start, "D").astype(np.int64)
    stop = first[-1] + step if end is None else np.datetime64(end, "D").astype(np.int64) + 1
    days = np.minimum(first + step, stop) - np.maximum(first, begin)
    return np.asarray(np.maximum(days, 0) / step, dtype=np.float32)


def _problems(forecast: Forecast, scenario: Scenario, file: str) -> list[Problem]:
    found: list[Problem] = []
    first = forecast.dates[0].astype("datetime64[D]").item()
    last = forecast.dates[-1].astype("datetime64[D]").item() + datetime.timedelta(days=DAYS[forecast.frequency] - 1)
    known = {name: set(forecast.series[name].astype(str)) for name in FILTERS if name in forecast.series}
    mechanisms = [name.removeprefix(PROMOTION) for name in forecast.announced.names(PROMOTION)]
    effect = forecast.spend_effect
    for kind in ("price", "promotion", "spend"):
        for number, change in enumerate(getattr(scenario, kind), start=1):
            place = f"{file}, {kind} {number}"
            for column, day in (("from", change.start), ("to", change.end)):
                if day is not None and not first <= day <= last:
                    found.append(_wrong(place, "is outside of the horizon", column, day, f"{first} to {last}"))
            if change.start and change.end and change.end < change.start:
                found.append(_wrong(place, "lies before the start", "to", change.end, f"{change.start} or later"))
            if kind != "promotion" and sum(getattr(change, name, None) is not None for name in _WAYS) != 1:
                found.append(_wrong(place, "says not how much", None, None, f"one of {', '.join(_WAYS)}"))
            for name in FILTERS:
                value = getattr(change, name, "")
                if value and value not in known.get(name, set()):
                    found.append(_wrong(place, "fits nothing that is forecast", name, value))
            if isinstance(change, Change) and not found and not len(_rows(forecast, change)):
                found.append(_wrong(place, "fits nothing that is forecast", None, None))
            if kind == "promotion" and change.mechanism not in mechanisms:
                message = "has never run, so nothing is known of it"
                found.append(_wrong(place, message, "mechanism", change.mechanism, " | ".join(mechanisms)))
            if kind == "price" and PRICE not in forecast.announced.blocks:
                found.append(_wrong(place, "there are no prices in the data", None, None))
            if kind == "spend" and effect is None:
                message = "the response to ads is not known: run `yunchou budget` first"
                found.append(_wrong(place, message, None, None))
            elif kind == "spend" and effect is not None and change.ad_channel not in effect.curves.ad_channels:
                names = " | ".join(effect.curves.ad_channels)
                found.append(_wrong(place, "is no channel of ads", "ad_channel", change.ad_channel, names))
    return found


_WAYS = ("set", "scale", "discount")


def _wrong(place: str, message: str, column: str | None, value: Any, expected: str | None = None) -> Problem:
    return Problem(place, message, None, column, None if value is None else str(value), expected)


def _problem(origin: str, error: Any) -> Problem:
    """A mistake of pydantic in our words; entries are counted from 1."""
    path = [str(part + 1) if isinstance(part, int) else str(part) for part in error["loc"]]
    place = f"{origin}, {' '.join(path[:2])}" if len(path) > 1 else origin
    if error["type"] == "extra_forbidden":
        kinds: dict[str, type[Settings]] = {"price": PriceChange, "promotion": PromotionChange, "spend": SpendChange}
        model = kinds.get(path[0], Scenario)
        names = [field.alias or name for name, field in model.model_fields.items()]
        return _wrong(place, "unknown key", path[-1], error["input"], ", ".join(names))
    return _wrong(place, error["msg"], path[-1], repr(error["input"])[:80])
