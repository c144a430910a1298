"""What better terms of a supplier are worth."""

from __future__ import annotations

import pandas as pd
import pytest

from engine.execution.run import Run
from engine.replenishment.plan import plan_orders
from engine.replenishment.settings import ReplenishSettings
from tests.replenishment import cases
from tests.replenishment.test_plan import plan


def test_without_tight_cash_later_payment_saves_the_interest() -> None:
    result = plan(cases.tables())
    worth = result.worth.set_index("supplier")
    bought = result.lines.groupby("supplier")["cost_fen"].sum()
    assert worth["purchases_fen"].to_dict() == bought.to_dict()
    for supplier, fen in bought.items():
        assert worth.loc[supplier, "payment_days_fen"] == pytest.approx(fen * 0.12 * 15 / 365, abs=1)
    assert (worth["next_tier_fen"] == 0).all()


def test_tight_cash_makes_later_payment_dearer() -> None:
    tables = cases.tables()
    free = plan(tables)
    weekly = int(free.lines["cost_fen"].sum() * 0.05)
    dates = pd.DatetimeIndex(free.case.weeks).insert(0, free.case.weeks[0])
    flows = ["opening", *["flow"] * len(free.case.weeks)]
    tables["cash"] = pd.DataFrame({"date": dates, "kind": flows, "amount_fen": weekly})
    tight = plan(tables)
    assert (tight.rows.loc[tight.rows["family"] == "cash", "price"] > 0).any()
    interest = tight.worth["purchases_fen"].sum() * 0.12 * 15 / 365
    assert tight.worth["payment_days_fen"].sum() > 1.05 * interest


def test_the_next_tier_is_told_for_orders_below_it() -> None:
    tables = cases.tables(skus=1)
    terms = tables["supply_terms"]
    tables["price_tiers"] = pd.DataFrame(
        {
            "supplier": terms["supplier"],
            "sku": terms["sku"],
            "from_units": 100_000,
            "unit_price_fen": terms["unit_price_fen"] - 100,
            "kind": "all_units",
        }
    )
    result = plan_orders(cases.dataset(tables), cases.demand(skus=1), ReplenishSettings(paths=16), None, Run(1, 1))
    assert result.worth["next_tier_fen"].tolist() == [100 * result.lines["units"].sum()]
