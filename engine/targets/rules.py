"""Rules of the programme: what the goals and limits say about the year's cells, each a weighted sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Sense = Literal["=", ">", "<"]


@dataclass(frozen=True)
class Rule:
    """Sum of ``coefficient`` x yuan over the cells, compared by ``sense`` with ``yuan``.

    ``level``, ``key``: what it speaks of, and ``member``: its cells, which get a growth rate of their own (none for
    limits and for the total). ``goal`` tells what is asked of the sum of the members' sales, where it is that simple.
    """

    text: str
    coefficient: Floats
    sense: Sense
    yuan: float
    hard: bool = True
    weight: float = 1.0
    level: str = ""
    key: str = ""
    member: NDArray[np.bool_] | None = None
    remedy: str = ""

    @property
    def plain(self) -> bool:
        """The rule is about the sum of its members' sales and nothing else."""
        return self.member is not None and bool((self.coefficient == self.member).all())


@dataclass(frozen=True)
class Costs:
    """What a yuan of sales (tax included) of each cell holds, float64 [cells]: ``goods`` yuan of cost without VAT,
    ``net`` yuan without VAT, ``units``; ``receipts`` yuan that the platform settles."""

    goods: Floats
    net: Floats
    units: Floats
    receipts: Floats
