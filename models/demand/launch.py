"""Launches: what items without a past will sell, from similar items and the curve that launches followed.

An item's level is told relative to the mean item of its category and channel, so that season, festivals and growth are
those of the living assortment. The curve of a launch by age holds the burst of the first weeks (hosts, trial prices)
apart from the organic base, to which it is measured. Similarity: same style, price, brand, role and channel, as in
forecasting by analogy (Green and Armstrong 2007).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.panel import Panel, periods_a_week, weekly

Floats = NDArray[np.float64]
CURVE_WEEKS = 13
BASE_WEEKS = slice(4, 13)
"""Ages, in weeks, of the organic base."""
MATURE_WEEKS = 26
PRICE_WIDTH = 0.4
"""Log price distance at which likeness falls to 1 / e."""
SAME_STYLE, SAME_BRAND, SAME_ROLE, SAME_CHANNEL, SAME_CATEGORY = 10.0, 2.0, 3.0, 3.0, 20.0
PRIOR_LAUNCHES = 5.0
"""Launches of mean size that the flat curve counts for."""
ANALOGUES = 5
LEAST_LEVEL, WIDEST, MOST_TOLD = 0.02, 1.5, 100
"""Least level, widest variance of log levels that is believed, and items (about) by which the law is learned."""
ENOUGH_LAUNCHES = 20
"""From so many launches on, old items are no measure of new ones: they are the survivors."""


@dataclass(frozen=True)
class Launches:
    """``curve`` float64 [CURVE_WEEKS]: units by week of age over the organic base; 1 afterwards. ``level`` float64
    [series]: size of each item's organic base over the mean item of its category and channel, NaN where unknown.
    ``price`` float64 [series]: yuan, NaN where unknown."""

    panel: Panel
    curve: Floats
    level: Floats
    price: Floats

    @classmethod
    def fit(cls, panel: Panel, price: Floats) -> Launches:
        """Curve and levels of the history; ``price`` [series]."""
        step = periods_a_week(panel.frequency)
        start = len(panel.dates) % step
        units = weekly(np.where(panel.known, panel.units, 0.0)[:, start:], panel.frequency).astype(np.float64)
        known = weekly(panel.known[:, start:].astype(np.float32), panel.frequency) > step - 0.5
        typical = _typical(panel.series, units, known)
        born = np.where(known.any(axis=1), known.argmax(axis=1), units.shape[1])
        curve, level = _curve_and_levels(units, known, typical, born)
        return cls(panel, curve, level, price)

    def likeness(self, row: int) -> Floats:
        """Weight of every other series as a model for this one, float64 [series], adding up to 1; 0 without a level."""
        series = self.panel.series
        weight = np.where(np.isfinite(self.level), 1.0, 0.0)
        for name, factor in (
            ("category", SAME_CATEGORY),
            ("channel", SAME_CHANNEL),
            ("brand", SAME_BRAND),
            ("role", SAME_ROLE),
            ("spu", SAME_STYLE),
        ):
            if name in series and pd.notna(series[name].iloc[row]):
                weight = weight * np.where(series[name].astype(object) == series[name].iloc[row], factor, 1.0)
        gap = np.abs(np.log(self.price) - np.log(self.price[row]))
        weight = weight * np.exp(-np.where(np.isfinite(gap), gap, PRICE_WIDTH) / PRICE_WIDTH)
        return np.asarray(weight / max(weight.sum(), 1e-12))

    def analogues(self, row: int) -> list[int]:
        """The series most alike, best first: what a person is shown."""
        weight = self.likeness(row)
        order = np.argsort(-weight, kind="stable")[:ANALOGUES]
        return [int(place) for place in order if weight[place] > 0]

    @cached_property
    def law(self) -> tuple[float, float, float]:
        """Mean of the log levels, how far those alike tell of it (0: not at all, 1: all), and the variance left.

        Told by past items, each by the others but those of its own style.
        """
        rows = np.flatnonzero(np.isfinite(self.level))
        rows = rows[:: max(len(rows) // MOST_TOLD, 1)]
        if len(rows) < 3:
            return float(np.log(self.level[rows] + LEAST_LEVEL).mean()) if len(rows) else 0.0, 0.0, 0.0
        log = np.log(np.nan_to_num(self.level) + LEAST_LEVEL)
        style = self.panel.series["spu" if "spu" in self.panel.series else "sku"].astype(str).to_numpy()
        told = np.array([_mean(log, np.where(style == style[row], 0.0, self.likeness(int(row)))) for row in rows])
        centre = float(log[rows].mean())
        off, size = np.nan_to_num(told - centre), log[rows] - centre
        share = float(np.clip((off @ size) / max(float(off @ off), 1e-9), 0.0, 1.0))
        return centre, share, float(((size - share * off) ** 2).mean())

    def expected_level(self, row: int) -> float:
        """Size of a newcomer over the mean item: the mean of a log-normal law around what those alike tell.

        So one hit among those alike does not make every newcomer a hit, and the chance of one is not lost either
        (smearing, Duan 1983).
        """
        centre, share, variance = self.law
        told = _mean(np.log(np.nan_to_num(self.level) + LEAST_LEVEL), self.likeness(row))
        off = told - centre if np.isfinite(told) else 0.0
        return float(np.exp(centre + share * off + min(variance, WIDEST) / 2.0))

    def mean(self, rows: NDArray[np.integer], opens: NDArray[np.integer], ahead: NDArray[np.floating]) -> Floats:
        """Units of series that open ``opens`` periods after the history, float64 [len(rows), horizon].

        ``ahead`` [series, horizon]: the forecast of the living, whose mean item carries season and events.
        """
        living = self.panel.known[:, -1] & np.isfinite(ahead).all(axis=1)
        step = periods_a_week(self.panel.frequency)
        out = np.zeros((len(rows), ahead.shape[1]))
        for place, row in enumerate(rows):
            chosen = living & _alike(self.panel.series, int(row), living)
            if not chosen.any():
                continue
            level = self.expected_level(int(row))
            age = (np.arange(ahead.shape[1]) - opens[place]) // step
            shape = np.where(age < CURVE_WEEKS, self.curve[np.clip(age, 0, CURVE_WEEKS - 1)], 1.0)
            out[place] = np.where(age >= 0, level * shape, 0.0) * ahead[chosen].mean(axis=0)
        return out


def _mean(values: Floats, weight: Floats) -> float:
    """Weighted mean, NaN without any weight."""
    total = weight.sum()
    return float(weight @ values / total) if total > 0 else float("nan")


def _alike(series: pd.DataFrame, row: int, living: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Living series of the same category and channel; of the category, or the channel, or all where there is none."""
    same = {name: (series[name] == series[name].iloc[row]).to_numpy() for name in ("category", "channel")}
    for chosen in (same["category"] & same["channel"], same["category"], same["channel"]):
        if (chosen & living).any():
            return np.asarray(chosen)
    return np.ones(len(series), dtype=bool)


