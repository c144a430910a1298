"""A product of factors told as a sum of parts: the logarithmic mean Divisia decomposition (Ang, 2004).

For a number ``v = b * exp(x1 + ... + xk)`` the part of factor i is ``L(v, b) * xi`` with the logarithmic mean
``L(v, b) = (v - b) / (log v - log b)``. The parts and ``b`` add up to ``v`` exactly, in whatever order they are told.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def logarithmic_mean(a: Floats, b: Floats) -> Floats:
    """(a - b) / (log a - log b), ``a`` where they are equal, 0 where one is 0; all >= 0.

    >>> logarithmic_mean(np.array([np.e, 2.0, 0.0]), np.array([1.0, 2.0, 1.0])).round(6)
    array([1.718282, 2.      , 0.      ])
    """
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    both = (first > 0) & (second > 0)
    ratio = np.log(np.where(both, first, 1.0) / np.where(both, second, 1.0))
    near = np.abs(ratio) < 1e-6
    slope = (first - second) / np.where(near, 1.0, ratio)
    return np.where(both, np.where(near, np.sqrt(first * second), slope), 0.0)


def additive_parts(start: Floats, logs: Floats) -> Floats:
    """Parts [factors, cells] of ``start * exp(logs.sum(axis=0))`` beyond ``start`` [cells]; ``logs`` [factors, cells].

    >>> parts = additive_parts(np.array([10.0]), np.log(np.array([[2.0], [0.5], [3.0]])))
    >>> bool(np.isclose(10.0 + parts.sum(), 30.0)), parts.round(2).ravel().tolist()
    (True, [12.62, -12.62, 20.0])
    """
    end = start * np.exp(logs.sum(axis=0))
    return np.asarray(logarithmic_mean(end, start) * logs)
