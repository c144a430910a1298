"""The true demand of styles: level, season, Lunar New Year, festivals, price, rivals in the shop, fashions.

Laws that our models do not share: a semi-logarithmic price response with a threshold and a drifting slope, fashions
with Student-t innovations and compound bursts, festival shapes inside their phases.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.demo.assortment import NEVER, Assortment
from engine.demo.festivals import festival_pull
from engine.demo.frames import records
from engine.demo.prices import PriceBook
from engine.demo.settings import DemoSettings
from engine.demo.world import Timeline, World

CANNIBAL = 0.35
"""Power by which the attraction of the whole category in a channel takes from each of its styles."""
PRICE_THRESHOLD = 0.03
"""Price changes below this share are not noticed."""
_DISPLAY_LIFT = 1.45
Grid = NDArray[np.float32]


@dataclass(frozen=True)
class StyleDemand:
    """``mean`` float32 [styles, channels, days]: expected units a day without ads and live streams. ``slope``
    float64 [categories, days] of the price response. ``rhythm`` float32 [categories, days]: season, Lunar New Year,
    festivals and usual prices of a category over all channels, mean 1: what a buyer knows by experience. ``shock``
    float32 [channels, days]: platform-wide ups and downs, mean about 1. ``display``: frame
    ``style, channel, start, end``.
    """

    mean: Grid
    slope: NDArray[np.float64]
    rhythm: Grid
    shock: Grid
    display: pd.DataFrame


def make_demand(
    settings: DemoSettings, world: World, time: Timeline, goods: Assortment, prices: PriceBook, events: pd.DataFrame
) -> StyleDemand:
    """Expected demand of every style, channel and day, scaled to the wished size of the merchant."""
    rng = settings.rng("demand")
    category = pd.Categorical(goods.styles["category"], list(world.categories)).codes.astype(int)
    slope = _slopes(rng, world, time)
    season = _season(world, time)
    festival, by_event = festival_pull(world, time, events, prices.occurrences)
    sensitivity = world.of("categories", "event")
    display = _display(rng, world, time, goods)
    channel_part = _channels(world, time)
    appeal = _appeal(goods, prices, slope, category)
    index = _category_index(goods, appeal, category, len(world.categories))
    affinity = rng.lognormal(0.0, 0.35, (len(goods.styles), len(world.channels)))
    mean = appeal
    for row, style in enumerate(records(goods.styles)):
        group = category[row]
        missed = np.flatnonzero(~prices.joins[row])
        log_event = festival - 0.5 * np.maximum(by_event[missed], 0.0).sum(axis=0)
        curve = season[group] * _life(style.launch, style.end, len(time)) * _fashion(rng, len(time))
        mean[row] *= style.weight * affinity[row][:, None] * channel_part * curve[None, :]
        mean[row] *= np.exp(sensitivity[group] * log_event) * index[group] ** -CANNIBAL
        mean[row] *= goods.listed[row][:, None]
    for style, channel, start, end in records(display):
        mean[style, channel, start:end] *= _DISPLAY_LIFT
    mean *= (
        _level(settings, world)
        * len(goods.skus)
        * time.history
        / max(float(mean[..., : time.history].sum(dtype=float)), 1e-9)
    )
    weights = world.of("channels", "weight")
    by_channel = index ** (1.0 - CANNIBAL) * np.exp(sensitivity[:, None, None] * festival[None])
    rhythm = season * np.einsum("c,gct->gt", weights, by_channel)
    rhythm /= rhythm[:, : time.history].mean(axis=1, keepdims=True)
    return StyleDemand(mean, slope, rhythm.astype(np.float32), _shocks(rng, len(world.channels), len(time)), display)


def _level(settings: DemoSettings, world: World) -> float:
    """Mean units a SKU and day; a larger assortment has a longer tail."""
    return float(world.book["units_per_sku_day"] * (300.0 / settings.skus) ** 0.3)


def _channels(world: World, time: Timeline) -> Grid:
    weekday = np.array([entry["weekday"] for entry in world.book["channels"].values()])
    growth = np.exp(world.of("channels", "growth")[:, None] * time.years[None, :])
    weights = world.of("channels", "weight")[:, None]
    return np.asarray(weights * weekday[:, time.weekday] * growth, dtype=np.float32)


def _season(world: World, time: Timeline) -> Grid:
    """Yearly curve and the days around Lunar New Year, float32 [categories, days]."""
    amplitude, peak = np.array([entry["season"] for entry in world.book["categories"].values()], dtype=float).T
    angle = 2.0 * np.pi * (time.day_of_year[None, :] - peak[:, None]) / 365.25
    yearly = np.exp(amplitude[:, None] * np.cos(angle) - 0.25 * amplitude[:, None] ** 2)
    offset, factor = np.array(world.book["lunar"], dtype=float).T
    around = np.interp(time.lunar_offset, offset, factor)
    power = world.of("categories", "cny")[:, None]
    return np.asarray(yearly * np.where(around > 1.0, around**power, around[None, :]), dtype=np.float32)


def price_response(price: Grid, reference: Grid, slope: NDArray[np.float64]) -> Grid:
    """Demand at a price over demand at the reference price: exp(slope x discount beyond the threshold).

    >>> round(float(price_response(np.float32(77.0), np.float32(100.0), np.float64(3.0))), 3)
    1.822
    """
    discount = 1.0 - price / reference
    felt = np.maximum(discount - PRICE_THRESHOLD, 0.0) + 0.8 * np.minimum(discount + PRICE_THRESHOLD, 0.0)
    return np.asarray(np.exp(slope * felt), dtype=np.float32)


def _slopes(rng: np.random.Generator, world: World, time: Timeline) -> NDArray[np.float64]:
    """Slope of the price response of each category: a slow random walk around its mean."""
    months = len(time) // 30 + 2
    walk = np.cumsum(rng.normal(0.0, 0.05, (len(world.categories), months)), axis=1)
    grid = np.arange(months) * 30.0
    drift = np.stack([np.interp(np.arange(len(time)), grid, line) for line in walk])
    return np.asarray(world.of("categories", "slope")[:, None] * np.exp(np.clip(drift, -0.4, 0.4)))


def _appeal(goods: Assortment, prices: PriceBook, slope: NDArray[np.float64], category: NDArray[np.int64]) -> Grid:
    appeal = np.empty_like(prices.paid)
    for row in range(len(goods.styles)):
        appeal[row] = price_response(prices.paid[row], prices.reference[row][:, None], slope[category[row]][None, :])
    return appeal


def _category_index(
    goods: Assortment, appeal: Grid, category: NDArray[np.int64], categories: int
) -> NDArray[np.float32]:
    """Weighted mean appeal of the living styles of a category by channel and day."""
    top = np.zeros((categories, *appeal.shape[1:]), dtype=np.float32)
    bottom = np.full_like(top, 1e-6)
    for row, style in enumerate(records(goods.styles)):
        alive = slice(max(style.launch, 0), min(style.end, appeal.shape[2]))
        weight = np.float32(style.weight) * goods.listed[row].astype(np.float32)[:, None]
        top[category[row], :, alive] += weight * appeal[row, :, alive]
        bottom[category[row], :, alive] += weight
    return np.where(bottom > 1e-5, top / bottom, 1.0).astype(np.float32)


def _life(launch: int, end: int, days: int) -> NDArray[np.float64]:
    """Launch burst and ramp, slow decay, fading before the end; 0 outside of the life."""
    age = np.arange(days) - launch
    curve = (1.0 - 0.6 * np.exp(-np.maximum(age, 0) / 20.0) + 0.9 * np.exp(-np.maximum(age, 0) / 9.0)) * np.exp(
        -np.maximum(age, 0) / 5000.0
    )
    if end != NEVER:
        curve = curve * np.clip((end - np.arange(days)) / 60.0, 0.15, 1.0)
    return np.where((age >= 0) & (np.arange(days) < end), curve, 0.0)


def _fashion(rng: np.random.Generator, days: int) -> NDArray[np.float64]:
    """Weekly AR(1) with Student-t innovations, and rare bursts that fade within a week or two."""
    weeks = days // 7 + 2
    noise = 0.09 * rng.standard_t(4, weeks)
    level = np.empty(weeks)
    state = 0.2 * rng.standard_normal()
    for week in range(weeks):
        state = 0.9 * state + noise[week]
        level[week] = state
    line = np.exp(np.clip(np.interp(np.arange(days), np.arange(weeks) * 7.0, level), -1.2, 1.2))
    for start in rng.integers(0, days, rng.poisson(days / 400.0)):
        line[start:] *= 1.0 + rng.lognormal(0.3, 0.6) * np.exp(-np.arange(days - start) / rng.uniform(3.0, 9.0))
    return line


def _shocks(rng: np.random.Generator, channels: int, days: int) -> Grid:
    shock = np.clip(0.05 * rng.standard_t(4, (channels, days)), -0.4, 0.4)
    return np.exp(shock).astype(np.float32)


def _display(rng: np.random.Generator, world: World, time: Timeline, goods: Assortment) -> pd.DataFrame:
    """Front-page places: every week a few styles a channel for seven days."""
    weeks = np.arange(0, len(time) - 7, 7)
    places = max(1, len(goods.styles) // 60)
    rows = [
        (int(style), channel, int(start), int(start) + 7)
        for start in weeks
        for channel in range(len(world.channels))
        for style in np.sort(rng.choice(len(goods.styles), size=min(places, len(goods.styles)), replace=False))
    ]
    return pd.DataFrame(rows, columns=["style", "channel", "start", "end"])
