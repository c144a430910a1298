"""What the demo merchant does day by day: states, stock, prices, determinism, effects that must be visible."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from engine.data.calendar import lunar_new_year
from engine.demo import DemoSettings, Merchant, make_merchant
from tests.oracles.demo_stock import expected_stock

KEYS = ["date", "sku", "channel"]


def text(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(**{name: frame[name].astype(str) for name in ("sku", "channel") if name in frame})


def test_states_of_sales_add_up(merchant: Merchant) -> None:
    sales = merchant.tables["sales"]
    assert (sales["units_ordered"] >= sales["units_paid"]).all()
    assert (sales["units_paid"] - sales["units_cancelled"] == sales["units_shipped"]).all()
    assert (sales["units_returned"] + sales["units_refund_only"] <= sales["units_shipped"]).all()
    assert (sales["amount_ordered_fen"] >= sales["amount_paid_fen"]).all()
    back = sales[["amount_cancelled_fen", "amount_returned_fen", "amount_refund_only_fen"]].sum(axis=1)
    assert (back <= sales["amount_paid_fen"]).all()
    assert ((sales["units_paid"] > 0) | (sales["units_gift"] > 0)).all()


def test_recent_returns_are_immature(merchant: Merchant) -> None:
    sales = merchant.tables["sales"]
    rate = sales.groupby(sales["date"] > sales["date"].max() - pd.Timedelta(days=7))[
        ["units_returned", "units_shipped"]
    ]
    totals = rate.sum()
    share = totals["units_returned"] / totals["units_shipped"]
    assert share[True] < 0.5 * share[False]


def test_order_lines_agree_with_sales(merchant: Merchant) -> None:
    orders, sales = text(merchant.tables["orders"]), text(merchant.tables["sales"])
    recent = sales[sales["date"] >= orders["ordered_at"].min()].set_index(KEYS)
    orders = orders.rename(columns={"ordered_at": "date"})
    count = orders.groupby([*KEYS, "state"], observed=True)["units"].sum().unstack(fill_value=0)
    count = count.reindex(recent.index, fill_value=0)
    assert (count.sum(axis=1) == recent["units_ordered"]).all()
    assert (count["cancelled"] == recent["units_cancelled"]).all()
    assert (count["returned"] == recent["units_returned"]).all()


def test_stock_balances(short: Merchant) -> None:
    found, expected = expected_stock(short.tables, short.truth["restocked"])
    np.testing.assert_array_equal(found, expected)


def test_receipts_belong_to_orders(merchant: Merchant) -> None:
    key = ["po", "sku", "warehouse"]
    orders = merchant.tables["purchase_orders"].astype(dict.fromkeys(key, str)).set_index(key)
    receipts = merchant.tables["receipts"].astype(dict.fromkeys(key, str)).set_index(key)
    assert receipts.index.isin(orders.index).all()
    assert (receipts["units"] <= orders["units"].reindex(receipts.index)).all()
    assert (receipts["date"] >= orders["ordered_at"].reindex(receipts.index)).all()
    assert len(receipts) < len(orders)


def test_sales_never_exceed_demand(merchant: Merchant) -> None:
    sales = text(merchant.tables["sales"]).set_index(KEYS)
    demand = text(merchant.truth["demand"]).set_index(KEYS)["units"]
    wanted = demand.reindex(sales.index, fill_value=0)
    assert (sales["units_shipped"] <= wanted).all()
    last = merchant.tables["sales"]["date"].max()
    history = merchant.truth["demand"]["date"] <= last
    fill = sales["units_shipped"].sum() / merchant.truth["demand"].loc[history, "units"].sum()
    assert 0.85 < fill < 0.995


def test_lost_demand_shows_in_availability(merchant: Merchant) -> None:
    sales = text(merchant.tables["sales"]).set_index(KEYS)["units_shipped"]
    demand = text(merchant.truth["demand"]).set_index(KEYS)["units"]
    demand = demand[demand.index.get_level_values("date") <= merchant.tables["sales"]["date"].max()]
    short = demand[demand > sales.reindex(demand.index, fill_value=0)]
    rows = pd.MultiIndex.from_frame(text(merchant.tables["availability"])[KEYS])
    assert short.index.isin(rows).all()


def test_the_share_in_stock_is_the_time_of_the_last_buyer(merchant: Merchant) -> None:
    """Uniform arrivals: of n buyers the k-th comes after k / (n + 1) of the day in the mean."""
    table = text(merchant.tables["availability"]).groupby(["date", "sku"])["in_stock_share"].first()
    sold = text(merchant.tables["sales"]).groupby(["date", "sku"])["units_shipped"].sum()
    demand = text(merchant.truth["demand"]).groupby(["date", "sku"])["units"].sum()
    served, wanted = sold.reindex(table.index, fill_value=0), demand.reindex(table.index, fill_value=0)
    assert table.between(0, 1, inclusive="left").all() and (table[served == 0] == 0).all()
    late = served > 0
    expected = served[late] / (wanted[late] + 1)
    assert abs(table[late].mean() - expected.mean()) < 4 * (table[late] - expected).std() / late.sum() ** 0.5


def test_lunar_new_year_and_double_eleven_are_visible(merchant: Merchant) -> None:
    sales = merchant.tables["sales"]
    daily = sales.groupby("date")["units_paid"].sum()
    for year in (2024, 2025, 2026):
        spring = pd.Timestamp(lunar_new_year(year))
        quiet = daily[spring - pd.Timedelta(days=2) : spring + pd.Timedelta(days=4)].mean()
        usual = daily[spring + pd.Timedelta(days=21) : spring + pd.Timedelta(days=34)].median()
        assert quiet < 0.65 * usual
    for year in (2024, 2025):
        usual = daily[f"{year}-09-12" : f"{year}-10-05"].median()
        assert daily[f"{year}-11-10" : f"{year}-11-11"].max() > 2.0 * usual


def test_prices_are_steps_known_ahead(merchant: Merchant) -> None:
    prices = merchant.tables["prices"]
    ordered = prices.sort_values(["sku", "channel", "date"])
    same = ordered.groupby(["sku", "channel"], observed=True)["paid_price_fen"].shift()
    assert (ordered["paid_price_fen"] != same).all()
    last = merchant.tables["sales"]["date"].max()
    coming = prices[prices["date"] > last]
    assert coming["date"].max() > last + pd.Timedelta(days=120)
    lead = (prices["date"] - prices["known_at"]).dt.days
    assert set(lead) <= {14, 45, 60, 210}


def test_economics_are_plausible(merchant: Merchant) -> None:
    sales, skus = merchant.tables["sales"], merchant.tables["skus"]
    cost = sales["sku"].astype(str).map(dict(zip(skus["sku"].astype(str), skus["unit_cost_fen"], strict=True)))
    net = sales["amount_paid_fen"].sum() - sales["amount_cancelled_fen"].sum()
    assert 0.35 < 1 - 1.13 * (cost * sales["units_shipped"]).sum() / net < 0.6
    ads = merchant.truth["ad_contribution"]
    ads = ads[ads["date"] <= sales["date"].max()]
    assert 0.12 < ads["incremental_yuan"].sum() * 100 / sales["amount_paid_fen"].sum() < 0.32


def test_same_seed_same_merchant(short: Merchant) -> None:
    again = make_merchant(DemoSettings(skus=30, days=120))
    for first, second in ((short.tables, again.tables), (short.truth, again.truth)):
        assert list(first) == list(second)
        assert all(frame.equals(second[name]) for name, frame in first.items())


def test_another_seed_another_merchant(short: Merchant) -> None:
    other = make_merchant(DemoSettings(skus=30, days=120, seed=7))
    assert short.tables["sales"]["units_paid"].sum() != other.tables["sales"]["units_paid"].sum()


@pytest.mark.parametrize(("skus", "days"), [(10, 60), (1200, 60)])
def test_other_sizes(skus: int, days: int) -> None:
    made = make_merchant(DemoSettings(skus=skus, days=days))
    assert len(made.tables["skus"]) == skus
    assert ("orders" in made.tables) == (skus <= 1000)
    assert ("restocked" in made.truth) == (skus <= 1000)
    assert made.tables["sales"]["date"].min() >= made.tables["sales"]["date"].max() - pd.Timedelta(days=days)


def test_a_platform_buys_for_the_channel_that_it_runs(merchant: Merchant) -> None:
    orders, channels = merchant.tables["platform_orders"], merchant.tables["channels"]
    (run,) = channels.loc[channels["kind"].astype(str) == "platform_run", "channel"].astype(str)
    assert set(orders["channel"].astype(str)) == {run} and run not in set(merchant.tables["sales"]["channel"])
    assert set(orders["date"].dt.weekday) == {1} and (orders["units"] > 0).all()
    assert 0.01 < orders["units"].sum() / merchant.tables["sales"]["units_paid"].sum() < 0.15
    assert not orders["sku"].astype(str).isin(merchant.tables["bundles"][["bundle_sku", "component_sku"]].stack()).any()


def test_some_suppliers_ask_their_minimum_of_a_style_and_one_delivers_prepacks() -> None:
    tables = make_merchant(DemoSettings(skus=150, days=60)).tables
    terms = tables["supply_terms"].astype({"sku": str}).merge(tables["skus"].astype({"sku": str}), on="sku")
    assert set(terms["moq_level"]) == {"sku", "style", "colour"}
    asked = terms[terms["moq_level"] != "sku"].assign(
        shade=terms["colour"].astype(str).where(terms["moq_level"] == "colour", "")
    )
    group = asked.groupby(["supplier", "spu", "shade"], observed=True)
    assert (group[["moq_units", "lead_time_days"]].nunique() == 1).all(axis=None)
    assert (group["pack_units"].nunique() == 1).all() and (group.size() > 1).any()
    packed = terms[terms["ratio_units"].notna()]
    assert len(packed) and set(packed["moq_level"]) == {"colour"} and packed["ratio_units"].between(1, 4).all()
