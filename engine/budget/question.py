"""What a split is made of, once data, forecast and settings have been read."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.budget.goals import Economics
from engine.budget.limits import Situation
from engine.budget.objective import Worth
from engine.budget.planning import PlanningModel
from engine.budget.settings import BudgetSettings
from engine.budget.streams import Streams
from models.response.fit import ResponseFit

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """Everything that the split is made of: ``model`` on all draws, ``reference`` [ad_channels, weeks of forecast],
    ``streams`` on offer."""

    settings: BudgetSettings
    fit: ResponseFit
    model: PlanningModel
    situation: Situation
    economics: Economics
    worth: Worth
    reference: Floats
    weeks: NDArray[np.datetime64]
    streams: Streams

    @property
    def search_model(self) -> PlanningModel:
        """The model on which the split is sought."""
        return self.model.on_draws(self.settings.care_draws) if self.settings.care > 0 else self.model

    @property
    def searched(self) -> Situation:
        """The situation with offers on the draws of :attr:`search_model`."""
        return replace(self.situation, offers=self.streams.offers(self.search_model.curves.draws))
