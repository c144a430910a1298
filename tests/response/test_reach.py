"""Where the lift of ads falls: named shops, shops that nobody named, and doubt where the data are silent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from experiments.response.spills import spilling_shops
from models.response.data import ResponseData
from models.response.fit import ResponseFit, fit_regions, fit_response
from models.response.posterior import LIFTS
from models.response.priors import Priors
from models.response.reach import SURE, Reach, learned_reach, reaching
from models.response.summary import reach_of

Floats = NDArray[np.float64]
SHOPS = ("天猫", "京东", "抖音")
WEEKS = 104


def shops(reach: Floats, named: Floats, seed: int = 0, weeks: int = WEEKS, noise: float = 0.02) -> ResponseData:
    """Straight lifts: a yuan of spend brings 3, by ``reach``; revenue that nothing else moves but luck."""
    rng = np.random.default_rng(seed)
    spend = 5_000.0 * rng.lognormal(0.0, 0.5, (len(reach), weeks)) * (rng.random((len(reach), weeks)) > 0.2)
    base = np.array([100_000.0, 60_000.0, 40_000.0])[:, None] * (1.0 + noise * rng.standard_normal((3, weeks)))
    revenue = base + 3.0 * reach.T @ spend
    split = named * revenue.sum(axis=1)
    names = tuple(f"ad{row}" for row in range(len(reach)))
    none = np.zeros((3, weeks, 0))
    return ResponseData(names, SHOPS, spend, revenue, none, split / split.sum(axis=1, keepdims=True))


SPILLING = shops(np.array([[0.7, 0.0, 0.3], [0.0, 1.0, 0.0]]), np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]))


@pytest.fixture(scope="module")
def spilled() -> ResponseFit:
    return fit_response(SPILLING, seed=1)


def test_a_shop_that_nobody_named_is_found_with_its_share(spilled: ResponseFit) -> None:
    reach = spilled.reach
    assert reach.split[0] == pytest.approx([0.7, 0.0, 0.3], abs=0.07) and reach.split[1].tolist() == [0.0, 1.0, 0.0]
    assert reach.low[0, 2] < 0.3 < reach.high[0, 2] and reach.chance[0, 2] > 0.99 and reach.chance[1, 2] < 0.5
    assert spilled.curves.split.tolist() == reach.split.tolist()
    told = [note for note in spilled.warnings if "which is not named for it" in note]
    assert len(told) == 1 and told[0].startswith("ad channel ad0 also lifts 抖音")


def test_its_sales_count_in_the_return(spilled: ResponseFit) -> None:
    alone = fit_response(SPILLING, Priors(spills=0.0), seed=1)
    (low, alone_low), (high, alone_high) = np.quantile([spilled.roi[:, 0], alone.roi[:, 0]], [0.05, 0.95], axis=1)
    assert low < 3.0 < high and alone_high < 3.0 and alone_low < low
    assert alone.reach.split.tolist() == SPILLING.split.tolist()


def test_shares_of_named_shops_follow_the_data_and_not_only_their_revenue() -> None:
    true = np.array([[0.2, 0.8, 0.0], [0.0, 0.0, 1.0]])
    data = shops(true, (true > 0).astype(float))
    found = fit_response(data, seed=1).reach
    assert data.split[0, 0] > 0.55 and found.split[0] == pytest.approx([0.2, 0.8, 0.0], abs=0.08)
    assert found.low[0, 0] < 0.2 < found.high[0, 0]


def test_luck_and_too_little_history_tell_nothing() -> None:
    named = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    for seed in range(3):
        data = shops(named, named, seed, noise=0.1)
        reach = fit_response(data, seed=seed).reach
        assert (reach.split > 0).tolist() == (named > 0).tolist() and reach.chance[named == 0].max() < 0.95
    few = SPILLING.since(WEEKS - 8)
    assert fit_response(few, seed=1).reach.split.tolist() == few.split.tolist()


def test_what_is_likely_but_not_sure_is_shown_and_not_planned_with() -> None:
    weak = shops(np.array([[0.9, 0.0, 0.1], [0.0, 1.0, 0.0]]), SPILLING.split, noise=0.06)
    fit = fit_response(weak, seed=1)
    assert 0.5 < fit.reach.chance[0, 2] < SURE and fit.reach.split[0].tolist() == [1.0, 0.0, 0.0]
    assert [(row["channel"], row["share"]) for row in reach_of(fit, weak, 0)] == [("天猫", 1.0), ("抖音", 0.0)]
    assert not any("not named for it" in note for note in fit.warnings)


def test_ads_that_name_the_wrong_shop_are_found_out() -> None:
    wrong = shops(np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]), SPILLING.split)
    fit = fit_response(wrong, seed=1)
    assert fit.reach.split[0, 2] > 0.9
    assert np.quantile(fit.roi[:, 0], 0.05) < 3.0 < np.quantile(fit.roi[:, 0], 0.95)


def test_events_that_no_table_holds_are_no_spill_over() -> None:
    """All ads spend more in weeks that sell more, each shop by its own uplift."""
    rng = np.random.default_rng(8)
    event = np.zeros(130)
    event[[20, 21, 44, 45, 72, 73, 96, 97, 124, 125]] = 1.0
    size = np.array([[100_000.0], [60_000.0], [40_000.0]])
    base = size * (1.0 + rng.uniform(0.3, 2.0, (3, 1)) * event) * (1.0 + 0.05 * rng.standard_normal((3, 130)))
    spend = 0.05 * base.mean(axis=1, keepdims=True) * (1.0 + 1.5 * event) * rng.lognormal(0.0, 0.35, (3, 130))
    data = ResponseData(("a", "b", "c"), SHOPS, spend, base + 2.5 * spend, np.zeros((3, 130, 0)), np.eye(3))
    assert (fit_response(data, seed=8).reach.split > 0).tolist() == (np.eye(3) > 0).tolist()


def test_a_shop_that_opens_late_is_nobody_s_doing() -> None:
    late = SPILLING.revenue.copy()
    late[2, :40] = 0.0
    assert fit_response(replace(SPILLING, revenue=late), seed=1).reach.chance[:, 2].max() == 0.0


def test_an_ad_channel_that_never_ran_reaches_what_it_was_told() -> None:
    idle = replace(SPILLING, spend=SPILLING.spend * np.array([[1.0], [0.0]]))
    reach = fit_response(idle, seed=1).reach
    assert reach.split[1].tolist() == [0.0, 1.0, 0.0] and reach.split[0, 2] > 0.1
    assert fit_response(replace(idle, spend=0.0 * idle.spend), seed=1).reach.split.tolist() == idle.split.tolist()


def test_one_shop_has_nothing_to_tell() -> None:
    one = replace(SPILLING, channels=("all",), revenue=SPILLING.revenue.sum(axis=0, keepdims=True))
    one = replace(one, controls=one.controls[:1], split=np.ones((2, 1)))
    assert fit_response(one, seed=1).reach.split.tolist() == [[1.0], [1.0]]


def test_regions_tell_of_the_same_reach() -> None:
    parts = [replace(SPILLING, spend=part * SPILLING.spend, revenue=part * SPILLING.revenue) for part in (0.6, 0.4)]
    reach = fit_regions(parts, seed=1).reach
    assert reach.split[0] == pytest.approx([0.7, 0.0, 0.3], abs=0.07)


def test_lifts_in_other_units_have_the_same_shares() -> None:
    """Only shares are asked for: lifts that a fit saw too small by half have the same."""
    lifts = np.repeat((3.0 * SPILLING.spend)[None], LIFTS, axis=0)
    whole, half = (learned_reach([SPILLING], np.arange(2), [part * lifts], 0.1, 3).split for part in (1.0, 0.5))
    assert whole == pytest.approx(half, abs=0.02) and whole.sum(axis=1) == pytest.approx([1.0, 1.0])


def test_the_history_of_other_fits_counts_it_as_named(spilled: ResponseFit) -> None:
    assert (reaching(SPILLING, spilled.reach).split[0] > 0).tolist() == [True, False, True]
    rows = reach_of(spilled, SPILLING, 0)
    assert [(row["channel"], row["named"]) for row in rows] == [("天猫", True), ("抖音", False)]
    assert rows[1]["share_low"] < rows[1]["share"] < rows[1]["share_high"] and rows[0]["chance"] == 1.0


def test_told_shares_have_no_interval() -> None:
    told = Reach.told(np.array([[0.25, 0.75]]))
    assert told.low.tolist() == told.high.tolist() == [[0.25, 0.75]] and told.chance.tolist() == [[1.0, 1.0]]


def test_the_known_world_spills_where_it_says() -> None:
    made = spilling_shops(3)
    data = made.business.data
    assert made.reach.sum(axis=1) == pytest.approx(np.ones(len(made.reach)))
    assert ((data.split > 0) <= (made.reach > 0)).all() and (made.reach > 0).sum() >= (data.split > 0).sum()