def _typical(series: pd.DataFrame, units: Floats, known: NDArray[np.bool_]) -> Floats:
    """Mean units of the known items of the same category and channel in each week, float64 [series, weeks].

    Items in their first weeks are left out where there are older ones.
    """
    group = series.groupby(["category", "channel"], sort=False, observed=True).ngroup().to_numpy()
    means = []
    for counted in (known & (known.cumsum(axis=1) > CURVE_WEEKS), known):
        top, bottom = np.zeros((2, int(group.max(initial=0)) + 1, units.shape[1]))
        np.add.at(top, group, np.where(counted, units, 0.0))
        np.add.at(bottom, group, counted)
        means.append(np.where(bottom > 0, top / np.maximum(bottom, 1.0), np.nan))
    return np.asarray(np.nan_to_num(np.where(np.isfinite(means[0]), means[0], means[1]))[group])


def _curve_and_levels(
    units: Floats, known: NDArray[np.bool_], typical: Floats, born: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    weeks = units.shape[1]
    top, bottom = np.ones(CURVE_WEEKS), np.ones(CURVE_WEEKS)
    level = np.full(len(units), np.nan)
    sizes: list[tuple[Floats, Floats]] = []
    is_launch = (born >= 2) & (born <= weeks - CURVE_WEEKS)
    enough = is_launch.sum() >= ENOUGH_LAUNCHES
    for row in range(len(units)):
        launched = is_launch[row]
        part = (
            slice(born[row] + BASE_WEEKS.start, born[row] + BASE_WEEKS.stop) if launched else slice(-MATURE_WEEKS, None)
        )
        usual = (typical[row] * known[row])[part].sum()
        if usual <= 0.0 or weeks - born[row] < CURVE_WEEKS or (enough and not launched):
            continue
        level[row] = units[row, part].sum() / usual
        if launched:
            span = slice(born[row], born[row] + CURVE_WEEKS)
            sizes.append((units[row, span] * known[row, span], level[row] * typical[row, span] * known[row, span]))
    if sizes:
        sold, expected = (np.stack(parts) for parts in zip(*sizes, strict=True))
        prior = PRIOR_LAUNCHES * expected.mean()
        top, bottom = sold.sum(axis=0) + prior, expected.sum(axis=0) + prior
    return top / np.maximum(bottom, 1e-9), level
