"""Day by day: demand meets stock, goods come back, a plain (R, s, S) buyer orders. Compiled.

A group is a set of SKUs that draw on each other's stock: a bundle and its components, an item and its gift, or one SKU.
"""

# ruff: noqa: NPY002 (inside numba the seeded legacy generator is the one that works per thread)

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.kernels import INNER, put

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
GAMMA_SHAPE = 3
_NEW_STOCK_DAYS = 40.0
_CAP = 4.0
_OVERLOOKED = 0.2


ITEM = np.dtype(
    [
        *((name, np.int64) for name in ("launch", "end", "category", "supplier", "moq", "pack", "seed")),
        *((name, np.int64) for name in ("gift", "gift_start", "gift_end")),
        *((name, np.float64) for name in ("level", "bias", "grade_a", "defect")),
    ]
)
"""One SKU of a chunk. Days are positions; ``gift`` is a position in the chunk, -1 for none; ``level``: units a day in
which the buyer believes at first; he orders for ``bias`` times what he has seen. (One record array and not a tuple of
many arrays, because numba compiles the latter ten times slower.)
"""
ORDERED, ARRIVAL, WAREHOUSE, UNITS, DEFECTS = range(5)
SOLD, RETURNED, GIFTS = range(3)


class Items(NamedTuple):
    """SKUs of one chunk, members of a group side by side (components before their bundle, an item before its gift).

    ``first`` [groups + 1]: first member of each group. ``traits``: ``ITEM`` [n]. ``share`` [n, warehouses] of demand,
    ``returned`` [n, channels] share of units. ``parts`` [n, 2, 2]: components of a bundle (positions in the chunk, -1
    for none) and their quantities.
    """

    first: Ints
    traits: NDArray[np.void]
    share: Floats
    returned: Floats
    parts: Ints


class Clock(NamedTuple):
    """``weekday`` [days of history], ``snapshot`` [days of history] (row of the snapshot taken that evening, or -1),
    ``arrival`` and ``expected`` int32 [suppliers, days], ``known`` [categories, days + 1]: running sum of the rhythm
    as the buyer knows it.
    """

    weekday: Ints
    snapshot: Ints
    arrival: NDArray[np.int32]
    expected: NDArray[np.int32]
    known: Floats


class Ledger(NamedTuple):
    """What happened. ``flows`` int32 [3, n, channels, days]: sold, returned, gifts; ``ran_out`` bool [n, days]: the
    last unit was sold that day, or there was none; ``restocked`` int32 [n, days]; ``on_hand`` int32 [n, warehouses,
    snapshots]; ``orders`` int32 [n, lines, 5]: ordered, arrival, warehouse, units, defects; ``lines`` [n].
    """

    flows: NDArray[np.int32]
    ran_out: NDArray[np.bool_]
    restocked: NDArray[np.int32]
    on_hand: NDArray[np.int32]
    orders: NDArray[np.int32]
    lines: Ints


@njit(**INNER)
def _binomial(units, chance):  # type: ignore[no-untyped-def]
    """Successes in so many trials, one by one: units are few and numba's own generator compiles slowly."""
    hits = 0
    for _ in range(units):
        if np.random.random() < chance:
            hits += 1
    return hits


@njit(**INNER)
def _erlang(shape):  # type: ignore[no-untyped-def]
    """Sum of ``shape`` exponentials of mean 1."""
    total = 0.0
    for _ in range(shape):
        total -= np.log(1.0 - np.random.random())
    return total


@njit(cache=True)
def draw_demand(mean, style, share, factor, lumpy, seed):  # type: ignore[no-untyped-def]
    """Units wanted, int32 [n, channels, days]: gamma-mixed Poisson; lumpy items buy in batches of three on average.

    ``mean`` float32 [styles, channels, days], ``style`` and ``share`` [n], ``factor`` float32 [channels, days].
    """
    count, channels, days = len(style), factor.shape[0], factor.shape[1]
    units = np.zeros((count, channels, days), dtype=np.int32)
    for item in range(count):
        np.random.seed(seed[item])
        for channel in range(channels):
            for day in range(days):
                level = mean[style[item], channel, day] * share[item] * factor[channel, day]
                if level <= 0.0:
                    continue
                if lumpy[item]:
                    batches = np.random.poisson(level / 3.0)
                    for _ in range(batches):
                        units[item, channel, day] += np.random.geometric(1.0 / 3.0)
                else:
                    mixed = level * _erlang(GAMMA_SHAPE) / GAMMA_SHAPE
                    units[item, channel, day] = np.random.poisson(mixed)
    return units


@njit(**INNER)
def _take(stock, share, units):  # type: ignore[no-untyped-def]
    """Take ``units`` out of the warehouses by share; what one lacks comes from the fullest other one."""
    left, mass = units, 1.0
    for place in range(len(stock)):
        if left == 0:
            return
        part = left
        if place < len(stock) - 1 and mass > 1e-9:
            part = _binomial(left, min(1.0, share[place] / mass))
        mass -= share[place]
        taken = min(part, stock[place])
        stock[place] -= taken
        left -= taken
    while left > 0:
        fullest = np.argmax(stock)
        taken = min(left, stock[fullest])
        if taken == 0:
            return
        stock[fullest] -= taken
        left -= taken


