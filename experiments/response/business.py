"""A business whose true response to ads is known."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.response.curves import ResponseCurves
from models.response.data import ResponseData

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Business:
    """``data`` for the fit; ``truth``: the curves that made it, one draw (None: it has another form); ``roas`` over the
    history, float64 [ads].

    ``regions`` add up to ``data``; none where the country is one.
    """

    data: ResponseData
    truth: ResponseCurves | None
    roas: Floats
    regions: tuple[ResponseData, ...] = ()

    def by_week(self) -> Business:
        """The same with days added up to weeks."""
        regions = tuple(region.by_week() for region in self.regions)
        return replace(self, data=self.data.by_week(), regions=regions)
