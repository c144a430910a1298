"""The rest of the year again, from what has been sold: an ensemble Kalman update of the year's draws.

Evensen 1994, "Sequential data assimilation with a nonlinear quasi-geostrophic model using Monte Carlo methods", Journal
of Geophysical Research 99. The draws of the plan say how sales so far and sales to come move together; a channel that
runs ahead of its draws lifts its rest, and the rest of others as far as they share its luck. No model is fitted again.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NOISE_SD = 0.03
"""Standard deviation of the log of what was sold so far around a year that runs as drawn: days, posting, returns."""


def updated_rest(rest: Floats, so_far: Floats, sold: Floats, rng: np.random.Generator) -> Floats:
    """Draws of what is still to come, float64 [draws, groups], after ``sold`` [channels] was seen.

    ``rest`` [draws, groups] and ``so_far`` [draws, channels] as the plan drew them, yuan. Channels in which nothing was
    drawn or sold tell nothing; with fewer than three draws nothing is learned.
    """
    known = (sold > 0) & (so_far > 0).all(axis=0)
    if len(rest) < 3 or not known.any():
        return rest
    told, state = np.log(so_far[:, known]), np.log(np.maximum(rest, 1e-9))
    error = NOISE_SD * rng.standard_normal(told.shape)
    left = told - told.mean(axis=0)
    gain_of = left.T @ left / (len(told) - 1) + NOISE_SD**2 * np.eye(told.shape[1])
    cross = (state - state.mean(axis=0)).T @ left / (len(told) - 1)
    gain = np.linalg.solve(gain_of, cross.T)
    moved = state + (np.log(sold[known]) - told - error) @ gain
    return np.where(rest > 0, np.exp(moved), 0.0)
