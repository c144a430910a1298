"""The ad budget on the terminal: other budgets, and why an ad channel moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.console import Console
from rich.table import Table

from engine.reports.ad_hours import texts_of_hours
from engine.reports.ad_trials import advice, texts_of_trials
from engine.reports.settings import Language
from engine.reports.words import Words

if TYPE_CHECKING:
    from engine.budget.explain import ChannelExplanation
    from engine.plans.budget import BudgetPlan

SHOWN = 12
"""Lines of event days."""
TRIAL = (0, 1, 2, 3, 6, 8)
"""Columns of the tests that a terminal has room for."""
TABLES = {
    "en": {"ad_channel": "ad channel", "spend": "budget", "more": "and {count} more lines (--json shows all)"},
    "zh": {"ad_channel": "广告渠道", "spend": "预算", "more": "还有 {count} 行（--json 显示全部）"},
}
TEXTS = {
    "en": {
        "up": "gets more",
        "down": "gets less",
        "same": "stays",
        "money": "today {today:,.0f} yuan, plan {plan:,.0f} yuan",
        "marginal": "one more yuan brings {now:.2f} yuan today, {new:.2f} in the plan (90 %: {low:.2f}-{high:.2f})",
        "budget": "one more yuan of the whole budget adds {price:.2f} to the objective",
        "held": "held by: {rule}; one yuan of room is worth {price:.2f}",
        "free": "no rule of its own holds it: its marginal return meets that of the others",
        "nothing": "no rule of its own keeps it at nothing: its first yuan brings less than that of the others",
        "reach": "what it brings falls on {reach}",
        "data": "what the data can tell: {data}",
    },
    "zh": {
        "up": "增加",
        "down": "减少",
        "same": "不变",
        "money": "今天 {today:,.0f} 元，方案 {plan:,.0f} 元",
        "marginal": "再加 1 元：今天多得成交 {now:.2f} 元，方案下 {new:.2f} 元（90%：{low:.2f}-{high:.2f}）",
        "budget": "总预算再加 1 元，目标增加 {price:.2f}",
        "held": "卡住它的规则：{rule}；放松 1 元值 {price:.2f}",
        "free": "没有自己的规则卡住它：边际回报与其他渠道持平",
        "nothing": "没有自己的规则卡住它：它的第一元回报低于其他渠道",
        "reach": "带来的成交落在：{reach}",
        "data": "数据能说明什么：{data}",
    },
}


def show_budget(console: Console, details: dict[str, Any], language: Language) -> None:
    """The split, hosts on offer and event days by the hour, from the details of the stage."""
    words, texts = Words(language), TABLES[language]
    split = Table(texts["ad_channel"], texts["spend"], box=None, pad_edge=False)
    for name, fen in sorted(details.get("split", {}).items(), key=lambda entry: -entry[1]):
        split.add_row(name, words.money(fen))
    console.print(split)
    if details.get("offers"):
        _show_offers(console, details["offers"], words)
    if details.get("trials"):
        heads, rows = texts_of_trials(pd.DataFrame(details["trials"]), words)
        _show_texts(console, ([heads[n] for n in TRIAL], [[row[n] for n in TRIAL] for row in rows]))
        console.print(advice(pd.DataFrame(details["trials"]), words), markup=False, soft_wrap=True)
    if details.get("hours"):
        heads, rows = texts_of_hours(pd.DataFrame(details["hours"]), words)
        _show_texts(console, (heads, rows[:SHOWN]))
        if len(rows) > SHOWN:
            console.print(texts["more"].format(count=len(rows) - SHOWN), markup=False)


def _show_texts(console: Console, texts: tuple[list[str], list[list[str]]]) -> None:
    table = Table(*texts[0], box=None, pad_edge=False)
    for row in texts[1]:
        table.add_row(*row)
    console.print(table)


def _show_offers(console: Console, offers: list[dict[str, Any]], words: Words) -> None:
    """A line a live stream on offer: sign or leave, what it costs, sells and leaves; the rest is in marketing.xlsx."""
    heads = ["decision", "stream", "date", "slot_fee_fen", "sales_fen", "offer_left_fen", "pays"]
    table = Table(*(words.header(name).split("（")[0].split(" (")[0] for name in heads), box=None, pad_edge=False)
    for row in offers:
        table.add_row(
            words.label(row["decision"]),
            str(row["stream"]),
            str(row["date"])[:10],
            words.money(row["slot_fee_fen"]),
            words.money(row["sales_fen"]),
            words.money(row["contribution_fen"]),
            f"{row['pays']:.0%}",
        )
    console.print(table)


def show_frontier(console: Console, plan: BudgetPlan) -> None:
    """Budget, cash, revenue with its interval, contribution and marginal return, a line a level."""
    table = Table("budget", "cash", "revenue", "90 %", "contribution", "one more yuan", box=None, pad_edge=False)
    for row in plan.frontier.to_dict("records"):
        low, high = (row[f"incremental_{side}_fen"] / 100 for side in ("low", "high"))
        money = [f"{row[name] / 100:,.0f}" for name in ("budget_fen", "cash_fen", "incremental_fen")]
        contribution = f"{row['contribution_fen'] / 100:,.0f}"
        table.add_row(*money, f"{low:,.0f}-{high:,.0f}", contribution, f"{row['marginal']:.2f}")
    console.print(table)


def show_channel(console: Console, found: ChannelExplanation, language: Language) -> None:
    """A few lines of words."""
    texts, words = TEXTS[language], Words(language)
    lines = [
        f"{found.ad_channel}: {texts[found.move]}",
        texts["money"].format(today=found.today_fen / 100, plan=found.spend_fen / 100),
        texts["marginal"].format(
            now=found.marginal_today, new=found.marginal_roi, low=found.marginal_roi_low, high=found.marginal_roi_high
        ),
        texts["budget"].format(price=found.price_of_budget),
        texts["held"].format(rule=words.label(found.held_by), price=found.held_price)
        if found.held_by
        else texts["free" if found.spend_fen > 0 else "nothing"],
        texts["reach"].format(reach=words.shares(found.reach)),
        texts["data"].format(data=words.label(found.data)),
    ]
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
