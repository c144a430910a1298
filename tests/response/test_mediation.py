"""What content brings through search."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from experiments.response.mediated import CONTENT, SEARCH, MediatedShop, estimate, mediated_shop
from models.response.mediation import indirect, searches
from models.response.verdicts import UNTOLD


@pytest.fixture(scope="module")
def shop() -> MediatedShop:
    return mediated_shop(5)


def test_clicks_are_yuan_of_their_own_channel_with_their_price_among_the_causes(shop: MediatedShop) -> None:
    found = searches(shop.data, SEARCH, (CONTENT,), shop.clicks)
    spend = shop.data.spend[SEARCH]
    assert (found.ad_channels, found.channels) == (("content",), ("search",))
    assert found.revenue.sum() == pytest.approx(spend.sum())
    assert np.ptp(found.revenue[0] / shop.clicks) == pytest.approx(0.0, abs=1e-9)
    assert np.exp(found.controls[0, :, -1]) == pytest.approx(spend / shop.clicks)
    untold = searches(shop.data, SEARCH, (CONTENT,), None)
    assert (untold.revenue[0] == spend).all() and untold.controls.shape[2] == found.controls.shape[2] - 1


def test_weeks_in_which_search_was_off_say_nothing_of_the_searches(shop: MediatedShop) -> None:
    spend, clicks = shop.data.spend.copy(), shop.clicks.copy()
    spend[SEARCH, 40:43], clicks[40:43] = 0.0, 0.0
    found = searches(replace(shop.data, spend=spend), SEARCH, (CONTENT,), clicks)
    assert found.gap == (40, 41, 42) and (found.revenue > 0).all() and np.isfinite(found.controls).all()


def test_content_that_feeds_search_is_told_from_content_that_does_not(shop: MediatedShop) -> None:
    found, worth = estimate(shop, 5)
    none, _ = estimate(mediated_shop(5, share=0.0), 5)
    assert (found.ad_channel, found.through) == ("content", "search")
    assert found.roi.mean() == pytest.approx(found.fed.mean() * worth.mean())  # independent draws
    assert none.interval[1] < 0.3 * shop.through_search < found.interval[1] and none.roi.mean() < found.interval[0]
    assert found.data != UNTOLD


def test_a_product_tells_no_more_than_its_factors(shop: MediatedShop) -> None:
    short = replace(shop, data=shop.data.since(110), clicks=shop.clicks[110:])
    assert estimate(short, 5)[0].data == UNTOLD


def test_a_channel_that_never_spent_passes_nothing_on(shop: MediatedShop) -> None:
    spend = shop.data.spend.copy()
    spend[SEARCH] = 0.0
    with pytest.raises(ValueError, match="search never spent"):
        searches(replace(shop.data, spend=spend), SEARCH, (CONTENT,), None)


def test_every_feeding_channel_gets_an_answer(shop: MediatedShop) -> None:
    from models.response.fit import fit_response

    both = indirect(shop.data, fit_response(shop.data), SEARCH, (CONTENT, 1), shop.clicks)
    assert [one.ad_channel for one in both] == ["content", "feed"]
    assert both[0].roi.mean() > both[1].roi.mean()  # the feed feeds nothing
