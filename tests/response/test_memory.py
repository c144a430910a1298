import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import toeplitz

from models.response.memory import MOST, news, partial_autocorrelations


def _autoregression(partial: tuple[float, float], length: int) -> np.ndarray:
    """Autocorrelations of a second-order autoregression by its own difference equation (Box and Jenkins 1976, 3.2)."""
    second = partial[1]
    first = partial[0] * (1.0 - second)
    found = [1.0, first / (1.0 - second)]
    for _ in range(length - 2):
        found.append(first * found[-1] + second * found[-2])
    return np.array(found)


@given(st.floats(0, MOST), st.floats(0, MOST))
def test_news_is_the_inverse_root_of_the_covariance(first: float, second: float) -> None:
    covariance = toeplitz(_autoregression((first, second), 12))
    whitened = news(np.eye(12), np.array([first, second])).T
    assert whitened == pytest.approx(np.linalg.inv(np.linalg.cholesky(covariance)), abs=1e-9)


def test_partial_autocorrelations_solve_the_equations_of_yule_and_walker() -> None:
    noise = np.random.default_rng(2).standard_normal(4000)
    line = noise.copy()
    for day in range(7, len(line)):
        line[day] += np.array([0.1, 0.06, 0.08, 0.1, 0.1, 0.15, 0.3]) @ line[day - 7 : day]
    alike = [float((line[lag:] * line[: len(line) - lag]).sum() / (line**2).sum()) for lag in range(8)]
    by_hand = [np.linalg.solve(toeplitz(alike[:lag]), alike[1 : lag + 1])[-1] for lag in range(1, 8)]
    assert min(by_hand) > 0.0 and max(by_hand) < MOST  # nothing is clipped
    assert partial_autocorrelations(line, 7) == pytest.approx(by_hand)
    assert (
        np.corrcoef(*np.stack([news(line, np.array(by_hand))[offset : 3990 + offset] for offset in (0, 1)]))[0, 1]
        < 0.05
    )


def test_noise_that_swings_back_and_short_noise_remember_nothing() -> None:
    assert partial_autocorrelations(np.array([1.0, -1.0] * 20), 2).tolist() == [0.0, MOST**0.5]
    assert len(partial_autocorrelations(np.ones(1), 7)) == 0 and news(np.ones(1), np.zeros(0)).tolist() == [1.0]
    assert partial_autocorrelations(np.zeros(9), 1).tolist() == [0.0]
