"""Fit of the response model: weekly revenue on ad spend and controls, with draws of the curves.

revenue_s(t) = controls_s(t) + sum_a split_as ROI_a unit_a hill(adstock(spend_a))(t) + noise_s(t). The model is
additive: a yuan lifts revenue by the same amount in a quiet week and in a festival week.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.response.curves import ResponseCurves, adstock
from models.response.design import Noise, busy_week, common_spend, expected_level, pilot_noise, season, shapes, trend
from models.response.priors import ROI_WIDTHS, Priors, log_width_belief, prior_roi_draws
from models.response.sampler import effective_size, sample_chain, split_r_hat

Floats = NDArray[np.float64]

CHAINS = 4
WARM_UP = 500
SWEEPS = 1500
DRAWS = 200
MOST_SHAPES = 5000  # of all ad channels together: the inner products take 8 bytes x the square of it
SAME = 0.98
SWING = 0.2  # width of the prior of slow swings of demand, share of mean revenue
UNTOLD = "prior: the data say nothing here"
ENOUGH_R_HAT = 1.05


@dataclass(frozen=True)
class LiftTest:
    """An experiment: ``spend`` in the weeks ``first`` to ``last`` brought ``incremental`` yuan."""

    ad_channel: str
    first: int
    last: int
    spend: float
    incremental: float
    standard_error: float


@dataclass(frozen=True)
class ResponseData:
    """What the response is learned from, by week and without gaps.

    ``spend`` float64 [ad_channels, weeks] yuan; ``revenue`` float64 [channels, weeks] yuan; ``controls`` float64
    [channels, weeks, K] other known causes; ``split`` float64 [ad_channels, channels]: how the lift of an ad channel
    is spread over sales channels (rows add up to 1). Season and trend are added by the fit.
    """

    ad_channels: tuple[str, ...]
    channels: tuple[str, ...]
    spend: Floats
    revenue: Floats
    controls: Floats
    split: Floats
    tests: tuple[LiftTest, ...] = ()

    @property
    def weeks(self) -> int:
        """Weeks of history."""
        return int(self.spend.shape[1])


@dataclass(frozen=True)
class ResponseFit:
    """Curves with draws, and what can be said of each ad channel.

    ``roi`` float64 [draws, ad_channels]: revenue a yuan over the whole history. ``data``: verdict by ad channel.
    """

    curves: ResponseCurves
    roi: Floats
    data: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    metrics: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class _Products:
    """Inner products of the responses with each other, with revenue, and of revenue; ``rows``: observations."""

    gram: Floats
    linear: Floats
    square: float
    rows: int


def fit_response(data: ResponseData, priors: Priors | None = None, seed: int = 0) -> ResponseFit:
    """Fit curves for every ad channel; one that never ran keeps a flat curve.

    Always returns curves: what the data cannot tell is drawn from the prior and said in ``data`` and ``warnings``.
    """
    belief = priors or Priors()
    busy = busy_week(data.spend)
    ran = np.flatnonzero(busy > 0)
    revenue = float(data.revenue.sum())
    if not len(ran) or revenue <= 0.0:
        return _nothing(data, busy)
    grid, log_grid = _thinned(belief, len(ran))
    expected = np.array([_expected_roi(data, belief, int(row)) for row in ran])
    responses, stocks, units = [], [], []
    for row in ran:
        in_yuan = grid * np.array([1.0, busy[row], 1.0])
        saturated, end = shapes(data.spend[row], in_yuan)
        unit = data.spend[row].sum() / np.maximum(saturated.sum(axis=1), 1e-12)
        responses.append(saturated * unit[:, None])
        stocks.append(end)
        units.append(unit)
    products = _products(data, ran, np.concatenate(responses), grid)
    test = _test_terms(data, ran, responses)
    shape, roi = _chains(products, test, log_grid, expected, seed)
    kept = np.linspace(0, shape.shape[0] * shape.shape[1] - 1, DRAWS).astype(int)
    chosen, levels = shape.reshape(-1, len(ran))[kept], roi.reshape(-1, len(ran))[kept]
    curves = _curves(data, busy, ran, grid, chosen, levels * _pick(units, chosen), _pick(stocks, chosen))
    everywhere = np.zeros((DRAWS, len(busy)))
    everywhere[:, ran] = levels
    verdict = _verdicts(data, ran, roi.reshape(-1, len(ran)), expected, seed)
    metrics = _metrics(data, roi, levels, ran)
    return ResponseFit(curves, everywhere, verdict, _warnings(data, busy, metrics), metrics)


def _expected_roi(data: ResponseData, belief: Priors, row: int) -> float:
    """All ads that lift the same sales channels share the expectation; never quite 0, so that the prior is proper."""
    lifted = data.split[row] > 0
    reach = data.split[:, lifted].sum(axis=1)
    expected = belief.expected_roi(float(data.revenue[lifted].sum()), float(data.spend.sum(axis=1) @ reach))
    return max(expected, 1e-6)


def _thinned(belief: Priors, ran: int) -> tuple[Floats, Floats]:
    """The grid, with every other shape left out as long as there are too many for the inner products."""
    grid, log_grid = belief.grid(), belief.log_grid()
    while len(grid) * ran > MOST_SHAPES and len(grid) > 8:
        grid, log_grid = grid[::2], log_grid[::2]
    return grid, log_grid


def _pick(values: Sequence[Floats], chosen: NDArray[np.int64]) -> Floats:
    """Value of the chosen grid point, [draws, ad_channels]."""
    return np.stack([entry[chosen[:, column]] for column, entry in enumerate(values)], axis=1)


def _products(data: ResponseData, ran: NDArray[np.int64], responses: Floats, grid: Floats) -> _Products:
    """Sum over groups of sales channels that the same ads lift; each group has its own controls and noise."""
    points = len(grid)
    middle = int(np.argmin(((grid - np.array([0.3, 0.7, 1.0])) ** 2).sum(axis=1)))
    lifted = data.split[ran] > 0
    gram, linear, square, rows = np.zeros((len(responses),) * 2), np.zeros(len(responses)), 0.0, 0
    patterns, group = np.unique(lifted, axis=1, return_inverse=True)
    for number in range(patterns.shape[1]):
        members = np.flatnonzero(group.ravel() == number)
        revenue = data.revenue[members].sum(axis=0)
        active = np.flatnonzero(patterns[:, number])
        if not len(active) or revenue.sum() <= 0:
            continue
        share = data.split[ran][:, members].sum(axis=1)
        weight = data.revenue[members].sum(axis=1) / revenue.sum()
        given = np.tensordot(weight, data.controls[members], axes=1)
        foreseen = common_spend(data.spend[ran])
        controls, width = _controls(np.concatenate([given, foreseen], axis=1), revenue)
        noise = pilot_noise(revenue, np.concatenate([controls, responses[active * points + middle].T], axis=1))
        keys = (active[:, None] * points + np.arange(points)).ravel()
        scaled = responses[keys] * np.repeat(share[active], points)[:, None]
        part = _integrate_out(noise, revenue, scaled, controls, width)
        gram[np.ix_(keys, keys)] += part.gram
        linear[keys] += part.linear
        square += part.square
        rows += part.rows
    return _Products(gram, linear, square, rows)


def _integrate_out(noise: Noise, revenue: Floats, responses: Floats, controls: Floats, width: Floats) -> _Products:
    """Inner products under the covariance noise + controls' prior (Woodbury identity)."""
    target, columns, causes = noise.whiten(revenue), noise.whiten(responses), noise.whiten(controls.T)
    factor = np.linalg.cholesky(causes @ causes.T + np.diag(width**-2))
    columns_left = np.linalg.solve(factor, causes @ columns.T)
    target_left = np.linalg.solve(factor, causes @ target)
    gram = columns @ columns.T - columns_left.T @ columns_left
    linear = columns @ target - columns_left.T @ target_left
    return _Products(gram, linear, float(target @ target - target_left @ target_left), len(revenue))


