"""Sizes that share an order: joined tables and splits against trying everything."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from models.inventory.styles import join_tables, split_lots

WEEKS = 3


def sizes(seed: int, bent: bool) -> tuple[list[np.ndarray], np.ndarray, np.ndarray, np.ndarray]:
    """Tables of two or three sizes (convex unless ``bent``), flat, with starts and states."""
    rng = np.random.default_rng(seed)
    states = rng.integers(3, 6, int(rng.integers(2, 4)))
    tables = []
    for count in states:
        slopes = rng.normal(0.0, 3.0, (WEEKS, count - 1))
        slopes = slopes if bent else np.sort(slopes, axis=1)
        tables.append(np.cumsum(np.hstack([10.0 * rng.random((WEEKS, 1)), slopes]), axis=1))
    start = np.concatenate([[0], np.cumsum(states * WEEKS)[:-1]])
    return tables, np.concatenate([table.ravel() for table in tables]), start, states


@pytest.mark.parametrize("bent", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_a_joined_table_is_the_best_of_all_splits(seed: int, bent: bool) -> None:
    tables, flat, start, states = sizes(seed, bent)
    joined = join_tables(flat, start, states, WEEKS, 99)
    assert joined.shape == (WEEKS, (states - 1).sum() + 1)
    for week, k in product(range(WEEKS), range(joined.shape[1])):
        splits = (split for split in product(*map(range, states)) if sum(split) == k)
        best = min(sum(table[week, own] for table, own in zip(tables, split, strict=True)) for split in splits)
        assert joined[week, k] == pytest.approx(best)


def test_a_joined_table_ends_where_it_is_told() -> None:
    _, flat, start, states = sizes(0, False)
    whole = join_tables(flat, start, states, WEEKS, 99)
    np.testing.assert_array_equal(join_tables(flat, start, states, WEEKS, 4), whole[:, :5])


def cost(tables: list[np.ndarray], lots: np.ndarray) -> float:
    have = np.cumsum(lots, axis=1)
    return float(sum(table[week, have[i, week]] for i, table in enumerate(tables) for week in range(WEEKS)))


def test_splits_are_the_best_ones_of_nearly_all_convex_sizes() -> None:
    missed, total = [], 0
    for seed in range(25):
        tables, flat, start, states = sizes(seed, False)
        rng = np.random.default_rng(seed)
        lots = rng.multinomial(int(rng.integers(1, 6)), [0.5, 0.3, 0.2])
        split = split_lots(flat, start, states, np.ones((len(states), WEEKS), dtype=bool), lots)
        assert (split >= 0).all()
        assert (split.sum(axis=0) == lots).all()
        parts = [[c for c in product(range(n + 1), repeat=len(states)) if sum(c) == n] for n in lots]
        fits = (np.array(parts).T for parts in product(*parts) if (np.sum(parts, axis=0) < states).all())
        best = min(cost(tables, ordered) for ordered in fits)
        missed.append(cost(tables, split) - best)
        total += 1
    assert min(missed) >= -1e-9
    assert sum(gap > 1e-9 for gap in missed) <= 0.1 * total


def test_a_size_that_takes_no_orders_gets_none() -> None:
    _, flat, start, states = sizes(1, False)
    is_open = np.ones((len(states), WEEKS), dtype=bool)
    is_open[0] = False
    split = split_lots(flat, start, states, is_open, np.array([1, 1, 0]))
    assert split[0].sum() == 0
    assert split.sum() == 2


def test_the_size_that_is_out_gets_the_order() -> None:
    short, long = np.array([[50.0, 25.0, 5.0, 6.0]]), np.array([[4.0, 5.0, 6.0, 7.0]])
    flat = np.concatenate([short.ravel(), long.ravel()])
    args = flat, np.array([0, 4]), np.array([4, 4]), np.ones((2, 1), dtype=bool)
    assert split_lots(*args, np.array([2])).ravel().tolist() == [2, 0]
