"""Courses of single ad channels as columns of a common programme, and what each adds to its rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.budget.objective import Worth
from engine.budget.planning import PlanningModel
from engine.budget.rules import Rules
from engine.budget.schedules import Count, Schedule

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
EDGE = 2e-3


@dataclass(frozen=True)
class Node:
    """A part of all splits: steps of tariffs from one to another, and counts of weeks, both by ad channel."""

    steps: dict[int, tuple[int, int]]
    counts: dict[int, Count]

    def allows_step(self, channel: int, step: int) -> bool:
        """Whether a step of a tariff belongs to it."""
        first, last = self.steps.get(channel, (0, step))
        return first <= step <= last

    def allows(self, column: Column) -> bool:
        """Whether a course belongs to it; stocks at the edge of a count may stand on either side."""
        count = self.counts.get(column.channel)
        if count is None or not self.allows_step(column.channel, column.step):
            return count is None and self.allows_step(column.channel, column.step)
        surely, perhaps = (int((column.stock >= count.above * (1.0 + side)).sum()) for side in (EDGE, -EDGE))
        return perhaps >= count.least and surely <= count.most


@dataclass(frozen=True)
class Column:
    """A course of an ad channel under a step of its tariff, or an offer taken or left (``channel`` beyond the last).

    ``spend``, ``stock`` [weeks] yuan and ``on`` [weeks]; in units of ``Rules.unit``: ``lift`` [draws] in the objective,
    ``cash``, and ``sides`` [rows] of the common rules.
    """

    channel: int
    step: int
    spend: Floats
    on: Mask
    stock: Floats
    lift: Floats
    cash: float
    sides: Floats


@dataclass(frozen=True)
class Block:
    """One ad channel under one step of its tariff, and its part in the common rows.

    ``price`` [rows, weeks] of a yuan spent, ``lift`` [rows, weeks] of a yuan of lift, ``fixed`` [rows] yuan.
    ``first``, ``last`` [draws, points]: lift at each stock in a week, and in the last week with what it brings later;
    ``plain`` [points]: mean lift in a week under equal draws.
    """

    channel: int
    step: int
    schedule: Schedule
    price: Floats
    lift: Floats
    fixed: Floats
    first: Floats
    last: Floats
    plain: Floats


class Layout:
    """The common rows (rules, caps on the ad ratio, limits of tariff steps), all as ``sides`` <= ``limits`` [rows]."""

    def __init__(self, model: PlanningModel, rules: Rules, worth: Worth) -> None:
        self.model, self.rules, self.worth = model, rules, worth
        self.channels, self.weeks = rules.lower.shape
        rows = [
            (sign, rule, sign * side / rules.unit)
            for rule in rules.rows
            for sign, side in ((1.0, rule.high), (-1.0, rule.low))
            if (np.isfinite(side) if sign > 0 else side > 0)
        ]
        caps = [cap.share * cap.without_ads / rules.unit for cap in rules.caps]
        self.ranges = [
            (channel, n, sign, side)
            for channel, tariff in enumerate(rules.terms.tariffs)
            for n, step in enumerate(tariff if len(tariff) > 1 else ())
            for sign, side in ((1.0, step.high), (-1.0, step.low))
            if 0 < side <= float(rules.upper[channel].sum())
        ]
        self.rows, self.limits = rows, np.array([*(row[2] for row in rows), *caps, *np.zeros(len(self.ranges))])
        self.money = np.array([sign * rule.cash for sign, rule, _ in rows] + [0.0] * (len(caps) + len(self.ranges)))
        self.blocks = [
            self._block(channel, n, step.high > 0)
            for channel, tariff in enumerate(rules.terms.tariffs)
            for n, step in enumerate(tariff)
            if step.low <= float(rules.upper[channel].sum())
        ]
        self.nothing = self._counted(model.by_draw(0.0 * rules.lower) @ worth.margin) / rules.unit

    def column(self, block: Block, spend: Floats, on: Mask) -> Column:
        """A course as a column."""
        rules, c = self.rules, block.channel
        step = rules.terms.tariffs[c][block.step]
        line = np.zeros(rules.lower.shape)
        line[c] = spend
        stock = self.model.stock(line)[c]
        lift = self.model.lift_by_draw(c, stock)
        fees = float(rules.terms.fee[c]) * on.sum() if block.schedule.switched else 0.0
        cash = (step.base + step.rate * float(spend.sum()) + fees) / rules.unit
        plain = (self.model.weights @ lift)[: self.weeks]
        sides = (block.price @ spend - block.lift @ plain + block.fixed) / rules.unit + self.money * cash
        worth = self._counted(lift.sum(axis=1)) * self.worth.margin[c] / rules.unit
        return Column(c, block.step, spend, on, stock[: self.weeks], worth, cash, sides)

    def offers(self) -> list[Column]:
        """Every offer taken and left, where it is not decided."""
        found, none = [], np.zeros(self.weeks)
        for number, offer in enumerate(self.rules.terms.offers):
            for took in (False, True):
                if offer.decided in (None, took):
                    cash = took * offer.cash / self.rules.unit
                    worth = took * self._counted(offer.worth) / self.rules.unit
                    place = self.channels + number
                    found.append(Column(place, int(took), none, none > 0, none, worth, cash, self.money * cash))
        return found

    def _counted(self, draws: Floats) -> Floats:
        """By draw where bad luck counts, else their mean, [draws or 1]."""
        return draws if self.worth.care > 0 else np.array([float(self.model.weights @ draws)])

    def _block(self, channel: int, step: int, used: bool) -> Block:
        model, rules = self.model, self.rules
        schedule = Schedule(model, rules, channel, used)
        count, weeks = len(self.limits), self.weeks
        price, lift, fixed = np.zeros((count, weeks)), np.zeros((count, weeks)), np.zeros(count)
        for row, (sign, rule, _) in enumerate(self.rows):
            price[row] = 0.0 if rule.cash else sign * rule.weight[channel]
        for row, cap in enumerate(rules.caps, len(self.rows)):
            price[row], lift[row] = cap.weeks, cap.share * cap.weeks
        for row, (c, n, sign, side) in enumerate(self.ranges, len(self.rows) + len(rules.caps)):
            if (c, n) == (channel, step):
                price[row], fixed[row] = sign, -sign * side
        by_draw = model.lift_by_draw(channel, schedule.points)
        first, last = by_draw, model.last_lift_by_draw(channel, schedule.points)
        plain = model.weights @ by_draw
        if self.worth.care <= 0:
            first, last = plain[None], (model.weights @ last)[None]
        return Block(channel, step, schedule, price, lift, fixed, first, last, plain)