@njit(**INNER)
def _share_out(wanted, available, day, sold):  # type: ignore[no-untyped-def]
    """Split what is available over the channels in proportion; the remainder goes round by day."""
    total = wanted.sum()
    if total <= available:
        put(wanted, sold)
        return
    for channel in range(len(wanted)):
        sold[channel] = wanted[channel] * available // total
    left = available - sold.sum()
    for step in range(len(wanted)):
        channel = (day + step) % len(wanted)
        extra = min(left, wanted[channel] - sold[channel])
        sold[channel] += extra
        left -= extra


@njit(**INNER)
def _place_for(share):  # type: ignore[no-untyped-def]
    draw = np.random.random()
    for place in range(len(share)):
        draw -= share[place]
        if draw <= 0.0:
            return place
    return 0


@njit(**INNER)
def _record(book, arriving, items, item, place, ordered, arrival, units):  # type: ignore[no-untyped-def]
    """Write a purchase line and let its sellable part arrive; returns that part."""
    line = book.lines[item]
    defects = _binomial(units, items.traits[item].defect)
    book.orders[item, line, ORDERED], book.orders[item, line, ARRIVAL] = ordered, arrival
    book.orders[item, line, WAREHOUSE], book.orders[item, line, UNITS] = place, units
    book.orders[item, line, DEFECTS] = defects
    book.lines[item] = line + 1
    if arrival < arriving.shape[2]:
        arriving[item, place, arrival] += units - defects
    return units - defects


@njit(**INNER)
def _open_stock(items, clock, item, stock, arriving, book):  # type: ignore[no-untyped-def]
    """Opening stock of running items; a first order for those still to be launched."""
    group, supplier, launch = items.traits[item].category, items.traits[item].supplier, items.traits[item].launch
    from_day = max(launch, 0)
    days = _NEW_STOCK_DAYS if launch >= 0 else _NEW_STOCK_DAYS + 0.6 * clock.expected[supplier, 0]
    to_day = min(from_day + int(days), clock.known.shape[1] - 1)
    need = items.traits[item].level * (clock.known[group, to_day] - clock.known[group, from_day])
    lead = np.int64(clock.expected[supplier, 0])
    for place in range(items.share.shape[1]):
        if items.share[item, place] <= 0.0:
            continue
        units = (
            int(np.ceil((need * items.share[item, place] + 2.0) / items.traits[item].pack)) * items.traits[item].pack
        )
        if launch - 4 < 0:
            stock[place] = units
        elif launch - lead - 10 < len(clock.weekday):
            _record(book, arriving, items, item, place, launch - lead - 10, launch - 4, units)


@njit(**INNER)
def _review(items, clock, item, day, level, stock, on_order, arriving, book):  # type: ignore[no-untyped-def]
    """(R, s, S): below s order up to S, in packs and at least the minimum; nothing close to the end of life."""
    supplier, group = items.traits[item].supplier, items.traits[item].category
    horizon = clock.known.shape[1] - 1
    next_arrival = min(clock.expected[supplier, min(day + 7, clock.expected.shape[1] - 1)], horizon)
    cover_end = min(next_arrival + 20, horizon)
    if items.traits[item].end < next_arrival + 25:
        return
    during = level * (clock.known[group, next_arrival] - clock.known[group, day])
    after = level * (clock.known[group, cover_end] - clock.known[group, next_arrival])
    for place in range(len(stock)):
        share = items.share[item, place]
        if share <= 0.0:
            continue
        safety = 1.1 * np.sqrt(during * share) + 0.18 * during * share
        reorder = during * share + safety
        position = stock[place] + on_order[place]
        if position > reorder or book.lines[item] >= book.orders.shape[1]:
            continue
        wish = max(reorder + after * share - position, float(items.traits[item].moq))
        units = int(np.ceil(wish / items.traits[item].pack)) * items.traits[item].pack
        if wish < 1.0:
            continue
        on_order[place] += _record(
            book, arriving, items, item, place, day, np.int64(clock.arrival[supplier, day]), units
        )


@njit(**INNER)
def _come_back(items, item, day, days, channel, units, returning, book):  # type: ignore[no-untyped-def]
    """Draw returns of units just shipped; good ones go back on the shelf of the item or its components."""
    back = _binomial(units, items.returned[item, channel])
    for _ in range(back):
        arrives = day + 4 + int(3.5 * _erlang(2))
        if arrives >= days:
            continue
        book.flows[RETURNED, item, channel, day] += 1
        if np.random.random() >= items.traits[item].grade_a:
            continue
        if items.parts[item, 0, 0] < 0:
            returning[item, _place_for(items.share[item]), arrives] += 1
        for side in range(2):
            part = items.parts[item, side, 0]
            if part >= 0:
                returning[part, _place_for(items.share[part]), arrives] += items.parts[item, side, 1]


