"""The proof of a plan holds when it is worked out again from the plan, its multipliers, settings and snapshot."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from engine.execution.run import Run
from engine.plans.orders import OrderPlan
from engine.replenishment.plan import plan_orders
from engine.replenishment.settings import OpenToBuy, ReplenishSettings, SupplierShare
from engine.replenishment.tables import build_tables
from tests.oracles.order_proof import prove
from tests.replenishment import cases

SKUS, WEEKS = 3, 9
SETTINGS = ReplenishSettings(
    method="decomposition",
    paths=16,
    states=24,
    open_to_buy=(OpenToBuy(category="bags", month=date(2026, 12, 5), yuan=9000),),
)


def merchant() -> dict[str, pd.DataFrame]:
    """Two suppliers for most SKUs, tiers of both kinds, every family of limits."""
    tables = cases.tables(skus=SKUS)
    terms = tables["supply_terms"].assign(moq_units=20, pack_units=[1, 6, 10], lead_time_days=[14.0, 21.0, 14.0])
    second = terms.iloc[:2].assign(
        rank=2,
        supplier=["a", "b"],
        lead_time_days=[7.0, 14.0],
        pack_units=[1, 12],
        unit_price_fen=(terms["unit_price_fen"].iloc[:2] * 1.02).astype(int),
    )
    tables["supply_terms"] = pd.concat([terms, second], ignore_index=True)
    tables["price_tiers"] = pd.DataFrame(
        {
            "supplier": terms["supplier"].iloc[[0, 0, 1]].to_numpy(),
            "sku": ["S0", "S0", "S1"],
            "from_units": [60, 120, 60],
            "unit_price_fen": (terms["unit_price_fen"].iloc[[0, 0, 1]].to_numpy() * [0.95, 0.9, 0.9]).astype(int),
            "kind": ["incremental", "incremental", "all_units"],
        }
    )
    tables["suppliers"] = pd.DataFrame({"supplier": ["a", "b"], "capacity_units_week": [90, 110]})
    tables["warehouses"] = tables["warehouses"].assign(inbound_units_week=70, storage_m3=[4.0, 3.0])
    days = [pd.Timestamp(cases.START) + pd.Timedelta(days=7 * week) for week in range(WEEKS)]
    tables["cash"] = pd.DataFrame(
        {"date": [days[0], *days], "kind": ["opening", *["flow"] * WEEKS], "amount_fen": [300_000] * (WEEKS + 1)}
    )
    return tables


@pytest.fixture(scope="module")
def plan() -> OrderPlan:
    return plan_orders(cases.dataset(merchant()), cases.demand(skus=SKUS, weeks=WEEKS), SETTINGS, None, Run(1, 1))


def test_every_family_of_rules_takes_part(plan: OrderPlan) -> None:
    assert set(plan.rows["family"]) == {"cash", "inbound", "storage", "supplier", "open_to_buy"}
    assert (plan.rows["price"] > 0).any()
    assert len(plan.case.alternatives) == 4
    assert plan.case.tiers["incremental"].any()


def test_the_proof_holds(plan: OrderPlan) -> None:
    tables = build_tables(plan.case, cases.demand(skus=SKUS, weeks=WEEKS), SETTINGS, Run(1, 1))
    proof = prove(plan, tables)
    report = plan.report
    assert proof.cost == pytest.approx(report.objective, rel=1e-4)
    assert proof.overrun <= 1e-6
    # the checker also sees that tiers and fixed parts make a single order too dear for the cash of its weeks
    assert report.bound <= proof.bound * (1 + 1e-6)
    assert report.bound == pytest.approx(proof.bound, rel=1e-2)
    assert proof.bound <= proof.cost
    assert (plan.rows["used"] <= plan.rows["limit"] * (1 + 1e-6)).all()


def test_the_proof_knows_shares_and_shelf_life() -> None:
    tables = merchant()
    tables["skus"] = tables["skus"].assign(shelf_life_days=[30, 45, 3650])
    shares = (SupplierShare(supplier="a", most=0.45), SupplierShare(supplier="b", category="bags", least=0.7))
    settings = SETTINGS.model_copy(update={"supplier_shares": shares, "shelf_life_share": 0.5})
    demand, run = cases.demand(skus=SKUS, weeks=WEEKS), Run(1, 1)
    plan = plan_orders(cases.dataset(tables), demand, settings, None, run)
    shared = plan.rows[plan.rows["family"] == "share"]
    assert (shared["price"] > 0).any() and (shared["used"] <= 1e-3).all()
    proof = prove(plan, build_tables(plan.case, demand, settings, run))
    assert proof.cost == pytest.approx(plan.report.objective, rel=1e-4) and proof.overrun <= 1e-6
    assert plan.report.bound <= proof.bound * (1 + 1e-6) <= proof.cost * (1 + 2e-6)
    assert plan.report.bound == pytest.approx(proof.bound, rel=1e-2)
    assert "share" in plan.report.gap_scope and "shelf life" in plan.report.gap_scope
