"""plan_orders on a small merchant: rules kept, cases named, results repeated."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from engine.execution.run import Run
from engine.plans.errors import Infeasible, MissingInput
from engine.plans.orders import OrderPlan
from engine.replenishment.plan import plan_orders
from engine.replenishment.settings import ReplenishSettings, SupplyDefaults
from tests.replenishment import cases

SETTINGS = ReplenishSettings(paths=16)
VN2 = SupplyDefaults(lead_time_weeks=2, holding_cost_yuan_unit_week=0.2, lost_sale_cost_yuan_unit=1.0)


def plan(tables: dict[str, pd.DataFrame], defaults: SupplyDefaults | None = None, **demand) -> OrderPlan:  # type: ignore[no-untyped-def]
    return plan_orders(cases.dataset(tables), cases.demand(**demand), SETTINGS, defaults, Run(1, 1))


def with_limits(tables: dict[str, pd.DataFrame], free: OrderPlan, tightness: float) -> dict[str, pd.DataFrame]:
    """Inbound and cash at ``tightness`` x the mean use of a plan without limits."""
    weeks = len(free.case.weeks)
    units = free.lines.groupby("warehouse")["units"].sum()
    flow = int(tightness * free.lines["cost_fen"].sum() / (weeks - 3))
    days = [pd.Timestamp(cases.START) + pd.Timedelta(days=7 * week) for week in range(weeks)]
    return {
        **tables,
        "warehouses": tables["warehouses"].assign(
            inbound_units_week=(tightness * units.reindex(["east", "north"]) / (weeks - 3)).astype(int).to_numpy()
        ),
        "cash": pd.DataFrame(
            {"date": [days[0], *days], "kind": ["opening", *["flow"] * weeks], "amount_fen": [flow] * (weeks + 1)}
        ),
    }


def keeps_all_rules(result: OrderPlan) -> None:
    """MOQ, pack, lead time, open weeks, cash and inbound, from the lines alone."""
    case, lines = result.case, result.lines
    items = case.items.astype({"sku": str, "warehouse": str, "pool": str})
    rows = lines.merge(items, on=["sku", "warehouse", "pool"], suffixes=("", "_item"))
    assert len(rows) == len(lines)
    assert (rows["units"] >= rows["moq_units"]).all()
    assert (rows["units"] % rows["pack_units"] == 0).all()
    assert (rows["packs"] * rows["pack_units"] == rows["units"]).all()
    assert (rows["cost_fen"] == rows["units"] * rows["unit_cost_fen"]).all()
    start = pd.Timestamp(case.weeks[0])
    order = ((lines["order_week"] - start).dt.days // 7).to_numpy()
    arrival = ((lines["arrival_week"] - start).dt.days // 7).to_numpy()
    assert (arrival - order == rows["lead_time_weeks"].to_numpy()).all()
    assert (order >= 0).all()
    item = pd.MultiIndex.from_frame(items[["sku", "warehouse", "pool"]]).get_indexer(
        pd.MultiIndex.from_frame(lines[["sku", "warehouse", "pool"]])
    )
    assert case.can_order[item, order].all()
    assert np.isclose(result.quantity.sum(), lines["units"].sum())
    cash = np.zeros(len(case.weeks) + 60)
    for line, placed, came in zip(lines.itertuples(), order, arrival, strict=True):
        for term in case.payments[case.payments["supplier"] == line.supplier].itertuples():
            cash[(placed if term.milestone == "order" else came) + term.weeks] += line.cost_fen * term.share
    assert (np.cumsum(cash)[: len(case.weeks)] <= case.cash_limit_fen + 100).all()
    for row, name in enumerate(case.warehouses):
        mine = (lines["warehouse"] == name).to_numpy()
        units = np.bincount(arrival[mine], lines["units"][mine], len(case.weeks))
        placed_before = case.scheduled[(items["warehouse"] == name).to_numpy()].sum(axis=0)
        assert (units <= np.maximum(case.inbound_limit[row] - placed_before, 0) + 1e-6).all()


@pytest.mark.parametrize("tightness", [0.0, 1.5, 1.1, 0.6])
def test_every_rule_is_kept(tightness: float) -> None:
    tables = cases.tables(skus=6)
    result = plan(tables, skus=6)
    assert result.status == "done"
    assert result.report.gap == 0.0
    if tightness:
        result = plan(with_limits(tables, result, tightness), skus=6)
        assert 0.0 <= result.report.gap <= 1.0
        assert result.report.objective >= result.report.bound
    keeps_all_rules(result)
    assert np.isfinite(result.position).all()
    assert (result.position >= 0).all()


def test_the_same_run_gives_the_same_plan() -> None:
    tables = cases.tables(skus=6)
    tight = with_limits(tables, plan(tables, skus=6), 1.2)
    first, second = plan(tight, skus=6), plan(tight, skus=6)
    pd.testing.assert_frame_equal(first.lines, second.lines)
    assert first.report.as_dict() == second.report.as_dict()


def test_storage_keeps_everything() -> None:
    result = plan(cases.tables())
    again = OrderPlan.from_parts(result.to_parts())
    pd.testing.assert_frame_equal(again.lines, result.lines)
    assert np.array_equal(again.position, result.position)
    assert (again.case.fulfilment != result.case.fulfilment).nnz == 0


def test_daily_demand_is_planned_in_weeks() -> None:
    result = plan(cases.tables(), frequency="D")
    assert result.quantity.shape[1] == 12
    keeps_all_rules(result)


def test_bad_items_are_named_and_the_rest_planned() -> None:
    tables = cases.tables(skus=5)
    terms = tables["supply_terms"].copy()
    terms = terms[terms["sku"] != "S0"]
    terms.loc[terms["sku"] == "S1", "unit_price_fen"] = 0
    terms.loc[terms["sku"] == "S2", "pack_units"] = 10**6
    terms.loc[terms["sku"] == "S3", "lead_time_days"] = 400
    result = plan({**tables, "supply_terms": terms}, skus=5)
    assert result.status == "partial"
    reasons = result.unplanned.groupby("sku")["reason"].first()
    assert "supplier" in reasons["S0"]
    assert "price" in reasons["S1"]
    assert "smallest order" in reasons["S2"]
    assert "horizon" in reasons["S3"]
    assert set(result.case.items["sku"]) == {"S4"}


def test_missing_tables_are_named() -> None:
    tables = cases.tables()
    without_terms = {name: table for name, table in tables.items() if name != "supply_terms"}
    with pytest.raises(MissingInput, match="supply_terms"):
        plan(without_terms)
    without_stock = {name: table for name, table in tables.items() if name != "inventory"}
    with pytest.raises(MissingInput, match="inventory"):
        plan(without_stock)


def test_defaults_are_marked_on_every_line() -> None:
    tables = {
        name: table for name, table in cases.tables().items() if name in ("sales", "skus", "channels", "inventory")
    }
    result = plan(tables, VN2)
    assert len(result.lines)
    assert result.lines["assumed"].str.contains("lead_time_weeks").all()
    assert (result.case.items["lost_fen"] == 100).all()
    assert (result.case.items["holding_fen_week"] == 20).all()
    keeps_all_rules(result)


def test_margin_gives_the_cost() -> None:
    tables = {name: table for name, table in cases.tables().items() if name in ("sales", "skus", "channels")}
    result = plan(tables, SupplyDefaults(margin_share=0.3, opening_cover_weeks=3.0))
    assert result.case.items["unit_cost_fen"].unique().tolist() == [round(10000 / 1.13 * 0.7)]
    assert result.lines["assumed"].str.contains("on_hand").all()


def test_overdrawn_cash_says_by_how_much() -> None:
    tables = cases.tables()
    tables["cash"] = pd.DataFrame(
        {"date": [pd.Timestamp(cases.START)] * 2, "kind": ["opening", "flow"], "amount_fen": [100_00, -150_00]}
    )
    with pytest.raises(Infeasible) as error:
        plan(tables)
    assert error.value.relaxations[0].amount == pytest.approx(50.0)


def test_little_cash_buys_less() -> None:
    tables = cases.tables()
    full = plan(tables)
    half = int(full.lines["cost_fen"].sum() * 0.4)
    tables["cash"] = pd.DataFrame({"date": [pd.Timestamp(cases.START)], "kind": ["opening"], "amount_fen": [half]})
    short = plan(tables)
    keeps_all_rules(short)
    assert 0 < short.lines["cost_fen"].sum() < full.lines["cost_fen"].sum()
    assert any(row.rule.startswith("cash") for row in short.report.binding)


def test_shutdown_around_lunar_new_year_takes_no_orders() -> None:
    tables = cases.tables()
    tables["suppliers"] = pd.DataFrame({"supplier": ["a", "b"], "shutdown_days_before": 14, "shutdown_days_after": 14})
    result = plan(tables, weeks=20)
    weeks = result.case.weeks.astype("datetime64[D]")
    shut = (weeks >= np.datetime64("2027-01-23")) & (weeks < np.datetime64("2027-02-20"))
    assert shut.sum() == 4
    assert not result.case.can_order[:, shut].any()
    assert result.case.can_order[:, ~shut].all()
    keeps_all_rules(result)


def test_price_tiers_are_used_lawfully() -> None:
    tables = cases.tables()
    terms = tables["supply_terms"]
    tables["price_tiers"] = pd.DataFrame(
        {
            "supplier": terms["supplier"],
            "sku": terms["sku"],
            "from_units": 150,
            "unit_price_fen": (terms["unit_price_fen"] * 0.8).astype(int),
            "kind": "all_units",
        }
    )
    lines = plan(tables).lines.merge(terms[["sku", "unit_price_fen"]], on="sku")
    cheap = lines["unit_cost_fen"] < lines["unit_price_fen"]
    assert cheap.any()
    assert (lines.loc[cheap, "units"] >= 150).all()
    assert (lines.loc[~cheap, "units"] < 150).all()


def test_placed_orders_count_and_overdue_ones_come_soon() -> None:
    tables = cases.tables()
    day = pd.Timestamp(cases.START)
    tables["purchase_orders"] = pd.DataFrame(
        {
            "po": ["p1", "p2", "p3"],
            "sku": "S0",
            "warehouse": "east",
            "pool": "shared",
            "ordered_at": day - pd.Timedelta(days=40),
            "expected_at": [day - pd.Timedelta(days=5), day, day + pd.Timedelta(days=21)],
            "units": [100, 60, 500],
        }
    )
    tables["receipts"] = pd.DataFrame(
        {"po": ["p1"], "sku": ["S0"], "warehouse": ["east"], "date": [day - pd.Timedelta(days=2)], "units": [70]}
    )
    result = plan(tables)
    item = int(np.flatnonzero((result.case.items["sku"] == "S0") & (result.case.items["warehouse"] == "east"))[0])
    assert result.case.scheduled[item, :5].tolist() == [60, 30, 0, 500, 0]
    assert result.quantity[item].sum() < plan(cases.tables()).quantity[item].sum()


def test_locked_stock_is_not_there() -> None:
    tables = cases.tables()
    tables["inventory"] = tables["inventory"].assign(locked=[15] * 8)
    free, held = plan(cases.tables()).case.items, plan(tables).case.items
    assert (held["on_hand"] == free["on_hand"] - 15).all()


def test_the_last_safe_day_to_order() -> None:
    """Stock for some weeks less the lead time; 1.645 standard deviations of it sooner where it varies."""
    demand = cases.demand(skus=1)
    demand.mean[:] = 10.0
    for spread in (0.0, 3.0):
        tables = cases.tables(skus=1)
        tables["supply_terms"] = tables["supply_terms"].assign(
            lead_time_days=14.0, lead_time_sd_days=spread, moq_units=1, pack_units=1, order_cost_fen=100_000
        )
        tables["inventory"] = tables["inventory"].assign(on_hand=[46, 30])
        tables["region_shares"] = tables["region_shares"].assign(share=[0.6, 0.4] * 2)
        result = plan_orders(cases.dataset(tables), demand, SETTINGS, None, Run(1, 1))
        assert result.expected is not None
        rate = float(result.expected[0].mean())
        lines = result.lines[result.lines["warehouse"] == "east"]
        wanted = max(np.floor(7.0 * (46 / rate - 2 - 1.645 * spread / 7.0)), 0)
        assert (lines["latest_order"].iloc[0] - pd.Timestamp(cases.START)).days == pytest.approx(wanted, abs=1)
        assert lines["latest_order"].is_monotonic_increasing


def test_no_demand_means_no_orders() -> None:
    demand = cases.demand()
    demand.mean[:] = 0
    result = plan_orders(cases.dataset(cases.tables()), demand, SETTINGS, None, Run(1, 1))
    assert len(result.lines) == 0
    assert result.status == "done"


def test_one_week_of_demand() -> None:
    tables = cases.tables()
    tables["supply_terms"] = tables["supply_terms"].assign(lead_time_days=0.0)
    result = plan(tables, weeks=1)
    assert result.status == "done" and result.quantity.shape == (8, 1)
    keeps_all_rules(result)


def test_nothing_can_be_planned() -> None:
    tables = cases.tables()
    result = plan({**tables, "supply_terms": tables["supply_terms"].assign(sku="S99")})
    assert result.status == "partial"
    assert len(result.lines) == 0
    assert len(result.unplanned) == 8
    again = OrderPlan.from_parts(result.to_parts())
    assert again.quantity.shape == (0, 12)


def test_dearer_rent_of_old_stock_makes_orders_smaller() -> None:
    tables = cases.tables()
    tables["warehouses"] = tables["warehouses"].assign(aged_after_days=21, aged_fen_m3_day=0)
    tables["skus"] = tables["skus"].assign(volume_m3=0.02)
    free = plan(tables)
    tables["warehouses"] = tables["warehouses"].assign(aged_fen_m3_day=3000)
    dear = plan(tables)
    lasting = [result.lines["units"].mean() for result in (free, dear)]
    assert lasting[1] < lasting[0]
    assert dear.report.objective > free.report.objective
