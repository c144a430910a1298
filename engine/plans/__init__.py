"""Frozen types that the rooms hand to each other, and the errors a user can cause."""

from engine.plans.budget import BudgetPlan
from engine.plans.errors import BadInput, Infeasible, MissingInput, Problem, Relaxation
from engine.plans.forecast import Demand, Forecast, SpendEffect
from engine.plans.orders import OrderPlan, SupplyCase
from engine.plans.parts import Parts, Plan
from engine.plans.replay import Replay
from engine.plans.solve import Binding, SolveReport, relative_gap
from engine.plans.targets import TargetPlan
from models.drivers import Block, Drivers

__all__ = [
    "BadInput",
    "Binding",
    "Block",
    "BudgetPlan",
    "Demand",
    "Drivers",
    "Forecast",
    "Infeasible",
    "MissingInput",
    "OrderPlan",
    "Parts",
    "Plan",
    "Problem",
    "Relaxation",
    "Replay",
    "SolveReport",
    "SpendEffect",
    "SupplyCase",
    "TargetPlan",
    "relative_gap",
]
