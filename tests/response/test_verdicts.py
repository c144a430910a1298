"""What is said of an answer: verdicts by ad channel, and what limits them."""

from dataclasses import replace

import numpy as np
import pytest

from models.response.data import ResponseData
from models.response.fit import fit_response
from models.response.priors import Priors
from models.response.summary import EMPTY, channel_summary
from models.response.verdicts import UNSOLD, warnings

QUIET = {"ads_share": 0.2, "r_hat": 1.0, "ess": 1000.0}


def _shop(spend: np.ndarray) -> ResponseData:
    names, (rows, length) = tuple(f"ad{row}" for row in range(len(spend))), spend.shape
    return ResponseData(
        names, ("shop",), spend, np.full((1, length), 1e3), np.zeros((1, length, 0)), np.ones((rows, 1))
    )


def test_a_single_week_with_most_of_the_money_is_named() -> None:
    spend = np.random.default_rng(3).lognormal(5.0, 0.5, (2, 728))
    daily = replace(_shop(spend), days=1)
    assert warnings(daily, np.ones(2), QUIET) == ()
    spend[0, 7 * 44 + 3] = 25.0 * spend[0].sum()
    said = (
        "ad channel ad0 spent 96.2% of all its money in week 45 of 104: check that figure, it moves what is believed "
        "of the others too",
    )
    assert warnings(daily, np.ones(2), QUIET) == warnings(daily.by_week(), np.ones(2), QUIET) == said


def test_a_cause_that_moves_exactly_as_an_ad_channel_is_named() -> None:
    rng = np.random.default_rng(3)
    spend, causes = rng.lognormal(5.0, 0.5, (2, 104)), rng.standard_normal((2, 104, 3))
    causes[:, :, 2] = 1.0  # a cause that never moves is like nothing
    data = replace(_shop(spend), channels=("x", "y"), controls=causes, split=np.eye(2))
    for place, named in ((0, True), (1, False)):  # the ads of ad0 lift x alone
        same = causes.copy()
        same[place, :, 1] = 3.0 - 2.0 * spend[0]
        found = warnings(replace(data, controls=same), np.ones(2), QUIET)
        assert found == (
            ("a known cause beside the ads moves exactly as ad channel ad0: their effects cannot be told apart",)
            if named
            else ()
        )


def test_ads_of_a_sales_channel_without_a_sale_get_no_number() -> None:
    rng = np.random.default_rng(3)
    spend = rng.lognormal(5.0, 0.5, (2, 104))
    revenue = np.stack([3000.0 + 3.0 * spend[0] + rng.normal(0.0, 50.0, 104), np.zeros(104)])
    data = replace(_shop(spend), channels=("x", "y"), revenue=revenue, controls=np.zeros((2, 104, 0)), split=np.eye(2))
    fit = fit_response(data)
    found = [channel_summary(fit, data, row, Priors()) for row in (0, 1)]
    assert fit.data[1] == UNSOLD and fit.data[0] != UNSOLD
    assert found[1] == {**dict.fromkeys(EMPTY), "spend": spend[1].sum(), "data": UNSOLD}
    alone = replace(_shop(spend[:1]), revenue=revenue[:1])
    assert found[0]["roi"] == pytest.approx(channel_summary(fit_response(alone), alone, 0, Priors())["roi"], rel=0.05)
