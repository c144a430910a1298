"""Effects are recovered from a world that has them, and stay harmless where there is nothing to learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.drivers import Drivers
from models.price_fit import LEAST_ELASTICITY, MOST_ELASTICITY, PRIOR_ELASTICITY, fit_effects
from tests.models.worlds import ELASTICITY, LIFT, world


def test_elasticity_and_lift_are_recovered() -> None:
    panel, drivers = world(series=60)
    effects = fit_effects(panel, drivers, 0)
    assert np.abs(effects.elasticity - ELASTICITY).max() < 0.25
    assert np.abs(effects.lift["event.festival.main"] - LIFT).max() < 0.12
    assert (effects.lift["event.unseen.main"] == 0.0).all()
    assert np.allclose(effects.reference_price, 10.0)


def test_intervals_hold_the_truth_and_widen_without_data() -> None:
    held, widths = [], []
    for seed in range(8):
        panel, drivers = world(series=20, seed=seed)
        effects = fit_effects(panel, drivers, 0)
        low, high = effects.interval("price")
        held += ((low <= ELASTICITY) & (high >= ELASTICITY)).tolist()
        low, high = effects.interval("event.festival.main")
        held += ((low <= LIFT) & (high >= LIFT)).tolist()
        widths.append(float((high - low).mean()))
        unseen = effects.interval("event.unseen.main")
        assert (unseen[1] - unseen[0] > 2 * (high - low)).all()
    assert np.mean(held) >= 0.75
    assert 0.02 < np.mean(widths) < 0.6


def test_without_prices_the_prior_stands_and_multipliers_are_finite() -> None:
    panel, drivers = world(series=4)
    bare = Drivers(drivers.dates, "D", {name: block for name, block in drivers.blocks.items() if name != "price"})
    effects = fit_effects(panel, bare, 0)
    assert np.allclose(effects.elasticity, PRIOR_ELASTICITY)
    assert np.isnan(effects.reference_price).all()
    assert np.isfinite(effects.multiplier(drivers, np.arange(4))).all()


def test_demand_that_rises_with_the_price_does_not_turn_the_sign() -> None:
    panel, drivers = world(series=20)
    price = drivers.blocks["price"].values[:, : len(panel.dates)]
    odd = replace(panel, units=np.round(20 * (price / 10) ** 3).astype(np.float32), known=np.ones_like(panel.known))
    effects = fit_effects(odd, drivers, 0)
    assert (effects.elasticity >= LEAST_ELASTICITY).all() and (effects.elasticity <= MOST_ELASTICITY).all()


def test_no_sales_at_all() -> None:
    panel, drivers = world(series=3)
    effects = fit_effects(replace(panel, units=np.zeros_like(panel.units)), drivers, 0)
    assert np.isfinite(effects.elasticity).all()
    assert all(np.isfinite(lift).all() for lift in effects.lift.values())
