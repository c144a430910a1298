"""The stages: what each needs, and the room that does its work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

from engine.budget.effect import forecast_under
from engine.budget.plan import plan_budget
from engine.data.dataset import Dataset
from engine.data.overrides import today, unknown_names
from engine.execution.run import Run
from engine.forecasting.make import make_forecast
from engine.forecasting.overrides import with_overrides
from engine.plans.budget import BudgetPlan
from engine.plans.errors import BadInput
from engine.plans.forecast import Demand, Forecast
from engine.plans.orders import OrderPlan
from engine.plans.override import Override
from engine.plans.parts import Plan
from engine.plans.replay import Replay
from engine.plans.targets import TargetPlan
from engine.replenishment.plan import plan_orders
from engine.simulation.replay import replay
from engine.targets.plan import set_targets
from engine.workflow.budget_feed import WITHOUT, asked_of_weeks, fed_budget, held_against_targets
from engine.workflow.feeds import fed_settings, supplied_demand, takes_targets, without_targets
from engine.workflow.settings import PlanSettings

PlanType = TypeVar("PlanType")


BEFORE = "replenish_before"
"""Folder of the last order plan that was made for an earlier week."""


@dataclass(frozen=True)
class StageInput:
    """What a stage works on: the data, the settings, the run, the plans of the stages before it, and under ``BEFORE``
    the order plan of an earlier week."""

    dataset: Dataset
    settings: PlanSettings
    run: Run
    plans: Mapping[str, Plan]

    def plan(self, stage: str, kind: type[PlanType]) -> PlanType:
        """The plan of a stage that this one cannot do without."""
        return cast(PlanType, self.plans[stage])

    def optional(self, stage: str, kind: type[PlanType]) -> PlanType | None:
        """The plan of a stage that may have been skipped."""
        return cast("PlanType | None", self.plans.get(stage))

    def demand(self) -> Demand:
        """Demand under the chosen budget, under the announced drivers where there is none; where supply is planned for
        the targets, moved towards them."""
        return self.supply()[0]

    def supply(self) -> tuple[Demand, tuple[str, ...]]:
        """The demand, and what of the targets it leaves out."""
        forecast, targets = self.plan("forecast", Forecast), self.optional("targets", TargetPlan)
        budget = self.optional("budget", BudgetPlan)
        plain = forecast.under()
        demand = plain if budget is None else forecast_under(forecast, budget)
        if targets is None or targets.details is None:
            return demand, ()
        return supplied_demand(demand, plain, targets.details, self.settings.targets.supply_share)


@dataclass(frozen=True)
class Stage:
    """A stage: the plans it needs, those it uses where they exist, its settings, its work.

    ``adjust`` lays overrides over a plan, a fresh one or a stored one, without the work.
    """

    name: str
    kind: type[Plan]
    needs: tuple[str, ...]
    uses: tuple[str, ...]
    settings: tuple[str, ...]
    work: Callable[[StageInput], Plan]
    adjust: Callable[[StageInput, Plan], Plan] | None = None

    def settings_used(self, settings: PlanSettings) -> dict[str, Any]:
        """The settings that can change this stage's result."""
        names = ("seed", "threads", "frequency", "as_of", *self.settings)
        return settings.model_dump(mode="json", include=set(names))


def _forecast(given: StageInput) -> Forecast:
    return make_forecast(given.dataset, given.settings.forecast, given.settings.frequency, given.run)


def _overridden(given: StageInput, plan: Plan) -> Plan:
    """The forecast with the overrides in force; what they name and is not there is bad input."""
    active = overrides_in_force(given.dataset, given.settings)
    if problems := unknown_names(active, given.dataset):
        raise BadInput(problems)
    return with_overrides(cast(Forecast, plan), active)


def overrides_in_force(dataset: Dataset, settings: PlanSettings) -> tuple[Override, ...]:
    """Neither expired nor withdrawn; with ``as_of`` as they were then."""
    if not settings.overrides:
        return ()
    day, known = today(dataset), settings.as_of is not None
    return tuple(entry for entry in settings.overrides if entry.holds_on(day, known))


def _targets(given: StageInput) -> TargetPlan:
    return set_targets(given.dataset, given.plan("forecast", Forecast), given.settings.targets, given.run)


def _budget(given: StageInput) -> BudgetPlan:
    forecast, settings = given.plan("forecast", Forecast), given.settings.budget
    targets = given.optional("targets", TargetPlan)
    if not settings.follow_targets or targets is None or targets.details is None:
        plan = plan_budget(given.dataset, forecast, settings, given.run, given.settings.price_protection)
        return replace(plan, warnings=(*plan.warnings, WITHOUT)) if settings.follow_targets else plan
    asked = asked_of_weeks(given.dataset, forecast, targets, settings)
    fed, protection = fed_budget(settings, asked), given.settings.price_protection
    plan = plan_budget(given.dataset, forecast, fed, given.run, protection)
    return held_against_targets(forecast, plan, settings, asked)


def _replenish(given: StageInput) -> OrderPlan:
    settings = given.settings
    before, (demand, notes) = given.optional(BEFORE, OrderPlan), given.supply()
    targets = given.optional("targets", TargetPlan)
    fed = fed_settings(settings.replenish, targets)
    plan = plan_orders(given.dataset, demand, fed, settings.supply_defaults, given.run, before)
    unfed = without_targets(settings) if targets is None else ()
    return replace(plan, warnings=(*plan.warnings, *notes, *unfed))


def _simulate(given: StageInput) -> Replay:
    plain = replace(given, plans={name: plan for name, plan in given.plans.items() if name != "targets"})
    return replay(given.plan("replenish", OrderPlan), plain.demand(), given.settings.simulate, given.run)


STAGES: Mapping[str, Stage] = {
    stage.name: stage
    for stage in (
        Stage("forecast", Forecast, (), (), ("forecast",), _forecast, _overridden),
        Stage("targets", TargetPlan, ("forecast",), (), ("targets",), _targets),
        Stage("budget", BudgetPlan, ("forecast",), ("targets",), ("budget", "price_protection"), _budget),
        Stage(
            "replenish", OrderPlan, ("forecast",), ("targets", "budget"), ("replenish", "supply_defaults"), _replenish
        ),
        Stage("simulate", Replay, ("forecast", "replenish"), ("budget",), ("simulate",), _simulate),
    )
}
"""Planning stages in order; the report reads all of them and makes no plan."""


def used_by(stage: Stage, settings: PlanSettings) -> tuple[str, ...]:
    """Stages whose plans it uses where they exist, under these settings: orders and the budget look at the targets only
    when told to, so that other targets do not make them out of date."""
    return tuple(name for name in stage.uses if name != "targets" or _looks_at_targets(stage.name, settings))


def listed(settings: PlanSettings) -> tuple[str, ...]:
    """The settings' stages, without the targets where no later stage looks at them: for :func:`.pipeline.closure`."""
    if any(_looks_at_targets(name, settings) for name in settings.stages):
        return settings.stages
    return tuple(name for name in settings.stages if name != "targets")


def _looks_at_targets(stage: str, settings: PlanSettings) -> bool:
    """Whether a stage is told to."""
    if stage == "budget":
        return bool(settings.budget.follow_targets)
    return stage == "replenish" and takes_targets(settings)