@njit(**INNER)
def _receive(items, item, day, stock, on_order, arriving, returning, book):  # type: ignore[no-untyped-def]
    """Arrivals and good returns of the morning."""
    for place in range(len(stock)):
        came, back = arriving[item, place, day], returning[item, place, day]
        stock[place] += came + back
        on_order[place] = max(on_order[place] - came, 0)
        book.restocked[item, day] += back


@njit(**INNER)
def _available(items, item, first, stock):  # type: ignore[no-untyped-def]
    """Units of an item, or of a bundle by its scarcest component, over all warehouses."""
    if items.parts[item, 0, 0] < 0:
        return stock[item - first].sum()
    units = np.int64(1) << 40
    for side in range(2):
        part = items.parts[item, side, 0]
        if part >= 0:
            units = min(units, stock[part - first].sum() // items.parts[item, side, 1])
    return units


@njit(**INNER)
def _draw_stock(items, item, first, units, stock, used):  # type: ignore[no-untyped-def]
    """Take sold units off the shelf, those of a bundle from its components."""
    if items.parts[item, 0, 0] < 0:
        _take(stock[item - first], items.share[item], units)
        used[item - first] += units
    for side in range(2):
        part = items.parts[item, side, 0]
        if part >= 0:
            amount = units * items.parts[item, side, 1]
            _take(stock[part - first], items.share[part], amount)
            used[part - first] += amount


@njit(**INNER)
def _sell(wanted, items, item, first, day, days, stock, used, sold, returning, book):  # type: ignore[no-untyped-def]
    """One day of one SKU: sell what there is, hand out gifts, draw the returns."""
    demand = wanted[item, :, day]
    available = _available(items, item, first, stock)
    wish = demand.sum()
    if wish >= available:
        book.ran_out[item, day] = True
    if wish == 0 or available == 0:
        return
    _share_out(demand, available, day, sold)
    _draw_stock(items, item, first, sold.sum(), stock, used)
    gift = items.traits[item].gift
    for channel in range(len(sold)):
        if sold[channel] == 0:
            continue
        book.flows[SOLD, item, channel, day] = sold[channel]
        _come_back(items, item, day, days, channel, sold[channel], returning, book)
        if gift >= 0 and items.traits[item].gift_start <= day <= items.traits[item].gift_end:
            given = min(sold[channel], stock[gift - first].sum())
            _draw_stock(items, gift, first, given, stock, used)
            book.flows[GIFTS, gift, channel, day] += given


@njit(**INNER)
def _run_group(wanted, items, clock, first, last, arriving, returning, book):  # type: ignore[no-untyped-def]
    """The whole history of one group."""
    np.random.seed(items.traits[first].seed)
    size, places = last - first, items.share.shape[1]
    stock = np.zeros((size, places), dtype=np.int64)
    on_order = np.zeros((size, places), dtype=np.int64)
    used = np.zeros(size, dtype=np.int64)
    sold = np.zeros(wanted.shape[1], dtype=np.int64)
    level = items.traits["level"][first:last].copy()
    for item in range(first, last):
        if items.parts[item, 0, 0] < 0:
            _open_stock(items, clock, item, stock[item - first], arriving, book)
    for day in range(len(clock.weekday)):
        used[:] = 0
        for item in range(first, last):
            _receive(items, item, day, stock[item - first], on_order[item - first], arriving, returning, book)
        for item in range(first, last):
            _sell(wanted, items, item, first, day, len(clock.weekday), stock, used, sold, returning, book)
        for item in range(first, last):
            own = item - first
            if items.parts[item, 0, 0] >= 0 or not items.traits[item].launch <= day < items.traits[item].end:
                continue
            group = items.traits[item].category
            usual = level[own] * (clock.known[group, day + 1] - clock.known[group, day])
            if stock[own].sum() > 0:
                level[own] = max(level[own] + 0.05 * (min(used[own], _CAP * usual + 3.0) - usual), 0.005)
            if clock.weekday[day] == items.traits[item].supplier % 5 and np.random.random() > _OVERLOOKED:
                believed = level[own] * items.traits[item].bias
                _review(items, clock, item, day, believed, stock[own], on_order[own], arriving, book)
        if clock.snapshot[day] >= 0:
            for item in range(first, last):
                put(stock[item - first], book.on_hand[item, :, clock.snapshot[day]])


@njit(cache=True)
def run_stock(wanted, items, clock, book):  # type: ignore[no-untyped-def]
    """Run all groups through the history; ``wanted`` int32 [n, channels, days or more]. Fills ``book``."""
    shape = (wanted.shape[0], items.share.shape[1], len(clock.weekday))
    arriving = np.zeros(shape, dtype=np.int32)
    returning = np.zeros(shape, dtype=np.int32)
    for group in range(len(items.first) - 1):
        _run_group(wanted, items, clock, items.first[group], items.first[group + 1], arriving, returning, book)
