"""What a price cut costs a unit of stock, against the case built at the lower price; floors and changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engine.plans.forecast import Demand
from engine.replenishment.alerts.pricing import LONG_AGO, item_pricing
from engine.replenishment.case import build_case
from engine.replenishment.settings import ReplenishSettings
from models.price import DemandEffects
from tests.replenishment import cases

SETTINGS = ReplenishSettings()


def effects(demand: Demand, error: float | None = None) -> DemandEffects:
    count = len(demand.series)
    known = {} if error is None else {"price": np.array([error])}
    return DemandEffects(
        ("all",), np.zeros(count, np.int32), np.full(count, 100.0, np.float32), np.array([-2.0]), {}, known
    )


def merchant() -> dict[str, pd.DataFrame]:
    """Fees, returns of three grades, a bundle of two SKUs and a gift."""
    tables = cases.tables()
    tables["returns"] = pd.DataFrame(
        {"category": ["shoes", ""], "channel": ["", "jd"], "rate": [0.2, 0.1], "refund_only_rate": 0.02}
    )
    tables["bundles"] = pd.DataFrame(
        {
            "bundle_sku": ["S0", "S0", "S1"],
            "component_sku": ["S1", "S2", "S3"],
            "quantity": [1, 2, 1],
            "kind": ["bundle", "bundle", "gift"],
        }
    )
    tables["inventory"] = tables["inventory"][tables["inventory"]["sku"] != "S0"]
    return tables


def test_a_cut_costs_what_the_case_loses_at_the_lower_price() -> None:
    data, demand = cases.dataset(merchant()), cases.demand()
    assert demand.price_yuan is not None
    lower = replace(demand, price_yuan=(0.9 * demand.price_yuan).astype(np.float32))
    case, cheap = (build_case(data, asked, SETTINGS, None).case for asked in (demand, lower))
    cut = item_pricing(data, demand, effects(demand), case).cut_cost
    lost = (case.revenue_fen - cheap.revenue_fen).mean(axis=1) / 100.0
    np.testing.assert_allclose(0.1 * cut, lost, rtol=2e-3)


def test_elasticity_is_taken_with_caution() -> None:
    data, demand = cases.dataset(cases.tables()), cases.demand()
    case = build_case(data, demand, SETTINGS, None).case
    for error, taken in ((None, -2.0), (0.5, -1.5), (3.0, 0.0), (np.inf, -2.0)):
        found = item_pricing(data, demand, effects(demand, error), case)
        assert found.elasticity == pytest.approx(np.full(len(case.items), taken))


def test_the_strictest_floor_and_the_last_change_count() -> None:
    tables, demand = cases.tables(), cases.demand()
    today = pd.Timestamp(cases.START) - pd.Timedelta(days=1)
    tables["prices"] = pd.DataFrame(
        {
            "sku": ["S0", "S0", "S0", "S1"],
            "channel": ["jd", "jd", "tmall", "jd"],
            "date": [today - pd.Timedelta(days=age) for age in (40, 10, 40, -5)],
            "paid_price_fen": [12_000, 10_000, 10_000, 9_000],
            "floor_price_fen": [9_500, 9_000, 7_000, 9_900],
        }
    )
    data = cases.dataset(tables)
    case = build_case(data, demand, SETTINGS, None).case
    found = item_pricing(data, demand, effects(demand), case)
    first = (case.items["sku"].astype(str) == "S0").to_numpy()
    # 90 of 100 yuan is the higher floor; a price that holds from later on says nothing yet
    np.testing.assert_allclose(found.deepest[first], 0.1, rtol=1e-6)
    np.testing.assert_allclose(found.deepest[~first], 1.0)
    assert set(found.unchanged_days[first]) == {10.0} and set(found.unchanged_days[~first]) == {LONG_AGO}


def test_without_prices_nothing_can_be_cut() -> None:
    tables, demand = cases.tables(), replace(cases.demand(), price_yuan=None)
    from engine.replenishment.settings import SupplyDefaults

    data = cases.dataset(tables)
    case = build_case(data, demand, SETTINGS, SupplyDefaults(margin_share=0.3)).case
    found = item_pricing(data, demand, effects(demand), case)
    assert not found.cut_cost.any() and not found.deepest.any()
