"""Prices of styles by channel and day, and the steps in which they are announced."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from engine.demo.assortment import NEVER, Assortment
from engine.demo.festivals import festival_depth
from engine.demo.frames import coded, records
from engine.demo.settings import DemoSettings
from engine.demo.world import Timeline, World

FESTIVAL_LEAD, BASE_LEAD, CLEARANCE_LEAD, FLASH_LEAD = 210, 60, 45, 14
"""Days from the announcement of a price to its first day."""
CLEARANCE_DAYS = 45
_EVERYDAY = 0.92
_DEPTH = {"traffic": 1.15, "profit": 1.0, "image": 0.7, "regular": 1.0}
_FLASH_COLUMNS = ["style", "channel", "start", "end", "strength"]
Window = tuple[int, int, int, float]


@dataclass(frozen=True)
class PriceBook:
    """``paid`` float32 [styles, channels, days] yuan, ``reference`` float32 [styles, channels] (the usual price at
    which demand has its base level), ``joins`` bool [styles, occurrences of festivals], ``occurrences`` their names.
    ``steps``: frame ``style, channel, day, lead`` (codes, positions; ``lead`` days of announcement), ``flash``: frame
    ``style, channel, start, end, strength``.
    """

    paid: NDArray[np.float32]
    reference: NDArray[np.float32]
    joins: NDArray[np.bool_]
    occurrences: tuple[str, ...]
    steps: pd.DataFrame
    flash: pd.DataFrame


def make_prices(
    settings: DemoSettings, world: World, time: Timeline, goods: Assortment, events: pd.DataFrame
) -> PriceBook:
    """Usual price with steps, festival discounts, flash sales outside of festivals, clearance before the end."""
    rng = settings.rng("prices")
    styles, channels = goods.styles, len(world.channels)
    occurrences, depth = festival_depth(world, time, events)
    likely = np.array([world.book["festivals"][name.rsplit("-", 1)[0]]["share"] for name in occurrences])
    joins = rng.random((len(styles), len(occurrences))) < likely
    levels = world.of("channels", "price_level")
    paid = np.empty((len(styles), channels, len(time)), dtype=np.float32)
    quiet = depth.sum(axis=0) == 0
    flashes: list[tuple[int, int, int, int, float]] = []
    steps: list[NDArray[np.int32]] = []
    popular = np.argsort(np.argsort(-styles["weight"].to_numpy())) < max(3, len(styles) // 5)
    table = records(styles[["list_price", "end", "role", "launch"]])
    for row, style in enumerate(table):
        base = _base_price(rng, float(style.list_price), len(time))
        discount = (joins[row].astype(np.float32) @ depth.reshape(len(occurrences), -1)).reshape(channels, -1)
        discount *= _DEPTH[style.role]
        if style.end != NEVER:
            discount[:, max(style.end - CLEARANCE_DAYS, 0) : style.end] += 0.22
        own = [(row, *window) for window in _flash_windows(rng, quiet, popular[row])]
        for _, channel, start, end, strength in own:
            discount[channel, start:end] = strength
        flashes += own
        paid[row] = np.maximum(np.round(base[None, :] * levels[:, None] * (1.0 - discount)), 1.0)
        steps.append(_steps(row, paid[row], base, own, int(style.end)))
    reference = (styles["list_price"].to_numpy()[:, None] * _EVERYDAY * levels[None, :]).astype(np.float32)
    flash = pd.DataFrame(flashes, columns=_FLASH_COLUMNS)
    changes = pd.DataFrame(np.concatenate(steps), columns=["style", "channel", "day", "lead"])
    return PriceBook(paid, reference, joins, occurrences, changes, flash)


def _base_price(rng: np.random.Generator, list_price: float, days: int) -> NDArray[np.float64]:
    """The usual price: list price less 8 %, moved once in about 500 days."""
    ratio = np.full(days, _EVERYDAY)
    for day in rng.integers(0, days, rng.poisson(days / 500.0)):
        ratio[day:] *= 1.0 + rng.choice([-0.06, -0.03, 0.04, 0.07])
    return np.round(list_price * ratio)


def _flash_windows(rng: np.random.Generator, quiet: NDArray[np.bool_], popular: bool) -> list[Window]:
    """Flash sales of 2-4 days on quiet days of one channel: (channel, start, end, strength)."""
    channels, days = quiet.shape
    found: list[Window] = []
    for _ in range(rng.poisson(days / (70.0 if popular else 500.0))):
        channel, start = int(rng.integers(channels)), int(rng.integers(3, days - 6))
        end = start + int(rng.integers(2, 5))
        free = quiet[channel, start - 3 : end + 3].all()
        if free and all(channel != other[0] or abs(start - other[1]) > 9 for other in found):
            found.append((channel, start, end, float(rng.choice([0.2, 0.25, 0.3, 0.35]))))
    return found


def _steps(
    row: int,
    paid: NDArray[np.float32],
    base: NDArray[np.float64],
    flash: list[tuple[int, int, int, int, float]],
    end: int,
) -> NDArray[np.int32]:
    """Days on which the price changes, with the lead of what moved it: [steps, 4] style, channel, day, lead."""
    lead = np.full(paid.shape, FESTIVAL_LEAD, dtype=np.int32)
    lead[:, np.flatnonzero(np.diff(base)) + 1] = BASE_LEAD
    lead[:, [day for day in (end - CLEARANCE_DAYS, end) if 0 <= day < paid.shape[1]]] = CLEARANCE_LEAD
    for _, channel, start, stop, _ in flash:
        lead[channel, [start, stop]] = FLASH_LEAD
    where, when = np.nonzero(np.diff(paid, axis=1, prepend=-1.0))
    return np.column_stack([np.full(len(when), row), where, when, lead[where, when]]).astype(np.int32)


def prices_table(world: World, time: Timeline, goods: Assortment, prices: PriceBook) -> pd.DataFrame:
    """The ``prices`` table: what had been announced by the last day, one row a step, SKU and channel."""
    steps = prices.steps[goods.listed[prices.steps["style"], prices.steps["channel"]]]
    known = steps["day"] - steps["lead"]
    steps = steps[known < time.history].assign(known=known)
    by_style = pd.DataFrame({"style": goods.style_of, "row": np.arange(len(goods.skus))})
    wide = by_style.merge(steps, on="style", how="inner").sort_values(["row", "channel", "day"], kind="stable")
    style, channel, day = (wide[name].to_numpy() for name in ("style", "channel", "day"))
    paid = prices.paid[style, channel, day]
    full = goods.styles["list_price"].to_numpy()[style]
    subsidy = np.maximum(prices.reference[style, channel] - paid, 0.0) * world.of("channels", "subsidy")[channel]
    return pd.DataFrame(
        {
            "sku": coded(wide["row"].to_numpy(), sku_codes(goods)),
            "channel": coded(channel, list(world.channels)),
            "date": time.dates(day),
            "list_price_fen": np.round(np.maximum(full, paid.astype(float)) * 100).astype(np.int64),
            "paid_price_fen": np.round(paid.astype(float) * 100).astype(np.int64),
            "platform_subsidy_fen": np.round(subsidy * 100).astype(np.int64),
            "known_at": time.dates(wide["known"].to_numpy()),
        }
    )


def sku_codes(goods: Assortment) -> list[str]:
    """Codes of all SKUs in row order."""
    return [f"YZ{number:06d}" for number in range(1, len(goods.skus) + 1)]
