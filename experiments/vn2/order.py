"""Orders of this week: the product's own forecast and plan, brought into the challenge's form."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from engine.data.dataset import Dataset
from engine.data.readers.vn2 import KEYS, SETTINGS, read_challenge, source_of
from engine.execution.run import Run
from engine.forecasting.make import make_forecast
from engine.forecasting.settings import ForecastSettings
from engine.plans.forecast import Demand
from engine.plans.orders import OrderPlan
from engine.replenishment.plan import plan_orders
from engine.replenishment.settings import ReplenishSettings, SupplyDefaults

QUANTITY = "quantity"
SUPPLY = SupplyDefaults.model_validate(SETTINGS["supply_defaults"])


def order(folder: Path, out: Path, run: Run, settings: ForecastSettings) -> pd.DataFrame:
    """Forecast, plan, write ``Store, Product, quantity`` for every row of the state in its order (rows that only
    sales.csv has follow); the frame as written."""
    given = read_challenge(folder)
    source = source_of(given)
    dataset = Dataset(source.tables, "vn2", assumptions=source.assumptions)
    demand = make_forecast(dataset, settings, "W", run).under()
    table = this_week(plan(dataset, demand, run), given.sales.index)
    out.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(out, index=False)
    return table


def plan(dataset: Dataset, demand: Demand, run: Run) -> OrderPlan:
    """The product's plan with the challenge's lead time and costs."""
    return plan_orders(dataset, demand, ReplenishSettings(), SUPPLY, run)


def this_week(plan: OrderPlan, rows: pd.Index) -> pd.DataFrame:
    """Units of the lines of the first planning week by store and product, 0 where there is none."""
    lines = plan.lines[plan.lines["order_week"] == plan.case.weeks[0]]
    units = lines.groupby(["warehouse", "sku"])["units"].sum().rename_axis(KEYS)
    return units.reindex(rows, fill_value=0).rename(QUANTITY).reset_index()
