"""What the history says of every curve shape: inner products with the controls integrated out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from models.response.data import ResponseData
from models.response.design import Noise, common_spend, expected_level, pilot_noise, season, trend, weekdays
from models.response.foresight import DOUBT, foreseen_parts, mean_followed
from models.response.period import WEEK, in_weeks
from models.response.shock import CommonShock, common_shock

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
SWING = 0.2  # width of the prior of slow swings of demand, share of mean revenue: where the data ask for all of it
ROOMS = (1.0, 0.5, 0.25, 0.1)  # parts of that width
BELIEVED = 0.2
"""Share of revenue that an ad channel may bring where controls are chosen."""
HARMONICS = (1, 2, 3)  # of the year
SEEN_BEFORE = 2.0
"""Observations at the pilots' noise that stand beside the data."""


@dataclass(frozen=True)
class Evidence:
    """Inner products of the responses with each other, with revenue, and of revenue; ``rows``: observations.

    ``effect``: design effect of the regions for what is alike in all of them (Kish 1965); 1: nothing is shared.
    """

    gram: Floats
    linear: Floats
    square: float
    rows: float
    effect: float


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
    """One group of sales channels of one region, whitened. ``region``: its position; ``causes`` [K, periods], with
    ``width`` [K] of their priors; ``freedom``: parameters that went into the expected level, which is among them.
    """

    region: int
    group: Group
    noise: Noise
    target: Floats
    causes: Floats
    width: Floats
    freedom: float


@dataclass(frozen=True)
class System:
    """All windows with the shock they share (seemingly unrelated regressions, Zellner 1962): what one sales channel
    sells beyond what was to be expected tells of the demand in the others, which is then not credited to their ads.

    ``counted``: part of the observations that the rests speak of.
    """

    windows: tuple[Window, ...]
    shock: CommonShock
    counted: float


def system(regions: Sequence[ResponseData], ran: Rows, pilot: Sequence[Floats]) -> System:
    """Groups of sales channels ready to be looked through; ``pilot`` [ads, periods] by region: lifts up to a factor.

    They are what lets the pilots tell noise from ads. Raises ValueError where no region has revenue.
    """
    doubt = doubt_of(regions)
    found = [
        window
        for place, (region, lifts) in enumerate(zip(regions, pilot, strict=True))
        for window in _windows(place, region, ran, lifts, doubt)
    ]
    if not found:
        raise ValueError("no region to learn from")
    return joined(found)


def doubt_of(regions: Sequence[ResponseData]) -> float:
    """Of the foreseen share in each region: one merchant foresees for all, so their mean has the doubt of one."""
    return DOUBT * float(np.sqrt(len(regions)))


def joined(windows: Sequence[Window]) -> System:
    """Windows with the shock that their pilots leave unexplained in all of them."""
    rests = np.stack([window.noise.rest for window in windows])
    shock = common_shock(rests)
    return System(tuple(windows), shock, shock.explained(rests))


def _windows(place: int, data: ResponseData, ran: Rows, lifts: Floats, doubt: float) -> Iterator[Window]:
    spend = data.spend[ran]
    everywhere = common_spend(spend)
    for group in groups(data, ran):
        if len(group.active):
            known = replace(group, given=np.concatenate([group.given, everywhere], axis=1))
            yield window_of(place, known, spend[group.active], lifts[group.active], doubt, data.days)


def window_of(place: int, group: Group, spend: Floats, lifts: Floats, doubt: float, days: int) -> Window:
    """A group with its controls, noise and the demand that ``spend`` [ads, periods] foresaw; ``lifts`` [ads, periods]:
    of the pilot, up to a factor; ``doubt``: width of the prior of the foreseen share."""
    controls, noise = learned_controls(group.given, group.revenue, lifts, spend, days)
    ahead = foreseen(group.revenue, spend, controls, noise, days)
    causes = noise.whiten(np.concatenate([controls.columns.T, ahead]))
    target = noise.whiten(group.revenue - ahead.sum(axis=0))
    width = np.append(controls.width, np.full(len(ahead), doubt))
    return Window(place, group, noise, target, causes, width, controls.freedom)


def foreseen(revenue: Floats, spend: Floats, controls: Controls, noise: Noise, days: int = WEEK) -> Floats:
    """Yuan a period of demand that ``spend`` [ads, periods] tells was foreseen beyond the controls, float64 [parts,
    periods]: see ``foreseen_parts``. Spend and controls may reach beyond ``revenue`` [known]."""
    causes = controls.columns[:, controls.columns.std(axis=0) > 1e-12]
    level, _ = expected_level(revenue, causes, np.ones(causes.shape[1]))
    mean = max(float(revenue.mean()), 1e-9)
    return level * foreseen_parts(spend, level, causes, (noise.sd / mean, noise.week_sd / mean), days)


