"""A small merchant with Chinese names and plans of every kind, made by hand, not by the rooms."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse

from engine.budget.review import COLUMNS as REVIEW_COLUMNS
from engine.data.dataset import Dataset
from engine.plans.budget import BudgetPlan
from engine.plans.forecast import Forecast
from engine.plans.orders import OrderPlan, SupplyCase
from engine.plans.replay import Replay
from engine.plans.solve import SolveReport
from engine.plans.targets import TargetPlan
from engine.reports.bundle import ReportBundle
from models.drivers import PRICE, Block, Drivers
from models.price import DemandEffects
from models.response.curves import ResponseCurves
from models.spread import poisson_spread

CHANNELS = ("天猫", "京东", "抖音", "拼多多", "小程序")
AD_CHANNELS = ("直通车", "万相台", "千川", "京东快车", "小红书种草", "微信朋友圈", "品牌展示")
STYLES = (
    ("连衣裙", "碎花雪纺连衣裙"),
    ("T恤", "纯棉宽松圆领T恤"),
    ("外套", "防泼水轻薄风衣"),
    ("家居", "加厚珊瑚绒四件套"),
)
COLOURS = ("雾霾蓝", "燕麦色", "墨黑")
HOSTILE = '=HYPERLINK("http://evil.example","<script>alert(1)</script>")'
LAST_DAY = pd.Timestamp("2026-10-31")
REASON = "covers expected demand until 2027-02-07; in whole packs of 20; moved in time: cash is short"
SHARES = np.array([0.38, 0.24, 0.2, 0.12, 0.06])


def skus() -> pd.DataFrame:
    rows = [(f"{category}-{colour}", f"{name} {colour}", category) for category, name in STYLES for colour in COLOURS]
    frame = pd.DataFrame(rows, columns=["sku", "name", "category"])
    frame.loc[0, "name"] = HOSTILE
    return frame


def dataset() -> Dataset:
    rng = np.random.default_rng(4)
    goods = skus()
    days = pd.date_range("2024-11-01", LAST_DAY, freq="D")
    season = 1 + 0.35 * np.sin(np.arange(len(days)) * 2 * np.pi / 365 + 1) + 0.2 * (days.dayofweek >= 5)
    season = season * np.where((days.month == 11) & (days.day <= 11) | (days.month == 6) & (days.day <= 18), 2.2, 1.0)
    frames = []
    for place, sku in enumerate(goods["sku"]):
        for channel, share in zip(CHANNELS, SHARES, strict=True):
            units = rng.poisson(season * share * (4 + 2 * (place % 4)))
            frames.append(pd.DataFrame({"date": days, "sku": sku, "channel": channel, "units_paid": units}))
    sales = pd.concat(frames, ignore_index=True)
    sales = sales[sales["units_paid"] > 0].reset_index(drop=True)
    sales["units_cancelled"] = rng.binomial(sales["units_paid"], 0.02)
    sales["amount_paid_fen"] = sales["units_paid"] * 12_900
    sales["amount_cancelled_fen"] = sales["units_cancelled"] * 12_900
    visits = pd.MultiIndex.from_product([days[-60:], CHANNELS], names=["date", "channel"]).to_frame(index=False)
    size = visits["channel"].map(dict(zip(CHANNELS, SHARES, strict=True))).to_numpy()
    visits["basis"] = "shop_day"
    for step, number in (("exposure", 90_000), ("clicks", 9_000), ("visitors", 6_000), ("carts", 700), ("buyers", 160)):
        visits[step] = rng.poisson(number * size)
    for frame in (sales, goods):
        for column in frame.columns:
            if frame[column].dtype == "object" or str(frame[column].dtype).startswith("str"):
                frame[column] = frame[column].astype("category")
    festivals = [("双11-2025", "双11", "2025-11-01", "2025-11-11"), ("618-2026", "618", "2026-06-01", "2026-06-18")]
    events = pd.DataFrame(festivals, columns=["event", "kind", "start", "end"]).assign(phase="main")
    events[["start", "end"]] = events[["start", "end"]].astype("datetime64[s]")
    return Dataset({"sales": sales, "skus": goods, "traffic": visits, "events": events}, "fixture")


def forecast() -> Forecast:
    goods = skus()
    pairs = [(row.sku, channel, row.category) for row in goods.itertuples() for channel in CHANNELS]
    series = pd.DataFrame(pairs, columns=["sku", "channel", "category"])
    dates = np.arange("2026-11-01", "2027-05-02", dtype="datetime64[D]")
    day = np.arange(len(dates))
    share = series["channel"].map(dict(zip(CHANNELS, SHARES, strict=True))).to_numpy()
    level = share * (4 + 2 * (np.arange(len(series)) // len(CHANNELS) % 4))
    mean = level[:, None] * (1.1 + 0.35 * np.sin(day * 2 * np.pi / 365 + 1) + (day < 11))
    price = Block(np.full((1, len(dates)), 129.0, dtype=np.float32), np.zeros(len(series), dtype=np.int32))
    categories = tuple(sorted(set(goods["category"])))
    months = pd.date_range("2026-11-01", "2027-12-01", freq="MS")
    long_run = pd.MultiIndex.from_product([months, CHANNELS, categories], names=["month", "channel", "category"])
    table = long_run.to_frame(index=False)
    size = table["channel"].map(dict(zip(CHANNELS, SHARES, strict=True))).to_numpy()
    table["units"] = 1_500.0 * size * (1 + 0.4 * table["month"].dt.month.isin([6, 11]).to_numpy())
    table["amount_fen"] = (table["units"] * 12_900).round().astype("int64")
    backtest = pd.DataFrame(
        {
            "model": ["combined", "seasonal_naive"] * 2,
            "origin": pd.to_datetime(["2026-08-01"] * 2 + ["2026-09-01"] * 2),
            "wrmsse": [0.71, 0.92, 0.69, 0.9],
            "wape": [0.31, 0.42, 0.3, 0.41],
        }
    )
    return Forecast(
        series=series,
        dates=dates,
        frequency="D",
        mean=mean.astype(np.float32),
        announced=Drivers(dates, "D", {PRICE: price}),
        effects=DemandEffects(
            categories,
            np.zeros(len(series), dtype=np.int32),
            np.full(len(series), 129.0, dtype=np.float32),
            np.full(len(categories), -1.5),
            {},
        ),
        spread=poisson_spread(),
        long_run=table,
        long_draws=np.ones((4, len(table)), dtype=np.float32),
        backtest=backtest,
        trust=np.array(["A"] * len(series)),
        warnings=("2 series have less than 8 weeks of history",),
        metrics={"wrmsse": 0.70, "yardstick_wrmsse": 0.91},
    )


def targets() -> TargetPlan:
    table = forecast().long_run
    table = table[table["month"] >= "2027-01-01"].reset_index(drop=True)
    months = table[["month", "channel", "category"]].assign(forecast_fen=table["amount_fen"])
    months["target_fen"] = (months["forecast_fen"] * 1.137).round().astype("int64")
    parts = []
    for row in months.itertuples():
        codes = [f"{row.category}-{colour}" for colour in COLOURS]
        part = row.target_fen // 3
        money = [part, part, row.target_fen - 2 * part]
        parts.append(
            pd.DataFrame(
                {
                    "month": row.month,
                    "channel": row.channel,
                    "category": row.category,
                    "sku": codes,
                    "target_fen": money,
                    "target_units": [round(value / 12_900) for value in money],
                }
            )
        )
    rows = [("total", "", 1.0, 0.41)]
    rows += [("channel", channel, share, 0.3 + share) for channel, share in zip(CHANNELS, SHARES, strict=True)]
    probability = pd.DataFrame(rows, columns=["level", "key", "share", "probability"])
    for name in ("forecast_fen", "target_fen"):
        probability[name] = probability["share"] * int(months[name].sum())
        probability[name] = probability[name].round().astype("int64")
    probability["expected_shortfall_fen"] = (probability["target_fen"] * 0.06).round().astype("int64")
    report = SolveReport("optimal", 1.0, 1.0, 0.0, "targets")
    return TargetPlan(months, pd.concat(parts, ignore_index=True), probability.drop(columns="share"), report)


def budget() -> BudgetPlan:
    rng = np.random.default_rng(5)
    weeks = pd.date_range("2026-11-01", periods=13, freq="7D")
    today = np.array([42_000, 35_000, 60_000, 20_000, 15_000, 8_000, 12_000]) * 100
    planned = np.array([30_000, 38_000, 66_000, 18_000, 28_000, 8_000, 4_000]) * 100
    count = len(AD_CHANNELS)
    split = pd.DataFrame(
        {
            "week": np.repeat(weeks, count),
            "ad_channel": list(AD_CHANNELS) * 13,
            "spend_fen": np.tile(planned, 13),
            "today_fen": np.tile(today, 13),
        }
    )
    draws = (40, count)
    curves = ResponseCurves(
        AD_CHANNELS,
        CHANNELS,
        carryover=rng.uniform(0.1, 0.6, draws),
        half_saturation=np.array([30, 40, 50, 20, 40, 15, 20]) * 1000.0 * rng.lognormal(0, 0.15, draws),
        slope=rng.uniform(1.0, 1.6, draws),
        scale=np.array([120, 160, 260, 60, 140, 25, 15]) * 1000.0 * rng.lognormal(0, 0.2, draws),
        start=np.zeros(draws),
        split=np.full((count, len(CHANNELS)), 1 / len(CHANNELS)),
    )
    lift = curves.lift(np.repeat(planned[:, None] / 100.0, 13, axis=1)).sum(axis=2)
    spent = planned * 13
    channels = pd.DataFrame({"ad_channel": AD_CHANNELS, "spend_fen": spent, "today_fen": today * 13})
    channels["incremental_fen"] = (lift.mean(axis=0) * 100).round().astype("int64")
    for name, level in (("low", 0.05), ("high", 0.95)):
        channels[f"incremental_{name}_fen"] = (np.quantile(lift, level, axis=0) * 100).round().astype("int64")
        channels[f"roi_{name}"] = channels[f"incremental_{name}_fen"] / spent
    channels["roi"] = channels["incremental_fen"] / spent
    channels["marginal_roi"] = [1.3, 1.4, 1.4, 1.2, 1.4, 1.0, 0.4]
    channels["data"] = ["strong"] + ["some"] * 5 + ["prior: the data say nothing here"]
    difference = {"mean": 31_234_500.0, "low": 4_200_000.0, "high": 55_000_000.0}
    channels["marginal_roi_low"] = channels["marginal_roi"] * 0.6
    channels["marginal_roi_high"] = channels["marginal_roi"] * 1.5
    reference = pd.DataFrame(
        {"week": weeks} | {name: spend / 100.0 for name, spend in zip(AD_CHANNELS, today, strict=True)}
    )
    channels["marginal_today"] = channels["marginal_roi"] * 1.1
    channels["held_by"] = ["千川, upper limit of a week", *[""] * 6]
    channels["held_price"] = [0.21, *[0.0] * 6]
    report = SolveReport("optimal", 1.0, 1.0, 0.0, "budget")
    frontier, (offers, reserve) = _frontier(int(spent.sum())), _offers()
    more = {
        "offers": offers,
        "reserve": reserve,
        "review": _ad_review(spent),
        "groups": _groups(spent),
        "hours": _hours(),
        "trials": _trials(),
    }
    return BudgetPlan(split, channels, curves, report, difference, reference, frontier, **more)


def _trials() -> pd.DataFrame:
    """A test of 千川 that pays and one of 直通车 that does not."""
    table = pd.DataFrame({"ad_channel": ["千川", "直通车"], "know_fen": [9_000_000, 2_000_000]})
    table = table.assign(start=pd.Timestamp("2026-11-15"), end=pd.Timestamp("2026-12-12"), change=[-0.5, 0.5])
    table = table.assign(moved_fen=[-12_000_000, 6_000_000], effect_fen=[-20_000_000, 9_000_000], error_fen=5_000_000)
    return table.assign(learn_fen=[5_000_000, 500_000], cost_fen=1_000_000, net_fen=[4_000_000, -500_000])


def _hours() -> pd.DataFrame:
    """Two days alike and a third: a fifth, then a half of the day in its first six hours."""
    days = pd.to_datetime(["2026-11-10", "2026-11-11", "2026-12-12"])
    early = np.repeat([20_000, 20_000, 50_000], 2)
    spend = np.stack([early, 100_000 - early], axis=1).ravel()
    keys = pd.DataFrame({"date": np.repeat(days, 4), "ad_channel": np.tile(np.repeat(AD_CHANNELS[:2], 2), 3)})
    return keys.assign(hour=np.tile([0, 6], 6), until=np.tile([6, 24], 6), spend_fen=spend)


def _ad_review(spent: np.ndarray) -> pd.DataFrame:
    """Four yuan of revenue and a loss of a tenth a yuan; the first ad channel tells no visits."""
    table = pd.DataFrame({"ad_channel": AD_CHANNELS, "campaign_type": "all"}).reindex(columns=list(REVIEW_COLUMNS))
    for name in REVIEW_COLUMNS[2:-1]:
        factor = -0.1 if name.startswith("contribution") else 4.0 if name.startswith("incremental") else 1.0
        whole = name.endswith("_fen") or name in ("visitors", "buyers")
        table[name] = pd.array(
            np.rint(factor * spent) if whole else [1.5] * len(spent), "Int64" if whole else "Float64"
        )
    table.loc[0, ["visitors", "visit_fen"]] = pd.NA
    return table.assign(basis="response")


def _groups(spent: np.ndarray) -> pd.DataFrame:
    """Half for heroes."""
    parts = [(name, group, 3, "CS000001", 10_000, 0.4) for name in AD_CHANNELS for group in ("new", "hero", "rest")]
    table = pd.DataFrame(parts, columns=["ad_channel", "group", "skus", "top", "sales_fen", "left_rate"])
    table["spend_fen"] = np.array([[part - part // 2 - part // 4, part // 2, part // 4] for part in spent]).ravel()
    return table.assign(room_fen=pd.array([None] * len(table), dtype="Int64"), why="contribution")


def _offers() -> tuple[pd.DataFrame, pd.DataFrame]:
    """One stream to sign, and one that no sales would pay."""
    streams = {"stream": ["LIVE1", "LIVE2"], "date": pd.Timestamp("2026-11-12")}
    offers = pd.DataFrame({**streams, "channel": "抖音", "host": ["阿木", "林一"], "decision": ["sign", "leave"]})
    offers = offers.assign(decided=False, pays=[0.8, 0.0], reserve_units=900, short_units=100)
    money = ("slot_fee", "sales", "sales_low", "sales_high", "refund", "contribution", "contribution_low")
    for place, name in enumerate((*money, "contribution_high", "surplus")):
        offers[f"{name}_fen"] = 1_000_00 * (place + 1)
    for name in ("break_even_units", "break_even_fen"):
        offers[name] = pd.array([400, None], dtype="Int64")
    reserve = pd.DataFrame({**streams, "sku": "CS000001", "units": 900, "on_hand": 800, "short_units": 100})
    return offers, reserve


def _frontier(total: int) -> pd.DataFrame:
    share = np.array([0.5, 0.75, 1.0, 1.25, 1.5])
    gained = np.rint(3.0 * total * share**0.6).astype("int64")
    spent = np.rint(total * share).astype("int64")
    return pd.DataFrame(
        {
            "budget_fen": spent,
            "spend_fen": spent,
            "cash_fen": spent,
            "incremental_fen": gained,
            "incremental_low_fen": np.rint(0.7 * gained).astype("int64"),
            "incremental_high_fen": np.rint(1.3 * gained).astype("int64"),
            "contribution_fen": np.rint(0.4 * gained - spent).astype("int64"),
            "marginal": np.diff(gained, prepend=0) / np.diff(spent, prepend=0),
        }
    )


def orders(copies: int = 1) -> OrderPlan:
    """``copies`` repeats the lines, for large sheets."""
    goods = skus()
    weeks = np.arange("2026-11-01", "2027-05-02", 7, dtype="datetime64[D]")
    warehouses = ("华东仓", "华北仓", "华南仓")
    items = pd.DataFrame(
        [(sku, warehouse, "shared") for sku in goods["sku"] for warehouse in warehouses],
        columns=["sku", "warehouse", "pool"],
    )
    items["supplier"] = [("宁波针织厂", "绍兴印染", "南通家纺")[place // 3 % 3] for place in range(len(items))]
    rows = []
    for place, item in enumerate(items.itertuples()):
        for week in (place % 3, 6 + place % 4, 13):
            packs = 2 + (place * 7 + week) % 9
            cost = 4_321 + 137 * (place % 5)
            arrival = weeks[week + 3]
            warehouse = "华东仓" if place % 3 else item.warehouse
            units, until = packs * 20, arrival + np.timedelta64(49, "D")
            reason = REASON if week else "covers expected demand until 2027-01-03"
            assumed = "lead_time_weeks" if place % 11 == 0 else ""
            keys = (item.sku, warehouse, "shared", item.supplier, weeks[week], arrival)
            rows.append((*keys, units, packs, cost, units * cost, until, reason, assumed))
    columns = "sku warehouse pool supplier order_week arrival_week units packs unit_cost_fen cost_fen covers_until"
    lines = pd.DataFrame(rows * copies, columns=[*columns.split(), "reason", "assumed"])
    lines["latest_order"] = lines["order_week"]
    for name in ("order_week", "arrival_week", "covers_until", "latest_order"):
        lines[name] = lines[name].astype("datetime64[s]")
    shape = (len(items), len(weeks))
    payments = pd.DataFrame(
        {
            "supplier": ["宁波针织厂", "宁波针织厂", "绍兴印染"],
            "milestone": ["order", "arrival", "arrival"],
            "weeks": [0, 4, 0],
            "share": [0.3, 0.7, 1.0],
        }
    )
    case = SupplyCase(
        items=items,
        weeks=weeks,
        scheduled=np.zeros(shape),
        revenue_fen=np.zeros(shape, dtype=np.float32),
        fulfilment=sparse.csr_array((len(items), len(goods) * len(CHANNELS))),
        can_order=np.ones(shape, dtype=bool),
        warehouses=warehouses,
        inbound_limit=np.full((3, len(weeks)), np.inf),
        cash_limit_fen=np.linspace(20_000_000, 90_000_000, len(weeks)) * copies,
        payments=payments,
    )
    unplanned = pd.DataFrame(
        {"sku": ["连衣裙-墨黑"], "warehouse": ["华北仓"], "reason": ["no supplier: add the SKU to supply_terms"]}
    )
    report = SolveReport("feasible", 1000.0, 995.8, 0.0042, "all items")
    return OrderPlan(case, lines, np.zeros(shape), np.zeros(shape), report, unplanned, ("现金在 12 月最紧",))


def replay() -> Replay:
    weeks = pd.date_range("2026-11-01", periods=26, freq="7D")
    measures, curves = [], []
    wave = np.sin(np.arange(26) / 4)
    for policy, fill, profit, days in (
        ("plan", 0.968, 312_000.0, 41.0),
        ("plan_frozen", 0.941, 287_000.0, 45.0),
        ("tuned_rule", 0.939, 268_000.0, 55.0),
    ):
        whole = {"fill_rate": ("share", fill), "stock_out_days": ("days an item", 300 * (1 - fill))}
        whole |= {"turnover_days": ("days", days), "profit_yuan": ("yuan", profit)}
        measures += [(policy, name, unit, value, value * 0.95, value * 1.03) for name, (unit, value) in whole.items()]
        demand = 420 + 60 * wave
        weekly = {"stock_yuan": days * 60 * 45 + 18_000 * wave, "stock_units": days * 60 + 400 * wave}
        weekly |= {"demand_units": demand, "sold_units": demand * (fill + 0.01 * wave)}
        weekly |= {"cash_left_yuan": profit * np.linspace(0.2, 1, 26)}
        for name, values in weekly.items():
            curves += [
                (policy, week, name, value, value * 0.96, value * 1.04)
                for week, value in zip(weeks, values, strict=True)
            ]
    paired = [
        ("plan", "tuned_rule", "fill_rate", "share", 0.029, 0.026, 0.032),
        ("plan", "tuned_rule", "profit_yuan", "yuan", 44_000.0, 39_000.0, 49_000.0),
    ]
    return Replay(
        pd.DataFrame(measures, columns=["policy", "measure", "unit", "mean", "low", "high"]),
        pd.DataFrame(paired, columns=["policy", "against", "measure", "unit", "mean", "low", "high"]),
        pd.DataFrame(curves, columns=["policy", "week", "measure", "mean", "low", "high"]),
    )


def bundle() -> ReportBundle:
    return ReportBundle(
        merchant="云裳旗舰店",
        dataset=dataset(),
        forecast=forecast(),
        targets=targets(),
        budget=budget(),
        orders=orders(),
        replay=replay(),
        notes=("到货天数在 3 个商品上是假设的：14 天", "没有 lift_tests 表：<增量> 没有实验校准"),
    )
