"""What a week, a season and a recent past are, counted in periods."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.panel import Frequency


class Clock(NamedTuple):
    """Lengths in periods.

    ``week``: periods a week; ``year``: 52 weeks, so that weekdays line up; ``windows``: the recent past, ascending;
    ``level``: the three windows in which the level of a series is measured; ``season_half``: half width of the window
    around last year's date; ``weekday_weeks``: weeks in a weekday index; ``price_weeks``: weeks in a regular price;
    ``reach``: how far an event casts its shadow; ``centre``: half width of a centred level.
    """

    week: int
    year: int
    windows: NDArray[np.int64]
    level: NDArray[np.int64]
    season_half: int
    weekday_weeks: int
    price_weeks: int
    reach: int
    centre: int


CLOCKS: dict[Frequency, Clock] = {
    "D": Clock(7, 364, np.array([7, 14, 28, 56, 91, 182, 364]), np.array([28, 91, 182]), 10, 26, 13, 21, 28),
    "W": Clock(1, 52, np.array([1, 2, 4, 8, 13, 26, 52]), np.array([4, 13, 26]), 1, 1, 13, 3, 6),
}
