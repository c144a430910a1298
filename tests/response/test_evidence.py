import numpy as np

from models.response.design import season
from models.response.evidence import learned_controls


def test_calm_demand_gets_little_room_for_swings_and_large_swings_are_followed_all_the_same() -> None:
    rng = np.random.default_rng(3)
    time, lifts, given = np.arange(130), rng.random((2, 130)), np.zeros((130, 0))
    calm = 1000.0 + 60.0 * rng.standard_normal(130) + 200.0 * lifts.sum(axis=0)
    for revenue in (calm, calm + 300.0 * np.sin(2.0 * np.pi * time / 37.0)):
        found, noise = learned_controls(given, revenue, lifts, lifts)
        causes, target = noise.whiten(found.columns.T), noise.whiten(revenue - 200.0 * lifts.sum(axis=0))
        weight = np.linalg.solve(causes @ causes.T + np.diag(found.width**-2), causes @ target)
        rest = revenue - 200.0 * lifts.sum(axis=0) - found.columns @ weight
        assert 45.0 < rest.std() < 70.0
    assert learned_controls(given, calm, lifts, lifts)[0].freedom == 0.0


def test_the_year_gets_as_many_harmonics_as_the_data_ask_for() -> None:
    rng = np.random.default_rng(5)
    lifts, given, year = rng.random((2, 156)), np.zeros((156, 0)), season(156, 3)
    noise = 1000.0 + 60.0 * rng.standard_normal(156)
    smooth = learned_controls(given, noise + 200.0 * year[:, 0], lifts, lifts)[0]
    peaked = learned_controls(given, noise + 200.0 * (year[:, 0] + year[:, 2] + year[:, 5]), lifts, lifts)[0]
    assert len(peaked.width) - len(smooth.width) == 4


def test_promotions_that_multiply_get_the_expected_level_and_calm_demand_does_without() -> None:
    rng = np.random.default_rng(6)
    lifts, year = rng.random((2, 156)), 1.0 + 0.5 * season(156, 1)[:, 0]
    promotion = (rng.random((156, 1)) < 0.25).astype(float)
    multiplied = 1000.0 * year * (1.0 + 1.5 * promotion[:, 0]) * (1.0 + 0.03 * rng.standard_normal(156))
    added = 1000.0 * (year + promotion[:, 0] + 0.03 * rng.standard_normal(156))
    assert learned_controls(promotion, multiplied, lifts, lifts)[0].freedom > 0.0
    assert learned_controls(promotion, added, lifts, lifts)[0].freedom == 0.0


def test_a_level_that_spend_follows_is_not_left_to_the_ads() -> None:
    """A mild season asks for no level of its own where spend is aloof; where spend is a share of it, it stays."""
    rng = np.random.default_rng(8)
    year = np.exp(0.2 * season(156, 1)[:, 0])
    revenue = 1000.0 * year * np.exp(0.15 * rng.standard_normal(156))
    lifts = 50.0 * year * np.exp(0.2 * rng.standard_normal((1, 156)))
    assert learned_controls(np.zeros((156, 0)), revenue, lifts, lifts)[0].freedom > 0.0
    assert learned_controls(np.zeros((156, 0)), revenue, lifts, rng.lognormal(0.0, 0.5, (1, 156)))[0].freedom == 0.0
