"""Small random coupled problems in the solver's own form."""

from __future__ import annotations

import numpy as np

from models.inventory.coupling import BUDGET, CASH, INBOUND, SHARE, STORAGE, SUPPLIER, Coupling, use_of
from models.inventory.lot_sizing import FREE, LotProblem, backlog_tables, solve_lots


def random_problem(
    seed: int, items: int = 4, weeks: int = 5, states: int = 9, tightness: float = 1.1
) -> tuple[LotProblem, Coupling]:
    """Items with minimum orders, packs of two lots, tiers of both kinds, one or two suppliers and closed weeks; five
    families of limits at ``tightness`` times the use of the free plans; see :func:`with_shares`, :func:`perishable`."""
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
    sources = rng.integers(1, 3, items)
    source_start = np.concatenate([[0], np.cumsum(sources)])
    source_item = np.repeat(np.arange(items), sources)
    tiers = rng.integers(1, 4, len(source_item))
    source = np.repeat(np.arange(len(tiers)), tiers)
    rank = np.arange(len(source)) - np.concatenate([[0], np.cumsum(tiers)[:-1]])[source]
    item = source_item[source]
    first = rng.uniform(2.0, 8.0, items)[source_item] * rng.uniform(0.9, 1.1, len(source_item))
    price = first[source] * np.array([1.0, 0.9, 0.85])[rank]
    paid = np.where(rank == 2, (first[source] - price) * 39.0, 0.0)
    lowest = np.full(items, np.inf)
    np.minimum.at(lowest, item, price)
    step = np.where(rng.random(len(source_item)) < 0.2, 2, 1)[source]
    problem = LotProblem(
        tables=np.concatenate([table.ravel() for table in tables]),
        start=np.arange(items) * weeks * states,
        states=np.full(items, states),
        lot=np.full(items, 10.0),
        source_start=source_start,
        most=np.where(rng.random((len(source_item), weeks)) < 0.9, FREE, 0),
        offer_start=np.concatenate([[0], np.cumsum(np.bincount(item, minlength=items))]),
        offer_source=source,
        offer_lots=step * np.where(rank == 0, rng.integers(1, 3, len(source_item))[source], 4),
        offer_step=step,
        offer_fixed=rng.uniform(0.0, 5.0, len(source_item))[source] + paid,
        offer_price=price,
        offer_paid=paid,
        offer_extra=price - lowest[item],
    )
    return problem, _limited(problem, tightness, rng)


def _limited(problem: LotProblem, tightness: float, rng: np.random.Generator) -> Coupling:
    items, weeks = problem.shape
    paid = np.zeros((2, weeks, weeks))
    for arrival in range(weeks):
        paid[0, arrival, max(arrival - 1, 0) :] += 0.4
        paid[0, arrival, arrival:] += 0.6
        paid[1, arrival, min(arrival + 2, weeks) :] += 1.0
    sources = len(problem.most)
    period = np.arange(weeks) // 3
    runs = [(CASH, weeks), *[(INBOUND, weeks)] * 2, (STORAGE, weeks), (SUPPLIER, weeks), (BUDGET, int(period[-1]) + 1)]
    first = np.concatenate([[0], np.cumsum([length for _, length in runs])])
    coupling = Coupling(
        limit=np.full(first[-1], np.inf),
        family=np.repeat([family for family, _ in runs], [length for _, length in runs]),
        paid=paid,
        profile=rng.integers(0, 2, sources),
        inbound=first[1:3][rng.integers(0, 2, items)],
        storage=np.where(rng.random(items) < 0.5, first[3], -1),
        supplier=np.where(rng.random(sources) < 0.5, first[4], -1),
        budget=np.where(rng.random(items) < 0.5, first[5], -1),
        period=period,
        volume=rng.uniform(0.01, 0.1, items),
        size=np.ones(first[-1]),
        share=np.zeros((0, sources)),
    )
    none = np.zeros(problem.most.shape)
    free = solve_lots(problem, none, none)
    use = use_of(problem, coupling, free.lots, free.offer)
    limit = np.empty(len(use))
    for (family, _), begin, end in zip(runs, first[:-1], first[1:], strict=True):
        own = use[begin:end]
        flow = {CASH: max(own[-1], 1.0) * (np.arange(weeks) + 1.0) / weeks, STORAGE: own.max(), BUDGET: own.max()}
        limit[begin:end] = tightness * flow.get(family, own.mean())
    return coupling._replace(limit=limit, size=np.maximum(limit, 1e-3))


def with_shares(problem: LotProblem, coupling: Coupling, seed: int, least: float, most: float) -> Coupling:
    """One supplier gets from ``least`` to ``most`` of the money; he is a source of about half of the items."""
    mine = np.random.default_rng(seed).random(len(problem.most)) < 0.5
    return coupling._replace(
        limit=np.append(coupling.limit, [0.0, 0.0]),
        family=np.append(coupling.family, [SHARE, SHARE]),
        size=np.append(coupling.size, [100.0, 100.0]),
        share=np.array([mine - most, least - mine]),
    )


def perishable(problem: LotProblem, seed: int) -> LotProblem:
    """Goods that keep for two weeks or so: what is sold in time grows from week to week."""
    rng = np.random.default_rng(seed)
    items, weeks = problem.shape
    keeps = np.cumsum(rng.uniform(0.0, 20.0, (items, weeks)), axis=1) + rng.uniform(0.0, 20.0, (items, 1))
    return problem._replace(keeps=keeps, expiry=rng.uniform(0.0, 4.0, items) * (rng.random(items) < 0.8))
