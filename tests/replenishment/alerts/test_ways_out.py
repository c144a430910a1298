"""Ways out against the sum week by week, and what a merchant would expect of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.replenishment.alerts.settings import WaysOutSettings
from engine.replenishment.alerts.ways_out import Stock, best_way, stake
from tests.oracles import ways_out as by_hand

WEEKS = 20
SETTINGS = WaysOutSettings(sell_off_weeks=WEEKS)


def stock(rows: int = 1, **given_: Any) -> Stock:
    """Overstock of 500 at ten a week; elasticity -2, price 100, cost 40."""
    values: dict[str, Any] = {
        "units": 500.0,
        "excess": 300.0,
        "open": 0.0,
        "returnable": 0.0,
        "refunds": 0.0,
        "cost": 40.0,
        "holding": 0.4,
        "salvage": 10.0,
        "credit": 0.0,
        "cut_cost": 100.0,
        "elasticity": -2.0,
        "deepest": 1.0,
        "end": np.inf,
    }
    columns = {
        name: np.broadcast_to(np.asarray(given_.get(name, value), float), rows) for name, value in values.items()
    }
    return Stock(
        sku=np.asarray(given_.get("sku", [f"S{row}" for row in range(rows)]), dtype=object),
        demand=np.asarray(given_.get("demand", np.full((rows, WEEKS), 10.0))),
        revenue=np.asarray(given_.get("revenue", np.full((rows, WEEKS), 90.0))),
        wait=np.asarray(given_.get("wait", np.zeros(rows)), dtype=np.int64),
        **columns,
    )


def item(given_: Stock, row: int) -> dict[str, float]:
    names = ("cost", "holding", "salvage", "cut_cost", "elasticity", "end", "wait")
    return {name: float(getattr(given_, name)[row]) for name in names}


def random_stock(rng: np.random.Generator, rows: int) -> Stock:
    units = rng.integers(0, 600, rows).astype(float)
    return stock(
        rows,
        units=units,
        excess=np.floor(units * rng.random(rows)),
        open=np.floor(units * rng.random(rows) * 0.3),
        returnable=rng.integers(0, 80, rows),
        refunds=rng.integers(0, 40, rows),
        demand=rng.gamma(1.0, 12.0, (rows, WEEKS)),
        revenue=rng.uniform(20.0, 90.0, (rows, WEEKS)),
        holding=rng.uniform(0.0, 1.0, rows),
        credit=rng.uniform(0.0, 40.0, rows),
        elasticity=-rng.uniform(0.0, 3.0, rows),
        deepest=rng.random(rows),
        wait=rng.integers(0, 3, rows),
        end=np.where(rng.random(rows) < 0.5, 12.0, np.inf),
    )


@pytest.mark.parametrize("seed", range(4))
def test_best_way_is_the_best_of_all_tried_one_by_one(seed: int) -> None:
    given_ = random_stock(np.random.default_rng(seed), 12)
    found = best_way(given_, SETTINGS)
    lost = stake(given_)
    for row in range(12):
        facts = item(given_, row)
        usual, earned = given_.demand[row].tolist(), given_.revenue[row].tolist()

        def kept(units: float, usual=usual, earned=earned, facts=facts) -> float:  # type: ignore[no-untyped-def]
            return by_hand.worth(units, usual, usual, [(yuan, yuan) for yuan in earned], facts)

        units, excess, on_order = (float(getattr(given_, name)[row]) for name in ("units", "excess", "open"))
        assert lost[row] == pytest.approx(max(facts["cost"] * excess - kept(units) + kept(units - excess), 0.0))
        tried = {"stop_ordering": 0.0}
        here = np.floor(min(excess, units - on_order))
        gone = np.floor(min(excess, on_order))
        back = np.floor(min(here, excess, float(given_.returnable[row])))
        fee = 1.0 - SETTINGS.cancel_fee_share
        tried["stop_ordering"] = max(0.0, kept(units - gone) + fee * facts["cost"] * gone - kept(units))
        tried["clearance"] = kept(units - here) + facts["salvage"] * here - kept(units)
        tried["supplier_return"] = kept(units - back) + float(given_.credit[row]) * back - kept(units)
        for depth in SETTINGS.markdown_depths:
            for weeks in SETTINGS.markdown_weeks:
                if depth <= given_.deepest[row] and excess:
                    value = by_hand.cut(units, usual, earned, facts, (depth, weeks, SETTINGS.pull_forward)) - kept(
                        units
                    )
                    value -= depth * facts["cut_cost"] * float(given_.refunds[row])
                    tried["markdown"] = max(tried.get("markdown", 0.0), value)
        best = max(tried.values())
        assert found["value"][row] == pytest.approx(best, abs=0.01)
        if best > 0.01:
            assert tried[found["action"][row]] == pytest.approx(best)


DEAR = {"salvage": 0.0, "elasticity": -4.0}
"""Clearing brings nothing and buyers answer to the price."""


def test_a_cut_keeps_the_floor_price_and_pays_refunds() -> None:
    deep = best_way(stock(**DEAR), SETTINGS)
    assert deep["action"][0] == "markdown"
    held = best_way(stock(deepest=0.2, **DEAR), SETTINGS)
    assert held["value"][0] < deep["value"][0]
    assert float(held["how"][0].split("%")[0]) <= 20
    refunded = best_way(stock(refunds=100.0, **DEAR), SETTINGS)
    assert refunded["value"][0] < deep["value"][0]
    assert best_way(stock(deepest=0.0, **DEAR), SETTINGS)["action"][0] != "markdown"
    assert best_way(stock(cut_cost=0.0, **DEAR), SETTINGS)["action"][0] != "markdown"


def test_a_price_that_has_just_changed_waits() -> None:
    assert best_way(stock(wait=[2], **DEAR), SETTINGS)["how"][0].endswith("after 2 weeks")


def test_suppliers_that_take_goods_back_are_asked_first() -> None:
    way = best_way(stock(returnable=200.0, credit=40.0, elasticity=0.0), SETTINGS)
    assert (way["action"][0], way["how"][0]) == ("supplier_return", "200 units")


def test_orders_on_their_way_are_cancelled_where_that_is_cheapest() -> None:
    way = best_way(stock(open=300.0, elasticity=0.0), SETTINGS)
    assert (way["action"][0], way["how"][0]) == ("stop_ordering", "cancel 300 units on order")


def test_one_cut_for_all_warehouses_of_a_sku() -> None:
    both = stock(2, sku=["A", "A"], excess=[300.0, 100.0], **DEAR)
    alone = best_way(stock(**DEAR), SETTINGS)["value"][0]
    shared = best_way(both, SETTINGS)
    assert shared["value"].sum() == pytest.approx(2 * alone, rel=0.2)
    assert shared["value"][0] == pytest.approx(3 * shared["value"][1])
    strict = stock(2, sku=["A", "A"], excess=[300.0, 100.0], deepest=[1.0, 0.0], **DEAR)
    assert "markdown" not in set(best_way(strict, SETTINGS)["action"])


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000))
def test_no_way_out_is_worse_than_keeping(seed: int) -> None:
    given_ = random_stock(np.random.default_rng(seed), 5)
    found = best_way(given_, SETTINGS)
    assert np.isfinite(found["value"]).all() and (found["value"] >= 0).all()
    assert np.isfinite(stake(given_)).all() and (stake(given_) >= 0).all()
