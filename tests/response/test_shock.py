import numpy as np
import pytest

from experiments.response.worlds import regional_shop
from models.response.evidence import evidence, windows
from models.response.shock import CommonShock, common_shock


def test_inner_products_are_those_of_the_dense_covariance() -> None:
    """Oracle: the Gaussian likelihood with every covariance written out."""
    business = regional_shop(3, weeks=30, count=3, ads=2)
    rng = np.random.default_rng(0)
    responses = [rng.random((2, 4, 30)) * 1000.0 for _ in range(3)]
    found = windows(business.regions, np.arange(2), [part[:, 0] for part in responses])
    (block,), seen = found, evidence(found, responses)
    alike = np.outer(block.shock.loading, block.shock.loading) + np.diag(block.shock.own)
    covariance = np.kron(alike, np.eye(30))
    for place, window in enumerate(block.windows):
        rows = slice(30 * place, 30 * (place + 1))
        covariance[rows, rows] += window.causes.T @ np.diag(window.width**2) @ window.causes
    target = np.concatenate([window.target for window in block.windows])
    columns = np.concatenate(
        [window.noise.whiten(part.reshape(8, 30)) for window, part in zip(block.windows, responses, strict=True)],
        axis=1,
    )
    solved = np.linalg.solve(covariance, np.column_stack([columns.T, target]))
    assert block.shock.loading.min() > 0.3
    assert seen.gram == pytest.approx(columns @ solved[:, :-1], rel=1e-6)
    assert seen.linear == pytest.approx(columns @ solved[:, -1], rel=1e-6)
    assert seen.square == pytest.approx(float(target @ solved[:, -1]), rel=1e-6)


def test_loadings_are_found_and_regions_of_their_own_share_nothing() -> None:
    rng, truth = np.random.default_rng(1), np.array([0.9, 0.7, 0.5, 0.8])
    own = np.sqrt(1.0 - truth**2)[:, None] * rng.standard_normal((4, 4000))
    found = common_shock(7.0 * (truth[:, None] * rng.standard_normal(4000) + own))
    assert found.loading == pytest.approx(truth, abs=0.04)
    assert found.explained(truth[:, None] * rng.standard_normal(4000) + own) == pytest.approx(1.0, abs=0.05)
    assert common_shock(rng.standard_normal((4, 4000))).effect == pytest.approx(1.0, abs=0.15)
    assert common_shock(rng.standard_normal((1, 40))).loading.tolist() == [0.0]


def test_copies_of_a_region_count_once() -> None:
    rests = np.repeat(np.random.default_rng(2).standard_normal((1, 100)), 5, axis=0)
    found = common_shock(rests)
    assert found.effect == pytest.approx(5.0, abs=0.05)
    assert found.explained(rests) == pytest.approx(0.2, abs=0.01)


def test_weighing_is_the_inverse_times_the_values() -> None:
    shock, values = CommonShock(np.array([0.2, 0.9, 0.6])), np.random.default_rng(4).standard_normal((3, 2, 5))
    wanted = np.tensordot(shock.inverse(), values, axes=1)
    assert np.stack(shock.weighed(list(values))) == pytest.approx(wanted)
    assert np.linalg.inv(shock.inverse()) == pytest.approx(np.outer(shock.loading, shock.loading) + np.diag(shock.own))