def evidence(found: System, responses: Sequence[Floats]) -> Evidence:
    """Inner products under the covariance own noise + shared shock + controls' prior (Woodbury identity).

    ``responses`` [ads, points, periods] by region. The controls' effective number (trace of the hat matrix) counts as
    observations spent, as in restricted maximum likelihood (Patterson and Thompson 1971): their prior is wide, so what
    they fit away says nothing of the noise.
    """
    width = np.concatenate([window.width for window in found.windows])
    controls, keys = len(width), responses[0].shape[0] * responses[0].shape[1]
    inner = found.shock.inner(list(_rows(found, responses, controls)), controls + keys + 1)
    factor = np.linalg.cholesky(inner[:controls, :controls] + np.diag(width**-2))
    left = np.linalg.solve(factor, inner[:controls, controls:])
    rest = inner[controls:, controls:] - left.T @ left
    held = np.linalg.solve(factor, np.diag(1.0 / width))
    freedom = max(controls - float((held**2).sum()), sum(window.freedom for window in found.windows))
    rows = found.counted * (sum(len(window.target) for window in found.windows) - freedom)
    return Evidence(rest[:-1, :-1], rest[:-1, -1], float(rest[-1, -1]), rows, found.shock.effect)


def _rows(found: System, responses: Sequence[Floats], controls: int) -> Iterator[tuple[Rows, Floats]]:
    """By window what it holds [rows, periods], with places of its rows among all: controls, ads x points, revenue."""
    ads, points, count = responses[0].shape
    keys = controls + np.arange(ads * points).reshape(ads, points)
    begin = 0
    for window in found.windows:
        active, end = window.group.active, begin + len(window.causes)
        lifts = responses[window.region][active] * window.group.share[active][:, None, None]
        columns = window.noise.whiten(lifts.reshape(-1, count))
        at = np.concatenate([np.arange(begin, end), keys[active].ravel(), [controls + keys.size]])
        yield at, np.concatenate([window.causes, columns, window.target[None]])
        begin = end


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
    """``columns`` [periods, K], ``width`` of their priors in yuan, ``freedom`` of the expected level."""

    columns: Floats
    width: Floats
    freedom: float


def learned_controls(
    given: Floats, revenue: Floats, lifts: Floats, spend: Floats, days: int = WEEK
) -> tuple[Controls, Noise]:
    """Controls with as much room as the data ask for, by marginal likelihood (empirical Bayes).

    Demand without swings, or with a smooth year, that is given room for more cannot tell it from ads that run for
    weeks. ``lifts`` [ads, periods]: what ads may do, up to a factor, so that it is not taken for a swing. The expected
    level has seen revenue: each of its effective parameters costs one (Akaike 1974) as far as ``spend`` [ads, periods]
    does not follow it. A control that moves spend belongs into the fit even where revenue hardly asks for it (double
    selection, Belloni, Chernozhukov and Hansen 2014): left out, the ads would be credited with it.
    """
    known, tried = len(revenue), [control_columns(given, revenue, room, days) for room in CHOICES]
    widest = tried[CHOICES.index(Room())]
    noise = pilot_noise(revenue, np.concatenate([widest.columns[:known], lifts.T], axis=1), days)
    reach = BELIEVED * np.abs(revenue).mean() / np.maximum(np.abs(lifts).mean(axis=1), 1e-12)
    level, spent = (in_weeks(values, days).mean(axis=-1) for values in (widest.columns[:known, 0], spend[:, :known]))
    price = 1.0 - min(mean_followed(spent, np.log(np.maximum(level, 1e-9))), 1.0)
    target, ads = noise.whiten(revenue), noise.whiten(lifts)
    fits = []
    for controls in tried:
        causes = np.concatenate([noise.whiten(controls.columns[:known].T), ads])
        width = np.concatenate([controls.width, reach])
        factor = np.linalg.cholesky(causes @ causes.T + np.diag(width**-2))
        rest = float(target @ target) - float((np.linalg.solve(factor, causes @ target) ** 2).sum())
        spread = float(np.log(np.diag(factor)).sum() + np.log(width).sum())
        fits.append(-0.5 * known * np.log(max(rest, 1e-12)) - spread - price * controls.freedom)
    return tried[int(np.argmax(fits))], noise


def control_columns(given: Floats, revenue: Floats, room: Room, days: int = WEEK) -> Controls:
    """Level, trend, season, weekdays and ``given`` causes [periods, causes], which may reach beyond ``revenue``
    [known].

    Level and trend then stay where they were.
    """
    known, mean, spread = len(revenue), float(revenue.mean()), float(revenue.std()) + 1e-9
    ahead = len(given) - known
    base, bends, year = np.ones((len(given), 1)), trend(known, ahead, days), season(known, room.harmonics, ahead, days)
    year = np.concatenate([year, weekdays(len(given), days)], axis=1)
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
    """Lift tests as observations of ROI x response over their periods: quadratic and linear terms, [K] each. What a
    test brought is not told by period, so only tests that lie in the history as a whole count.

    ``responses`` [ads, points, periods] of all regions together.
    """
    names = [data.ad_channels[row] for row in ran]
    quadratic, linear = np.zeros(responses.shape[:2]), np.zeros(responses.shape[:2])
    for test in data.tests:
        if test.ad_channel not in names or test.standard_error <= 0 or not test.within(data.periods):
            continue
        at = names.index(test.ad_channel)
        span = slice(test.first, test.last + 1)
        spent = float(data.spend[ran[at], span].sum())
        if spent <= 0:
            continue
        seen = responses[at][:, span].sum(axis=1) * min(test.spend / spent, 1.0)
        quadratic[at] += (seen / test.standard_error) ** 2
        linear[at] += seen * test.incremental / test.standard_error**2
    return quadratic.ravel(), linear.ravel()
