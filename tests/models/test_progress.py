"""Event days told by their first hours: the right posterior, and nearer to the truth than the forecast."""

from __future__ import annotations

import numpy as np
import pytest

from models.demand.progress import Doubt, PastDays, Signal, learn_signal, update_day

DOUBT = Doubt(0.4, 0.5)


def world(seed: int, days: int = 12, items: int = 120):  # type: ignore[no-untyped-def]
    """Past days and one to come: forecast, truth, carts ahead of it (1.5 a unit) and a fifth of it sold by the hour."""
    rng = np.random.default_rng(seed)
    mean = rng.lognormal(2.0, 1.0, (days + 1, items))
    truth = rng.poisson(mean * rng.lognormal(0.0, 0.4, (days + 1, 1)) * rng.gamma(4.0, 0.25, mean.shape))
    share = 1 / (1 + np.exp(-(np.log(0.25) + rng.normal(0, 0.2, (days + 1, 1)))))
    sold = rng.binomial(truth, share)
    carts = rng.poisson(1.5 * truth * rng.lognormal(0, 0.1, (days + 1, 1)) * rng.gamma(8.0, 0.125, mean.shape))
    shop = np.arange(days) % 2
    code = np.repeat(np.arange(days), items)
    signals = [
        learn_signal(
            PastDays(
                count[:-1].ravel().astype(float), truth[:-1].ravel().astype(float), code, shop, np.zeros(days, int)
            ),
            np.zeros(2, int),
        )
        for count in (carts, sold)
    ]
    return mean[-1], truth[-1], carts[-1].astype(float), sold[-1].astype(float), signals


def test_rates_and_their_scatter_are_learned() -> None:
    rates, shapes = [], []
    for seed in range(6):
        carts, sold = world(seed, days=20)[4]
        rates.append([carts.rate.mean(), sold.rate.mean()])
        shapes.append(carts.shape)
        assert 0.03 < carts.noise < 0.25 and 0.08 < sold.noise < 0.35
    np.testing.assert_allclose(np.mean(rates, axis=0), [1.5, 0.2], rtol=0.1)
    assert 5.0 < np.median(shapes) < 12.0


def test_the_update_is_nearer_to_the_truth_in_every_world() -> None:
    shop = np.arange(120) % 2
    inside, errors = [], []
    for seed in range(8):
        mean, truth, carts, sold, (by_cart, by_hour) = world(seed)
        before = np.abs(mean - truth).sum()
        ahead = update_day(mean, shop, [(carts, by_cart)], None, DOUBT, 1)
        late = update_day(mean, shop, [(carts, by_cart)], (sold, by_hour), DOUBT, 1)
        assert np.abs(ahead.units - truth).sum() < 0.8 * before
        errors.append([np.abs(found.units - truth).sum() for found in (ahead, late)])
        assert (late.units >= sold).all() and (late.low >= sold).all()
        inside.append([((found.low <= truth) & (truth <= found.high)).mean() for found in (ahead, late)])
    assert np.sum(errors, axis=0)[1] < 0.9 * np.sum(errors, axis=0)[0]
    assert (np.abs(np.mean(inside, axis=0) - 0.85) < 0.1).all()


def test_nothing_told_leaves_the_forecast_and_certainty_replaces_it() -> None:
    mean, shop = np.full(50, 8.0), np.zeros(50, dtype=np.int64)
    vague, sure = Signal(np.array([0.5]), 50.0, 0.5), Signal(np.array([0.5]), 1e-3, 1e6)
    told = np.full(50, 12.0)
    little = update_day(mean, shop, [(told, vague)], None, Doubt(0.1, 0.01), 1)
    np.testing.assert_allclose(little.units, 8.0, rtol=0.02)
    much = update_day(mean, shop, [(told, sure)], None, Doubt(1.0, 0.01), 1)
    np.testing.assert_allclose(much.units, 24.0, rtol=0.02)
    done = update_day(mean, shop, [], (told, Signal(np.array([1.0]), 1e-3, 1e6)), DOUBT, 1)
    np.testing.assert_allclose(done.units, told, rtol=0.05)


def test_an_item_that_was_not_forecast_keeps_what_it_sold() -> None:
    found = update_day(
        np.zeros(3),
        np.zeros(3, dtype=np.int64),
        [],
        (np.array([0.0, 0.0, 40.0]), Signal(np.array([0.2]), 0.2, 5.0)),
        DOUBT,
        1,
    )
    assert np.isfinite(found.units).all() and found.units[2] >= 40 and found.units[:2].max() < 1.0


def test_a_kind_of_day_has_a_rate_of_its_own() -> None:
    kind = np.array([0, 0, 0, 1, 1, 1])
    day = np.repeat(np.arange(6), 40)
    units = np.full(240, 20.0)
    count = units * np.where(kind == 0, 0.1, 0.4)[day]
    past = PastDays(count, units, day, np.zeros(6, dtype=np.int64), kind)
    low, high, unknown = (float(learn_signal(past, np.array([code])).rate[0]) for code in (0, 1, -1))
    assert low < unknown < high
    assert low == pytest.approx(0.1, rel=0.35) and high == pytest.approx(0.4, rel=0.35)
