"""Next year's numbers: goals spread over months, channels, categories and SKUs, with their chance."""

from engine.targets.plan import set_targets
from engine.targets.settings import Goal, SkuGoal, TargetSettings

__all__ = ["Goal", "SkuGoal", "TargetSettings", "set_targets"]
