"""Error and coverage of what content brings through search, where the truth is known.

Run: ``python -m experiments.response.mediated [--share 0] [--weeks 130] [--dearer 0.3] --seeds 40 [--first 1000]
[--spend-only]``.
Every seed is another shop whose content (种草) makes people search weeks later: lags of a gamma law, a
response by a logarithm, brand demand that moves searches and sales at once, searches of which more or fewer are bought;
none of it has the form that is fitted. Share: of the clicks that content brings, by the median; 0: none. Dearer: power
with which the price of a click rises with how many of the searches are bought. Spend-only: clicks are not told.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import gamma

from models.response.data import ResponseData
from models.response.fit import fit_response
from models.response.mediation import Indirect, indirect
from models.response.verdicts import UNTOLD

Floats = NDArray[np.float64]
NAMES = ("content", "feed", "search")
CONTENT, FEED, SEARCH = range(3)
BEFORE = 26
"""Weeks before the history in which content ran as well."""


@dataclass(frozen=True)
class MediatedShop:
    """A history, the clicks of search [weeks], and what is true: yuan through search a yuan of content, ROI of
    search."""

    data: ResponseData
    clicks: Floats
    through_search: float
    search_roi: float


def mediated_shop(seed: int, weeks: int = 130, share: float = 0.25, dearer: float = 0.3) -> MediatedShop:
    """A shop with three ad channels; ``share`` of the clicks that content brings, by the median. ``dearer``: power with
    which the price of a click rises with how many of the searches are bought."""
    rng = np.random.default_rng([seed, 6])
    count = weeks + BEFORE
    time = np.arange(count)
    angle = 2.0 * np.pi * (time / 52.18 + rng.random())
    season = 1.0 + 0.2 * np.sin(angle) + 0.08 * np.sin(2.0 * angle + rng.uniform(0.0, 6.0))
    promotion = (rng.random(count) < 0.12) * rng.uniform(0.5, 1.0, count)
    demand = season * (1.0 + 0.4 * promotion) * np.exp(rng.normal(0.0, 0.15) * time / count)
    brand = _remembering(rng, count, 0.5)
    content = 3000.0 * demand**0.5 * rng.lognormal(-0.08, 0.4, count) * _waves(rng, count)
    feed = 4000.0 * demand * rng.lognormal(-0.1, 0.4, count)
    bought = np.exp(0.25 * _remembering(rng, count, 0.5))
    lags = np.diff(gamma.cdf(np.arange(14), rng.uniform(1.5, 4.0), scale=rng.uniform(0.6, 1.5)))
    late = np.convolve(content, lags / lags.sum())[:count]
    lift = np.log1p(rng.uniform(0.5, 2.0) * late / 3000.0)
    fed = 3000.0 * share * rng.lognormal(0.0, 0.4) / (1.0 - min(share, 0.9)) * lift / lift.mean()
    other = 3000.0 * demand * np.exp(0.05 * brand + 0.05 * rng.standard_normal(count))
    price = 1.6 * bought**dearer * rng.lognormal(0.0, 0.03, count)
    worth, ripe = rng.lognormal(np.log(4.5), 0.3), rng.uniform(0.8, 1.25)
    worth = worth * (1.0 + 0.1 * np.sin(angle + 1.0))
    direct = rng.lognormal(np.log(1.2), 0.4) * 3000.0 * (content / 3000.0) ** 0.7
    pushed = rng.lognormal(np.log(2.0), 0.4) * 4000.0 * (feed / 4000.0) ** 0.8
    base = 60_000.0 * demand * np.exp(0.02 * brand + 0.04 * _remembering(rng, count, 0.3))
    through = worth * ripe * bought * fed
    revenue = base + direct + pushed + through + worth * bought * other
    kept = slice(BEFORE, None)
    clicks = (bought * (other + fed))[kept]
    spend = np.stack([content, feed, (price * bought * (other + fed))])[:, kept]
    data = ResponseData(
        NAMES, ("shop",), spend, revenue[None, kept], promotion[None, kept, None], np.ones((len(NAMES), 1))
    )
    by_search = (through + worth * bought * other)[kept].sum() / spend[SEARCH].sum()
    return MediatedShop(data, clicks, float(through[kept].sum() / spend[CONTENT].sum()), float(by_search))


def _waves(rng: np.random.Generator, count: int) -> Floats:
    """1 while a wave of content runs, for 3 to 8 weeks, 0 for the 1 to 4 weeks between."""
    on = [length for pair in zip(rng.integers(3, 9, count), rng.integers(1, 5, count), strict=True) for length in pair]
    return np.repeat(np.arange(len(on)) % 2 == 0, on)[:count].astype(float)


def _remembering(rng: np.random.Generator, count: int, memory: float) -> Floats:
    """Autoregression of variance 1."""
    shock = rng.standard_normal(count)
    for week in range(1, count):
        shock[week] = memory * shock[week - 1] + np.sqrt(1.0 - memory**2) * shock[week]
    return shock


def estimate(shop: MediatedShop, seed: int, told: bool = True) -> tuple[Indirect, Floats]:
    """What content brings through search, and the draws of the ROI of search; ``told``: clicks are."""
    fit = fit_response(shop.data, seed=seed)
    found = indirect(shop.data, fit, SEARCH, (CONTENT,), shop.clicks if told else None, seed)[0]
    return found, fit.roi[:, SEARCH]


def judge(shop: MediatedShop, seed: int, told: bool = True) -> dict[str, float]:
    """Scores of one shop."""
    found, worth = estimate(shop, seed, told)
    (low, high), mean, true = found.interval, float(found.roi.mean()), shop.through_search
    fed = true / shop.search_roi
    fed_low, fed_high = np.quantile(found.fed, [0.05, 0.95])
    return {
        "true": true,
        "mean": mean,
        "error": abs(mean - true),
        "bias": mean - true,
        "covered": float(low <= true <= high),
        "low": low,
        "high": high,
        "fed_true": fed,
        "fed_mean": float(found.fed.mean()),
        "fed_covered": float(fed_low <= fed <= fed_high),
        "search_true": shop.search_roi,
        "search_mean": float(worth.mean()),
        "untold": float(found.data == UNTOLD),
    }


def main() -> None:
    """Means of all seeds."""
    parser = argparse.ArgumentParser(prog="python -m experiments.response.mediated", description=__doc__)
    parser.add_argument("--share", type=float, default=0.25)
    parser.add_argument("--weeks", type=int, default=130)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--dearer", type=float, default=0.3)
    parser.add_argument("--spend-only", action="store_true")
    asked = parser.parse_args()
    rows = [
        judge(mediated_shop(seed, asked.weeks, asked.share, asked.dearer), seed, not asked.spend_only)
        for seed in range(asked.first, asked.first + asked.seeds)
    ]
    found = {name: round(float(np.mean([row[name] for row in rows])), 4) for name in rows[0]}
    print(
        json.dumps({"share": asked.share, "dearer": asked.dearer, "weeks": asked.weeks, "seeds": asked.seeds} | found)
    )


if __name__ == "__main__":
    main()
