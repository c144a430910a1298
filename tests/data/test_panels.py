"""Panels and drivers against pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from engine.data.dataset import Dataset
from engine.data.drivers import build_drivers
from engine.data.panels import build_panel
from engine.plans.errors import BadInput
from models.drivers import LIST_PRICE, PRICE, SUBSIDY
from models.panel import Frequency

DAY0 = pd.Timestamp("2025-03-03")


def text(frame: pd.DataFrame) -> pd.DataFrame:
    for name in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[name]) and not pd.api.types.is_datetime64_any_dtype(frame[name]):
            frame[name] = frame[name].astype("category")
    return frame


def shop(sales: pd.DataFrame, **tables: pd.DataFrame) -> Dataset:
    skus = pd.DataFrame({"sku": sorted(sales["sku"].unique())}).assign(category="tea")
    channels = pd.DataFrame({"channel": sorted(sales["channel"].unique())}).assign(kind="shop")
    given = {"sales": sales, "skus": skus, "channels": channels} | tables
    return Dataset({name: text(frame.copy()) for name, frame in given.items()}, "0")


def random_sales(days: int = 60, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = 900
    return pd.DataFrame(
        {
            "date": DAY0 + pd.to_timedelta(rng.integers(0, days, rows), unit="D"),
            "sku": rng.choice(list("ABCDE"), rows),
            "channel": rng.choice(["tm", "jd"], rows),
            "region": rng.choice(["n", "s"], rows),
            "units_paid": rng.integers(1, 9, rows),
            "units_cancelled": rng.integers(0, 2, rows),
        }
    )


def test_daily_units_are_those_of_a_pivot() -> None:
    sales = random_sales()
    panel = build_panel(shop(sales), "D")
    demand = sales.assign(demand=sales["units_paid"] - sales["units_cancelled"])
    wanted = demand.pivot_table(index=["sku", "channel"], columns="date", values="demand", aggfunc="sum", fill_value=0)
    wanted = wanted.reindex(columns=pd.date_range(sales["date"].min(), sales["date"].max()), fill_value=0)
    assert [tuple(pair) for pair in panel.series[["sku", "channel"]].to_numpy()] == list(wanted.index)
    np.testing.assert_array_equal(panel.units, wanted.to_numpy())
    assert panel.units.dtype == np.float32


@pytest.mark.parametrize("frequency", ["D", "W"])
def test_marked_orders_leave_demand_and_come_back_with_the_mark(frequency: Frequency) -> None:
    sales = random_sales()
    one = sales.iloc[0]
    units = int(build_panel(shop(sales), frequency).units.sum())
    line = {"order_id": "1", "line": "1", "ordered_at": one["date"], "channel": one["channel"], "sku": one["sku"]}
    states = ["paid", "cancelled", "paid", "settled"]
    orders = pd.DataFrame([line | {"units": 1, "state": state} for state in states])
    orders = orders.assign(suspicious=[True, True, False, False])
    orders.loc[3, ["sku", "suspicious"]] = ["nobody", True]
    late = orders.iloc[[0]].assign(ordered_at=sales["date"].max() + pd.Timedelta(days=3))
    orders = pd.concat([orders, late], ignore_index=True)
    assert build_panel(shop(sales, orders=orders), frequency).units.sum() == units - 1
    kept = orders.assign(suspicious=False)
    assert build_panel(shop(sales, orders=kept), frequency).units.sum() == units


@pytest.mark.parametrize(
    ("named", "fits"),
    [
        ({}, lambda s: s["sku"] != ""),
        ({"sku": "A", "channel": "jd"}, lambda s: (s["sku"] == "A") & (s["channel"] == "jd")),
    ],
)
@pytest.mark.parametrize("frequency", ["D", "W"])
def test_excluded_days_are_unknown_and_all_others_as_they_were(frequency: Frequency, named, fits) -> None:  # type: ignore[no-untyped-def]
    sales = random_sales()
    plain = build_panel(shop(sales), frequency)
    first, last = DAY0 + pd.Timedelta(days=40), DAY0 + pd.Timedelta(days=42)
    rows = pd.DataFrame(
        [{"start": first, "end": last, "category": "tea", **named}, {"start": first, "end": last, "sku": "?"}]
    )
    panel = build_panel(shop(sales, exclusions=rows), frequency)
    begin = pd.DatetimeIndex(panel.dates)
    inside = (begin <= last) & (begin + pd.Timedelta(days=6 if frequency == "W" else 0) >= first)
    assert inside.sum() == (3 if frequency == "D" else 1)
    out = np.outer(fits(panel.series), inside)
    np.testing.assert_array_equal(panel.known, plain.known & ~out)
    np.testing.assert_array_equal(panel.units, np.where(out, 0, plain.units))


def test_days_become_whole_weeks_that_end_on_the_last_day() -> None:
    sales = random_sales(days=60)
    panel = build_panel(shop(sales), "W")
    daily = build_panel(shop(sales), "D")
    days = daily.units[:, len(daily.dates) % 7 :]
    np.testing.assert_array_equal(panel.units, days.reshape(len(days), -1, 7).sum(axis=2))
    assert panel.dates[-1] + np.timedelta64(6, "D") == daily.dates[-1]


def test_weekly_tables_keep_their_weekday() -> None:
    sales = pd.DataFrame(
        {"date": [DAY0, DAY0 + pd.Timedelta(days=14)], "sku": "A", "channel": "tm", "units_paid": [3, 5]}
    )
    panel = build_panel(shop(sales), "W")
    assert panel.units.tolist() == [[3.0, 0.0, 5.0]]
    assert panel.dates[0] == np.datetime64(DAY0, "D")


def test_a_series_is_known_from_launch_to_end() -> None:
    sales = random_sales()
    data = shop(sales)
    skus = data["skus"].assign(
        launch_date=[pd.NaT, DAY0 + pd.Timedelta(days=5), *[pd.NaT] * 3],
        end_date=[DAY0 + pd.Timedelta(days=50), *[pd.NaT] * 4],
    )
    sold = sales[(sales["sku"] != "B") | (sales["date"] >= DAY0 + pd.Timedelta(days=20))]
    panel = build_panel(shop(sold, skus=skus), "D")
    row = {tuple(pair): n for n, pair in enumerate(panel.series[["sku", "channel"]].to_numpy())}
    first = int((panel.dates == np.datetime64("2025-03-08")).argmax())
    assert panel.known[row["B", "tm"]].argmax() == first
    assert not panel.known[row["A", "jd"], panel.dates > np.datetime64("2025-04-22")].any()
    assert panel.known[row["A", "jd"], panel.dates == np.datetime64("2025-04-22")].all()


def test_silence_of_a_busy_channel_is_a_gap_and_of_a_quiet_one_is_not() -> None:
    sales = random_sales()
    hole = sales["date"].between(DAY0 + pd.Timedelta(days=30), DAY0 + pd.Timedelta(days=34))
    quiet = pd.DataFrame({"date": [DAY0, DAY0 + pd.Timedelta(days=59)], "sku": "A", "channel": "own", "units_paid": 1})
    panel = build_panel(shop(pd.concat([sales[~hole], quiet])), "D")
    inside = (panel.dates >= np.datetime64("2025-04-02")) & (panel.dates <= np.datetime64("2025-04-06"))
    own = (panel.series["channel"] == "own").to_numpy()
    assert not panel.known[~own][:, inside].any()
    assert panel.known[own].all()


def test_stock_outs_are_marked_with_their_share() -> None:
    sales = random_sales()
    out = pd.DataFrame({"date": [DAY0], "sku": ["A"], "channel": ["tm"], "in_stock_share": [0.25]})
    panel = build_panel(shop(sales, availability=out), "D")
    assert panel.in_stock is not None
    assert panel.censored.sum() == 1
    assert panel.in_stock[panel.censored].tolist() == [0.25]
    weekly = build_panel(shop(sales, availability=out), "W")
    assert weekly.in_stock is not None and (weekly.censored == (weekly.in_stock < 1)).all()


def test_prices_are_steps_and_what_is_not_known_yet_stays_unseen() -> None:
    sales = random_sales()
    steps = pd.DataFrame(
        {
            "sku": "A",
            "channel": "tm",
            "date": DAY0 + pd.to_timedelta([-5, 10, 70], unit="D"),
            "list_price_fen": [2000, 2000, 2000],
            "paid_price_fen": [1000, 800, 500],
            "known_at": DAY0 + pd.to_timedelta([-5, 10, 65], unit="D"),
        }
    )
    data = shop(sales, prices=steps)
    panel = build_panel(data, "D")
    row = int(((panel.series["sku"] == "A") & (panel.series["channel"] == "tm")).to_numpy().argmax())
    price = build_drivers(data, panel, 28).blocks[PRICE].of(np.array([row]))[0]
    days = pd.Series(steps["paid_price_fen"].to_numpy() / 100, index=steps["date"])
    grid = pd.DatetimeIndex(build_drivers(data, panel, 28).dates)
    np.testing.assert_allclose(price, days.reindex(days.index.union(grid)).ffill()[grid].to_numpy())
    early = build_drivers(data.as_of(pd.Timestamp("2025-05-01").date()), panel, 28)
    assert early.blocks[PRICE].of(np.array([row]))[0, -1] == 8.0
    assert early.blocks[LIST_PRICE].of(np.array([row]))[0, -1] == 20.0
    assert np.isnan(early.blocks[PRICE].of(np.array([row + 1]))).all()


def test_events_by_channel_and_promotions_by_item() -> None:
    sales = random_sales()
    events = pd.DataFrame(
        {
            "event": ["x1", "y1"],
            "kind": ["x", "y"],
            "channel": [None, "jd"],
            "phase": "main",
            "start": [DAY0, DAY0 + pd.Timedelta(days=58)],
            "end": [DAY0 + pd.Timedelta(days=1), DAY0 + pd.Timedelta(days=63)],
        }
    )
    promotions = pd.DataFrame(
        {
            "start": DAY0 + pd.to_timedelta([3, 4], unit="D"),
            "end": DAY0 + pd.to_timedelta([5, 4], unit="D"),
            "sku": ["A", "A"],
            "channel": [None, "tm"],
            "kind": "flash",
            "strength": [0.5, 1.0],
        }
    )
    data = shop(sales, events=events, promotions=promotions)
    panel = build_panel(data, "D")
    drivers = build_drivers(data, panel, 7)
    x, y, flash = (drivers.blocks[name].of() for name in ("event.x.main", "event.y.main", "promotion.flash"))
    jd = (panel.series["channel"] == "jd").to_numpy()
    assert (x.sum(axis=1) == 2).all()
    assert (y[jd].sum(axis=1) == 6).all() and not y[~jd].any()
    a = (panel.series["sku"] == "A").to_numpy()
    assert flash[a & jd][0, 3:6].tolist() == [0.5, 0.5, 0.5]
    assert flash[a & ~jd][0, 3:6].tolist() == [0.5, 1.0, 0.5]
    assert not flash[~a].any()
    weekly = build_drivers(data, build_panel(data, "W"), 2).blocks["event.y.main"].of()[jd][0]
    assert weekly.sum() == pytest.approx(6 / 7)


def test_a_mechanism_is_told_apart_where_a_kind_of_event_did_not_always_have_it() -> None:
    start = DAY0 + pd.to_timedelta([0, 20, 58, 30], unit="D")
    events = pd.DataFrame({"event": ["x1", "x2", "x3", "y1"], "kind": ["x", "x", "x", "y"], "phase": "main"})
    events = events.assign(start=start, end=start + pd.Timedelta(days=2), mechanism=["presale", "presale", None, "cut"])
    data = shop(random_sales(), events=events)
    panel = build_panel(data, "D")
    drivers = build_drivers(data, panel, 7)
    names = ("event.presale.mechanism", "event.x.main", "event.y.main")
    assert drivers.names("event.") == names
    presale, x = (drivers.blocks[name].of()[0] for name in names[:2])
    assert presale.sum() == 6 and x.sum() == 9 and not presale[len(panel.dates) :].any()


def test_the_platforms_part_of_a_discount_is_told_apart() -> None:
    prices = pd.DataFrame({"sku": "A", "channel": "jd", "date": DAY0 + pd.to_timedelta([0, 9, 12], unit="D")})
    prices = prices.assign(paid_price_fen=[1000, 800, 900], platform_subsidy_fen=[0, 200, np.nan])
    data = shop(random_sales(), prices=prices)
    panel = build_panel(data, "D")
    found = build_drivers(data, panel, 7).blocks[SUBSIDY].of()
    row = ((panel.series["sku"] == "A") & (panel.series["channel"] == "jd")).to_numpy()
    np.testing.assert_allclose(found[row][0, 8:13], [0, *[np.log(1.25)] * 3, 0], rtol=1e-6)
    assert not found[~row].any()
    plain = shop(random_sales(), prices=prices.assign(platform_subsidy_fen=0))
    assert SUBSIDY not in build_drivers(plain, panel, 7).blocks


def test_gifts_are_no_demand() -> None:
    """They leave the panel, and so all that is estimated from it, as it is."""
    sales = random_sales()
    given = sales.assign(units_gift=np.arange(len(sales)) % 4)
    alone = given[["date", "sku", "channel", "region"]].assign(units_paid=0, units_cancelled=0, units_gift=5)
    both = pd.concat([given, alone], ignore_index=True)
    np.testing.assert_array_equal(build_panel(shop(sales), "D").units, build_panel(shop(both), "D").units)


def test_no_sales_is_bad_input() -> None:
    with pytest.raises(BadInput):
        build_panel(shop(random_sales().iloc[:0]), "D")
