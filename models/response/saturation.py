"""Saturation: what share of its most an ad channel brings at a stock of spend; half of it at the half saturation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
RISE = 0.5 * np.log(3.0)
"""tanh of it is a half."""
LOGISTIC_SLOPE = float(3.0 * RISE)
"""Slope of the Hill curve that is as steep at the half saturation."""


def hill(stock: Floats, half_saturation: Floats, slope: Floats) -> Floats:
    """Saturation in [0, 1): s^k / (s^k + h^k) (Hill 1910).

    >>> float(hill(np.array(2.0), np.array(2.0), np.array(3.0)))
    0.5
    """
    powered = np.power(np.maximum(stock, 0.0), slope)
    return np.asarray(powered / (powered + np.power(half_saturation, slope)))


def logistic(stock: Floats, half_saturation: Floats) -> Floats:
    """Saturation in [0, 1): (1 - e^-cs) / (1 + e^-cs), c = ln 3 / half saturation (PyMC-Marketing's logistic).

    Concave, and sooner at its most than a Hill curve.

    >>> logistic(np.array([0.0, 2.0, 4.0]), np.array(2.0)).round(2)
    array([0. , 0.5, 0.8])
    """
    return np.tanh(RISE * np.maximum(stock, 0.0) / half_saturation)


def logistic_steepness(relative: Floats, half_saturation: Floats) -> Floats:
    """Derivative of :func:`logistic` by the stock, at stocks ``relative`` to the half saturation.

    >>> float(logistic_steepness(np.array(0.0), np.array(2.0)).round(3))
    0.275
    """
    return np.asarray(RISE / half_saturation * (1.0 - np.tanh(RISE * relative) ** 2))
