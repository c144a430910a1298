"""Ads: spend that followed expected sales, what it really brought, and what the platforms claim."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.demo.frames import coded
from engine.demo.response import contribution
from engine.demo.settings import DemoSettings
from engine.demo.world import Timeline, World

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Media:
    """``spend`` and ``incremental`` float64 [ad channels, days] in yuan; ``split`` [ad channels, channels];
    ``lift`` float64 [channels, days]: demand with ads over demand without. ``laws``, ``drift``: see ``response``.
    """

    spend: Floats
    incremental: Floats
    split: Floats
    lift: Floats
    laws: pd.DataFrame
    drift: Floats


def make_media(settings: DemoSettings, world: World, time: Timeline, sales: Floats) -> Media:
    """``sales`` [channels, days]: expected yuan a day without ads.

    The spend of a week is a share of the expected sales of the channels that the ad lifts, with noise, some weeks
    off and some doubled.
    """
    rng = settings.rng("media")
    entries = world.book["ads"]
    split = np.array([[entry["split"].get(name, 0.0) for name in world.channels] for entry in entries.values()])
    plan = np.maximum(_smooth(sales), 1.0)
    lifted = (split > 0).astype(float) @ plan
    spend = np.round(lifted * world.of("ads", "rate")[:, None] * _weekly_noise(rng, len(entries), len(time)), 2)
    usual = np.maximum(spend[:, : time.history].mean(axis=1), 1.0)
    laws = pd.DataFrame(
        {
            "ad_channel": list(world.ads),
            "form": [entry["form"] for entry in entries.values()],
            "half": world.of("ads", "half"),
            "carry_shape": [entry["carry"][0] for entry in entries.values()],
            "carry_scale": [entry["carry"][1] for entry in entries.values()],
            "usual_yuan": usual,
            "roi": world.of("ads", "roi"),
        }
    )
    drift = _drift(rng, len(entries), len(time))
    incremental = contribution(laws, spend) * drift
    gained = split.T @ incremental
    lift = 1.0 + gained / np.maximum(sales, 0.02 * sales.mean(axis=1, keepdims=True) + 1e-9)
    return Media(spend, incremental, split, lift, laws, drift)


def _smooth(sales: Floats) -> Floats:
    """Centred mean of seven days: what the merchant expected."""
    padded = np.pad(sales, ((0, 0), (3, 3)), mode="edge")
    return np.stack([np.convolve(line, np.full(7, 1 / 7), mode="valid") for line in padded])


def _weekly_noise(rng: np.random.Generator, ads: int, days: int) -> Floats:
    weeks = days // 7 + 2
    level = rng.lognormal(-0.04, 0.3, (ads, weeks))
    kind = rng.random((ads, weeks))
    level = np.where(kind < 0.05, 0.0, np.where(kind > 0.95, 1.9 * level, level))
    return np.repeat(level, 7, axis=1)[:, :days] * rng.lognormal(0.0, 0.08, (ads, days))


def _drift(rng: np.random.Generator, ads: int, days: int) -> Floats:
    """Slow change of effectiveness (new formats, dearer clicks), about +-20 % over three years."""
    months = days // 30 + 2
    walk = np.clip(np.cumsum(rng.normal(0.0, 0.03, (ads, months)), axis=1), -0.3, 0.3)
    grid = np.arange(months) * 30.0
    return np.asarray(np.exp(np.stack([np.interp(np.arange(days), grid, line) for line in walk])))


def media_table(settings: DemoSettings, world: World, time: Timeline, media: Media, sales: Floats) -> pd.DataFrame:
    """The ``media`` table. ``sales`` [channels, days]: real sales in yuan, of which whole-site ads claim a part."""
    rng = settings.rng("media table")
    days, ads = time.history, len(world.ads)
    spend = media.spend[:, :days]
    clicks = rng.poisson(spend / (world.of("ads", "click_yuan")[:, None] * rng.lognormal(0.0, 0.08, (ads, days))))
    impressions = rng.poisson(clicks / rng.normal(0.035, 0.003, (ads, days)).clip(0.02))
    claims = spend * world.of("ads", "claim")[:, None] * rng.lognormal(0.0, 0.15, (ads, days)) * 1.6
    whole = np.array([entry.get("whole_site", False) for entry in world.book["ads"].values()])
    claims[whole] = ((media.split[whole] > 0) @ sales[:, :days]) * 0.55 * (spend[whole] > 0)
    lifts = ["|".join(entry["split"]) for entry in world.book["ads"].values()]
    kinds = ["全站推广" if flag else "常规推广" for flag in whole]
    order = np.tile(np.arange(ads), days)
    return pd.DataFrame(
        {
            "date": time.dates(np.repeat(np.arange(days), ads)),
            "ad_channel": coded(order, list(world.ads)),
            "campaign_type": pd.Categorical([kinds[i] for i in order]),
            "spend_fen": np.round(spend.T.ravel() * 100).astype(np.int64),
            "lifts": pd.Categorical([lifts[i] for i in order]),
            "impressions": impressions.T.ravel(),
            "clicks": clicks.T.ravel(),
            "attributed_fen": np.round(claims.T.ravel() * 100).astype(np.int64),
            "whole_site": whole[order],
        }
    )


def lift_tests(settings: DemoSettings, world: World, time: Timeline, media: Media) -> pd.DataFrame:
    """Three regional hold-out tests: the true increment of four weeks, measured with error."""
    rng = settings.rng("lift tests")
    share = world.book["regions"]["华南"]["weight"]
    rows = []
    for number, (name, ago) in enumerate((("直通车", 210), ("千川", 130), ("小红书种草", 60))):
        start = max(time.history - ago, 0)
        end = min(start + 28, time.history)
        row = world.ads.index(name)
        truth = media.incremental[row, start:end].sum() * share
        error = 0.15 * max(abs(truth), 1.0)
        rows.append(
            {
                "test": f"LT{number + 1:02d}",
                "ad_channel": name,
                "start": time.days[start],
                "end": time.days[end - 1],
                "region": "华南",
                "spend_fen": round(media.spend[row, start:end].sum() * share * 100),
                "incremental_fen": round((truth + error * rng.standard_normal()) * 100),
                "standard_error_fen": round(error * 100),
            }
        )
    frame = pd.DataFrame(rows)
    days = {name: frame[name].astype("datetime64[s]") for name in ("start", "end")}
    return frame.assign(**days).astype(dict.fromkeys(("test", "ad_channel", "region"), "category"))
