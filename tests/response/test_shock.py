from dataclasses import replace

import numpy as np
import pytest

from experiments.response.worlds import regional_shop
from models.response.data import ResponseData
from models.response.evidence import evidence, system
from models.response.fit import fit_response
from models.response.shock import CommonShock, common_shock

REGIONS = regional_shop(3, weeks=30, count=3, ads=2).regions


def _two_shops(weeks: int = 130) -> ResponseData:
    """One ad for each of two sales channels that share a shock, which the first ad's spend follows; both bring 2."""
    rng = np.random.default_rng(4)
    shock = 0.1 * rng.standard_normal(weeks)
    spend = 1000.0 * np.exp(0.3 * rng.standard_normal((2, weeks)) + np.stack([2.0 * shock, np.zeros(weeks)]))
    own = 0.02 * rng.standard_normal((2, weeks))
    revenue = 20_000.0 * (1.0 + shock + own) + 2.0 * spend
    return ResponseData(("a", "b"), ("east", "west"), spend, revenue, np.zeros((2, weeks, 0)), np.eye(2))


@pytest.mark.parametrize("regions", [REGIONS, (_two_shops(30),)], ids=["regions", "sales channels"])
def test_inner_products_are_those_of_the_dense_covariance(regions: tuple[ResponseData, ...]) -> None:
    """Oracle: the Gaussian likelihood with every covariance written out."""
    rng = np.random.default_rng(0)
    responses = [rng.random((2, 4, 30)) * 1000.0 for _ in regions]
    found = system(regions, np.arange(2), [part[:, 0] for part in responses])
    seen = evidence(found, responses)
    alike = np.outer(found.shock.loading, found.shock.loading) + np.diag(found.shock.own)
    covariance = np.kron(alike, np.eye(30))
    columns, target = np.zeros((8, len(covariance))), np.zeros(len(covariance))
    for place, window in enumerate(found.windows):
        rows = slice(30 * place, 30 * (place + 1))
        covariance[rows, rows] += window.causes.T @ np.diag(window.width**2) @ window.causes
        lifts = responses[window.region] * window.group.share[:, None, None]
        columns[:, rows], target[rows] = window.noise.whiten(lifts.reshape(8, 30)), window.target
    solved = np.linalg.solve(covariance, np.column_stack([columns.T, target]))
    assert found.shock.loading.min() > 0.3
    assert seen.gram == pytest.approx(columns @ solved[:, :-1], rel=1e-6, abs=1e-9 * np.abs(seen.gram).max())
    assert seen.linear == pytest.approx(columns @ solved[:, -1], rel=1e-6)
    assert seen.square == pytest.approx(float(target @ solved[:, -1]), rel=1e-6)


def test_what_another_sales_channel_sells_beyond_expectation_is_not_credited_to_ads() -> None:
    both = _two_shops()
    alone = replace(
        both,
        ad_channels=("a",),
        channels=("east",),
        spend=both.spend[:1],
        revenue=both.revenue[:1],
        controls=both.controls[:1],
        split=np.ones((1, 1)),
    )
    errors = [abs(float(fit_response(data, seed=1).roi[:, 0].mean()) - 2.0) for data in (both, alone)]
    assert errors[0] < 0.5 * errors[1]


def test_loadings_are_found_and_regions_of_their_own_share_nothing() -> None:
    rng, truth = np.random.default_rng(1), np.array([0.9, 0.7, 0.5, 0.8])
    own = np.sqrt(1.0 - truth**2)[:, None] * rng.standard_normal((4, 4000))
    found = common_shock(7.0 * (truth[:, None] * rng.standard_normal(4000) + own))
    assert found.loading == pytest.approx(truth, abs=0.06)  # a lower bound: the highest by 0.06 too low
    assert found.explained(truth[:, None] * rng.standard_normal(4000) + own) == pytest.approx(1.0, abs=0.07)
    assert common_shock(rng.standard_normal((4, 4000))).effect == pytest.approx(1.0, abs=0.15)
    assert common_shock(rng.standard_normal((1, 40))).loading.tolist() == [0.0]


def test_copies_of_a_region_count_once() -> None:
    rests = np.repeat(np.random.default_rng(2).standard_normal((1, 100)), 5, axis=0)
    found = common_shock(rests)
    assert found.effect == pytest.approx(5.0, abs=0.05)
    assert found.explained(rests) == pytest.approx(0.2, abs=0.01)


def test_a_few_lucky_weeks_leave_every_region_noise_of_its_own() -> None:
    """Correlations .5, .5, .05 fit a factor only with a communality of 5 (a Heywood case)."""
    alike = np.array([[1.0, 0.5, 0.5], [0.5, 1.0, 0.05], [0.5, 0.05, 1.0]])
    rests = np.linalg.cholesky(alike) @ np.linalg.qr(np.random.default_rng(3).standard_normal((60, 3)))[0].T
    assert common_shock(rests).own.min() > 0.3


def test_inner_products_are_those_under_the_inverse() -> None:
    shock, values = CommonShock(np.array([0.2, 0.9, 0.6])), np.random.default_rng(4).standard_normal((3, 2, 5))
    places = [np.array([0, 3]), np.array([1, 3]), np.array([2, 3])]
    wanted = np.zeros((4, 4))
    for one, row in enumerate(shock.inverse()):
        for two, weight in enumerate(row):
            wanted[np.ix_(places[one], places[two])] += weight * values[one] @ values[two].T
    assert shock.inner(list(zip(places, values, strict=True)), 4) == pytest.approx(wanted)
    assert np.linalg.inv(shock.inverse()) == pytest.approx(np.outer(shock.loading, shock.loading) + np.diag(shock.own))
