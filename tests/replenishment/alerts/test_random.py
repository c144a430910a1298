"""Alerts of random merchants: whole, finite, the same twice; whatever table is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from engine.execution.run import Run
from engine.plans.alerts import COLUMNS, KINDS
from engine.plans.orders import OrderPlan
from engine.replenishment.alerts.make import make_alerts
from engine.replenishment.alerts.positions import Planned
from engine.replenishment.alerts.settings import AlertSettings
from engine.replenishment.plan import plan_orders
from engine.replenishment.settings import ReplenishSettings
from models.price import DemandEffects
from tests.replenishment import cases

SETTINGS = AlertSettings(smallest_yuan=0.0, paths=16)
REPLENISH = ReplenishSettings(paths=16)
SKUS = 8


def merchant(seed: int) -> dict[str, pd.DataFrame]:
    """Two warehouses, two channels, half a year of sales with returns, sizes, an event, prices with floors."""
    rng = np.random.default_rng(seed)
    tables = cases.tables(SKUS, seed)
    last = tables["sales"]["date"].iloc[0]
    days = pd.date_range(last - pd.Timedelta(days=180), last)
    keys = pd.MultiIndex.from_product([days, [f"S{n}" for n in range(SKUS - 1)], cases.CHANNELS])
    sales = keys.to_frame(index=False, name=["date", "sku", "channel"])
    sales["units_paid"] = rng.poisson(2.0, len(sales))
    sales["units_returned"] = rng.binomial(sales["units_paid"], np.where(sales["sku"] == "S0", 0.6, 0.1))
    sales["amount_paid_fen"] = 10_000 * sales["units_paid"]
    tables["sales"] = sales
    tables["skus"] = tables["skus"].assign(
        spu=[f"P{n // 4}" for n in range(SKUS)],
        colour="red",
        size=list("SMLX") * (SKUS // 4),
        unit_cost_fen=4000,
        end_date=[pd.Timestamp(cases.START) + pd.Timedelta(days=40) if n == 1 else pd.NaT for n in range(SKUS)],
    )
    stock = tables["inventory"].assign(on_hand=rng.choice([0, 5, 60, 900], 2 * SKUS))
    tables["inventory"] = pd.concat([stock.assign(date=last - pd.Timedelta(days=age)) for age in (70, 35, 0)])
    start = pd.Timestamp(cases.START) + pd.Timedelta(days=30)
    tables["events"] = pd.DataFrame({"event": ["E"], "kind": "e", "phase": "main", "start": [start], "end": [start]})
    tables["prices"] = pd.DataFrame(
        {"sku": [f"S{n}" for n in range(SKUS)], "channel": "jd", "date": days[0], "paid_price_fen": 10_000}
    ).assign(floor_price_fen=8000)
    return tables


def plan(tables: dict[str, pd.DataFrame], seed: int) -> Planned:
    demand = cases.demand(SKUS, seed=seed)
    orders: OrderPlan = plan_orders(cases.dataset(tables), demand, REPLENISH, None, Run(1, 1))
    count = len(demand.series)
    effects = DemandEffects(
        ("all",), np.zeros(count, np.int32), np.full(count, 100.0, np.float32), np.array([-1.5]), {}
    )
    return Planned(orders, demand, effects)


@pytest.mark.parametrize("seed", range(3))
def test_whole_finite_ranked_and_the_same_twice(seed: int) -> None:
    tables = merchant(seed)
    planned = plan(tables, seed)
    found = make_alerts(cases.dataset(tables), planned, SETTINGS, REPLENISH, Run(1, 1))
    table = found.table
    assert list(table) == list(COLUMNS) and set(table["kind"]) <= set(KINDS) and len(set(table["kind"])) >= 3
    assert not table.isna().any().any()
    assert ((table["probability"] >= 0) & (table["probability"] <= 1)).all()
    assert (table[["units", "stock_fen", "stake_fen", "value_fen"]] >= 0).all().all()
    assert table["stake_fen"].is_monotonic_decreasing
    assert (table["reason"] != "").all() and (table["action"] != "").all()
    again = make_alerts(cases.dataset(tables), planned, SETTINGS, REPLENISH, Run(1, 1))
    pd.testing.assert_frame_equal(table, again.table)
    # an expected loss without the planned orders is no smaller than with them
    alone = Planned(_without_lines(planned.orders), planned.demand, planned.effects)
    worse = make_alerts(cases.dataset(tables), alone, SETTINGS, REPLENISH, Run(1, 1)).table
    lost = [part.loc[part["kind"] == "stock_out", "units"].sum() for part in (table, worse)]
    assert lost[1] >= lost[0]


def _without_lines(orders: OrderPlan) -> OrderPlan:
    from dataclasses import replace

    return replace(orders, lines=orders.lines.head(0))


@pytest.mark.parametrize("missing", ["inventory", "events", "prices", "supply_terms", "suppliers", "warehouses"])
def test_a_missing_or_empty_table_costs_its_kind_only(missing: str) -> None:
    tables = merchant(0)
    planned = plan(tables, 0)
    whole = set(make_alerts(cases.dataset(tables), planned, SETTINGS, REPLENISH, Run(1, 1)).table["kind"])
    for rest in (
        {name: table for name, table in tables.items() if name != missing},
        {**tables, missing: tables[missing].head(0)},
    ):
        for given in (planned, None):
            found = make_alerts(cases.dataset(rest), given, SETTINGS, REPLENISH, Run(1, 1))
            assert not found.table.isna().any().any()
            if given is not None and missing in ("prices", "suppliers", "warehouses"):
                assert set(found.table["kind"]) == whole


def test_columns_that_merchants_leave_out() -> None:
    tables = merchant(1)
    planned = plan(tables, 1)
    tables["skus"] = tables["skus"][["sku", "category"]]
    tables["sales"] = tables["sales"][["date", "sku", "channel", "units_paid"]]
    tables["inventory"] = tables["inventory"].drop(columns="pool")
    found = make_alerts(cases.dataset(tables), planned, SETTINGS, REPLENISH, Run(1, 1))
    assert not found.table.isna().any().any()
    skipped = {note.split()[0] for note in found.notes if "skipped" in note}
    assert skipped == {"broken_sizes", "return_rate", "parcels"}
