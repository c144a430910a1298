"""The review of a shop whose every figure can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from engine.data.dataset import Dataset
from engine.data.revenue import net_sales
from engine.execution.run import Run
from engine.plans.errors import BadInput, MissingInput
from engine.plans.review import BRIDGE, Review
from engine.targets.review.events import COSTS
from engine.targets.review.make import review_year
from engine.targets.review.settings import ReviewSettings
from tests.targets.review import shop

A_T = 10 * 365 + 5 * shop.EVENT_UNITS + 7 * shop.LEAD_UNITS + 14 * shop.DIP_UNITS + shop.ODD_UNITS
NOW = {"a T": A_T * 100_00, "a J": 5 * 365 * 100_00, "c J": 2 * 365 * 200_00}
BEFORE = {"a T": 10 * 365 * 100_00, "b T": 4 * 365 * 50_00, "a J": 5 * 365 * 100_00}


def made(data: Dataset, **settings: object) -> Review:
    return review_year(data, ReviewSettings(**settings), Run(1, 1))


@pytest.fixture(scope="module")
def review() -> Review:
    return made(shop.dataset(), slow_days=365, slow_cover_days=30)


def test_year_and_net_sales(review: Review) -> None:
    assert (str(review.start)[:10], str(review.end)[:10]) == ("2025-01-01", "2025-12-31")
    assert (str(review.before_start)[:10], str(review.before_end)[:10]) == ("2024-01-01", "2024-12-31")
    assert review.figure("net_fen") == sum(NOW.values())
    # 2024 has a day more: the leap day is in the year before
    assert review.figure("net_fen", before=True) == sum(BEFORE.values()) * 366 // 365


def test_bridge_adds_up_to_the_fen(review: Review) -> None:
    bridge = review.bridge.set_index("step")
    steps = [step for step in BRIDGE if step in bridge.index]
    assert list(bridge.index) == steps
    for column in ("now", "before"):
        value = 0
        for step in steps:
            if bridge.loc[step, "kind"] == "change":
                value += int(bridge.loc[step, column])
            else:
                assert step == steps[0] or value == bridge.loc[step, column], step
                value = int(bridge.loc[step, column])
    assert bridge.loc["paid", "now"] == NOW["a T"] + NOW["a J"] + 3 * 365 * 200_00
    assert bridge.loc["unpaid", "now"] == -365 * (100_00 + 100_00 + 200_00)
    assert bridge.loc["cancelled", "now"] == -365 * 200_00
    # the last five days have not been received, ten more of T and none of J are not settled
    day = {"T": 10 * 100_00, "J": 5 * 100_00 + 2 * 200_00}
    assert bridge.loc["under_way", "now"] == -5 * (day["T"] * 4 // 5 + day["J"])
    assert bridge.loc["not_settled", "now"] == -10 * day["T"] * 4 // 5
    assert bridge.loc["under_way", "before"] == 0


def test_cancelled_money_that_is_not_given_is_in_proportion_to_units(review: Review) -> None:
    """c sells 3, of which 1 is cancelled; what was ordered is told with its money alone."""
    data = shop.dataset(sales=shop.sales().drop(columns=["amount_cancelled_fen", "amount_ordered_fen"]))
    found = made(data)
    bridge = found.bridge.set_index("step")
    assert bridge.loc["cancelled", "now"] == -365 * 200_00 and "ordered" not in bridge.index
    assert found.figure("net_fen") == review.figure("net_fen")
    whole = net_sales(data, ("channel",))
    assert whole.amount_fen is not None
    assert whole.amount_fen[:, whole.dates >= np.datetime64("2025-01-01")].sum() == review.figure("net_fen")


def test_growth_by_items_is_exact_and_by_hand(review: Review) -> None:
    parts = review.parts("items")
    change = int(review.figure("net_fen") - review.figure("net_fen", True))
    assert sum(parts.values()) == change
    assert parts["new"] == NOW["c J"] and parts["dropped"] == -4 * 366 * 50_00
    # a keeps its price: all of its change is volume
    assert parts["volume"] == (A_T + 5 * 365 - 15 * 366) * 100_00
    assert parts["price"] == parts["mix"] == parts["other"] == 0


def test_growth_by_traffic_is_exact(review: Review) -> None:
    parts = review.parts("traffic")
    assert sum(parts.values()) == int(review.figure("net_fen") - review.figure("net_fen", True))
    assert "overlap" not in parts and parts["one_sided"] == parts["untold"] == 0
    # T: twice the visitors (a day less), a fifth less conversion
    assert parts["visitors"] > 0 > parts["conversion"]
    now, before = NOW["a T"], 366 * (10 * 100_00 + 4 * 50_00)
    mean = (now - before) / np.log(now / before)
    assert parts["conversion"] == pytest.approx(mean * np.log(0.8), abs=1.0)


def test_event_uplift_with_waiting_and_dip(review: Review) -> None:
    event = review.events[review.events["channel"] == "T"].iloc[0]
    wanted = {"everyday_fen": 5 * 10, "gain_fen": 5 * 20, "lead_fen": -7 * 2, "dip_fen": -14 * 3}
    for name, units in (wanted | {"uplift_fen": 100 - 14 - 42}).items():
        assert event[name] == pytest.approx(units * 100_00, rel=2e-3), name
    assert event["multiple"] == pytest.approx(3.0, rel=1e-3)
    assert event["uplift_low_fen"] <= event["uplift_fen"] <= event["uplift_high_fen"]
    every = review.events[review.events["channel"] == ""].iloc[0]
    assert every["uplift_fen"] == event["uplift_fen"]
    chain = ["uplift_fen", *COSTS]
    assert event["earned_fen"] == pytest.approx(sum(event[name] for name in chain), abs=4)
    # price and ads are those of every day
    assert event["protection_fen"] == event["ads_fen"] == 0
    # by hand: 304 units in 26 days, 51 of them returned, against 260 and 52; commission 10 % of what is kept, goods at
    # 40 yuan of which 85 % of a returned unit are saved
    commission, goods = 0.1 * (4400 + 100), 40 * ((304 - 260) - 0.85 * (51 - 52))
    assert event["earned_fen"] == pytest.approx(100 * (4400 + 100 - commission - goods), rel=5e-3)


def with_subsidy() -> pd.DataFrame:
    """The platform adds 10 yuan on the event's days."""
    days = [shop.FIRST, shop.EVENT[0], shop.EVENT[1] + pd.Timedelta(days=1)]
    price = pd.DataFrame({"date": days, "sku": "a", "channel": "T", "paid_price_fen": 100_00})
    return price.assign(platform_subsidy_fen=[0, 10_00, 0])


