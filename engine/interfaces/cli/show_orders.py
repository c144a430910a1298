"""Order lines and purchase orders as tables for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from engine.reports.words import Words

if TYPE_CHECKING:
    from engine.replenishment.explain import LineExplanation
    from engine.reports.settings import Language
    from engine.workflow.orders import HandedOut

SHOWN_LIMITS = 5
LIMITS = {
    "cash": "截至 {week} 当周的资金",
    "inbound": "{name} {week} 当周入库",
    "storage": "{name} {week} 当周仓容",
    "supplier": "{name} {week} 当周产能",
    "open_to_buy": "{name} {week} 起当月采购额度",
    "share": "供应商份额 {name}",
}
TEXTS = {
    "demand": ("预期需求（至 {until} 前）", "expected demand before {until}"),
    "on_hand": ("现有库存", "stock on hand"),
    "placed_orders": ("在途订单", "placed orders"),
    "returns": ("退货再上架", "returned goods sold again"),
    "earlier_lines": ("本计划先到的订货", "earlier lines of this plan"),
    "net_need": ("净需求", "net need"),
    "safety_stock": ("安全库存", "safety stock"),
    "packs": ("整箱取整", "whole packs"),
    "minimum_order": ("起订量", "minimum order"),
    "order_cost": ("每单固定费用", "cost of an order"),
    "prices": ("阶梯价与供应商价差", "price tiers and suppliers' prices"),
    "plan_steps": ("大宗品按多箱计划", "planned several packs at a time"),
    "last_plan": ("沿用上次计划", "as in the last plan"),
    "shared_limits": ("资金、产能与仓容", "cash, capacity and room"),
    "units": ("订货量（件）", "order (units)"),
    "group": ("合单：{group}，各尺码共 {units:,} 件", "one order of {group}, {units:,} units of all sizes"),
    "first": ("首选供应商", "first supplier"),
    "further": (
        "备选供应商；首选为 {first}，其价 {price:,.2f} 元",
        "further supplier; the first is {first} at {price:,.2f} yuan",
    ),
    "needed": (
        "没有这一行，{needed} 当周预期断货；最晚 {by} 下单",
        "without this line expected demand outruns stock in the week from {needed}; order by {by} at the latest",
    ),
    "lasts": ("没有这一行，预期需求也够卖", "stock lasts for expected demand without this line"),
    "trust": ("可信度", "trust"),
    "limit": ("限制", "limits"),
    "out": (
        "{lines} 行，{yuan:,.2f} 元；其中免审 {pre_approved} 行，{pre_approved_yuan:,.2f} 元",
        "{lines} lines, {yuan:,.2f} yuan; {pre_approved} of them pre-approved, {pre_approved_yuan:,.2f} yuan",
    ),
    "none": ("这几周没有要下的订单", "nothing to order in these weeks"),
}


def show_line(console: Console, found: LineExplanation, language: Language) -> None:
    """The terms in order, their sum, the supplier, the limits that the line pays for."""
    names = {name: texts[0 if language == "zh" else 1] for name, texts in TEXTS.items()}
    words, line = Words(language), found.as_dict()
    head = f"#{found.number}  {line['sku']} @ {line['warehouse']}  {line['order_week']} -> {line['arrival_week']}"
    console.print(head, markup=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, units in found.terms.items():
        if name == "safety_stock":
            table.add_row(f"[bold]{names['net_need']}[/]", f"{found.net_need:,}")
        if units or name in ("demand", "on_hand"):
            table.add_row(names[name].format(until=line["demand_until"]), f"{units:+,}")
    table.add_row(f"[bold]{names['units']}[/]", f"[bold]{line['units']:,}[/]")
    console.print(table)
    if found.group_units:
        shared = names["group"].format(group=line["group"], units=found.group_units)
        console.print(shared, markup=False, soft_wrap=True)
    first, price, own = found.first
    why = names["first"] if own else names["further"].format(first=first, price=price / 100.0)
    console.print(f"{line['supplier']}: {line['unit_cost_fen'] / 100.0:,.2f} ({why})", markup=False, soft_wrap=True)
    need = names["lasts"] if found.needed_by is None else names["needed"]
    console.print(need.format(needed=line["needed_by"], by=line["order_by"]), markup=False, soft_wrap=True)
    for row in line["limits"][:SHOWN_LIMITS]:
        rule = LIMITS[row["family"]].format(**row) if language == "zh" else row["rule"]
        text = f"{names['limit']}: {rule}, {row['used']:,.6g} {row['unit']} x {row['price']:,.4g}"
        console.print(f"{text} = {words.yuan(row['yuan'])}", markup=False, soft_wrap=True)
    if len(line["limits"]) > SHOWN_LIMITS:
        console.print(f"… {len(line['limits']) - SHOWN_LIMITS}")
    trust = ", ".join(f"{channel} {grade}" for channel, grade in found.trust.items())
    if trust:
        console.print(f"{names['trust']}: {trust}", markup=False, soft_wrap=True)
    console.print(words.joined(str(line["reason"]), "; "), markup=False, soft_wrap=True)
    for note in found.warnings:
        console.print(f"- {note}", markup=False, soft_wrap=True)


def show_handed_out(console: Console, found: HandedOut, language: Language) -> None:
    """How much goes out, how much of it is pre-approved, and the files."""
    place = 0 if language == "zh" else 1
    text = TEXTS["out" if found.files else "none"][place]
    console.print(text.format(**found.as_dict()), markup=False, soft_wrap=True)
    for file in found.files:
        console.print(f"  {file}", markup=False, soft_wrap=True)
    for note in found.notes:
        console.print(f"- {note}", markup=False, soft_wrap=True)
