"""What a buyer does with the order plan that was made: ask why, and hand it out as purchase orders."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from engine.data.dataset import Dataset
from engine.data.store import Workspace
from engine.execution.run import Run
from engine.plans.errors import BadInput, Problem
from engine.plans.forecast import Demand, Forecast
from engine.plans.orders import OrderPlan
from engine.replenishment.explain import LineExplanation, explain_line, find_line, item_of
from engine.workflow.pipeline import inputs_of, same_work
from engine.workflow.settings import PlanSettings
from engine.workflow.stages import STAGES, StageInput
from engine.workflow.watch import stored_plans

STAGE = "replenish"


@dataclass(frozen=True)
class Ordered:
    """The last order plan with its hash, the demand and forecast it was made for, its data; what has changed since."""

    plan: OrderPlan
    digest: str
    demand: Demand
    forecast: Forecast
    dataset: Dataset
    notes: tuple[str, ...]


def last_orders(workspace: Workspace, settings: PlanSettings) -> Ordered:
    """The stored order plan; :class:`BadInput` where there is none of the forecast that stands."""
    manifest = workspace.plan_manifest(STAGE)
    plans = {} if manifest is None else stored_plans(workspace, manifest["inputs"]["plans"])
    if manifest is None or not plans:
        message = "has no order plan yet" if manifest is None else "has no order plan of this forecast yet"
        raise BadInput([Problem(str(workspace.path), message, remedy="Run `yunchou replenish`.")])
    dataset = workspace.dataset(manifest["inputs"]["data"])
    dataset = dataset if settings.as_of is None else dataset.as_of(settings.as_of)
    notes = []
    if manifest["inputs"]["data"] != workspace.current():
        notes.append("new data have come since this order plan: run `yunchou replenish`")
    if not same_work(manifest, inputs_of(STAGES[STAGE], dataset, settings, manifest["inputs"]["plans"])):
        notes.append("the settings or the program have changed since this order plan: run `yunchou replenish`")
    given = StageInput(dataset, settings, Run(settings.seed, settings.threads), plans)
    forecast = given.plan("forecast", Forecast)
    orders = cast(OrderPlan, plans[STAGE])
    return Ordered(orders, str(manifest["plan"]), given.demand(), forecast, dataset, tuple(notes))


def line_explained(workspace: Workspace, settings: PlanSettings, line: str) -> LineExplanation:
    """Why a line of the last order plan has its quantity; ``line``: its number from 1, or SKU@WAREHOUSE."""
    made = last_orders(workspace, settings)
    row = find_line(made.plan, line)
    found = explain_line(made.plan, row, made.demand, settings.replenish, Run(settings.seed, settings.threads))
    return replace(found, trust=trust_of(made, item_of(made.plan.case, made.plan.lines.iloc[row])), warnings=made.notes)


def trust_of(made: Ordered, item: int) -> dict[str, str]:
    """Trust grade by sales channel of the series that draw on an item."""
    rows = np.sort(made.plan.case.fulfilment[[item]].indices)
    channels = made.forecast.series["channel"].astype(str).to_numpy()[rows]
    return {str(channel): str(grade) for channel, grade in zip(channels, made.forecast.trust[rows], strict=True)}
