"""The plans in plain words: five sentences for the owner, each reused on the page of its reader."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from engine.plans.replay import Replay
from engine.reports.facts import measure_of, target_year, total_row
from engine.reports.material import Material

FILL_RATE = "fill_rate"
PROFIT = "profit_yuan"
RULE = "tuned_rule"
WORTH_NAMING = 0.005
OPTIMAL = 0.0001


def for_owner(material: Material) -> list[str]:
    """What sells, the target, what to buy, where ad money moves, how good it is."""
    return [sells(material), target(material), buys(material), ads(material), good(material)]


def sells(material: Material) -> str:
    """Expected sales of the horizon with band, growth and the largest channel."""
    words, outlook = material.words, material.outlook
    if outlook is None:
        return words("missing_forecast")
    total = outlook.revenue if material.priced else outlook.units
    column = "revenue" if material.priced else "units"
    mean, low, high = (words.yuan(value) if material.priced else words.units(value) for value in total)
    by_channel = outlook.weeks[outlook.weeks["channel"] != ""].groupby("channel")[column].sum()
    growth = _growth(material, total[0])
    top = str(by_channel.idxmax())
    share = by_channel[top] / by_channel.sum() if by_channel.sum() > 0 else math.nan
    return words(
        "sells",
        weeks=outlook.weeks["week"].nunique(),
        mean=mean,
        low=low,
        high=high,
        yoy="" if growth is None else words("sells_yoy", change=words.change(growth)),
        channel=top,
        share=words.share(share, 0),
    )


def _growth(material: Material, total: float) -> float | None:
    """Against the same weeks a year (52 weeks) ago; None where the history does not hold them all."""
    assert material.outlook is not None
    if material.history is None:
        return None
    weeks = pd.DatetimeIndex(sorted(set(material.outlook.weeks["week"]))) - pd.Timedelta(weeks=52)
    sold = material.history.total_weeks().set_index("week")
    if not weeks.isin(sold.index).all():
        return None
    before = sold.loc[weeks]
    base = float(before["revenue_fen"].sum() / 100 if material.priced else before["units"].sum())
    return total / base - 1 if base > 0 else None


def target(material: Material) -> str:
    """The target, against forecast and last year, and its probability."""
    words, targets = material.words, material.targets
    if targets is None:
        return words("missing_targets")
    year = target_year(targets)
    forecast, wanted = (int(year[name].sum()) for name in ("forecast_fen", "target_fen"))
    months = pd.DatetimeIndex(sorted(set(year["month"])))
    past = material.last_year[material.last_year["month"].isin(months)]
    before = float(past["revenue_fen"].sum())
    known = set(past["month"]) == set(months)
    row = total_row(targets)
    return words(
        "target_unsure" if row is None else "target",
        span=span(months, words.language),
        target=words.money(wanted),
        gap=words.change(wanted / forecast - 1 if forecast else math.nan),
        yoy=words("target_yoy", change=words.change(wanted / before - 1)) if known and before > 0 else "",
        probability="" if row is None else words.share(float(row["probability"]), 0),
    )


def span(months: pd.DatetimeIndex, language: str) -> str:
    """A whole year by its number, anything else by its first and last month."""
    first, last = months[0], months[-1]
    if first.year == last.year and len(months) == 12:
        return f"{first:%Y} 年" if language == "zh" else f"{first:%Y}"
    return f"{first:%Y-%m} ~ {last:%Y-%m} "


def buys(material: Material) -> str:
    """What to buy, what of it now, and how far it strains the cash."""
    words, orders = material.words, material.bundle.orders
    if orders is None:
        return words("missing_orders")
    lines, weeks = orders.lines, len(orders.case.weeks)
    if lines.empty:
        return words("buys_nothing", weeks=weeks)
    first = pd.to_datetime(lines["order_week"]).min()
    now = lines[pd.to_datetime(lines["order_week"]) == first]
    cash = material.payments
    used = (cash["cumulative_fen"] / cash["limit_fen"]).where(cash["limit_fen"] > 0)
    extra = ""
    if used.notna().any():
        tightest = cash["week"].iloc[int(used.fillna(-1.0).argmax())]
        extra = words("buys_cash", share=words.share(float(used.max()), 0), week=f"{tightest:%m-%d}")
    if len(orders.unplanned):
        extra += words("buys_unplanned", count=orders.unplanned["sku"].nunique())
    return words(
        "buys",
        weeks=weeks,
        suppliers=lines["supplier"].astype(str).nunique(),
        units=words.units(float(lines["units"].sum())),
        cost=words.money(int(lines["cost_fen"].sum())),
        first_week=f"{first:%m-%d}",
        first_lines=len(now),
        first_cost=words.money(int(now["cost_fen"].sum())),
        cash=extra,
    )


def ads(material: Material) -> str:
    """Where the ad money moves and what that should bring."""
    words, budget = material.words, material.budget
    if budget is None:
        return words("missing_budget")
    table = material.ad_channels
    table = table.assign(move=table["spend_fen"] - table["today_fen"])
    total = float(table["spend_fen"].sum())
    down, up = table.iloc[int(table["move"].argmin())], table.iloc[int(table["move"].argmax())]
    takes, gives = (
        abs(row["move"]) > WORTH_NAMING * total and sign * row["move"] > 0 for row, sign in ((down, -1), (up, 1))
    )
    key = {(True, True): "ads_move", (False, True): "ads_up", (True, False): "ads_down", (False, False): "ads_keep"}
    moves = words(
        key[takes, gives],
        source=down["ad_channel"],
        out=words.money(-down["move"]),
        target=up["ad_channel"],
        into=words.money(up["move"]),
    )
    gain = budget.difference
    better, sure = gain["mean"] >= 0, gain["low"] > 0 or gain["high"] < 0
    low, high = (gain["low"], gain["high"]) if better else (-gain["high"], -gain["low"])
    return words(
        "ads" if sure else "ads_unsure",
        total=words.money(total),
        moves=moves,
        gain=words("ads_gain" if better else "ads_lose"),
        mean=words.money(abs(gain["mean"])),
        low=words.money(low),
        high=words.money(high),
    )


def hosts(material: Material) -> list[str]:
    """What of the live streams on offer should be signed; nothing where there is none."""
    budget = material.budget
    if budget is None or budget.offers.empty:
        return []
    taken = budget.offers[budget.offers["decision"] == "sign"]
    fee, sales = (material.words.money(int(taken[name].sum())) for name in ("slot_fee_fen", "sales_fen"))
    losing = int((taken["contribution_fen"] < 0).sum())
    but = material.words("ads_offers_lose", count=losing) if losing else ""
    return [material.words("ads_offers", count=len(budget.offers), signed=len(taken), fee=fee, sales=sales, but=but)]


def ads_left(material: Material) -> list[str]:
    """What the ads of the last year cost, brought and left; nothing without them."""
    budget, words = material.budget, material.words
    if budget is None or budget.review.empty:
        return []
    names = ("spend_fen", "incremental_fen", "contribution_fen")
    spend, brought, left = (int(budget.review[name].sum()) for name in names)
    words_left = words("ads_earned" if left >= 0 else "ads_lost", money=words.money(abs(left)))
    return [words("ads_left", spend=words.money(spend), brought=words.money(brought), left=words_left)]


def good(material: Material) -> str:
    """Proof: gap to the bound, replay against the rule, backtest against the yardstick."""
    words, bundle = material.words, material.bundle
    parts = []
    if bundle.orders is not None and math.isfinite(bundle.orders.report.gap):
        gap = bundle.orders.report.gap
        parts.append(words("good_optimal") if gap < OPTIMAL else words("good_gap", gap=words.share(gap, 2)))
    if bundle.replay is not None:
        parts.extend(_replay_gain(material, bundle.replay))
    error = _backtest_gain(material)
    if error is not None:
        key = "good_backtest" if error >= 0 else "good_backtest_worse"
        parts.append(words(key, gain=words.share(abs(error))))
    between = "；" if words.language == "zh" else "; "
    return words("good", proofs=between.join(parts) or words("good_nothing"))


def _replay_gain(material: Material, replay: Replay) -> list[str]:
    words, table = material.words, replay.paired
    rows = table[
        (table["measure"].astype(str) == PROFIT)
        & (table["policy"].astype(str) == "plan")
        & (table["against"].astype(str) == RULE)
    ]
    if rows.empty:
        return []
    mean, low, high = (float(rows.iloc[0][name]) for name in ("mean", "low", "high"))
    fill = [measure_of(replay.measures, policy, FILL_RATE) for policy in ("plan", RULE)]
    rates = [words.share(float(entry["mean"])) for entry in fill if entry is not None]
    key = "good_replay_even" if low <= 0 <= high else "good_replay"
    if mean < 0:
        mean, low, high = -mean, -high, -low
        sign = "less"
    else:
        sign = "more"
    return [
        words(
            key,
            sign=words(sign),
            gain=words.yuan(mean),
            low=words.yuan(low),
            high=words.yuan(high),
            fill=words("good_fill", plan=rates[0], rule=rates[1]) if len(rates) == 2 else "",
        )
    ]


def _backtest_gain(material: Material) -> float | None:
    """Relative gain in error over the yardstick, where the forecast reports both."""
    forecast = material.bundle.forecast
    if forecast is None:
        return None
    ours, yardstick = (forecast.metrics.get(name, math.nan) for name in ("wrmsse", "yardstick_wrmsse"))
    return 1 - ours / yardstick if np.isfinite([ours, yardstick]).all() and yardstick > 0 else None
