"""The few figures of a plan that the command line and the record show, under the names that users script against."""

from __future__ import annotations

import math
from functools import singledispatch
from typing import Any

import pandas as pd

from engine.plans.budget import BudgetPlan
from engine.plans.forecast import Forecast
from engine.plans.orders import OrderPlan
from engine.plans.parts import Plan, records
from engine.plans.replay import Replay
from engine.plans.solve import SolveReport
from engine.plans.targets import SCENARIOS, TargetPlan


def gap_of(plan: Plan) -> float | None:
    """The proven gap of a plan that was optimised, None for the others."""
    report = getattr(plan, "report", None)
    return report.gap if isinstance(report, SolveReport) and math.isfinite(report.gap) else None


@singledispatch
def summarise(plan: Any) -> dict[str, Any]:
    """Figures by name, JSON-serialisable."""
    return {}


@summarise.register
def _(plan: Forecast) -> dict[str, Any]:
    return {
        "series": len(plan.series),
        "periods": len(plan.dates),
        "first_date": str(plan.dates[0]),
        "backtest": plan.backtest.to_dict("records"),
        "elasticity": _elasticities(plan),
    }


@summarise.register
def _(plan: TargetPlan) -> dict[str, Any]:
    found = {
        **plan.report.as_dict(),
        "target_fen": int(plan.months["target_fen"].sum()),
        "sums": {level: _sums(plan.months, level) for level in ("month", "channel", "category")},
        "probability": plan.probability.to_dict("records"),
        "problems": [problem.as_dict() for problem in plan.problems],
    }
    if plan.details is None:
        return found
    details = plan.details
    of_year = {"cell": details.cells, "day": details.days, "sku": plan.skus[plan.skus["month"].dt.year == details.year]}
    found["sums"]["event"] = {key or "everyday": fen for key, fen in _sums(details.cells, "event").items()}
    before = int(plan.months.loc[plan.months["month"].dt.year < details.year, "target_fen"].sum())
    found["sums"]["event"] |= {"before the year": before} if before else {}
    return found | {
        "year": details.year,
        "year_target_fen": {level: int(frame["target_fen"].sum()) for level, frame in of_year.items()},
        "owners": {side: _sums(part, "owner") for side, part in details.owners.groupby("side")},
        "scenarios": {name: int(details.scenarios[name].sum()) for name in SCENARIOS},
        "limits": details.limits.head(20).to_dict("records"),
        "roles": details.roles.to_dict("records"),
        "new_products": details.items.astype({"month": str}).to_dict("records"),
        "sensitivity": details.sensitivity.head(10).to_dict("records"),
    }


@summarise.register
def _(plan: BudgetPlan) -> dict[str, Any]:
    return {
        **plan.report.as_dict(),
        "split": dict(zip(plan.channels["ad_channel"].astype(str), plan.channels["spend_fen"].tolist(), strict=True)),
        "difference": plan.difference,
        "frontier": plan.frontier.to_dict("records"),
        **{name: records(getattr(plan, name)) for name in ("hours", "offers", "reserve", "review", "groups", "trials")},
    }


@summarise.register
def _(plan: OrderPlan) -> dict[str, Any]:
    return {
        **plan.report.as_dict(),
        "lines": len(plan.lines),
        "purchase_fen": int(plan.lines["cost_fen"].sum()),
        "changes": _changes(plan),
        "worth_of_terms": plan.worth.to_dict("records"),
        "unplanned": plan.unplanned.astype(str).head(20).to_dict("records"),
        "unplanned_count": len(plan.unplanned),
    }


@summarise.register
def _(plan: Replay) -> dict[str, Any]:
    table = plan.measures
    return {
        "measures": {
            str(policy): dict(zip(rows["measure"].astype(str), rows["mean"].tolist(), strict=True))
            for policy, rows in table.groupby("policy", sort=True, observed=True)
        },
        "paired": plan.paired.to_dict("records"),
    }


def _changes(plan: OrderPlan) -> dict[str, Any]:
    """Lines that differ from the last plan: how many, by how much, the largest ones with their reasons."""
    changes = plan.changes
    units = (changes["units"] - changes["last_units"]).abs()
    return {
        "lines": len(changes),
        "units": int(units.sum()),
        "fen": int(changes["change_fen"].abs().sum()),
        "standing": len(plan.lines) - len(plan.new_lines),
        "largest": changes.head(20).astype({"order_week": str}).to_dict("records"),
    }


def _sums(frame: pd.DataFrame, level: str) -> dict[str, int]:
    sums = frame.groupby(level, sort=True, observed=True)["target_fen"].sum()
    return {str(key)[:10]: int(value) for key, value in sums.items()}


def _elasticities(plan: Forecast) -> list[dict[str, Any]]:
    """Price elasticity by category with its central 90 %; None where nothing is known."""
    low, high = (
        [float(end) if math.isfinite(end) else None for end in ends] for ends in plan.effects.interval("price")
    )
    rows = zip(plan.effects.categories, plan.effects.elasticity.tolist(), low, high, strict=True)
    return [{"category": name, "elasticity": value, "low": left, "high": right} for name, value, left, right in rows]
