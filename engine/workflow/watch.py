"""What a buyer should look at today: alerts and suppliers, from the data and the plans that stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from engine.data.dataset import Dataset
from engine.data.store import Workspace
from engine.execution.run import Run
from engine.plans.alerts import Alerts
from engine.plans.budget import BudgetPlan
from engine.plans.errors import MissingInput
from engine.plans.forecast import Forecast
from engine.plans.orders import OrderPlan
from engine.plans.parts import Plan
from engine.plans.suppliers import SupplierReport
from engine.plans.targets import TargetPlan
from engine.replenishment.alerts.make import make_alerts
from engine.replenishment.alerts.positions import Planned
from engine.replenishment.suppliers import supplier_report
from engine.workflow.progress import Progress
from engine.workflow.settings import PlanSettings
from engine.workflow.stages import BEFORE, StageInput

NO_PLAN = "there is no order plan for this forecast yet: run `yunchou replenish`"
OLD_PLAN = "new data have come since the order plan: alerts are of its data; run `yunchou replenish`"


def watched(workspace: Workspace, settings: PlanSettings, progress: Progress) -> Alerts:
    """Alerts from the stored forecast and order plan, on the data they were made of.

    Without a plan, or where the forecast was made anew since, only what stock and sales say.
    """
    notes = []
    plans: dict[str, Plan] = {}
    manifest = workspace.plan_manifest("replenish")
    data = workspace.current()
    if manifest is not None:
        used = manifest["inputs"]["plans"]
        plans = stored_plans(workspace, used)
    if plans and manifest is not None:
        data = manifest["inputs"]["data"]
        if data != workspace.current():
            notes.append(OLD_PLAN)
    else:
        notes.append(NO_PLAN)
    dataset = workspace.dataset(data)
    dataset = dataset if settings.as_of is None else dataset.as_of(settings.as_of)
    found = alerts_of(dataset, settings, plans, progress)
    return replace(found, notes=(*notes, *found.notes))


def alerts_of(dataset: Dataset, settings: PlanSettings, plans: Mapping[str, Plan], progress: Progress) -> Alerts:
    """Alerts from the plans of one run; each may be missing."""
    forecast, orders = cast("Forecast | None", plans.get("forecast")), cast("OrderPlan | None", plans.get("replenish"))
    run = Run(settings.seed, settings.threads, lambda text, share: progress("alerts", text, share))
    planned = None
    if forecast is not None and orders is not None:
        planned = Planned(orders, StageInput(dataset, settings, run, plans).demand(), forecast.effects)
    return make_alerts(dataset, planned, settings.alerts, settings.replenish, run, settings.price_protection)


def graded_suppliers(dataset: Dataset, settings: PlanSettings, orders: OrderPlan | None) -> SupplierReport | None:
    """The suppliers' scorecard; None where orders or receipts are missing."""
    try:
        return judged_suppliers(dataset, settings, orders)
    except MissingInput:
        return None


def judged_suppliers(dataset: Dataset, settings: PlanSettings, orders: OrderPlan | None) -> SupplierReport:
    """The scorecard with what better terms are worth for the orders of the plan, where there is one."""
    report = supplier_report(dataset, settings.suppliers)
    return report if orders is None else replace(report, worth=orders.worth)


def stored_plans(workspace: Workspace, used: Mapping[str, str | None]) -> dict[str, Plan]:
    """The stored order plan with exactly the plans it was made of; nothing where one has changed since."""
    kinds: dict[str, type[Plan]] = {
        "forecast": Forecast,
        "budget": BudgetPlan,
        "targets": TargetPlan,
        BEFORE: OrderPlan,
    }
    plans: dict[str, Plan] = {}
    for name, digest in used.items():
        manifest = workspace.plan_manifest(name)
        if digest is None:
            continue
        if manifest is None or manifest["plan"] != digest:
            return {}
        plan = workspace.load_plan(name, kinds[name])
        if plan is None:
            return {}
        plans[name] = plan
    orders = workspace.load_plan("replenish", OrderPlan)
    return {} if orders is None else {**plans, "replenish": orders}
