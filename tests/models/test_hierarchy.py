"""Reconciliation against dense algebra, an active-set solver of scipy and its own conditions of optimality."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls

from models.hierarchy import SumTree, reconcile, top_down

LEVELS = [(), ("channel",), ("category",)]


def grid(channels: int, categories: int) -> SumTree:
    keys = [(f"c{i}", f"k{j}") for i in range(channels) for j in range(categories)]
    return SumTree.of(pd.DataFrame(keys, columns=["channel", "category"]), LEVELS)


def dense(tree: SumTree, base: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """The textbook formula (S' W^-1 S)^-1 S' W^-1 y."""
    summing = np.vstack([tree.aggregates.toarray(), np.eye(len(tree.leaves))])
    weight = np.diag(1.0 / variance)
    return np.linalg.solve(summing.T @ weight @ summing, summing.T @ weight @ base)


def test_equals_dense_algebra():
    tree, rng = grid(3, 4), np.random.default_rng(0)
    base = tree.sum_up(rng.uniform(50, 100, (12, 5)))
    base += rng.normal(0, 3, base.shape)
    variance = rng.uniform(0.5, 20, tree.nodes)
    np.testing.assert_allclose(reconcile(tree, base, variance), dense(tree, base, variance), rtol=1e-9)


def test_coherent_forecasts_stay():
    tree = grid(2, 3)
    leaves = np.arange(1.0, 13.0).reshape(6, 2)
    np.testing.assert_allclose(reconcile(tree, tree.sum_up(leaves), np.ones(tree.nodes)), leaves)


def test_more_trust_in_the_total_brings_the_sum_nearer_to_it():
    tree = SumTree.of(pd.DataFrame({"sku": list("abc")}), [()])
    base = np.array([[100.0], [20.0], [20.0], [20.0]])
    sums = [reconcile(tree, base, np.array([v, 1.0, 1.0, 1.0])).sum() for v in (100.0, 1.0, 1e-9)]
    assert sums == sorted(sums)
    assert sums[-1] == pytest.approx(100.0)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 5))
def test_non_negative_solution_is_the_optimum(seed, channels, categories):
    tree, rng = grid(channels, categories), np.random.default_rng(seed)
    base = rng.normal(0, 10, (tree.nodes, 2))
    variance = np.exp(rng.normal(0, 1, tree.nodes))
    found = reconcile(tree, base, variance)
    assert (found >= 0).all()
    root = 1.0 / np.sqrt(variance)
    summing = np.vstack([tree.aggregates.toarray(), np.eye(len(tree.leaves))]) * root[:, None]
    for period in range(2):
        expected, _ = nnls(summing, base[:, period] * root)
        np.testing.assert_allclose(found[:, period], expected, atol=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_aggregates_trusted_far_more_than_leaves(seed):
    """Hard for conjugate gradients: sums known almost exactly, half of the leaves at zero."""
    tree, rng = grid(6, 10), np.random.default_rng(seed)
    leaves = np.maximum(rng.normal(0, 10, (60, 3)), 0)
    base = tree.sum_up(leaves) + rng.normal(0, 1, (tree.nodes, 3))
    variance = np.concatenate([10.0 ** rng.uniform(-7, 0, tree.nodes - 60), np.full(60, 1.0)])
    found, root = reconcile(tree, base, variance), 1.0 / np.sqrt(variance)
    summing = np.vstack([tree.aggregates.toarray(), np.eye(60)]) * root[:, None]
    for period in range(3):
        expected, _ = nnls(summing, base[:, period] * root)
        np.testing.assert_allclose(found[:, period], expected, atol=1e-5)


def test_conditions_of_optimality_on_a_large_tree():
    """The gradient is zero at free leaves and not below zero at leaves held at zero."""
    tree, rng = grid(30, 200), np.random.default_rng(2)
    base = tree.sum_up(rng.gamma(0.3, 3.0, (6000, 4))) + rng.normal(0, 2, (tree.nodes, 4))
    variance = 0.1 + rng.random(tree.nodes) * tree.sum_up(np.ones((6000, 1)))[:, 0]
    found = reconcile(tree, base, variance)
    error = (tree.sum_up(found) - base) / variance[:, None]
    gradient = tree.aggregates.T @ error[: tree.aggregates.shape[0]] + error[tree.aggregates.shape[0] :]
    assert (found == 0).mean() > 0.1
    assert np.abs(gradient[found > 0]).max() < 1e-6
    assert gradient[found == 0].min() > -1e-6


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_levels_add_up(seed):
    tree, rng = grid(3, 5), np.random.default_rng(seed)
    leaves = reconcile(tree, rng.normal(5, 10, (tree.nodes, 3)) * 1e6, np.full(tree.nodes, 2.0))
    nodes = pd.DataFrame(tree.sum_up(leaves)[: len(tree.labels)]).groupby(tree.labels["level"]).sum()
    for level in nodes.to_numpy():
        np.testing.assert_allclose(level, leaves.sum(axis=0), rtol=1e-6)


def test_many_leaves_stay_sparse():
    tree = grid(20, 400)
    base = tree.sum_up(np.random.default_rng(1).uniform(-1, 5, (8000, 2)))
    leaves = reconcile(tree, base, np.concatenate([np.full(421, 50.0), np.ones(8000)]))
    assert leaves.shape == (8000, 2) and (leaves >= 0).all()


def test_top_down_shares():
    split = top_down(np.array([6.0, 9.0]), np.array([[1.0, 0.0], [2.0, 0.0]]))
    np.testing.assert_allclose(split, [[2.0, 4.5], [4.0, 4.5]])


def test_wrong_shapes_and_variances_are_refused():
    tree = grid(2, 2)
    with pytest.raises(ValueError, match="nodes"):
        reconcile(tree, np.ones((3, 1)), np.ones(3))
    with pytest.raises(ValueError, match="positive"):
        reconcile(tree, np.ones((tree.nodes, 1)), np.zeros(tree.nodes))
    bare = SumTree.of(pd.DataFrame({"sku": ["a"]}), [])
    assert reconcile(bare, np.array([[-3.0]]), np.ones(1))[0, 0] == 0.0
