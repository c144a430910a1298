"""A bound that sees whole courses: each ad channel by a dynamic programme, held together by prices of the rules.

A mixture of courses of each ad channel that keeps the common rows is worth at least as much as any split (Dantzig and
Wolfe 1960); at any prices of the rows, the courses that are best at these prices bound it (Geoffrion 1974). Pieces over
single weeks let a stock jump from week to week, which carry-over forbids; courses do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from engine.budget.columns import Block, Column, Layout, Node
from engine.budget.schedules import Reward

Floats = NDArray[np.float64]
ROUNDS = 40
STEADY = 0.6
CLOSE = 3e-4
STILL = 6
DEAR = 50.0


@dataclass(frozen=True)
class Prices:
    """``draws`` [draws]: how much each draw counts; ``rows`` [rows]: what room in a common row is worth."""

    draws: Floats
    rows: Floats

    def towards(self, other: Prices, share: float) -> Prices:
        """Between these and others."""
        return Prices(*((1.0 - share) * a + share * b for a, b in ((self.draws, other.draws), (self.rows, other.rows))))


@dataclass(frozen=True)
class Mixture:
    """``bound`` in units of ``Rules.unit``: no split of the node is worth more. The best mixture of ``columns`` with
    its ``shares`` [columns], which add up to 1 by ad channel, and the ``prices`` that prove the bound."""

    bound: float
    columns: tuple[Column, ...]
    shares: Floats
    prices: Prices


class Decomposition:
    """The columns found so far serve every node."""

    def __init__(self, layout: Layout, splits: list[tuple[Floats, NDArray[np.bool_], tuple[int, ...]]]) -> None:
        """``splits``: spend, on and steps of splits that keep the rules."""
        self.layout = layout
        self.columns = layout.offers()
        for block in layout.blocks:
            self.columns += self._simple(block)
            for spend, on, steps in splits:
                if steps[block.channel] == block.step:
                    self.columns.append(layout.column(block, spend[block.channel], on[block.channel]))

    def mix(self, node: Node, enough: float, start: Prices | None = None) -> Mixture:
        """Bound of a node; stops once it is below ``enough``. ``start``: prices to begin with."""
        columns = [column for column in self.columns if node.allows(column)]
        best, bound, history = start, np.inf, []
        shares, held = np.zeros(len(columns)), np.inf
        for _ in range(ROUNDS):
            value, prices, shares, held = self._master(columns)
            tried = prices if best is None else best.towards(prices, 1.0 - STEADY)
            found, fresh = self._price(tried, node)
            if best is None or found < bound:
                bound, best = min(found, bound), tried
            history.append(bound)
            shares = np.append(shares, np.zeros(len(fresh)))
            columns += fresh
            self.columns += fresh
            still = len(history) > STILL and history[-STILL - 1] - bound < CLOSE * abs(bound)
            if bound < enough or (held < 1e-9 and (bound - value <= CLOSE * abs(value) or still)):
                break
        return Mixture(bound, tuple(columns), shares, best or prices)

    def _simple(self, block: Block) -> list[Column]:
        """Courses to begin with: least, half, and nothing where weeks are switched."""
        schedule = block.schedule
        middle = schedule.low + 0.5 * (schedule.high - schedule.low)
        every = np.ones(len(middle), dtype=bool)
        found = [self.layout.column(block, spend, every) for spend in (schedule.low, middle)]
        return [*found, self.layout.column(block, 0.0 * middle, ~every)] if schedule.switched else found

    def _master(self, columns: list[Column]) -> tuple[float, Prices, Floats, float]:
        """Value, prices and shares of the best mixture of some columns, and by how much it breaks rows."""
        layout, worth = self.layout, self.layout.worth
        lift = np.array([column.lift - worth.cost * column.cash for column in columns]).T
        sides = np.array([column.sides for column in columns]).T.reshape(len(layout.limits), len(columns))
        draws, rows, count = len(lift), len(sides), len(columns)
        care, tail = (worth.care, worth.tail * draws) if worth.care > 0 else (0.0, 1.0)
        weights = layout.model.weights if worth.care > 0 else np.ones(1)
        dear = DEAR * float(np.abs(worth.margin).max() + worth.cost)
        above = np.hstack([-lift, np.ones((draws, 1)), -np.eye(draws), np.zeros((draws, rows))])
        below = np.hstack([sides, np.zeros((rows, 1 + draws)), -np.eye(rows)])
        loss = np.concatenate([-(1.0 - care) * (weights @ lift), [-care], np.full(draws, care / tail)])
        channel = np.array([column.channel for column in columns])
        every = (channel == np.unique(channel)[:, None]).astype(float)
        answer: Any = linprog(
            np.concatenate([loss, np.full(rows, dear)]),
            A_ub=np.vstack([above, below]),
            b_ub=np.concatenate([-layout.nothing, layout.limits]),
            A_eq=np.hstack([every, np.zeros((len(every), 1 + draws + rows))]),
            b_eq=np.ones(len(every)),
            bounds=[(0.0, None)] * count + [(None, None) if care > 0 else (0.0, 0.0)] + [(0.0, None)] * (draws + rows),
            method="highs",
        )
        dual = np.maximum(-answer.ineqlin.marginals, 0.0)
        prices = Prices((1.0 - care) * weights + self._admissible(dual[:draws]), dual[draws:])
        value = -float(answer.fun) - (1.0 - care) * float(weights @ layout.nothing)
        return value, prices, answer.x[:count], float(answer.x[count + 1 + draws :].sum())

    def _admissible(self, dual: Floats) -> Floats:
        """Shares of the bad draws that add up to ``care``, none above care / (tail x draws)."""
        worth = self.layout.worth
        if worth.care <= 0:
            return np.zeros(len(dual))
        even = np.full(len(dual), 1.0 / len(dual))
        share = dual / dual.sum() if dual.sum() > 0 else even
        top, most = float(share.max()), 1.0 / (worth.tail * len(dual))
        mix = (top - most) / (top - 1.0 / len(dual)) if top > most else 0.0
        return np.asarray(worth.care * ((1.0 - mix) * share + mix * even))

    def _price(self, prices: Prices, node: Node) -> tuple[float, list[Column]]:
        """Bound at these prices, and the best course of every ad channel and step."""
        layout, worth = self.layout, self.layout.worth
        total = float(prices.rows @ layout.limits) - float(prices.draws @ layout.nothing)
        money = worth.cost * float(prices.draws.sum()) + float(prices.rows @ layout.money)
        best: dict[int, float] = {}
        fresh = []
        for block in layout.blocks:
            if not node.allows_step(block.channel, block.step):
                continue
            step = layout.rules.terms.tariffs[block.channel][block.step]
            margin = float(worth.margin[block.channel])
            lift = np.repeat((margin * (prices.draws @ block.first))[None], layout.weeks, axis=0)
            lift[-1] = margin * (prices.draws @ block.last)
            course = block.schedule.best(
                Reward.of(lift, (prices.rows @ block.lift)[:, None] * block.plain),
                prices.rows @ block.price + step.rate * money,
                float(layout.rules.terms.fee[block.channel]) * money,
                node.counts.get(block.channel),
            )
            value = (course.value - float(prices.rows @ block.fixed) - step.base * money) / layout.rules.unit
            best[block.channel] = max(best.get(block.channel, -np.inf), value)
            if np.isfinite(value):
                fresh.append(layout.column(block, course.spend, course.on))
        for column in self.columns:
            if column.channel >= layout.channels:
                value = float(prices.draws @ column.lift) - money * column.cash
                best[column.channel] = max(best.get(column.channel, -np.inf), value)
        return total + sum(best.values()), fresh
