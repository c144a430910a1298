"""What the history says of every curve shape: inner products with the controls integrated out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from models.response.data import ResponseData
from models.response.design import Noise, common_spend, expected_level, pilot_noise, season, trend

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
SWING = 0.2  # width of the prior of slow swings of demand, share of mean revenue: where the data ask for all of it
ROOMS = (1.0, 0.5, 0.25, 0.1)  # parts of that width
HARMONICS = (1, 2, 3)  # of the year


@dataclass(frozen=True)
class Evidence:
    """Inner products of the responses with each other, with revenue, and of revenue; ``rows``: observations.

    ``rest`` float64 [weeks]: what the pilots leave unexplained, in units of their noise, added up; ``effect``: design
    effect by which everything but ``rest`` was divided.
    """

    gram: Floats
    linear: Floats
    square: float
    rows: float
    rest: Floats
    effect: float = 1.0

    def plus(self, other: Evidence) -> Evidence:
        """Both together; the larger array is reused."""
        gram = np.add(self.gram, other.gram, out=self.gram)
        linear, rest = self.linear + other.linear, self.rest + other.rest
        square, rows = self.square + other.square, self.rows + other.rows
        return Evidence(gram, linear, square, rows, rest)


@dataclass(frozen=True)
class Group:
    """Sales channels (``members``) that the same ads (``active``, positions among those that ran) lift."""

    members: Rows
    active: Rows
    share: Floats
    revenue: Floats
    given: Floats


@dataclass(frozen=True)
class Window:
    """One group of sales channels of a region, whitened; ``factor``: Cholesky factor of controls and their prior.

    ``freedom``: parameters that went into the expected level, which is among the controls.
    """

    group: Group
    noise: Noise
    target: Floats
    causes: Floats
    factor: Floats
    freedom: float


Windows = Sequence[tuple[Window, ...]]


def windows(regions: Sequence[ResponseData], ran: Rows, pilot: Sequence[Floats]) -> Windows:
    """By region, the groups ready to be looked through; ``pilot`` [ads, weeks] each: lifts up to a factor.

    They are what lets the pilots tell noise from ads.
    """
    return [tuple(_windows(region, ran, lifts)) for region, lifts in zip(regions, pilot, strict=True)]


def _windows(data: ResponseData, ran: Rows, lifts: Floats) -> Iterator[Window]:
    foreseen = common_spend(data.spend[ran])
    for group in groups(data, ran):
        if not len(group.active):
            continue
        controls, noise = learned_controls(
            np.concatenate([group.given, foreseen], axis=1), group.revenue, lifts[group.active]
        )
        causes = noise.whiten(controls.columns.T)
        factor = np.asarray(np.linalg.cholesky(causes @ causes.T + np.diag(controls.width**-2)))
        yield Window(group, noise, noise.whiten(group.revenue), causes, factor, controls.freedom)


def evidence(found: Windows, responses: Sequence[Floats]) -> Evidence:
    """Sum over regions, ``responses`` [ads, points, weeks] each, counted as so many as are independent.

    Regions share what no control explains (weather, news): with the average correlation r of n regions, the sum is
    divided by the design effect 1 + (n - 1) r (Kish 1965), estimated from the pilots' rests, never below 1.
    """
    total, energy = None, 0.0
    for region, response in zip(found, responses, strict=True):
        part = _region(region, response)
        energy += float((part.rest**2).sum())
        total = part if total is None else total.plus(part)
    if total is None:
        raise ValueError("no region to learn from")
    effect = max(float((total.rest**2).sum()) / energy, 1.0) if energy > 0 else 1.0
    return replace(
        total,
        gram=total.gram / effect,
        linear=total.linear / effect,
        square=total.square / effect,
        rows=total.rows / effect,
        effect=effect,
    )


def groups(data: ResponseData, ran: Rows) -> Iterator[Group]:
    """Sales channels lifted by the same ads; each group has its own controls and noise."""
    lifted = data.split[ran] > 0
    patterns, group = np.unique(lifted, axis=1, return_inverse=True)
    for number in range(patterns.shape[1]):
        members = np.flatnonzero(group.ravel() == number)
        revenue = data.revenue[members].sum(axis=0)
        if revenue.sum() <= 0:
            continue
        weight = data.revenue[members].sum(axis=1) / revenue.sum()
        given = np.tensordot(weight, data.controls[members], axes=1)
        share = data.split[ran][:, members].sum(axis=1)
        yield Group(members, np.flatnonzero(patterns[:, number]), share, revenue, given)


def _region(found: Sequence[Window], responses: Floats) -> Evidence:
    """Sum over groups of sales channels."""
    ads, points, weeks = responses.shape
    keys_of = np.arange(ads * points).reshape(ads, points)
    gram, linear, square, rows = np.zeros((ads * points,) * 2), np.zeros(ads * points), 0.0, 0.0
    rest = np.zeros(weeks)
    for window in found:
        active = window.group.active
        keys = keys_of[active].ravel()
        scaled = responses[active] * window.group.share[active][:, None, None]
        part = _integrate_out(window, scaled.reshape(len(keys), weeks))
        gram[np.ix_(keys, keys)] += part.gram
        linear[keys] += part.linear
        square += part.square
        rows += part.rows
        rest += part.rest
    return Evidence(gram, linear, square, rows, rest)


def _integrate_out(window: Window, responses: Floats) -> Evidence:
    """Inner products under the covariance noise + controls' prior (Woodbury identity).

    The controls' effective number (trace of the hat matrix) counts as observations spent, as in restricted maximum
    likelihood (Patterson and Thompson 1971): their prior is wide, so what they fit away says nothing of the noise.
    """
    target, columns = window.target, window.noise.whiten(responses)
    columns_left = np.linalg.solve(window.factor, window.causes @ columns.T)
    target_left = np.linalg.solve(window.factor, window.causes @ target)
    gram = columns @ columns.T - columns_left.T @ columns_left
    linear = columns @ target - columns_left.T @ target_left
    square = float(target @ target - target_left @ target_left)
    freedom = max(float((np.linalg.solve(window.factor, window.causes) ** 2).sum()), window.freedom)
    return Evidence(gram, linear, square, len(target) - freedom, window.noise.rest)


@dataclass(frozen=True)
class Room:
    """What controls may do: ``swings``, part of the usual width for slow swings of demand; ``harmonics`` of the year;
    ``multiplies``: the expected level, in which they multiply, stands beside the terms that they add.
    """

    swings: float = 1.0
    harmonics: int = max(HARMONICS)
    multiplies: bool = True


CHOICES = tuple(Room(*entry) for entry in product(ROOMS, HARMONICS, (True, False)))
"""Among which the marginal likelihood chooses."""


@dataclass(frozen=True)
class Controls:
    """``columns`` [weeks, K], ``width`` of their priors in yuan a week, ``freedom`` of the expected level."""

    columns: Floats
    width: Floats
    freedom: float


def learned_controls(given: Floats, revenue: Floats, lifts: Floats) -> tuple[Controls, Noise]:
    """Controls with as much room as the data ask for, by marginal likelihood (empirical Bayes).

    Demand without swings, or with a smooth year, that is given room for more cannot tell it from ads that run for
    weeks. ``lifts`` [ads, weeks]: what ads may do, up to a factor, so that it is not taken for a swing. The expected
    level has seen revenue: each of its effective parameters costs one (Akaike 1974).
    """
    known, tried = len(revenue), [control_columns(given, revenue, room) for room in CHOICES]
    widest = tried[CHOICES.index(Room())]
    noise = pilot_noise(revenue, np.concatenate([widest.columns[:known], lifts.T], axis=1))
    reach = np.abs(revenue).mean() / np.maximum(np.abs(lifts).mean(axis=1), 1e-12)
    target, ads = noise.whiten(revenue), noise.whiten(lifts)
    fits = []
    for controls in tried:
        causes = np.concatenate([noise.whiten(controls.columns[:known].T), ads])
        width = np.concatenate([controls.width, reach])
        factor = np.linalg.cholesky(causes @ causes.T + np.diag(width**-2))
        rest = float(target @ target) - float((np.linalg.solve(factor, causes @ target) ** 2).sum())
        spread = float(np.log(np.diag(factor)).sum() + np.log(width).sum())
        fits.append(-0.5 * known * np.log(max(rest, 1e-12)) - spread - controls.freedom)
    return tried[int(np.argmax(fits))], noise


def control_columns(given: Floats, revenue: Floats, room: Room) -> Controls:
    """Level, trend, season and the ``given`` causes [weeks, causes], which may reach beyond ``revenue`` [known].

    Level and trend then stay where they were.
    """
    known, mean, spread = len(revenue), float(revenue.mean()), float(revenue.std()) + 1e-9
    ahead = len(given) - known
    base, bends, year = np.ones((len(given), 1)), trend(known, ahead), season(known, room.harmonics, ahead)
    moving = given[:, given[:known].std(axis=0) > 1e-12]
    usual = (moving - moving[:known].mean(axis=0)) / np.maximum(moving[:known].std(axis=0), 1e-12)
    causes = np.concatenate([bends, year, usual], axis=1)
    width = np.concatenate(
        [
            np.full(1, 3.0 * mean),
            np.full(1, 2.0 * mean),
            np.full(bends.shape[1] - 1, room.swings * SWING * mean),
            np.full(year.shape[1], 0.5 * mean),
            np.full(usual.shape[1], spread),
        ]
    )
    added = np.concatenate([base, causes], axis=1)
    if not room.multiplies:
        return Controls(added, width, 0.0)
    stiffness = np.ones(causes.shape[1])
    stiffness[1 : bends.shape[1]] = room.swings**-2
    level, freedom = expected_level(revenue, causes, stiffness)
    return Controls(np.concatenate([level[:, None], added], axis=1), np.append(1.0, width), freedom)


def lift_test_terms(data: ResponseData, ran: Rows, responses: Floats) -> tuple[Floats, Floats]:
    """Lift tests as observations of ROI x response over their weeks: quadratic and linear terms, [K] each.

    ``responses`` [ads, points, weeks] of all regions together.
    """
    names = [data.ad_channels[row] for row in ran]
    quadratic, linear = np.zeros(responses.shape[:2]), np.zeros(responses.shape[:2])
    for test in data.tests:
        if test.ad_channel not in names or test.standard_error <= 0 or test.last < 0 or test.first >= data.weeks:
            continue
        at = names.index(test.ad_channel)
        span = slice(max(test.first, 0), min(test.last, data.weeks - 1) + 1)
        spent = float(data.spend[ran[at], span].sum())
        if spent <= 0:
            continue
        seen = responses[at][:, span].sum(axis=1) * min(test.spend / spent, 1.0)
        quadratic[at] += (seen / test.standard_error) ** 2
        linear[at] += seen * test.incremental / test.standard_error**2
    return quadratic.ravel(), linear.ravel()
