"""Posterior of ROI and curve shape by Gibbs sampling over points (Ritter and Tanner 1992).

Every ad channel has its own points, curve shapes with weights that make them stand for the prior. The response to each
shape is scaled so that its coefficient is the ROI, and the control coefficients are integrated out, so all that the
sampler needs are inner products. Given the other channels, the ROI of a channel under a normal prior cut at 0
integrates in closed form, so shape and ROI are drawn together.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.kernels import INNER

Floats = NDArray[np.float64]


@njit(**INNER)
def _log_normal_cdf(value: float) -> float:
    if value > 8.0:
        return 0.0
    if value > -20.0:
        return math.log(0.5 * math.erfc(-value / math.sqrt(2.0)))
    return -0.5 * value * value - math.log(-value) - 0.9189385332046727


@njit(**INNER)
def _positive_normal(mean: float, sd: float) -> float:
    """A normal draw that is positive (Robert 1995)."""
    low = -mean / sd
    if low < 0.5:
        while True:
            draw = np.random.standard_normal()  # noqa: NPY002
            if draw > low:
                return mean + sd * draw
    rate = 0.5 * (low + math.sqrt(low * low + 4.0))
    while True:
        draw = low - math.log(1.0 - np.random.random()) / rate  # noqa: NPY002
        if np.random.random() < math.exp(-0.5 * (draw - rate) ** 2):  # noqa: NPY002
            return mean + sd * draw


@njit(cache=True)
def _categorical(log_weight: Floats) -> int:
    weight = np.exp(log_weight - log_weight.max())
    target = np.random.random() * weight.sum()  # noqa: NPY002
    for entry in range(len(weight)):
        target -= weight[entry]
        if target < 0.0:
            return entry
    return int(np.argmax(weight))


@njit(cache=True)
def sample_chain(  # type: ignore[no-untyped-def]
    gram,
    linear,
    square,
    rows,
    test_quadratic,
    test_linear,
    log_shape,
    widths,
    log_widths,
    middle,
    scale,
    seed,
    shape,
    roi,
):
    """Fill ``shape`` int64 and ``roi`` float64 [sweeps, ad_channels] with one chain.

    ``gram`` [K, K], ``linear`` [K]: inner products of the K = ad_channels x points responses with each other and with
    revenue, controls integrated out; ``square``: revenue with itself; ``rows``: observations. ``test_quadratic``,
    ``test_linear`` [K]: lift tests. ``log_shape`` [K]: weights of the points. ``middle``, ``scale``
    [ad_channels]: see ``RoiPrior``. Returns the noise variance of each sweep.
    """
    np.random.seed(seed)  # noqa: NPY002
    sweeps, channels = roi.shape
    points = len(log_shape) // channels
    noise = np.empty(sweeps)
    variance = max(square / max(rows, 1), 1e-12)
    width = np.ones(channels)
    at = np.empty(channels, dtype=np.int64)
    level = np.empty(channels)
    for channel in range(channels):
        at[channel] = channel * points + np.random.randint(points)  # noqa: NPY002
        level[channel] = middle[channel] + scale[channel] * np.random.random()  # noqa: NPY002
    log_weight = np.empty(points)
    precision = np.empty(points)
    centre = np.empty(points)
    for sweep in range(sweeps):
        for channel in range(channels):
            first = channel * points
            stiffness = (width[channel] * scale[channel]) ** -2.0
            for point in range(points):
                centre[point] = linear[first + point]
            for other in range(channels):
                row = gram[at[other]]
                if other != channel and row[at[other]] > 0.0:  # a point may stand for no effect at all
                    amount = level[other]
                    for point in range(points):
                        centre[point] -= amount * row[first + point]
            for point in range(points):
                key = first + point
                precision[point] = gram[key, key] / variance + test_quadratic[key] + stiffness
                drawn = centre[point] / variance + test_linear[key] + middle[channel] * stiffness
                centre[point] = drawn / precision[point]
                root = math.sqrt(precision[point])
                log_weight[point] = (
                    log_shape[key]
                    - math.log(root)
                    + 0.5 * precision[point] * centre[point] ** 2
                    + _log_normal_cdf(centre[point] * root)
                )
            chosen = _categorical(log_weight)
            at[channel] = first + chosen
            level[channel] = _positive_normal(centre[chosen], 1.0 / math.sqrt(precision[chosen]))
            relative = (level[channel] - middle[channel]) / scale[channel]
            width[channel] = widths[_categorical(log_widths - np.log(widths) - 0.5 * (relative / widths) ** 2)]
            shape[sweep, channel] = chosen
            roi[sweep, channel] = level[channel]
        error = square
        for one in range(channels):
            row = gram[at[one]]
            if row[at[one]] > 0.0:
                error -= 2.0 * level[one] * linear[at[one]]
                for two in range(channels):
                    error += level[one] * level[two] * row[at[two]]
        variance = (0.5 * max(error, 0.0) + 1e-12) / np.random.gamma(0.5 * rows + 1.0, 1.0)  # noqa: NPY002
        noise[sweep] = variance
    return noise


def split_r_hat(draws: Floats) -> Floats:
    """Potential scale reduction, float64 [parameters], of draws [chains, sweeps, parameters], each chain halved.

    (Gelman et al. 2013, Bayesian Data Analysis, section 11.4.)
    """
    half = draws.shape[1] // 2
    parts = np.concatenate([draws[:, :half], draws[:, half : 2 * half]])
    within = parts.var(axis=1, ddof=1).mean(axis=0)
    between = half * parts.mean(axis=1).var(axis=0, ddof=1)
    total = (half - 1) / half * within + between / half
    return np.sqrt(np.divide(total, within, out=np.ones_like(total), where=within > 0))


def effective_size(draws: Floats) -> Floats:
    """Effective number of draws, float64 [parameters], of [chains, sweeps, parameters] by initial positive sums.

    (Geyer 1992.)
    """
    chains, sweeps, parameters = draws.shape
    size = np.full(parameters, float(chains * sweeps))
    centred = draws - draws.mean(axis=1, keepdims=True)
    padded = np.fft.rfft(centred, n=2 * sweeps, axis=1)
    covariance = np.fft.irfft(padded * padded.conj(), axis=1)[:, :sweeps].mean(axis=0)
    for parameter in range(parameters):
        if covariance[0, parameter] <= 0:
            continue
        correlation = covariance[:, parameter] / covariance[0, parameter]
        pairs = correlation[: sweeps // 2 * 2].reshape(-1, 2).sum(axis=1)
        stop = int(np.argmax(pairs <= 0)) if (pairs <= 0).any() else len(pairs)
        size[parameter] = chains * sweeps / max(2.0 * pairs[:stop].sum() - 1.0, 1.0)
    return size
