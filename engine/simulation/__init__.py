"""Simulation: how a plan fares on demand and lead times that it has not seen, against a tuned rule."""

from engine.simulation.replay import replay
from engine.simulation.settings import SimulationSettings

__all__ = ["SimulationSettings", "replay"]
