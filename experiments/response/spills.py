"""Error and coverage of where the lift of ads falls, where the truth is known: also on shops that nobody named.

Run: ``python -m experiments.response.spills --seeds 40 [--first 1000] [--spills 0.1] [--json]``, and of the world (see
``World``) ``[--weeks 130] [--ads 6] [--noise 0.05] [--foreseen 0] [--unknown 0]``.
Printed: error, coverage and width of the ROI; distance of the split by revenue and of the learned one from the truth
(half the sum of differences); coverage of the shares of named shops; spill-overs that are there, found and
made up; ``chance``: mean of what is believed of pairs that are not named, ``true_chance``: of them that are. Spills:
what is believed without data; 0: never.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.response.business import Business
from models.response.adstock import adstock
from models.response.data import ResponseData
from models.response.fit import fit_response
from models.response.priors import Priors
from models.response.saturation import hill

Floats = NDArray[np.float64]
SPILLS = 0.25
"""Chance that an ad channel spills over at all."""
DRAWS = 4000


@dataclass(frozen=True)
class World:
    """``noise``: what is unexplained, a share of sales without ads, half of it shared by all shops; ``foreseen``: power
    of spend in the shared part, which the merchant foresaw; ``unknown``: weeks of events that no table holds, which
    lift each shop by its own 0.3 to 2 and for which spend is 2.5 times as much."""

    weeks: int = 130
    ads: int = 6
    noise: float = 0.05
    foreseen: float = 0.0
    unknown: int = 0


SHOPS = 4


@dataclass(frozen=True)
class Spilling:
    """``reach`` float64 [ads, channels]: share of the lift that truly falls on each sales channel."""

    business: Business
    reach: Floats


def spilling_shops(seed: int, world: World = World()) -> Spilling:
    """Ad channels that name one or two shops and follow their demand; shops share half of what is unexplained.

    A named shop's share of the lift lies around that of its sales (half in logs). A quarter of the ad channels spill
    over to one more shop, which gets 0.15 to 0.6 of what the named ones get.
    """
    rng, weeks, ads, shops = np.random.default_rng([seed, 12]), world.weeks, world.ads, SHOPS
    angle = 2.0 * np.pi * (np.arange(weeks) / 52.18 + rng.random() + rng.normal(0.0, 0.05, (shops, 1)))
    season = 1.0 + 0.2 * np.sin(angle) + 0.08 * np.sin(2.0 * angle)
    promotion = (rng.random(weeks) < 0.12) * rng.uniform(0.5, 1.0, weeks)
    uplift = 1.0 + rng.uniform(0.2, 0.8, (shops, 1)) * promotion
    base = 200_000.0 * rng.dirichlet(np.full(shops, 3.0))[:, None] * season * uplift
    named = _named(rng, ads, shops)
    variation = rng.lognormal(-0.08, 0.4, (ads, weeks)) * (rng.random((ads, weeks)) > 0.12)
    common = rng.standard_normal(weeks)
    variation *= np.exp(world.foreseen * world.noise * np.sqrt(0.5) * common)
    event, more = _unknown_events(np.random.default_rng([seed, 13]), world)
    variation *= more
    base *= event
    spend = rng.uniform(0.02, 0.06, (ads, 1)) * (named @ base) * variation
    carryover, slope = rng.uniform(0.0, 0.65, ads), rng.uniform(0.9, 2.6, ads)
    half = np.array([np.quantile(row[row > 0], 0.95) for row in spend]) * rng.lognormal(-0.4, 0.5, ads)
    saturated = hill(adstock(spend, carryover, spend[:, :4].mean(axis=1)), half[:, None], slope[:, None])
    roas = rng.lognormal(np.log(2.6), 0.5, ads)
    lift = saturated * (roas * spend.sum(axis=1) / saturated.sum(axis=1))[:, None]
    reach = _reach(rng, named, base.sum(axis=1))
    shock = np.sqrt(0.5) * (common + rng.standard_normal((shops, weeks)))
    revenue = base * (1.0 + world.noise * shock) + reach.T @ lift
    split = named * revenue[:, -52:].sum(axis=1)
    names = tuple(f"ad-{number + 1}" for number in range(ads)), tuple(f"shop-{number + 1}" for number in range(shops))
    controls = np.repeat(promotion[None, :, None], shops, axis=0)
    data = ResponseData(*names, spend, revenue, controls, split / split.sum(axis=1, keepdims=True))
    return Spilling(Business(data, None, roas), reach)


def _unknown_events(rng: np.random.Generator, world: World) -> tuple[Floats, Floats]:
    """Factors of sales [shops, weeks] and of spend [weeks]."""
    uplift, more = np.ones((SHOPS, world.weeks)), np.ones(world.weeks)
    weeks = rng.choice(world.weeks, world.unknown, replace=False)
    uplift[:, weeks] += rng.uniform(0.3, 2.0, (SHOPS, world.unknown))
    more[weeks] = 2.5
    return uplift, more


def _named(rng: np.random.Generator, ads: int, shops: int) -> Floats:
    """One or two shops by ad channel, float64 [ads, shops] of 0 and 1."""
    named = np.zeros((ads, shops))
    for row in named:
        row[rng.choice(shops, 1 + (rng.random() < 0.35), replace=False)] = 1.0
    return named


def _reach(rng: np.random.Generator, named: Floats, size: Floats) -> Floats:
    reach = named * size * rng.lognormal(0.0, 0.5, named.shape)
    reach /= reach.sum(axis=1, keepdims=True)
    for row, known in zip(reach, named, strict=True):
        if rng.random() < SPILLS:
            row[rng.choice(np.flatnonzero(known == 0))] = rng.uniform(0.15, 0.6)
    return reach / reach.sum(axis=1, keepdims=True)


def judge(made: Spilling, seed: int, spills: float = Priors.spills) -> dict[str, float]:
    """Scores of one merchant; counts of pairs of ad channel and shop are sums, all others means."""
    data, true = made.business.data, made.business.roas
    started = time.process_time()
    fit = fit_response(data, Priors(spills=spills), seed, DRAWS)
    seconds = time.process_time() - started
    low, high = np.quantile(fit.roi, [0.05, 0.95], axis=0)
    reach, named = fit.reach, data.split > 0
    several = named & (named.sum(axis=1) > 1)[:, None]
    inside = (reach.low <= made.reach) & (made.reach <= reach.high)
    there, found = ~named & (made.reach > 0), ~named & (reach.split > 0)
    return {
        "error": float(np.abs(fit.roi.mean(axis=0) / true - 1.0).mean()),
        "covered": float(((low <= true) & (true <= high)).mean()),
        "width": float(((high - low) / true).mean()),
        "distance_by_revenue": float(np.abs(data.split - made.reach).sum(axis=1).mean() / 2),
        "distance": float(np.abs(reach.split - made.reach).sum(axis=1).mean() / 2),
        "chance": float(reach.chance[~named].mean()),
        "true_chance": float(there[~named].mean()),
        "cpu_seconds": seconds,
        "shares": float(several.sum()),
        "shares_covered": float(inside[several].sum()),
        "there": float(there.sum()),
        "found": float((found & there).sum()),
        "made_up": float((found & ~there).sum()),
    }


COUNTS = ("shares", "shares_covered", "there", "found", "made_up")


def main() -> None:
    """Means and sums of all seeds."""
    parser = argparse.ArgumentParser(prog="python -m experiments.response.spills", description=__doc__)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--first", type=int, default=1000)
    for name, value in asdict(World()).items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    parser.add_argument("--spills", type=float, default=Priors.spills)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    seeds = range(asked.first, asked.first + asked.seeds)
    world = World(**{name: getattr(asked, name) for name in asdict(World())})
    rows = [judge(spilling_shops(seed, world), seed, asked.spills) for seed in seeds]
    found = {name: float((np.sum if name in COUNTS else np.mean)([row[name] for row in rows])) for name in rows[0]}
    if asked.json:
        print(json.dumps(vars(asked) | found))
    else:
        print("\n".join(f"{name:22s} {value:.4g}" for name, value in found.items()))


if __name__ == "__main__":
    main()
