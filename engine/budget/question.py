"""What a split is made of, once data, forecast and settings have been read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.budget.goals import Economics
from engine.budget.limits import Situation
from engine.budget.objective import Worth
from engine.budget.planning import PlanningModel
from engine.budget.settings import BudgetSettings
from models.response.fit import ResponseFit

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """Everything that the split is made of: ``model`` on all draws, ``reference`` [ad_channels, weeks of forecast]."""

    settings: BudgetSettings
    fit: ResponseFit
    model: PlanningModel
    situation: Situation
    economics: Economics
    worth: Worth
    reference: Floats
    weeks: NDArray[np.datetime64]

    @property
    def search_model(self) -> PlanningModel:
        """The model on which the split is sought."""
        return self.model.on_draws(self.settings.care_draws) if self.settings.care > 0 else self.model
