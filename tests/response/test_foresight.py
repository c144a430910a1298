"""Demand that the merchant foresaw beyond every table."""

import numpy as np
import pytest

from models.response import evidence
from models.response.curves import adstock, hill
from models.response.data import ResponseData
from models.response.fit import fit_response
from models.response.foresight import LEAST_OWN, SHARE, foreseen_demand

WEEKS = 130
REST = 0.2


def _drawn(seed: int, follows: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Season, demand beyond it that was foreseen, and spend that follows both, with variation of its own."""
    rng = np.random.default_rng(seed)
    season = 0.4 * np.sin(2.0 * np.pi * np.arange(WEEKS) / 52.0)
    luck = rng.normal(0.0, REST * np.sqrt(SHARE), WEEKS)
    spend = 1000.0 * np.exp(follows * (season + luck) + rng.normal(0.0, 0.3, (2, WEEKS)))
    return season, luck, spend


def test_what_spend_tells_is_the_conditional_mean() -> None:
    season, luck, spend = _drawn(1, 1.0)
    told = foreseen_demand(spend, season, season[:, None], REST)
    # two independent sightings of luck with noise 0.3: E[d | s] of a normal law
    logs = np.log(spend) - season - np.log(1000.0)
    exact = logs.sum(axis=0) / 0.3**2 / (1.0 / (SHARE * REST**2) + 2.0 / 0.3**2)
    assert np.abs(told - exact).mean() < 0.25 * exact.std()
    assert np.corrcoef(told, luck)[0, 1] > 0.5


def test_spend_that_follows_nothing_tells_nothing() -> None:
    season, _, spend = _drawn(2, 0.0)
    assert foreseen_demand(spend, season, season[:, None], REST).std() < 0.2 * REST


def test_too_few_weeks_and_no_season_tell_nothing() -> None:
    season, _, spend = _drawn(3, 1.0)
    short = spend.copy()
    short[:, 20:] = 0.0
    assert not foreseen_demand(short, season, season[:, None], REST).any()
    assert not foreseen_demand(spend, np.zeros(WEEKS), season[:, None], REST).any()


def test_a_week_without_spend_is_not_told() -> None:
    season, _, spend = _drawn(4, 1.0)
    spend[:, 7] = 0.0
    told = foreseen_demand(spend, season, season[:, None], REST)
    assert told[7] == 0.0 and np.isfinite(told).all()
    assert np.abs(told).max() < np.abs(np.log(spend[:, told != 0]) - 6.9).max() / LEAST_OWN


def test_a_merchant_who_foresees_is_not_taken_for_strong_ads(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    season = 0.3 * np.sin(2.0 * np.pi * np.arange(WEEKS) / 52.0)
    base = 100_000.0 * np.exp(season + rng.normal(0.0, 0.2, WEEKS))
    spend = 0.05 * base * rng.lognormal(-0.04, 0.3, WEEKS)
    stock = adstock(spend, np.array(0.2), np.array(spend[0]))
    saturated = hill(stock, np.array(5000.0), np.array(1.2))
    revenue = base * rng.lognormal(0.0, 0.03, WEEKS) + 2.0 * spend.sum() / saturated.sum() * saturated
    data = ResponseData(("ads",), ("shop",), spend[None], revenue[None], np.zeros((1, WEEKS, 0)), np.ones((1, 1)))
    found = fit_response(data, seed=1).roi[:, 0]
    monkeypatch.setattr(evidence, "foreseen_parts", lambda spend, *_: np.zeros((1, spend.shape[1])))
    believed = fit_response(data, seed=1).roi[:, 0]
    assert abs(found.mean() - 2.0) < 0.75 * abs(believed.mean() - 2.0)
    assert np.quantile(found, 0.05) < 2.0 < np.quantile(found, 0.95)
