"""Rounding and filling: exact sums, fair shares, kept bounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.targets.fill import fill, largest_remainder


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 60), st.integers(1, 8), st.integers(0, 15))
def test_largest_remainder_is_exact_and_within_one(seed, entries, groups, magnitude):
    rng = np.random.default_rng(seed)
    group = rng.integers(0, groups, entries)
    values = rng.random(entries) * (rng.random(entries) < 0.8)
    totals = np.where(np.bincount(group, minlength=groups) > 0, rng.integers(0, 10**magnitude + 1, groups), 0)
    found = largest_remainder(values, group, totals.astype(np.int64))
    assert (found >= 0).all()
    np.testing.assert_array_equal(np.bincount(group, found, groups).astype(np.int64), totals)
    sums = np.bincount(group, values, groups)
    quota = values * (totals / np.where(sums > 0, sums, 1))[group]
    known = sums[group] > 0
    assert (np.abs(found - quota)[known] < 1 + 1e-12 * totals.max()).all()
    assert (found[known & (values == 0)] == 0).all()


def test_hamiltons_example():
    seats = largest_remainder(np.array([47, 16, 15.8, 12, 6.1, 3.1]), np.zeros(6, dtype=int), np.array([10]))
    assert seats.tolist() == [5, 2, 1, 1, 1, 0]


def test_group_without_members_is_refused():
    with pytest.raises(ValueError, match="no member"):
        largest_remainder(np.array([1.0]), np.array([0]), np.array([1, 1]))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(1, 5))
def test_fill_keeps_sums_and_feasible_bounds(seed, entries, groups):
    rng = np.random.default_rng(seed)
    group = rng.integers(0, groups, entries)
    weight = rng.random(entries) + 0.01
    lower = rng.random(entries) * (rng.random(entries) < 0.3)
    upper = np.where(rng.random(entries) < 0.3, lower + rng.random(entries), np.inf)
    low, high = np.bincount(group, lower, groups), np.bincount(group, upper, groups)
    members = np.bincount(group, minlength=groups)
    totals = np.where(members > 0, low + rng.random(groups) * (np.where(np.isfinite(high), high, low + 5) - low), 0)
    values, unplaced = fill(totals, weight, lower, upper, group)
    np.testing.assert_allclose(np.bincount(group, values, groups), totals, atol=1e-9)
    assert (unplaced == 0).all()
    assert (values >= lower - 1e-6).all() and (values <= upper + 1e-6).all()


def test_impossible_bounds_give_way_and_say_so():
    group = np.zeros(2, dtype=int)
    values, unplaced = fill(np.array([10.0]), np.ones(2), np.zeros(2), np.array([2.0, 3.0]), group)
    assert values.sum() == pytest.approx(10) and unplaced[0] == pytest.approx(5)
    values, unplaced = fill(np.array([10.0]), np.ones(2), np.array([9.0, 6.0]), np.full(2, np.inf), group)
    assert values.sum() == pytest.approx(10) and unplaced[0] == pytest.approx(-5)
