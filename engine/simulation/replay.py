"""Replay of an order plan: the same draws for the plan followed, the plan frozen and a tuned rule."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.execution.run import Run
from engine.plans.forecast import Demand
from engine.plans.orders import OrderPlan
from engine.plans.replay import Replay
from engine.simulation.draws import draws, item_mean
from engine.simulation.measures import (
    MEASURE_COLUMNS,
    PAIRED_COLUMNS,
    WEEK_COLUMNS,
    Outcome,
    curves,
    measures,
    outcome,
    paired,
)
from engine.simulation.rules import TunedRule, followed, frozen, tune
from engine.simulation.settings import SimulationSettings
from engine.simulation.stock import Stock, stock_of
from models.inventory.stock_flow import Flows, simulate

PLAN, FROZEN, TUNED = "plan", "plan_frozen", "tuned_rule"


def replay(plan: OrderPlan, demand: Demand, settings: SimulationSettings, run: Run) -> Replay:
    """Replay a plan on demand and lead times that it has not seen.

    Every policy lives under the cash and inbound limits of the case: where the orders of a week do not fit, the most
    urgent are placed first and cut to what fits. Orders on their way at the start arrive as scheduled; new ones take
    a random lead time and are paid by the agreed one. ValueError when demand and plan differ in weeks.
    """
    case = plan.case
    if len(case.items) == 0 or len(case.weeks) == 0:
        return _nothing("the order plan holds no items: there is nothing to replay")
    stock = stock_of(case, item_mean(case, demand), settings.slow_weeks)
    run.progress("tuning the rule of comparison", 0.0)
    training = draws(case, demand, stock, run.seed_for("replenishment paths"))
    tuned = tune(stock, training, settings, run.threads)
    policies = {PLAN: followed(plan, stock), FROZEN: frozen(plan), TUNED: tuned.rule}
    unseen = draws(case, demand, stock, run.seed_for("simulation"))
    flows: dict[str, list[Flows]] = {name: [] for name in policies}
    done = 0
    for block in unseen.blocks(settings.paths, settings.block_paths):
        run.progress("replaying the plan", 0.4 + 0.6 * done / settings.paths)
        results = simulate(list(policies.values()), *block, stock.goods, stock.values, stock.limits, run.threads)
        for name, result in zip(policies, results, strict=True):
            flows[name].append(result)
        done += block[0].shape[1]
    outcomes = {name: outcome(blocks, stock) for name, blocks in flows.items()}
    return Replay(
        measures=measures(outcomes),
        paired=paired(outcomes, PLAN),
        weeks=curves(outcomes, case.weeks),
        warnings=_warnings(plan, stock),
        metrics=_metrics(outcomes, tuned, settings.paths),
    )


def _warnings(plan: OrderPlan, stock: Stock) -> tuple[str, ...]:
    notes = []
    if not plan.quantity.any():
        notes.append("the plan orders nothing: the replay shows what the stock at hand can do")
    if stock.unpriced.any():
        count = int(stock.unpriced.sum())
        notes.append(f"{count} items without net revenue count by holding cost and lost sales only")
    if not stock.mean.any():
        notes.append("no demand is expected for any item")
    return tuple(notes)


def _metrics(outcomes: dict[str, Outcome], tuned: TunedRule, paths: int) -> dict[str, float]:
    gain = outcomes[PLAN].values["profit_yuan"] - outcomes[TUNED].values["profit_yuan"]
    result = {
        f"{measure}_{policy}": float(values.mean())
        for policy, found in outcomes.items()
        for measure, values in found.values.items()
        if measure in ("fill_rate", "stock_out_days", "turnover_days", "profit_yuan", "purchases_yuan")
    }
    result["profit_gain_yuan"] = float(gain.mean())
    result["profit_gain_se_yuan"] = float(gain.std(ddof=1) / np.sqrt(paths))
    result["tuned_safety_factor"] = tuned.safety_factor
    result["tuned_cover_weeks"] = tuned.cover_weeks
    result["paths"] = float(paths)
    return result


def _nothing(reason: str) -> Replay:
    return Replay(
        pd.DataFrame(columns=MEASURE_COLUMNS),
        pd.DataFrame(columns=PAIRED_COLUMNS),
        pd.DataFrame(columns=WEEK_COLUMNS),
        warnings=(reason,),
    )