def test_the_subsidy_of_a_day_is_the_one_in_force_on_it() -> None:
    event = made(shop.dataset(prices=with_subsidy())).events.iloc[0]
    assert event["subsidy_fen"] == pytest.approx(5 * 30 * 10_00, rel=1e-3)


def test_an_event_is_held_against_that_of_a_year_before() -> None:
    months = pd.date_range("2024-01-18", "2025-12-18", freq=pd.DateOffset(months=1))
    events = pd.DataFrame({"event": [f"{day:%y-%m}" for day in months], "kind": "day", "channel": "T"})
    events = events.assign(phase="main", start=months, end=months)
    sales = shop.sales()
    factor = 1 + sales["date"].dt.month.where(sales["date"].dt.day == 18, 0)
    for name in [name for name in sales if name.startswith(("units", "amount"))]:
        sales[name] *= factor
    found = made(shop.dataset(sales=sales, events=events)).events
    found = found[found["channel"] == "T"]
    assert found["before_net_fen"].tolist() == [(10 * 100_00 + 4 * 50_00) * (1 + m) for m in range(1, 13)]


def test_without_quiet_days_nearby_the_costs_of_an_event_are_untold() -> None:
    """Quiet days in the first half of 2024 alone."""
    weeks = pd.date_range("2024-07-01", "2025-12-30", freq="7D")
    events = pd.DataFrame({"event": [f"w{i}" for i in range(len(weeks))], "kind": "w", "channel": "T"})
    events = events.assign(phase="main", start=weeks, end=weeks + pd.Timedelta(days=6))
    found = made(shop.dataset(events=events))
    assert found.events["uplift_fen"].notna().all()
    assert found.events[["fees_fen", "goods_fen", "ads_fen", "earned_fen"]].isna().all(axis=None)
    assert any("no quiet days with sales within 91 days" in note for note in found.notes)


