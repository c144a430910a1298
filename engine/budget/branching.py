"""Branch and bound over steps of tariffs and over how many weeks an ad channel runs high."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pulp
from numpy.typing import NDArray

from engine.budget.columns import Column, Layout, Node
from engine.budget.decomposition import Mixture
from engine.budget.highs import Effort, maximise
from engine.budget.schedules import Count
from engine.budget.terms import Pattern

Floats = NDArray[np.float64]
SEEN = 1e-4
CHOICE = Effort(2e-3, 40, inner=True)
MOST_SPLICED = 4
MOST_OPTIONS = 200
DEAR = 3.0


def branches(node: Node, mixture: Mixture, layout: Layout) -> tuple[Node, Node] | None:
    """Two parts of a node of which neither holds the mixture; None where nothing is mixed.

    The ad channel whose mixture claims most above its mean course is split: by the steps of its tariff, else by the
    number of weeks with a stock above the middle between its courses.
    """
    found: list[tuple[float, Node, Node]] = []
    for channel in range(layout.channels):
        mixed = [(c, s) for c, s in zip(mixture.columns, mixture.shares, strict=True) if c.channel == channel]
        mixed = [(column, share) for column, share in mixed if share > SEEN]
        parts = _steps(node, channel, mixed) or _counts(node, channel, mixed, layout) if len(mixed) > 1 else None
        if parts is not None:
            found.append((_claimed(mixed, layout, channel), *parts))
    return max(found, key=lambda entry: entry[0])[1:] if found else None


def _claimed(mixed: list[tuple[Column, float]], layout: Layout, channel: int) -> float:
    """Lift of a mixture above that of its mean stock."""
    model, shares = layout.model, np.array([share for _, share in mixed])
    shares = shares / shares.sum()
    stocks = np.array([column.stock for column, _ in mixed])
    lift = np.array([model.weights @ model.lift_by_draw(channel, stock) for stock in stocks])
    mean = model.weights @ model.lift_by_draw(channel, shares @ stocks)
    return float((shares @ lift - mean).sum() * layout.worth.margin[channel])


def _steps(node: Node, channel: int, mixed: list[tuple[Column, float]]) -> tuple[Node, Node] | None:
    steps = sorted({column.step for column, _ in mixed})
    if len(steps) < 2:
        return None
    first, last = node.steps.get(channel, (0, steps[-1]))
    return tuple(  # type: ignore[return-value]
        replace(node, steps={**node.steps, channel: side}) for side in ((first, steps[0]), (steps[0] + 1, last))
    )


def _counts(node: Node, channel: int, mixed: list[tuple[Column, float]], layout: Layout) -> tuple[Node, Node] | None:
    shares = np.array([share for _, share in mixed])
    stocks = np.array([column.stock for column, _ in mixed])
    usual = stocks.mean(axis=1)
    count = node.counts.get(channel) or Count(0.5 * float(usual.max() + usual.min()), 0, layout.weeks)
    high = (stocks >= count.above).sum(axis=1)
    if high.max() == high.min():
        return None
    middle = int(np.floor(np.clip(shares @ high / shares.sum(), high.min(), high.max() - 1e-6)))
    if not count.least <= middle < count.most:
        return None
    sides = replace(count, most=middle), replace(count, least=middle + 1)
    return tuple(replace(node, counts={**node.counts, channel: side}) for side in sides)  # type: ignore[return-value]


def chosen(mixture: Mixture, layout: Layout, weights: Floats, known: float) -> tuple[Floats, Pattern] | None:
    """The best split made of one course an ad channel: those found, and mixed ones put together from parts in time.

    ``weights`` [draws]: how the draws count. ``known``: worth of the best split so far, in units of ``Rules.unit``.
    Whole courses seldom meet a total exactly, so a common row may be missed at ``DEAR`` times what the mixture pays
    for it. None where there is no choice at all.
    """
    options = [
        column
        for column in (*(_whole(column, layout) for column in mixture.columns), *_spliced(mixture, layout))
        if column.channel >= layout.channels or _fits(column.spend, column.step, layout, column.channel)
    ]
    options = _promising(options, mixture, layout, known)
    worth, weights = layout.worth, weights if layout.worth.care > 0 else np.ones(1)
    programme = pulp.LpProblem("choice", pulp.LpMaximize)
    picks = [pulp.LpVariable(f"pick_{n}", cat=pulp.LpBinary) for n in range(len(options))]
    missed = [pulp.LpVariable(f"missed_{row}", 0.0) for row in range(len(layout.limits))]
    values = [float(weights @ column.lift) - worth.cost * column.cash for column in options]
    dear = DEAR * float(mixture.prices.rows.max(initial=0.0)) + worth.cost
    programme.setObjective(pulp.lpDot(values, picks) - dear * pulp.lpSum(missed))
    for channel in sorted({column.channel for column in options}):
        programme += pulp.lpSum(p for p, c in zip(picks, options, strict=True) if c.channel == channel) == 1
    for row, limit in enumerate(layout.limits):
        sides = [float(column.sides[row]) for column in options]
        programme += pulp.lpDot(sides, picks) - missed[row] <= float(limit)
    _, found = maximise(programme, CHOICE)
    if not found:
        return None
    taken = [column for p, column in zip(picks, options, strict=True) if (p.value() or 0.0) > 0.5]
    return _split([column for column in taken if column.channel < layout.channels], taken, layout)


def _promising(options: list[Column], mixture: Mixture, layout: Layout, known: float) -> list[Column]:
    """Courses that a better split may hold: at the prices of the mixture each loses against the best of its ad channel
    what the bound loses with it (reduced costs), so what loses more than the whole gap is left out; of the others the
    best ``MOST_OPTIONS`` an ad channel."""
    prices, cost = mixture.prices, layout.worth.cost * float(mixture.prices.draws.sum())
    lift, sides = (np.array([getattr(column, name) for column in options]) for name in ("lift", "sides"))
    cash, channel = (np.array([getattr(column, name) for column in options]) for name in ("cash", "channel"))
    value = lift @ prices.draws - cost * cash - sides @ prices.rows
    kept: list[int] = []
    for place in np.unique(channel):
        mine = np.flatnonzero(channel == place)
        ranked = mine[np.argsort(-value[mine], kind="stable")]
        near = value[ranked] >= value[ranked[0]] - max(mixture.bound - known, 0.0)
        kept += ranked[near][:MOST_OPTIONS].tolist()
    return [options[n] for n in sorted(kept)]


def _split(courses: list[Column], taken: list[Column], layout: Layout) -> tuple[Floats, Pattern]:
    by_channel = {column.channel: column for column in courses}
    rows = [by_channel[channel] for channel in range(layout.channels)]
    switched = layout.rules.terms.by_week[:, None]
    offers = tuple(bool(c.step) for c in sorted(taken, key=lambda c: c.channel) if c.channel >= layout.channels)
    pattern = Pattern(np.array([row.on for row in rows]) | ~switched, tuple(row.step for row in rows), offers)
    return np.array([row.spend for row in rows]), pattern


def _spliced(mixture: Mixture, layout: Layout) -> list[Column]:
    """Mixed courses of an ad channel put together: one in some weeks in a row, another in the others."""
    found = []
    for channel in range(layout.channels):
        mixed = [
            column
            for column, share in zip(mixture.columns, mixture.shares, strict=True)
            if column.channel == channel and share > SEEN
        ][:MOST_SPLICED]
        pairs = [(a, b) for a in mixed for b in mixed if a is not b]
        for start, stop in ((i, j) for i in range(layout.weeks) for j in range(i + 1, layout.weeks + 1)):
            inside = np.zeros(layout.weeks, dtype=bool)
            inside[start:stop] = True
            for inner, outer in pairs:
                spend, on = (np.where(inside, getattr(inner, k), getattr(outer, k)) for k in ("spend", "on"))
                found += [
                    layout.column(block, spend, on)
                    for block in layout.blocks
                    if block.channel == channel and _fits(spend, block.step, layout, channel)
                ]
    return found


def _whole(column: Column, layout: Layout) -> Column:
    """A course under a step that is one sum, such as so many contracts, brought to that sum; others as they are."""
    if column.channel >= layout.channels:
        return column
    step, paid = layout.rules.terms.tariffs[column.channel][column.step], float(column.spend.sum())
    if step.low < step.high or paid <= 0.0 or step.low <= 0.0:
        return column
    block = next(entry for entry in layout.blocks if (entry.channel, entry.step) == (column.channel, column.step))
    return layout.column(block, column.spend * (step.low / paid), column.on)


def _fits(spend: Floats, step: int, layout: Layout, channel: int) -> bool:
    terms = layout.rules.terms.tariffs[channel][step]
    return bool(terms.low - 1e-6 <= spend.sum() <= terms.high + 1e-6)
