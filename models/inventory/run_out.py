"""When stock runs out on each path of demand, and what is lost."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.kernels import in_blocks

Floats = NDArray[np.float64]
FloatGrid = NDArray[np.float32]
NEVER = np.inf


class RunOut(NamedTuple):
    """``day`` float64 [items, paths]: days from the start until stock first falls short, inf never; demand runs evenly
    through a week. ``lost`` float64 [items, weeks]: mean units that find no stock. ``left`` float64 [items, weeks]:
    mean stock at the end of the week."""

    day: Floats
    lost: Floats
    left: Floats


def run_out(demand: FloatGrid, on_hand: Floats, arrivals: Floats, late: NDArray[np.int64]) -> RunOut:
    """Stock flow with lost sales and no more orders than ``arrivals``.

    ``demand`` units [items, paths, weeks]; ``on_hand`` [items]; ``arrivals`` units [items, weeks] at the start of a
    week; ``late`` weeks [items, paths] by which all arrivals of a path are late (negative: early).

    >>> demand = np.array([[[4.0, 4.0, 4.0]]], dtype=np.float32)
    >>> found = run_out(demand, np.array([6.0]), np.array([[0.0, 0.0, 3.0]]), np.zeros((1, 1), np.int64))
    >>> found.day.tolist(), found.lost.tolist(), found.left.tolist()
    ([[10.5]], [[0.0, 2.0, 1.0]], [[2.0, 0.0, 0.0]])
    """
    items, paths, weeks = demand.shape
    found = RunOut(np.full((items, paths), NEVER), np.zeros((items, weeks)), np.zeros((items, weeks)))
    if paths:

        def follow(first: int, last: int) -> None:
            part = slice(first, last)
            given = (demand[part], on_hand[part], arrivals[part], late[part])
            _kernel(*given, found.day[part], found.lost[part], found.left[part])

        in_blocks(items, follow)
    return found


@njit(nogil=True, cache=True)
def _kernel(demand, on_hand, arrivals, late, day, lost, left):  # type: ignore[no-untyped-def]
    items, paths, weeks = demand.shape
    for item in range(items):
        for path in range(paths):
            stock = on_hand[item]
            shift = late[item, path]
            for week in range(weeks):
                due = week - shift
                first = 0 if week == 0 else due
                for agreed in range(max(first, 0), min(due, weeks - 1) + 1):
                    stock += arrivals[item, agreed]
                asked = demand[item, path, week]
                if asked > stock and day[item, path] == NEVER:
                    day[item, path] = 7.0 * (week + stock / asked)
                sold = min(stock, asked)
                lost[item, week] += (asked - sold) / paths
                stock -= sold
                left[item, week] += stock / paths