def test_the_odd_day_is_named(review: Review) -> None:
    assert len(review.anomalies) == 1
    odd = review.anomalies.iloc[0]
    assert odd["start"] == odd["end"] == shop.ODD_DAY and odd["channel"] == "T" and odd["sku"] == "a"
    assert odd["fen"] == pytest.approx(shop.ODD_UNITS * 100_00, rel=1e-2) and odd["reason"] == "one item"


def test_a_drop_is_no_run_on_one_item() -> None:
    sales = shop.sales()
    lost = (sales["date"] == shop.ODD_DAY) & (sales["sku"] == "a") & (sales["channel"] == "J")
    odd = made(shop.dataset(sales=sales[~lost].reset_index(drop=True)), anomaly_share=0.2).anomalies
    odd = odd[(odd["channel"] == "J") & (odd["start"] == shop.ODD_DAY)]
    assert (odd["fen"] < 0).all() and odd["reason"].tolist() == [""] and odd["sku"].tolist() == ["a"]


@pytest.mark.parametrize(("there", "reason"), [(0.99, ""), (0.1, "out of stock")])
def test_an_item_that_was_there_most_of_the_day_is_not_out_of_stock(there: float, reason: str) -> None:
    sales = shop.sales()
    lost = (sales["date"] == shop.ODD_DAY) & (sales["sku"] == "a") & (sales["channel"] == "J")
    shelf = pd.DataFrame({"date": [shop.ODD_DAY], "sku": ["a"], "channel": ["J"], "in_stock_share": [there]})
    data = shop.dataset(sales=sales[~lost].reset_index(drop=True), availability=shelf)
    odd = made(data, anomaly_share=0.2).anomalies
    assert odd.loc[(odd["channel"] == "J") & (odd["start"] == shop.ODD_DAY), "reason"].tolist() == [reason]


def test_what_comes_back_is_worth_what_its_grade_says(review: Review) -> None:
    grades = pd.DataFrame(
        {"category": ["x"], "channel": ["T"], "rate": 0.2, "grade_a_share": 0.5, "grade_b_share": 0.2}
    )
    found = made(shop.dataset(returns=grades))
    a = shop.sales().query("sku == 'a' and channel == 'T' and date >= '2025-01-01'")
    # 85 % of the cost of a returned piece was kept by default, 60 % is now
    lost = 0.25 * a["units_returned"].sum() * 40_00
    fall = review.figure("contribution_fen") - found.figure("contribution_fen")
    assert fall == pytest.approx(lost, rel=1e-6)


def test_a_day_without_sales_is_odd_in_a_noisy_channel() -> None:
    sales, rng = shop.sales(), np.random.default_rng(5)
    gone = pd.Timestamp("2025-03-04")
    sales = sales[~((sales["date"] == gone) & (sales["channel"] == "J"))].reset_index(drop=True)
    factor = 3 + rng.integers(0, 4, len(sales))
    for name in [name for name in sales if name.startswith(("units", "amount"))]:
        sales[name] = (sales[name] * factor).astype("int64")
    odd = made(shop.dataset(sales=sales)).anomalies
    odd = odd[odd["channel"] == "J"]
    assert odd["start"].tolist() == [gone] and odd["reason"].tolist() == ["no sales"]