def _controls(given: Floats, revenue: Floats) -> tuple[Floats, Floats]:
    """Columns [weeks, K] and the width of each coefficient's prior in yuan a week."""
    weeks, mean, spread = len(revenue), float(revenue.mean()), float(revenue.std()) + 1e-9
    base, bends, year = np.ones((weeks, 1)), trend(weeks), season(weeks, 3)
    moving = given[:, given.std(axis=0) > 1e-12]
    usual = (moving - moving.mean(axis=0)) / np.maximum(moving.std(axis=0), 1e-12)
    known = np.concatenate([bends, year, usual], axis=1)
    level = expected_level(revenue, known)[:, None]
    columns = np.concatenate([level, base, known], axis=1)
    width = np.concatenate(
        [
            np.ones(1),
            np.full(1, 3.0 * mean),
            np.full(1, 2.0 * mean),
            np.full(bends.shape[1] - 1, SWING * mean),
            np.full(year.shape[1], 0.5 * mean),
            np.full(usual.shape[1], spread),
        ]
    )
    return columns, width


def _test_terms(data: ResponseData, ran: NDArray[np.int64], responses: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Lift tests as observations of ROI x response over their weeks: quadratic and linear terms, [K] each."""
    names = [data.ad_channels[row] for row in ran]
    quadratic = [np.zeros(len(entry)) for entry in responses]
    linear = [np.zeros(len(entry)) for entry in responses]
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
    return np.concatenate(quadratic), np.concatenate(linear)


def _chains(
    products: _Products, test: tuple[Floats, Floats], log_grid: Floats, expected: Floats, seed: int
) -> tuple[NDArray[np.int64], Floats]:
    """Shapes and ROI after the warm-up, [chains, sweeps, ad_channels] each."""
    shape = np.empty((CHAINS, WARM_UP + SWEEPS, len(expected)), dtype=np.int64)
    roi = np.empty(shape.shape)
    for chain in range(CHAINS):
        sample_chain(
            products.gram,
            products.linear,
            products.square,
            products.rows,
            test[0],
            test[1],
            log_grid,
            ROI_WIDTHS,
            log_width_belief(),
            expected,
            (seed + 7919 * chain) % (2**31),
            shape[chain],
            roi[chain],
        )
    return shape[:, WARM_UP:], roi[:, WARM_UP:]


def _curves(
    data: ResponseData,
    busy: Floats,
    ran: NDArray[np.int64],
    grid: Floats,
    chosen: NDArray[np.int64],
    scale: Floats,
    start: Floats,
) -> ResponseCurves:
    """Draws of all parameters; a channel that never ran gets a scale of 0."""
    size = (len(chosen), len(busy))
    values = {
        "carryover": np.zeros(size),
        "half_saturation": np.ones(size),
        "slope": np.ones(size),
        "scale": np.zeros(size),
        "start": np.zeros(size),
    }
    picked = grid[chosen]
    values["carryover"][:, ran] = picked[..., 0]
    values["half_saturation"][:, ran] = picked[..., 1] * busy[ran]
    values["slope"][:, ran] = picked[..., 2]
    values["scale"][:, ran] = scale
    values["start"][:, ran] = start
    return ResponseCurves(data.ad_channels, data.channels, split=data.split, **values)


def _nothing(data: ResponseData, busy: Floats) -> ResponseFit:
    """No revenue or no spend at all: flat curves, and it is said."""
    none: NDArray[np.int64] = np.empty((1, 0), dtype=np.int64)
    empty = np.empty((1, 0))
    curves = _curves(data, busy, np.empty(0, dtype=np.int64), np.empty((1, 3)), none, empty, empty)
    start = adstock(data.spend, np.zeros(len(busy)), np.zeros(len(busy)))[:, -1:] if data.weeks else busy[:, None]
    curves = ResponseCurves(**{**vars(curves), "start": start.T})
    why = "no ad channel has any spend" if not (busy > 0).any() else "there is no revenue to explain"
    return ResponseFit(
        curves, np.zeros((1, len(busy))), (UNTOLD,) * len(busy), (f"{why}: no effect of ads is assumed",), {}
    )


def _verdicts(data: ResponseData, ran: NDArray[np.int64], roi: Floats, expected: Floats, seed: int) -> tuple[str, ...]:
    """What the history can tell: 90 % interval of the ROI against the one believed without data.

    ``strong``: a third of it or less, and its ends within a factor of 3; ``some``: up to three quarters of it.
    """
    verdict = ["never on: nothing is known"] * len(data.ad_channels)
    for column, row in enumerate(ran):
        believed = np.quantile(prior_roi_draws(expected[column], 20_000, seed), [0.05, 0.95])
        found = np.quantile(roi[:, column], [0.05, 0.95])
        ratio = np.log(found[1] / max(found[0], 1e-12)) / np.log(believed[1] / believed[0])
        share = min(ratio, (found[1] - found[0]) / (believed[1] - believed[0]))
        twin = _twin(data.spend, int(row))
        if twin is not None:
            verdict[row] = f"moves together with {data.ad_channels[twin]}: the two cannot be told apart"
        elif share > 0.75 or data.weeks < 26:
            verdict[row] = UNTOLD
        else:
            sharp = share < 0.35 and found[1] < 3.0 * found[0] and data.weeks >= 52
            verdict[row] = "strong" if sharp else "some"
    return tuple(verdict)


def _twin(spend: Floats, row: int) -> int | None:
    """Another ad channel whose spend is (nearly) a multiple of this one's."""
    for other in range(len(spend)):
        if other != row and spend[row].std() > 0 and spend[other].std() > 0:
            alike = float(np.corrcoef(spend[row], spend[other])[0, 1])
            if alike > SAME:
                return other
    return None


def _metrics(data: ResponseData, roi: Floats, levels: Floats, ran: NDArray[np.int64]) -> dict[str, float]:
    """Convergence on the log ROI, and the share of revenue that the ads bring."""
    logs = np.log(np.maximum(roi, 1e-9))
    spent = data.spend[ran].sum(axis=1)
    return {
        "r_hat": float(split_r_hat(logs).max()),
        "ess": float(effective_size(logs).min()),
        "ads_share": float((levels @ spent).mean() / data.revenue.sum()),
        "weeks": float(data.weeks),
    }


def _warnings(data: ResponseData, busy: Floats, metrics: dict[str, float]) -> tuple[str, ...]:
    """What limits the answer."""
    found = []
    if data.weeks < 52:
        found.append(
            f"{data.weeks} weeks of history: season and ads cannot be told apart, expect little from the curves"
        )
    for row, name in enumerate(data.ad_channels):
        positive = data.spend[row]
        if busy[row] <= 0:
            found.append(f"ad channel {name} never ran: no effect is assumed")
        elif positive.std() < 0.02 * positive.mean():
            found.append(f"ad channel {name} always spends the same: its effect cannot be seen, the prior stands")
    if metrics["ads_share"] > 0.6:
        found.append(f"ads seem to bring {metrics['ads_share']:.0%} of revenue, which is hard to believe")
    if metrics["r_hat"] > ENOUGH_R_HAT:
        found.append(f"the curves have not settled (R-hat {metrics['r_hat']:.2f}): read the intervals with care")
    return tuple(found)
