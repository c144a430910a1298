"""Small random coupled problems in the solver's own form."""

from __future__ import annotations

import numpy as np

from models.inventory.coupling import Coupling, Use, use_of
from models.inventory.lot_sizing import LotProblem, backlog_tables, solve_lots


def random_problem(
    seed: int, items: int = 4, weeks: int = 5, states: int = 9, tightness: float = 1.1
) -> tuple[LotProblem, Coupling]:
    """Items with minimum orders, tiers and closed weeks; limits ``tightness`` times the mean use of the free plans."""
    rng = np.random.default_rng(seed)
    tables = [
        backlog_tables(
            rng.poisson(0.7 * (states - 1) / weeks, weeks) * 10.0,
            np.full(weeks, rng.uniform(0.05, 0.3)),
            np.full(weeks, rng.uniform(1.0, 5.0)),
            10.0,
            states,
        )
        for _ in range(items)
    ]
    tiers = rng.integers(1, 3, items)
    starts = np.concatenate([[0], np.cumsum(tiers)])
    owner = np.repeat(np.arange(items), tiers)
    second = np.arange(len(owner)) - starts[owner]
    price = rng.uniform(2.0, 8.0, items)[owner] * np.where(second == 1, 0.9, 1.0)
    lowest = np.minimum.reduceat(price, starts[:-1])
    problem = LotProblem(
        np.concatenate([table.ravel() for table in tables]),
        np.arange(items) * weeks * states,
        np.full(items, states),
        np.full(items, 10.0),
        rng.random((items, weeks)) < 0.9,
        starts,
        np.where(second == 1, 4, rng.integers(1, 3, items)[owner]),
        rng.uniform(0.0, 5.0, items)[owner],
        price,
        price - lowest[owner],
    )
    paid = np.zeros((2, weeks, weeks))
    for arrival in range(weeks):
        paid[0, arrival, max(arrival - 1, 0) :] += 0.4
        paid[0, arrival, arrival:] += 0.6
        paid[1, arrival, min(arrival + 2, weeks) :] += 1.0
    profile, warehouse = rng.integers(0, 2, items), rng.integers(0, 2, items)
    none = Coupling(np.full(weeks, np.inf), np.full((2, weeks), np.inf), paid, profile, warehouse)
    free = solve_lots(problem, np.zeros((items, weeks)), np.zeros((items, weeks)))
    use: Use = use_of(problem, none, free.lots, free.offer)
    cash = tightness * max(use.cash[-1], 1.0) * (np.arange(weeks) + 1.0) / weeks
    room = np.repeat(tightness * use.room.mean(axis=1, keepdims=True), weeks, axis=1)
    return problem, none._replace(cash=cash, room=room)
