"""Seeded businesses whose true response to ads is known: what estimates and splits are scored on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.response.business import Business
from experiments.response.demo_worlds import demo_channels, demo_merchant
from models.response.adstock import adstock, same_mean_lag
from models.response.curves import ResponseCurves
from models.response.data import ResponseData, whole
from models.response.forms import CARRIES, PLAIN, Form, Forms, past_spend
from models.response.saturation import hill

Floats = NDArray[np.float64]
CARRYOVER = (0.0, 0.2, 0.4, 0.3)
SLOPE = (1.0, 1.5, 1.0, 2.0)
KAPPA = (1.0, 0.8, 1.5, 0.5)
BETA = (7500.0, 6000.0, 4500.0, 6000.0)
NAMES = ("Search-Ads", "Social-Media", "Local-Ads", "Email")


def _campaigns(rng: np.random.Generator, weeks: int, base: float, spread: float, growth: float) -> Floats:
    """Campaign-like spend: second-order autoregression cut at zero."""
    sd = base * spread
    spend = rng.normal(0.0, sd, weeks)
    for week in range(2, weeks):
        shock = rng.normal(-0.1 * spend[week - 1], sd)
        spend[week] = max(0.0, 0.7 * spend[week - 1] + 0.3 * spend[week - 2] + shock)
    return np.clip(spend * (1.0 + np.linspace(0.0, growth * weeks, weeks)), 0.0, None)


def _on_off(
    rng: np.random.Generator, weeks: int, base: float, spread: float, chance: float, runs: tuple[int, int]
) -> Floats:
    spend, week = np.zeros(weeks), 0
    while week < weeks:
        if rng.random() < chance:
            stop = min(week + int(rng.integers(runs[0], runs[1] + 1)), weeks)
            spend[week:stop] = base
            week = stop + 1
        else:
            week += 1
    noise = rng.normal(0.0, base * spread, weeks)
    return np.clip(np.where(spend > 0, spend + noise, spend), 0.0, None)


def small_business(seed: int = 20250715, weeks: int = 104, volatility: float = 0.1, form: Form = PLAIN) -> Business:
    """Four ad channels, two controls, one shop; spend independent of demand (pymc-labs/mmm-param-recovery, 2025).

    ``form``: how the ads work, in the place of geometric carry-over or Hill curves.
    """
    level = np.random.RandomState(seed)
    variation = 1.0 + level.uniform(-0.1, 0.1)
    time = np.arange(weeks)
    wobble = level.normal(0.0, volatility, weeks)
    base = np.clip(5000.0 * variation * (1.0 + 0.2 * np.sin(2 * np.pi * time / 52) + wobble), 0.0, None)
    # one row a channel: base spend, growth, volatility, amplitude, phase, chance of a run, (not used)
    vary = 1.0 + np.random.RandomState(seed).uniform(-0.1, 0.1, (4, 7))

    def stream(number: int) -> np.random.Generator:
        return np.random.default_rng(seed + 100 * number)

    days = np.datetime64("2020-01-05") + 7 * time
    day_of_year = (days - days.astype("datetime64[Y]")).astype(int) + 1
    wave = 0.4 * vary[1, 3] * np.cos(0.5 * vary[1, 4] + 4 * np.pi * day_of_year / 365.25)
    spend = np.stack(
        [
            _campaigns(stream(0), weeks, 100.0 * vary[0, 0], 0.8 * vary[0, 2], 0.004 * vary[0, 1]),
            np.clip(_campaigns(stream(1), weeks, 500.0 * vary[1, 0], 0.3 * vary[1, 2], 0.0) * wave, 0.0, None),
            _on_off(stream(2), weeks, 500.0 * vary[2, 0], 0.6 * vary[2, 2], 0.3 * vary[2, 5], (2, 4)),
            _on_off(stream(3), weeks, 100.0 * vary[3, 0], 0.5 * vary[3, 2], 0.2 * vary[3, 5], (1, 1)),
        ]
    )
    controls = np.stack(
        [_on_off(stream(0), weeks, 100.0, 0.5, 0.04, (3, 5)), _on_off(stream(1), weeks, 50.0, 0.5, 0.1, (1, 4))]
    )
    stock = np.stack([np.convolve(row, a ** np.arange(8.0))[:weeks] for row, a in zip(spend, CARRYOVER, strict=True)])
    memory, largest = 1.0 - np.array(CARRYOVER), spend.max(axis=1)
    truth = _curves(NAMES, CARRYOVER, memory * largest * KAPPA, SLOPE, BETA, memory * stock[:, -1])
    if form == PLAIN:
        lift = hill(stock * memory[:, None], truth.half_saturation[0][:, None], truth.slope[0][:, None])
        lift *= truth.scale[0][:, None]
    else:
        begun = _other(truth, form, spend, seed).started(np.zeros(len(spend)))
        halves = begun.stock(spend).max(axis=2) * KAPPA
        lift = replace(begun, half_saturation=halves).lift(spend)[0]
        truth = replace(_other(truth, form, spend, seed), half_saturation=halves)
    revenue = base + 0.5 * controls.sum(axis=0) + lift.sum(axis=0)
    data = ResponseData(NAMES, ("shop",), spend, revenue[None], controls.T[None], np.ones((4, 1)))
    return Business(data, truth, lift.sum(axis=1) / spend.sum(axis=1))


def following_shop(seed: int, weeks: int = 130, noise: float = 0.05, ads: int = 5, form: Form = PLAIN) -> Business:
    """Ad channels whose spend follows the demand that the merchant foresees, S-curves, promotions that multiply.

    Curves, returns (a quarter of revenue in all, by the median), season, trend and promotions differ by seed; the noise
    is a share of what would be sold without ads and remembers 0.3 of last week's. ``form``: as above.
    """
    rng = np.random.default_rng(seed)
    time = np.arange(weeks)
    angle = 2.0 * np.pi * (time / 52.18 + rng.random())
    season = 1.0 + 0.2 * np.sin(angle) + 0.08 * np.sin(2.0 * angle + rng.uniform(0.0, 6.0))
    promotion = (rng.random(weeks) < 0.12).astype(float) * rng.uniform(0.5, 1.0, weeks)
    base = 100_000.0 * season * np.exp(rng.normal(0.0, 0.15) * time / weeks) * (1.0 + rng.uniform(0.3, 0.8) * promotion)
    share = rng.dirichlet(np.full(ads, 3.0)) * 0.09
    variation = rng.lognormal(-0.08, 0.4, (ads, weeks)) * (rng.random((ads, weeks)) > 0.12)
    spend = share[:, None] * base * variation
    carryover, slope = rng.uniform(0.0, 0.65, ads), rng.uniform(0.9, 3.2, ads)
    busy = np.array([np.quantile(row[row > 0], 0.95) for row in spend])
    start = spend[:, :4].mean(axis=1)
    stock = adstock(spend, carryover, start)
    half = busy * rng.lognormal(-0.4, 0.5, ads)
    roas = rng.lognormal(np.log(2.6), 0.5, ads)
    names = tuple(f"ad-{number + 1}" for number in range(ads))
    curves = _curves(names, carryover, half, slope, np.ones(ads), stock[:, -1])
    saturated = hill(stock, half[:, None], slope[:, None])
    if form != PLAIN:
        saturated = _other(curves, form, spend, seed).started(start).lift(spend)[0]
    scale = roas * spend.sum(axis=1) / saturated.sum(axis=1)
    shock = rng.standard_normal(weeks) * noise * np.sqrt(1.0 - 0.3**2)
    for week in range(1, weeks):
        shock[week] += 0.3 * shock[week - 1]
    revenue = base * (1.0 + shock) + scale @ saturated
    data = ResponseData(names, ("shop",), spend, revenue[None], promotion[None, :, None], np.ones((ads, 1)))
    truth = replace(curves, scale=scale[None])
    return Business(data, truth if form == PLAIN else _other(truth, form, spend, seed), roas)


def regional_shop(seed: int, weeks: int = 104, count: int = 8, shared: float = 0.8, ads: int = 4) -> Business:
    """Regions that respond alike by head and share most of what is unexplained (``shared``: part of its variance).

    Spend differs between regions by week and follows demand everywhere; loadings on the shared shock differ too.
    """
    rng = np.random.default_rng(seed)
    angle = 2.0 * np.pi * (np.arange(weeks) / 52.18 + rng.random())
    season = 1.0 + 0.2 * np.sin(angle) + 0.08 * np.sin(2.0 * angle + rng.uniform(0.0, 6.0))
    size = rng.dirichlet(np.full(count, 5.0))
    base = 100_000.0 * season
    share = rng.dirichlet(np.full(ads, 3.0)) * 0.09
    country = rng.lognormal(-0.05, 0.3, (ads, 1, weeks)) * (rng.random((ads, 1, weeks)) > 0.1)
    local = rng.lognormal(-0.08, 0.4, (ads, count, weeks))
    head = share[:, None, None] * base * country * local
    carryover, slope = rng.uniform(0.0, 0.65, ads), rng.uniform(0.9, 3.2, ads)
    half = np.array([np.quantile(row[row > 0], 0.95) for row in head]) * rng.lognormal(-0.4, 0.5, ads)
    stock = adstock(head, np.repeat(carryover[:, None], count, axis=1), head[:, :, :4].mean(axis=2))
    spend, saturated = head * size[:, None], hill(stock, half[:, None, None], slope[:, None, None]) * size[:, None]
    roas = rng.lognormal(np.log(2.6), 0.5, ads)
    scale = roas * spend.sum(axis=(1, 2)) / saturated.sum(axis=(1, 2))
    loading = np.sqrt(shared) * rng.uniform(0.7, 1.3, (count, 1))
    shock = loading * rng.standard_normal(weeks) + np.sqrt(1.0 - shared) * rng.standard_normal((count, weeks))
    revenue = size[:, None] * base * (1.0 + 0.05 * shock) + np.tensordot(scale, saturated, axes=1)
    names, none = tuple(f"ad-{number + 1}" for number in range(ads)), np.zeros((1, weeks, 0))
    regions = tuple(
        ResponseData(names, ("shop",), spend[:, row], revenue[row : row + 1], none, np.ones((ads, 1)))
        for row in range(count)
    )
    end = (stock[:, :, -1] * size).sum(axis=1)
    return Business(whole(regions), _curves(names, carryover, half, slope, scale, end), roas, regions)


def small_business_days(seed: int, weeks: int = 104, ads: int = 4, follows: float = 0.0) -> Business:
    """Days of a shop with weekdays, promotions and ads whose effect fades by the day; spend independent of demand but
    for its weekday, other every day and week, with pauses of days.

    What is unexplained is a tenth of a week's sales: a part of the week that remembers 0.4 of the week before, and one
    of the day. Ads bring about a quarter of revenue. ``follows``: power of a day's demand without ads in that
    day's spend (1: ads by auction, where who comes is what is paid for).
    """
    rng = np.random.default_rng([seed, 7])
    days, time = 7 * weeks, np.arange(7 * weeks)
    angle = 2.0 * np.pi * (time / 365.25 + rng.random())
    season = 1.0 + 0.2 * np.sin(angle) + 0.08 * np.sin(2.0 * angle + rng.uniform(0.0, 6.0))
    weekday = rng.lognormal(0.0, 0.2, 7)[time % 7]
    promotion = (rng.random(weeks) < 0.12).repeat(7) * (time % 7 >= rng.integers(0, 5)) * rng.uniform(0.5, 1.0)
    base = 15_000.0 * season * weekday * (1.0 + rng.uniform(0.3, 0.8) * promotion)
    level = rng.lognormal(-0.08, 0.4, (ads, weeks)).repeat(7, axis=1) * rng.lognormal(0.0, 0.2, (ads, 7))[:, time % 7]
    spend = rng.dirichlet(np.full(ads, 3.0))[:, None] * 1_400.0 * level * rng.lognormal(-0.03, 0.25, (ads, days))
    for row in spend:
        for start in rng.choice(days, weeks // 8, replace=False):
            row[start : start + int(rng.integers(2, 12))] = 0.0
    carryover, slope, bend = rng.uniform(0.2, 0.9, ads), rng.uniform(0.9, 2.6, ads), rng.lognormal(-0.4, 0.5, ads)
    roas = rng.lognormal(np.log(2.6), 0.5, ads)
    shock = 0.08 * rng.standard_normal(weeks) * np.sqrt(1.0 - 0.4**2)
    for week in range(1, weeks):
        shock[week] += 0.4 * shock[week - 1]
    luck = 1.0 + shock.repeat(7) + 0.15 * rng.standard_normal(days)
    spend = spend * np.maximum(base / 15_000.0 * luck, 0.1) ** follows
    stock = adstock(spend, carryover, spend[:, :28].mean(axis=1))
    half = np.quantile(stock, 0.95, axis=1) * bend
    saturated = hill(stock, half[:, None], slope[:, None])
    scale = roas * spend.sum(axis=1) / saturated.sum(axis=1)
    revenue = base * luck + scale @ saturated
    names = tuple(f"ad-{number + 1}" for number in range(ads))
    data = ResponseData(names, ("shop",), spend, revenue[None], promotion[None, :, None], np.ones((ads, 1)), days=1)
    return Business(data, replace(_curves(names, carryover, half, slope, scale, stock[:, -1]), days=1), roas)


def _curves(names: tuple[str, ...], *values: ArrayLike) -> ResponseCurves:
    """Known curves as a single draw: carry-over, half saturation, slope, scale, stock at the end."""
    rows = [np.asarray(value, dtype=float)[None] for value in values]
    return ResponseCurves(names, ("shop",), *rows, split=np.ones((len(names), 1)))


LATE = {
    "geometric": ((0.0, 0.0), (0.0, 0.0)),
    "delayed": ((0.3, 0.8), (1.0, 4.0)),
    "weibull": ((1.0, 3.0), (1.5, 6.0)),
}
"""Ranges of shape and weeks of the lags."""


def _other(curves: ResponseCurves, form: Form, spend: Floats, seed: int) -> ResponseCurves:
    """The same curves with another form, its lags by seed; geometric ones keep their carry-over.

    ``spend`` [ads, weeks]: what has been spent.
    """
    rng, shape = np.random.default_rng([seed, 4]), curves.carryover.shape
    bent = np.full(shape, float(form.saturation == "logistic"))
    carry = np.full(shape, float(CARRIES.index(form.carry)))
    lag_shape, lag_weeks = (rng.uniform(*edges, shape) for edges in LATE[form.carry])
    forms = Forms(carry, lag_shape, lag_weeks, bent, past_spend(spend))
    if form.carry == "geometric":
        return replace(curves, forms=forms)
    carryover = same_mean_lag(forms.weights)
    start = adstock(spend[None], carryover, spend[None, :, :4].mean(axis=2))[..., -1]
    return replace(curves, carryover=carryover, start=start, forms=forms)


WORLDS: dict[str, Callable[..., Business]] = {
    "small-business": small_business,
    "following-shop": following_shop,
    "regional-shop": regional_shop,
    "small-business-days": small_business_days,
    "auction-days": partial(small_business_days, follows=1.0),
    "demo-channels": demo_channels,
    "demo-merchant": demo_merchant,
    "demo-channels-days": partial(demo_channels, by="day"),
    "demo-merchant-days": partial(demo_merchant, by="day"),
}
