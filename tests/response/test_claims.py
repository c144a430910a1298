"""What platforms claim tilts the expectation a little, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from models.response.claims import claim_tilts
from models.response.data import ResponseData, whole
from models.response.fit import roi_prior
from models.response.priors import Belief, Priors
from models.response.roi_prior import RoiPrior

NAMES = ("a", "b", "c")


def _data(claims: np.ndarray | None) -> ResponseData:
    rng = np.random.default_rng(3)
    spend, none = rng.lognormal(5, 0.6, (3, 60)), np.zeros((1, 60, 0))
    revenue = 2000.0 + spend.sum(axis=0, keepdims=True)
    data = ResponseData(NAMES, ("shop",), spend, revenue, none, np.ones((3, 1)))
    return data if claims is None else replace(data, claims=claims[:, None] * spend)


def test_only_differences_between_claims_count_and_what_all_bring_stays_as_expected() -> None:
    plain, claimed = (_data(claims) for claims in (None, np.array([8.0, 2.0, np.nan])))
    priors = Priors(claims=0.2)
    expected = roi_prior(plain, priors, 0).scale
    scales = np.array([roi_prior(claimed, priors, row).scale / expected for row in range(3)])
    assert scales[0] / scales[1] == pytest.approx(4**0.2) and scales[2] == 1.0
    spent = claimed.spend.sum(axis=1)
    assert scales @ spent == pytest.approx(spent.sum())
    assert claim_tilts(replace(claimed, claims=50.0 * claimed.claims), 0.2) == pytest.approx(scales)
    assert roi_prior(claimed, Priors(claims=0.0), 0).scale == expected


@pytest.mark.parametrize("claims", [[8.0, np.nan, np.nan], [8.0, 0.0, np.nan], [np.nan] * 3])
def test_one_claim_alone_says_nothing(claims: list[float]) -> None:
    assert (claim_tilts(_data(np.array(claims)), 0.5) == 1.0).all()


def test_a_belief_of_the_merchant_stands_beside_which_no_claim_counts() -> None:
    priors = Priors(claims=0.2, beliefs={"a": Belief(roi=(2.0, 4.0))})
    assert roi_prior(_data(np.array([8.0, 2.0, 1.0])), priors, 0) == RoiPrior.of_range(2.0, 4.0)


def test_claims_of_later_weeks_and_of_some_regions_only_do_not_count() -> None:
    data = _data(np.array([8.0, 2.0, np.nan]))
    later = replace(data, claims=np.where(np.arange(60) < 30, data.claims, 1e9))
    assert claim_tilts(later.until(30), 0.5) == pytest.approx(claim_tilts(data.until(30), 0.5))
    assert claim_tilts(later, 0.5)[0] != pytest.approx(claim_tilts(data, 0.5)[0])
    younger = later.since(30)
    assert (younger.claims == later.claims[:, 30:])[:2].all() and younger.spend.shape == younger.claims.shape
    assert whole((data, data)).claims == pytest.approx(2.0 * data.claims, nan_ok=True)
    assert whole((data, replace(data, claims=None))).claims is None
