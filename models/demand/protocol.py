"""What every demand model can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from models.drivers import Drivers
from models.panel import Panel


class DemandModel(Protocol):
    """A model of the demand of all series of a panel. Fitted models are frozen; the panel's series stay in order."""

    @classmethod
    def fit(cls, panel: Panel, drivers: Drivers, seed: int) -> Self:
        """Learn from the panel; ``drivers`` cover its periods and the horizon."""
        ...

    def update(self, panel: Panel, drivers: Drivers) -> Self:
        """The same parameters on a newer history of the same series."""
        ...

    def predict(self, horizon: int) -> NDArray[np.float32]:
        """Mean units of the ``horizon`` periods after the history under its drivers, float32 [series, horizon]."""
        ...

    def state(self) -> Mapping[str, Any]:
        """Parameters without the history, JSON-serialisable."""
        ...
