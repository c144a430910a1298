"""How much of the growth that was seen goes on: a shop's, and what channels and categories add to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
WEEKS_A_YEAR = 52
MOST_CHANGE = float(np.log(2.0))
"""More than twice or half in a year is a beginning or an end, not growth that goes on."""


@dataclass(frozen=True)
class GrowthBelief:
    """What is believed before any year is seen: the growth of years wanders around one that lasts, itself around none.

    ``calm_years``: the shop's lasting growth has the variance of a year's shock / this; as if so many years without
    growth had been seen besides the true ones. ``part_calm_years``: the same for a channel or category against what it
    belongs to. ``seen_years``: changes longer ago say nothing.
    """

    calm_years: float = 1.0
    part_calm_years: float = 4.0
    seen_years: int = 3

    def of_shop(self, changes: Floats) -> float:
        """Lasting growth a year (log): the normal posterior mean of a hierarchy's top (Gelman et al. 2013, ch. 5).

        >>> round(GrowthBelief().of_shop(np.array([0.12, 0.06])), 6)
        0.06
        """
        seen = changes[: self.seen_years]
        return float(seen.sum() / (len(seen) + self.calm_years))

    def of_part(self, changes: Floats, above: Floats, growth: float) -> float:
        """The same of a part: ``growth`` of what it belongs to, whose changes are ``above``, and its own difference.

        >>> GrowthBelief().of_part(np.array([0.12, 0.06]), np.array([0.04, 0.06]), 0.05)
        0.06333333333333334
        """
        years = min(len(changes), len(above), self.seen_years)
        apart = float((changes[:years] - above[:years]).sum())
        return growth + apart / (years + self.part_calm_years)


def yearly_changes(levels: Floats) -> Floats:
    """Log of the mean level of each whole year (52 weeks, counted from the end) over the year before, latest first.

    ``levels`` [weeks] >= 0, season and festivals taken out. A change from or to nothing counts as none.

    >>> yearly_changes(np.repeat([1.0, 2.0, 3.0], 52)).round(3).tolist()
    [0.405, 0.693]
    """
    years = len(levels) // WEEKS_A_YEAR
    mean = levels[len(levels) - years * WEEKS_A_YEAR :].reshape(years, WEEKS_A_YEAR).mean(axis=1)[::-1]
    now, before = mean[:-1], mean[1:]
    known = (now > 0) & (before > 0)
    change = np.log(np.where(known, now, 1.0) / np.where(known, before, 1.0))
    return np.asarray(np.clip(change, -MOST_CHANGE, MOST_CHANGE))
