"""Measures of a policy by path, and their summaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from engine.simulation.stock import Stock
from models.inventory.stock_flow import FLOWS, Flows
from models.panel import Dates

Floats = NDArray[np.float64]
WEEKS_A_YEAR = 365.25 / 7.0
UNITS = {
    "fill_rate": "share",
    "stock_out_share": "share",
    "stock_out_days": "days an item",
    "lost_units": "units",
    "second_lane_units": "units",
    "lost_sales_yuan": "yuan",
    "revenue_yuan": "yuan",
    "profit_yuan": "yuan",
    "stock_yuan": "yuan",
    "turnover_days": "days",
    "slow_mover_share": "share",
    "holding_yuan": "yuan",
    "order_cost_yuan": "yuan",
    "purchases_yuan": "yuan",
    "discount_yuan": "yuan",
    "lowest_cash_yuan": "yuan",
    "gmroi": "yuan a yuan and year",
}
CURVES = ("stock_yuan", "stock_units", "demand_units", "sold_units", "received_units", "payments_yuan")
MEASURE_COLUMNS = ["policy", "measure", "unit", "mean", "low", "high"]
PAIRED_COLUMNS = ["policy", "against", "measure", "unit", "mean", "low", "high"]
WEEK_COLUMNS = ["policy", "week", "measure", "mean", "low", "high"]


def profit(flows: Flows) -> Floats:
    """Yuan by path: net revenue + price tiers reached - cost of goods sold - holding - orders - lost sales of goods
    without a price - what stock left at the end, or still on its way, costs until it is sold or cleared."""
    gains = flows.of("revenue_yuan") + flows.of("discount_yuan")
    costs = ("goods_yuan", "holding_yuan", "order_cost_yuan", "penalty_yuan", "leftover_yuan")
    return np.asarray((gains - sum(flows.of(name) for name in costs)).sum(axis=1))


@dataclass(frozen=True)
class Outcome:
    """One policy on all paths: ``values`` [paths] by measure, ``curves`` [paths, weeks] by name."""

    values: Mapping[str, Floats]
    curves: Mapping[str, Floats]


def outcome(blocks: Sequence[Flows], stock: Stock) -> Outcome:
    """Measures by path. One that is not defined (turnover without sales, cash without a limit) is left out."""
    flows = Flows(np.concatenate([block.total for block in blocks], axis=1), *_no_items())
    total = {name: flows.of(name).sum(axis=1) for name in FLOWS}
    weeks = flows.total.shape[2]
    active = max(float(stock.goods.active.sum()), 1.0)
    lost = total["demand_units"] - total["sold_units"]
    out_share = total["out_weeks"] / (active * weeks)
    stock_mean = flows.of("stock_yuan").mean(axis=1)
    at_cost = stock.values.cost.any()
    sales = total["sales_at_cost_yuan" if at_cost else "sold_units"] / (7.0 * weeks)
    cash_left = stock.limits.cash - np.cumsum(flows.of("payments_yuan"), axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = {
            "fill_rate": np.where(total["demand_units"] > 0.0, total["sold_units"] / total["demand_units"], 1.0),
            "stock_out_share": out_share,
            "stock_out_days": 7.0 * weeks * out_share,
            "lost_units": lost,
            "second_lane_units": total["second_units"],
            "lost_sales_yuan": total["lost_yuan"],
            "revenue_yuan": total["revenue_yuan"],
            "profit_yuan": profit(flows),
            "stock_yuan": stock_mean,
            "turnover_days": (stock_mean if at_cost else flows.of("stock_units").mean(axis=1)) / sales,
            "slow_mover_share": total["excess_yuan"] / flows.of("stock_yuan").sum(axis=1),
            "holding_yuan": total["holding_yuan"],
            "order_cost_yuan": total["order_cost_yuan"],
            "purchases_yuan": total["purchases_yuan"],
            "discount_yuan": total["discount_yuan"],
            "lowest_cash_yuan": cash_left.min(axis=1),
            "gmroi": (total["revenue_yuan"] + total["discount_yuan"] - total["goods_yuan"])
            * WEEKS_A_YEAR
            / weeks
            / stock_mean,
        }
    curves = {name: flows.of(name) for name in CURVES}
    curves["lost_units"] = flows.of("demand_units") - flows.of("sold_units")
    curves["cash_left_yuan"] = cash_left
    return Outcome(
        {name: value for name, value in values.items() if np.isfinite(value).all()},
        {name: value for name, value in curves.items() if np.isfinite(value).all()},
    )


def measures(outcomes: Mapping[str, Outcome]) -> pd.DataFrame:
    """Frame ``policy, measure, unit, mean, low, high``: mean and 90 % of the paths."""
    rows = [
        (policy, name, UNITS[name], value.mean(), *np.quantile(value, [0.05, 0.95]))
        for policy, result in outcomes.items()
        for name, value in result.values.items()
    ]
    return pd.DataFrame(rows, columns=MEASURE_COLUMNS)


def paired(outcomes: Mapping[str, Outcome], policy: str) -> pd.DataFrame:
    """Difference of ``policy`` from every other by path, with the 95 % interval of its mean (Student's t)."""
    rows = []
    for against, other in outcomes.items():
        for name, value in outcomes[policy].values.items():
            if against != policy and name in other.values:
                change = value - other.values[name]
                count = len(change)
                half = stats.t.ppf(0.975, count - 1) * change.std(ddof=1) / np.sqrt(count)
                rows.append(
                    (policy, against, name, UNITS[name], change.mean(), change.mean() - half, change.mean() + half)
                )
    return pd.DataFrame(rows, columns=PAIRED_COLUMNS)


def curves(outcomes: Mapping[str, Outcome], weeks: Dates) -> pd.DataFrame:
    """Frame ``policy, week, measure, mean, low, high``: mean and 90 % of the paths."""
    parts = [
        pd.DataFrame(
            {
                "policy": policy,
                "week": weeks.astype("datetime64[s]"),
                "measure": name,
                "mean": value.mean(axis=0),
                "low": np.quantile(value, 0.05, axis=0),
                "high": np.quantile(value, 0.95, axis=0),
            }
        )
        for policy, result in outcomes.items()
        for name, value in result.curves.items()
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=WEEK_COLUMNS)


def _no_items() -> tuple[Floats, Floats, Floats]:
    return np.zeros(0), np.zeros(0), np.zeros(0)