def test_stock_at_cost(review: Review) -> None:
    every = review.stock.iloc[0]
    stock = 300 * 40_00 + 50 * 20_00 + 120 * 90_00
    goods = (A_T + 5 * 365) * 40_00 + 2 * 365 * 90_00
    assert every["stock_fen"] == stock == every["mean_stock_fen"]
    assert every["turnover_days"] == pytest.approx(stock / (goods / 365))
    # b has not sold in a year; c sells 2 a day, 30 days of which are 60
    assert every["slow_fen"] == 50 * 20_00 + 60 * 90_00


def test_one_sold_item_without_cost_is_left_out_of_the_stock_alone() -> None:
    skus = shop.tables()["skus"]
    skus["unit_cost_fen"] = skus["unit_cost_fen"].astype(float).where(skus["sku"] != "c")
    every = made(shop.dataset(skus=skus)).stock.iloc[0]
    stock = 300 * 40_00 + 50 * 20_00
    assert every["stock_fen"] == stock
    assert every["turnover_days"] == pytest.approx(stock / ((A_T + 5 * 365) * 40_00 / 365))


def test_customers(review: Review) -> None:
    assert review.figure("orders") == 4 and review.figure("customers") == 3
    assert review.figure("repurchase_rate") == pytest.approx(1 / 3)
    assert review.figure("old_repurchase_rate") == pytest.approx(1 / 2)
    assert review.customers["customers"].sum() == 3 and review.customers["money_fen"].sum() == 750_00
    assert any("1 suspicious" in note for note in review.notes)
    # k1 had bought in 2024; k3 and k4 had not; who was new in 2024 cannot be known
    assert review.figure("old_customers_fen") == 100_00 and review.figure("new_customers_fen") == 650_00
    assert review.figure("orders", before=True) == review.figure("customers", before=True) == 2
    assert review.figure("repurchase_rate", before=True) == 0.0
    assert np.isnan(review.figure("new_customers_fen", before=True))


def test_orders_of_the_last_months_alone_tell_nothing_of_the_year_before() -> None:
    late = shop.orders()
    found = made(shop.dataset(orders=late[late["ordered_at"] >= "2024-11-01"].assign(suspicious=False)))
    assert np.isnan(found.figure("orders", before=True)) and np.isnan(found.figure("new_customers_fen"))
    late.loc[1, "ordered_at"] = pd.Timestamp("2024-12-01")
    found = made(shop.dataset(orders=late[late["ordered_at"] >= "2024-11-01"]))
    assert found.figure("new_customers_fen") == 750_00 and found.figure("old_customers_fen") == 0
    assert any("counts as a new customer" in note for note in found.notes)


