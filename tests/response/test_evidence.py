import numpy as np

from models.response.evidence import control_columns, learned_controls


def test_calm_demand_gets_little_room_for_swings_and_large_swings_are_followed_all_the_same() -> None:
    rng = np.random.default_rng(3)
    time, lifts, given = np.arange(130), rng.random((2, 130)), np.zeros((130, 0))
    calm = 1000.0 + 60.0 * rng.standard_normal(130) + 200.0 * lifts.sum(axis=0)
    for revenue in (calm, calm + 300.0 * np.sin(2.0 * np.pi * time / 37.0)):
        found, noise = learned_controls(given, revenue, lifts)
        causes, target = noise.whiten(found.columns.T), noise.whiten(revenue - 200.0 * lifts.sum(axis=0))
        weight = np.linalg.solve(causes @ causes.T + np.diag(found.width**-2), causes @ target)
        rest = revenue - 200.0 * lifts.sum(axis=0) - found.columns @ weight
        assert 45.0 < rest.std() < 70.0
    held = learned_controls(given, calm, lifts)[0]
    assert held.freedom < 0.7 * control_columns(given, calm).freedom
