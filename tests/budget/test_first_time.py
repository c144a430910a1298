"""First-time buyers by ad channel: a merchant whose ads win known shares of them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from engine.budget.first_time import FirstTime, first_time_buyers
from engine.budget.goals import economics_of, worth_of
from engine.budget.history import response_data
from engine.budget.settings import BudgetSettings
from engine.data.dataset import Dataset
from engine.plans.price_protection import USUAL_PROTECTION
from experiments.response.first_time_worlds import ORIGIN, SHOPS, FirstTimeWorld, first_time_world
from models.response.curves import ResponseCurves
from models.response.data import LiftTest, ResponseData
from models.response.priors import Belief, Priors


@pytest.fixture(scope="module")
def world() -> FirstTimeWorld:
    return first_time_world(seed=1)


@pytest.fixture(scope="module")
def data(world: FirstTimeWorld) -> ResponseData:
    return response_data(world.dataset, ORIGIN)


@pytest.fixture(scope="module")
def found(world: FirstTimeWorld, data: ResponseData) -> FirstTime:
    return first_time_buyers(world.dataset, data, ORIGIN, Priors(), 1)


def _told(dataset: Dataset, data: ResponseData, priors: Priors | None = None) -> FirstTime:
    return first_time_buyers(dataset, data, ORIGIN, priors or Priors(), 1)


def _with_orders(world: FirstTimeWorld, orders: pd.DataFrame) -> Dataset:
    return Dataset({**world.dataset.tables, "orders": orders}, "other orders")


def test_content_wins_new_customers_and_brand_search_serves_old_ones(
    world: FirstTimeWorld, data: ResponseData, found: FirstTime
) -> None:
    truth = np.array([world.share[name] for name in data.ad_channels])
    assert ((found.share.low < truth) & (truth < found.share.high)).sum() >= 4
    assert np.abs(found.share.mean - truth).mean() < 0.75 * np.abs(found.usual - truth).mean()
    share = dict(zip(data.ad_channels, found.share.mean, strict=True))
    assert (
        share["品牌搜索"] < found.usual[data.ad_channels.index("品牌搜索")] and share["达人"] > share["品牌搜索"] + 0.2
    )
    assert found.notes[0].startswith(
        "new customers by ad channel: first orders ever seen, from 2025-04-21 on; in the first 39"
    )


def test_the_objective_counts_them_by_ad_channel(world: FirstTimeWorld, data: ResponseData, found: FirstTime) -> None:
    one = np.ones((1, len(data.ad_channels)))
    curves = ResponseCurves(data.ad_channels, data.channels, 0 * one, one, one, one, 0 * one, data.split)
    goal = BudgetSettings(objective="new_customers")
    told = economics_of(world.dataset, curves, goal, USUAL_PROTECTION, found)
    none = replace(found, share=replace(found.share, mean=np.full(one.shape[1], np.nan)))
    alike = economics_of(world.dataset, curves, goal, USUAL_PROTECTION, none)
    ratio = worth_of(goal, told).margin / worth_of(goal, alike).margin
    assert ratio == pytest.approx(found.share.mean / found.usual) and found.notes[0] in told.notes
    assert told.buyers_at == alike.buyers_at  # a live stream is no ad channel
    later = BudgetSettings(objective="lifetime", margin_rate=0.3)
    left, usual = (economics_of(world.dataset, curves, later, USUAL_PROTECTION, told).later for told in (found, none))
    assert left / usual == pytest.approx(ratio)


def test_what_is_known_of_all_customers_and_orders_that_do_not_count_change_nothing(
    world: FirstTimeWorld, data: ResponseData, found: FirstTime
) -> None:
    orders = world.dataset["orders"].assign(suspicious=False)
    fake = orders.tail(4000).assign(suspicious=True, customer_id=[f"fake-{n}" for n in range(4000)])
    unpaid = fake.assign(suspicious=False, state="cancelled")
    dataset = _with_orders(world, pd.concat([orders, fake, unpaid], ignore_index=True))
    test = LiftTest("达人", 100, 103, 20_000.0, 400_000.0, 1_000.0)
    beliefs = Priors(roi=0.01, beliefs={"达人": Belief(roi=(8.0, 9.0))})
    again = _told(dataset, replace(data, tests=(test,)), beliefs)
    assert again.share.mean.tolist() == found.share.mean.tolist()


def test_a_shop_that_does_not_name_its_buyers_leaves_its_ads_untold(world: FirstTimeWorld, data: ResponseData) -> None:
    orders = world.dataset["orders"]
    half = _with_orders(world, orders.assign(customer_id=orders["customer_id"].where(orders["channel"] == SHOPS[0])))
    told = dict(zip(data.ad_channels, np.isfinite(_told(half, data).share.mean), strict=True))
    assert told == {"品牌搜索": True, "直通车": True, "千川": False, "达人": False, "种草": False}


@pytest.mark.parametrize("days", [0, 200])
def test_orders_that_do_not_tell_customers_for_long_leave_all_ads_alike(
    days: int, world: FirstTimeWorld, data: ResponseData
) -> None:
    orders = world.dataset["orders"]
    late = orders["ordered_at"] >= pd.Timestamp(ORIGIN) - pd.Timedelta(days=days)
    found = _told(_with_orders(world, orders.assign(customer_id=orders["customer_id"].where(late))), data)
    assert set(found.of(0).values()) == {None} and found.factor.tolist() == [1.0] * len(data.ad_channels)
    why = "orders and ads tell customers of 28 weeks" if days else "no paid orders with customer_id and amounts"
    assert found.notes == (
        f"new customers count alike for all ads of a sales channel: {why}; it takes 39 weeks of them",
    )