def test_stock_of_the_year_before() -> None:
    stock = shop.tables()["inventory"]
    halved = stock.assign(date=stock["date"] - pd.DateOffset(years=1), on_hand=stock["on_hand"] // 2)
    found = made(shop.dataset(inventory=pd.concat([halved, stock], ignore_index=True)))
    held, goods = 150 * 40_00 + 25 * 20_00 + 60 * 90_00, 366 * (15 * 40_00 + 4 * 20_00)
    assert found.figure("stock_fen", before=True) == held
    assert found.figure("turnover_days", before=True) == pytest.approx(held / (goods / 366))
    # c was not for sale in 2024: all of it lay still; a and b sold theirs
    assert found.stock.iloc[0]["before_slow_fen"] == 60 * 90_00


def test_events_by_category_add_up_to_the_event() -> None:
    events = shop.tables()["events"]
    found = made(shop.dataset(events=pd.concat([events, events.assign(channel="J")], ignore_index=True)))
    every = found.events[found.events["channel"] == ""].iloc[0]
    goods = found.event_goods.set_index("category")
    for name in ("net_fen", "everyday_fen", "gain_fen", "uplift_fen"):
        assert goods[name].sum() == pytest.approx(every[name], abs=3), name
    # nothing happened to c in J; the uplift is all of a
    assert list(goods.index) == ["x", "y"] and goods["net_fen"].loc["y"] == 5 * 2 * 200_00
    assert goods["uplift_fen"].loc["y"] == pytest.approx(0, abs=1000)
    assert goods["share"].sum() == pytest.approx(1.0)
    assert (goods["uplift_low_fen"] <= goods["uplift_fen"]).all()
    assert (goods["uplift_high_fen"] - goods["uplift_low_fen"]).sum() >= every["uplift_high_fen"] - every[
        "uplift_low_fen"
    ] - 3


def test_slices_add_up(review: Review) -> None:
    net = int(review.figure("net_fen"))
    before = int(review.figure("net_fen", True))
    for dimension, rows in review.slices.groupby("dimension"):
        assert rows["net_fen"].sum() == net and rows["before_fen"].sum() == before, dimension
        assert rows["contribution_fen"].sum() == pytest.approx(review.figure("contribution_fen"))
    assert set(review.slices["dimension"]) == {"channel", "category", "role", "class", "life"}
    assert review.months["net_fen"].sum() == net and review.months["before_fen"].sum() == before
    life = review.slices[review.slices["dimension"] == "life"].set_index("key")
    assert life.loc["new", "net_fen"] == NOW["c J"] and np.isnan(life.loc["new", "growth"])
    channel = review.slices[review.slices["dimension"] == "channel"].set_index("key")
    assert channel.loc["T", "ads_fen"] == 365 * 100_00 and channel.loc["J", "ads_fen"] == 0


@pytest.mark.parametrize(("vat", "back"), [(0.13, 0.06 / 1.06), (0.01, 0.0)])
def test_the_vat_of_ads_comes_back_unless_the_merchant_is_small_scale(vat: float, back: float) -> None:
    skus, media = shop.tables()["skus"].assign(vat_rate=vat), shop.tables()["media"]
    more = media.assign(spend_fen=media["spend_fen"].mask(media["date"].between(*shop.EVENT), 500_00))
    flat, raised = (made(shop.dataset(skus=skus, media=given)) for given in (media, more))
    left = raised.figure("contribution_fen") - (1.0 - back) * raised.figure("ads_fen")
    assert raised.figure("left_after_ads_fen") == pytest.approx(left, abs=1)
    usual, dear = (found.events[found.events["channel"] == "T"].iloc[0] for found in (flat, raised))
    assert dear["ads_fen"] == pytest.approx(-5 * 400_00, abs=1) and usual["ads_fen"] == 0
    assert dear["vat_fen"] - usual["vat_fen"] == pytest.approx(back * 5 * 400_00, abs=1)


def test_what_a_shop_never_counted_raises_no_alarm() -> None:
    traffic = shop.traffic().assign(carts=np.nan)
    traffic["clicks"] = traffic["clicks"].where(traffic["channel"] == "T")
    rows = made(shop.dataset(traffic=traffic)).funnel.set_index(["channel", "step"])
    assert "carts" not in rows.index.get_level_values("step") and ("J", "clicks") not in rows.index
    assert rows.loc[("", "clicks"), "now"] == 0.02


def test_a_shop_without_item_counts_is_told_beside_one_that_has_them(review: Review) -> None:
    shops = shop.traffic()
    items = shops[shops["channel"] == "T"].assign(basis="item_day", visitors=lambda rows: rows["visitors"] * 2)
    found = made(shop.dataset(traffic=pd.concat([shops, items], ignore_index=True)))
    assert found.parts("traffic")["untold"] == 0
    assert found.parts("traffic")["conversion"] == pytest.approx(review.parts("traffic")["conversion"], abs=2)


def test_funnel_alarms(review: Review) -> None:
    rows = review.funnel.set_index(["channel", "step"])
    assert rows.loc[("T", "clicks"), "now"] == 0.02 and rows.loc[("T", "clicks"), "alarm"] == "low"
    assert rows.loc[("T", "buyers"), "alarm"] == "drop"
    assert rows.loc[("J", "carts"), "alarm"] == ""


@pytest.mark.parametrize(
    "missing", ["traffic", "events", "media", "inventory", "orders"], ids=lambda name: f"no {name}"
)
def test_a_missing_table_hides_its_part_alone(review: Review, missing: str) -> None:
    found = made(shop.dataset(without=(missing,)))
    assert any(missing in note for note in found.notes)
    pd.testing.assert_frame_equal(found.bridge, review.bridge)
    gone = {"traffic": "funnel", "events": "events", "inventory": "stock", "orders": "customers"}.get(missing)
    assert gone is None or len(getattr(found, gone)) == 0
    assert np.isfinite(found.figure("ad_ratio")) == (missing != "media")


def test_without_costs_events_still_tell_their_uplift() -> None:
    found = made(shop.dataset(skus=shop.tables()["skus"].drop(columns="unit_cost_fen")))
    assert found.events["uplift_fen"].notna().all() and found.events["earned_fen"].isna().all()
    assert np.isnan(found.figure("contribution_fen")) and len(found.stock) == 0
    assert any("100.0% of sales" in note for note in found.notes)
    assert found.slices["margin"].isna().all() and len(set(found.notes)) == len(found.notes)


def test_less_than_two_years_and_less_than_one() -> None:
    sales = shop.sales()
    for first, days in (("2024-06-01", 365), ("2025-10-01", 92)):
        found = made(shop.dataset(sales=sales[sales["date"] >= first].reset_index(drop=True)))
        assert (found.end - found.start).days + 1 == days
        assert found.growth.empty and found.figures["before"].isna().all() and found.slices["growth"].isna().all()
        assert any("year before is not known" in note for note in found.notes)
    assert any("less than one year" in note for note in found.notes)


def test_units_alone() -> None:
    sales = shop.sales()
    found = made(shop.dataset(sales=sales[[name for name in sales if not name.startswith("amount")]]))
    assert found.bridge.empty and np.isnan(found.figure("net_fen"))
    assert found.figure("units") == A_T + 5 * 365 + 2 * 365
    assert any("no amounts in sales and no prices" in note for note in found.notes)
    free = sales.assign(**{name: 0 for name in sales if name.startswith("amount")})
    assert any("are all 0 and no prices" in note for note in made(shop.dataset(sales=free)).notes)


def test_weekly_sales() -> None:
    sales = shop.sales()
    week = sales["date"] - pd.to_timedelta(sales["date"].dt.weekday, unit="D")
    weekly = sales.assign(date=week).groupby(["date", "sku", "channel"], observed=True).sum().reset_index()
    found = made(shop.dataset(sales=weekly))
    assert (found.end - found.start).days == 52 * 7 - 1 and found.events.empty and not found.daily
    assert not any("less than one year" in note for note in found.notes)
    assert sum(found.parts("items").values()) == found.figure("net_fen") - found.figure("net_fen", True)


def test_daily_ads_and_traffic_of_the_last_week_count_beside_weekly_sales() -> None:
    sales = shop.sales()
    week = sales["date"] - pd.to_timedelta(sales["date"].dt.weekday, unit="D")
    weekly = sales.assign(date=week).groupby(["date", "sku", "channel"], observed=True).sum().reset_index()
    weekly = weekly[weekly["date"] < "2025-12-29"]
    found = made(shop.dataset(sales=weekly))
    assert str(found.end)[:10] == "2025-12-28"
    assert found.figure("ads_fen") == found.months["ads_fen"].sum() == 364 * 100_00
    assert found.figure("visitors") == 2500 * 362 + 2 * 1500


def test_a_calendar_year() -> None:
    found = made(shop.dataset(), year=2024)
    assert str(found.end)[:10] == "2024-12-31" and found.growth.empty
    # a year later everything has been delivered, returned and paid out
    bridge = found.bridge.set_index("step")["now"]
    assert bridge["under_way"] == bridge["not_settled"] == 0
    assert not any("not all in" in note for note in found.notes)
    with pytest.raises(BadInput, match=r"review\.year"):
        made(shop.dataset(), year=2030)


def test_no_sales_at_all() -> None:
    with pytest.raises(MissingInput):
        made(shop.dataset(sales=shop.sales().iloc[:0]))
