"""Which stock serves which demand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.data.network import Network, build_network
from tests.replenishment import cases


def network(tables: dict[str, pd.DataFrame], skus: int = 4) -> Network:
    demand = cases.demand(skus)
    return build_network(cases.dataset(tables), demand.series, demand.weeks)


def units(result: Network, sku: str, warehouse: str, series: int, pool: str = "shared") -> float:
    items = result.items
    row = np.flatnonzero((items["sku"] == sku) & (items["warehouse"] == warehouse) & (items["pool"] == pool))
    return float(result.fulfilment[row][:, [series]].sum())


def test_demand_is_split_by_region_and_lane() -> None:
    result = network(cases.tables())
    assert units(result, "S0", "east", 0) == 0.5  # jd
    assert units(result, "S0", "north", 1) == 0.3  # tmall
    assert np.allclose(result.fulfilment.sum(axis=0), 1.0)


def test_a_category_of_its_own_comes_first() -> None:
    tables = cases.tables()
    own = pd.DataFrame({"category": ["bags"], "channel": ["jd"], "region": ["East"], "share": [1.0]})
    tables["region_shares"] = pd.concat([tables["region_shares"], own], ignore_index=True)
    result = network(tables)
    assert units(result, "S0", "east", 0) == 1.0  # S0 is a bag
    assert units(result, "S1", "east", 2) == 0.5


def test_bundles_are_exploded_unless_they_are_stocked_and_gifts_added() -> None:
    tables = cases.tables()
    tables["bundles"] = pd.DataFrame(
        {
            "bundle_sku": ["S0", "S0", "S3"],
            "component_sku": ["S1", "S2", "S2"],
            "quantity": [2, 1, 1],
            "kind": ["bundle", "bundle", "gift"],
            "start": pd.to_datetime([None, None, "2026-11-02"]),
            "end": pd.to_datetime([None, None, "2026-11-15"]),
        }
    )
    stocked = network(tables)
    assert units(stocked, "S0", "east", 0) == 0.5
    tables["inventory"] = tables["inventory"][tables["inventory"]["sku"] != "S0"]
    result = network(tables)
    assert not (result.items["sku"] == "S0").any()
    assert units(result, "S1", "east", 0) == 1.0
    assert units(result, "S2", "north", 0) == 0.5
    assert np.isclose(units(result, "S2", "north", 6), 0.5 * 2 / 12)  # the gift runs 2 of 12 weeks
    assert units(result, "S3", "north", 6) == 0.5


def test_bound_stock_serves_its_channel_alone() -> None:
    tables = cases.tables()
    bound = tables["inventory"].iloc[[0]].assign(pool="jd")
    tables["inventory"] = pd.concat([tables["inventory"], bound], ignore_index=True)
    result = network(tables)
    assert units(result, "S0", "east", 0, "jd") == 1.0  # also what the north would have sent
    assert units(result, "S0", "east", 0) == 0.0
    assert units(result, "S0", "east", 1) == 0.7


def test_without_tables_there_is_one_warehouse() -> None:
    tables = {name: cases.tables()[name] for name in ("sales", "skus", "channels")}
    result = network(tables)
    assert result.warehouses == ("main",)
    assert result.assumptions
    assert np.allclose(result.fulfilment.toarray(), np.kron(np.eye(4), np.ones((1, 2))))


def test_shops_serve_themselves() -> None:
    tables = cases.tables()
    shops = ["jd", "tmall"]
    tables["warehouses"] = pd.DataFrame({"warehouse": shops, "region": shops})
    tables["lanes"] = pd.DataFrame({"origin": shops, "destination": shops, "kind": "region", "rank": 1})
    tables["region_shares"] = pd.DataFrame({"category": None, "channel": shops, "region": shops, "share": 1.0})
    result = network(tables)
    assert np.array_equal(result.fulfilment.toarray(), np.eye(8))


def test_a_platform_whose_orders_are_not_told_is_named() -> None:
    tables = cases.tables()
    assert not network(tables).assumptions
    tables["channels"]["kind"] = ["platform_run", "shop"]
    assert any("platform_orders for jd" in note for note in network(tables).assumptions)


def test_second_lanes_say_what_the_other_warehouse_can_serve() -> None:
    tables = cases.tables()
    second = pd.DataFrame(
        {"origin": ["north", "east"], "destination": ["East", "North"], "kind": "region", "rank": 2, "cost_fen": 500}
    )
    tables["lanes"] = pd.concat([tables["lanes"].assign(cost_fen=300), second], ignore_index=True)
    result = network(tables)
    lanes = result.second
    assert (lanes["extra_fen"] == 200).all()
    assert np.isclose(lanes["units"].sum(), result.fulfilment.sum())
    assert network(cases.tables()).second.empty
