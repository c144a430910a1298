"""The search for the posterior: wide points, points closer around what the data favour, chains on points of their own.

Chains differ in their points as well as in their random numbers, so that R-hat sees the error of the points too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.response.adstock import finer
from models.response.data import ResponseData, whole
from models.response.design import shapes
from models.response.evidence import SEEN_BEFORE, Evidence, System, evidence, lift_test_terms, system
from models.response.period import periods
from models.response.points import Points, closer_points, spread_points
from models.response.priors import Priors
from models.response.reach import Reach, learned_reach, reaching
from models.response.roi_prior import LOG_BELIEF, WIDTHS, RoiPrior
from models.response.sampler import effective_size, sample_chain, split_r_hat
from models.response.shape_prior import CurvePrior

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

CHAINS = 4
WARM_UP = 300
SWEEPS = 1500
SCOUTS = (2, 100, 250)  # chains, warm-up and sweeps on points that are given up afterwards
ROUNDS = 4  # of scouts at most; the last one only measures
REPEATS = 2  # of all chains, on points still closer, where they have not settled
ENOUGH_R_HAT = 1.05
ENOUGH_DRAWS = 400.0  # effective, of all chains (Vehtari et al. 2021)
ENOUGH_POINTS = 25.0  # effective points under the posterior of the channel known best; a quarter where there are few
MOST_POINTS = 1500  # of all ad channels together: the inner products take 8 bytes x the square of it
BY_CHANNEL = (24, 250)  # fewest and most points of one ad channel
LIFTS = 32  # draws that the reach of ads is learned from
USUAL = (0.3, 0.7, 1.0, 0.0, 0.0, 0.0, 0.0)  # the curve, by week, that stands in for ads before anything is known


@dataclass(frozen=True)
class Tried:
    """Points of every ad channel that ran, with their responses.

    ``shapes`` [ads, points, COLUMNS], half saturation in yuan; ``responses``: by region [ads, points, periods] yuan for
    a ROI of 1; ``stock`` [ads, points] at the end; ``unit`` [ads, points]: yuan a period at full saturation for a ROI
    of 1; ``log_weight`` [ads, points].
    """

    shapes: Floats
    responses: list[Floats]
    stock: Floats
    unit: Floats
    log_weight: Floats


@dataclass(frozen=True)
class Posterior:
    """Draws [chains, sweeps, ads that ran] of ``roi``, ``scale`` and ``stock``, [..., COLUMNS] of ``shapes``.

    ``effect``: design effect of the regions; ``reach`` of all ads.
    """

    roi: Floats
    scale: Floats
    stock: Floats
    shapes: Floats
    effect: float
    reach: Reach

    @property
    def logs(self) -> Floats:
        """What must settle: log ROI, carry-over, log half saturation, log slope, shape and weeks of other lags than
        geometric ones, [chains, sweeps, parameters]: those that move at all."""
        half, slope = np.log(np.moveaxis(self.shapes[..., 1:3], -1, 0))
        lags = [self.shapes[..., 4], self.shapes[..., 5]]
        every = np.concatenate([np.log(np.maximum(self.roi, 1e-9)), self.shapes[..., 0], half, slope, *lags], axis=2)
        moving = (every != every[0, 0]).any(axis=(0, 1))
        return np.ascontiguousarray(every[..., moving])

    @property
    def r_hat(self) -> float:
        """The highest."""
        return float(split_r_hat(self.logs).max())

    @property
    def effective_draws(self) -> float:
        """The fewest."""
        return float(effective_size(self.logs).min())


@dataclass(frozen=True)
class Question:
    """What the points are tried on. ``believed`` [ads]: of the ROI of the ads that ``ran``; ``busy`` [ads]: yuan
    of a busy week."""

    regions: Sequence[ResponseData]
    sizes: Floats
    ran: Rows
    busy: Floats
    believed: Sequence[RoiPrior]
    belief: Priors
    seed: int

    @property
    def count(self) -> int:
        """Points of one ad channel."""
        return int(np.clip(MOST_POINTS // len(self.ran), *BY_CHANNEL))

    @property
    def days(self) -> int:
        """Of a period."""
        return self.regions[0].days

    @property
    def busy_period(self) -> Floats:
        """Yuan a period of a busy week, [ads]: what saturates is believed to be the same by week and by day."""
        return self.busy / periods(1, self.days)

    @property
    def usual_roi(self) -> Floats:
        """Median of what is believed, [ads]."""
        return np.array([float(prior.quantiles((0.5,))[0]) for prior in self.believed])

    def lifts(self, given: Floats) -> tuple[list[Floats], Floats, Floats]:
        """Responses by region, stock and unit (see :class:`Tried`) of shapes [ads, points, COLUMNS]."""
        ads, points, count = *given.shape[:2], self.regions[0].periods
        saturated = [np.empty((ads, points, count)) for _ in self.regions]
        stock, unit = np.zeros((ads, points)), np.empty((ads, points))
        for ad, row in enumerate(self.ran):
            for region, size, out in zip(self.regions, self.sizes, saturated, strict=True):
                response, end = shapes(region.spend[row] / size, given[ad], self.days)
                out[ad] = size * response
                stock[ad] += size * end
            spent = sum(region.spend[row].sum() for region in self.regions)
            unit[ad] = spent / np.maximum(sum(out[ad].sum(axis=1) for out in saturated), 1e-12)
        for out in saturated:
            out *= unit[:, :, None]
        return saturated, stock, unit

    @property
    def shape_priors(self) -> list[CurvePrior]:
        """Of the ads that ran."""
        names = [self.regions[0].ad_channels[row] for row in self.ran]
        return [self.belief.shape_of(name, float(busy), self.days) for name, busy in zip(names, self.busy, strict=True)]

    def tried(self, points: Sequence[Points]) -> Tried:
        """Responses to the points of every ad channel."""
        priors = zip(self.shape_priors, points, strict=True)
        given = np.stack([prior.shapes(entry.place) for prior, entry in priors])
        given[:, :, 1] *= self.busy_period[:, None]
        return Tried(given, *self.lifts(given), np.stack([entry.log_weight for entry in points]))

    def look(
        self, tried: Tried, found: Evidence, chains: Sequence[int], sweeps: tuple[int, int]
    ) -> tuple[Rows, Floats]:
        """Points and ROI of chains by number, [chains, sweeps, ads] after the warm-up; ``sweeps``: warm-up, kept.

        :data:`SEEN_BEFORE` observations at the pilots' noise stand beside the data (scaled inverse chi-squared, Gelman
        et al. 2013, section 2.6): without them a few weeks, which the controls fit away, would leave no noise at all.
        """
        tests = lift_test_terms(whole(self.regions), self.ran, np.sum(tried.responses, axis=0))
        believed = np.array([(prior.centre, prior.scale) for prior in self.believed]).T
        at = np.empty((len(chains), sum(sweeps), len(self.ran)), dtype=np.int64)
        roi = np.empty(at.shape)
        for number, chain in enumerate(chains):
            sample_chain(
                found.gram,
                found.linear,
                found.square + SEEN_BEFORE,
                found.rows + SEEN_BEFORE,
                *tests,
                tried.log_weight.ravel(),
                WIDTHS,
                LOG_BELIEF,
                *believed,
                (self.seed + 7919 * chain) % (2**31),
                at[number],
                roi[number],
            )
        return at[:, sweeps[0] :], roi[:, sweeps[0] :]


def posterior(asked: Question) -> Posterior:
    """Draws of ROI and curves of the ads that ran."""
    ads, count = len(asked.ran), asked.count
    usual = np.array([USUAL] * ads)
    usual[:, 0] = finer(usual[:, 0], periods(1, asked.days))
    usual[:, 1] *= asked.busy_period
    found = system(asked.regions, asked.ran, [entry[:, 0] for entry in asked.lifts(usual[:, None])[0]])
    points = [spread_points(prior, count, asked.seed + ad) for ad, prior in enumerate(asked.shape_priors)]
    for number in range(ROUNDS):
        tried = asked.tried(points)
        at, roi = asked.look(tried, evidence(found, tried.responses), range(SCOUTS[0]), SCOUTS[1:])
        mass = _by_point(at, np.ones_like(roi), count)
        if not number:
            # Not below the usual: what brings nothing where it is named may bring all elsewhere.
            some = _some_lifts(tried, at, np.maximum(roi, asked.usual_roi))
            reach = learned_reach(asked.regions, asked.ran, some, asked.belief.spills, asked.seed)
            level = _by_point(at, roi, count)
            lifts = [(level[:, :, None] * part).sum(axis=1) for part in tried.responses]
            found = system([reaching(region, reach) for region in asked.regions], asked.ran, lifts)
        if _effective(mass) > min(ENOUGH_POINTS, count / 4) or number == ROUNDS - 1:
            break
        points = _closer(asked, points, mass, number)
    best: Posterior | None = None
    for number in range(ROUNDS, ROUNDS + 1 + REPEATS):
        chains = [_chain(asked, found, _closer(asked, points, mass, number * CHAINS + c), c) for c in range(CHAINS)]
        result = _joined(chains, reach)
        if result.r_hat < ENOUGH_R_HAT and result.effective_draws > ENOUGH_DRAWS:
            return result
        best = result if best is None or result.r_hat < best.r_hat else best
        points = [_pooled([chain.points[ad] for chain in chains]) for ad in range(ads)]
        mass = np.concatenate([_by_point(chain.at, np.ones_like(chain.roi), count) for chain in chains], axis=1)
    assert best is not None
    return best


def _some_lifts(tried: Tried, at: Rows, roi: Floats) -> list[Floats]:
    """Lifts by region in yuan, [LIFTS, ads, periods], of draws [chains, sweeps, ads] far apart."""
    flat, levels = at.reshape(-1, at.shape[-1]), roi.reshape(-1, roi.shape[-1])
    drawn = np.linspace(0, len(flat) - 1, LIFTS).astype(int)
    ads = np.arange(flat.shape[1])
    return [levels[drawn][:, :, None] * part[ads, flat[drawn]] for part in tried.responses]


@dataclass(frozen=True)
class _Chain:
    """One chain [sweeps, ads] on points of its own."""

    points: Sequence[Points]
    at: Rows
    roi: Floats
    tried: Tried
    effect: float


def _chain(asked: Question, found: System, points: Sequence[Points], number: int) -> _Chain:
    tried = asked.tried(points)
    seen = evidence(found, tried.responses)
    at, roi = asked.look(tried, seen, [number], (WARM_UP, SWEEPS))
    return _Chain(points, at[0], roi[0], tried, seen.effect)


def _joined(chains: Sequence[_Chain], reach: Reach) -> Posterior:
    """All chains' draws."""
    ad = np.arange(chains[0].roi.shape[1])

    def stacked(name: str) -> Floats:
        return np.stack([getattr(chain.tried, name)[ad, chain.at] for chain in chains])

    roi = np.stack([chain.roi for chain in chains])
    return Posterior(roi, roi * stacked("unit"), stacked("stock"), stacked("shapes"), chains[0].effect, reach)


def _pooled(parts: Sequence[Points]) -> Points:
    """Points of the same density as one set."""
    return Points(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("place", "log_weight", "density"))
    )


def _closer(asked: Question, points: Sequence[Points], mass: Floats, number: int) -> list[Points]:
    """Points of every ad channel around those with mass."""
    seeds = [asked.seed + len(points) * (number + 1) + ad for ad in range(len(points))]
    parts = zip(asked.shape_priors, points, mass, seeds, strict=True)
    return [closer_points(prior, entry, share, asked.count, seed) for prior, entry, share, seed in parts]


def _by_point(at: Rows, values: Floats, count: int) -> Floats:
    """Mean over all sweeps of what falls on each point, [ads, points]."""
    flat, weights = at.reshape(-1, at.shape[-1]), values.reshape(-1, at.shape[-1])
    pairs = zip(flat.T, weights.T, strict=True)
    return np.stack([np.bincount(ad, weights=part, minlength=count) for ad, part in pairs]) / len(flat)


def _effective(mass: Floats) -> float:
    """Exponential of the entropy, the least of all ad channels."""
    return float(np.exp(-(mass * np.log(np.maximum(mass, 1e-300))).sum(axis=1)).min())
