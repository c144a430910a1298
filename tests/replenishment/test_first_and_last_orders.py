"""Small first batches of new SKUs, and the last day on which a supplier takes orders."""

from __future__ import annotations

import pandas as pd

from engine.execution.run import Run
from engine.plans.orders import OrderPlan
from engine.replenishment.plan import plan_orders
from engine.replenishment.settings import ReplenishSettings
from engine.replenishment.tables import build_tables
from tests.oracles.order_proof import prove
from tests.replenishment import cases

SETTINGS = ReplenishSettings(paths=16, trial_weeks=4)
START = pd.Timestamp(cases.START)


def plan(tables: dict[str, pd.DataFrame]) -> OrderPlan:
    return plan_orders(cases.dataset(tables), cases.demand(), SETTINGS, None, Run(1, 1))


def trial(units: int) -> dict[str, pd.DataFrame]:
    """S1 is launched at the start, with no stock."""
    tables = cases.tables()
    tables["skus"] = tables["skus"].assign(
        trial_units=pd.array([None, units, None, None], dtype="Int64"), launch_date=[pd.NaT, START, pd.NaT, pd.NaT]
    )
    tables["inventory"] = tables["inventory"][tables["inventory"]["sku"] != "S1"].reset_index(drop=True)
    tables["supply_terms"] = tables["supply_terms"].assign(moq_units=5, pack_units=5, lead_time_days=14.0)
    return tables


def test_a_new_sku_gets_its_first_batch_and_no_more_until_it_has_been_on_sale() -> None:
    found = plan(trial(40))
    mine = found.lines[found.lines["sku"] == "S1"]
    early = mine["order_week"] < START + pd.Timedelta(weeks=4)
    assert 0 < mine.loc[early, "units"].sum() <= 45
    assert mine.loc[~early, "units"].sum() > 40
    without = plan({**trial(40), "skus": trial(40)["skus"].drop(columns="trial_units")}).lines
    first = without[(without["sku"] == "S1") & (without["order_week"] < START + pd.Timedelta(weeks=4))]
    assert first["units"].sum() > 90
    others = found.lines["sku"] != "S1"
    pd.testing.assert_frame_equal(
        found.lines[others].reset_index(drop=True), without[without["sku"] != "S1"].reset_index(drop=True)
    )


def test_the_first_batch_is_part_of_the_certified_model() -> None:
    found = plan(trial(40))
    proof = prove(found, build_tables(found.case, cases.demand(), SETTINGS, Run(1, 1)))
    assert abs(proof.cost - found.report.objective) <= 1e-4 * proof.cost
    assert abs(proof.bound - found.report.bound) <= 1e-4 * proof.cost


def test_a_first_batch_below_the_smallest_order_is_named() -> None:
    found = plan(trial(2))
    assert any("first batch of 1 SKUs is below the smallest order" in note for note in found.warnings)
    early = (found.lines["sku"] == "S1") & (found.lines["order_week"] < START + pd.Timedelta(weeks=4))
    assert found.lines.loc[early].groupby("warehouse")["units"].sum().max() == 5


def test_nothing_is_ordered_after_the_last_order_date_and_more_before_it() -> None:
    tables = cases.tables()
    free = plan(tables)
    last = START + pd.Timedelta(weeks=4)
    terms = tables["supply_terms"]
    late = {**tables, "supply_terms": terms.assign(last_order_date=[last, pd.NaT, pd.NaT, pd.NaT])}
    held = plan(late)
    assert (held.lines.loc[held.lines["sku"] == "S0", "order_week"] <= last).all()

    def bought(found: OrderPlan) -> int:
        mine = (found.lines["sku"] == "S0") & (found.lines["order_week"] <= last)
        return int(found.lines.loc[mine, "units"].sum())

    assert bought(held) > bought(free)
