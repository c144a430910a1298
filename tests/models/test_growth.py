"""Growth that goes on: worked out by hand, and never worse believed than the variances that it assumes."""

import numpy as np
import pytest

from models.demand.growth import MOST_CHANGE, GrowthBelief, yearly_changes


def test_years_are_counted_from_the_end_and_births_are_no_growth():
    levels = np.concatenate([np.full(20, 9.0), np.full(52, 1.0), np.full(52, 1.1), np.full(52, 1.21)])
    np.testing.assert_allclose(yearly_changes(levels), np.log(1.1), atol=1e-12)
    assert yearly_changes(levels[-100:]).size == 0
    born = np.concatenate([np.zeros(52), np.full(52, 5.0), np.full(52, 50.0)])
    assert yearly_changes(born).tolist() == [MOST_CHANGE, 0.0]


def test_parts_that_grow_with_the_shop_share_its_growth():
    belief, shop = GrowthBelief(), np.array([0.10, 0.06, 0.08])
    growth = belief.of_shop(shop)
    assert growth == pytest.approx(0.24 / 4)
    assert belief.of_part(shop, shop, growth) == growth
    assert belief.of_part(np.zeros(0), shop, growth) == growth
    assert belief.of_part(np.array([0.2]), shop, growth) == pytest.approx(growth + 0.1 / 5)
    assert belief.of_shop(np.zeros(0)) == 0.0


def test_the_believed_growth_is_the_posterior_mean():
    """Lasting growth of sd 0.1, shocks of sd 0.1: no other factor on the mean of two years errs less."""
    rng = np.random.default_rng(4)
    lasting = rng.normal(0, 0.1, 4000)
    seen = lasting[:, None] + rng.normal(0, 0.1, (4000, 2))
    ours = np.array([GrowthBelief().of_shop(row) for row in seen])
    error = [np.mean((factor * seen.mean(axis=1) - lasting) ** 2) for factor in (0.4, 0.9)]
    assert np.mean((ours - lasting) ** 2) < min(error)
