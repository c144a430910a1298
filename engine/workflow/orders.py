"""What a buyer does with the order plan that was made: ask why, and hand it out as purchase orders."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

from engine.data.dataset import Dataset
from engine.data.network import text_of
from engine.data.store import Workspace
from engine.execution.run import Run
from engine.plans.errors import BadInput, Problem
from engine.plans.forecast import Demand, Forecast
from engine.plans.orders import OrderPlan
from engine.replenishment.approval import APPROVED, with_approval
from engine.replenishment.explain import LineExplanation, explain_line, find_line, items_of
from engine.reports.purchase_orders import write_orders
from engine.reports.words import Words
from engine.workflow.pipeline import inputs_of, same_work
from engine.workflow.settings import PlanSettings
from engine.workflow.stages import BEFORE, STAGES, StageInput
from engine.workflow.watch import stored_plans

STAGE = "replenish"


@dataclass(frozen=True)
class Ordered:
    """The last order plan, the demand and forecast it was made for, its data, the plan of an earlier week that it goes
    on from; what has changed since."""

    plan: OrderPlan
    demand: Demand
    forecast: Forecast
    dataset: Dataset
    before: OrderPlan | None
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
    return Ordered(orders, given.demand(), forecast, dataset, given.optional(BEFORE, OrderPlan), tuple(notes))


def line_explained(workspace: Workspace, settings: PlanSettings, line: str) -> LineExplanation:
    """Why a line of the last order plan has its quantity; ``line``: its number from 1, or SKU@WAREHOUSE."""
    made = last_orders(workspace, settings)
    row = find_line(made.plan, line)
    found = explain_line(made.plan, row, made.demand, settings.replenish, Run(settings.seed, settings.threads))
    item = items_of(made.plan.case, made.plan.lines.iloc[[row]])[0]
    return replace(found, trust=trust_of(made, item), warnings=made.notes)


def trust_of(made: Ordered, item: int) -> dict[str, str]:
    """Trust grade by sales channel of the series that draw on an item."""
    rows = np.sort(made.plan.case.fulfilment[[item]].indices)
    channels = made.forecast.series["channel"].astype(str).to_numpy()[rows]
    return {str(channel): str(grade) for channel, grade in zip(channels, made.forecast.trust[rows], strict=True)}


@dataclass(frozen=True)
class HandedOut:
    """Purchase orders that were written: ``lines`` with ``approval``, the ``files``, what to know."""

    lines: pd.DataFrame
    files: tuple[Path, ...]
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        approved = self.lines["approval"] == APPROVED
        return {
            "lines": len(self.lines),
            "yuan": float(self.lines["cost_fen"].sum()) / 100.0,
            "pre_approved": int(approved.sum()),
            "pre_approved_yuan": float(self.lines.loc[approved, "cost_fen"].sum()) / 100.0,
            "files": [str(file) for file in self.files],
            "warnings": list(self.notes),
        }


def hand_out(workspace: Workspace, settings: PlanSettings, folder: Path, weeks: int, over: bool) -> HandedOut:
    """The lines of the next ``weeks`` as purchase orders in ``folder``; ``over``: replace files of other content."""
    made = last_orders(workspace, settings)
    first = made.plan.case.weeks[0].astype("datetime64[D]")
    every = made.plan.lines
    lines = every.assign(line=np.arange(1, len(every) + 1))
    lines = lines[lines["order_week"].to_numpy("datetime64[D]") < first + weeks * np.timedelta64(7, "D")]
    lines = lines.astype(dict.fromkeys(("sku", "warehouse", "pool", "supplier"), str)).reset_index(drop=True)
    before = None if made.before is None else made.before.lines
    trust = ["".join(sorted(set(trust_of(made, item).values()))) for item in items_of(made.plan.case, lines)]
    lines = with_approval(lines, trust, before, settings.approval)
    words = Words(settings.report.language)
    shown = lines.assign(name=_names(made.dataset, lines["sku"]), approval=lines["approval"].map(words.label))
    files = write_orders(folder, shown, first.item(), words, over) if len(lines) else ()
    notes = list(made.notes)
    if before is None and settings.approval.change is not None and len(lines):
        notes.append("there is no earlier order plan to compare with, so no line is pre-approved")
    return HandedOut(lines, files, tuple(notes))


def _names(dataset: Dataset, skus: pd.Series) -> list[str]:
    """Product names, "" where there are none."""
    table = dataset.get("skus")
    if table is None or "name" not in table:
        return [""] * len(skus)
    known = dict(zip(table["sku"].astype(str), text_of(table["name"]), strict=True))
    return [known.get(sku, "") for sku in skus]
