"""One pass over a series with all small exponential-smoothing models at once, scored at its own past origins.

Every candidate forecasts ``level + slope (phi + ... + phi^h)`` of the deseasonalised series:

- SES: slope 0. A gain of at least 1 / n makes the first values their plain mean.
- Theta: SES with half of the least-squares slope as drift (Assimakopoulos and Nikolopoulos 2000; Hyndman and Billah
  2003, equation 3).
- Holt with a damped trend (Gardner and McKenzie 1985).
- Croston with the Syntetos-Boylan correction (2005, equation 4): (1 - alpha / 2) size / interval.
- TSB (Teunter, Syntetos and Babai 2011): probability times size, the probability updated in every period.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.kernels import INNER, in_blocks
from models.panel import Frequency

SES, THETA, HOLT, CROSTON, TSB = 0, 1, 2, 3, 4
FAMILIES = ("ses", "theta", "holt", "croston", "tsb")


class Candidates(NamedTuple):
    """Parallel arrays, one entry a candidate, by family; ``alpha``, ``beta``, ``phi`` by period. ``ends``: where
    SES and Theta, Holt, Croston and TSB end."""

    family: NDArray[np.int64]
    alpha: NDArray[np.float64]
    beta: NDArray[np.float64]
    phi: NDArray[np.float64]
    ends: NDArray[np.int64]


class Fitted(NamedTuple):
    """[series, candidates]: ``level``, ``slope`` after the last period; ``block`` and ``step`` mean squared errors of
    the block and one step ahead; [series]: ``blocks`` scored origins, ``mean`` and ``zeros`` of the recent year."""

    level: NDArray[np.float64]
    slope: NDArray[np.float64]
    block: NDArray[np.float64]
    step: NDArray[np.float64]
    blocks: NDArray[np.float64]
    mean: NDArray[np.float64]
    zeros: NDArray[np.float64]


DAILY = (
    *((SES, alpha, 0.0, 1.0) for alpha in (0.006, 0.015, 0.03, 0.06, 0.12, 0.25)),
    *((THETA, alpha, 0.0, 1.0) for alpha in (0.015, 0.03, 0.08)),
    *((HOLT, alpha, beta, phi) for alpha, beta, phi in ((0.03, 0.003, 0.98), (0.08, 0.01, 0.98), (0.08, 0.02, 0.95))),
    (CROSTON, 0.05, 0.0, 1.0),
    (TSB, 0.05, 0.02, 1.0),
)
"""Family, alpha, beta, phi of a day."""


def candidates(frequency: Frequency) -> Candidates:
    """The grid of a frequency: a week's gain is what seven days' gains come to.

    >>> float(candidates("W").alpha[3].round(3))
    0.352
    """
    family, alpha, beta, phi = (np.array(values) for values in zip(*DAILY, strict=True))
    if frequency == "W":
        sales_bound = (family == CROSTON) | (family == TSB)
        alpha = np.where(sales_bound, 2 * alpha, 1.0 - (1.0 - alpha) ** 7)
        beta, phi = 1.0 - (1.0 - beta) ** 7, phi**7
    ends = np.searchsorted(family, [HOLT, CROSTON, TSB, TSB + 1])
    return Candidates(family.astype(np.int64), alpha, beta, phi, ends.astype(np.int64))


def reach(phi: float, horizon: int) -> float:
    """Mean over h = 1..horizon of phi + ... + phi^h: how far a slope carries the mean of a block.

    >>> reach(1.0, 3)
    2.0
    """
    return float(np.cumsum(phi ** np.arange(1, horizon + 1)).mean())


def filter_all(
    units: NDArray[np.float32],
    seen: NDArray[np.bool_],
    weekday: NDArray[np.float64],
    yearly: NDArray[np.float64],
    group: NDArray[np.int32],
    grid: Candidates,
    reaches: NDArray[np.float64],
    spans: tuple[int, int, int, int],
) -> Fitted:
    """All series; ``spans``: week, block length, periods scored (the last ones), number of the first period."""
    count = len(units)
    fitted = Fitted(*(np.zeros((count, len(grid.family))) for _ in range(4)), *(np.zeros(count) for _ in range(3)))

    def fit(first: int, last: int) -> None:
        part = slice(first, last)
        out = Fitted(*(values[part] for values in fitted))
        _filter_rows(units[part], seen[part], weekday[part], yearly, group[part], grid, reaches, spans, out)

    in_blocks(count, fit)
    return fitted


@njit(cache=True, nogil=True, error_model="numpy")
def _filter_rows(units, seen, weekday, yearly, group, grid, reaches, spans, out):  # type: ignore[no-untyped-def]
    for row in range(len(units)):
        _filter(
            units[row],
            seen[row],
            weekday[row],
            yearly[group[row]],
            grid,
            reaches,
            spans,
            (out.level[row], out.slope[row], out.block[row], out.step[row]),
            (out.blocks[row : row + 1], out.mean[row : row + 1], out.zeros[row : row + 1]),
        )


@njit(**INNER, fastmath=True)
def _filter(units, seen, weekday, yearly, grid, reaches, spans, out, facts):  # type: ignore[no-untyped-def]
    periods, count = len(units), len(grid.family)
    week, length, scored, start = spans
    level, slope, block, step = out
    plain, total, number = _plain(units, seen, weekday, yearly, week, start)
    first = max(periods - scored, 0)
    state, trend = np.zeros(count), np.zeros(count)
    n, since, steps, due = 0, 1.0, 0.0, (periods - first) % week
    s_y, s_ty, s_t, s_tt = 0.0, 0.0, 0.0, 0.0
    for t in range(periods):
        if t == first + due:
            due += week
            if t + length <= periods and n >= 2 * week and 2 * (number[t + length] - number[t]) >= length:
                truth = (total[t + length] - total[t]) / (number[t + length] - number[t])
                drift = _drift(n, s_t, s_tt, s_y, s_ty)
                for c in range(count):
                    a, b = _reduced(c, n, state[c], trend[c], drift, grid)
                    gap = max(a + b * reaches[c], 0.0) - truth
                    block[c] += gap * gap
                facts[0][0] += 1.0
        if not seen[t]:
            continue
        y = plain[t]
        n += 1
        when = float(t)
        s_y, s_ty, s_t, s_tt = s_y + y, s_ty + when * y, s_t + when, s_tt + when * when
        counted = 1.0 if t >= first and n > 1 else 0.0
        steps += counted
        _advance(n, y, since, counted, state, trend, step, grid)
        since = 1.0 if y > 0.0 else since + 1.0
    drift = _drift(n, s_t, s_tt, s_y, s_ty)
    for c in range(count):
        level[c], slope[c] = _reduced(c, n, state[c], trend[c], drift, grid)
        block[c] /= max(facts[0][0], 1.0)
        step[c] /= max(steps, 1.0)
    known = max(number[periods] - number[first], 1.0)
    facts[1][0] = (total[periods] - total[first]) / known
    sold = 0.0
    for t in range(first, periods):
        sold += seen[t] and units[t] > 0.0
    facts[2][0] = 1.0 - sold / known


@njit(**INNER)
def _plain(units, seen, weekday, yearly, week, start):  # type: ignore[no-untyped-def]
    """The series without its seasons, and running sums of it and of the periods seen."""
    periods = len(units)
    plain, total, number = np.zeros(periods), np.zeros(periods + 1), np.zeros(periods + 1)
    place = start % week
    for t in range(periods):
        here = seen[t]
        if here:
            plain[t] = units[t] / (weekday[place] * yearly[t])
        place = 0 if place + 1 == week else place + 1
        total[t + 1], number[t + 1] = total[t] + plain[t], number[t] + here
    return plain, total, number


@njit(**INNER, fastmath=True)
def _advance(n, y, since, counted, state, trend, step, grid):  # type: ignore[no-untyped-def]
    """Take one observation into all candidates; ``step`` gathers squared errors of the forecasts made before it."""
    youngest = 1.0 / n
    smooth, holt, croston, tsb = grid.ends[0], grid.ends[1], grid.ends[2], grid.ends[3]
    for c in range(smooth):
        error = y - state[c]
        state[c] += max(grid.alpha[c], youngest) * error
        step[c] += counted * error * error
    for c in range(smooth, holt):
        ahead = state[c] + grid.phi[c] * trend[c]
        error = y - ahead
        state[c] = ahead + max(grid.alpha[c], youngest) * error
        trend[c] = grid.phi[c] * trend[c] + (grid.beta[c] * error if grid.alpha[c] >= youngest else 0.0)
        step[c] += counted * error * error
    for c in range(holt, croston):
        error = y - (state[c] / trend[c] if trend[c] > 0.0 else 0.0)
        step[c] += counted * error * error
        if y > 0.0:
            gain = grid.alpha[c] if trend[c] > 0.0 else 1.0
            state[c] += gain * (y - state[c])
            trend[c] += gain * (since - trend[c])
    for c in range(croston, tsb):
        error = y - state[c] * trend[c]
        step[c] += counted * error * error
        trend[c] += max(grid.beta[c], youngest) * ((1.0 if y > 0.0 else 0.0) - trend[c])
        if y > 0.0:
            state[c] += (grid.alpha[c] if state[c] > 0.0 else 1.0) * (y - state[c])


@njit(**INNER)
def _reduced(c, n, state, trend, drift, grid):  # type: ignore[no-untyped-def]
    """Level and slope such that h steps ahead is level + slope (phi + ... + phi^h)."""
    family, gain = grid.family[c], grid.alpha[c]
    if family == THETA:
        lag = (1.0 - (1.0 - gain) ** n) / gain
        return state + 0.5 * drift * (lag - 1.0), 0.5 * drift
    if family == HOLT:
        return state, trend
    if family == CROSTON:
        return ((1.0 - 0.5 * gain) * state / trend if trend > 0.0 else 0.0), 0.0
    if family == TSB:
        return state * trend, 0.0
    return state, 0.0


@njit(**INNER)
def _drift(n, s_t, s_tt, s_y, s_ty):  # type: ignore[no-untyped-def]
    """Least-squares slope a period."""
    spread = n * s_tt - s_t * s_t
    return (n * s_ty - s_t * s_y) / spread if n > 2 and spread > 0.0 else 0.0
