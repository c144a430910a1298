"""How attractive the shelf of each item is in each period: what its category and channel has on offer.

The weighted mean of the items' own effects of price and promotion, as in attraction models (Cooper and Nakanishi 1988):
an item competes with all of its shelf at once, and one number a shelf serves all of its items.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from models.drivers import RIVAL_PRICES, RIVAL_PROMOTIONS, Block, Drivers
from models.features.clock import Clock
from models.features.effects import effect_grid, log_price_effect, regular_price, subsidy_effect
from models.panel import Panel
from models.price import LARGEST_DRAW, STILL_SOLD, DemandEffects, Shelf


def shelf_of(panel: Panel) -> Shelf:
    """Shelves of a panel: category x channel, series weighted by units a known period."""
    names = [panel.series[name].astype(str).to_numpy() for name in ("category", "channel")]
    keys = np.stack([np.unique(name, return_inverse=True)[1] for name in names])
    group = np.unique(keys, axis=1, return_inverse=True)[1].reshape(-1).astype(np.int32)
    count = panel.known.sum(axis=1)
    units = np.where(panel.known & np.isfinite(panel.units), panel.units, np.float32(0)).sum(axis=1, dtype=np.float64)
    start = np.where(count > 0, panel.known.argmax(axis=1), panel.known.shape[1])
    last = panel.known.shape[1] - panel.known[:, ::-1].argmax(axis=1)
    stop = np.where(panel.known[:, -1], STILL_SOLD, np.where(count > 0, last, 0))
    weight = (units / np.maximum(count, 1)).astype(np.float32)
    return Shelf(group, weight, start.astype(np.int32), stop.astype(np.int32))


def rival_blocks(drivers: Drivers, effects: DemandEffects, clock: Clock) -> dict[str, Block]:
    """Log attraction of the shelf of each series by price and by promotion, over all periods of the drivers.

    That of a period knows prices until then, and no sales but those behind the effects and the shelf.
    """
    shelf = effects.shelf
    if shelf is None:
        return {}
    grid = effect_grid(drivers, len(effects.category), effects)
    top = np.zeros((2, int(shelf.group.max(initial=0)) + 1, len(drivers.dates)))
    bottom = np.zeros(top.shape[1:])
    spans = np.stack([shelf.start, shelf.stop])
    _attraction(grid, effects.category, shelf.group, shelf.weight, spans, clock, top, bottom)
    pull = np.log(np.divide(top, bottom, out=np.ones_like(top), where=bottom > 0)).astype(np.float32)
    return {
        name: Block(values, shelf.group) for name, values in zip((RIVAL_PRICES, RIVAL_PROMOTIONS), pull, strict=True)
    }


def with_rivals(drivers: Drivers, effects: DemandEffects, clock: Clock) -> Drivers:
    """The drivers with the blocks of rivals that the effects make use of."""
    used = [name for name in (RIVAL_PRICES, RIVAL_PROMOTIONS) if name in effects.lift and effects.lift[name].any()]
    found = rival_blocks(drivers, effects, clock) if used else {}
    for name in used:
        drivers = drivers.with_block(name, found[name])
    return drivers


@njit(cache=True, error_model="numpy")
def _attraction(grid, category, group, weight, spans, clock, top, bottom):  # type: ignore[no-untyped-def]
    """Sums of weight x own effect (of the price; of promotions) and of weight, by shelf and period."""
    periods = bottom.shape[1]
    draw = np.empty((2, periods))
    for row in range(len(category)):
        first, last = spans[0, row], min(spans[1, row], periods)
        if weight[row] <= 0.0 or first >= last:
            continue
        price = grid.price[grid.price_row[row]]
        regular = regular_price(price, periods, clock)
        for period in range(first, last):
            draw[0, period] = log_price_effect(price[period], regular[period], grid.elasticity[category[row]])
            draw[0, period] += subsidy_effect(row, category[row], period, grid)
            draw[1, period] = 0.0
        for flag in range(grid.events, grid.own):
            line, slope = grid.flag_row[flag, row], grid.lift[flag, category[row]]
            for entry in range(grid.pointer[line], grid.pointer[line + 1]):
                period = grid.active[entry]
                if first <= period < last:
                    draw[1, period] += slope * grid.value[line, period]
        for period in range(first, last):
            for part in range(2):
                bounded = min(max(draw[part, period], -LARGEST_DRAW), LARGEST_DRAW)
                top[part, group[row], period] += weight[row] * np.exp(bounded)
            bottom[group[row], period] += weight[row]
