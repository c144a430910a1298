"""Shadows: the week before and after an event or a promotion, in which demand waits for it or rests from it.

Van Heerde, Leeflang and Wittink (2004): a good part of a promotion's lift is demand moved in time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from models.drivers import EVENT, MECHANISM, PROMOTION, SHADOW, Block, Drivers
from models.panel import periods_a_week

BEFORE, AFTER = "before.", "after."
ANY_PROMOTION = PROMOTION.rstrip(".")


def causes(drivers: Drivers) -> dict[str, tuple[str, ...]]:
    """Names of the blocks that cast a shadow together: the phases of a kind of event, and all promotions.

    >>> none = Block(np.zeros((1, 3), dtype=np.float32), np.zeros(1, dtype=np.int32))
    >>> days = np.datetime64("2026-11-10") + np.arange(3)
    >>> causes(Drivers(days, "D", {"event.双11.opening": none, "event.双11.main": none, "promotion.flash": none}))
    {'event.双11': ('event.双11.main', 'event.双11.opening'), 'promotion': ('promotion.flash',)}
    """
    found: dict[str, tuple[str, ...]] = {}
    for name in drivers.names(EVENT):
        kind, _, phase = name.rpartition(".")
        if phase != MECHANISM:
            found[kind] = (*found.get(kind, ()), name)
    promotions = drivers.names(PROMOTION)
    return found | ({ANY_PROMOTION: promotions} if promotions else {})


def shadows_of(cause: str) -> tuple[str, str]:
    """Names of the two shadows of a cause.

    >>> shadows_of("event.双11")
    ('shadow.before.event.双11', 'shadow.after.event.双11')
    """
    return f"{SHADOW}{BEFORE}{cause}", f"{SHADOW}{AFTER}{cause}"


def with_shadows(drivers: Drivers, names: Iterable[str]) -> Drivers:
    """The drivers with the named shadows: 1 in the week before or after its cause, 0 where the cause itself runs.

    Events cast none on other events.

    >>> festival = Block(np.array([[0, 0, 1, 0, 0]], dtype=np.float32), np.zeros(1, dtype=np.int32))
    >>> weeks = np.datetime64("2026-11-02") + 7 * np.arange(5)
    >>> seen = with_shadows(Drivers(weeks, "W", {"event.a.main": festival}), shadows_of("event.a"))
    >>> [seen.blocks[name].values[0].tolist() for name in shadows_of("event.a")]
    [[0.0, 1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 0.0]]
    """
    wanted, reach = set(names), periods_a_week(drivers.frequency)
    for cause, members in causes(drivers).items():
        before, after = shadows_of(cause)
        if not wanted & {before, after}:
            continue
        rest = drivers.names(EVENT) if cause.startswith(EVENT) else ()
        running, others, group = _running(drivers, members, [name for name in rest if name not in members])
        if after in wanted:
            shadow = _behind(running, reach) & ~others
            drivers = drivers.with_block(after, Block(shadow.astype(np.float32), group))
        if before in wanted:
            shadow = _behind(running[:, ::-1], reach)[:, ::-1] & ~others
            drivers = drivers.with_block(before, Block(shadow.astype(np.float32), group))
    return drivers


def _running(
    drivers: Drivers, members: Sequence[str], rest: Sequence[str]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.int32]]:
    """Where any of the members and any of the rest runs, bool [groups, periods], and the group of each series."""
    blocks = [drivers.blocks[name] for name in (*members, *rest)]
    places, group = np.unique(np.stack([block.group for block in blocks]), axis=1, return_inverse=True)
    running = np.zeros((2, places.shape[1], len(drivers.dates)), dtype=bool)
    for number, (block, place) in enumerate(zip(blocks, places, strict=True)):
        running[int(number >= len(members))] |= block.values[place] > 0
    return running[0], running[1], group.astype(np.int32).reshape(-1)


def _behind(running: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """Something ran within the last ``reach`` periods and does not run now."""
    count = np.zeros((len(running), running.shape[1] + 1), dtype=np.int32)
    np.cumsum(running, axis=1, out=count[:, 1:])
    first = np.maximum(np.arange(running.shape[1]) - reach, 0)
    return np.asarray((count[:, :-1] > count[:, first]) & ~running)
