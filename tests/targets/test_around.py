"""Limits, new products, roles, owners, open-to-buy, scenarios: by hand on small shops."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from engine.data.dataset import Dataset
from engine.data.stock import placed_orders
from engine.execution.run import Run
from engine.plans.errors import Infeasible
from engine.plans.targets import TargetPlan
from engine.targets.allocate import bending_prices
from engine.targets.chance import scenarios
from engine.targets.market import known_market
from engine.targets.open_to_buy import open_to_buy
from engine.targets.plan import set_targets
from engine.targets.roles import role_mix
from engine.targets.settings import OpenToBuyRule, TargetSettings
from engine.targets.spread import MOST_LIVE, SHELF, UNASSIGNED
from tests.targets.shops import cell_yuan, dataset, forecast


def plan(more: dict[str, pd.DataFrame] | None = None, **goals) -> TargetPlan:
    tables = dict(dataset().tables) | (more or {})
    return set_targets(Dataset(tables, "0"), forecast(), TargetSettings(**goals), Run())


def test_supply_limits_are_told_or_kept():
    told = plan(growth=0.1, limits={"supply_yuan": {"x": 50_000.0}})
    assert any("out of reach by supply of x" in text for text in told.warnings)
    row = told.details.limits.iloc[0]
    assert row["kind"] == "supply" and row["short"] == pytest.approx(row["needed"] - 50_000.0)
    kept = plan(growth=0.1, limits={"supply": "hard", "supply_yuan": {"x": 88_000.0}})
    assert kept.details.cells.groupby("category")["target_fen"].sum()["x"] <= 8_800_000 + 1
    with pytest.raises(Infeasible) as caught:
        plan(growth=0.1, categories={"x": {"min_yuan": 90_000.0}}, limits={"supply": "hard", "supply_yuan": {"x": 8e4}})
    (only,) = caught.value.relaxations
    assert only.amount == pytest.approx(10_000.0, rel=1e-6)


def test_weekly_capacity_of_a_supplier_by_hand():
    """Ten yuan a unit; 26 weeks and 8 days until the end of March 2027 from November."""
    suppliers = pd.DataFrame({"supplier": ["S"], "capacity_units_week": [100]})
    terms = pd.DataFrame({"supplier": "S", "sku": dataset()["skus"]["sku"]})
    found = plan({"suppliers": suppliers, "supply_terms": terms}, growth=None)
    limits = found.details.limits.set_index("limit")
    between = (1000 * 1.8 + 1000 * 1.2) * 12 * 1.05 / 10
    row = limits.loc["supply of S until 2027-03-31 (units)"]
    weeks = (np.datetime64("2027-04-01") - np.datetime64("2026-11-01")).astype(int) / 7
    assert row["available"] == pytest.approx(100 * weeks - between, rel=1e-6)
    assert row["needed"] == pytest.approx((0.8 + 0.6 + 0.9) * 1000 * 12 * 1.05 / 10, rel=1e-6)


def test_cash_counts_what_sales_bring_in_once_it_is_settled():
    """Goods cost 4 of 10 yuan; settled after 28 days (A) or at once (B), 10 % commission, no VAT."""
    cash = pd.DataFrame({"date": pd.to_datetime(["2026-10-01", "2027-02-10"]), "kind": ["opening", "flow"]})
    channels = pd.DataFrame({"channel": ["A", "B"], "settlement_days": [28, 0], "commission_rate": 0.1})
    skus = dataset()["skus"].assign(vat_rate=0.0)
    tables = {"cash": cash.assign(amount_fen=[1_000_000_00, 500_000_00]), "channels": channels, "skus": skus}
    table, earning = (
        plan(tables, growth=None, limits={"income_share": share}).details.limits.set_index("limit")
        for share in (0.0, 0.5)
    )
    cells = pd.Series({(c, m): cell_yuan(m, c, "x") + cell_yuan(m, c, "y") for c in "AB" for m in range(1, 13)}) * 1.05
    sold = float(cells["A", 1] + cells["A", 2] + cells["B", 1] + cells["B", 2])
    between = 1.05 * sum(cell_yuan(m, c, k) for m in (11, 12) for c in "AB" for k in "xy")
    row = table.loc["cash until 2027-02-28 (yuan of goods at cost)"]
    assert row["needed"] == pytest.approx(0.4 * sold, rel=1e-4)
    assert row["available"] == pytest.approx(1_500_000 - 0.4 * between, rel=1e-4)
    row = earning.loc["cash until 2027-02-28 (yuan of goods at cost, less receipts)"]
    settled = float(cells["A", 1] + cells["B", 1] + cells["B", 2])
    assert row["needed"] == pytest.approx(0.4 * sold - 0.5 * 0.9 * settled, rel=1e-4)
    # the last sale known, on the first of October, is settled by then
    assert row["available"] == pytest.approx(1_500_000 + (0.5 * 0.9 - 0.4) * between, rel=1e-4)


def test_gross_margin_is_bent_in_softly():
    """x costs 6 of 10 yuan, y 3: a higher margin needs more y."""
    skus = dataset()["skus"].assign(vat_rate=0.0)
    skus["unit_cost_fen"] = np.where(skus["category"] == "x", 600, 300)
    usual = plan({"skus": skus}, growth=0.1)
    found = plan({"skus": skus}, growth=0.1, gross_margin=0.52)
    sums = [entry.details.cells.groupby("category")["target_fen"].sum() for entry in (usual, found)]
    margin = [(0.4 * part["x"] + 0.7 * part["y"]) / part.sum() for part in sums]
    assert margin[0] == pytest.approx(0.5, abs=1e-6) and margin[1] == pytest.approx(0.52, abs=1e-6)
    assert found.metrics["target_yuan"] == pytest.approx(usual.metrics["target_yuan"])
    cells = found.details.cells
    ratio = cells["target_fen"] / cells["forecast_fen"]
    assert ratio.max() / ratio.min() < 1.5  # many cells bend a little


def test_prices_of_bending_rise():
    for sign in (1.0, -1.0):
        prices = [price for _, price in bending_prices((0.0, 0.1, 0.3, 0.7), sign)]
        assert prices == sorted(prices) and prices[0] > 0.03


def test_new_products_get_their_share_by_month():
    launches = [
        {"category": "x", "month": date(2027, 3, 5), "items": 3, "price_yuan": (20, 40)},
        {"category": "y", "month": date(2027, 7, 1), "items": 1},
    ]
    found = plan(growth=0.1, new_products={"share": 0.2, "launches": launches})
    items = found.details.items
    assert items["target_fen"].sum() == pytest.approx(0.2 * found.details.cells["target_fen"].sum(), abs=100)
    new = found.skus[found.skus["sku"].str.startswith("新品")]
    assert new.loc[new["category"] == "x", "month"].min() == pd.Timestamp("2027-03-01")
    assert new["target_fen"].sum() == items["target_fen"].sum()
    assert (new.loc[new["category"] == "x", "target_units"] * 3000).sum() == pytest.approx(
        items.loc[items["category"] == "x", "target_fen"].sum(), rel=0.01
    )
    cells = found.skus.groupby(["month", "channel", "category"])["target_fen"].sum()
    assert (cells == found.months.set_index(["month", "channel", "category"])["target_fen"]).all()
    with pytest.raises(Infeasible, match="new products"):
        plan(growth=0.1, new_products={"share": 0.5, "launches": launches[1:]})


def test_new_products_of_a_running_year_sell_from_now_on():
    launch = {"category": "x", "month": date(2026, 3, 1), "items": 3, "price_yuan": (20, 40)}
    found = plan(year=2026, growth=None, new_products={"share": 0.05, "launches": [launch]})
    new = found.skus[found.skus["sku"].str.startswith("新品")]
    assert new["month"].min() == pd.Timestamp("2026-11-01")
    assert new["target_fen"].sum() == pytest.approx(0.05 * found.details.cells["target_fen"].sum(), abs=100)
    # what is over asks for no parcels
    warehouses = pd.DataFrame({"warehouse": ["w"], "parcels_day": [100]})
    limits = plan({"warehouses": warehouses}, year=2026, growth=None).details.limits["limit"]
    assert limits[limits.str.contains("parcels in 2026")].str[-2:].tolist() in (["11", "12"], ["12", "11"])


def test_what_is_said_to_be_left_aside_is_left_aside():
    launches = [{"category": "x", "month": date(2027, 3, 1), "items": 3, "price_yuan": (0, 40)}]
    odd = plan(
        growth=0.1,
        skus={"x1": {"min_growth": 0.5, "max_growth": 0.2}},
        roles={"traffic": 0.8, "profit": 0.7},
        new_products={"launches": launches},
    )
    assert {problem.column for problem in odd.problems} >= {"targets.skus.x1", "targets.roles"}
    pd.testing.assert_frame_equal(odd.skus, plan(growth=0.1).skus)
    assert odd.details.roles["change"].eq(0).all() and odd.details.items.empty


def test_skus_without_a_target_are_neither_new_nor_ended_ones():
    day = pd.to_datetime(["2027-04-01", None, None])
    more = pd.DataFrame({"sku": ["born", "ended", "lost"], "category": "x", "launch_date": day, "unit_cost_fen": 400})
    more["end_date"] = pd.to_datetime([None, "2025-05-01", None])
    skus = pd.concat([dataset()["skus"], more], ignore_index=True)
    (note,) = [text for text in plan({"skus": skus}, growth=0.1).warnings if "without a forecast" in text]
    assert note.startswith("targets: 1 SKUs") and note.endswith(": lost")


def test_the_market_of_a_category_ends_with_its_own_last_month():
    months = pd.date_range("2025-01-01", "2026-06-01", freq="MS")
    table = pd.DataFrame({"date": [*months, *months[:-2]], "category": ["x"] * 18 + ["y"] * 16, "amount_fen": 100})
    assert known_market(Dataset({"market_size": table}, "0")) == {"x": 12.0, "y": 12.0}


def test_roles_by_count():
    """10 SKUs, 4 traffic, 6 regular, two new ones for profit: 40/30/30 of 12."""
    skus = pd.DataFrame({"sku": list("abcdefghij"), "category": "x", "role": ["traffic"] * 4 + ["regular"] * 6})
    items = pd.DataFrame({"role": ["profit"], "items": [2]})
    wanted = {"traffic": 0.4, "profit": 0.3, "image": 0.3}
    found = role_mix(Dataset({"skus": skus}, "0"), wanted, items, np.datetime64("2026-11-01")).set_index("role")
    assert found["target_skus"].to_dict() == {"image": 4, "profit": 3, "regular": 0, "traffic": 5}
    assert found["change"].to_dict() == {"image": 4, "profit": 1, "regular": -6, "traffic": 1}
    none = role_mix(Dataset({"skus": skus}, "0"), {}, items.iloc[:0], np.datetime64("2026-11-01"))
    assert (none["change"] == 0).all()


def test_owners_of_both_sides_hold_all_sales():
    owners = pd.DataFrame({"owner": ["P", "Q", "R"], "category": ["x", "", "y"], "channel": ["", "A", "B"]})
    found = plan({"owners": owners}, growth=0.1).details
    sums = found.owners.groupby(["side", "owner"])["target_fen"].sum()
    total = found.cells["target_fen"].sum()
    assert sums["category"].sum() == sums["channel"].sum() == total
    cells = found.cells.groupby(["channel", "category"])["target_fen"].sum()
    assert sums["category", "P"] == cells[:, "x"].sum() and sums["category", "R"] == cells["B", "y"]
    assert sums["category", UNASSIGNED] == cells["A", "y"] and sums["channel", "Q"] == cells["A"].sum()


def test_what_came_is_taken_off_an_order_once_whichever_pools_it_serves():
    lines = pd.DataFrame({"pool": ["p", "q"], "units": [5, 7], "po": "1", "sku": "x1", "warehouse": "w"})
    day = pd.Timestamp("2026-12-20")
    orders = lines.assign(expected_at=day, ordered_at=day - pd.Timedelta(days=60))
    receipts = lines.head(1).drop(columns="pool").assign(units=6, date=day - pd.Timedelta(days=1))
    found = placed_orders(Dataset({"purchase_orders": orders, "receipts": receipts}, "0"), np.datetime64("2026-11-01"))
    assert found["units"].tolist() == [6.0]


def test_open_to_buy_by_hand():
    """Cost of sales 40, 60, 50 a month (30, 31, 30 days); cover of two weeks; stock 50 and an order of 25 for May."""
    months = pd.DataFrame(
        {
            "month": pd.to_datetime(["2026-04-01", "2026-05-01", "2026-06-01"]).astype("datetime64[s]"),
            "channel": "A",
            "category": "x",
            "ahead_fen": [8_000, 12_000, 10_000],
        }
    )
    tables = {
        "skus": pd.DataFrame({"sku": ["s"], "category": ["x"], "unit_cost_fen": [500]}),
        "inventory": pd.DataFrame(
            {"date": [pd.Timestamp("2026-03-31")], "sku": "s", "warehouse": "w", "on_hand": [10]}
        ),
        "purchase_orders": pd.DataFrame(
            {
                "po": ["1"],
                "sku": "s",
                "warehouse": "w",
                "units": [5],
                "ordered_at": [pd.Timestamp("2026-03-01")],
                "expected_at": [pd.Timestamp("2026-05-20")],
            }
        ),
    }
    rule = OpenToBuyRule(cover_weeks=2.0)
    found = open_to_buy(months, {("A", "x"): 0.5}, Dataset(tables, "0"), rule, np.datetime64("2026-04-01"))
    yuan = {name: (found[name] / 100).round(2).tolist() for name in found if name.endswith("_fen")}
    end = [60 / 31 * 14, 50 / 30 * 14, 50 / 30 * 14]
    assert yuan["cost_of_sales_fen"] == [40, 60, 50] and yuan["start_stock_fen"][0] == 50
    assert yuan["end_stock_fen"] == pytest.approx(end, abs=0.01)
    assert yuan["receipts_fen"] == pytest.approx([40 + end[0] - 50, 60 + end[1] - end[0], 50], abs=0.02)
    assert yuan["on_order_fen"] == [0, 25, 0]
    assert yuan["open_to_buy_fen"] == pytest.approx([40 + end[0] - 50, 60 + end[1] - end[0] - 25, 50], abs=0.02)


def test_scenarios_are_quantiles_of_the_total_and_add_up():
    rng = np.random.default_rng(0)
    shock = np.exp(0.2 * rng.standard_normal((4000, 1)))
    draws = np.hstack([100.0 * shock, np.full((4000, 1), 50.0)])
    groups = pd.DataFrame({"month": pd.Timestamp("2027-01-01"), "channel": ["A", "B"], "category": "x"})
    found = scenarios(draws, groups)
    for name, level in (("pessimistic_fen", 0.1), ("base_fen", 0.5), ("optimistic_fen", 0.9)):
        assert found[name].sum() == round(100 * np.quantile(draws.sum(axis=1), level))
        assert found[name].iloc[1] == pytest.approx(5000, abs=2)


def test_tiers_and_market_shares_have_chances_of_their_own():
    month = pd.date_range("2025-11-01", "2026-10-01", freq="MS").astype("datetime64[s]")
    market = pd.DataFrame({"date": month, "category": "x", "amount_fen": 100_000_000})
    tiers = [{"channel": "B", "name": "gold", "amount_yuan": 20_000, "last_month": 6}]
    found = plan({"market_size": market}, growth=0.1, tiers=tiers, market_shares={"x": {"share": 0.008, "hard": True}})
    table = found.probability.set_index(["level", "key"])
    assert table.loc[("tier", "B gold"), "target_fen"] == 2_000_000
    assert table.loc[("market_share", "x"), "target_fen"] == round(0.008 * 12e6 * 100)
    assert found.details.cells.groupby("category")["target_fen"].sum()["x"] >= 0.008 * 12e6 * 100 - 1
    half = found.details.cells[found.details.cells["month"].dt.month <= 6]
    assert half.groupby("channel")["target_fen"].sum()["B"] >= 1_999_999


def test_everything_comes_back_from_its_files():
    found = plan(growth=0.1, channels={"nowhere": {"growth": 0.1}})
    back = TargetPlan.from_parts(found.to_parts())
    assert back.problems == found.problems and back.status == "partial"
    pd.testing.assert_frame_equal(back.details.days, found.details.days)
    assert back.details.goals["channels"] == {"nowhere": found.details.goals["channels"]["nowhere"]}


def test_streams_ahead_get_what_their_hosts_brought():
    """On 1 October the host's stream brought a tenth more than a quarter of what A sold."""
    sales = dataset()["sales"]
    then = (sales["date"] == pd.Timestamp("2026-10-01")) & (sales["channel"] == "A")
    day = sales.loc[then, "amount_paid_fen"].sum()
    price = 1000
    held = [("2026-10-01", "s0", "H", round(0.275 * day / price)), ("2027-03-08", "s1", "H", 0)]
    streams = pd.DataFrame(
        [*held, ("2027-03-08", "s2", "new", 0), ("2027-05-09", "s3", "H", 0)],
        columns=["date", "stream", "host", "units_paid"],
    ).assign(channel="A", price_fen=price)
    streams["date"] = pd.to_datetime(streams["date"]).astype("datetime64[s]")
    found = plan({"live_streams": streams}, growth=0.1).details
    table = found.streams.set_index(["date", "stream"])["target_fen"]
    daily = found.days[found.days["channel"] == "A"].groupby("date")["target_fen"].sum()
    first, second = pd.Timestamp("2027-03-08"), pd.Timestamp("2027-05-09")
    assert set(table.index.get_level_values("stream")) == {"s1", "s2", "s3", SHELF}
    for when in (first, second):  # streams and what is sold beside them are the channel's day, to the fen
        assert table.loc[when].sum() == daily.loc[when]
    share = table.loc[first] / daily.loc[first]
    assert share["s1"] == pytest.approx(0.275, abs=2e-3) and share["s2"] == pytest.approx(0.1, abs=1e-3)
    crowd = pd.concat([streams, *(streams.iloc[3:].assign(stream=f"t{i}") for i in range(5))], ignore_index=True)
    table = plan({"live_streams": crowd}, growth=0.1).details.streams
    busy = table[table["date"] == second]
    assert busy.loc[busy["stream"] == SHELF, "target_fen"].sum() == pytest.approx(
        (1 - MOST_LIVE) * daily.loc[second], rel=1e-3
    )


def test_goals_that_bend_the_year_are_told():
    november = {11: {"share": 0.3, "hard": False, "weight": 5.0}}
    (text,) = [note for note in plan(growth=0.1, months=november).warnings if "bend the year" in note]
    assert "2027-11 +" in text and "month 11: share 30.0%" in text
    assert not any("bend" in note for note in plan(growth=0.1).warnings)
