"""The best course of one ad channel at given prices of money: a dynamic programme over its stock that nothing beats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.budget.planning import PlanningModel
from engine.budget.rules import Rules
from models.response.adstock import adstock

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
CELLS, WITHIN = 1500, 8
"""Cells of stock between which a course is followed, and parts of each in which its worth is looked up."""
ROUND_OFF = 1e-9


@dataclass(frozen=True)
class Course:
    """``value``: no course is worth more (-inf: there is none); ``spend`` yuan and ``on`` [weeks] of the best."""

    value: float
    spend: Floats
    on: Mask


@dataclass(frozen=True)
class Reward:
    """Of stock by week: ``at`` [weeks, points], and ``most`` [weeks, points - 1] of any stock between two points."""

    at: Floats
    most: Floats

    @classmethod
    def of(cls, steady: Floats, rising: Floats) -> Reward:
        """Of two parts [weeks, points]: ``steady`` only rises or only falls with stock, ``rising`` only rises.

        >>> Reward.of(np.array([[3.0, 2.0]]), np.array([[0.0, 5.0]])).most.tolist()
        [[8.0]]
        """
        return cls(steady + rising, np.maximum(steady[:, :-1], steady[:, 1:]) + rising[:, 1:])


@dataclass(frozen=True)
class Count:
    """From ``least`` to ``most`` weeks with a stock of at least ``above`` yuan."""

    above: float
    least: int
    most: int


@dataclass(frozen=True)
class Window:
    """Cells of the week before from which a cell is reached: ``first`` to ``last`` [cells]; none where last < first."""

    first: Ints
    last: Ints

    def best(self, levels: Floats) -> Floats:
        """Largest value in each window, [kinds, cells]; ``levels`` as of :func:`doubled`."""
        width = self.last - self.first + 1
        level = np.maximum(np.frexp(np.maximum(width, 1))[1] - 1, 0)
        right = np.maximum(self.last - (1 << level) + 1, 0)
        found = np.maximum(levels[level, :, self.first], levels[level, :, right]).T
        return np.where(width > 0, found, -np.inf)


def doubled(values: Floats) -> Floats:
    """Largest of 1, 2, 4, ... values from each place on, [levels, ..., places] (sparse table, Bender 2000).

    >>> doubled(np.array([1.0, 3.0, 2.0])).tolist()
    [[1.0, 3.0, 2.0], [3.0, 3.0, -inf]]
    """
    levels, step = [values], 1
    while 2 * step <= values.shape[-1]:
        after = np.full_like(values, -np.inf)
        after[..., :-step] = levels[-1][..., step:]
        whole = np.maximum(levels[-1], after)
        whole[..., values.shape[-1] - 2 * step + 1 :] = -np.inf
        levels.append(whole)
        step *= 2
    return np.array(levels)


class Schedule:
    """One ad channel under its own bounds and on/off weeks, its stock by cells, each taken at the best place within it.

    What is paid for spend is written as paid for stock (spend = (stock - keep x stock before) / (1 - keep)), so that
    only the reach from cell to cell is widened by the cells, each 1 / ``CELLS`` of the range. ``points`` [points]: the
    stocks between whose neighbours, the parts of the cells, no stock is taken for worth more than it can be.
    """

    def __init__(self, model: PlanningModel, rules: Rules, channel: int, used: bool = True) -> None:
        """``used``: False where a step of the tariff leaves the ad channel alone."""
        terms = rules.terms
        self.keep, self.start = float(model.carryover[channel]), float(model.start[channel])
        self.switched = bool(terms.by_week[channel])
        self.high = rules.upper[channel] if used else 0.0 * rules.upper[channel]
        least = float(terms.least[channel]) if self.switched else 0.0
        self.low = np.minimum(np.maximum(rules.lower[channel], least), self.high)
        lowest, highest = (self._line(line) for line in (0.0 * self.low if self.switched else self.low, self.high))
        top = max(float(highest.max()), float(lowest.min()) + 1e-6)
        self.points = np.linspace(float(lowest.min()), top, CELLS * WITHIN + 1)
        self.edges = self.points[::WITHIN]
        self.moves = [self._moves(week) for week in range(len(self.low))]

    def best(self, reward: Reward, price: Floats, fee: float, count: Count | None = None) -> Course:
        """``reward`` of stock, ``price`` [weeks] of a yuan spent, ``fee`` of a week that is on; yuan."""
        paid = self._paid(price)[:, None] * self.points
        parts = reward.most - np.minimum(paid[:, :-1], paid[:, 1:])
        cells = parts.reshape(len(paid), CELLS, WITHIN).max(axis=2)
        split = CELLS if count is None else int(np.searchsorted(self.edges, count.above))
        values = [np.full((1 if count is None else count.most + 1, CELLS), -np.inf)]
        values[0][0] = 0.0
        for week, moves in enumerate(self.moves):
            levels = doubled(values[-1])
            reached = np.max([move.best(levels) - paid for move, paid in zip(moves, (fee, 0.0), strict=False)], axis=0)
            if split < CELLS:
                reached[1:, split:] = reached[:-1, split:].copy()
                reached[0, split:] = -np.inf
            values.append(cells[week] + reached)
        least = 0 if count is None else count.least
        ends = values[-1][least:]
        if not np.isfinite(ends.max(initial=-np.inf)):
            return Course(-np.inf, self.low, self.low > 0)
        kind, cell = (int(place) for place in np.unravel_index(int(ends.argmax()), ends.shape))
        given = self.keep / (1.0 - self.keep) * float(price[0]) * self.start
        worth = reward.at - paid
        return Course(float(ends.max()) + given, *self._back(values, worth, fee, (kind + least, cell, split)))

    def _back(self, values: list[Floats], worth: Floats, fee: float, end: tuple[int, int, int]) -> tuple[Floats, Mask]:
        """Spend and on [weeks] of the course that ends with a count, in a cell; ``end``: those, and the first cell
        that counts."""
        kind, cell, split = end
        stock, on = np.zeros(len(self.moves)), np.ones(len(self.moves), dtype=bool)
        for week in reversed(range(len(self.moves))):
            first = cell * WITHIN
            stock[week] = self.points[first + int(worth[week, first : first + WITHIN + 1].argmax())]
            kind -= int(cell >= split)
            options = []
            for number, move in enumerate(self.moves[week]):
                low, high = int(move.first[cell]), int(move.last[cell])
                if high >= low:
                    place = low + int(values[week][kind, low : high + 1].argmax())
                    options.append((float(values[week][kind, place]) - (0.0 if number else fee), -number, place))
            _, number, cell = max(options)
            on[week] = number == 0
        before = np.concatenate([[self.start], stock[:-1]])
        spend = np.clip((stock - self.keep * before) / (1.0 - self.keep), self.low, self.high)
        return np.where(on, spend, 0.0), on

    def _paid(self, price: Floats) -> Floats:
        """What a yuan of stock costs by week, [weeks]."""
        return np.asarray((price - self.keep * np.append(price[1:], 0.0)) / (1.0 - self.keep))

    def _line(self, spend: Floats) -> Floats:
        """Stock of a course of spend, [weeks]."""
        return adstock(spend, np.array(self.keep), np.array(self.start))

    def _moves(self, week: int) -> list[Window]:
        """How a week's cells are reached: on, and off where weeks are switched."""
        bounds = [(self.low[week], self.high[week]), *([(0.0, 0.0)] if self.switched else [])]
        return [self._window(week, float(low), float(high)) for low, high in bounds]

    def _window(self, week: int, low: float, high: float) -> Window:
        """Cells before from which spend between ``low`` and ``high`` leads into each cell."""
        slack = ROUND_OFF * max(float(self.edges[-1]), 1.0)
        floor, ceiling = self.edges[:-1] - slack, self.edges[1:] + slack
        least, most = (1.0 - self.keep) * low, (1.0 - self.keep) * high
        if week == 0 or self.keep <= 0.0:
            carried = self.keep * self.start
            good = (floor <= carried + most) & (ceiling >= carried + least)
            return Window(np.zeros(CELLS, dtype=np.int64), np.where(good, 0 if week == 0 else CELLS - 1, -1))
        width = float(self.edges[1] - self.edges[0])
        first, last = (
            np.floor((stock / self.keep - self.edges[0]) / width) for stock in (floor - most, ceiling - least)
        )
        good = (last >= 0) & (first < CELLS)
        first, last = (np.clip(side, 0, CELLS - 1).astype(np.int64) for side in (first, last))
        return Window(np.where(good, first, 0), np.where(good, last, -1))
