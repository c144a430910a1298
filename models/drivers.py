"""Drivers: price, promotion and spend by date; what a forecast can be asked under.

Each driver stays at its own grain: a block holds one row a group (an item, a channel, the whole shop) and an index
from series to group, so that a festival shared by 30,000 series is stored once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from models.panel import Dates, Frequency

FloatGrid = NDArray[np.float32]
PRICE = "price"
LIST_PRICE = "list_price"
EVENT = "event."
MECHANISM = "mechanism"
PROMOTION = "promotion."
SUBSIDY = "subsidy"
SHADOW = "shadow."
RIVALS = "rivals."
RIVAL_PRICES, RIVAL_PROMOTIONS = RIVALS + "price", RIVALS + "promotion"


@dataclass(frozen=True, slots=True)
class Block:
    """One driver: ``values`` float32 [groups, periods] and ``group`` int32 [series], the row of each series.

    >>> block = Block(np.array([[1.0, 2.0]], dtype=np.float32), np.zeros(3, dtype=np.int32))
    >>> block.of(np.array([2, 0])).shape
    (2, 2)
    """

    values: FloatGrid
    group: NDArray[np.int32]

    def of(self, series: NDArray[np.integer] | slice = slice(None)) -> FloatGrid:
        """Values of the given series, float32 [len(series), periods]: a copy, so ask for a few series at a time."""
        return self.values[self.group[series]]


@dataclass(frozen=True)
class Drivers:
    """Everything known or assumed about a span of periods.

    ``blocks`` are named ``price`` (what the customer pays, yuan, tax included, NaN where unknown), ``list_price``,
    ``event.<kind>.<phase>``, ``event.<mechanism>.mechanism`` and ``promotion.<kind>`` (0 = not running), ``subsidy``
    (log of the price before what the platform adds, over the price paid; 0 = none). ``spend`` is yuan a period by ad
    channel. Derived where they are needed, never stored: ``shadow.<before|after>.<cause>`` (models/shadows.py) and
    ``rivals.<price|promotion>`` (models/features/rivals.py).
    """

    dates: Dates
    frequency: Frequency
    blocks: Mapping[str, Block]
    spend: Mapping[str, NDArray[np.float64]] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        for name, block in self.blocks.items():
            if block.values.shape[1] != len(self.dates):
                raise ValueError(f"driver {name} has {block.values.shape[1]} periods, the dates have {len(self.dates)}")

    def names(self, prefix: str) -> tuple[str, ...]:
        """Names of the blocks that begin with ``prefix``, sorted."""
        return tuple(sorted(name for name in self.blocks if name.startswith(prefix)))

    def between(self, start: int, stop: int) -> Drivers:
        """The periods ``start`` to ``stop - 1`` (positions)."""
        return replace(
            self,
            dates=self.dates[start:stop],
            blocks={name: Block(block.values[:, start:stop], block.group) for name, block in self.blocks.items()},
            spend={name: values[start:stop] for name, values in self.spend.items()},
        )

    def with_spend(self, spend: Mapping[str, NDArray[np.float64]]) -> Drivers:
        """The same calendar under another ad spend (yuan a period by ad channel)."""
        return replace(self, spend=MappingProxyType(dict(spend)))

    def with_block(self, name: str, block: Block) -> Drivers:
        """The same calendar with one driver replaced or added."""
        return replace(self, blocks={**self.blocks, name: block})
