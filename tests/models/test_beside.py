"""What promotions do beside their items and around their days is found where it is, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models.drivers import PRICE, RIVAL_PRICES, RIVAL_PROMOTIONS, RIVALS, SUBSIDY, Block, Drivers
from models.panel import Panel
from models.price import DemandEffects
from models.price_fit import fit_effects
from models.shadows import shadows_of, with_shadows

TRUTH = {
    RIVAL_PRICES: np.array([-0.6, 0.4]),
    RIVAL_PROMOTIONS: np.array([-0.4, 0.3]),
    "shadow.before.event.festival": np.array([-0.35, -0.35]),
    "shadow.after.event.festival": np.array([-0.2, -0.2]),
    "shadow.after.promotion": np.array([-0.3, -0.3]),
    SUBSIDY: np.array([1.2, 1.2]),
}
ELASTICITY, FLASH, FESTIVAL = -2.0, 0.6, 0.7
PERIODS, HORIZON, ITEMS = 620, 28, 12


def calendar(seed: int) -> Drivers:
    """Two categories of 12 items: price cuts, some of them paid by the platform, flash sales, a festival a season."""
    rng = np.random.default_rng(seed)
    total = PERIODS + HORIZON
    price = np.full((2 * ITEMS, total), 10.0, dtype=np.float32)
    flash, subsidy = np.zeros_like(price), np.zeros_like(price)
    for row in range(2 * ITEMS):
        for start in rng.integers(0, total - 5, total // 40):
            cut = rng.choice([0.6, 0.7, 0.8])
            price[row, start : start + 5] = 10.0 * cut
            subsidy[row, start : start + 5] = -np.log(cut) * rng.choice([0.0, 0.5])
        for start in rng.integers(0, total - 5, total // 45):
            flash[row, start : start + 4] = 1.0
    festival = np.zeros((1, total), dtype=np.float32)
    for start in range(50, total, 75):
        festival[0, start : start + 6] = 1.0
    own = np.arange(2 * ITEMS, dtype=np.int32)
    blocks = {
        PRICE: Block(price, own),
        SUBSIDY: Block(subsidy, own),
        "promotion.flash": Block(flash, own),
        "event.festival.main": Block(festival, np.zeros(2 * ITEMS, dtype=np.int32)),
    }
    return Drivers(np.datetime64("2024-01-01") + np.arange(total), "D", blocks)


def shop(seed: int, truth: dict[str, np.ndarray], noise: float = 0.0) -> tuple[Panel, Drivers]:
    """Poisson demand under the calendar, with the effects beside and around promotions that ``truth`` names."""
    rng, drivers = np.random.default_rng([seed, 1]), calendar(seed)
    level = rng.gamma(4.0, 4.0, 2 * ITEMS)[:, None]
    category = np.repeat([0, 1], ITEMS)
    flash = drivers.blocks["promotion.flash"].values
    paid_by_platform = truth.get(SUBSIDY, np.zeros(2))[0] * drivers.blocks[SUBSIDY].values
    draws = {
        RIVAL_PRICES: ELASTICITY * np.log(drivers.blocks[PRICE].values / 10.0) + paid_by_platform,
        RIVAL_PROMOTIONS: FLASH * flash,
    }
    log_mean = sum(draws.values()) + FESTIVAL * drivers.blocks["event.festival.main"].values
    for name, draw in draws.items():
        for number in (0, 1):
            own = category == number
            log_index = np.log((level * np.exp(draw))[own].sum(axis=0) / level[own].sum())
            log_mean[own] += truth.get(name, np.zeros(2))[number] * log_index
    shaded = with_shadows(drivers, truth)
    for name, effect in truth.items():
        if not name.startswith((RIVALS, SUBSIDY)):
            log_mean = log_mean + effect[0] * shaded.blocks[name].of()
    shock = np.exp(noise * rng.standard_normal(log_mean.shape[1]))
    units = rng.poisson(level * np.exp(log_mean) * shock).astype(np.float32)[:, :PERIODS]
    names = pd.DataFrame(
        {"sku": [f"s{row}" for row in range(2 * ITEMS)], "channel": "tm", "category": [f"c{n}" for n in category]}
    )
    known = np.ones(units.shape, dtype=bool)
    return Panel(names, drivers.dates[:PERIODS], "D", units, known, ~known), drivers


@pytest.fixture(scope="module")
def found() -> list[DemandEffects]:
    return [fit_effects(*shop(seed, TRUTH, 0.05), 0) for seed in range(4)]


def test_estimates_lie_within_their_intervals(found: list[DemandEffects]) -> None:
    held, telling = [], []
    for effects in found:
        for name, truth in TRUTH.items():
            low, high = effects.interval(name)
            held += ((low <= truth) & (truth <= high)).tolist()
            telling += ((low > 0) | (high < 0)).tolist()
    assert np.mean(held) >= 0.7 and np.mean(telling) > 0.8
    for name, truth in TRUTH.items():
        mean = np.mean([effects.lift[name] for effects in found], axis=0)
        near = 0.25 if name == RIVAL_PROMOTIONS else 0.12  # few flash sales: shrunk
        assert np.abs(mean - truth).max() < near, name
    assert np.abs(np.mean([effects.elasticity for effects in found], axis=0) - ELASTICITY).max() < 0.15
    mean = np.mean([effects.lift["promotion.flash"] for effects in found], axis=0)
    assert np.abs(mean - FLASH).max() < 0.1
    mean = np.mean([effects.lift["event.festival.main"] for effects in found], axis=0)
    assert np.abs(mean - FESTIVAL).max() < 0.1


def test_where_there_is_nothing_almost_nothing_is_found() -> None:
    names = (RIVAL_PRICES, RIVAL_PROMOTIONS, SUBSIDY, *shadows_of("event.festival"), *shadows_of("promotion"))
    lifts, held = [], []
    for seed in range(4):
        effects = fit_effects(*shop(seed, {}, 0.1), 0)
        lifts += [effects.lift[name] for name in names]
        intervals = [effects.interval(name) for name in names]
        held += [((low <= 0) & (high >= 0)).mean() for low, high in intervals]
    assert np.abs(lifts).mean() < 0.03 and (np.concatenate(lifts) == 0.0).mean() > 0.4
    assert np.mean(held) > 0.8


def test_a_promotion_of_one_item_moves_its_siblings_and_the_week_after(found: list[DemandEffects]) -> None:
    effects = found[0]
    drivers = calendar(0).between(PERIODS, PERIODS + HORIZON)
    everyone = np.arange(24)
    nothing = {name: Block(0 * block.values, block.group) for name, block in drivers.blocks.items()}
    usual = Block(np.full((24, HORIZON), 10.0, dtype=np.float32), everyone.astype(np.int32))
    quiet = Drivers(drivers.dates, "D", {**nothing, PRICE: usual})
    before = effects.multiplier(quiet, everyone)
    assert before == pytest.approx(1.0, abs=0.02)
    for row, sign in ((0, -1), (ITEMS, 1)):
        flash = np.zeros((24, HORIZON), dtype=np.float32)
        flash[row, 7:10] = 1.0
        asked = quiet.with_block("promotion.flash", Block(flash, everyone.astype(np.int32)))
        asked = asked.with_block(PRICE, Block(np.where(flash > 0, np.float32(7), np.float32(10)), usual.group))
        ratio = effects.multiplier(asked, everyone) / before
        siblings = [other for other in range(24) if other // ITEMS == row // ITEMS and other != row]
        others = [other for other in range(24) if other // ITEMS != row // ITEMS]
        assert (sign * np.log(ratio[siblings, 7:10]) > 0.002).all()
        assert (ratio[others] == 1.0).all() and ratio[siblings, 10:] == pytest.approx(1.0)
        own = ratio[row]
        assert (own[7:10] > 2.5).all() and (own[10:17] < 0.9).all() and own[17:] == pytest.approx(1.0)
    some = np.array([3, 17])
    np.testing.assert_array_equal(effects.multiplier(drivers, some), effects.multiplier(drivers, everyone)[some])


def test_an_effect_that_is_nil_or_unknown_is_passed_over(found: list[DemandEffects]) -> None:
    drivers = calendar(0)
    bare = replace(found[0], shelf=None)
    assert np.isfinite(bare.multiplier(drivers, np.arange(24))).all()
    plain = Drivers(drivers.dates, "D", {})
    assert (found[0].multiplier(plain, np.arange(24)) == 1.0).all()


def test_a_mechanism_that_was_dropped_passes_nothing_on() -> None:
    """Half of the festivals were held with deposits: those to come, without, keep what the festival does itself."""
    panel, drivers = shop(0, {})
    festival = drivers.blocks["event.festival.main"]
    starts = np.flatnonzero(np.diff(festival.values[0], prepend=0.0) > 0)
    deposit = np.zeros_like(festival.values)
    for start in starts[starts < PERIODS][::2]:
        deposit[0, start : start + 6] = 1.0
    drivers = drivers.with_block("event.deposit.mechanism", Block(deposit, festival.group))
    units = np.random.default_rng(0).poisson(panel.units * np.exp(0.5 * deposit[:, :PERIODS])).astype(np.float32)
    effects = fit_effects(replace(panel, units=units), drivers, 0)
    assert effects.lift["event.deposit.mechanism"] == pytest.approx(0.5, abs=0.1)
    assert effects.lift["event.festival.main"] == pytest.approx(FESTIVAL, abs=0.1)
    ahead = Drivers(drivers.dates[:7], "D", {"event.festival.main": Block(np.ones((1, 7), np.float32), festival.group)})
    assert np.log(effects.multiplier(ahead, np.arange(24))) == pytest.approx(FESTIVAL, abs=0.1)
    assert not any("mechanism" in name or "deposit" in name for name in effects.lift if name.startswith("shadow"))
