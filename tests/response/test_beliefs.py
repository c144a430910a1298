"""What is believed of one ad channel: the prior is the range, the sampler follows it, the data win when they speak."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from models.response.data import ResponseData
from models.response.fit import ResponseFit, fit_response
from models.response.forms import Form
from models.response.priors import Belief, Priors
from models.response.roi_prior import ENDS, LOG_BELIEF, SHARES, WIDTHS, RoiPrior
from models.response.sampler import sample_chain
from models.response.shape_prior import COLUMNS
from models.response.summary import BELIEVED, channel_summary
from models.response.verdicts import UNTOLD


@pytest.mark.parametrize("ends", [(2.0, 4.0), (0.1, 5.0), (2.99, 3.0), (7.0, 60.0)])
def test_a_range_is_the_90_percent_interval_of_its_prior(ends: tuple[float, float]) -> None:
    assert RoiPrior.of_range(*ends).quantiles(ENDS) == pytest.approx(ends, rel=1e-6)


def test_a_range_that_is_wider_than_the_usual_is_the_usual_with_that_upper_end() -> None:
    for low in (0.0, 0.01):
        found = RoiPrior.of_range(low, 5.0)
        assert found.centre == 0.0 and found.quantiles((0.95,))[0] == pytest.approx(5.0)


def test_quantiles_are_those_of_a_mixture_of_cut_normals() -> None:
    prior, rng = RoiPrior(1.5, 1.0), np.random.default_rng(1)
    draws = prior.centre + prior.scale * rng.choice(WIDTHS, 400_000, p=SHARES) * rng.standard_normal(400_000)
    shares = (0.05, 0.5, 0.95)
    assert prior.quantiles(shares) == pytest.approx(np.quantile(draws[draws > 0], shares), rel=0.02)


def _density(prior: RoiPrior, roi: np.ndarray) -> np.ndarray:
    return norm.pdf(roi[:, None], prior.centre, prior.scale * WIDTHS) @ SHARES


def test_the_sampler_agrees_with_direct_integration() -> None:
    """Two channels with two shapes each; noise of the density 1 / variance ** 2 integrates to a power of the rest."""
    rng = np.random.default_rng(7)
    responses = rng.random((4, 30))
    seen = responses.T @ np.array([1.0, 0.0, 0.0, 0.4]) + 0.8 * rng.standard_normal(30)
    priors = (RoiPrior.of_range(0.2, 0.7), RoiPrior(0.0, 0.5))
    gram, linear, square = responses @ responses.T, responses @ seen, float(seen @ seen)
    quadratic, pull = np.array([0.0, 0.0, 3.0, 2.0]), np.array([0.0, 0.0, 2.0, 1.0])
    shape, roi = np.empty((40_000, 2), dtype=np.int64), np.empty((40_000, 2))
    middle, scale = np.array([(prior.centre, prior.scale) for prior in priors]).T
    none = np.zeros(4)
    sample_chain(gram, linear, square, 30.0, quadratic, pull, none, WIDTHS, LOG_BELIEF, middle, scale, 1, shape, roi)

    grid = (np.arange(600) + 0.5) / 200
    one, two = (axis.ravel() for axis in np.meshgrid(grid, grid, indexing="ij"))
    believed = np.outer(_density(priors[0], grid), _density(priors[1], grid)).ravel()
    mass = np.zeros((2, 2, len(one)))
    for first in range(2):
        for second in range(2):
            i, j = first, 2 + second
            rest = square - 2 * (one * linear[i] + two * linear[j]) + 2 * one * two * gram[i, j]
            rest = rest + one**2 * gram[i, i] + two**2 * gram[j, j]
            tested = np.exp(-0.5 * quadratic[j] * two**2 + pull[j] * two)
            mass[first, second] = believed * tested * rest ** -(0.5 * 30 + 1)
    mass /= mass.sum()
    kept = roi[2000:]
    assert kept.mean(axis=0) == pytest.approx([(mass @ one).sum(), (mass @ two).sum()], rel=0.03)
    assert (kept**2).mean(axis=0) == pytest.approx([(mass @ one**2).sum(), (mass @ two**2).sum()], rel=0.05)
    assert (shape[2000:] == 0).mean(axis=0) == pytest.approx([mass[0].sum(), mass[:, 0].sum()], abs=0.02)


def _data(effect: float, noise: float = 60.0, weeks: int = 104) -> ResponseData:
    rng = np.random.default_rng(3)
    spend = rng.lognormal(5, 0.6, (1, weeks))
    revenue = 2000.0 + effect * spend + noise * rng.standard_normal((1, weeks))
    return ResponseData(("ad",), ("shop",), spend, revenue, np.zeros((1, weeks, 0)), np.ones((1, 1)))


def _fit(data: ResponseData, **belief: tuple[float, float]) -> ResponseFit:
    return fit_response(data, Priors(beliefs={"ad": Belief(**belief)}), draws=2000)


def test_where_the_data_say_nothing_the_belief_stands_and_is_no_finding() -> None:
    mute = replace(_data(0.0), spend=np.full((1, 104), 150.0))
    fit = _fit(mute, roi=(2.0, 4.0), half_week=(400.0, 900.0), carryover=(0.2, 0.4))
    assert np.quantile(fit.roi[:, 0], ENDS) == pytest.approx([2.0, 4.0], rel=0.15)
    assert np.quantile(fit.curves.half_saturation[:, 0], ENDS) == pytest.approx([400.0, 900.0], rel=0.1)
    assert np.quantile(fit.curves.carryover[:, 0], ENDS) == pytest.approx([0.2, 0.4], abs=0.03)
    assert fit.data == (UNTOLD,) and not any("believed" in entry for entry in fit.warnings)


def test_the_data_win_when_they_speak_and_the_contradiction_is_named() -> None:
    loud = _data(4.0)
    fit = _fit(loud, roi=(0.8, 1.2))
    assert fit.roi[:, 0].mean() == pytest.approx(fit_response(loud).roi[:, 0].mean(), rel=0.1)
    assert fit.data != (UNTOLD,) and "ad channel ad: an ROI of 0.80 to 1.20 was believed" in fit.warnings[-1]
    quiet = _data(4.0, noise=1500.0)
    agreed = _fit(quiet, roi=(3.0, 5.0))
    assert not agreed.warnings and agreed.roi[:, 0].std() < 0.7 * fit_response(quiet).roi[:, 0].std()


def test_the_summary_tells_what_was_believed() -> None:
    data = _data(4.0, noise=1500.0)
    priors = Priors(beliefs={"ad": Belief(roi=(3.0, 5.0), half_week=(90.0, 400.0), carryover=(0.2, 0.3))})
    found = channel_summary(fit_response(data, priors), data, 0, priors)
    told = {name: (found[f"prior_{name}_low"], found[f"prior_{name}_high"]) for name in ("roi", *BELIEVED)}
    assert told["roi"] == pytest.approx((3.0, 5.0)) and told["carryover"] == pytest.approx((0.2, 0.3), abs=0.002)
    assert told["half_saturation"] == pytest.approx((90.0, 400.0), rel=0.01)
    late = replace(priors, forms={"ad": Form("delayed")})
    assert channel_summary(fit_response(data, late), data, 0, late)["prior_carryover_low"] is None


def test_beliefs_outside_of_what_is_usual_are_tried() -> None:
    prior = Priors(beliefs={"ad": Belief(half_week=(800.0, 1600.0), carryover=(0.9, 0.96))})
    corners = prior.shape_of("ad", busy=100.0).shapes(np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]))
    carry, half = (corners[:, COLUMNS.index(name)] for name in ("carryover", "half_saturation"))
    assert half[0] == pytest.approx(0.1) and half[1] > 16.0
    assert carry[0] == 0.0 and 0.96 < carry[1] <= 0.99
