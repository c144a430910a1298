"""What platforms claim tilts the expectation a little, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from models.response.claims import relative_claims
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


def test_only_differences_between_claims_count_and_only_by_their_power() -> None:
    plain, claimed = (_data(claims) for claims in (None, np.array([8.0, 2.0, np.nan])))
    priors = Priors(claims=0.2)
    expected = roi_prior(plain, priors, 0).scale
    scales = [roi_prior(claimed, priors, row).scale / expected for row in range(3)]
    assert scales == pytest.approx([2**0.2, 0.5**0.2, 1.0])
    assert relative_claims(replace(claimed, claims=50.0 * claimed.claims)) == pytest.approx([2.0, 0.5, 1.0])
    assert roi_prior(claimed, Priors(claims=0.0), 0).scale == expected


@pytest.mark.parametrize("claims", [[8.0, np.nan, np.nan], [8.0, 0.0, np.nan], [np.nan] * 3])
def test_one_claim_alone_says_nothing(claims: list[float]) -> None:
    assert (relative_claims(_data(np.array(claims))) == 1.0).all()


def test_a_belief_of_the_merchant_stands_beside_which_no_claim_counts() -> None:
    priors = Priors(beliefs={"a": Belief(roi=(2.0, 4.0))})
    assert roi_prior(_data(np.array([8.0, 2.0, 1.0])), priors, 0) == RoiPrior.of_range(2.0, 4.0)


def test_claims_of_later_weeks_and_of_some_regions_only_do_not_count() -> None:
    data = _data(np.array([8.0, 2.0, np.nan]))
    later = replace(data, claims=np.where(np.arange(60) < 30, data.claims, 1e9))
    assert relative_claims(later.until(30)) == pytest.approx(relative_claims(data.until(30)))
    assert relative_claims(later)[0] != pytest.approx(2.0)
    younger = later.since(30)
    assert (younger.claims == later.claims[:, 30:]).all() and relative_claims(younger)[0] != pytest.approx(2.0)
    assert whole((data, data)).claims == pytest.approx(2.0 * data.claims, nan_ok=True)
    assert whole((data, replace(data, claims=None))).claims is None
