"""Decompositions add up exactly, whatever is sold, and agree with figures worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from models.decomposition import divisia, price_volume_mix, whole_parts

FACTORS = st.one_of(st.just(0.0), st.floats(1e-3, 1e4))


@given(st.integers(1, 6).flatmap(lambda n: st.tuples(*[nps.arrays(float, (n, 3), elements=FACTORS)] * 2)))
def test_divisia_leaves_no_rest(factors):
    before, after = factors
    found = divisia(before, after)
    change = after.prod(axis=1) - before.prod(axis=1)
    size = after.prod(axis=1) + before.prod(axis=1)
    assert np.isfinite(found.effects).all()
    assert (np.abs(found.effects.sum(axis=1) + found.one_sided - change) <= 1e-9 * np.maximum(size, 1e-300)).all()
    # a factor that stays brings nothing; a cell of one period alone has no factors
    same = (before == after) & (before.prod(axis=1) > 0)[:, None] & (after.prod(axis=1) > 0)[:, None]
    assert (found.effects[same] == 0).all()
    assert (found.effects[found.one_sided != 0] == 0).all()


def test_divisia_by_hand_and_reversed():
    """100 visitors x 5 % x 40 yuan = 200; 150 x 4 % x 50 = 300. Log mean of 300 and 200 is 246.63."""
    before, after = np.array([[100.0, 0.05, 40.0]]), np.array([[150.0, 0.04, 50.0]])
    found = divisia(before, after).effects[0]
    mean = 100.0 / np.log(1.5)
    assert mean == pytest.approx(246.63, abs=0.005)
    np.testing.assert_allclose(found, [mean * np.log(1.5), mean * np.log(0.8), mean * np.log(1.25)])
    np.testing.assert_allclose(divisia(after, before).effects[0], -found)


CELLS = st.integers(1, 8).flatmap(
    lambda n: st.tuples(
        nps.arrays(np.int64, n, elements=st.integers(0, 3)),
        *[nps.arrays(float, n, elements=st.integers(0, 50).map(float))] * 2,
        *[nps.arrays(float, n, elements=st.floats(0.0, 1e6))] * 2,
    )
)


@given(CELLS)
def test_price_volume_mix_leaves_no_rest(cells):
    item, *rest = cells
    units, value = (rest[0], rest[1]), (rest[2], rest[3])
    found = price_volume_mix(item, units, value)
    change = float(value[1].sum() - value[0].sum())
    assert found.total == pytest.approx(change, rel=1e-9, abs=1e-9 * max(float(sum(v.sum() for v in value)), 1.0))


def test_price_volume_mix_by_hand():
    """Item 0: 10 at 2 -> 12 at 2.5; item 1: 10 at 8 -> 6 at 8; item 2 is new, item 3 is dropped."""
    item = np.arange(4)
    units = np.array([10.0, 10.0, 0.0, 5.0]), np.array([12.0, 6.0, 3.0, 0.0])
    price = np.array([2.0, 8.0, 0.0, 4.0]), np.array([2.5, 8.0, 10.0, 0.0])
    found = price_volume_mix(item, units, (units[0] * price[0], units[1] * price[1]))
    # mean price of before 5: two units less; the rest of 72 - 100 at old prices is mix
    assert (found.volume, found.price, found.new, found.dropped) == (-10.0, 6.0, 30.0, -20.0)
    assert found.mix == 72.0 - 100.0 + 10.0


def test_an_old_item_in_a_new_channel_is_mix():
    item = np.array([0, 0])
    units = np.array([10.0, 0.0]), np.array([5.0, 5.0])
    found = price_volume_mix(item, units, (units[0] * 4.0, np.array([20.0, 30.0])))
    assert (found.volume, found.mix, found.price, found.new) == (0.0, 0.0, 10.0, 0.0)


@given(nps.arrays(float, st.integers(1, 9), elements=st.floats(-1e9, 1e9)))
def test_whole_parts_add_up(parts):
    total = round(float(parts.sum()))
    found = whole_parts(parts, total)
    assert found.sum() == total and (np.abs(found - parts) <= len(parts) + 1).all()
